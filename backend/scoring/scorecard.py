"""The challenger: a scorecard of whole points per bin, small enough to be worked by hand.

Each feature is cut into a few bins; a bin's weight of evidence is ln(share of defaults / share of survivors) in it. A
logistic regression on these weights gives the points, on the one score scale. Missing figures have a bin of their own.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from backend.scoring.metrics import Labels, Probabilities, Weights
from backend.scoring.modelspec import Binning, Feature, ModelSpec
from backend.scoring.scale import FACTOR, OFFSET

SMOOTHING = 0.5  # of a mean row, added to both classes of a bin, so that no logarithm is infinite
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Attribute:
    """One feature's points: below the first edge, from each edge up, and, last, where the figure is missing."""

    feature: str
    position: int
    edges: tuple[float, ...]
    points: tuple[int, ...]


@dataclass(frozen=True)
class Scorecard:
    """A row's score is `base` plus the points of its bins."""

    base: int
    attributes: tuple[Attribute, ...]

    def points(self, matrix: Matrix) -> NDArray[np.int64]:
        """Whole points (n,) of rows by features."""
        total = np.full(len(matrix), self.base)
        for own in self.attributes:
            total += np.array(own.points)[_bins(matrix[:, own.position], own.edges)]
        return total

    def probability(self, matrix: Matrix) -> Probabilities:
        """The probabilities of default (n,) that the score scale gives these points."""
        return np.asarray(1 / (1 + np.exp((self.points(matrix) - OFFSET) / FACTOR)))

    def as_dict(self) -> dict[str, Any]:
        """For the stored file."""
        return asdict(self)


def fit(spec: ModelSpec, matrix: Matrix, labels: Labels) -> Scorecard:
    """Maximum likelihood over the weights of evidence; features that would count the wrong way round are left out.

    The specification must have a challenger.
    """
    if spec.challenger is None:
        raise ValueError(f"{spec.name} has no challenger")
    weights = spec.weights(labels)
    mean_one = weights / weights.mean()
    edges = [
        _edges(feature, spec.challenger, matrix[:, position], labels, mean_one)
        for position, feature in enumerate(spec.features)
    ]
    binned = [_bins(matrix[:, position], cuts) for position, cuts in enumerate(edges)]
    evidence = [_evidence(bins, len(cuts) + 2, labels, mean_one) for bins, cuts in zip(binned, edges, strict=True)]
    columns = np.column_stack([of_bin[bins] for of_bin, bins in zip(evidence, binned, strict=True)])
    kept, slopes, intercept = _regression(columns, labels, mean_one)
    return Scorecard(
        base=round(OFFSET - FACTOR * intercept),
        attributes=tuple(
            Attribute(
                feature=spec.features[position].id,
                position=position,
                edges=edges[position],
                points=tuple(round(-FACTOR * slope * of_bin) for of_bin in evidence[position].tolist()),
            )
            for position, slope in zip(kept, slopes, strict=True)
        ),
    )


def _edges(feature: Feature, binning: Binning, column: Matrix, labels: Labels, weights: Weights) -> tuple[float, ...]:
    """Cuts of a small decision tree that keeps to the feature's direction."""
    present = ~np.isnan(column)
    tree = DecisionTreeClassifier(
        max_leaf_nodes=binning.bins,
        min_weight_fraction_leaf=binning.least_share,
        monotonic_cst=[feature.direction],
        random_state=0,
    )
    cuts = tree.fit(column[present, None], labels[present], sample_weight=weights[present]).tree_.threshold
    return tuple(sorted(round(float(cut), 4) for cut in cuts[tree.tree_.feature >= 0]))


def _bins(column: Matrix, edges: tuple[float, ...]) -> NDArray[np.int64]:
    """Bin numbers; an edge belongs to the bin above it, missing to the last."""
    return np.where(np.isnan(column), len(edges) + 1, np.digitize(column, edges))


def _evidence(bins: NDArray[np.int64], count: int, labels: Labels, weights: Weights) -> NDArray[np.float64]:
    """Weight of evidence of each bin; zero where nobody is."""
    shares = []
    for label in (1, 0):
        inside = np.bincount(bins, weights * (labels == label), minlength=count)
        shares.append((inside + SMOOTHING) / (inside.sum() + SMOOTHING * count))
    filled = np.bincount(bins, minlength=count) > 0
    return np.where(filled, np.log(shares[0] / shares[1]), 0.0)


def _regression(columns: Matrix, labels: Labels, weights: Weights) -> tuple[list[int], list[float], float]:
    """Positions, slopes and intercept of a regression in which every weight of evidence counts its own way."""
    kept = [position for position in range(columns.shape[1]) if np.ptp(columns[:, position]) > 0]
    while True:
        fitted = LogisticRegression(C=1.0, max_iter=1_000).fit(columns[:, kept], labels, sample_weight=weights)
        slopes = fitted.coef_[0].tolist()
        if min(slopes) > 0:
            return kept, slopes, float(fitted.intercept_[0])
        kept = [position for position, slope in zip(kept, slopes, strict=True) if slope > 0]
