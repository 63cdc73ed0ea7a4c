"""Routes for an auditor: where a claim comes from, whether it was financed once, who reported, who changed what."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any

from flask import Blueprint
from sqlalchemy import Connection

from backend.api.audit_schemas import (
    ChangesQuery,
    ConsentEventPage,
    ConsentsQuery,
    DoubleFinancing,
    DoubleFinancingQuery,
    OracleQuery,
    OracleReportPage,
    Provenance,
    SignerSets,
    SuiteChangePage,
)
from backend.api.context import currencies, here, page, pair, reading, within
from backend.api.explorer import place_of
from backend.api.limits import CHAIN_READS, limiter
from backend.api.problems import ResourceUnknown
from backend.api.schemas import LARGEST_RECEIVABLE
from backend.api.service import position
from backend.api.spec import documented
from backend.api.who import People, senders
from backend.chain import reports
from backend.chain.decoding import score_report
from backend.chain.history import Answer
from backend.readmodel import audit, changes, events, financings, receivables
from backend.readmodel.scores import PURPOSES
from backend.records import consents

CHECKS = "5/second"  # the whole book is read
MOST_EVENTS = 2_000  # a claim may have thousands of parts, and every transaction is looked up
CONSENTS = (("CreditOracle", "ConsentGranted"), ("CreditOracle", "ConsentRevoked"))
FINANCED = "ReceivableFinanced"
DISBURSED = ("Treasury", "Disbursed")
DOCUMENT = re.compile(r"documentHash|registryReference|reason")
NO_HASH = "0x" + "0" * 64
RULES = {
    "registered_twice": {
        "en": "One invoice of a debtor is registered at most once.",
        "zh": "同一债务人的同一发票至多登记一次。",
    },
    "financed_twice": {
        "en": "A receivable is financed again only after the financing before has ended.",
        "zh": "同一应收账款须待前次融资结清后方可再次融资。",
    },
    "financed_with_its_part": {
        "en": "Nothing is financed together with what it was split from.",
        "zh": "拆分所得与其被拆分的应收账款不得同时融资。",
    },
    "financed_beyond_face": {
        "en": "What is financed under one registered receivable does not exceed its face.",
        "zh": "同一登记应收账款项下的在途融资合计不超过其票面金额。",
    },
}

Shown = dict[str, Any]

NOT_TOLD: Shown = {"signer_set": None, "signers": None}

blueprint = Blueprint("audit", __name__, url_prefix="/v1/audit")


@blueprint.get("/receivables/<int:receivable>/provenance")
@limiter.limit(CHAIN_READS)
@documented(Provenance, 404, tag="Audit")
def show_provenance(receivable: int) -> Provenance:
    """A receivable's whole tree, everything that happened to it, its documents, and where the money went."""
    with reading() as tx:
        row = receivables.found(tx, within("receivable", receivable, LARGEST_RECEIVABLE))
        if row is None:
            raise ResourceUnknown(kind="receivable", id=receivable)
        people, family = People(tx), receivables.tree(tx, row["origin"])
        happened = receivables.events_of_family(tx, row["origin"], MOST_EVENTS)
        by = senders(happened)
        told = [people.told(event, by.get(event["transaction_hash"])) for event in happened]
        found = audit.check(tx, receivable=receivable)
        return Provenance.model_validate(
            {
                "receivable": receivable,
                "origin": row["origin"],
                "fingerprint": row["fingerprint"],
                "currency": currencies(tx)[row["currency"]],
                "due": row["due_day"],
                "block": taken_at(tx),
                "tree": _tree(people, family),
                "events": told,
                "documents": list(_documents(happened)),
                "financings": _financings(tx, people, happened, told),
                "conflicts": told_conflicts(found.conflicts),
            }
        )


@blueprint.get("/double-financing")
@limiter.limit(CHECKS)
@documented(DoubleFinancing, 404, tag="Audit")
def check_double_financing(query: DoubleFinancingQuery) -> DoubleFinancing:
    """Whether a claim is financed more than once: one fingerprint, one receivable, or the whole book."""
    with reading() as tx:
        found = audit.check(tx, fingerprint=query.fingerprint, receivable=query.receivable)
        block = taken_at(tx)
    is_one = query.fingerprint is not None or query.receivable is not None
    if is_one and not found.claims:
        kind = "fingerprint" if query.fingerprint else "receivable"
        raise ResourceUnknown(kind=kind, id=query.fingerprint or query.receivable)
    answer = checked(found) | {"block": block, "registered_as": None}
    if is_one:
        first = found.claims[0]
        answer["registered_as"] = here().live.receivable_of_invoice(first["debtor"], first["fingerprint"]) or None
        answer |= {"receivables": found.claims, "financings": found.turns}
    return DoubleFinancing.model_validate(answer)


@blueprint.get("/oracle")
@limiter.limit(CHAIN_READS)
@documented(OracleReportPage, tag="Audit")
def list_oracle_reports(query: OracleQuery) -> OracleReportPage:
    """Every report of scores, newest first, with who signed it and what became of its records."""
    with reading() as tx:
        rows = audit.score_reports(
            tx, model=query.model, party=query.party, before=pair(query.after), limit=query.limit + 1
        )
        sets = changes.signer_sets(tx)
        people = People(tx)
        signed = signatures(sets, rows[: query.limit])
        shown = [
            row | {"relayer": people.who(row["relayer"]), **signed.get(row["transaction_hash"], NOT_TOLD)}
            for row in rows
        ]
    return OracleReportPage.model_validate(page(shown, query.limit, place_of))


@blueprint.get("/changes")
@limiter.limit(CHAIN_READS)
@documented(SuiteChangePage, tag="Audit")
def list_changes(query: ChangesQuery) -> SuiteChangePage:
    """Changes of roles, parameters, models, signers, verifications and holds, newest first, with what was before."""
    with reading() as tx:
        rows = changes.listed(
            tx, matter=query.matter, contract=query.contract, before=pair(query.after), limit=query.limit + 1
        )
        people, by = People(tx), senders(rows[: query.limit])
        delayed = changes.operations_of(tx, sorted({row["transaction_hash"] for row in rows}))
        shown = [
            people.told(row, by.get(row["transaction_hash"]))
            | {
                "before": _former(people, row),
                "operations": [_operation(people, one) for one in delayed.get(row["transaction_hash"], [])],
            }
            for row in rows
        ]
    return SuiteChangePage.model_validate(page(shown, query.limit, place_of))


@blueprint.get("/consents")
@limiter.limit(CHAIN_READS)
@documented(ConsentEventPage, tag="Audit")
def list_consents(query: ConsentsQuery) -> ConsentEventPage:
    """Every consent that was given or withdrawn, newest first."""
    with reading() as tx:
        rows = consent_events(
            tx, party=query.party, purpose=query.purpose, before=pair(query.after), limit=query.limit + 1
        )
        people, by = People(tx), senders(rows[: query.limit])
        shown = [row | {"sender": people.maybe(by.get(row["transaction_hash"]))} for row in rows]
    return ConsentEventPage.model_validate(page(shown, query.limit, place_of))


@blueprint.get("/signers")
@limiter.limit(CHAIN_READS)
@documented(SignerSets, tag="Audit")
def list_signer_sets() -> SignerSets:
    """Who had to sign the reports of each oracle, and until when."""
    with reading() as tx:
        rows, people = signer_sets(tx), People(tx)
        by = senders(rows)
        items = [
            row
            | {
                "signers": [people.who(signer) for signer in row["signers"]],
                "sender": people.maybe(by.get(row["transaction_hash"])),
            }
            for row in rows
        ]
    return SignerSets.model_validate({"items": items})


# What the export tells too


def taken_at(tx: Connection) -> Shown:
    """The block that the read model stands at. Raises ReadModelMissing."""
    at = position(tx)
    return {"number": at.number, "hash": at.hash}


def checked(found: audit.Check) -> Shown:
    """Counts, rules and conflicts of a check."""
    counts = {
        "receivables": len(found.claims),
        "registered": sum(claim["parent"] is None for claim in found.claims),
        "fingerprints": len({claim["fingerprint"] for claim in found.claims}),
        "financings": len(found.turns),
        "open": sum(turn["closed_at"] is None for turn in found.turns),
    }
    told = told_conflicts(found.conflicts)
    evidence: Shown = {"receivables": [], "financings": []}
    return {"clean": not told, "counts": counts, "conflicts": told, "rules": RULES, **evidence}


def told_conflicts(conflicts: Iterable[audit.Conflict]) -> list[Shown]:
    return [{"rule": one.rule, "receivables": list(one.receivables), "text": RULES[one.rule]} for one in conflicts]


def consent_events(
    tx: Connection, *, party: int | None = None, purpose: str | None = None, **range_: Any
) -> list[Shown]:
    """Consents given and withdrawn; `range_` as `events.listed` takes it."""
    subjects = [events.party(party)] if party is not None else []
    number = None if purpose is None else str(PURPOSES.index(purpose))
    rows = events.listed(tx, kinds=CONSENTS, subjects=subjects, argument=("purpose", number), **range_)
    names = {text.hash: f"{text.purpose.name.capitalize()} {text.version}" for text in consents.texts()}
    return [_consent(row, names) for row in rows]


def signer_sets(tx: Connection) -> list[Shown]:
    """Sets of both oracles, newest first, with `until` when the next one of the same oracle began."""
    found: list[Shown] = []
    ends: dict[str, int] = {}
    for row in changes.signer_sets(tx):
        arguments = row["arguments"]
        found.append(
            {
                "oracle": row["contract"],
                "signer_set": int(arguments["signerSet"]),
                "threshold": int(arguments["threshold"]),
                "signers": arguments["signers"],
                "since": row["at"],
                "until": ends.get(row["contract"], 0),
                "block": row["block"],
                "log_index": row["log_index"],
                "transaction_hash": row["transaction_hash"],
            }
        )
        ends[row["contract"]] = row["at"]
    return found


def signatures(sets: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> dict[str, Shown]:
    """Who signed the reports of these transactions, by hash, recovered from what the chain was given."""
    members = {
        int(row["arguments"]["signerSet"]): set(row["arguments"]["signers"])
        for row in sets
        if row["contract"] == "CreditOracle"
    }
    found = here().history.transactions(sorted({row["transaction_hash"] for row in rows}))
    return {hash_: _signed(transaction, members) for hash_, transaction in found.items()}


# Inside


def _signed(transaction: Answer, members: Mapping[int, set[str]]) -> Shown:
    to = transaction.get("to")
    brought = score_report(here().words.call(to, bytes.fromhex(transaction["input"][2:])) if to else None)
    if brought is None:
        return NOT_TOLD
    report, given = brought
    suite = here().suite
    oracle = suite.address("CreditOracle")
    signers = [reports.signer_of(report, suite.chain_id, oracle, signature) for signature in given]
    of_set = members.get(report.signer_set, set())
    told = [
        {"address": signer, "duty": here().duties.get(signer), "member": signer in of_set} for signer in sorted(signers)
    ]
    return {"signer_set": report.signer_set, "signers": told}


def _tree(people: People, family: Sequence[Shown]) -> Shown:
    nodes = {row["id"]: row | {"holder": people.maybe(row["holder"]), "parts": []} for row in family}
    for node in nodes.values():
        if node["parent"] is not None:
            nodes[node["parent"]]["parts"].append(node)
    return nodes[family[0]["id"]]


def _documents(happened: Iterable[Mapping[str, Any]]) -> Iterable[Shown]:
    for event in happened:
        for name, value in events.fields(event["arguments"]):
            if DOCUMENT.fullmatch(name) and value != NO_HASH:
                yield {
                    "hash": value,
                    "what": name,
                    "event": event["event"],
                    "receivable": event["receivable"],
                    "at": event["at"],
                    "transaction_hash": event["transaction_hash"],
                }


def _financings(tx: Connection, people: People, happened: Sequence[Shown], told: Sequence[Shown]) -> list[Shown]:
    """Every financing in the tree with its payout; the n-th financing of a receivable began with the n-th event."""
    begun = defaultdict(list)
    for event in happened:
        if event["event"] == FINANCED:
            begun[event["receivable"]].append(event)
    of_turn = _by_turn(told)
    found, sets = [], changes.signer_sets(tx)
    for receivable, starts in begun.items():
        turns = {turn["turn"]: turn for turn in financings.turns(tx, receivable)}
        for number, start in enumerate(starts, start=1):
            more = {
                "payouts": _payouts(tx, people, start),
                "score": _score(tx, sets, turns[number], start),
                "events": of_turn[receivable, number],
            }
            found.append(turns[number] | {"start": turns[number]["start_day"], "due": turns[number]["due_day"]} | more)
    return found


def _by_turn(told: Sequence[Shown]) -> dict[tuple[int, int], list[Shown]]:
    """Events of Factoring by receivable and turn."""
    found: dict[tuple[int, int], list[Shown]] = defaultdict(list)
    turns: dict[int, int] = defaultdict(int)
    for event in told:
        if event["contract"] == "Factoring":
            turns[event["receivable"]] += event["event"] == FINANCED
            found[event["receivable"], turns[event["receivable"]]].append(event)
    return found


def _payouts(tx: Connection, people: People, start: Mapping[str, Any]) -> list[Shown]:
    """What the treasury paid upon this financing's event, before the next financing of the same transaction."""
    same = events.of_transactions(tx, [start["transaction_hash"]])
    later = [event for event in same if event["log_index"] > start["log_index"]]
    own = takewhile(lambda event: event["event"] != FINANCED, later)
    return [
        {
            "to": people.who(event["arguments"]["to"]),
            "net": event["arguments"]["net"],
            "principal": event["arguments"]["principal"],
            "at": event["at"],
            "block": event["block"],
            "transaction_hash": event["transaction_hash"],
        }
        for event in own
        if (event["contract"], event["event"]) == DISBURSED
    ]


def _score(tx: Connection, sets: Sequence[Shown], turn: Mapping[str, Any], start: Mapping[str, Any]) -> Shown | None:
    found = audit.score_at(tx, turn["debtor"], turn["score"], (start["block"], start["log_index"]))
    return found | signatures(sets, [found]).get(found["transaction_hash"], NOT_TOLD) if found else None


def _former(people: People, row: Mapping[str, Any]) -> Shown | None:
    before = row["before"]
    if before is None:
        return None
    arguments = here().words.stored(row["contract"], before["event"], before["arguments"])
    return {"event": before["event"], "arguments": people.arguments(arguments)}


def _operation(people: People, row: Mapping[str, Any]) -> Shown:
    call = here().words.call(row["target"], bytes.fromhex(row["data"][2:]))
    return {
        **row,
        "caller": people.who(row["caller"]),
        "target": people.who(row["target"]),
        "call": people.call(call),
        "delay": row["ready_at"] - row["scheduled_at"],
    }


def _consent(row: Mapping[str, Any], names: Mapping[str, str]) -> Shown:
    arguments = row["arguments"]
    text_hash = arguments.get("textHash")
    return {
        "party": int(arguments["party"]),
        "purpose": PURPOSES[int(arguments["purpose"])],
        "epoch": int(arguments["epoch"]),
        "granted": row["event"] == "ConsentGranted",
        "text_hash": text_hash,
        "text": names.get(text_hash or ""),
        **{name: row[name] for name in ("at", "block", "log_index", "transaction_hash")},
    }
