"""The demo's core enterprises: real companies of the Polish data that the model never saw.

A company that "goes bad" is played with two real filings: a healthy company's statement first, then, as its later
filing, the statement of a different company that did go bankrupt. The data has no second filing of one company.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from backend.scoring import specs, table, training
from backend.scoring.errors import CompanyInTraining, UnknownCompany
from backend.scoring.model import Scorer
from backend.scoring.table import Table

SPEC = "polish_1year"
STRONG, WEAK = 700, 500
MEDIUM = range(600, STRONG)
STRONG_COMPANIES, MEDIUM_COMPANIES = 3, 2


@dataclass(frozen=True)
class DemoCompany:
    """A core enterprise of the demo: its role and the ids of the statements it files, in order."""

    role: str
    filings: tuple[str, ...]


def figures(company: str) -> Mapping[str, float]:
    """The 63 input ratios of a held-out company (missing is NaN). Raises `UnknownCompany` or `CompanyInTraining`."""
    everyone, held_out = _companies()
    if company not in everyone.keys:
        raise UnknownCompany(company=company, path=specs.find(SPEC).data.name)
    if company not in held_out.keys:
        raise CompanyInTraining(company=company)
    row = held_out.keys.index(company)
    return {name: float(column[row]) for name, column in held_out.columns.items()}


def cast(scorer: Scorer) -> tuple[DemoCompany, ...]:
    """Who plays: three strong (700 and more), two medium (600 … 699), one weak (below 500), one that goes bad.

    Chosen by score, ties by id, spread over each band; the same model always gives the same cast.
    """
    scores, went_bankrupt = _scores(scorer)

    def ranked(wanted: Callable[[str], bool]) -> list[str]:
        return sorted((company for company in scores if wanted(company)), key=lambda own: (-scores[own], own))

    strong = ranked(lambda own: not went_bankrupt[own] and scores[own] >= STRONG)
    medium = ranked(lambda own: not went_bankrupt[own] and scores[own] in MEDIUM)
    failed = ranked(lambda own: went_bankrupt[own] and scores[own] < WEAK)
    healthy, *strong_cast = _spread(strong, STRONG_COMPANIES + 1)
    return (
        *(DemoCompany("strong", (company,)) for company in strong_cast),
        *(DemoCompany("medium", (company,)) for company in _spread(medium, MEDIUM_COMPANIES)),
        DemoCompany("weak", (failed[0],)),
        DemoCompany("goes bad", (healthy, failed[-1])),
    )


def _spread(ranked: list[str], count: int) -> list[str]:
    """`count` members evenly spaced inside the band, away from its ends."""
    return [ranked[place * len(ranked) // (count + 1)] for place in range(1, count + 1)]


def _scores(scorer: Scorer) -> tuple[dict[str, int], dict[str, bool]]:
    _, held_out = _companies()
    results = scorer.score([figures(company) for company in held_out.keys])
    scores = {company: result.score for company, result in zip(held_out.keys, results, strict=True)}
    return scores, dict(zip(held_out.keys, (bool(label) for label in held_out.labels), strict=True))


@cache
def _companies() -> tuple[Table, Table]:
    spec = specs.find(SPEC)
    everyone = table.read(spec.data, spec)
    return everyone, training.split(spec, everyone)[1]
