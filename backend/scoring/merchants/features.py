"""A merchant's figures as of a moment, from the records that had happened and had come to be known by then.

Windows are whole days in Beijing before the day of assessment: the last 30 days are the 30 before today. Only what
tells against the merchant, arrears, counts on the day itself. Sums are of integers, so the order of records changes
nothing and every signer gets the same figures to the bit.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backend.days import BEIJING_S, DAY_S, day_of
from backend.scoring.merchants.facts import LimitFacts
from backend.scoring.merchants.records import BusinessRecord, Kind

KINDS = {kind: number for number, kind in enumerate(Kind)}
UNKNOWN_BUYER = -1
YUAN = 100  # fen
STAR = 100  # hundredths

MONTH, QUARTER, YEAR = 30, 90, 365
HISTORY = YEAR + QUARTER  # age in days of the oldest sale that any window reaches
WEEKS = QUARTER // 7
FEWEST_WEEKS = 4  # fewer tell nothing about volatility
RATING_TREND = 180
MOST_ARREARS = 365
MOST_UTILISATION = 2.0
BPS = 10_000
MOST_VOLATILITY_BPS = math.isqrt(BPS * BPS * (WEEKS - 1)) + 1  # all turnover in one of the weeks

Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LineUse:
    """How much of its own line a merchant has drawn, in fen."""

    drawn: int
    limit: int


@dataclass(frozen=True, slots=True)
class Journal:
    """Records as columns (n,): kind by its number in `KINDS`, buyer by any number, `UNKNOWN_BUYER` where unknown."""

    kind: Whole
    occurred_at: Whole
    received_at: Whole
    value: Whole
    count: Whole
    buyer: Whole

    @classmethod
    def of(cls, records: Sequence[BusinessRecord]) -> "Journal":
        """The columns of records in any order."""
        buyers: dict[str, int] = {"": UNKNOWN_BUYER}
        return cls(
            kind=_column(KINDS[own.kind] for own in records),
            occurred_at=_column(own.occurred_at for own in records),
            received_at=_column(own.received_at for own in records),
            value=_column(own.value for own in records),
            count=_column(own.count for own in records),
            buyer=_column(buyers.setdefault(own.buyer, len(buyers)) for own in records),
        )


def _column(values: Iterable[int]) -> Whole:
    return np.fromiter(values, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Events:
    """Known records of one kind: second, age in days on the day of assessment, value, count and buyer, each (n,)."""

    occurred_at: Whole
    age: Whole
    value: Whole
    count: Whole
    buyer: Whole

    def within(self, first: int, last: int) -> "Events":
        """Those that are `first` to `last` days old."""
        return self._where((first <= self.age) & (self.age <= last))

    def latest(self) -> "Events":
        """The last one, and any of the same second."""
        return self._where(self.occurred_at == self.occurred_at.max(initial=0))

    def _where(self, rows: Mask) -> "Events":
        return Events(self.occurred_at[rows], self.age[rows], self.value[rows], self.count[rows], self.buyer[rows])


class Business:
    """What was known about a merchant at a moment, and the sums that its figures share. Amounts in fen."""

    def __init__(self, journal: Journal, as_of: int) -> None:
        self._journal = journal
        self._known = (journal.occurred_at <= as_of) & (journal.received_at <= as_of)
        self._ages = day_of(as_of) - (journal.occurred_at + BEIJING_S) // DAY_S

    def events(self, kind: Kind) -> Events:
        """All known records of a kind."""
        rows = self._known & (self._journal.kind == KINDS[kind])
        own = self._journal
        return Events(own.occurred_at[rows], self._ages[rows], own.value[rows], own.count[rows], own.buyer[rows])

    @cached_property
    def sales(self) -> Events:
        return self.events(Kind.SALE)

    @cached_property
    def refunds(self) -> Events:
        return self.events(Kind.REFUND)

    @cached_property
    def recent_sales(self) -> Events:
        """Those of the last 90 days."""
        return self.sales.within(1, QUARTER)

    @cached_property
    def _daily(self) -> Whole:
        """Sales less refunds by age in days, 0 … `HISTORY`."""
        net = np.zeros(HISTORY + 1, dtype=np.int64)
        for events, sign in ((self.sales, 1), (self.refunds, -1)):
            inside = events.within(0, HISTORY)
            np.add.at(net, inside.age, sign * inside.value)
        return net

    def turnover(self, first: int, last: int) -> int:
        """Sales less refunds of the days `first` to `last` days ago; 0 where refunds of older sales exceed them."""
        return max(int(self._daily[first : last + 1].sum()), 0)

    def weekly(self) -> list[int]:
        """Turnover of the whole weeks within the last 90 days, the latest first."""
        return [self.turnover(7 * week + 1, 7 * week + 7) for week in range(WEEKS)]

    @cached_property
    def tenure(self) -> int | None:
        """Days since the shop opened; without a record of it, since the first sale."""
        beginnings = self.events(Kind.OPENING).age
        known = beginnings if len(beginnings) else self.sales.age
        return int(known.max()) if len(known) else None

    def largest_buyer(self) -> tuple[int, int] | None:
        """Sales to the largest named buyer and to all named ones in 90 days; None where most sales name nobody."""
        recent = self.recent_sales
        named = recent.buyer != UNKNOWN_BUYER
        all_named = int(recent.value[named].sum())
        if 2 * all_named <= int(recent.value.sum()):
            return None
        _, number = np.unique(recent.buyer[named], return_inverse=True)
        by_buyer = np.zeros(number.max() + 1, dtype=np.int64)
        np.add.at(by_buyer, number, recent.value[named])
        return int(by_buyer.max()), all_named

    def stock(self) -> int | None:
        """The last inventory at cost, unless it is older than 90 days; of several on one day the smallest."""
        latest = self.events(Kind.STOCK).within(0, QUARTER).latest()
        return int(latest.value.min()) if len(latest.value) else None

    def arrears(self) -> tuple[int, int]:
        """Days past due elsewhere, now and at worst within a year. A debt that was not cured grows older by the day."""
        known = self.events(Kind.ARREARS)
        latest = known.latest()
        last = int(latest.value.max(initial=0))
        now = min(last + int(latest.age[0]), MOST_ARREARS) if last else 0
        return now, max(now, int(known.within(0, YEAR).value.max(initial=0)))


def figures(records: Sequence[BusinessRecord], as_of: int, use: LineUse | None) -> dict[str, float]:
    """Figures by the ids of `merchant_features.csv`, NaN where unknown.

    `as_of`: seconds since the epoch; `use`: None without a line.
    """
    return journal_figures(Journal.of(records), as_of, use)


def journal_figures(journal: Journal, as_of: int, use: LineUse | None) -> dict[str, float]:
    """The same from columns."""
    own = Business(journal, as_of)
    return {**_turnover(own), **_trade(own), **_standing(own), "utilisation": _utilisation(use)}


def _turnover(own: Business) -> dict[str, float]:
    month, quarter, year = (own.turnover(1, days) for days in (MONTH, QUARTER, YEAR))
    tenure = own.tenure or 0
    before = min(QUARTER, tenure - MONTH)  # a young shop is compared with the days it had
    earlier = own.turnover(YEAR + 1, HISTORY) if tenure >= HISTORY else 0
    return {
        "turnover_30": month / YUAN,
        "turnover_90": quarter / YUAN,
        "turnover_365": year / YUAN,
        "growth_30": _share(month * before, own.turnover(MONTH + 1, MONTH + QUARTER) * MONTH)
        if before >= MONTH
        else math.nan,
        "growth_365": _share(quarter, earlier),
        "volatility": _volatility(own.weekly()[: tenure // 7]),
    }


def _trade(own: Business) -> dict[str, float]:
    recent, largest, stock = own.recent_sales, own.largest_buyer(), own.stock()
    sold = int(recent.value.sum())
    return {
        "active_days": float(len(np.unique(recent.age))),
        "idle_days": float(own.sales.age.min()) if len(own.sales.age) else math.nan,
        "concentration": _share(*largest) if largest else math.nan,
        "ticket": _share(sold, int(recent.count.sum()) * YUAN),
        "refund_rate": _share(int(own.refunds.within(1, QUARTER).value.sum()), sold),
        "inventory_days": math.nan if stock is None else _share(stock * QUARTER, own.turnover(1, QUARTER)),
        "buyers_unknown": float(largest is None),
        "stock_unknown": float(stock is None),
    }


def _standing(own: Business) -> dict[str, float]:
    ratings = own.events(Kind.RATING).within(0, RATING_TREND)
    recent = ratings.within(0, QUARTER)
    now, worst = own.arrears()
    return {
        "rating_level": _share(int((recent.value * recent.count).sum()), int(recent.count.sum()) * STAR),
        "rating_slope": _slope(ratings),
        "tenure": math.nan if own.tenure is None else float(own.tenure),
        "arrears_now": float(now),
        "arrears_worst": float(worst),
        "rating_unknown": float(not len(recent.value)),
    }


def _utilisation(use: LineUse | None) -> float:
    if use is None or (use.limit == 0 and use.drawn == 0):
        return math.nan
    return min(_share(use.drawn, use.limit), MOST_UTILISATION) if use.limit else MOST_UTILISATION


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan


def _volatility(weeks: Sequence[int]) -> float:
    """Coefficient of variation."""
    total = sum(weeks)
    if len(weeks) < FEWEST_WEEKS or not total:
        return math.nan
    return math.sqrt(_squares(weeks)) / total


def _squares(weeks: Sequence[int]) -> int:
    """n · Σx² - (Σx)², which is the variance times n²."""
    return len(weeks) * sum(week * week for week in weeks) - sum(weeks) ** 2


def _slope(ratings: Events) -> float:
    """Stars per 30 days of a straight line through the ratings, each counting as often as it was given."""
    weight, day, value = ratings.count, -ratings.age, ratings.value
    total, days, values = (int(column.sum()) for column in (weight, weight * day, weight * value))
    spread = total * int((weight * day * day).sum()) - days * days
    rise = total * int((weight * day * value).sum()) - days * values
    return _share(rise * MONTH, spread * STAR)


def limit_facts(records: Sequence[BusinessRecord], as_of: int) -> LimitFacts:
    """What the limit is computed from. What is not known counts as its worst."""
    own = Business(Journal.of(records), as_of)
    quarter, year, largest = own.turnover(1, QUARTER), own.turnover(1, YEAR), own.largest_buyer()
    return LimitFacts(
        turnover_30=own.turnover(1, MONTH),
        turnover_90=quarter,
        turnover_365=year,
        tenure_days=own.tenure or 0,
        volatility_bps=_volatility_bps(own.weekly()),
        concentration_bps=-(-BPS * largest[0] // largest[1]) if largest else BPS,
        inventory_days=_inventory_days(own.stock(), quarter, year),
    )


def _inventory_days(stock: int | None, quarter: int, year: int) -> int | None:
    """By the sales of the quarter or of the year, whichever gives fewer: unsold stock is no need for a higher limit."""
    if stock is None:
        return None
    return min(stock * QUARTER // max(quarter, 1), stock * YEAR // max(year, 1))


def _volatility_bps(weeks: Sequence[int]) -> int:
    """Rounded up; weeks before the opening count as weeks without turnover."""
    total = sum(weeks)
    if not total:
        return MOST_VOLATILITY_BPS
    scaled = -(-BPS * BPS * _squares(weeks) // total**2)
    return math.isqrt(scaled - 1) + 1 if scaled else 0
