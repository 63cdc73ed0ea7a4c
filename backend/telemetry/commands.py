"""Locks of the chain as commands to devices: the lessor's step on chain is what stops the engine, and what lets it go.

Commands wait in the device's session while it is away, so each is sent once; after a start each machine that was ever
locked is told again how it stands, for a change may have been missed.
"""

from collections.abc import Callable, Collection, Iterable

import msgspec
import structlog

from backend.config import SHARDS
from backend.telemetry import topics
from backend.telemetry.registry import Machine, Registry, Window
from backend.telemetry.topics import Kind

Publish = Callable[[str, bytes], None]

log = structlog.get_logger(__name__)


class Commands:
    """`step` now and then; `publish(topic, payload)` gives a message to the broker."""

    def __init__(self, registry: Registry, shards: Collection[int], publish: Publish) -> None:
        self._registry, self._shards, self._publish = registry, frozenset(shards), publish
        self._told: dict[int, bool] = {}

    def step(self, now: int) -> None:
        for machine in self._own():
            locked = any(_holds(each, now) for each in machine.locks)
            if machine.locks and self._told.get(machine.id) is not locked:
                command = "lock" if locked else "unlock"
                self._publish(topics.topic(machine.party, machine.id, Kind.COMMAND), payload(command))
                self._told[machine.id] = locked
                log.info("command_sent", machine=machine.id, command=command)

    def _own(self) -> Iterable[Machine]:
        return (machine for machine in self._registry.machines() if machine.id % SHARDS in self._shards)


def _holds(window: Window, now: int) -> bool:
    return window.starts_at <= now and (window.ends_at is None or now < window.ends_at)


def payload(command: str) -> bytes:
    return msgspec.json.encode({"v": 1, "command": command})
