"""Signatures over score reports and confirmations, made as fast as a run needs them."""

from collections.abc import Sequence

from coincurve import PrivateKey
from eth_utils.crypto import keccak

from tests.properties.evm import CHAIN_ID, words
from tests.properties.model import Confirmation, Report

DOMAIN_TYPE = keccak(text="EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
REPORT_TYPE = keccak(
    text="ScoreReport(uint64 round,uint32 signerSet,uint40 deadline,uint16 modelId,uint40 issuedAt,"
    "uint40 validUntil,bytes32[] records)"
)
CONFIRMATION_TYPE = keccak(
    text="Confirmation(uint256 id,uint32 debtor,uint32 creditor,uint96 face,uint32 dueDay,uint16 currency,"
    "bytes32 fingerprint,uint256 deadline)"
)
SIGNER_SET = 1
DEFAULT_PROBABILITY_PPM = 20_000


class Key:
    def __init__(self, number: int) -> None:
        self._key = PrivateKey.from_int(number)
        self.address = int.from_bytes(keccak(self._key.public_key.format(compressed=False)[1:])[12:])

    def sign(self, digest: bytes) -> bytes:
        signature = self._key.sign_recoverable(digest, hasher=None)
        return signature[:64] + bytes([signature[64] + 27])


def keys(first: int, count: int) -> list[Key]:
    """In rising order of their addresses."""
    return sorted((Key(number) for number in range(first, first + count)), key=lambda key: key.address)


def domain(name: str, contract: int) -> bytes:
    """The separator of a contract of version 1."""
    text = int.from_bytes(keccak(text=name)), int.from_bytes(keccak(text="1"))
    return keccak(DOMAIN_TYPE + words(*text, CHAIN_ID, contract))


def record(r: Report) -> bytes:
    word = 0
    for value, bits in ((r.party, 32), (r.value, 16), (DEFAULT_PROBABILITY_PPM, 24), (r.limit_code, 24)):
        word = word << bits | value
    return ((((word << 32 | r.sequence) << 32) << 16 | r.epoch) << 8 | r.flags).to_bytes(23, "big") + bytes(9)


def report_data(r: Report, signers: Sequence[Key], separator: bytes) -> bytes:
    """Arguments of `submitScores`, signed by the keys that the report names."""
    head = words(r.round, SIGNER_SET, r.deadline, r.model, r.issued_at, r.valid_until)
    digest = keccak(b"\x19\x01" + separator + keccak(REPORT_TYPE + head + keccak(record(r))))
    report = head + words(7 * 32, 1) + record(r)
    signed = [words(65) + signers[number].sign(digest) + bytes(31) for number in r.keys]
    offsets = words(*(len(signed) * 32 + number * 128 for number in range(len(signed))))
    return words(64, 64 + len(report)) + report + words(len(signed)) + offsets + b"".join(signed)


def sign_confirmation(c: Confirmation, debtor: int, deadline: int, key: Key, separator: bytes) -> bytes:
    body = words(c.id, debtor, c.creditor, c.face, c.due_day, c.currency, c.fingerprint, deadline)
    return key.sign(keccak(b"\x19\x01" + separator + keccak(CONFIRMATION_TYPE + body)))
