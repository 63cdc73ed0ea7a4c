"""Tow: moved with the engine off."""

import pytest

from backend.telemetry.alarms import Alarm, Phase, Severity
from tests.backend.telemetry.rules.machine import YARD, Machine, moved


@pytest.fixture
def machine() -> Machine:
    machine = Machine(only=Alarm.TOW)
    for _ in range(3):
        machine.send(60, fix=YARD)
    return machine


def test_200_m_with_the_engine_off_is_a_tow(machine: Machine):
    for _ in range(10):
        machine.send(60, fix=moved(east_m=202))
    assert machine.transitions == []
    for _ in range(2):
        machine.send(60, fix=moved(east_m=205))
    assert machine.raised == []
    machine.send(60)
    (raised,) = (each for each in machine.transitions if each.phase is Phase.ACTIVE)
    assert (raised.severity, raised.evidence["reason"]) == (Severity.WARN, "tow")
    assert raised.evidence["moved_dm"] == pytest.approx(2_050, abs=10)


def test_it_is_graver_beyond_1_and_5_km(machine: Machine):
    for metres in range(0, 6_000, 250):
        machine.send(60, fix=moved(north_m=metres))
    assert machine.raised == [Severity.WARN, Severity.MAJOR, Severity.CRITICAL]


def test_driving_is_no_tow(machine: Machine):
    for metres in range(0, 6_000, 250):
        machine.send(60, fix=moved(north_m=metres), engine=True, hours=machine.now.hours + 1)
    machine.send(60, engine=False)
    for _ in range(10):
        machine.send(60)
    assert machine.transitions == []


def test_where_the_engine_ran_between_two_reports_it_was_driven(machine: Machine):
    for _ in range(5):
        machine.send(3_600, fix=moved(north_m=3_000), hours=machine.now.hours + (50 if machine.now.fix == YARD else 0))
    assert machine.transitions == []


def test_a_tow_during_an_outage_is_found(machine: Machine):
    for _ in range(3):
        machine.send(36_000, fix=moved(north_m=30_000))
    assert machine.raised[0] is Severity.CRITICAL


def test_it_is_over_after_half_an_hour_of_rest_and_signed(machine: Machine):
    for metres in range(0, 3_000, 250):
        machine.send(60, fix=moved(north_m=metres))
    for _ in range(29):
        machine.send(60)
    machine.seal()
    assert machine.transitions[-1].phase is Phase.ACTIVE
    for _ in range(3):
        machine.send(60)
    machine.seal()
    assert machine.transitions[-1].phase is Phase.CLEARED
    for _ in range(20):
        machine.send(60)
    assert machine.transitions[-1].phase is Phase.CLEARED


def test_it_is_over_when_the_engine_runs(machine: Machine):
    for metres in range(0, 3_000, 250):
        machine.send(60, fix=moved(north_m=metres))
    for _ in range(3):
        machine.send(60, engine=True)
    assert [each.phase for each in machine.seal()] == [Phase.CLEARED]


def test_a_wrong_fix_when_the_engine_is_turned_off_is_no_tow(machine: Machine):
    machine.send(60, engine=True)
    for wrong in (300, 0, 0, 0, 300, 0):
        machine.send(60, engine=False, fix=moved(north_m=wrong))
    assert machine.raised == []


def test_a_wrong_first_fix_of_all_is_no_tow():
    machine = Machine(only=Alarm.TOW)
    for wrong in (300, 0, 0, 0, 0, 0):
        machine.send(60, fix=moved(north_m=wrong))
    assert machine.transitions == []


def test_a_tow_that_starts_when_the_engine_has_just_stopped_is_found(machine: Machine):
    machine.send(60, engine=True)
    for step in range(1, 12):
        machine.send(60, engine=False, fix=moved(north_m=150 * step))
    assert machine.raised == [Severity.WARN, Severity.MAJOR]


def test_a_machine_that_is_on_the_move_when_first_seen_is_towed():
    machine = Machine(only=Alarm.TOW)
    for step in range(10):
        machine.send(60, fix=moved(north_m=80 * step))
    assert machine.raised == [Severity.WARN]


def test_a_machine_that_drove_a_little_unseen_and_is_then_towed_is_measured_from_there(machine: Machine):
    machine.send(60, level=None)
    machine.send(600, fix=moved(north_m=60), hours=machine.now.hours + 10)
    machine.send(60)
    for _ in range(3):
        machine.send(60, fix=moved(north_m=240))
    assert machine.raised == []
    for _ in range(3):
        machine.send(60, fix=moved(north_m=300))
    assert machine.raised == [Severity.WARN]
