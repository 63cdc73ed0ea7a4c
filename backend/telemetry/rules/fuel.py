"""Fuel use over windows of engine hours against the machine's own habit, and what shows that the counter is dead.

Rates are in millilitres an hour. Comparisons are of whole numbers, without rounding: a median is kept doubled, the
median deviation from it four times.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from backend.telemetry.rules.conditions import OVER, Seen
from backend.telemetry.rules.ruleset import Prior, Rule

Readings = Mapping[str, Seen]


class Window(msgspec.Struct, frozen=True, array_like=True):
    """`hours` and `fuel`: counters at its begin; `look_at`: hours from which on to look at it again. `moved_hours` and
    `moved_fuel`: counters when fuel was last seen to have moved. `rates`: of the windows before that count as usual,
    oldest first."""

    hours: int = 0
    fuel: int = 0
    look_at: int = 0
    moved_hours: int = 0
    moved_fuel: int = 0
    rates: tuple[int, ...] = ()


class Habit(NamedTuple):
    """`median2`: twice the median; `mad4`: four times the median deviation from it."""

    median2: int
    mad4: int


def begin(use: Rule, hours: int, fuel: int, rates: tuple[int, ...]) -> Window:
    """A new window."""
    return Window(hours, fuel, hours + use.reading["window_hours"], hours, fuel, rates)


def observe(
    use: Rule, sensor: Rule, prior: Prior | None, was: Window, *, hours: int, fuel: int, is_dead: bool
) -> tuple[Window, Readings]:
    """After a record with the meter at `look_at` or above. `is_dead`: the counter was found dead before."""
    worked, used = hours - was.hours, fuel - was.fuel
    if is_dead and used >= sensor.hysteresis["fuel_from"]:
        return begin(use, hours, fuel, was.rates), {"fuel_sensor": OVER}
    if worked >= use.reading["window_hours"] and used >= use.reading["window_fuel"]:
        return _complete(use, prior, was, hours, fuel)
    if hours - was.moved_hours >= sensor.activation["hours_from"] and not _has_moved(sensor, was, fuel):
        dead = Seen(True, False, {"worked": hours - was.moved_hours})
        return begin(use, hours, fuel, was.rates), {"fuel_sensor": dead}
    moved = (hours, fuel) if _has_moved(sensor, was, fuel) else (was.moved_hours, was.moved_fuel)
    return Window(was.hours, was.fuel, hours + use.reading["look_again_hours"], *moved, was.rates), {}


def _has_moved(sensor: Rule, was: Window, fuel: int) -> bool:
    return fuel - was.moved_fuel >= sensor.hysteresis["fuel_from"]


def _complete(use: Rule, prior: Prior | None, was: Window, hours: int, fuel: int) -> tuple[Window, Readings]:
    rate = (fuel - was.fuel) * 10_000 // (hours - was.hours)
    if rate > use.reading["most_rate"]:
        return begin(use, hours, fuel, was.rates), {"fuel_jump": Seen(True, False, {"rate": rate})}
    own = len(was.rates) >= use.reading["least_windows"]
    usual = habit(was.rates) if own else prior and Habit(2 * prior.median, 4 * prior.mad)
    seen = _judge(use, usual, rate) if usual else OVER
    learnt = was.rates if own and seen.holds else (*was.rates, rate)[-use.reading["most_windows"] :]
    return begin(use, hours, fuel, learnt), {"fuel_use": seen, "fuel_jump": OVER}


def habit(rates: Sequence[int]) -> Habit:
    """Of one rate or more."""
    median2 = _doubled_median(rates)
    return Habit(median2, _doubled_median([abs(2 * rate - median2) for rate in rates]))


def _doubled_median(values: Sequence[int]) -> int:
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]


def _judge(use: Rule, usual: Habit, rate: int) -> Seen:
    """Above both the multiple of the median and the multiple of the deviation; over below the smaller multiple."""
    by_median = use.activation["median_percent"] * usual.median2  # 200 times millilitres an hour
    sigmas_e4 = use.activation["mad_count"] * use.reading["mad_e4"]
    by_spread = 20_000 * usual.median2 + sigmas_e4 * usual.mad4  # 40,000 times millilitres an hour
    limit = max(by_median // 200, by_spread // 40_000)
    measures = {
        "rate": rate,
        "median": usual.median2 // 2,
        "limit": limit,
        "percent": 200 * rate // max(1, usual.median2),
    }
    holds = 200 * rate > by_median and 40_000 * rate > by_spread
    return Seen(holds, 200 * rate < use.hysteresis["median_percent"] * usual.median2, measures)
