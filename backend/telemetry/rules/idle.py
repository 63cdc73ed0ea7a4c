"""Idle: less than 0.1 h of work in 24 h in which the machine was online and was to work."""

import msgspec

from backend.telemetry.rules.conditions import UNCLEAR, Seen
from backend.telemetry.rules.ruleset import Rule


class Idle(msgspec.Struct, frozen=True, array_like=True):
    """`online_s`: since the last sample; `samples`: the hour meter at every full hour online, oldest first;
    `idle_s`: how long the machine has been idle; `through`: device time up to which this was counted."""

    online_s: int = 0
    samples: tuple[int, ...] = ()
    idle_s: int = 0
    through: int = 0


def observe(rule: Rule, was: Idle, hours: int, working_s: int, through: int) -> tuple[Idle, Seen]:
    """After a record that shows the meter at `hours`, `working_s` of online time to be worked in after the last one."""
    reading = rule.reading
    keep = reading["window_s"] // reading["sample_s"] + 1
    online_s, samples, idle_s = was.online_s + working_s, was.samples or (hours,), was.idle_s
    while online_s >= reading["sample_s"]:
        online_s -= reading["sample_s"]
        samples = (*samples, hours)[-keep:]
        if len(samples) == keep and hours - samples[0] < rule.activation["worked_below"]:
            idle_s = max(idle_s + reading["sample_s"], reading["window_s"])
    worked = hours - samples[0]
    over = worked >= rule.hysteresis["worked_from"]
    now = Idle(online_s, samples, 0 if over else idle_s, through)
    if over or not now.idle_s:
        return now, Seen(False, over, {"worked": worked})
    holds = worked < rule.activation["worked_below"]
    return now, Seen(holds, False, {"worked": worked, "idle_s": now.idle_s}) if holds else UNCLEAR
