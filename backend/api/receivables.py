"""Routes of receivables."""

from typing import Any

from flask import Blueprint
from sqlalchemy import Connection

from backend import days
from backend.api import refusals
from backend.api.context import currencies, here, page, reading, single, vault_currency, within
from backend.api.limits import CHAIN_READS, limiter
from backend.api.problems import ResourceUnknown
from backend.api.schemas import (
    LARGEST_RECEIVABLE,
    Quote,
    Receivable,
    ReceivableDetail,
    ReceivablePage,
    ReceivableQuery,
)
from backend.api.spec import documented
from backend.readmodel import receivables
from backend.records.refusals import APPLICATION, Application

PRODUCT = "Receivables"
FIRST_GRADE = ord("A")

blueprint = Blueprint("receivables", __name__, url_prefix="/v1/receivables")


@blueprint.get("")
@documented(ReceivablePage, tag="Receivables")
def list_receivables(query: ReceivableQuery) -> ReceivablePage:
    """Receivables, newest first."""
    with reading() as tx:
        rows = receivables.listed(
            tx,
            debtor=query.debtor,
            creditor=query.creditor,
            holder=query.holder,
            states=query.state,
            due_from=days.number_of(query.due_from) if query.due_from else None,
            due_to=days.number_of(query.due_to) if query.due_to else None,
            before=single(query.after),
            limit=query.limit + 1,
        )
        known = currencies(tx)
    shown = [Receivable.model_validate(_receivable(row, known)) for row in rows]
    return ReceivablePage(**page(shown, query.limit, lambda item: str(item.id)))


@blueprint.get("/<int:receivable>")
@documented(ReceivableDetail, 404, tag="Receivables")
def show_receivable(receivable: int) -> ReceivableDetail:
    """A receivable with the whole tree it is part of, and what happened to it."""
    with reading() as tx:
        row = receivables.found(tx, within("receivable", receivable, LARGEST_RECEIVABLE))
        if row is None:
            raise ResourceUnknown(kind="receivable", id=receivable)
        family = receivables.tree(tx, row["origin"])
        more = {"tree": _tree(family), "timeline": receivables.events_of(tx, receivable)}
        known = currencies(tx)
    return ReceivableDetail.model_validate(_receivable(row, known) | more)


@blueprint.get("/<int:receivable>/quote")
@limiter.limit(CHAIN_READS)
@documented(Quote, 404, 409, tag="Receivables")
def quote(receivable: int) -> Quote:
    """Today's offer, read from the chain.

    409 when there is none: the problem names the contract's error, its values and its notice.
    """
    asked = Application(PRODUCT, APPLICATION, within("receivable", receivable, LARGEST_RECEIVABLE))
    with refusals.counted(asked, _holder):
        offer = here().live.quote(receivable)
    with reading() as tx:
        currency = vault_currency(tx)
    figures = offer | {
        "receivable": receivable,
        "currency": currency,
        "start": offer["startDay"],
        "due": offer["dueDay"],
        "grade": grade_name(offer["grade"]),
    }
    return Quote.model_validate(figures)


def grade_name(grade: int) -> str:
    """Grades are letters, A the best."""
    return chr(FIRST_GRADE + grade)


def _holder(tx: Connection, receivable: int) -> int | None:
    row = receivables.found(tx, receivable)
    return row["holder_party"] if row else None


def _receivable(row: dict[str, Any], known: dict[int, dict[str, Any]]) -> dict[str, Any]:
    return row | {"currency": known[row["currency"]], "due": row["due_day"]}


def _tree(family: list[dict[str, Any]]) -> dict[str, Any]:
    """The registered receivable with its parts below it; parents come before their parts."""
    nodes = {row["id"]: row | {"parts": []} for row in family}
    for node in nodes.values():
        if node["parent"] is not None:
            nodes[node["parent"]]["parts"].append(node)
    return nodes[family[0]["id"]]
