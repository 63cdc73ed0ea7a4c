"""Routes of leases and of the bank's loans on them: what is public, from the chain."""

from typing import Any

from flask import Blueprint
from sqlalchemy import Connection

from backend.api import lease_live, refusals, rent_lines
from backend.api.context import here, page, pair, reading, single, vault_currency, within
from backend.api.lease_schemas import (
    Lease,
    LeaseDetail,
    LeasePage,
    LeasePayment,
    LeasePaymentPage,
    LeaseQuery,
    LeaseStatement,
    LeaseStatementPage,
    LoanPayment,
    LoanPaymentPage,
    LoanQuote,
    OfferedLoans,
    RentSoFar,
)
from backend.api.limits import CHAIN_READS, limiter
from backend.api.machines import severities
from backend.api.problems import ResourceUnknown
from backend.api.receivables import grade_name
from backend.api.schemas import Page
from backend.api.service import position
from backend.api.spec import documented
from backend.readmodel import financings, leases, loans, treasury
from backend.records.refusals import APPLICATION, Application
from backend.rent import Tier

LARGEST_LEASE = 2**63 - 1
LEASE = "lease"
PRODUCT = "Lease"

blueprint = Blueprint("leases", __name__, url_prefix="/v1")


@blueprint.get("/leases")
@limiter.limit(CHAIN_READS)
@documented(LeasePage, tag="Leases")
def list_leases(query: LeaseQuery) -> LeasePage:
    """Leases, newest first, as of the day that the read model has reached."""
    with reading() as tx:
        day, currency = here().live.day_at(position(tx).number), vault_currency(tx)
        rows = leases.listed(
            tx,
            day,
            party=query.party,
            machine=query.machine,
            status=query.status,
            before=single(query.after),
            limit=query.limit + 1,
        )
    shown = [Lease.model_validate(shown_lease(row, day, currency)) for row in rows]
    return LeasePage(**page(shown, query.limit, lambda lease: str(lease.lease)))


@blueprint.get("/leases/<int:lease>")
@limiter.limit(CHAIN_READS)
@documented(LeaseDetail, 404, tag="Leases")
def show_lease(lease: int) -> LeaseDetail:
    """A lease with what is owed today, read from the chain, the bank's loan, and what became of both."""
    with reading() as tx:
        row, loan, currency = found(tx, lease), loans.found(tx, lease), vault_currency(tx)
        happened = leases.timeline_of(tx, lease)
    now = lease_live.today(here().live, lease)
    shown = shown_lease(row, now["day"], currency) | {"today": now, "timeline": happened}
    return LeaseDetail.model_validate(shown | {"loan": loan and loan | {"owed": now["loan_owed"]}})


@blueprint.get("/leases/<int:lease>/statements")
@documented(LeaseStatementPage, 404, tag="Leases")
def list_statements(lease: int, query: Page) -> LeaseStatementPage:
    """Statements, newest first."""
    with reading() as tx:
        found(tx, lease)
        rows = leases.statements_of(tx, lease, before=single(query.after), limit=query.limit + 1)
    shown = [LeaseStatement.model_validate(row | {"close": row["close_day"], "due": row["due_day"]}) for row in rows]
    return LeaseStatementPage(**page(shown, query.limit, lambda statement: str(statement.period)))


@blueprint.get("/leases/<int:lease>/payments")
@documented(LeasePaymentPage, 404, tag="Leases")
def list_payments(lease: int, query: Page) -> LeasePaymentPage:
    """Payments with what each went to, newest first."""
    with reading() as tx:
        found(tx, lease)
        rows = leases.payments_of(tx, lease, before=pair(query.after), limit=query.limit + 1)
    shown = [LeasePayment.model_validate(row) for row in rows]
    return LeasePaymentPage(**page(shown, query.limit, lambda item: f"{item.block}-{item.log_index}"))


@blueprint.get("/leases/<int:lease>/rent")
@limiter.limit(CHAIN_READS)
@documented(RentSoFar, 404, tag="Leases")
def show_rent(lease: int) -> RentSoFar:
    """Rent since delivery as of now, with the hours by tier and every figure that it comes from."""
    with reading() as tx:
        row, currency = found(tx, lease), vault_currency(tx)
    if row["start_day"] is None:
        raise ResourceUnknown(kind="rent of lease", id=lease)
    so_far = lease_live.rent_so_far(here().live, lease)
    figures = {"now": so_far["now"], "locked": so_far["lockedSeconds"], "tenths": so_far["tenths"]}
    lines = rent_lines.lines(row, **figures, charged=so_far["charged"])
    return RentSoFar.model_validate(so_far | {"lease": lease, "currency": currency, "lines": lines})


# Loans


@blueprint.get("/leases/<int:lease>/quote")
@limiter.limit(CHAIN_READS)
@documented(LoanQuote, 404, 409, tag="Leases")
def quote_loan(lease: int) -> LoanQuote:
    """Every figure of the loan that the lease would get today, read from the chain.

    409 when it would be refused: the problem names the contract's error, its values and its notice.
    """
    with reading() as tx:
        found(tx, lease)
        currency = vault_currency(tx)
    with refusals.counted(Application(PRODUCT, APPLICATION, lease), _lessor):
        offer = lease_live.quote(here().live, lease)
    return LoanQuote.model_validate(offer | {"lease": lease, "currency": currency, "grade": grade_name(offer["grade"])})


@blueprint.get("/leases/<int:lease>/loan/payments")
@documented(LoanPaymentPage, 404, tag="Leases")
def list_loan_payments(lease: int, query: Page) -> LoanPaymentPage:
    """What repaid the bank's loan, newest first."""
    with reading() as tx:
        if loans.found(tx, within(LEASE, lease, LARGEST_LEASE)) is None:
            raise ResourceUnknown(kind="loan on lease", id=lease)
        rows = loans.payments_of(tx, lease, before=pair(query.after), limit=query.limit + 1)
    shown = [LoanPayment.model_validate(row) for row in rows]
    return LoanPaymentPage(**page(shown, query.limit, lambda item: f"{item.block}-{item.log_index}"))


@blueprint.get("/conditions/leases")
@documented(OfferedLoans, tag="Leases")
def show_conditions() -> OfferedLoans:
    """Under what conditions the bank pays for machines, and the terms of every grade."""
    with reading() as tx:
        in_force, currency = loans.conditions_in_force(tx), vault_currency(tx)
        terms = [row for row in financings.listed_terms(tx) if treasury.PRODUCTS[row["product"]] == PRODUCT]
    conditions = in_force and in_force | {"gates": severities(in_force["gates"])}
    grades = [row | {"product": PRODUCT, "grade": grade_name(row["grade"])} for row in terms]
    return OfferedLoans.model_validate({"currency": currency, "in_force": conditions, "grades": grades})


def found(tx: Connection, lease: int) -> dict[str, Any]:
    """Raises ResourceUnknown."""
    row = leases.found(tx, within(LEASE, lease, LARGEST_LEASE))
    if row is None:
        raise ResourceUnknown(kind=LEASE, id=lease)
    return row


def shown_lease(row: dict[str, Any], day: int, currency: dict[str, Any]) -> dict[str, Any]:
    """A row as the schema Lease has it on that day."""
    start = row["start_day"]
    return row | {
        "status": leases.status_on(row, day),
        "currency": currency,
        "day": day,
        "tiers": [rent_lines.tier_shown(Tier(tier["through_tenths"], tier["rate"])) for tier in row["tiers"]],
        "overdue": leases.overdue_on(row, day),
        "claimable": row["received"] - row["released"],
        "financed": row["assignee"] is not None,
        "start": start,
        "end": None if start is None else start + row["periods"] * row["period_days"],
        "due": row["due_day"],
        "notice": row["notice_day"],
        "cure_through": row["cure_through_day"],
        "return_declared": row["return_day"],
    }


# Inside


def _lessor(tx: Connection, lease: int) -> int:
    """The bank pays the lessor."""
    lessor: int = found(tx, lease)["lessor"]
    return lessor
