"""Many machines at once: what they send, in order of time."""

import heapq
from collections.abc import Iterable, Iterator
from random import Random

from backend.telemetry.checkpoints import Domain
from backend.telemetry.simulator.device import Device, Identity, Schedule, Sent, device_key
from backend.telemetry.simulator.incidents import Scripted
from backend.telemetry.simulator.machine import Assignment, Machine
from backend.telemetry.simulator.memory import Memory
from backend.telemetry.simulator.models import MODELS
from backend.telemetry.simulator.shifts import ROSTERS
from backend.telemetry.simulator.sites import draw_ground


class Fleet:
    """Devices by machine. They go on where they stand; who asks for messages bit by bit gets the same ones."""

    def __init__(self, devices: Iterable[Device]) -> None:
        self.devices = {device.identity.machine: device for device in devices}
        self._due = [(device.next_at, machine) for machine, device in self.devices.items()]
        heapq.heapify(self._due)

    def messages(self, until: int) -> Iterator[Sent]:
        """All that is sent before that second, in order."""
        while self._due and self._due[0][0] < until:
            machine = self._due[0][1]
            device = self.devices[machine]
            yield from device.report()
            heapq.heapreplace(self._due, (device.next_at, machine))


def draw_identity(seed: int, machine: int, domain: Domain, epoch: int = 1) -> Identity:
    return Identity(machine, epoch, device_key(seed, machine, epoch), domain)


def draw_assignment(seed: int, machine: int, scripts: Iterable[Scripted] = ()) -> Assignment:
    """Of a machine, whatever others the fleet has."""
    random = Random(f"{seed} {machine} assignment")  # noqa: S311
    return Assignment(random.choice(MODELS), random.choice(ROSTERS), draw_ground(random), tuple(scripts))


def draw_device(
    seed: int,
    identity: Identity,
    assignment: Assignment,
    start: int,
    schedule: Schedule | None = None,
    *,
    memory: Memory | None = None,
) -> Device:
    """A device that begins to report at `start`, by default as often as `Schedule` says; or goes on where it stood."""
    random = Random(f"{seed} {identity.machine} {identity.epoch}")  # noqa: S311
    machine = Machine(assignment, random, max(start, memory.at + 1) if memory else start)
    device = Device(identity, machine, schedule or Schedule(), random)
    if memory:
        device.restore(memory)
    return device
