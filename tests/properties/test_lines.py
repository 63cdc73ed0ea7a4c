"""What is owed on a line depends on time and payments alone: not on who looks when, nor on how a payment is sliced."""

from collections.abc import Iterator, Sequence
from random import Random

import pytest

from tests.properties.driver import Run
from tests.properties.people import PAYER, STRANGER
from tests.properties.world import Step, World

STEPS = 1_200
SEEDS = "merchants 1", "merchants 2", "merchants 3"
PER_DAY = 1
"""Position of `perDay` among the words of a line."""


def _words(data: bytes) -> list[int]:
    return [int.from_bytes(data[at : at + 32]) for at in range(0, len(data), 32)]


def _line(world: World, party: int) -> list[int]:
    return _words(world.view("CreditLine", "lineOf", party))


def _books(world: World) -> list[bytes]:
    """All that is owed on lines and what the treasury makes of it."""
    parties = world.model.lines.lines()
    lines = [world.view("CreditLine", view, party) for party in parties for view in ("lineOf", "owedOf")]
    return [*lines, *(world.view("Treasury", view) for view in ("book", "accrual", "totalAssets"))]


@pytest.mark.parametrize("seed", SEEDS)
def test_looking_at_lines_at_any_time_changes_nothing_of_what_is_owed(seed: str) -> None:
    looked_at, left_alone, rng = Run(seed), Run(seed), Random(seed)
    looks = 0
    for _ in range(STEPS):
        looked_at.step()
        step = looked_at.history[-1]
        if step.name != "CreditLine.accrue":
            left_alone.take(step)
        if rng.random() < 0.2:
            looked_at.world.apply(Step("CreditLine", "accrue", STRANGER, ([*looked_at.world.model.lines.lines()],)))
            looks += 1
        assert _books(looked_at.world) == _books(left_alone.world), f"after {step}"
    assert looks and looked_at.world.done["CreditLine.draw"] and looked_at.world.done["CreditLine.repay"]


def _slices(rng: Random, amount: int) -> list[int]:
    cuts = sorted(rng.randrange(amount + 1) for _ in range(rng.randrange(1, 8)))
    return [after - before for before, after in zip([0, *cuts], [*cuts, amount], strict=True) if after > before]


def _pay(world: World, party: int, payments: Sequence[int]) -> Iterator[list[int]]:
    """The line and the books after payments that are then undone."""
    with world.evm.undone():
        for amount in payments:
            world.evm.call(
                PAYER,
                world.addresses["CreditLine"],
                world.interfaces["CreditLine"].data("repay", party, amount),
            )
        yield _line(world, party)
        yield _words(world.view("Treasury", "book"))
        yield _words(world.view("Treasury", "accountOf", party))


@pytest.mark.parametrize("seed", SEEDS)
def test_slices_of_a_payment_do_on_one_day_what_the_whole_does(seed: str) -> None:
    run, rng = Run(seed), Random(seed)
    compared = 0
    for _ in range(STEPS):
        run.step()
        for party, line in run.world.model.lines.lines().items():
            if line.account.owed == 0 or rng.random() > 0.1:
                continue
            amount = rng.randrange(1, line.account.owed + 1) if rng.random() < 0.7 else line.account.owed
            slices = _slices(rng, amount)
            (whole, *whole_books), (sliced, *sliced_books) = (
                _pay(run.world, party, payments) for payments in ([amount], slices)
            )
            more_a_day = sliced.pop(PER_DAY) - whole.pop(PER_DAY)
            assert 0 <= more_a_day <= len(slices), "the average rate is rounded up, less than once a slice"
            assert (sliced, sliced_books) == (whole, whole_books), f"{slices} of party {party}"
            compared += 1
    assert compared >= 50
