"""Signed reports about machines, as the oracle's signers make them: the fixture `fleet`."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from ape import chain
from ape.api import AccountAPI, ReceiptAPI
from eth_account.signers.local import LocalAccount

from backend.chain import device_reports
from backend.chain.device_reports import (
    LANES,
    NONE,
    AlarmRecord,
    AlarmReport,
    DeviceReport,
    Reading,
    ReadingReport,
    encode_record,
    encode_word,
    minute_of,
)
from tests.contracts import clock
from tests.contracts.answers import Refusal, refusal
from tests.contracts.suite import Suite

READINGS = b"readings".ljust(32, b"\0")
ALARMS = b"alarms".ljust(32, b"\0")
MAX_AHEAD = 600  # seconds that a machine's clock may run ahead of the chain's


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


def word(lanes: Mapping[int, Reading]) -> int:
    """Four lanes by place; a place that is not named is empty."""
    return encode_word([lanes.get(place, NONE) for place in range(LANES)])


def alarms(severities: Mapping[Alarm, Severity]) -> int:
    return sum(severity << 2 * alarm for alarm, severity in severities.items())


class Fleet:
    """The signers of a deployed suite's machines. `keys` by rising address."""

    def __init__(self, suite: Suite, keys: Sequence[LocalAccount], relayer: AccountAPI) -> None:
        self.oracle = suite.devices
        self.keys = sorted(keys, key=lambda key: int(key.address, 16))
        self.relayer = relayer

    # REPORTS

    def readings(self, lanes: Mapping[int, Reading], **changes: Any) -> ReadingReport:
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
        """The machine's next record, at the second of the last block; `changes` by AlarmRecord."""
        status = self.oracle.statusOf(machine)
        fields = {
            "machine": machine,
            "epoch": status.epoch,
            "sequence": status.sequence + 1,
            "at": clock.now(),
            "alarms": alarms,
        }
        return encode_record(AlarmRecord(**(fields | changes)))

    def stored_lane(self, machine: int) -> Reading:
        reading = self.oracle.readingOf(machine)
        return Reading(reading.tenths, reading.litres, minute_of(reading.at))

    # RELAYING

    def sign(self, report: DeviceReport, keys: Sequence[LocalAccount] | None = None) -> list[bytes]:
        """Signatures of `keys` in the order given, by default of the first two signers."""
        return [device_reports.sign(report, chain.chain_id, self.oracle.address, key) for key in keys or self.keys[:2]]

    def submit(
        self, report: DeviceReport, sender: AccountAPI | None = None, signatures: Sequence[bytes] | None = None
    ) -> ReceiptAPI:
        """Relay a report; signed by the first two signers unless signatures are given."""
        return self._method(report)(*self._call(report, signatures), sender=sender or self.relayer)

    def refusal(
        self, report: DeviceReport, sender: AccountAPI | None = None, signatures: Sequence[bytes] | None = None
    ) -> Refusal | None:
        """What `submit` would be refused with."""
        return refusal(self._method(report), *self._call(report, signatures), sender=sender or self.relayer)

    def read(self, machine: int, tenths: int, litres: int = 0, at: int | None = None) -> ReceiptAPI:
        """Report a machine's cumulative reading, by default of the minute of the last block."""
        minute = minute_of(clock.now() if at is None else at)
        return self.submit(self.readings({machine: Reading(tenths, litres, minute)}))

    def hear(self, machine: int, more_tenths: int = 0) -> ReceiptAPI:
        """The machine reports now; it has run for so many tenths of hours since it last did."""
        last = self.oracle.readingOf(machine)
        return self.read(machine, last.tenths + more_tenths, last.litres)

    def alarm(self, machine: int, severities: Mapping[Alarm, Severity], **changes: int) -> ReceiptAPI:
        """Report a machine's alarms; `changes` by AlarmRecord."""
        return self.submit(self.alarm_report(self.next_alarm(machine, alarms(severities), **changes)))

    def _method(self, report: DeviceReport) -> Any:
        return self.oracle.submitAlarms if isinstance(report, AlarmReport) else self.oracle.submitReadings

    def _call(self, report: DeviceReport, signatures: Sequence[bytes] | None) -> tuple[dict[str, Any], list[bytes]]:
        return device_reports.message_of(report), list(self.sign(report) if signatures is None else signatures)

    def _facts(self, kind: bytes) -> dict[str, int]:
        return {
            "round": self.oracle.lastRound(kind) + 1,
            "signer_set": self.oracle.signerSet(),
            "deadline": clock.now() + 600,
        }
