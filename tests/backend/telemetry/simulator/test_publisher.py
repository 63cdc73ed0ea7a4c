"""Simulated machines at a real broker."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from backend.telemetry import decoding, topics
from backend.telemetry.broker import COMMANDER
from backend.telemetry.link import Link
from backend.telemetry.simulator.fleet import Fleet
from backend.telemetry.simulator.memory import Folder
from backend.telemetry.simulator.publisher import Pace, Publisher, command_topic, obey
from tests import broker
from tests.backend.telemetry.simulator.fleets import START, device

PARTY = 3
HOUR_S = 3_600
MACHINES = (1, 2)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[broker.Running]:
    with broker.start(tmp_path_factory.mktemp("broker")) as started:
        started.reader().close()  # its main loop runs, so that it will notice who is admitted
        yield started


@pytest.fixture
def links(running: broker.Running) -> Iterator[dict[int, Link]]:
    passwords = running.broker.admit(f"m{machine}" for machine in MACHINES)
    with ExitStack() as opened:
        yield {
            machine: opened.enter_context(
                Link(running.broker.access(f"m{machine}", passwords[f"m{machine}"]), [command_topic(PARTY, machine)])
            )
            for machine in MACHINES
        }


class Playing:
    """Machines at the broker, beginning at START; `step` moves the clock first."""

    def __init__(self, links: dict[int, Link], memories: Path) -> None:
        self.now = START
        self.fleet = Fleet([device(machine) for machine in MACHINES])
        pace = Pace(lambda: self.now, START, START)
        self.publisher = Publisher(self.fleet, links, PARTY, pace, Folder(memories))

    def step(self, now: int) -> None:
        self.now = now
        self.publisher.step()


def test_the_broker_gets_what_the_machines_sent_in_their_order(
    running: broker.Running, links: dict[int, Link], tmp_path: Path
) -> None:
    reader, playing = running.reader(), Playing(links, tmp_path)
    for hour in range(1, 11):
        playing.step(START + HOUR_S * hour)
    playing.publisher.flush()
    expected = list(Fleet([device(machine) for machine in MACHINES]).messages(START + 10 * HOUR_S + 1))
    received = broker.collect(reader, len(expected))
    reader.close()
    assert playing.publisher.sent == len(received) == len(expected) > 100
    for machine in MACHINES:
        sent = [(topics.topic(PARTY, machine, each.kind), each.payload) for each in expected if each.machine == machine]
        topic = topics.topic(PARTY, machine, topics.Kind.RECORD).removesuffix("record")
        assert [(each.topic, each.payload) for each in received if each.topic.startswith(topic)] == sent


def test_a_machine_obeys_a_lock_from_the_broker(
    running: broker.Running, links: dict[int, Link], tmp_path: Path
) -> None:
    playing = Playing(links, tmp_path)
    with Link(running.broker.platform_access(COMMANDER)) as commander:
        commander.publish(command_topic(PARTY, 1), b'{"v":1,"command":"lock"}')
        commander.flush()
    reader = running.reader()
    _step_until_told(playing, links[1])
    playing.step(START + 12 * HOUR_S)
    playing.publisher.flush()
    records = [
        decoding.record_of(each.payload)
        for each in broker.collect(reader, playing.publisher.sent)
        if each.topic.endswith("/record")
    ]
    reader.close()
    assert not any(record.engine for record in records if record.machine == 1)
    assert any(record.engine for record in records if record.machine == 2)


def _step_until_told(playing: Playing, link: Link) -> None:
    """The broker's answer to the commander and its word to the machine are two messages."""
    while not playing.fleet.devices[1].machine.locked:
        playing.step(START)


def test_a_machine_that_runs_is_given_ten_minutes() -> None:
    locked = device(1)
    fleet = Fleet([locked])
    list(fleet.messages(START + 9 * HOUR_S))
    assert locked.machine.truth().engine
    obey(locked, b'{"v":1,"command":"lock"}')
    list(fleet.messages(START + 9 * HOUR_S + 540))
    assert locked.machine.truth().engine
    list(fleet.messages(START + 9 * HOUR_S + 720))
    assert not locked.machine.truth().engine
    obey(locked, b'{"v":1,"command":"unlock"}')
    list(fleet.messages(START + 11 * HOUR_S))
    assert locked.machine.truth().engine


@pytest.mark.parametrize("payload", [b"", b"NaN", b"[]", b'{"v":2,"command":"lock"}', b'{"v":1,"command":"open"}'])
def test_other_commands_are_ignored(payload: bytes) -> None:
    told = device(1)
    obey(told, payload)
    assert not told.machine.locked


def test_a_fast_pace_never_overtakes_the_clock() -> None:
    clock = iter((5_000, 5_100, 5_444, 5_445, 6_000))
    pace = Pace(lambda: next(clock), start=1_000, began=5_000, speed=10)
    assert [pace() for _ in range(5)] == [1_000, 2_000, 5_440, 5_445, 6_000]


def test_a_device_that_was_off_goes_on_with_its_chain_and_its_meters(links: dict[int, Link], tmp_path: Path) -> None:
    playing = Playing(links, tmp_path)
    playing.step(START + 10 * HOUR_S)
    last = {machine: playing.fleet.devices[machine].memory() for machine in MACHINES}
    memory = Folder(tmp_path).recall(1)
    assert memory == last[1] != last[2]
    woken = device(1, memory=memory)
    first = next(iter(Fleet([woken]).messages(START + 20 * HOUR_S)))
    record = decoding.record_of(first.payload)
    assert (record.sequence, record.previous) == (memory.sequence + 1, memory.head)
    assert record.at > memory.at
    assert 0 <= record.hours - int(100 * memory.hours) <= 1
    assert Folder(tmp_path / "new").recall(1) is None
