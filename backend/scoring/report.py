"""The figures a model card shows, measured once at training and stored beside the model."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.scoring import baseline, features, metrics, scale
from backend.scoring.metrics import Labels, Metric, Probabilities
from backend.scoring.model import Scorer
from backend.scoring.table import Table
from backend.scoring.training import FOLDS, OutOfFold

METRICS: Mapping[str, Metric] = {"auc": metrics.auc, "ks": metrics.ks, "brier": metrics.brier, "ece": metrics.ece}
PERTURBATIONS = 1_000
DECIMALS = 4
ROC_POINTS = 60


def measure(scorer: Scorer, training: Table, held_out: Table, out_of_fold: OutOfFold) -> dict[str, Any]:
    """Everything the card needs, rounded for print."""
    probabilities = scorer.probability(held_out.columns)
    tutorial = baseline.probabilities(scorer.spec, training, held_out.columns)
    return {
        "model_hash": scorer.model_hash,
        "rows": {"training": _count(training.labels), "held_out": _count(held_out.labels)},
        "out_of_fold": _with_intervals(training.labels, out_of_fold.probabilities),
        "mean_fold_auc": _rounded(_mean_fold_auc(training.labels, out_of_fold)),
        "held_out": _with_intervals(held_out.labels, probabilities),
        "baseline_held_out_auc": _rounded(metrics.auc(held_out.labels, tutorial)),
        "grades": by_grade(training.labels, out_of_fold.probabilities),
        "reliability": _reliability(training.labels, out_of_fold.probabilities),
        "roc": _thinned_roc(training.labels, out_of_fold.probabilities),
        "monotone": {
            feature.id: monotone_violations(scorer, held_out, feature.id)
            for feature in scorer.spec.features
            if feature.direction
        },
    }


def values(labels: Labels, probabilities: Probabilities) -> dict[str, float]:
    """AUC, KS, Brier and ECE."""
    return {name: metric(labels, probabilities) for name, metric in METRICS.items()}


def by_grade(labels: Labels, probabilities: Probabilities) -> list[dict[str, Any]]:
    """Rows, expected and seen default rate of each grade."""
    grades = np.array([scale.grade(scale.score(scale.pd_ppm(probability))) for probability in probabilities])
    table = []
    for letter in scale.GRADE_FLOORS:
        inside = grades == letter
        table.append(
            {
                "grade": letter,
                "rows": int(inside.sum()),
                "defaults": int(labels[inside].sum()),
                "expected": _rounded(probabilities[inside].mean()) if inside.any() else None,
                "seen": _rounded(labels[inside].mean()) if inside.any() else None,
            }
        )
    return table


def monotone_violations(scorer: Scorer, rows: Table, feature: str) -> int:
    """How many of 1,000 random moves of one feature in one row push the margin against the promised direction.

    New values are drawn from the same column of other rows; a missing value has no direction and is not drawn.
    """
    draw = np.random.default_rng(64)
    present = np.flatnonzero(~np.isnan(rows.columns[feature]))
    chosen = draw.choice(present, PERTURBATIONS)
    before = {name: column[chosen] for name, column in rows.columns.items()}
    after = {**before, feature: rows.columns[feature][draw.choice(present, PERTURBATIONS)]}
    direction = next(own.direction for own in scorer.spec.features if own.id == feature)
    move = np.sign(after[feature] - before[feature]) * direction
    change = _margins(scorer, after) - _margins(scorer, before)
    return int((move * change < 0).sum())


def _margins(scorer: Scorer, columns: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.asarray(scorer.trees.predict(features.matrix(scorer.spec, columns), raw_score=True, num_threads=1))


def _mean_fold_auc(labels: Labels, out_of_fold: OutOfFold) -> float:
    folds = (out_of_fold.fold_of_row == fold for fold in range(FOLDS))
    return float(np.mean([metrics.auc(labels[rows], out_of_fold.margins[rows]) for rows in folds]))


def _with_intervals(labels: Labels, probabilities: Probabilities) -> dict[str, Any]:
    return {
        name: {
            "value": _rounded(metric(labels, probabilities)),
            "interval": [_rounded(bound) for bound in metrics.interval(metric, labels, probabilities)],
        }
        for name, metric in METRICS.items()
    }


def _reliability(labels: Labels, probabilities: Probabilities) -> list[dict[str, float]]:
    return [
        {"expected": _rounded(probabilities[rows].mean()), "seen": _rounded(labels[rows].mean())}
        for rows in metrics.equal_mass_bins(probabilities)
    ]


def _thinned_roc(labels: Labels, probabilities: Probabilities) -> list[list[float]]:
    false, true = metrics.roc(labels, probabilities)
    grid = np.linspace(0, 1, ROC_POINTS) ** 2  # most of the curve happens near zero
    return [[_rounded(x), _rounded(y)] for x, y in zip(grid, np.interp(grid, false, true), strict=True)]


def _count(labels: Labels) -> dict[str, int]:
    return {"rows": len(labels), "defaults": int(labels.sum())}


def _rounded(value: float) -> float:
    return round(float(value), DECIMALS)
