"""Simulated devices at a real broker: each under its own name, in step with the clock or ahead of it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import structlog

from backend import strictjson
from backend.clock import Clock
from backend.telemetry import topics
from backend.telemetry.link import Link
from backend.telemetry.simulator.device import Device, Sent
from backend.telemetry.simulator.fleet import Fleet
from backend.telemetry.simulator.memory import Folder
from backend.telemetry.topics import Kind

TELL_EVERY_S = 10
AT_ONCE = 2_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Pace:
    """Simulated time: `start` at second `began` of the clock, from then on `speed` times as fast, until it has caught
    up with the clock. Devices never say that they are in the future, for nobody would believe them."""

    clock: Clock
    start: int
    began: int
    speed: float = 1.0

    def __call__(self) -> int:
        now = self.clock()
        return int(min(self.start + self.speed * (now - self.began), now))


class Publisher:
    """`step` sends what is due; `links` by machine, open, each subscribed to its machine's commands."""

    def __init__(self, fleet: Fleet, links: Mapping[int, Link], party: int, pace: Pace, memories: Folder) -> None:
        self._fleet, self._links, self._party, self._pace, self._memories = fleet, links, party, pace, memories
        self._tell_from = 0.0
        self.sent = 0

    def step(self) -> None:
        """Obey commands, then send everything up to now."""
        now = self._pace()
        for machine, link in self._links.items():
            self._obey(machine, link)
        due = self._fleet.messages(now + 1)
        while batch := list(islice(due, AT_ONCE)):
            self._send(batch)
        if time.monotonic() >= self._tell_from:
            self._tell_from = time.monotonic() + TELL_EVERY_S
            log.info("simulated", sent=self.sent, through=now, machines=len(self._links))

    def flush(self) -> None:
        """Until the broker has everything. Raises PublishRefused, PublishUnanswered."""
        for link in self._links.values():
            link.flush()

    def _send(self, batch: Sequence[Sent]) -> None:
        """Devices remember first, so that none of them sends another record of the same number after a crash."""
        for machine in {each.machine for each in batch}:
            self._memories.keep(machine, self._fleet.devices[machine].memory())
        for each in batch:
            self._links[each.machine].publish(topics.topic(self._party, each.machine, each.kind), each.payload)
        self.sent += len(batch)

    def _obey(self, machine: int, link: Link) -> None:
        for message in link.receive(0):
            obey(self._fleet.devices[machine], message.payload)
        link.acknowledge()


def command_topic(party: int, machine: int) -> str:
    return topics.topic(party, machine, Kind.COMMAND)


def obey(device: Device, payload: bytes) -> None:
    """`{"v":1,"command":"lock"}` or `unlock`; anything else is ignored, as a device would."""
    try:
        told = strictjson.parse(payload)
    except strictjson.JsonInvalid:
        told = None
    match told:
        case {"v": 1, "command": "lock"}:
            device.machine.lock()
        case {"v": 1, "command": "unlock"}:
            device.machine.unlock()
        case _:
            log.warning("command_ignored", machine=device.identity.machine)
