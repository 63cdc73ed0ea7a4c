"""Idle: less than 0.1 h in 24 h while online; 24 / 72 / 168 h; clears at 0.5 h; paused for standby and lock."""

from backend.telemetry.alarms import Alarm, Phase, Severity
from backend.telemetry.rules.context import FOREVER, Context, Pause
from tests.backend.telemetry.rules.machine import BEGIN, DAY_S, HOUR_S, Machine


def idle_for(seconds: int, **options) -> Machine:
    machine = Machine(only=Alarm.IDLE, **options)
    machine.send(0)
    machine.run(seconds)
    return machine


def test_a_machine_that_stands_for_24_hours_online_is_idle():
    machine = idle_for(24 * HOUR_S - 600)
    assert machine.transitions == []
    (raised,) = machine.send(600)
    assert (raised.alarm, raised.phase, raised.severity) == (Alarm.IDLE, Phase.ACTIVE, Severity.WARN)
    assert raised.at == BEGIN + 24 * HOUR_S
    assert raised.evidence == {"reason": "idle", "worked": 0, "idle_s": 24 * HOUR_S}


def test_it_is_graver_after_72_and_168_hours():
    machine = idle_for(10 * DAY_S)
    assert [(each.severity, each.at - BEGIN) for each in machine.transitions] == [
        (Severity.WARN, 24 * HOUR_S),
        (Severity.MAJOR, 72 * HOUR_S),
        (Severity.CRITICAL, 168 * HOUR_S),
    ]


def test_a_tenth_of_an_hour_in_24_hours_is_work_and_less_is_not():
    for worked, alarms in ((10, 0), (9, 1)):
        machine = Machine(only=Alarm.IDLE)
        machine.send(0)
        machine.run(12 * HOUR_S)
        machine.send(600, hours=machine.now.hours + worked)
        machine.run(12 * HOUR_S)
        assert len(machine.transitions) == alarms


def test_it_clears_at_half_an_hour_of_work_once_that_is_signed():
    machine = idle_for(24 * HOUR_S)
    assert machine.send(1_800, hours=machine.now.hours + 49) == []
    assert machine.seal() == []
    assert machine.send(60, hours=machine.now.hours + 1) == []
    (cleared,) = machine.seal()
    assert (cleared.alarm, cleared.phase, cleared.severity) == (Alarm.IDLE, Phase.CLEARED, Severity.CLEAR)
    assert cleared.sequence == machine.now.sequence
    assert cleared.evidence["worked"] == 50


def test_time_offline_is_not_idle_time():
    machine = Machine()
    machine.send(0)
    for _ in range(10):
        machine.run(2 * HOUR_S)
        machine.send(HOUR_S + 1)
    assert machine.transitions == []
    machine.run(4 * HOUR_S)
    assert len(machine.transitions) == 1


def test_agreed_standby_and_lock_pause_it():
    context = Context(pauses=(Pause(BEGIN, BEGIN + 5 * DAY_S), Pause(BEGIN + 6 * DAY_S - HOUR_S, FOREVER)))
    machine = idle_for(8 * DAY_S, context=context)
    assert machine.transitions == []
    context = Context(pauses=(Pause(BEGIN, BEGIN + 5 * DAY_S), Pause(BEGIN + 6 * DAY_S, FOREVER)))
    machine = idle_for(8 * DAY_S, context=context)
    assert [each.severity for each in machine.transitions] == [Severity.WARN]
    assert machine.transitions[0].at == BEGIN + 6 * DAY_S


def test_an_engine_that_runs_with_a_stuck_meter_is_not_idle():
    machine = Machine()
    machine.send(0, engine=True)
    machine.run(5 * DAY_S, engine=True, hours=machine.now.hours)
    assert {each.alarm for each in machine.transitions} == {Alarm.HOUR_METER}


def test_half_an_hour_of_work_starts_the_ladder_anew():
    machine = idle_for(71 * HOUR_S)
    machine.send(600, hours=machine.now.hours + 50)
    machine.seal()
    machine.run(23 * HOUR_S)
    assert [each.severity for each in machine.transitions] == [Severity.WARN, Severity.CLEAR]
    machine.run(2 * HOUR_S)
    assert machine.transitions[-1].severity == Severity.WARN
