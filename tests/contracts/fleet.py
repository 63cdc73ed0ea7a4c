"""Signed reports about machines, as the oracle's signers make them: the fixture `fleet`.

Figures of a reading as the contract keeps them: tenths of hours, litres, and minutes since 2025-01-01T00:00Z.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from ape import chain
from ape.api import AccountAPI, ReceiptAPI
from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.local import LocalAccount

from tests.contracts import clock
from tests.contracts.answers import Refusal, refusal
from tests.contracts.suite import Suite

READINGS = b"readings".ljust(32, b"\0")
ALARMS = b"alarms".ljust(32, b"\0")
START = 1_735_689_600  # 2025-01-01T00:00Z
MINUTE = 60
LANES = 4
LANE_BITS = 64
MAX_AHEAD = 600  # seconds that a machine's clock may run ahead of the chain's
RECORD_BITS = {"machine": 32, "epoch": 16, "sequence": 32, "at": 40, "alarms": 16}
UNUSED_BITS = 120
COMMON = {"round": "uint64", "signerSet": "uint32", "deadline": "uint40"}
TYPES = {
    "ReadingReport": COMMON | {"groups": "uint32[]", "words": "uint256[]"},
    "AlarmReport": COMMON | {"records": "bytes32[]"},
}


class Alarm(IntEnum):
    """IDeviceOracle.Alarm."""

    IDLE = 0
    REGION = 1
    FUEL_USE = 2
    FUEL_THEFT = 3
    HOUR_METER = 4
    OFFLINE = 5
    TAMPER = 6
    TOW = 7


class Severity(IntEnum):
    """IDeviceOracle.Severity."""

    CLEAR = 0
    WARN = 1
    MAJOR = 2
    CRITICAL = 3


@dataclass(frozen=True, slots=True)
class ReadingReport:
    """`words` by group, of four lanes each."""

    round: int
    signer_set: int
    deadline: int
    groups: tuple[int, ...]
    words: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AlarmReport:
    """`records` as `alarm_record` makes them."""

    round: int
    signer_set: int
    deadline: int
    records: tuple[bytes, ...]


Report = ReadingReport | AlarmReport


def minute_of(timestamp: int) -> int:
    return (timestamp - START) // MINUTE


def lane(tenths: int, litres: int, minute: int) -> int:
    return tenths << 44 | litres << 24 | minute


def word(lanes: Mapping[int, int]) -> int:
    """Four lanes by place; a place that is not named is zero."""
    return sum(value << place * LANE_BITS for place, value in lanes.items())


def alarm_record(**fields: int) -> bytes:
    """A record by RECORD_BITS."""
    packed = 0
    for name, bits in RECORD_BITS.items():
        packed = packed << bits | fields[name]
    return (packed << UNUSED_BITS).to_bytes(32)


def alarms(severities: Mapping[Alarm, Severity]) -> int:
    return sum(severity << 2 * alarm for alarm, severity in severities.items())


def message_of(report: Report) -> dict[str, Any]:
    """The report under its Solidity names."""
    facts = {"round": report.round, "signerSet": report.signer_set, "deadline": report.deadline}
    if isinstance(report, AlarmReport):
        return facts | {"records": list(report.records)}
    return facts | {"groups": list(report.groups), "words": list(report.words)}


def signable(report: Report, chain_id: int, oracle: str, type_name: str = "") -> SignableMessage:
    """EIP-712 data of a report; `type_name` in place of its own."""
    own = type(report).__name__
    domain = {"name": "Heqi DeviceOracle", "version": "1", "chainId": chain_id, "verifyingContract": oracle}
    fields = [{"name": name, "type": kind} for name, kind in TYPES[own].items()]
    return encode_typed_data(domain, {type_name or own: fields}, message_of(report))


def sign(report: Report, chain_id: int, oracle: str, key: LocalAccount) -> bytes:
    return bytes(key.sign_message(signable(report, chain_id, oracle)).signature)


def signer_of(report: Report, chain_id: int, oracle: str, signature: bytes) -> str:
    address: str = Account.recover_message(signable(report, chain_id, oracle), signature=signature)
    return address


class Fleet:
    """The signers of a deployed suite's machines. `keys` by rising address."""

    def __init__(self, suite: Suite, keys: Sequence[LocalAccount], relayer: AccountAPI) -> None:
        self.oracle = suite.devices
        self.keys = sorted(keys, key=lambda key: int(key.address, 16))
        self.relayer = relayer

    # REPORTS

    def readings(self, lanes: Mapping[int, int], **changes: Any) -> ReadingReport:
        """A sound report of the next round: lanes by machine, their neighbours as stored; `changes` by field."""
        words: dict[int, int] = {}
        for group in sorted({machine // LANES for machine in lanes}):
            first = group * LANES
            here = {place: lanes.get(first + place, self.stored_lane(first + place)) for place in range(LANES)}
            words[group] = word(here)
        facts = self._facts(READINGS) | {"groups": tuple(words), "words": tuple(words.values())}
        return ReadingReport(**(facts | changes))

    def alarm_report(self, *records: bytes, **changes: Any) -> AlarmReport:
        """A sound report of the next round; `changes` by field."""
        return AlarmReport(**(self._facts(ALARMS) | {"records": records} | changes))

    def next_alarm(self, machine: int, alarms: int = 0, **changes: int) -> bytes:
        """The machine's next record, at the second of the last block; `changes` by RECORD_BITS."""
        status = self.oracle.statusOf(machine)
        fields = {
            "machine": machine,
            "epoch": status.epoch,
            "sequence": status.sequence + 1,
            "at": clock.now(),
            "alarms": alarms,
        }
        return alarm_record(**(fields | changes))

    def stored_lane(self, machine: int) -> int:
        reading = self.oracle.readingOf(machine)
        return lane(reading.tenths, reading.litres, minute_of(reading.at)) if reading.at else 0

    # RELAYING

    def sign(self, report: Report, keys: Sequence[LocalAccount] | None = None) -> list[bytes]:
        """Signatures of `keys` in the order given, by default of the first two signers."""
        return [sign(report, chain.chain_id, self.oracle.address, key) for key in keys or self.keys[:2]]

    def submit(self, report: Report, signatures: Sequence[bytes] | None = None) -> ReceiptAPI:
        return self._method(report)(*self._call(report, signatures), sender=self.relayer)

    def refusal(self, report: Report, signatures: Sequence[bytes] | None = None) -> Refusal | None:
        """What `submit` would be refused with."""
        return refusal(self._method(report), *self._call(report, signatures), sender=self.relayer)

    def read(self, machine: int, tenths: int, litres: int = 0, at: int | None = None) -> ReceiptAPI:
        """Report a machine's cumulative reading, by default of the minute of the last block."""
        minute = minute_of(clock.now() if at is None else at)
        return self.submit(self.readings({machine: lane(tenths, litres, minute)}))

    def hear(self, machine: int, more_tenths: int = 0) -> ReceiptAPI:
        """The machine reports now; it has run for so many tenths of hours since it last did."""
        last = self.oracle.readingOf(machine)
        return self.read(machine, last.tenths + more_tenths, last.litres)

    def alarm(self, machine: int, severities: Mapping[Alarm, Severity], **changes: int) -> ReceiptAPI:
        """Report a machine's alarms; `changes` by RECORD_BITS."""
        return self.submit(self.alarm_report(self.next_alarm(machine, alarms(severities), **changes)))

    def _method(self, report: Report) -> Any:
        return self.oracle.submitAlarms if isinstance(report, AlarmReport) else self.oracle.submitReadings

    def _call(self, report: Report, signatures: Sequence[bytes] | None) -> tuple[dict[str, Any], list[bytes]]:
        return message_of(report), list(self.sign(report) if signatures is None else signatures)

    def _facts(self, kind: bytes) -> dict[str, int]:
        return {
            "round": self.oracle.lastRound(kind) + 1,
            "signer_set": self.oracle.signerSet(),
            "deadline": clock.now() + 600,
        }
