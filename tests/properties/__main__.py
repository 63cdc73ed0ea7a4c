"""Long runs: `python -m tests.properties --steps 5000000 --seed 7`.

The exit status is 1 when a run differs from the model, with what repeats it, and when a run over all tokens never
reached some function or error.
"""

import argparse
import sys
from time import monotonic

from tests.properties.build import ensure_compiled
from tests.properties.coverage import errors_missed, functions_missed
from tests.properties.driver import WORLD_STEPS, Failed, Tally, run_world
from tests.properties.runs import pieces, run_together
from tests.properties.world import PLAIN, TOKENS

REPORT_S = 10
BY_TURNS = [name for token in TOKENS if token != PLAIN for name in (PLAIN, token)]


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
    parser.add_argument("--steps", type=int, default=1_000_000, help="default 1000000; fewer may not reach everything")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--token", choices=sorted(TOKENS), help="the settlement token; default: all of them by turns")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--world", metavar="SEED:TOKEN:NUMBER", help="only this world, as a failure names it")
    chosen = parser.parse_args()
    ensure_compiled()
    try:
        if chosen.world:
            run_world(chosen.world, WORLD_STEPS, chosen.world.split(":")[1])
            return 0
        jobs = pieces(chosen.seed, chosen.steps, [chosen.token] if chosen.token else BY_TURNS)
        tally = run_together(jobs, chosen.processes, Progress(chosen.steps))
    except Failed as failure:
        say(str(failure))
        return 1
    return 0 if chosen.token else _say_what_is_missing(tally)


def _say_what_is_missing(tally: Tally) -> int:
    missed = functions_missed(tally) | errors_missed(tally)
    for name in sorted(missed):
        say(f"never met: {name}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
