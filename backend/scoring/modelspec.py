"""What a model is, as data: its label, features with directions, refused columns, split and training parameters."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.scoring import formula
from backend.scoring.errors import LeakingFeature, MonotoneInputReused
from backend.scoring.splits import Split

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Feature:
    """One column of the model. Without a formula it is an input column of the data, otherwise computed from inputs.

    `direction` +1: a higher value may only raise the probability of default; -1: may only lower it; 0: free.
    `window`: the time that a figure of dated events covers.
    """

    id: str
    formula: str
    direction: int
    theme: str
    unit: str
    name_en: str
    name_zh: str
    direction_reason: str
    window: str = ""


@dataclass(frozen=True)
class Groups:
    """People compared for fairness: a protected column and, per group, the lowest and highest value of it."""

    column: str
    bounds: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Binning:
    """How coarse a scorecard may be: bins per feature and the share of rows each holds at least."""

    bins: int
    least_share: float


@dataclass(frozen=True)
class Maturity:
    """When a label is known: `days` after the ISO date in `column`. Before, a default may still come."""

    column: str
    days: int


@dataclass(frozen=True)
class Wording:
    """The words of a model card: `outcome` follows "of which n", `head` and `test` stand over a column.

    `notice` comes first, where there is one.
    """

    subject: str
    outcome: str
    head: str
    events: str
    test: str
    inputs: str
    ingredients: str
    table: str
    derived: str
    limits: tuple[str, ...]
    notice: str = ""


@dataclass(frozen=True)
class ModelSpec:
    """Raises `LeakingFeature` or `MonotoneInputReused` when it contradicts itself.

    `related` are labelled files of the same figures over another horizon. Their rows help to fit the trees, at half
    weight; hold-out, calibration and every figure of quality come from `data` alone. `codes` turn the texts of a column
    into numbers; a text without a code is missing. `class_weights` say how many of the population one row of class 0
    and of class 1 stands for. `notice`: what everybody who sees a score must know of its data, by language.
    """

    name: str
    title: str
    horizon: str
    data: Path
    related: tuple[Path, ...]
    key: str
    label: str
    features: tuple[Feature, ...]
    forbidden: Mapping[str, str]
    split: Split
    trained_on: date
    rounds: int
    parameters: Mapping[str, Any]
    wording: Wording
    protected: frozenset[str] = field(default=frozenset())
    fairness: tuple[Groups, ...] = ()
    codes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    class_weights: tuple[float, float] = (1.0, 1.0)
    challenger: Binning | None = None
    maturity: Maturity | None = None
    notice: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for column in sorted({*(own.id for own in self.features), *self.inputs}):
            self._refuse_leak(column)
        for feature in self.features:
            reused = [name for name, used in self._derived if feature.direction and feature.id in used]
            if reused:
                raise MonotoneInputReused(spec=self.name, column=feature.id, derived=reused[0])

    def _refuse_leak(self, column: str) -> None:
        reasons = {self.label: "it is the label", **self.refused}
        if column in reasons:
            raise LeakingFeature(spec=self.name, column=column, reason=reasons[column])

    @property
    def refused(self) -> Mapping[str, str]:
        """Columns that must not be features, and why."""
        return {**self.forbidden, **{name: "it is a protected attribute" for name in sorted(self.protected)}}

    @property
    def _derived(self) -> list[tuple[str, frozenset[str]]]:
        return [(feature.id, formula.names(feature.formula)) for feature in self.features if feature.formula]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns a data file must have: those that are features, in the model's order, then those in formulas."""
        direct = [feature.id for feature in self.features if not feature.formula]
        within = sorted(set().union(*(used for _, used in self._derived)).difference(direct))
        return (*direct, *within)

    @property
    def context(self) -> frozenset[str]:
        """Columns read as text where a file has them, to split rows or to compare groups; never features."""
        dated = self.maturity.column if self.maturity else None
        return frozenset(name for name in (self.split.column, dated, *(own.column for own in self.fairness)) if name)

    @property
    def expires_on(self) -> date:
        """One year after training."""
        return self.trained_on.replace(year=self.trained_on.year + 1)

    def weights(self, labels: NDArray[np.int64]) -> NDArray[np.float64]:
        """How many of the population each row (n,) stands for."""
        return np.array(self.class_weights)[labels]


def read_features(file: str) -> tuple[Feature, ...]:
    """The features of a CSV table shipped beside this module."""
    with Path(__file__).with_name(file).open(encoding="utf-8", newline="") as lines:
        return tuple(Feature(**{**row, "direction": int(row["direction"])}) for row in csv.DictReader(lines))  # type: ignore[arg-type]
