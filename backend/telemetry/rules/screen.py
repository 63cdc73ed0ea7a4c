"""The quick look: most records change nothing, and a few comparisons prove it.

A screen is drawn after a record that left every rule calm. A record that stays within it can neither begin a condition
nor do anything that a rule would have to remember, other than what `skim` carries on.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from backend.telemetry.record import Record
from backend.telemetry.rules.fence import Box
from backend.telemetry.rules.ruleset import RuleSet

if TYPE_CHECKING:
    from backend.telemetry.rules.state import State

NO_LEVEL = -1


class Screen(msgspec.Struct, frozen=True, array_like=True):
    """`basis`: of rules, annex and tank it was drawn for. Until `due` by the machine's clock and while the meter is
    below `hours`, with the fix in `box` and the level from `floor` to `ceiling` (NO_LEVEL: none), nothing happens."""

    basis: str
    due: int
    hours: int
    box: Box
    floor: int
    ceiling: int


def skim(rules: RuleSet, state: "State", screen: Screen, inputs: Sequence[Any], start: int) -> int:
    """Carry the state over the records from `start` on that stay within the screen; the place of the first that does
    not, or is no record. Long, because a call or an attribute per record would cost more than the comparison."""
    fixes, too_fast = rules.fixes, rules.rules["too_fast"]
    accuracy_most, satellites_least = fixes.accuracy_most_dm, fixes.satellites_least
    near = fixes.slack_dm * 89 // 10  # units of latitude: less than the slack
    percent, most_ahead = too_fast.reading["time_percent"], too_fast.activation["ahead_from"] * 3600
    gap = rules.rules["idle"].reading["gap_s"]
    south, north, west, east = screen.box
    due, hours_due, floor, ceiling = screen.due, screen.hours, screen.floor, screen.ceiling
    own_epoch, engine = state.epoch, state.engine
    sequence, at, clock, hours, fuel = state.sequence, state.at, state.clock, state.hours, state.fuel
    level, latitude, longitude = state.level, state.latitude, state.longitude
    excess, moved = state.excess, state.moved
    place = start
    for place in range(start, len(inputs)):
        given = inputs[place]
        if type(given) is not Record:
            break
        _, epoch, now_sequence, now_at, fix, now_hours, now_fuel, now_level, running, _, power, antenna, _, _ = given
        passed = now_at - at
        if (
            epoch != own_epoch
            or now_sequence <= sequence
            or not 0 <= passed <= gap
            or clock + passed >= due
            or not hours <= now_hours < hours_due
            or now_fuel < fuel
            or running is not engine
            or not power
            or not antenna
            or fix is None
        ):
            break
        now_latitude, now_longitude, accuracy, satellites = fix
        if (
            not south <= now_latitude <= north
            or not west <= now_longitude <= east
            or abs(now_latitude - latitude) + abs(now_longitude - longitude) > near
            or accuracy > accuracy_most
            or satellites < satellites_least
            or now_latitude == now_longitude
            or not now_latitude
            or not now_longitude
            or (floor != NO_LEVEL if now_level is None else not floor <= now_level <= ceiling)
        ):
            break
        ahead = excess + (now_hours - hours) * 3600 - passed * percent
        if ahead > most_ahead:
            break
        excess = ahead if ahead > 0 else 0
        clock += passed
        if now_hours != hours:
            moved = clock
        sequence, at, hours, fuel, level = now_sequence, now_at, now_hours, now_fuel, now_level
        latitude, longitude = now_latitude, now_longitude
    else:
        place = len(inputs)
    if place > start:
        state.sequence, state.at, state.clock, state.hours, state.fuel = sequence, at, clock, hours, fuel
        state.level, state.latitude, state.longitude, state.placed = level, latitude, longitude, clock
        state.excess, state.moved = excess, moved
    return place
