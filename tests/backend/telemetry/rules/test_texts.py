"""Every alarm and every reason is told in both languages, with its figures."""

import string

import pytest

from backend.telemetry.alarms import Alarm, Phase, Severity
from backend.telemetry.rules import texts
from backend.telemetry.rules.ruleset import TERMS, load
from tests.backend.telemetry.rules.test_same_result import SEEDS, any_life, in_one

REASONS = {*TERMS, "fleet"}


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_alarms_severities_and_phases_have_names_in_both_languages():
    told = [*map(texts.alarm, Alarm), *map(texts.severity, Severity), *map(texts.phase, Phase)]
    assert all(text.keys() == {"en", "zh"} and all(text.values()) for text in told)
    assert len({text["en"] for text in told}) == len({text["zh"] for text in told}) == len(told)


def test_exactly_the_reasons_that_can_be_have_sentences():
    assert texts.catalogue()["reasons"].keys() == REASONS


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_both_sentences_show_the_same_figures_and_all_can_be_shown(reason: str):
    sentence = texts.catalogue()["reasons"][reason]
    assert sentence["en"] != sentence["zh"]
    assert placeholders(sentence["en"]) == placeholders(sentence["zh"]) <= texts.UNITS.keys()


def test_whatever_the_rules_find_is_told_in_full():
    found = [change for seed in SEEDS for change in in_one(*any_life(seed))]
    assert {change.evidence["reason"] for change in found} == set(load().rules) - {"offline"}
    for change in found:
        text = texts.explain(change.evidence)
        assert all(sentence and "{" not in sentence for sentence in text.values())


def test_figures_are_shown_in_units_people_read():
    text = texts.explain({"reason": "region", "outside_dm": 51_234, "accuracy_dm": 25, "outside_s": 1_860})
    assert text == {
        "en": "The machine is 5.1 km outside the agreed region, by a fix accurate to 2 m;"
        " it has been outside for 31 min.",
        "zh": "设备位于约定区域外 5.1 公里（定位精度 2 米），已持续 31 分钟。",
    }
    assert texts.explain({"reason": "offline", "silent_s": 90_000})["zh"] == "已 25 小时未收到设备的签名数据。"
    assert (
        "12.5 l/h"
        in texts.explain({"reason": "fuel_use", "rate": 12_500, "percent": 140, "median": 9_000, "limit": 12_150})["en"]
    )
