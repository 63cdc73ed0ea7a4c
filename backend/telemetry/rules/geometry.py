"""Distances on the ground in whole numbers, so that every machine computes the same to the last digit.

Positions are in 1e-7 degrees; one such unit of latitude is 11.12 mm on a sphere of the mean radius 6,371,008.8 m (the
ellipsoid differs by .6 % at most). Distances are taken in the plane that touches the sphere (equirectangular), which is
good for what rules ask: metres nearby, and only "far" for what is far.
"""

from math import isqrt

HALF_TURN = 1_800_000_000
ONE = 2**30
_PI = 3_373_259_426  # π in units of 1 / ONE
_DECIMETRES = 11_119_493  # in 1e8 units of latitude


def cosine(latitude: int) -> int:
    """Of a latitude, in units of 1 / ONE, by its series through x^14 (error below 1e-8)."""
    x = latitude * _PI // HALF_TURN
    square = x * x >> 30
    total = term = ONE
    for n in (2, 4, 6, 8, 10, 12, 14):
        term = -(term * square >> 30) // (n * (n - 1))
        total += term
    return max(0, total)


def east(start: int, end: int) -> int:
    """Degrees of longitude from `start` to `end`, the short way round: negative when `end` lies west."""
    return (end - start + HALF_TURN) % (2 * HALF_TURN) - HALF_TURN


def decimetres(units: int) -> int:
    """Of units of latitude, rounded down."""
    return units * _DECIMETRES // 10**8


def units_of(distance_dm: int) -> int:
    """Units of latitude in a distance in decimetres, rounded down."""
    return distance_dm * 10**8 // _DECIMETRES


def distance_dm(latitude: int, longitude: int, other_latitude: int, other_longitude: int) -> int:
    """Decimetres between two positions, rounded down."""
    x = east(longitude, other_longitude) * cosine((latitude + other_latitude) // 2) >> 30
    y = other_latitude - latitude
    return decimetres(isqrt(x * x + y * y))
