"""A synthetic population of merchants: nobody in it exists.

Turnover follows the real supplier panel (level, growth, volatility, seasonality, concentration), default the card
clients (rate, by delinquency and by utilisation); `population.json` holds what was measured, fitted and assumed.
Each merchant is drawn from its own stream of random numbers, so a seed and a number always give the same one.
"""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.days import BEIJING_S, DAY_S
from backend.scoring.merchants.features import KINDS, MONTH, QUARTER, STAR, UNKNOWN_BUYER, Journal, LineUse
from backend.scoring.merchants.records import BusinessRecord, Kind

WEEK = 7
OPEN_S = (8 * 3600, 22 * 3600)  # seconds of the day between which shops sell
RECEIVED_AFTER_S = 6 * 3600  # until a platform passes a record on
COLUMNS = tuple(own.name for own in fields(Journal))
Real = NDArray[np.float64]
Whole = NDArray[np.int64]


@cache
def calibration() -> dict[str, Any]:
    """Measured and assumed figures."""
    content: dict[str, Any] = json.loads(Path(__file__).with_name("population.json").read_text(encoding="utf-8"))
    return content


@dataclass(frozen=True)
class Course:
    """How a demonstrated merchant's sales depart from chance: growth a month from a day on, share left from another."""

    grows_from: int | None = None
    growth: float = 0.0
    falls_from: int | None = None
    left: float = 1.0

    def factor(self, days: Whole) -> Real:
        """By day."""
        factor = np.ones(len(days))
        if self.grows_from is not None:
            factor *= (1 + self.growth) ** (np.maximum(days - self.grows_from, 0) / MONTH)
        if self.falls_from is not None:
            factor *= np.where(days >= self.falls_from, self.left, 1.0)
        return factor


AS_IT_COMES = Course()


@dataclass(frozen=True)
class Traits:
    """What stays the same in a merchant's life. Amounts in fen, `orders` a week."""

    opened: int
    orders: float
    ticket: float
    drift: float
    health: float
    first_buyer: float
    buyers: int
    rating: float
    refunds: float
    stock_days: float
    utilisation: float
    rated: bool
    stocked: bool


@dataclass(frozen=True)
class Life:
    """A merchant from day `first` on; by month of 30 days: health (standard normal), days behind elsewhere, line use.

    `journal` holds its records in columns.
    """

    traits: Traits
    first: int
    health: Real
    behind: Whole
    utilisation: Real
    journal: Journal

    def month(self, day: int) -> int:
        """The number of the month a day is in."""
        return (day - self.first) // MONTH

    def days_behind(self, day: int) -> int:
        """Of debts elsewhere: they grow older between the reports."""
        behind = int(self.behind[self.month(day)])
        return behind + (day - self.first) % MONTH if behind else 0


Dice = Iterator[np.random.Generator]


def _dice(seed: int, number: int) -> Dice:
    """A stream of random numbers for each thing drawn, so that a longer life begins like a shorter one."""
    return (np.random.default_rng([seed, number, thing]) for thing in count())


def live(
    seed: int, number: int, first: int, last: int, *, opened: int | None = None, course: Course = AS_IT_COMES
) -> Life:
    """Merchant `number` of the population of that seed, known from day `first` to day `last`, both included.

    `opened`: the day its shop opened, `first` if not given.
    """
    dice = _dice(seed, number)
    traits = _traits(next(dice), first if opened is None else opened)
    months = (last - first) // MONTH + 2  # one to come, for the trend leads there
    health = _health(next(dice), traits, months)
    behind = _behind(dice, health)
    days = np.arange(first, last + 1)
    orders = _orders(dice, traits, days, _level(dice, traits, health, days) * course.factor(days))
    parts = (
        orders,
        _refunds(dice, traits, health, orders, first),
        _ratings(next(dice), traits, health, days),
        _stock(next(dice), traits, orders, days),
        _arrears(behind, days),
        _single(Kind.OPENING, np.array([traits.opened]), np.array([0])),
    )
    utilisation = _utilisation(next(dice), traits, health)
    return Life(traits, first, health, behind, utilisation, _joined(parts, last))


def records(seed: int, number: int, first: int, last: int, course: Course = AS_IT_COMES) -> list[BusinessRecord]:
    """The life of a merchant that opened on day `first`, as event records in the order they happened."""
    journal = live(seed, number, first, last, course=course).journal
    kinds = tuple(Kind)
    order = np.argsort(journal.occurred_at, kind="stable")
    rows = zip(*(getattr(journal, name)[order].tolist() for name in COLUMNS), strict=True)
    return [
        BusinessRecord(
            id=f"{number}-{row}",
            kind=kinds[kind],
            occurred_at=occurred_at,
            received_at=received_at,
            value=value,
            count=orders,
            buyer="" if buyer == UNKNOWN_BUYER else f"buyer-{number}-{buyer}",
        )
        for row, (kind, occurred_at, received_at, value, orders, buyer) in enumerate(rows)
    ]


def default_probability(life: Life, day: int) -> float:
    """Of a default within 90 days after `day`."""
    assumed, traits, month = calibration()["assumed"], life.traits, life.month(day)
    late = min(math.ceil(life.days_behind(day) / MONTH), len(assumed["late_log_odds"]) - 1)
    use = float(np.interp(life.utilisation[month], *np.array(assumed["use_log_odds"]).T))
    effects = assumed["effects"]
    log_odds = (
        assumed["late_log_odds"][late]
        + use
        + effects["health"] * life.health[month]
        + effects["size"] * math.log(traits.orders * traits.ticket / assumed["typical_week"])
        + effects["concentration"] * (traits.first_buyer - assumed["typical_first_buyer"])
        + effects["tenure"] * math.log(max(day - traits.opened, MONTH) / assumed["typical_tenure"])
    )
    return 1 / (1 + math.exp(-log_odds))


def line_use(life: Life, day: int) -> LineUse:
    """Of a line of a month's typical turnover."""
    limit = round(life.traits.orders * life.traits.ticket * MONTH / WEEK)
    return LineUse(drawn=round(limit * float(life.utilisation[life.month(day)])), limit=limit)


def _traits(draw: np.random.Generator, opened: int) -> Traits:
    panel, assumed = calibration()["fitted"], calibration()["assumed"]
    buyers, rating, refunds, stock, use = (
        assumed[name] for name in ("buyers", "rating", "refunds", "stock_days", "line_use")
    )
    return Traits(
        opened=opened,
        orders=_quantile(draw, panel["orders_a_week"]),
        ticket=_quantile(draw, panel["ticket"]) * assumed["fen_a_dollar"],
        drift=float(draw.normal(0, panel["drift_spread"])),
        health=float(draw.normal()),
        first_buyer=_quantile(draw, panel["first_buyer"]),
        buyers=int(buyers["fewest"] * math.exp(min(draw.exponential(buyers["spread"]), buyers["most_log"]))),
        rating=float(draw.normal(rating["mean"], rating["spread"])),
        refunds=float(refunds["typical"] * math.exp(draw.normal(0, refunds["spread"]))),
        stock_days=float(stock["typical"] * math.exp(draw.normal(0, stock["spread"]))),
        utilisation=float(draw.normal(use["mean"], use["spread"])),
        rated=bool(draw.random() < assumed["share_rated"]),
        stocked=bool(draw.random() < assumed["share_stocked"]),
    )


def _quantile(draw: np.random.Generator, quantiles: Sequence[Sequence[float]]) -> float:
    """A draw from a distribution given as (share, value) points, straight in the logarithm."""
    shares, values = zip(*quantiles, strict=True)
    return float(np.exp(np.interp(draw.random(), shares, np.log(values))))


def _health(draw: np.random.Generator, traits: Traits, months: int) -> Real:
    """Half of it is the merchant's own, half wanders with a memory of about half a year."""
    keep = calibration()["assumed"]["health_memory"]
    moving = draw.normal(size=months)
    for month in range(1, months):
        moving[month] = keep * moving[month - 1] + math.sqrt(1 - keep * keep) * moving[month]
    return np.asarray(math.sqrt(0.5) * (traits.health + moving))


def _behind(dice: Dice, health: Real) -> Whole:
    """Days behind elsewhere at the start of each month: fall behind, stay so and sometimes further, or pay."""
    rule = calibration()["assumed"]["arrears"]
    late, older, begun = (next(dice).random(len(health)) for _ in range(3))
    behind = np.zeros(len(health), dtype=np.int64)
    for month in range(1, len(health)):
        was = behind[month - 1]
        log_odds = (rule["stays"] if was else rule["begins"]) + rule["health"] * health[month]
        if late[month] < 1 / (1 + math.exp(-log_odds)):
            # Most who stay behind pay one month's instalment, so that their oldest debt stays as old.
            behind[month] = was + MONTH * (older[month] < rule["ages"]) if was else 1 + int(MONTH * begun[month])
    return np.minimum(behind, rule["most"])


def _utilisation(draw: np.random.Generator, traits: Traits, health: Real) -> Real:
    """A share of the limit, higher where health is bad."""
    use = calibration()["assumed"]["line_use"]
    log_odds = traits.utilisation + use["health"] * health + draw.normal(0, use["noise"], len(health))
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def _level(dice: Dice, traits: Traits, health: Real, days: Whole) -> Real:
    """Expected orders of each day against a typical one: season, trend and chance of the week."""
    measured, panel = calibration()["measured"], calibration()["fitted"]
    walk = next(dice).normal(0, panel["monthly_walk"], len(health))
    months = np.cumsum(panel["drift_health"] * health + traits.drift + walk)
    trend = np.exp(np.interp(days, days[0] + MONTH * np.arange(len(months)), months))
    weeks = days // WEEK
    chance = next(dice).gamma(panel["weeks_shape"], 1 / panel["weeks_shape"], weeks[-1] - weeks[0] + 1)
    season = np.array(measured["season"])
    return np.asarray(season[weeks % len(season)] * trend * chance[weeks - weeks[0]])


def _orders(dice: Dice, traits: Traits, days: Whole, level: Real) -> Journal:
    """Sales. A shop with many orders has records that sum up several of one buyer."""
    panel, most = calibration()["fitted"], calibration()["assumed"]["most_records_a_day"]
    expected = traits.orders / WEEK * level
    recorded = np.minimum(expected, most)
    records_of_day = next(dice).poisson(recorded)
    day = np.repeat(days, records_of_day)
    orders = np.repeat(np.maximum(np.rint(expected / np.maximum(recorded, 1e-9)), 1).astype(np.int64), records_of_day)
    size = next(dice).gamma(panel["order_shape"], 1 / panel["order_shape"], len(day))
    others = next(dice).dirichlet(np.ones(traits.buyers)) * (1 - traits.first_buyer)
    at = day * DAY_S - BEIJING_S + next(dice).integers(*OPEN_S, len(day))
    return Journal(
        kind=_kind(Kind.SALE, len(day)),
        occurred_at=at,
        received_at=at + RECEIVED_AFTER_S,
        value=np.maximum(traits.ticket * orders * size, 1).astype(np.int64),
        count=orders,
        buyer=next(dice).choice(traits.buyers + 1, len(day), p=np.append(others, traits.first_buyer)),
    )


def _refunds(dice: Dice, traits: Traits, health: Real, sales: Journal, first: int) -> Journal:
    """Of whole sales, some days later and more often in bad health."""
    months = ((sales.occurred_at + BEIJING_S) // DAY_S - first) // MONTH
    assumed = calibration()["assumed"]["refunds"]
    odds = np.minimum(traits.refunds * np.exp(assumed["health"] * health[months]), assumed["most"])
    back = next(dice).random(len(months)) < odds
    at = sales.occurred_at[back] + next(dice).integers(1, 6 * DAY_S, int(back.sum()))
    return Journal(
        kind=_kind(Kind.REFUND, len(at)),
        occurred_at=at,
        received_at=at + RECEIVED_AFTER_S,
        value=sales.value[back],
        count=sales.count[back],
        buyer=sales.buyer[back],
    )


def _ratings(draw: np.random.Generator, traits: Traits, health: Real, days: Whole) -> Journal:
    """The mean of each week."""
    at = days[WEEK::WEEK] if traits.rated else days[:0]
    assumed = calibration()["assumed"]["rating"]
    noise = draw.normal(0, assumed["noise"], len(at))
    stars = traits.rating + assumed["health"] * health[(at - days[0]) // MONTH] + noise
    return _single(Kind.RATING, at, np.rint(np.clip(stars, 1, 5) * STAR).astype(np.int64))


def _stock(draw: np.random.Generator, traits: Traits, sales: Journal, days: Whole) -> Journal:
    """Every 30 days, in days of the sales of the last 90."""
    at = days[QUARTER::MONTH] if traits.stocked else days[:0]
    by_day = np.bincount((sales.occurred_at + BEIJING_S) // DAY_S - days[0], sales.value, len(days))
    until = np.append(0.0, np.cumsum(by_day))
    mean = (until[at - days[0]] - until[at - days[0] - QUARTER]) / QUARTER
    noise = draw.normal(0, calibration()["assumed"]["stock_days"]["noise"], len(at))
    return _single(Kind.STOCK, at, (mean * traits.stock_days * np.exp(noise)).astype(np.int64))


def _arrears(behind: Whole, days: Whole) -> Journal:
    """A report at the start of every month that has arrears or is the first without."""
    at = days[::MONTH]
    known = behind[: len(at)]
    told = (known > 0) | (np.append(0, known[:-1]) > 0)
    return _single(Kind.ARREARS, at[told], known[told])


def _single(kind: Kind, days: Whole, values: Whole) -> Journal:
    """One record a day, at noon."""
    at = days * DAY_S - BEIJING_S + DAY_S // 2
    return Journal(
        kind=_kind(kind, len(days)),
        occurred_at=at,
        received_at=at + RECEIVED_AFTER_S,
        value=values,
        count=np.ones(len(days), dtype=np.int64),
        buyer=np.full(len(days), UNKNOWN_BUYER),
    )


def _kind(kind: Kind, records: int) -> Whole:
    return np.full(records, KINDS[kind])


def _joined(parts: Sequence[Journal], last: int) -> Journal:
    """Records of all parts up to the end of a day."""
    whole = Journal(*(np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS))
    inside = whole.occurred_at < (last + 1) * DAY_S - BEIJING_S
    return Journal(*(getattr(whole, name)[inside] for name in COLUMNS))
