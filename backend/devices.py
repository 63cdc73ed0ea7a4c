"""The process that takes in what machines report: broker in, records, metered hours and alarms out."""

import gc
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from contextlib import ExitStack, closing
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, inspect, select

from backend import clock, loop, store
from backend.chain import start
from backend.chain.contracts import Suite
from backend.chain.rpc import Rpc
from backend.config import Settings
from backend.readmodel import indexer
from backend.readmodel.machines import LOCK, STANDBY, bindings, machines, windows
from backend.telemetry.checkpoints import Domain
from backend.telemetry.commands import Commands
from backend.telemetry.consumer import Consumer
from backend.telemetry.link import Link
from backend.telemetry.mqtt import Access, Reader, Source, filters
from backend.telemetry.record import Message
from backend.telemetry.registry import Binding, Machine, Window
from backend.telemetry.tending import Tending

RECEIVE_S = 0.5
ROUND_S = 5.0
PAUSE_S = 0.1  # between rounds, and after a failure; an alarm may be waiting in it
MANY = 512
"""Messages of one batch: so many come only when more wait."""
# Batches make many tuples and no cycles: at its default the collector takes a tenth of the time, and finds nothing.
COLLECT_AFTER = 100_000

BANK = 0
"""Stands for the bank where parties are told something."""

log = structlog.get_logger(__name__)


def run(settings: Settings, suite: Suite, stop: threading.Event) -> None:
    """Take in until `stop` is set. Raises what makes a start impossible, WriterBusy, BrokerRefused and BrokerUnsafe."""
    rpc, engine = start.connect(settings, suite)
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    shards = settings.mqtt_shards
    name = f"devices-{'-'.join(str(shard) for shard in shards)}"
    with ExitStack() as opened:
        source = opened.enter_context(closing(Reader(Access.load(settings), filters(shards))))
        fence = opened.enter_context(store.sole_writer(engine, name))
        registry = ReadModel(engine, rpc, settings.finality_depth)
        domain = Domain(suite.chain_id, suite.address("Equipment"))
        now = clock.of(settings, rpc)
        consumer = Consumer(engine, Dated(source, now), registry, domain, fence.check)
        tending = Tending(engine, registry, consumer, shards, fence.check)
        commands = Commands(registry, shards, opened.enter_context(Link(Access.commander(settings))).publish)

        def step() -> None:
            if not registry.is_ready():
                return
            until, received = time.monotonic() + ROUND_S, 0
            while time.monotonic() < until and not stop.is_set():
                received = consumer.step(RECEIVE_S)
                commands.step(now())
            tending.step(now(), is_behind=received >= MANY)

        loop.run("devices", step, PAUSE_S, stop)


class Dated:
    """A source whose messages came when `now` says. What was received while the clock fails is given out when it works
    again."""

    def __init__(self, source: Source, now: clock.Clock) -> None:
        self._source, self._now = source, now
        self._undated: list[Message] = []
        self.acknowledge = source.acknowledge

    def receive(self, timeout: float) -> list[Message]:
        self._undated = self._undated or self._source.receive(timeout)
        if not self._undated:
            return []
        now = self._now()
        messages, self._undated = self._undated, []
        return [Message(topic, payload, now) for topic, payload, _ in messages]


class ReadModel:
    """The registry, as the read model has it.

    While the read model is rebuilt it knows less than it did: what was known stays until it has caught up, for an
    unknown machine's messages would be refused.
    """

    def __init__(self, engine: Engine, rpc: Rpc, depth: int) -> None:
        self._engine, self._rpc, self._depth = engine, rpc, depth
        self._position: indexer.Position | None = None
        self._machines: dict[int, Machine] = {}
        self._waits = False

    def is_ready(self) -> bool:
        """Whether machines are known that were registered before we started."""
        if self._position is None and not self.refresh() and not self._waits:
            self._waits = True
            log.info("waiting_for_read_model")
        return self._position is not None

    def refresh(self) -> bool:
        with store.reading(self._engine) as tx:
            at = indexer.position(tx) if inspect(tx).has_table(indexer.progress.name) else None
            if at is None or at == self._position or self._is_behind(at):
                return False
            self._machines = {machine.id: machine for machine in registered(tx)}
            self._position = at
        return True

    def machine(self, machine: int) -> Machine | None:
        return self._machines.get(machine)

    def machines(self) -> Iterable[Machine]:
        return self._machines.values()

    def _is_behind(self, at: indexer.Position) -> bool:
        latest = self._position.number if self._position else self._rpc.head().number
        return at.number < latest - self._depth


def registered(tx: Connection) -> list[Machine]:
    """Every machine of the read model."""
    bound: dict[int, list[Binding]] = defaultdict(list)
    for row in tx.execute(select(bindings).order_by(bindings.c.machine, bindings.c.epoch)):
        bound[row.machine].append(Binding(row.epoch, row.device, row.meter_start, row.at))
    still: dict[tuple[int, str], list[Window]] = defaultdict(list)
    for row in tx.execute(select(windows)):
        still[row.machine, row.kind].append(Window(row.starts_at, row.ends_at))
    return [
        Machine(
            id=row.machine,
            party=row.party,
            bindings=tuple(bound[row.machine]),
            rules_hash=row.rules_hash,
            standby=tuple(still[row.machine, STANDBY]),
            locks=tuple(still[row.machine, LOCK]),
            hearers=_hearers(row),
        )
        for row in tx.execute(select(machines))
    ]


def _hearers(row: Any) -> tuple[int, ...]:
    parties = {row.holder, row.lessee} - {None}
    return (*sorted(parties), *([BANK] if row.financed else []))
