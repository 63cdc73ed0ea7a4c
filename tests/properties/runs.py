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


def split_evenly(job: Job, processes: int) -> list[Job]:
    """Pieces of a long job with seeds of their own, small enough that progress is seen and no process runs alone."""
    count = max(processes, -(-job.steps // PIECE))
    sizes = [job.steps // count + (number < job.steps % count) for number in range(count)]
    return [Job(job.seed * 1_000_000 + number, size, job.token) for number, size in enumerate(sizes) if size]


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
