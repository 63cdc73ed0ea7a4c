"""Which positions are believed. Case 38: GPS that lies raises no false alarm, and hides no escape."""

import random

import pytest

from backend.telemetry.alarms import Alarm, Phase, Severity
from backend.telemetry.record import Fix
from tests.backend.telemetry.rules.machine import YARD, Machine, moved, square

BAD = {
    "zero": Fix(0, 0, 20, 9),
    "latitude zero": YARD._replace(latitude=0),
    "longitude zero": YARD._replace(longitude=0),
    "one axis twice": YARD._replace(longitude=YARD.latitude),
    "inaccurate": moved(north_m=50_000)._replace(accuracy=1_001),
    "few satellites": moved(north_m=50_000)._replace(satellites=3),
    "beyond the pole": YARD._replace(latitude=900_000_001),
    "beyond the antimeridian": YARD._replace(longitude=1_800_000_001),
    "none": None,
}


@pytest.fixture
def machine() -> Machine:
    machine = Machine(annex=square(1_000))
    for _ in range(5):
        machine.send()
    return machine


@pytest.mark.parametrize("name", BAD)
def test_case_38_a_bad_fix_is_no_false_alarm(machine: Machine, name: str):
    for _ in range(60):
        machine.send(10, fix=BAD[name], engine=True)
        machine.send(10, fix=BAD[name])
        machine.send(10, fix=YARD)
    assert machine.transitions == []


@pytest.mark.parametrize("name", BAD)
def test_case_38_bad_fixes_between_good_ones_hide_no_escape(machine: Machine, name: str):
    machine.send(600, fix=moved(north_m=1_500))
    for _ in range(10):
        machine.send(60, fix=BAD[name])
        machine.send(60, fix=moved(north_m=1_500))
    assert machine.raised[0] is Severity.MAJOR


def test_case_38_a_teleport_is_no_alarm(machine: Machine):
    for _ in range(50):
        machine.send(30, fix=moved(north_m=40_000))
        machine.send(30, fix=moved(north_m=-30_000, east_m=20_000))
        machine.send(30, fix=YARD)
    assert machine.transitions == []


def test_case_38_leaps_to_ever_other_places_are_never_believed(machine: Machine):
    for north_m, east_m in ((40_000, 0), (-30_000, 0), (0, 50_000), (-20_000, 20_000), (0, -60_000)):
        machine.send(30, fix=moved(north_m=north_m, east_m=east_m))
    assert machine.state.latitude == YARD.latitude
    machine.send(30, fix=YARD)
    assert machine.transitions == []


def test_case_38_a_teleport_within_the_region_is_not_believed():
    machine = Machine(annex=square(50_000))
    for _ in range(5):
        machine.send(60, engine=True)
    machine.send(60, fix=moved(north_m=5_000))
    assert machine.state.latitude == YARD.latitude


def test_case_38_a_jump_that_lasts_is_believed_and_no_escape_is_missed(machine: Machine):
    for _ in range(2):
        machine.send(30, fix=moved(north_m=40_000))
    assert machine.transitions == []
    for _ in range(8):
        machine.send(30, fix=moved(north_m=40_000))
    assert machine.raised == [Severity.CRITICAL]


def test_case_38_a_wrong_first_fix_keeps_no_true_one_out():
    machine = Machine(annex=square(1_000))
    machine.send(fix=moved(north_m=-90_000))
    for _ in range(40):
        machine.send(fix=YARD)
    assert machine.raised == []
    assert machine.state.latitude == YARD.latitude


def test_case_38_a_truck_at_90_km_h_is_no_teleport(machine: Machine):
    for step in range(1, 40):
        machine.send(60, fix=moved(north_m=1_500 * step), engine=True)
    assert machine.raised == [Severity.MAJOR, Severity.CRITICAL]


def test_case_38_multipath_inside_the_fence_is_no_alarm():
    machine = Machine(annex=square(1_000))
    dice = random.Random(38)
    for _ in range(3_000):
        metres = dice.gauss(0, 30) if dice.random() < 0.9 else dice.uniform(-300, 300)
        machine.send(10, fix=moved(north_m=960 + metres)._replace(accuracy=100))
    assert machine.raised == []


def test_case_38_no_fix_with_the_engine_on_is_no_alarm_for_a_while_and_jamming_later(machine: Machine):
    machine.send(60, engine=True)
    for _ in range(29):
        machine.send(60, fix=None, hours=machine.now.hours + 1)
    assert machine.raised == []
    machine.send(60, hours=machine.now.hours + 1)
    (alarm,) = (each for each in machine.transitions if each.phase is Phase.ACTIVE)
    assert (alarm.alarm, alarm.severity, alarm.evidence["reason"]) == (Alarm.TAMPER, Severity.WARN, "jamming")


def test_case_38_where_a_machine_comes_out_of_the_dark_outside_it_has_escaped(machine: Machine):
    machine.send(60, engine=True, speed=300)
    for _ in range(60):
        machine.send(60, fix=None, hours=machine.now.hours + 1)
    for _ in range(3):
        machine.send(60, fix=moved(north_m=30_000), hours=machine.now.hours + 1)
    found = {each.alarm: each.severity for each in machine.transitions if each.phase is Phase.ACTIVE}
    assert found == {Alarm.TAMPER: Severity.MAJOR, Alarm.REGION: Severity.CRITICAL}
