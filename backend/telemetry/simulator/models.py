"""Kinds of machines. Burn rates and hours agree with the AEMP fleets in `data/iot/aemp`; see `docs/simulator.md`."""

from typing import NamedTuple


class Model(NamedTuple):
    """`burn`: litres an engine-hour of the median machine over all its work; `spread`: of machines about it, of the
    logarithm. `tank` in litres. Speeds in km/h. `moves`: share of stints that begin with a way to another site."""

    name: str
    burn: float
    spread: float
    tank: int
    work_speed: float
    travel_speed: float
    moves: float
    level_sensor: bool


MODELS = (
    Model("excavator-5t", 4.2, 0.16, 75, 0.4, 4.0, 0.04, True),
    Model("excavator-9t", 6.0, 0.16, 120, 0.4, 4.5, 0.04, True),
    Model("excavator-15t", 8.1, 0.14, 200, 0.4, 5.0, 0.04, True),
    Model("telehandler-8t", 6.9, 0.14, 140, 1.6, 15.0, 0.05, False),
)

# Of new machines' hour meters: median and spread of the logarithm.
MEDIAN_HOURS, HOURS_SPREAD = 720.0, 0.82

# Of a machine's speed at work against its model's: the logarithm's spread.
PACE_SPREAD = 0.75
