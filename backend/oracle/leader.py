"""The leader: decides whose score is due, and proposes a report for the next round."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import cache

import structlog
from sqlalchemy import Engine

from backend import loop, store
from backend.chain import reports, start
from backend.chain.contracts import Suite
from backend.chain.reports import ScoreReport
from backend.chain.rpc import Rpc
from backend.config import Settings
from backend.oracle import assessment, rounds, rules, view
from backend.oracle.assessment import MODEL, Assessor
from backend.oracle.errors import ModelUnusable
from backend.oracle.proposals import MOST_RECORDS, digest_of
from backend.oracle.rounds import State
from backend.oracle.rules import Due
from backend.oracle.view import OracleView, Standing
from backend.records import filings
from backend.records.filings import Filing
from backend.scoring.model import Scored

DAY_S = 86_400
VALIDITY_S = 30 * DAY_S
DEADLINE_S = 3_600
# What nobody would sign a moment ago is not proposed again at once.
PATIENCE_S = 5.0

log = structlog.get_logger(__name__)


def run(settings: Settings, suite: Suite, stop: threading.Event) -> None:
    """Propose until `stop` is set. Raises what makes a start impossible, and WriterBusy."""
    rpc, engine = start.connect(settings, suite)
    with store.sole_writer(engine, "oracle-leader"):
        leader = Leader(engine, rpc, suite, Assessor(assessment.scorer()))
        loop.run("leader", leader.step, settings.poll_interval, stop)


class Leader:
    """`step` once per poll. One leader per database; what it holds in memory only saves work."""

    def __init__(self, engine: Engine, rpc: Rpc, suite: Suite, assessor: Assessor) -> None:
        self._engine = engine
        self._rpc = rpc
        self._suite = suite
        self._assessor = assessor
        self._idle_at: tuple[str, int] | None = None
        self._lost: tuple[str, float] = ("", 0.0)

    def step(self) -> ScoreReport | None:
        """Propose the next report if one is due and none is under way. Without a usable model nothing is proposed."""
        with store.reading(self._engine) as tx:
            last, newest_filing = rounds.last(tx), filings.last_number(tx)
        if newest_filing == 0 or (last and (last.state in (State.PROPOSED, State.QUEUED) or self._waits(last))):
            return None
        at = self._rpc.head()
        if self._idle_at == (at.hash, newest_filing):
            return None
        seen = view.read(self._rpc, self._suite, [MODEL], at)
        report = self._propose(seen) if not seen.paused and self._model_is_usable(seen) else None
        self._idle_at = (at.hash, newest_filing) if report is None else None
        return report

    def _model_is_usable(self, seen: OracleView) -> bool:
        """A model that is withdrawn stops new scores, not the other duties of the backend."""
        try:
            assessment.require_usable(seen, self._assessor.scorer)
        except ModelUnusable as problem:
            log.error("nothing_proposed", reason=str(problem))
            return False
        return True

    def _waits(self, last: rounds.Round) -> bool:
        if last.state is not State.LOST:
            return False
        if self._lost[0] != last.digest:
            self._lost = (last.digest, time.monotonic() + PATIENCE_S)
        return time.monotonic() < self._lost[1]

    def _propose(self, seen: OracleView) -> ScoreReport | None:
        now = seen.at.timestamp
        with store.reading(self._engine) as tx:
            filed = filings.newest(tx, now)
        standings = view.standings(self._rpc, self._suite, filed, seen.at.number)
        # Who does not consent is not even scored.
        scored = self._assessor.scores(filing for party, filing in filed.items() if standings[party].consented)
        wanted = self._due(now, standings, scored, filed, seen.at.number)
        if not wanted:
            return None
        own = (assessment.record(party, scored[party], standings[party]) for party in wanted)
        report = ScoreReport(
            round=seen.last_round + 1,
            signer_set=seen.signer_set,
            deadline=now + DEADLINE_S,
            model_id=MODEL,
            issued_at=now,
            valid_until=now + VALIDITY_S,
            records=tuple(reports.encode_record(record) for record in own),
        )
        with store.writing(self._engine) as tx:
            rounds.propose(tx, report, self._assessor.scorer.model_hash, assessment.sources(filed, wanted))
        log.info("report_proposed", round=report.round, digest=digest_of(report), due=Counter(wanted.values()))
        return report

    def _due(
        self,
        now: int,
        standings: dict[int, Standing],
        scored: dict[int, Scored],
        filed: dict[int, Filing],
        block: int,
    ) -> dict[int, Due]:
        grade_of = self._grades(block)
        found: dict[int, Due] = {}
        for party, result in scored.items():
            reason = rules.due(now, standings[party], result.score, filed[party].filed_at, grade_of)
            if reason is not None and len(found) < MOST_RECORDS:
                found[party] = reason
        return found

    def _grades(self, block: int) -> Callable[[int], int]:
        @cache
        def grade_of(value: int) -> int:
            grade: int = self._suite.call(self._rpc, "RiskPolicy", "gradeOf", value, block=block)
            return grade

        return grade_of
