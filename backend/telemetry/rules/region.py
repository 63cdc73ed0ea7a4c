"""Region: outside the agreed polygon by more than the margin beyond the fix's own accuracy."""

import msgspec

from backend.telemetry.record import Fix
from backend.telemetry.rules.annex import Region
from backend.telemetry.rules.conditions import Condition, Seen
from backend.telemetry.rules.fence import Box
from backend.telemetry.rules.ruleset import Rule


class Known(msgspec.Struct, frozen=True, array_like=True):
    """A rectangle that is surely inside the region, of the annex named `annex`."""

    annex: str
    box: Box


def observe(rule: Rule, region: Region, condition: Condition, fix: Fix, clock: int) -> Seen:
    """Of a believed fix."""
    outside = region.fence.outside_dm(fix.latitude, fix.longitude)
    if outside <= rule.activation["margin_dm"] + fix.accuracy:
        return Seen(False, outside <= rule.hysteresis["inside_dm"], {"outside_dm": outside})
    outside_s = clock - condition.since if condition.sightings else 0
    place = {"latitude": fix.latitude, "longitude": fix.longitude, "accuracy_dm": fix.accuracy}
    return Seen(True, False, {"outside_dm": outside, "outside_s": outside_s, **place})


def is_known(known: Known | None, annex: str, fix: Fix) -> bool:
    """Whether a believed fix is in the rectangle found before."""
    return known is not None and known.annex == annex and known.box.holds(fix.latitude, fix.longitude)


def surely_inside(region: Region, annex: str, fix: Fix) -> Known | None:
    """A rectangle around a believed fix inside; None near the edge."""
    if not region.fence.contains(fix.latitude, fix.longitude):
        return None
    box = region.fence.box(fix.latitude, fix.longitude)
    return Known(annex, box) if box else None
