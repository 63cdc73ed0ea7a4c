"""Routes of credit lines: what is public about them."""

from typing import Any

from flask import Blueprint
from sqlalchemy import Connection

from backend.api.context import here, page, reading, single, vault_currency, within
from backend.api.limits import CHAIN_READS, limiter
from backend.api.line_schemas import Line, LineDetail, LinePage, LineQuery
from backend.api.problems import ResourceUnknown
from backend.api.schemas import LARGEST_PARTY
from backend.api.spec import documented
from backend.readmodel import lines

blueprint = Blueprint("lines", __name__, url_prefix="/v1")


@blueprint.get("/lines")
@documented(LinePage, tag="Credit lines")
def list_lines(query: LineQuery) -> LinePage:
    """Lines by rising party, as they were after their last event."""
    with reading() as tx:
        after = single(query.after) or 0
        rows = lines.listed(tx, status=query.status, frozen=query.frozen, after=after, limit=query.limit + 1)
        currency = vault_currency(tx)
    shown = [Line.model_validate(_line(row, currency)) for row in rows]
    return LinePage(**page(shown, query.limit, lambda line: str(line.party)))


@blueprint.get("/lines/<int:party>")
@limiter.limit(CHAIN_READS)
@documented(LineDetail, 404, tag="Credit lines")
def show_line(party: int) -> LineDetail:
    """A party's line: what is owed today, read from the chain, and what became of it."""
    with reading() as tx:
        row, currency = _found(tx, party), vault_currency(tx)
        happened = lines.changes_of(tx, party)
    return LineDetail.model_validate(_line(row, currency) | {"changes": happened, "owed": here().live.line_owed(party)})


# Inside


def _found(tx: Connection, party: int) -> dict[str, Any]:
    """Raises ResourceUnknown."""
    row = lines.found(tx, within("line", party, LARGEST_PARTY))
    if row is None:
        raise ResourceUnknown(kind="line", id=party)
    return row


def _line(row: dict[str, Any], currency: dict[str, Any]) -> dict[str, Any]:
    drawn = row["drawn"]
    return row | {
        "currency": currency,
        "average_rate_bps": -(-row["per_day"] // drawn) if drawn else None,
        "rise": row["rise_day"],
        "due": row["due_day"],
        "opened": row["opened_day"],
        "next_close": row["next_close_day"],
        "maturity": row["maturity_day"],
        "notice": row["notice_day"],
        "cure_through": row["cure_through_day"],
    }
