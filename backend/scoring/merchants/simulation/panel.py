"""The suppliers' weeks, and what a limit could know after each of them."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isqrt
from pathlib import Path

from backend.scoring.merchants.facts import LimitFacts
from backend.scoring.merchants.limit_policy import WHOLE
from backend.scoring.modelspec import ROOT

FILE = ROOT / "data" / "credit" / "supplier_weeks" / "supplier_weeks.csv.gz"
FEN_A_CENT = 1_000
"""A dollar of the sample counts as 1,000 yuan, which makes the median supplier a small shop."""
WEEKS = 52
SET_WEEK = 26
"""The week after which the limit that never moves is set, and from which the moving one is watched."""
FEWEST_WEEKS = 20
"""Weeks with sales among the first 26: who sells less often has no weekly turnover to speak of."""
MONTH, QUARTER = 4, 13


@dataclass(frozen=True)
class Supplier:
    """Fen a week over the weeks of the panel: all sales, and those to the largest household of the week."""

    id: int
    sales: tuple[int, ...]
    largest: tuple[int, ...]

    def turnover(self, week: int, weeks: int) -> int:
        """Of the `weeks` that end with `week`, the first of the panel being 1."""
        return sum(self.sales[max(week - weeks, 0) : week])


def suppliers(path: Path = FILE) -> list[Supplier]:
    """Those with a weekly turnover in the first half-year, by number. Later weeks play no part in the choice."""
    sales: dict[int, list[int]] = defaultdict(lambda: [0] * WEEKS)
    largest: dict[int, list[int]] = defaultdict(lambda: [0] * WEEKS)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            supplier, week = int(row["manufacturer_id"]), int(row["week"]) - 1
            sales[supplier][week] = _fen(row["sales"])
            largest[supplier][week] = _fen(row["top_household"])
    panel = (Supplier(id, tuple(sales[id]), tuple(largest[id])) for id in sorted(sales))
    return [each for each in panel if sum(week > 0 for week in each.sales[:SET_WEEK]) >= FEWEST_WEEKS]


def _fen(dollars: str) -> int:
    return int(Decimal(dollars) * 100) * FEN_A_CENT


def facts(supplier: Supplier, week: int) -> LimitFacts:
    """What was known when `week` had ended. Each week's largest household may be another one, so that their sum is an
    upper bound of the largest buyer's share."""
    quarter = supplier.sales[week - QUARTER : week]
    turnover, bought = sum(quarter), sum(supplier.largest[week - QUARTER : week])
    return LimitFacts(
        turnover_30=supplier.turnover(week, MONTH) * 30 // (7 * MONTH),
        turnover_90=turnover * 90 // (7 * QUARTER),
        turnover_365=supplier.turnover(week, WEEKS) * 365 // (7 * week),
        tenure_days=7 * week,
        volatility_bps=volatility_bps(quarter),
        concentration_bps=-(-WHOLE * bought // turnover) if turnover else WHOLE,
        inventory_days=None,
    )


def volatility_bps(weeks: Sequence[int]) -> int:
    """Coefficient of variation, never below the exact one; when nothing was sold, more than there can be."""
    total, count = sum(weeks), len(weeks)
    if not total:
        return WHOLE * count
    spread = count * sum(week * week for week in weeks) - total * total
    return isqrt(WHOLE * WHOLE * spread // (total * total)) + 1 if spread else 0
