"""Devices for the tests of the intake: what they send, as they send it."""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import count

from coincurve import PrivateKey
from sqlalchemy import Engine

from backend.telemetry import checkpoints, topics
from backend.telemetry.checkpoints import Domain
from backend.telemetry.consumer import Consumer
from backend.telemetry.record import GENESIS, Checkpoint, Message
from backend.telemetry.registry import Binding, Machine
from backend.telemetry.topics import Kind

DOMAIN = Domain(417417, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
START = 1_790_000_000
PARTY = 3
MINUTE = 60


class Device:
    """A device that measures once a minute; the hour meter runs with the engine."""

    def __init__(self, machine: int = 7, epoch: int = 1, hours: int = 100_000, at: int = START) -> None:
        self.machine, self.epoch, self.hours, self.fuel, self.at = machine, epoch, hours, 10 * hours, at
        self.key = PrivateKey((machine << 16 | epoch).to_bytes(32))
        self.sequence, self.head = 0, GENESIS
        self.step, self.works = 1, True
        """`step` of the hour meter, in hundredths of an hour."""
        self._fractions = count(1)

    @property
    def address(self) -> str:
        return checkpoints.address_of(self.key.public_key)

    @property
    def shown(self) -> int:
        return self.hours // self.step * self.step

    @property
    def binding(self) -> Binding:
        return Binding(self.epoch, self.address, self.hours, self.at)

    def payload(self, **changed: object) -> bytes:
        """The next record, one minute later; `changed` replaces keys of it."""
        self.sequence += 1
        self.at += MINUTE
        grown = 2 if next(self._fractions) % 3 else 1  # 5 in three minutes: 1/60 h each
        self.hours += grown if self.works else 0
        self.fuel += 3
        record = {
            "v": 1,
            "machine": self.machine,
            "epoch": self.epoch,
            "sequence": self.sequence,
            "at": self.at,
            "fix": {"lat": 395_000_000, "lon": 1_163_000_000, "acc": 25, "sats": 9},
            "hours": self.shown,
            "fuel": self.fuel,
            "level": 655,
            "engine": self.works,
            "speed": 12,
            "power": True,
            "antenna": True,
            "previous": self.head,
        } | changed
        sent = json.dumps(record, separators=(",", ":")).encode()
        self.head = sha256(sent).hexdigest()
        return sent

    def record(self, kind: Kind = Kind.RECORD, **changed: object) -> Message:
        return self.message(self.payload(**changed), kind)

    def records(self, number: int, kind: Kind = Kind.RECORD) -> list[Message]:
        return [self.record(kind) for _ in range(number)]

    def checkpoint(self, key: PrivateKey | None = None, **changed: object) -> Message:
        """Over the last record, signed by the device or by another key."""
        figures = {
            "machine": self.machine,
            "epoch": self.epoch,
            "sequence": self.sequence,
            "at": self.at,
            "hours": self.shown,
            "fuel": self.fuel,
            "head": self.head,
        } | changed
        unsigned = Checkpoint(**figures, signature="")  # type: ignore[arg-type]
        signature = checkpoints.sign(DOMAIN, unsigned, key or self.key)
        sent = json.dumps({"v": 1, **figures, "signature": signature}, separators=(",", ":")).encode()
        return self.message(sent, Kind.CHECKPOINT)

    def message(self, payload: bytes, kind: Kind = Kind.RECORD) -> Message:
        return Message(topics.topic(PARTY, self.machine, kind), payload, self.at + 1)


def registered(*devices: Device) -> Machine:
    """The machine that was bound to these devices, one after the other, as they are now."""
    return Machine(devices[0].machine, PARTY, tuple(device.binding for device in devices))


class Bound:
    """A registry of machines that are known from the start."""

    def __init__(self, *machines: Machine) -> None:
        self.known = {machine.id: machine for machine in machines}
        self.asked = 0

    def refresh(self) -> bool:
        self.asked += 1
        return True

    def machine(self, machine: int) -> Machine | None:
        return self.known.get(machine)

    def machines(self) -> Iterable[Machine]:
        return self.known.values()


class Broker:
    """A source that brings batches, and all that was not acknowledged again after a break."""

    def __init__(self, batches: Iterable[Sequence[Message]] = ()) -> None:
        self.waiting = [list(batch) for batch in batches if batch]
        self.given: list[list[Message]] = []

    def receive(self, timeout: float) -> list[Message]:
        if not self.waiting:
            return []
        self.given.append(self.waiting.pop(0))
        return self.given[-1]

    def acknowledge(self) -> None:
        self.given = []

    def broken(self) -> "Broker":
        """The same after the connection was lost."""
        return Broker([*self.given, *self.waiting])


def run(engine: Engine, registry: Bound, batches: Iterable[Sequence[Message]]) -> Consumer:
    """A consumer that has taken all batches."""
    source = Broker(batches)
    consumer = Consumer(engine, source, registry, DOMAIN)
    while consumer.step(0):
        pass
    return consumer
