"""The published form of a record: its columns and the rules a row must keep, both shipped as data."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from backend.scoring.merchants.records import Kind


@dataclass(frozen=True)
class Column:
    """`kinds` may fill it, `needed` must; `pattern`: what its text looks like; `longest`: in characters."""

    name: str
    kinds: frozenset[Kind]
    needed: frozenset[Kind]
    pattern: str
    longest: int
    example: str
    en: str
    zh: str

    @cached_property
    def form(self) -> re.Pattern[str]:
        return re.compile(self.pattern)


@cache
def columns() -> Mapping[str, Column]:
    """By name, in the order of the documentation."""
    entries = _shipped("columns.json")
    for entry in entries:
        entry["kinds"], entry["needed"] = (frozenset(map(Kind, entry[key])) for key in ("kinds", "needed"))
    return {entry["name"]: Column(**entry) for entry in entries}


@cache
def rules() -> Mapping[str, Mapping[str, str]]:
    """Sentences in `en` and `zh`, with {placeholders}, by the rule's code."""
    sentences: Mapping[str, Mapping[str, str]] = _shipped("rules.json")
    return sentences


def notices(rule: str, values: Mapping[str, Any]) -> dict[str, str]:
    return {language: sentence.format(**values) for language, sentence in rules()[rule].items()}


@cache
def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of one row. Numbers may also be given as JSON numbers: their text counts."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "BusinessRecord",
        "type": "object",
        "additionalProperties": False,
        "required": [column.name for column in columns().values() if column.needed == frozenset(Kind)],
        "properties": {name: _property(column) for name, column in columns().items()},
        "allOf": [_of_kind(kind) for kind in Kind],
    }


def _property(column: Column) -> dict[str, Any]:
    return {
        "type": ["string", "number", "null"],
        "pattern": f"^$|{column.pattern}",
        "maxLength": column.longest,
        "description": column.en,
        "examples": [column.example],
    }


def _of_kind(kind: Kind) -> dict[str, Any]:
    """What a row of this kind must and may fill."""
    foreign = [name for name, column in columns().items() if kind not in column.kinds]
    return {
        "if": {"properties": {"kind": {"const": kind.value}}},
        "then": {
            "required": [name for name, column in columns().items() if kind in column.needed],
            "properties": {name: {"enum": ["", None]} for name in foreign},
        },
    }


def _shipped(name: str) -> Any:
    return json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
