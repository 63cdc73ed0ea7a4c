"""Long runs: `python -m tests.properties --steps 5000000 --seed 7 [--token MockFeeCash] [--processes 2]`.

The exit status is 1 when a run differs from the model, with what repeats it; a run that never reaches a function or
an error fails too.
"""

import argparse
import sys
from time import monotonic

from tests.properties.build import ensure_compiled
from tests.properties.coverage import errors_missed, functions_missed
from tests.properties.driver import Failed
from tests.properties.runs import Job, run_together, split_evenly
from tests.properties.world import TOKENS

REPORT_S = 10


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Progress:
    """Prints how far a run is, now and then."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.begun = self.told = monotonic()

    def __call__(self, taken: int) -> None:
        now = monotonic()
        if now - self.told >= REPORT_S or taken >= self.steps:
            self.told = now
            say(f"{taken:>12,} of {self.steps:,} steps, {taken / (now - self.begun):,.0f} a second")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.properties", description="Random runs of the whole suite.")
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--token", choices=sorted(TOKENS), default="MockCash", help="the settlement token")
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    ensure_compiled()
    job = Job(chosen.seed, chosen.steps, chosen.token)
    try:
        tally = run_together(split_evenly(job, chosen.processes), chosen.processes, Progress(chosen.steps))
    except Failed as failure:
        say(str(failure))
        return 1
    for missed in sorted(functions_missed(tally) | errors_missed(tally)):
        say(f"never met: {missed}")
    return 1 if functions_missed(tally) or errors_missed(tally) else 0


if __name__ == "__main__":
    sys.exit(main())
