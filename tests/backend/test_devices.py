"""Machines as the intake of their reports knows them from the read model."""

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine, delete, update

from backend import store
from backend.devices import BANK, Dated, ReadModel
from backend.readmodel import indexer
from backend.readmodel.machines import bindings, machines, windows
from backend.readmodel.projection import READMODEL
from backend.telemetry.record import Message
from backend.telemetry.registry import Binding, Machine, Window

DEPTH = 4
RULES = "0x" + "ab" * 32


class Node:
    """A chain of which only the height matters."""

    def __init__(self, height: int) -> None:
        self.height = height

    def head(self) -> Any:
        return SimpleNamespace(number=self.height)


@pytest.fixture
def tables(engine: Engine) -> Engine:
    """A read model at block 10 with one machine and its first device."""
    with store.writing(engine) as tx:
        indexer.PROGRESS.create_all(tx)
        READMODEL.create_all(tx)
        tx.execute(indexer.progress.insert().values(id=1, number=10, hash="0xaa", fingerprint="", tables=[]))
        papers = {"serial_hash": RULES, "certificate_hash": RULES, "holder_wallet": "0x", "registered_at": 1}
        tx.execute(machines.insert().values(machine=7, party=3, epoch=1, holder=3, financed=False, **papers))
        tx.execute(bindings.insert().values(machine=7, epoch=1, device="0xDE", meter_start=500, at=100))
    return engine


def move(engine: Engine, number: int) -> None:
    with store.writing(engine) as tx:
        tx.execute(update(indexer.progress).values(number=number, hash=f"0x{number:02x}"))


def test_a_machine_is_known_with_its_devices_lease_and_times_of_rest(tables: Engine):
    with store.writing(tables) as tx:
        tx.execute(update(machines).values(lessee=9, rules_hash=RULES, financed=True))
        tx.execute(bindings.insert().values(machine=7, epoch=2, device="0xD2", meter_start=0, at=200))
        tx.execute(windows.insert().values(machine=7, kind="lock", starts_at=300, ends_at=None, lease=1))
        tx.execute(windows.insert().values(machine=7, kind="standby", starts_at=10, ends_at=20, lease=1))
    registry = ReadModel(tables, Node(10), DEPTH)
    assert registry.is_ready()
    assert registry.machine(7) == Machine(
        id=7,
        party=3,
        bindings=(Binding(1, "0xDE", 500, 100), Binding(2, "0xD2", 0, 200)),
        rules_hash=RULES,
        standby=(Window(10, 20),),
        locks=(Window(300, None),),
        hearers=(3, 9, BANK),
    )
    assert registry.machine(8) is None


def test_it_is_read_again_only_when_the_read_model_moved(tables: Engine):
    registry = ReadModel(tables, Node(10), DEPTH)
    assert [registry.refresh(), registry.refresh()] == [True, False]
    move(tables, 11)
    assert registry.refresh()


def test_without_a_read_model_nothing_is_taken_in(engine: Engine):
    assert not ReadModel(engine, Node(10), DEPTH).is_ready()


def test_a_read_model_that_is_still_being_built_is_waited_for(tables: Engine):
    node = Node(10 + DEPTH + 1)
    registry = ReadModel(tables, node, DEPTH)
    assert not registry.is_ready()
    move(tables, 11)
    assert registry.is_ready()


def test_what_was_known_stays_while_the_read_model_is_built_anew(tables: Engine):
    registry = ReadModel(tables, Node(10), DEPTH)
    assert registry.is_ready()
    with store.writing(tables) as tx:
        tx.execute(delete(machines))
    move(tables, 0)
    assert not registry.refresh()
    assert registry.machine(7)


def test_a_short_reorganisation_is_followed(tables: Engine):
    registry = ReadModel(tables, Node(10), DEPTH)
    assert registry.is_ready()
    with store.writing(tables) as tx:
        tx.execute(delete(bindings))
    move(tables, 10 - DEPTH)
    assert registry.refresh()
    assert [machine.bindings for machine in registry.machines()] == [()]


def test_messages_came_when_the_clock_of_the_backend_says_and_none_is_lost_while_it_fails():
    times = iter([99, ConnectionError(), 101])
    batches = [[Message("t", b"a", 1)], [], [Message("t", b"b", 1)]]

    def now() -> int:
        at = next(times)
        if isinstance(at, Exception):
            raise at
        return at

    dated = Dated(SimpleNamespace(receive=lambda _: batches.pop(0), acknowledge=lambda: None), now)
    assert dated.receive(0) == [Message("t", b"a", 99)]
    assert dated.receive(0) == []
    with pytest.raises(ConnectionError):
        dated.receive(0)
    assert dated.receive(0) == [Message("t", b"b", 101)]
