"""How the bank's business stands: ages of arrears, non-performing loans, approvals. docs/operations.md defines each.

A loan is a row of backend/readmodel/portfolio.py. Amounts in fen; ratios in basis points.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from backend.desk import sentences

# Days past due through which a bucket reaches; the first holds what is not overdue, the last all that is older.
BUCKETS: Mapping[str, int | None] = {"current": 0, "1-30": 30, "31-60": 60, "61-90": 90, "over-90": None}
PERFORMING_THROUGH_DAYS = 90
SERIES_DAYS = 90
BPS = 10_000


def days_past_due(loan: Mapping[str, Any], today: int) -> int:
    """0 for a loan of which nothing is overdue."""
    return 0 if loan["since"] is None else max(0, today - loan["since"])


def bucket_of(late: int) -> str:
    """Name of the bucket for a number of days past due."""
    return next(name for name, through in BUCKETS.items() if through is None or late <= through)


def is_non_performing(loan: Mapping[str, Any], today: int) -> bool:
    """In default, or more than 90 days overdue."""
    return bool(loan["bad"]) or days_past_due(loan, today) > PERFORMING_THROUGH_DAYS


def standing(loans: Iterable[Mapping[str, Any]], today: int) -> dict[str, Any]:
    """`outstanding`, `overdue` (every bucket with its amount and number of loans), `non_performing`, and the ratio of
    the two in basis points, rounded up; None when nothing is owed."""
    owed = [loan for loan in loans if loan["amount"]]
    held = {name: [loan for loan in owed if bucket_of(days_past_due(loan, today)) == name] for name in BUCKETS}
    outstanding = _sum(owed)
    non_performing = _sum(loan for loan in owed if is_non_performing(loan, today))
    return {
        "outstanding": outstanding,
        "overdue": [{"bucket": name, "amount": _sum(some), "loans": len(some)} for name, some in held.items()],
        "non_performing": non_performing,
        "npl_ratio_bps": -(-non_performing * BPS // outstanding) if outstanding else None,
    }


def approvals(approved: int, refused: int) -> dict[str, Any]:
    """Rate in basis points, rounded down; None without applications."""
    asked = approved + refused
    rate = approved * BPS // asked if asked else None
    return {"applications": asked, "approvals": approved, "refusals": refused, "approval_rate_bps": rate}


def series(flows: Sequence[Mapping[str, Any]], today: int) -> list[dict[str, int]]:
    """What was disbursed on each of the last 90 days, today last."""
    by_day = {row["day"]: row["disbursed"] for row in flows}
    return [{"day": day, "amount": by_day.get(day, 0)} for day in range(today - SERIES_DAYS + 1, today + 1)]


def sums(flows: Sequence[Mapping[str, Any]], figures: Iterable[str]) -> dict[str, int]:
    """Each figure since the beginning."""
    return {figure: sum(row[figure] for row in flows) for figure in figures}


def texts() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Names of products, steps, buckets and lanes, and `explanations` of the figures by their names in the API."""
    return sentences.templates("portfolio")


def _sum(loans: Iterable[Mapping[str, Any]]) -> int:
    return sum(int(loan["amount"]) for loan in loans)
