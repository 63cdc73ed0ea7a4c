"""However the reports are cut, and whether they are skimmed or not, the alarms are the same."""

import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from backend.telemetry.alarms import Alarm
from backend.telemetry.record import Fix, Record
from backend.telemetry.rules import evaluate as evaluation
from backend.telemetry.rules.annex import Annex
from backend.telemetry.rules.context import Context, Pause
from backend.telemetry.rules.evaluate import evaluate
from backend.telemetry.rules.input import Breach, Input, Sealed, Transition
from backend.telemetry.rules.ruleset import load
from backend.telemetry.rules.state import State
from tests.backend.telemetry.rules.machine import BEGIN, DAY_S, FIRST, YARD, Machine, square

SEEDS = range(12)
CONTEXT = Context(pauses=(Pause(BEGIN + 2 * DAY_S, BEGIN + 3 * DAY_S),), model="excavator_21t", tank=4_000)


class Life:
    """Some weeks of a machine to which everything happens, to a `restless` one all the time. `inputs` is what the rules
    are told."""

    def __init__(self, seed: int) -> None:
        self.dice = dice = random.Random(seed)
        self.restless = dice.choice([0, 0.001, 0.02])
        self.annex = square(dice.choice([150, 1_000, 20_000])) if dice.random() < 0.8 else None
        self.now, self.home, self.inputs = FIRST, YARD, list[Input]()
        self.every_s = dice.choice([30, 60, 300, 600])
        for _ in range(20):
            self._phase()

    def _happens(self) -> bool:
        return self.dice.random() < self.restless

    def _phase(self) -> None:
        """A stretch of like records, with checkpoints."""
        dice = self.dice
        engine, burn, drift = dice.random() < 0.5, dice.choice([0, 60, 150, 150, 150, 150, 400]), 0
        if self.dice.random() < 30 * self.restless:
            drift = dice.choice([300, 3_000, 40_000])
        odd = dice.choice(ODDITIES) if dice.random() < 30 * self.restless else {}
        for _ in range(dice.choice([3, 20, 60, 200])):
            self.home = self.home._replace(latitude=self.home.latitude + drift)
            self.now = self.now._replace(**self._usual(engine, burn), **self._fix()) if not odd else self._odd(odd)
            self.inputs.append(self.now)
            if dice.random() < 0.1:
                self.inputs.append(Sealed(self.now.epoch, self.now.sequence))
            if self._happens() and self._happens():
                self.inputs.append(Breach(dice.choice(["fork", "bad_signature"]), self.now.at))

    def _usual(self, engine: bool, burn: int) -> dict[str, Any]:
        dice, now = self.dice, self.now
        passed = dice.choice([0, 1, 5_000, 90_000, -400]) if self._happens() else self.every_s
        worked = max(0, passed) * engine
        spent = worked * burn // 3_600
        level = 900 if (now.level or 0) < 100 else now.level - spent * 1000 // 4_000 + dice.choice([-1, 0, 0, 1])
        values = {
            "sequence": now.sequence + dice.choice([1, 1, 1, 2]),
            "at": now.at + passed,
            "hours": now.hours + (now.at % 36 + worked) // 36,
            "fuel": now.fuel + spent,
            "level": None if self._happens() else level,
            "engine": engine,
            "speed": dice.randrange(40) * engine,
            "power": True,
            "antenna": True,
        }
        return values | ({"epoch": now.epoch + 1, "sequence": 1, "hours": 0} if self._happens() and engine else {})

    def _odd(self, odd: dict[str, Any]) -> Record:
        now = self.now._replace(**self._usual(True, 150) | self._fix())
        if "burn" in odd:
            return now._replace(fuel=self.now.fuel + 100 * odd["burn"])
        if "back" in odd:
            return now._replace(hours=now.hours - odd["back"])
        return now._replace(hours=self.now.hours, **odd) if "stuck" not in odd else now._replace(hours=self.now.hours)

    def _fix(self) -> dict[str, Any]:
        dice, home = self.dice, self.home
        if self._happens():
            return {"fix": dice.choice([None, Fix(0, 0, 20, 9), home._replace(accuracy=3_000), YARD, FAR])}
        noisy = home._replace(
            latitude=home.latitude + dice.randrange(-100, 101), longitude=home.longitude + dice.randrange(-100, 101)
        )
        return {"fix": noisy._replace(accuracy=dice.randrange(10, 90))}


FAR = Fix(100_000_000, 200_000_000, 20, 9)
ODDITIES: tuple[dict[str, Any], ...] = (
    {"power": False},
    {"antenna": False},
    {"fix": None},
    {"fuel": 0},
    {"fuel": 100},
    {"burn": 100},
    {"level": 150},
    {"back": 500},
    {"back": -100},
    {"stuck": True},
)


def any_life(seed: int) -> tuple[Annex | None, list[Input]]:
    """Its annex and what it sent."""
    life = Life(seed)
    return life.annex, life.inputs


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


def test_a_good_part_of_the_lives_is_skimmed(monkeypatch: pytest.MonkeyPatch):
    looked_at = []
    take = evaluation._Run.take
    monkeypatch.setattr(evaluation._Run, "take", lambda run, given: (looked_at.append(given), take(run, given)))
    lives = [any_life(seed) for seed in SEEDS]
    for annex, inputs in lives:
        in_one(annex, inputs)
    assert len(looked_at) < sum(len(inputs) for _, inputs in lives) * 2 // 3


@pytest.mark.parametrize("older", [0, 1])
def test_a_record_that_is_not_the_newest_changes_nothing_whatever_it_says(older: int):
    machine = Machine()
    for _ in range(3):
        machine.send()
    before = machine.state.encode()
    late = machine.now._replace(sequence=machine.now.sequence - older, at=machine.now.at + 60)
    assert machine.tell(late) == []
    assert State.decode(before) == machine.state


def test_the_state_given_is_not_changed():
    machine = Machine()
    machine.send()
    before = machine.state.encode()
    evaluate(load(), None, CONTEXT, machine.state, [machine.now._replace(sequence=2, at=machine.now.at + 60)])
    assert machine.state.encode() == before


def test_another_annex_is_noticed_by_a_machine_that_is_being_skimmed():
    machine = Machine(annex=square(1_000))
    for _ in range(5):
        machine.send()
    assert machine.state.screen is not None
    record = machine.now._replace(sequence=6, at=machine.now.at + 60)
    _, changes = evaluate(load(), square(1_000, 200), machine.context, machine.state, [record])
    assert [change.alarm for change in changes] == [Alarm.REGION]
