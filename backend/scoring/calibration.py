"""Platt scaling: probability = 1 / (1 + exp(-(intercept + slope · margin))), fitted on out-of-fold margins.

Two parameters keep the model's ranking exactly, without the ties of isotonic steps, and need few defaults to fit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from backend.scoring.metrics import Labels, Probabilities

DECIMALS = 6


@dataclass(frozen=True)
class Calibration:
    intercept: float
    slope: float

    def probability(self, margins: NDArray[np.float64]) -> Probabilities:
        """Probabilities of margins (log-odds of the uncalibrated model)."""
        return np.asarray(1 / (1 + np.exp(-(self.intercept + self.slope * margins))))


def fit(margins: NDArray[np.float64], labels: Labels, weights: NDArray[np.float64]) -> Calibration:
    """Maximum likelihood; `weights` (n,) say how many of the population each row stands for."""
    logistic = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10)
    fitted = logistic.fit(margins[:, None], labels, sample_weight=weights)
    return Calibration(
        intercept=round(float(fitted.intercept_[0]), DECIMALS), slope=round(float(fitted.coef_[0, 0]), DECIMALS)
    )
