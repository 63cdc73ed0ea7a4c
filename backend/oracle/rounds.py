"""Rounds of score reports in the database: what leader and relay hand to each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select, update

from backend import store
from backend.chain.reports import ScoreReport
from backend.oracle.proposals import digest_of, from_json, to_json
from backend.store.tables import score_rounds

ROUNDS = score_rounds.c
# In the order of the chain: a new set of signers counts from one.
NEWEST_FIRST = (ROUNDS.signer_set.desc(), ROUNDS.round.desc())


class State(StrEnum):
    """`queued`: in the outbox. A lost round is proposed anew under the same number unless another report took it."""

    PROPOSED = "proposed"
    QUEUED = "queued"
    COUNTED = "counted"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Round:
    """`signatures` and `refusals` by signer; `reason` tells why a round was lost: `{code, values, …}`."""

    number: int
    state: State
    digest: str
    report: ScoreReport
    model_hash: str
    sources: list[dict[str, Any]]
    signatures: Mapping[str, str]
    refusals: Mapping[str, Any]
    reason: Mapping[str, Any] | None

    @property
    def intent_key(self) -> str:
        """Every proposal is a transaction of its own; the contract counts one of a round."""
        return f"scores-{self.number}-{self.digest}"


def propose(tx: Connection, report: ScoreReport, model_hash: str, sources: list[dict[str, Any]]) -> None:
    """Keep a proposal, in place of a lost one of the same round."""
    row = {
        "state": State.PROPOSED,
        "digest": digest_of(report),
        "report": to_json(report),
        "model_hash": model_hash,
        "sources": sources,
        "signatures": {},
        "refusals": {},
        "reason": None,
    }
    place = report.place._asdict()
    new = store.insert(tx.dialect.name, score_rounds).values(**place, **row)
    tx.execute(new.on_conflict_do_update(index_elements=list(place), set_=row))


def last(tx: Connection) -> Round | None:
    """The newest round of the newest set of signers."""
    row = tx.execute(select(score_rounds).order_by(*NEWEST_FIRST).limit(1)).one_or_none()
    return _round(row) if row else None


def last_of(tx: Connection, party: int) -> Round | None:
    """The newest counted round with a record of the party."""
    counted = select(score_rounds).where(ROUNDS.state == State.COUNTED).order_by(*NEWEST_FIRST)
    for row in tx.execute(counted.execution_options(yield_per=10)):
        if any(source["party"] == party for source in row.sources):
            return _round(row)
    return None


def change(tx: Connection, round_: Round, **changes: Any) -> None:
    """Change a round, unless something else has been proposed for it since."""
    place = (ROUNDS.signer_set == round_.report.signer_set) & (ROUNDS.round == round_.number)
    same = place & (ROUNDS.digest == round_.digest)
    tx.execute(update(score_rounds).where(same).values(**changes))


def _round(row: Row[Any]) -> Round:
    columns = dict(row._mapping)
    del columns["signer_set"]
    report = from_json(columns.pop("report"))
    return Round(number=columns.pop("round"), state=State(columns.pop("state")), report=report, **columns)
