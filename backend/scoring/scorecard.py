"""The challenger: a scorecard of whole points per bin, small enough to be worked by hand.

Each feature is cut into a few bins; a bin's weight of evidence is ln(share of defaults / share of survivors) in it. A
logistic regression on these weights gives the points, on the one score scale. Missing figures have a bin of their own.
Only fitting imports scikit-learn, which takes seconds: applying a card does without.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
            total += np.array(own.points)[bins(matrix[:, own.position], own.edges)]
        return total

    def probability(self, matrix: Matrix) -> Probabilities:
        """The probabilities of default (n,) that the score scale gives these points."""
        return np.asarray(1 / (1 + np.exp((self.points(matrix) - OFFSET) / FACTOR)))

    def as_dict(self) -> dict[str, Any]:
        """For the stored file."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Scorecard":
        """From the stored file."""
        attributes = (
            Attribute(own["feature"], own["position"], tuple(own["edges"]), tuple(own["points"]))
            for own in content["attributes"]
        )
        return cls(content["base"], tuple(attributes))


def fit(spec: ModelSpec, matrix: Matrix, labels: Labels) -> Scorecard:
    """Maximum likelihood over the weights of evidence; features that would count the wrong way round are left out.

    The specification must have a challenger.
    """
    if spec.challenger is None:
        raise ValueError(f"{spec.name} has no challenger")
    weights = spec.weights(labels)
    mean_one = weights / weights.mean()
    edges = [
        cuts(feature, spec.challenger, matrix[:, position], labels, mean_one)
        for position, feature in enumerate(spec.features)
    ]
    binned = [bins(matrix[:, position], own) for position, own in enumerate(edges)]
    weighed = [evidence(*_by_class(of_row, own, labels, mean_one)) for of_row, own in zip(binned, edges, strict=True)]
    columns = np.column_stack([of_bin[of_row] for of_bin, of_row in zip(weighed, binned, strict=True)])
    kept, slopes, intercept = _regression(columns, labels, mean_one)
    return assemble(spec, edges, weighed, dict(zip(kept, slopes, strict=True)), intercept)


def assemble(
    spec: ModelSpec,
    edges: Sequence[tuple[float, ...]],
    weighed: Sequence[NDArray[np.float64]],
    slopes: Mapping[int, float],
    intercept: float,
) -> Scorecard:
    """Whole points from each feature's edges and weights of evidence and, by position, the slopes of those kept."""
    return Scorecard(
        base=round(OFFSET - FACTOR * intercept),
        attributes=tuple(
            Attribute(
                feature=spec.features[position].id,
                position=position,
                edges=edges[position],
                points=tuple(round(-FACTOR * slope * of_bin) for of_bin in weighed[position].tolist()),
            )
            for position, slope in slopes.items()
        ),
    )


def cuts(feature: Feature, binning: Binning, column: Matrix, labels: Labels, weights: Weights) -> tuple[float, ...]:
    """Edges by a small decision tree that keeps to the feature's direction."""
    from sklearn.tree import DecisionTreeClassifier  # noqa: PLC0415

    present = ~np.isnan(column)
    tree = DecisionTreeClassifier(
        max_leaf_nodes=binning.bins,
        min_weight_fraction_leaf=binning.least_share,
        monotonic_cst=[feature.direction],
        random_state=0,
    )
    found = tree.fit(column[present, None], labels[present], sample_weight=weights[present]).tree_.threshold
    return tuple(sorted(round(float(cut), 4) for cut in found[tree.tree_.feature >= 0]))


def bins(column: Matrix, edges: tuple[float, ...]) -> NDArray[np.int64]:
    """Bin numbers; an edge belongs to the bin above it, missing to the last."""
    return np.where(np.isnan(column), len(edges) + 1, np.digitize(column, edges))


def evidence(survivors: Weights, defaults: Weights) -> NDArray[np.float64]:
    """Weight of evidence of each bin (n,) from the weights of its rows; zero where nobody is."""
    shares = [(inside + SMOOTHING) / (inside.sum() + SMOOTHING * len(inside)) for inside in (defaults, survivors)]
    return np.where(survivors + defaults > 0, np.log(shares[0] / shares[1]), 0.0)


def _by_class(of_row: NDArray[np.int64], edges: tuple[float, ...], labels: Labels, weights: Weights) -> Matrix:
    """Weights (2, bins) of the survivors and of the defaults in each bin."""
    return np.array([np.bincount(of_row, weights * (labels == label), minlength=len(edges) + 2) for label in (0, 1)])


def _regression(columns: Matrix, labels: Labels, weights: Weights) -> tuple[list[int], list[float], float]:
    """Positions, slopes and intercept of a regression in which every weight of evidence counts its own way."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    kept = [position for position in range(columns.shape[1]) if np.ptp(columns[:, position]) > 0]
    while True:
        fitted = LogisticRegression(C=1.0, max_iter=1_000).fit(columns[:, kept], labels, sample_weight=weights)
        slopes = fitted.coef_[0].tolist()
        if min(slopes) > 0:
            return kept, slopes, float(fitted.intercept_[0])
        kept = [position for position, slope in zip(kept, slopes, strict=True) if slope > 0]
