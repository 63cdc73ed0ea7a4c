"""How close the synthetic population comes to the real data behind it: `docs/models/merchant-population.md`."""

import csv
import gzip
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.days import BEIJING_S, DAY_S
from backend.scoring.merchants import cohort, population
from backend.scoring.merchants.cohort import OBSERVATIONS
from backend.scoring.merchants.features import KINDS, MONTH
from backend.scoring.merchants.population import WEEK
from backend.scoring.merchants.records import Kind
from backend.scoring.modelspec import ROOT

PANEL = ROOT / "data" / "credit" / "supplier_weeks" / "supplier_weeks.csv.gz"
CLIENTS = ROOT / "data" / "credit" / "uci_credit_card" / "clients.csv.gz"
FIRST_WEEK, WEEKS = 2, 51  # the first week of the panel is cut off
STEADY = 40  # weeks with a sale; below, a supplier is no merchant one would lend to
SHOPS = 1_000
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
USES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, math.inf)
SEED = 20261123  # another one than that of the training rows
Real = NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """Turnover by shop and week (shops, weeks), in one currency unit, and that of each week's largest buyer."""

    sales: Real
    largest: Real

    def steady(self) -> "Panel":
        """Shops that sold in most weeks."""
        rows = (self.sales > 0).sum(axis=1) >= STEADY
        return Panel(self.sales[rows], self.largest[rows])


def steady_rows() -> list[Mapping[str, str]]:
    """Of suppliers that sold in most weeks, one a week."""
    rows = [row for row in _read(PANEL) if int(row["week"]) >= FIRST_WEEK]
    weeks = Counter(row["manufacturer_id"] for row in rows)
    return [row for row in rows if weeks[row["manufacturer_id"]] >= STEADY]


def real_panel() -> Panel:
    """The steady suppliers."""
    rows = steady_rows()
    number = {supplier: place for place, supplier in enumerate(sorted({row["manufacturer_id"] for row in rows}))}
    panel = Panel(np.zeros((len(number), WEEKS)), np.zeros((len(number), WEEKS)))
    for row in rows:
        place = number[row["manufacturer_id"]], int(row["week"]) - FIRST_WEEK
        panel.sales[place], panel.largest[place] = float(row["sales"]), float(row["top_household"])
    return panel


def synthetic_panel() -> Panel:
    """The steady ones of a thousand shops, in dollars of the panel."""
    dollar = population.calibration()["assumed"]["fen_a_dollar"]
    first = cohort.OBSERVED[0] // WEEK * WEEK
    panel = Panel(np.zeros((SHOPS, WEEKS)), np.zeros((SHOPS, WEEKS)))
    for shop in range(SHOPS):
        journal = population.live(SEED, shop, first, first + WEEK * WEEKS - 1).journal
        sold = journal.kind == KINDS[Kind.SALE]
        week = ((journal.occurred_at[sold] + BEIJING_S) // DAY_S - first) // WEEK
        by_buyer = np.zeros((WEEKS, int(journal.buyer[sold].max(initial=0)) + 1))
        np.add.at(by_buyer, (week, journal.buyer[sold]), journal.value[sold] / dollar)
        panel.sales[shop], panel.largest[shop] = by_buyer.sum(axis=1), by_buyer.max(axis=1)
    return panel.steady()


def turnover(panel: Panel) -> dict[str, Real]:
    """What the population was fitted to, one value a shop (or, of growth over 4 weeks, several)."""
    sales = panel.sales
    with np.errstate(divide="ignore", invalid="ignore"):
        months = [
            sales[:, end - 4 : end].mean(axis=1) / sales[:, end - 17 : end - 4].mean(axis=1)
            for end in range(17, WEEKS + 1, 4)
        ]
        return {
            "mean weekly turnover, dollars of the panel": sales.mean(axis=1),
            "coefficient of variation of 13 weeks": sales[:, -13:].std(axis=1) / sales[:, -13:].mean(axis=1),
            "coefficient of variation of 51 weeks": sales.std(axis=1) / sales.mean(axis=1),
            "growth, 4 weeks / 13 before": np.concatenate(months),
            "growth, last 25 weeks / first 25": sales[:, -25:].mean(axis=1) / sales[:, :25].mean(axis=1),
            "share of each week's largest buyer": panel.largest.sum(axis=1) / sales.sum(axis=1),
            "share of weeks without a sale": (sales == 0).mean(axis=1),
        }


@dataclass(frozen=True)
class Defaults:
    """Of clients or observations (n,): months behind, share of the limit in use, and whether a default followed."""

    behind: NDArray[np.int64]
    use: Real
    defaulted: NDArray[np.bool_]

    def by_months_behind(self) -> list[tuple[str, int, float]]:
        """Name, rows and rate of default."""
        capped = np.minimum(self.behind, 3)
        return [_group(name, self.defaulted[capped == months]) for months, name in enumerate(BEHIND)]

    def by_use(self) -> list[tuple[str, int, float]]:
        """The same of those who are not behind."""
        on_time = self.behind == 0
        return [
            _group(
                f"{low:.0%} to {high:.0%}" if high < math.inf else f"{low:.0%} and more",
                self.defaulted[on_time & (low <= self.use) & (self.use < high)],
            )
            for low, high in pairwise(USES)
        ]


BEHIND = ("none", "1 month", "2 months", "3 and more")


def _group(name: str, defaulted: NDArray[np.bool_]) -> tuple[str, int, float]:
    return name, len(defaulted), float(defaulted.mean())


def real_defaults() -> Defaults:
    """Of the card clients: behind last month, the last bill against the limit, default in the month after."""
    rows = list(_read(CLIENTS))
    return Defaults(
        behind=np.array([max(int(float(row["PAY_0"])), 0) for row in rows]),
        use=np.array([float(row["BILL_AMT1"]) / float(row["LIMIT_BAL"]) for row in rows]),
        defaulted=np.array([row["default"] in {"1", "1.0"} for row in rows]),
    )


def synthetic_defaults() -> Defaults:
    """Of the training rows: 30 days behind are a month, use is known with a line, default is one within 90 days."""
    rows = list(_read(OBSERVATIONS))
    return Defaults(
        behind=np.array([math.ceil(float(row["arrears_now"]) / MONTH) for row in rows]),
        use=np.array([float(row["utilisation"] or "nan") for row in rows]),
        defaulted=np.array([row["default"] == "1" for row in rows]),
    )


def _read(path: Path) -> Iterator[Mapping[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def page() -> str:
    """The whole document."""
    sections = (
        "# Merchants: a synthetic population",
        "<!-- Generated by `python -m backend.scoring population`; do not edit. -->",
        "Nobody in it exists. There is no public data on merchants' sales with defaults, so the model `merchant` "
        "learns from merchants that were drawn: their turnover from what real suppliers sell, their defaults from how "
        "real card clients default. Sources and licences: [data](../../data/README.md).",
        "## Turnover: the supplier panel",
        _turnover(),
        "## Default: the card clients",
        _defaults(),
        "## Assumed, without data",
        _assumptions(),
    )
    return "\n\n".join(sections) + "\n"


def _turnover() -> str:
    real, made = turnover(real_panel()), turnover(synthetic_panel())
    season, assumed = population.calibration()["measured"]["season"], population.calibration()["assumed"]
    table = _table(
        ("", "", *(f"{share:.0%}" for share in QUANTILES)),
        [
            row
            for name in real
            for row in ((name, "real", *_quantiles(real[name])), ("", "synthetic", *_quantiles(made[name])))
        ],
    )
    return (
        f"Quantiles over suppliers, and over {SHOPS:,} drawn shops, that sold in at least {STEADY} of {WEEKS} weeks. "
        "The panel is a sample of households, so its suppliers look smaller and more volatile than they are.\n\n"
        f"{table}\n\n"
        f"Season: the panel's turnover by week, from {min(season)} to {max(season)} of the mean. One dollar of the "
        f"panel is taken as {assumed['fen_a_dollar'] // 100:,} yuan."
    )


def _defaults() -> str:
    clients, merchants = real_defaults(), synthetic_defaults()
    return (
        f"Real: default in the next month, {clients.defaulted.mean():.1%} of {len(clients.defaulted):,} clients. "
        f"Synthetic: default within 90 days, {merchants.defaulted.mean():.1%} of {len(merchants.defaulted):,} "
        f"observations.\n\n{_rates('behind', clients.by_months_behind(), merchants.by_months_behind())}\n\n"
        "Of those who are not behind and have a line, by the share of it in use:\n\n"
        f"{_rates('in use', clients.by_use(), merchants.by_use())}"
    )


def _assumptions() -> str:
    assumed = population.calibration()["assumed"]
    effects = assumed["effects"]
    return (
        "Health is a hidden quantity, standard normal, half lasting and half with a memory of half a year. It moves "
        "the trend of sales, ratings, refunds, arrears and use of the line, and the log-odds of default by "
        f"{effects['health']} a unit. Beside it count size ({effects['size']} a unit of log turnover), the largest "
        f"buyer ({effects['concentration']} from none to all) and age ({effects['tenure']} a unit of log days). "
        f"{assumed['share_rated']:.0%} of the shops are rated, {assumed['share_stocked']:.0%} report their stock. All "
        "figures: `backend/scoring/merchants/population.json`.\n\n"
        f"The training rows are those of {cohort.MERCHANTS:,} merchants, each observed at quarterly days until "
        "it defaults, leaves or the last day comes. `python -m backend.scoring population` draws the same file "
        "again, byte for byte on one machine."
    )


def _quantiles(values: Real) -> list[str]:
    return [f"{value:.2f}" for value in np.nanquantile(values, QUANTILES)]


def _rates(head: str, real: Sequence[tuple[str, int, float]], made: Sequence[tuple[str, int, float]]) -> str:
    return _table(
        (head, "clients", "real rate", "observations", "synthetic rate"),
        [
            (name, f"{rows:,}", f"{rate:.1%}", f"{drawn:,}", f"{drawn_rate:.1%}")
            for (name, rows, rate), (_, drawn, drawn_rate) in zip(real, made, strict=True)
        ],
    )


def _table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
