"""Training: hold-out aside, out-of-fold margins for calibration, then one model on all training rows.

The same data, parameters and LightGBM version give the same bytes on one machine; another processor or C library may
round a split differently, so the hash of a retrained model is compared on the machine that released it.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from backend.scoring import calibration, features, table
from backend.scoring.calibration import Calibration
from backend.scoring.errors import LabelImmature
from backend.scoring.metrics import Labels, Probabilities, Weights
from backend.scoring.modelspec import ModelSpec
from backend.scoring.table import Table

FOLDS = 5
RELATED_WEIGHT = 0.5  # a row over another horizon teaches about half as much as one of the own
SEED = 20160417  # the publication of the Polish data; any fixed number would do
REPEATABLE = {
    "objective": "binary",
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "seed": SEED,
    "verbosity": -1,
    "monotone_constraints_method": "advanced",
}

Progress = Callable[[str], None]
Margins = NDArray[np.float64]
Folds = Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]


@dataclass(frozen=True)
class Examples:
    """Rows by features and their labels."""

    matrix: NDArray[np.float64]
    labels: Labels


@dataclass(frozen=True)
class OutOfFold:
    """What the training rows look like to models that never saw them: margins and cross-fitted probabilities (n,)."""

    margins: Margins
    probabilities: Probabilities
    fold_of_row: NDArray[np.int64]


@dataclass(frozen=True)
class Trained:
    """A model ready to be written: canonical bytes of the manifest and of the trees."""

    manifest: bytes
    trees: bytes
    out_of_fold: OutOfFold


def split(spec: ModelSpec, labelled: Table) -> tuple[Table, Table]:
    """The rows to learn from and the rows kept to judge the model by. Raises `LabelImmature`."""
    learned, judged = spec.split.masks(labelled.keys, labelled.labels.tolist(), labelled.context)
    parts = labelled.take(learned), labelled.take(judged)
    for part in parts:
        _require_mature(spec, part)
    return parts


def _require_mature(spec: ModelSpec, part: Table) -> None:
    """Every row's outcome was known on the day of training."""
    if spec.maturity is None:
        return
    window = timedelta(days=spec.maturity.days)
    for key, observed in zip(part.keys, part.context[spec.maturity.column], strict=True):
        matures = date.fromisoformat(observed) + window
        if matures >= spec.trained_on:
            raise LabelImmature(key=key, observed=observed, matures=matures.isoformat(), days=window.days)


def train(spec: ModelSpec, training: Table, progress: Progress) -> Trained:
    """Fit the trees on the training part and the related files, the calibration on the training part."""
    examples = Examples(features.matrix(spec, training.columns), training.labels)
    related = _related(spec)
    out_of_fold = _out_of_fold(spec, examples, related, folds(spec, training), progress)
    progress(f"{spec.name}: final model on {len(examples.labels)} rows and {len(related.labels)} related ones")
    trees = _fit(spec, examples, related).model_to_string().encode()
    fitted = calibration.fit(out_of_fold.margins, training.labels, spec.weights(training.labels))
    return Trained(manifest=_manifest(spec, training, fitted, trees), trees=trees, out_of_fold=out_of_fold)


def canonical_json(content: object) -> bytes:
    """Bytes that depend on the content alone."""
    return (json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def data_hashes(spec: ModelSpec) -> dict[str, str]:
    """SHA-256 of each file the model learns from, by file name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (spec.data, *spec.related)}


def _related(spec: ModelSpec) -> Examples:
    tables = [table.read(path, spec) for path in spec.related]
    return Examples(
        np.vstack([np.empty((0, len(spec.features))), *(features.matrix(spec, rows.columns) for rows in tables)]),
        np.concatenate([np.empty(0, dtype=np.int64), *(rows.labels for rows in tables)]),
    )


def _fit(spec: ModelSpec, examples: Examples, related: Examples) -> lgb.Booster:
    data = lgb.Dataset(
        np.vstack([examples.matrix, related.matrix]),
        np.concatenate([examples.labels, related.labels]),
        weight=np.concatenate([_mean_one(spec.weights(examples.labels)), np.full(len(related.labels), RELATED_WEIGHT)]),
        feature_name=[feature.id for feature in spec.features],
    )
    directions = [feature.direction for feature in spec.features]
    parameters = {**REPEATABLE, **spec.parameters, "monotone_constraints": directions}
    return lgb.train(parameters, data, num_boost_round=spec.rounds)


def _mean_one(weights: Weights) -> Weights:
    """The same weights on the scale that the parameters of the trees expect."""
    return np.asarray(weights / weights.mean())


def folds(spec: ModelSpec, part: Table) -> Folds:
    """Row numbers to train and to test on, stratified, five times. Rows of one subject are in one fold."""
    if spec.split.grouped:
        grouped = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
        return iter(grouped.split(part.labels, part.labels, part.keys))
    return iter(StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(part.labels, part.labels))


def _out_of_fold(spec: ModelSpec, examples: Examples, related: Examples, parts: Folds, progress: Progress) -> OutOfFold:
    matrix, labels = examples.matrix, examples.labels
    margins = np.zeros(len(labels))
    fold_of_row = np.zeros(len(labels), dtype=np.int64)
    for fold, (fit_rows, test_rows) in enumerate(parts):
        progress(f"{spec.name}: fold {fold + 1} of {FOLDS}")
        model = _fit(spec, Examples(matrix[fit_rows], labels[fit_rows]), related)
        margins[test_rows] = np.asarray(model.predict(matrix[test_rows], raw_score=True, num_threads=1))
        fold_of_row[test_rows] = fold
    probabilities = np.zeros(len(labels))
    for fold in range(FOLDS):
        inside = fold_of_row == fold
        others = calibration.fit(margins[~inside], labels[~inside], spec.weights(labels[~inside]))
        probabilities[inside] = others.probability(margins[inside])
    return OutOfFold(margins, probabilities, fold_of_row)


def _manifest(spec: ModelSpec, training: Table, fitted: Calibration, trees: bytes) -> bytes:
    content: dict[str, Any] = {
        "spec": spec.name,
        "features": [feature.id for feature in spec.features],
        "monotone": {feature.id: feature.direction for feature in spec.features if feature.direction},
        "calibration": asdict(fitted),
        "trees_sha256": hashlib.sha256(trees).hexdigest(),
        "data_sha256": data_hashes(spec),
        "training_rows": len(training.labels),
        "training_defaults": int(training.labels.sum()),
        "rounds": spec.rounds,
        "parameters": dict(spec.parameters),
        "lightgbm": lgb.__version__,
        "trained_on": spec.trained_on.isoformat(),
        "expires_on": spec.expires_on.isoformat(),
        **({"notice": dict(spec.notice)} if spec.notice else {}),
    }
    return canonical_json(content)
