"""What the bank's business consists of today, loan by loan, and how far applications came.

A loan is `{product, amount, since, bad}`: principal that is owed, the due day of its oldest unpaid part or None, and
whether it is in default. What was written off is no longer among them.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, distinct, func, select

from backend import days
from backend.readmodel import leases, lines, treasury
from backend.readmodel.financings import financings
from backend.readmodel.loans import loans
from backend.readmodel.readings import alarm_changes, history, statuses
from backend.readmodel.receivables import receivables
from backend.readmodel.scores import reports, signer_sets

OWED = ("Active", "Overdue", "Defaulted")
RECEIVABLES, CREDIT_LINE, LEASE = treasury.PRODUCTS


def outstanding_loans(tx: Connection, today: int) -> list[dict[str, Any]]:
    """Every loan of the bank that is owed."""
    return [*_financings(tx), *_lines(tx, today), *_loans(tx, today)]


def funnel(tx: Connection) -> dict[str, dict[str, int]]:
    """How many came how far, by product and step."""
    registered = receivables.c.parent.is_(None)
    opened = lines.changes.c.event == "LineOpened"
    signed = leases.leases.c
    return {
        RECEIVABLES: {
            "registered": _count(tx, select(receivables).where(registered)),
            "confirmed": _count(tx, select(receivables).where(registered, receivables.c.confirmed_at.is_not(None))),
            "financed": _count(tx, select(financings)),
        },
        CREDIT_LINE: {
            "opened": _count(tx, select(lines.changes).where(opened)),
            "drawn": tx.scalar(select(func.count(distinct(lines.draws.c.party)))) or 0,
        },
        LEASE: {
            "signed": _count(tx, select(leases.leases)),
            "delivered": _count(tx, select(leases.leases).where(signed.delivered_at.is_not(None))),
            "financed": _count(tx, select(loans)),
        },
    }


def last_reports(tx: Connection) -> dict[str, int | None]:
    """Second at which each lane of the oracle last brought something; None before the first."""
    return {
        "scores": tx.scalar(select(func.max(reports.c.reported_at))),
        "readings": tx.scalar(select(func.max(history.c.reported_at))),
        "alarms": tx.scalar(select(func.max(alarm_changes.c.reported_at))),
    }


def signers(tx: Connection) -> dict[str, Any]:
    """The set of signers in force; empty before the first."""
    row = tx.execute(select(signer_sets).order_by(signer_sets.c.signer_set.desc()).limit(1)).one_or_none()
    return dict(row._mapping) if row else {"signer_set": 0, "signers": [], "threshold": 0}


def alarm_words(tx: Connection) -> list[int]:
    """What the chain knows of machines' alarms: a word of two bits an alarm for each machine that has any."""
    return list(tx.scalars(select(statuses.c.alarms).where(statuses.c.alarms != 0)))


# Inside


def _financings(tx: Connection) -> Iterator[dict[str, Any]]:
    for row in tx.execute(select(financings).where(financings.c.status.in_(OWED))):
        yield _loan(RECEIVABLES, row.outstanding, row.due_day, row.status)


def _lines(tx: Connection, today: int) -> Iterator[dict[str, Any]]:
    for row in tx.execute(select(lines.lines).where(lines.lines.c.status.in_(("Open", "Delinquent", "Defaulted")))):
        is_late = row.overdue > 0 or (row.billed > 0 and row.due_day is not None and row.due_day < today)
        since = _unpaid_since(tx, row.party, today) if is_late else None
        yield _loan(CREDIT_LINE, row.drawn, since, row.status)


def _unpaid_since(tx: Connection, party: int, today: int) -> int | None:
    """First due day that passed unpaid since the line was last without arrears: what stays unpaid is billed anew, so
    that the newest statement says nothing of the age."""
    paid, billed = lines.payments.c, lines.statements.c
    settled = select(func.max(billed.number)).where(billed.party == party, billed.paid_at.is_not(None))
    clear = select(func.max(paid.at)).where(paid.party == party, paid.overdue == 0)
    query = select(func.min(billed.due_day)).where(billed.party == party, billed.due_day < today)
    query = query.where(billed.number > (tx.scalar(settled) or 0), billed.due_day >= days.day_of(tx.scalar(clear) or 0))
    since: int | None = tx.scalar(query)
    return since


def _loans(tx: Connection, today: int) -> Iterator[dict[str, Any]]:
    billed = leases.statements.c
    is_unpaid: ColumnElement[bool] = and_(billed.lease == loans.c.lease, billed.paid_at.is_(None))
    oldest = select(func.min(billed.due_day)).where(is_unpaid, billed.due_day < today).scalar_subquery()
    for row in tx.execute(select(loans, oldest.label("since")).where(loans.c.status.in_(OWED))):
        yield _loan(LEASE, row.outstanding, row.since, row.status)


def _loan(product: str, amount: int, since: int | None, status: str) -> dict[str, Any]:
    return {"product": product, "amount": amount, "since": since, "bad": status == "Defaulted"}


def _count(tx: Connection, query: Select[Any]) -> int:
    return tx.scalar(select(func.count()).select_from(query.subquery())) or 0
