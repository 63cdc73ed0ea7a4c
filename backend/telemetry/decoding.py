"""Payloads of devices into records and checkpoints, strictly: known keys once each, whole numbers in their ranges."""

import re
from hashlib import sha256
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from backend.telemetry.errors import KeyRepeated, PayloadInvalid, PayloadTooLarge
from backend.telemetry.record import Checkpoint, Fix, Record

MOST_BYTES = 2_048
EARLIEST = 1_735_689_600  # 2025-01-01T00:00Z, where time begins on chain; an unset clock is before it
MOST_TENTHS = (1 << 20) - 1  # what 20 bits hold on chain: 104,857 hours, 1,048,575 litres

HASH = re.compile("[0-9a-f]{64}")

Uint16 = Annotated[int, Meta(ge=0, le=(1 << 16) - 1)]
Machine = Annotated[int, Meta(ge=1, le=(1 << 32) - 1)]
Epoch = Annotated[int, Meta(ge=1, le=(1 << 16) - 1)]
Sequence = Annotated[int, Meta(ge=1, le=(1 << 48) - 1)]
Second = Annotated[int, Meta(ge=EARLIEST, le=(1 << 40) - 1)]
Hours = Annotated[int, Meta(ge=0, le=10 * MOST_TENTHS + 9)]
Fuel = Hours
Level = Annotated[int, Meta(ge=0, le=1_000)]
Latitude = Annotated[int, Meta(ge=-900_000_000, le=900_000_000)]
Longitude = Annotated[int, Meta(ge=-1_800_000_000, le=1_800_000_000)]
Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Signature = Annotated[str, Meta(pattern=r"^0x[0-9a-f]{130}\Z")]


class _Wire(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """As it is sent."""


class FixKeys(_Wire):
    lat: Latitude
    lon: Longitude
    acc: Uint16
    sats: Annotated[int, Meta(ge=0, le=255)]


class RecordKeys(_Wire):
    v: Literal[1]
    machine: Machine
    epoch: Epoch
    sequence: Sequence
    at: Second
    fix: FixKeys | None
    hours: Hours
    fuel: Fuel
    level: Level | None
    engine: bool
    speed: Uint16
    power: bool
    antenna: bool
    previous: str


class CheckpointKeys(_Wire):
    v: Literal[1]
    machine: Machine
    epoch: Epoch
    sequence: Sequence
    at: Second
    hours: Hours
    fuel: Fuel
    head: Hash
    signature: Signature


_parse_record = msgspec.json.Decoder(RecordKeys).decode
_parse_checkpoint = msgspec.json.Decoder(CheckpointKeys).decode
_tuple = tuple.__new__
# Every key is followed by a colon and no value has one: as many colons as keys means that none stands twice.
RECORD_KEYS = len(RecordKeys.__struct_fields__)
FIX_KEYS = len(FixKeys.__struct_fields__)
CHECKPOINT_KEYS = len(CheckpointKeys.__struct_fields__)


def record_of(payload: bytes) -> Record:
    """`previous` may be any text. Raises PayloadTooLarge, PayloadInvalid, KeyRepeated."""
    wire = _parse(_parse_record, payload)
    fix = wire.fix
    if payload.count(b":") != (RECORD_KEYS if fix is None else RECORD_KEYS + FIX_KEYS):
        raise KeyRepeated
    # What the types' own constructors do, in half the time.
    place = None if fix is None else _tuple(Fix, (fix.lat, fix.lon, fix.acc, fix.sats))
    return _tuple(
        Record,
        (
            wire.machine,
            wire.epoch,
            wire.sequence,
            wire.at,
            place,
            wire.hours,
            wire.fuel,
            wire.level,
            wire.engine,
            wire.speed,
            wire.power,
            wire.antenna,
            wire.previous,
            sha256(payload).hexdigest(),
        ),
    )


def checkpoint_of(payload: bytes) -> Checkpoint:
    """Its signature is not checked here. Raises PayloadTooLarge, PayloadInvalid, KeyRepeated."""
    wire = _parse(_parse_checkpoint, payload)
    if payload.count(b":") != CHECKPOINT_KEYS:
        raise KeyRepeated
    return Checkpoint(*msgspec.structs.astuple(wire)[1:])


def require_hash(previous: str) -> None:
    """Of a record that does not follow a known one: with one that does, it is compared. Raises PayloadInvalid."""
    if not HASH.fullmatch(previous):
        raise PayloadInvalid(rule="previous is not 64 hexadecimal digits")


def _parse(parser: Any, payload: bytes) -> Any:
    if len(payload) > MOST_BYTES:
        raise PayloadTooLarge(bytes=len(payload), most=MOST_BYTES)
    try:
        return parser(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise PayloadInvalid(rule=str(fault)) from None
