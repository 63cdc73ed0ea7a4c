"""How good probabilities of default are. All functions take labels (n,) of 0 and 1 and probabilities (n,).

AUC and KS compare the classes and do not depend on their shares; Brier score and ECE do, and take weights (n,) where a
row stands for more than itself.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
Probabilities = NDArray[np.float64]
Weights = NDArray[np.float64]
Metric = Callable[[Labels, Probabilities], float]

ECE_BINS = 10


def auc(labels: Labels, probabilities: Probabilities) -> float:
    """Probability that a random default is ranked above a random survivor, ties counting one half (Mann-Whitney)."""
    _, inverse, counts = np.unique(probabilities, return_inverse=True, return_counts=True)
    mean_ranks = np.cumsum(counts) - (counts - 1) / 2
    defaults = int(labels.sum())
    survivors = len(labels) - defaults
    rank_sum = float(mean_ranks[inverse][labels == 1].sum())
    return (rank_sum - defaults * (defaults + 1) / 2) / (defaults * survivors)


def roc(labels: Labels, probabilities: Probabilities) -> tuple[Probabilities, Probabilities]:
    """False and true positive rates from (0, 0) to (1, 1), one point per distinct probability."""
    order = np.argsort(-probabilities, kind="stable")
    last_of_tie = np.append(np.diff(probabilities[order]) != 0, True)
    true = np.cumsum(labels[order])[last_of_tie]
    false = np.arange(1, len(labels) + 1)[last_of_tie] - true
    return np.insert(false / false[-1], 0, 0.0), np.insert(true / true[-1], 0, 0.0)


def ks(labels: Labels, probabilities: Probabilities) -> float:
    """Kolmogorov-Smirnov: the largest distance between the two classes' distributions."""
    false, true = roc(labels, probabilities)
    return float(np.max(np.abs(true - false)))


def brier(labels: Labels, probabilities: Probabilities, weights: Weights | None = None) -> float:
    """Mean squared error of the probabilities."""
    return float(np.average((probabilities - labels) ** 2, weights=weights))


def equal_mass_bins(probabilities: Probabilities) -> list[NDArray[np.int64]]:
    """Row numbers in `ECE_BINS` groups of almost equal size, from the lowest probability to the highest."""
    bins = np.array_split(np.argsort(probabilities, kind="stable"), ECE_BINS)
    return [rows for rows in bins if len(rows)]


def ece(labels: Labels, probabilities: Probabilities, weights: Weights | None = None) -> float:
    """Expected calibration error over ten equal-mass bins: mean |default rate - mean probability|, weighted by size."""
    weighed = np.ones(len(labels)) if weights is None else weights
    gaps = [
        abs(np.sum(weighed[rows] * (labels[rows] - probabilities[rows]))) for rows in equal_mass_bins(probabilities)
    ]
    return float(sum(gaps) / weighed.sum())


def interval(metric: Metric, labels: Labels, probabilities: Probabilities, resamples: int = 500) -> tuple[float, float]:
    """95 % bootstrap interval; rows are drawn within each class, so that no resample lacks one."""
    draw = np.random.default_rng(20161004)
    classes = [np.flatnonzero(labels == value) for value in (0, 1)]
    values = []
    for _ in range(resamples):
        rows = np.concatenate([draw.choice(members, len(members)) for members in classes])
        values.append(metric(labels[rows], probabilities[rows]))
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
