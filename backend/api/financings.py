"""Routes of financings."""

from typing import Any

from flask import Blueprint

from backend import days
from backend.api.context import currencies, here, page, pair, present, reading, within
from backend.api.limits import CHAIN_READS, limiter
from backend.api.problems import ResourceUnknown
from backend.api.schemas import LARGEST_RECEIVABLE, Financing, FinancingDetail, FinancingPage, FinancingQuery
from backend.api.spec import documented
from backend.readmodel import financings, receivables

blueprint = Blueprint("financings", __name__, url_prefix="/v1/financings")


@blueprint.get("")
@documented(FinancingPage, tag="Financings")
def list_financings(query: FinancingQuery) -> FinancingPage:
    """Financings, those of the newest receivable first."""
    with reading() as tx:
        rows = financings.listed(
            tx,
            debtor=query.debtor,
            seller=query.seller,
            status=query.status,
            in_arrears_on=days.day_of(present()) if query.arrears else None,
            before=pair(query.after),
            limit=query.limit + 1,
        )
        known = currencies(tx)
    shown = [Financing.model_validate(_financing(row, known)) for row in rows]
    return FinancingPage(**page(shown, query.limit, lambda item: f"{item.receivable}-{item.turn}"))


@blueprint.get("/<int:receivable>")
@limiter.limit(CHAIN_READS)
@documented(FinancingDetail, 404, tag="Financings")
def show_financing(receivable: int) -> FinancingDetail:
    """The latest financing of a receivable: what is owed today (read from the chain), earlier turns, what happened."""
    with reading() as tx:
        rows = financings.turns(tx, within("financing", receivable, LARGEST_RECEIVABLE))
        if not rows:
            raise ResourceUnknown(kind="financing", id=receivable)
        known = currencies(tx)
        happened = receivables.events_of(tx, receivable, "Factoring")
    latest, *earlier = [_financing(row, known) for row in rows]
    owed = here().live.owed(receivable)
    return FinancingDetail.model_validate(latest | {"earlier": earlier, "timeline": happened, "owed": owed})


def _financing(row: dict[str, Any], known: dict[int, dict[str, Any]]) -> dict[str, Any]:
    return row | {
        "currency": known[row["currency"]],
        "start": row["start_day"],
        "due": row["due_day"],
        "notice": row["notice_day"],
        "cure_through": row["cure_through_day"],
    }
