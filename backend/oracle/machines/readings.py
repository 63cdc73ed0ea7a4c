"""The lane of readings: hours and fuel under the devices' signatures, in dense batches.

Cumulative figures, so that nothing has to be told twice and nothing is lost: what a machine ran while it was not
reported is in the next reading. Machines of a group share a word on chain, and go along whenever one of them is due.
"""

import time
from collections.abc import Collection, Mapping, Sequence

import structlog
from sqlalchemy import Connection

from backend import store
from backend.chain.device_reports import (
    LANES,
    NONE,
    DeviceReport,
    Reading,
    ReadingReport,
    decode_word,
    encode_word,
    minute_of,
    second_of,
)
from backend.oracle.machines import facts, view
from backend.oracle.machines.desk import Sources, head_of
from backend.oracle.machines.errors import (
    MachineNotHeard,
    MachineTwice,
    ReadingDiffers,
    ReadingNotOfNow,
    ReadingNotSealed,
)
from backend.oracle.machines.facts import Facts
from backend.oracle.machines.proposals import MOST_GROUPS, Lane, issued_at
from backend.oracle.machines.view import LaneView
from backend.telemetry import checkpoints
from backend.telemetry.record import Checkpoint

DUE_MINUTES = 15
# Devices sign every five minutes, each at its own time: what falls due within as long goes into one report.
GATHER_S = 300
ASIDE_S = 60.0
# A signer may have heard as much more than the leader by the time it is asked.
LAG_MINUTES = 10
MOST_LITRES_A_MINUTE = 5

log = structlog.get_logger(__name__)


class Readings:
    """A `Desk`. What it remembers only saves looking: the minute of each machine's reading on chain."""

    lane = Lane.READINGS

    def __init__(self, sources: Sources) -> None:
        self._from = sources
        self._minutes: dict[int, int] = {}
        self._aside: dict[int, float] = {}

    # For the leader

    def waiting(self, tx: Connection, now: int, last: DeviceReport | None) -> Collection[int]:
        """Machines with a reading 15 minutes after the one on chain; those of which the chain has none do not wait for
        others."""
        clock = time.monotonic()
        late = {
            machine: minute_of(min(at, now)) - self._minutes.get(machine, 0)
            for machine, at in facts.live(tx).items()
            if self._aside.get(machine, 0.0) <= clock
        }
        due = [machine for machine, minutes in late.items() if minutes >= DUE_MINUTES]
        is_first = any(self._minutes.get(machine, 0) == 0 for machine in due)
        gathers = last is not None and now - issued_at(last) < GATHER_S
        return sorted(due, key=lambda machine: -late[machine]) if is_first or not gathers else ()

    def propose(self, seen: LaneView, machines: Collection[int], now: int) -> ReadingReport | None:
        """Every machine of the groups of those that are due, longest ago first."""
        groups = sorted(list(dict.fromkeys(machine // LANES for machine in machines))[:MOST_GROUPS])
        stored = view.readings(self._from.rpc, self._from.suite, groups, seen.at.number)
        with store.reading(self._from.engine) as tx:
            found = facts.read(tx, _machines(groups))
        words = {group: self._grown(group, stored[group], found, now) for group in groups}
        news = {group: readings for group, readings in words.items() if _is_due(stored[group], readings)}
        if not news:
            return None
        packed = tuple(encode_word(readings) for readings in news.values())
        return ReadingReport(**head_of(seen, now), groups=tuple(news), words=packed)

    def refused(self, machines: Collection[int]) -> None:
        until = time.monotonic() + ASIDE_S
        self._aside |= dict.fromkeys(machines, until)

    def forget(self) -> None:
        self._minutes.clear()

    def _grown(self, group: int, stored: Sequence[Reading], found: Mapping[int, Facts], now: int) -> list[Reading]:
        """The next word of a group; lanes without news repeat the chain's."""
        readings = []
        for machine, before in enumerate(stored, start=LANES * group):
            self._minutes[machine] = before.minute
            own = found[machine].reading(now) if machine in found and found[machine].live_at else before
            if own.tenths < before.tenths or own.litres < before.litres:
                log.error("reading_behind_chain", machine=machine, own=own._asdict(), chain=before._asdict())
                self.refused([machine])
            out_of_reach = self._aside.get(machine, 0.0) > time.monotonic()
            readings.append(before if out_of_reach else next_reading(before, own))
        return readings

    # For signers

    def require(self, report: ReadingReport, seen: LaneView, issued_at: int) -> None:
        """Raises MachineTwice and what `require_reading` and `_require_sealed` raise."""
        if len(set(report.groups)) < len(report.groups):
            raise MachineTwice(machine=next(each for each in report.groups if report.groups.count(each) > 1))
        stored = view.readings(self._from.rpc, self._from.suite, report.groups, seen.at.number)
        changed = {
            machine: (before, after)
            for group, word in zip(report.groups, report.words, strict=True)
            for machine, (before, after) in enumerate(
                zip(stored[group], decode_word(word), strict=True), start=LANES * group
            )
            if after != before
        }
        with store.reading(self._from.engine) as tx:
            found = facts.read(tx, changed)
            for machine, (before, after) in changed.items():
                if machine not in found or not found[machine].live_at:
                    raise MachineNotHeard(machine=machine)
                require_reading(machine, before, after, found[machine].reading(issued_at))
            self._require_sealed(tx, {machine: found[machine] for machine in changed}, changed, seen)

    def _require_sealed(
        self, tx: Connection, found: Mapping[int, Facts], changed: Mapping[int, tuple[Reading, Reading]], seen: LaneView
    ) -> None:
        """Time, and the hours of a first device, stand in a checkpoint by the device that the chain knows."""
        places = [(machine, each.epoch) for machine, each in found.items()]
        devices = view.devices(self._from.rpc, self._from.suite, places, seen.at.number)
        for machine, own in found.items():
            sealed, after = facts.newest_checkpoint(tx, machine, own.epoch), changed[machine][1]
            fits = sealed is not None and covers(sealed, after)
            device = devices.get(machine, view.NOBODY)
            if not (sealed and fits and checkpoints.is_signed_by(self._from.domain, sealed, device)):
                raise ReadingNotSealed(machine=machine)


# What is due, and what a signer requires. Pure.


def most_tenths(before: Reading, minute: int) -> int:
    """The most hours that the contract takes at a minute: Δhours ≤ Δt · 1.02 + 0.1 h."""
    return before.tenths + ((minute - before.minute) * 102 + 600) // 600


def next_reading(before: Reading, own: Reading) -> Reading:
    """What follows a reading on chain: as many hours as time allows, the rest next time. Without news, the same."""
    if before == NONE:
        return own
    if own.minute <= before.minute or own.tenths < before.tenths or own.litres < before.litres:
        return before
    return own._replace(tenths=min(own.tenths, most_tenths(before, own.minute)))


def _is_due(stored: Sequence[Reading], grown: Sequence[Reading]) -> bool:
    """Whether one of a group's machines has waited long enough."""
    return any(after.minute - before.minute >= DUE_MINUTES for before, after in zip(stored, grown, strict=True))


def require_reading(machine: int, before: Reading, after: Reading, own: Reading) -> None:
    """What the leader found shortly before: never more than what is found here, and little less.

    Raises ReadingNotOfNow, ReadingDiffers.
    """
    lag = own.minute - after.minute
    if not (before.minute < after.minute and 0 <= lag <= LAG_MINUTES):
        raise ReadingNotOfNow(machine=machine, proposed=second_of(after.minute), own=second_of(own.minute))
    most = own.tenths if before == NONE else min(own.tenths, most_tenths(before, after.minute))
    least = {"tenths": max(before.tenths, most - (lag * 102 + 600) // 600)}
    least |= {"litres": max(before.litres, own.litres - (lag + 1) * MOST_LITRES_A_MINUTE)}
    for field, highest in (("tenths", most), ("litres", own.litres)):
        proposed = getattr(after, field)
        if not least[field] <= proposed <= highest:
            raise ReadingDiffers(machine=machine, field=field, proposed=proposed, least=least[field], most=highest)


def covers(sealed: Checkpoint, reading: Reading) -> bool:
    """Whether a signature vouches for the time of a reading and, of a first device, for its hours."""
    measures = sealed.epoch > 1 or facts.tenths(sealed.hours) >= reading.tenths
    return sealed.at >= second_of(reading.minute) and measures


def _machines(groups: Collection[int]) -> list[int]:
    return [LANES * group + place for group in groups for place in range(LANES)]
