"""Facts that stop new money whatever the score is."""

import math

import pytest

from backend.scoring.merchants import features
from backend.scoring.merchants.flags import ScoreFlag, flags, rules
from backend.scoring.merchants.records import BusinessRecord, Kind
from scripts._units import members

NOW = 1_780_000_000
NOTHING = features.figures([], NOW, None)


def raised(**figures):
    return flags([], NOW, {**NOTHING, **figures})


def test_the_names_of_the_bits_are_those_of_the_contracts():
    declared = [member["en"].upper().replace(" ", "_") for member in members("ScoreFlags")]
    assert [flag.value for flag in ScoreFlag] == [1 << place for place in range(len(declared))]
    assert all(flag.name in name for flag, name in zip(ScoreFlag, declared, strict=True))


def test_the_bits_are_those_of_the_score_record():
    assert [(flag.name, flag.value) for flag in ScoreFlag] == [
        ("HELD", 1),
        ("ADVERSE_FACTS", 2),
        ("TURNOVER_COLLAPSE", 4),
        ("WASH_TRADE", 8),
        ("ARREARS_ELSEWHERE", 16),
    ]


@pytest.mark.parametrize(("growth", "expected"), [(0.399, ScoreFlag.TURNOVER_COLLAPSE), (0.4, ScoreFlag(0))])
def test_a_month_below_two_fifths_of_the_months_before_is_a_collapse(growth, expected):
    assert raised(growth_30=growth) == expected


def test_unknown_growth_is_no_collapse():
    assert raised(growth_30=math.nan) == ScoreFlag(0)


@pytest.mark.parametrize(("days", "expected"), [(9, ScoreFlag(0)), (10, ScoreFlag.ARREARS_ELSEWHERE)])
def test_ten_days_past_due_elsewhere_are_arrears(days, expected):
    assert raised(arrears_now=days) == expected


@pytest.mark.parametrize(("days", "expected"), [(89, ScoreFlag(0)), (90, ScoreFlag.ADVERSE_FACTS)])
def test_three_months_past_due_within_a_year_are_adverse_though_cured(days, expected):
    assert raised(arrears_worst=days) == expected


def test_one_buyer_of_equal_amounts_is_suspected_of_fictitious_trade():
    def sold(number, value, buyer):
        at = NOW - number * 50_000
        return BusinessRecord(str(number), Kind.SALE, at, at, value, 1, buyer)

    honest = [sold(number, 1_000 + 397 * number**2 % 5_000, f"b{number % 23}") for number in range(1, 120)]
    feigned = [sold(number, 10_000, "b1") for number in range(1, 120)]
    assert flags(honest, NOW, NOTHING) == ScoreFlag(0)
    assert flags(feigned, NOW, NOTHING) == ScoreFlag.WASH_TRADE


def test_flags_add_up():
    assert raised(growth_30=0.1, arrears_now=95, arrears_worst=95) == 2 | 4 | 16


def test_the_contract_alone_holds_and_every_rule_is_told_in_both_languages():
    assert ScoreFlag.HELD not in {rule.flag for rule in rules()}
    assert all(rule.en and rule.zh and rule.figure in NOTHING for rule in rules())
    assert all((rule.below is None) != (rule.from_ is None) for rule in rules())
