"""Figures as of a moment, from what had happened and was known by then."""

import csv
import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.days import BEIJING_S, DAY_S, day_of
from backend.scoring.merchants import features, population
from backend.scoring.merchants.features import LineUse, figures, limit_facts
from backend.scoring.merchants.records import BusinessRecord, Kind
from backend.scoring.modelspec import ROOT

TODAY = 20_600
NOON = TODAY * DAY_S - BEIJING_S + DAY_S // 2
IDS = itertools.count()


def record(kind, days_ago, value, count=1, buyer=""):
    at = NOON - days_ago * DAY_S
    return BusinessRecord(str(next(IDS)), kind, at, at, value, count, buyer)


def sale(days_ago, value, **more):
    return record(Kind.SALE, days_ago, value, **more)


def opened(days_ago):
    return record(Kind.OPENING, days_ago, 0)


def same(left, right):
    return left.keys() == right.keys() and all(
        left[name] == right[name] or (math.isnan(left[name]) and math.isnan(right[name])) for name in left
    )


records_of_any_kind = st.lists(
    st.builds(
        BusinessRecord,
        id=st.uuids().map(str),
        kind=st.sampled_from(Kind),
        occurred_at=st.integers(NOON - 500 * DAY_S, NOON),
        received_at=st.integers(NOON - 500 * DAY_S, NOON),
        value=st.integers(0, 10**12),
        count=st.integers(1, 1000),
        buyer=st.sampled_from(["", "a", "b", "c"]),
    ),
    max_size=40,
)
later = st.integers(1, 400 * DAY_S)


@given(records_of_any_kind, st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_the_order_of_records_changes_nothing(known, random):
    shuffled = random.sample(known, len(known))
    use = LineUse(3, 7)
    assert same(figures(known, NOON, use), figures(shuffled, NOON, use))
    assert limit_facts(known, NOON) == limit_facts(shuffled, NOON)


@given(records_of_any_kind, records_of_any_kind, later, st.booleans())
@settings(max_examples=200, deadline=None)
def test_what_happens_or_comes_to_be_known_later_changes_nothing(known, others, after, happens_later):
    field = "occurred_at" if happens_later else "received_at"
    to_come = [replace(own, **{field: NOON + after}) for own in others]
    assert same(figures(known + to_come, NOON, None), figures(known, NOON, None))
    assert limit_facts(known + to_come, NOON) == limit_facts(known, NOON)


@given(records_of_any_kind)
@settings(max_examples=200, deadline=None)
def test_every_figure_is_in_the_table_and_finite_or_missing(known):
    with (ROOT / "backend/scoring/merchant_features.csv").open(encoding="utf-8", newline="") as lines:
        ids = {row["id"] for row in csv.DictReader(lines)}
    measured = figures(known, NOON, LineUse(5, 0))
    assert measured.keys() == ids
    assert not any(math.isinf(value) for value in measured.values())


def test_columns_and_records_give_the_same_figures():
    known = population.records(5, 1, TODAY - 460, TODAY)
    life = population.live(5, 1, TODAY - 460, TODAY)
    assert same(figures(known, NOON, None), features.journal_figures(life.journal, NOON, None))


def test_turnover_is_of_whole_days_before_today_and_net_of_refunds():
    known = [sale(0, 9_00), sale(1, 100_00), sale(30, 10_00), sale(31, 5_00), sale(365, 1_00), sale(366, 7_00)]
    known.append(record(Kind.REFUND, 2, 30_00))
    measured = figures(known, NOON, None)
    assert (measured["turnover_30"], measured["turnover_90"], measured["turnover_365"]) == (80.0, 85.0, 86.0)
    assert measured["refund_rate"] == pytest.approx(30 / 115)


def test_a_day_begins_at_midnight_in_beijing():
    midnight = TODAY * DAY_S - BEIJING_S
    before, after = (replace(sale(0, 1_00), occurred_at=midnight + own, received_at=midnight + own) for own in (-1, 0))
    assert day_of(midnight) == TODAY
    assert figures([before], NOON, None)["turnover_30"] == 1.0
    assert figures([after], NOON, None)["turnover_30"] == 0.0


def test_more_refunded_than_sold_is_no_turnover_not_a_negative_one():
    known = [sale(1, 10_00), record(Kind.REFUND, 1, 40_00)]
    assert figures(known, NOON, None)["turnover_30"] == 0.0
    assert limit_facts(known, NOON).turnover_30 == 0


def test_growth_compares_days_with_the_days_there_were():
    steady = [opened(90), *(sale(day, 1_00) for day in range(1, 91))]
    assert figures(steady, NOON, None)["growth_30"] == pytest.approx(1.0)
    doubled = [*(sale(day, 2_00) for day in range(1, 31)), *(sale(day, 1_00) for day in range(31, 121))]
    assert figures(doubled, NOON, None)["growth_30"] == pytest.approx(2.0)


def test_growth_needs_a_month_to_compare_with_and_the_year_needs_a_year():
    young = [opened(59), *(sale(day, 1_00) for day in range(1, 60))]
    measured = figures(young, NOON, None)
    assert math.isnan(measured["growth_30"])
    assert math.isnan(measured["growth_365"])
    old = [opened(455), *(sale(day, 3_00 if day <= 90 else 2_00) for day in range(1, 456))]
    assert figures(old, NOON, None)["growth_365"] == pytest.approx(1.5)


def test_volatility_is_the_coefficient_of_variation_of_whole_weeks():
    uneven = [opened(200), *(sale(7 * week + 1, (1 + week % 2) * 1_00) for week in range(12))]
    assert figures(uneven, NOON, None)["volatility"] == pytest.approx(0.5 / 1.5)
    assert limit_facts(uneven, NOON).volatility_bps == 3_334
    even = [opened(200), *(sale(7 * week + 1, 1_00) for week in range(12))]
    assert figures(even, NOON, None)["volatility"] == 0.0
    assert limit_facts(even, NOON).volatility_bps == 0


def test_weeks_before_the_opening_are_unknown_to_the_score_and_empty_to_the_limit():
    young = [opened(42), *(sale(7 * week + 1, 1_00) for week in range(6))]
    assert figures(young, NOON, None)["volatility"] == 0.0
    assert limit_facts(young, NOON).volatility_bps == 10_000


def test_all_turnover_in_one_week_is_the_most_volatile_there_is():
    once = [opened(200), sale(3, 1_00)]
    assert limit_facts(once, NOON).volatility_bps == features.MOST_VOLATILITY_BPS == 33_167
    assert limit_facts([], NOON).volatility_bps == features.MOST_VOLATILITY_BPS


def test_the_largest_buyer_is_measured_against_sales_to_named_ones():
    known = [sale(1, 60_00, buyer="a"), sale(2, 30_00, buyer="b"), sale(3, 40_00)]
    assert figures(known, NOON, None)["concentration"] == pytest.approx(2 / 3)
    assert limit_facts(known, NOON).concentration_bps == 6_667


def test_where_most_sales_name_nobody_the_limit_assumes_one_buyer():
    known = [sale(1, 60_00, buyer="a"), sale(3, 60_00)]
    measured = figures(known, NOON, None)
    assert math.isnan(measured["concentration"])
    assert measured["buyers_unknown"] == 1.0
    assert limit_facts(known, NOON).concentration_bps == 10_000


def test_idle_and_active_days_ticket_and_tenure():
    known = [opened(500), sale(4, 90_00, count=3), sale(4, 10_00), sale(10, 20_00), sale(91, 1_00)]
    measured = figures(known, NOON, None)
    assert (measured["idle_days"], measured["active_days"], measured["ticket"], measured["tenure"]) == (4, 2, 24.0, 500)


def test_without_a_record_of_the_opening_tenure_begins_with_the_first_sale():
    assert figures([sale(77, 1_00)], NOON, None)["tenure"] == 77.0
    assert limit_facts([sale(77, 1_00)], NOON).tenure_days == 77
    assert limit_facts([], NOON).tenure_days == 0


def test_stock_is_the_last_one_reported_in_days_of_sales():
    known = [*(sale(day, 1_00) for day in range(1, 91)), record(Kind.STOCK, 40, 99_00), record(Kind.STOCK, 3, 45_50)]
    assert figures(known, NOON, None)["inventory_days"] == pytest.approx(45.5)
    assert limit_facts(known, NOON).inventory_days == 45


def test_stock_that_no_longer_sells_raises_no_limit():
    """Sales of 90 days collapsed to a tenth: by them the stock would last ten times as long as by those of the year."""
    known = [sale(day, 10 if day <= 90 else 1_00) for day in range(1, 366)]
    known.append(record(Kind.STOCK, 3, 45_00))
    facts = limit_facts(known, NOON)
    assert figures(known, NOON, None)["inventory_days"] == pytest.approx(450)
    assert facts.inventory_days == 45_00 * 365 // (90 * 10 + 275 * 1_00) == 57


def test_stock_older_than_90_days_is_unknown():
    known = [sale(1, 1_00), record(Kind.STOCK, 91, 99_00)]
    measured = figures(known, NOON, None)
    assert math.isnan(measured["inventory_days"])
    assert measured["stock_unknown"] == 1.0
    assert limit_facts(known, NOON).inventory_days is None


def test_ratings_weigh_by_their_number_and_their_slope_is_per_30_days():
    known = [record(Kind.RATING, 60, 400, count=3), record(Kind.RATING, 30, 440), record(Kind.RATING, 0, 480)]
    assert figures(known, NOON, None)["rating_level"] == pytest.approx((3 * 4.0 + 4.4 + 4.8) / 5)
    assert figures(known, NOON, None)["rating_slope"] == pytest.approx(0.4)


def test_one_day_of_ratings_has_no_slope():
    known = [record(Kind.RATING, 5, 400), record(Kind.RATING, 5, 480)]
    assert math.isnan(figures(known, NOON, None)["rating_slope"])


def test_an_uncured_debt_grows_older_and_a_cured_one_is_remembered_for_a_year():
    owed = [record(Kind.ARREARS, 20, 35)]
    assert figures(owed, NOON, None)["arrears_now"] == 55.0
    cured = [*owed, record(Kind.ARREARS, 3, 0)]
    assert figures(cured, NOON, None)["arrears_now"] == 0.0
    assert figures(cured, NOON, None)["arrears_worst"] == 35.0
    long_ago = [record(Kind.ARREARS, 366, 35), record(Kind.ARREARS, 350, 0)]
    assert figures(long_ago, NOON, None)["arrears_worst"] == 0.0


def test_arrears_of_today_count_today():
    assert figures([record(Kind.ARREARS, 0, 12)], NOON, None)["arrears_now"] == 12.0


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        (None, math.nan),
        (LineUse(0, 0), math.nan),
        (LineUse(25, 100), 0.25),
        (LineUse(900, 100), 2.0),
        (LineUse(1, 0), 2.0),
    ],
)
def test_utilisation_is_of_the_own_line(use, expected):
    assert figures([], NOON, use)["utilisation"] == pytest.approx(expected, nan_ok=True)


def test_a_merchant_without_records_has_no_turnover_and_mostly_unknown_figures():
    measured = figures([], NOON, None)
    assert measured["turnover_365"] == 0.0
    assert {name for name, value in measured.items() if not math.isnan(value) and value} == {
        "buyers_unknown",
        "stock_unknown",
        "rating_unknown",
    }


@given(records_of_any_kind)
@settings(max_examples=100, deadline=None)
def test_facts_of_the_limit_are_whole_numbers_that_round_against_the_merchant(known):
    facts, measured = limit_facts(known, NOON), figures(known, NOON, None)
    assert all(type(getattr(facts, name)) is int for name in facts.__slots__ if name != "inventory_days")
    assert facts.turnover_90 == round(measured["turnover_90"] * 100)
    if not math.isnan(measured["concentration"]):
        assert facts.concentration_bps >= measured["concentration"] * 10_000 - 1e-6
    if facts.inventory_days is not None and facts.turnover_90:
        assert facts.inventory_days <= measured["inventory_days"]


def test_volatility_rounds_up_to_the_next_basis_point():
    draw = np.random.default_rng(3)
    for _ in range(300):
        weeks = draw.integers(0, 10**7, 12).tolist()
        exact = math.sqrt(12 * sum(week * week for week in weeks) - sum(weeks) ** 2) / sum(weeks) * 10_000
        assert features._volatility_bps(weeks) == pytest.approx(math.ceil(exact - 1e-7))
