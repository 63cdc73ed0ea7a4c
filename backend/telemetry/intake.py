"""Which messages of a machine count, and for what. Pure: what is known goes in, what is to be kept comes out.

Nothing here depends on how messages are cut into batches. What comes twice counts once; what comes late meters, but
never alarms; what contradicts is refused by name.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import NamedTuple, cast

import msgspec

from backend.telemetry import checkpoints, metering
from backend.telemetry.checkpoints import Domain
from backend.telemetry.decoding import require_hash
from backend.telemetry.errors import (
    ChainForked,
    CheckpointContradicted,
    ClockAhead,
    DeviceUnbound,
    EpochOver,
    EpochUnbound,
    MessageRefused,
    SequenceAhead,
    SignatureForged,
    TenantOther,
)
from backend.telemetry.metering import Meter
from backend.telemetry.record import Checkpoint, Message, Record
from backend.telemetry.registry import Machine
from backend.telemetry.rules.context import FOREVER
from backend.telemetry.rules.input import Breach, Input, Sealed
from backend.telemetry.runs import Known, Place, Runs

MOST_AHEAD_S = 300
MOST_AT_ONCE = 600
"""Records that a device may have made besides one a second: after its start it catches up."""
MOST_WAITING = 64
STRETCH = 500
"""Records that are read at a time."""
MOST_BREACHES = 64

Recall = Callable[[int, int, int], Mapping[int, Record]]
"""Of an epoch, the kept records from one sequence through another, by sequence."""


class Arrival(NamedTuple):
    """A message that could be read. `tenant`: of its topic. `late`: it came from the device's backlog."""

    message: Message
    tenant: int
    late: bool
    content: Record | Checkpoint


class Refusal(NamedTuple):
    message: Message
    reason: MessageRefused


class Live(msgspec.Struct, array_like=True, frozen=True):
    """Of a live record. `at` by the device's clock, `received_at` by the server's."""

    sequence: int = 0
    at: int = 0
    received_at: int = 0


class Device(msgspec.Struct, array_like=True):
    """What is known of one epoch. `seen`: metered by all records; `sealed`: by checkpoints alone, of which `checkpoint`
    is the newest. `newest`: time, hours and fuel of the newest record. `waiting`: checkpoints by sequence whose record
    has not come. `first_live` and `last_live`: since the newest checkpoint over a live record. `told`: the newest
    sequence that the rules know to be sealed; `broken`: first and last record under a seal that did not reach it."""

    seen: Meter
    sealed: Meter
    runs: Runs
    checkpoint: int = 0
    newest: tuple[int, int, int] = (0, 0, 0)
    waiting: dict[int, tuple[str, int, int, int]] = {}
    first_live: Live = Live()
    last_live: Live = Live()
    told: int = 0
    broken: tuple[int, int] = (0, 0)


class Intake(msgspec.Struct, array_like=True):
    """What is known of a machine. `signed`: the newest live record under a checkpoint. `breaches`: the last messages
    that showed tampering, so that none of them does so twice."""

    devices: dict[int, Device] = {}
    signed: Live = Live()
    breaches: list[str] = []


@dataclass
class Outcome:
    """What became of one machine's messages. `kept`: records that are new. `inputs`: for the rules."""

    kept: list[Arrival] = field(default_factory=list)
    checkpoints: list[tuple[Checkpoint, int]] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    duplicates: int = 0
    history: int = 0


class Reading(NamedTuple):
    """Over all devices of a machine: hundredths of an hour, tenths of a litre."""

    hours: int
    fuel: int


def take(machine: Machine, domain: Domain, intake: Intake, arrivals: Iterable[Arrival], recall: Recall) -> Outcome:
    """Judge one machine's messages in the order they came; `intake` becomes what is known after them.

    A device is bound to the machine, or was.
    """
    outcome = Outcome()
    judge = _Judge(machine, domain, intake, recall, outcome)
    for arrival in arrivals:
        try:
            if arrival.tenant != machine.party:
                raise TenantOther(machine=machine.id, tenant=machine.party, named=arrival.tenant)
            if type(arrival.content) is Record:
                judge.record(arrival, arrival.content)
            else:
                judge.checkpoint(arrival.message, cast(Checkpoint, arrival.content))
        except MessageRefused as reason:
            outcome.refused.append(Refusal(arrival.message, reason))
    judge.settle()
    return outcome


def refuse(arrivals: Iterable[Arrival]) -> Outcome:
    """All messages of a machine without a device."""
    return Outcome(refused=[Refusal(each.message, DeviceUnbound(machine=each.content.machine)) for each in arrivals])


def seen(machine: Machine, intake: Intake) -> Reading:
    """Metered by all records, signed or not."""
    return _reading(machine, {epoch: device.seen for epoch, device in intake.devices.items()})


def sealed(machine: Machine, intake: Intake) -> Reading:
    """Metered by signed checkpoints alone: what goes on chain."""
    return _reading(machine, {epoch: device.sealed for epoch, device in intake.devices.items()})


def _reading(machine: Machine, meters: Mapping[int, Meter]) -> Reading:
    return Reading(metering.hours_of(machine, meters), metering.fuel_of(meters))


class _Judge:
    """One call of `take`. Most records follow their machine's newest one: what is the same for all of them is written
    down by `settle`, and not for each."""

    def __init__(self, machine: Machine, domain: Domain, intake: Intake, recall: Recall, outcome: Outcome) -> None:
        self._machine, self._domain, self._intake, self._outcome = machine, domain, intake, outcome
        self._recall = recall
        self._remembered: dict[int, _Remembered] = {}
        self._epoch = 0
        self._newest: Record | None = None
        self._live: tuple[Record, int] | None = None

    def record(self, arrival: Arrival, record: Record) -> None:
        _, epoch, sequence, at, _, hours, fuel, _, _, _, _, _, previous, hash_ = record
        received_at = arrival.message.received_at
        if epoch != self._epoch or at > received_at + MOST_AHEAD_S or at > self._over_at:
            self._turn_to(record, received_at)
        device, run = self._device, self._run
        if run and sequence == run.last + 1 and previous == run.head and not device.waiting:
            run.last, run.head = sequence, hash_
        elif not self._place(arrival, record):
            return
        self._newest = record
        device.seen.read(sequence, at, hours, fuel)
        self._outcome.kept.append(arrival)
        if self._is_present and not arrival.late:
            self._live = (record, received_at)
            if not device.first_live.sequence:
                device.first_live = Live(sequence, at, received_at)
            self._outcome.inputs.append(record)
        if device.waiting:
            self._seal_waiting(record)

    def checkpoint(self, message: Message, checkpoint: Checkpoint) -> None:
        self._turn_to(checkpoint, message.received_at)
        self._require_signed(checkpoint, message)
        self.settle()
        device, sequence = self._device, checkpoint.sequence
        standing = self._standing()
        known = standing.get(sequence)
        fits = known is None or _figures(known) == _figures(checkpoint)
        sealed = device.runs.seal(sequence, checkpoint.head, standing) if fits else False
        if sealed is False:
            self._breach_by(message, "fork", checkpoint)
            raise CheckpointContradicted(machine=checkpoint.machine, sequence=sequence)
        self._outcome.checkpoints.append((checkpoint, message.received_at))
        if sequence > device.checkpoint:
            device.checkpoint = sequence
            device.sealed.read(sequence, checkpoint.at, checkpoint.hours, checkpoint.fuel)
            self._hear(sequence)
        if sealed:
            self._tell_sealed(sequence)
        elif sequence > device.runs.floor:
            self._wait(checkpoint)

    def settle(self) -> None:
        """Write down the newest record and the newest live one."""
        if self._newest:
            self._device.newest = _figures(self._newest)
            self._newest = None
        if self._live:
            record, received_at = self._live
            self._device.last_live = Live(record.sequence, record.at, received_at)
            self._live = None

    def _place(self, arrival: Arrival, record: Record) -> bool:
        """Take in a record that does not simply follow; True when it is the newest. Raises PayloadInvalid,
        SequenceAhead, ChainForked."""
        self.settle()
        device, standing = self._device, self._standing()
        require_hash(record.previous)
        if record.sequence > device.runs.last + 1:
            _require_plausible(record, device.runs.last, device.newest[0])
        place = Place.FORK if _contradicts(device, record) else device.runs.place(record, standing)
        self._run = device.runs.newest
        if place is Place.NEWEST:
            return True
        if place is Place.SAME:
            self._outcome.duplicates += 1
        elif place is Place.HISTORY:
            self._outcome.history += 1
            self._outcome.kept.append(arrival)
            device.seen.read_history(record.sequence, record.fuel)
            self._seal_waiting(record)
        else:
            if self._is_present and not arrival.late:
                self._breach("fork", record.hash, record.at)
            raise ChainForked(machine=record.machine, sequence=record.sequence)
        return False

    def _seal_waiting(self, record: Record) -> None:
        """The record under a checkpoint that came before it."""
        if record.sequence in self._device.waiting:
            del self._device.waiting[record.sequence]
            self._device.runs.seal(record.sequence, record.hash, self._standing())
            self._tell_sealed(record.sequence)

    def _turn_to(self, content: Record | Checkpoint, received_at: int) -> None:
        """To the message's epoch. Raises EpochUnbound, ClockAhead, EpochOver."""
        if content.epoch != self._epoch:
            self._know(content.machine, content.epoch)
        if content.at > received_at + MOST_AHEAD_S:
            raise ClockAhead(at=content.at, received_at=received_at)
        if content.at > self._over_at:
            raise EpochOver(machine=content.machine, epoch=content.epoch, over_at=self._over_at, at=content.at)

    def _know(self, machine: int, epoch: int) -> None:
        bindings = self._machine.bindings
        if epoch > len(bindings):
            raise EpochUnbound(machine=machine, epoch=epoch, bound=len(bindings))
        self.settle()
        self._epoch, self._is_present = epoch, epoch == len(bindings)
        self._over_at = FOREVER if self._is_present else bindings[epoch].at
        device = self._intake.devices.get(epoch)
        if device is None:
            start, at = bindings[epoch - 1].meter_start, bindings[epoch - 1].at
            device = Device(Meter(start, at), Meter(start, at), Runs(), newest=(at, start, 0))
            self._intake.devices[epoch] = device
        self._device, self._run = device, device.runs.newest

    def _standing(self) -> "_Remembered":
        """Known records of the epoch, with those of this batch and the newest one before it."""
        epoch = self._epoch
        if epoch not in self._remembered:
            self._remembered[epoch] = _Remembered(epoch, self._outcome.kept, partial(self._recall, epoch))
        standing = self._remembered[epoch]
        if self._run:
            standing.newest = self._run.last, Known(*self._device.newest, previous="", hash=self._run.head)
        return standing

    def _hear(self, sequence: int) -> None:
        """The machine is online as far as live records of its present device are signed."""
        device = self._device
        for live in (device.last_live, device.first_live):
            if self._is_present and 0 < live.sequence <= sequence:
                self._intake.signed = live
                device.first_live = device.last_live if device.last_live is not live else Live()
                return

    def _require_signed(self, checkpoint: Checkpoint, message: Message) -> None:
        """Raises SignatureForged."""
        device = self._machine.bindings[checkpoint.epoch - 1].device
        if not checkpoints.is_signed_by(self._domain, checkpoint, device):
            self._breach_by(message, "bad_signature", checkpoint)
            raise SignatureForged(machine=checkpoint.machine, sequence=checkpoint.sequence)

    def _tell_sealed(self, sequence: int) -> None:
        """Not the first seal after a break: what was said before the break it does not cover. By the next one, records
        that it does cover have confirmed that, or not."""
        device, run = self._device, self._device.runs.at(sequence)
        first, last = device.broken
        if run is None or sequence <= max(device.told, last):
            return
        if run.first > device.told + 1 and run.first != first:
            device.broken = (run.first, sequence)
            return
        device.told = sequence
        if self._is_present:
            self._outcome.inputs.append(Sealed(self._epoch, sequence))

    def _wait(self, checkpoint: Checkpoint) -> None:
        waiting = self._device.waiting
        waiting[checkpoint.sequence] = (checkpoint.head, *_figures(checkpoint))
        if len(waiting) > MOST_WAITING:
            del waiting[min(waiting)]

    def _breach_by(self, message: Message, reason: str, checkpoint: Checkpoint) -> None:
        if self._is_present:
            self._breach(reason, sha256(message.payload).hexdigest(), checkpoint.at)

    def _breach(self, reason: str, digest: str, at: int) -> None:
        """Once per message: the broker brings one again whose acknowledgement was lost."""
        breaches = self._intake.breaches
        if digest not in breaches:
            breaches.append(digest)
            del breaches[:-MOST_BREACHES]
            self._outcome.inputs.append(Breach(reason, at))


class _Remembered:
    """Known records of an epoch: the newest, for which most checkpoints ask; those of this batch; and what is read when
    it is asked for, with its neighbours, as a replay asks for all of them."""

    def __init__(self, epoch: int, kept: Sequence[Arrival], recall: Callable[[int, int], Mapping[int, Record]]) -> None:
        self._epoch, self._kept, self._recall = epoch, kept, recall
        self._noted: dict[int, Record] = {}
        self._through = 0
        self._read: list[range] = []
        self.newest: tuple[int, Known] | None = None

    def get(self, sequence: int, /) -> Known | Record | None:
        """As `Standing`."""
        if self.newest and self.newest[0] == sequence:
            return self.newest[1]
        self._note()
        found = self._noted.get(sequence)
        if found is None and not any(sequence in stretch for stretch in self._read):
            stretch = range(sequence - 1, sequence + STRETCH)
            self._noted = {**self._recall(stretch.start, stretch.stop - 1), **self._noted}
            self._read.append(stretch)
            found = self._noted.get(sequence)
        return found

    def _note(self) -> None:
        """What was kept since the last time."""
        records = (cast(Record, arrival.content) for arrival in self._kept[self._through :])
        self._noted |= {record.sequence: record for record in records if record.epoch == self._epoch}
        self._through = len(self._kept)


def _require_plausible(record: Record, last: int, at: int) -> None:
    """A device measures once a second at most. Without this, one forged record with a number far ahead would make
    history of all that follow, and history never alarms. Raises SequenceAhead."""
    most = last + max(0, record.at - at) + MOST_AT_ONCE
    if record.sequence > most:
        raise SequenceAhead(machine=record.machine, sequence=record.sequence, most=most)


def _contradicts(device: Device, record: Record) -> bool:
    """Another record than the one that a checkpoint was signed over."""
    signed = device.waiting.get(record.sequence)
    return signed is not None and signed != (record.hash, *_figures(record))


def _figures(content: Record | Checkpoint | Known) -> tuple[int, int, int]:
    return content.at, content.hours, content.fuel
