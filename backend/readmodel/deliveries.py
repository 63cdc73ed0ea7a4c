"""What anyone may do now: deliver settlements to those they belong to, close statements, note what is overdue, lower
limits to what the facts give."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, or_, select

from backend import days
from backend.chain.reports import decode_limit
from backend.figures import SETTLEMENT_DECIMALS
from backend.readmodel.financings import financings, terms, to_be_marked
from backend.readmodel.lines import LIVE, conditions_in_force, lines
from backend.readmodel.lines import to_be_marked as line_to_be_marked
from backend.readmodel.receivables import credits, pools, receivables
from backend.readmodel.scores import scores
from backend.readmodel.treasury import PRODUCTS

NOT_PLEDGED = 0
LINES_PER_CALL = 50  # at 75,000 gas each far below what a transaction may use
CREDIT_LINE = PRODUCTS.index("CreditLine")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A permissionless call. `complete`: the debtor has paid in full, so that nothing can be gained by waiting.

    `batch`: number of the batch, for a call about several parties.
    """

    contract: str
    function: str
    arguments: tuple[Any, ...]
    complete: bool = True
    batch: int | None = None


def pending(tx: Connection, now: int) -> list[Delivery]:
    """Calls that would succeed at second `now`. Part payments are delivered once the due day is over."""
    today = days.day_of(now)
    of_lines = (*_statements(tx, today), *_delinquent(tx, today), *_fallen_limits(tx, now))
    return [*_proceeds(tx, today), *_credits(tx), *_overdue(tx, today), *of_lines]


def _proceeds(tx: Connection, today: int) -> Iterator[Delivery]:
    columns = receivables.c
    query = select(receivables, pools.c.face.label("pool_face"), pools.c.paid).join(pools, pools.c.pool == columns.pool)
    is_ripe = or_(pools.c.paid == pools.c.face, columns.due_day < today)
    query = query.where(columns.holder.is_not(None), pools.c.paid > 0, is_ripe, columns.claimed < columns.face)
    for row in tx.execute(query.order_by(columns.id)):
        # As Receivables.claimOf: a share of what the pool was paid, rounded down.
        if row.paid * row.face // row.pool_face == row.claimed:
            continue
        complete = row.paid == row.pool_face
        if row.lienor == NOT_PLEDGED:
            yield Delivery("Receivables", "release", (row.id,), complete)
        else:
            yield Delivery("Factoring", "collect", (row.id,), complete)


def _credits(tx: Connection) -> Iterator[Delivery]:
    for row in tx.execute(select(credits).order_by(credits.c.holder, credits.c.currency)):
        yield Delivery("Receivables", "releaseCredit", (row.holder, row.currency))


def _overdue(tx: Connection, today: int) -> Iterator[Delivery]:
    columns = financings.c
    for row in tx.execute(select(columns.receivable).where(to_be_marked(today)).order_by(columns.receivable)):
        yield Delivery("Factoring", "markOverdue", (row.receivable,))


def _statements(tx: Connection, today: int) -> Iterator[Delivery]:
    """Lines whose statement day has come and that owe something."""
    columns = lines.c
    owes = or_(columns.drawn > 0, columns.billed > 0)
    query = select(columns.party).where(columns.status.in_(LIVE), columns.next_close_day <= today, owes)
    parties = tx.scalars(query.order_by(columns.party))
    for batch, members in groupby(parties, key=lambda party: party // LINES_PER_CALL):
        yield Delivery("CreditLine", "accrue", (list(members),), batch=batch)


def _delinquent(tx: Connection, today: int) -> Iterator[Delivery]:
    columns = lines.c
    for party in tx.scalars(select(columns.party).where(line_to_be_marked(today)).order_by(columns.party)):
        yield Delivery("CreditLine", "markDelinquent", (party,))


def _fallen_limits(tx: Connection, now: int) -> Iterator[Delivery]:
    """Lines whose reported limit is below the one in force, and which nothing else keeps from drawing."""
    offered = conditions_in_force(tx)
    if offered is None or not offered["open"]:
        return
    (blocking, max_age), today, columns = _gate(tx), days.day_of(now), lines.c
    query = select(columns.party, columns.limit, scores).join(scores, scores.c.party == columns.party)
    drawable = (
        columns.status == "Open",
        ~columns.frozen,
        columns.overdue == 0,
        or_(columns.due_day.is_(None), columns.due_day >= today),
        columns.maturity_day > today,
    )
    usable = (
        scores.c.consented,
        ~scores.c.held,
        scores.c.valid_until > now,
        scores.c.issued_at >= now - max_age,
        scores.c.flags.op("&")(blocking) == 0,
    )
    for row in tx.execute(query.where(*drawable, *usable).order_by(columns.party)):
        if decode_limit(row.limit_code) * 10**SETTLEMENT_DECIMALS < row.limit:
            yield Delivery("CreditLine", "syncLimit", (row.party,))


def _gate(tx: Connection) -> tuple[int, int]:
    """Flags that block lines of any grade, and the least age at which a score is too old for one, in seconds."""
    blocking, ages = 0, []
    for row in tx.execute(select(terms).where(terms.c.product == CREDIT_LINE)):
        blocking |= row.blocking_flags
        ages.append(row.max_age)
    return blocking, min(ages, default=0)
