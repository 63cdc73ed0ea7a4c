"""A machine to play reports of, for the tests of the rules."""

import json
import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

from backend.telemetry.alarms import Alarm, Phase, Severity
from backend.telemetry.record import GENESIS, Fix, Record
from backend.telemetry.rules.annex import Annex, parse
from backend.telemetry.rules.context import Context
from backend.telemetry.rules.evaluate import evaluate
from backend.telemetry.rules.input import Input, Sealed, Transition
from backend.telemetry.rules.ruleset import load
from backend.telemetry.rules.state import State

BEGIN = 1_800_000_000
HOUR_S = 3_600
DAY_S = 24 * HOUR_S
YARD = Fix(latitude=395_000_000, longitude=1_163_000_000, accuracy=25, satellites=9)
FIRST = Record(
    machine=7,
    epoch=1,
    sequence=0,
    at=BEGIN,
    fix=YARD,
    hours=100_000,
    fuel=300_000,
    level=600,
    engine=False,
    speed=0,
    power=True,
    antenna=True,
    previous=GENESIS,
    hash=GENESIS,
)


M = 89.93
"""Units of 1e-7 degrees of latitude in a metre."""


def moved(north_m: float = 0, east_m: float = 0, fix: Fix = YARD) -> Fix:
    """A fix so many metres from another one."""
    sideways = east_m * M / math.cos(math.radians(fix.latitude / 1e7))
    return fix._replace(latitude=fix.latitude + round(north_m * M), longitude=fix.longitude + round(sideways))


def square(half_m: float, *holes: float, since: int = 0, through: int = 2**40 - 1) -> Annex:
    """An annex with a square region around the yard, and square holes in it of these half widths."""
    rings = [[_corner(half, north, east) for north, east in CORNERS] for half in (half_m, *holes)]
    region = {"polygon": rings, "validFrom": since, "validThrough": through}
    return annex_of(region)


CORNERS = ((-1, -1), (-1, 1), (1, 1), (1, -1), (-1, -1))


def _corner(half_m: float, north: int, east: int) -> list[int]:
    fix = moved(north * half_m, east * half_m)
    return [fix.longitude, fix.latitude]


def annex_of(region: dict[str, Any] | None) -> Annex:
    """An annex with this region."""
    document = {"rules": "rules-1", "rulesHash": load().hash, "region": region, "timezone": "Asia/Shanghai"}
    return parse(json.dumps(document).encode())


@dataclass
class Machine:
    """Sends record after record; what the rules said of them, of one alarm `only`, is in `transitions`, what they were
    told in `inputs`."""

    annex: Annex | None = None
    context: Context = field(default_factory=Context)
    only: Alarm | None = None
    now: Record = FIRST
    state: State = field(default_factory=State)
    transitions: list[Transition] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)

    def tell(self, *inputs: Input) -> list[Transition]:
        """What changed by these inputs."""
        self.state, changes = evaluate(load(), self.annex, self.context, self.state, inputs)
        changes = [change for change in changes if self.only in (None, change.alarm)]
        self.inputs += inputs
        self.transitions += changes
        return changes

    def send(self, after_s: int = 60, **values: Any) -> list[Transition]:
        """One record, `after_s` seconds after the one before, with these values changed for good."""
        self.now = self.now._replace(sequence=self.now.sequence + 1, at=self.now.at + after_s, **values)
        return self.tell(self.now)

    def run(self, seconds: int, every_s: int = 600, **values: Any) -> list[Transition]:
        """Records for a while, the hour meter and fuel moving with the engine at 15 l/h."""
        changes: list[Transition] = []
        for _ in range(seconds // every_s):
            engine = values.get("engine", self.now.engine)
            worked = every_s // 36 if engine else 0
            moved = {"hours": self.now.hours + worked, "fuel": self.now.fuel + every_s * 150 // HOUR_S * engine}
            changes += self.send(every_s, **(moved | values))
        return changes

    played: ClassVar[list["Machine"]] = []

    def __post_init__(self) -> None:
        self.played.append(self)

    @property
    def raised(self) -> list[Severity]:
        """The alarm's severities one after the other."""
        return [each.severity for each in self.transitions if each.phase is Phase.ACTIVE]

    def checkpoint(self) -> Sealed:
        """Over all records so far."""
        return Sealed(self.now.epoch, self.now.sequence)

    def seal(self) -> list[Transition]:
        """A checkpoint over all records so far."""
        return self.tell(self.checkpoint())
