"""Device reports as DeviceOracle takes them: lanes of readings, alarm records, EIP-712 data, signatures. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount

from backend.chain import eip712
from backend.chain.eip712 import Fields
from backend.errors import HeqiError

CONTRACT = "DeviceOracle"
START = 1_735_689_600  # 2025-01-01T00:00:00Z, from which readings count minutes
MINUTE_S = 60
LANES = 4  # machines in a word
LANE_BITS = 64

# From their high bits, as IDeviceOracle documents them; 120 zero bits follow an alarm record.
READING_BITS = {"tenths": 20, "litres": 20, "minute": 24}
RECORD_BITS = {"machine": 32, "epoch": 16, "sequence": 32, "at": 40, "alarms": 16}
UNUSED_BITS = 120

READING_TYPE: Fields = [
    {"name": "round", "type": "uint64"},
    {"name": "signerSet", "type": "uint32"},
    {"name": "deadline", "type": "uint40"},
    {"name": "groups", "type": "uint32[]"},
    {"name": "words", "type": "uint256[]"},
]
ALARM_TYPE: Fields = [*READING_TYPE[:3], {"name": "records", "type": "bytes32[]"}]


class DeviceFigureTooWide(HeqiError):
    notice_en = "A device report has no room for {field} = {value}; it takes 0 to {most}."
    notice_zh = "设备报告的字段 {field} = {value} 超出范围，只允许 0 至 {most}。"


class Reading(NamedTuple):
    """Tenths of an hour, litres, minutes since START; all zero before the first."""

    tenths: int
    litres: int
    minute: int


class AlarmRecord(NamedTuple):
    """The alarms of a machine at second `at`; `alarms` as `telemetry.alarms.alarm_word` packs them."""

    machine: int
    epoch: int
    sequence: int
    at: int
    alarms: int


NONE = Reading(0, 0, 0)


@dataclass(frozen=True, slots=True)
class ReadingReport:
    """A batch for a quorum to sign: word i holds the readings of the four machines of group i."""

    round: int
    signer_set: int
    deadline: int
    groups: tuple[int, ...]
    words: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AlarmReport:
    """A batch for a quorum to sign; `records` as `encode_record` makes them."""

    round: int
    signer_set: int
    deadline: int
    records: tuple[bytes, ...]


DeviceReport = ReadingReport | AlarmReport


def minute_of(second: int) -> int:
    """Minutes since START, rounded down; nothing happened before."""
    return max(0, second - START) // MINUTE_S


def second_of(minute: int) -> int:
    return START + minute * MINUTE_S


def encode_word(readings: Sequence[Reading]) -> int:
    """The readings of a group's machines in one word, the first lowest. Raises DeviceFigureTooWide."""
    return sum(_pack(reading, READING_BITS) << place * LANE_BITS for place, reading in enumerate(readings))


def decode_word(word: int) -> list[Reading]:
    """What `encode_word` packed."""
    lanes = (word >> place * LANE_BITS & (1 << LANE_BITS) - 1 for place in range(LANES))
    return [Reading(*_unpack(lane, READING_BITS)) for lane in lanes]


def encode_record(record: AlarmRecord) -> bytes:
    """32 bytes. Raises DeviceFigureTooWide."""
    return (_pack(record, RECORD_BITS) << UNUSED_BITS).to_bytes(32)


def decode_record(packed: bytes) -> AlarmRecord:
    """What `encode_record` packed."""
    return AlarmRecord(*_unpack(int.from_bytes(packed) >> UNUSED_BITS, RECORD_BITS))


def message_of(report: DeviceReport) -> dict[str, Any]:
    """The report under its Solidity names: argument of `submit…` and message of its typed data."""
    head = {"round": report.round, "signerSet": report.signer_set, "deadline": report.deadline}
    if isinstance(report, AlarmReport):
        return {**head, "records": list(report.records)}
    return {**head, "groups": list(report.groups), "words": list(report.words)}


def typed_data(report: DeviceReport, chain_id: int, oracle: str) -> dict[str, Any]:
    """EIP-712 data of a report for the DeviceOracle at `oracle`."""
    fields = ALARM_TYPE if isinstance(report, AlarmReport) else READING_TYPE
    name = type(report).__name__
    return eip712.typed_data(CONTRACT, oracle, chain_id, primary_type=name, fields=fields, message=message_of(report))


def sign(report: DeviceReport, chain_id: int, oracle: str, key: LocalAccount) -> bytes:
    """A signer's 65 bytes over a report."""
    signable = encode_typed_data(full_message=typed_data(report, chain_id, oracle))
    return bytes(key.sign_message(signable).signature)


def signer_of(report: DeviceReport, chain_id: int, oracle: str, signature: bytes) -> str:
    """The address that signed the report."""
    signable = encode_typed_data(full_message=typed_data(report, chain_id, oracle))
    address: str = Account.recover_message(signable, signature=signature)
    return address


def _pack(values: Reading | AlarmRecord, widths: Mapping[str, int]) -> int:
    word = 0
    for (field, bits), value in zip(widths.items(), values, strict=True):
        most = (1 << bits) - 1
        if not 0 <= value <= most:
            raise DeviceFigureTooWide(field=field, value=value, most=most)
        word = word << bits | value
    return word


def _unpack(word: int, widths: Mapping[str, int]) -> list[int]:
    values = []
    for bits in reversed(list(widths.values())):
        values.append(word & (1 << bits) - 1)
        word >>= bits
    return values[::-1]
