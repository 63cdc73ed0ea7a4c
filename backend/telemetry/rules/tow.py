"""Tow: the machine moves and its engine does not run."""

import msgspec

from backend.telemetry.record import Fix
from backend.telemetry.rules.conditions import OVER, Seen
from backend.telemetry.rules.fence import Box, around
from backend.telemetry.rules.fixes import Place
from backend.telemetry.rules.geometry import distance_dm, units_of
from backend.telemetry.rules.ruleset import Rule


class Parked(msgspec.Struct, frozen=True, array_like=True):
    """`place`: where the engine was found off; `hours`: of the meter then; `rest`: where it has been resting since.
    `doubt`: where it was last seen before, if that is not the same place."""

    place: Place
    hours: int
    rest: Place
    doubt: Place | None = None


def observe(
    rule: Rule, was: Parked | None, fix: Fix, before: Place | None, *, hours: int, clock: int, is_raised: bool
) -> tuple[Parked | None, Seen]:
    """After a believed fix with the engine off; `before`: the believed place before. Whoever is known to have moved and
    then rested has arrived, and is parked there."""
    here, rest_dm = Place(fix.latitude, fix.longitude, clock), rule.reading["rest_dm"] + fix.accuracy
    if was is None or hours - was.hours > rule.reading["worked_most"]:
        return _park(here, before, hours, rest_dm), OVER
    parked = was if was.doubt is None else _settled(was, was.doubt, here, rest_dm)
    moved = _apart(parked.place, here)
    if moved <= rule.activation["moved_dm"] + fix.accuracy:
        return Parked(parked.place, parked.hours, parked.place), OVER
    rest = parked.rest if _apart(parked.rest, here) <= rest_dm else here
    if is_raised and clock - rest.clock >= rule.hysteresis["rest_s"]:
        return Parked(rest, hours, rest), OVER
    return Parked(parked.place, parked.hours, rest), Seen(True, False, {"moved_dm": moved})


def _park(here: Place, before: Place | None, hours: int, rest_dm: int) -> Parked | None:
    """A single fix may be wrong: it takes a second, before or after, to say where the machine is parked."""
    if before is None:
        return None
    return Parked(here, hours, here, None if _apart(before, here) <= rest_dm else before)


def _settled(parked: Parked, doubt: Place, here: Place, rest_dm: int) -> Parked:
    """Of the fix at which the engine was found off and the one before, that to which the one after belongs."""
    place = parked.place if _apart(parked.place, here) <= rest_dm else doubt
    return Parked(place, parked.hours, place)


def surely_parked(rule: Rule, parked: Parked) -> Box:
    """A rectangle around the place in which nothing is a tow."""
    place = parked.place
    return around(place.latitude, place.longitude, units_of(rule.activation["moved_dm"] * 6 // 10))


def _apart(one: Place, other: Place) -> int:
    return distance_dm(one.latitude, one.longitude, other.latitude, other.longitude)
