"""`python -m backend.scoring train --spec S` and `python -m backend.scoring evaluate --spec S --data FILE`.

Results go to stdout, progress to stderr. A named error is one line on stderr and exit status 2.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import NoReturn

from backend.errors import HeqiError
from backend.scoring import evaluation, release
from backend.scoring.model import MODELS


class OneLineParser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    parsed = _parser().parse_args(arguments)
    try:
        if parsed.command == "train":
            _train(parsed.spec)
        else:
            _evaluate(parsed.spec, parsed.data)
    except HeqiError as error:
        _progress(str(error))
        return 2
    return 0


def _parser() -> OneLineParser:
    parser = OneLineParser(prog="python -m backend.scoring", description="Train and evaluate the scoring models.")
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train a model and write it, its report and its card")
    evaluate = commands.add_parser("evaluate", help="score a labelled CSV file with the shipped model")
    for command in (train, evaluate):
        command.add_argument("--spec", required=True, help="name of the model specification")
    evaluate.add_argument("--data", required=True, type=Path, help="CSV file, plain or gzip, with the label column")
    return parser


def _train(name: str) -> None:
    _result(f"{name} {release.release(name, MODELS, release.CARDS, _progress)}")


def _evaluate(name: str, data: Path) -> None:
    measured = evaluation.evaluate(name, data, _progress).as_dict()
    for figure, value in measured.items():
        _result(f"{figure:<14}{value:>10}" if figure == "rows" else f"{figure:<14}{value:>10.4f}")
    _result(json.dumps(measured))


def _result(line: str) -> None:
    sys.stdout.write(line + "\n")


def _progress(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
