"""Tampering: fork, bad signatures, power cut, antenna, jamming."""

import pytest

from backend.telemetry.alarms import Alarm, Phase, Severity
from backend.telemetry.rules.input import Breach
from tests.backend.telemetry.rules.machine import BEGIN, DAY_S, HOUR_S, YARD, Machine


@pytest.fixture
def machine() -> Machine:
    machine = Machine(only=Alarm.TAMPER)
    for _ in range(3):
        machine.send()
    return machine


@pytest.mark.parametrize(("reason", "severity", "days"), [("fork", "CRITICAL", 7), ("bad_signature", "MAJOR", 1)])
def test_a_breach_is_told_at_once_and_is_over_when_it_does_not_come_again(
    machine: Machine, reason: str, severity: str, days: int
):
    (raised,) = machine.tell(Breach(reason, BEGIN + 77))
    assert (raised.alarm, raised.severity, raised.at) == (Alarm.TAMPER, Severity[severity], BEGIN + 77)
    assert raised.evidence == {"reason": reason, "count": 1}
    machine.run(days * DAY_S - 600)
    machine.seal()
    assert len(machine.transitions) == 1
    machine.send(600)
    assert len(machine.transitions) == 1
    machine.seal()
    assert machine.transitions[-1].phase is Phase.CLEARED


def test_a_breach_before_any_record_counts():
    machine = Machine(only=Alarm.TAMPER)
    machine.tell(Breach("fork", BEGIN))
    assert machine.raised == [Severity.CRITICAL]


def test_a_second_breach_starts_the_time_anew(machine: Machine):
    machine.tell(Breach("bad_signature", BEGIN))
    machine.run(20 * HOUR_S)
    machine.tell(Breach("bad_signature", machine.now.at))
    machine.run(20 * HOUR_S)
    machine.seal()
    assert len(machine.transitions) == 1


def test_a_power_cut_is_a_warning_after_5_minutes_and_major_after_a_day(machine: Machine):
    machine.run(5 * 60 + 60, every_s=60, power=False)
    assert machine.raised == [Severity.WARN]
    assert machine.transitions[-1].evidence == {"reason": "power_cut", "cut_s": 300, "cut_running_s": 0}
    machine.run(DAY_S, power=False)
    assert machine.raised == [Severity.WARN, Severity.MAJOR]


def test_a_power_cut_with_the_engine_running_is_major_after_a_minute(machine: Machine):
    machine.run(180, every_s=60, power=False, engine=True)
    assert machine.raised == [Severity.MAJOR]


@pytest.mark.parametrize("part", ["power", "antenna"])
def test_a_loose_contact_is_no_alarm(machine: Machine, part: str):
    for _ in range(100):
        machine.send(60, **{part: False})
        machine.send(60)
        machine.send(60, **{part: True})
    assert machine.raised == []


def test_an_antenna_is_off_after_three_records_over_120_seconds(machine: Machine):
    machine.send(60, antenna=False)
    machine.send(60)
    assert machine.raised == []
    machine.send(60)
    assert machine.raised == [Severity.MAJOR]
    machine.run(4 * HOUR_S)
    assert machine.raised == [Severity.MAJOR, Severity.CRITICAL]


def test_jamming_is_no_position_for_long_with_the_engine_on(machine: Machine):
    machine.send(60, engine=True, fix=None)
    machine.run(4 * HOUR_S, every_s=60, engine=True, fix=None)
    assert machine.raised == [Severity.WARN, Severity.MAJOR]
    assert machine.transitions[0].phase is Phase.PENDING
    assert [each.evidence.get("blind_s") for each in machine.transitions] == [900, 1_800, 14_400]


@pytest.mark.parametrize("poor", [{"accuracy": 1_001}, {"satellites": 3}, {"latitude": 0}, {"longitude": 0}])
def test_fixes_that_cannot_be_believed_are_no_position(machine: Machine, poor: dict[str, int]):
    machine.send(60, engine=True)
    machine.run(1_800, every_s=60, fix=YARD._replace(**poor))
    assert machine.raised == [Severity.WARN]


def test_an_hour_of_travel_without_position_is_major(machine: Machine):
    machine.send(60, engine=True, fix=None)
    machine.run(HOUR_S, every_s=60, engine=True, fix=None, speed=60)
    assert machine.raised == [Severity.WARN, Severity.MAJOR]


def test_a_silence_is_not_time_without_a_position(machine: Machine):
    machine.send(60, engine=True, fix=None)
    for _ in range(10):
        machine.send(HOUR_S)
    assert machine.transitions == []


def test_parked_in_a_hall_is_not_jammed(machine: Machine):
    machine.run(DAY_S, fix=None)
    assert machine.transitions == []


def test_the_alarm_is_as_grave_as_its_gravest_reason_and_falls_with_it(machine: Machine):
    machine.tell(Breach("bad_signature", BEGIN))
    machine.run(600, every_s=60, power=False)
    machine.run(DAY_S - 1_200, power=False)
    machine.seal()
    assert machine.raised == [Severity.MAJOR]
    machine.run(600, power=False)
    machine.seal()
    assert machine.raised == [Severity.MAJOR, Severity.WARN]
    assert machine.transitions[-1].evidence["reason"] == "power_cut"
    machine.run(600, every_s=60, power=True)
    machine.seal()
    assert machine.transitions[-1].phase is Phase.CLEARED
