"""What anyone may do for the parties now: deliver settlements to those they belong to, note what is overdue."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, or_, select

from backend.readmodel.financings import financings
from backend.readmodel.receivables import credits, pools, receivables

NOT_PLEDGED = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """A permissionless call. `complete`: the debtor has paid in full, so that nothing can be gained by waiting."""

    contract: str
    function: str
    arguments: tuple[Any, ...]
    complete: bool = True


def pending(tx: Connection, today: int) -> list[Delivery]:
    """Calls that would succeed on `today`, a day number. Part payments are delivered once the due day is over."""
    return [*_proceeds(tx, today), *_credits(tx), *_overdue(tx, today)]


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
    query = select(columns.receivable).where(columns.status == "Active", columns.due_day + columns.grace_days < today)
    for row in tx.execute(query.order_by(columns.receivable)):
        yield Delivery("Factoring", "markOverdue", (row.receivable,))
