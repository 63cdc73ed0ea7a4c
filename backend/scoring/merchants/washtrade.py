"""Patterns of fictitious trade in a merchant's records. Each is a suspicion with its evidence, for a person to judge.

Shares are in basis points, rounded down, in integers: every signer finds the same. Constants, sentences and reasons are
data, `washtrade.json`.
"""

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median_low
from typing import Any

from backend import figures
from backend.days import DAY_S
from backend.scoring.merchants.records import BusinessRecord, Kind

WHOLE = 10_000
MOST_EVIDENCE = 8

Records = Sequence[BusinessRecord]
Measured = tuple[int, Records]
"""A measure in the rule's unit, and the records that show it."""


@dataclass(frozen=True)
class Finding:
    """`measure` reached `threshold`, both in `unit`: `bps` or `sales`. `evidence`: ids of some records that show it."""

    code: str
    measure: int
    threshold: int
    unit: str
    evidence: tuple[str, ...]

    def text(self, lang: str) -> str:
        """The sentence for a user in `zh` or `en`."""
        show = figures.percent if self.unit == "bps" else str
        sentence: str = rules()[self.code][lang]
        return sentence.format(measure=show(self.measure), threshold=show(self.threshold))


def findings(records: Iterable[BusinessRecord], at: int) -> list[Finding]:
    """What is suspicious in the last 90 days before second `at`, from records known then, in any order."""
    window = _window(records, at)
    if len(window[Kind.SALE]) < _content()["least_sales"]:
        return []
    found = []
    for code, measure in MEASURES.items():
        rule = rules()[code]
        measured, shown = measure(window, rule)
        if measured >= rule["threshold"]:
            evidence = tuple(record.id for record in shown[:MOST_EVIDENCE])
            found.append(Finding(code, measured, rule["threshold"], rule["unit"], evidence))
    return found


def rules() -> Mapping[str, Mapping[str, Any]]:
    """Constants, sentences (`en`, `zh`) and reasons (`why_en`, `why_zh`) by code."""
    content: Mapping[str, Mapping[str, Any]] = _content()["rules"]
    return content


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(__file__).with_name("washtrade.json").read_text(encoding="utf-8"))
    return content


def _window(records: Iterable[BusinessRecord], at: int) -> Mapping[Kind, Records]:
    """Records by kind, by time."""
    since = at - _content()["window_days"] * DAY_S
    known = [record for record in records if since < record.occurred_at <= at and record.received_at <= at]
    known.sort(key=lambda record: (record.occurred_at, record.id))
    window: dict[Kind, list[BusinessRecord]] = {kind: [] for kind in Kind}
    for record in known:
        window[record.kind].append(record)
    return window


# Measures


def _circling_buyers(window: Mapping[Kind, Records], rule: Mapping[str, Any]) -> Measured:
    bought, returned = _by_buyer(window[Kind.SALE]), _by_buyer(window[Kind.REFUND])
    circling = [
        buyer
        for buyer, sales in bought.items()
        if len(returned[buyer]) >= rule["least_refunds"]
        and _worth(returned[buyer]) * WHOLE >= rule["returned_bps"] * _worth(sales)
    ]
    shown = [record for buyer in circling for record in (*bought[buyer], *returned[buyer])]
    turned = sum(_worth(bought[buyer]) for buyer in circling)
    return _share(turned, _worth(window[Kind.SALE])), sorted(
        shown, key=lambda record: (record.buyer, record.occurred_at)
    )


def _equal_bursts(window: Mapping[Kind, Records], rule: Mapping[str, Any]) -> Measured:
    by_amount = defaultdict(list)
    for sale in _single(window[Kind.SALE]):
        by_amount[sale.value].append(sale)
    burst = [sale for sales in by_amount.values() for sale in _dense(sales, rule)]
    return _share(_worth(burst), _worth(window[Kind.SALE])), burst


def _dense(sales: Records, rule: Mapping[str, Any]) -> list[BusinessRecord]:
    """Sales of one amount, by time, that lie in a burst: compared with their mean number over the whole window."""
    window_s, usual = _content()["window_days"] * DAY_S, len(sales) * rule["within_s"] * rule["times_usual"]
    dense: list[BusinessRecord] = []
    first = taken = 0
    for last, sale in enumerate(sales):
        while sale.occurred_at - sales[first].occurred_at > rule["within_s"]:
            first += 1
        inside = last - first + 1
        if inside >= rule["least_in_burst"] and inside * window_s >= usual:
            dense += sales[max(first, taken) : last + 1]
            taken = last + 1
    return dense


def _one_buyer(window: Mapping[Kind, Records], rule: Mapping[str, Any]) -> Measured:
    largest: Measured = (0, [])
    for sales in _by_buyer(_single(window[Kind.SALE])).values():
        share = _share(_worth(sales), _worth(window[Kind.SALE]))
        if len(sales) >= rule["least_sales"] and _is_near_equal(sales, rule) and share > largest[0]:
            largest = share, sales
    return largest


def _is_near_equal(sales: Records, rule: Mapping[str, Any]) -> bool:
    middle = median_low(sale.value for sale in sales)
    near = sum(abs(sale.value - middle) * WHOLE <= rule["near_bps"] * middle for sale in sales)
    return bool(near * WHOLE >= rule["near_share_bps"] * len(sales))


def _vanishing(window: Mapping[Kind, Records], rule: Mapping[str, Any]) -> Measured:
    """Each rating and each refund stands for one sale at most, the earliest that fits."""
    ratings: defaultdict[str, deque[BusinessRecord]] = defaultdict(deque)
    refunds: defaultdict[tuple[str, int], deque[BusinessRecord]] = defaultdict(deque)
    for rating in window[Kind.RATING]:
        if rating.buyer and rating.value >= rule["top_rating"]:
            ratings[rating.buyer].append(rating)
    for refund in window[Kind.REFUND]:
        refunds[refund.buyer, refund.value].append(refund)
    shown = []
    for sale in window[Kind.SALE]:
        until = sale.occurred_at + rule["within_days"] * DAY_S
        praised = _first(ratings[sale.buyer], sale.occurred_at, until)
        undone = _first(refunds[sale.buyer, sale.value], praised.occurred_at, until) if praised else None
        if praised and undone:
            ratings[sale.buyer].popleft()
            refunds[sale.buyer, sale.value].popleft()
            shown += [sale, praised, undone]
    cases = len(shown) // 3
    return (_share(cases, len(window[Kind.SALE])) if cases >= rule["least_cases"] else 0), shown


def _first(queue: deque[BusinessRecord], since: int, until: int) -> BusinessRecord | None:
    """The next record of the queue in a span; earlier ones fit no later sale either and are dropped."""
    while queue and queue[0].occurred_at < since:
        queue.popleft()
    return queue[0] if queue and queue[0].occurred_at <= until else None


def _clockwork(window: Mapping[Kind, Records], rule: Mapping[str, Any]) -> Measured:
    """The longest run of sales, whose distances all differ little from the first of them."""
    run: list[BusinessRecord] = []
    longest, distance = run, 0
    for earlier, later in pairwise(_single(window[Kind.SALE])):
        apart = later.occurred_at - earlier.occurred_at
        if distance and abs(apart - distance) * WHOLE <= rule["tolerance_bps"] * distance:
            run.append(later)
        else:
            distance = apart if apart <= rule["most_apart_s"] else 0
            run = [earlier, later] if distance else [later]
        longest = max(longest, run, key=len)
    return len(longest), longest


MEASURES: Mapping[str, Callable[[Mapping[Kind, Records], Mapping[str, Any]], Measured]] = {
    "circling_buyers": _circling_buyers,
    "equal_bursts": _equal_bursts,
    "one_buyer_equal_amounts": _one_buyer,
    "vanishing_after_rating": _vanishing,
    "clockwork": _clockwork,
}


def _by_buyer(records: Records) -> defaultdict[str, list[BusinessRecord]]:
    """Of known buyers; nobody is the buyer of nothing."""
    found: defaultdict[str, list[BusinessRecord]] = defaultdict(list)
    for record in records:
        if record.buyer:
            found[record.buyer].append(record)
    return found


def _single(sales: Records) -> Records:
    """Sales that do not sum up several."""
    return [sale for sale in sales if sale.count == 1]


def _worth(records: Records) -> int:
    return sum(record.value for record in records)


def _share(part: int, whole: int) -> int:
    """Basis points, rounded down."""
    return part * WHOLE // whole if whole else 0
