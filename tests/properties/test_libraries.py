"""The libraries Calendar and Interest, against Python's own dates and fractions."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from math import ceil, floor
from random import Random

import pytest

from tests.properties.evm import Evm, artifacts, interface

CASES = 20_000
SENDER = 1
BEIJING = timezone(timedelta(hours=8))
EPOCH = date(1970, 1, 1)
LAST_SECOND = int(datetime(9999, 12, 31, 15, 59, 59, tzinfo=BEIJING).timestamp())
MOST = 2**96 - 1

Library = Callable[..., int]


def _library(name: str) -> Library:
    evm = Evm(1)
    address = evm.deploy(SENDER, artifacts().creation_code(name))

    def call(function: str, *arguments: int) -> int:
        return int.from_bytes(evm.call(SENDER, address, interface(name).data(function, *arguments)))

    return call


@pytest.fixture(scope="module")
def calendar() -> Library:
    return _library("MockCalendar")


@pytest.fixture(scope="module")
def interest() -> Library:
    return _library("MockInterest")


def _near_an_edge(rng: Random, most: int) -> int:
    """Of any size up to `most`, the edges often."""
    return rng.choice((rng.randrange(2 ** rng.randrange(1, most.bit_length())), 0, 1, 9_999, 10_000, most - 1, most))


def test_a_day_is_the_date_in_beijing(calendar: Library) -> None:
    rng = Random(1)
    for _ in range(CASES):
        timestamp = rng.randrange(LAST_SECOND)
        there = datetime.fromtimestamp(timestamp, BEIJING).date()
        assert calendar("dayOf", timestamp) == (there - EPOCH).days, timestamp


def test_a_day_begins_at_midnight_in_beijing(calendar: Library) -> None:
    """Over all leap days, ends of months and new years of four centuries, and random days."""
    rng = Random(2)
    days = [date(year, month, 1) for year in range(1971, 2400) for month in range(1, 13)]
    days += [EPOCH + timedelta(days=rng.randrange(1, 2_000_000)) for _ in range(CASES - len(days))]
    for day in days:
        midnight = int(datetime(day.year, day.month, day.day, tzinfo=BEIJING).timestamp())
        number = (day - EPOCH).days
        assert (calendar("dayOf", midnight - 1), calendar("dayOf", midnight)) == (number - 1, number), day


def test_shares_are_rounded_as_their_names_say(interest: Library) -> None:
    rng = Random(3)
    for _ in range(CASES):
        amount, bps = _near_an_edge(rng, MOST), rng.randrange(10_001)
        exact = Fraction(amount * bps, 10_000)
        shares = interest("shareDown", amount, bps), interest("shareUp", amount, bps)
        assert shares == (floor(exact), ceil(exact)), (amount, bps)


def test_interest_is_rounded_up_once(interest: Library) -> None:
    rng = Random(4)
    for _ in range(CASES):
        amount_days, rate, basis = (
            _near_an_edge(rng, MOST) * rng.randrange(366),
            rng.randrange(2_401),
            rng.choice((360, 365)),
        )
        exact = Fraction(amount_days * rate, 10_000 * basis)
        assert interest("simpleUp", amount_days, rate, basis) == ceil(exact), (amount_days, rate, basis)


def test_the_annualised_rate_is_rounded_up(interest: Library) -> None:
    rng = Random(5)
    for _ in range(CASES):
        cost, net = _near_an_edge(rng, MOST), max(_near_an_edge(rng, MOST), 1)
        term, basis = rng.randrange(1, 366), rng.choice((360, 365))
        exact = Fraction(cost * basis * 10_000, net * term)
        assert interest("annualisedUp", cost, net, term, basis) == ceil(exact), (cost, net, term, basis)
