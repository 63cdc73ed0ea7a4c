"""The simulation on real suppliers: its page is fresh, and its figures are what they say."""

from fractions import Fraction
from math import ceil, sqrt

import pytest

from backend.scoring.merchants.limit import POLICY
from backend.scoring.merchants.simulation import lives, measures, panel
from backend.scoring.merchants.simulation.__main__ import DOCS, rendered
from backend.scoring.merchants.simulation.lives import Life
from backend.scoring.merchants.simulation.panel import MONTH, QUARTER, SET_WEEK, WEEKS, Supplier

YUAN = 100
STEADY = 30_000 * YUAN


def supplier(sales):
    return Supplier(1, tuple(sales), tuple(sold // 20 for sold in sales))


def falling(normal_weeks, rest=0):
    return supplier([STEADY] * normal_weeks + [rest] * (WEEKS - normal_weeks))


@pytest.fixture(scope="module")
def real():
    return panel.suppliers()


@pytest.fixture(scope="module")
def real_lives(real):
    return measures.with_limit(real)


def test_page_figures_and_picture_in_the_documents_are_fresh():
    for name, content in rendered().items():
        assert (DOCS / name).read_text(encoding="utf-8") == content, f"{name} is stale"


def test_later_weeks_play_no_part_in_the_choice_of_suppliers(real):
    assert all(sum(sold > 0 for sold in each.sales[:26]) >= 20 for each in real)
    assert any(not any(each.sales[40:]) for each in real)


def test_later_weeks_change_no_earlier_limit(real):
    for each in real[::40]:
        until = 40
        cut_off = Supplier(each.id, each.sales[:until] + (0,) * (WEEKS - until), each.largest[:until] + (0,) * 12)
        known = until - SET_WEEK + 1
        assert lives.life(each).granted[:known] == lives.life(cut_off).granted[:known]


def test_the_facts_of_a_week_are_those_of_its_windows(real):
    each = next(each for each in real if all(each.sales))
    quarter = each.sales[40 - QUARTER : 40]
    facts = panel.facts(each, 40)
    assert facts.turnover_30 == sum(each.sales[36:40]) * 30 // 28
    assert facts.turnover_90 == sum(quarter) * 90 // 91
    assert facts.turnover_365 == sum(each.sales[:40]) * 365 // 280
    assert facts.concentration_bps == ceil(Fraction(10_000 * sum(each.largest[27:40]), sum(quarter)))


@pytest.mark.parametrize("weeks", [[5, 5, 5], [1, 2, 3], [0, 0, 9], [7, 1, 1, 1]])
def test_volatility_is_the_coefficient_of_variation_rounded_up(weeks):
    mean = sum(weeks) / len(weeks)
    exact = 10_000 * sqrt(sum((week - mean) ** 2 for week in weeks) / len(weeks)) / mean
    assert 0 <= panel.volatility_bps(weeks) - exact <= 1


def test_who_sells_nothing_is_as_volatile_and_concentrated_as_can_be():
    facts = panel.facts(falling(10), 40)
    assert facts.volatility_bps == 130_000
    assert facts.concentration_bps == 10_000


def test_a_limit_in_force_is_never_above_what_the_figures_support(real_lives):
    assert all(now <= up for each in real_lives for now, up in zip(each.granted, each.proposed, strict=True))


def test_both_limits_begin_alike(real_lives):
    assert all(each.fixed == each.proposed[0] == each.granted[0] > 0 for each in real_lives)


def test_what_is_drawn_falls_only_by_instalments(real_lives):
    for each in real_lives:
        for weeks in range(1, len(each.drawn)):
            before, now = each.drawn[weeks - 1 : weeks + 1]
            assert now >= each.granted[weeks]
            assert now >= before - (before // 10 if weeks % MONTH == 0 else 0)


def test_a_shop_that_stops_selling_is_a_collapse_from_its_last_normal_week():
    each = lives.life(falling(33))
    assert each.collapse == 33 - SET_WEEK
    times = [measures.weeks_to_cut(each, cut) for cut in measures.CUTS_BPS]
    assert times == sorted(times)
    assert each.granted[-1] == 0


@pytest.mark.parametrize("rest", [STEADY * 29 // 100, STEADY * 30 // 100])
def test_a_collapse_sells_less_than_three_tenths(rest):
    assert (lives.life(falling(33, rest)).collapse is None) == (rest * 10 >= STEADY * 3)


def test_a_shop_that_sells_on_does_not_collapse():
    assert lives.life(falling(WEEKS)).collapse is None


def test_the_eye_on_the_last_month_cuts_sooner():
    watched, unwatched = (lives.life(falling(33), policy) for policy in (POLICY, measures.UNGUARDED))
    assert measures.weeks_to_cut(watched, 5_000) < measures.weeks_to_cut(unwatched, 5_000)


def test_a_reaction_counts_those_that_never_came_as_the_slowest():
    never = Life(falling(33), (100,) * 27, (100,) * 27)
    soon = Life(falling(33), (100,) * 8 + (40,) * 19, (100,) * 8 + (40,) * 19)
    by_cut = measures.reactions([never, soon])
    assert list(by_cut.values()) == [{"p50": 1, "p90": None, "never": 1}] * 3


@pytest.mark.parametrize(("percent", "value"), [(1, 1), (10, 1), (11, 2), (50, 5), (90, 9), (100, 10)])
def test_a_quantile_is_the_least_value_that_so_many_do_not_exceed(percent, value):
    assert measures.quantile(list(range(10, 0, -1)), percent) == value
