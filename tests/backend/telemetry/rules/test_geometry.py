"""Distances and rectangles, held against plain trigonometry."""

import math
import random

import pytest

from backend.telemetry.rules import geometry
from backend.telemetry.rules.fence import Fence, around
from tests.backend.telemetry.rules.machine import YARD, moved

RADIUS_M = 6_371_008.8
DEGREE = 10_000_000


def on_the_sphere_m(latitude: int, longitude: int, other_latitude: int, other_longitude: int) -> float:
    """Great circle, by the haversine."""
    a, b = math.radians(latitude / 1e7), math.radians(other_latitude / 1e7)
    turn = math.radians((other_longitude - longitude) / 1e7)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(turn / 2) ** 2
    return 2 * RADIUS_M * math.asin(math.sqrt(half))


def test_the_cosine_is_right_to_eight_digits():
    for latitude in range(-900_000_000, 900_000_001, 12_345_678):
        assert geometry.cosine(latitude) / geometry.ONE == pytest.approx(
            math.cos(math.radians(latitude / 1e7)), abs=3e-8
        )


def test_distances_nearby_are_right_to_a_decimetre_and_a_thousandth():
    dice = random.Random(2)
    for _ in range(500):
        latitude, longitude = dice.randrange(-800_000_000, 800_000_000), dice.randrange(-1_800_000_000, 1_800_000_000)
        north, east = dice.randrange(-500_000, 500_000), dice.randrange(-500_000, 500_000)
        other = latitude + north, (longitude + east + 1_800_000_000) % 3_600_000_000 - 1_800_000_000
        expected = on_the_sphere_m(latitude, longitude, *other)
        assert geometry.distance_dm(latitude, longitude, *other) / 10 == pytest.approx(expected, rel=1e-3, abs=0.1)


def test_the_short_way_round():
    assert geometry.east(1_799_999_000, -1_799_999_000) == 2_000
    assert geometry.east(-1_799_999_000, 1_799_999_000) == -2_000
    assert geometry.east(0, 1_800_000_000) == -1_800_000_000


def a_star(dice: random.Random, corners: int) -> Fence:
    """A polygon that goes once around the yard."""
    turns = sorted(dice.uniform(0, 2 * math.pi) for _ in range(corners))
    fixes = [
        moved(reach * math.cos(turn), reach * math.sin(turn)) for turn in turns for reach in [dice.uniform(300, 2_000)]
    ]
    points = [(fix.longitude, fix.latitude) for fix in fixes]
    return Fence([(*points, points[0])])


def test_a_position_is_inside_when_its_turns_around_the_edges_are_one():
    dice = random.Random(3)
    for _ in range(40):
        fence = a_star(dice, 12)
        for _ in range(25):
            fix = moved(dice.uniform(-2_000, 2_000), dice.uniform(-2_000, 2_000))
            assert fence.contains(fix.latitude, fix.longitude) == (abs(winding(fence, fix)) > math.pi)


def winding(fence: Fence, fix) -> float:
    """Sum of the angles under which the edges are seen."""
    total = 0.0
    for x1, y1, x2, y2 in fence.edges:
        one = math.atan2(y1 - fix.latitude, x1 - fix.longitude)
        other = math.atan2(y2 - fix.latitude, x2 - fix.longitude)
        total += (other - one + math.pi) % (2 * math.pi) - math.pi
    return total


def test_the_distance_outside_is_to_the_nearest_point_of_the_edges():
    dice = random.Random(4)
    for _ in range(20):
        fence = a_star(dice, 8)
        fix = moved(dice.uniform(-6_000, 6_000), dice.uniform(-6_000, 6_000))
        steps = [
            on_the_sphere_m(fix.latitude, fix.longitude, y1 + (y2 - y1) * k // 400, x1 + (x2 - x1) * k // 400)
            for x1, y1, x2, y2 in fence.edges
            for k in range(401)
        ]
        expected = 0 if fence.contains(fix.latitude, fix.longitude) else min(steps)
        assert fence.outside_dm(fix.latitude, fix.longitude) / 10 == pytest.approx(expected, rel=2e-3, abs=5)


def test_every_point_of_a_rectangle_that_is_surely_inside_is_inside():
    dice = random.Random(5)
    found = 0
    for _ in range(100):
        fence = a_star(dice, 10)
        fix = moved(dice.uniform(-1_000, 1_000), dice.uniform(-1_000, 1_000))
        box = fence.box(fix.latitude, fix.longitude) if fence.contains(fix.latitude, fix.longitude) else None
        if box:
            found += 1
            assert box.holds(fix.latitude, fix.longitude)
            corners = [(latitude, longitude) for latitude in box[:2] for longitude in box[2:]]
            inner = [(dice.randint(*box[:2]), dice.randint(*box[2:])) for _ in range(30)]
            assert all(fence.contains(*point) for point in corners + inner)
    assert found > 20


def test_a_rectangle_never_crosses_the_antimeridian():
    west, east = 1_700_000_000, -1_700_000_000
    fence = Fence([((west, -DEGREE), (east, -DEGREE), (east, DEGREE), (west, DEGREE), (west, -DEGREE))])
    for longitude in (1_799_999_999, -1_799_999_999, 1_800_000_000):
        box = fence.box(0, longitude)
        assert box.holds(0, longitude)
        assert -1_800_000_000 <= box.west <= box.east <= 1_800_000_000
        assert all(fence.contains(latitude, each) for latitude in box[:2] for each in box[2:])


@pytest.mark.parametrize("latitude", [0, YARD.latitude, 899_990_000, -899_990_000])
def test_nothing_in_a_rectangle_around_is_further_than_its_diagonal(latitude: int):
    half = 10_000
    box = around(latitude, 1_000_000, half)
    for corner in box[:2]:
        for longitude in box[2:]:
            apart = geometry.distance_dm(latitude, 1_000_000, corner, longitude)
            assert apart <= geometry.decimetres(math.isqrt(2 * half * half)) + 1
