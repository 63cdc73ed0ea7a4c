"""What is kept of machines: their records, how they stand, their alarms, and what was not taken in."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from itertools import groupby
from operator import attrgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, Table, delete, select, update

from backend import store
from backend.store.tables import (
    annexes,
    intake_counts,
    machine_alarms,
    machine_checkpoints,
    machine_profiles,
    machine_quarantine,
    machine_records,
    machine_states,
)
from backend.telemetry import decoding
from backend.telemetry.alarms import Alarm, Phase, Severity
from backend.telemetry.decoding import MOST_BYTES
from backend.telemetry.intake import Arrival, Refusal
from backend.telemetry.record import Checkpoint, Record
from backend.telemetry.rules.annex import Annex
from backend.telemetry.rules.lifecycle import OpenAlarm
from backend.telemetry.rules.ruleset import canonical
from backend.telemetry.topics import MOST_SHOWN

CHUNK = 500
TRACK_EVERY_S = 600
THINNED_AT_ONCE = 2_000
BETWEEN = b"\0"  # no JSON has it
RECORDS, CHECKPOINTS = machine_records.c, machine_checkpoints.c
STATES, ALARMS, QUARANTINE = machine_states.c, machine_alarms.c, machine_quarantine.c


@dataclass(slots=True)
class Standing:
    """A row of `machine_states`, in the order of its columns."""

    machine: int
    epoch: int = 0
    at: int = 0
    hours: int = 0
    fuel: int = 0
    sealed_hours: int = 0
    sealed_fuel: int = 0
    live_at: int = 0
    heard_at: int = 0
    alarms: int = 0
    alarms_sequence: int = 0
    alarms_at: int = 0
    state: bytes = b""


# Writing. Rows go to the driver as they are: composing a statement per row would cost more than the row.


def keep_records(tx: Connection, kept: Iterable[Sequence[Arrival]]) -> None:
    """New records, by machine."""
    _write(tx, machine_records, [block for arrivals in kept for block in _blocks(arrivals)])


def keep_checkpoints(tx: Connection, kept: Sequence[tuple[Checkpoint, int]]) -> None:
    """Checkpoint, second of arrival."""
    rows = [
        (c.machine, c.epoch, c.sequence, c.at, received_at, c.hours, c.fuel, c.head, c.signature)
        for c, received_at in kept
    ]
    _write(tx, machine_checkpoints, rows)


def keep_standings(tx: Connection, standings: Iterable[Standing]) -> None:
    rows = [tuple(getattr(each, name) for name in Standing.__slots__) for each in standings]
    _write(tx, machine_states, rows, replace=True)


def keep_refusals(tx: Connection, refused: Iterable[Refusal], machine_of: Callable[[str], int | None]) -> None:
    """The same message again raises its number of times; `machine_of`: by topic."""
    rows: dict[str, dict[str, Any]] = {}
    for message, reason in refused:
        digest = sha256(message.topic.encode("utf-8", "replace") + b"\0" + message.payload).hexdigest()
        if digest in rows:
            rows[digest] |= {"times": rows[digest]["times"] + 1, "last_at": message.received_at}
            continue
        rows[digest] = {
            "digest": digest,
            "machine": machine_of(message.topic),
            "topic": _plain(message.topic),
            "reason": reason.code,
            "details": reason.values,
            "payload": message.payload[:MOST_BYTES],
            "bytes": len(message.payload),
            "times": 1,
            "first_at": message.received_at,
            "last_at": message.received_at,
        }
    if rows:
        new = store.insert(tx.dialect.name, machine_quarantine)
        again = {"times": QUARANTINE.times + new.excluded.times, "last_at": new.excluded.last_at}
        tx.execute(new.on_conflict_do_update(index_elements=["digest"], set_=again), list(rows.values()))


def count(tx: Connection, counts: Mapping[str, int]) -> None:
    """Add to the numbers of messages by what became of them."""
    rows = [{"name": name, "count": number} for name, number in counts.items() if number]
    if rows:
        new = store.insert(tx.dialect.name, intake_counts)
        more = {"count": intake_counts.c.count + new.excluded.count}
        tx.execute(new.on_conflict_do_update(index_elements=["name"], set_=more), rows)


def _blocks(arrivals: Sequence[Arrival]) -> Iterator[tuple[Any, ...]]:
    """One, unless some came late or from another device."""
    for (epoch, late), group in groupby(arrivals, _device_and_lateness):
        same = list(group)
        sequences = [each.content.sequence for each in same]
        times = [each.content.at for each in same]
        payloads = BETWEEN.join([each.message.payload for each in same])
        place = (same[0].content.machine, epoch, min(sequences), max(sequences), min(times), max(times))
        yield (*place, same[-1].message.received_at, late, False, payloads)


_device_and_lateness = attrgetter("content.epoch", "late")


def _write(tx: Connection, table: Table, rows: list[tuple[Any, ...]], *, replace: bool = False) -> None:
    if rows:
        tx.exec_driver_sql(_statement(table, tx.dialect.name, replace), rows)


@cache
def _statement(table: Table, dialect: str, replace: bool) -> str:
    """What is there already stays, or is replaced; values in the order of the columns, but for an automatic number."""
    names = [f'"{column.name}"' for column in table.columns if column is not table.autoincrement_column]
    marks = ", ".join(["?" if dialect == "sqlite" else "%s"] * len(names))
    key = ", ".join(f'"{column.name}"' for column in table.primary_key)
    others = ", ".join(
        f'"{column.name}" = excluded."{column.name}"' for column in table.columns if not column.primary_key
    )
    action = f"({key}) DO UPDATE SET {others}" if replace else "DO NOTHING"
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks}) ON CONFLICT {action}"  # noqa: S608


def _plain(topic: str) -> str:
    """What every database can hold."""
    return topic.encode("ascii", "backslashreplace").decode().replace("\0", "")[:MOST_SHOWN]


# Knowing


def standings(tx: Connection, machines: Iterable[int] | None = None) -> dict[int, Standing]:
    """By machine; of all without `machines`."""
    if machines is None:
        rows = tx.execute(select(machine_states)).all()
    else:
        rows = [
            row
            for some in _chunks(machines)
            for row in tx.execute(select(machine_states).where(STATES.machine.in_(some)))
        ]
    return {row.machine: Standing(*row) for row in rows}


def heard(tx: Connection) -> dict[int, int]:
    """Second at which each machine was last heard; 0 for one that was not."""
    return {machine: at for machine, at in tx.execute(select(STATES.machine, STATES.heard_at))}


def known(tx: Connection, machine: int, epoch: int, first: int, last: int) -> dict[int, Record]:
    """By sequence, the records from one through another that are kept."""
    of_device = (RECORDS.machine == machine) & (RECORDS.epoch == epoch)
    query = select(RECORDS.records).where(of_device, RECORDS.last >= first, RECORDS.first <= last)
    records = (record for payloads in tx.scalars(query) for record in _opened(payloads))
    return {record.sequence: record for record in records if first <= record.sequence <= last}


def _opened(payloads: bytes) -> list[Record]:
    """The records of a block, as they were taken in."""
    return [decoding.record_of(payload) for payload in payloads.split(BETWEEN)]


def counts(tx: Connection) -> dict[str, int]:
    """Messages by what became of them, since the beginning."""
    return {name: number for name, number in tx.execute(select(intake_counts))}


def track(tx: Connection, machine: int, since: int, until: int, limit: int | None = None) -> list[tuple[Record, bool]]:
    """The records from second `since` until before `until`, oldest first, with `late`; the newest `limit` of them."""
    found = sorted(_between(tx, machine, since, until), key=lambda each: (each[0].at, each[0].sequence))
    return found if limit is None else found[-limit:]


def last_fix(tx: Connection, machine: int, since: int) -> Record | None:
    """The newest record with a fix, not older than second `since`."""
    query = select(RECORDS.records).where(RECORDS.machine == machine, RECORDS.until >= since)
    for payloads in tx.scalars(query.order_by(RECORDS.until.desc(), RECORDS.last.desc())):
        fixed = [record for record in _opened(payloads) if record.fix and record.at >= since]
        if fixed:
            return max(fixed, key=lambda record: (record.at, record.sequence))
    return None


def has_record(tx: Connection, machine: int, epoch: int, sequence: int) -> bool:
    return bool(known(tx, machine, epoch, sequence, sequence))


def _between(tx: Connection, machine: int, since: int, until: int) -> Iterator[tuple[Record, bool]]:
    blocks = select(RECORDS.records, RECORDS.late).where(RECORDS.machine == machine)
    for payloads, late in tx.execute(blocks.where(RECORDS.until >= since, RECORDS.since < until)):
        yield from ((record, late) for record in _opened(payloads) if since <= record.at < until)


def checkpoints_of(tx: Connection, machine: int, epoch: int) -> list[Checkpoint]:
    """What the device signed, in order."""
    query = select(machine_checkpoints).where(CHECKPOINTS.machine == machine, CHECKPOINTS.epoch == epoch)
    return [
        Checkpoint(row.machine, row.epoch, row.sequence, row.at, row.hours, row.fuel, row.head, row.signature)
        for row in tx.execute(query.order_by(CHECKPOINTS.sequence))
    ]


def quarantine(tx: Connection, machine: int | None, before: int | None, limit: int) -> Sequence[RowMapping]:
    """The newest first; `machine` None: all; `before`: id of the last one seen."""
    query = select(machine_quarantine).order_by(QUARANTINE.id.desc()).limit(limit)
    if machine is not None:
        query = query.where(QUARANTINE.machine == machine)
    if before is not None:
        query = query.where(QUARANTINE.id < before)
    return [row._mapping for row in tx.execute(query)]


# Alarms


@dataclass(frozen=True, slots=True)
class KeptAlarm:
    """An alarm and its row. `epoch`, `sequence`: of the record that showed the last change."""

    id: int
    machine: int
    epoch: int
    sequence: int
    alarm: OpenAlarm


def open_alarms(tx: Connection, machines: Iterable[int]) -> dict[tuple[int, Alarm], KeptAlarm]:
    """By machine and alarm. Held until the transaction ends, because people answer alarms meanwhile."""
    query = select(machine_alarms).where(ALARMS.cleared_at.is_(None)).with_for_update()
    rows = (row for some in _chunks(machines) for row in tx.execute(query.where(ALARMS.machine.in_(some))))
    return {(row.machine, Alarm(row.alarm)): _alarm(row) for row in rows}


def opened(tx: Connection, alarm: Alarm) -> dict[int, Severity]:
    """By machine, of those that have it."""
    query = select(ALARMS.machine, ALARMS.severity).where(ALARMS.alarm == int(alarm), ALARMS.cleared_at.is_(None))
    return {machine: Severity(severity) for machine, severity in tx.execute(query)}


def alarms(tx: Connection, machine: int, before: int | None, limit: int) -> list[KeptAlarm]:
    """Open and past ones, the newest first; `before`: id of the last one seen."""
    query = select(machine_alarms).where(ALARMS.machine == machine).order_by(ALARMS.id.desc()).limit(limit)
    return [_alarm(row) for row in tx.execute(query if before is None else query.where(ALARMS.id < before))]


def alarm(tx: Connection, id_: int) -> KeptAlarm | None:
    """Held until the transaction ends."""
    row = tx.execute(select(machine_alarms).where(ALARMS.id == id_).with_for_update()).one_or_none()
    return _alarm(row) if row else None


def put_alarm(tx: Connection, kept: KeptAlarm) -> KeptAlarm:
    """Its row; with `id` 0 a new one. Raises IntegrityError for a second open one."""
    values: dict[str, Any] = {"machine": kept.machine, "epoch": kept.epoch, "sequence": kept.sequence}
    values |= msgspec.structs.asdict(kept.alarm)
    values |= {"alarm": int(kept.alarm.alarm), "severity": int(kept.alarm.severity), "phase": kept.alarm.phase.value}
    if kept.id:
        tx.execute(update(machine_alarms).where(ALARMS.id == kept.id).values(values))
        return kept
    return replace(kept, id=tx.execute(machine_alarms.insert().values(values).returning(ALARMS.id)).scalar_one())


def drop_alarm(tx: Connection, id_: int) -> None:
    """One that was never raised."""
    tx.execute(delete(machine_alarms).where(ALARMS.id == id_))


def _alarm(row: Any) -> KeptAlarm:
    kept = {name: getattr(row, name) for name in OpenAlarm.__struct_fields__}
    kept |= {"alarm": Alarm(row.alarm), "severity": Severity(row.severity), "phase": Phase(row.phase)}
    return KeptAlarm(row.id, row.machine, row.epoch, row.sequence, OpenAlarm(**kept))


# Papers


def put_annex(tx: Connection, annex: Annex) -> None:
    """Its hash is what the lease's terms name."""
    new = store.insert(tx.dialect.name, annexes).values(hash=annex.hash, document=canonical(annex.document))
    tx.execute(new.on_conflict_do_nothing())


def annex_documents(tx: Connection, hashes: Iterable[str]) -> dict[str, bytes]:
    """By hash, of those that are known."""
    rows = (row for some in _chunks(hashes) for row in tx.execute(select(annexes).where(annexes.c.hash.in_(some))))
    return {row.hash: row.document for row in rows}


def put_profile(tx: Connection, machine: int, model: str | None, tank: int | None) -> None:
    """`model` as the rule set names it, `tank` in tenths of a litre; None where unknown."""
    new = store.insert(tx.dialect.name, machine_profiles).values(machine=machine, model=model, tank=tank)
    tx.execute(new.on_conflict_do_update(index_elements=["machine"], set_={"model": model, "tank": tank}))


def profiles(tx: Connection) -> dict[int, tuple[str | None, int | None]]:
    """Model and tank by machine."""
    return {row.machine: (row.model, row.tank) for row in tx.execute(select(machine_profiles))}


# Letting go


def thin(tx: Connection, machine: int, before: int) -> int:
    """Of what is older than a second, leave the first record of every ten minutes; returns how many go.

    It is history: hours were metered when they came, and what was signed is kept. A part at a time; 0 when all is done.
    """
    old = (RECORDS.machine == machine) & (RECORDS.until < before) & RECORDS.thinned.is_(False)
    rows = tx.execute(select(machine_records).where(old).order_by(RECORDS.until).limit(THINNED_AT_ONCE)).all()
    gone = 0
    for (epoch, late), group in groupby(sorted(rows, key=_source), _source):
        blocks = list(group)
        records = [each for block in blocks for each in _payloads(block.records)]
        left = _first_of_each(records)
        gone += len(records) - len(left)
        row = _joined(machine, epoch, late, max(block.received_at for block in blocks), left)
        tx.execute(machine_records.insert().values(row))
    tx.execute(delete(machine_records).where(RECORDS.id.in_([row.id for row in rows])))
    return gone


def _source(row: Any) -> tuple[int, bool]:
    return row.epoch, row.late


def _payloads(block: bytes) -> list[tuple[Record, bytes]]:
    return [(decoding.record_of(payload), payload) for payload in block.split(BETWEEN)]


def _first_of_each(records: Iterable[tuple[Record, bytes]]) -> list[tuple[Record, bytes]]:
    """By sequence."""
    found: dict[int, tuple[Record, bytes]] = {}
    for record, payload in sorted(records):
        found.setdefault(record.at // TRACK_EVERY_S, (record, payload))
    return sorted(found.values())


def _joined(
    machine: int, epoch: int, late: bool, received_at: int, records: Sequence[tuple[Record, bytes]]
) -> dict[str, Any]:
    times = [record.at for record, _ in records]
    return {
        "machine": machine,
        "epoch": epoch,
        "first": records[0][0].sequence,
        "last": records[-1][0].sequence,
        "since": min(times),
        "until": max(times),
        "received_at": received_at,
        "late": late,
        "thinned": True,
        "records": BETWEEN.join(payload for _, payload in records),
    }


def purge_records(tx: Connection, machine: int, before: int) -> int:
    """Delete what was measured before a second; returns how many blocks go."""
    return tx.execute(delete(machine_records).where(RECORDS.machine == machine, RECORDS.until < before)).rowcount


def purge_quarantine(tx: Connection, before: int) -> int:
    """Delete what last came before a second; returns how many go."""
    return tx.execute(delete(machine_quarantine).where(QUARANTINE.last_at < before)).rowcount


def _chunks(values: Iterable[Any]) -> Iterable[list[Any]]:
    whole = list(values)
    return (whole[start : start + CHUNK] for start in range(0, len(whole), CHUNK))
