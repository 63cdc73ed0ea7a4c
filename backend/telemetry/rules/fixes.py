"""Which of the receiver's positions are believed."""

import msgspec

from backend.telemetry.record import Fix
from backend.telemetry.rules.geometry import HALF_TURN, distance_dm
from backend.telemetry.rules.ruleset import Fixes


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A position and when, by the machine's clock. `confirmed`: how many in a row agreed with each other."""

    latitude: int
    longitude: int
    clock: int
    confirmed: int = 0


def is_sound(fixes: Fixes, fix: Fix) -> bool:
    """Whether a fix can be one at all. Receivers that lost their memory report 0/0, one axis 0, or one axis twice."""
    latitude, longitude, accuracy, satellites = fix
    return (
        accuracy <= fixes.accuracy_most_dm
        and satellites >= fixes.satellites_least
        and latitude not in (longitude, 0)
        and longitude != 0
        and 2 * abs(latitude) <= HALF_TURN
        and abs(longitude) <= HALF_TURN
    )


def believed(
    fixes: Fixes, last: Place | None, doubted: Place | None, fix: Fix, clock: int
) -> tuple[Place | None, Place | None]:
    """The believed place after a sound fix, or None if this one is not believed, and what is in doubt from now on.
    A place that was `confirmed` was reached by a leap.

    A machine does not leap. Where it seems to, several fixes that agree with each other are believed: it may have been
    carried while nobody saw it, or the place before was the wrong one.
    """
    here = Place(fix.latitude, fix.longitude, clock)
    if last is None or _reachable(fixes, last, here):
        return here, None
    agreeing = doubted.confirmed + 1 if doubted and _reachable(fixes, doubted, here) else 1
    here = msgspec.structs.replace(here, confirmed=agreeing)
    return (here, None) if agreeing >= fixes.confirm else (None, here)


def _reachable(fixes: Fixes, start: Place, end: Place) -> bool:
    apart = distance_dm(start.latitude, start.longitude, end.latitude, end.longitude)
    return apart <= fixes.slack_dm + fixes.speed_most * (end.clock - start.clock)
