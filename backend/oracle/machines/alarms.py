"""The lane of alarms: what is worse goes on chain at once, what is better only when a signed record shows it.

A record moves the chain's word towards what is found here, alarm by alarm, never beyond. So a signer that has heard
more than the leader by now signs nevertheless, and nobody can overstate or gloss over anything.
"""

import time
from collections.abc import Collection
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from backend import store
from backend.chain.device_reports import AlarmRecord, AlarmReport, decode_record, encode_record
from backend.oracle.errors import ProposalInvalid
from backend.oracle.machines import facts, view
from backend.oracle.machines.desk import Sources, head_of
from backend.oracle.machines.errors import (
    AlarmEpochWrong,
    AlarmOverstated,
    AlarmSequenceWrong,
    AlarmTimeWrong,
    AlarmUnfounded,
    ClearNotSealed,
    MachineNotHeard,
    MachineTwice,
)
from backend.oracle.machines.facts import Facts
from backend.oracle.machines.proposals import MOST_ALARMS, Lane
from backend.oracle.machines.view import LaneView, Status
from backend.telemetry import checkpoints, kept
from backend.telemetry.alarms import ON_CHAIN, Alarm, Severity
from backend.telemetry.record import Checkpoint
from backend.telemetry.rules import ruleset
from backend.telemetry.rules.offline import offline

TOLD_ALARMS = tuple(alarm for alarm in Alarm if alarm < ON_CHAIN)
ASIDE_S = 5.0

log = structlog.get_logger(__name__)


class Alarms:
    """A `Desk`. What it remembers only saves looking: machines with nothing new since they were last compared."""

    lane = Lane.ALARMS

    def __init__(self, sources: Sources) -> None:
        self._from = sources
        self._compared: dict[int, tuple[int, int]] = {}
        self._aside: dict[int, float] = {}

    # For the leader

    def waiting(self, tx: Connection, now: int, last: object) -> Collection[int]:
        """Those whose device or alarms changed."""
        clock = time.monotonic()
        return [
            machine
            for machine, word in facts.words(tx).items()
            if word != self._compared.get(machine) and self._aside.get(machine, 0.0) <= clock
        ]

    def propose(self, seen: LaneView, machines: Collection[int], now: int) -> AlarmReport | None:
        """The gravest changes first."""
        with store.reading(self._from.engine) as tx:
            words = facts.words(tx)
            found = facts.read(tx, machines)
            stored = view.statuses(self._from.rpc, self._from.suite, found, seen.at.number)
            records = {
                machine: record_of(each, stored[machine], now, _sealed(tx, each, stored[machine], now))
                for machine, each in found.items()
            }
        due = []
        for machine, record in records.items():
            if record is not None:
                due.append(record)
            elif _is_told(found[machine], stored[machine]):
                self._compared[machine] = words[machine]
            else:
                self._aside[machine] = time.monotonic() + ASIDE_S
        if not due:
            return None
        due.sort(key=lambda record: _gravity(stored[record.machine].alarms, record.alarms), reverse=True)
        packed = tuple(encode_record(record) for record in due[:MOST_ALARMS])
        return AlarmReport(**head_of(seen, now), records=packed)

    def refused(self, machines: Collection[int]) -> None:
        until = time.monotonic() + ASIDE_S
        self._aside |= dict.fromkeys(machines, until)

    def forget(self) -> None:
        self._compared.clear()

    # For signers

    def require(self, report: AlarmReport, seen: LaneView, issued_at: int) -> None:
        """Raises ProposalInvalid, MachineTwice and what `require_record` raises."""
        records = _records(report)
        stored = view.statuses(self._from.rpc, self._from.suite, records, seen.at.number)
        with store.reading(self._from.engine) as tx:
            found = facts.read(tx, records)
            look = _Look(tx, seen.at.number, issued_at)
            for machine, record in records.items():
                if machine not in found:
                    raise MachineNotHeard(machine=machine)
                require_record(record, found[machine], stored[machine], issued_at)
                self._require_bound(look, record, stored[machine])
                self._require_grounds(look, record, found[machine], stored[machine])

    def _require_bound(self, look: "_Look", record: AlarmRecord, stored: Status) -> None:
        """Raises AlarmEpochWrong for a device that the chain does not know."""
        if record.epoch != stored.epoch and not self._device(look, record.machine, record.epoch):
            raise AlarmEpochWrong(machine=record.machine, proposed=record.epoch, own=stored.epoch)

    def _require_grounds(self, look: "_Look", record: AlarmRecord, own: Facts, stored: Status) -> None:
        """Raises AlarmUnfounded, ClearNotSealed."""
        for alarm in TOLD_ALARMS:
            before, after = severity(stored.alarms, alarm), severity(record.alarms, alarm)
            if after > before and not _is_founded(look, own, alarm, after):
                raise AlarmUnfounded(machine=own.machine, alarm=alarm.name.lower())
            if after < before and not self._is_over(look, own, alarm):
                raise ClearNotSealed(machine=own.machine, alarm=alarm.name.lower())

    def _is_over(self, look: "_Look", own: Facts, alarm: Alarm) -> bool:
        """Signed by the device that the chain knows."""
        sealed = _seal(look.tx, own, alarm, look.now)
        if sealed is None:
            return False
        device = self._device(look, own.machine, sealed.epoch)
        return device is not None and checkpoints.is_signed_by(self._from.domain, sealed, device)

    def _device(self, look: "_Look", machine: int, epoch: int) -> str | None:
        return view.devices(self._from.rpc, self._from.suite, [(machine, epoch)], look.block).get(machine)


class _Look(NamedTuple):
    """Where and when a signer looks."""

    tx: Connection
    block: int
    now: int


# What is due, and what a signer requires. Pure.


def severity(word: int, alarm: Alarm) -> Severity:
    return Severity(word >> 2 * alarm & 3)


def record_of(own: Facts, stored: Status, now: int, sealed: Collection[Alarm]) -> AlarmRecord | None:
    """The next record of a machine, None when the chain says it all. `sealed`: alarms that may fall."""
    if own.epoch == 0:
        return None
    word = 0
    for alarm in TOLD_ALARMS:
        before, found = severity(stored.alarms, alarm), own.told(alarm)
        word |= (before if found < before and alarm not in sealed else found) << 2 * alarm
    if (own.epoch, word) == (stored.epoch, stored.alarms):
        return None
    return AlarmRecord(own.machine, own.epoch, stored.sequence + 1, max(stored.at, min(own.alarms_at, now)), word)


def require_record(record: AlarmRecord, own: Facts, stored: Status, now: int) -> None:
    """Raises AlarmSequenceWrong, AlarmEpochWrong, AlarmTimeWrong, AlarmOverstated."""
    machine, latest = record.machine, max(stored.at, min(own.alarms_at, now))
    if record.sequence != stored.sequence + 1:
        raise AlarmSequenceWrong(machine=machine, proposed=record.sequence, next=stored.sequence + 1)
    if record.epoch != own.epoch:
        raise AlarmEpochWrong(machine=machine, proposed=record.epoch, own=own.epoch)
    if not stored.at <= record.at <= latest:
        raise AlarmTimeWrong(machine=machine, proposed=record.at, earliest=stored.at, latest=latest)
    for alarm in TOLD_ALARMS:
        before, after, found = severity(stored.alarms, alarm), severity(record.alarms, alarm), own.told(alarm)
        if not min(before, found) <= after <= max(before, found):
            names = {"alarm": alarm.name.lower(), "proposed": after.name, "stored": before.name, "own": found.name}
            raise AlarmOverstated(machine=machine, **names)


def _records(report: AlarmReport) -> dict[int, AlarmRecord]:
    found: dict[int, AlarmRecord] = {}
    for place, packed in enumerate(report.records):
        record = decode_record(packed)
        if encode_record(record) != packed:
            raise ProposalInvalid(place=f"records.{place}", rule="it has bits that no record has")
        if record.machine in found:
            raise MachineTwice(machine=record.machine)
        found[record.machine] = record
    return found


def _gravity(before: int, after: int) -> int:
    """The gravest severity that rises; 0 when nothing does."""
    return max(
        (severity(after, alarm) for alarm in TOLD_ALARMS if severity(after, alarm) > severity(before, alarm)), default=0
    )


def _is_told(own: Facts, stored: Status) -> bool:
    same = all(own.told(alarm) == severity(stored.alarms, alarm) for alarm in TOLD_ALARMS)
    return same and own.epoch == stored.epoch


def _sealed(tx: Connection, own: Facts, stored: Status, now: int) -> set[Alarm]:
    """Of the alarms that would fall, those that may."""
    falling = (alarm for alarm in TOLD_ALARMS if own.told(alarm) < severity(stored.alarms, alarm))
    return {alarm for alarm in falling if _seal(tx, own, alarm, now)}


def _seal(tx: Connection, own: Facts, alarm: Alarm, now: int) -> Checkpoint | None:
    """What a device signed over the record that showed an alarm's last change; of silence, that it ended."""
    row = own.rows.get(alarm)
    if row is None or (alarm is Alarm.OFFLINE and offline(ruleset.load(), own.heard_at, now) > own.told(alarm)):
        return None
    return facts.sealed_by(tx, own.machine, row.epoch, row.sequence)


def _is_founded(look: _Look, own: Facts, alarm: Alarm, after: Severity) -> bool:
    """An open row with a reason of that alarm, and the record that showed it; silence is measured again."""
    row = own.rows[alarm]
    if alarm is Alarm.OFFLINE:
        return offline(ruleset.load(), own.heard_at, look.now) >= after
    terms = ruleset.TERMS.get(row.reason)
    shown = row.sequence == 0 or kept.has_record(look.tx, own.machine, row.epoch, row.sequence)
    return terms is not None and terms.alarm is alarm and shown
