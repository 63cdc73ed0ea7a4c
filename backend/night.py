"""The process that compares fleets once a night: apart from `devices`, whose messages must not wait for a forest."""

import threading
from collections.abc import Callable

import structlog
from sqlalchemy import Connection, Engine

from backend import clock, loop, store
from backend.chain import start
from backend.chain.contracts import Suite
from backend.config import Settings
from backend.days import day_of
from backend.devices import ReadModel
from backend.telemetry.fleet import batch
from backend.telemetry.fleet.peers import WINDOW_DAYS
from backend.telemetry.registry import Registry

AFTER_S = 3_600
"""A day is judged from 01:00 in Beijing on: its last checkpoints have come by then."""
LOOK_S = 60.0

log = structlog.get_logger(__name__)


def run(settings: Settings, suite: Suite, stop: threading.Event) -> None:
    """Judge every day that is over until `stop` is set. Raises what makes a start impossible and WriterBusy."""
    rpc, engine = start.connect(settings, suite)
    registry, now = ReadModel(engine, rpc, settings.finality_depth), clock.of(settings, rpc)
    with store.sole_writer(engine, "night") as fence:
        night = Night(engine, registry, fence.check)

        def step() -> None:
            registry.refresh()
            if registry.is_ready():
                night.step(now())

        loop.run("night", step, LOOK_S, stop)


class Night:
    """Days in their order, each once; after a long silence the last `WINDOW_DAYS` of them."""

    def __init__(self, engine: Engine, registry: Registry, guard: Callable[[Connection], None]) -> None:
        self._engine, self._registry, self._guard = engine, registry, guard
        self._done = batch.last_day(engine)

    def step(self, now: int) -> None:
        over = day_of(now - AFTER_S) - 1
        for day in range(max(self._done + 1, over - WINDOW_DAYS + 1), over + 1):
            verdicts = batch.run(self._engine, self._registry, day, self._guard)
            odd = sorted(machine for machine, verdict in verdicts.items() if verdict.odd)
            log.info("fleets_compared", day=day, machines=len(verdicts), odd=odd)
            self._done = day
