"""Where nothing can happen next: the screen that is drawn after a calm record, for `skim`."""

from backend.telemetry.rules import theft, tow
from backend.telemetry.rules.annex import Region
from backend.telemetry.rules.conditions import Level
from backend.telemetry.rules.fence import EARTH, Box
from backend.telemetry.rules.ruleset import RuleSet
from backend.telemetry.rules.screen import NO_LEVEL, Screen
from backend.telemetry.rules.state import State

EVENTS = ("fuel_theft", "too_fast", "fork", "bad_signature")
"""Conditions that happen once, and are over when they have not happened again for a while."""
WATCHED = {"idle", "fuel_use", "fuel_sensor", "fuel_jump", *EVENTS}
"""Conditions that stay as they are until a figure that the screen has, or the time."""


def draw(basis: str, rules: RuleSet, region: Region | None, volume: int | None, state: State) -> Screen | None:
    """After a record with a believed fix; None while something is going on."""
    box = _box(rules, region, state) if _is_calm(state) else None
    if box is None:
        return None
    due, hours = _due(rules, region, state), _hours(rules, state)
    now = theft.shown(state.level, state.fuel, state.hours, state.clock)
    if state.tank is None or now is None:
        return Screen(basis, due, hours, box, NO_LEVEL, NO_LEVEL)
    calm = theft.calm(rules.rules["fuel_theft"], volume, state.tank, now)
    return Screen(basis, min(due, calm.due), min(hours, calm.hours), box, calm.floor, calm.ceiling)


def _is_calm(state: State) -> bool:
    """Nothing is the matter, or only what the screen watches for, and the place is known."""
    is_placed = state.engine or (state.parked is not None and state.parked.doubt is None)
    return (
        is_placed
        and state.top_fuel <= state.fuel
        and all(name in WATCHED and condition.level > Level.PENDING for name, condition in state.conditions.items())
    )


def _due(rules: RuleSet, region: Region | None, state: State) -> int:
    """By the machine's clock: a sample of the idle rule, the end of an event, a stuck meter, a change of validity."""
    dues = [state.clock + rules.rules["idle"].reading["sample_s"] - state.idle.online_s]
    for name in EVENTS:
        if name in state.conditions:
            dues.append(state.conditions[name].clock + rules.rules[name].hysteresis["quiet_s"])
    if state.engine:
        dues.append(state.moved + rules.rules["stuck"].activation["running_s"])
    if region:
        dues.append(state.clock + region.unchanged_s(state.at))
    return min(dues)


def _hours(rules: RuleSet, state: State) -> int:
    """By the hour meter: a look at the fuel window, the end of idleness, work that says it was driven."""
    hours = state.window.look_at
    if "idle" in state.conditions:
        hours = min(hours, state.idle.samples[0] + rules.rules["idle"].hysteresis["worked_from"])
    if state.parked:
        hours = min(hours, state.parked.hours + rules.rules["tow"].reading["worked_most"] + 1)
    return hours


def _box(rules: RuleSet, region: Region | None, state: State) -> Box | None:
    """Where no rule minds the machine to be; None near the edge of the region."""
    box = EARTH
    if region and region.applies(state.at):
        if state.known is None:
            return None
        box = state.known.box
    return box.shared(tow.surely_parked(rules.rules["tow"], state.parked)) if state.parked else box
