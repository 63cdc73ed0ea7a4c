"""Companies: scored from the statements they filed; what their leased machines show lowers the score of lessees."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, inspect

from backend import days, store
from backend.chain.reports import Place, ScoreRecord
from backend.oracle import assessment, lessees, rules, view
from backend.oracle.assessment import Batch, Sources
from backend.oracle.errors import ConsentNotGiven, FilingUnknown
from backend.oracle.lessees import Standing
from backend.oracle.proposals import MOST_RECORDS
from backend.oracle.view import OracleView
from backend.readmodel import indexer
from backend.records import filings
from backend.records.filings import Filing
from backend.scoring.errors import ScoringError
from backend.scoring.model import Scored

# The bank sets the limits of core enterprises itself; a reported limit belongs to lines that follow data.
NO_LIMIT = 0

log = structlog.get_logger(__name__)


class Enterprises:
    """A `Desk`. What it holds in memory only saves work: a statement never changes and is scored once."""

    number = assessment.MODEL
    spec = assessment.SPEC
    validity_s = 30 * days.DAY_S

    def __init__(self, sources: Sources) -> None:
        self._from = sources
        self._known: dict[int, Scored | None] = {}

    def news(self, tx: Connection) -> object | None:
        """Number of the last statement, and how far the read model knows of leases."""
        number = filings.last_number(tx)
        return (number, _read_model(tx)) if number else None

    def due(self, seen: OracleView) -> Batch:
        """Those who consent and were never scored, filed since, moved, or whose score is half expired."""
        now, block = seen.at.timestamp, seen.at.number
        with store.reading(self._from.engine) as tx:
            filed = filings.newest(tx, now)
        standings = view.standings(self._from.rpc, self._from.suite, filed, block)
        # Who does not consent is not even scored.
        consenting = {party: filing for party, filing in filed.items() if standings[party].consented}
        costly = self._costly(consenting, block)
        scored = {
            party: lessees.lowered(result, costly.get(party, ()))
            for party, result in self._scores(consenting.values()).items()
        }
        grade_of = view.grades(self._from.rpc, self._from.suite, block)
        reasons = {
            party: rules.due(now, standings[party], result.score, filed[party].filed_at, grade_of)
            for party, result in scored.items()
        }
        wanted = [(party, reason) for party, reason in reasons.items() if reason][:MOST_RECORDS]
        return Batch(
            records=[assessment.record(party, scored[party], standings[party], NO_LIMIT) for party, _ in wanted],
            due=[reason for _, reason in wanted],
            sources=[_source(filed[party], costly.get(party, ())) for party, _ in wanted],
        )

    def lost(self, tx: Connection, place: Place, parties: Sequence[int], refused: Sequence[int], now: int) -> None:
        """They are still due."""

    def found(self, seen: OracleView, issued_at: int, parties: Sequence[int]) -> dict[int, ScoreRecord]:
        """Raises FilingUnknown, ConsentNotGiven, or an error of the model for a statement that it cannot read."""
        with store.reading(self._from.engine) as tx:
            filed = filings.newest(tx, issued_at, parties)
        standings = view.standings(self._from.rpc, self._from.suite, parties, seen.at.number)
        for party in parties:
            if party not in filed:
                raise FilingUnknown(party=party, issued_at=issued_at)
            if not standings[party].consented:
                raise ConsentNotGiven(party=party)
        scored = assessment.scorer(self.spec).score([filed[party].figures for party in parties])
        costly = self._costly(parties, view.block_at(self._from.rpc, issued_at, seen.at))
        return {
            party: assessment.record(party, lessees.lowered(result, costly.get(party, ())), standings[party], NO_LIMIT)
            for party, result in zip(parties, scored, strict=True)
        }

    def _costly(self, parties: Iterable[int], block: int) -> Mapping[int, Sequence[Standing]]:
        with store.reading(self._from.engine) as tx:
            leases = lessees.leased(tx, parties)
        return lessees.alarms(self._from.rpc, self._from.suite, leases, block)

    def _scores(self, filed: Iterable[Filing]) -> dict[int, Scored]:
        """By party, without statements that the model cannot read."""
        wanted = list(filed)
        self._learn([filing for filing in wanted if filing.id not in self._known])
        return {filing.party: scored for filing in wanted if (scored := self._known[filing.id])}

    def _learn(self, new: Sequence[Filing]) -> None:
        try:
            self._known |= _scored(self.spec, new)
        except ScoringError as problem:
            if len(new) == 1:
                log.error("statement_not_scored", filing=new[0].id, party=new[0].party, error=problem.code)
                self._known[new[0].id] = None
                return
            for filing in new:
                self._learn([filing])


def _scored(spec: str, filed: Sequence[Filing]) -> Mapping[int, Scored]:
    """By the statement's number."""
    results = assessment.scorer(spec).score([filing.figures for filing in filed])
    return {filing.id: result for filing, result in zip(filed, results, strict=True)}


def _source(filing: Filing, costly: Sequence[Standing]) -> dict[str, Any]:
    """Which statement and alarms a record was made of, for whoever traces a score back."""
    return {
        **({"alarms": [each.to_json() for each in costly]} if costly else {}),
        "party": filing.party,
        "filing": filing.id,
        "features_hash": filing.features_hash,
        "company": filing.company,
    }


def _read_model(tx: Connection) -> indexer.Position | None:
    return indexer.position(tx) if inspect(tx).has_table(indexer.progress.name) else None
