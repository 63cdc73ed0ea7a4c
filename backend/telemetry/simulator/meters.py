"""What the instruments show of hours, fuel and tank, in the record's units, and what tampering makes of it."""

from random import Random

from backend.telemetry.simulator.incidents import Incident
from backend.telemetry.simulator.machine import Truth

Under = frozenset[Incident]

FUEL_STEP = 5
"""Tenths of a litre; J1939 counts fuel used in half litres."""
LEVEL_STEP = 4
"""Tenths of a per cent; J1939 has 0.4 % a bit."""
SLOSH, TILT = 6, 8
"""Spread of the level while the engine runs, and from one place of parking to the next, in tenths of a per cent."""
ROLLED_BACK = 5_000
"""Hundredths of an hour by which a meter is turned back."""
RACE = 1.5
"""Hours too many for each that the engine runs."""


class Meters:
    """Hour meter, fuel counter and level sensor. `hours_off`, `fuel_off`: what they show beyond the truth."""

    def __init__(self, random: Random, truth: Truth, hours_off: int = 0, fuel_off: int = 0) -> None:
        self._random = random
        self.hours_off, self.fuel_off, self._tilt = hours_off, fuel_off, 0
        self._seen = truth
        self.read(truth, frozenset(), frozenset())

    def read(self, truth: Truth, meanwhile: Under, begun: Under) -> None:
        """`meanwhile`: what was under way since the last reading. `begun`: what begins now."""
        hours, fuel = _hundredths(truth) - _hundredths(self._seen), _decilitres(truth) - _decilitres(self._seen)
        if Incident.HOURS_STUCK in meanwhile:
            self.hours_off -= hours
        if Incident.HOURS_FAST in meanwhile:
            self.hours_off += round(RACE * hours)
        if Incident.HOURS_BACK in begun:
            self.hours_off -= ROLLED_BACK
        if Incident.FUEL_SENSOR in meanwhile:
            self.fuel_off -= fuel
        if self._seen.engine and not truth.engine:
            self._tilt = round(self._random.gauss(0, TILT))
        self._seen = truth
        self.hours, self.fuel = _hundredths(truth) + self.hours_off, _decilitres(truth) + self.fuel_off

    def level(self) -> int:
        """Tenths of a per cent."""
        error = self._random.gauss(0, SLOSH) if self._seen.engine else self._tilt
        return min(max(round((1_000 * self._seen.level + error) / LEVEL_STEP) * LEVEL_STEP, 0), 1_000)


def _hundredths(truth: Truth) -> int:
    return int(100 * truth.hours)


def _decilitres(truth: Truth) -> int:
    return int(10 * truth.fuel / FUEL_STEP) * FUEL_STEP
