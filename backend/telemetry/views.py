"""What machines reported, thinned out for people: of each span of time one record."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select

from backend.store.tables import machine_alarms, machine_states
from backend.telemetry import kept
from backend.telemetry.alarms import Phase
from backend.telemetry.kept import KeptAlarm
from backend.telemetry.record import Fix, Record


def bucket_of(since: int, until: int, points: int) -> int:
    """Seconds of a span when so many of them cover the window, rounded up; at least one."""
    return max(1, -(-(until - since) // points))


def positions(tx: Connection, machine: int, since: int, until: int, bucket: int) -> list[dict[str, Any]]:
    """The newest record with a fix of each `bucket` seconds, from second `since` until before `until`, oldest first."""
    return _newest_of_each(tx, machine, since, until, bucket, with_fix=True)


def counters(tx: Connection, machine: int, since: int, until: int, bucket: int) -> list[dict[str, Any]]:
    """As `positions`, whether the record has a fix or not."""
    return _newest_of_each(tx, machine, since, until, bucket, with_fix=False)


def state(tx: Connection, machine: int) -> dict[str, Any] | None:
    """How the machine stands; None before its first record."""
    row = tx.execute(select(machine_states).where(machine_states.c.machine == machine)).one_or_none()
    return dict(row._mapping) if row else None


def last_position(tx: Connection, machine: int, since: int) -> dict[str, Any] | None:
    """The newest record with a fix, not older than second `since`."""
    found = kept.last_fix(tx, machine, since)
    return _row(found, late=False) if found else None


def raised(tx: Connection, machine: int) -> list[KeptAlarm]:
    """Alarms that were raised and have not cleared, the newest first."""
    columns = machine_alarms.c
    is_raised = (columns.machine == machine) & columns.cleared_at.is_(None) & columns.raised_at.is_not(None)
    numbers = tx.scalars(select(columns.id).where(is_raised).order_by(columns.id.desc())).all()
    return [kept.alarms(tx, machine, number + 1, 1)[0] for number in numbers]


def unanswered(tx: Connection, machines: Iterable[int]) -> list[KeptAlarm]:
    """Alarms of these machines that were raised, have not cleared and wait for an answer, the newest first."""
    columns = machine_alarms.c
    waits = (columns.phase == Phase.ACTIVE.value) & columns.machine.in_(machines)
    numbers = tx.execute(select(columns.machine, columns.id).where(waits).order_by(columns.id.desc())).all()
    return [kept.alarms(tx, machine, number + 1, 1)[0] for machine, number in numbers]


def _newest_of_each(
    tx: Connection, machine: int, since: int, until: int, bucket: int, *, with_fix: bool
) -> list[dict[str, Any]]:
    found: dict[int, tuple[Record, bool]] = {}
    for record, late in kept.track(tx, machine, since, until):
        if record.fix or not with_fix:
            found[(record.at - since) // bucket] = (record, late)
    return [_row(record, late=late) for record, late in found.values()]


def _row(record: Record, *, late: bool) -> dict[str, Any]:
    """Flat, as a table would have it."""
    row = record._asdict() | {"late": late}
    fix = row.pop("fix")
    return row | (fix._asdict() if fix else dict.fromkeys(Fix._fields))
