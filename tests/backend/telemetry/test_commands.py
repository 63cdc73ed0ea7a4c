"""What the chain says of locks is what devices are told."""

from dataclasses import dataclass, field

from backend.config import SHARDS
from backend.telemetry.checkpoints import Domain
from backend.telemetry.commands import Commands
from backend.telemetry.registry import Machine, Window
from backend.telemetry.simulator.fleet import draw_assignment, draw_device, draw_identity
from backend.telemetry.simulator.publisher import obey

NOW = 1_800_000_000


@dataclass
class Told:
    """A registry of one machine, and what was published for it."""

    machine: Machine
    sent: list[tuple[str, bytes]] = field(default_factory=list)

    def machines(self) -> list[Machine]:
        return [self.machine]

    def commands(self, shards: range = range(SHARDS)) -> Commands:
        return Commands(self, shards, lambda topic, payload: self.sent.append((topic, payload)))  # type: ignore[arg-type]


def locked(*windows: Window, id_: int = 7) -> Told:
    return Told(Machine(id_, 3, (), locks=windows))


def test_a_lock_and_its_end_are_told_once_each():
    told = locked(Window(NOW, None))
    commands = told.commands()
    for _ in range(3):
        commands.step(NOW + 1)
    told.machine = Machine(7, 3, (), locks=(Window(NOW, NOW + 60),))
    for _ in range(3):
        commands.step(NOW + 61)
    topic = "heqi/1/p3/s07/m7/command"
    assert told.sent == [(topic, b'{"v":1,"command":"lock"}'), (topic, b'{"v":1,"command":"unlock"}')]


def test_a_device_obeys_what_it_is_told():
    told = locked(Window(NOW, None))
    commands = told.commands()
    commands.step(NOW)
    identity = draw_identity(1, 7, Domain(417417, "0x" + "11" * 20))
    device = draw_device(1, identity, draw_assignment(1, 7), NOW)
    obey(device, told.sent[0][1])
    assert device.machine.locked
    told.machine = Machine(7, 3, (), locks=(Window(NOW, NOW + 60),))
    commands.step(NOW + 60)
    obey(device, told.sent[1][1])
    assert not device.machine.locked


def test_after_a_restart_a_machine_that_was_ever_locked_is_told_how_it_stands():
    told = locked(Window(NOW, NOW + 60))
    told.commands().step(NOW + 3_600)
    assert [payload for _, payload in told.sent] == [b'{"v":1,"command":"unlock"}']


def test_a_machine_that_was_never_locked_is_told_nothing():
    told = locked()
    told.commands().step(NOW)
    assert told.sent == []


def test_each_consumer_tells_the_machines_of_its_shards_alone():
    told = locked(Window(NOW, None))
    told.commands(range(8, 16)).step(NOW)
    assert told.sent == []
    told.commands(range(7, 8)).step(NOW)
    assert len(told.sent) == 1
