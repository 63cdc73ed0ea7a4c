"""The route of the bank's business as a whole: public figures, from the read model."""

import re
from collections import Counter
from typing import Any

from flask import Blueprint
from sqlalchemy import Connection

from backend import days
from backend.api.context import here, reading, vault_currency
from backend.api.desk_schemas import Operations
from backend.api.limits import CHAIN_READS, limiter
from backend.api.machines import severities
from backend.api.service import catalogue, position
from backend.api.spec import documented
from backend.desk import portfolio as rules
from backend.readmodel import flows, portfolio, treasury
from backend.records import feedback, refusals, signers
from backend.telemetry.alarms import Alarm, Severity
from backend.telemetry.rules import texts

APPROVED = {"Receivables": "financed", "CreditLine": "opened", "Lease": "financed"}
PLACEHOLDER = re.compile(r"\{\w+\}")
SUMS = ("disbursed", "repaid", "written_off", "from_cover", "recovered")

blueprint = Blueprint("operations", __name__, url_prefix="/v1/operations")


@blueprint.get("")
@limiter.limit(CHAIN_READS)
@documented(Operations, tag="Operations")
def show_operations() -> Operations:
    """How the bank's business stands: applications, arrears, losses by product; oracle, alarms, and what parties say.

    Every figure is explained in the answer; docs/operations.md has the same with examples.
    """
    head = here().live.head()
    today = days.day_of(head.timestamp)
    with reading() as tx:
        block, currency = position(tx).number, vault_currency(tx)
        figures = _business(tx, today)
        lanes, signing = _lanes(portfolio.last_reports(tx), head.timestamp), _signers(tx)
        words, said = portfolio.alarm_words(tx), feedback.recent(tx, head.timestamp)
    facts = {"day": today, "at": head.timestamp, "block": block, "currency": currency}
    state = {"lanes": lanes, "signers": signing, "alarms": _alarms(words), "nps": _promoters(said)}
    return Operations.model_validate(facts | figures | state | {"explanations": rules.texts()["explanations"]})


# Inside


def _business(tx: Connection, today: int) -> dict[str, Any]:
    loans, flowed, funnel = portfolio.outstanding_loans(tx, today), flows.listed(tx), portfolio.funnel(tx)
    refused = refusals.listed(tx)
    products = []
    for number, product in enumerate(treasury.PRODUCTS):
        of_product = [row for row in refused if row["product"] == product]
        applied = [row for row in of_product if row["step"] == refusals.APPLICATION]
        figures = _figures(
            [loan for loan in loans if loan["product"] == product],
            [row for row in flowed if row["product"] == number],
            funnel[product][APPROVED[product]],
            sum(row["count"] for row in applied),
            today,
        )
        shown = {"product": product, "name": rules.texts()["products"][product], "funnel": _steps(funnel[product])}
        products.append(figures | shown | {"refusals_by_reason": [_refusal(row) for row in of_product]})
    approved, declined = (sum(product[name] for product in products) for name in ("approvals", "refusals"))
    return {"total": _figures(loans, flowed, approved, declined, today), "products": products}


def _figures(
    loans: list[dict[str, Any]], flowed: list[dict[str, Any]], approved: int, refused: int, today: int
) -> dict[str, Any]:
    standing = rules.standing(loans, today)
    for bucket in standing["overdue"]:
        bucket["name"] = rules.texts()["buckets"][bucket["bucket"]]
    series = {"disbursed_by_day": rules.series(flowed, today)}
    return standing | rules.approvals(approved, refused) | rules.sums(flowed, SUMS) | series


def _steps(counts: dict[str, int]) -> list[dict[str, Any]]:
    return [{"step": step, "name": rules.texts()["steps"][step], "count": count} for step, count in counts.items()]


def _refusal(row: dict[str, Any]) -> dict[str, Any]:
    notices = next(entry["notices"] for entry in catalogue() if entry["code"] == row["reason"])
    return row | {"text": {language: PLACEHOLDER.sub("…", text) for language, text in notices.items()}}


def _lanes(reported: dict[str, int | None], now: int) -> list[dict[str, Any]]:
    return [
        {
            "lane": lane,
            "name": rules.texts()["lanes"][lane],
            "reported_at": at or 0,
            "age_seconds": None if at is None else max(0, now - at),
        }
        for lane, at in reported.items()
    ]


def _signers(tx: Connection) -> dict[str, Any]:
    in_force, health = portfolio.signers(tx), signers.health(tx)
    items = []
    for signer in in_force["signers"]:
        counts = {name: health[name][signer] for name in ("signed", "refused")}
        items.append({"signer": signer, **counts, "seen": any(counts.values())})
    seen = sum(item["seen"] for item in items)
    quorum = seen >= in_force["threshold"] if health["rounds"] else None
    return in_force | {"rounds": health["rounds"], "quorum": quorum, "items": items}


def _alarms(words: list[int]) -> list[dict[str, Any]]:
    counts = Counter(raised for word in words for raised in severities(word).items())
    return [
        {
            "alarm": alarm,
            "name": texts.alarm(Alarm[alarm.upper()]),
            "severity": severity,
            "severity_name": texts.severity(Severity[severity.upper()]),
            "machines": machines,
        }
        for (alarm, severity), machines in sorted(counts.items())
    ]


def _promoters(said: feedback.Promotion) -> dict[str, Any]:
    counts = {"promoters": said.promoters, "passives": said.passives, "detractors": said.detractors}
    return counts | {"score": said.net, "answers": said.answers}
