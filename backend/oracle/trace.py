"""Every score can be traced: from the chain to model, statement, reasons, signers and transaction."""

from typing import Any

from sqlalchemy import Engine

from backend import store
from backend.chain import outbox
from backend.chain.reports import decode_record
from backend.errors import HeqiError
from backend.oracle import rounds
from backend.scoring import reasons


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
    record = next(found for found in map(decode_record, at.report.records) if found.party == party)
    return {
        "party": party,
        "score": record.value,
        "pdPpm": record.pd_ppm,
        "sequence": record.sequence,
        "reasons": [{"code": code, "text": reasons.catalogue()[code].en} for code in record.reasons],
        "round": at.number,
        "issuedAt": at.report.issued_at,
        "modelId": at.report.model_id,
        "modelHash": at.model_hash,
        **next(source for source in at.sources if source["party"] == party),
        "signers": sorted(at.signatures),
        "transaction": intent.transaction_hash,
        "block": intent.block,
    }
