"""The records themselves: kept once, known as of a second, purged when their time is over, erased on request."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, or_, select, text, tuple_

from backend.days import DAY_S
from backend.records import evaluations, feedback
from backend.scoring.merchants.records import BusinessRecord, Kind
from backend.store.tables import (
    business_changes,
    business_erasures,
    business_records,
    business_uploads,
    platform_shops,
)

CHUNK = 500
MOST_TOLD = 200
"""Conflicts and faults that a report tells one by one; it counts all."""
COLUMNS = business_records.c
Contents = Mapping[tuple[str, str], tuple[Any, ...]]
CONTENT = (COLUMNS.occurred_at, COLUMNS.value, COLUMNS.count, COLUMNS.buyer)


@dataclass(frozen=True)
class Retention:
    """How long records of a kind are kept after they happened, for which purpose, and why so long."""

    purpose: str
    days: int
    en: str
    zh: str


@dataclass
class Kept:
    """What became of a batch: `expired` ones are older than their kind is kept; of `conflicts` the old one stays.

    `conflicting`: kind and id of the first conflicts.
    """

    stored: int = 0
    duplicates: int = 0
    expired: int = 0
    conflicts: int = 0
    conflicting: list[tuple[Kind, str]] = field(default_factory=list)


@cache
def retention() -> Mapping[Kind, Retention]:
    entries = json.loads(Path(__file__).with_name("retention.json").read_text(encoding="utf-8"))
    return {Kind(kind): Retention(**entry) for kind, entry in entries.items()}


# Taking in


def lock(tx: Connection, party: int) -> None:
    """Nobody else changes the party's records until the transaction ends. SQLite has one writer anyway."""
    if tx.dialect.name == "postgresql":
        tx.execute(
            text("SELECT pg_advisory_xact_lock(hashtext('heqi-business'), :party)"), {"party": party & 0x7FFFFFFF}
        )


def compare(tx: Connection, party: int, platform: str, batch: Iterable[BusinessRecord], now: int) -> Kept:
    """What `keep` would do at `now`, without doing it; the batch names no record twice."""
    outcome = Kept()
    for chunk in _chunks(batch):
        _sort_out(chunk, _standing(tx, party, platform, chunk), now, outcome)
    return outcome


def keep(tx: Connection, party: int, platform: str, batch: Iterable[BusinessRecord], now: int) -> Kept:
    """Store what is new; the same again is counted, other content under a known number is a conflict.

    The caller holds `lock`; the batch names no record twice.
    """
    outcome = Kept()
    for chunk in _chunks(batch):
        new = _sort_out(chunk, _standing(tx, party, platform, chunk), now, outcome)
        if new:
            tx.execute(business_records.insert(), [_row(party, platform, record) for record in new])
    if outcome.stored:
        note_change(tx, party, now)
    return outcome


def note_change(tx: Connection, party: int, now: int) -> None:
    """Raise the number of changes. On PostgreSQL one at a time, so that numbers become visible in their order."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('heqi-business-changes'))"))
    tx.execute(business_changes.insert().values(party=party, changed_at=now))


# Knowing


def known(tx: Connection, party: int, until: int) -> list[BusinessRecord]:
    """What had happened and come to be known at `until`, in a fixed order. Ids carry their platform: `taobao/1001`."""
    had_come = (COLUMNS.party == party) & (COLUMNS.received_at <= until) & (COLUMNS.occurred_at <= until)
    name = COLUMNS.platform + "/" + COLUMNS.id
    facts = (COLUMNS.occurred_at, COLUMNS.received_at, COLUMNS.value, COLUMNS.count, COLUMNS.buyer)
    rows = tx.execute(select(name, COLUMNS.kind, *facts).where(had_come))
    found = [BusinessRecord(id_, Kind(kind), *rest) for id_, kind, *rest in rows]
    # Sorted here: the order of texts in a database depends on its locale.
    return sorted(found, key=lambda record: (record.occurred_at, record.kind, record.id))


def last_received(tx: Connection, party: int) -> int | None:
    """Second at which the newest record came to be known; None without records."""
    newest: int | None = tx.scalar(select(func.max(COLUMNS.received_at)).where(COLUMNS.party == party))
    return newest


def last_number(tx: Connection) -> int:
    """Rises with every batch that stored something, every purge and every erasure; 0 before the first."""
    return tx.scalar(select(func.max(business_changes.c.number))) or 0


def changed_since(tx: Connection, number: int) -> list[int]:
    """Parties whose records changed after that number, the lowest first."""
    changed = select(business_changes.c.party).where(business_changes.c.number > number).distinct()
    return sorted(tx.scalars(changed))


def count(tx: Connection, party: int) -> int:
    """Records of a party over all platforms."""
    return tx.scalar(select(func.count()).where(COLUMNS.party == party)) or 0


@dataclass(frozen=True)
class Summary:
    """Records of one kind; `first_at` and `last_at`: the span in which they happened."""

    kind: Kind
    records: int
    first_at: int
    last_at: int
    last_received_at: int


def summary(tx: Connection, party: int) -> list[Summary]:
    """By kind, in the order of Kind."""
    figures = (
        func.count(),
        func.min(COLUMNS.occurred_at),
        func.max(COLUMNS.occurred_at),
        func.max(COLUMNS.received_at),
    )
    rows = tx.execute(select(COLUMNS.kind, *figures).where(COLUMNS.party == party).group_by(COLUMNS.kind))
    found = {kind: Summary(Kind(kind), *rest) for kind, *rest in rows}
    return [found[kind] for kind in Kind if kind in found]


def page(tx: Connection, party: int, after: tuple[Any, ...] | None, limit: int) -> Sequence[RowMapping]:
    """Records as they were brought, by platform, id and kind; `after`: those three of the last one seen."""
    place = (COLUMNS.platform, COLUMNS.id, COLUMNS.kind)
    query = select(business_records).where(COLUMNS.party == party).order_by(*place).limit(limit)
    if after is not None:
        query = query.where(tuple_(*place) > tuple_(*after))
    return [row._mapping for row in tx.execute(query)]


# Letting go


def purge(tx: Connection, now: int) -> int:
    """Delete what is older than its kind is kept; returns how many."""
    past = or_(
        *(
            (COLUMNS.kind == kind) & (COLUMNS.occurred_at < now - rule.days * DAY_S)
            for kind, rule in retention().items()
        )
    )
    counts = tx.execute(select(COLUMNS.party, func.count()).where(past).group_by(COLUMNS.party)).all()
    tx.execute(delete(business_records).where(past))
    for party, _ in sorted(counts):
        note_change(tx, party, now)
    return sum(count for _, count in counts)


def erase(tx: Connection, party: int, now: int, reason: str, consent_epoch: int) -> dict[str, int]:
    """Delete the party's records, what was computed from them, the reports about its uploads, its connections to
    platforms and its feedback; returns the counts.

    A tombstone with time, reason and counts remains, and the log of uploads without its reports.
    """
    lock(tx, party)
    records = tx.execute(delete(business_records).where(COLUMNS.party == party)).rowcount
    uploads = business_uploads.c
    reports = tx.execute(
        business_uploads.update().where(uploads.party == party, uploads.report.is_not(None)).values(report=None)
    ).rowcount
    shops = tx.execute(delete(platform_shops).where(platform_shops.c.party == party)).rowcount
    figures = evaluations.erase(tx, party)
    answers = feedback.erase(tx, party)
    erased = {"records": records, "evaluations": figures, "reports": reports, "platforms": shops, "feedback": answers}
    tombstone = {"party": party, "erased_at": now, "reason": reason, "consent_epoch": consent_epoch, "erased": erased}
    tx.execute(business_erasures.insert().values(**tombstone))
    note_change(tx, party, now)
    return erased


def erasures(tx: Connection, party: int) -> list[RowMapping]:
    """Tombstones of a party, the newest first."""
    rows = select(business_erasures).where(business_erasures.c.party == party).order_by(business_erasures.c.id.desc())
    return [row._mapping for row in tx.execute(rows)]


# Inside


def _chunks(batch: Iterable[BusinessRecord]) -> Iterable[list[BusinessRecord]]:
    rest = iter(batch)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _standing(tx: Connection, party: int, platform: str, chunk: list[BusinessRecord]) -> Contents:
    """What is kept under the numbers of a chunk."""
    named = COLUMNS.id.in_([record.id for record in chunk])
    query = select(COLUMNS.kind, COLUMNS.id, *CONTENT).where(
        COLUMNS.party == party, COLUMNS.platform == platform, named
    )
    return {(kind, id_): tuple(content) for kind, id_, *content in tx.execute(query)}


def _sort_out(chunk: list[BusinessRecord], standing: Contents, now: int, outcome: Kept) -> list[BusinessRecord]:
    """The new ones of a chunk; all are counted."""
    new = []
    for record in chunk:
        old = standing.get((record.kind, record.id))
        if old == (record.occurred_at, record.value, record.count, record.buyer):
            outcome.duplicates += 1
        elif old is not None:
            outcome.conflicts += 1
            if outcome.conflicts <= MOST_TOLD:
                outcome.conflicting.append((record.kind, record.id))
        elif record.occurred_at < now - retention()[record.kind].days * DAY_S:
            outcome.expired += 1
        else:
            new.append(record)
    outcome.stored += len(new)
    return new


def _row(party: int, platform: str, record: BusinessRecord) -> dict[str, Any]:
    return {
        "party": party,
        "platform": platform,
        "kind": record.kind.value,
        "id": record.id,
        "occurred_at": record.occurred_at,
        "received_at": record.received_at,
        "value": record.value,
        "count": record.count,
        "buyer": record.buyer,
    }
