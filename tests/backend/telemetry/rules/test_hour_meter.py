"""The hour meter: back, faster than time, stuck; a new device begins anew. Case 39."""

import pytest

from backend.telemetry.alarms import Alarm, Phase, Severity
from tests.backend.telemetry.rules.machine import DAY_S, HOUR_S, Machine


@pytest.fixture
def machine() -> Machine:
    machine = Machine(only=Alarm.HOUR_METER)
    machine.send(0, engine=True)
    for _ in range(10):
        work(machine, 60)
    return machine


def work(machine: Machine, seconds: int, **values) -> None:
    """A record after so long, the meter and the counter moving as they should."""
    ran = (machine.now.at % 36 + seconds) // 36
    machine.send(seconds, **({"hours": machine.now.hours + ran, "fuel": machine.now.fuel + seconds // 240} | values))


def test_case_39_a_meter_that_goes_back_is_critical_at_once(machine: Machine):
    machine.send(60, hours=machine.now.hours - 1)
    (raised,) = machine.transitions
    assert (raised.alarm, raised.phase, raised.severity) == (Alarm.HOUR_METER, Phase.ACTIVE, Severity.CRITICAL)
    assert raised.evidence == {
        "reason": "rollback",
        "back": 1,
        "top": machine.now.hours + 1,
        "shown": machine.now.hours,
    }


def test_case_39_it_stays_until_three_signed_records_are_above_what_it_showed(machine: Machine):
    top = machine.now.hours
    machine.send(60, hours=top - 5_000)
    for hours in (top - 1, top - 1, top, top + 1):
        machine.send(HOUR_S, hours=hours)
    machine.seal()
    assert len(machine.transitions) == 1
    machine.send(60, hours=top + 2)
    machine.seal()
    assert machine.transitions[-1].phase is Phase.CLEARED


def test_case_39_coming_back_from_a_rollback_is_not_too_fast(machine: Machine):
    top = machine.now.hours
    machine.send(60, hours=0)
    machine.send(60, hours=top + 2)
    assert {each.evidence["reason"] for each in machine.transitions} == {"rollback"}


def test_case_39_a_fuel_counter_that_goes_back_is_major(machine: Machine):
    machine.send(60, fuel=machine.now.fuel - 1)
    assert machine.raised == [Severity.MAJOR]
    assert machine.transitions[0].evidence["reason"] == "fuel_rollback"


def test_case_39_a_fuel_counter_that_starts_again_from_zero_is_a_rollback(machine: Machine):
    work(machine, 60, fuel=0)
    work(machine, 60, fuel=0)
    assert machine.transitions == []
    work(machine, 60, fuel=5)
    assert machine.raised == [Severity.MAJOR]


@pytest.mark.parametrize(("extra", "raised"), [(10, []), (11, [Severity.MAJOR])])
def test_case_39_hours_may_outrun_time_by_a_tenth_of_an_hour(extra: int, raised: list[Severity]):
    machine = Machine(only=Alarm.HOUR_METER)
    machine.send(0, engine=True)
    machine.send(3_600, hours=machine.now.hours + 102 + extra)
    assert machine.raised == raised


def test_case_39_small_steps_that_each_would_pass_add_up():
    machine = Machine(only=Alarm.HOUR_METER)
    machine.send(0, engine=True)
    for _ in range(30):
        machine.send(36, hours=machine.now.hours + 2)
    assert machine.raised == [Severity.MAJOR]


def test_case_39_two_percent_fast_is_within_what_meters_do():
    machine = Machine(only=Alarm.HOUR_METER)
    machine.send(0, engine=True)
    for _ in range(500):
        machine.send(3_600, hours=machine.now.hours + 102)
    assert machine.transitions == []


def test_case_39_too_fast_is_over_after_a_day_without(machine: Machine):
    machine.send(60, hours=machine.now.hours + 50)
    for _ in range(23):
        work(machine, HOUR_S)
    machine.seal()
    assert machine.transitions[-1].phase is Phase.ACTIVE
    work(machine, HOUR_S)
    machine.seal()
    assert machine.transitions[-1].phase is Phase.CLEARED


def test_case_39_an_engine_that_runs_for_two_hours_with_the_meter_still_means_stuck(machine: Machine):
    for _ in range(120):
        machine.send(60)
    assert machine.raised == [Severity.WARN]
    assert machine.transitions[0].evidence == {"reason": "stuck", "running_s": 7_200, "hours": machine.now.hours}
    for _ in range(360):
        machine.send(60)
    assert machine.raised == [Severity.WARN, Severity.MAJOR]
    machine.send(60, hours=machine.now.hours + 1)
    machine.seal()
    assert machine.transitions[-1].phase is Phase.CLEARED


def test_case_39_a_meter_that_counts_whole_hours_is_not_stuck():
    machine = Machine(only=Alarm.HOUR_METER)
    machine.send(0, engine=True)
    for minute in range(1, 60 * 24):
        machine.send(60, hours=machine.now.hours + (100 if minute % 60 == 0 else 0))
    assert {each.evidence["reason"] for each in machine.transitions} <= {"too_fast"}


def test_case_39_what_the_engine_did_in_a_silence_is_not_known(machine: Machine):
    for _ in range(10):
        machine.send(3 * HOUR_S)
    assert machine.transitions == []


def test_case_39_an_engine_that_is_off_is_not_stuck(machine: Machine):
    machine.send(60, engine=False)
    for _ in range(400):
        machine.send(60)
    assert machine.transitions == []


def test_case_39_a_swapped_device_begins_anew_and_ends_the_old_ones_alarms(machine: Machine):
    machine.send(60, hours=machine.now.hours - 500)
    machine.now = machine.now._replace(epoch=2, sequence=0)
    machine.send(60, hours=0, fuel=0)
    assert len(machine.transitions) == 1
    machine.seal()
    assert [each.phase for each in machine.transitions] == [Phase.ACTIVE, Phase.CLEARED]
    assert machine.transitions[-1].sequence == 1
    for _ in range(60):
        work(machine, 60)
    assert len(machine.transitions) == 2


def test_case_39_a_swapped_device_that_counts_on_is_a_new_one_all_the_same(machine: Machine):
    machine.now = machine.now._replace(epoch=2)
    work(machine, 60)
    assert (machine.state.epoch, machine.state.window.hours) == (2, machine.now.hours)


def test_case_39_a_signature_of_the_old_device_clears_nothing(machine: Machine):
    machine.send(60, hours=machine.now.hours - 500)
    old = machine.checkpoint()
    machine.now = machine.now._replace(epoch=2, sequence=0)
    machine.send(60, hours=0, fuel=0)
    assert machine.tell(old, old._replace(sequence=99)) == []


def test_case_39_a_clock_set_back_does_not_make_the_meter_fast(machine: Machine):
    work(machine, 8 * HOUR_S)
    machine.send(-7 * HOUR_S, hours=machine.now.hours + 50)
    for _ in range(100):
        work(machine, 60)
    assert machine.transitions == []
    assert machine.state.clock < 8 * HOUR_S + DAY_S


def test_a_clock_set_back_stops_no_count():
    machine = Machine()
    for _ in range(3):
        machine.send()
    before = machine.state.clock
    machine.send(-100)
    assert machine.state.clock == before
    machine.send()
    assert machine.state.clock == before + 60
