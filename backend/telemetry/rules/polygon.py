"""What a polygon must be before a lease may bind a machine to it: what it encloses is beyond doubt."""

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from backend.telemetry.rules.fence import Edge, Fence, Ring, edges, unwrapped
from backend.telemetry.rules.geometry import HALF_TURN, east

MOST_POINTS = 500
LEAST_POINTS = 4


def faults(rings: Sequence[Ring]) -> Iterator[str]:
    """What is wrong, in order; later checks rely on earlier ones, so only the first fault is certain."""
    if not rings:
        yield "it has no outer ring"
    if sum(map(len, rings)) > MOST_POINTS:
        yield f"more than {MOST_POINTS} points"
    for number, ring in enumerate(rings):
        yield from (f"ring {number}: {fault}" for fault in _ring_faults(ring))
    yield from _crossings(rings)
    yield from _misplaced(rings)


def _ring_faults(ring: Ring) -> Iterator[str]:
    if len(ring) < LEAST_POINTS:
        yield f"fewer than {LEAST_POINTS} points"
    elif ring[0] != ring[-1]:
        yield "not closed: the last point is not the first"
    if any(abs(longitude) > HALF_TURN or 2 * abs(latitude) > HALF_TURN for longitude, latitude in ring):
        yield "a point beyond 180 degrees of longitude or 90 of latitude"
    elif any(start == end for start, end in pairwise(ring)):
        yield "the same point twice in a row"
    else:
        yield from _turning_faults(ring)


def _turning_faults(ring: Ring) -> Iterator[str]:
    """About the way round the globe. The short way is meant, so that 179 to -179 are 2 degrees."""
    longitudes = [longitude for longitude, _ in unwrapped(ring, ring[0][0])]
    if any(east(start, end) == -HALF_TURN for (start, _), (end, _) in pairwise(ring)):
        yield "an edge over half the globe: either way round could be meant"
    elif longitudes[0] != longitudes[-1]:
        yield "it runs around a pole"
    elif max(longitudes) - min(longitudes) >= HALF_TURN:
        yield "wider than half the globe"


def _crossings(rings: Sequence[Ring]) -> Iterator[str]:
    """Edges may meet only where one follows the other."""
    by_ring = [list(edges(unwrapped(ring, rings[0][0][0]))) for ring in rings]
    numbered = [(ring, place, edge) for ring, own in enumerate(by_ring) for place, edge in enumerate(own)]
    for (ring, place, one), (other_ring, other_place, other) in combinations(numbered, 2):
        if _apart(one, other):
            continue
        follows = ring == other_ring and (other_place - place) % len(by_ring[ring]) in (1, len(by_ring[ring]) - 1)
        if _doubles_back(one, other) if follows else _meet(one, other):
            yield f"edge {place} of ring {ring} meets edge {other_place} of ring {other_ring}"


def _misplaced(rings: Sequence[Ring]) -> Iterator[str]:
    for number, hole in enumerate(rings[1:], start=1):
        longitude, latitude = hole[0]
        if not Fence(rings[:1]).contains(latitude, longitude):
            yield f"ring {number}: a hole outside the outer ring"
        others = (other for place, other in enumerate(rings[1:], start=1) if place != number)
        if any(Fence([other]).contains(latitude, longitude) for other in others):
            yield f"ring {number}: a hole within a hole"


def _apart(one: Edge, other: Edge) -> bool:
    """By their bounding boxes."""
    return any(
        max(one[axis], one[axis + 2]) < min(other[axis], other[axis + 2])
        or max(other[axis], other[axis + 2]) < min(one[axis], one[axis + 2])
        for axis in (0, 1)
    )


def _side(edge: Edge, x: int, y: int) -> int:
    """-1, 0 or 1: right of the edge, in line with it, left of it."""
    x1, y1, x2, y2 = edge
    cross = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)
    return (cross > 0) - (cross < 0)


def _meet(one: Edge, other: Edge) -> bool:
    """Whether two edges with overlapping bounding boxes share a point."""
    return _side(one, *other[:2]) * _side(one, *other[2:]) <= 0 and _side(other, *one[:2]) * _side(other, *one[2:]) <= 0


def _doubles_back(one: Edge, other: Edge) -> bool:
    """Whether two edges with a common end run over each other."""
    if _side(one, *other[:2]) or _side(one, *other[2:]):
        return False
    along = (one[2] - one[0]) * (other[2] - other[0]) + (one[3] - one[1]) * (other[3] - other[1])
    return along < 0
