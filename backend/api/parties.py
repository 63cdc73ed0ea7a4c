"""Routes of parties and their credit scores."""

from typing import Any

from flask import Blueprint

from backend.api.context import currencies, page, reading, single, triple, within
from backend.api.problems import ResourceUnknown
from backend.api.reasons import reason
from backend.api.schemas import (
    LARGEST_PARTY,
    Consents,
    Credits,
    Models,
    Party,
    PartyDetail,
    PartyPage,
    PartyQuery,
    Score,
    ScoreHistoryQuery,
    ScoreRecordPage,
)
from backend.api.spec import documented
from backend.chain.abi import checksum
from backend.chain.reports import decode_limit
from backend.readmodel import financings, parties, receivables, scores, treasury
from backend.scoring.notices import notice

blueprint = Blueprint("parties", __name__, url_prefix="/v1")


@blueprint.get("/parties")
@documented(PartyPage, tag="Parties")
def list_parties(query: PartyQuery) -> PartyPage:
    """Parties by rising number."""
    with reading() as tx:
        found = parties.listed(tx, role=query.role, after=single(query.after) or 0, limit=query.limit + 1)
        owing = treasury.exposures_of(tx, [row["party"] for row in found])
    shown = [Party.model_validate(_party(row) | {"exposure": owing[row["party"]]}) for row in found]
    return PartyPage(**page(shown, query.limit, lambda party: str(party.party)))


@blueprint.get("/parties/<int:party>")
@documented(PartyDetail, 404, tag="Parties")
def show_party(party: int) -> PartyDetail:
    """A party with its wallets, its exposure and the conditions under which its debts are financed."""
    return _detail(within("party", party, LARGEST_PARTY))


@blueprint.get("/wallets/<wallet>")
@documented(PartyDetail, 404, tag="Parties")
def show_party_of_wallet(wallet: str) -> PartyDetail:
    """The party that uses a wallet today."""
    unknown = ResourceUnknown(kind="wallet", id=wallet[:42])
    try:
        address = checksum(wallet)
    except ValueError:
        raise unknown from None
    with reading() as tx:
        number = parties.number_of(tx, address)
    if number is None:
        raise unknown
    return _detail(number)


@blueprint.get("/parties/<int:party>/score")
@documented(Score, 404, tag="Scores")
def show_score(party: int) -> Score:
    """The score in force with its reasons, and the one that waits for a risk officer.

    404 when the party never consented to being scored.
    """
    with reading() as tx:
        found = scores.found(tx, within("party", party, LARGEST_PARTY))
    if found is None:
        raise ResourceUnknown(kind="score of party", id=party)
    proposal = found["proposal"]
    return Score.model_validate(_score(found) | {"proposal": _score(proposal) if proposal else None})


@blueprint.get("/parties/<int:party>/consents")
@documented(Consents, tag="Scores")
def list_consents(party: int) -> Consents:
    """Every consent that a party ever gave, oldest first; none for a party that never gave one."""
    with reading() as tx:
        given = scores.consents_of(tx, within("party", party, LARGEST_PARTY))
    return Consents.model_validate({"items": given})


@blueprint.get("/parties/<int:party>/score/history")
@documented(ScoreRecordPage, tag="Scores")
def list_score_records(party: int, query: ScoreHistoryQuery) -> ScoreRecordPage:
    """Every record that was ever reported about a party, newest first, with what became of it."""
    number = within("party", party, LARGEST_PARTY)
    with reading() as tx:
        found = scores.history(tx, number, before=triple(query.after), limit=query.limit + 1)
    shown = [_score(row) for row in found]
    return ScoreRecordPage(**page(shown, query.limit, lambda row: f"{row['signer_set']}-{row['round']}-{row['place']}"))


@blueprint.get("/parties/<int:party>/credits")
@documented(Credits, 404, tag="Parties")
def list_credits(party: int) -> Credits:
    """Proceeds of receivables that the party has passed on, not yet collected."""
    with reading() as tx:
        row = parties.found(tx, within("party", party, LARGEST_PARTY))
        if row is None:
            raise ResourceUnknown(kind="party", id=party)
        known = currencies(tx)
        credits = receivables.credits_of(tx, [wallet["wallet"] for wallet in row["wallets"]])
    items = [credit | {"currency": known[credit["currency"]]} for credit in credits]
    return Credits.model_validate({"items": items})


@blueprint.get("/models")
@documented(Models, tag="Scores")
def list_models() -> Models:
    """Scoring models that are or were in use."""
    with reading() as tx:
        return Models.model_validate(
            {"items": [row | {"notice": notice(row["hash"])} for row in scores.listed_models(tx)]}
        )


def _detail(number: int) -> PartyDetail:
    with reading() as tx:
        row = parties.found(tx, number)
        if row is None:
            raise ResourceUnknown(kind="party", id=number)
        more = {"exposure": treasury.exposure(tx, number), "facility": financings.facility(tx, number)}
    return PartyDetail.model_validate(_party(row) | more)


def _party(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"roles": [name for name, bit in parties.ROLES.items() if row["roles"] & bit]}


def _score(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "limit_yuan": decode_limit(row["limit_code"]),
        "reasons": [reason(code) for code in row["reasons"]],
    }
