"""The rule set: a versioned document. Its hash is in every lease's terms, so that nobody moves a threshold unseen."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from eth_utils.crypto import keccak

from backend import strictjson
from backend.errors import HeqiError
from backend.telemetry.alarms import Alarm, Severity

FOLDER = Path(__file__).parent
NEWEST = "rules-1"
IDS = (NEWEST,)
ALARMS: Mapping[str, Alarm] = {alarm.name.lower(): alarm for alarm in Alarm}
SEVERITIES: Mapping[str, Severity] = {severity.name.lower(): severity for severity in Severity}

Whole = Annotated[int, msgspec.Meta(ge=0, le=2**40)]
Positive = Annotated[int, msgspec.Meta(ge=1, le=2**40)]


class RuleSetInvalid(HeqiError):
    notice_en = "The rule set is not usable at {place}: {rule}."
    notice_zh = "规则集的 {place} 无效：{rule}。"
    status = 500


class Terms(NamedTuple):
    """The names of a rule's figures."""

    alarm: Alarm
    reading: tuple[str, ...] = ()
    activation: tuple[str, ...] = ()
    hysteresis: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()


TERMS: Mapping[str, Terms] = {
    "idle": Terms(Alarm.IDLE, ("window_s", "sample_s", "gap_s"), ("worked_below",), ("worked_from",), ("idle_s",)),
    "region": Terms(Alarm.REGION, (), ("margin_dm",), ("inside_dm",), ("outside_dm", "outside_s")),
    "fuel_use": Terms(
        Alarm.FUEL_USE,
        ("window_hours", "window_fuel", "look_again_hours", "least_windows", "most_windows", "most_rate", "mad_e4"),
        ("median_percent", "mad_count"),
        ("median_percent",),
        ("percent",),
    ),
    "fuel_theft": Terms(
        Alarm.FUEL_THEFT,
        ("window_s", "settle_s", "burn_percent", "fuel_step", "refill"),
        ("still_from", "running_from"),
        ("quiet_s",),
        ("lost",),
    ),
    "fuel_sensor": Terms(Alarm.FUEL_SENSOR, (), ("hours_from",), ("fuel_from",), ("worked",)),
    "fuel_jump": Terms(Alarm.FUEL_SENSOR, (), (), (), ("rate",)),
    "rollback": Terms(Alarm.HOUR_METER, (), ("back_from",), (), ("back",)),
    "fuel_rollback": Terms(Alarm.HOUR_METER, (), ("back_from",), (), ("fuel_back",)),
    "too_fast": Terms(Alarm.HOUR_METER, ("time_percent",), ("ahead_from",), ("quiet_s",), ("ahead",)),
    "stuck": Terms(Alarm.HOUR_METER, ("gap_s",), ("running_s",), (), ("running_s",)),
    "fork": Terms(Alarm.TAMPER, (), (), ("quiet_s",), ("count",)),
    "bad_signature": Terms(Alarm.TAMPER, (), (), ("quiet_s",), ("count",)),
    "power_cut": Terms(Alarm.TAMPER, (), (), (), ("cut_s", "cut_running_s")),
    "antenna": Terms(Alarm.TAMPER, (), (), (), ("off_s",)),
    "jamming": Terms(Alarm.TAMPER, ("gap_s", "travel_from"), ("blind_s",), (), ("blind_s", "travel_s")),
    "tow": Terms(Alarm.TOW, ("worked_most", "rest_dm"), ("moved_dm",), ("rest_s",), ("moved_dm",)),
    "offline": Terms(Alarm.OFFLINE, measures=("silent_s",)),
}
"""Every rule by name: its alarm, and the names of its figures in each term."""


class Rung(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step of a severity ladder: reached when any of the named measures is at or above its figure."""

    severity: Literal["warn", "major", "critical"]
    any: dict[str, Whole]


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One condition. `reading`: how records are read; `activation`: from where on it holds; `hysteresis`: from where
    on it is over. `ladder` rises."""

    alarm: str
    reading: dict[str, Whole]
    activation: dict[str, Whole]
    dwell_s: Whole
    hysteresis: dict[str, Whole]
    n_to_raise: Positive
    n_to_clear: Positive
    ladder: Annotated[tuple[Rung, ...], msgspec.Meta(min_length=1)]

    def rung(self, measures: Mapping[str, int]) -> Severity:
        """The highest rung reached; CLEAR below the first."""
        for rung in reversed(self.ladder):
            if any(measures[name] >= least for name, least in rung.any.items()):
                return SEVERITIES[rung.severity]
        return Severity.CLEAR


class Fixes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which positions are believed: accurate to `accuracy_most_dm`, by `satellites_least`; no further from the last
    than `slack_dm` and `speed_most` (decimetres a second), unless `confirm` in a row agree with each other."""

    accuracy_most_dm: Positive
    satellites_least: Positive
    slack_dm: Positive
    speed_most: Positive
    confirm: Positive


class Guard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Against flapping: an alarm raised `raises` times within `within_s` clears only after `quiet_s` of calm."""

    raises: Positive
    within_s: Positive
    quiet_s: Positive


class Prior(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Fuel use of a kind of machine before its own is known: median and median deviation, millilitres an hour."""

    median: Positive
    mad: Positive


class RuleSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`hash`: keccak-256 of the document's canonical JSON, `0x` and 64 hexadecimal digits. `models`: by kind of
    machine."""

    id: str
    fixes: Fixes
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
        raise RuleSetInvalid(place="document", rule=str(fault)) from None
    if rules.hash:
        raise RuleSetInvalid(place="hash", rule="it is computed, not stated")
    for place, rule in _faults(rules):
        raise RuleSetInvalid(place=place, rule=rule)
    return msgspec.structs.replace(rules, hash=hash_of(document))


@cache
def load(name: str = NEWEST) -> RuleSet:
    """A rule set by its id, one of IDS. Raises RuleSetInvalid."""
    return parse((FOLDER / f"{name}.json").read_bytes())


def _faults(rules: RuleSet) -> Iterator[tuple[str, str]]:
    if rules.rules.keys() != TERMS.keys():
        yield "rules", f"they must be {', '.join(TERMS)}"
        return
    for name, terms in TERMS.items():
        yield from ((f"rules.{name}.{place}", fault) for place, fault in _rule_faults(rules.rules[name], terms))


def _rule_faults(rule: Rule, terms: Terms) -> Iterator[tuple[str, str]]:
    if ALARMS.get(rule.alarm) is not terms.alarm:
        yield "alarm", f"it must be {terms.alarm.name.lower()}"
    for term in ("reading", "activation", "hysteresis"):
        names = getattr(terms, term)
        if set(getattr(rule, term)) != set(names):
            yield term, f"it must hold {', '.join(names) or 'nothing'}"
    if any(not rung.any or set(rung.any) - set(terms.measures) for rung in rule.ladder):
        yield "ladder", f"a rung must name some of {', '.join(terms.measures)}"
    grades = [SEVERITIES[rung.severity] for rung in rule.ladder]
    if any(lower >= higher for lower, higher in pairwise(grades)):
        yield "ladder", "it must rise"
