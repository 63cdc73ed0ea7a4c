"""What the rules remember of one machine between two records: small, whole numbers, the same bytes everywhere."""

import msgspec

from backend.telemetry.alarms import Alarm
from backend.telemetry.rules.conditions import Condition
from backend.telemetry.rules.fixes import Place
from backend.telemetry.rules.fuel import Window
from backend.telemetry.rules.idle import Idle
from backend.telemetry.rules.region import Known
from backend.telemetry.rules.screen import Screen
from backend.telemetry.rules.theft import Tank
from backend.telemetry.rules.tow import Parked

NOWHERE = -1


class State(msgspec.Struct, array_like=True):
    """`epoch` 0 before the first record. `at`, `hours`, `fuel`, `level`, `engine`: of the newest record. `clock`:
    seconds that the device's clock ran forward so far; setting that clock back does not turn it back.
    `latitude`, `longitude` and `placed` (by `clock`): of the newest believed fix; `doubted`: one that is not believed.
    `excess`: by how much the hour meter has outrun the clock, in hundredths of a second; `moved`: when it last moved;
    `top_hours`, `top_fuel`: the most that the counters have shown in the epoch. `blind_s`, `travel_s`: with the engine
    on, and moving, without a position. `sealed`: newest signed sequence of the epoch.
    `conditions`: those that hold or are still told, by name. `raises`: when an alarm was last raised, by `clock`."""

    epoch: int = 0
    sequence: int = 0
    at: int = 0
    clock: int = 0
    hours: int = 0
    fuel: int = 0
    level: int | None = None
    engine: bool = False
    latitude: int = 0
    longitude: int = 0
    placed: int = NOWHERE
    doubted: Place | None = None
    excess: int = 0
    moved: int = 0
    top_hours: int = 0
    top_fuel: int = 0
    blind_s: int = 0
    travel_s: int = 0
    sealed: int = 0
    conditions: dict[str, Condition] = {}
    raises: dict[Alarm, tuple[int, ...]] = {}
    idle: Idle = Idle()
    window: Window = Window()
    tank: Tank | None = None
    parked: Parked | None = None
    known: Known | None = None
    screen: Screen | None = None

    def encode(self) -> bytes:
        """MessagePack."""
        return _encoder.encode(self)

    @staticmethod
    def decode(data: bytes) -> "State":
        """Of `encode`. Raises msgspec.ValidationError for a state of another layout."""
        return _decoder.decode(data)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(State)
