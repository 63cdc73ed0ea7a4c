"""The figures a model card shows, measured once at training and stored beside the model."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from backend.scoring import baseline, fairness, features, metrics, scale, scorecard
from backend.scoring.metrics import Labels, Metric, Probabilities
from backend.scoring.model import Scorer
from backend.scoring.modelspec import ModelSpec
from backend.scoring.scorecard import Scorecard
from backend.scoring.table import Table
from backend.scoring.training import FOLDS, OutOfFold, folds

PERTURBATIONS = 1_000
DECIMALS = 4
ROC_POINTS = 60


def measure(
    scorer: Scorer, training: Table, held_out: Table, out_of_fold: OutOfFold, challenger: Scorecard | None
) -> dict[str, Any]:
    """Everything the card needs, rounded for print."""
    spec, probabilities = scorer.spec, out_of_fold.probabilities
    tutorial = baseline.probabilities(spec, training, held_out.columns)
    measured = {
        "model_hash": scorer.model_hash,
        "rows": {"training": _count(training.labels), "held_out": _count(held_out.labels)},
        "out_of_fold": _with_intervals(spec, training.labels, probabilities),
        "mean_fold_auc": _mean_fold_auc(training.labels, out_of_fold),
        "held_out": _with_intervals(spec, held_out.labels, scorer.probability(held_out.columns)),
        "baseline_held_out_auc": metrics.auc(held_out.labels, tutorial),
        "grades": by_grade(spec, training.labels, probabilities),
        "reliability": _reliability(spec, training.labels, probabilities),
        "roc": _thinned_roc(training.labels, probabilities),
        "monotone": {
            feature.id: monotone_violations(scorer, held_out, feature.id)
            for feature in spec.features
            if feature.direction
        },
    }
    if challenger:
        measured["rivals"] = _rivals(spec, training, held_out, challenger, tutorial)
    if spec.fairness:
        measured["fairness"] = [fairness.compare(groups, training, probabilities) for groups in spec.fairness]
    rounded: dict[str, Any] = _rounded(measured)
    return rounded


def values(spec: ModelSpec, labels: Labels, probabilities: Probabilities) -> dict[str, float]:
    """AUC, KS, Brier and ECE."""
    return {name: metric(labels, probabilities) for name, metric in _metrics(spec).items()}


def _metrics(spec: ModelSpec) -> Mapping[str, Metric]:
    return {
        "auc": metrics.auc,
        "ks": metrics.ks,
        "brier": lambda labels, probabilities: metrics.brier(labels, probabilities, spec.weights(labels)),
        "ece": lambda labels, probabilities: metrics.ece(labels, probabilities, spec.weights(labels)),
    }


def _rivals(
    spec: ModelSpec, training: Table, held_out: Table, challenger: Scorecard, tutorial: Probabilities
) -> dict[str, Any]:
    """Challenger and baseline beside the champion, on the same folds and the same held-out rows."""
    matrix, labels = features.matrix(spec, training.columns), training.labels
    by_points, by_forest = np.zeros(len(labels)), np.zeros(len(labels))
    for fit_rows, test_rows in folds(spec, training):
        card = scorecard.fit(spec, matrix[fit_rows], labels[fit_rows])
        by_points[test_rows] = card.probability(matrix[test_rows])
        fit_part, test_part = (training.take(np.isin(np.arange(len(labels)), rows)) for rows in (fit_rows, test_rows))
        by_forest[test_rows] = baseline.probabilities(spec, fit_part, test_part.columns)
    points_held_out = challenger.probability(features.matrix(spec, held_out.columns))
    return {
        name: {"out_of_fold": values(spec, labels, inside), "held_out": values(spec, held_out.labels, outside)}
        for name, inside, outside in (
            ("scorecard", by_points, points_held_out),
            ("baseline", by_forest, tutorial),
        )
    }


def by_grade(spec: ModelSpec, labels: Labels, probabilities: Probabilities) -> list[dict[str, Any]]:
    """Rows, expected and seen default rate of each grade."""
    grades = np.array([scale.grade(scale.score(scale.pd_ppm(probability))) for probability in probabilities])
    table = []
    for letter in scale.GRADE_FLOORS:
        inside = grades == letter
        rates = _rates(spec, labels[inside], probabilities[inside]) if inside.any() else _NO_RATES
        table.append({"grade": letter, **_count(labels[inside]), **rates})
    return table


_NO_RATES = {"expected": None, "seen": None}


def _rates(spec: ModelSpec, labels: Labels, probabilities: Probabilities) -> dict[str, Any]:
    weights = spec.weights(labels)
    return {"expected": np.average(probabilities, weights=weights), "seen": np.average(labels, weights=weights)}


def monotone_violations(scorer: Scorer, rows: Table, feature: str) -> int:
    """How many of 1,000 random moves of one feature in one row push the margin against the promised direction.

    New values are drawn from the same feature of other rows; a missing value has no direction and is not drawn.
    """
    draw = np.random.default_rng(64)
    position, own = next((number, own) for number, own in enumerate(scorer.spec.features) if own.id == feature)
    matrix = features.matrix(scorer.spec, rows.columns)
    present = np.flatnonzero(~np.isnan(matrix[:, position]))
    before = matrix[draw.choice(present, PERTURBATIONS)]
    after = before.copy()
    after[:, position] = matrix[draw.choice(present, PERTURBATIONS), position]
    move = np.sign(after[:, position] - before[:, position]) * own.direction
    change = scorer.margins(after) - scorer.margins(before)
    return int((move * change < 0).sum())


def _mean_fold_auc(labels: Labels, out_of_fold: OutOfFold) -> float:
    folds = (out_of_fold.fold_of_row == fold for fold in range(FOLDS))
    return float(np.mean([metrics.auc(labels[rows], out_of_fold.margins[rows]) for rows in folds]))


def _with_intervals(spec: ModelSpec, labels: Labels, probabilities: Probabilities) -> dict[str, Any]:
    return {
        name: {
            "value": metric(labels, probabilities),
            "interval": list(metrics.interval(metric, labels, probabilities)),
        }
        for name, metric in _metrics(spec).items()
    }


def _reliability(spec: ModelSpec, labels: Labels, probabilities: Probabilities) -> list[dict[str, Any]]:
    return [_rates(spec, labels[rows], probabilities[rows]) for rows in metrics.equal_mass_bins(probabilities)]


def _thinned_roc(labels: Labels, probabilities: Probabilities) -> list[list[float]]:
    false, true = metrics.roc(labels, probabilities)
    grid = np.linspace(0, 1, ROC_POINTS) ** 2  # most of the curve happens near zero
    return [[x, y] for x, y in zip(grid, np.interp(grid, false, true), strict=True)]


def _count(labels: Labels) -> dict[str, int]:
    return {"rows": len(labels), "defaults": int(labels.sum())}


def _rounded(content: Any) -> Any:
    """The same content with every fraction rounded."""
    match content:
        case dict():
            return {name: _rounded(value) for name, value in content.items()}
        case list():
            return [_rounded(value) for value in content]
        case float():
            return round(float(content), DECIMALS)
        case _:
            return content
