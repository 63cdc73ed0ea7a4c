"""The device lanes as the relay sees them."""

from sqlalchemy import Connection

from backend.chain import device_reports
from backend.chain.contracts import Suite
from backend.chain.rpc import Rpc
from backend.oracle.machines import proposals, rounds, view
from backend.oracle.machines.proposals import Lane
from backend.oracle.machines.rounds import Round
from backend.oracle.machines.view import LaneView


class DeviceLane:
    """A `relay.Lane` of DeviceOracle. Whoever is late to sign is not waited for."""

    contract = device_reports.CONTRACT
    timeout_s = 10.0
    patience_s = 0.0
    change = staticmethod(rounds.change)
    to_json = staticmethod(proposals.to_json)
    message_of = staticmethod(device_reports.message_of)
    signer_of = staticmethod(device_reports.signer_of)

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self.name, self.function, self.path = lane.value, lane.function, lane.path

    def last(self, tx: Connection) -> Round | None:
        return rounds.last(tx, self._lane)

    def seen(self, rpc: Rpc, suite: Suite) -> LaneView:
        return view.read(rpc, suite, self._lane)


ALARMS, READINGS = DeviceLane(Lane.ALARMS), DeviceLane(Lane.READINGS)
