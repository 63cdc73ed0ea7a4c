"""Any restart, duplication or cut into batches gives the same records, the same metered hours and the same alarms."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from coincurve import PrivateKey
from sqlalchemy import Engine

from backend import store
from backend.crashpoints import crash_point
from backend.telemetry import consumer, kept
from backend.telemetry.alarms import Alarm, Phase
from backend.telemetry.consumer import Consumer
from backend.telemetry.record import Message
from backend.telemetry.registry import Machine
from backend.telemetry.topics import Kind
from tests.backend.telemetry.machines import DOMAIN, MINUTE, Bound, Broker, Device, registered, run
from tests.backend.telemetry.test_consumer import CRASH_POINTS, PowerCut, everything

RUNS = 8
CRASH_ODDS = 0.15


def days(device: Device, dice: random.Random) -> Iterator[Message]:
    """Four days of one machine, a record every half hour: it works, stands for two days, works again; connection and
    power fail, records get lost, somebody forges."""
    for half_hour in range(4 * 48):
        device.at += 29 * 60
        device.works = not 48 <= half_hour < 144
        device.hours += 48 if device.works else -3 if dice.random() < 0.02 else 0
        late = dice.random() < 0.1
        kept_back = dice.random() < 0.03
        message = device.record(Kind.BACKLOG if late else Kind.RECORD, power=dice.random() > 0.05)
        if not kept_back:
            yield message
        if dice.random() < 0.3:
            yield device.checkpoint()
        if dice.random() < 0.03:
            yield device.message(message.payload.replace(b'"speed":12', b'"speed":13'))
        if dice.random() < 0.02:
            yield device.checkpoint(PrivateKey(bytes([half_hour + 1]) * 32))
        if dice.random() < 0.02:
            yield device.message(message.payload[:-1])
        if kept_back and dice.random() < 0.5:
            yield message


def swapped(machine: Machine, device: Device, dice: random.Random) -> tuple[Machine, list[Message]]:
    """The machine with its next device, and what both send around the swap."""
    second = Device(device.machine, epoch=2, hours=500, at=device.at + 10 * MINUTE)
    machine = replace(machine, bindings=(*machine.bindings, second.binding))
    messages = [*device.records(20, Kind.BACKLOG), *second.records(100), second.checkpoint()]
    dice.shuffle(messages)
    return machine, messages


def a_fleet(dice: random.Random) -> tuple[Bound, list[Message]]:
    """Three machines, one with a second device; their messages as they come in."""
    streams, machines = [], []
    for number in (7, 8, 23):
        device = Device(number)
        machine, stream = registered(device), list(days(device, dice))
        if number == 8:
            machine, more = swapped(machine, device, dice)
            stream += more
        streams.append(stream)
        machines.append(machine)
    return Bound(*machines), interleaved(streams, dice)


def interleaved(streams: Sequence[list[Message]], dice: random.Random) -> list[Message]:
    """Of all machines, each machine's in their order."""
    turns = [number for number, stream in enumerate(streams) for _ in stream]
    dice.shuffle(turns)
    rest = [iter(stream) for stream in streams]
    return [next(rest[number]) for number in turns]


def repeated(messages: Sequence[Message], dice: random.Random) -> list[Message]:
    """Some come twice, the second time later."""
    again: list[tuple[float, Message]] = []
    for place, message in enumerate(messages):
        again.append((place, message))
        if dice.random() < 0.2:
            again.append((place + dice.expovariate(1 / 30), message))
    return [message for _, message in sorted(again, key=lambda each: each[0])]


def cut(messages: Sequence[Message], dice: random.Random) -> list[list[Message]]:
    """Into batches of any size."""
    found, rest = [], list(messages)
    while rest:
        size = dice.choice((1, 2, 10, 100, 400))
        found.append(rest[:size])
        rest = rest[size:]
    return found


def run_through_failures(
    engine: Engine, registry: Bound, source: Broker, dice: random.Random, monkeypatch: pytest.MonkeyPatch
) -> int:
    """Until all is taken in, by as many consumers as it takes; returns how often one died."""
    deaths = 0

    def cut_sometimes(name: str) -> None:
        if name in CRASH_POINTS and dice.random() < CRASH_ODDS:
            raise PowerCut
        crash_point(name)

    monkeypatch.setattr(consumer, "crash_point", cut_sometimes)
    while True:
        living = Consumer(engine, source, registry, DOMAIN)
        try:
            while living.step(0):
                pass
        except PowerCut:
            deaths += 1
            source = source.broken()
        else:
            monkeypatch.undo()
            return deaths


def a_database(path: Path) -> Engine:
    engine = store.connect(f"sqlite:///{path}")
    store.migrate(engine)
    return engine


@pytest.mark.parametrize("seed", range(RUNS))
def test_case_37_restarts_duplicates_and_other_batches_change_nothing(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
):
    dice = random.Random(seed)
    registry, messages = a_fleet(dice)
    reference = a_database(tmp_path / "reference.db")
    run(reference, registry, [messages])
    source = Broker(cut(repeated(messages, dice), dice))
    assert run_through_failures(engine, registry, source, dice, monkeypatch) > 0
    expected, found = everything(reference), everything(engine)
    for name in expected:
        assert found[name] == expected[name], name
    reference.dispose()


def test_what_is_played_raises_and_clears_alarms(engine: Engine):
    registry, messages = a_fleet(random.Random(0))
    run(engine, registry, [messages])
    with store.reading(engine) as tx:
        alarms = [each.alarm for number in (7, 8, 23) for each in kept.alarms(tx, number, None, 100)]
        counted = kept.counts(tx)
    assert {Alarm.TAMPER, Alarm.IDLE, Alarm.HOUR_METER} <= {each.alarm for each in alarms}
    assert any(each.phase is Phase.CLEARED for each in alarms)
    assert {"late", "history", "ChainForked", "SignatureForged", "PayloadInvalid", "EpochOver"} <= counted.keys()


@pytest.mark.parametrize("seed", range(RUNS))
def test_case_36_any_order_at_all_keeps_every_record_and_meters_the_same(engine: Engine, seed: int):
    """Honest machines; even what overtakes by days."""
    dice = random.Random(seed)
    devices = [Device(number) for number in (7, 8)]
    messages: list[Message] = []
    for _ in range(5):
        for device in devices:
            messages += [*device.records(30), device.checkpoint()]
    registry = Bound(*(registered(Device(device.machine)) for device in devices))
    dice.shuffle(messages)
    run(engine, registry, cut(repeated([each._replace(received_at=device.at) for each in messages], dice), dice))
    with store.reading(engine) as tx:
        standings, counted = kept.standings(tx), kept.counts(tx)
    for device in devices:
        found = standings[device.machine]
        assert (found.hours, found.fuel, found.sealed_hours, found.sealed_fuel) == (device.hours, device.fuel) * 2
    assert counted["record"] == 300
