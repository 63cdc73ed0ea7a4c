"""What both lanes have in common."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, Engine

from backend.chain.contracts import Suite
from backend.chain.device_reports import DeviceReport
from backend.chain.rpc import Rpc
from backend.clock import Clock
from backend.oracle.machines.proposals import DEADLINE_S, Lane
from backend.oracle.machines.view import LaneView
from backend.telemetry.checkpoints import Domain


@dataclass(frozen=True)
class Sources:
    """Where facts come from: the own telemetry and the chain. `now`: the backend's clock."""

    engine: Engine
    rpc: Rpc
    suite: Suite
    now: Clock

    @property
    def domain(self) -> Domain:
        """Of what devices sign."""
        return Domain(self.suite.chain_id, self.suite.address("Equipment"))


class Desk(Protocol):
    """One lane, as the leader asks about it."""

    lane: Lane

    def waiting(self, tx: Connection, now: int, last: DeviceReport | None) -> Collection[int]:
        """Machines that may have to be reported, cheaply found; `last`: the newest report, if it counted."""

    def propose(self, seen: LaneView, machines: Collection[int], now: int) -> DeviceReport | None:
        """A report for the next round, None when nothing has to be told."""

    def refused(self, machines: Collection[int]) -> None:
        """Signers refused a report because of these: the others go first for a while."""

    def forget(self) -> None:
        """The chain may no longer be what was last seen of it."""


def head_of(seen: LaneView, now: int) -> Mapping[str, int]:
    """Round, signers and deadline of a new report."""
    return {"round": seen.last_round + 1, "signer_set": seen.signer_set, "deadline": now + DEADLINE_S}
