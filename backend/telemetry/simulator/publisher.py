"""Simulated devices at a real broker: each under its own name, in step with the clock or ahead of it."""

import time
from collections.abc import Mapping
from typing import NamedTuple

import structlog

from backend import strictjson
from backend.telemetry import topics
from backend.telemetry.link import Link
from backend.telemetry.simulator.device import Device
from backend.telemetry.simulator.fleet import Fleet
from backend.telemetry.topics import Kind

TELL_EVERY_S = 10.0

log = structlog.get_logger(__name__)


class Pace(NamedTuple):
    """Simulated time: `start` at second `began` of the clock, from then on `speed` times as fast, until it has caught
    up with the clock. Devices never say that they are in the future, for nobody would believe them."""

    start: int
    began: float
    speed: float = 1.0

    def at(self, clock: float) -> int:
        return int(min(self.start + self.speed * (clock - self.began), clock))


class Publisher:
    """`step` sends what is due; `links` by machine, open, each subscribed to its machine's commands."""

    def __init__(self, fleet: Fleet, links: Mapping[int, Link], party: int, pace: Pace) -> None:
        self.fleet, self._links, self._party, self._pace = fleet, links, party, pace
        self._told_at = 0.0
        self.sent = 0

    def step(self, clock: float | None = None) -> None:
        """Obey commands, then send everything up to now."""
        clock = time.time() if clock is None else clock
        for machine, link in self._links.items():
            self._obey(machine, link)
        for each in self.fleet.messages(self._pace.at(clock) + 1):
            self._links[each.machine].publish(topics.topic(self._party, each.machine, each.kind), each.payload)
            self.sent += 1
        if clock - self._told_at >= TELL_EVERY_S:
            self._told_at = clock
            log.info("simulated", sent=self.sent, through=self._pace.at(clock), machines=len(self._links))

    def flush(self) -> None:
        """Until the broker has everything. Raises PublishRefused, PublishUnanswered."""
        for link in self._links.values():
            link.flush()

    def _obey(self, machine: int, link: Link) -> None:
        for message in link.receive(0):
            obey(self.fleet.devices[machine], message.payload)
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
