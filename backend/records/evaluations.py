"""Evaluations of merchants by the oracle, and how each merchant stands with it: written by the oracle, read by the API.

Of every merchant the evaluations that went into a report are kept, and the newest one. What could be traced back to
records — figures, arithmetic — goes with them when they are erased; hashes and what the chain shows anyway remain.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import chain, zip_longest
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, delete, func, or_, select, update

from backend.chain.reports import Place
from backend.store import insert
from backend.store.tables import business_changes, evaluations, merchant_standings

COLUMNS = evaluations.c
STANDING = merchant_standings.c


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """How the limit came about. Amounts in fen.

    `proposed`: what the figures support; `supported`: what they supported at the end of the day before, None where it
    did not matter; `past`: second and limit code of the limits in force before, as far as they mattered; `lines`:
    fields of `backend.scoring.merchants.limit.Line`.
    """

    proposed: int
    supported: int | None
    past: Sequence[Sequence[int]]
    move: str
    why_en: str
    why_zh: str
    lines: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the oracle found about a merchant as of second `at`, from records known by then.

    `figures`: by the ids of `merchant_features.csv`, None where unknown; they and `arithmetic` are None once the
    records were erased. `granted`: the limit that was reported or would have been, in fen. `flags`: bits as in the
    score's record. `due`: why it was reported in `round` of `signer_set`, all None for one that was not.
    """

    party: int
    at: int
    consent_epoch: int
    model: int
    model_hash: str
    features_hash: str
    policy_hash: str
    score: int
    pd_ppm: int
    reasons: Sequence[int]
    flags: int
    granted: int
    figures: Mapping[str, float | None] | None
    arithmetic: Arithmetic | None
    due: str | None = None
    signer_set: int | None = None
    round: int | None = None


class State(StrEnum):
    """Whether the oracle renews a merchant's score, and if not, why."""

    RENEWED = "renewed"
    NO_CONSENT = "no_consent"
    NO_RECORDS = "no_records"
    DATA_STALE = "data_stale"
    STATEMENTS = "statements"
    REFUSED = "refused"
    FAILED = "failed"


TEXTS: Mapping[State, tuple[str, str]] = {
    State.RENEWED: (
        "The score is renewed from the records as they come in.",
        "评分随经营数据持续更新。",
    ),
    State.NO_CONSENT: (
        "Without consent to scoring nothing is evaluated.",
        "未授权评分，不进行任何评估。",
    ),
    State.NO_RECORDS: (
        "There are no business records to evaluate.",
        "没有可供评估的经营数据。",
    ),
    State.DATA_STALE: (
        "The newest business records came too long ago. Until new ones come, the score is not renewed, and nothing can "
        "be drawn once it is too old.",
        "最近一次经营数据接收时间过早。收到新数据前评分不再更新；评分过期后无法提款。",
    ),
    State.STATEMENTS: (
        "The party filed statements as a core enterprise and is scored from those.",
        "该参与方作为核心企业报送了报表，评分以报表为准。",
    ),
    State.REFUSED: (
        "The oracle's signers did not come to the same result. It is tried again.",
        "预言机签名方未得出一致结果，将重新评估。",
    ),
    State.FAILED: (
        "The evaluation failed. It is tried again, at the latest with the next records.",
        "评估未能完成，最迟在收到新数据时重新进行。",
    ),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """`since`: second since which the state holds; `evaluated_at`: when the merchant was last looked at."""

    party: int
    state: State
    since: int
    evaluated_at: int

    @property
    def texts(self) -> tuple[str, str]:
        """Why, in English and Chinese."""
        return TEXTS[self.state]


# Reading


def newest(tx: Connection, party: int) -> Evaluation | None:
    return next(iter(history(tx, party, 1)), None)


def history(tx: Connection, party: int, limit: int, before: int | None = None) -> list[Evaluation]:
    """The newest first; `before`: only those as of an earlier second."""
    query = select(evaluations).where(COLUMNS.party == party).order_by(COLUMNS.at.desc(), COLUMNS.id.desc())
    if before is not None:
        query = query.where(COLUMNS.at < before)
    return [_evaluation(row) for row in tx.execute(query.limit(limit))]


def reported(tx: Connection, party: int, place: Place) -> Evaluation | None:
    """The one that went into a report."""
    row = tx.execute(select(evaluations).where(COLUMNS.party == party, _in_report(*place))).one_or_none()
    return _evaluation(row) if row else None


def standing(tx: Connection, party: int) -> Standing | None:
    """None for a merchant that the oracle has never looked at."""
    fields = (STANDING.party, STANDING.state, STANDING.since, STANDING.evaluated_at)
    row = tx.execute(select(*fields).where(STANDING.party == party)).one_or_none()
    return Standing(row.party, State(row.state), row.since, row.evaluated_at) if row else None


# Writing: the oracle's leader alone


@dataclass(frozen=True, slots=True)
class Look:
    """A merchant was looked at. `again_at`: when the next look is due without a change, None for never;
    `consent_epoch`: of the consent there was, 0 without; `number`: of the last change of records that was seen.
    """

    party: int
    state: State
    again_at: int | None
    consent_epoch: int
    number: int


def keep(tx: Connection, found: Iterable[Evaluation]) -> None:
    """In place of those of the same merchants that went into no report, or into a lost proposal of the same round."""
    rows = [_row(evaluation) for evaluation in found]
    for row in rows:
        same = or_(COLUMNS.round.is_(None), _in_report(row["signer_set"], row["round"]))
        tx.execute(delete(evaluations).where(COLUMNS.party == row["party"], same))
    if rows:
        tx.execute(evaluations.insert(), rows)


def note(tx: Connection, looks: Iterable[Look], at: int) -> None:
    for look in looks:
        seen = asdict(look) | {"state": look.state.value, "evaluated_at": at}
        # A state that goes on keeps its beginning.
        since = case((STANDING.state == look.state.value, STANDING.since), else_=at)
        new = insert(tx.dialect.name, merchant_standings).values(since=at, **seen)
        tx.execute(new.on_conflict_do_update(index_elements=["party"], set_=seen | {"since": since}))


def wanted(tx: Connection, now: int, after: int, limit: int) -> list[int]:
    """Merchants to look at: by turns those whose records changed since the last look, and those whose time has come.

    `after`: number of a change up to which nobody is left to look at.
    """
    due = (
        select(STANDING.party).where(STANDING.again_at <= now).order_by(STANDING.again_at, STANDING.party).limit(limit)
    )
    newest_change = func.max(business_changes.c.number)
    changed = (
        select(business_changes.c.party)
        .join(merchant_standings, STANDING.party == business_changes.c.party, isouter=True)
        .where(business_changes.c.number > after)
        .group_by(business_changes.c.party, STANDING.number)
        .having(newest_change > func.coalesce(STANDING.number, 0))
        .order_by(newest_change)
        .limit(limit)
    )
    by_turns = chain.from_iterable(zip_longest(tx.scalars(changed).all(), tx.scalars(due).all()))
    return [party for party in dict.fromkeys(by_turns) if party is not None][:limit]


def known(tx: Connection, parties: Iterable[int]) -> list[int]:
    """Those of the parties that were ever looked at, in their order."""
    asked = list(parties)
    found = set(tx.scalars(select(STANDING.party).where(STANDING.party.in_(asked))))
    return [party for party in asked if party in found]


def look_again(tx: Connection, parties: Iterable[int], at: int, place: Place) -> None:
    """What was proposed about these merchants for a report came to nothing."""
    named = list(parties)
    tx.execute(update(merchant_standings).where(STANDING.party.in_(named)).values(again_at=at))
    proposed = COLUMNS.party.in_(named) & _in_report(*place)
    tx.execute(update(evaluations).where(proposed).values(due=None, signer_set=None, round=None))


def put_off(tx: Connection, parties: Iterable[int], until: int) -> None:
    """Signers refused what was proposed about these merchants: the others go first."""
    later = {"state": State.REFUSED.value, "again_at": until}
    tx.execute(update(merchant_standings).where(STANDING.party.in_(list(parties))).values(**later))


def erase(tx: Connection, party: int) -> int:
    """Forget what could be traced back to records, and all of what was never reported; returns how many evaluations."""
    never = tx.execute(delete(evaluations).where(COLUMNS.party == party, COLUMNS.round.is_(None))).rowcount
    held = (COLUMNS.party == party) & (COLUMNS.figures.is_not(None) | COLUMNS.arithmetic.is_not(None))
    return never + tx.execute(update(evaluations).where(held).values(figures=None, arithmetic=None)).rowcount


def purge(tx: Connection, before: int) -> int:
    """Forget figures and arithmetic as of an earlier second than `before`; returns of how many evaluations."""
    old = (COLUMNS.at < before) & COLUMNS.figures.is_not(None)
    return tx.execute(update(evaluations).where(old).values(figures=None, arithmetic=None)).rowcount


# Inside


def _in_report(signer_set: int | None, round_: int | None) -> ColumnElement[bool]:
    return and_(COLUMNS.signer_set == signer_set, COLUMNS.round == round_)


def _row(evaluation: Evaluation) -> dict[str, Any]:
    return asdict(evaluation) | {"reasons": list(evaluation.reasons)}


def _evaluation(row: Row[Any]) -> Evaluation:
    columns = dict(row._mapping)
    del columns["id"]
    arithmetic = columns.pop("arithmetic")
    return Evaluation(**columns, arithmetic=Arithmetic(**arithmetic) if arithmetic else None)
