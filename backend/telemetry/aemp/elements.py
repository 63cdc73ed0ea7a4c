"""Which elements of a snapshot are read, into which whole units, and which words for units are understood."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

US_GALLON = Decimal("3.785411784")
IMPERIAL_GALLON = Decimal("4.54609")
MILE = Decimal("1.609344")

PLAIN_GALLON = frozenset({"gallon", "gallons", "gal"})
"""The standard has litres; a gallon without a country is counted as the U.S. one, and said so."""


def _words(*names: str, factor: Decimal | int) -> dict[str, Decimal]:
    return dict.fromkeys(names, Decimal(factor))


@dataclass(frozen=True)
class Measure:
    """`unit`: what a whole number of it counts. `words`: what a file may call its unit → how many of ours it is;
    empty where the element itself fixes the unit, which is then `scale` of ours. `most`: above it no machine can be."""

    unit: str
    most: int
    scale: int = 1
    words: Mapping[str, Decimal] | None = None


HOURS = Measure("0.01 h", most=20_000_000, scale=100)
PERCENT = Measure("0.1 %", most=1_000, scale=10)
COUNT = Measure("1", most=1_000_000_000)
VOLUME = Measure(
    "0.1 l",
    most=100_000_000,
    words=_words("litre", "litres", "liter", "liters", "l", factor=10)
    | _words("us gallon", "us gallons", "us_gallon", *PLAIN_GALLON, factor=10 * US_GALLON)
    | _words("imperial gallon", "imperial gallons", "uk gallon", "uk gallons", factor=10 * IMPERIAL_GALLON),
)
LENGTH = Measure(
    "1 m",
    most=10_000_000_000,
    words=_words("kilometre", "kilometres", "kilometer", "kilometers", "km", factor=1_000)
    | _words("mile", "miles", "mi", factor=1_000 * MILE)
    | _words("metre", "metres", "meter", "meters", "m", factor=1),
)
SPEED = Measure(
    "0.1 km/h",
    most=5_000,
    words=_words(
        "kilometre per hour",
        "kilometres per hour",
        "kilometer per hour",
        "kilometers per hour",
        "km/h",
        "kph",
        factor=10,
    )
    | _words("mile per hour", "miles per hour", "mph", factor=10 * MILE),
)
MASS = Measure(
    "1 kg",
    most=100_000_000_000,
    words=_words("kilogram", "kilograms", "kg", factor=1)
    | _words("tonne", "tonnes", "metric ton", "metric tons", "t", factor=1_000)
    | _words("pound", "pounds", "lb", "lbs", factor=Decimal("0.45359237")),
)


@dataclass(frozen=True)
class Element:
    """A figure `field` of the element `element`, in the unit that the field `units` names."""

    name: str
    element: str
    field: str
    measure: Measure
    units: str | None = None


ELEMENTS = (
    Element("hours", "CumulativeOperatingHours", "Hour", HOURS),
    Element("idle_hours", "CumulativeIdleHours", "Hour", HOURS),
    Element("idle_non_operating_hours", "CumulativeIdleNonOperatingHours", "Hour", HOURS),
    Element("power_take_off_hours", "CumulativePowerTakeOffHours", "Hour", HOURS),
    Element("regeneration_hours", "CumulativeActiveRegenerationHours", "Hour", HOURS),
    Element("fuel", "FuelUsed", "FuelConsumed", VOLUME, "FuelUnits"),
    Element("fuel_last_24", "FuelUsedLast24", "FuelConsumed", VOLUME, "FuelUnits"),
    Element("level", "FuelRemaining", "Percent", PERCENT),
    Element("tank", "FuelRemaining", "FuelTankCapacity", VOLUME, "FuelTankCapacityUnits"),
    Element("def_level", "DEFRemaining", "Percent", PERCENT),
    Element("def_tank", "DEFRemaining", "DEFTankCapacity", VOLUME, "DEFTankCapacityUnits"),
    Element("distance", "Distance", "Odometer", LENGTH, "OdometerUnits"),
    Element("load_factor_last_24", "AverageLoadFactorLast24", "Percent", PERCENT),
    Element("speed_last_24", "MaximumSpeedLast24", "Speed", SPEED, "SpeedUnits"),
    Element("payload", "CumulativePayloadTotals", "Payload", MASS, "PayloadUnits"),
    Element("loads", "CumulativeLoadCount", "Count", COUNT),
)
CAPACITIES = frozenset({"tank", "def_tank"})
PARTS_OF_HOURS = ("idle_hours", "power_take_off_hours", "regeneration_hours")
"""Hours that pass while the engine runs."""
NOT_TAKEN_OVER = frozenset({"altitude", "altitudeunits", "enginenumber"})
"""Fields of the standard nothing here needs; they are no oddity."""
