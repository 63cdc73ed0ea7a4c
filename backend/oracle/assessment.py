"""From filed statements to the records of a report: the one computation that leader and signers both make."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

from backend import days
from backend.chain.reports import ScoreRecord
from backend.oracle.errors import ModelExpired, ModelHashDiffers, ModelNotRegistered, ModelWithdrawn
from backend.oracle.view import OracleView, Standing
from backend.records.filings import Filing
from backend.scoring import model
from backend.scoring.model import Scored, Scorer

MODEL = 1  # number of the model below in the CreditOracle
SPEC = "polish_1year"
# The bank sets the limits of core enterprises itself; a reported limit belongs to lines that follow data.
NO_LIMIT = 0


@lru_cache(maxsize=1)
def scorer() -> Scorer:
    """The shipped model. Raises ModelMissing, ModelTampered."""
    return model.load(SPEC)


def require_usable(view: OracleView, used: Scorer) -> None:
    """The registered model and no other makes scores, and only in its time.

    Raises ModelNotRegistered, ModelWithdrawn, ModelHashDiffers, ModelExpired.
    """
    if MODEL not in view.models:
        raise ModelNotRegistered(model=MODEL)
    registered = view.models[MODEL]
    if registered is None:
        raise ModelWithdrawn(model=MODEL)
    if registered != used.model_hash:
        raise ModelHashDiffers(model=MODEL, registered=registered, shipped=used.model_hash)
    today: date = days.date_of(days.day_of(view.at.timestamp))
    if today > used.expires_on:
        raise ModelExpired(model=MODEL, expires_on=used.expires_on.isoformat(), today=today.isoformat())


class Assessor:
    """Scores statements, each once: the model is deterministic and a statement never changes."""

    def __init__(self, used: Scorer) -> None:
        self.scorer = used
        self._known: dict[int, Scored] = {}

    def scores(self, filed: Iterable[Filing]) -> dict[int, Scored]:
        """By party. Raises ColumnMissing, CellNotNumeric, CellInfinite."""
        wanted = list(filed)
        new = [filing for filing in wanted if filing.id not in self._known]
        scored = self.scorer.score([filing.figures for filing in new])
        self._known |= {filing.id: result for filing, result in zip(new, scored, strict=True)}
        return {filing.party: self._known[filing.id] for filing in wanted}


def record(party: int, scored: Scored, standing: Standing) -> ScoreRecord:
    """What is reported about a party: its score under the present consent, after the last sequence."""
    return ScoreRecord(
        party=party,
        value=scored.score,
        pd_ppm=scored.pd_ppm,
        limit_code=NO_LIMIT,
        sequence=standing.sequence + 1,
        reasons=scored.reasons,
        consent_epoch=standing.consent_epoch,
    )


def sources(filed: Mapping[int, Filing], parties: Iterable[int]) -> list[dict[str, int | str]]:
    """Which statement each record was made of, for whoever traces a score back."""
    chosen = (filed[party] for party in parties)
    return [
        {"party": filing.party, "filing": filing.id, "features_hash": filing.features_hash, "company": filing.company}
        for filing in chosen
    ]
