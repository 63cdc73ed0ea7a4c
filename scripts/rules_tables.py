"""`python -m scripts.rules_tables`: renews the tables of docs/telemetry-rules.md from the rule set and its texts."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from backend.telemetry.rules import texts
from backend.telemetry.rules.ruleset import TERMS, Rule, Rung, load

DOCUMENT = Path(__file__).parents[1] / "docs" / "telemetry-rules.md"


def _seconds(figure: int) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if figure and figure % size == 0:
            return f"{figure // size} {unit}"
    return f"{figure} s"


def _scaled(divisor: int, unit: str) -> Callable[[int], str]:
    return lambda figure: f"{figure / divisor:g} {unit}".rstrip()


_hours, _litres, _rate = _scaled(100, "h"), _scaled(10, "l"), _scaled(1000, "l/h")
_metres, _of_tank, _percent, _count = _scaled(10, "m"), _scaled(10, "% of the tank"), _scaled(1, "%"), _scaled(1, "")

FIGURES: Mapping[str, tuple[Callable[[int], str], str]] = {
    "window_s": (_seconds, "length of the window by time"),
    "sample_s": (_seconds, "how often the meter is noted within it"),
    "gap_s": (_seconds, "longest silence between two records that does not interrupt"),
    "worked_below": (_hours, "work in the window, below"),
    "worked_from": (_hours, "work in the window, from"),
    "idle_s": (_seconds, "idle for"),
    "margin_dm": (_metres, "beyond the fix's accuracy, more than"),
    "inside_dm": (_metres, "distance to the region, at most"),
    "outside_dm": (_metres, "distance to the region"),
    "outside_s": (_seconds, "outside for"),
    "window_hours": (_hours, "engine time of a window, at least"),
    "window_fuel": (_litres, "fuel of a window, at least"),
    "look_again_hours": (_hours, "an incomplete window is looked at again after"),
    "least_windows": (_count, "own windows before they replace the model's figures"),
    "most_windows": (_count, "own windows remembered"),
    "most_rate": (_rate, "more is a jump of the counter"),
    "mad_e4": (_scaled(10_000, ""), "median deviation to standard deviation, times"),
    "median_percent": (_percent, "of the median"),
    "mad_count": (_count, "standard deviations above the median"),
    "percent": (_percent, "of the median"),
    "time_percent": (_percent, "hours may pass at so much of the time"),
    "settle_s": (_seconds, "after the engine stops the level settles for"),
    "burn_percent": (_percent, "the engine may have burnt so much of what the counter says"),
    "fuel_step": (_litres, "and what the counter does not show yet"),
    "refill": (_of_tank, "a rise by so much in two records is filling up"),
    "still_from": (_of_tank, "lost with the engine off"),
    "running_from": (_of_tank, "lost at work"),
    "quiet_s": (_seconds, "not again for"),
    "lost": (_of_tank, "lost"),
    "hours_from": (_hours, "engine time without use"),
    "fuel_from": (_litres, "use that shows that the counter lives"),
    "worked": (_hours, "engine time without use"),
    "rate": (_rate, "rate"),
    "back_from": (_scaled(1, "unit"), "steps back"),
    "back": (_hours, "hours back"),
    "fuel_back": (_litres, "fuel back"),
    "ahead_from": (_hours, "ahead of time by more than"),
    "ahead": (_hours, "ahead of time"),
    "running_s": (_seconds, "engine running without the meter"),
    "count": (_count, "messages"),
    "cut_s": (_seconds, "cut off for"),
    "cut_running_s": (_seconds, "cut off with the engine running for"),
    "off_s": (_seconds, "off for"),
    "travel_from": (_scaled(10, "km/h"), "faster is travel"),
    "blind_s": (_seconds, "without a position, engine on"),
    "travel_s": (_seconds, "of it in travel"),
    "worked_most": (_hours, "engine time at which it counts as parked still"),
    "rest_dm": (_metres, "moving less is resting"),
    "moved_dm": (_metres, "moved"),
    "rest_s": (_seconds, "rested after a tow"),
    "silent_s": (_seconds, "nothing signed for"),
    "accuracy_most_dm": (_metres, "a fix less accurate is dropped"),
    "satellites_least": (_count, "a fix with fewer satellites is dropped"),
    "slack_dm": (_metres, "may lie between two fixes whatever the time"),
    "speed_most": (_scaled(10, "m/s"), "and so much more for each second"),
    "confirm": (_count, "fixes in a row that agree are believed all the same"),
    "raises": (_count, "raised so often"),
    "within_s": (_seconds, "within"),
}
"""How a figure of the rule set is shown, and what it means."""
EXAMPLE = """{
 "rules": "rules-1",
 "rulesHash": "RULES_HASH",
 "region": {
  "polygon": [
   [[1162900000, 394900000], [1163100000, 394900000], [1163000000, 395100000], [1162900000, 394900000]]
  ],
  "validFrom": 1788192000,
  "validThrough": 1819727999
 },
 "timezone": "Asia/Shanghai"
}
"""


def tables() -> Mapping[str, str]:
    """Markdown of each generated part, by the name of its marks."""
    rules = load()
    return {
        "hash": f"`{rules.id}`: `{rules.hash}`\n",
        "annex": f"```json\n{EXAMPLE.replace('RULES_HASH', rules.hash)}```\n",
        "fixes": _listed({name: getattr(rules.fixes, name) for name in rules.fixes.__struct_fields__}),
        "flapping": _listed({name: getattr(rules.flapping, name) for name in rules.flapping.__struct_fields__}),
        "rules": "\n".join(_section(name, rules.rules[name]) for name in TERMS),
        "models": _table(
            ("model", "median", "median deviation"),
            *((f"`{name}`", _rate(prior.median), _rate(prior.mad)) for name, prior in rules.models.items()),
        ),
    }


def written(text: str) -> str:
    """The document with its generated parts renewed."""
    for name, table in tables().items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, rest = text.split(begin)
        text = before + begin + table + end + rest.split(end)[1]
    return text


def _section(name: str, rule: Rule) -> str:
    alarm = texts.alarm(TERMS[name].alarm)
    en, zh = (re.sub(r"{\w+}", "…", texts.catalogue()["reasons"][name][lang]) for lang in texts.LANGUAGES)
    rows = [
        ("reading", _figures(rule.reading)),
        ("activation", _figures(rule.activation)),
        ("dwell", _seconds(rule.dwell_s)),
        ("n to raise", str(rule.n_to_raise)),
        ("hysteresis", _figures(rule.hysteresis)),
        ("n to clear", str(rule.n_to_clear)),
        *((f"**{rung.severity}**", _rung(rung)) for rung in rule.ladder),
    ]
    told = [row for row in rows if row[1]]
    return f"### `{name}` – {alarm['en']} {alarm['zh']}\n\n{en}<br>{zh}\n\n" + _table(("term", "figures"), *told)


def _rung(rung: Rung) -> str:
    reached = [(name, least) for name, least in rung.any.items() if least]
    return " or ".join(f"{FIGURES[name][1]} {FIGURES[name][0](least)}" for name, least in reached) or "when raised"


def _figures(figures: Mapping[str, int]) -> str:
    return "; ".join(f"{FIGURES[name][1]} {FIGURES[name][0](figure)} (`{name}`)" for name, figure in figures.items())


def _listed(figures: Mapping[str, int]) -> str:
    rows = [(f"`{name}`", FIGURES[name][0](figure), FIGURES[name][1]) for name, figure in figures.items()]
    return _table(("figure", "value", "meaning"), *rows)


def _table(*rows: tuple[str, ...]) -> str:
    head, *rest = rows
    return "".join("| " + " | ".join(line) + " |\n" for line in (head, ("---",) * len(head), *rest))


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
