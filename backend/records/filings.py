"""Statements that core enterprises filed: private figures, of which only hashes and scores leave the backend."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from backend.store.tables import filings


@dataclass(frozen=True, slots=True)
class Filing:
    """`company`: row of the source data; `features_hash`: hash of the figures; `filed_at`: chain time in seconds."""

    id: int
    party: int
    company: str
    figures: Mapping[str, float | None]
    features_hash: str
    filed_at: int


def file(
    tx: Connection, *, party: int, company: str, figures: Mapping[str, float], features_hash: str, filed_at: int
) -> int:
    """Keep a statement; returns its number. Missing figures are NaN, which JSON does not know: they become null."""
    plain = {name: None if math.isnan(figure) else figure for name, figure in figures.items()}
    row = {"party": party, "company": company, "features_hash": features_hash, "filed_at": filed_at}
    number: int = tx.execute(filings.insert().values(figures=plain, **row).returning(filings.c.id)).scalar_one()
    return number


def newest(tx: Connection, until: int, parties: Iterable[int] | None = None) -> dict[int, Filing]:
    """Each party's last statement filed at `until` or earlier, by party; of all parties, or of those named."""
    last = select(func.max(filings.c.id)).where(filings.c.filed_at <= until).group_by(filings.c.party)
    if parties is not None:
        last = last.where(filings.c.party.in_(list(parties)))
    rows = tx.execute(select(filings).where(filings.c.id.in_(last)).order_by(filings.c.party))
    return {row.party: Filing(**row._mapping) for row in rows}


def last_number(tx: Connection) -> int:
    """0 before the first."""
    return tx.scalar(select(func.max(filings.c.id))) or 0
