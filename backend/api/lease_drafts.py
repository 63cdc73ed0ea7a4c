"""Routes of drafting leases: the annex of monitoring is kept here, the terms are what both wallets sign."""

import json as json_text
from typing import Any

from flask import Blueprint
from sqlalchemy import Connection

from backend import store
from backend.api import lease_live, sessions
from backend.api.context import here, reading
from backend.api.lease_schemas import Draft, DraftRequest, LeaseAnnex
from backend.api.leases import found as found_lease
from backend.api.limits import SIGNED_REQUESTS, count_draft, limiter
from backend.api.machines import MACHINE
from backend.api.machines import found as found_machine
from backend.api.problems import ResourceUnknown
from backend.api.spec import documented
from backend.chain import eip712
from backend.rent import ENDLESS
from backend.telemetry import kept
from backend.telemetry.rules import annex, ruleset
from backend.telemetry.rules.annex import Annex

AMOUNTS = {"price": "price", "deposit": "deposit", "buy_out_price": "buyOutPrice", "minimum": "minimum", "cap": "cap"}
NUMBERS = {
    "periods": "periods",
    "period_days": "periodDays",
    "due_days": "dueDays",
    "cure_days": "cureDays",
    "lock_notice_days": "lockNoticeDays",
    "late_rate_bps": "lateRateBps",
    "salt": "salt",
    "deadline": "deadline",
}

blueprint = Blueprint("lease_drafts", __name__, url_prefix="/v1/leases")


@blueprint.post("/drafts")
@limiter.limit(SIGNED_REQUESTS)
@documented(Draft, 400, 401, 403, 404, 413, 415, 422, tag="Leases")
def draft_lease(json: DraftRequest) -> Draft:
    """What lessor and lessee sign; one of them asks. The annex is kept under its hash, which is part of the terms."""
    who = sessions.signed_in()
    with reading() as tx:
        lessor = _lessor(tx, json.machine)
    if not who.party or who.party not in (lessor, json.lessee):
        raise ResourceUnknown(kind=MACHINE, id=json.machine)
    count_draft(who.party)
    watched = _annex(json)
    terms = _terms(json, lessor, watched)
    digest = lease_live.terms_digest(here().live, terms)
    with store.writing(here().engine) as tx:
        kept.put_annex(tx, watched)
    return Draft(rules_hash=watched.hash, digest=digest, annex=watched.document, typed_data=_typed(terms))


@blueprint.get("/<int:lease>/annex")
@documented(LeaseAnnex, 401, 404, tag="Leases")
def show_annex(lease: int) -> LeaseAnnex:
    """The annex of a lease: rules and region; for lessor, lessee and the bank's officers."""
    who = sessions.signed_in()
    with reading() as tx:
        row = found_lease(tx, lease)
        documents = kept.annex_documents(tx, [row["rules_hash"]])
    is_party = who.party and who.party in (row["lessor"], row["lessee"])
    if not documents or not (is_party or sessions.is_officer(here(), who.wallet)):
        raise ResourceUnknown(kind="annex of lease", id=lease)
    document = json_text.loads(documents[row["rules_hash"]])
    return LeaseAnnex(lease=lease, rules_hash=row["rules_hash"], document=document)


# Inside


def _lessor(tx: Connection, machine: int) -> int:
    """The party that holds the title. Raises ResourceUnknown."""
    holder: int | None = found_machine(tx, machine)["holder"]
    if holder is None:
        raise ResourceUnknown(kind=MACHINE, id=machine)
    return holder


def _annex(json: DraftRequest) -> Annex:
    """Raises AnnexInvalid, RuleSetInvalid."""
    given = json.annex
    rules_hash = ruleset.load(given.rules).hash if given.rules in ruleset.IDS else ""
    document = {"rules": given.rules, "rulesHash": rules_hash, "region": given.region, "timezone": given.timezone}
    return annex.parse(json_text.dumps(document).encode())


def _terms(json: DraftRequest, lessor: int, watched: Annex) -> dict[str, Any]:
    """IEquipmentLease.Terms."""
    tiers = [
        {"throughTenths": ENDLESS if tier.through_tenths is None else tier.through_tenths, "rate": int(tier.rate)}
        for tier in json.tiers
    ]
    return {
        "machine": json.machine,
        "lessor": lessor,
        "lessee": json.lessee,
        **{name: int(getattr(json, field)) for field, name in AMOUNTS.items()},
        **{name: getattr(json, field) for field, name in NUMBERS.items()},
        "tiers": tiers,
        "rulesHash": watched.hash,
        "documentHash": json.document_hash,
    }


def _typed(terms: dict[str, Any]) -> dict[str, Any]:
    """With amounts as decimal strings: a browser's numbers end before them."""
    suite = here().suite
    shown = terms | {name: str(terms[name]) for name in AMOUNTS.values()}
    shown["tiers"] = [tier | {"rate": str(tier["rate"])} for tier in terms["tiers"]]
    order = [field["name"] for field in eip712.LEASE_TERMS_TYPE]
    message = {name: shown[name] for name in order}
    return eip712.lease_terms(message, suite.address("EquipmentLease"), suite.chain_id)
