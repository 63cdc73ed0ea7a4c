"""What the rules remember of one machine between two records: small, whole numbers, the same bytes everywhere."""

import msgspec

from backend.telemetry.rules.conditions import Condition
from backend.telemetry.rules.idle import Idle


class State(msgspec.Struct, array_like=True):
    """`epoch` 0 and `sequence` 0 before the first record. `at`, `hours`, `fuel`, `engine`: of the newest record.
    `clock`: seconds that the device's clock ran forward so far, which no setting of that clock moves back.
    `sealed`: newest signed sequence of the epoch. `conditions`: those that hold or are still told, by name.
    `raises`: when an alarm (by number) was last raised, by `clock`."""

    epoch: int = 0
    sequence: int = 0
    at: int = 0
    clock: int = 0
    hours: int = 0
    fuel: int = 0
    engine: bool = False
    sealed: int = 0
    conditions: dict[str, Condition] = {}
    raises: dict[int, tuple[int, ...]] = {}
    idle: Idle = Idle()

    def encode(self) -> bytes:
        """MessagePack."""
        return _encoder.encode(self)

    @staticmethod
    def decode(data: bytes) -> "State":
        """Of `encode`. Raises msgspec.ValidationError for a state of another layout."""
        return _decoder.decode(data)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(State)
