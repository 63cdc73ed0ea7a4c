"""Labelled rows of the synthetic population: figures at quarterly days and whether a default followed in 90 days."""

import csv
import datetime
import gzip
import io
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backend.days import BEIJING_S, DAY_S, date_of, number_of
from backend.scoring.merchants import population
from backend.scoring.merchants.features import HISTORY, QUARTER, journal_figures
from backend.scoring.merchants.population import Life
from backend.scoring.modelspec import ROOT

OBSERVATIONS = ROOT / "data" / "credit" / "synthetic_merchants" / "observations.csv.gz"
SEED = 20261122
MERCHANTS = 6_000
OBSERVED = tuple(number_of(datetime.date(year, month, 1)) for year in (2024, 2025, 2026) for month in (1, 4, 7, 10))[
    :-1
]
LEAVES = 0.06  # of the merchants, each quarter, without a default
DIGITS = 7  # of a figure in the file


@dataclass(frozen=True)
class Observation:
    """A merchant on a day: its figures, the probability it was drawn with, and the day of default if one followed."""

    merchant: str
    day: int
    figures: Mapping[str, float]
    behind: int
    probability: float
    defaulted_on: int | None


def observe(seed: int, number: int) -> Iterator[Observation]:
    """A merchant from its first observation to its default, its leaving or the last day there is."""
    # A stream of its own, so that what a merchant does is the same whether or not it is observed.
    draw = np.random.default_rng([seed, number, 1])
    start = int(draw.integers(len(OBSERVED)))
    age = _age(draw)
    days = OBSERVED[start:]
    life = population.live(seed, number, days[0] - min(age, HISTORY), days[-1], opened=days[0] - age)
    for day in days:
        seen = _observation(draw, life, number, day, first=day == days[0])
        yield seen
        if seen.defaulted_on is not None or draw.random() < LEAVES:
            return


def _age(draw: np.random.Generator) -> int:
    assumed = population.calibration()["assumed"]
    return int(assumed["youngest_days"] + draw.exponential(assumed["mean_age_days"]))


def _observation(draw: np.random.Generator, life: Life, number: int, day: int, first: bool) -> Observation:
    probability = population.default_probability(life, day)
    defaults, after = draw.random() < probability, int(draw.integers(1, QUARTER + 1))
    end_of_day = (day + 1) * DAY_S - BEIJING_S - 1
    # A line exists from the second observation on.
    figures = journal_figures(life.journal, end_of_day, None if first else population.line_use(life, day))
    return Observation(
        merchant=f"m{number:05d}",
        day=day,
        figures=figures,
        behind=life.days_behind(day),
        probability=probability,
        defaulted_on=day + after if defaults else None,
    )


def observations(seed: int, merchants: int) -> Iterator[Observation]:
    """Of all merchants, in the order of their numbers."""
    for number in range(merchants):
        yield from observe(seed, number)


def write(path: Path, rows: Iterable[Observation]) -> None:
    """A gzip CSV file with the same bytes for the same rows."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    for number, row in enumerate(rows):
        if number == 0:
            writer.writerow(("merchant", "day", *row.figures, "defaulted_on", "default"))
        writer.writerow(cells(row))
    path.write_bytes(gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0))


def cells(row: Observation) -> tuple[str, ...]:
    """A row of the file; unknown is empty."""
    defaulted_on = "" if row.defaulted_on is None else date_of(row.defaulted_on).isoformat()
    figures = ("" if math.isnan(value) else f"{value:.{DIGITS}g}" for value in row.figures.values())
    return (row.merchant, date_of(row.day).isoformat(), *figures, defaulted_on, str(int(row.defaulted_on is not None)))
