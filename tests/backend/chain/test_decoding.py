"""What calls and events say in words."""

import json

import pytest

from backend.chain.contracts import ABI_FILE, Suite
from backend.chain.decoding import DEEPEST_CALLS, ENUMS, ROLES, Words, unit_of
from backend.chain.keys import development_key
from scripts import plan
from scripts._units import _members_in_source

ABIS = json.loads(ABI_FILE.read_text(encoding="utf-8"))
ADDRESSES = {name: development_key(place).address for place, name in enumerate(ABIS)}
RECORD = {
    "chainId": 1,
    "genesisHash": "0x" + "0" * 64,
    "startBlock": 0,
    "contracts": {name: {"address": address} for name, address in ADDRESSES.items()},
}
SUITE = Suite(RECORD, ABIS)
WORDS = Words(SUITE)


def parameters() -> list[tuple[str, dict]]:
    """Every parameter of every function and event, inside structs too, with its contract."""

    def flat(entry: dict) -> list[dict]:
        return [entry, *(inner for part in entry.get("components", []) for inner in flat(part))]

    entries = [(name, entry) for name, abi in ABIS.items() for entry in abi if entry["type"] in {"function", "event"}]
    return [(name, part) for name, entry in entries for parameter in entry["inputs"] for part in flat(parameter)]


def test_every_enumeration_of_calls_and_events_has_the_names_of_its_source():
    declared = {part["internalType"].removeprefix("enum ") for _, part in parameters() if unit_of("", part) == "enum"}
    assert declared <= ENUMS.keys()
    assert {name: list(members) for name, members in ENUMS.items()} == {
        name: _members_in_source(name) for name in ENUMS
    }


def test_the_roles_are_those_that_are_set_up():
    assert tuple(role.name for role in sorted(plan.ROLES, key=lambda role: role.id)) == ROLES


def test_no_settlement_amount_is_without_its_unit():
    unknown = [(contract, part["name"]) for contract, part in parameters() if part["type"] == "uint96"]
    assert unknown and all(
        unit_of(contract, part) == "amount" for contract, part in parameters() if part["type"] == "uint96"
    )


@pytest.mark.parametrize(
    ("contract", "parameter", "unit"),
    [
        ("Receivables", {"name": "id", "type": "uint256"}, "receivable"),
        ("EquipmentLease", {"name": "id", "type": "uint256"}, "lease"),
        ("Equipment", {"name": "tokenId", "type": "uint256"}, "machine"),
        ("Treasury", {"name": "value", "type": "uint256"}, "shares"),
        ("MockCash", {"name": "value", "type": "uint256"}, "amount"),
        ("CreditOracle", {"name": "value", "type": "uint16"}, None),
        ("RiskPolicy", {"name": "annualRateBps", "type": "uint16"}, "bps"),
        ("Factoring", {"name": "dueDay", "type": "uint32"}, "day"),
        ("Authority", {"name": "schedule", "type": "uint48"}, "time"),
        ("Authority", {"name": "delay", "type": "uint32"}, "seconds"),
        ("Treasury", {"name": "to", "type": "address"}, "account"),
        ("RentLedger", {"name": "lease", "type": "address"}, "account"),
        ("Receivables", {"name": "fingerprint", "type": "bytes32"}, "hash"),
        ("Receivables", {"name": "flag", "type": "bool"}, None),
    ],
)
def test_a_value_stands_for_what_its_contract_type_and_name_say(contract: str, parameter: dict, unit: str | None):
    assert unit_of(contract, parameter) == unit


def test_calls_inside_calls_are_read_to_a_bounded_depth():
    data = SUITE.calldata("Treasury", "pause")
    target = ADDRESSES["Treasury"]
    for _ in range(DEEPEST_CALLS + 3):
        data = SUITE.calldata("Authority", "execute", target, data)
        target = ADDRESSES["Authority"]
    call, levels = WORDS.call(target, data), 0
    while call and call.inner:
        (call,), levels = call.inner, levels + 1
    assert levels == DEEPEST_CALLS


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"\xde\xad\xbe\xef", SUITE.calldata("Factoring", "finance", 1, 0, 0)[:9]]
)
def test_what_is_no_call_of_the_suite_is_none(data: bytes):
    assert WORDS.call(ADDRESSES["Factoring"], data) is None


def test_a_call_of_a_stranger_is_none():
    assert WORDS.call(development_key(99).address, SUITE.calldata("Treasury", "pause")) is None


@pytest.mark.parametrize(
    "log",
    [
        {"address": development_key(99).address, "topics": ["0x" + "00" * 32], "data": "0x"},
        {"address": ADDRESSES["Treasury"], "topics": [], "data": "0x"},
        {"address": ADDRESSES["Treasury"], "topics": ["0x" + "00" * 32], "data": "0x"},
    ],
)
def test_a_log_that_is_no_event_of_the_suite_is_none(log: dict):
    assert WORDS.event(log) is None
