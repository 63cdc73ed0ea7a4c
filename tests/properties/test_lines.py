"""What is owed on a line depends on time and payments alone: not on who looks when, nor on how a payment is sliced."""

from collections import Counter
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
MAX_RATE_BPS = 2_400


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
    """The line and the books after payments that are then undone; rounding may leave nothing to the last of them."""
    with world.evm.undone():
        for amount in payments:
            if not _words(world.view("CreditLine", "owedOf", party))[-1]:
                break
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
    compared: Counter[bool] = Counter()
    for _ in range(STEPS):
        run.step()
        for party, line in run.world.model.lines.lines().items():
            if line.account.owed == 0 or rng.random() > 0.1:
                continue
            amount = rng.randrange(1, line.account.owed + 1) if rng.random() < 0.7 else line.account.owed
            slices = _slices(rng, amount)
            whole, sliced = (list(_pay(run.world, party, payments)) for payments in ([amount], slices))
            (_require_same_but_for_units if line.account.drawn_today else _require_same)(whole, sliced, len(slices))
            compared[line.account.drawn_today > 0] += 1
    assert compared[False] >= 50 and compared[True] >= 5


def _require_same(whole: list[list[int]], sliced: list[list[int]], slices: int) -> None:
    more_a_day = sliced[0].pop(PER_DAY) - whole[0].pop(PER_DAY)
    assert 0 <= more_a_day <= slices, "the average rate is rounded up, less than once a slice"
    assert sliced == whole


def _require_same_but_for_units(whole: list[list[int]], sliced: list[list[int]], slices: int) -> None:
    """Every slice rounds the day of today's draws to a unit, of which it makes principal, or takes it from there."""
    more_a_day = sliced[0].pop(PER_DAY) - whole[0].pop(PER_DAY)
    assert abs(more_a_day) <= slices * (1 + MAX_RATE_BPS)
    for alone, together in zip(sliced, whole, strict=True):
        assert all(abs(a - b) <= slices for a, b in zip(alone, together, strict=True)), f"{alone}, not {together}"
