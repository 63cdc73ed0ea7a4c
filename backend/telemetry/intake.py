"""Which messages of a machine count, and for what. Pure: what is known goes in, what is to be kept comes out.

Nothing here depends on how messages are cut into batches. What comes twice counts once; what comes late meters, but
never alarms; what contradicts is refused by name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

import msgspec

from backend.telemetry import checkpoints, metering
from backend.telemetry.checkpoints import Domain
from backend.telemetry.errors import (
    ChainForked,
    CheckpointContradicted,
    ClockAhead,
    DeviceUnbound,
    EpochOver,
    EpochUnbound,
    MessageRefused,
    SignatureForged,
    TenantOther,
)
from backend.telemetry.metering import Meter
from backend.telemetry.record import Checkpoint, Message, Record
from backend.telemetry.registry import Machine
from backend.telemetry.rules.input import Breach, Input, Sealed
from backend.telemetry.runs import Known, Place, Runs

MOST_AHEAD_S = 300
MOST_WAITING = 64
MOST_BREACHES = 64

Standings = dict[int, dict[int, Known | Record]]
"""Known records by epoch and sequence."""


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
    has not come. `first_live` and `last_live`: since the newest checkpoint over a live record."""

    seen: Meter
    sealed: Meter
    runs: Runs
    checkpoint: int = 0
    newest: tuple[int, int, int] = (0, 0, 0)
    waiting: dict[int, tuple[str, int, int, int]] = {}
    first_live: Live = Live()
    last_live: Live = Live()


class Intake(msgspec.Struct, array_like=True):
    """What is known of a machine. `signed`: the newest live record under a checkpoint. `breaches`: the last messages
    that showed tampering, so that none of them does so twice."""

    devices: dict[int, Device] = {}
    signed: Live = Live()
    breaches: list[str] = []


@dataclass
class Outcome:
    """What became of one machine's messages. `kept`: record, second of arrival, late. `inputs`: for the rules."""

    kept: list[tuple[Record, int, bool]] = field(default_factory=list)
    checkpoints: list[tuple[Checkpoint, int]] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    duplicates: int = 0
    history: int = 0


class Reading(NamedTuple):
    """Over all devices of a machine: hundredths of an hour, tenths of a litre."""

    hours: int
    fuel: int


def wanted(intake: Intake, arrivals: Iterable[Arrival]) -> set[tuple[int, int]]:
    """Epochs and sequences of records that `take` has to know, as far as they are kept."""
    found: set[tuple[int, int]] = set()
    for arrival in arrivals:
        epoch, sequence = arrival.content.epoch, arrival.content.sequence
        device = intake.devices.get(epoch)
        if device is not None and sequence <= device.runs.last:
            found.update((epoch, each) for each in device.runs.wanted(sequence))
    return found


def take(
    machine: Machine, domain: Domain, intake: Intake, arrivals: Iterable[Arrival], standings: Standings
) -> Outcome:
    """Judge one machine's messages in the order they came; `intake` and `standings` become what is known after them.

    A device is bound to the machine, or was.
    """
    outcome = Outcome()
    judge = _Judge(machine, domain, intake, standings, outcome)
    for arrival in arrivals:
        try:
            if arrival.tenant != machine.party:
                raise TenantOther(machine=machine.id, tenant=machine.party, named=arrival.tenant)
            if isinstance(arrival.content, Record):
                judge.record(arrival.content, arrival.late, arrival.message)
            else:
                judge.checkpoint(arrival.content, arrival.message)
        except MessageRefused as reason:
            outcome.refused.append(Refusal(arrival.message, reason))
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
    """One call of `take`."""

    def __init__(
        self, machine: Machine, domain: Domain, intake: Intake, standings: Standings, outcome: Outcome
    ) -> None:
        self._machine, self._domain, self._intake, self._outcome = machine, domain, intake, outcome
        self._standings = standings
        self._at_hand: tuple[int, Device, dict[int, Known | Record]] | None = None

    def record(self, record: Record, late: bool, message: Message) -> None:
        device, standing = self._device(record, message)
        live = not late and record.epoch == self._machine.epoch
        forked = device.waiting and _contradicts(device, record)
        place = Place.FORK if forked else device.runs.place(record, standing)
        if place is Place.NEWEST:
            device.newest = (record.at, record.hours, record.fuel)
            device.seen.read(record.sequence, record.at, record.hours, record.fuel)
            if live:
                self._live(device, record, message)
        elif place is Place.HISTORY:
            self._outcome.history += 1
            device.seen.read_history(record.sequence, record.fuel)
        elif place is Place.SAME:
            self._outcome.duplicates += 1
            return
        else:
            if live:
                self._breach("fork", record.hash, record.at)
            raise ChainForked(machine=record.machine, sequence=record.sequence)
        standing[record.sequence] = record
        self._outcome.kept.append((record, message.received_at, late))
        if record.sequence in device.waiting:
            del device.waiting[record.sequence]
            device.runs.seal(record.sequence, record.hash, standing)
            self._tell_sealed(record.epoch, record.sequence)

    def checkpoint(self, checkpoint: Checkpoint, message: Message) -> None:
        device, standing = self._device(checkpoint, message)
        self._require_signed(checkpoint, message)
        known = standing.get(checkpoint.sequence)
        fits = known is None or _figures(known) == _figures(checkpoint)
        sealed = device.runs.seal(checkpoint.sequence, checkpoint.head, standing) if fits else False
        if sealed is False:
            self._breach_by(message, "fork", checkpoint)
            raise CheckpointContradicted(machine=checkpoint.machine, sequence=checkpoint.sequence)
        self._outcome.checkpoints.append((checkpoint, message.received_at))
        if checkpoint.sequence > device.checkpoint:
            device.checkpoint = checkpoint.sequence
            device.sealed.read(checkpoint.sequence, checkpoint.at, checkpoint.hours, checkpoint.fuel)
            self._hear(device, checkpoint)
        if sealed:
            self._tell_sealed(checkpoint.epoch, checkpoint.sequence)
        elif checkpoint.sequence > device.runs.floor:
            self._wait(device, checkpoint)

    def _device(self, content: Record | Checkpoint, message: Message) -> tuple[Device, dict[int, Known | Record]]:
        """What is known of the message's epoch. Raises EpochUnbound, ClockAhead, EpochOver."""
        bindings, epoch = self._machine.bindings, content.epoch
        if epoch > len(bindings):
            raise EpochUnbound(machine=content.machine, epoch=epoch, bound=len(bindings))
        if content.at > message.received_at + MOST_AHEAD_S:
            raise ClockAhead(at=content.at, received_at=message.received_at)
        if epoch < len(bindings) and content.at > bindings[epoch].at:
            raise EpochOver(machine=content.machine, epoch=epoch, over_at=bindings[epoch].at, at=content.at)
        if self._at_hand is None or self._at_hand[0] != epoch:
            self._at_hand = (epoch, *self._known(epoch))
        return self._at_hand[1:]

    def _known(self, epoch: int) -> tuple[Device, dict[int, Known | Record]]:
        device = self._intake.devices.get(epoch)
        standing = self._standings.setdefault(epoch, {})
        if device is None:
            binding = self._machine.bindings[epoch - 1]
            seen, sealed = Meter(binding.meter_start, binding.at), Meter(binding.meter_start, binding.at)
            device = self._intake.devices[epoch] = Device(seen, sealed, Runs())
        elif device.runs.items:
            newest = Known(*device.newest, previous="", hash=device.runs.items[-1].head)
            standing.setdefault(device.runs.last, newest)
        return device, standing

    def _live(self, device: Device, record: Record, message: Message) -> None:
        device.last_live = Live(record.sequence, record.at, message.received_at)
        if not device.first_live.sequence:
            device.first_live = device.last_live
        self._outcome.inputs.append(record)

    def _hear(self, device: Device, checkpoint: Checkpoint) -> None:
        """The machine is online as far as live records of its present device are signed."""
        for live in (device.last_live, device.first_live):
            if checkpoint.epoch == self._machine.epoch and 0 < live.sequence <= checkpoint.sequence:
                self._intake.signed = live
                device.first_live = device.last_live if device.last_live is not live else Live()
                return

    def _require_signed(self, checkpoint: Checkpoint, message: Message) -> None:
        """Raises SignatureForged."""
        device = self._machine.bindings[checkpoint.epoch - 1].device
        if not checkpoints.is_signed_by(self._domain, checkpoint, device):
            self._breach_by(message, "bad_signature", checkpoint)
            raise SignatureForged(machine=checkpoint.machine, sequence=checkpoint.sequence)

    def _tell_sealed(self, epoch: int, sequence: int) -> None:
        if epoch == self._machine.epoch:
            self._outcome.inputs.append(Sealed(epoch, sequence))

    def _wait(self, device: Device, checkpoint: Checkpoint) -> None:
        device.waiting[checkpoint.sequence] = (checkpoint.head, *_figures(checkpoint))
        if len(device.waiting) > MOST_WAITING:
            del device.waiting[min(device.waiting)]

    def _breach_by(self, message: Message, reason: str, checkpoint: Checkpoint) -> None:
        if checkpoint.epoch == self._machine.epoch:
            self._breach(reason, sha256(message.payload).hexdigest(), checkpoint.at)

    def _breach(self, reason: str, digest: str, at: int) -> None:
        """Once per message: the broker brings one again whose acknowledgement was lost."""
        breaches = self._intake.breaches
        if digest not in breaches:
            breaches.append(digest)
            del breaches[:-MOST_BREACHES]
            self._outcome.inputs.append(Breach(reason, at))


def _contradicts(device: Device, record: Record) -> bool:
    """Another record than the one that a checkpoint was signed over."""
    signed = device.waiting.get(record.sequence)
    return signed is not None and signed != (record.hash, *_figures(record))


def _figures(content: Record | Checkpoint | Known) -> tuple[int, int, int]:
    return content.at, content.hours, content.fuel
