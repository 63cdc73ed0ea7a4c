"""What the oracle of machines reported: readings as words say them, alarms, skips and holds, with their history."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Connection, Integer, String, Table, select

from backend.chain import device_reports
from backend.chain.contracts import Event
from backend.chain.device_reports import LANES, Reading
from backend.readmodel.projection import READMODEL, handles
from backend.readmodel.rows import Rows

# Order of IDeviceOracle.ReadingSkip and IDeviceOracle.AlarmSkip.
READING_SKIPS = ("none", "time_not_risen", "time_ahead", "hours_fell", "hours_too_fast", "fuel_fell")
ALARM_SKIPS = ("none", "sequence_old", "sequence_jump", "time_old", "time_ahead", "epoch_other")
MAX_AHEAD_S = 600  # as DeviceOracle
NO_STATUS = {"at": 0, "sequence": 0, "epoch": 0, "alarms": 0, "held": False}

# The reading that counts: tenths of hours, litres, and the second of the report, to the minute.
readings = Table(
    "machine_readings",
    READMODEL,
    Column("machine", BigInteger, primary_key=True, autoincrement=False),
    Column("tenths", BigInteger, nullable=False),
    Column("litres", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("round", BigInteger, nullable=False),
    Column("reported_at", BigInteger, nullable=False),
)

# Every reading that counted; a later one is of a later second. `place` of its word in the report. Rounds are counted
# anew for every set of signers.
history = Table(
    "machine_reading_history",
    READMODEL,
    Column("machine", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("round", BigInteger, nullable=False),
    Column("place", Integer, nullable=False),
    Column("tenths", BigInteger, nullable=False),
    Column("litres", BigInteger, nullable=False),
    Column("reported_at", BigInteger, nullable=False),
    Column("transaction_hash", String(66), nullable=False),
)

statuses = Table(
    "machine_statuses",
    READMODEL,
    Column("machine", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("alarms", Integer, nullable=False),
    Column("held", Boolean, nullable=False),
)

# Reports of the alarms that the chain knows; `before` and `after`: two bits an alarm, the first lowest.
alarm_changes = Table(
    "machine_alarm_changes",
    READMODEL,
    Column("machine", BigInteger, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("before", Integer, nullable=False),
    Column("after", Integer, nullable=False),
    Column("round", BigInteger, nullable=False),
    Column("reported_at", BigInteger, nullable=False),
    Column("transaction_hash", String(66), nullable=False),
)

# `lane`: readings or alarms.
skips = Table(
    "machine_report_skips",
    READMODEL,
    Column("machine", BigInteger, primary_key=True, autoincrement=False),
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("lane", String(8), nullable=False),
    Column("round", BigInteger, nullable=False),
    Column("reason", String(16), nullable=False),
    Column("reported_at", BigInteger, nullable=False),
)


def fits(before: Reading, reading: Reading, reported_at: int) -> bool:
    """As DeviceOracle decides: time and figures rise, and hours no faster than time allows."""
    if reading.minute > device_reports.minute_of(reported_at + MAX_AHEAD_S):
        return False
    if before == device_reports.NONE:
        return True
    minutes, tenths = reading.minute - before.minute, reading.tenths - before.tenths
    return minutes > 0 and tenths >= 0 and reading.litres >= before.litres and tenths * 600 <= minutes * 102 + 600


# Reports


@handles("DeviceOracle", "ReadingsReported")
def report_readings(rows: Rows, event: Event) -> None:
    for place, (group, word) in enumerate(zip(event["groups"], event["words"], strict=True)):
        for lane, reading in enumerate(device_reports.decode_word(word)):
            _read(rows, event, place, group * LANES + lane, reading)


@handles("DeviceOracle", "ReadingSkipped", key="machine")
def skip_reading(rows: Rows, event: Event) -> None:
    _skip(rows, event, "readings", READING_SKIPS[event["reason"]])


@handles("DeviceOracle", "AlarmsChanged", key="machine")
def change_alarms(rows: Rows, event: Event) -> None:
    now = {"at": event["at"], "sequence": event["sequence"], "epoch": event["epoch"]}
    _set(rows, event["machine"], alarms=event["to"], **now)
    rows.put(
        alarm_changes,
        machine=event["machine"],
        **now,
        before=event["from"],
        after=event["to"],
        round=event["round"],
        reported_at=event.timestamp,
        transaction_hash=event.transaction,
    )


@handles("DeviceOracle", "AlarmSkipped", key="machine")
def skip_alarm(rows: Rows, event: Event) -> None:
    _skip(rows, event, "alarms", ALARM_SKIPS[event["reason"]])


# Holds


@handles("DeviceOracle", "MachineHeld")
def hold(rows: Rows, event: Event) -> None:
    _set(rows, event["machine"], held=True)


@handles("DeviceOracle", "MachineHoldReleased")
def release(rows: Rows, event: Event) -> None:
    _set(rows, event["machine"], held=False)


# Queries


def reading_of(tx: Connection, machine: int) -> dict[str, Any] | None:
    """The reading that counts; None before the first."""
    row = tx.execute(select(readings).where(readings.c.machine == machine)).one_or_none()
    return dict(row._mapping) if row else None


def status_of(tx: Connection, machine: int) -> dict[str, Any]:
    """What the chain knows of alarms and holds."""
    row = tx.execute(select(statuses).where(statuses.c.machine == machine)).one_or_none()
    return dict(row._mapping) if row else NO_STATUS | {"machine": machine}


def by_machine(tx: Connection, table: Table, machines: list[int]) -> dict[int, dict[str, Any]]:
    """Rows of `readings` or `statuses` of these machines."""
    query = select(table).where(table.c.machine.in_(machines))
    return {row.machine: dict(row._mapping) for row in tx.execute(query)}


def history_of(tx: Connection, machine: int, *, before: int | None = None, limit: int) -> list[dict[str, Any]]:
    """Readings that counted, newest first; `before`: second of the last one seen."""
    query = select(history).where(history.c.machine == machine)
    if before is not None:
        query = query.where(history.c.at < before)
    return [dict(row._mapping) for row in tx.execute(query.order_by(history.c.at.desc()).limit(limit))]


def alarm_changes_of(tx: Connection, machine: int, *, before: int | None = None, limit: int) -> list[dict[str, Any]]:
    """Newest first; `before`: sequence of the last one seen. Reports that left everything as it was are no changes."""
    query = select(alarm_changes).where(
        alarm_changes.c.machine == machine, alarm_changes.c.before != alarm_changes.c.after
    )
    if before is not None:
        query = query.where(alarm_changes.c.sequence < before)
    return [dict(row._mapping) for row in tx.execute(query.order_by(alarm_changes.c.sequence.desc()).limit(limit))]


# Inside


def _read(rows: Rows, event: Event, place: int, machine: int, reading: Reading) -> None:
    now = rows.get(readings, machine)
    before = Reading(now["tenths"], now["litres"], device_reports.minute_of(now["at"])) if now else device_reports.NONE
    if reading == before or not fits(before, reading, event.timestamp):
        return
    figures = {"tenths": reading.tenths, "litres": reading.litres, "at": device_reports.second_of(reading.minute)}
    known = {"machine": machine, "round": event["round"], "reported_at": event.timestamp}
    rows.put(readings, **known, **figures)
    rows.put(history, **known, **figures, place=place, transaction_hash=event.transaction)


def _set(rows: Rows, machine: int, **changes: Any) -> None:
    now = rows.get(statuses, machine) or NO_STATUS | {"machine": machine}
    rows.put(statuses, **(now | changes))


def _skip(rows: Rows, event: Event, lane: str, reason: str) -> None:
    rows.put(
        skips,
        machine=event["machine"],
        block=event.block,
        log_index=event.log_index,
        lane=lane,
        round=event["round"],
        reason=reason,
        reported_at=event.timestamp,
    )
