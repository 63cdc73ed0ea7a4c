"""What anyone may do now about leases: note hours, close statements, pass money on, mark loans, and end what only waits
for it."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from backend import days
from backend.readmodel import leases, loans
from backend.readmodel.deliveries import Delivery
from backend.readmodel.machines import machines
from backend.readmodel.readings import readings

LEASES_PER_CALL = 50
LAST_HOURS_S = 1_800  # of a period: readings come every 15 minutes
OBJECTION_DAYS = 15  # EquipmentLease.RETURN_OBJECTION_DAYS
DOUBTFUL = ("Active", "Overdue")
BEHIND = ("Overdue", "Defaulted")
LEASES, LOANS = leases.leases.c, loans.loans.c
_next_close = LEASES.start_day + (LEASES.period + 1) * LEASES.period_days
_runs = and_(LEASES.clock == "Running", LEASES.period < LEASES.periods)


def pending(tx: Connection, now: int) -> list[Delivery]:
    """Calls that would succeed at second `now`."""
    today = days.day_of(now)
    return [*_hours(tx, today), *_statements(tx, today), *_money(tx), *_loans(tx, today), *_ends(tx, today)]


def _hours(tx: Connection, today: int) -> Iterator[Delivery]:
    """Leases of which a period ends tonight, once a reading of its last half-hour is on chain: if nobody calls before
    a later one comes, hours since the last call count towards the next statement. Readings come machine by machine, so
    these calls are of one lease each."""
    is_last = readings.c.at >= days.start_of(today + 1) - LAST_HOURS_S
    has_run = readings.c.tenths > LEASES.start_tenths + LEASES.tenths
    query = select(LEASES.lease).join(readings, readings.c.machine == LEASES.machine)
    for lease in tx.scalars(query.where(_runs, _next_close == today + 1, is_last, has_run).order_by(LEASES.lease)):
        yield Delivery("RentLedger", "accrue", ([lease],))


def _statements(tx: Connection, today: int) -> Iterator[Delivery]:
    """Leases of which a period is over."""
    numbers = tx.scalars(select(LEASES.lease).where(_runs, _next_close <= today).order_by(LEASES.lease))
    for batch, members in groupby(numbers, key=lambda lease: lease // LEASES_PER_CALL):
        yield Delivery("RentLedger", "accrue", (list(members),), batch=batch)


def _money(tx: Connection) -> Iterator[Delivery]:
    """Rent that came in and stayed, for whom it goes to; deposit or surplus for the lessee."""
    stays = or_(LEASES.received > LEASES.released, LEASES.lessee_credit > 0)
    for row in tx.execute(select(leases.leases).where(stays).order_by(LEASES.lease)):
        if row.received > row.released:
            yield Delivery("RentLedger", "release", (row.lease,))
        if row.lessee_credit:
            yield Delivery("RentLedger", "releaseCredit", (row.lease,))


def _loans(tx: Connection, today: int) -> Iterator[Delivery]:
    """Loans whose rent is overdue, whose lease is over, or whose rent is paid again without money coming in."""
    query = select(leases.leases, LOANS.status.label("loan")).join(loans.loans, LOANS.lease == LEASES.lease)
    for row in tx.execute(query.where(LOANS.status.in_((*DOUBTFUL, *BEHIND))).order_by(LEASES.lease)):
        status = leases.status_on(dict(row._mapping), today)
        if leases.is_over(status):
            if row.loan in DOUBTFUL:
                yield Delivery("LeaseFinance", "markDefaulted", (row.lease,))
        elif row.loan == "Active" and status == "Overdue":
            yield Delivery("LeaseFinance", "markOverdue", (row.lease,))
        elif row.loan in BEHIND and status == "Active":
            yield Delivery("LeaseFinance", "onRent", (row.lease,))


def _ends(tx: Connection, today: int) -> Iterator[Delivery]:
    """Returns to which nobody objected, titles that nothing binds any more, machines that are paid for."""
    waits = or_(LEASES.return_day.is_not(None), LEASES.status == "Rescinded")
    query = select(leases.leases, machines.c.lease.label("bound_by"))
    query = query.join(machines, machines.c.machine == LEASES.machine).where(waits)
    for row in tx.execute(query.order_by(LEASES.lease)):
        function = _end(dict(row._mapping), row.bound_by, today)
        if function:
            yield Delivery("EquipmentLease", function, (row.lease,))


def _end(lease: dict[str, Any], bound_by: int | None, today: int) -> str | None:
    if lease["status"] == "Rescinded":
        is_paid = lease["charged"] == lease["credited"] + lease["paid"] and not lease["late"]
        return "redeem" if is_paid else None
    if lease["status"] == "Returned":
        return "freeTitle" if bound_by == lease["lease"] and lease["assignee"] is None else None
    is_with_lessee = leases.status_on(lease, today) in ("Active", "Accelerated")
    return "confirmReturn" if is_with_lessee and today > lease["return_day"] + OBJECTION_DAYS else None
