"""Routes of a merchant's score in detail: for the merchant itself and for bank officers.

Whoever else asks gets the answer that there is no such party.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint
from sqlalchemy import Connection

from backend.api import sessions
from backend.api.context import here, page, reading, single, within
from backend.api.line_limits import proposal
from backend.api.line_schemas import Evaluation, EvaluationPage, MerchantScore
from backend.api.live import Live
from backend.api.problems import ResourceUnknown
from backend.api.reasons import flags, reason
from backend.api.receivables import grade_name
from backend.api.rooms import private_room, reported_parties
from backend.api.schemas import LARGEST_PARTY, Page
from backend.api.spec import documented
from backend.chain.reports import decode_limit
from backend.readmodel import parties, scores
from backend.records import evaluations
from backend.scoring.notices import notice
from backend.store.feed import PRIVATE, Item

blueprint = Blueprint("merchant_scores", __name__, url_prefix="/v1/merchants")


@blueprint.get("/<int:party>/score")
@documented(MerchantScore, 401, 404, tag="Scores")
def show_score(party: int) -> MerchantScore:
    """The score in force with reasons and what would improve them, the newest evaluation, and whether it is renewed."""
    _require_access(party)
    with reading() as tx:
        if parties.found(tx, party) is None:
            raise ResourceUnknown(kind="party", id=party)
        score, newest = scores.found(tx, party), evaluations.newest(tx, party)
        standing = evaluations.standing(tx, party)
    return MerchantScore.model_validate(
        {
            "party": party,
            "consented": bool(score and score["consented"]),
            "held": bool(score and score["held"]),
            "in_force": _in_force(score) if score and score["value"] else None,
            "newest": _evaluation(here().live, newest) if newest else None,
            "standing": _standing(standing) if standing else None,
        }
    )


@blueprint.get("/<int:party>/score/history")
@documented(EvaluationPage, 401, 404, tag="Scores")
def list_evaluations(party: int, query: Page) -> EvaluationPage:
    """What the oracle found about the merchant and reported, newest first; the last one whether reported or not."""
    _require_access(party)
    with reading() as tx:
        found = evaluations.history(tx, party, query.limit + 1, before=single(query.after))
    paged = page(found, query.limit, lambda evaluation: str(evaluation.at))
    items = [_evaluation(here().live, evaluation) for evaluation in paged["items"]]
    return EvaluationPage.model_validate(paged | {"items": items})


# Push


def explanations(live: Live, tx: Connection, item: Item, is_heard: Callable[[str], bool]) -> list[dict[str, Any]]:
    """What goes to private rooms with a report of scores: to each merchant in it, what was found about it."""
    if item.kind != "ScoresReported":
        return []
    place = scores.place_of_report(tx, item.block, int(item.payload["arguments"]["round"])) if item.block else None
    if place is None:
        return []
    rooms = {party: private_room(party) for party in reported_parties(item)}
    found = (evaluations.reported(tx, party, place) for party, room in rooms.items() if is_heard(room))
    return [
        {
            "cursor": str(item.cursor),
            "topic": PRIVATE,
            "key": str(evaluation.party),
            "kind": "ScoreExplained",
            "block": item.block,
            "payload": Evaluation.model_validate(_evaluation(live, evaluation)).model_dump(mode="json"),
            "rooms": [rooms[evaluation.party]],
        }
        for evaluation in found
        if evaluation
    ]


# Inside


def _require_access(party: int) -> None:
    """Raises SignInNeeded, ResourceUnknown."""
    sessions.require_own_or_officer(within("party", party, LARGEST_PARTY))


def _in_force(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "grade": grade_name(here().live.grade(row["value"])),
        "limit_yuan": decode_limit(row["limit_code"]),
        "reasons": [reason(code) for code in row["reasons"]],
        "flags": flags(row["flags"] | scores.HELD_FLAG * row["held"]),
    }


def _evaluation(live: Live, found: evaluations.Evaluation) -> dict[str, Any]:
    return {
        "at": found.at,
        "value": found.score,
        "grade": grade_name(live.grade(found.score)),
        "pd_ppm": found.pd_ppm,
        "reasons": [reason(code) for code in found.reasons],
        "flags": flags(found.flags),
        "consent_epoch": found.consent_epoch,
        "model": found.model,
        "model_hash": found.model_hash,
        "notice": notice(found.model_hash),
        "features_hash": found.features_hash,
        "figures": found.figures,
        "limit": proposal(found),
        "due": found.due,
        "signer_set": found.signer_set,
        "round": found.round,
    }


def _standing(found: evaluations.Standing) -> dict[str, Any]:
    en, zh = found.texts
    renewed = found.state is evaluations.State.RENEWED
    when = {"since": found.since, "evaluated_at": found.evaluated_at}
    return {"state": found.state.value, "renewed": renewed, "text": {"en": en, "zh": zh}} | when
