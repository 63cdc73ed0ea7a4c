"""What is odd about one machine in a snapshot: a code, its values, and a sentence in two languages."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Oddity:
    """`code` is a name of `oddities.json`; `values` fill its sentence, texts of the file cut to what can be shown."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def notice(self, language: str) -> str:
        return sentences()[self.code][language].format(**self.values)


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    text = (resources.files(__package__) / "oddities.json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]
