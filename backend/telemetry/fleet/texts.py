"""What the nightly comparison says of a machine, as a sentence in two languages."""

from collections.abc import Mapping
from typing import NamedTuple

from backend.telemetry.fleet.days import FIGURES

REASON = "fleet"
"""Of the evidence of these alarms."""


class Wording(NamedTuple):
    """`places`: decimals of the figure's unit."""

    en: str
    zh: str
    unit: str
    places: int


WORDINGS: Mapping[str, Wording] = {
    "hours": Wording("engine-hours", "工作小时", "h", 2),
    "fuel_rate": Wording("fuel per hour", "每小时油耗", "l/h", 1),
    "standing": Wording("engine running at a standstill", "原地运转占比", "%", 1),
    "distance": Wording("distance", "行驶距离", "m", 0),
    "night_distance": Wording("distance between 22:00 and 05:00", "夜间（22:00–05:00）移动距离", "m", 0),
    "good_fixes": Wording("records with a good fix", "定位良好的记录占比", "%", 1),
}


def sentence(evidence: Mapping[str, int | str], language: str) -> str:
    """Of evidence with this module's reason: each figure beside that of the peers and the machine's own usual one."""
    told = [_figure(evidence, figure.name, language) for figure in FIGURES if figure.name in evidence]
    if language == "zh":
        return f"该机器当日与同类机器及自身以往均不一致：{'；'.join(told)}。"
    return f"On this day the machine was unlike its peers and unlike itself: {'; '.join(told)}."


def _figure(evidence: Mapping[str, int | str], name: str, language: str) -> str:
    wording = WORDINGS[name]
    value, peers, own = (
        f"{int(evidence[key]) / 10**wording.places:.{wording.places}f} {wording.unit}"
        for key in (name, f"{name}_peers", f"{name}_own")
    )
    if language == "zh":
        return f"{wording.zh} {value}（同类 {peers}，自身通常 {own}）"
    return f"{wording.en} {value} (peers {peers}, itself usually {own})"
