"""Pooled, federated and each institution alone, on clients that none of them learned from."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from backend.federation import partition
from backend.scoring import features, metrics, scorecard
from backend.scoring.metrics import Labels, Probabilities
from backend.scoring.modelspec import ModelSpec
from backend.scoring.scorecard import Scorecard
from backend.scoring.table import Table

DECIMALS = 4


@dataclass(frozen=True)
class Row:
    """One scorecard: what it learned from, and its AUC on the held-out clients with a 95 % bootstrap interval."""

    learned_from: str
    rows: int
    defaulted: float
    features: int
    auc: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """`lead` is federated less the smallest institution alone, `gap` pooled less federated, both with intervals."""

    rows: tuple[Row, ...]
    lead: tuple[float, float, float]
    gap: tuple[float, float, float]
    held_out: int

    def as_dict(self) -> dict[str, Any]:
        """For the JSON line."""
        return asdict(self)


def compare(spec: ModelSpec, training: Table, held_out: Table, federated: Scorecard) -> Comparison:
    """Fits the pooled and the lone scorecards, which a real federation could not."""
    parts = {
        name: training.take(mask)
        for name, mask in partition.masks(training.keys, training.columns[partition.COLUMN]).items()
    }
    cards = {"all rows, pooled": _fit(spec, training), "all rows, federated": federated}
    cards |= {f"{name} alone": _fit(spec, part) for name, part in parts.items()}
    learned = dict(zip(cards, (training, training, *parts.values()), strict=True))
    matrix = features.matrix(spec, held_out.columns)
    given = {name: card.probability(matrix) for name, card in cards.items()}
    smallest = f"{min(parts, key=lambda name: len(parts[name].labels))} alone"
    return Comparison(
        rows=tuple(_row(name, learned[name], cards[name], held_out.labels, given[name]) for name in cards),
        lead=_difference(held_out.labels, given["all rows, federated"], given[smallest]),
        gap=_difference(held_out.labels, given["all rows, pooled"], given["all rows, federated"]),
        held_out=len(held_out.labels),
    )


def table(compared: Comparison) -> list[str]:
    """Lines for people."""
    lines = [f"{'learned from':<22}{'rows':>8}{'defaulted':>11}{'features':>10}{'AUC':>9}   95 % interval"]
    lines += [
        f"{row.learned_from:<22}{row.rows:>8,}{row.defaulted:>11.1%}{row.features:>10}{row.auc:>9.4f}"
        f"   {row.low:.4f} … {row.high:.4f}"
        for row in compared.rows
    ]
    for name, (value, low, high) in {
        "federated less the smallest alone": compared.lead,
        "pooled less federated": compared.gap,
    }.items():
        lines.append(f"{name:<51}{value:>+9.4f}   {low:+.4f} … {high:+.4f}")
    return lines


def _fit(spec: ModelSpec, rows: Table) -> Scorecard:
    return scorecard.fit(spec, features.matrix(spec, rows.columns), rows.labels)


def _row(name: str, learned: Table, card: Scorecard, labels: Labels, given: Probabilities) -> Row:
    low, high = metrics.interval(metrics.auc, labels, given)
    return Row(
        learned_from=name,
        rows=len(learned.labels),
        defaulted=round(float(learned.labels.mean()), DECIMALS),
        features=len(card.attributes),
        auc=round(metrics.auc(labels, given), DECIMALS),
        low=round(low, DECIMALS),
        high=round(high, DECIMALS),
    )


def _difference(labels: Labels, one: Probabilities, other: Probabilities) -> tuple[float, float, float]:
    """AUC of one less the other's, and its interval over the same resamples of clients."""

    def less(labels: Labels, pairs: Probabilities) -> float:
        return metrics.auc(labels, pairs[:, 0]) - metrics.auc(labels, pairs[:, 1])

    pairs = np.column_stack([one, other])
    low, high = metrics.interval(less, labels, pairs)
    return round(less(labels, pairs), DECIMALS), round(low, DECIMALS), round(high, DECIMALS)
