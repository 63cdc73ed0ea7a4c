"""Case 38 on what receivers really recorded (`data/iot/gpx`): two walks and a drive, one of them with a jump."""

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from backend.telemetry.alarms import Alarm, Phase, Severity
from backend.telemetry.record import Fix
from backend.telemetry.rules.geometry import HALF_TURN, distance_dm
from backend.telemetry.simulator.tracks import read
from tests.backend.telemetry.rules.machine import BEGIN, M, Machine, annex_of

TRACKS = Path(__file__).parents[4] / "data" / "iot" / "gpx"
NAMES = ["around-visnjan-with-car", "cerknicko-jezero", "korita-zbevnica"]

Track = list[tuple[int, Fix]]
"""Seconds from the start, and the fix."""


def track(name: str, turn: int = 0) -> Track:
    """The fixes in order, moved `turn` units to the east around the globe."""
    spots = [spot for segment in read(TRACKS / f"{name}.gpx") for spot in segment]
    start = spots[0].at
    return [
        (int(spot.at - start), Fix(round(spot.latitude * 1e7), _turned(round(spot.longitude * 1e7), turn), 50, 8))
        for spot in spots
    ]


def _turned(longitude: int, turn: int) -> int:
    return (longitude + turn + HALF_TURN) % (2 * HALF_TURN) - HALF_TURN


def rectangle(south_west: Fix, north_east: Fix) -> list[list[int]]:
    (south, west, *_), (north, east, *_) = south_west, north_east
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def around(fixes: Sequence[Fix], metres: int) -> list[list[int]]:
    """The rectangle that leaves so many metres to each side."""
    latitudes, longitudes = [fix.latitude for fix in fixes], [fix.longitude for fix in fixes]
    north = round(metres * M)
    east = round(north / math.cos(math.radians(latitudes[0] / 1e7)))
    return rectangle(
        Fix(min(latitudes) - north, _turned(min(longitudes) - east, 0), 0, 0),
        Fix(max(latitudes) + north, _turned(max(longitudes) + east, 0), 0, 0),
    )


def driven(ring: list[list[int]], fixes: Track) -> Machine:
    region = {"polygon": [ring], "validFrom": 0, "validThrough": 2**40 - 1}
    machine = Machine(only=Alarm.REGION, annex=annex_of(region))
    for after, fix in fixes:
        passed = BEGIN + after - machine.now.at
        machine.send(passed, fix=fix, engine=True, hours=machine.now.hours + max(0, passed) // 36)
    return machine


@pytest.mark.parametrize("name", NAMES)
def test_case_38_a_real_track_within_its_fence_raises_nothing(name: str):
    fixes = track(name)
    machine = driven(around([fix for _, fix in fixes], 5), fixes)
    assert machine.transitions == []
    assert (machine.state.latitude, machine.state.longitude) == fixes[-1][1][:2]


@pytest.mark.parametrize("name", NAMES)
def test_case_38_a_real_track_that_leaves_its_fence_is_an_escape_found_in_time(name: str):
    fixes = track(name)
    machine = driven(around([fixes[0][1]], 250), fixes)
    raised = next(each for each in machine.transitions if each.phase is Phase.ACTIVE)
    assert raised.severity is Severity.MAJOR
    left = next(after for after, fix in fixes if distance_dm(*fixes[0][1][:2], *fix[:2]) > 10 * (250 + 35) * 1.42)
    assert raised.at - BEGIN <= left + 120 + 3 * 60


@pytest.mark.parametrize("name", NAMES)
def test_case_38_across_the_antimeridian_the_same_happens(name: str):
    here = track(name)
    turn = HALF_TURN - here[len(here) // 2][1].longitude
    there = track(name, turn)
    assert {fix.longitude > 0 for _, fix in there} == {True, False}
    told = [told_of(driven(around([fixes[0][1]], 250), fixes)) for fixes in (here, there)]
    assert told[0] == told[1] != []


def told_of(machine: Machine) -> list[tuple[Phase, Severity, int, int | str | None]]:
    return [(each.phase, each.severity, each.at, each.evidence.get("outside_dm")) for each in machine.transitions]


def test_case_38_the_jump_of_a_real_track_over_the_fence_raises_nothing():
    fixes = track("cerknicko-jezero")
    speeds = [
        distance_dm(*before[:2], *after[:2]) / max(1, passed - since)
        for (since, before), (passed, after) in pairwise(fixes)
    ]
    jump = speeds.index(max(speeds))
    (_, at_work), (_, far) = fixes[jump : jump + 2]
    stays = [(10 * step, at_work) for step in range(60)]
    stays[30] = (300, far)
    machine = driven(around([at_work], 30), stays)
    assert [each.phase for each in machine.transitions] == [Phase.PENDING, Phase.CLEARED]
