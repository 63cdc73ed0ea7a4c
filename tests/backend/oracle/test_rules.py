"""When a score is due for a report."""

import pytest

from backend.chain.reports import ScoreRecord
from backend.days import DAY_S
from backend.oracle.rules import Due, due, held_back, merchant_due, rises_at
from backend.oracle.view import Standing
from backend.scoring import scale
from backend.scoring.merchants import limit
from backend.scoring.model import Scored

ISSUED, VALID_UNTIL = 1_000, 3_001
FLOORS = (700, 650, 600, 550, 500)


def grade_of(value: int) -> int:
    return sum(value < floor for floor in FLOORS)


def standing(**changes: int | bool) -> Standing:
    fields = {
        "consented": True,
        "consent_epoch": 1,
        "sequence": 4,
        "value": 680,
        "issued_at": ISSUED,
        "valid_until": VALID_UNTIL,
        "proposed": 0,
    }
    return Standing(**(fields | changes))


def test_a_party_without_a_score_is_due():
    assert due(ISSUED, standing(value=0), 680, 0, grade_of) is Due.NEVER_SCORED


def test_a_statement_filed_after_the_last_facts_is_due_whatever_it_says():
    assert due(ISSUED + 2, standing(), 680, ISSUED + 1, grade_of) is Due.NEW_FILING
    assert due(ISSUED + 2, standing(), 680, ISSUED, grade_of) is None


@pytest.mark.parametrize(("value", "reason"), [(690, Due.MOVED), (670, Due.MOVED), (689, None), (671, None)])
def test_ten_points_are_due_and_nine_are_not(value: int, reason: Due | None):
    assert due(ISSUED, standing(), value, 0, grade_of) is reason


def test_another_grade_is_due_by_a_single_point():
    assert due(ISSUED, standing(value=700), 699, 0, grade_of) is Due.GRADE_CHANGED
    assert due(ISSUED, standing(value=701), 700, 0, grade_of) is None


def test_a_score_is_due_at_half_of_its_validity():
    assert due(2_000, standing(), 680, 0, grade_of) is None
    assert due(2_001, standing(), 680, 0, grade_of) is Due.HALF_EXPIRED


def test_a_score_that_waits_for_a_risk_officer_counts_as_reported():
    assert due(ISSUED, standing(value=500, proposed=680), 680, 0, grade_of) is None
    assert due(ISSUED, standing(value=500, proposed=680), 500, 0, grade_of) is Due.MOVED


# Merchants


def yuan(amount: int) -> int:
    return limit.code(amount * 100)


def found(**changes: object) -> ScoreRecord:
    fields = {"party": 7, "value": 680, "pd_ppm": 1, "limit_code": yuan(50_000), "sequence": 5, "reasons": ()}
    return ScoreRecord(**(fields | {"consent_epoch": 1} | changes))


def merchant(**changes: int) -> Standing:
    return standing(**({"limit_code": yuan(50_000), "flags": 4} | changes))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"flags": 0}, Due.FLAGS_CHANGED),
        ({"flags": 12}, Due.FLAGS_CHANGED),
        ({"limit_code": yuan(49_900)}, Due.LIMIT_CUT),
        ({"limit_code": yuan(52_400)}, None),
        ({"limit_code": yuan(52_500)}, Due.LIMIT_RAISED),
        ({"value": 670}, Due.MOVED),
        ({"value": 671}, None),
    ],
)
def test_a_merchant_is_due_when_flags_limit_or_score_moved(changes: dict[str, int], reason: Due | None):
    assert merchant_due(ISSUED, merchant(), found(**({"flags": 4} | changes)), grade_of) is reason


def test_a_merchant_without_a_score_under_its_consent_is_due():
    assert merchant_due(ISSUED, merchant(value=0), found(flags=4), grade_of) is Due.NEVER_SCORED


def test_a_limit_that_comes_from_nothing_is_due():
    assert merchant_due(ISSUED, merchant(limit_code=0), found(flags=4), grade_of) is Due.LIMIT_RAISED
    assert merchant_due(ISSUED, merchant(limit_code=0), found(flags=4, limit_code=0), grade_of) is None


def test_a_merchants_score_is_due_at_half_of_its_validity():
    assert merchant_due(2_000, merchant(), found(flags=4), grade_of) is None
    assert merchant_due(2_001, merchant(), found(flags=4), grade_of) is Due.HALF_EXPIRED


def scored(score: int) -> Scored:
    return Scored(score=score, pd_ppm=scale.ppm_of(score), reasons=(), model_hash="0x", features_hash="0x")


def merchant_at_600(**changes: int) -> Standing:
    stored = {"value": 600, "stored_value": 600, "stored_at": ISSUED, "valid_until": ISSUED + 7 * DAY_S}
    return merchant(**(stored | changes))


@pytest.mark.parametrize(("rise", "seconds"), [(13, 18_720), (60, DAY_S), (1, 1_440), (7, 10_080), (90, DAY_S)])
def test_a_rise_waits_until_the_chain_lets_it_pass_and_a_day_at_most(rise: int, seconds: int):
    better = found(flags=4, value=600 + rise, limit_code=yuan(60_000))
    assert rises_at(merchant_at_600(), better.value) == ISSUED + seconds
    assert merchant_due(ISSUED + seconds - 1, merchant_at_600(), better, grade_of) is None
    assert merchant_due(ISSUED + seconds, merchant_at_600(), better, grade_of) is Due.LIMIT_RAISED


@pytest.mark.parametrize(("hours", "value"), [(0, 600), (12, 630), (24, 660), (240, 660)])
def test_a_renewed_consent_gets_a_score_at_once_that_is_no_higher_than_may_pass(hours: int, value: int):
    renewed, at = merchant_at_600(value=0, issued_at=0), ISSUED + hours * 3_600
    held = held_back(scored(700), renewed, at)
    assert (held.score, held.pd_ppm) == (value, scale.ppm_of(value))
    assert merchant_due(at, renewed, found(flags=4, value=held.score), grade_of) is Due.NEVER_SCORED


def test_nothing_else_is_held_back():
    assert held_back(scored(590), merchant_at_600(value=0, issued_at=0), ISSUED).score == 590
    assert held_back(scored(700), merchant_at_600(), ISSUED).score == 700
    assert held_back(scored(700), merchant(value=0), ISSUED).score == 700


def test_bad_news_does_not_wait_for_a_rise():
    assert merchant_due(ISSUED + 1, merchant_at_600(), found(flags=6, value=650), grade_of) is Due.FLAGS_CHANGED
    cut = found(flags=4, value=650, limit_code=yuan(40_000))
    assert merchant_due(ISSUED + 1, merchant_at_600(), cut, grade_of) is Due.LIMIT_CUT
    assert merchant_due(ISSUED + 1, merchant_at_600(), found(flags=0, value=650), grade_of) is None
