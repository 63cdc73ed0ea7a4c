"""Simulated machines beside real ones: the figures of `docs/simulator.md`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from backend.days import DAY_S
from backend.scoring.modelspec import ROOT
from backend.telemetry import aemp
from backend.telemetry.checkpoints import Domain
from backend.telemetry.simulator import fleet, gps, shifts, sites, tracks
from backend.telemetry.simulator.device import Device, Schedule
from backend.telemetry.simulator.tracks import Spot

DATA = ROOT / "data" / "iot"
FLEETS = ("takeuchi_tfm_snapshot.xml", "wacker_neuson_kramer_equipcare_snapshot.xml")
WALKS = ("cerknicko-jezero.gpx", "korita-zbevnica.gpx")
READ_AT = 1_630_000_000
"""2021-08-26, after both snapshots."""
LONGEST_LIFE = 20_000
"""Engine-hours; two machines report 34,994 and 47,570, more than a working life, and are left out."""
MACHINES, START, DAYS = 300, 20_703, 5
"""Simulated: 300 machines for 5 days from Monday, 2026-09-07."""
NOWHERE = Domain(1, "0x" + "0" * 40)
COARSE = Schedule(1_800, 14_400)
STEP_S, STEPS = 9, 20_000
"""Of the simulated track: the recorded ones have a point every 8 to 11 s."""
PERCENT = (10, 50, 90)
RATE = "litres an engine-hour, over a life; simulated: over 5 days"
HOURS = "engine-hours on the meter"
LEVEL = "% in the tank"
PACE = "km an engine-hour"
BESIDE = "m of a point from the middle of its neighbours"


@dataclass(frozen=True)
class Comparison:
    """Quantiles of a figure, real and simulated. `bound`: how far apart they may be, as a share of the real one."""

    figure: str
    source: str
    count: int
    percents: tuple[int, ...]
    real: tuple[float, ...]
    simulated: tuple[float, ...]
    bound: float

    @property
    def worst(self) -> float:
        return max(abs(made - real) / real for real, made in zip(self.real, self.simulated, strict=True))


def compare() -> list[Comparison]:
    excavators, telehandlers = _simulated("excavator"), _simulated("telehandler")
    return [
        _compared(RATE, "24 Takeuchi excavators", _rates(), [each.rate for each in excavators], bound=0.15),
        _compared(HOURS, "118 machines", _hours(), [each.hours for each in excavators + telehandlers], bound=0.25),
        _compared(LEVEL, "33 machines", _levels(), [each.level for each in excavators], bound=0.15),
        _compared(PACE, "96 Kramer machines", _paces(), [each.pace for each in telehandlers], bound=0.6),
        _compared(BESIDE, "697 points of two walks", _beside_ways(), _beside_way(), (50, 90, 95), bound=0.15),
    ]


def table(compared: Iterable[Comparison]) -> str:
    """Markdown."""
    lines = ["| figure | of | | simulated | real | at most apart |", "|---|---|---|---|---|---|"]
    for each in compared:
        for percent, made, real in zip(each.percents, each.simulated, each.real, strict=True):
            head = (each.figure, each.source) if percent == each.percents[0] else ("", "")
            bound = f"{100 * each.bound:.0f} %" if percent == each.percents[0] else ""
            lines.append(f"| {' | '.join(head)} | {percent} % | {made:,.2f} | {real:,.2f} | {bound} |")
    return "\n".join(lines)


def quantile(values: Sequence[float], percent: int) -> float:
    """The smallest value that is not exceeded by that share."""
    return sorted(values)[-(-len(values) * percent // 100) - 1]


def _compared(
    figure: str, source: str, real: list[float], made: list[float], percents: tuple[int, ...] = PERCENT, *, bound: float
) -> Comparison:
    truly, simulated = ([quantile(values, percent) for percent in percents] for values in (real, made))
    return Comparison(figure, source, len(real), percents, tuple(truly), tuple(simulated), bound)


# Real


def machines(*files: str) -> Iterator[aemp.Machine]:
    """Of those fleets, or of both."""
    for file in files or FLEETS:
        yield from aemp.parse((DATA / "aemp" / file).read_bytes(), READ_AT).machines


def _values(name: str, files: tuple[str, ...] = FLEETS) -> list[float]:
    return [machine.readings[name].value for machine in machines(*files) if name in machine.readings]


def _rates() -> list[float]:
    """Over each machine's life."""
    lives = (machine.readings for machine in machines(FLEETS[0]))
    return [10 * life["fuel"].value / life["hours"].value for life in lives if {"fuel", "hours"} <= life.keys()]


def _hours() -> list[float]:
    return [hours / 100 for hours in _values("hours") if hours <= 100 * LONGEST_LIFE]


def _levels() -> list[float]:
    return [level / 10 for level in _values("level") if level]


def _paces() -> list[float]:
    lives = (machine.readings for machine in machines(FLEETS[1]))
    return [life["distance"].value / life["hours"].value / 10 for life in lives if "distance" in life]


def _beside_ways() -> list[float]:
    """Of people on foot, whose own turns are slow."""
    return tracks.of_all(segment for file in WALKS for segment in tracks.read(DATA / "gpx" / file))


# Simulated


@dataclass(frozen=True)
class Life:
    """After some days: the day's rate of fuel use over all of them, hour meter, tank in %, km an engine-hour."""

    rate: float
    hours: float
    level: float
    pace: float


def _simulated(kind: str) -> list[Life]:
    assignments = {number: fleet.draw_assignment(0, number) for number in range(1, MACHINES + 1)}
    chosen = [number for number, assignment in assignments.items() if assignment.model.name.startswith(kind)]
    start = shifts.start_of(START)
    identities = {number: fleet.draw_identity(0, number, NOWHERE) for number in chosen}
    return [_live(fleet.draw_device(0, identities[n], assignments[n], start, schedule=COARSE)) for n in chosen]


def _live(device: Device) -> Life:
    machine, km = device.machine, 0.0
    first = before = machine.truth()
    while device.next_at < shifts.start_of(START) + DAYS * DAY_S - 6 * 3_600:
        list(device.report())
        now = machine.truth()
        km += before.speed * (now.hours - before.hours)
        before = now
    hours = before.hours - first.hours
    return Life((before.fuel - first.fuel) / hours, before.hours, 100 * before.level, km / hours)


def _beside_way() -> list[float]:
    """Of a receiver that stands still."""
    random = Random(0)  # noqa: S311
    ground, receiver = sites.draw_ground(random), gps.Receiver(random, 0)
    fixes = ((at, receiver.fix(at, ground, 0j)) for at in range(0, STEP_S * STEPS, STEP_S))
    return tracks.of_all([[Spot(at, fix.latitude / 1e7, fix.longitude / 1e7) for at, fix in fixes if fix]])
