"""Checkpoints are signed and checked as EIP-712 says, with real keys."""

from dataclasses import replace

import pytest
from coincurve import PrivateKey
from eth_account import Account
from eth_account.messages import encode_typed_data

from backend.chain import eip712
from backend.telemetry import checkpoints, decoding
from backend.telemetry.checkpoints import HALF_ORDER, Domain
from backend.telemetry.record import Checkpoint
from tests.backend.telemetry.machines import DOMAIN, Device

ORDER = 2 * HALF_ORDER + 1
FIELDS = [
    {"name": "machine", "type": "uint32"},
    {"name": "epoch", "type": "uint16"},
    {"name": "sequence", "type": "uint64"},
    {"name": "at", "type": "uint40"},
    {"name": "hours", "type": "uint32"},
    {"name": "fuel", "type": "uint32"},
    {"name": "head", "type": "bytes32"},
]


@pytest.fixture
def device() -> Device:
    made = Device()
    made.payload()
    return made


@pytest.fixture
def checkpoint(device: Device) -> Checkpoint:
    return decoding.checkpoint_of(device.checkpoint().payload)


def by_a_wallet(checkpoint: Checkpoint, device: Device) -> str:
    message = {field["name"]: getattr(checkpoint, field["name"]) for field in FIELDS}
    message["head"] = bytes.fromhex(checkpoint.head)
    typed = eip712.typed_data(
        "Equipment", DOMAIN.equipment, DOMAIN.chain_id, primary_type="Checkpoint", fields=FIELDS, message=message
    )
    signed = Account.sign_message(encode_typed_data(full_message=typed), device.key.secret)
    return "0x" + signed.signature.hex()


def test_a_checkpoint_is_signed_as_a_wallet_would_sign_it(checkpoint: Checkpoint, device: Device):
    assert checkpoint.signature == by_a_wallet(checkpoint, device)
    assert device.address == Account.from_key(device.key.secret).address
    assert checkpoints.is_signed_by(DOMAIN, checkpoint, device.address)


@pytest.mark.parametrize(
    "changed",
    [{"machine": 8}, {"epoch": 2}, {"sequence": 2}, {"at": 1}, {"hours": 1}, {"fuel": 1}, {"head": "1" * 64}],
    ids=str,
)
def test_case_36_a_signature_over_other_figures_is_none(checkpoint: Checkpoint, device: Device, changed):
    assert not checkpoints.is_signed_by(DOMAIN, replace(checkpoint, **changed), device.address)


@pytest.mark.parametrize("domain", [Domain(1, DOMAIN.equipment), Domain(417417, "0x" + "11" * 20)])
def test_case_36_a_signature_for_another_chain_or_contract_is_none(checkpoint, device: Device, domain: Domain):
    assert not checkpoints.is_signed_by(domain, checkpoint, device.address)


def test_case_36_a_signature_by_another_key_is_none(checkpoint: Checkpoint, device: Device):
    forged = replace(checkpoint, signature=checkpoints.sign(DOMAIN, checkpoint, PrivateKey()))
    assert not checkpoints.is_signed_by(DOMAIN, forged, device.address)


@pytest.mark.parametrize("v", [0, 1, 26, 29, 30, 255])
def test_a_signature_with_another_recovery_number_is_none(checkpoint: Checkpoint, device: Device, v: int):
    changed = replace(checkpoint, signature=checkpoint.signature[:-2] + f"{v:02x}")
    assert not checkpoints.is_signed_by(DOMAIN, changed, device.address)


def test_the_mirrored_signature_is_none_as_on_chain(checkpoint: Checkpoint, device: Device):
    raw = bytes.fromhex(checkpoint.signature[2:])
    mirrored = raw[:32] + (ORDER - int.from_bytes(raw[32:64])).to_bytes(32) + bytes([27 + 28 - raw[64]])
    changed = replace(checkpoint, signature="0x" + mirrored.hex())
    assert not checkpoints.is_signed_by(DOMAIN, changed, device.address)


@pytest.mark.parametrize("filling", ["00", "ff", "7f"])
def test_bytes_that_are_no_signature_are_none(checkpoint: Checkpoint, device: Device, filling: str):
    changed = replace(checkpoint, signature="0x" + filling * 64 + "1b")
    assert not checkpoints.is_signed_by(DOMAIN, changed, device.address)
