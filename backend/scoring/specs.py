"""What a model is, as data: its label, features with directions, refused columns, hold-out and training parameters."""

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from backend.scoring import formula
from backend.scoring.errors import LeakingFeature, MonotoneInputReused, UnknownSpec

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Feature:
    """One column of the model. Without a formula it is an input column of the data, otherwise computed from inputs.

    `direction` +1: a higher value may only raise the probability of default; -1: may only lower it; 0: free.
    """

    id: str
    formula: str
    direction: int
    theme: str
    unit: str
    name_en: str
    name_zh: str
    direction_reason: str


@dataclass(frozen=True)
class HoldOut:
    """Of each class, the `percent` of companies with the lowest hash of their id are never trained on."""

    percent: int

    def select(self, keys: Sequence[str], labels: Sequence[int]) -> frozenset[str]:
        """The keys held out. A hash, unlike a position, says nothing about the company."""
        held: set[str] = set()
        for label in set(labels):
            members = [key for key, own in zip(keys, labels, strict=True) if own == label]
            members.sort(key=lambda key: hashlib.sha256(key.encode()).digest())
            held.update(members[: len(members) * self.percent // 100])
        return frozenset(held)


@dataclass(frozen=True)
class ModelSpec:
    """Raises `LeakingFeature` or `MonotoneInputReused` when it contradicts itself.

    `related` are labelled files of the same figures over another horizon. Their rows help to fit the trees, at half
    weight; hold-out, calibration and every figure of quality come from `data` alone.
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
    hold_out: HoldOut
    trained_on: date
    rounds: int
    parameters: Mapping[str, Any]
    protected: frozenset[str] = field(default=frozenset())

    def __post_init__(self) -> None:
        derived = [(feature.id, formula.names(feature.formula)) for feature in self.features if feature.formula]
        for column in sorted(set(self.inputs).union(*(used for _, used in derived))):
            self._refuse_leak(column)
        for feature in self.features:
            reused = [name for name, used in derived if feature.direction and feature.id in used]
            if reused:
                raise MonotoneInputReused(spec=self.name, column=feature.id, derived=reused[0])

    def _refuse_leak(self, column: str) -> None:
        reasons = {
            self.label: "it is the label",
            **{name: "it is a protected attribute" for name in self.protected},
            **self.forbidden,
        }
        if column in reasons:
            raise LeakingFeature(spec=self.name, column=column, reason=reasons[column])

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns a data file must have, in the model's order."""
        return tuple(feature.id for feature in self.features if not feature.formula)

    @property
    def expires_on(self) -> date:
        """One year after training."""
        return self.trained_on.replace(year=self.trained_on.year + 1)


def read_features(path: Path) -> tuple[Feature, ...]:
    """The features of a CSV table shipped beside this module."""
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(Feature(**{**row, "direction": int(row["direction"])}) for row in csv.DictReader(lines))  # type: ignore[arg-type]


def _polish(name: str, title: str, horizon: str, file: str, other_file: str) -> ModelSpec:
    folder = ROOT / "data" / "credit" / "polish_bankruptcy"
    return ModelSpec(
        name=name,
        title=title,
        horizon=horizon,
        data=folder / file,
        related=(folder / other_file,),
        key="company",
        label="default",
        features=read_features(Path(__file__).with_name("ratios.csv")),
        forbidden={
            "company": "the files are sorted by outcome, so the number in the id gives the label away",
            "Attr9": "it is sales / assets in one report template and sales / costs in another, and the template "
            "depends on the outcome",
        },
        hold_out=HoldOut(percent=10),
        trained_on=date(2026, 11, 22),
        rounds=800,
        # Chosen by stratified 5-fold cross-validation on the training part; one choice for both horizons.
        parameters={
            "learning_rate": 0.05,
            "num_leaves": 7,
            "min_data_in_leaf": 20,
            "min_sum_hessian_in_leaf": 0.1,
            "feature_fraction": 0.7,
            "bagging_fraction": 0.9,
            "bagging_freq": 1,
            "lambda_l2": 1.0,
            "path_smooth": 1.0,
        },
    )


@cache
def known() -> Mapping[str, ModelSpec]:
    """All specifications by name."""
    specs = (
        _polish(
            "polish_1year",
            "Core enterprises, long view",
            "bankruptcy within five years",
            "1year.csv.gz",
            "5year.csv.gz",
        ),
        _polish(
            "polish_5year", "Core enterprises, short view", "bankruptcy within one year", "5year.csv.gz", "1year.csv.gz"
        ),
    )
    return {spec.name: spec for spec in specs}


def find(name: str) -> ModelSpec:
    """The specification of that name, or `UnknownSpec` with the known names."""
    if name not in known():
        raise UnknownSpec(name=name, known=", ".join(known()))
    return known()[name]
