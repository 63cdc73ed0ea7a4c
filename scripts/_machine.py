"""A machine on its site and its lease, for the stories: a simulated device reports through the stack's own broker."""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from backend import days, store
from backend.oracle.machines.readings import ASIDE_S, GATHER_S
from backend.telemetry import checkpoints, kept, topics
from backend.telemetry.alarms import Alarm
from backend.telemetry.link import Link
from backend.telemetry.rules import annex as annexes
from backend.telemetry.rules import ruleset
from backend.telemetry.rules.annex import Annex
from backend.telemetry.simulator.device import Device, Identity, Schedule
from backend.telemetry.simulator.fleet import Fleet, draw_assignment, draw_device, draw_identity
from backend.telemetry.simulator.incidents import Scripted
from backend.telemetry.simulator.machine import Assignment
from backend.telemetry.simulator.models import MODELS
from backend.telemetry.simulator.publisher import command_topic, obey
from backend.telemetry.simulator.shifts import ROSTERS
from backend.telemetry.simulator.sites import Ground
from backend.telemetry.topics import Kind
from scripts.market import DAY_S, Market, Person, text_hash
from scripts.stack import CHAIN_ID

SEED = 20_261_122
RULES = "rules-1"
HOUR_S, QUARTER_S = 3_600, 900
STRIDE_S = 20 * HOUR_S
"""Time is moved before the machine speaks: by less than the day of silence after which it counts as offline."""
SPARSE = Schedule(running=300, resting=600)
"""Weeks of a story need no record a minute."""


@dataclass
class Machine:
    """Registered, with a device bound to it. `ground`: where it may be; `scripts`: what happens to it."""

    market: Market
    owner: Person
    number: int
    ground: Ground
    device: Device

    @cached_property
    def fleet(self) -> Fleet:
        return Fleet([self.device])

    @cached_property
    def link(self) -> Link:
        """An open connection under the machine's own name, on which it hears commands."""
        broker, user = self.market.stack.place.broker, f"m{self.number}"
        commands = command_topic(self.owner.party, self.number)
        return Link(broker.access(user, broker.admit([user])[user]), [commands]).__enter__()

    def report(self) -> None:
        """Send everything up to now, and wait until what is live and signed of it was taken in."""
        began, is_live, is_signed = self.market.now(), False, False
        for message in self.fleet.messages(began + 1):
            self.link.publish(topics.topic(self.owner.party, self.number, message.kind), message.payload)
            is_live |= message.kind is Kind.RECORD
            is_signed |= is_live and message.kind is Kind.CHECKPOINT
        self.link.flush()
        # A record counts once a checkpoint signs it, which may come with the next report.
        if is_signed:
            self.market.until("what the machine sent to be taken in", lambda: self._heard_at() >= began)

    def _heard_at(self) -> int:
        with store.reading(self.market.engine) as tx:
            return kept.heard(tx).get(self.number, 0)

    def is_locked(self) -> bool:
        """Whether the device has been told to keep the engine from starting; it obeys what came until now."""
        for message in self.link.receive(0):
            obey(self.device, message.payload)
        self.link.acknowledge()
        return self.device.machine.locked

    def leave(self) -> None:
        """Break the connection."""
        self.link.__exit__(None, None, None)

    @property
    def tenths(self) -> int:
        """Hours as the chain has them."""
        return self.reading["tenths"]

    @property
    def reading(self) -> dict[str, int]:
        found: dict[str, int] = self.market.suite.call(self.market.rpc, "DeviceOracle", "readingOf", self.number)
        return found

    @property
    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = self.market.suite.call(self.market.rpc, "DeviceOracle", "statusOf", self.number)
        return found

    def annex(self, since: int, until: int) -> Annex:
        """Rules and region of a lease, kept where the rules find them."""
        document = {
            "rules": RULES,
            "rulesHash": ruleset.load(RULES).hash,
            "region": {"polygon": self.ground.polygon(), "validFrom": since, "validThrough": until},
            "timezone": "Asia/Shanghai",
        }
        found = annexes.parse(json.dumps(document).encode())
        with store.writing(self.market.engine) as tx:
            kept.put_annex(tx, found)
        return found


@dataclass
class Lease:
    """A lease of the story, by its number on the chain."""

    market: Market
    number: int
    machine: Machine
    lessor: Person
    lessee: Person
    start: int = 0

    def read(self, contract: str, function: str) -> Any:
        return self.market.suite.call(self.market.rpc, contract, function, self.number)

    @property
    def status(self) -> int:
        return int(self.read("EquipmentLease", "leaseOf")["status"])

    @property
    def noted(self) -> int:
        """Tenths of hours that the ledger has counted."""
        return int(self.read("RentLedger", "accountOf")["tenths"])

    @property
    def owed(self) -> dict[str, int]:
        found: dict[str, int] = self.read("RentLedger", "owedOf")
        return found

    def live_until(self, day: int, seconds: int = 12 * HOUR_S) -> None:
        """Let days pass, through that second of the Beijing day `day` after delivery; the machine reports them."""
        until = days.start_of(self.start + day) + seconds
        while (left := until - self.market.now()) > 0:
            self.market.travel(min(left, STRIDE_S))
            self.machine.report()

    def live_to_statement(self, number: int, period_days: int) -> None:
        """Through the day after that period ended. The keeper notes its hours before it ends: later ones count towards
        the next statement."""
        self.live_until(number * period_days - 1, DAY_S - QUARTER_S)
        self.expect_metered()
        self.market.until("the hours in the ledger", lambda: self.noted >= self.machine.tenths)
        self.live_until(number * period_days + 1)

    def expect_metered(self) -> None:
        """The chain has what the machine's meter shows, but for the last hour or two."""
        shown = self.machine.device.hours // 10
        self._reported("the hours on the chain", lambda: self.machine.tenths >= shown - 20)

    def expect_fresh(self) -> None:
        """The chain has a reading of the last two hours, and the machine counts as heard."""
        self._reported("a fresh reading", lambda: self.machine.reading["at"] > self.market.now() - 2 * HOUR_S)
        self.market.until("the machine to be heard", lambda: not self.machine.status["alarms"] >> 2 * Alarm.OFFLINE & 3)

    def _reported(self, what: str, is_true: Callable[[], bool]) -> None:
        """Wait for a report. The leader gathers readings by the chain's clock, and once more after a refused one."""
        gathers_at = 0.0

        def arrived() -> bool:
            nonlocal gathers_at
            if time.monotonic() > gathers_at:
                self.market.travel(GATHER_S)
                gathers_at = time.monotonic() + ASIDE_S
            return is_true()

        self.market.until(what, arrived)


class LiveMachine(Machine):
    """Reports from a process of its own (`scripts/_fleet.py`)."""

    def report(self) -> None:
        """Its own process does."""


def registered(market: Market, owner: Person, serial: str, ground: Ground, scripts: Iterable[Scripted]) -> Machine:
    """A machine of the story, with what happens to it."""

    def device(number: int) -> Device:
        assignment = Assignment(MODELS[2], ROSTERS[0], ground, tuple(scripts))
        return draw_device(SEED, _identity(market, SEED, number), assignment, market.now(), SPARSE)

    number, bound = _registered(market, owner, serial, device)
    return Machine(market, owner, number, ground, bound)


def registered_live(market: Market, owner: Person, serial: str, seed: int) -> LiveMachine:
    """A machine that the simulator's process plays under this seed."""

    def device(number: int) -> Device:
        return draw_device(seed, _identity(market, seed, number), draw_assignment(seed, number), market.now())

    number, bound = _registered(market, owner, serial, device)
    return LiveMachine(market, owner, number, draw_assignment(seed, number).ground, bound)


def _identity(market: Market, seed: int, number: int) -> Identity:
    return draw_identity(seed, number, checkpoints.Domain(CHAIN_ID, market.suite.address("Equipment")))


def _registered(market: Market, owner: Person, serial: str, device_of: Callable[[int], Device]) -> tuple[int, Device]:
    """The owner registers a machine and binds its device; the bank has looked the certificate up."""
    certificate = text_hash(f"Certificate of registration of {serial}")
    receipt = owner.wallet.send("Equipment", "register", text_hash(serial), certificate)
    number = int(receipt.event("MachineRegistered")["id"])
    market.officer("risk_officer").send("Equipment", "verify", number, certificate)
    device = device_of(number)
    signature = device.identity.binding(device.hours)
    owner.wallet.send("Equipment", "bindDevice", number, device.identity.address, device.hours, signature)
    market.catch_up()
    return number, device
