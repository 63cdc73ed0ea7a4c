"""The device on a machine: it measures, links its records, signs checkpoints and keeps what it cannot send."""

from collections.abc import Iterator
from hashlib import sha256
from random import Random
from typing import Any, NamedTuple

import msgspec
from coincurve import PrivateKey
from eth_account import Account

from backend.chain.eip712 import device_binding
from backend.telemetry import checkpoints
from backend.telemetry.checkpoints import Domain
from backend.telemetry.record import CHECKPOINT_RECORDS, CHECKPOINT_SECONDS, GENESIS, Checkpoint
from backend.telemetry.simulator.gps import Receiver
from backend.telemetry.simulator.incidents import Incident
from backend.telemetry.simulator.machine import Machine, Truth
from backend.telemetry.simulator.memory import Memory
from backend.telemetry.simulator.meters import Meters
from backend.telemetry.topics import Kind

CLOCK_ERRORS_S = {Incident.CLOCK_AHEAD: 7_200, Incident.CLOCK_BEHIND: -86_400}
GAPS_EVERY_S, GAP_S, LONGEST_GAP_S = 36 * 3_600, 300, 1_500
"""Times without a connection: how far apart, how long on average and at most."""
TWICE = 1 / 3_000
Reading = dict[str, Any]


class Schedule(NamedTuple):
    """Seconds between records, running (or moved) and at rest, and at most between signatures."""

    running: int = 60
    resting: int = 600
    signing: int = CHECKPOINT_SECONDS


class Identity(NamedTuple):
    """Who a device is to the chain."""

    machine: int
    epoch: int
    key: PrivateKey
    domain: Domain

    @property
    def address(self) -> str:
        return checkpoints.address_of(self.key.public_key)

    def binding(self, meter_start: int) -> str:
        """The signature that `bindDevice` of the contract takes, 0x and hex. `meter_start`: hundredths of an hour."""
        told = {"machine": self.machine, "device": self.address, "epoch": self.epoch, "meterStart": meter_start}
        data = device_binding(told, self.domain.equipment, self.domain.chain_id)
        return str(Account.sign_typed_data(self.key.secret, full_message=data).signature.to_0x_hex())


class Sent(NamedTuple):
    """A message a device sends at `at`, in seconds since 1970 by the true clock."""

    at: int
    machine: int
    kind: Kind
    payload: bytes


def device_key(seed: int, machine: int, epoch: int) -> PrivateKey:
    """Of a device that does not exist: anybody can compute it, so it must guard nothing."""
    return PrivateKey(sha256(f"heqi simulator {seed} {machine} {epoch}".encode()).digest())


class Chain:
    """Records of an epoch, each with the hash of the one before."""

    def __init__(self, sequence: int = 0, head: str = GENESIS) -> None:
        self.sequence, self.head = sequence, head
        self.last: Reading = {}

    def parted(self) -> "Chain":
        """Another chain that has the same past."""
        return Chain(self.sequence, self.head)

    def append(self, reading: Reading) -> bytes:
        """The record as it is sent."""
        self.sequence += 1
        self.last = {**reading, "sequence": self.sequence, "previous": self.head}
        payload = msgspec.json.encode(self.last)
        self.head = sha256(payload).hexdigest()
        return payload


class Link:
    """The mobile network: sometimes there is none."""

    def __init__(self, random: Random, at: int) -> None:
        self._random = random
        self._draw(at)

    def up(self, at: int) -> bool:
        while at >= self._back:
            self._draw(self._back)
        return at < self._gone

    def _draw(self, at: int) -> None:
        self._gone = at + 1 + round(self._random.expovariate(1 / GAPS_EVERY_S))
        self._back = self._gone + min(1 + round(self._random.expovariate(1 / GAP_S)), LONGEST_GAP_S)


class Device:
    """Of one machine and epoch. `report` is due at `next_at`."""

    def __init__(self, identity: Identity, machine: Machine, schedule: Schedule, random: Random) -> None:
        self.identity, self.machine = identity, machine
        self.next_at = machine.at
        self._schedule, self._random = schedule, random
        self._receiver = Receiver(random, machine.at)
        self._meters = Meters(random, machine.truth())
        self._link = Link(random, machine.at)
        self._chain = Chain()
        self._clone: Chain | None = None
        self._kept: list[bytes] = []
        # The first record after a start is signed: whoever waits for the machine hears of it at once.
        self._signed_sequence, self._signed_at = 0, machine.at - schedule.signing

    @property
    def hours(self) -> int:
        """What the hour meter shows, in hundredths of an hour."""
        return self._meters.hours

    def memory(self) -> Memory:
        truth, meters, chain = self.machine.truth(), self._meters, self._chain
        place = self.machine.place.real, self.machine.place.imag
        figures = truth.at, truth.hours, truth.fuel, truth.level, *place
        return Memory(*figures, chain.sequence, chain.head, meters.hours_off, meters.fuel_off)

    def restore(self, memory: Memory) -> None:
        """Go on from there; what was kept for sending is lost."""
        self.machine.restore(memory)
        self._chain = Chain(memory.sequence, memory.head)
        self._meters = Meters(self._random, self.machine.truth(), memory.hours_off, memory.fuel_off)
        self._signed_sequence = memory.sequence

    def report(self) -> Iterator[Sent]:
        """One record, and whatever else is due with it."""
        before, at = self.machine.under_way, self.next_at
        self.machine.advance(at)
        under_way, truth = self.machine.under_way, self.machine.truth()
        self._meters.read(truth, before, under_way - before)
        reading = self._reading(truth, under_way)
        untouched = self._chain.parted()
        payload = self._chain.append(reading)
        yield from self._send(at, payload, connected=self._link.up(at) and Incident.OUTAGE not in under_way)
        if Incident.FORK in under_way:
            yield from self._forge(at, reading, self._clone or untouched)
        if not self._kept and self._checkpoint_due(at):
            yield self._checkpoint(at, self._chain, forged=Incident.BAD_SIGNATURE in under_way)
        interval = self._schedule.running if truth.engine or truth.speed else self._schedule.resting
        self.next_at = min(at + interval, self.machine.next_turn())

    def _reading(self, truth: Truth, under_way: frozenset[Incident]) -> Reading:
        jammed = Incident.JAMMER in under_way
        fix = None if jammed else self._receiver.fix(truth.at, self.machine.assignment.ground, truth.point)
        return {
            "v": 1,
            "machine": self.identity.machine,
            "epoch": self.identity.epoch,
            "sequence": 0,
            "at": truth.at + sum(error for incident, error in CLOCK_ERRORS_S.items() if incident in under_way),
            "fix": fix and {"lat": fix.latitude, "lon": fix.longitude, "acc": fix.accuracy, "sats": fix.satellites},
            "hours": self._meters.hours,
            "fuel": self._meters.fuel,
            "level": self._meters.level() if self.machine.assignment.model.level_sensor else None,
            "engine": truth.engine,
            "speed": round(10 * truth.speed * self._random.uniform(0.5, 1.5)),
            "power": Incident.POWER_CUT not in under_way,
            "antenna": not jammed,
        }

    def _send(self, at: int, payload: bytes, *, connected: bool) -> Iterator[Sent]:
        """Now, after whatever waits; or keep it until there is a connection. QoS 1 now and then delivers twice."""
        if not connected:
            self._kept.append(payload)
            return
        for kept in self._kept:
            yield Sent(at, self.identity.machine, Kind.BACKLOG, kept)
        self._kept.clear()
        for _ in range(2 if self._random.random() < TWICE else 1):
            yield Sent(at, self.identity.machine, Kind.RECORD, payload)

    def _forge(self, at: int, reading: Reading, clone: Chain) -> Iterator[Sent]:
        """What a second device with the same key tells at the same time, on a chain that parts here."""
        first, self._clone = self._clone is None, clone
        yield Sent(at, self.identity.machine, Kind.RECORD, clone.append({**reading, "engine": False, "speed": 0}))
        if first:
            yield self._checkpoint(at, clone)

    def _checkpoint_due(self, at: int) -> bool:
        return (
            self._chain.sequence - self._signed_sequence >= CHECKPOINT_RECORDS
            or at - self._signed_at >= self._schedule.signing
        )

    def _checkpoint(self, at: int, chain: Chain, *, forged: bool = False) -> Sent:
        """Over the last record of the chain; forged, it is signed by a key that is not the device's."""
        self._signed_sequence, self._signed_at = self._chain.sequence, at
        figures = {name: chain.last[name] for name in ("machine", "epoch", "sequence", "at", "hours", "fuel")}
        key = device_key(0, self.identity.machine, 0) if forged else self.identity.key
        signature = checkpoints.sign(self.identity.domain, Checkpoint(**figures, head=chain.head, signature=""), key)
        payload = msgspec.json.encode({"v": 1, **figures, "head": chain.head, "signature": signature})
        return Sent(at, self.identity.machine, Kind.CHECKPOINT, payload)
