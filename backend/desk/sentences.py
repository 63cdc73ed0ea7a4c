"""Sentences in both languages with figures in them: `{face:yuan} are due on {due:day}`."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from string import Formatter
from typing import Any

from backend import figures

LANGUAGES = ("en", "zh")
Text = dict[str, str]
UNITS = {
    "en": {"yuan": lambda value: f"{figures.amount(value)} yuan"},
    "zh": {"yuan": lambda value: f"{figures.amount(value)} 元"},
}
IN_BOTH = {"day": figures.day, "time": figures.time, "percent": figures.percent, "hours": lambda value: f"{value / 10}"}


class Sentence(Formatter):
    """`str.format` whose specifications are units."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language
        self._units: Mapping[str, Any] = UNITS[language] | IN_BOTH

    def format_field(self, value: Any, format_spec: str) -> str:
        """A value that comes in both languages is told in one. Raises KeyError for a unit that there is not."""
        if isinstance(value, Mapping):
            return str(value[self._language])
        return str(self._units[format_spec](int(value)) if format_spec else value)


def filled(template: Mapping[str, str], values: Mapping[str, Any]) -> Text:
    """The template in each language with the values it names. Raises KeyError for one that is missing."""
    return {language: Sentence(language).vformat(template[language], (), values) for language in LANGUAGES}


@cache
def templates(name: str) -> Mapping[str, Any]:
    """The file `<name>.json` of this package."""
    text = resources.files("backend.desk").joinpath(f"{name}.json").read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found
