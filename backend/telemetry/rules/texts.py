"""What people read about alarms, in both languages; the sentences are data, `texts.json`."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from backend.telemetry.alarms import Alarm, Phase, Severity
from backend.telemetry.rules.input import Evidence

LANGUAGES = ("en", "zh")
Text = dict[str, str]


def explain(evidence: Evidence) -> Text:
    """The sentence behind an alarm, in `en` and `zh`, with the figures that raised it."""
    sentence = catalogue()["reasons"][evidence["reason"]]
    return {
        lang: sentence[lang].format_map(
            {name: UNITS[name](int(figure), lang) for name, figure in evidence.items() if name in UNITS}
        )
        for lang in LANGUAGES
    }


def alarm(which: Alarm) -> Text:
    """Its name."""
    return dict(catalogue()["alarms"][which.name.lower()])


def severity(which: Severity) -> Text:
    """Its name."""
    return dict(catalogue()["severities"][which.name.lower()])


def phase(which: Phase) -> Text:
    """Its name."""
    return dict(catalogue()["phases"][which.value])


@cache
def catalogue() -> Mapping[str, Any]:
    """All texts, by kind and name."""
    content: Mapping[str, Any] = json.loads(Path(__file__).with_name("texts.json").read_text(encoding="utf-8"))
    return content


def _scaled(divisor: int, unit_en: str, unit_zh: str) -> Callable[[int, str], str]:
    def show(figure: int, lang: str) -> str:
        return f"{Decimal(figure) / divisor:f}" + (unit_zh if lang == "zh" else unit_en)

    return show


def _distance(decimetres: int, lang: str) -> str:
    """In metres; from 1 km on in km."""
    if decimetres >= 10_000:
        return f"{Decimal(decimetres // 1_000) / 10:f} " + ("公里" if lang == "zh" else "km")
    return f"{decimetres // 10} " + ("米" if lang == "zh" else "m")


def _duration(seconds: int, lang: str) -> str:
    """Whole minutes up to two hours, then whole hours, from two days on days."""
    for least, size, en, zh in ((172_800, 86_400, "days", "天"), (7_200, 3_600, "h", "小时"), (0, 60, "min", "分钟")):
        if seconds >= least:
            return f"{seconds // size} " + (zh if lang == "zh" else en)
    raise ValueError(seconds)


def _rate(millilitres: int, lang: str) -> str:
    return f"{Decimal(millilitres // 100) / 10:f} " + ("升/小时" if lang == "zh" else "l/h")


_hours = _scaled(100, " h", " 小时")
_litres = _scaled(10, " l", " 升")
_of_tank = _scaled(10, " %", "%")

UNITS: Mapping[str, Callable[[int, str], str]] = {
    "worked": _hours,
    "back": _hours,
    "top": _hours,
    "shown": _hours,
    "ahead": _hours,
    "hours": _hours,
    "fuel_back": _litres,
    "fuel_top": _litres,
    "fuel_shown": _litres,
    "burnt": _litres,
    "rate": _rate,
    "median": _rate,
    "limit": _rate,
    "percent": _scaled(1, " %", "%"),
    "lost": _of_tank,
    "level": _of_tank,
    "level_before": _of_tank,
    "outside_dm": _distance,
    "accuracy_dm": _distance,
    "moved_dm": _distance,
    "idle_s": _duration,
    "outside_s": _duration,
    "running_s": _duration,
    "cut_s": _duration,
    "cut_running_s": _duration,
    "off_s": _duration,
    "blind_s": _duration,
    "travel_s": _duration,
    "silent_s": _duration,
}
"""How a figure of the evidence is shown, by its name."""
