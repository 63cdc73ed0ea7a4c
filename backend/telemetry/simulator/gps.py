"""What a receiver makes of where it is: noise, multipath, jumps and lost fixes, as real tracks show them.

The constants are chosen so that the spread of single points about their neighbours agrees with the recorded tracks in
`data/iot/gpx`; `docs/simulator.md` compares them. Tracks show nothing of errors that last for minutes: those follow a
Gauss–Markov process of a usual size.
"""

import cmath
import math
from enum import Enum
from random import Random
from typing import NamedTuple

from backend.telemetry.record import Fix
from backend.telemetry.simulator.sites import Ground

SLOW_S = 300.0
JUMPS = 1 / 900
"""Single fixes far away: the tracks have one, of 163 m, in 800."""


class Reception(NamedTuple):
    """Metres, 1 sigma an axis; `white` from fix to fix, `slow` over minutes; `bias`: mean multipath of an episode."""

    mean_s: float
    white: float
    slow: float
    bias: float
    satellites: tuple[int, int]


class View(Enum):
    OPEN = Reception(1_500, 0.5, 1.6, 0, (8, 14))
    OBSTRUCTED = Reception(420, 2.5, 3.5, 9, (5, 8))
    LOST = Reception(200, 0, 0, 0, (0, 3))


AFTER = {View.OPEN: View.OBSTRUCTED, View.LOST: View.OBSTRUCTED}
LOST_SHARE = 0.06
"""Of obstructed episodes that end in none at all: a hall, a tunnel, a trench."""
ZEROS = 0.3
"""Receivers that then give 0 degrees instead of nothing, sometimes on one axis alone."""


class Receiver:
    """Errors have a memory: ask in the order of time."""

    def __init__(self, random: Random, at: float) -> None:
        self._random = random
        self._at = at
        self._view = View.OPEN
        self._slow = self._bias = 0j
        self._gives_zeros = random.random() < ZEROS

    def fix(self, at: float, ground: Ground, point: complex) -> Fix | None:
        """The fix of a machine at `point`; None, or zeros, when too few satellites are seen."""
        self._pass(at - self._at)
        self._at = at
        if self._view is View.LOST:
            return self._nothing(*ground.angles(point)) if self._gives_zeros else None
        seen, random = self._view.value, self._random
        error = self._slow + self._bias + _spread(random, seen.white)
        honest = math.hypot(seen.white, seen.slow, 0.6 * abs(self._bias)) * random.uniform(0.8, 1.4)
        satellites = random.randint(*seen.satellites)
        if random.random() < JUMPS:
            error = cmath.rect(random.lognormvariate(5.1, 0.9), random.uniform(0, 2 * math.pi))
            honest *= random.choice((1, 20))
        return Fix(*ground.angles(point + error), max(round(10 * honest), 5), satellites)

    def _nothing(self, latitude: int, longitude: int) -> Fix:
        zeros = self._random.choice(((0, 0), (0, 0), (latitude, 0), (0, longitude), (latitude, latitude)))
        return Fix(*zeros, self._random.choice((0, 9_999)), self._random.randint(*View.LOST.value.satellites))

    def _pass(self, seconds: float) -> None:
        random = self._random
        if random.random() < -math.expm1(-seconds / self._view.value.mean_s):
            self._enter(AFTER.get(self._view) or (View.LOST if random.random() < LOST_SHARE else View.OPEN))
        fresh = self._view.value.slow * math.sqrt(-math.expm1(-2 * seconds / SLOW_S))
        self._slow = math.exp(-seconds / SLOW_S) * self._slow + _spread(random, fresh)

    def _enter(self, view: View) -> None:
        self._view, mean = view, view.value.bias
        length = self._random.expovariate(1 / mean) if mean else 0.0
        self._bias = cmath.rect(length, self._random.uniform(0, 2 * math.pi))


def _spread(random: Random, sigma: float) -> complex:
    return complex(random.gauss(0, sigma), random.gauss(0, sigma))
