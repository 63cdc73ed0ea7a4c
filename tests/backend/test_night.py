"""The process of the nightly comparison: which days it judges, and when."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, Engine, select

from backend import night, store
from backend.days import BEIJING_S, DAY_S
from backend.store.tables import machine_days
from backend.store.writer import WriterReplaced
from backend.telemetry.fleet import batch
from backend.telemetry.fleet.days import Day
from backend.telemetry.fleet.peers import WINDOW_DAYS
from tests.backend.telemetry.machines import Bound

DAY = 20_720
ONE_O_CLOCK = (DAY + 1) * DAY_S - BEIJING_S + 3_600
"""On the next day in Beijing."""


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Days in the order in which they are judged."""
    days: list[int] = []
    run = batch.run

    def noted(engine: Engine, registry: Bound, day: int, guard: Callable[[Connection], None]) -> object:
        days.append(day)
        return run(engine, registry, day, guard)

    monkeypatch.setattr(batch, "run", noted)
    return days


def started(engine: Engine) -> night.Night:
    with store.sole_writer(engine, "night") as fence:
        return night.Night(engine, Bound(), fence.check)


def keep(engine: Engine, day: int) -> None:
    with store.writing(engine) as tx:
        tx.execute(machine_days.insert(), [Day(1, day, 900, 800, 60, 1_000, 0, 0, 990)._asdict()])


def test_a_day_is_judged_from_one_o_clock_of_the_next_on_and_once(engine: Engine, judged: list[int]):
    keep(engine, DAY - 1)
    nightly = started(engine)
    nightly.step(ONE_O_CLOCK - 1)
    assert judged == []
    nightly.step(ONE_O_CLOCK)
    nightly.step(ONE_O_CLOCK + 3_600)
    assert judged == [DAY]


def test_days_missed_while_it_did_not_run_are_judged_in_their_order(engine: Engine, judged: list[int]):
    keep(engine, DAY - 3)
    started(engine).step(ONE_O_CLOCK)
    assert judged == [DAY - 2, DAY - 1, DAY]


def test_after_a_long_silence_only_the_window_is_judged(engine: Engine, judged: list[int]):
    started(engine).step(ONE_O_CLOCK)
    assert judged == list(range(DAY - WINDOW_DAYS + 1, DAY + 1))


def test_a_day_without_machines_keeps_nothing(engine: Engine, judged: list[int]):
    keep(engine, DAY - 1)
    started(engine).step(ONE_O_CLOCK)
    with store.reading(engine) as tx:
        assert tx.scalars(select(machine_days.c.day)).all() == [DAY - 1]


def test_a_process_that_was_replaced_writes_nothing(engine: Engine):
    keep(engine, DAY - 1)
    replaced = started(engine)
    started(engine).step(ONE_O_CLOCK)
    with pytest.raises(WriterReplaced):
        replaced.step(ONE_O_CLOCK)
