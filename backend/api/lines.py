"""Routes of credit lines: what is public about them."""

from typing import Any

from flask import Blueprint
from sqlalchemy import Connection, Table

from backend import days
from backend.api import line_limits, refusals, sessions
from backend.api.context import here, page, pair, present, reading, single, vault_currency, within
from backend.api.limits import CHAIN_READS, limiter
from backend.api.line_schemas import (
    Draw,
    DrawPage,
    DrawQuote,
    DrawQuoteQuery,
    LimitMove,
    LimitMovePage,
    Line,
    LineDetail,
    LineLimit,
    LineOpening,
    LinePage,
    LineQuery,
    OfferedConditions,
    Payment,
    PaymentPage,
    Statement,
    StatementPage,
)
from backend.api.problems import ResourceUnknown, language, problem
from backend.api.receivables import grade_name
from backend.api.schemas import LARGEST_PARTY, Answer, Page
from backend.api.spec import documented
from backend.readmodel import financings, lines, parties, treasury
from backend.records import evaluations
from backend.records.agreements import with_hash
from backend.records.refusals import APPLICATION, DRAW, Application

PRODUCT = "CreditLine"
LINE = "credit line of party"

blueprint = Blueprint("lines", __name__, url_prefix="/v1")


@blueprint.get("/lines")
@documented(LinePage, tag="Credit lines")
def list_lines(query: LineQuery) -> LinePage:
    """Lines by rising party, as they were after their last event."""
    with reading() as tx:
        rows = lines.listed(
            tx,
            status=query.status,
            frozen=query.frozen,
            in_arrears_on=days.day_of(present()) if query.arrears else None,
            after=single(query.after) or 0,
            limit=query.limit + 1,
        )
        currency = vault_currency(tx)
    shown = [Line.model_validate(_line(row, currency)) for row in rows]
    return LinePage(**page(shown, query.limit, lambda line: str(line.party)))


@blueprint.get("/lines/<int:party>")
@limiter.limit(CHAIN_READS)
@documented(LineDetail, 404, tag="Credit lines")
def show_line(party: int) -> LineDetail:
    """A party's line: what is owed today, read from the chain, and what became of it."""
    with reading() as tx:
        row, currency = found(tx, party), vault_currency(tx)
        happened = lines.changes_of(tx, party)
    return LineDetail.model_validate(_line(row, currency) | {"changes": happened, "owed": here().live.line_owed(party)})


@blueprint.get("/lines/<int:party>/draws")
@documented(DrawPage, 404, tag="Credit lines")
def list_draws(party: int, query: Page) -> DrawPage:
    """Draws, newest first."""
    return DrawPage(**_happened(lines.draws, Draw, party, query))


@blueprint.get("/lines/<int:party>/payments")
@documented(PaymentPage, 404, tag="Credit lines")
def list_payments(party: int, query: Page) -> PaymentPage:
    """Payments with what each went to, newest first."""
    return PaymentPage(**_happened(lines.payments, Payment, party, query))


@blueprint.get("/lines/<int:party>/limit/moves")
@documented(LimitMovePage, 404, tag="Credit lines")
def list_limit_moves(party: int, query: Page) -> LimitMovePage:
    """How the limit moved, newest first."""
    return LimitMovePage(**_happened(lines.limit_moves, LimitMove, party, query))


@blueprint.get("/lines/<int:party>/statements")
@documented(StatementPage, 404, tag="Credit lines")
def list_statements(party: int, query: Page) -> StatementPage:
    """Statements that billed something, newest first."""
    with reading() as tx:
        found(tx, party)
        rows = lines.statements_of(tx, party, before=single(query.after), limit=query.limit + 1)
    shown = [Statement.model_validate(row | {"close": row["close_day"], "due": row["due_day"]}) for row in rows]
    return StatementPage(**page(shown, query.limit, lambda statement: str(statement.number)))


# Offer and limit


@blueprint.get("/lines/<int:party>/quote")
@limiter.limit(CHAIN_READS)
@documented(DrawQuote, 404, 409, 422, tag="Credit lines")
def quote_draw(party: int, query: DrawQuoteQuery) -> DrawQuote:
    """Every figure of a draw today, read from the chain.

    409 when it would be refused: the problem names the contract's error, its values and its notice.
    """
    asked = Application(PRODUCT, DRAW, within(LINE, party, LARGEST_PARTY))
    with refusals.counted(asked, _itself):
        offer = here().live.line_quote(party, int(query.amount))
    with reading() as tx:
        currency = vault_currency(tx)
    days_ = {"close": offer["closeDay"], "pay": offer["payDay"], "maturity": offer["maturityDay"]}
    figures = offer | days_ | {"party": party, "currency": currency, "grade": grade_name(offer["grade"])}
    return DrawQuote.model_validate(figures)


@blueprint.get("/lines/<int:party>/limit")
@limiter.limit(CHAIN_READS)
@documented(LineLimit, 404, tag="Credit lines")
def show_limit(party: int) -> LineLimit:
    """The arithmetic of the limit today, or why nothing can be drawn; and to whom it belongs how it was proposed."""
    today = here().live.line_limit(within(LINE, party, LARGEST_PARTY))
    may_know = _may_know(party)
    with reading() as tx:
        currency = vault_currency(tx)
        newest = evaluations.newest(tx, party) if may_know else None
    private = {"proposal": line_limits.proposal(newest) if newest else None}
    facts = {"party": party, "currency": currency, "block": today["block"], "day": today["day"]}
    return LineLimit.model_validate(facts | private | _verdict(today))


@blueprint.get("/lines/<int:party>/opening")
@limiter.limit(CHAIN_READS)
@documented(LineOpening, 404, tag="Credit lines")
def show_opening(party: int) -> LineOpening:
    """The limit with which the party would open a line today, as if it did, or why it cannot."""
    with reading() as tx:
        known = parties.found(tx, within("party", party, LARGEST_PARTY))
        if known is None:
            raise ResourceUnknown(kind="party", id=party)
        currency = vault_currency(tx)
    wallet = next(wallet["wallet"] for wallet in known["wallets"] if wallet["successor"] is None)
    today = {"limit": None, "refusal": None} | here().live.line_opening(wallet)
    if today["refusal"]:
        refusals.note(Application(PRODUCT, APPLICATION, party), _itself, today["refusal"])
        today["refusal"] = problem(today["refusal"], language())
    return LineOpening.model_validate(today | {"party": party, "currency": currency})


@blueprint.get("/conditions/lines")
@documented(OfferedConditions, tag="Credit lines")
def show_conditions() -> OfferedConditions:
    """Under what conditions lines are opened, the terms of every grade, and the agreement with its hash."""
    with reading() as tx:
        history, currency = lines.conditions_history(tx), vault_currency(tx)
        terms = [row for row in financings.listed_terms(tx) if treasury.PRODUCTS[row["product"]] == PRODUCT]
    in_force = history[0] if history else None
    text = with_hash(in_force["agreement_hash"]) if in_force else None
    grades = [row | {"product": PRODUCT, "grade": grade_name(row["grade"])} for row in terms]
    agreement = {"hash": text.hash, "text": {"en": text.en, "zh": text.zh}} if text else None
    offered = {"in_force": in_force, "history": history, "grades": grades, "agreement": agreement}
    return OfferedConditions.model_validate(offered | {"currency": currency})


def found(tx: Connection, party: int) -> dict[str, Any]:
    """The party's line. Raises ResourceUnknown."""
    row = lines.found(tx, within(LINE, party, LARGEST_PARTY))
    if row is None:
        raise ResourceUnknown(kind=LINE, id=party)
    return row


# Inside


def _itself(_: Connection, party: int) -> int:
    return party


def _happened(table: Table, model: type[Answer], party: int, query: Page) -> dict[str, Any]:
    with reading() as tx:
        found(tx, party)
        rows = lines.moves(tx, table, party, before=pair(query.after), limit=query.limit + 1)
    shown = [model.model_validate(row) for row in rows]
    return page(shown, query.limit, lambda item: f"{item.block}-{item.log_index}")


def _may_know(party: int) -> bool:
    """Whether the request comes from the party itself or a bank officer."""
    try:
        sessions.require_own_or_officer(party)
    except (sessions.SignInNeeded, ResourceUnknown):
        return False
    return True


def _verdict(today: dict[str, Any]) -> dict[str, Any]:
    if "refusal" in today:
        nothing = dict.fromkeys(("grade", "score", "annual_rate_bps", "fee_bps", "limit", "available"))
        return nothing | {"lines": [], "refusal": problem(today["refusal"], language())}
    limit = today["limit"]
    return {
        "grade": grade_name(limit["grade"]),
        "score": limit["score"],
        "annual_rate_bps": limit["annualRateBps"],
        "fee_bps": limit["feeBps"],
        "limit": limit["limit"],
        "available": limit["available"],
        "lines": line_limits.on_chain(limit, today["inputs"]),
        "refusal": None,
    }


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
