"""Idle: less than 0.1 h in 24 h while online; 24 / 72 / 168 h; clears at 0.5 h; paused for standby and lock."""

from backend.telemetry.alarms import Alarm, Phase, Severity
from tests.backend.telemetry.rules.machine import BEGIN, HOUR_S, Machine


def test_a_machine_that_stands_for_24_hours_online_is_idle():
    machine = Machine()
    assert machine.run(24 * HOUR_S) == []
    (raised,) = machine.send(600)
    assert (raised.alarm, raised.phase, raised.severity) == (Alarm.IDLE, Phase.ACTIVE, Severity.WARN)
    assert raised.at == BEGIN + 600 + 24 * HOUR_S
    assert raised.evidence == {"reason": "idle", "worked": 0, "idle_s": 24 * HOUR_S}
