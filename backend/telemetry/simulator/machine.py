"""The machine itself: where it is, whether it runs, what it has burned. Its devices may tell otherwise."""

import math
from random import Random
from typing import NamedTuple

from backend.days import day_of
from backend.telemetry.simulator import incidents, shifts
from backend.telemetry.simulator.incidents import STANDS_STILL, Incident, Scripted
from backend.telemetry.simulator.memory import Memory
from backend.telemetry.simulator.models import HOURS_SPREAD, MEDIAN_HOURS, PACE_SPREAD, Model
from backend.telemetry.simulator.shifts import HOUR_S, Roster, Stint, Task
from backend.telemetry.simulator.sites import Ground

M_S = 1 / 3.6
"""One km/h."""
TOWED_KM_H, TOWED_M = 54.0, 20_000.0
CREEP_KM_H, CREPT_M = 0.18, 150.0
"""A drift over the fence ends so far beyond it; in its last hour the machine comes back."""
STOLEN = 0.35
"""Of the tank."""
EXCESS = 1.8
"""Times what the machine burned before."""
LOCK_GRACE_S = 600
NEW_JOBS, JOBS = 1 / 6, 0.07
"""Share of working days that begin another job, and the spread of the fuel that jobs take."""
WANDER_M, WANDER_S = 7.0, 600.0
LEAST_LEVEL, REFUEL_BELOW, REFUEL_TO = 0.03, (0.15, 0.5), (0.88, 1.0)
MEAN_LOAD = 0.9
"""Over a working day with its pauses and journeys, so that `Model.burn` is what a meter shows."""


class Assignment(NamedTuple):
    """What is used where and when. `scripts`: the incidents it meets, which are the labels."""

    model: Model
    roster: Roster
    ground: Ground
    scripts: tuple[Scripted, ...]


class Truth(NamedTuple):
    """`hours` and `fuel` (litres) since the machine was built, `level` of the tank as a share, `speed` in km/h."""

    at: int
    point: complex
    hours: float
    fuel: float
    level: float
    engine: bool
    speed: float


class Machine:
    """Moves through time by `advance`, to `next_turn()` at most, so that every step is of one kind."""

    def __init__(self, assignment: Assignment, random: Random, at: int) -> None:
        self.assignment, self.at = assignment, at
        self.under_way: frozenset[Incident] = frozenset()
        self.outside_since: int | None = None
        self._random, self._turns = random, incidents.turns(assignment.scripts)
        self._burn = assignment.model.burn * random.lognormvariate(0, assignment.model.spread)
        self._hours = random.lognormvariate(math.log(MEDIAN_HOURS), HOURS_SPREAD)
        self._fuel = self._hours * self._burn
        self._job = random.gauss(1, JOBS)
        self._pace = random.lognormvariate(0, PACE_SPREAD)
        self._level, self._refuel_below = random.uniform(0.3, 1), random.uniform(*REFUEL_BELOW)
        self._anchor, self._wander = random.choice(assignment.ground.sites), 0j
        self._locked_from: int | None = None
        self._planned, self._plan = day_of(at) - 1, list[Stint]()
        self._arrive()

    # Time

    def next_turn(self) -> int:
        """When the engine starts or stops, its task changes or an incident begins or ends; midnight at the latest."""
        stints = (moment for stint in self._plan[:1] for moment in (stint.start, stint.end))
        coming = (*stints, *self._turns, self._locked_from or 0, shifts.start_of(self._planned + 1))
        return min(moment for moment in coming if moment > self.at)

    def advance(self, to: int) -> None:
        """`to` is not after `next_turn()`."""
        task = self.task
        if task:
            self._work(to - self.at, task)
        self.at = to
        self._arrive()

    @property
    def place(self) -> complex:
        """Where it is, or where it will be again when it is brought back."""
        return self._anchor + self._wander

    def truth(self) -> Truth:
        task, towed = self.task, self._towed()
        speed = TOWED_KM_H if 0 < abs(towed) < TOWED_M else self._speed(task)
        return Truth(self.at, self.place + towed, self._hours, self._fuel, self._level, task is not None, speed)

    def restore(self, memory: Memory) -> None:
        """Go on from there, as after a time at rest."""
        self._hours, self._fuel, self._level = memory.hours, memory.fuel, memory.level
        self._anchor, self._wander = complex(memory.east, memory.north), 0j

    # Commands

    @property
    def locked(self) -> bool:
        return self._locked_from is not None

    def lock(self) -> None:
        """The engine does not start again; one that runs stops within ten minutes."""
        if self._locked_from is None:
            self._locked_from = self.at + LOCK_GRACE_S if self.task else self.at

    def unlock(self) -> None:
        self._locked_from = None

    # What goes on

    def _arrive(self) -> None:
        """Do what is due at this second."""
        before, self.under_way = self.under_way, incidents.under_way(self.assignment.scripts, self.at)
        if Incident.FUEL_THEFT in self.under_way - before:
            self._level = max(self._level - STOLEN, LEAST_LEVEL)
        while self._planned < day_of(self.at):
            self._planned += 1
            if self.assignment.roster.works(self._planned):
                count = len(self.assignment.ground.sites)
                self._plan += shifts.stints(
                    self._random, self.assignment.model, self.assignment.roster, self._planned, count
                )
                if self._random.random() < NEW_JOBS:
                    self._job = self._random.gauss(1, JOBS)
        while self._plan and self._plan[0].end <= self.at:
            del self._plan[0]
        self.task = self._task()
        if self.task and self._level < self._refuel_below:
            self._level = self._random.uniform(*REFUEL_TO)
        if self.outside_since is None and self.assignment.ground.beyond(self._anchor + self._towed()) > 0:
            self.outside_since = self.at

    def _task(self) -> Stint | None:
        """What the engine does from now on; None while it is off."""
        if Incident.DRIFT in self.under_way:
            return Stint(Task.WORK, self.at, self.at, Task.WORK.value)
        locked = self._locked_from is not None and self._locked_from <= self.at
        if locked or self.under_way & STANDS_STILL or not self._plan or self._plan[0].start > self.at:
            return None
        return self._plan[0]

    def _work(self, seconds: int, task: Stint) -> None:
        hours = seconds / HOUR_S
        burned = self._burn * self._job * hours * task.load / MEAN_LOAD
        if Incident.FUEL_USE in self.under_way:
            burned *= EXCESS
        self._hours += hours
        self._fuel += burned
        self._level = max(self._level - burned / self.assignment.model.tank, LEAST_LEVEL)
        if Incident.DRIFT in self.under_way:
            self._drift(seconds)
        elif task.to is not None:
            self._go(self.assignment.ground.sites[task.to], seconds * self.assignment.model.travel_speed * M_S)
        elif task.task is Task.WORK:
            self._roam(seconds)

    def _roam(self, seconds: int) -> None:
        """About the anchor: a Gauss–Markov process."""
        spread = WANDER_M * math.sqrt(-math.expm1(-2 * seconds / WANDER_S))
        fresh = complex(self._random.gauss(0, spread), self._random.gauss(0, spread))
        self._wander = math.exp(-seconds / WANDER_S) * self._wander + fresh

    def _go(self, goal: complex, metres: float) -> None:
        way = goal - self._anchor
        self._anchor = goal if abs(way) <= metres else self._anchor + way / abs(way) * metres

    def _drift(self, seconds: int) -> None:
        """To the nearest side of the fence, slowly over it, and back."""
        ground = self.assignment.ground
        site, way = ground.sites[-1], ground.way_out(ground.sites[-1])
        if self.at >= self._scripted(Incident.DRIFT).end - HOUR_S:
            self._go(site, seconds * self.assignment.model.travel_speed * M_S)
        elif ground.beyond(self._anchor) < -2 * WANDER_M:
            self._go(site + way, seconds * self.assignment.model.travel_speed * M_S)
        else:
            self._go(site + way / abs(way) * (abs(way) + CREPT_M), seconds * CREEP_KM_H * M_S)

    def _towed(self) -> complex:
        """Out by the shortest way on a truck, a wait far away, and back."""
        if Incident.ESCAPE not in self.under_way:
            return 0j
        way = self.assignment.ground.way_out(self._anchor)
        escape = self._scripted(Incident.ESCAPE)
        seconds = min(self.at - escape.start, escape.end - self.at)
        return way / abs(way) * min(seconds * TOWED_KM_H * M_S, TOWED_M)

    def _scripted(self, incident: Incident) -> Scripted:
        """The one that is under way."""
        return next(each for each in self.assignment.scripts if each.incident is incident and each.end > self.at)

    def _speed(self, task: Stint | None) -> float:
        if task is None or task.task is Task.IDLE:
            return 0.0
        model = self.assignment.model
        if task.to is None:
            return self._pace * model.work_speed
        return model.travel_speed if self._anchor != self.assignment.ground.sites[task.to] else 0.0
