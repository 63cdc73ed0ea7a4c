"""Leases of machines: terms, course, statements, payments, and the account that they make.

Late interest accrues from day to day and hours come in without events: what is owed today is read from the chain.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Integer,
    String,
    Table,
    and_,
    exists,
    func,
    not_,
    or_,
    select,
    tuple_,
)

from backend import days
from backend.chain import abi
from backend.chain.contracts import Event
from backend.readmodel.projection import READMODEL, handles
from backend.readmodel.rows import Rows, place, when
from backend.store.tables import Amount

# Order of IEquipmentLease.LeaseStatus. `Overdue` follows from the day: no row holds it.
STATUSES = (
    "None",
    "Signed",
    "Secured",
    "Active",
    "Overdue",
    "Defaulted",
    "Accelerated",
    "Rescinded",
    "Sold",
    "Returned",
    "BoughtOut",
    "Cancelled",
)
# In these the machine is with the lessee or claimed from it.
RUNNING = ("Active", "Defaulted", "Accelerated", "Rescinded")
ENDED = ("Sold", "Returned", "BoughtOut", "Cancelled")
# In these paying what is overdue ends notice and default.
CURABLE = ("Active", "Defaulted")
TICKING = ("Running", "LateOnly")  # IRentLedger.Clock
ACCRUAL_UNIT = 10_000 * 360  # as Interest: units × bps × days that make a unit
TERMS = {
    "price": "price",
    "deposit": "deposit",
    "buy_out_price": "buyOutPrice",
    "minimum": "minimum",
    "cap": "cap",
    "periods": "periods",
    "period_days": "periodDays",
    "due_days": "dueDays",
    "cure_days": "cureDays",
    "lock_notice_days": "lockNoticeDays",
    "late_rate_bps": "lateRateBps",
    "rules_hash": "rulesHash",
    "document_hash": "documentHash",
    "salt": "salt",
    "deadline": "deadline",
}
NO_MONEY = {
    "charged": 0,
    "fixed_charged": 0,
    "credited": 0,
    "paid": 0,
    "due_charged": 0,
    "due_before": 0,
    "late": 0,
    "deposit_held": 0,
    "received": 0,
    "released": 0,
    "lessee_credit": 0,
}


# Money as IRentLedger.Account names it, except `received` and `released`: what came in for rent, and what of it was
# passed on. `late`: in units × bps × days, counted through `through_day`. `settled`: statements paid in full.
leases = Table(
    "leases",
    READMODEL,
    Column("lease", BigInteger, primary_key=True, autoincrement=False),
    Column("machine", BigInteger, nullable=False, index=True),
    Column("lessor", BigInteger, nullable=False, index=True),
    Column("lessee", BigInteger, nullable=False, index=True),
    Column("lessor_wallet", String(42), nullable=False),
    Column("lessee_wallet", String(42), nullable=False),
    Column("status", String(11), nullable=False, index=True),
    Column("disputed", Boolean, nullable=False),
    Column("price", Amount, nullable=False),
    Column("deposit", Amount, nullable=False),
    Column("buy_out_price", Amount, nullable=False),
    Column("minimum", Amount, nullable=False),
    Column("cap", Amount, nullable=False),
    Column("periods", Integer, nullable=False),
    Column("period_days", Integer, nullable=False),
    Column("due_days", Integer, nullable=False),
    Column("cure_days", Integer, nullable=False),
    Column("lock_notice_days", Integer, nullable=False),
    Column("late_rate_bps", Integer, nullable=False),
    Column("tiers", JSON, nullable=False),
    Column("rules_hash", String(66), nullable=False),
    Column("document_hash", String(66), nullable=False),
    Column("terms_hash", String(66), nullable=False),
    Column("salt", Amount, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("clock", String(8), nullable=False),
    Column("period", Integer, nullable=False),
    Column("settled", Integer, nullable=False),
    Column("cures", Integer, nullable=False),
    Column("tenths", BigInteger, nullable=False),
    *(Column(name, Amount, nullable=False) for name in NO_MONEY),
    Column("start_day", BigInteger),
    Column("start_tenths", BigInteger),
    Column("through_day", BigInteger),
    Column("due_day", BigInteger),
    Column("notice_day", BigInteger),
    Column("cure_through_day", BigInteger),
    Column("return_day", BigInteger),
    Column("locked_since", BigInteger),
    Column("locked_seconds", BigInteger, nullable=False),
    Column("assignee", String(42)),
    Column("sale_buyer", String(42)),
    Column("sale_price", Amount),
    Column("signed_at", BigInteger, nullable=False),
    Column("delivered_at", BigInteger),
    Column("ended_at", BigInteger),
)

# `charged`: rent since delivery with this statement; `tenths`: hours since delivery that it counts.
statements = Table(
    "lease_statements",
    READMODEL,
    Column("lease", BigInteger, primary_key=True, autoincrement=False),
    Column("period", Integer, primary_key=True, autoincrement=False),
    Column("fixed_part", Amount, nullable=False),
    Column("variable_part", Amount, nullable=False),
    Column("tenths", BigInteger, nullable=False),
    Column("charged", Amount, nullable=False),
    Column("close_day", BigInteger, nullable=False),
    Column("due_day", BigInteger, nullable=False),
    Column("paid_at", BigInteger),
    *when(),
)

payments = Table(
    "lease_payments",
    READMODEL,
    *place("lease"),
    Column("payer", String(42), nullable=False),
    Column("late", Amount, nullable=False),
    Column("rent", Amount, nullable=False),
    Column("overdue", Amount, nullable=False),
    *when(),
)

timeline = Table(
    "lease_timeline",
    READMODEL,
    *place("lease"),
    Column("contract", String(40), nullable=False),
    Column("event", String(40), nullable=False),
    Column("arguments", JSON, nullable=False),
    *when(),
)

# The lease as an account of the lessee: charges add to `balance`, payments and credits take from it.
entries = Table(
    "lease_entries",
    READMODEL,
    *place("lease"),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("day", BigInteger, nullable=False, index=True),
    Column("kind", String(13), nullable=False),
    Column("rent", Amount, nullable=False),
    Column("late", Amount, nullable=False),
    Column("balance", Amount, nullable=False),
    *when(),
)
PAYMENT = "payment"
CREDIT = "credit"
PARTS = ("rent", "late")


def note(rows: Rows, event: Event, lease: int) -> None:
    """Add the event to the lease's timeline."""
    rows.put(
        timeline,
        lease=lease,
        block=event.block,
        log_index=event.log_index,
        contract=event.contract,
        event=event.name,
        arguments=abi.to_json(event.arguments),
        **_moment(event),
    )


# Signing and delivery


@handles("EquipmentLease", "LeaseSigned")
def sign(rows: Rows, event: Event) -> None:
    given = event["terms"]
    secured = given["deposit"] == 0
    rows.put(
        leases,
        lease=event["id"],
        machine=event["machine"],
        lessor=given["lessor"],
        lessee=event["lessee"],
        lessor_wallet=event["lessorWallet"],
        lessee_wallet=event["lesseeWallet"],
        status="Secured" if secured else "Signed",
        disputed=False,
        **{name: given[term] for name, term in TERMS.items()},
        tiers=[{"through_tenths": tier["throughTenths"], "rate": tier["rate"]} for tier in given["tiers"]],
        terms_hash=event["termsHash"],
        clock="Waiting",
        period=0,
        settled=0,
        cures=0,
        tenths=0,
        **NO_MONEY,
        locked_seconds=0,
        signed_at=event.timestamp,
    )
    _note(rows, event)


@handles("RentLedger", "DepositPaid")
def pay_deposit(rows: Rows, event: Event) -> None:
    rows.change(leases, event["id"], status="Secured", deposit_held=event["amount"])
    _note(rows, event)


@handles("EquipmentLease", "MachineDelivered")
def deliver(rows: Rows, event: Event) -> None:
    start = {"start_day": event["startDay"], "start_tenths": event["startTenths"], "through_day": event["startDay"]}
    rows.change(leases, event["id"], status="Active", clock="Running", delivered_at=event.timestamp, **start)
    _note(rows, event)


@handles("EquipmentLease", "LeaseCancelled")
def cancel(rows: Rows, event: Event) -> None:
    _end(rows, event, "Cancelled")


# Rent


@handles("RentLedger", "RentCharged")
def charge(rows: Rows, event: Event) -> None:
    id_, fixed, variable = event["id"], event["fixedPart"], event["variablePart"]
    _pass_time(rows, id_, event["closeDay"])
    rows.put(
        statements,
        lease=id_,
        period=event["period"],
        fixed_part=fixed,
        variable_part=variable,
        tenths=event["tenths"],
        charged=event["charged"],
        close_day=event["closeDay"],
        due_day=event["dueDay"],
        **_moment(event),
    )
    figures = {"period": event["period"], "tenths": event["tenths"], "due_day": event["dueDay"]}
    rows.change(leases, id_, fixed_charged=_lease(rows, id_)["fixed_charged"] + fixed, **figures)
    _enter(rows, event, 0, event["closeDay"], "fixed_rent", rent=fixed)
    _enter(rows, event, 1, event["closeDay"], "usage_rent", rent=variable)
    _settle(rows, event)


@handles("RentLedger", "RentPaid")
def pay(rows: Rows, event: Event) -> None:
    """Late interest is charged on the day it is paid. Rent that is paid before any statement tells it, as on buying
    out, is charged with its payment."""
    id_, today = event["id"], days.day_of(event.timestamp)
    late, rent = event["late"], event["rent"]
    _pass_time(rows, id_, today)
    now = _lease(rows, id_)
    rows.put(
        payments,
        **_key(event),
        payer=event["payer"],
        late=late,
        rent=rent,
        overdue=event["overdue"],
        **_moment(event),
    )
    left = max(0, now["late"] - late * ACCRUAL_UNIT)
    rows.change(leases, id_, late=left, received=now["received"] + late + rent)
    _enter(rows, event, 0, today, "rest", rent=max(0, event["paid"] + now["credited"] - now["charged"]))
    _enter(rows, event, 1, today, "late_interest", late=late)
    _enter(rows, event, 2, today, PAYMENT, rent=rent, late=late)
    _settle(rows, event)
    _note(rows, event)


@handles("RentLedger", "RentCredited")
def credit(rows: Rows, event: Event) -> None:
    today = days.day_of(event.timestamp)
    _pass_time(rows, event["id"], today)
    _enter(rows, event, 0, today, CREDIT, rent=event["amount"])
    _settle(rows, event)
    _note(rows, event)


@handles("RentLedger", "RentCured")
def cure(rows: Rows, event: Event) -> None:
    now = _lease(rows, event["id"])
    ended = {"status": "Active", "notice_day": None, "cure_through_day": None} if now["status"] in CURABLE else {}
    rows.change(leases, event["id"], cures=event["cures"], **ended)
    _note(rows, event)


@handles("RentLedger", "AllCharged")
def charge_all(rows: Rows, event: Event) -> None:
    """What the deposit paid was entered with its payment; `owed` tells what is charged beyond it."""
    id_, today = event["id"], days.day_of(event.timestamp)
    _pass_time(rows, id_, today)
    now = _lease(rows, id_)
    rent_owed = event["owed"] - -(-now["late"] // ACCRUAL_UNIT)
    _enter(rows, event, 0, today, "rest", rent=rent_owed + now["credited"] + now["paid"] - now["charged"])
    rows.change(
        leases,
        id_,
        due_charged=_lease(rows, id_)["charged"],
        due_day=None,
        period=now["periods"],
        clock="LateOnly" if now["status"] == "Accelerated" else "Stopped",
        deposit_held=now["deposit_held"] - event["fromDeposit"],
    )
    _note(rows, event)


@handles("RentLedger", "RentStopped")
def stop(rows: Rows, event: Event) -> None:
    rows.change(leases, event["id"], clock="Stopped", deposit_held=0, lessee_credit=event["lesseeCredit"])


@handles("RentLedger", "RentReleased")
def release(rows: Rows, event: Event) -> None:
    rows.change(leases, event["id"], released=_lease(rows, event["id"])["released"] + event["amount"])
    _note(rows, event)


@handles("RentLedger", "LesseeCreditPaid")
def release_credit(rows: Rows, event: Event) -> None:
    rows.change(leases, event["id"], lessee_credit=0)
    _note(rows, event)


@handles("RentLedger", "RentAssigned")
def assign(rows: Rows, event: Event) -> None:
    rows.change(leases, event["id"], assignee=event["assignee"])
    _note(rows, event)


@handles("RentLedger", "AssignmentEnded")
def end_assignment(rows: Rows, event: Event) -> None:
    rows.change(leases, event["id"], assignee=None)
    _note(rows, event)


@handles("RentLedger", "MachineLocked")
def lock(rows: Rows, event: Event) -> None:
    rows.change(leases, event["id"], locked_since=event["at"])
    _note(rows, event)


@handles("RentLedger", "MachineUnlocked")
def unlock(rows: Rows, event: Event) -> None:
    rows.change(leases, event["id"], locked_since=None, locked_seconds=event["lockedSeconds"])
    _note(rows, event)


# Course


@handles("EquipmentLease", "LeaseDisputed")
def dispute(rows: Rows, event: Event) -> None:
    rows.change(leases, event["id"], disputed=True)
    _note(rows, event)


@handles("EquipmentLease", "LeaseDisputeEnded")
def end_dispute(rows: Rows, event: Event) -> None:
    rows.change(leases, event["id"], disputed=False)
    _note(rows, event)


@handles("EquipmentLease", "LeaseNoticeGiven")
def give_notice(rows: Rows, event: Event) -> None:
    through = {"notice_day": event["noticeDay"], "cure_through_day": event["cureThroughDay"]}
    rows.change(leases, event["id"], status="Active", **through)
    _note(rows, event)


@handles("EquipmentLease", "LeaseDefaulted")
def default(rows: Rows, event: Event) -> None:
    rows.change(leases, event["id"], status="Defaulted")
    _note(rows, event)


@handles("EquipmentLease", "LeaseAccelerated")
def accelerate(rows: Rows, event: Event) -> None:
    rows.change(leases, event["id"], status="Accelerated")
    _note(rows, event)


@handles("EquipmentLease", "LeaseRescinded")
def rescind(rows: Rows, event: Event) -> None:
    rows.change(leases, event["id"], status="Rescinded")
    _note(rows, event)


@handles("EquipmentLease", "SaleOffered")
def offer_sale(rows: Rows, event: Event) -> None:
    price = event["price"] or None
    rows.change(leases, event["id"], sale_buyer=event["buyer"] if price else None, sale_price=price)
    _note(rows, event)


@handles("EquipmentLease", "MachineSold")
def sell(rows: Rows, event: Event) -> None:
    """The price of a machine that was given back is the lessor's and pays no rent: no payment tells it."""
    now = _lease(rows, event["id"])
    price = event["price"] if now["status"] == "Returned" else 0
    rows.change(leases, event["id"], sale_buyer=None, sale_price=None, received=now["received"] + price)
    _end(rows, event, "Sold")


@handles("EquipmentLease", "MachineBoughtOut")
def buy_out(rows: Rows, event: Event) -> None:
    rows.change(leases, event["id"], disputed=False, sale_buyer=None, sale_price=None)
    _end(rows, event, "BoughtOut")


@handles("EquipmentLease", "ReturnDeclared")
def declare_return(rows: Rows, event: Event) -> None:
    rows.change(leases, event["id"], return_day=event["day"])
    _note(rows, event)


@handles("EquipmentLease", "ReturnObjected")
def object_to_return(rows: Rows, event: Event) -> None:
    rows.change(leases, event["id"], return_day=None)
    _note(rows, event)


@handles("EquipmentLease", "MachineReturned")
def confirm_return(rows: Rows, event: Event) -> None:
    _end(rows, event, "Returned")


@handles("EquipmentLease", "StandbyAgreed")
def note_standby(rows: Rows, event: Event) -> None:
    _note(rows, event)


# Queries


def listed(
    tx: Connection,
    day: int,
    *,
    party: int | None = None,
    machine: int | None = None,
    status: str | None = None,
    before: int | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """Newest first; `party`: as lessor or lessee; `status`: on `day`; `before`: number of the last one seen."""
    query = select(leases)
    if party is not None:
        query = query.where(or_(leases.c.lessor == party, leases.c.lessee == party))
    if machine is not None:
        query = query.where(leases.c.machine == machine)
    if status == "Overdue":
        query = query.where(_is_overdue(day))
    elif status is not None:
        query = query.where(leases.c.status == status, not_(_is_overdue(day)))
    if before is not None:
        query = query.where(leases.c.lease < before)
    return [dict(row._mapping) for row in tx.execute(query.order_by(leases.c.lease.desc()).limit(limit))]


def found(tx: Connection, lease: int) -> dict[str, Any] | None:
    row = tx.execute(select(leases).where(leases.c.lease == lease)).one_or_none()
    return dict(row._mapping) if row else None


def concerned(tx: Connection, numbers: list[int]) -> dict[int, tuple[int, int, int]]:
    """Machine, lessor and lessee of each of these leases that is known."""
    columns = (leases.c.lease, leases.c.machine, leases.c.lessor, leases.c.lessee)
    return {
        lease: (machine, lessor, lessee)
        for lease, machine, lessor, lessee in tx.execute(select(*columns).where(leases.c.lease.in_(numbers)))
    }


def counted(tx: Connection) -> dict[str, int]:
    """Leases by status after their last event."""
    query = select(leases.c.status, func.count()).group_by(leases.c.status)
    return {status: number for status, number in tx.execute(query)}


def overdue_on(row: dict[str, Any], day: int) -> int:
    """Rent of closed statements that is past its due day; a period that nobody has closed yet does not count."""
    is_past = row["due_day"] is not None and day > row["due_day"]
    due = row["charged"] if is_past else row["due_charged"]
    return int(max(0, due - row["credited"] - row["paid"]))


def _is_overdue(day: int) -> ColumnElement[bool]:
    """As `status_on`: a statement is not paid in full by its due day."""
    unpaid = exists().where(statements.c.lease == leases.c.lease, statements.c.paid_at.is_(None))
    return and_(leases.c.status == "Active", unpaid.where(statements.c.due_day < day))


def status_on(row: dict[str, Any], day: int) -> str:
    """As EquipmentLease.leaseOf says on that day."""
    is_overdue = row["status"] == "Active" and overdue_on(row, day) > 0
    return "Overdue" if is_overdue else str(row["status"])


def is_over(status: str) -> bool:
    """As LeaseFinance sees it: in default, or ended after delivery."""
    return status in ("Defaulted", "Accelerated", "Rescinded", "Sold", "Returned", "BoughtOut")


def timeline_of(tx: Connection, lease: int) -> list[dict[str, Any]]:
    """What became of the lease, oldest first."""
    query = select(timeline).where(timeline.c.lease == lease).order_by(timeline.c.block, timeline.c.log_index)
    return [dict(row._mapping) for row in tx.execute(query)]


def payments_of(tx: Connection, lease: int, *, before: tuple[int, int] | None, limit: int) -> list[dict[str, Any]]:
    """Newest first; `before`: (block, log index) of the last one seen."""
    query = select(payments).where(payments.c.lease == lease)
    if before is not None:
        query = query.where(tuple_(payments.c.block, payments.c.log_index) < tuple_(*before))
    query = query.order_by(payments.c.block.desc(), payments.c.log_index.desc()).limit(limit)
    return [dict(row._mapping) for row in tx.execute(query)]


def statements_of(tx: Connection, lease: int, *, before: int | None, limit: int) -> list[dict[str, Any]]:
    """Newest first; `before`: period of the last one seen."""
    query = select(statements).where(statements.c.lease == lease)
    if before is not None:
        query = query.where(statements.c.period < before)
    return [dict(row._mapping) for row in tx.execute(query.order_by(statements.c.period.desc()).limit(limit))]


def account(tx: Connection, lease: int, first: int, last: int) -> tuple[int, list[dict[str, Any]]]:
    """The balance before day `first`, and what was entered from then through day `last`, oldest first."""
    place = (entries.c.block, entries.c.log_index, entries.c.place)
    of_lease = select(entries).where(entries.c.lease == lease)
    earlier = of_lease.where(entries.c.day < first).order_by(*(column.desc() for column in place)).limit(1)
    opening = tx.execute(earlier).one_or_none()
    within = of_lease.where(entries.c.day >= first, entries.c.day <= last).order_by(*place)
    return (opening.balance if opening else 0), [dict(row._mapping) for row in tx.execute(within)]


# Inside


def _lease(rows: Rows, lease: int) -> dict[str, Any]:
    row = rows.get(leases, lease)
    if row is None:
        raise KeyError(f"lease {lease}")
    return row


def _key(event: Event) -> dict[str, int]:
    return {"lease": event["id"], "block": event.block, "log_index": event.log_index}


def _moment(event: Event) -> dict[str, Any]:
    return {"at": event.timestamp, "transaction_hash": event.transaction}


def _pass_time(rows: Rows, lease: int, today: int) -> None:
    """As Metering: what was not paid by its due day is overdue and bears late interest."""
    now = _lease(rows, lease)
    if now["clock"] not in TICKING:
        return
    if now["due_day"] is not None and today > now["due_day"]:
        late = _late_through(now, now["due_day"])
        moved = {"due_before": now["due_charged"], "due_charged": now["charged"], "due_day": None}
        now |= moved | {"late": late, "through_day": now["due_day"]}
    rows.put(leases, **(now | {"late": _late_through(now, today), "through_day": today}))


def _late_through(now: dict[str, Any], day: int) -> int:
    overdue = max(0, now["due_charged"] - now["credited"] - now["paid"])
    return int(now["late"] + overdue * now["late_rate_bps"] * (day - now["through_day"]))


def _enter(rows: Rows, event: Event, place: int, day: int, kind: str, *, rent: int = 0, late: int = 0) -> None:
    """Nothing is entered for an amount of nothing. Late interest is entered with its payment, so that it is never part
    of the balance for longer."""
    if not rent + late:
        return
    now = _lease(rows, event["id"])
    side = {PAYMENT: "paid", CREDIT: "credited"}.get(kind, "charged")
    now[side] += rent
    rows.put(leases, **now)
    owed_late = late if kind == "late_interest" else 0
    balance = now["charged"] - now["credited"] - now["paid"] + owed_late
    rows.put(
        entries,
        **_key(event),
        place=place,
        day=day,
        kind=kind,
        rent=rent,
        late=late,
        balance=balance,
        **_moment(event),
    )


def _settle(rows: Rows, event: Event) -> None:
    """Statements whose rent is covered by now are paid, the oldest first."""
    now = _lease(rows, event["id"])
    settled = now["settled"]
    while (statement := rows.get(statements, event["id"], settled + 1)) is not None:
        if statement["charged"] > now["credited"] + now["paid"]:
            break
        settled += 1
        rows.change(statements, event["id"], settled, paid_at=event.timestamp)
    rows.change(leases, event["id"], settled=settled)


def _end(rows: Rows, event: Event, status: str) -> None:
    rows.change(leases, event["id"], status=status, ended_at=event.timestamp)
    _note(rows, event)


def _note(rows: Rows, event: Event) -> None:
    note(rows, event, event["id"])
