"""Figures as people read them."""

import pytest

from backend import figures

NAMES = ["none", "registered", "confirmed"]


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "0.00"),
        (1, "0.01"),
        (99, "0.99"),
        (100, "1.00"),
        (99_999, "999.99"),
        (100_000, "1,000.00"),
        (88_841_250, "888,412.50"),
        (2**96 - 1, "792,281,625,142,643,375,935,439,503.35"),
    ],
)
def test_an_amount_has_thousands_and_two_decimals(fen: int, text: str):
    assert figures.amount(fen) == text


def test_a_token_of_six_decimals_shows_all_of_them():
    assert figures.amount(1_000_001, 6) == "1.000001"


def test_shares_are_a_million_times_finer_than_cash():
    assert figures.shares(88_841_250_000_001) == "888,412.50000001"


@pytest.mark.parametrize(("bps", "text"), [(0, "0.00 %"), (5, "0.05 %"), (435, "4.35 %"), (10_000, "100.00 %")])
def test_basis_points_become_percent(bps: int, text: str):
    assert figures.percent(bps) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "1970-01-01"),
        (20_512, "2026-02-28"),
        (20_779, "2026-11-22"),
        (2_932_896, "9999-12-31"),
        (2_932_897, "10000-01-01"),
        (2**32 - 1, "11761191-01-20"),
    ],
)
def test_a_day_becomes_its_date_however_far_away(number: int, text: str):
    assert figures.day(number) == text


@pytest.mark.parametrize(
    ("timestamp", "text"),
    [
        (0, "1970-01-01 08:00 (UTC+8)"),
        (1_795_336_200, "2026-11-22 16:30 (UTC+8)"),
        (1_795_336_259, "2026-11-22 16:30 (UTC+8)"),
        (1_795_363_199, "2026-11-22 23:59 (UTC+8)"),
        (1_795_363_200, "2026-11-23 00:00 (UTC+8)"),
        (2**40 - 1, "36812-02-20 08:36 (UTC+8)"),
    ],
)
def test_a_time_is_that_of_beijing(timestamp: int, text: str):
    assert figures.time(timestamp) == text


@pytest.mark.parametrize(("number", "text"), [(0, "A"), (4, "E"), (25, "Z"), (26, "26"), (255, "255")])
def test_a_grade_is_a_letter_as_long_as_there_are_letters(number: int, text: str):
    assert figures.grade(number) == text


@pytest.mark.parametrize(("value", "text"), [(0, "none"), (2, "confirmed"), (3, "3")])
def test_a_member_has_its_name_and_a_value_beyond_them_its_number(value: int, text: str):
    assert figures.member(value, NAMES) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (1, "none"), (5, "none, confirmed"), (8, "8"), (25, "none, 24"), (2**16 - 8, "65528")]
)
def test_bits_are_named_one_by_one(value: int, text: str):
    assert figures.bits(value, NAMES, ", ") == text


def test_a_figure_speaks_the_language_asked_for():
    members = [{"en": "supplier", "zh": "供应商"}, {"en": "lender", "zh": "出资方"}]
    show = figures.figure({"name": "roles", "unit": "bits", "members": members})
    assert (show(3, "en"), show(3, "zh")) == ("supplier, lender", "供应商、出资方")


@pytest.mark.parametrize("parameter", [{"name": "sum", "unit": "pounds"}, {"name": "sum"}])
def test_an_unknown_unit_is_refused(parameter: dict[str, str]):
    with pytest.raises(figures.UnitUnknown) as refusal:
        figures.figure(parameter)
    assert refusal.value.values["parameter"] == "sum"
