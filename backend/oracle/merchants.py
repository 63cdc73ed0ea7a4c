"""Merchants: scored from their business records, with a limit that follows them."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import takewhile

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from backend import days, store
from backend.chain.reports import Place, ScoreRecord
from backend.errors import HeqiError
from backend.oracle import assessment, limits, rules, view
from backend.oracle.assessment import Batch, Sources
from backend.oracle.errors import (
    ConsentNotGiven,
    DataStale,
    HistoryBehind,
    NotEvaluated,
    RecordsUnknown,
    ScoredFromStatements,
)
from backend.oracle.rules import Due
from backend.oracle.triggers import Triggers, Turn
from backend.oracle.view import OracleView, Standing
from backend.records import evaluations, filings
from backend.records.business import kept
from backend.records.evaluations import Arithmetic, Evaluation, Look, State
from backend.scoring.errors import ScoringError
from backend.scoring.merchants import features, limit
from backend.scoring.merchants.features import LineUse
from backend.scoring.merchants.flags import ScoreFlag, flags
from backend.scoring.merchants.limit import Proposal
from backend.scoring.merchants.records import BusinessRecord
from backend.scoring.model import Scored, Scorer

# From records that came longer ago no score is made: draws stop by the age of the last one.
STALE_S = 3 * days.DAY_S
# How long merchants wait whose record signers refused, and those whose history the read model does not show yet.
REFUSED_WAIT_S = 300
BEHIND_WAIT_S = 10
# Longest that merchants are looked at before others have their turn, and before signers, who take as long, are asked.
TURN_S = 15.0
STATES: Mapping[type[HeqiError], State] = {
    ConsentNotGiven: State.NO_CONSENT,
    ScoredFromStatements: State.STATEMENTS,
    RecordsUnknown: State.NO_RECORDS,
    DataStale: State.DATA_STALE,
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    """What records say about a merchant as of a second, before its limit's history."""

    figures: Mapping[str, float]
    scored: Scored
    flags: ScoreFlag
    proposal: Proposal


def find(records: Sequence[BusinessRecord], at: int, use: LineUse | None, scorer: Scorer) -> Finding:
    """Pure. Of `records`, only those count that had happened and come to be known at `at`."""
    figures = features.figures(records, at, use)
    scored = scorer.score([figures])[0]
    proposal = limit.proposed(features.limit_facts(records, at), scored.score, scored.pd_ppm)
    return Finding(figures, scored, flags(records, at, figures), proposal)


def require_fresh(party: int, records: Sequence[BusinessRecord], at: int) -> None:
    """Raises RecordsUnknown, DataStale."""
    if not records:
        raise RecordsUnknown(party=party, issued_at=at)
    received_at = max(record.received_at for record in records)
    if received_at < at - STALE_S:
        raise DataStale(party=party, received_at=received_at, until=received_at + STALE_S)


@dataclass(frozen=True, slots=True)
class OnChain:
    """A merchant's score, and the use of its own line."""

    standing: Standing
    use: LineUse | None


@dataclass(frozen=True, slots=True)
class Found:
    """What is reported about a merchant, and what it came from."""

    record: ScoreRecord
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class Looked:
    """What became of a merchant's turn. `again_at`: when the next one is due without a change, None for never; `due`:
    why it has to be reported.
    """

    party: int
    state: State
    again_at: int | None
    found: Found | None = None
    due: Due | None = None


class Merchants:
    """A `Desk`. Whom it looks at when, and what it found, is in the database."""

    number = 10
    spec = "merchant"
    validity_s = 7 * days.DAY_S

    def __init__(self, sources: Sources) -> None:
        self._from = sources
        self._triggers = Triggers()

    # For the leader

    def news(self, tx: Connection) -> object | None:
        """Changes with the records, and with what the read model tells of consents and lines."""
        return self._triggers.news(tx)

    def due(self, seen: OracleView) -> Batch:
        """Looks at the merchants whose turn it is; those who have to be reported are in the batch."""
        now, block = seen.at.timestamp, seen.at.number
        grade_of = view.grades(self._from.rpc, self._from.suite, block)
        with store.reading(self._from.engine) as tx:
            turn = self._triggers.turn(tx, now)
            if not turn.parties:
                self._triggers.done(turn, [], more=False)
                return Batch()
            on_chain = self._on_chain(turn.parties, block, block)
            enough = time.monotonic() + TURN_S
            looked = [
                self._look(tx, party, on_chain[party], now, grade_of)
                for party in takewhile(lambda _: time.monotonic() < enough, turn.parties)
            ]
        more = turn.more or len(looked) < len(turn.parties)
        wanted = [(one.found, one.due) for one in looked if one.found and one.due]
        log.info("merchants_looked_at", merchants=len(looked), due=len(wanted), more=more)

        def keep(tx: Connection, place: Place | None) -> None:
            evaluations.note(tx, [_noted(one, on_chain[one.party].standing, turn) for one in looked], now)
            evaluations.keep(tx, [_kept(one.found, one.due, place) for one in looked if one.found])
            self._triggers.done(turn, [one.party for one in looked], more)

        return Batch(
            records=[found.record for found, _ in wanted],
            due=[due for _, due in wanted],
            sources=[_source(found.evaluation) for found, _ in wanted],
            keep=keep,
            done=not more,
        )

    def lost(self, tx: Connection, place: Place, parties: Sequence[int], refused: Sequence[int], now: int) -> None:
        """They are looked at again, those that signers refused somewhat later."""
        evaluations.look_again(tx, parties, now, place)
        evaluations.put_off(tx, refused, now + REFUSED_WAIT_S)

    def _look(self, tx: Connection, party: int, on_chain: OnChain, now: int, grade_of: Callable[[int], int]) -> Looked:
        try:
            found = self._find(tx, party, on_chain, now)
            due = rules.merchant_due(now, on_chain.standing, found.record, grade_of)
            rises_at = rules.rises_at(on_chain.standing, found.record.value)
            again_at = min(_tomorrow(now), rises_at) if rises_at > now else _tomorrow(now)
            return Looked(party, State.RENEWED, again_at, found, due)
        except HistoryBehind as refusal:
            log.warning("merchant_waits", party=party, reason=str(refusal))
            return Looked(party, State.RENEWED, now + BEHIND_WAIT_S)
        except tuple(STATES) as refusal:
            return Looked(party, STATES[type(refusal)], None)
        except NotEvaluated as problem:
            log.error("merchant_not_evaluated", **problem.values)
            return Looked(party, State.FAILED, _tomorrow(now))

    # For signers, and for both

    def found(self, seen: OracleView, issued_at: int, parties: Sequence[int]) -> dict[int, ScoreRecord]:
        """Raises ConsentNotGiven, ScoredFromStatements, RecordsUnknown, DataStale, HistoryBehind, NotEvaluated."""
        block = view.block_at(self._from.rpc, issued_at, seen.at)
        on_chain = self._on_chain(parties, seen.at.number, block)
        with store.reading(self._from.engine) as tx:
            return {party: self._find(tx, party, on_chain[party], issued_at).record for party in parties}

    def _on_chain(self, parties: Sequence[int], block: int, facts_block: int) -> dict[int, OnChain]:
        """Scores at one block and, as facts of the model, the use of lines at another."""
        standings = view.standings(self._from.rpc, self._from.suite, parties, block)
        uses = view.line_uses(self._from.rpc, self._from.suite, parties, facts_block)
        return {party: OnChain(standings[party], uses[party]) for party in parties}

    def _find(self, tx: Connection, party: int, on_chain: OnChain, at: int) -> Found:
        # Who does not consent is not even scored.
        if not on_chain.standing.consented:
            raise ConsentNotGiven(party=party)
        # Two models in turn would report such a party for ever.
        if filings.newest(tx, at, [party]):
            raise ScoredFromStatements(party=party)
        scorer = assessment.scorer(self.spec)
        with naming(party):
            records = kept.known(tx, party, at)
            require_fresh(party, records, at)
            finding = find(records, at, on_chain.use, scorer)
            moved = limits.moved(
                on_chain.standing,
                finding.proposal,
                at,
                past=lambda: limits.counted(tx, party, on_chain.standing, at),
                supported=lambda: find(records, limits.end_of_day_before(at), on_chain.use, scorer).proposal.limit,
            )
            code = limit.code(moved.evaluation.granted)
            scored = rules.held_back(finding.scored, on_chain.standing, at)
            record = assessment.record(party, scored, on_chain.standing, code, int(finding.flags))
            return Found(record, _evaluation(self.number, record, finding, moved, at))


@contextmanager
def naming(party: int) -> Iterator[None]:
    """Whatever is wrong with one merchant's figures stops that merchant alone: raises NotEvaluated.

    What a node, a database or a signer has to say passes.
    """
    try:
        yield
    except (HeqiError, SQLAlchemyError) as known:
        if isinstance(known, ScoringError):
            raise NotEvaluated(party=party, error=known.code) from None
        raise
    except Exception as unknown:  # the figures of the others are not to wait for this one's
        raise NotEvaluated(party=party, error=type(unknown).__name__) from None


def _noted(looked: Looked, standing: Standing, turn: Turn) -> Look:
    epoch = standing.consent_epoch if standing.consented else 0
    return Look(looked.party, looked.state, looked.again_at, epoch, turn.number)


def _kept(found: Found, due: Due | None, place: Place | None) -> Evaluation:
    if not due or place is None:
        return found.evaluation
    return replace(found.evaluation, due=due, **place._asdict())


def _tomorrow(now: int) -> int:
    """First second of the next Beijing day: figures change with the day."""
    return limits.end_of_day_before(now + days.DAY_S) + 1


def _evaluation(model: int, record: ScoreRecord, finding: Finding, moved: limits.Moved, at: int) -> Evaluation:
    outcome = moved.evaluation
    return Evaluation(
        party=record.party,
        at=at,
        consent_epoch=record.consent_epoch,
        model=model,
        model_hash=finding.scored.model_hash,
        features_hash=finding.scored.features_hash,
        policy_hash=outcome.policy_hash,
        score=record.value,
        pd_ppm=record.pd_ppm,
        reasons=record.reasons,
        flags=record.flags,
        granted=outcome.granted,
        figures={name: None if math.isnan(figure) else figure for name, figure in finding.figures.items()},
        arithmetic=Arithmetic(
            proposed=outcome.proposed,
            supported=moved.supported,
            past=[[one.at, one.limit_code] for one in moved.past],
            move=outcome.move,
            why_en=outcome.why_en,
            why_zh=outcome.why_zh,
            lines=[asdict(line) for line in finding.proposal.lines],
        ),
    )


def _source(evaluation: Evaluation) -> dict[str, int | str]:
    """Which figures a record was made of, for whoever traces a score back."""
    return {"party": evaluation.party, "evaluated_at": evaluation.at, "features_hash": evaluation.features_hash}
