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


def top(spec: ModelSpec, features: NDArray[np.float64], contributions: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Reason codes (n, 4), the strongest first and 0 where there is none, of rows by features.

    `contributions` (n, k) are in calibrated log-odds of default.
    """
    themes = sorted({MISSING_DATA, *(feature.theme for feature in spec.features)})
    totals = _totals(spec, themes, features, contributions)
    # Of equally strong themes the first by name.
    strongest = np.argsort(-np.abs(totals), axis=1, kind="stable")[:, :MOST_REASONS]
    strength = np.take_along_axis(totals, strongest, axis=1)
    codes = np.array([[_codes()[theme, raises] for raises in (False, True)] for theme in themes], dtype=np.uint8)
    return np.where(np.abs(strength) * FACTOR >= 1, codes[strongest, (strength > 0).astype(np.intp)], 0).astype(
        np.uint8
    )


def _totals(
    spec: ModelSpec, themes: list[str], features: NDArray[np.float64], contributions: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Contributions by theme (n, themes), summed in the order of the features."""
    totals = np.zeros((len(features), len(themes)))
    missing = np.isnan(features)
    for column, feature in enumerate(spec.features):
        own = np.where(missing[:, column], 0.0, contributions[:, column])
        totals[:, themes.index(feature.theme)] += own
        totals[:, themes.index(MISSING_DATA)] += contributions[:, column] - own
    return totals
