"""Loans on leases: what the bank paid for machines, what rent repaid of it, and what became of the rest.

Interest accrues from day to day without events: what is owed today is read from the chain.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Connection, Integer, String, Table, select, tuple_

from backend.chain.contracts import Event
from backend.readmodel import treasury
from backend.readmodel.leases import note
from backend.readmodel.projection import READMODEL, handles
from backend.readmodel.rows import Rows, place, when
from backend.store.tables import Amount

# Order of ILeaseFinance.LoanStatus.
STATUSES = ("None", "Active", "Overdue", "Defaulted", "WrittenOff", "Repaid", "Recovered")
LIVE = ("Active", "Overdue", "Defaulted", "WrittenOff")

# What was in force from `at` on, until the next row.
conditions = Table(
    "lease_finance_conditions",
    READMODEL,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("open", Boolean, nullable=False),
    Column("max_reading_age", BigInteger, nullable=False),
    Column("gates", Integer, nullable=False),
    Column("overdue_impairment_bps", Integer, nullable=False),
    Column("portfolio_cap", Amount, nullable=False),
    Column("at", BigInteger, nullable=False),
)

# `principal`: what was lent; `outstanding`: of it still owed.
loans = Table(
    "lease_loans",
    READMODEL,
    Column("lease", BigInteger, primary_key=True, autoincrement=False),
    Column("status", String(10), nullable=False, index=True),
    Column("lessee", BigInteger, nullable=False, index=True),
    Column("wallet", String(42), nullable=False),
    Column("principal", Amount, nullable=False),
    Column("fee", Amount, nullable=False),
    Column("net", Amount, nullable=False),
    Column("annual_rate_bps", Integer, nullable=False),
    Column("score", Integer, nullable=False),
    Column("read_at", BigInteger, nullable=False),
    Column("outstanding", Amount, nullable=False),
    Column("interest_paid", Amount, nullable=False),
    Column("impaired", Amount, nullable=False),
    Column("loss", Amount, nullable=False),
    Column("from_cover", Amount, nullable=False),
    Column("financed_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
)

payments = Table(
    "lease_loan_payments",
    READMODEL,
    *place("lease"),
    Column("payer", String(42), nullable=False),
    Column("interest", Amount, nullable=False),
    Column("principal", Amount, nullable=False),
    Column("outstanding", Amount, nullable=False),
    *when(),
)


@handles("LeaseFinance", "LeaseFinanceConditionsChanged")
def change_conditions(rows: Rows, event: Event) -> None:
    given = event["conditions"]
    rows.put(
        conditions,
        block=event.block,
        log_index=event.log_index,
        open=given["open"],
        max_reading_age=given["maxReadingAge"],
        gates=given["gates"],
        overdue_impairment_bps=given["overdueImpairmentBps"],
        portfolio_cap=given["portfolioCap"],
        at=event.timestamp,
    )


@handles("LeaseFinance", "LeaseFinanced")
def finance(rows: Rows, event: Event) -> None:
    rows.put(
        loans,
        lease=event["lease"],
        status="Active",
        lessee=event["lessee"],
        wallet=event["to"],
        principal=event["principal"],
        fee=event["fee"],
        net=event["net"],
        annual_rate_bps=event["annualRateBps"],
        score=event["score"],
        read_at=event["readAt"],
        outstanding=event["principal"],
        interest_paid=0,
        impaired=0,
        loss=0,
        from_cover=0,
        financed_at=event.timestamp,
    )
    _note(rows, event)


@handles("LeaseFinance", "LoanPaid")
def pay(rows: Rows, event: Event) -> None:
    """Impairment never exceeds what is owed; a recovery makes lenders whole before the cover."""
    id_, left = event["lease"], event["principalLeft"]
    now = _loan(rows, id_)
    rows.put(
        payments,
        lease=id_,
        block=event.block,
        log_index=event.log_index,
        payer=event["payer"],
        interest=event["interest"],
        principal=event["principal"],
        outstanding=left,
        at=event.timestamp,
        transaction_hash=event.transaction,
    )
    interest_paid = now["interest_paid"] + event["interest"]
    rows.change(loans, id_, outstanding=left, interest_paid=interest_paid, from_cover=min(now["from_cover"], left))
    _impair(rows, id_, min(now["impaired"], left))
    _note(rows, event)


@handles("LeaseFinance", "LoanOverdue")
def mark_overdue(rows: Rows, event: Event) -> None:
    """The treasury's own event tells the impairment of the book."""
    rows.change(loans, event["lease"], status="Overdue", impaired=event["impaired"])
    _note(rows, event)


@handles("LeaseFinance", "LoanCured")
def cure(rows: Rows, event: Event) -> None:
    _impair(rows, event["lease"], 0)
    rows.change(loans, event["lease"], status="Active")
    _note(rows, event)


@handles("LeaseFinance", "LoanDefaulted")
def default(rows: Rows, event: Event) -> None:
    rows.change(loans, event["lease"], status="Defaulted", impaired=event["principal"])
    _note(rows, event)


@handles("LeaseFinance", "LoanWrittenOff")
def write_off(rows: Rows, event: Event) -> None:
    _impair(rows, event["lease"], 0)
    rows.change(loans, event["lease"], status="WrittenOff", loss=event["loss"], from_cover=event["fromCover"])
    _note(rows, event)


@handles("LeaseFinance", "LoanEnded")
def end(rows: Rows, event: Event) -> None:
    _impair(rows, event["lease"], 0)
    rows.change(loans, event["lease"], status=STATUSES[event["status"]], ended_at=event.timestamp)
    _note(rows, event)


# Queries


def found(tx: Connection, lease: int) -> dict[str, Any] | None:
    row = tx.execute(select(loans).where(loans.c.lease == lease)).one_or_none()
    return dict(row._mapping) if row else None


def payments_of(tx: Connection, lease: int, *, before: tuple[int, int] | None, limit: int) -> list[dict[str, Any]]:
    """Newest first; `before`: (block, log index) of the last one seen."""
    query = select(payments).where(payments.c.lease == lease)
    if before is not None:
        query = query.where(tuple_(payments.c.block, payments.c.log_index) < tuple_(*before))
    query = query.order_by(payments.c.block.desc(), payments.c.log_index.desc()).limit(limit)
    return [dict(row._mapping) for row in tx.execute(query)]


def conditions_in_force(tx: Connection) -> dict[str, Any] | None:
    newest = select(conditions).order_by(conditions.c.block.desc(), conditions.c.log_index.desc()).limit(1)
    row = tx.execute(newest).one_or_none()
    return dict(row._mapping) if row else None


# Inside


def _loan(rows: Rows, lease: int) -> dict[str, Any]:
    row = rows.get(loans, lease)
    if row is None:
        raise KeyError(f"loan on lease {lease}")
    return row


def _impair(rows: Rows, lease: int, left: int) -> None:
    treasury.release_impairment(rows, _loan(rows, lease)["impaired"] - left)
    rows.change(loans, lease, impaired=left)


def _note(rows: Rows, event: Event) -> None:
    note(rows, event, event["lease"])
