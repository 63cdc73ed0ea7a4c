"""The one score scale: 650 points at a probability of default of 5 %, 50 points double the odds.

The scale never changes with the model. A score is computed from the probability in whole parts per million,
so that every signer who agrees on the probability agrees on the score.
"""

from math import exp, floor, log

import numpy as np
from numpy.typing import NDArray

MILLION = 1_000_000
LOWEST, HIGHEST = 300, 850
OFFSET = 437.6036  # 650 - FACTOR * ln(19)
FACTOR = 72.1348  # 50 / ln(2)


def pd_ppm(pd: float) -> int:
    """A probability of default in whole parts per million, kept inside 1 … 999,999 so that its odds exist."""
    return min(max(floor(pd * MILLION + 0.5), 1), MILLION - 1)


def pd_ppm_of(probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """The same for probabilities (n,)."""
    return np.asarray(np.clip(np.floor(probabilities * MILLION + 0.5), 1, MILLION - 1), dtype=np.int64)


def score(ppm: int) -> int:
    """The score of a probability in parts per million: half points round up, the result stays in 300 … 850."""
    points = OFFSET + FACTOR * log((MILLION - ppm) / ppm)
    return min(max(floor(points + 0.5), LOWEST), HIGHEST)


def ppm_of(points: int) -> int:
    """The probability in parts per million that has this score."""
    return pd_ppm(1 / (1 + exp((points - OFFSET) / FACTOR)))


# The grades' floors as deployed in `RiskPolicy`. The chain decides; this copy serves reports.
GRADE_FLOORS = {"A": 700, "B": 650, "C": 600, "D": 550, "E": 500, "F": LOWEST}


def grade(points: int) -> str:
    """The grade a score falls into."""
    return next(letter for letter, floor_points in GRADE_FLOORS.items() if points >= floor_points)
