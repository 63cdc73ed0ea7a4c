"""Reasons and flags of a score in both languages, with what would improve it.

Reasons are read as data: importing the scoring package would bring its numerical libraries along.
"""

import json
from functools import cache
from importlib import resources
from typing import Any

# Bits of a score record, the lowest first: ScoreFlag of backend.scoring.merchants.flags.
FLAGS = (
    ("HELD", "Waits for a risk officer", "待风险官复核"),
    ("ADVERSE_FACTS", "A debt elsewhere was long past due", "他处债务曾严重逾期"),
    ("TURNOVER_COLLAPSE", "Sales have collapsed", "营业额骤降"),
    ("WASH_TRADE", "Sales look fictitious", "疑似虚假交易"),
    ("ARREARS_ELSEWHERE", "A debt elsewhere is past due", "他处债务逾期"),
)


def reason(code: int) -> dict[str, Any]:
    """As the API shows it; a code that is not on the list has no theme."""
    unknown = {"en": f"Reason {code}", "zh": f"原因 {code}"}
    absent = {"code": code, "theme": None, "raises_risk": None, "text": unknown, "improvement": None}
    return _reasons().get(code, absent)


def flags(bits: int) -> list[dict[str, Any]]:
    """Those that are raised."""
    return [
        {"name": name, "text": {"en": en, "zh": zh}} for place, (name, en, zh) in enumerate(FLAGS) if bits >> place & 1
    ]


@cache
def _reasons() -> dict[int, dict[str, Any]]:
    text = resources.files("backend.scoring").joinpath("reasons.json").read_text(encoding="utf-8")
    return {
        entry["code"]: {
            "code": entry["code"],
            "theme": theme,
            "raises_risk": effect == "raises",
            "text": {"en": entry["en"], "zh": entry["zh"]},
            "improvement": _improvement(entry),
        }
        for theme, effects in json.loads(text).items()
        for effect, entry in effects.items()
    }


def _improvement(entry: dict[str, Any]) -> dict[str, str] | None:
    return {"en": entry["improve_en"], "zh": entry["improve_zh"]} if "improve_en" in entry else None
