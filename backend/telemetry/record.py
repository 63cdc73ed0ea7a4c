"""What a machine says of itself: one record per reading, one signed checkpoint over many.

Numbers are whole so that everybody computes the same: hours in hundredths of an hour, fuel in tenths of a litre, angles
in 1e-7 degrees. Hours and fuel count from the machine's first day and never fall within an epoch. Records form a chain
per machine and epoch: `previous` is the SHA-256 of the record before, as it was sent; the first of an epoch has zeros.
"""

from dataclasses import dataclass
from typing import NamedTuple

GENESIS = "0" * 64
CHECKPOINT_RECORDS = 60
CHECKPOINT_SECONDS = 300


class Fix(NamedTuple):
    """`latitude` and `longitude` in 1e-7 degrees (WGS 84), `accuracy` in tenths of a metre (1 sigma)."""

    latitude: int
    longitude: int
    accuracy: int
    satellites: int


class Record(NamedTuple):
    """One reading. `at`: seconds since 1970 by the device's clock. `level`: fuel in the tank in tenths of a per cent,
    None without such a sensor. `speed`: tenths of a km/h. `power`: False while external power is cut.
    `antenna`: False while the GPS antenna is disconnected or jammed. `hash`: of the bytes as sent, hex."""

    machine: int
    epoch: int
    sequence: int
    at: int
    fix: Fix | None
    hours: int
    fuel: int
    level: int | None
    engine: bool
    speed: int
    power: bool
    antenna: bool
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a device signs over all records of its epoch through `sequence`: EIP-712 type
    `Checkpoint(uint32 machine,uint16 epoch,uint64 sequence,uint40 at,uint32 hours,uint32 fuel,bytes32 head)` in the
    domain of the contract `Equipment`; `head` is that record's hash, the other figures are that record's."""

    machine: int
    epoch: int
    sequence: int
    at: int
    hours: int
    fuel: int
    head: str
    signature: str


class Message(NamedTuple):
    """As it came from the broker, in order. `received_at`: seconds since 1970 by the server's clock."""

    topic: str
    payload: bytes
    received_at: int
