"""Random runs of the whole suite, compared with the exact model after every step."""

import pytest

from tests.properties.coverage import (
    ERRORS_WITHOUT_STEP,
    FUNCTIONS_WITHOUT_STEP,
    errors,
    errors_missed,
    functions,
    functions_missed,
)
from tests.properties.driver import Run, Tally
from tests.properties.runs import Job, run_together

LEAST_STEPS = 300_000
PLAIN = [Job(seed, 30_000) for seed in range(1, 8)]
TOKENS = "MockFeeCash", "MockBlockingCash", "MockNoReturnCash", "MockReentrantCash"
HOSTILE = [Job(seed, 12_500, token) for seed in (1, 2) for token in TOKENS]


@pytest.fixture(scope="module")
def tally() -> Tally:
    """What all runs did; that there is one means that no step differed from the model and no invariant broke."""
    return run_together([*PLAIN, *HOSTILE], processes=2)


def test_every_step_ends_as_the_model_says_and_keeps_the_invariants(tally: Tally) -> None:
    assert tally.steps >= LEAST_STEPS


def test_every_function_succeeds_in_some_step(tally: Tally) -> None:
    assert not functions_missed(tally)


def test_every_error_is_met_in_some_step(tally: Tally) -> None:
    assert not errors_missed(tally)


def test_no_exception_from_the_coverage_is_stale(tally: Tally) -> None:
    assert set(FUNCTIONS_WITHOUT_STEP) <= functions()
    assert set(ERRORS_WITHOUT_STEP) <= errors()
    assert not set(ERRORS_WITHOUT_STEP) & set(tally.refused)
    assert not set(FUNCTIONS_WITHOUT_STEP) & set(tally.done)


def test_the_same_seed_takes_the_same_steps() -> None:
    first, second = Run("1"), Run("1")
    for run in (first, second):
        for _ in range(300):
            run.step()
    assert first.history == second.history
