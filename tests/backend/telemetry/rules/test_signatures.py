"""Worse at once, better only by signature; and an alarm that comes and goes stays for a while."""

from backend.telemetry.alarms import Alarm, Phase
from backend.telemetry.rules.input import Sealed
from tests.backend.telemetry.rules.machine import HOUR_S, YARD, Machine, moved, square


def escaped() -> Machine:
    machine = Machine(only=Alarm.REGION, annex=square(100))
    machine.send(fix=YARD)
    go(machine, 300)
    return machine


def go(machine: Machine, metres: float) -> None:
    for _ in range(3):
        machine.send(60, fix=moved(north_m=metres))


def phases(machine: Machine) -> list[Phase]:
    return [each.phase for each in machine.transitions if each.phase is not Phase.PENDING]


def test_unsigned_records_raise_and_do_not_clear():
    machine = escaped()
    assert phases(machine) == [Phase.ACTIVE]
    for _ in range(100):
        machine.send(60, fix=YARD)
    assert phases(machine) == [Phase.ACTIVE]


def test_a_checkpoint_that_covers_less_does_not_clear():
    machine = escaped()
    go(machine, 0)
    assert machine.tell(Sealed(1, machine.now.sequence - 1)) == []
    assert phases(machine) == [Phase.ACTIVE]
    assert [each.phase for each in machine.seal()] == [Phase.CLEARED]


def test_a_checkpoint_that_came_before_the_records_it_covers_clears_with_them():
    machine = escaped()
    machine.tell(Sealed(1, machine.now.sequence + 3))
    go(machine, 0)
    assert phases(machine) == [Phase.ACTIVE, Phase.CLEARED]


def test_a_checkpoint_of_an_unknown_epoch_clears_nothing():
    machine = escaped()
    go(machine, 0)
    assert machine.tell(Sealed(2, 10_000)) == []


def test_what_begins_again_before_it_is_signed_never_ended():
    machine = escaped()
    go(machine, 0)
    ended = machine.checkpoint()
    machine.send(60, fix=moved(north_m=300))
    assert machine.tell(ended) == []
    machine.send(60, fix=YARD)
    assert machine.tell(ended) == []
    assert [each.phase for each in machine.seal()] == [Phase.CLEARED]


def test_an_alarm_raised_three_times_in_a_day_clears_only_after_an_hour_of_calm():
    machine = escaped()
    for _ in range(2):
        go(machine, 0)
        machine.seal()
        go(machine, 300)
    go(machine, 0)
    machine.seal()
    assert phases(machine) == [Phase.ACTIVE, Phase.CLEARED] * 2 + [Phase.ACTIVE]
    for _ in range(59):
        machine.send(60)
        machine.seal()
    assert phases(machine)[-1] is Phase.ACTIVE
    machine.send(60)
    assert phases(machine)[-1] is Phase.CLEARED


def test_three_times_in_more_than_a_day_is_no_flapping():
    machine = escaped()
    for _ in range(3):
        go(machine, 0)
        machine.seal()
        machine.run(14 * HOUR_S)
        go(machine, 300)
    go(machine, 0)
    machine.seal()
    assert phases(machine)[-1] is Phase.CLEARED


def test_what_ended_unsigned_with_an_old_device_clears_with_the_first_signature_of_the_new_one():
    machine = escaped()
    go(machine, 0)
    machine.now = machine.now._replace(epoch=2, sequence=0)
    machine.send(60, fix=YARD)
    assert phases(machine) == [Phase.ACTIVE]
    assert [each.phase for each in machine.seal()] == [Phase.CLEARED]
