"""The picture of the rules' quality as SVG: how long each alarm took, and a drift over the fence as it was reported."""

import math
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from backend.days import DAY_S
from backend.telemetry import decoding
from backend.telemetry.record import Fix
from backend.telemetry.simulator import fleet, incidents, quality
from backend.telemetry.simulator.incidents import Incident
from backend.telemetry.simulator.shifts import start_of
from backend.telemetry.simulator.sites import METRES_A_DEGREE, UNITS_A_DEGREE, Ground
from backend.telemetry.topics import Kind

WIDTH, HEIGHT = 960, 500
LEFT, RIGHT, TOP, ROW = 220, 560, 70, 22
SHORTEST_S, LONGEST_S = 30, 14 * DAY_S
TICKS = {60: "1 min", 600: "10 min", 3_600: "1 h", 6 * 3_600: "6 h", DAY_S: "1 d", 7 * DAY_S: "7 d"}
MAP_LEFT, MAP_TOP, MAP_SIDE, MAP_M = 620, 90, 310, 420.0
INK, FAINT, GRID, INSIDE, OUTSIDE, FENCE = "#222", "#666", "#e4e4e4", "#0b5394", "#b45f06", "#555"
SHOWN = 3
"""Machine of the map, chosen by eye."""


def render(figures: Mapping[str, Any]) -> str:
    parts = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        *_delays(figures),
        *_map(),
        "</svg>",
    )
    return "\n".join(parts) + "\n"


# Delays


def _delays(figures: Mapping[str, Any]) -> Iterator[str]:
    rows = [
        (incident, alarm, found["delays_s"])
        for incident, each in figures["incidents"].items()
        for alarm, found in each["alarms"].items()
    ]
    bottom = TOP + ROW * len(rows)
    yield _text(LEFT, 30, "From the incident to its alarm 事件至报警", size=14, weight="bold")
    for seconds, label in TICKS.items():
        yield _line(_across(seconds), TOP - 12, _across(seconds), bottom, GRID)
        yield _text(_across(seconds), bottom + 16, label, "middle", colour=FAINT)
    for place, (incident, alarm, delays) in enumerate(rows):
        y = TOP + ROW * place
        yield _text(LEFT - 12, y + 4, f"{incident} · {alarm.lower().replace('_', ' ')}", "end")
        for delay in delays:
            yield f'<circle cx="{_across(delay):.1f}" cy="{y}" r="4" fill="{INSIDE}" fill-opacity="0.45"/>'


def _across(seconds: float) -> float:
    share = math.log(max(seconds, SHORTEST_S) / SHORTEST_S) / math.log(LONGEST_S / SHORTEST_S)
    return LEFT + share * (RIGHT - LEFT)


# Map


def _map() -> Iterator[str]:
    """The fixes of a day on which the machine drifts over the fence, about the place where it does."""
    day = quality.FIRST_DAY + quality.INCIDENT_DAY
    assignment = fleet.draw_assignment(quality.SEED, SHOWN, [incidents.script(Incident.DRIFT, day)])
    ground = assignment.ground
    gate = ground.sites[-1] + ground.way_out(ground.sites[-1])
    yield _text(MAP_LEFT, 30, "A drift over the fence, fix by fix 越界漂移", size=14, weight="bold")
    yield _text(MAP_LEFT, 50, "dots: reported fixes of a day; line: fence", colour=FAINT)
    yield _text(MAP_LEFT, 66, "圆点为当日定位，直线为围栏", colour=FAINT)
    yield f'<clipPath id="map"><rect x="{MAP_LEFT}" y="{MAP_TOP}" width="{MAP_SIDE}" height="{MAP_SIDE}"/></clipPath>'
    yield f'<g clip-path="url(#map)">{_fence(ground, gate)}'
    device = fleet.draw_device(
        quality.SEED, fleet.draw_identity(quality.SEED, SHOWN, quality.CHAIN), assignment, start_of(day)
    )
    for sent in fleet.Fleet([device]).messages(start_of(day + 1)):
        if sent.kind is Kind.RECORD and (fix := decoding.record_of(sent.payload).fix):
            yield _dot(ground, gate, _point(ground, fix))
    yield "</g>"
    yield _scale()


def _point(ground: Ground, fix: Fix) -> complex:
    east = (fix.longitude / UNITS_A_DEGREE - ground.longitude) * math.cos(math.radians(ground.latitude))
    return METRES_A_DEGREE * complex(east, fix.latitude / UNITS_A_DEGREE - ground.latitude)


def _on_map(gate: complex, point: complex) -> tuple[float, float]:
    away = (point - gate) * MAP_SIDE / MAP_M
    return MAP_LEFT + MAP_SIDE / 2 + away.real, MAP_TOP + MAP_SIDE / 2 - away.imag


def _fence(ground: Ground, gate: complex) -> str:
    corners = " ".join("{:.1f},{:.1f}".format(*_on_map(gate, corner)) for corner in ground.fence)
    return f'<polygon points="{corners}" fill="#f4f8fb" stroke="{FENCE}" stroke-width="2"/>'


def _dot(ground: Ground, gate: complex, point: complex) -> str:
    x, y = _on_map(gate, point)
    colour = OUTSIDE if ground.beyond(point) > 0 else INSIDE
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{colour}" fill-opacity="0.55"/>'


def _scale() -> str:
    y, length = MAP_TOP + MAP_SIDE + 16, 100 * MAP_SIDE / MAP_M
    frame = f'<rect x="{MAP_LEFT}" y="{MAP_TOP}" width="{MAP_SIDE}" height="{MAP_SIDE}" fill="none" stroke="{GRID}"/>'
    return "\n".join(
        (frame, _line(MAP_LEFT, y, MAP_LEFT + length, y, INK), _text(MAP_LEFT + length + 8, y + 4, "100 m"))
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _text(
    x: float, y: float, text: str, anchor: str = "start", *, size: int = 11, weight: str = "normal", colour: str = INK
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" '
        f'fill="{colour}">{escape(text)}</text>'
    )
