"""Changes of alarms, kept: the rows, the word that goes on chain, and what the parties are told."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from backend.store import feed
from backend.telemetry import kept
from backend.telemetry.alarms import Alarm, Phase, alarm_word
from backend.telemetry.kept import KeptAlarm, Standing
from backend.telemetry.registry import Machine
from backend.telemetry.rules.input import Transition
from backend.telemetry.rules.lifecycle import changed, severities

Open = dict[Alarm, KeptAlarm]


class Change(NamedTuple):
    """What the rules say of one machine. `standing` gets the new word; the caller keeps it."""

    machine: Machine
    standing: Standing
    transitions: Sequence[Transition]


def follow(tx: Connection, changes: Sequence[Change]) -> None:
    """Carry the transitions out, in their order."""
    if not changes:
        return
    found = kept.open_alarms(tx, [change.machine.id for change in changes])
    told = []
    for change in changes:
        opened = {alarm: each for (machine, alarm), each in found.items() if machine == change.machine.id}
        for transition in change.transitions:
            told += _carry_out(tx, change, opened, transition)
            _write_word(change.standing, opened, transition.at)
    feed.append(tx, told)


def _carry_out(tx: Connection, change: Change, opened: Open, transition: Transition) -> list[dict[str, object]]:
    before = opened.pop(transition.alarm, None)
    after = changed(before.alarm if before else None, transition)
    if after is None:
        return []
    if before and after.cleared_at is not None and after.raised_at is None:
        kept.drop_alarm(tx, before.id)
        return []
    row = KeptAlarm(before.id if before else 0, change.machine.id, change.standing.epoch, transition.sequence, after)
    row = kept.put_alarm(tx, row)
    if after.cleared_at is None:
        opened[transition.alarm] = row
    return [] if after.phase is Phase.PENDING else _told(change.machine, row)


def _told(machine: Machine, row: KeptAlarm) -> list[dict[str, object]]:
    """What happened; the evidence says where the machine was, and is read where rights are checked."""
    alarm = row.alarm
    kind = "MachineAlarmCleared" if alarm.cleared_at is not None else "MachineAlarmed"
    payload = {
        "machine": machine.id,
        "id": row.id,
        "alarm": alarm.alarm.name.lower(),
        "severity": alarm.severity.name.lower(),
        "at": alarm.changed_at,
    }
    return [
        {"topic": feed.PRIVATE, "key": str(party), "kind": kind, "payload": payload, "block": None}
        for party in machine.hearers
    ]


def _write_word(standing: Standing, opened: Open, at: int) -> None:
    """Number and time rise with every change, as the contract wants them."""
    word = alarm_word(severities(each.alarm for each in opened.values()))
    if word != standing.alarms:
        standing.alarms, standing.alarms_sequence = word, standing.alarms_sequence + 1
        standing.alarms_at = max(at, standing.alarms_at + 1)
