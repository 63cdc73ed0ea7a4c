"""Routes of the treasury and of the bank's policy."""

from flask import Blueprint

from backend.api.context import here, page, reading, single, vault_currency
from backend.api.limits import CHAIN_READS, limiter
from backend.api.receivables import grade_name
from backend.api.schemas import Exposure, ExposurePage, Lenders, Page, Policy, Treasury, TreasuryValue
from backend.api.spec import documented
from backend.readmodel import financings, treasury

blueprint = Blueprint("treasury", __name__, url_prefix="/v1")


@blueprint.get("/treasury")
@documented(Treasury, tag="Treasury")
def show_treasury() -> Treasury:
    """Cash, what is owed, expected and booked losses, and the first-loss cover."""
    with reading() as tx:
        return Treasury.model_validate(treasury.summary(tx) | {"currency": vault_currency(tx)})


@blueprint.get("/treasury/value")
@limiter.limit(CHAIN_READS)
@documented(TreasuryValue, tag="Treasury")
def show_value() -> TreasuryValue:
    """Value of the vault today, read from the chain."""
    with reading() as tx:
        currency = vault_currency(tx)
    return TreasuryValue.model_validate(here().live.value() | {"currency": currency})


@blueprint.get("/treasury/exposures")
@documented(ExposurePage, tag="Treasury")
def list_exposures(query: Page) -> ExposurePage:
    """Limits and debts of all parties, by rising number."""
    with reading() as tx:
        rows = treasury.listed_exposures(tx, after=single(query.after) or 0, limit=query.limit + 1)
    shown = [Exposure.model_validate(row) for row in rows]
    return ExposurePage(**page(shown, query.limit, lambda item: str(item.party)))


@blueprint.get("/treasury/lenders")
@documented(Lenders, tag="Treasury")
def list_lenders() -> Lenders:
    """Who holds shares of the treasury."""
    with reading() as tx:
        return Lenders.model_validate({"items": treasury.lenders(tx)})


@blueprint.get("/policy")
@documented(Policy, tag="Treasury")
def show_policy() -> Policy:
    """Terms by product and grade; what is not listed is refused."""
    with reading() as tx:
        rows = financings.listed_terms(tx)
    items = [row | {"product": treasury.PRODUCTS[row["product"]], "grade": grade_name(row["grade"])} for row in rows]
    return Policy.model_validate({"items": items})
