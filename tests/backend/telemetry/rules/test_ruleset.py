"""The rule set: complete, strict, and known by one hash."""

import json
from typing import Any

import pytest
from eth_utils.crypto import keccak

from backend.strictjson import JsonInvalid
from backend.telemetry.rules import ruleset
from backend.telemetry.rules.ruleset import FOLDER, TERMS, RuleSetInvalid

TEXT = (FOLDER / "rules-1.json").read_text(encoding="utf-8")
HASH = "0x"


def document() -> dict[str, Any]:
    return json.loads(TEXT)


def parsed(content: Any) -> ruleset.RuleSet:
    return ruleset.parse(json.dumps(content).encode())


def test_the_hash_is_that_of_sorted_keys_without_spaces():
    canonical = json.dumps(document(), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert ruleset.load().hash == "0x" + keccak(canonical).hex()


def test_layout_does_not_change_the_hash_and_any_figure_does():
    assert parsed(document()).hash == ruleset.load().hash
    content = document()
    content["rules"]["region"]["activation"]["margin_dm"] += 1
    assert parsed(content).hash != ruleset.load().hash


def test_every_rule_is_named_in_the_same_terms():
    terms = {"alarm", "reading", "activation", "dwell_s", "hysteresis", "n_to_raise", "n_to_clear", "ladder"}
    assert all(rule.keys() == terms for rule in document()["rules"].values())
    assert document()["rules"].keys() == TERMS.keys()


def _without_a_rule(content: dict[str, Any]) -> None:
    del content["rules"]["tow"]


def _with_another(content: dict[str, Any]) -> None:
    content["rules"]["mood"] = content["rules"]["tow"]


def _with_another_key(content: dict[str, Any]) -> None:
    content["rules"]["tow"]["note"] = 1


def _with_another_figure(content: dict[str, Any]) -> None:
    content["rules"]["tow"]["reading"]["mood"] = 1


def _without_a_figure(content: dict[str, Any]) -> None:
    del content["rules"]["tow"]["reading"]["rest_dm"]


def _negative(content: dict[str, Any]) -> None:
    content["rules"]["tow"]["dwell_s"] = -1


def _fraction(content: dict[str, Any]) -> None:
    content["rules"]["tow"]["dwell_s"] = 1.5


def _text(content: dict[str, Any]) -> None:
    content["rules"]["tow"]["dwell_s"] = "60"


def _truth(content: dict[str, Any]) -> None:
    content["rules"]["tow"]["n_to_raise"] = True


def _raised_by_nothing(content: dict[str, Any]) -> None:
    content["rules"]["tow"]["n_to_raise"] = 0


def _other_alarm(content: dict[str, Any]) -> None:
    content["rules"]["tow"]["alarm"] = "region"


def _no_ladder(content: dict[str, Any]) -> None:
    content["rules"]["tow"]["ladder"] = []


def _falling_ladder(content: dict[str, Any]) -> None:
    content["rules"]["tow"]["ladder"].reverse()


def _other_measure(content: dict[str, Any]) -> None:
    content["rules"]["tow"]["ladder"][0]["any"] = {"mood": 1}


def _stated_hash(content: dict[str, Any]) -> None:
    content["hash"] = ruleset.load().hash


@pytest.mark.parametrize(
    "spoil",
    [
        _without_a_rule,
        _with_another,
        _with_another_key,
        _with_another_figure,
        _without_a_figure,
        _negative,
        _fraction,
        _text,
        _truth,
        _raised_by_nothing,
        _other_alarm,
        _no_ladder,
        _falling_ladder,
        _other_measure,
        _stated_hash,
    ],
)
def test_anything_else_is_refused(spoil: Any):
    content = document()
    spoil(content)
    with pytest.raises(RuleSetInvalid):
        parsed(content)


@pytest.mark.parametrize("text", ['{"id": "a", "id": "b"}', '{"id": NaN}', "{", "\ufeff{}"])
def test_what_is_not_strict_json_is_refused(text: str):
    with pytest.raises(JsonInvalid):
        ruleset.parse(text.encode())
