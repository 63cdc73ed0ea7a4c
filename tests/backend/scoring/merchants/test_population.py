"""Merchants that do not exist: drawn the same every time, and close to the real data behind them."""

import csv
import gzip
import math
from dataclasses import fields

import numpy as np
import pytest

from backend.days import BEIJING_S, DAY_S, date_of, day_of
from backend.scoring import release
from backend.scoring.merchants import cohort, comparison, features, population
from backend.scoring.merchants.features import KINDS, QUARTER
from backend.scoring.merchants.flags import ScoreFlag, flags
from backend.scoring.merchants.population import Course
from backend.scoring.merchants.records import Kind

FIRST, LAST = 20_000, 20_500


def noon(day):
    return day * DAY_S - BEIJING_S + DAY_S // 2


def test_a_seed_and_a_number_give_the_same_merchant_and_others_another():
    once, again = (population.records(1, 7, FIRST, LAST) for _ in range(2))
    assert once == again
    assert once != population.records(2, 7, FIRST, LAST)
    assert once != population.records(1, 8, FIRST, LAST)


@pytest.mark.parametrize("number", range(12))
def test_a_longer_life_begins_like_a_shorter_one(number):
    end = (LAST - 77 + 1) * DAY_S - BEIJING_S
    longer = [own for own in population.records(4, number, FIRST, LAST) if own.occurred_at < end]
    shorter = population.records(4, number, FIRST, LAST - 77)
    assert {(own.kind, own.occurred_at, own.value, own.buyer) for own in longer} == {
        (own.kind, own.occurred_at, own.value, own.buyer) for own in shorter
    }


@pytest.mark.parametrize("number", range(12))
def test_records_are_valid_and_in_the_order_they_happened(number):
    known = population.records(3, number, FIRST, LAST)
    assert [own.occurred_at for own in known] == sorted(own.occurred_at for own in known)
    assert all(FIRST <= day_of(own.occurred_at) <= LAST and own.received_at > own.occurred_at for own in known)
    assert len({own.id for own in known}) == len(known)
    for own in known:
        assert type(own.value) is int and own.count >= 1
        match own.kind:
            case Kind.SALE | Kind.REFUND:
                assert own.value > 0 and own.buyer
            case Kind.RATING:
                assert 100 <= own.value <= 500
            case Kind.OPENING:
                assert (own.value, day_of(own.occurred_at)) == (0, FIRST)
            case _:
                assert own.value >= 0


def test_a_course_of_growth_doubles_the_sales_it_is_set_on():
    seen, told = (
        features.figures(population.records(1, 2, FIRST, LAST, course), noon(LAST), None)
        for course in (Course(), Course(grows_from=LAST - 120, growth=0.3))
    )
    assert told["turnover_30"] > 1.8 * seen["turnover_30"]


def test_a_course_of_collapse_raises_the_flag():
    known = population.records(1, 8, FIRST, LAST, Course(falls_from=LAST - 30, left=0.1))
    before, after = (features.figures(known, noon(day), None) for day in (LAST - 31, LAST))
    assert flags(known, noon(LAST - 31), before) == ScoreFlag(0)
    assert flags(known, noon(LAST), after) & ScoreFlag.TURNOVER_COLLAPSE


@pytest.fixture(scope="module")
def observed():
    return list(cohort.observations(9, 700))


def test_a_merchant_is_observed_until_it_defaults_or_leaves(observed):
    last = {}
    for row in observed:
        assert row.merchant not in last or (
            last[row.merchant].defaulted_on is None and row.day > last[row.merchant].day
        )
        last[row.merchant] = row
    assert all(row.day < row.defaulted_on <= row.day + QUARTER for row in observed if row.defaulted_on is not None)


def test_days_behind_and_the_records_of_it_agree(observed):
    assert all(row.figures["arrears_now"] == row.behind for row in observed)
    assert sum(row.behind > 0 for row in observed) > 100


def test_no_default_is_known_from_the_records(observed):
    """Figures come from records before the day; the outcome is drawn after them."""
    row = next(own for own in observed if own.defaulted_on is not None)
    assert row.defaulted_on > row.day
    assert set(row.figures).isdisjoint({"default", "defaulted_on"})


def test_defaults_are_those_of_the_card_clients_where_nothing_is_past_due(observed):
    on_time = [row for row in observed if not row.behind]
    assert np.mean([row.probability for row in on_time]) == pytest.approx(0.137, abs=0.02)


def test_further_behind_means_more_likely_to_default():
    life = population.live(1, 3, FIRST, LAST)
    odds = []
    for behind in (0, 20, 50, 80):
        life.behind[:] = behind
        odds.append(population.default_probability(life, FIRST))
    assert odds[0] < odds[1] < odds[2] <= odds[3]


def test_the_first_rows_of_the_training_file_are_those_the_generator_gives():
    """Compared as numbers: another processor may round the last digit of a logarithm differently."""
    with gzip.open(cohort.OBSERVATIONS, "rt", encoding="utf-8", newline="") as lines:
        stored = list(csv.DictReader(lines))
    for row, fresh in zip(stored, cohort.observations(cohort.SEED, 40), strict=False):
        assert list(row) == ["merchant", "day", *fresh.figures, "defaulted_on", "default"]
        assert (row["merchant"], row["day"]) == (fresh.merchant, date_of(fresh.day).isoformat())
        assert row["default"] == str(int(fresh.defaulted_on is not None))
        known = {name: float(row[name] or "nan") for name in fresh.figures}
        assert known == pytest.approx(dict(fresh.figures), rel=1e-4, nan_ok=True)


def test_the_file_has_the_same_bytes_every_time(tmp_path, observed):
    for name in ("a", "b"):
        cohort.write(tmp_path / name, observed[:50])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_row_of_the_file_leaves_the_unknown_empty(observed):
    first = observed[0]
    assert math.isnan(first.figures["utilisation"])
    cells = cohort.cells(first)
    assert cells[:2] == (first.merchant, date_of(first.day).isoformat())
    assert cells[2 + list(first.figures).index("utilisation")] == ""


def test_a_journal_has_one_row_of_every_column_a_record():
    journal = population.live(1, 1, FIRST, LAST).journal
    assert len({len(getattr(journal, own.name)) for own in fields(journal)}) == 1
    assert set(journal.kind) <= set(KINDS.values())


def test_the_season_is_that_of_the_steady_suppliers():
    weekly = comparison.real_panel().sales.sum(axis=0)
    season = population.calibration()["measured"]["season"]
    assert season == [1.0, *np.round(weekly / weekly.mean(), 3).tolist()]


def test_shops_level_and_ticket_are_those_of_the_steady_suppliers():
    """At the median; the tails were taken from the same quantiles."""
    fitted = population.calibration()["fitted"]
    by_supplier = {}
    for row in comparison.steady_rows():
        sales, baskets = by_supplier.get(row["manufacturer_id"], (0.0, 0))
        by_supplier[row["manufacturer_id"]] = sales + float(row["sales"]), baskets + int(row["baskets"])
    orders = [baskets / comparison.WEEKS for _, baskets in by_supplier.values()]
    tickets = [sales / baskets for sales, baskets in by_supplier.values()]
    assert dict(fitted["orders_a_week"])[0.5] == pytest.approx(np.median(orders), abs=0.001)
    assert dict(fitted["ticket"])[0.5] == pytest.approx(np.median(tickets), abs=0.001)


@pytest.fixture(scope="module")
def panels():
    return comparison.turnover(comparison.real_panel()), comparison.turnover(comparison.synthetic_panel())


@pytest.mark.parametrize(
    ("measure", "tolerance"),
    [
        ("coefficient of variation of 13 weeks", 0.1),
        ("growth, 4 weeks / 13 before", 0.1),
        ("growth, last 25 weeks / first 25", 0.1),
        ("share of each week's largest buyer", 0.1),
        ("share of weeks without a sale", 0.1),
    ],
)
def test_half_of_the_shops_grow_waver_and_concentrate_as_half_of_the_suppliers(panels, measure, tolerance):
    real, made = (np.nanquantile(panel[measure], [0.25, 0.5, 0.75]) for panel in panels)
    assert made == pytest.approx(real, abs=tolerance)


def test_defaults_depend_on_arrears_and_use_as_those_of_the_card_clients():
    real, made = comparison.real_defaults(), comparison.synthetic_defaults()
    for of_real, of_made in ((real.by_months_behind(), made.by_months_behind()), (real.by_use(), made.by_use())):
        for (name, _, rate), (same, _, drawn) in zip(of_real, of_made, strict=True):
            assert name == same
            assert drawn == pytest.approx(rate, abs=0.06), name


def test_the_document_is_what_the_data_gives():
    assert (release.CARDS / "merchant-population.md").read_text(encoding="utf-8") == comparison.page(), (
        "run: python -m backend.scoring population"
    )
