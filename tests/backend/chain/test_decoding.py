"""What calls and events say in words."""

import json

import pytest

from backend.chain import device_reports, reports
from backend.chain.contracts import ABI_FILE, Suite
from backend.chain.decoding import DEEPEST_CALLS, ENUMS, MOST_PARTS, ROLES, Words, unit_of
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


def test_the_records_of_a_report_are_unpacked_and_a_long_report_is_cut():
    record = reports.ScoreRecord(7, 700, 20_000, reports.encode_limit(5), 3, (2, 7), 1)
    packed = "0x" + reports.encode_record(record).hex()
    values = {"round": 1, "modelId": 1, "issuedAt": 1, "validUntil": 2, "relayer": ADDRESSES["Treasury"]}
    told = WORDS.stored("CreditOracle", "ScoresReported", values | {"records": [packed] * (MOST_PARTS + 3)})
    records = told[-1]
    assert (len(records.parts), records.left_out) == (MOST_PARTS, 3)
    assert records.parts[0].value == packed
    fields = {part.name: (part.value, part.unit) for part in records.parts[0].parts}
    assert fields["party"] == ("7", "party")
    assert (fields["value"], fields["reasons"]) == (("700", None), ("2 7", None))


def test_an_alarm_record_is_unpacked():
    record = device_reports.AlarmRecord(3, 1, 9, 1_800_000_000, 5)
    report = {"round": 1, "signerSet": 1, "deadline": 9, "records": [device_reports.encode_record(record)]}
    call = WORDS.call(ADDRESSES["DeviceOracle"], SUITE.calldata("DeviceOracle", "submitAlarms", report, []))
    (packed,) = next(part for part in call.arguments[0].parts if part.name == "records").parts
    fields = {part.name: (part.value, part.unit) for part in packed.parts}
    assert fields["machine"] == ("3", "machine")
    assert fields["at"] == ("1800000000", "time")


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
