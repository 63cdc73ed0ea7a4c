"""What a machine did on one Beijing day, in a few whole numbers. Pure.

Only live records count: what a device sends late meters, and never raises nor clears an alarm.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from operator import attrgetter
from typing import NamedTuple

from backend.days import BEIJING_S, DAY_S
from backend.telemetry.record import Fix, Record
from backend.telemetry.rules.geometry import distance_dm

LEAST_RECORDS = 24
"""A machine at rest reports every few minutes; with fewer records nobody knows what it did."""
LEAST_HOURS = 50
"""0.01 h: a machine that ran for less did not work that day."""
MOST_STEP_S = 900
"""Between two records further apart nobody knows whether the engine ran."""
STANDSTILL = 10
"""0.1 km/h: below it a machine is not on its way."""
GOOD_ACCURACY, GOOD_SATELLITES = 250, 4
LEAST_MOVE_DM = 500
"""Nearer than that a fix may only look like a move."""
NIGHT = (22 * 3600, 5 * 3600)
"""Seconds of the Beijing day from which, and before which, it is night."""


class Figure(NamedTuple):
    """A figure of a day that is compared. `spread`: the smallest standard deviation that is taken for one, in the
    figure's unit. `side`: 1 where only more than usual is odd, -1 where only less, 0 where both are."""

    name: str
    spread: float
    side: int


FIGURES = (
    Figure("hours", 100, 1),
    Figure("fuel_rate", 5, 0),
    Figure("standing", 50, 1),
    Figure("distance", 2_500, 1),
    Figure("night_distance", 1_000, 1),
    Figure("good_fixes", 50, -1),
)


class Day(NamedTuple):
    """`hours` in 0.01 h; `fuel_rate` in 0.1 l/h; `standing`: of the time the engine ran, how much at a standstill, in
    0.1 %; `distance` and `night_distance` in metres; `good_fixes` in 0.1 % of the records. None: not known, or nothing
    to be said of a day without work."""

    machine: int
    day: int
    records: int
    hours: int | None
    fuel_rate: int | None
    standing: int | None
    distance: int | None
    night_distance: int
    good_fixes: int


def aggregate(machine: int, day: int, records: Sequence[Record]) -> Day | None:
    """One machine's live records of a day in the order of epoch and sequence; None when they are too few."""
    if len(records) < LEAST_RECORDS:
        return None
    hours, fuel = _grown(records, "hours"), _grown(records, "fuel")
    worked = hours >= LEAST_HOURS
    by_day, by_night = _moved(records)
    moved = by_day + by_night
    good = sum(_is_good(record.fix) for record in records)
    return Day(
        machine=machine,
        day=day,
        records=len(records),
        hours=hours if worked else None,
        fuel_rate=round(100 * fuel / hours) if worked and fuel else None,
        standing=_standing(records) if worked else None,
        distance=moved // 10 if worked else None,
        night_distance=by_night // 10,
        good_fixes=1_000 * good // len(records),
    )


def _grown(records: Iterable[Record], meter: str) -> int:
    """By how much a meter grew, device by device; one that fell did not grow."""
    total = 0
    for _, of_device in groupby(records, key=attrgetter("epoch")):
        shown = [getattr(record, meter) for record in of_device]
        total += max(0, shown[-1] - shown[0])
    return total


def _standing(records: Iterable[Record]) -> int | None:
    running = standing = 0
    for record, following in pairwise(records):
        seconds = following.at - record.at
        if record.engine and following.engine and 0 < seconds <= MOST_STEP_S:
            running += seconds
            standing += seconds * (record.speed < STANDSTILL)
    return 1_000 * standing // running if running else None


def _is_good(fix: Fix | None) -> bool:
    return fix is not None and fix.accuracy <= GOOD_ACCURACY and fix.satellites >= GOOD_SATELLITES


def _moved(records: Iterable[Record]) -> tuple[int, int]:
    """Decimetres by day and by night, from one place to the next that is surely another."""
    fixes = [(record.at, record.fix) for record in records if record.fix and _is_good(record.fix)]
    moved = [0, 0]
    anchor: Fix | None = None
    for (at, _), fix in zip(fixes[1:], _smooth([fix for _, fix in fixes]), strict=False):
        anchor = anchor or fix
        far = distance_dm(anchor.latitude, anchor.longitude, fix.latitude, fix.longitude)
        if far > max(LEAST_MOVE_DM, 3 * fix.accuracy):
            moved[_is_night(at)] += far
            anchor = fix
    return moved[0], moved[1]


def _smooth(fixes: Sequence[Fix]) -> list[Fix]:
    """Each but the first and last as the middle of three, axis by axis: a single jump disappears."""
    return [
        middle._replace(
            latitude=sorted((before.latitude, middle.latitude, after.latitude))[1],
            longitude=sorted((before.longitude, middle.longitude, after.longitude))[1],
        )
        for before, middle, after in zip(fixes, fixes[1:], fixes[2:], strict=False)
    ]


def _is_night(at: int) -> bool:
    second = (at + BEIJING_S) % DAY_S
    return second >= NIGHT[0] or second < NIGHT[1]
