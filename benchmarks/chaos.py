"""Faults against submitter and indexer: `python -m benchmarks chaos --count 1000 --seed 7`."""

import argparse
import json

from tests.system import chaos


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="injections, at least")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database-url", help="default: a new SQLite file")
    arguments = parser.parse_args(argv)
    if arguments.count < 1:
        parser.error(f"--count is {arguments.count}; it must be at least 1")
    report = chaos.run(arguments.count, arguments.seed, arguments.database_url)
    for kind, number in report["kinds"].items():
        print(f"{kind:40} {number:6}")
    print(f"{report['intents']} transactions, each executed exactly once; read model equal to a rebuild")
    print(json.dumps(report))
