"""Hours and fuel of a machine over the devices that measured them. Pure.

Cumulative: what matters is where a meter stands, so that missing, late and repeated records change nothing. A meter
that falls or runs faster than time is followed only as far as time allows.
"""

from collections.abc import Mapping

import msgspec

from backend.telemetry.registry import Machine

# A meter may run 2 % faster than the clock, and its steps may be a tenth of an hour: as DeviceOracle.
RATE_PERCENT = 102
SECONDS_PER_HUNDREDTH = 36
CREDIT_PER_HUNDREDTH = 100 * SECONDS_PER_HUNDREDTH
MOST_CREDIT = 10 * CREDIT_PER_HUNDREDTH


class Meter(msgspec.Struct, array_like=True):
    """Of one device. `hours`: metered, in hundredths of an hour; `at`: the latest second it was read. `credit`: time
    not used up by growth, in hundredths of an hour x 3,600, at most a tenth of an hour, which many small steps share.
    `fuel` and `fuel_start`: last and first reading in tenths of a litre; `start`: sequence of the first."""

    hours: int
    at: int
    credit: int = MOST_CREDIT
    fuel: int = 0
    fuel_start: int = 0
    start: int = 0

    def read(self, sequence: int, at: int, hours: int, fuel: int) -> None:
        """The newest reading. Growth never exceeds 1.02 times the time since the last one plus a tenth of an hour."""
        if not self.start:
            self.start, self.fuel, self.fuel_start = sequence, fuel, fuel
        credit = self.credit
        if at > self.at:
            credit += (at - self.at) * RATE_PERCENT
            self.at = at
        if hours > self.hours:
            growth = min(hours - self.hours, credit // CREDIT_PER_HUNDREDTH)
            self.hours += growth
            credit -= growth * CREDIT_PER_HUNDREDTH
        self.credit = min(credit, MOST_CREDIT)
        self.fuel = max(self.fuel, fuel)

    def read_history(self, sequence: int, fuel: int) -> None:
        """An older reading; only an earlier first one changes anything."""
        if sequence < self.start:
            self.start, self.fuel_start = sequence, min(self.fuel_start, fuel)


def hours_of(machine: Machine, meters: Mapping[int, Meter]) -> int:
    """Metered hours since the machine's first day, in hundredths; `meters` by epoch. What a device showed when it was
    bound is where the one before it stopped."""
    starts = {binding.epoch: binding.meter_start for binding in machine.bindings}
    return starts[1] + sum(max(0, meter.hours - starts[epoch]) for epoch, meter in meters.items())


def fuel_of(meters: Mapping[int, Meter]) -> int:
    """Metered fuel in tenths of a litre: all that the first device showed, and what each later one added."""
    return sum(meter.fuel if epoch == 1 else meter.fuel - meter.fuel_start for epoch, meter in meters.items())
