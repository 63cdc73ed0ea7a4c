"""Fuel theft: the level in the tank falls with the engine off, or faster than the engine can have burnt it.

Levels are in tenths of a per cent of the tank, fuel in tenths of a litre. The level is compared with a mark made
before: with the engine off one that was made after it had settled, else one that is one to two windows old.
"""

from typing import NamedTuple

import msgspec

from backend.telemetry.rules.conditions import UNCLEAR, Seen
from backend.telemetry.rules.context import FOREVER
from backend.telemetry.rules.ruleset import Rule

ENGINE_ON = -1
FULL = 1000
UNSEEN = 1  # hundredths of an hour that a meter may still count after the engine was reported off


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """What was shown when, by the machine's clock."""

    level: int
    fuel: int
    hours: int
    clock: int


class Tank(msgspec.Struct, frozen=True, array_like=True):
    """`mark`: what is compared with; `next`: what will be. `still`: the engine has been off since the mark.
    `off_since`: clock at the first record with the engine off."""

    mark: Mark
    next: Mark
    still: bool
    off_since: int


class Calm(NamedTuple):
    """Until `due` by the machine's clock, while the meter is below `hours` and the engine as it is, with the level from
    `floor` to `ceiling`, nothing is lost and no mark is due."""

    due: int
    hours: int
    floor: int
    ceiling: int


def begin(mark: Mark, *, still: bool, off_since: int) -> Tank:
    """A first mark."""
    return Tank(mark, mark, still, off_since)


def shown(level: int | None, fuel: int, hours: int, clock: int) -> Mark | None:
    """What a record shows; None without a level."""
    return None if level is None else Mark(level, fuel, hours, clock)


def observe(
    rule: Rule, volume: int | None, was: Tank | None, *, before: int | None, engine: bool, now: Mark | None
) -> tuple[Tank | None, Seen]:
    """After a record that shows `now`, and `before` as the level one record earlier. Without a known `volume` only the
    still tank is watched."""
    if now is None:
        return None, UNCLEAR
    if was is None:
        return begin(now, still=False, off_since=ENGINE_ON if engine else now.clock), UNCLEAR
    tank = _carried(was, engine, now)
    lost = _loss(rule, volume, tank, now)
    if lost is not None and lost >= limit(rule, tank):
        burnt = now.fuel - tank.mark.fuel
        measures = {"lost": lost, "level_before": tank.mark.level, "level": now.level, "burnt": burnt}
        return tank, Seen(True, False, measures)
    filled = now.level if before is None else min(before, now.level)
    if filled >= tank.mark.level + rule.reading["refill"]:
        mark = msgspec.structs.replace(now, level=filled)
        return begin(mark, still=tank.still, off_since=tank.off_since), UNCLEAR
    return _marked_anew(rule, tank, now), UNCLEAR


def limit(rule: Rule, tank: Tank) -> int:
    """The loss from which on it counts."""
    return rule.activation["still_from" if tank.still else "running_from"]


def _loss(rule: Rule, volume: int | None, tank: Tank, now: Mark) -> int | None:
    """What is missing against the mark and not burnt; None if it cannot be told."""
    gone = tank.mark.level - now.level
    if tank.still:
        return gone
    if volume is None or now.fuel == tank.mark.fuel:
        return None
    return gone - _explained(rule, volume, tank.mark, now)


def _explained(rule: Rule, volume: int, mark: Mark, now: Mark) -> int:
    """The most that the engine can have burnt since the mark, by a counter that lives."""
    burnt = (now.fuel - mark.fuel) * rule.reading["burn_percent"] // 100 + rule.reading["fuel_step"]
    return -(-burnt * FULL // volume)


def calm(rule: Rule, volume: int | None, tank: Tank, now: Mark) -> Calm:
    """For the records after one that showed `now` and no loss."""
    most_lost = limit(rule, tank) - 1
    if not tank.still:
        most_lost += FULL if volume is None else _explained(rule, volume, tank.mark, now)
    ceiling = tank.mark.level + rule.reading["refill"] - 1
    floor = max(0, tank.mark.level - most_lost)
    if tank.off_since == ENGINE_ON:
        return Calm(tank.next.clock + rule.reading["window_s"], FOREVER, floor, ceiling)
    due = FOREVER if tank.still else tank.off_since + rule.reading["settle_s"]
    return Calm(due, tank.next.hours + UNSEEN + 1, floor, ceiling)


def _carried(was: Tank, engine: bool, now: Mark) -> Tank:
    """The marks as seen from here: is the engine off, and was it all the time?"""
    if engine:
        return Tank(was.mark, was.next, False, ENGINE_ON)
    ran_unseen = was.still and now.hours - was.next.hours > UNSEEN
    just_off = was.off_since == ENGINE_ON or ran_unseen
    return Tank(was.mark, was.next, was.still and not ran_unseen, now.clock if just_off else was.off_since)


def _marked_anew(rule: Rule, tank: Tank, now: Mark) -> Tank:
    if tank.off_since == ENGINE_ON:
        due = now.clock - tank.next.clock >= rule.reading["window_s"]
        return Tank(tank.next, now, False, ENGINE_ON) if due else tank
    settled = not tank.still and now.clock - tank.off_since >= rule.reading["settle_s"]
    return begin(now, still=True, off_since=tank.off_since) if settled else tank
