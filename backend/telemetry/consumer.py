"""The consumer: takes messages from the broker, judges them, and keeps what follows from them in one transaction.

The broker hears that messages are safe when they are: a crash before the commit brings them again, a crash after it
brings them twice, and twice is once. What is known of a machine, its alarms and what was told of them are committed
together with the records they come from.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import msgspec
import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from backend import store
from backend.crashpoints import crash_point
from backend.telemetry import alarming, intake, kept, topics
from backend.telemetry.alarming import Change
from backend.telemetry.checkpoints import Domain
from backend.telemetry.decoding import checkpoint_of, record_of
from backend.telemetry.errors import MachineOther, MessageRefused, NotJudged, TopicForeign
from backend.telemetry.intake import Arrival, Intake, Outcome, Refusal
from backend.telemetry.judging import Judging, Papers, judging, read
from backend.telemetry.kept import Standing
from backend.telemetry.mqtt import Source
from backend.telemetry.record import Message
from backend.telemetry.registry import Machine, Registry
from backend.telemetry.rules.evaluate import evaluate
from backend.telemetry.rules.input import Transition
from backend.telemetry.rules.state import State
from backend.telemetry.topics import Kind

REFRESH_S = 1.0

log = structlog.get_logger(__name__)


class Memory(msgspec.Struct, array_like=True):
    """What intake and rules know of a machine: the column `state`."""

    intake: Intake
    rules: State


class Held(NamedTuple):
    """A machine in memory."""

    standing: Standing
    memory: Memory


class Batch(NamedTuple):
    """Messages by machine, in their order within each, and those that could not be read."""

    arrivals: dict[int, list[Arrival]]
    refused: list[Refusal]


class Work(NamedTuple):
    """One machine's part of a batch; without a change nothing is known of the machine."""

    outcome: Outcome
    change: Change | None


# Per message, to look a member up or to call a type's own constructor would cost more than the rest of `sort`.
CHECKPOINT, BACKLOG = Kind.CHECKPOINT, Kind.BACKLOG
_tuple = tuple.__new__
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Memory).decode


class Consumer:
    """`step` in a loop, one consumer per shard. `guard` is called first in every transaction.

    What it holds in memory is what the database holds; after a failure it reads again.
    """

    def __init__(
        self,
        engine: Engine,
        source: Source,
        registry: Registry,
        domain: Domain,
        guard: Callable[[Connection], None] = lambda _: None,
    ) -> None:
        self._engine, self._source, self._registry, self._domain = engine, source, registry, domain
        self._guard = guard
        self._pending: Sequence[Message] = ()
        self._held: dict[int, Held] = {}
        self._papers = Papers({}, {})
        self._judgings: dict[int, Judging] = {}
        self._missing: set[str] = set()
        self._refresh_at = 0.0

    def step(self, timeout: float) -> int:
        """Take one batch, keep it, tell the broker; returns the number of messages. What failed is tried again first:
        the broker brings it a second time only after a lost connection."""
        self._pending = self._pending or self._source.receive(timeout)
        if not self._pending:
            self._look_up(Batch({}, []))  # a lock does not wait for a machine to speak
            return 0
        crash_point("messages_received")
        self._take(sort(self._pending))
        crash_point("messages_committed")
        self._source.acknowledge()
        number, self._pending = len(self._pending), ()
        return number

    def tell(self, found: Mapping[int, Sequence[Transition]]) -> None:
        """Alarms that no message raised or cleared, by machine."""
        changes = []
        with self._transaction() as tx:
            self._load(tx, found)
            for number, transitions in found.items():
                if machine := self._registry.machine(number):
                    standing, memory = self._held[number]
                    standing.state = standing.state or _encode(memory)
                    changes.append(Change(machine, standing, transitions))
            alarming.follow(tx, changes)
            kept.keep_standings(tx, [change.standing for change in changes])

    def _take(self, batch: Batch) -> None:
        self._look_up(batch)
        with self._transaction() as tx:
            self._keep(tx, batch)
            crash_point("messages_written")

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """What is held in memory is forgotten when the transaction fails."""
        try:
            with store.writing(self._engine) as tx:
                self._guard(tx)
                yield tx
        except BaseException:
            self._held.clear()
            raise

    # What the chain says

    def _look_up(self, batch: Batch) -> None:
        """Ask about machines again from time to time, and at once when a device may just have been bound."""
        unbound = any(
            _is_unbound(self._registry.machine(number), arrivals) for number, arrivals in batch.arrivals.items()
        )
        if not unbound and time.monotonic() < self._refresh_at:
            return
        if self._registry.refresh():
            self._read_papers()
        self._refresh_at = time.monotonic() + REFRESH_S

    def _read_papers(self) -> None:
        known = self._papers.annexes
        wanted = {machine.rules_hash for machine in self._registry.machines() if machine.rules_hash}
        with store.reading(self._engine) as tx:
            new = kept.annex_documents(tx, wanted - known.keys())
            profiles = kept.profiles(tx)
        self._papers, self._judgings = Papers({**known, **read(new)}, profiles), {}
        missing = wanted - self._papers.annexes.keys()
        if missing - self._missing:
            log.error("annexes_missing", hashes=sorted(missing - self._missing))
        self._missing = missing

    def _judging(self, machine: Machine) -> Judging:
        found = self._judgings.get(machine.id)
        if found is None:
            found = self._judgings[machine.id] = judging(machine, self._papers)
        return found

    # One transaction

    def _keep(self, tx: Connection, batch: Batch) -> None:
        self._load(tx, batch.arrivals)
        works = [self._work(tx, number, arrivals) for number, arrivals in batch.arrivals.items()]
        refused = [*batch.refused, *(each for work in works for each in work.outcome.refused)]
        kept.keep_records(tx, [work.outcome.kept for work in works])
        kept.keep_checkpoints(tx, [each for work in works for each in work.outcome.checkpoints])
        kept.keep_refusals(tx, refused, _machine_of)
        alarming.follow(tx, [work.change for work in works if work.change and work.change.transitions])
        kept.keep_standings(tx, [work.change.standing for work in works if work.change])
        kept.count(tx, counts([work.outcome for work in works], refused))

    def _load(self, tx: Connection, numbers: Iterable[int]) -> None:
        missing = [number for number in numbers if number not in self._held]
        found = kept.standings(tx, missing)
        for number in missing:
            standing = found.get(number) or Standing(number)
            self._held[number] = Held(standing, _memory(standing))

    def _work(self, tx: Connection, number: int, arrivals: list[Arrival]) -> Work:
        machine = self._registry.machine(number)
        if machine is None or not machine.bindings:
            del self._held[number]
            return Work(intake.refuse(arrivals), None)
        try:
            return self._judge(tx, machine, arrivals)
        except SQLAlchemyError:
            raise
        except Exception as fault:  # whatever is wrong with one machine must not stop the others
            log.exception("messages_not_judged", machine=number)
            standing = self._held[number].standing
            self._held[number] = Held(standing, _memory(standing))
            reason = NotJudged(machine=number, fault=type(fault).__name__)
            return Work(Outcome(refused=[Refusal(each.message, reason) for each in arrivals]), None)

    def _judge(self, tx: Connection, machine: Machine, arrivals: list[Arrival]) -> Work:
        standing, memory = self._held[machine.id]
        outcome = intake.take(machine, self._domain, memory.intake, arrivals, partial(kept.known, tx, machine.id))
        memory.rules, transitions = evaluate(*self._judging(machine), memory.rules, outcome.inputs)
        stand(standing, machine, memory.intake)
        standing.state = _encode(memory)
        return Work(outcome, Change(machine, standing, transitions))


def sort(messages: Sequence[Message]) -> Batch:
    """Read the messages, by machine."""
    arrivals: defaultdict[int, list[Arrival]] = defaultdict(list)
    refused = []
    for message in messages:
        text, payload, _ = message
        try:
            tenant, machine, kind = topics.parse(text)
            content = checkpoint_of(payload) if kind is CHECKPOINT else record_of(payload)
            if content.machine != machine:
                raise MachineOther(topic=machine, machine=content.machine)
        except MessageRefused as reason:
            refused.append(Refusal(message, reason))
        else:
            arrivals[machine].append(_tuple(Arrival, (message, tenant, kind is BACKLOG, content)))
    return Batch(arrivals, refused)


def stand(standing: Standing, machine: Machine, known: Intake) -> None:
    """Bring the row up to what is known. The alarms' word is told anew of a new device: the chain asks whose it is."""
    device = known.devices.get(machine.epoch)
    if device is not None:
        standing.at = device.newest[0]
        if standing.epoch != machine.epoch:
            standing.epoch = machine.epoch
            standing.alarms_sequence += 1
            standing.alarms_at = max(machine.bindings[-1].at, standing.alarms_at + 1)
    standing.hours, standing.fuel = intake.seen(machine, known)
    standing.sealed_hours, standing.sealed_fuel = intake.sealed(machine, known)
    standing.live_at, standing.heard_at = known.signed.at, known.signed.received_at


def counts(outcomes: Iterable[Outcome], refused: Iterable[Refusal]) -> Counter[str]:
    """Messages by what became of them; refused ones by the name of the reason."""
    found = Counter(refusal.reason.code for refusal in refused)
    for outcome in outcomes:
        late = sum([arrival.late for arrival in outcome.kept])
        found["record"] += len(outcome.kept) - late
        found["late"] += late
        found["history"] += outcome.history
        found["duplicate"] += outcome.duplicates
        found["checkpoint"] += len(outcome.checkpoints)
    return found


def _memory(standing: Standing) -> Memory:
    """As of the last time that it was written down."""
    return _decode(standing.state) if standing.state else Memory(Intake(), State())


def _is_unbound(machine: Machine | None, arrivals: Iterable[Arrival]) -> bool:
    """Whether one of them is of a device that was not yet bound when we last looked."""
    epoch = machine.epoch if machine else 0
    return max([arrival.content.epoch for arrival in arrivals]) > epoch


def _machine_of(topic: str) -> int | None:
    try:
        return topics.parse(topic).machine
    except TopicForeign:
        return None
