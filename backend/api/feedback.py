"""Routes of feedback: given by parties, read by the bank's officers."""

from typing import Any

from flask import Blueprint

from backend import store
from backend.api import sessions
from backend.api.context import here, page, present, reading, single
from backend.api.desk_schemas import Feedback, FeedbackGiven, FeedbackPage, FeedbackQuery
from backend.api.limits import SIGNED_REQUESTS, count_feedback, limiter
from backend.api.spec import documented
from backend.errors import HeqiError
from backend.records import feedback

blueprint = Blueprint("feedback", __name__, url_prefix="/v1/feedback")


class PartyNeeded(HeqiError):
    notice_en = "Only a party may do this; the wallet {wallet} acts for the bank alone."
    notice_zh = "仅参与方可执行此操作；钱包 {wallet} 仅代表银行。"
    status = 403


@blueprint.post("")
@limiter.limit(SIGNED_REQUESTS)
@documented(Feedback, 400, 401, 403, 413, 415, 422, tag="Feedback")
def give_feedback(json: FeedbackGiven) -> Feedback:
    """Say what you think of the service. An answer replaces the party's answer to the topic of the last 30 days."""
    who = sessions.signed_in()
    if not who.party:
        raise PartyNeeded(wallet=who.wallet)
    count_feedback(who.party)
    with store.writing(here().engine) as tx:
        row = feedback.give(tx, who.party, json.topic, json.score, json.text, now=present())
    return Feedback.model_validate(_shown(row))


@blueprint.get("")
@limiter.limit(SIGNED_REQUESTS)
@documented(FeedbackPage, 401, 404, tag="Feedback")
def list_feedback(query: FeedbackQuery) -> FeedbackPage:
    """Answers of all parties, newest first; the bank's officers alone."""
    sessions.require_officer()
    with reading() as tx:
        rows = feedback.listed(
            tx,
            topic=query.topic,
            least=query.least,
            most=query.most,
            with_text=query.with_text,
            before=single(query.after),
            limit=query.limit + 1,
        )
    shown = [Feedback.model_validate(_shown(row)) for row in rows]
    return FeedbackPage(**page(shown, query.limit, lambda item: str(item.id)))


@blueprint.delete("")
@limiter.limit(SIGNED_REQUESTS)
@documented(None, 401, 403, tag="Feedback")
def withdraw_feedback() -> tuple[str, int]:
    """Delete every answer of the party."""
    who = sessions.signed_in()
    with store.writing(here().engine) as tx:
        feedback.erase(tx, who.party)
    return "", 204


def _shown(row: Any) -> dict[str, Any]:
    return dict(row) | {"topic_name": feedback.TOPICS[row["topic"]]}
