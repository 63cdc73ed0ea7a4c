"""Case 37 over real brokers: what a device sends is in the database once, whoever fails meanwhile."""

import threading
import time
from collections.abc import Callable
from contextlib import closing
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine

from backend import devices, store
from backend.config import SHARDS, Settings
from backend.crashpoints import crash_point
from backend.readmodel import indexer
from backend.readmodel.machines import bindings, machines
from backend.readmodel.projection import READMODEL
from backend.telemetry import consumer, kept
from backend.telemetry.broker import COMMANDER, READER
from backend.telemetry.consumer import Consumer
from backend.telemetry.link import Link
from backend.telemetry.mqtt import Reader, filters
from backend.telemetry.record import Message
from tests.backend.telemetry.machines import DOMAIN, PARTY, Bound, Device, registered
from tests.backend.telemetry.test_consumer import PowerCut
from tests.broker import START_TIMEOUT_S, Running

RECORDS = 600


def sent_by(device: Device) -> list[Message]:
    messages = []
    for _ in range(RECORDS // 60):
        messages += [*device.records(60), device.checkpoint()]
    return messages


def publish(running: Running, password: str, messages: list[Message]) -> None:
    with Link(running.broker.access("m7", password)) as link:
        for message in messages:
            link.publish(message.topic, message.payload)
        link.flush()


def open_reader(running: Running) -> Reader:
    """As the process opens it: what waits comes with the first batch."""
    return Reader(running.broker.platform_access(READER), filters(range(SHARDS)))


def take(engine: Engine, reader: Reader, registry: Bound, until: Callable[[], bool]) -> None:
    taking, deadline = Consumer(engine, reader, registry, DOMAIN), time.monotonic() + START_TIMEOUT_S
    while not until():
        assert time.monotonic() < deadline, known(engine)
        taking.step(0.1)


def known(engine: Engine) -> dict[str, int]:
    with store.reading(engine) as tx:
        return kept.counts(tx)


def metered(engine: Engine) -> tuple[int, int]:
    with store.reading(engine) as tx:
        found = kept.standings(tx)[7]
    return found.hours, found.sealed_hours


def test_case_37_a_consumer_killed_while_messages_wait_loses_none(
    engine: Engine, own_broker: Running, monkeypatch: pytest.MonkeyPatch
):
    device = Device()
    registry, (password,) = Bound(registered(device)), own_broker.broker.admit(["m7"]).values()
    own_broker.reader().close()
    publish(own_broker, password, sent_by(device))

    def cut(name: str) -> None:
        if name == "messages_committed":
            raise PowerCut
        crash_point(name)

    monkeypatch.setattr(consumer, "crash_point", cut)
    with closing(open_reader(own_broker)) as reader, pytest.raises(PowerCut):
        take(engine, reader, registry, lambda: False)
    monkeypatch.undo()
    assert known(engine)["record"] > 0
    with closing(open_reader(own_broker)) as reader:
        take(engine, reader, registry, lambda: known(engine)["record"] == RECORDS and reader.is_ready)
    assert metered(engine) == (device.hours, device.hours)


def test_case_37_a_broker_that_dies_and_comes_back_loses_nothing_that_the_device_sends_again(
    engine: Engine, own_broker: Running
):
    device = Device()
    registry, (password,) = Bound(registered(device)), own_broker.broker.admit(["m7"]).values()
    messages = sent_by(device)
    with closing(own_broker.reader()) as reader:
        publish(own_broker, password, messages[: RECORDS // 2])
        take(engine, reader, registry, lambda: "record" in known(engine))
        own_broker.kill()
        own_broker.start()
        take(engine, reader, registry, lambda: not reader.is_ready)
        take(engine, reader, registry, lambda: reader.is_ready)
        publish(own_broker, password, messages)
        take(engine, reader, registry, lambda: known(engine)["record"] == RECORDS)
    assert metered(engine) == (device.hours, device.hours)


def test_the_process_takes_in_what_comes_until_it_is_stopped(
    engine: Engine, running: Running, monkeypatch: pytest.MonkeyPatch
):
    """Against a chain of which only the height and the time matter."""
    device, stop = Device(), threading.Event()
    bind(engine, device)
    chain = SimpleNamespace(head=lambda: SimpleNamespace(number=10))
    suite = SimpleNamespace(chain_id=DOMAIN.chain_id, address=lambda _: DOMAIN.equipment)
    monkeypatch.setattr(devices.start, "connect", lambda *_: (chain, engine))
    monkeypatch.setattr(devices.clock, "of", lambda *_: lambda: device.at)
    settings = Settings(
        mqtt_url=running.broker.url,
        mqtt_password_file=running.broker.password_file(READER),
        mqtt_commands_password_file=running.broker.password_file(COMMANDER),
        mqtt_ca_file=running.broker.ca_file,
    )
    process = threading.Thread(target=devices.run, args=(settings, suite, stop))
    (password,) = running.broker.admit(["m7"]).values()
    running.reader().close()
    publish(running, password, [*device.records(60), device.checkpoint()])
    process.start()
    deadline = time.monotonic() + START_TIMEOUT_S
    while known(engine) != {"record": 60, "checkpoint": 1} and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    process.join(START_TIMEOUT_S)
    assert (process.is_alive(), known(engine)) == (False, {"record": 60, "checkpoint": 1})
    assert metered(engine) == (device.hours, device.hours)


def bind(engine: Engine, device: Device) -> None:
    """A read model that knows the machine and its device."""
    with store.writing(engine) as tx:
        indexer.PROGRESS.create_all(tx)
        READMODEL.create_all(tx)
        tx.execute(indexer.progress.insert().values(id=1, number=10, hash="0xaa", fingerprint="", tables=[]))
        papers = {"serial_hash": "0x", "certificate_hash": "0x", "holder_wallet": "0x", "registered_at": 1}
        tx.execute(machines.insert().values(machine=7, party=PARTY, epoch=1, financed=False, **papers))
        at = {"machine": 7, "epoch": 1, "device": device.address, "meter_start": device.hours, "at": device.at}
        tx.execute(bindings.insert().values(at))
