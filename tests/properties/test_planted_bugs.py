"""Runs that find nothing must be runs that would: bugs are planted, one line each, and found."""

import pytest

from tests.properties.mutants import MUTANTS, Mutant, steps_to_find

MOST_STEPS = 20_000
TOKENS = "MockCash", "MockReentrantCash"
PLANTED = (
    "collect takes more than is owed",
    "a part takes a share rounded up",
    "lenders leave before the impairment",
    "what is paid stays overdue",
    "what goes back on the day of its draw bears nothing",
    "what goes back after a night bears the day of its draw too",
    "a payment is booked on the line as it was before the token's turn",
)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_found(name: str) -> None:
    (mutant,) = (mutant for mutant in MUTANTS if mutant.name == name)
    assert steps_to_find(mutant, MOST_STEPS, TOKENS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_bug_can_be_planted_where_it_says(mutant: Mutant) -> None:
    assert mutant.source()
