"""What has to be done from time to time, messages or none: notice who is silent, let go of what is past its time."""

from collections.abc import Callable, Collection, Iterator

import structlog
from sqlalchemy import Connection, Engine

from backend import store
from backend.config import SHARDS
from backend.days import DAY_S
from backend.telemetry import kept
from backend.telemetry.alarms import Alarm, Phase, Severity
from backend.telemetry.consumer import Consumer
from backend.telemetry.registry import Registry
from backend.telemetry.rules import ruleset
from backend.telemetry.rules.input import Transition
from backend.telemetry.rules.offline import offline

WATCH_EVERY_S = 30
# While we were away machines spoke to nobody; at rest they report every ten minutes.
GRACE_S = 900
FULL_S = 90 * DAY_S
KEPT_S = 3 * 366 * DAY_S  # the limitation period of Civil Code art. 188
QUARANTINE_S = 90 * DAY_S

log = structlog.get_logger(__name__)


class Tending:
    """`step` every few seconds. `guard` is called first in every transaction."""

    def __init__(
        self,
        engine: Engine,
        registry: Registry,
        consumer: Consumer,
        shards: Collection[int],
        guard: Callable[[Connection], None] = lambda _: None,
    ) -> None:
        self._engine, self._registry, self._consumer, self._guard = engine, registry, consumer, guard
        self._shards = frozenset(shards)
        self._watch_at: int | None = None
        self._clean_at = 0
        self._to_clean: Iterator[int] = iter(())

    def step(self, now: int, *, is_behind: bool) -> None:
        """`is_behind`: messages wait that we have not read; who seems silent may have spoken in them."""
        if self._watch_at is None:
            self._watch_at = now + GRACE_S
        if now >= self._watch_at and not is_behind:
            self._watch_at = now + WATCH_EVERY_S
            self._consumer.tell(self._silent(now))
        self._clean(now)

    def _silent(self, now: int) -> dict[int, list[Transition]]:
        """Changes of the alarm that machines are offline."""
        with store.reading(self._engine) as tx:
            heard, opened = kept.heard(tx), kept.opened(tx, Alarm.OFFLINE)
        found = {}
        for machine in self._registry.machines():
            if not machine.bindings or machine.id % SHARDS not in self._shards:
                continue
            since = max(heard.get(machine.id, 0), machine.bindings[-1].at)
            severity = offline(ruleset.load(), since, now)
            if severity != opened.get(machine.id, Severity.CLEAR):
                found[machine.id] = [_transition(severity, since, now)]
        return found

    def _clean(self, now: int) -> None:
        """One machine at a time, each once a day, so that messages never wait long."""
        if now >= self._clean_at:
            self._clean_at = now + DAY_S
            self._to_clean = iter(sorted(machine.id for machine in self._registry.machines()))
            with store.writing(self._engine) as tx:
                self._guard(tx)
                kept.purge_quarantine(tx, now - QUARANTINE_S)
        machine = next(self._to_clean, None)
        if machine is not None and machine % SHARDS in self._shards:
            with store.writing(self._engine) as tx:
                self._guard(tx)
                gone = kept.thin(tx, machine, now - FULL_S) + kept.purge_records(tx, machine, now - KEPT_S)
            if gone:
                log.info("records_let_go", machine=machine, records=gone)


def _transition(severity: Severity, since: int, now: int) -> Transition:
    phase = Phase.ACTIVE if severity else Phase.CLEARED
    return Transition(Alarm.OFFLINE, phase, severity, now, 0, {"reason": "offline", "silent_s": now - since})
