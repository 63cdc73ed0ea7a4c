"""RiskPolicy: from score to grade to terms; tightening at once, loosening after the delay."""

from enum import IntEnum

import ape
import pytest

from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal, refusal_of_deployment
from tests.contracts.market import TERMS_A
from tests.contracts.suite import SCORING, Party, after_delay, refusal_after_delay

TEXT = b"\xc0" * 32
DEBTOR = Party.CORE_ENTERPRISE
FLOORS = [700, 650, 600, 550, 500]
LAST, REFUSED = 4, 5
NO_TERMS = (False, 0, 0, 0, 0, 0, 0)
FIELDS = ("open", "advanceBps", "annualRateBps", "feeBps", "limitCap", "maxAge", "blockingFlags")
LOOSE = (True, 10_000, 2_400, 300, 2**96 - 1, 40 * clock.DAY, 255)


class Product(IntEnum):
    """`IRiskPolicy.Product`."""

    RECEIVABLES = 0
    CREDIT_LINE = 1
    LEASE = 2


def terms(**changes):
    """The terms in force for grade A, changed."""
    return tuple((dict(zip(FIELDS, TERMS_A, strict=True)) | changes).values())


@pytest.fixture(scope="module", autouse=True)
def consent(oracle, core_enterprise):
    oracle.grantConsent(SCORING, TEXT, sender=core_enterprise)


"""GRADES"""


@pytest.mark.parametrize("count", [0, 16], ids=["none", "above_limit"])
def test_a_scale_of_no_grade_or_too_many_is_refused(suite, count):
    floors = [700 - grade for grade in range(count)]
    refused = refusal_of_deployment(ape.project.RiskPolicy, suite.authority, suite.oracle, floors)
    assert refused == error("GradeUnknown", grade=count, last=15)


@pytest.mark.parametrize(
    ("floors", "offender"),
    [([851], 851), ([299], 299), ([700, 700], 700), ([650, 700], 700), ([700, 600, 601], 601)],
    ids=["high", "low", "equal", "rising", "last"],
)
def test_a_scale_that_does_not_fall_or_leaves_the_scores_is_refused(suite, floors, offender):
    refused = refusal_of_deployment(ape.project.RiskPolicy, suite.authority, suite.oracle, floors)
    assert refused == error("GradeScaleInvalid", score=offender)


@pytest.mark.parametrize("floors", [[850], [300], [850, 300], list(range(314, 299, -1))])
def test_a_scale_at_its_limits_is_taken(deployer, suite, floors):
    policy = deployer.deploy(ape.project.RiskPolicy, suite.authority, suite.oracle, floors)
    assert policy.gradeCount() == len(floors)
    assert [policy.gradeOf(floor) for floor in floors] == list(range(len(floors)))


@pytest.mark.parametrize("grade", range(5))
def test_a_grade_begins_at_its_floor(policy, grade):
    floor = FLOORS[grade]
    assert policy.gradeOf(floor) == grade
    assert policy.gradeOf(floor - 1) == grade + 1


@pytest.mark.parametrize(("score", "grade"), [(850, 0), (2**16 - 1, 0), (499, REFUSED), (300, REFUSED), (0, REFUSED)])
def test_scores_beyond_the_scale_have_the_first_or_no_grade(policy, score, grade):
    assert policy.gradeOf(score) == grade


"""SETTING"""


def test_nobody_but_the_risk_manager_sets_terms(policy, risk_officer):
    refused = refusal(policy.setTerms, Product.RECEIVABLES, 0, TERMS_A, sender=risk_officer)
    assert refused == error("AccessManagedUnauthorized", caller=risk_officer)


def test_terms_of_a_grade_that_does_not_exist_are_refused(suite, policy, risk_manager):
    refused = refusal_after_delay(suite, risk_manager, policy.setTerms, Product.RECEIVABLES, REFUSED, TERMS_A)
    assert refused == error("GradeUnknown", grade=REFUSED, last=LAST)


@pytest.mark.parametrize(
    "excess",
    [{"advanceBps": 10_001}, {"annualRateBps": 2_401}, {"feeBps": 301}, {"maxAge": 40 * clock.DAY + 1}],
    ids=lambda excess: f"{next(iter(excess))}_above_limit",
)
def test_terms_out_of_bounds_are_refused_with_their_figures(suite, policy, risk_manager, excess):
    asked = terms(**excess)
    refused = refusal_after_delay(suite, risk_manager, policy.setTerms, Product.RECEIVABLES, 0, asked)
    assert refused == error(
        "TermsOutOfBounds", advanceBps=asked[1], annualRateBps=asked[2], feeBps=asked[3], maxAge=asked[5]
    )


@pytest.mark.parametrize("field", ["advanceBps", "annualRateBps", "feeBps", "maxAge"])
def test_case_17_terms_at_the_limit_of_a_type_are_refused_not_cut(suite, policy, risk_manager, field):
    asked = terms(**{field: 2**32 - 1 if field == "maxAge" else 2**16 - 1})
    refused = refusal_after_delay(suite, risk_manager, policy.setTerms, Product.RECEIVABLES, 0, asked)
    assert refused == error(
        "TermsOutOfBounds", advanceBps=asked[1], annualRateBps=asked[2], feeBps=asked[3], maxAge=asked[5]
    )


def test_terms_at_limit_are_set_after_the_delay(suite, policy, risk_manager):
    tx = after_delay(suite, risk_manager, policy.setTerms, Product.LEASE, LAST, LOOSE)
    expected = event(policy, "TermsChanged", product=Product.LEASE, grade=LAST, terms=LOOSE, tightened=False)
    assert events(tx)[1:] == [expected]
    assert policy.termsOf(Product.LEASE, LAST) == LOOSE


def test_nobody_but_the_risk_officer_tightens(policy, risk_manager, core_enterprise):
    for actor in (risk_manager, core_enterprise):
        refused = refusal(policy.tightenTerms, Product.RECEIVABLES, 0, TERMS_A, sender=actor)
        assert refused == error("AccessManagedUnauthorized", caller=actor)


LOOSER = {
    "advanceBps": 9_001,
    "annualRateBps": 434,
    "feeBps": 19,
    "limitCap": TERMS_A[4] + 1,
    "maxAge": TERMS_A[5] + 1,
    "blockingFlags": 0,
}
TIGHTER = {
    "open": False,
    "advanceBps": 8_999,
    "annualRateBps": 436,
    "feeBps": 21,
    "limitCap": TERMS_A[4] - 1,
    "maxAge": TERMS_A[5] - 1,
    "blockingFlags": 3,
}


@pytest.mark.parametrize("field", LOOSER)
def test_case_09_terms_looser_in_one_respect_wait_for_the_delay(policy, risk_officer, field):
    asked = terms(**{**TIGHTER, field: LOOSER[field]})
    refused = refusal(policy.tightenTerms, Product.RECEIVABLES, 0, asked, sender=risk_officer)
    assert refused == error("NotTighter", grade=0)


def test_case_09_a_closed_grade_is_not_opened_without_the_delay(policy, risk_officer):
    closed = terms(open=False)
    policy.tightenTerms(Product.RECEIVABLES, 0, closed, sender=risk_officer)
    refused = refusal(policy.tightenTerms, Product.RECEIVABLES, 0, TERMS_A, sender=risk_officer)
    assert refused == error("NotTighter", grade=0)


@pytest.mark.parametrize("field", TIGHTER)
def test_case_09_terms_tighter_in_one_respect_act_at_once(policy, risk_officer, field):
    asked = terms(**{field: TIGHTER[field]})
    tx = policy.tightenTerms(Product.RECEIVABLES, 0, asked, sender=risk_officer)
    expected = event(policy, "TermsChanged", product=Product.RECEIVABLES, grade=0, terms=asked, tightened=True)
    assert events(tx) == [expected]
    assert policy.termsOf(Product.RECEIVABLES, 0) == asked


def test_terms_that_stay_as_they_are_count_as_tighter(policy, risk_officer):
    policy.tightenTerms(Product.RECEIVABLES, 0, TERMS_A, sender=risk_officer)
    assert policy.termsOf(Product.RECEIVABLES, 0) == TERMS_A


def test_tightening_keeps_to_the_bounds(policy, risk_officer):
    asked = terms(annualRateBps=2_401)
    refused = refusal(policy.tightenTerms, Product.RECEIVABLES, 0, asked, sender=risk_officer)
    assert refused == error("TermsOutOfBounds", advanceBps=9_000, annualRateBps=2_401, feeBps=20, maxAge=30 * clock.DAY)


def test_a_grade_that_does_not_exist_is_not_tightened(policy, risk_officer):
    refused = refusal(policy.tightenTerms, Product.RECEIVABLES, REFUSED, NO_TERMS, sender=risk_officer)
    assert refused == error("GradeUnknown", grade=REFUSED, last=LAST)


"""REQUIRING, IN THE ORDER OF THE CHECKS"""


def test_a_score_that_is_not_usable_is_refused_with_its_reason(policy):
    assert refusal(policy.requireTerms, Product.RECEIVABLES, DEBTOR) == error("ScoreMissing", party=DEBTOR)


@pytest.mark.parametrize(("score", "grade"), [(549, 4), (500, 4), (499, 5), (300, 5)])
def test_a_closed_grade_is_refused_with_the_score(policy, quorum, stranger, score, grade):
    quorum.score(DEBTOR, score, stranger)
    refused = refusal(policy.requireTerms, Product.RECEIVABLES, DEBTOR)
    assert refused == error("GradeRefused", product=Product.RECEIVABLES, grade=grade, score=score)


def test_case_05_a_product_without_terms_is_refused(suite, quorum, stranger, deployer):
    quorum.score(DEBTOR, 850, stranger)
    fresh = deployer.deploy(ape.project.RiskPolicy, suite.authority, suite.oracle, FLOORS)
    refused = refusal(fresh.requireTerms, Product.LEASE, DEBTOR)
    assert refused == error("GradeRefused", product=Product.LEASE, grade=0, score=850)


def test_each_product_has_terms_of_its_own_for_a_grade(policy):
    assert [policy.termsOf(product, 0).annualRateBps for product in Product] == [435, 480, 495]


def test_facts_are_taken_at_their_greatest_age(policy, oracle, quorum, stranger, risk_officer):
    policy.tightenTerms(Product.RECEIVABLES, 0, terms(maxAge=clock.DAY), sender=risk_officer)
    quorum.score(DEBTOR, 720, stranger)
    clock.travel_to(oracle.scoreOf(DEBTOR).issuedAt + clock.DAY)
    assert policy.requireTerms(Product.RECEIVABLES, DEBTOR).score == 720


def test_facts_a_second_older_are_refused(policy, oracle, quorum, stranger, risk_officer):
    policy.tightenTerms(Product.RECEIVABLES, 0, terms(maxAge=clock.DAY), sender=risk_officer)
    quorum.score(DEBTOR, 720, stranger)
    issued_at = oracle.scoreOf(DEBTOR).issuedAt
    clock.travel_to(issued_at + clock.DAY + 1)
    refused = refusal(policy.requireTerms, Product.RECEIVABLES, DEBTOR)
    assert refused == error("ScoreStale", party=DEBTOR, issuedAt=issued_at, maxAge=clock.DAY)


def test_a_blocking_flag_is_refused_with_the_flags_that_block(policy, quorum, stranger):
    quorum.score(DEBTOR, 720, stranger, flags=0b1110)
    refused = refusal(policy.requireTerms, Product.RECEIVABLES, DEBTOR)
    assert refused == error("PartyFlagged", party=DEBTOR, flags=0b10)


def test_a_flag_that_does_not_block_is_taken(policy, quorum, stranger):
    quorum.score(DEBTOR, 720, stranger, flags=0b1111_1100)
    assert policy.requireTerms(Product.RECEIVABLES, DEBTOR).grade == 0


@pytest.mark.parametrize(("score", "grade"), [(720, 0), (650, 1), (649, 2), (550, 3)])
def test_a_financed_party_gets_the_terms_of_its_grade(policy, quorum, stranger, score, grade):
    quorum.score(DEBTOR, score, stranger)
    answer = policy.requireTerms(Product.RECEIVABLES, DEBTOR)
    assert answer == (policy.termsOf(Product.RECEIVABLES, grade), grade, score)
