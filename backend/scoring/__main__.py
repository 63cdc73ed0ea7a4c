"""Commands for models: `python -m backend.scoring train | evaluate | monitor | promotion | population`.

Results go to stdout, progress to stderr. A named error is one line on stderr and exit status 2.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import NoReturn

from backend import days
from backend.chain.contracts import Suite
from backend.chain.rpc import Rpc
from backend.config import Settings
from backend.errors import HeqiError
from backend.scoring import evaluation, model, promotion, registry, release, training, watch
from backend.scoring.merchants import cohort, comparison
from backend.scoring.model import MODELS
from backend.scoring.modelspec import ROOT


class OneLineParser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    parsed = _parser().parse_args(arguments)
    try:
        match parsed.command:
            case "train":
                _train(parsed.spec)
            case "evaluate":
                _evaluate(parsed.spec, parsed.data)
            case "monitor":
                _monitor(parsed.spec, parsed.data)
            case "population":
                _draw_population()
            case "promotion":
                _promote(parsed.spec, parsed.model, parsed.incumbent, parsed.record)
    except HeqiError as error:
        _progress(str(error))
        return 2
    return 0


def _parser() -> OneLineParser:
    parser = OneLineParser(prog="python -m backend.scoring", description="Train, judge and watch the scoring models.")
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train a model and write it, its report and its card")
    evaluate = commands.add_parser("evaluate", help="score a labelled CSV file with the shipped model")
    monitor = commands.add_parser("monitor", help="compare recent rows with those the shipped model learned from")
    promote = commands.add_parser("promotion", help="check a shipped model against the chain and record its use")
    commands.add_parser("population", help="draw the synthetic merchants again, and compare them with real data")
    for command in (train, evaluate, monitor, promote):
        command.add_argument("--spec", required=True, help="name of the model specification")
    evaluate.add_argument("--data", required=True, type=Path, help="CSV file, plain or gzip, with the label column")
    monitor.add_argument("--data", required=True, type=Path, help="CSV file; empty labels are not known yet")
    promote.add_argument("--model", required=True, type=int, help="number of the model in the CreditOracle")
    promote.add_argument("--incumbent", type=Path, help="report of the model it replaces")
    promote.add_argument("--record", required=True, type=Path, help="file to write the record to")
    return parser


def _train(name: str) -> None:
    _result(f"{name} {release.release(name, MODELS, release.CARDS, _progress)}")


def _evaluate(name: str, data: Path) -> None:
    measured = evaluation.evaluate(name, data, _progress).as_dict()
    for figure, value in measured.items():
        _result(f"{figure:<14}{value:>10}" if figure == "rows" else f"{figure:<14}{value:>10.4f}")
    _result(json.dumps(measured))


def _monitor(name: str, data: Path) -> None:
    seen = watch.watch(name, data)
    for line in watch.lines(seen):
        _result(line)
    _result(json.dumps(seen, ensure_ascii=False))


def _draw_population() -> None:
    cohort.write(cohort.OBSERVATIONS, cohort.observations(cohort.SEED, cohort.MERCHANTS))
    (release.CARDS / "merchant-population.md").write_text(comparison.page(), encoding="utf-8")
    _result(str(cohort.OBSERVATIONS.relative_to(ROOT)))


def _promote(name: str, number: int, incumbent: Path | None, target: Path) -> None:
    settings = Settings.load()
    rpc, suite = Rpc.connect(settings), Suite.load(settings)
    suite.verify_genesis(rpc)
    scorer, registered = model.load(name), registry.read(rpc, suite, number)
    today = days.date_of(days.day_of(rpc.header(registered.block).timestamp))
    before = json.loads(incumbent.read_bytes()) if incumbent else None
    done = promotion.checks(scorer, model.load_report(name), before, registered, today)
    for check in done:
        _progress(f"{'passed' if check.passed else 'FAILED'}  {check.name}: {check.found}")
    written = promotion.record(scorer, number, done, registered, today)
    target.write_bytes(training.canonical_json(written))
    _result(json.dumps(written))


def _result(line: str) -> None:
    sys.stdout.write(line + "\n")


def _progress(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
