"""Checkpoints as devices sign them and the contract `Equipment` verifies them (EIP-712)."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from coincurve import PrivateKey, PublicKey
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from backend.telemetry.record import Checkpoint

DOMAIN_TYPE = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
CHECKPOINT_TYPE = (
    b"Checkpoint(uint32 machine,uint16 epoch,uint64 sequence,uint40 at,uint32 hours,uint32 fuel,bytes32 head)"
)
CHECKPOINT_TYPE_HASH = keccak(CHECKPOINT_TYPE)
HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
V_BASE = 27


@dataclass(frozen=True)
class Domain:
    """Where checkpoints count: the chain and the address of `Equipment`."""

    chain_id: int
    equipment: str

    @cached_property
    def separator(self) -> bytes:
        types = ["bytes32", "bytes32", "bytes32", "uint256", "address"]
        names = [keccak(DOMAIN_TYPE), keccak(b"Heqi Equipment"), keccak(b"1")]
        return keccak(encode(types, [*names, self.chain_id, self.equipment]))


def digest(domain: Domain, checkpoint: Checkpoint) -> bytes:
    """The 32 bytes that are signed. By hand, because the general encoder takes ten times as long."""
    figures = (checkpoint.machine, checkpoint.epoch, checkpoint.sequence, checkpoint.at, checkpoint.hours)
    words = b"".join(figure.to_bytes(32) for figure in (*figures, checkpoint.fuel))
    return keccak(
        b"\x19\x01" + domain.separator + keccak(CHECKPOINT_TYPE_HASH + words + bytes.fromhex(checkpoint.head))
    )


def sign(domain: Domain, checkpoint: Checkpoint, key: PrivateKey) -> str:
    """0x and 65 bytes in hex; the checkpoint's own `signature` does not matter."""
    signature = key.sign_recoverable(digest(domain, checkpoint), hasher=None)
    return "0x" + signature[:64].hex() + f"{signature[64] + V_BASE:02x}"


def is_signed_by(domain: Domain, checkpoint: Checkpoint, device: str) -> bool:
    """True when exactly this was signed by the device's key; what the contract would refuse is refused here."""
    signature = bytes.fromhex(checkpoint.signature[2:])
    recovery = signature[64] - V_BASE
    if recovery not in (0, 1) or int.from_bytes(signature[32:64]) > HALF_ORDER:
        return False
    try:
        found = PublicKey.from_signature_and_message(
            signature[:64] + bytes([recovery]), digest(domain, checkpoint), hasher=None
        )
    except Exception:  # the curve library raises kinds of its own for bytes that are no signature
        return False
    return _address(found) == bytes.fromhex(device[2:])


def address_of(key: PublicKey) -> str:
    """Checksummed."""
    return str(to_checksum_address(_address(key)))


def _address(key: PublicKey) -> bytes:
    return _hashed(key.format(compressed=False)[1:])


@lru_cache(maxsize=1 << 17)
def _hashed(point: bytes) -> bytes:
    """The address of a point of the curve. A device signs again and again with the same key."""
    return keccak(point)[12:]
