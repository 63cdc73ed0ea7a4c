"""A merchant's limit as any signer finds it again: from its records and from what the chain has counted.

Nobody's word is taken for the history of a limit. The limits that were in force are those of counted reports, from the
own read model, complete when its newest report about the party is the one the chain stands at. What the figures
supported on an earlier day is computed again, from the records known at the end of that day.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, inspect, select

from backend import days
from backend.oracle.errors import HistoryBehind
from backend.oracle.view import Standing
from backend.readmodel import scores
from backend.scoring.merchants import limit
from backend.scoring.merchants.limit import Evaluation, Move, Proposal

RECORDS, REPORTS = scores.records.c, scores.reports.c
OUTCOMES = ("accepted", "held")


@dataclass(frozen=True, slots=True)
class Past:
    """Second and code of a limit that was in force."""

    at: int
    limit_code: int


@dataclass(frozen=True, slots=True)
class Moved:
    """The limit after a proposal, with what decided it. `supported` and `past` only where the figures allow a rise."""

    evaluation: Evaluation
    supported: int | None
    past: Sequence[Past]


def end_of_day_before(at: int) -> int:
    """The last second of the Beijing day before that of `at`."""
    return days.day_of(at) * days.DAY_S - days.BEIJING_S - 1


def moved(
    standing: Standing, proposal: Proposal, at: int, past: Callable[[], Sequence[Past]], supported: Callable[[], int]
) -> Moved:
    """`past` and `supported` are asked only when the figures support more than the limit in force."""
    day = days.day_of(at)
    if standing.stored_at == 0:
        return Moved(limit.moved([], proposal, day), None, ())
    in_force = Past(standing.stored_at, standing.stored_limit)
    if proposal.limit <= limit.decode(standing.stored_limit):
        return Moved(limit.moved(_history([in_force], 0), proposal, day), None, (in_force,))
    before, support = [*past(), in_force], supported()
    return Moved(limit.moved(_history(before, support), proposal, day), support, before)


def counted(tx: Connection, party: int, standing: Standing, at: int) -> list[Past]:
    """Limits of counted reports that matter to a rise at `at`, the oldest first. Raises HistoryBehind."""
    known = _newest_sequence(tx, party)
    if known != standing.sequence:
        raise HistoryBehind(party=party, known=known, sequence=standing.sequence)
    reported = (
        select(REPORTS.issued_at, RECORDS.limit_code)
        .join(scores.reports, scores.SAME_REPORT)
        .where(RECORDS.party == party)
    )
    # The one in force when the time began that the rise is measured over, and all after it. A held one may have been
    # taken by a risk officer; counting it can only keep the limit lower.
    begin = (days.day_of(at) - limit.POLICY.rise_days + 1) * days.DAY_S - days.BEIJING_S
    newest = (RECORDS.signer_set.desc(), RECORDS.round.desc())
    earlier = reported.where(REPORTS.issued_at < begin, RECORDS.outcome == "accepted").order_by(*newest)
    later = reported.where(REPORTS.issued_at >= begin, RECORDS.outcome.in_(OUTCOMES))
    later = later.order_by(RECORDS.signer_set, RECORDS.round)
    return [Past(*row) for row in [*tx.execute(earlier.limit(1)), *tx.execute(later)]]


def _newest_sequence(tx: Connection, party: int) -> int:
    if not inspect(tx).has_table(scores.records.name):
        return 0
    told = RECORDS.outcome.in_(OUTCOMES) & (RECORDS.party == party)
    return tx.scalar(select(func.max(RECORDS.sequence)).where(told)) or 0


def _history(past: Sequence[Past], supported: int) -> list[Evaluation]:
    """Evaluations as `limit.moved` reads them. It looks at proposals of the last earlier day alone, and those are what
    was supported at its end."""
    return [
        Evaluation(days.day_of(one.at), supported, limit.decode(one.limit_code), Move.KEPT, "", "", limit.POLICY.hash)
        for one in past
    ]
