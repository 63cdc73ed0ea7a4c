"""Runs of random steps, the same for the same seed, each compared with the model."""

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from time import monotonic

from tests.properties import invariants
from tests.properties.draw import Draw, Unfit
from tests.properties.evm import Evm
from tests.properties.line_watch import LineWatch
from tests.properties.operations import HOSTILE, OPERATIONS, lines
from tests.properties.operations.registry import Operation
from tests.properties.people import populate
from tests.properties.world import SUITE, ChainAt, Step, World

FIRST_DAY = 1_830_000_000  # in December 2027, so that runs cross the new year and the leap day
SPAN_S = 90 * 86_400
WORLD_STEPS = 2_500
"""Steps before a new world: its receivables, and what the in-process EVM keeps, grow with every one."""
CHECK_EVERY = 100
SHARES_OF_LINES = 0.5, 6.0
"""By what the weights of lines' steps are multiplied: some worlds are the merchants' own, the others the suppliers'."""
PROBED = 6
SHRINK_S = 60
KIND_LENGTH = 60


class Run:
    """One world from its deployment on. Its steps are drawn from the seed, or taken from a history."""

    def __init__(self, seed: str, token: str = "MockCash", chain_at: ChainAt = Evm) -> None:
        self.seed, self.token = seed, token
        rng = Random(seed)
        self.world = World(FIRST_DAY + rng.randrange(SPAN_S), token, chain_at)
        populate(self.world, rng)
        self.draw = Draw(self.world, rng)
        choices = [*OPERATIONS.items(), *HOSTILE.get(token, ())]
        share = rng.choice(SHARES_OF_LINES)
        self._operations = [operation for operation, _ in choices]
        self._weights = list(accumulate(often * (share if _is_of_lines(each) else 1) for each, often in choices))
        self.history: list[Step] = []
        self._price = invariants.price(self.world.model)
        self._watch = LineWatch(self.world.model)

    def step(self) -> None:
        """Draw a step and take it. Raises AssertionError."""
        while True:
            (operation,) = self.draw.rng.choices(self._operations, cum_weights=self._weights)
            with suppress(Unfit):
                step = operation(self.draw)
                if step.caller != self.world.addresses["Cash"]:  # a token acts within transfers only
                    return self.take(step)

    def take(self, step: Step) -> None:
        self.history.append(step)
        result = self.world.apply(step)
        self._compare_touched(step, result)
        before, self._price = self._price, invariants.price(self.world.model)
        invariants.require_price_kept(before, self._price, self.world.taken)
        self._watch.look(self.world.taken)
        if len(self.history) % CHECK_EVERY == 0:
            self.check()

    def check(self) -> None:
        """Everything but the figures of single receivables; some of them are tried for an offer and for payments."""
        invariants.check(self.world)
        self.world.compare_shares()
        parts = sorted(self.world.model.receivables.parts)
        probe = Draw(self.world, Random(len(self.history)))
        chosen = probe.rng.sample(parts, min(PROBED, len(parts)))
        for id in chosen:
            self.world.compare_quote(id)
        for party in self.world.model.lines.lines():
            self.world.compare_line(party)
            self.world.compare_draw(party, probe.amount(probe.available(party)))
        if self.token != "MockBlockingCash":  # its issuer refuses, not the suite
            invariants.require_money_accepted(self.world, chosen)
            invariants.require_line_payments_accepted(self.world)

    def compare_everything(self) -> None:
        for id in self.world.model.receivables.parts:
            self.world.compare_receivable(id)
        self.check()

    def _compare_touched(self, step: Step, result: int | None) -> None:
        world = self.world
        world.compare_book()
        if self.token == "MockReentrantCash":
            world.compare_answer()
        if step.contract not in SUITE:
            return
        for holder in (step.caller, world.addresses["Treasury"], world.addresses["Receivables"]):
            world.compare_balance("Cash", holder)
        if step.contract == "CreditLine":
            world.compare_line(_party_of(world, step))
        parts = world.model.receivables.parts
        for id in {_receivable_of(step), result if step.contract == "Receivables" else None}:
            if id in parts:
                world.compare_receivable(id)
        if step.contract == "Treasury":
            shares = world.model.treasury.shares[step.caller]
            world.compare("shares", shares.to_bytes(32), "Treasury", "balanceOf", step.caller)


def _is_of_lines(operation: Operation) -> bool:
    return operation.__module__ == lines.__name__


def _party_of(world: World, step: Step) -> int:
    """Whose line a step is about."""
    if step.function in ("open", "close", "draw"):
        return world.model.participants.party_of.get(step.caller, 0)
    first = step.arguments[0] if step.arguments else 0
    return first if isinstance(first, int) else 0


def _receivable_of(step: Step) -> int | None:
    """The number of the receivable that a step is about."""
    if step.contract not in ("Receivables", "Factoring") or not step.arguments:
        return None
    first = step.arguments[2] if step.function == "transferFrom" else step.arguments[0]
    return first[0] if isinstance(first, tuple) else first if isinstance(first, int) else None


@dataclass
class Tally:
    """What a run did, to see that it did everything."""

    steps: int = 0
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        self.steps += other.steps
        self.done.update(other.done)
        self.refused.update(other.refused)


class Failed(AssertionError):
    """A run differs from the model or breaks an invariant; the text says how to repeat it."""


def run(seed: int, steps: int, token: str = "MockCash") -> Tally:
    """Take `steps` steps in worlds `seed:token:0`, `seed:token:1` … Raises Failed."""
    tally = Tally()
    number = 0
    while tally.steps < steps:
        world_seed = f"{seed}:{token}:{number}"
        tally.add(run_world(world_seed, min(WORLD_STEPS, steps - tally.steps), token))
        number += 1
    return tally


def run_world(seed: str, steps: int, token: str) -> Tally:
    """The same for one world. Raises Failed with the least steps found that fail too."""
    one = Run(seed, token)
    try:
        for _ in range(steps):
            one.step()
        one.compare_everything()
    except AssertionError as error:
        history = shrink(seed, token, one.history, kind(error))
        listed = "\n".join(f"    {step}" for step in history)
        place = f"world {seed!r}, step {len(one.history)}"
        raise Failed(f"{place}: {error}\n  repeats with {len(history)} steps:\n{listed}") from None
    return Tally(steps, one.world.done, one.world.refused)


def kind(error: AssertionError) -> str:
    """What a failure is about, whatever its figures."""
    return re.sub(r"\d+", "0", str(error))[:KIND_LENGTH]


def fails(seed: str, token: str, history: Sequence[Step], how: str) -> bool:
    """Whether the steps of a history still make a world of that seed fail in that way."""
    one = Run(seed, token)
    try:
        for step in history:
            one.take(step)
        one.compare_everything()
    except AssertionError as error:
        return kind(error) == how
    except (LookupError, AttributeError):  # a step about something that an omitted step would have made
        return False
    return False


def shrink(seed: str, token: str, history: Sequence[Step], how: str) -> list[Step]:
    """A shorter history that fails too: leave out halves, quarters … single steps, as long as there is time."""
    deadline = monotonic() + SHRINK_S
    kept = list(history)
    size = len(kept) // 2
    while size and monotonic() < deadline:
        start = 0
        while start < len(kept) and monotonic() < deadline:
            shorter = kept[:start] + kept[start + size :]
            if fails(seed, token, shorter, how):
                kept = shorter
            else:
                start += size
        size //= 2
    return kept
