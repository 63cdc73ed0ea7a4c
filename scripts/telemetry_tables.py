"""`python -m scripts.telemetry_tables`: renews the tables of docs/telemetry.md from what the intake really takes."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from backend.telemetry import errors, topics
from backend.telemetry.decoding import CheckpointKeys, FixKeys, RecordKeys
from backend.telemetry.errors import MessageRefused
from backend.telemetry.topics import Kind

DOCUMENT = Path(__file__).parents[1] / "docs" / "telemetry.md"

KINDS: Mapping[Kind, str] = {
    Kind.RECORD: "a record, as it is made",
    Kind.BACKLOG: "a record that the device kept while it had no connection",
    Kind.CHECKPOINT: "the device's signature over all records so far",
    Kind.COMMAND: "to the device",
}
MEANINGS: Mapping[str, str] = {
    "v": "version of the envelope",
    "machine": "number of its title on chain",
    "epoch": "number of the device bound to it",
    "sequence": "counts the records of the epoch, from 1",
    "at": "seconds since 1970 by the device's clock",
    "fix": "position, null without one",
    "fix.lat": "latitude in 1e-7 degrees (WGS 84)",
    "fix.lon": "longitude in 1e-7 degrees",
    "fix.acc": "accuracy in tenths of a metre (1 sigma)",
    "fix.sats": "satellites in use",
    "hours": "hour meter in hundredths of an hour, from the machine's first day",
    "fuel": "fuel burnt in tenths of a litre, from the machine's first day",
    "level": "fuel in the tank in tenths of a per cent, null without such a sensor",
    "engine": "running",
    "speed": "tenths of a km/h",
    "power": "false while external power is cut",
    "antenna": "false while the antenna is disconnected or jammed",
    "previous": "SHA-256 of the record before, as it was sent; zeros in the first",
    "head": "SHA-256 of record `sequence`, of which the other figures are",
    "signature": "EIP-712, by the key of the device",
}
HASH = r"^[0-9a-f]{64}\Z"
TEXTS = {HASH: "64 hexadecimal digits", r"^0x[0-9a-f]{130}\Z": "0x and 130 hexadecimal digits"}


def tables() -> Mapping[str, str]:
    """Markdown of each generated part, by the name of its marks."""
    return {
        "topics": _table(("kind", "topic of machine 23 of party 3", "what"), *_topics()),
        "record": _table(("key", "values", "what"), *_keys(RecordKeys)),
        "checkpoint": _table(("key", "values", "what"), *_keys(CheckpointKeys)),
        "reasons": _table(("reason", "English", "中文"), *_reasons()),
    }


def written(text: str) -> str:
    """The document with its generated parts renewed."""
    for name, table in tables().items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, rest = text.split(begin)
        text = before + begin + table + end + rest.split(end)[1]
    return text


def reasons() -> list[type[MessageRefused]]:
    """Every reason for which a message is refused, in the order of their declaration."""
    return [kind for kind in vars(errors).values() if isinstance(kind, type) and kind.__base__ is MessageRefused]


def _topics() -> Iterator[tuple[str, ...]]:
    return ((f"`{kind}`", f"`{topics.topic(3, 23, kind)}`", meaning) for kind, meaning in KINDS.items())


def _keys(wire: type[msgspec.Struct], prefix: str = "") -> Iterator[tuple[str, ...]]:
    schemas, parts = msgspec.json.schema_components([wire], ref_template="{name}")
    root = parts[schemas[0]["$ref"]]
    for key, schema in root["properties"].items():
        name = prefix + key
        yield f"`{name}`", _values(schema), MEANINGS[name]
        for option in schema.get("anyOf", []):
            if "$ref" in option:
                yield from _keys(FixKeys, f"{name}.")


def _values(schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_values(option) for option in schema["anyOf"])
    if "enum" in schema:
        return str(*schema["enum"])
    if "maximum" in schema:
        return f"{schema['minimum']:,} … {schema['maximum']:,}"
    if schema.get("type") == "string":
        return TEXTS[schema.get("pattern", HASH)]
    return {"boolean": "true, false", "null": "null"}.get(schema.get("type", ""), "object")


def _reasons() -> Iterator[tuple[str, ...]]:
    return ((f"`{kind.__name__}`", kind.notice_en, kind.notice_zh) for kind in reasons())


def _table(*rows: tuple[str, ...]) -> str:
    head, *rest = rows
    return "".join("| " + " | ".join(line) + " |\n" for line in (head, ("---",) * len(head), *rest))


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
