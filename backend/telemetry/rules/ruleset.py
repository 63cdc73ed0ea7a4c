"""The rule set: a versioned document. Its hash is in every lease's terms, so that nobody moves a threshold unseen."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from eth_utils.crypto import keccak

from backend import strictjson
from backend.errors import HeqiError
from backend.telemetry.alarms import Alarm, Severity

FOLDER = Path(__file__).parent
NEWEST = "rules-1"


class RuleSetInvalid(HeqiError):
    notice_en = "The rule set is not usable at {place}: {rule}."
    notice_zh = "规则集的 {place} 无效：{rule}。"
    status = 500


class Rung(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step of a severity ladder: reached when any of the named measures is at or above its figure."""

    severity: str
    any: dict[str, int]

    @property
    def grade(self) -> Severity:
        return Severity[self.severity.upper()]


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One condition. `reading`: how a record is read; `activation`: from where on it holds; `hysteresis`: from where
    on it is over. Units are in the names; `ladder` rises."""

    alarm: str
    reading: dict[str, int]
    activation: dict[str, int]
    dwell_s: int
    hysteresis: dict[str, int]
    n_to_raise: int
    n_to_clear: int
    ladder: tuple[Rung, ...]

    def rung(self, measures: Mapping[str, int]) -> Severity:
        """The highest rung reached; CLEAR below the first."""
        return max(
            (rung.grade for rung in self.ladder if any(measures[name] >= least for name, least in rung.any.items())),
            default=Severity.CLEAR,
        )


class Guard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Against flapping: an alarm raised `raises` times within `within_s` clears only after `quiet_s` more of calm."""

    raises: int
    within_s: int
    quiet_s: int


class Prior(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Fuel use of a kind of machine before its own is known: median and median deviation in millilitres an hour."""

    median: int
    mad: int


class RuleSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`hash`: keccak-256 of the document's canonical JSON, `0x` and 64 hexadecimal digits."""

    id: str
    flapping: Guard
    rules: dict[str, Rule]
    models: dict[str, Prior]
    hash: str = ""


def canonical(document: Any) -> bytes:
    """Sorted keys, no spaces, UTF-8: the same bytes for everybody."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def hash_of(document: Any) -> str:
    """keccak-256 of the canonical JSON, `0x` and 64 hexadecimal digits."""
    return "0x" + keccak(canonical(document)).hex()


def parse(data: bytes) -> RuleSet:
    """Raises JsonInvalid or RuleSetInvalid."""
    document = strictjson.parse(data)
    try:
        rules = msgspec.convert(document, RuleSet)
    except msgspec.ValidationError as fault:
        raise RuleSetInvalid(place=NEWEST, rule=str(fault)) from None
    return msgspec.structs.replace(rules, hash=hash_of(document))


@cache
def load(name: str = NEWEST) -> RuleSet:
    """A rule set by its id. Raises RuleSetInvalid, FileNotFoundError."""
    return parse((FOLDER / f"{name}.json").read_bytes())


ALARMS = {alarm.name.lower(): alarm for alarm in Alarm}
