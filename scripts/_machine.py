"""A machine on its site and its lease, for the stories: a simulated device reports through the stack's own broker."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data

from backend import days, store
from backend.chain import eip712
from backend.telemetry import checkpoints, kept, topics
from backend.telemetry.link import Link
from backend.telemetry.rules import annex as annexes
from backend.telemetry.rules import ruleset
from backend.telemetry.rules.annex import Annex
from backend.telemetry.simulator.device import Device, Identity, Schedule
from backend.telemetry.simulator.fleet import Fleet, draw_device, draw_identity
from backend.telemetry.simulator.incidents import Scripted
from backend.telemetry.simulator.machine import Assignment
from backend.telemetry.simulator.models import MODELS
from backend.telemetry.simulator.shifts import ROSTERS
from backend.telemetry.simulator.sites import Ground
from scripts.market import Market, Person, text_hash
from scripts.stack import CHAIN_ID

SEED = 20_261_122
RULES = "rules-1"
HOUR_S = 3_600
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
    fleet: Fleet = field(init=False)
    link: Link = field(init=False)

    def __post_init__(self) -> None:
        self.fleet = Fleet([self.device])
        broker = self.market.stack.place.broker
        user = f"m{self.number}"
        self.link = Link(broker.access(user, broker.admit([user])[user])).__enter__()

    def report(self) -> int:
        """Send everything up to now; returns how many messages."""
        sent = 0
        for message in self.fleet.messages(self.market.now() + 1):
            self.link.publish(topics.topic(self.owner.party, self.number, message.kind), message.payload)
            sent += 1
        self.link.flush()
        return sent

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
    def owed(self) -> dict[str, int]:
        found: dict[str, int] = self.read("RentLedger", "owedOf")
        return found

    def live_until(self, day: int, seconds: int = 12 * HOUR_S) -> None:
        """Let days pass, through that second of the Beijing day `day` after delivery; the machine reports them."""
        self.market.travel(days.start_of(self.start + day) + seconds - self.market.now())
        self.machine.report()

    def expect_metered(self) -> None:
        """The chain has what the machine's meter shows, but for the last hour or two."""
        shown = self.machine.device.hours // 10
        self.market.until("the hours on the chain", lambda: self.machine.tenths >= shown - 20)


def registered(market: Market, owner: Person, serial: str, ground: Ground, scripts: Iterable[Scripted]) -> Machine:
    """The owner registers a machine and binds its device; the bank has looked the certificate up."""
    certificate = text_hash(f"Certificate of registration of {serial}")
    receipt = owner.wallet.send("Equipment", "register", text_hash(serial), certificate)
    number = int(receipt.event("MachineRegistered")["id"])
    market.officer("risk_officer").send("Equipment", "verify", number, certificate)
    domain = checkpoints.Domain(CHAIN_ID, market.suite.address("Equipment"))
    identity = draw_identity(SEED, number, domain)
    assignment = Assignment(MODELS[2], ROSTERS[0], ground, tuple(scripts))
    device = draw_device(SEED, identity, assignment, market.now(), SPARSE)
    owner.wallet.send(
        "Equipment", "bindDevice", number, identity.address, device.hours, _binding(market, identity, device.hours)
    )
    market.catch_up()
    return Machine(market, owner, number, ground, device)


def _binding(market: Market, identity: Identity, meter_start: int) -> bytes:
    """The device's own signature: whoever binds it has it in hand."""
    binding = {
        "machine": identity.machine,
        "device": identity.address,
        "epoch": identity.epoch,
        "meterStart": meter_start,
    }
    typed = eip712.device_binding(binding, market.suite.address("Equipment"), CHAIN_ID)
    key = Account.from_key(identity.key.secret)
    return bytes(key.sign_message(encode_typed_data(full_message=typed)).signature)
