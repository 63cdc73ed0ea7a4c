"""A region on the ground: is a position in it, how far outside is it, and a rectangle that is surely inside."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import isqrt
from typing import NamedTuple

from backend.telemetry.rules.geometry import HALF_TURN, ONE, cosine, decimetres, east

Point = tuple[int, int]
"""Longitude and latitude in 1e-7 degrees, the order of GeoJSON."""
Ring = tuple[Point, ...]
Edge = tuple[int, int, int, int]
"""From longitude and latitude to longitude and latitude; longitudes run on across the antimeridian."""
SMALLEST_BOX = 100


class Box(NamedTuple):
    """A rectangle of latitudes and longitudes, edges included; it never crosses the antimeridian."""

    south: int
    north: int
    west: int
    east: int

    def holds(self, latitude: int, longitude: int) -> bool:
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east

    def shared(self, other: "Box") -> "Box":
        """What lies in both; holds nothing if they are apart."""
        return Box(
            max(self.south, other.south),
            min(self.north, other.north),
            max(self.west, other.west),
            min(self.east, other.east),
        )


EARTH = Box(-HALF_TURN // 2, HALF_TURN // 2, -HALF_TURN, HALF_TURN)


class Fence:
    """An outer ring and its holes, as `polygon.check` lets pass. Edges are straight in longitude and latitude."""

    def __init__(self, rings: Sequence[Ring]) -> None:
        self.edges: list[Edge] = [edge for ring in rings for edge in edges(unwrapped(ring, rings[0][0][0]))]
        longitudes = [edge[0] for edge in self.edges]
        self.middle = (min(longitudes) + max(longitudes)) // 2

    def contains(self, latitude: int, longitude: int) -> bool:
        """Whether a line from here to the east crosses an odd number of edges. On an edge either may be said."""
        x, inside = self._unwrap(longitude), False
        for x1, y1, x2, y2 in self.edges:
            if (y1 > latitude) != (y2 > latitude):
                cross = (x2 - x1) * (latitude - y1) - (x - x1) * (y2 - y1)
                inside ^= (cross > 0) == (y2 > y1)
        return inside

    def outside_dm(self, latitude: int, longitude: int) -> int:
        """Decimetres to the region, rounded down; 0 inside. In a hole: to the hole's edge."""
        return 0 if self.contains(latitude, longitude) else decimetres(self._nearest(latitude, longitude))

    def box(self, latitude: int, longitude: int) -> Box | None:
        """A rectangle around a position inside that no edge touches; None if the next edge is too near."""
        half = self._nearest(latitude, longitude) * 6 // 10
        while half >= SMALLEST_BOX:
            box = around(latitude, longitude, half)
            if not any(self._touches(edge, box, longitude) for edge in self.edges):
                return box
            half //= 2
        return None

    def _unwrap(self, longitude: int) -> int:
        return self.middle + east(self.middle, longitude)

    def _nearest(self, latitude: int, longitude: int) -> int:
        """Units of latitude to the next edge."""
        x, scale = self._unwrap(longitude), cosine(latitude)
        return isqrt(
            min(
                _from_origin((x1 - x) * scale >> 30, y1 - latitude, (x2 - x) * scale >> 30, y2 - latitude)
                for x1, y1, x2, y2 in self.edges
            )
        )

    def _touches(self, edge: Edge, box: Box, longitude: int) -> bool:
        shift = self._unwrap(longitude) - longitude
        west, right = box.west + shift, box.east + shift
        x1, y1, x2, y2 = edge
        if max(x1, x2) < west or min(x1, x2) > right or max(y1, y2) < box.south or min(y1, y2) > box.north:
            return False
        corners = ((west, box.south), (west, box.north), (right, box.south), (right, box.north))
        sides = [(x2 - x1) * (y - y1) - (x - x1) * (y2 - y1) for x, y in corners]
        return not (min(sides) > 0 or max(sides) < 0)


def around(latitude: int, longitude: int, half: int) -> Box:
    """The rectangle of `half` units of latitude to each side, and nowhere further in ground distance to the east or
    west; what would cross a pole or the antimeridian is cut off."""
    south, north = max(EARTH.south, latitude - half), min(EARTH.north, latitude + half)
    widest = ONE if south <= 0 <= north else max(cosine(south), cosine(north))
    sideways = min(HALF_TURN, half * ONE // max(1, widest))
    return Box(south, north, max(EARTH.west, longitude - sideways), min(EARTH.east, longitude + sideways))


def unwrapped(ring: Ring, near: int) -> list[Point]:
    """The ring with longitudes that run on where it crosses the antimeridian, starting within half a turn of `near`."""
    longitude = near + east(near, ring[0][0])
    points = [(longitude, ring[0][1])]
    for (before, _), (after, latitude) in pairwise(ring):
        longitude += east(before, after)
        points.append((longitude, latitude))
    return points


def edges(points: Sequence[Point]) -> Iterator[Edge]:
    """Between each point and the next."""
    return ((*start, *end) for start, end in pairwise(points))


def _from_origin(x1: int, y1: int, x2: int, y2: int) -> int:
    """Squared distance of a segment from (0, 0), rounded down."""
    dx, dy = x2 - x1, y2 - y1
    length, along = dx * dx + dy * dy, -(x1 * dx + y1 * dy)
    if along <= 0:
        return x1 * x1 + y1 * y1
    if along >= length:
        return x2 * x2 + y2 * y2
    return (x1 * y2 - y1 * x2) ** 2 // length
