"""Devices, intake, leaders of both lanes, signers on HTTP, relays and submitter over one chain, stepped by hand."""

import json
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field

from coincurve import PrivateKey
from sqlalchemy import Engine

from backend import store
from backend.chain.keys import development_key
from backend.chain.submitter import Submitter
from backend.config import Duty
from backend.oracle.machines import lane, rounds
from backend.oracle.machines.alarms import Alarms
from backend.oracle.machines.desk import Sources
from backend.oracle.machines.leader import Leader
from backend.oracle.machines.proposals import Lane
from backend.oracle.machines.readings import Readings
from backend.oracle.machines.rounds import Round
from backend.oracle.machines.signer import DeviceSigner
from backend.oracle.relay import Relay
from backend.oracle.rounds import State
from backend.oracle.signer import server
from backend.telemetry import checkpoints, topics
from backend.telemetry.checkpoints import Domain
from backend.telemetry.consumer import Consumer
from backend.telemetry.record import Checkpoint, Message
from backend.telemetry.registry import Binding, Machine
from backend.telemetry.topics import Kind
from tests.backend.market import Market
from tests.backend.oracle.parts import RECEIPT_LAG, RELAYER, SIGNERS
from tests.backend.rentals import Rentals
from tests.backend.telemetry.machines import Bound, Broker, Device

DESKS = {Lane.ALARMS: Alarms, Lane.READINGS: Readings}
STRANGER = PrivateKey(b"\x07" * 32)


class Bulldozer(Device):
    """A device bound on this chain: its clock, its lessor, its contract."""

    def __init__(self, market: Market, machine: int, epoch: int = 1, hours: int = 5_000, *, party: int = 1) -> None:
        super().__init__(machine, epoch, hours, market.now())
        self.party = party
        self.domain = Domain(market.suite.chain_id, market.suite.address("Equipment"))

    def message(self, payload: bytes, kind: Kind = Kind.RECORD) -> Message:
        return Message(topics.topic(self.party, self.machine, kind), payload, self.at + 1)

    def checkpoint(self, key: PrivateKey | None = None, **changed: object) -> Message:
        figures = json.loads(super().checkpoint(key, **changed).payload)
        del figures["v"]
        figures["signature"] = checkpoints.sign(self.domain, Checkpoint(**figures), key or self.key)
        return self.message(json.dumps({"v": 1, **figures}).encode(), Kind.CHECKPOINT)

    def work(self, minutes: int) -> list[Message]:
        """So many records, and a signature over them."""
        return [*self.records(minutes), self.checkpoint()]


@dataclass
class Site:
    market: Market
    rentals: Rentals
    engine: Engine
    submitter: Submitter
    running: ExitStack
    urls: dict[Duty, str] = field(default_factory=dict)
    devices: dict[int, Bulldozer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.urls.update({duty: self.serve(self.signer(duty)) for duty in SIGNERS})
        self.restart()

    def restart(self) -> None:
        """As after a power cut: nothing is left but database and chain."""
        sources = self.sources()
        self.leaders = {each: Leader(sources, DESKS[each](sources)) for each in Lane}
        lanes = {Lane.ALARMS: lane.ALARMS, Lane.READINGS: lane.READINGS}
        place = (self.engine, self.market.rpc, self.market.suite, RELAYER.address, self.urls)
        self.relays = {each: Relay(*place, lane=lanes[each]) for each in Lane}

    def sources(self, engine: Engine | None = None) -> Sources:
        return Sources(engine or self.engine, self.market.rpc, self.market.suite, self.market.now)

    def signer(self, duty: Duty, engine: Engine | None = None) -> DeviceSigner:
        return DeviceSigner(self.sources(engine), development_key(SIGNERS[duty]))

    def serve(self, signer: DeviceSigner) -> str:
        """Answer for a signer until the test ends; returns its address."""
        answering = self.running.enter_context(server(signer.answers(), "127.0.0.1", 0))
        threading.Thread(target=answering.serve_forever, args=(0.01,), daemon=True).start()
        self.running.callback(answering.shutdown)
        return f"http://127.0.0.1:{answering.server_address[1]}"

    # Machines

    def machine(self) -> Bulldozer:
        """Verified, with a device that has not spoken yet."""
        number = self.rentals.registered()
        device = Bulldozer(self.market, number)
        self.rentals.bind(number, device.hours)
        self.devices[number] = device
        self.bound(device)
        return device

    def swapped(self, old: Bulldozer) -> Bulldozer:
        """Another device for the machine of the old one."""
        new = Bulldozer(self.market, old.machine, old.epoch + 1, old.hours)
        self.rentals.bind(old.machine, new.hours)
        self.devices[old.machine] = new
        self.bound(new)
        return new

    def bound(self, device: Bulldozer) -> None:
        """The chain says so by now."""
        device.at = self.market.now()
        self.bindings.setdefault(device.machine, []).append(device.binding)

    bindings: dict[int, list[Binding]] = field(default_factory=dict)

    def take(self, *messages: Message, engine: Engine | None = None) -> None:
        """Into the telemetry of the leader and those who share its database, or of one signer; the chain follows."""
        registry = Bound(*(Machine(id_, 1, tuple(bound)) for id_, bound in self.bindings.items()))
        domain = Domain(self.market.suite.chain_id, self.market.suite.address("Equipment"))
        consumer = Consumer(engine or self.engine, Broker([messages]), registry, domain)
        while consumer.step(0):
            pass
        latest = max(message.received_at for message in messages)
        if latest > self.market.now():
            self.market.node.rpc("evm_setNextBlockTimestamp", latest)
            self.market.node.mine()

    # Reports

    def push(self, lane_: Lane) -> Round:
        """One report from proposal to receipt."""
        self.leaders[lane_].step()
        self.relays[lane_].step()
        for _ in range(RECEIPT_LAG):
            self.submitter.step()
            self.relays[lane_].step()
            if self.last(lane_).state is not State.QUEUED:
                break
            time.sleep(0.05)
        return self.last(lane_)

    def last(self, lane_: Lane) -> Round:
        with store.reading(self.engine) as tx:
            found = rounds.last(tx, lane_)
        assert found is not None
        return found

    def status(self, machine: int) -> dict[str, int]:
        return dict(self.market.read("DeviceOracle", "statusOf", machine))

    def reading(self, machine: int) -> dict[str, int]:
        return dict(self.market.read("DeviceOracle", "readingOf", machine))
