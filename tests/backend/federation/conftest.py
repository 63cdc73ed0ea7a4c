"""The real rows, held by three institutions."""

from pathlib import Path

import pytest

from backend.federation import partition
from backend.federation.coordinator import Coordinator
from backend.federation.runlog import RunLog
from backend.federation.vectors import Rows
from backend.scoring import features, specs, table, training
from backend.scoring.modelspec import ModelSpec
from backend.scoring.table import Table
from tests.backend.federation.parts import Federation


@pytest.fixture(scope="session")
def spec() -> ModelSpec:
    return specs.find("uci_credit_card")


@pytest.fixture(scope="session")
def learned(spec: ModelSpec) -> Table:
    """The rows to learn from."""
    return training.split(spec, table.read(spec.data, spec))[0]


@pytest.fixture(scope="session")
def rows(spec: ModelSpec, learned: Table) -> dict[str, Rows]:
    """Each institution's own."""
    parts = partition.masks(learned.keys, learned.columns[partition.COLUMN])
    return {
        name: Rows(features.matrix(spec, learned.take(mask).columns), learned.labels[mask])
        for name, mask in parts.items()
    }


@pytest.fixture
def federation(spec: ModelSpec, rows: dict[str, Rows]) -> Federation:
    return Federation(spec, rows)


@pytest.fixture
def coordinator(federation: Federation) -> Coordinator:
    return Coordinator(federation.coordinator, federation.roster, federation.spec, federation.post, lambda _: None)


@pytest.fixture
def log(tmp_path: Path) -> RunLog:
    return RunLog(tmp_path / "run")
