"""The one mechanism under every rule: how long and how often something must be seen before it counts.

A rule reads a record and says whether its condition holds, is over, or neither (hysteresis). From there on all rules
are alike: `n_to_raise` sightings in a row over `dwell_s` raise it, to the highest rung of its ladder that a measure
reaches, and it never falls from rung to rung; `n_to_clear` sightings of its end in a row end it.
"""

from enum import IntEnum
from typing import NamedTuple

import msgspec

from backend.telemetry.alarms import Severity
from backend.telemetry.rules.ruleset import Rule

NOT_LOWERED = -1


class Level(IntEnum):
    """A severity with `PENDING` below: seen, but not long enough."""

    CALM = 0
    PENDING = 1
    WARN = 2
    MAJOR = 3
    CRITICAL = 4

    @property
    def severity(self) -> Severity:
        return Severity(max(0, self - 1))


class Seen(NamedTuple):
    """What a rule reads off a record. Neither `holds` nor `over`: between the two thresholds."""

    holds: bool
    over: bool
    measures: dict[str, int]


OVER = Seen(False, True, {})
UNCLEAR = Seen(False, False, {})


class Moment(NamedTuple):
    """Of a record or a breach. `clock`: seconds that the device's clock ran forward so far; `at`: what it showed."""

    clock: int
    at: int
    sequence: int


class Condition(msgspec.Struct, frozen=True, array_like=True):
    """`level`: by the records; `told`: in the alarm, which falls only by signed records: `lowered` is the sequence of
    the record that must be sealed first. `since`: clock at the first of the `sightings` in a row. `clock` and `at`: of
    the last sighting, or of the fall; `measures`: its figures. `ends`: sightings of the end in a row."""

    level: int = Level.CALM
    told: int = Level.CALM
    since: int = 0
    clock: int = 0
    at: int = 0
    sightings: int = 0
    ends: int = 0
    lowered: int = NOT_LOWERED
    measures: dict[str, int] = {}


NOTHING = Condition()


def follow(rule: Rule, was: Condition, seen: Seen, moment: Moment) -> Condition:
    """The condition after one more reading, `told` left as it was."""
    if seen.holds:
        return _sighted(rule, was, seen.measures, moment)
    ends = was.ends + 1 if seen.over else 0
    if was.level <= Level.PENDING or ends >= rule.n_to_clear:
        return ended(was, seen.measures, moment)
    return msgspec.structs.replace(was, ends=ends)


def ended(was: Condition, measures: dict[str, int], moment: Moment) -> Condition:
    """The condition when it is over: told until `moment.sequence` is sealed."""
    if was.level == Level.CALM:
        return was
    return Condition(
        told=was.told, clock=moment.clock, at=moment.at, lowered=moment.sequence, measures=was.measures | measures
    )


def _sighted(rule: Rule, was: Condition, measures: dict[str, int], moment: Moment) -> Condition:
    sightings, since = was.sightings + 1, was.since if was.sightings else moment.clock
    level = max(was.level, Level.PENDING)
    if sightings >= rule.n_to_raise and moment.clock - since >= rule.dwell_s:
        level = max(level, rule.rung(measures) + 1)
    return Condition(
        level=level,
        told=was.told,
        since=since,
        clock=moment.clock,
        at=moment.at,
        sightings=sightings,
        measures=measures,
    )
