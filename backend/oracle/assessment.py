"""Which model may make scores, and what both kinds of parties have in common."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Protocol

from sqlalchemy import Connection, Engine

from backend import days
from backend.chain.contracts import Suite
from backend.chain.reports import Place, ScoreRecord
from backend.chain.rpc import Rpc
from backend.oracle.errors import (
    ModelExpired,
    ModelHashDiffers,
    ModelNotApproved,
    ModelNotRegistered,
    ModelWithdrawn,
)
from backend.oracle.rules import Due
from backend.oracle.view import OracleView, Standing
from backend.scoring import model
from backend.scoring.model import Scored, Scorer

MODEL = 1  # number of the model below in the CreditOracle
SPEC = "polish_1year"  # judges core enterprises


@cache
def scorer(spec: str = SPEC) -> Scorer:
    """A shipped model, loaded once. Raises ModelMissing, ModelTampered."""
    return model.load(spec)


def require_usable(view: OracleView, number: int, used: Scorer) -> None:
    """The registered and approved model and no other makes scores, and only in its time.

    Raises ModelNotRegistered, ModelNotApproved, ModelWithdrawn, ModelHashDiffers, ModelExpired.
    """
    registered = view.models.get(number)
    if registered is None:
        raise ModelNotRegistered(model=number)
    if registered.retired:
        raise ModelWithdrawn(model=number)
    if not registered.approved:
        raise ModelNotApproved(model=number)
    if registered.hash != used.model_hash:
        raise ModelHashDiffers(model=number, registered=registered.hash, shipped=used.model_hash)
    today: date = days.date_of(days.day_of(view.at.timestamp))
    if today > used.expires_on:
        raise ModelExpired(model=number, expires_on=used.expires_on.isoformat(), today=today.isoformat())


@dataclass(frozen=True)
class Sources:
    """Where facts come from: the own database and the chain."""

    engine: Engine
    rpc: Rpc
    suite: Suite


@dataclass(frozen=True)
class Batch:
    """What a desk wants to report, and why. `sources`: of what each record was made, for whoever traces a score back;
    `keep`: writes down what else was found, with the round of the report, None when nothing is proposed; `done`: nobody
    else waits at this block.
    """

    records: Sequence[ScoreRecord] = ()
    due: Sequence[Due] = ()
    sources: Sequence[dict[str, Any]] = ()
    keep: Callable[[Connection, Place | None], None] | None = None
    done: bool = True


class Desk(Protocol):
    """Parties that are scored with one model from one kind of facts. The leader asks what is due; a signer, what is
    found.

    `number`: of the model in the CreditOracle; `spec`: of its shipped artefact; `validity_s`: of its scores.
    """

    number: int
    spec: str
    validity_s: int

    def news(self, tx: Connection) -> object | None:
        """Changes whenever there may be more to do at the same block; None when there is nothing at all."""

    def due(self, seen: OracleView) -> Batch:
        """At most `MOST_RECORDS` of those who have to be reported now."""

    def lost(self, tx: Connection, place: Place, parties: Sequence[int], refused: Sequence[int], now: int) -> None:
        """A report on these parties came to nothing; signers refused because of some of them."""

    def found(self, seen: OracleView, issued_at: int, parties: Sequence[int]) -> dict[int, ScoreRecord]:
        """What there is to report about parties as of `issued_at`. Raises a Refusal."""


def record(party: int, scored: Scored, standing: Standing, limit_code: int, flags: int = 0) -> ScoreRecord:
    """What is reported about a party: its score under the present consent, after the last sequence."""
    return ScoreRecord(
        party=party,
        value=scored.score,
        pd_ppm=scored.pd_ppm,
        limit_code=limit_code,
        sequence=standing.sequence + 1,
        reasons=scored.reasons,
        consent_epoch=standing.consent_epoch,
        flags=flags,
    )
