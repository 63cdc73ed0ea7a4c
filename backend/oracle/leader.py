"""The leader: decides whose score is due, and proposes a report for the next round."""

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from backend import loop, store
from backend.chain import reports, start
from backend.chain.contracts import Suite
from backend.chain.reports import ScoreRecord, ScoreReport
from backend.chain.rpc import Header
from backend.config import Settings
from backend.oracle import assessment, rounds, view
from backend.oracle.assessment import Batch, Desk, Sources
from backend.oracle.desks import desks
from backend.oracle.errors import ModelUnusable
from backend.oracle.proposals import DEADLINE_S, digest_of
from backend.oracle.retention import Retention
from backend.oracle.rounds import Round, State
from backend.oracle.view import OracleView
from backend.scoring.errors import ModelMissing, ModelTampered

# What nobody would sign a moment ago is not proposed again at once.
PATIENCE_S = 5.0

log = structlog.get_logger(__name__)


def run(settings: Settings, suite: Suite, stop: threading.Event) -> None:
    """Propose until `stop` is set. Raises what makes a start impossible, and WriterBusy."""
    rpc, engine = start.connect(settings, suite)
    with store.sole_writer(engine, "oracle-leader"):
        sources = Sources(engine, rpc, suite)
        leader, retention = Leader(sources, desks(sources)), Retention(engine, rpc)

        def step() -> None:
            retention.step()
            leader.step()

        loop.run("leader", step, settings.poll_interval, stop)


class Leader:
    """`step` once per poll. One leader per database; what it holds in memory only saves work.

    Every desk reports with a model of its own, so that a report is of one desk; they take turns.
    """

    def __init__(self, sources: Sources, desks: Sequence[Desk]) -> None:
        self._from = sources
        self._desks = desks
        self._idle_at: dict[int, tuple[str, object]] = {}
        self._lost: tuple[str, float] = ("", 0.0)

    def step(self) -> ScoreReport | None:
        """Propose the next report if one is due and none is under way. Without a usable model nothing is proposed."""
        with store.reading(self._from.engine) as tx:
            last = rounds.last(tx)
            news = {desk.number: desk.news(tx) for desk in self._desks}
        if last and (last.state in (State.PROPOSED, State.QUEUED) or self._waits(last)):
            return None
        if not any(news.values()):
            return None
        at = self._from.rpc.head()
        for desk in self._in_turn(last):
            if report := self._serve(desk, at, news[desk.number]):
                return report
        return None

    def _in_turn(self, last: Round | None) -> list[Desk]:
        """The desk that reported last comes last."""
        return sorted(self._desks, key=lambda desk: last is not None and last.report.model_id == desk.number)

    def _serve(self, desk: Desk, at: Header, news: object | None) -> ScoreReport | None:
        if news is None or self._idle_at.get(desk.number) == (at.hash, news):
            return None
        seen = view.read(self._from.rpc, self._from.suite, [desk.number], at)
        batch = desk.due(seen) if not seen.paused and _is_usable(desk, seen) else Batch()
        report = _report(desk, seen, batch.records) if batch.records else None
        self._keep(desk, batch, report)
        if report:
            log.info("report_proposed", round=report.round, digest=digest_of(report), due=Counter(batch.due))
        elif batch.done:
            self._idle_at[desk.number] = (at.hash, news)
        return report

    def _keep(self, desk: Desk, batch: Batch, report: ScoreReport | None) -> None:
        if not report and not batch.keep:
            return
        with store.writing(self._from.engine) as tx:
            if report:
                rounds.propose(tx, report, assessment.scorer(desk.spec).model_hash, list(batch.sources))
            if batch.keep:
                batch.keep(tx, report.place if report else None)

    def _waits(self, last: Round) -> bool:
        if last.state is not State.LOST:
            return False
        if self._lost[0] != last.digest:
            self._hear(last)
            self._lost = (last.digest, time.monotonic() + PATIENCE_S)
        return time.monotonic() < self._lost[1]

    def _hear(self, lost: Round) -> None:
        """Tell the desk, before it proposes anything else, what became of its report."""
        parties = [reports.decode_record(packed).party for packed in lost.report.records]
        refused = [party for party in parties if party in _named(lost.refusals)]
        now = self._from.rpc.head().timestamp
        with store.writing(self._from.engine) as tx:
            for desk in self._desks:
                if desk.number == lost.report.model_id:
                    desk.lost(tx, lost.report.place, parties, refused, now)


def _is_usable(desk: Desk, seen: OracleView) -> bool:
    """A model that is missing or withdrawn stops its own scores, not the other duties of the backend."""
    try:
        assessment.require_usable(seen, desk.number, assessment.scorer(desk.spec))
    except (ModelUnusable, ModelMissing, ModelTampered) as problem:
        log.error("nothing_proposed", model=desk.number, reason=str(problem))
        return False
    return True


def _report(desk: Desk, seen: OracleView, records: Sequence[ScoreRecord]) -> ScoreReport:
    now = seen.at.timestamp
    return ScoreReport(
        round=seen.last_round + 1,
        signer_set=seen.signer_set,
        deadline=now + DEADLINE_S,
        model_id=desk.number,
        issued_at=now,
        valid_until=now + desk.validity_s,
        records=tuple(reports.encode_record(record) for record in records),
    )


def _named(refusals: Mapping[str, Any]) -> set[Any]:
    """The parties that signers refused because of; what a signer answers may be anything."""
    values = (problem.get("values") for problem in refusals.values() if isinstance(problem, dict))
    return {value["party"] for value in values if isinstance(value, dict) and isinstance(value.get("party"), int)}
