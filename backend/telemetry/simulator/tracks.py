"""Recorded tracks (GPX): how far single points lie from the way between their neighbours."""

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from backend.telemetry.simulator.sites import METRES_A_DEGREE

CLOSE_S = 60
"""Neighbours further apart in time say little about the point between them."""


class Spot(NamedTuple):
    """`at` in seconds; latitude and longitude in degrees."""

    at: float
    latitude: float
    longitude: float


def read(file: Path) -> list[list[Spot]]:
    """The segments of a track, without points that have no time."""
    tree = ElementTree.parse(file)  # noqa: S314 - a file of the project
    return [[*_spots(segment)] for segment in tree.iter() if segment.tag.endswith("}trkseg")]


def _spots(segment: ElementTree.Element) -> Iterator[Spot]:
    for point in segment:
        time = point.findtext("{*}time")
        if time:
            at = datetime.fromisoformat(time).timestamp()
            yield Spot(at, float(point.attrib["lat"]), float(point.attrib["lon"]))


def deviations(track: Sequence[Spot]) -> Iterator[float]:
    """Metres of each point from where even motion between its neighbours would have it."""
    for before, spot, after in zip(track, track[1:], track[2:], strict=False):
        if before.at < after.at <= before.at + CLOSE_S:
            share = (spot.at - before.at) / (after.at - before.at)
            north = spot.latitude - before.latitude - share * (after.latitude - before.latitude)
            east = spot.longitude - before.longitude - share * (after.longitude - before.longitude)
            yield METRES_A_DEGREE * math.hypot(north, east * math.cos(math.radians(spot.latitude)))


def of_all(tracks: Iterable[Sequence[Spot]]) -> list[float]:
    return [metres for track in tracks for metres in deviations(track)]
