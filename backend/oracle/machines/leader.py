"""The leader of the device lanes: notices what has to go on chain, and proposes a report for the next round."""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog

from backend import clock, loop, store
from backend.chain import start
from backend.chain.contracts import Suite
from backend.chain.device_reports import CONTRACT, DeviceReport
from backend.config import Settings
from backend.oracle.machines import proposals, rounds, view
from backend.oracle.machines.alarms import Alarms
from backend.oracle.machines.desk import Desk, Sources
from backend.oracle.machines.readings import Readings
from backend.oracle.machines.rounds import Round
from backend.oracle.rounds import State

# An alarm must not wait for the leader to look; a reading is of the last minutes anyway.
ALARM_POLL_S = 0.05
READING_POLL_S = 1.0
# What nobody would sign a moment ago is not proposed again at once.
PATIENCE_S = 0.5
CHECK_S = 1.0
MOST_AHEAD_S = 30  # of the clock; signers allow twice as much

log = structlog.get_logger(__name__)


def run(settings: Settings, suite: Suite, stop: threading.Event) -> None:
    """Propose on both lanes until `stop` is set. Raises what makes a start impossible, and WriterBusy."""
    rpc, engine = start.connect(settings, suite)
    sources = Sources(engine, rpc, suite, clock.of(settings, rpc))

    def lead(desk: Desk, poll_s: float) -> None:
        try:
            with store.sole_writer(engine, f"leader-{desk.lane}"):
                loop.run(f"leader_{desk.lane}", Leader(sources, desk).step, poll_s, stop)
        finally:
            stop.set()

    with ThreadPoolExecutor(2, thread_name_prefix="machines") as pool:
        running = [
            pool.submit(lead, Alarms(sources), min(ALARM_POLL_S, settings.poll_interval)),
            pool.submit(lead, Readings(sources), READING_POLL_S),
        ]
    for each in running:
        each.result()


class Leader:
    """Of one lane. `step` once per poll; what it holds in memory only saves work."""

    def __init__(self, sources: Sources, desk: Desk) -> None:
        self._from, self._desk = sources, desk
        self._lost = self._gone = ""
        self._wait_until = self._check_at = 0.0

    def step(self) -> DeviceReport | None:
        """Propose the next report if something has to be told and no report is under way."""
        now = self._from.now()
        with store.reading(self._from.engine) as tx:
            last = rounds.last(tx, self._desk.lane)
            if last and last.state in (State.PROPOSED, State.QUEUED):
                return None
            now = _own_second(now, last)
            counted = last.report if last and last.state is State.COUNTED else None
            waiting = self._desk.waiting(tx, now, counted)
        self._hear(last)
        if time.monotonic() < self._wait_until:
            return None
        if last and time.monotonic() >= self._check_at:
            self._check(last)
        if not waiting:
            return None
        seen = view.read(self._from.rpc, self._from.suite, self._desk.lane)
        report = None if seen.paused else self._desk.propose(seen, waiting, now)
        if seen.paused:
            self._wait_until = time.monotonic() + CHECK_S
        if report:
            with store.writing(self._from.engine) as tx:
                rounds.propose(tx, self._desk.lane, report)
            log.info("device_report_proposed", lane=self._desk.lane.value, round=report.round, machines=len(waiting))
        return report

    def _check(self, last: Round) -> None:
        """What counted may have been reorganised away: then the chain is looked at anew."""
        self._check_at = time.monotonic() + CHECK_S
        suite, lane = self._from.suite, self._desk.lane
        counted = suite.call(self._from.rpc, CONTRACT, "lastRound", lane.key)
        if last.state is State.COUNTED and counted < last.number and self._gone != last.digest:
            self._gone = last.digest
            log.warning("device_report_gone", lane=lane.value, round=last.number, counted=counted)
            self._desk.forget()

    def _hear(self, last: Round | None) -> None:
        """What became of the newest report."""
        if last is None or last.state is not State.LOST or self._lost == last.digest:
            return
        self._lost = last.digest
        self._wait_until = time.monotonic() + PATIENCE_S
        self._desk.refused(_named(last.refusals))


def _own_second(now: int, last: Round | None) -> int:
    """No two proposals are of one second: what is told again after a reorganisation is another transaction."""
    issued_at = proposals.issued_at(last.report) if last else 0
    return issued_at + 1 if now <= issued_at <= now + MOST_AHEAD_S else now


def _named(refusals: Mapping[str, Any]) -> set[int]:
    """The machines that signers refused because of; what a signer answers may be anything."""
    values = (problem.get("values") for problem in refusals.values() if isinstance(problem, dict))
    found = (value.get("machine") for value in values if isinstance(value, dict))
    return {machine for machine in found if isinstance(machine, int)}
