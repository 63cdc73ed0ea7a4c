"""Every score can be traced: from the chain to model, figures, reasons, limit, signers and transaction."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine

from backend import figures, store
from backend.chain import outbox
from backend.chain.reports import ScoreRecord, decode_record
from backend.errors import HeqiError
from backend.oracle import rounds
from backend.records import evaluations
from backend.records.evaluations import Evaluation
from backend.scoring import reasons
from backend.scoring.merchants.flags import ScoreFlag


class ScoreUntraceable(HeqiError):
    notice_en = "No counted report names party {party}."
    notice_zh = "没有任何已生效的报告包含参与方 {party}。"
    status = 404


def trail(engine: Engine, party: int) -> dict[str, Any]:
    """Raises ScoreUntraceable."""
    with store.reading(engine) as tx:
        at = rounds.last_of(tx, party)
        if at is None:
            raise ScoreUntraceable(party=party)
        intent = outbox.find(tx, at.intent_key)
        evaluation = evaluations.reported(tx, party, at.report.place)
    record = next(found for found in map(decode_record, at.report.records) if found.party == party)
    return {
        "party": party,
        "score": record.value,
        "pdPpm": record.pd_ppm,
        "sequence": record.sequence,
        "consentEpoch": record.consent_epoch,
        "reasons": [_reason(code) for code in record.reasons],
        "round": at.number,
        "issuedAt": at.report.issued_at,
        "modelId": at.report.model_id,
        "modelHash": at.model_hash,
        **next(source for source in at.sources if source["party"] == party),
        **(_merchant(record, evaluation) if evaluation else {}),
        "signers": sorted(at.signatures),
        "transaction": intent.transaction_hash,
        "block": intent.block,
    }


def _reason(code: int) -> dict[str, Any]:
    reason = reasons.catalogue()[code]
    return {"code": code, "text": reason.en, "textZh": reason.zh}


def _merchant(record: ScoreRecord, evaluation: Evaluation) -> dict[str, Any]:
    """`figures` and `limit.arithmetic` are null once the records were erased."""
    return {
        "due": evaluation.due,
        "flags": [flag.name for flag in ScoreFlag(record.flags)],
        "figures": evaluation.figures,
        "limit": {
            "code": record.limit_code,
            "granted": figures.amount(evaluation.granted),
            "policyHash": evaluation.policy_hash,
            "arithmetic": asdict(evaluation.arithmetic) if evaluation.arithmetic else None,
        },
    }
