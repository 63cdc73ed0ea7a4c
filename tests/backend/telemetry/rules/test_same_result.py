"""However the reports are cut, and whether they are skimmed or not, the alarms are the same."""

import random
from collections.abc import Iterator, Sequence

import pytest

from backend.telemetry.record import Fix
from backend.telemetry.rules.annex import Annex
from backend.telemetry.rules.context import Context, Pause
from backend.telemetry.rules.evaluate import evaluate
from backend.telemetry.rules.input import Breach, Input, Transition
from backend.telemetry.rules.ruleset import load
from backend.telemetry.rules.state import State
from tests.backend.telemetry.rules.machine import BEGIN, DAY_S, Machine, square

SEEDS = range(40)
CONTEXT = Context(pauses=(Pause(BEGIN + 2 * DAY_S, BEGIN + 3 * DAY_S),), model="excavator_21t", tank=4_000)


def any_life(seed: int) -> tuple[Annex | None, list[Input]]:
    """Some weeks of a machine to which everything happens now and then."""
    dice = random.Random(seed)
    annex = square(half_m=dice.choice([150, 1_000, 20_000])) if dice.random() < 0.8 else None
    machine = Machine(annex=annex)
    every_s = dice.choice([30, 60, 300, 600])
    for _ in range(dice.randrange(20, 60)):
        machine.inputs += _phase(dice, machine, every_s)
    return annex, machine.inputs


def _phase(dice: random.Random, machine: Machine, every_s: int) -> Iterator[Input]:
    """A stretch of like records, sealed or not."""
    engine, burn, drift = dice.random() < 0.5, dice.choice([0, 100, 150, 400]), dice.choice([0, 0, 0, 3_000, 40_000])
    broken = dice.random() < 0.2
    for _ in range(dice.choice([3, 20, 60, 200])):
        yield _next(dice, machine, every_s, engine, burn, drift, broken)
        if dice.random() < 0.1:
            yield machine.checkpoint()
        if dice.random() < 0.001:
            yield Breach(dice.choice(["fork", "bad_signature"]), machine.now.at)


def _next(dice, machine, every_s, engine, burn, drift, broken):
    now = machine.now
    passed = every_s if dice.random() < 0.99 else dice.choice([0, 1, 5_000, 90_000, -400])
    worked = max(0, passed) * engine
    level = max(0, min(1000, (now.level or 600) + dice.choice([-2, -1, 0, 0, 1])))
    values = {
        "epoch": now.epoch,
        "sequence": now.sequence + dice.choice([1, 1, 1, 2]),
        "at": now.at + passed,
        "hours": now.hours + (worked // 36 + dice.choice([-1, 0, 0, 1]) if worked and dice.random() < 0.9 else 0),
        "fuel": now.fuel + worked * burn // 3_600,
        "level": None if dice.random() < 0.001 else level,
        "engine": engine,
        "speed": dice.randrange(40) * engine,
        "fix": _fix(dice, now.fix, drift),
        "power": True,
        "antenna": True,
    }
    if broken and dice.random() < 0.5:
        values |= dice.choice(
            [{"power": False}, {"antenna": False}, {"fix": None}, {"hours": now.hours - 5}, {"fuel": 0}, {"level": 100}]
        )
    if dice.random() < 0.0005:
        values |= {"epoch": now.epoch + 1, "sequence": 1, "hours": 0, "fuel": 0}
    machine.now = now._replace(**values)
    return machine.now


def _fix(dice, last, drift):
    last = last or Fix(395_000_000, 1_163_000_000, 25, 9)
    if dice.random() < 0.01:
        return dice.choice([None, Fix(0, 0, 20, 9), last._replace(accuracy=3_000), last._replace(latitude=100)])
    turn = dice.choice([-1, 1])
    return last._replace(
        latitude=last.latitude + dice.randrange(-100, 101) + turn * drift,
        longitude=last.longitude + dice.randrange(-100, 101),
        accuracy=dice.randrange(10, 90),
    )


def in_one(annex: Annex | None, inputs: Sequence[Input]) -> list[Transition]:
    return evaluate(load(), annex, CONTEXT, State(), inputs)[1]


def cut(annex: Annex | None, inputs: Sequence[Input], sizes: Iterator[int]) -> list[Transition]:
    """In batches of these sizes, the state saved and loaded between them."""
    saved, changes, place = State().encode(), [], 0
    while place < len(inputs):
        size = next(sizes)
        state, found = evaluate(load(), annex, CONTEXT, State.decode(saved), inputs[place : place + size])
        saved, changes, place = state.encode(), changes + found, place + size
    return changes


def plainly(annex: Annex | None, inputs: Sequence[Input]) -> list[Transition]:
    """Every record with the whole rules: without a screen there is nothing to skim by."""
    state, changes = State(), []
    for given in inputs:
        state.screen = None
        state, found = evaluate(load(), annex, CONTEXT, state, [given])
        changes += found
    return changes


@pytest.mark.parametrize("seed", SEEDS)
def test_skimming_changes_nothing(seed: int):
    annex, inputs = any_life(seed)
    assert in_one(annex, inputs) == plainly(annex, inputs)


@pytest.mark.parametrize("seed", SEEDS)
def test_any_batches_and_restarts_change_nothing(seed: int):
    annex, inputs = any_life(seed)
    dice = random.Random(seed)
    expected = in_one(annex, inputs)
    assert cut(annex, inputs, iter(lambda: dice.randrange(1, 100), None)) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_repeated_and_reordered_old_records_change_nothing(seed: int):
    annex, inputs = any_life(seed)
    dice = random.Random(seed)
    noisy = []
    for place, given in enumerate(inputs):
        noisy.append(given)
        if dice.random() < 0.2 and not isinstance(given, Breach):
            old = inputs[dice.randrange(max(0, place - 50), place + 1)]
            noisy += [] if isinstance(old, Breach) else [old]
    assert in_one(annex, noisy) == in_one(annex, inputs)


def test_the_lives_have_every_alarm_in_them():
    reasons = {change.evidence["reason"] for seed in SEEDS for change in in_one(*any_life(seed))}
    assert set(load().rules) - reasons == {"offline"}
