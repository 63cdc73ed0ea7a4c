"""Fuel theft: the level falls with the engine off, or faster than the engine can have burnt it."""

import random

import pytest

from backend.telemetry.alarms import Alarm, Phase, Severity
from backend.telemetry.rules.context import Context
from tests.backend.telemetry.rules.machine import DAY_S, HOUR_S, Machine

TANK = 4_000


def parked(level: int = 600, tank: int | None = TANK) -> Machine:
    """A machine that has been off for a while."""
    machine = Machine(only=Alarm.FUEL_THEFT, context=Context(tank=tank))
    for _ in range(5):
        machine.send(120, level=level)
    return machine


def working(machine: Machine, minutes: int, noise: int = 0) -> None:
    """At 15 l/h by the counter, and the level falls as it should, give or take the noise."""
    dice = random.Random(1)
    for minute in range(minutes):
        now = machine.now
        level = 1000 - (now.fuel + 2 - 300_000) * 1000 // TANK + dice.randint(-noise, noise)
        fuel, hours = now.fuel + 2 + minute % 2, now.hours + (2 if minute % 3 else 1)
        machine.send(60, engine=True, hours=hours, fuel=fuel, level=level)


@pytest.mark.parametrize("tank", [TANK, None])
def test_a_level_that_falls_with_the_engine_off_is_theft(tank: int | None):
    machine = parked(tank=tank)
    for level in (550, 500, 500):
        machine.send(60, level=level)
    raised = machine.transitions[-1]
    assert (raised.alarm, raised.phase, raised.severity) == (Alarm.FUEL_THEFT, Phase.ACTIVE, Severity.MAJOR)
    assert raised.evidence == {
        "reason": "fuel_theft",
        "lost": 100,
        "level_before": 600,
        "level": 500,
        "burnt": 0,
    }


def test_less_than_five_percent_or_a_single_low_reading_is_not():
    machine = parked()
    for level in (551, 551, 551, 300, 600, 300, 600):
        machine.send(60, level=level)
    assert machine.raised == []


def test_thirty_percent_is_critical():
    machine = parked()
    for _ in range(3):
        machine.send(60, level=300)
    assert machine.raised == [Severity.CRITICAL]


def test_it_is_found_after_an_outage():
    machine = parked()
    machine.send(2 * DAY_S, level=200)
    for _ in range(2):
        machine.send(60)
    assert machine.raised == [Severity.CRITICAL]


def test_slow_drops_over_a_night_add_up():
    machine = parked()
    for _ in range(60):
        machine.send(600, level=machine.now.level - 1)
    assert machine.raised == [Severity.MAJOR]


def test_work_explains_what_the_engine_burns():
    machine = parked(1000)
    working(machine, 20 * 60, noise=25)
    assert machine.transitions == []


def test_a_drop_faster_than_burn_is_theft():
    machine = parked(1000)
    working(machine, 3 * 60)
    stolen = machine.now.level - 150
    for _ in range(3):
        machine.send(60, level=stolen, fuel=machine.now.fuel + 2)
    assert machine.raised == [Severity.MAJOR]


def test_with_the_engine_on_and_the_tank_unknown_nothing_is_said():
    machine = parked(1000, tank=None)
    for level in (900, 700, 500, 300):
        machine.send(600, level=level, engine=True, hours=machine.now.hours + 16)
    assert machine.transitions == []


def test_after_work_that_nobody_reported_the_level_counts_anew():
    machine = parked(600)
    for _ in range(5):
        machine.send(600, level=590, hours=machine.now.hours + (2 if machine.now.level == 600 else 0))
    for _ in range(3):
        machine.send(60, level=545)
    assert machine.transitions == []
    for _ in range(3):
        machine.send(60, level=535)
    assert machine.raised == [Severity.MAJOR]


def test_filling_up_is_noticed_so_that_a_theft_after_it_counts():
    machine = parked(300)
    for level in (900, 900, 900, 800, 800, 800):
        machine.send(60, level=level)
    assert machine.raised == [Severity.MAJOR]
    assert machine.transitions[-1].evidence["level_before"] == 900


def test_a_single_high_reading_is_no_filling():
    machine = parked(600)
    for level in (900, 600, 600, 600, 600):
        machine.send(60, level=level)
    assert machine.transitions == []


def test_a_single_high_reading_hides_no_theft():
    machine = parked(600)
    for level in (560, 560, 900, 560, 545, 545, 545):
        machine.send(60, level=level)
    assert machine.raised == [Severity.MAJOR]


@pytest.mark.parametrize("offset", [0, 7, 14, 21, 28])
def test_a_theft_at_work_over_twenty_minutes_is_found_whenever_it_begins(offset: int):
    machine = parked(1000)
    working(machine, 90 + offset)
    for _ in range(20):
        machine.send(60, level=machine.now.level - 8, fuel=machine.now.fuel + 2)
    for _ in range(3):
        machine.send(60, fuel=machine.now.fuel + 2)
    assert machine.raised == [Severity.MAJOR]


def test_a_second_theft_is_measured_from_after_the_first_and_worsens():
    machine = parked()
    for level in (500, 500, 500, 450, 450, 450, 150, 150, 150):
        machine.send(60, level=level)
    assert machine.raised == [Severity.MAJOR, Severity.CRITICAL]
    assert machine.transitions[-1].evidence["level_before"] == 450


def test_it_is_over_a_day_after_the_last_loss_and_signed():
    machine = parked()
    for _ in range(3):
        machine.send(60, level=500)
    for _ in range(24):
        machine.send(HOUR_S - 1)
    machine.seal()
    assert machine.transitions[-1].phase is Phase.ACTIVE
    machine.send(30)
    machine.seal()
    assert machine.transitions[-1].phase is Phase.CLEARED


@pytest.mark.parametrize(("litres", "raised"), [(38, []), (48, [Severity.MAJOR])])
def test_at_work_a_tenth_of_the_tank_must_be_missing_beyond_what_the_counter_may_hide(litres: int, raised: list):
    machine = parked(1000)
    working(machine, 90)
    level = machine.now.level - litres * 10 * 1000 // TANK
    for _ in range(4):
        machine.send(60, level=level, fuel=machine.now.fuel + 2)
    assert machine.raised == raised


def test_without_a_level_sensor_there_is_nothing_to_say():
    machine = Machine(only=Alarm.FUEL_THEFT, context=Context(tank=TANK))
    for _ in range(10):
        machine.send(60, level=None)
    assert machine.transitions == []
    assert machine.state.screen is not None
