"""The nightly run: keeps what each machine did on a day, compares fleets, and raises or clears the alarm FLEET."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, select

from backend import store
from backend.days import BEIJING_S, DAY_S
from backend.store.tables import machine_checkpoints, machine_days
from backend.telemetry import alarming, kept
from backend.telemetry.alarming import Change
from backend.telemetry.alarms import Alarm, Phase, Severity
from backend.telemetry.fleet.days import Day, aggregate
from backend.telemetry.fleet.peers import WINDOW_DAYS, Verdict, judge
from backend.telemetry.fleet.texts import REASON
from backend.telemetry.kept import KeptAlarm, Standing
from backend.telemetry.record import Record
from backend.telemetry.registry import Machine, Registry
from backend.telemetry.rules.input import Evidence, Transition

DAYS, CHECKPOINTS = machine_days.c, machine_checkpoints.c
MOST_RECORDS = 20_000
"""Of a machine's day: one in five seconds."""


class Night(NamedTuple):
    """By machine: the verdicts of the day and of the day before, and whose records of the day are signed."""

    day: int
    verdicts: dict[int, Verdict]
    before: dict[int, Verdict]
    signed: set[int]

    def is_over(self, machine: int) -> bool:
        """Two days without anything odd, the last one signed: an alarm ends by signature only."""
        calm = not self.verdicts[machine].odd and not (machine in self.before and self.before[machine].odd)
        return calm and machine in self.signed


def run(
    engine: Engine, registry: Registry, day: int, guard: Callable[[Connection], None] = lambda _: None
) -> dict[int, Verdict]:
    """Judge a Beijing day that is over; again, it gives the same. Returns the verdicts by machine.

    The machines of a lessor are a fleet: no evidence tells one of another's. `guard` is called first in every
    transaction that writes.
    """
    machines = {machine.id: machine for machine in registry.machines()}
    with store.reading(engine) as tx:
        today, signed = _read(tx, machines, day)
    with store.writing(engine) as tx:
        guard(tx)
        _keep(tx, today)
    with store.reading(engine) as tx:
        fleets, models = _fleets(_window(tx, day), machines), _models(tx)
    night = Night(day, _verdicts(fleets, day, models), _verdicts(fleets, day - 1, models), signed)
    with store.writing(engine) as tx:
        guard(tx)
        _follow(tx, machines, night)
    return night.verdicts


def last_day(engine: Engine) -> int:
    """The newest day of which anything is kept, 0 without any."""
    with store.reading(engine) as tx:
        return tx.scalar(select(func.max(DAYS.day))) or 0


def _read(tx: Connection, machines: Iterable[int], day: int) -> tuple[list[Day], set[int]]:
    """What the machines did on the day, and those whose device signed it."""
    days, signed = [], set()
    for machine in machines:
        records = _live(tx, machine, day)
        if found := aggregate(machine, day, records):
            days.append(found)
            if _is_signed(tx, records[-1]):
                signed.add(machine)
    return days, signed


def _live(tx: Connection, machine: int, day: int) -> list[Record]:
    """The day's live records in the order of epoch and sequence."""
    begins = day * DAY_S - BEIJING_S
    found = kept.track(tx, machine, begins, begins + DAY_S, MOST_RECORDS)
    return sorted((record for record, late in found if not late), key=lambda record: (record.epoch, record.sequence))


def _is_signed(tx: Connection, last: Record) -> bool:
    query = select(CHECKPOINTS.sequence).where(CHECKPOINTS.machine == last.machine, CHECKPOINTS.epoch == last.epoch)
    return tx.execute(query.where(CHECKPOINTS.sequence >= last.sequence).limit(1)).first() is not None


def _keep(tx: Connection, days: Iterable[Day]) -> None:
    rows = [found._asdict() for found in days]
    if rows:
        new = store.insert(tx.dialect.name, machine_days)
        figures = {column.name: new.excluded[column.name] for column in machine_days.columns if not column.primary_key}
        tx.execute(new.on_conflict_do_update(index_elements=["machine", "day"], set_=figures), rows)


def _window(tx: Connection, day: int) -> list[Day]:
    """What yesterday is judged by as well."""
    query = select(machine_days).where(DAYS.day >= day - WINDOW_DAYS, DAYS.day <= day)
    return [Day(*row) for row in tx.execute(query.order_by(DAYS.machine, DAYS.day))]


def _models(tx: Connection) -> dict[int, str | None]:
    return {machine: model for machine, (model, _) in kept.profiles(tx).items()}


def _fleets(rows: Iterable[Day], machines: Mapping[int, Machine]) -> list[list[Day]]:
    fleets: dict[int, list[Day]] = defaultdict(list)
    for row in rows:
        if row.machine in machines:
            fleets[machines[row.machine].party].append(row)
    return list(fleets.values())


def _verdicts(fleets: list[list[Day]], day: int, models: Mapping[int, str | None]) -> dict[int, Verdict]:
    windows = ([row for row in fleet if day - WINDOW_DAYS < row.day <= day] for fleet in fleets)
    return {verdict.machine: verdict for window in windows for verdict in judge(window, day, models)}


def _follow(tx: Connection, machines: Mapping[int, Machine], night: Night) -> None:
    opened = kept.open_alarms(tx, night.verdicts)
    standings = kept.standings(tx, night.verdicts)
    changes = [
        Change(machines[machine], standings.get(machine, Standing(machine)), [transition])
        for machine, verdict in night.verdicts.items()
        if (transition := _transition(verdict, opened.get((machine, Alarm.FLEET)), night))
    ]
    alarming.follow(tx, changes)


def _transition(verdict: Verdict, opened: KeptAlarm | None, night: Night) -> Transition | None:
    """None where nothing changes, or the day was carried out before."""
    at = (night.day + 1) * DAY_S - BEIJING_S
    if opened is not None and opened.alarm.changed_at >= at:
        return None
    if verdict.odd:
        evidence = _evidence(verdict, night.day)
        return Transition(Alarm.FLEET, Phase.ACTIVE, Severity.WARN, at, 0, evidence)
    if opened is not None and night.is_over(verdict.machine):
        return Transition(Alarm.FLEET, Phase.CLEARED, Severity.CLEAR, at, 0, {"reason": REASON, "day": night.day})
    return None


def _evidence(verdict: Verdict, day: int) -> Evidence:
    evidence: Evidence = {"reason": REASON, "day": day}
    if verdict.score is not None:
        evidence["score"] = verdict.score
    for name, value, peers, own, z in verdict.deviations:
        evidence |= {name: value, f"{name}_peers": peers, f"{name}_own": own, f"{name}_z": z}
    return evidence
