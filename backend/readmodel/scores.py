"""Consents, models and credit scores: the score in force, the one that waits, and every record ever reported."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    String,
    Table,
    Text,
    and_,
    func,
    select,
    tuple_,
)

from backend.chain.contracts import Event
from backend.chain.reports import Place, ScoreRecord, decode_record
from backend.readmodel.projection import READMODEL, handles
from backend.readmodel.rows import Rows

HELD_FLAG = 1
# Order of ICreditOracle.Purpose. Scores depend on the first alone.
PURPOSES = ("Scoring", "Training")
SCORING = PURPOSES[0]
# Order of ICreditOracle.Skip.
SKIP_REASONS = ("none", "malformed", "consent_missing", "sequence_old", "sequence_jump", "facts_old")
NO_SCORE = {
    "value": 0,
    "pd_ppm": 0,
    "limit_code": 0,
    "reasons": [],
    "flags": 0,
    "issued_at": 0,
    "valid_until": 0,
    "model": 0,
    "sequence": 0,
}

consents = Table(
    "consents",
    READMODEL,
    Column("party", BigInteger, primary_key=True, autoincrement=False),
    Column("purpose", String(8), primary_key=True),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("text_hash", String(66), nullable=False),
    Column("granted_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)

models = Table(
    "models",
    READMODEL,
    Column("model", Integer, primary_key=True, autoincrement=False),
    Column("hash", String(66), nullable=False),
    Column("registered_at", BigInteger, nullable=False),
    Column("approved_at", BigInteger),
    Column("approved_by", String(42)),
    Column("retired_at", BigInteger),
)

signer_sets = Table(
    "signer_sets",
    READMODEL,
    Column("signer_set", BigInteger, primary_key=True, autoincrement=False),
    Column("signers", JSON, nullable=False),
    Column("threshold", Integer, nullable=False),
    Column("since", BigInteger, nullable=False),
)

# `proposal` is the held score as JSON: the same members as NO_SCORE and `consent_epoch`.
scores = Table(
    "scores",
    READMODEL,
    Column("party", BigInteger, primary_key=True, autoincrement=False),
    Column("value", Integer, nullable=False),
    Column("pd_ppm", Integer, nullable=False),
    Column("limit_code", Integer, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("flags", Integer, nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("valid_until", BigInteger, nullable=False),
    Column("model", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("consent_epoch", Integer, nullable=False),
    Column("consented", Boolean, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("proposal", JSON(none_as_null=True)),
)


def _place_of_report() -> list[Column[Any]]:
    """Every set of signers counts its rounds from one. In the order of the chain."""
    return [
        Column("signer_set", BigInteger, primary_key=True, autoincrement=False),
        Column("round", BigInteger, primary_key=True, autoincrement=False),
    ]


reports = Table(
    "score_reports",
    READMODEL,
    *_place_of_report(),
    Column("model", Integer, nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("valid_until", BigInteger, nullable=False),
    Column("relayer", String(42), nullable=False),
    Column("records", Integer, nullable=False),
    Column("transaction_hash", String(66), nullable=False),
    Column("block", BigInteger, nullable=False),
    Column("reported_at", BigInteger, nullable=False),
)

# `outcome`: accepted, held, or skipped with `skip_reason`.
records = Table(
    "score_records",
    READMODEL,
    Column("party", BigInteger, primary_key=True, autoincrement=False),
    *_place_of_report(),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("outcome", String(8), nullable=False),
    Column("skip_reason", String(16)),
    Column("value", Integer, nullable=False),
    Column("pd_ppm", Integer, nullable=False),
    Column("limit_code", Integer, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("flags", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("consent_epoch", Integer, nullable=False),
)

SAME_REPORT = and_(records.c.signer_set == reports.c.signer_set, records.c.round == reports.c.round)

# What was evented about single records of the report that follows in the same transaction; empty between reports.
notices = Table(
    "score_notices",
    READMODEL,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("party", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("outcome", String(8), nullable=False),
    Column("skip_reason", Text),
)


# Consent


@handles("CreditOracle", "ConsentGranted")
def grant_consent(rows: Rows, event: Event) -> None:
    party, purpose, epoch = event["party"], PURPOSES[event["purpose"]], event["epoch"]
    given = {"text_hash": event["textHash"], "granted_at": event.timestamp}
    rows.put(consents, party=party, purpose=purpose, epoch=epoch, **given)
    if purpose == SCORING:
        # A score made under an earlier consent is no longer usable.
        _set(rows, party, consent_epoch=epoch, consented=True, valid_until=0)


@handles("CreditOracle", "ConsentRevoked")
def revoke_consent(rows: Rows, event: Event) -> None:
    purpose = PURPOSES[event["purpose"]]
    rows.change(consents, event["party"], purpose, event["epoch"], revoked_at=event.timestamp)
    if purpose == SCORING:
        _set(rows, event["party"], consented=False)


# Reports


@handles("CreditOracle", "RecordSkipped", key="party")
def note_skip(rows: Rows, event: Event) -> None:
    _note(rows, event, "skipped", SKIP_REASONS[event["reason"]])


@handles("CreditOracle", "ScoreHeld")
def note_hold(rows: Rows, event: Event) -> None:
    _note(rows, event, "held", None)


@handles("CreditOracle", "ScoresReported")
def report(rows: Rows, event: Event) -> None:
    """The batch carries the records packed; which of them were held or skipped was evented before it, in order."""
    signer_set = rows.select(select(func.max(signer_sets.c.signer_set)))[0][0]
    rows.put(
        reports,
        signer_set=signer_set,
        round=event["round"],
        model=event["modelId"],
        issued_at=event["issuedAt"],
        valid_until=event["validUntil"],
        relayer=event["relayer"],
        records=len(event["records"]),
        transaction_hash=event.transaction,
        block=event.block,
        reported_at=event.timestamp,
    )
    pending = _take_notices(rows)
    for place, packed in enumerate(event["records"]):
        record = decode_record(bytes.fromhex(packed[2:]))
        _record(rows, event, (signer_set, event["round"], place), record, pending)


@handles("CreditOracle", "PartyHeld")
def hold(rows: Rows, event: Event) -> None:
    _set(rows, event["party"], held=True)


@handles("CreditOracle", "HoldReleased")
def release(rows: Rows, event: Event) -> None:
    score = _score(rows, event["party"])
    taken = score["proposal"] if event["proposalTaken"] else {}
    _set(rows, event["party"], held=False, **({"proposal": None} | taken))


# Models and signers


@handles("CreditOracle", "ModelRegistered")
def register_model(rows: Rows, event: Event) -> None:
    rows.put(models, model=event["modelId"], hash=event["hash"], registered_at=event.timestamp)


@handles("CreditOracle", "ModelApproved")
def approve_model(rows: Rows, event: Event) -> None:
    rows.change(models, event["modelId"], approved_at=event.timestamp, approved_by=event["by"])


@handles("CreditOracle", "ModelRetired")
def retire_model(rows: Rows, event: Event) -> None:
    rows.change(models, event["modelId"], retired_at=event.timestamp)


@handles("CreditOracle", "SignersChanged")
def change_signers(rows: Rows, event: Event) -> None:
    members = {"signers": event["signers"], "threshold": event["threshold"]}
    rows.put(signer_sets, signer_set=event["signerSet"], since=event.timestamp, **members)


# Queries


def found(tx: Connection, party: int) -> dict[str, Any] | None:
    """The score in force; None when the party never consented nor was held."""
    row = tx.execute(select(scores).where(scores.c.party == party)).one_or_none()
    return dict(row._mapping) if row else None


def consents_of(tx: Connection, party: int) -> list[dict[str, Any]]:
    """Every consent that the party ever gave, oldest first."""
    given = select(consents).where(consents.c.party == party).order_by(consents.c.granted_at, consents.c.purpose)
    return [dict(row._mapping) for row in tx.execute(given)]


def history(
    tx: Connection, party: int, *, before: tuple[int, int, int] | None = None, limit: int
) -> list[dict[str, Any]]:
    """Every record about the party, newest first; `before`: signer set, round and place of the last one seen."""
    query = select(records, reports.c.issued_at, reports.c.valid_until, reports.c.model, reports.c.reported_at)
    query = query.join(reports, SAME_REPORT).where(records.c.party == party)
    at = (records.c.signer_set, records.c.round, records.c.place)
    if before is not None:
        query = query.where(tuple_(*at) < tuple_(*before))
    query = query.order_by(*(column.desc() for column in at)).limit(limit)
    return [dict(row._mapping) for row in tx.execute(query)]


def listed_models(tx: Connection) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in tx.execute(select(models).order_by(models.c.model))]


def last_report_at(tx: Connection) -> int | None:
    """Second of the facts in the newest report; None before the first."""
    newest: int | None = tx.execute(select(func.max(reports.c.issued_at))).scalar_one()
    return newest


def place_of_report(tx: Connection, block: int, round_: int) -> Place | None:
    """Of the report that a block counted under a round's number; None if it has gone with its block."""
    query = select(reports.c.signer_set).where(reports.c.block == block, reports.c.round == round_)
    signer_set = tx.scalar(query)
    return None if signer_set is None else Place(signer_set, round_)


# Inside


def _score(rows: Rows, party: int) -> dict[str, Any]:
    return rows.get(scores, party) or NO_SCORE | {
        "party": party,
        "consent_epoch": 0,
        "consented": False,
        "held": False,
        "proposal": None,
    }


def _set(rows: Rows, party: int, **changes: Any) -> None:
    rows.put(scores, **(_score(rows, party) | changes))


def _note(rows: Rows, event: Event, outcome: str, skip_reason: str | None) -> None:
    rows.put(
        notices,
        block=event.block,
        log_index=event.log_index,
        party=event["party"],
        sequence=event["sequence"],
        outcome=outcome,
        skip_reason=skip_reason,
    )


def _take_notices(rows: Rows) -> list[dict[str, Any]]:
    taken = [dict(row._mapping) for row in rows.select(select(notices).order_by(notices.c.block, notices.c.log_index))]
    for notice in taken:
        rows.remove(notices, notice["block"], notice["log_index"])
    return taken[::-1]


def _record(
    rows: Rows, event: Event, at: tuple[int, int, int], record: ScoreRecord, pending: list[dict[str, Any]]
) -> None:
    """`at`: signer set, round and place."""
    signer_set, round_, place = at
    score = _score(rows, record.party)
    notice = pending.pop() if pending and _is_about(pending[-1], record, event, place, score) else None
    outcome = notice["outcome"] if notice else "accepted"
    figures = {
        "value": record.value,
        "pd_ppm": record.pd_ppm,
        "limit_code": record.limit_code,
        "reasons": list(record.reasons),
        "flags": record.flags,
        "sequence": record.sequence,
        "consent_epoch": record.consent_epoch,
    }
    if outcome != "skipped":
        facts = {"issued_at": event["issuedAt"], "valid_until": event["validUntil"], "model": event["modelId"]}
        _take(rows, score, figures | facts, outcome)
    rows.put(
        records,
        party=record.party,
        signer_set=signer_set,
        round=round_,
        place=place,
        outcome=outcome,
        skip_reason=notice["skip_reason"] if notice else None,
        **figures,
    )


def _take(rows: Rows, score: dict[str, Any], reported: dict[str, Any], outcome: str) -> None:
    """As CreditOracle does: a hold outlives reports, and an accepted score overtakes an older proposal."""
    if outcome == "held":
        rows.put(scores, **(score | {"held": True, "sequence": reported["sequence"], "proposal": reported}))
    else:
        rows.put(scores, **(score | reported | {"proposal": None}))


def _is_about(notice: dict[str, Any], record: ScoreRecord, event: Event, place: int, score: dict[str, Any]) -> bool:
    """Whether the next notice is this record's. A batch may name a party and sequence twice; at most one of them
    counts, and a skip is not its own."""
    if (notice["party"], notice["sequence"]) != (record.party, record.sequence):
        return False
    if notice["outcome"] == "held" or notice["skip_reason"] in {"sequence_jump", "facts_old"}:
        return True
    packed = int(event["records"][place], 16)
    return not (
        300 <= record.value <= 850
        and record.pd_ppm <= 1_000_000
        and not record.flags & HELD_FLAG
        and packed & ((1 << 72) - 1) == 0
        and score["consented"]
        and record.consent_epoch == score["consent_epoch"]
        and record.sequence > score["sequence"]
    )
