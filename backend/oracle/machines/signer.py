"""A signer of device reports: recomputes from its own telemetry and chain, and signs only what it vouches for."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from eth_account.signers.local import LocalAccount

from backend.chain import device_reports
from backend.chain.device_reports import CONTRACT, DeviceReport
from backend.oracle.errors import FactsNotOfNow, ReportsStopped, RoundWrong, SignerSetChanged
from backend.oracle.machines import proposals, view
from backend.oracle.machines.alarms import Alarms
from backend.oracle.machines.desk import Sources
from backend.oracle.machines.proposals import Lane
from backend.oracle.machines.readings import Readings
from backend.oracle.machines.view import LaneView

OLDEST_FACTS_S = 120
# Clocks of different machines.
MOST_AHEAD_S = 60


class DeviceSigner:
    """`sign` checks and signs a proposal of a lane."""

    def __init__(self, sources: Sources, account: LocalAccount) -> None:
        self._from, self._account = sources, account
        self._alarms, self._readings = Alarms(sources), Readings(sources)

    def answers(self) -> Mapping[str, Callable[[Any], bytes]]:
        """By path: the signature over a proposal in JSON."""
        return {lane.path: partial(self._answer, lane) for lane in Lane}

    def sign(self, lane: Lane, report: DeviceReport) -> bytes:
        """65 bytes over a report that agrees with what this signer finds. Raises a Refusal, or ReportsStopped."""
        rpc, suite = self._from.rpc, self._from.suite
        seen = view.read(rpc, suite, lane)
        issued_at = proposals.issued_at(report)
        require_batch(report, seen, self._from.now())
        if isinstance(report, device_reports.AlarmReport):
            self._alarms.require(report, seen, issued_at)
        else:
            self._readings.require(report, seen, issued_at)
        return device_reports.sign(report, suite.chain_id, suite.address(CONTRACT), self._account)

    def _answer(self, lane: Lane, proposal: Any) -> bytes:
        return self.sign(lane, proposals.from_json(lane, proposal))


def require_batch(report: DeviceReport, seen: LaneView, now: int) -> None:
    """Raises ReportsStopped, RoundWrong, SignerSetChanged, FactsNotOfNow."""
    issued_at = proposals.issued_at(report)
    if seen.paused:
        raise ReportsStopped
    if report.round != seen.last_round + 1:
        raise RoundWrong(round=report.round, next=seen.last_round + 1)
    if report.signer_set != seen.signer_set:
        raise SignerSetChanged(proposed=report.signer_set, current=seen.signer_set)
    if not now - OLDEST_FACTS_S <= issued_at <= now + MOST_AHEAD_S:
        raise FactsNotOfNow(issued_at=issued_at, now=now, oldest=now - OLDEST_FACTS_S)
