"""From the broker to the database: the consumer, with every rule on, beside a handler as one would write it first.

The messages of a simulated fleet wait at the broker, the same for each reader; then each takes them in a process of its
own. Nothing is left out: records are checked, linked, sealed by their signatures, judged and committed before the
broker hears that they are safe. The baseline checks nothing and keeps nothing. To compare like with like there are also
the consumer without its database, and the baseline with a row in a database for every record.
"""

import argparse
import gc
import json
import resource
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, closing
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from backend import devices, log, store
from backend.config import SHARDS
from backend.days import DAY_S, day_of
from backend.telemetry import consumer, intake, kept, topics
from backend.telemetry.broker import READER, Broker
from backend.telemetry.checkpoints import Domain
from backend.telemetry.consumer import Consumer
from backend.telemetry.intake import Arrival, Intake
from backend.telemetry.judging import Judging, Papers, judging
from backend.telemetry.link import Link
from backend.telemetry.mqtt import SESSION_S, Reader, filters
from backend.telemetry.registry import Binding, Machine
from backend.telemetry.rules import ruleset
from backend.telemetry.rules.annex import Annex, Region
from backend.telemetry.rules.evaluate import evaluate
from backend.telemetry.rules.state import State
from backend.telemetry.simulator import fleet
from backend.telemetry.simulator.device import Schedule, Sent
from backend.telemetry.simulator.fleet import Fleet
from backend.telemetry.simulator.shifts import HOUR_S, start_of
from tests import broker
from tests.backend.telemetry.machines import Bound

BURST = 40_000
ROUNDS = 3
SEED, PARTY = 1, 1
DOMAIN = Domain(417_417, "0x" + "00" * 19 + "01")
ALL = filters(range(SHARDS))


class Fleetful(NamedTuple):
    """What the chain and the records know of the machines, and what their devices sent."""

    machines: Sequence[Machine]
    annexes: Sequence[Annex]
    models: Sequence[tuple[str, int]]
    sent: Sequence[Sent]


class Drained(NamedTuple):
    """`cpu`: seconds of processor time, the system's included."""

    messages: int
    seconds: float
    cpu: float

    @property
    def per_second(self) -> float:
        return self.messages / self.seconds

    @property
    def cpu_us(self) -> float:
        """Per message."""
        return 1e6 * self.cpu / self.messages


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="ingest", description=__doc__)
    parser.add_argument("--count", type=int, default=BURST, help="messages")
    parser.add_argument("--machines", type=int, default=100)
    parser.add_argument("--every", type=int, default=5, help="seconds between a machine's records")
    options = parser.parse_args(argv)
    log.configure("warning", "console")
    known = _simulated(options.count, options.machines, options.every)
    checkpoints = sum(each.kind is topics.Kind.CHECKPOINT for each in known.sent)
    print(f"{len(known.sent):,} messages of {options.machines} machines, {checkpoints:,} of them signed checkpoints")
    report: dict[str, Any] = {"messages": len(known.sent), "machines": options.machines, "checkpoints": checkpoints}
    report["baseline"] = "paho on_message, json, three inline rules; checks nothing, keeps nothing"
    for name, is_encrypted in (("plain", False), ("tls", True)):
        report[name] = _compared(name, known, is_encrypted=is_encrypted)
    print(json.dumps(report))


def _simulated(count: int, machines: int, every: int) -> Fleetful:
    """A working morning of yesterday."""
    start = start_of(day_of(int(time.time())) - 1) + 9 * HOUR_S
    rules = ruleset.load()
    registered, annexes, models, devices = [], [], [], []
    for number in range(1, machines + 1):
        identity, assignment = fleet.draw_identity(SEED, number, DOMAIN), fleet.draw_assignment(SEED, number)
        device = fleet.draw_device(SEED, identity, assignment, start, schedule=Schedule(every, every))
        region = Region(tuple(map(tuple, assignment.ground.polygon())), start, start + DAY_S)
        annex = Annex(rules.id, rules.hash, region, "Asia/Shanghai")
        binding = Binding(1, identity.address, device.hours, start)
        registered.append(Machine(number, PARTY, (binding,), annex.hash))
        annexes.append(annex)
        models.append((assignment.model.name, 10 * assignment.model.tank))
        devices.append(device)
    sent = list(islice(Fleet(devices).messages(start + DAY_S // 2), count))
    return Fleetful(registered, annexes, models, sent)


def _compared(name: str, known: Fleetful, *, is_encrypted: bool) -> dict[str, Any]:
    """One broker at which everything waits for each reader and round; they come one after the other, and the best round
    of each counts: what else the machine does can only slow them down."""
    with tempfile.TemporaryDirectory(prefix="heqi-") as path, ExitStack() as running:
        folder = Path(path)
        started = running.enter_context(broker.start(folder / "broker", embedded=False, is_encrypted=is_encrypted))
        _publish(started, known.sent)
        rounds = [_round(started.broker, number, known, folder) for number in range(ROUNDS)]
        dropped = _apart(_dropped, started.broker)
    figures: dict[str, Any] = {}
    for reader in READERS:
        rate = max(round_[reader].per_second for round_ in rounds)
        cpu = min(round_[reader].cpu_us for round_ in rounds)
        figures[reader] = {"per_second": round(rate), "cpu_us": round(cpu, 1)}
        print(f"{name:6} {reader:26} {rate:10,.0f} messages/s {cpu:8.1f} µs of CPU a message")
    for reader, other in COMPARED:
        figures[f"{reader}_to_{other}"] = ratios = {
            "rate": round(figures[reader]["per_second"] / figures[other]["per_second"], 2),
            "cpu": round(figures[reader]["cpu_us"] / figures[other]["cpu_us"], 3),
        }
        print(f"{name:6} {reader} to {other}: rate × {ratios['rate']}, CPU × {ratios['cpu']}")
    lost = max(len(known.sent) - round_["consumer"].messages for round_ in rounds)
    return figures | {"lost": lost, "dropped_by_broker": dropped}


def _round(where: Broker, number: int, known: Fleetful, folder: Path) -> dict[str, Drained]:
    own = folder / str(number)
    own.mkdir()
    return {reader: _apart(drain, where, _user(reader, number), known, own) for reader, drain in READERS.items()}


def _user(reader: str, number: int) -> str:
    """The broker's user of a reader in a round."""
    return f"heqi-{reader.replace('_', '')}{number}"


def _apart(work: Callable[..., Any], *arguments: Any) -> Any:
    """In a process that does nothing else."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


# Publishing


def _publish(started: broker.Running, sent: Sequence[Sent]) -> None:
    """Every machine over a connection of its own, in order of time; all readers' sessions are open before."""
    passwords = started.broker.admit([f"m{number}" for number in sorted({each.machine for each in sent})])
    users = [_user(reader, number) for reader in READERS for number in range(ROUNDS)]
    started.broker.admit(users)
    for user in users:
        started.reader(user=user).close()
    with ExitStack() as running:
        links = {
            name: running.enter_context(Link(started.broker.access(name, password)))
            for name, password in passwords.items()
        }
        for each in sent:
            links[f"m{each.machine}"].publish(topics.topic(PARTY, each.machine, each.kind), each.payload)
        for link in links.values():
            link.flush()


# Readers. Each gets the broker, its user, the messages' count and papers, and a folder.


def _as_the_process_does() -> None:
    log.configure("warning", "console")
    gc.freeze()
    gc.set_threshold(devices.COLLECT_AFTER)


def _drain(where: Broker, user: str, known: Fleetful, folder: Path) -> Drained:
    """The consumer as it runs; counts what is in the database."""
    _as_the_process_does()
    engine = store.connect(f"sqlite:///{folder}/heqi.db")
    store.migrate(engine)
    with store.writing(engine) as tx:
        for machine, annex, profile in zip(known.machines, known.annexes, known.models, strict=True):
            kept.put_annex(tx, annex)
            kept.put_profile(tx, machine.id, *profile)
    with closing(Reader(where.platform_access(user), ALL)) as reader:
        taking = Consumer(engine, reader, Bound(*known.machines), DOMAIN)
        taken, watch = 0, Watch()
        while taken < len(known.sent):
            taken += taking.step(5.0)
        seconds, cpu = watch.read()
    with store.reading(engine) as tx:
        counts = kept.counts(tx)
    engine.dispose()
    if counts.keys() - {"record", "late", "history", "checkpoint", "duplicate"}:
        raise RuntimeError(f"these are good messages, but: {counts}")
    return Drained(sum(counts.values()), seconds, cpu)


def _drain_judging(where: Broker, user: str, known: Fleetful, _folder: Path) -> Drained:
    """What the consumer does, in memory alone."""
    _as_the_process_does()
    papers = Papers(
        {annex.hash: annex for annex in known.annexes},
        {machine.id: model for machine, model in zip(known.machines, known.models, strict=True)},
    )
    desks = {machine.id: Desk(machine, judging(machine, papers)) for machine in known.machines}
    with closing(Reader(where.platform_access(user), ALL)) as reader:
        taken, watch = 0, Watch()
        while taken < len(known.sent):
            messages = reader.receive(5.0)
            for number, arrivals in consumer.sort(messages).arrivals.items():
                desks[number].take(arrivals)
            reader.acknowledge()
            taken += len(messages)
        return Drained(taken, *watch.read())


def _drain_reading(where: Broker, user: str, known: Fleetful, _folder: Path) -> Drained:
    """Take and acknowledge, as the C counter does."""
    _as_the_process_does()
    with closing(Reader(where.platform_access(user), ALL)) as reader:
        taken, watch = 0, Watch()
        while taken < len(known.sent):
            taken += len(reader.receive(5.0))
            reader.acknowledge()
        return Drained(taken, *watch.read())


class Desk:
    """Intake and rules of one machine."""

    def __init__(self, machine: Machine, judging_: Judging) -> None:
        self._machine, self._judging = machine, judging_
        self._intake, self._state = Intake(), State()

    def take(self, arrivals: Sequence[Arrival]) -> None:
        outcome = intake.take(self._machine, DOMAIN, self._intake, arrivals, lambda *_: {})
        self._state, _ = evaluate(*self._judging, self._state, outcome.inputs)


class Naive:
    """The baseline: a callback per message, the standard library's JSON, three rules inline, state in a dictionary."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.last: dict[int, dict[str, Any]] = {}
        self.alarms: list[tuple[str, int, int]] = []

    def on_message(self, client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        record = json.loads(message.payload)
        if "fix" in record:
            self.judge(record)
        self.left -= 1
        if not self.left:
            client.disconnect()

    def judge(self, record: dict[str, Any]) -> None:
        machine, at = record["machine"], record["at"]
        last = self.last.get(machine, record)
        if record["engine"] and record["hours"] == last["hours"] and at - last["at"] > DAY_S:
            self.alarms.append(("idle", machine, at))
        fix = record["fix"]
        if fix and not (180_000_000 < fix["lat"] < 540_000_000 and 730_000_000 < fix["lon"] < 1_350_000_000):
            self.alarms.append(("region", machine, at))
        burned, ran = record["fuel"] - last["fuel"], record["hours"] - last["hours"]
        if ran > 0 and burned > 4 * ran:
            self.alarms.append(("fuel", machine, at))
        self.last[machine] = record


class NaiveKeeper(Naive):
    """The baseline with what it lacks most: a row per record, safe on disk before the broker hears of it."""

    COLUMNS = ("machine", "epoch", "sequence", "at", "hours", "fuel", "level", "engine", "speed", "previous")

    def __init__(self, count: int, folder: Path) -> None:
        super().__init__(count)
        self._database = sqlite3.connect(folder / "naive.db", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute(
            f"CREATE TABLE records ({', '.join(self.COLUMNS)}, PRIMARY KEY (machine, epoch, sequence))"
        )

    def judge(self, record: dict[str, Any]) -> None:
        super().judge(record)
        row = [record[name] for name in self.COLUMNS]
        self._database.execute(f"INSERT OR IGNORE INTO records VALUES ({', '.join('?' * len(row))})", row)


def _drain_naively(where: Broker, user: str, known: Fleetful, _folder: Path) -> Drained:
    return _listen(where, user, Naive(len(known.sent)))


def _drain_naively_keeping(where: Broker, user: str, known: Fleetful, folder: Path) -> Drained:
    return _listen(where, user, NaiveKeeper(len(known.sent), folder))


def _listen(where: Broker, user: str, naive: Naive) -> Drained:
    """Until it has had all its messages."""
    access, count = where.platform_access(user), naive.left
    client = paho.Client(CallbackAPIVersion.VERSION2, access.user, protocol=MQTTProtocolVersion.MQTTv5)
    client.username_pw_set(access.user, access.password)
    if access.tls:
        client.tls_set_context(access.tls)
    client.on_message = naive.on_message
    client.on_connect = lambda *_: client.subscribe([(topic, 1) for topic in ALL])
    session = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    session.SessionExpiryInterval = SESSION_S
    watch = Watch()
    client.connect(access.host, access.port, clean_start=False, properties=session)
    client.loop_forever()
    return Drained(count - naive.left, *watch.read())


def _count_in_c(where: Broker, user: str, known: Fleetful, _folder: Path) -> Drained:
    """`mosquitto_sub`, which ends by itself after so many messages."""
    access, count = where.platform_access(user), len(known.sent)
    command = ["mosquitto_sub", "-V", "5", "-h", access.host, "-p", str(access.port), "-c", "-x", str(SESSION_S)]
    command += ["-i", access.user, "-u", access.user, "-P", access.password, "-q", "1", "-C", str(count), "-N"]
    command += [word for topic in ALL for word in ("-t", topic)]
    command += ["--cafile", str(where.ca_file)] if access.tls else []
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Drained(count, time.perf_counter() - began, used.ru_utime + used.ru_stime)


class Watch:
    """Seconds of the wall and of the processor since it was made."""

    def __init__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        return time.perf_counter() - self._began[0], time.process_time() - self._began[1]


def _dropped(where: Broker) -> int:
    """What the broker had no room for, in its own words, which come every five seconds."""
    with closing(Reader(where.platform_access(READER), ALL)) as reader:
        deadline = time.monotonic() + 7
        while time.monotonic() < deadline:
            reader.receive(0.5)
        return reader.dropped


READERS: dict[str, Callable[[Broker, str, Fleetful, Path], Drained]] = {
    "baseline": _drain_naively,
    "baseline_keeping": _drain_naively_keeping,
    "consumer_without_database": _drain_judging,
    "consumer": _drain,
    "reader_alone": _drain_reading,
    "c_counter": _count_in_c,
}
COMPARED = (
    ("consumer", "baseline"),
    ("consumer_without_database", "baseline"),
    ("consumer", "baseline_keeping"),
    ("consumer", "c_counter"),
    ("reader_alone", "c_counter"),
)
