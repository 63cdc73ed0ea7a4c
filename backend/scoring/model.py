"""Scoring with a shipped model: `load(name).score(rows)`. One thread, no state, no I/O after loading."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from backend.scoring import features, reasons, scale, specs, table
from backend.scoring.calibration import Calibration
from backend.scoring.errors import ModelMissing, ModelTampered
from backend.scoring.formula import Column
from backend.scoring.metrics import Probabilities
from backend.scoring.modelspec import ModelSpec
from backend.scoring.scorecard import Attribute, Scorecard

MODELS = Path(__file__).with_name("models")
HASHES = "hashes.json"


@dataclass(frozen=True)
class Scored:
    """What goes on chain for one row. Hashes are `0x` and 64 hexadecimal digits (bytes32)."""

    pd_ppm: int
    score: int
    reasons: tuple[int, ...]
    model_hash: str
    features_hash: str


@dataclass(frozen=True)
class Batch:
    """Scores of many rows in columns: (n,), (n,) and (n, 4), where a reason of 0 is none."""

    pd_ppm: NDArray[np.int64]
    score: NDArray[np.int64]
    reasons: NDArray[np.uint8]

    def lists(self) -> tuple[list[int], list[int], list[list[int]]]:
        """The columns as Python's own numbers."""
        return self.pd_ppm.tolist(), self.score.tolist(), self.reasons.tolist()


@dataclass(frozen=True)
class Scorer:
    """A verified model. `model_hash` is the SHA-256 of its manifest file, which holds the SHA-256 of its trees."""

    spec: ModelSpec
    model_hash: str
    expires_on: date
    calibration: Calibration
    trees: lgb.Booster

    def score(self, rows: Sequence[Mapping[str, object]]) -> list[Scored]:
        """One result per row, in order. A row maps input columns to figures, None or NaN where missing.

        Raises `ColumnMissing`, `CellNotNumeric` or `CellInfinite` for the first bad row.
        """
        if not rows:
            return []
        columns = table.from_rows(rows, self.spec)
        batch = self.batch(features.matrix(self.spec, columns))
        return [
            Scored(
                pd_ppm=ppm,
                score=points,
                reasons=tuple(code for code in codes if code),
                model_hash=self.model_hash,
                features_hash=features.snapshot_hash(
                    self.spec, {name: float(column[row]) for name, column in columns.items()}
                ),
            )
            for row, (ppm, points, codes) in enumerate(zip(*batch.lists(), strict=True))
        ]

    def batch(self, matrix: NDArray[np.float64]) -> Batch:
        """Scores of rows by features, with exact reasons."""
        ppm = scale.pd_ppm_of(self._probability(matrix))
        return Batch(
            pd_ppm=ppm,
            score=np.fromiter(map(scale.score, ppm.tolist()), dtype=np.int64, count=len(ppm)),
            reasons=reasons.top(self.spec, matrix, self.contributions(matrix)),
        )

    def probability(self, columns: Mapping[str, Column]) -> Probabilities:
        """Calibrated probabilities of default (n,) of whole input columns."""
        return self._probability(features.matrix(self.spec, columns))

    def contributions(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """Shapley values (n, k) in calibrated log-odds of default."""
        raw = self.trees.predict(matrix, pred_contrib=True, num_threads=1)
        return self.calibration.slope * np.asarray(raw)[:, :-1]

    def margins(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """Uncalibrated log-odds of default (n,)."""
        return np.asarray(self.trees.predict(matrix, raw_score=True, num_threads=1))

    def _probability(self, matrix: NDArray[np.float64]) -> Probabilities:
        return self.calibration.probability(self.margins(matrix))


def load(name: str, folder: Path = MODELS) -> Scorer:
    """The shipped model of a specification. Raises `UnknownSpec`, `ModelMissing` or `ModelTampered`."""
    spec = specs.find(name)
    known = json.loads(_read(name, folder / HASHES))
    manifest_bytes = _verified(name, folder / f"{name}.json", known.get(name, "none"))
    manifest: Mapping[str, Any] = json.loads(manifest_bytes)
    trees = _verified(name, folder / f"{name}.trees.txt", manifest["trees_sha256"])
    if manifest["features"] != [feature.id for feature in spec.features]:
        actual, expected = (", ".join(ids) for ids in (manifest["features"], [f.id for f in spec.features]))
        raise ModelTampered(name=name, path="features", actual=actual, expected=expected)
    return Scorer(
        spec=spec,
        model_hash="0x" + known[name],
        expires_on=date.fromisoformat(manifest["expires_on"]),
        calibration=Calibration(**manifest["calibration"]),
        trees=lgb.Booster(model_str=trees.decode()),
    )


def load_challenger(name: str, folder: Path = MODELS) -> Scorecard:
    """The shipped scorecard of a specification. Raises `ModelMissing` or `ModelTampered`."""
    content: Mapping[str, Any] = json.loads(_registered(f"{name}.scorecard", folder))
    attributes = (
        Attribute(own["feature"], own["position"], tuple(own["edges"]), tuple(own["points"]))
        for own in content["attributes"]
    )
    return Scorecard(base=content["base"], attributes=tuple(attributes))


def load_reference(name: str, folder: Path = MODELS) -> Mapping[str, Any]:
    """How score and features were distributed in training. Raises `ModelMissing` or `ModelTampered`."""
    content: Mapping[str, Any] = json.loads(_registered(f"{name}.reference", folder))
    return content


def load_report(name: str, folder: Path = MODELS) -> Mapping[str, Any]:
    """The figures of quality measured at training. Raises `ModelMissing`."""
    content: Mapping[str, Any] = json.loads(_read(name, folder / f"{name}.report.json"))
    return content


def _registered(part: str, folder: Path) -> bytes:
    known = json.loads(_read(part, folder / HASHES))
    return _verified(part, folder / f"{part}.json", known.get(part, "none"))


def _read(name: str, path: Path) -> bytes:
    if not path.exists():
        raise ModelMissing(name=name, path=path.name)
    return path.read_bytes()


def _verified(name: str, path: Path, expected: str) -> bytes:
    content = _read(name, path)
    actual = hashlib.sha256(content).hexdigest()
    if actual != expected:
        raise ModelTampered(name=name, path=path.name, actual=actual, expected=expected)
    return content
