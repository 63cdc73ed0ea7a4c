"""What the device desk reads from the chain, all of it at one block."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.chain.contracts import Suite
from backend.chain.device_reports import CONTRACT, LANES, NONE, Reading, minute_of
from backend.chain.rpc import Header, Rpc
from backend.oracle.machines.proposals import Lane

NOBODY = "0x" + "0" * 40


@dataclass(frozen=True, slots=True)
class LaneView:
    """A lane of DeviceOracle at block `at`."""

    at: Header
    last_round: int
    signer_set: int
    threshold: int
    paused: bool


@dataclass(frozen=True, slots=True)
class Status:
    """A machine's alarms on chain; all zero before the first report."""

    at: int
    sequence: int
    epoch: int
    alarms: int


def read(rpc: Rpc, suite: Suite, lane: Lane) -> LaneView:
    """At the newest block. Raises RpcUnavailable, RpcRefused, HeadUnsettled."""
    at = rpc.header("latest")
    asked: dict[str, tuple[Any, ...]] = {
        "lastRound": (lane.key,),
        "signerSet": (),
        "threshold": (),
        "reportsPaused": (),
    }
    found = suite.call_all(rpc, CONTRACT, asked, at.number)
    return LaneView(at, found["lastRound"], found["signerSet"], found["threshold"], found["reportsPaused"])


def statuses(rpc: Rpc, suite: Suite, machines: Iterable[int], block: int) -> dict[int, Status]:
    """By machine."""
    wanted = sorted(machines)
    found = suite.call_each(rpc, CONTRACT, "statusOf", [(machine,) for machine in wanted], block)
    return {
        machine: Status(each["at"], each["sequence"], each["epoch"], each["alarms"])
        for machine, each in zip(wanted, found, strict=True)
    }


def readings(rpc: Rpc, suite: Suite, groups: Iterable[int], block: int) -> dict[int, list[Reading]]:
    """The four readings of each group."""
    wanted = sorted(groups)
    machines = [(LANES * group + place,) for group in wanted for place in range(LANES)]
    found = [_reading(each) for each in suite.call_each(rpc, CONTRACT, "readingOf", machines, block)]
    return {group: found[LANES * place : LANES * (place + 1)] for place, group in enumerate(wanted)}


def devices(rpc: Rpc, suite: Suite, epochs: Sequence[tuple[int, int]], block: int) -> dict[int, str]:
    """Address of the device that spoke for each machine in an epoch, where there was one."""
    found = suite.call_each(rpc, "Equipment", "deviceIn", epochs, block)
    return {machine: device for (machine, _), device in zip(epochs, found, strict=True) if device != NOBODY}


def _reading(reading: Mapping[str, int]) -> Reading:
    if not reading["at"]:
        return NONE
    return Reading(reading["tenths"], reading["litres"], minute_of(reading["at"]))
