"""Where machines work: a fence, sites inside it, and a plane to reckon in.

A point of the plane is a complex number: metres east of the fence's middle, and metres north.
"""

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

Ring = Sequence[complex]

METRES_A_DEGREE = 111_195.08  # of the sphere of 6,371,009 m
UNITS_A_DEGREE = 10**7
HALF_TURN, TURN = 180 * UNITS_A_DEGREE, 360 * UNITS_A_DEGREE
CORNERS = 9
HOLE_M = 150.0
EDGE_M = 60.0
"""How far from the fence the site at its edge is."""

# Middles of fences lie within what the AEMP fleets span, degrees north and east.
LATITUDES, LONGITUDES = (30.4, 34.9), (108.3, 116.3)


@dataclass(frozen=True)
class Ground:
    """A convex fence with at most one hole that no way between two sites comes near."""

    latitude: float
    longitude: float
    fence: tuple[complex, ...]
    holes: tuple[tuple[complex, ...], ...]
    sites: tuple[complex, ...]

    def angles(self, point: complex) -> tuple[int, int]:
        """Latitude and longitude in 1e-7 degrees."""
        north = self.latitude + point.imag / METRES_A_DEGREE
        east = self.longitude + point.real / (METRES_A_DEGREE * math.cos(math.radians(self.latitude)))
        return round(north * UNITS_A_DEGREE), (round(east * UNITS_A_DEGREE) + HALF_TURN) % TURN - HALF_TURN

    def polygon(self) -> list[list[list[int]]]:
        """Outer ring, then holes, in GeoJSON's order: longitude, latitude; closed."""
        return [[[*reversed(self.angles(corner))] for corner in (*ring, ring[0])] for ring in (self.fence, *self.holes)]

    def beyond(self, point: complex) -> float:
        """Metres outside the fence; negative inside. Exact beside a side, too small near a corner."""
        return max(_beyond_side(point, *side) for side in _sides(self.fence))

    def way_out(self, point: complex) -> complex:
        """The shortest way from a point inside to the fence."""
        side = max(_sides(self.fence), key=lambda side: _beyond_side(point, *side))
        return -_beyond_side(point, *side) * _outward(*side)


def draw_ground(random: Random, middle: tuple[float, float] | None = None) -> Ground:
    """A fence of 2 to 6 km across with 4 sites, the last of them at its edge."""
    latitude, longitude = middle or (random.uniform(*LATITUDES), random.uniform(*LONGITUDES))
    radius = random.uniform(1_000, 3_000)
    turns = (random.uniform(0.1, 0.9) + corner for corner in range(CORNERS))
    fence = tuple(cmath.rect(radius, 2 * math.pi * turn / CORNERS) for turn in turns)
    inner = [cmath.rect(radius * random.uniform(0.1, 0.6), random.uniform(0, 2 * math.pi)) for _ in range(3)]
    bare = Ground(latitude, longitude, fence, (), ())
    way = bare.way_out(inner[-1])
    sites = (*inner, inner[-1] + way * (1 - EDGE_M / abs(way)))
    return Ground(latitude, longitude, fence, _draw_holes(random, bare, sites), sites)


def _draw_holes(random: Random, bare: Ground, sites: Sequence[complex]) -> tuple[tuple[complex, ...], ...]:
    for _ in range(20):
        middle = abs(bare.fence[0]) * cmath.rect(random.uniform(0.1, 0.7), random.uniform(0, 2 * math.pi))
        ways = ((one, other) for one in sites for other in sites)
        if bare.beyond(middle) < -2 * HOLE_M and all(_distance(middle, *way) > 2 * HOLE_M for way in ways):
            return (tuple(middle + HOLE_M * corner for corner in (1 + 1j, -1 + 1j, -1 - 1j, 1 - 1j)),)
    return ()


def _sides(ring: Ring) -> list[tuple[complex, complex]]:
    return list(zip(ring, (*ring[1:], ring[0]), strict=True))


def _outward(start: complex, end: complex) -> complex:
    """Rings run anticlockwise, so outside is to the right."""
    return (end - start) / abs(end - start) * -1j


def _beyond_side(point: complex, start: complex, end: complex) -> float:
    return ((point - start) * _outward(start, end).conjugate()).real


def _distance(point: complex, start: complex, end: complex) -> float:
    """Of a point from a stretch of way."""
    if start == end:
        return abs(point - start)
    along = ((point - start) / (end - start)).real
    return abs(point - start - min(max(along, 0.0), 1.0) * (end - start))
