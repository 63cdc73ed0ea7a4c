"""Financings of receivables, the facilities they are made under, and the bank's terms by grade."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    Table,
    and_,
    or_,
    select,
    tuple_,
)

from backend import days
from backend.chain.contracts import Event
from backend.readmodel import treasury
from backend.readmodel.projection import READMODEL, handles
from backend.readmodel.receivables import note, receivables
from backend.readmodel.rows import Rows
from backend.store.tables import Amount

# Order of IFactoring.Status.
STATUSES = ("None", "Active", "Overdue", "Defaulted", "WrittenOff", "Repaid", "Recovered")
# Those that were marked, and are still owed.
IN_ARREARS = ("Overdue", "Defaulted", "WrittenOff")

# A repaid claim may be financed again: `turn` counts from 1. Conditions are those of the payout.
financings = Table(
    "financings",
    READMODEL,
    Column("receivable", BigInteger, primary_key=True, autoincrement=False),
    Column("turn", Integer, primary_key=True, autoincrement=False),
    Column("status", String(10), nullable=False, index=True),
    Column("seller", BigInteger, nullable=False, index=True),
    Column("debtor", BigInteger, nullable=False, index=True),
    Column("claim", Amount, nullable=False),
    Column("advance", Amount, nullable=False),
    Column("discount", Amount, nullable=False),
    Column("fee", Amount, nullable=False),
    Column("net", Amount, nullable=False),
    Column("annual_rate_bps", Integer, nullable=False),
    Column("score", Integer, nullable=False),
    Column("start_day", BigInteger, nullable=False),
    Column("due_day", BigInteger, nullable=False),
    Column("recourse", Boolean, nullable=False),
    Column("basis", Integer, nullable=False),
    Column("grace_days", Integer, nullable=False),
    Column("cure_days", Integer, nullable=False),
    Column("late_rate_bps", Integer, nullable=False),
    Column("late_cap_bps", Integer, nullable=False),
    Column("overdue_impairment_bps", Integer, nullable=False),
    Column("outstanding", Amount, nullable=False),
    Column("late_paid", Amount, nullable=False),
    Column("late_waived", Amount, nullable=False),
    Column("impaired", Amount, nullable=False),
    Column("loss", Amount, nullable=False),
    Column("from_cover", Amount, nullable=False),
    Column("notice_day", BigInteger),
    Column("cure_through_day", BigInteger),
    Column("financed_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
)

facilities = Table(
    "facilities",
    READMODEL,
    Column("debtor", BigInteger, primary_key=True, autoincrement=False),
    Column("open", Boolean, nullable=False),
    Column("recourse", Boolean, nullable=False),
    Column("registration_required", Boolean, nullable=False),
    Column("max_term_days", Integer, nullable=False),
    Column("basis", Integer, nullable=False),
    Column("grace_days", Integer, nullable=False),
    Column("cure_days", Integer, nullable=False),
    Column("late_rate_bps", Integer, nullable=False),
    Column("late_cap_bps", Integer, nullable=False),
    Column("overdue_impairment_bps", Integer, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

terms = Table(
    "policy_terms",
    READMODEL,
    Column("product", Integer, primary_key=True, autoincrement=False),
    Column("grade", Integer, primary_key=True, autoincrement=False),
    Column("open", Boolean, nullable=False),
    Column("advance_bps", Integer, nullable=False),
    Column("annual_rate_bps", Integer, nullable=False),
    Column("fee_bps", Integer, nullable=False),
    Column("limit_cap", Amount, nullable=False),
    Column("max_age", BigInteger, nullable=False),
    Column("blocking_flags", Integer, nullable=False),
    Column("tightened", Boolean, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

COPIED_CONDITIONS = (
    "recourse",
    "basis",
    "grace_days",
    "cure_days",
    "late_rate_bps",
    "late_cap_bps",
    "overdue_impairment_bps",
)


# Conditions


@handles("RiskPolicy", "TermsChanged")
def change_terms(rows: Rows, event: Event) -> None:
    given = event["terms"]
    rows.put(
        terms,
        product=event["product"],
        grade=event["grade"],
        open=given["open"],
        advance_bps=given["advanceBps"],
        annual_rate_bps=given["annualRateBps"],
        fee_bps=given["feeBps"],
        limit_cap=given["limitCap"],
        max_age=given["maxAge"],
        blocking_flags=given["blockingFlags"],
        tightened=event["tightened"],
        changed_at=event.timestamp,
    )


@handles("Factoring", "FacilityChanged")
def change_facility(rows: Rows, event: Event) -> None:
    given = event["facility"]
    rows.put(
        facilities,
        debtor=event["debtor"],
        open=given["open"],
        recourse=given["recourse"],
        registration_required=given["registrationRequired"],
        max_term_days=given["maxTermDays"],
        basis=given["basis"],
        grace_days=given["graceDays"],
        cure_days=given["cureDays"],
        late_rate_bps=given["lateRateBps"],
        late_cap_bps=given["lateCapBps"],
        overdue_impairment_bps=given["overdueImpairmentBps"],
        changed_at=event.timestamp,
    )


# Financing


@handles("Factoring", "ReceivableFinanced")
def finance(rows: Rows, event: Event) -> None:
    id_ = event["receivable"]
    turn = _turn(rows, id_) + 1
    facility = rows.get(facilities, event["debtor"])
    if facility is None:
        raise KeyError(f"facility of {event['debtor']}")
    rows.change(receivables, id_, financings=turn)
    rows.put(
        financings,
        receivable=id_,
        turn=turn,
        status="Active",
        seller=event["seller"],
        debtor=event["debtor"],
        claim=event["claim"],
        advance=event["advance"],
        discount=event["discount"],
        fee=event["fee"],
        net=event["net"],
        annual_rate_bps=event["annualRateBps"],
        score=event["score"],
        start_day=days.day_of(event.timestamp),
        due_day=event["dueDay"],
        **{name: facility[name] for name in COPIED_CONDITIONS},
        outstanding=event["advance"],
        late_paid=0,
        late_waived=0,
        impaired=0,
        loss=0,
        from_cover=0,
        financed_at=event.timestamp,
    )
    note(rows, event, id_)


@handles("Factoring", "FinancingPaid")
def pay(rows: Rows, event: Event) -> None:
    """Impairment never exceeds what is owed; a recovery makes lenders whole before the cover."""
    now = _current(rows, event["receivable"])
    outstanding = event["outstanding"]
    impaired = min(now["impaired"], outstanding)
    treasury.release_impairment(rows, now["impaired"] - impaired)
    from_cover = min(now["from_cover"], outstanding)
    late_paid = now["late_paid"] + event["late"]
    _change(rows, event, outstanding=outstanding, late_paid=late_paid, impaired=impaired, from_cover=from_cover)


@handles("Factoring", "FinancingClosed")
def close(rows: Rows, event: Event) -> None:
    status = STATUSES[event["status"]]
    _change(rows, event, status=status, late_waived=event["lateWaived"], closed_at=event.timestamp)


# Arrears


@handles("Factoring", "FinancingOverdue")
def mark_overdue(rows: Rows, event: Event) -> None:
    _change(rows, event, status="Overdue", outstanding=event["outstanding"], impaired=event["impaired"])


@handles("Factoring", "NoticeGiven")
def give_notice(rows: Rows, event: Event) -> None:
    _change(rows, event, notice_day=event["noticeDay"], cure_through_day=event["cureThroughDay"])


@handles("Factoring", "FinancingDefaulted")
def default(rows: Rows, event: Event) -> None:
    _change(rows, event, status="Defaulted", outstanding=event["outstanding"], impaired=event["outstanding"])


@handles("Factoring", "FinancingWrittenOff")
def write_off(rows: Rows, event: Event) -> None:
    treasury.release_impairment(rows, _current(rows, event["receivable"])["impaired"])
    _change(rows, event, status="WrittenOff", impaired=0, loss=event["loss"], from_cover=event["fromCover"])


# Queries


def listed(
    tx: Connection,
    *,
    debtor: int | None = None,
    seller: int | None = None,
    status: str | None = None,
    in_arrears_on: int | None = None,
    before: tuple[int, int] | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """Financings, newest receivable first; `before` is the (receivable, turn) of the last one seen.

    `in_arrears_on`: only those that are in arrears on that day, marked or to be marked.
    """
    columns = financings.c
    wanted = {columns.debtor: debtor, columns.seller: seller, columns.status: status}
    query = _with_currency().where(*(column == value for column, value in wanted.items() if value is not None))
    if in_arrears_on is not None:
        query = query.where(or_(columns.status.in_(IN_ARREARS), to_be_marked(in_arrears_on)))
    if before is not None:
        query = query.where(tuple_(columns.receivable, columns.turn) < tuple_(*before))
    query = query.order_by(columns.receivable.desc(), columns.turn.desc()).limit(limit)
    return [dict(row._mapping) for row in tx.execute(query)]


def to_be_marked(today: int) -> ColumnElement[bool]:
    """Due day and grace are over, and nobody has marked it overdue."""
    columns = financings.c
    return and_(columns.status == "Active", columns.due_day + columns.grace_days < today)


def turns(tx: Connection, receivable: int) -> list[dict[str, Any]]:
    """All financings of a receivable, the latest first."""
    query = _with_currency().where(financings.c.receivable == receivable).order_by(financings.c.turn.desc())
    return [dict(row._mapping) for row in tx.execute(query)]


def facility(tx: Connection, debtor: int) -> dict[str, Any] | None:
    row = tx.execute(select(facilities).where(facilities.c.debtor == debtor)).one_or_none()
    return dict(row._mapping) if row else None


def listed_terms(tx: Connection) -> list[dict[str, Any]]:
    """Terms of every product and grade."""
    return [dict(row._mapping) for row in tx.execute(select(terms).order_by(terms.c.product, terms.c.grade))]


# Inside


def _with_currency() -> Select[Any]:
    return select(financings, receivables.c.currency).join(receivables, receivables.c.id == financings.c.receivable)


def _turn(rows: Rows, receivable: int) -> int:
    row = rows.get(receivables, receivable)
    return row["financings"] if row else 0


def _current(rows: Rows, receivable: int) -> dict[str, Any]:
    row = rows.get(financings, receivable, _turn(rows, receivable))
    if row is None:
        raise KeyError(f"financing of receivable {receivable}")
    return row


def _change(rows: Rows, event: Event, **changes: Any) -> None:
    id_ = event["receivable"]
    rows.change(financings, id_, _turn(rows, id_), **changes)
    note(rows, event, id_)
