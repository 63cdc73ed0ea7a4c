"""Tow: the machine moves and its engine does not run."""

import msgspec

from backend.telemetry.record import Fix
from backend.telemetry.rules.conditions import OVER, Seen
from backend.telemetry.rules.fence import Box, around
from backend.telemetry.rules.fixes import Place
from backend.telemetry.rules.geometry import distance_dm, units_of
from backend.telemetry.rules.ruleset import Rule


class Parked(msgspec.Struct, frozen=True, array_like=True):
    """`place`: where the engine was found off; `hours`: of the meter then; `rest`: where it has been resting since."""

    place: Place
    hours: int
    rest: Place


def observe(
    rule: Rule, was: Parked | None, fix: Fix, *, hours: int, clock: int, is_raised: bool
) -> tuple[Parked, Seen]:
    """After a believed fix with the engine off. Whoever is known to have moved and then
    rested has arrived, and is parked there."""
    here = Place(fix.latitude, fix.longitude, clock)
    if was is None or hours - was.hours > rule.reading["worked_most"]:
        return Parked(here, hours, here), OVER
    moved = _apart(was.place, here)
    if moved <= rule.activation["moved_dm"] + fix.accuracy:
        return Parked(was.place, was.hours, was.place), OVER
    rests = _apart(was.rest, here) <= rule.reading["rest_dm"] + fix.accuracy
    rest = was.rest if rests else here
    if is_raised and clock - rest.clock >= rule.hysteresis["rest_s"]:
        return Parked(rest, hours, rest), OVER
    return Parked(was.place, was.hours, rest), Seen(True, False, {"moved_dm": moved})


def surely_parked(rule: Rule, parked: Parked) -> Box:
    """A rectangle around the place in which nothing is a tow."""
    place = parked.place
    return around(place.latitude, place.longitude, units_of(rule.activation["moved_dm"] * 6 // 10))


def _apart(one: Place, other: Place) -> int:
    return distance_dm(one.latitude, one.longitude, other.latitude, other.longitude)
