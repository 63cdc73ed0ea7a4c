"""Several runs side by side."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import NamedTuple

from tests.properties.driver import WORLD_STEPS, Tally, run

PIECE = 10 * WORLD_STEPS


class Job(NamedTuple):
    seed: int
    steps: int
    token: str = "MockCash"


def pieces(seed: int, steps: int, tokens: Sequence[str]) -> list[Job]:
    """A long run in jobs with seeds of their own, the tokens by turns."""
    count = max(len(tokens), -(-steps // PIECE))
    sizes = (steps // count + (number < steps % count) for number in range(count))
    return [Job(seed * 1_000_000 + number, size, tokens[number % len(tokens)]) for number, size in enumerate(sizes)]


def run_together(jobs: Sequence[Job], processes: int, report: Callable[[int], None] = lambda _: None) -> Tally:
    """What all jobs did; `report` is told the steps taken. Raises Failed of the first job that fails."""
    total = Tally()
    with ProcessPoolExecutor(processes) as pool:
        running = [pool.submit(run, *job) for job in jobs]
        try:
            for done in as_completed(running):
                total.add(done.result())
                report(total.steps)
        finally:
            pool.shutdown(cancel_futures=True)
    return total
