"""What merchants' data are kept no longer goes, once a day on the chain's clock, whatever the models are doing."""

import time

import structlog
from sqlalchemy import Engine

from backend import days, store
from backend.chain.rpc import Rpc
from backend.records import evaluations
from backend.records.business import kept
from backend.scoring.merchants.records import Kind

LOOK_S = 60.0  # how often the chain is asked whether a day has begun

log = structlog.get_logger(__name__)


class Retention:
    """`step` as often as one likes."""

    def __init__(self, engine: Engine, rpc: Rpc) -> None:
        self._engine = engine
        self._rpc = rpc
        self._look_at = 0.0
        self._purged_on = 0

    def step(self) -> None:
        """Purge once a day: records by their kind, figures computed from them when sales of their day go."""
        if time.monotonic() < self._look_at:
            return
        now = self._rpc.head().timestamp
        if days.day_of(now) != self._purged_on:
            self._purge(now)
        self._look_at, self._purged_on = time.monotonic() + LOOK_S, days.day_of(now)

    def _purge(self, now: int) -> None:
        with store.writing(self._engine) as tx:
            records = kept.purge(tx, now)
            figures = evaluations.purge(tx, now - kept.retention()[Kind.SALE].days * days.DAY_S)
        if records or figures:
            log.info("purged", records=records, evaluations=figures)
