"""Credit lines: their state after the last event, draws, statements, payments, limits, and the account they make.

Interest that accrues from day to day has no events: what is owed today is read from the chain.
"""

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
    func,
    or_,
    select,
    tuple_,
)

from backend import days
from backend.chain.contracts import Event
from backend.readmodel import treasury
from backend.readmodel.projection import READMODEL, handles
from backend.readmodel.rows import Rows, place, when
from backend.store.tables import Amount

# Order of ICreditLine.LineStatus.
STATUSES = ("None", "Open", "Delinquent", "Defaulted", "WrittenOff", "Closed", "Recovered")
# In these something may be owed.
LIVE = ("Open", "Delinquent", "Defaulted", "WrittenOff")
# Those that were marked, and are still owed.
IN_ARREARS = ("Delinquent", "Defaulted", "WrittenOff")
MEMORY_DAYS = 360  # as CreditLine
NOTHING_OWED = {
    "drawn": 0,
    "per_day": 0,
    "billed": 0,
    "due_interest": 0,
    "overdue": 0,
    "impaired": 0,
    "loss": 0,
    "from_cover": 0,
    "booked": 0,
}


# What was in force from `at` on, until the next row.
conditions = Table(
    "line_conditions",
    READMODEL,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("open", Boolean, nullable=False),
    Column("term_days", Integer, nullable=False),
    Column("cycle_days", Integer, nullable=False),
    Column("due_days", Integer, nullable=False),
    Column("instalment_bps", Integer, nullable=False),
    Column("late_rate_bps", Integer, nullable=False),
    Column("cure_days", Integer, nullable=False),
    Column("overdue_impairment_bps", Integer, nullable=False),
    Column("line_cap", Amount, nullable=False),
    Column("portfolio_cap", Amount, nullable=False),
    Column("agreement_hash", String(66), nullable=False),
    *when(),
)

# A closed line may be opened again: `turn` counts from 1. `booked`: principal and billed interest that are not paid.
# `per_day`: interest a day, in units × bps. Terms are those of the opening.
lines = Table(
    "lines",
    READMODEL,
    Column("party", BigInteger, primary_key=True, autoincrement=False),
    Column("turn", Integer, nullable=False),
    Column("status", String(10), nullable=False, index=True),
    Column("frozen", Boolean, nullable=False),
    Column("limit", Amount, nullable=False),
    Column("opening_limit", Amount, nullable=False),
    Column("rise_day", BigInteger, nullable=False),
    *(Column(name, Amount, nullable=False) for name in NOTHING_OWED),
    Column("due_day", BigInteger),
    Column("statements", Integer, nullable=False),
    Column("opened_day", BigInteger, nullable=False),
    Column("next_close_day", BigInteger, nullable=False),
    Column("maturity_day", BigInteger, nullable=False),
    Column("cycle_days", Integer, nullable=False),
    Column("due_days", Integer, nullable=False),
    Column("instalment_bps", Integer, nullable=False),
    Column("late_rate_bps", Integer, nullable=False),
    Column("cure_days", Integer, nullable=False),
    Column("overdue_impairment_bps", Integer, nullable=False),
    Column("agreement_hash", String(66), nullable=False),
    Column("notice_day", BigInteger),
    Column("cure_through_day", BigInteger),
    Column("opened_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
)
TERMS = (
    "cycle_days",
    "due_days",
    "instalment_bps",
    "late_rate_bps",
    "cure_days",
    "overdue_impairment_bps",
    "agreement_hash",
)

draws = Table(
    "line_draws",
    READMODEL,
    *place("party"),
    Column("wallet", String(42), nullable=False),
    Column("amount", Amount, nullable=False),
    Column("fee", Amount, nullable=False),
    Column("net", Amount, nullable=False),
    Column("annual_rate_bps", Integer, nullable=False),
    Column("score", Integer, nullable=False),
    Column("drawn", Amount, nullable=False),
    *when(),
)

# What is billed and unpaid on `close_day`, the overdue part included. What stays unpaid is billed again by the next
# statement; `paid_at` is set on the one whose payment left nothing billed.
statements = Table(
    "line_statements",
    READMODEL,
    Column("party", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("close_day", BigInteger, nullable=False),
    Column("interest", Amount, nullable=False),
    Column("principal", Amount, nullable=False),
    Column("new_interest", Amount, nullable=False),
    Column("overdue", Amount, nullable=False),
    Column("drawn", Amount, nullable=False),
    Column("due_day", BigInteger),
    Column("paid_at", BigInteger),
    *when(),
)

payments = Table(
    "line_payments",
    READMODEL,
    *place("party"),
    Column("payer", String(42), nullable=False),
    Column("late", Amount, nullable=False),
    Column("interest", Amount, nullable=False),
    Column("principal", Amount, nullable=False),
    Column("drawn", Amount, nullable=False),
    Column("billed", Amount, nullable=False),
    Column("overdue", Amount, nullable=False),
    *when(),
)

limit_moves = Table(
    "line_limit_moves",
    READMODEL,
    *place("party"),
    Column("before", Amount, nullable=False),
    Column("after", Amount, nullable=False),
    Column("reported", Amount, nullable=False),
    *when(),
)

# `hash`: of the agreement, the document or the reason that belongs to the change.
changes = Table(
    "line_changes",
    READMODEL,
    *place("party"),
    Column("event", String(40), nullable=False),
    Column("status", String(10), nullable=False),
    Column("frozen", Boolean, nullable=False),
    Column("hash", String(66)),
    *when(),
)

# The line as an account of the merchant: draws and charges add to `balance`, payments take from it.
entries = Table(
    "line_entries",
    READMODEL,
    *place("party"),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("day", BigInteger, nullable=False, index=True),
    Column("kind", String(13), nullable=False),
    Column("principal", Amount, nullable=False),
    Column("interest", Amount, nullable=False),
    Column("late", Amount, nullable=False),
    Column("balance", Amount, nullable=False),
    *when(),
)
PAYMENT = "payment"
PARTS = ("principal", "interest", "late")


# Conditions and opening


@handles("CreditLine", "ConditionsChanged")
def change_conditions(rows: Rows, event: Event) -> None:
    key = {"block": event.block, "log_index": event.log_index}
    rows.put(conditions, **key, **_conditions(event["conditions"]), **_moment(event))


@handles("CreditLine", "LineOpened")
def open_line(rows: Rows, event: Event) -> None:
    before = rows.get(lines, event["party"]) or {"turn": 0, "statements": 0, "status": "None"}
    given = _conditions(event["conditions"])
    rows.put(
        lines,
        party=event["party"],
        turn=before["turn"] + 1,
        status="Open",
        frozen=False,
        limit=event["limit"],
        **_measure_of_rises(before, event),
        **NOTHING_OWED,
        statements=before["statements"],
        opened_day=event["openedDay"],
        next_close_day=event["firstCloseDay"],
        maturity_day=event["maturityDay"],
        **{name: given[name] for name in TERMS},
        opened_at=event.timestamp,
    )
    _note(rows, event, given["agreement_hash"])


@handles("CreditLine", "LimitMoved")
def move_limit(rows: Rows, event: Event) -> None:
    before, after = event["from"], event["to"]
    rows.put(limit_moves, **_key(event), before=before, after=after, reported=event["reported"], **_moment(event))
    risen = {"rise_day": days.day_of(event.timestamp)} if after > before else {}
    rows.change(lines, event["party"], limit=after, **risen)


# Drawing and paying


@handles("CreditLine", "LineDrawn")
def draw(rows: Rows, event: Event) -> None:
    _pass_time(rows, event)
    rows.change(lines, event["party"], drawn=event["drawn"], per_day=event["perDay"])
    rows.put(
        draws,
        **_key(event),
        wallet=event["to"],
        amount=event["amount"],
        fee=event["fee"],
        net=event["net"],
        annual_rate_bps=event["annualRateBps"],
        score=event["score"],
        drawn=event["drawn"],
        **_moment(event),
    )
    today = days.day_of(event.timestamp)
    _enter(rows, event, 0, today, "draw", principal=event["net"])
    _enter(rows, event, 1, today, "fee", principal=event["fee"])


@handles("CreditLine", "StatementClosed")
def close_statement(rows: Rows, event: Event) -> None:
    party, day = event["party"], event["closeDay"]
    now = _line(rows, party)
    overdue = now["billed"] if _is_past(now, day) else now["overdue"]
    new_interest = event["dueInterest"] - now["due_interest"]
    number = now["statements"] + 1
    rows.put(
        statements,
        party=party,
        number=number,
        close_day=day,
        interest=event["dueInterest"],
        principal=event["duePrincipal"],
        new_interest=new_interest,
        overdue=overdue,
        drawn=event["drawn"],
        due_day=event["dueDay"] or None,
        **_moment(event),
    )
    billed = event["dueInterest"] + event["duePrincipal"]
    figures = {"due_interest": event["dueInterest"], "billed": billed, "overdue": overdue}
    rows.change(lines, party, statements=number, due_day=event["dueDay"] or None, **figures)
    _enter(rows, event, 0, day, "interest", interest=new_interest)
    _pass_time(rows, event)


@handles("CreditLine", "LinePaid")
def pay(rows: Rows, event: Event) -> None:
    """Interest that no statement has billed, and late interest, are charged on the day they are paid.

    Impairment never exceeds what is owed; a recovery makes lenders whole before the cover.
    """
    _pass_time(rows, event)
    party, today = event["party"], days.day_of(event.timestamp)
    late, interest, principal, billed = event["late"], event["interest"], event["principal"], event["billed"]
    now = _line(rows, party)
    billed_interest = min(now["billed"] - billed, now["due_interest"])
    parts = {"late": late, "interest": interest, "principal": principal}
    figures = {"drawn": event["drawn"], "billed": billed, "overdue": event["overdue"]}
    rows.put(payments, **_key(event), payer=event["payer"], **parts, **figures, **_moment(event))
    rows.change(
        lines,
        party,
        **figures,
        per_day=event["perDay"],
        due_interest=now["due_interest"] - billed_interest,
        due_day=None if billed == event["overdue"] else now["due_day"],
        from_cover=min(now["from_cover"], event["drawn"]),
    )
    _impair(rows, party, min(now["impaired"], event["drawn"]))
    _enter(rows, event, 0, today, "interest", interest=interest - billed_interest)
    _enter(rows, event, 1, today, "late_interest", late=late)
    _enter(rows, event, 2, today, PAYMENT, **parts)
    if now["billed"] and not billed:
        rows.change(statements, party, now["statements"], paid_at=event.timestamp)


# Arrears


@handles("CreditLine", "LineFrozen")
def freeze(rows: Rows, event: Event) -> None:
    rows.change(lines, event["party"], frozen=True)
    _note(rows, event, event["reasonHash"])


@handles("CreditLine", "LineUnfrozen")
def unfreeze(rows: Rows, event: Event) -> None:
    rows.change(lines, event["party"], frozen=False)
    _note(rows, event)


@handles("CreditLine", "LineDelinquent")
def mark_delinquent(rows: Rows, event: Event) -> None:
    """The treasury's own event tells the impairment of the book."""
    _pass_time(rows, event)
    figures = {"overdue": event["overdue"], "impaired": event["impaired"]}
    rows.change(lines, event["party"], status="Delinquent", **figures)
    _note(rows, event)


@handles("CreditLine", "LineCured")
def cure(rows: Rows, event: Event) -> None:
    _impair(rows, event["party"], 0)
    rows.change(lines, event["party"], status="Open", notice_day=None, cure_through_day=None)
    _note(rows, event)


@handles("CreditLine", "LineNoticeGiven")
def give_notice(rows: Rows, event: Event) -> None:
    rows.change(lines, event["party"], notice_day=event["noticeDay"], cure_through_day=event["cureThroughDay"])
    _note(rows, event, event["documentHash"])


@handles("CreditLine", "LineDefaulted")
def default(rows: Rows, event: Event) -> None:
    """All principal and all interest so far is billed and overdue."""
    _pass_time(rows, event)
    party, overdue, drawn = event["party"], event["overdue"], event["drawn"]
    interest = overdue - drawn
    new_interest = interest - _line(rows, party)["due_interest"]
    figures = {"billed": overdue, "overdue": overdue, "due_interest": interest, "impaired": drawn}
    rows.change(lines, party, status="Defaulted", due_day=None, **figures)
    _enter(rows, event, 0, days.day_of(event.timestamp), "interest", interest=new_interest)
    _note(rows, event)


@handles("CreditLine", "LineWrittenOff")
def write_off(rows: Rows, event: Event) -> None:
    _pass_time(rows, event)
    _impair(rows, event["party"], 0)
    loss, from_cover = event["loss"], event["fromCover"]
    rows.change(lines, event["party"], status="WrittenOff", loss=loss, from_cover=from_cover)
    _note(rows, event)


@handles("CreditLine", "LineClosed")
def close(rows: Rows, event: Event) -> None:
    _pass_time(rows, event)
    rows.change(lines, event["party"], status=STATUSES[event["status"]], closed_at=event.timestamp)
    _note(rows, event)


# Queries


def listed(
    tx: Connection,
    *,
    status: str | None = None,
    frozen: bool | None = None,
    in_arrears_on: int | None = None,
    after: int = 0,
    limit: int,
) -> list[dict[str, Any]]:
    """Lines by rising party, as they were after their last event.

    `in_arrears_on`: only those that are in arrears on that day, marked or to be marked.
    """
    wanted = {lines.c.status: status, lines.c.frozen: frozen}
    query = select(lines).where(lines.c.party > after)
    if in_arrears_on is not None:
        query = query.where(or_(lines.c.status.in_(IN_ARREARS), to_be_marked(in_arrears_on)))
    query = query.where(*(column == value for column, value in wanted.items() if value is not None))
    return [dict(row._mapping) for row in tx.execute(query.order_by(lines.c.party).limit(limit))]


def to_be_marked(today: int) -> ColumnElement[bool]:
    """What a statement billed is past its due day, and nobody has marked the line."""
    columns = lines.c
    unpaid = or_(columns.overdue > 0, and_(columns.billed > 0, columns.due_day < today))
    return and_(columns.status == "Open", unpaid)


def found(tx: Connection, party: int) -> dict[str, Any] | None:
    row = tx.execute(select(lines).where(lines.c.party == party)).one_or_none()
    return dict(row._mapping) if row else None


def changes_of(tx: Connection, party: int) -> list[dict[str, Any]]:
    """What became of the line and its earlier turns, oldest first."""
    query = select(changes).where(changes.c.party == party).order_by(changes.c.block, changes.c.log_index)
    return [dict(row._mapping) for row in tx.execute(query)]


def moves(
    tx: Connection, table: Table, party: int, *, before: tuple[int, int] | None, limit: int
) -> list[dict[str, Any]]:
    """Rows of `draws`, `payments` or `limit_moves`, newest first; `before`: (block, log index) of the last one seen."""
    query = select(table).where(table.c.party == party)
    if before is not None:
        query = query.where(tuple_(table.c.block, table.c.log_index) < tuple_(*before))
    query = query.order_by(table.c.block.desc(), table.c.log_index.desc()).limit(limit)
    return [dict(row._mapping) for row in tx.execute(query)]


def statements_of(tx: Connection, party: int, *, before: int | None, limit: int) -> list[dict[str, Any]]:
    """Newest first; `before`: number of the last one seen."""
    query = select(statements).where(statements.c.party == party)
    if before is not None:
        query = query.where(statements.c.number < before)
    return [dict(row._mapping) for row in tx.execute(query.order_by(statements.c.number.desc()).limit(limit))]


def account(tx: Connection, party: int, first: int, last: int) -> tuple[int, list[dict[str, Any]]]:
    """The balance before day `first`, and what was entered from then through day `last`, oldest first."""
    place = (entries.c.block, entries.c.log_index, entries.c.place)
    of_party = select(entries).where(entries.c.party == party)
    earlier = of_party.where(entries.c.day < first).order_by(*(column.desc() for column in place)).limit(1)
    opening = tx.execute(earlier).one_or_none()
    within = of_party.where(entries.c.day >= first, entries.c.day <= last).order_by(*place)
    return (opening.balance if opening else 0), [dict(row._mapping) for row in tx.execute(within)]


def first_day(tx: Connection, party: int) -> int:
    """Day of the first entry in the account, or of the opening while there is none."""
    entered = tx.scalar(select(func.min(entries.c.day)).where(entries.c.party == party))
    opened: int = tx.execute(select(lines.c.opened_day).where(lines.c.party == party)).scalar_one()
    return opened if entered is None else entered


def conditions_in_force(tx: Connection) -> dict[str, Any] | None:
    row = tx.execute(_newest_conditions().limit(1)).one_or_none()
    return dict(row._mapping) if row else None


def conditions_history(tx: Connection) -> list[dict[str, Any]]:
    """Newest first."""
    return [dict(row._mapping) for row in tx.execute(_newest_conditions())]


# Inside


def _newest_conditions() -> Select[Any]:
    return select(conditions).order_by(conditions.c.block.desc(), conditions.c.log_index.desc())


def _measure_of_rises(before: dict[str, Any], event: Event) -> dict[str, int]:
    """As CreditLine: a line opened again goes on from the last, unless that was closed long ago."""
    limit, today = event["limit"], event["openedDay"]
    if before["status"] == "None" or (before["closed_at"] and today >= days.day_of(before["closed_at"]) + MEMORY_DAYS):
        return {"opening_limit": limit, "rise_day": today}
    rise_day = before["rise_day"] if limit <= before["limit"] else today
    return {"opening_limit": before["opening_limit"], "rise_day": rise_day}


def _conditions(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "open": given["open"],
        "term_days": given["termDays"],
        "cycle_days": given["cycleDays"],
        "due_days": given["dueDays"],
        "instalment_bps": given["instalmentBps"],
        "late_rate_bps": given["lateRateBps"],
        "cure_days": given["cureDays"],
        "overdue_impairment_bps": given["overdueImpairmentBps"],
        "line_cap": given["lineCap"],
        "portfolio_cap": given["portfolioCap"],
        "agreement_hash": given["agreementHash"],
    }


def _key(event: Event) -> dict[str, int]:
    return {"party": event["party"], "block": event.block, "log_index": event.log_index}


def _moment(event: Event) -> dict[str, Any]:
    return {"at": event.timestamp, "transaction_hash": event.transaction}


def _line(rows: Rows, party: int) -> dict[str, Any]:
    row = rows.get(lines, party)
    if row is None:
        raise KeyError(f"line of party {party}")
    return row


def _is_past(line: dict[str, Any], today: int) -> bool:
    return line["due_day"] is not None and today > line["due_day"]


def _pass_time(rows: Rows, event: Event) -> None:
    """As Revolving: what was not paid by its due day is overdue, and statements that bill nothing have no event."""
    now, today = _line(rows, event["party"]), days.day_of(event.timestamp)
    cycles = (today - now["opened_day"]) // now["cycle_days"] + 1
    passed = {"overdue": now["billed"], "due_day": None} if _is_past(now, today) else {}
    rows.change(lines, event["party"], next_close_day=now["opened_day"] + cycles * now["cycle_days"], **passed)


def _impair(rows: Rows, party: int, left: int) -> None:
    treasury.release_impairment(rows, _line(rows, party)["impaired"] - left)
    rows.change(lines, party, impaired=left)


def _enter(rows: Rows, event: Event, place: int, day: int, kind: str, **parts: int) -> None:
    """`parts`: what of it is principal, interest and late interest. Nothing is entered for an amount of nothing."""
    amount = sum(parts.values())
    if not amount:
        return
    balance = _line(rows, event["party"])["booked"] + (-amount if kind == PAYMENT else amount)
    rows.change(lines, event["party"], booked=balance)
    whole = dict.fromkeys(PARTS, 0) | parts
    rows.put(entries, **_key(event), place=place, day=day, kind=kind, **whole, balance=balance, **_moment(event))


def _note(rows: Rows, event: Event, hash_: str | None = None) -> None:
    now = _line(rows, event["party"])
    standing = {"status": now["status"], "frozen": now["frozen"]}
    rows.put(changes, **_key(event), event=event.name, hash=hash_, **standing, **_moment(event))
