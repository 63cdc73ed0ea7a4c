"""Working days: when the engine runs, and at what. Beijing time."""

from collections.abc import Iterator
from enum import Enum
from random import Random
from typing import NamedTuple

from backend.days import BEIJING_S, DAY_S
from backend.telemetry.simulator.models import Model

HOUR_S, MINUTE_S = 3_600, 60


class Task(Enum):
    """What a running engine does; value: fuel an hour against that of work."""

    WORK = 1.0
    TRAVEL = 0.85
    IDLE = 0.35


class Stint(NamedTuple):
    """The engine runs from `start` until `end`; a journey is to the site of number `to`, other tasks stay in place.
    `load`: fuel an hour against that of average work."""

    task: Task
    start: int
    end: int
    load: float
    to: int | None = None


class Roster(NamedTuple):
    """Hours of work, in seconds of the Beijing day (the last may lie in the next), and the weekdays of rest, Monday
    being 0."""

    spells: tuple[tuple[int, int], ...]
    rest: frozenset[int]

    def works(self, day: int) -> bool:
        return weekday(day) not in self.rest


DAY_SHIFT = ((7 * HOUR_S + 1_800, 12 * HOUR_S), (13 * HOUR_S, 17 * HOUR_S + 1_800))
TWO_SHIFTS = ((6 * HOUR_S, 13 * HOUR_S), (14 * HOUR_S, 21 * HOUR_S))
NIGHT_SHIFT = ((20 * HOUR_S, 24 * HOUR_S), (25 * HOUR_S, 29 * HOUR_S))
SUNDAY, WEEKEND = frozenset({6}), frozenset({5, 6})
ROSTERS = (
    *[Roster(DAY_SHIFT, SUNDAY)] * 6,
    *[Roster(DAY_SHIFT, WEEKEND)] * 2,
    Roster(TWO_SHIFTS, SUNDAY),
    Roster(NIGHT_SHIFT, SUNDAY),
)

UNEVEN_S = 1_200
"""How much sooner or later than agreed a spell begins and ends."""
STINT_S, PAUSE_S, JOURNEY_S = (1_200, 4_200), (180, 900), (600, 2_400)
HARDNESS, UNEVENNESS = 0.07, 0.10
"""Spread of a day's load (soil, material, haste) and of a stint's."""


def weekday(day: int) -> int:
    """Monday is 0; the first day of 1970 was a Thursday."""
    return (day + 3) % 7


def start_of(day: int) -> int:
    """Seconds since 1970 at which a Beijing day begins."""
    return day * DAY_S - BEIJING_S


def rest_windows(roster: Roster, first_day: int, last_day: int) -> list[tuple[int, int]]:
    """Days on which a machine is not expected to work, as (from, before), in seconds since 1970."""
    days = (day for day in range(first_day, last_day + 1) if not roster.works(day))
    return [(start_of(day), start_of(day + 1)) for day in days]


def stints(random: Random, model: Model, roster: Roster, day: int, sites: int) -> Iterator[Stint]:
    """Of a working day, in order, without overlaps."""
    hardness, now = max(random.gauss(1, HARDNESS), 0.75), 0
    for begin, finish in roster.spells:
        now = max(now, start_of(day) + begin + random.randint(-UNEVEN_S, UNEVEN_S))
        end = start_of(day) + finish + random.randint(-UNEVEN_S, UNEVEN_S)
        while now < end - STINT_S[0]:
            for stint in _turn(random, model, now, end, sites):
                yield stint._replace(load=stint.load * hardness)
                now = stint.end
            now += random.choice((0, random.randint(*PAUSE_S)))


def _turn(random: Random, model: Model, now: int, end: int, sites: int) -> Iterator[Stint]:
    """Perhaps a journey, work, then the engine idles for a while."""
    if random.random() < model.moves:
        yield Stint(
            Task.TRAVEL, now, now := now + random.randint(*JOURNEY_S), Task.TRAVEL.value, random.randrange(sites)
        )
    load = max(random.gauss(1, UNEVENNESS), 0.6)
    yield Stint(Task.WORK, now, now := min(now + random.randint(*STINT_S), max(end, now + MINUTE_S)), load)
    yield Stint(Task.IDLE, now, now + random.randint(*PAUSE_S), Task.IDLE.value)
