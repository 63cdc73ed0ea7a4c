"""Real data, the shipped models, and small files to break."""

import csv
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.scoring import model, specs, table, training
from backend.scoring.model import Scorer
from backend.scoring.modelspec import ModelSpec
from backend.scoring.table import Table

Rows = list[dict[str, str]]


@pytest.fixture(scope="session")
def spec() -> ModelSpec:
    return specs.find("polish_1year")


@pytest.fixture(scope="session")
def scorer() -> Scorer:
    return model.load("polish_1year")


@pytest.fixture(scope="session")
def parts(spec: ModelSpec) -> tuple[Table, Table]:
    """Training part and hold-out."""
    return training.split(spec, table.read(spec.data, spec))


@pytest.fixture(scope="session")
def real_rows(spec: ModelSpec) -> Rows:
    """Twenty survivors and twenty bankrupt companies as they stand in the file."""
    with gzip.open(spec.data, "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return rows[:20] + rows[-20:]


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable[[Rows], Path]:
    def write(rows: Rows) -> Path:
        path = tmp_path / "companies.csv"
        with path.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write
