"""Whether a model still fits those it is used on: drift, calibration by grade, and the challenger beside it.

Drift is the population stability index Σ (now - then) · ln(now / then) over ten bins of the training rows, missing
figures in a bin of their own. Below .1 a figure is taken as stable, from .25 on as drifted (Siddiqi, Credit Risk
Scorecards, 2006).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.scoring import features, metrics, scale
from backend.scoring.formula import Column
from backend.scoring.metrics import Probabilities
from backend.scoring.model import Scorer
from backend.scoring.scorecard import Scorecard

SHIFTED_FROM, DRIFTED_FROM = 0.1, 0.25
BINS = 10
LEAST_SHARE = 1e-4  # of a bin, so that no logarithm is infinite
SHARE_DECIMALS = 6
SCORE = "score"
Z = 1.959964  # 95 %
Real = NDArray[np.float64]


class Verdict(StrEnum):
    """What a stability index says."""

    STABLE = "stable"
    SHIFTED = "shifted"
    DRIFTED = "drifted"


ADVICE = {
    Verdict.STABLE: ("nothing to do", "无需处理"),
    Verdict.SHIFTED: ("find out what changed", "查明变化原因"),
    Verdict.DRIFTED: ("recalibrate or retrain before relying on it", "重新校准或重新训练后方可使用"),
}


@dataclass(frozen=True)
class Reference:
    """How a figure was distributed in training: bin edges, and the share of each bin and, last, of missing ones."""

    edges: tuple[float, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True)
class Drift:
    """Of one figure, or of the score."""

    name: str
    index: float

    @property
    def verdict(self) -> Verdict:
        """In words."""
        if self.index >= DRIFTED_FROM:
            return Verdict.DRIFTED
        return Verdict.SHIFTED if self.index >= SHIFTED_FROM else Verdict.STABLE


def reference(scorer: Scorer, columns: Mapping[str, Column]) -> dict[str, Reference]:
    """The distributions of score and features over the training rows."""
    return {name: _reference(values) for name, values in _watched(scorer, columns).items()}


def parse(stored: Mapping[str, Any]) -> dict[str, Reference]:
    """The distributions as a release stores them."""
    return {name: Reference(tuple(own["edges"]), tuple(own["shares"])) for name, own in stored["figures"].items()}


def drift(scorer: Scorer, then: Mapping[str, Reference], columns: Mapping[str, Column]) -> list[Drift]:
    """Of the rows in `columns` against the training rows: the score first, then the most drifted features."""
    found = [
        Drift(name, stability_index(then[name].shares, _shares(values, then[name].edges)))
        for name, values in _watched(scorer, columns).items()
    ]
    return sorted(found, key=lambda own: (own.name != SCORE, -own.index, own.name))


def stability_index(then: tuple[float, ...], now: tuple[float, ...]) -> float:
    """Of two distributions over the same bins."""
    before, after = (np.maximum(np.array(shares), LEAST_SHARE) for shares in (then, now))
    return float(np.sum((after - before) * np.log(after / before)))


def _watched(scorer: Scorer, columns: Mapping[str, Column]) -> dict[str, Real]:
    matrix = features.matrix(scorer.spec, columns)
    by_feature = {feature.id: matrix[:, column] for column, feature in enumerate(scorer.spec.features)}
    return {SCORE: _points(scorer.probability(columns)).astype(float), **by_feature}


def _points(probabilities: Probabilities) -> NDArray[np.int64]:
    return np.array([scale.score(ppm) for ppm in scale.pd_ppm_of(probabilities).tolist()])


def _reference(values: Real) -> Reference:
    known = values[~np.isnan(values)]
    edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS)) if len(known) else np.empty(0)
    return Reference(tuple(edges.tolist()), _shares(values, tuple(edges.tolist())))


def _shares(values: Real, edges: tuple[float, ...]) -> tuple[float, ...]:
    """Of bins that each end with their edge, which belongs to them, and of missing figures."""
    missing = np.isnan(values)
    bins = np.where(missing, len(edges) + 1, np.searchsorted(edges, values, side="left"))
    return tuple(np.round(np.bincount(bins, minlength=len(edges) + 2) / len(values), SHARE_DECIMALS).tolist())


@dataclass(frozen=True)
class GradeCalibration:
    """Rows of a grade whose outcome is known: the expected rate of default, the seen one and its 95 % interval."""

    grade: str
    rows: int
    defaults: int
    expected: float
    seen: float
    low: float
    high: float

    @property
    def fits(self) -> bool:
        """Whether chance alone explains the difference."""
        return self.low <= self.expected <= self.high


def calibration(probabilities: Probabilities, outcomes: Real) -> list[GradeCalibration]:
    """By grade, for the rows (n,) whose outcome is 0 or 1; NaN is not known yet. Grades without rows are left out."""
    known = ~np.isnan(outcomes)
    grades = np.array([scale.grade(points) for points in _points(probabilities[known]).tolist()])
    return [
        _of_grade(letter, probabilities[known][grades == letter], outcomes[known][grades == letter])
        for letter in scale.GRADE_FLOORS
        if (grades == letter).any()
    ]


def _of_grade(letter: str, probabilities: Probabilities, outcomes: Real) -> GradeCalibration:
    defaults = int(outcomes.sum())
    low, high = wilson(defaults, len(outcomes))
    return GradeCalibration(
        letter, len(outcomes), defaults, float(probabilities.mean()), defaults / len(outcomes), low, high
    )


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    share, weight = hits / trials, Z * Z / trials
    middle = (share + weight / 2) / (1 + weight)
    half = Z / (1 + weight) * math.sqrt(share * (1 - share) / trials + weight / (4 * trials))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def shadow(scorer: Scorer, challenger: Scorecard, columns: Mapping[str, Column], outcomes: Real) -> dict[str, Any]:
    """Champion and challenger on the same rows; the champion counts. `auc` and `brier` where outcomes are known."""
    champion = scorer.probability(columns)
    rival = challenger.probability(features.matrix(scorer.spec, columns))
    ours, theirs = _points(champion), _points(rival)
    same = [scale.grade(left) == scale.grade(right) for left, right in zip(ours.tolist(), theirs.tolist(), strict=True)]
    return {
        "rows": len(ours),
        "same_grade": float(np.mean(same)),
        "mean_difference": float(np.mean(theirs - ours)),
        "mean_distance": float(np.mean(np.abs(theirs - ours))),
        "champion": _quality(champion, outcomes),
        "challenger": _quality(rival, outcomes),
    }


def _quality(probabilities: Probabilities, outcomes: Real) -> dict[str, float] | None:
    """None where not both outcomes are known."""
    known = ~np.isnan(outcomes)
    labels, judged = outcomes[known].astype(np.int64), probabilities[known]
    if not known.any() or labels.min() == labels.max():
        return None
    return {"auc": metrics.auc(labels, judged), "brier": metrics.brier(labels, judged)}
