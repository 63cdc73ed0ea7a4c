"""Planted bugs against the random runs: `python -m benchmarks mutation [--count n] [--steps n]`."""

import argparse
import json
import sys
from time import monotonic

from tests.properties.build import ensure_compiled
from tests.properties.mutants import MUTANTS, steps_to_find

# By turns; a hostile token shows what an honest one hides.
TOKENS = ("MockCash", "MockReentrantCash", "MockFeeCash")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks mutation", description=__doc__)
    parser.add_argument("--count", type=int, default=len(MUTANTS), help="how many of the bugs to plant")
    parser.add_argument("--steps", type=int, default=60_000, help="steps after which a bug counts as survived")
    chosen = parser.parse_args(arguments)
    ensure_compiled()
    found = [_hunt(number, chosen.steps) for number in range(min(chosen.count, len(MUTANTS)))]
    killed = [steps for steps in found if steps is not None]
    result = {"mutants": len(found), "killed": len(killed), "survived": len(found) - len(killed)}
    say(json.dumps(result | {"median_steps": sorted(killed)[len(killed) // 2] if killed else None}))
    sys.exit(len(killed) != len(found))


def _hunt(number: int, most: int) -> int | None:
    mutant, begun = MUTANTS[number], monotonic()
    steps = steps_to_find(mutant, most, TOKENS)
    verdict = "survived" if steps is None else f"killed after {steps:,} steps"
    say(f"{mutant.contract:12} {mutant.name:55} {verdict} ({monotonic() - begun:.0f} s)")
    return steps


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
