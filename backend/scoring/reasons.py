"""Why a score is what it is: at most four codes from a fixed list, strongest first.

The contributions of all features of one theme (exact Shapley values of the trees, in log-odds) are summed; a theme
counts when it moves the score by at least one point. Missing figures form a theme of their own.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.scoring.modelspec import ModelSpec
from backend.scoring.scale import FACTOR

MISSING_DATA = "missing_data"
MOST_REASONS = 4


@dataclass(frozen=True)
class Reason:
    """One entry of the list. `raises_risk` tells whether it lowered the score; if so, `improve_…` what would help."""

    code: int
    theme: str
    raises_risk: bool
    en: str
    zh: str
    improve_en: str = ""
    improve_zh: str = ""


@cache
def catalogue() -> dict[int, Reason]:
    """All reasons by code (1 … 255, fits uint8)."""
    table = json.loads(Path(__file__).with_name("reasons.json").read_text(encoding="utf-8"))
    reasons = (
        Reason(theme=theme, raises_risk=effect == "raises", **entry)
        for theme, effects in table.items()
        for effect, entry in effects.items()
    )
    return {reason.code: reason for reason in reasons}


@cache
def _codes() -> dict[tuple[str, bool], int]:
    return {(reason.theme, reason.raises_risk): reason.code for reason in catalogue().values()}


def top(spec: ModelSpec, features: NDArray[np.float64], contributions: NDArray[np.float64]) -> tuple[int, ...]:
    """Reason codes of one row: `features` and `contributions` (k,), contributions in calibrated log-odds of default."""
    totals: dict[str, float] = {}
    for feature, value, contribution in zip(spec.features, features, contributions, strict=True):
        theme = MISSING_DATA if np.isnan(value) else feature.theme
        totals[theme] = totals.get(theme, 0.0) + float(contribution)
    felt = [(theme, total) for theme, total in totals.items() if abs(total) * FACTOR >= 1]
    felt.sort(key=lambda item: (-abs(item[1]), item[0]))
    return tuple(_codes()[theme, total > 0] for theme, total in felt[:MOST_REASONS])
