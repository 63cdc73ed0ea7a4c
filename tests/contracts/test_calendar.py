"""Calendar, against Python's dates at UTC+8."""

from datetime import UTC, date, datetime, timedelta, timezone

import ape
import pytest

from tests.contracts import clock

BEIJING = timezone(timedelta(hours=8))
EPOCH = date(1970, 1, 1)


@pytest.fixture(scope="module")
def calendar(deployer):
    return deployer.deploy(ape.project.MockCalendar)


def midnight(day):
    """First second of a Beijing date."""
    return int(datetime(day.year, day.month, day.day, tzinfo=BEIJING).timestamp())


def number(day):
    return (day - EPOCH).days


DAYS = {
    "leap day": date(2028, 2, 29),
    "day after a leap day": date(2028, 3, 1),
    "end of February in a common year": date(2027, 2, 28),
    "March 1 in a common year": date(2027, 3, 1),
    "no leap day in 2100": date(2100, 3, 1),
    "leap day of 2400": date(2400, 2, 29),
    "end of a month of 31": date(2026, 12, 31),
    "end of a month of 30": date(2027, 4, 30),
    "new year": date(2027, 1, 1),
    "start of the months": date(2027, 5, 1),
    "last second of 32 bits": date(2038, 1, 19),
    "first day of unsigned 32 bits' end": date(2106, 2, 7),
}


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)
def test_case_21_a_day_begins_and_ends_at_midnight_in_beijing(calendar, day):
    begins, ends = midnight(day), midnight(day + timedelta(days=1))
    assert ends - begins == 86_400
    assert calendar.dayOf(begins - 1) == number(day) - 1
    assert calendar.dayOf(begins) == calendar.dayOf(ends - 1) == number(day)
    assert calendar.dayOf(ends) == number(day) + 1


def test_case_21_four_in_the_afternoon_in_london_is_tomorrow_in_beijing(calendar):
    instant = int(datetime(2027, 6, 30, 16, tzinfo=UTC).timestamp())
    assert calendar.dayOf(instant - 1) == number(date(2027, 6, 30))
    assert calendar.dayOf(instant) == number(date(2027, 7, 1))


def test_case_21_no_daylight_saving_was_or_is_observed(calendar):
    """China's clocks changed in the summers of 1986 to 1991; days here are of 24 hours always."""
    day = date(1988, 7, 1)
    assert calendar.dayOf(midnight(day)) == number(day)
    assert calendar.dayOf(midnight(day) - 1) == number(day) - 1


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (date(2028, 1, 31), date(2028, 3, 1), 30),
        (date(2027, 1, 31), date(2027, 3, 1), 29),
        (date(2027, 12, 31), date(2028, 12, 31), 366),
        (date(2026, 12, 31), date(2027, 12, 31), 365),
    ],
)
def test_case_21_terms_are_counted_in_actual_days(calendar, first, last, days):
    assert calendar.dayOf(midnight(last)) - calendar.dayOf(midnight(first)) == days


def test_the_first_day_is_zero_and_lasts_sixteen_hours_of_utc(calendar):
    assert calendar.dayOf(0) == calendar.dayOf(16 * clock.HOUR - 1) == 0
    assert calendar.dayOf(16 * clock.HOUR) == 1


def test_case_17_a_day_is_whole_far_beyond_any_block(calendar):
    assert calendar.dayOf(2**40 - 1) == (2**40 - 1 + 8 * clock.HOUR) // clock.DAY
    assert calendar.dayOf((2**32 - 1) * clock.DAY) == 2**32 - 1


def test_case_21_today_changes_at_midnight_in_beijing(calendar):
    tomorrow = clock.today() + 1
    clock.travel_to(clock.midnight(tomorrow) - 1)
    assert calendar.today() == tomorrow - 1
    clock.travel_to(clock.midnight(tomorrow))
    assert calendar.today() == tomorrow
