"""What goes wrong, when, and which alarms have to tell: the labels by which rules are judged."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from backend.days import DAY_S
from backend.telemetry.alarms import Alarm
from backend.telemetry.simulator.shifts import HOUR_S, MINUTE_S, start_of

FOR_EVER = 1 << 40


class Incident(StrEnum):
    IDLE = "idle"
    ESCAPE = "escape"
    DRIFT = "drift"
    FUEL_THEFT = "fuel-theft"
    FUEL_USE = "fuel-use"
    HOURS_BACK = "hours-back"
    HOURS_STUCK = "hours-stuck"
    HOURS_FAST = "hours-fast"
    FORK = "fork"
    BAD_SIGNATURE = "bad-signature"
    JAMMER = "jammer"
    POWER_CUT = "power-cut"
    OUTAGE = "outage"
    CLOCK_AHEAD = "clock-ahead"
    CLOCK_BEHIND = "clock-behind"
    FUEL_SENSOR = "fuel-sensor"


class Course(NamedTuple):
    """Of an incident. `begins`, `lasts`: seconds from the start of the Beijing day of its script. `raises`: every alarm
    that has to come; `allows`: those that may."""

    begins: int
    lasts: int
    raises: frozenset[Alarm]
    allows: frozenset[Alarm] = frozenset()


def _alarms(*alarms: Alarm) -> frozenset[Alarm]:
    return frozenset(alarms)


COURSES = {
    Incident.IDLE: Course(0, 9 * DAY_S, _alarms(Alarm.IDLE)),
    Incident.ESCAPE: Course(HOUR_S, 5 * HOUR_S, _alarms(Alarm.REGION, Alarm.TOW)),
    Incident.DRIFT: Course(9 * HOUR_S, 6 * HOUR_S, _alarms(Alarm.REGION)),
    Incident.FUEL_THEFT: Course(2 * HOUR_S, 15 * MINUTE_S, _alarms(Alarm.FUEL_THEFT)),
    Incident.FUEL_USE: Course(0, 8 * DAY_S, _alarms(Alarm.FUEL_USE)),
    Incident.HOURS_BACK: Course(13 * HOUR_S, FOR_EVER, _alarms(Alarm.HOUR_METER)),
    Incident.HOURS_STUCK: Course(0, 3 * DAY_S, _alarms(Alarm.HOUR_METER), _alarms(Alarm.IDLE)),
    Incident.HOURS_FAST: Course(0, 3 * DAY_S, _alarms(Alarm.HOUR_METER)),
    Incident.FORK: Course(10 * HOUR_S, 10 * MINUTE_S, _alarms(Alarm.TAMPER)),
    Incident.BAD_SIGNATURE: Course(10 * HOUR_S, 30 * MINUTE_S, _alarms(Alarm.TAMPER)),
    Incident.JAMMER: Course(9 * HOUR_S, 2 * HOUR_S, _alarms(Alarm.TAMPER)),
    Incident.POWER_CUT: Course(2 * HOUR_S, 2 * HOUR_S, _alarms(Alarm.TAMPER)),
    Incident.OUTAGE: Course(8 * HOUR_S, 36 * HOUR_S, _alarms(Alarm.OFFLINE)),
    Incident.CLOCK_AHEAD: Course(13 * HOUR_S, 90 * MINUTE_S, _alarms(), _alarms(Alarm.OFFLINE)),
    Incident.CLOCK_BEHIND: Course(10 * HOUR_S, 90 * MINUTE_S, _alarms()),
    Incident.FUEL_SENSOR: Course(0, 8 * DAY_S, _alarms(Alarm.FUEL_SENSOR)),
}

STANDS_STILL = frozenset({Incident.IDLE, Incident.ESCAPE, Incident.FUEL_THEFT, Incident.POWER_CUT})
"""Nobody starts the engine meanwhile."""


class Scripted(NamedTuple):
    """An incident of one machine, from `start` until before `end`, in seconds since 1970."""

    incident: Incident
    start: int
    end: int

    @property
    def course(self) -> Course:
        return COURSES[self.incident]


def script(incident: Incident, day: int) -> Scripted:
    """The incident on that Beijing day, at its usual hour."""
    return begun(incident, start_of(day) + COURSES[incident].begins)


def begun(incident: Incident, at: int) -> Scripted:
    """The incident from that second on."""
    return Scripted(incident, at, at + COURSES[incident].lasts)


def under_way(scripts: Iterable[Scripted], at: int) -> frozenset[Incident]:
    return frozenset(each.incident for each in scripts if each.start <= at < each.end)


def turns(scripts: Iterable[Scripted]) -> list[int]:
    """When something begins or ends."""
    return sorted({moment for each in scripts for moment in (each.start, each.end)})
