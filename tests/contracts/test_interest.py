"""Interest, against exact fractions."""

from fractions import Fraction
from math import ceil, floor

import ape
import pytest

from tests.contracts.answers import error, refusal

U96 = 2**96 - 1
OVERFLOW, BY_ZERO = 0x11, 0x12
AMOUNTS = [0, 1, 9_999, 10_000, 10_001, 900_000_00, U96]
BPS = [0, 1, 435, 9_999, 10_000]


@pytest.fixture(scope="module")
def interest(deployer):
    return deployer.deploy(ape.project.MockInterest)


@pytest.mark.parametrize("bps", BPS)
def test_a_share_is_rounded_down_or_up_as_its_name_says(interest, bps):
    for amount in AMOUNTS:
        share = Fraction(amount * bps, 10_000)
        assert interest.shareDown(amount, bps) == floor(share)
        assert interest.shareUp(amount, bps) == ceil(share)


@pytest.mark.parametrize("basis", [360, 365])
def test_interest_on_actual_days_is_rounded_up(interest, basis):
    for amount in AMOUNTS:
        for days, rate in ((1, 1), (29, 435), (90, 435), (365, 2_400)):
            exact = Fraction(amount * days * rate, 10_000 * basis)
            assert interest.simpleUp(amount * days, rate, basis) == ceil(exact)


def test_900_000_yuan_for_90_days_at_435_basis_points_cost_9_787_50(interest):
    assert interest.simpleUp(900_000_00 * 90, 435, 360) == 9_787_50


def test_a_single_unit_costs_a_single_unit(interest):
    assert interest.simpleUp(1, 1, 365) == 1
    assert interest.shareUp(1, 1) == 1
    assert interest.shareDown(1, 9_999) == 0


def test_nothing_costs_nothing(interest):
    assert interest.simpleUp(0, 2_400, 360) == 0
    assert interest.simpleUp(U96, 0, 360) == 0


def test_days_summed_before_rounding_cost_no_more_than_days_rounded_one_by_one(interest):
    """Thirty days of one unit a day: counted at once they cost one unit, one by one they would cost thirty."""
    assert interest.simpleUp(30, 435, 360) == 1
    assert 30 * interest.simpleUp(1, 435, 360) == 30


@pytest.mark.parametrize("basis", [360, 365])
def test_the_annualised_cost_is_rounded_up(interest, basis):
    for cost, net, term in ((0, 1, 1), (1, 1, 1), (11_587_50, 888_412_50, 90), (U96, 1, 1), (1, U96, 365)):
        exact = Fraction(cost * basis * 10_000, net * term)
        assert interest.annualisedUp(cost, net, term, basis) == ceil(exact)


def test_case_17_what_exceeds_the_type_fails_and_is_not_cut(interest):
    most = 2**256 - 1
    assert interest.shareDown(most // 10_000, 10_000) == most // 10_000
    for method in (interest.shareDown, interest.shareUp):
        assert refusal(method, most // 10_000 + 1, 10_000) == error("Panic", code=OVERFLOW)
    assert refusal(interest.simpleUp, most, 2, 360) == error("Panic", code=OVERFLOW)
    assert refusal(interest.annualisedUp, most, 1, 1, 360) == error("Panic", code=OVERFLOW)


def test_no_days_no_net_and_no_basis_fail(interest):
    assert refusal(interest.simpleUp, 1, 1, 0) == error("Panic", code=BY_ZERO)
    assert refusal(interest.annualisedUp, 1, 0, 90, 360) == error("Panic", code=BY_ZERO)
    assert refusal(interest.annualisedUp, 1, 1, 0, 360) == error("Panic", code=BY_ZERO)
