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
    """What a rule reads off a record. Not `holds` and not `over`: between the two thresholds."""

    holds: bool
    over: bool
    measures: dict[str, int]


OVER = Seen(False, True, {})
UNCLEAR = Seen(False, False, {})


class Condition(msgspec.Struct, frozen=True, array_like=True):
    """`level`: by the records; `told`: in the alarm, which falls only by signed records: `lowered` is the sequence of
    the record that must be sealed first. `since`: of the sightings in a row, by the machine's clock."""

    level: int = Level.CALM
    told: int = Level.CALM
    since: int = 0
    sightings: int = 0
    ends: int = 0
    lowered: int = NOT_LOWERED
    at: int = 0
    measures: dict[str, int] = {}


NOTHING = Condition()


def follow(rule: Rule, was: Condition, seen: Seen, clock: int, at: int) -> Condition:
    """The condition after one more record, `told` and `lowered` left as they were. `clock`: seconds of the machine's
    clock that ran so far; `at`: device time of the record."""
    if seen.holds:
        return _sighted(rule, was, seen, clock, at)
    if was.level <= Level.PENDING:
        return msgspec.structs.replace(was, level=Level.CALM, sightings=0, ends=0)
    ends = was.ends + 1 if seen.over else 0
    level = Level.CALM if ends >= rule.n_to_clear else was.level
    return msgspec.structs.replace(was, level=level, sightings=0, ends=ends, at=at, measures=seen.measures)


def _sighted(rule: Rule, was: Condition, seen: Seen, clock: int, at: int) -> Condition:
    sightings = was.sightings + 1
    since = was.since if was.sightings else clock
    level = was.level
    if sightings >= rule.n_to_raise and clock - since >= rule.dwell_s:
        level = max(level, rule.rung(seen.measures) + 1)
    return msgspec.structs.replace(
        was,
        level=max(level, Level.PENDING),
        since=since,
        sightings=sightings,
        ends=0,
        at=at,
        measures=seen.measures,
    )
