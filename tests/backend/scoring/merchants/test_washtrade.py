"""Fictitious trade is found by its patterns; honest shops of every kind raise none."""

import itertools
import random
import re
from collections.abc import Iterable

import pytest

from backend.days import DAY_S
from backend.scoring.merchants import population, washtrade
from backend.scoring.merchants.records import BusinessRecord, Kind
from backend.scoring.merchants.washtrade import Finding, findings

AT = 1_780_000_000
LAST_DAY = 20_600


class Shop:
    """A shop of 90 days: some customers, many amounts, returns as usual."""

    def __init__(self, seed: int = 1, sales: int = 600, returns: float = 0.08) -> None:
        self._random = random.Random(seed)
        self._numbers = itertools.count()
        self.records: list[BusinessRecord] = []
        for _ in range(sales):
            at, buyer = AT - self._random.randrange(89 * DAY_S), f"customer-{self._random.randrange(300)}"
            sale = self.add(Kind.SALE, at, self._random.randrange(2_000, 60_000), buyer)
            if self._random.random() < 0.3:
                self.add(Kind.RATING, at + 3 * DAY_S, self._random.choice([300, 400, 480, 500]), buyer)
            if self._random.random() < returns:
                self.add(Kind.REFUND, at + self._random.randrange(5 * DAY_S), sale.value, buyer)

    def add(self, kind: Kind, at: int, value: int, buyer: str = "", count: int = 1) -> BusinessRecord:
        record = BusinessRecord(f"{kind}-{next(self._numbers)}", kind, at, at, value, count, buyer)
        self.records.append(record)
        return record

    def found(self, at: int = AT) -> dict[str, Finding]:
        return {finding.code: finding for finding in findings(self.records, at)}


# Honest shops


@pytest.mark.parametrize("number", range(60))
def test_a_merchant_of_the_synthetic_population_raises_nothing(number: int):
    records = population.records(11, number, LAST_DAY - 400, LAST_DAY)
    for day in (LAST_DAY - 90, LAST_DAY):
        assert findings(records, (day + 1) * DAY_S - 8 * 3600) == []


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("returns", [0.0, 0.08, 0.5], ids=["no returns", "some", "half, as with clothes"])
def test_a_shop_with_many_customers_raises_nothing(seed: int, returns: float):
    assert Shop(seed, returns=returns).found() == {}


def test_a_busy_shop_with_three_prices_raises_nothing():
    """A tea shop: 300 cups a day between ten and ten, more at noon, at 12, 15 or 18 yuan."""
    shop, chance = Shop(sales=0), random.Random(2)
    for day in range(90):
        for _ in range(300):
            hour = chance.choice([*range(2, 14), 4, 5, 4, 5])
            at = AT - AT % DAY_S - day * DAY_S - DAY_S + hour * 3600 + chance.randrange(3600)
            shop.add(Kind.SALE, at, chance.choice([1_200, 1_500, 1_800]), f"guest-{chance.randrange(2_000)}")
    assert shop.found() == {}


def test_a_flash_sale_of_an_hour_raises_nothing():
    shop, chance = Shop(), random.Random(3)
    for number in range(200):
        shop.add(Kind.SALE, AT - 20 * DAY_S + chance.randrange(3_600), 9_900, f"new-customer-{number}")
    assert shop.found() == {}


def test_a_wholesaler_with_one_large_customer_raises_nothing():
    shop, chance = Shop(sales=0), random.Random(4)
    for week in range(12):
        for customer, size in (("large-customer", 900_000), ("small-customer-1", 90_000), ("small-customer-2", 80_000)):
            for _ in range(2):
                shop.add(
                    Kind.SALE,
                    AT - week * 7 * DAY_S - chance.randrange(DAY_S),
                    round(size * chance.uniform(0.5, 1.5)),
                    customer,
                )
    assert shop.found() == {}


def test_sums_of_whole_days_raise_nothing():
    shop = Shop(sales=0)
    for day in range(90):
        shop.add(Kind.SALE, AT - day * DAY_S, 500_000 + day, count=60)
    assert shop.found() == {}


def test_a_shop_that_just_opened_raises_nothing():
    shop = Shop(sales=0)
    for number in range(19):
        shop.add(Kind.SALE, AT - 60 * number, 10_000, "first-customer")
    assert shop.found() == {}


@pytest.mark.parametrize("records", [[], [BusinessRecord("1", Kind.RATING, AT, AT, 500)]])
def test_nothing_is_found_in_nothing(records: list[BusinessRecord]):
    assert findings(records, AT) == []


# Fictitious trade, each among honest sales


def circling(shop: Shop) -> None:
    """Three friends buy and return all of it, week after week."""
    for week in range(8):
        for friend in range(3):
            at = AT - week * 7 * DAY_S - friend * 3_000
            shop.add(Kind.SALE, at - DAY_S, 120_000 + friend, f"friend-{friend}")
            shop.add(Kind.REFUND, at, 120_000 + friend, f"friend-{friend}")


def bursts(shop: Shop) -> None:
    """On many nights, thirty orders of one amount within minutes."""
    for night in range(9):
        for number in range(30):
            shop.add(Kind.SALE, AT - night * 9 * DAY_S - number * 17 - number % 3, 29_900, f"account-{night}-{number}")


def one_buyer(shop: Shop) -> None:
    """An accomplice buys for about the same sum again and again."""
    for number in range(60):
        shop.add(Kind.SALE, AT - number * 40_000 - number**2, 300_000 + number * 50, "accomplice-1")


def vanishing(shop: Shop) -> None:
    """Orders that are praised and then undone."""
    for number in range(40):
        at = AT - 80 * DAY_S + number * DAY_S + number**2
        shop.add(Kind.SALE, at, 15_000 + number, f"praiser-{number}")
        shop.add(Kind.RATING, at + 7_200, 500, f"praiser-{number}")
        shop.add(Kind.REFUND, at + 2 * DAY_S, 15_000 + number, f"praiser-{number}")


def clockwork(shop: Shop) -> None:
    """A timer buys every two minutes, a second more or less, at night when nobody else does."""
    start = AT - 5 * DAY_S
    shop.records = [record for record in shop.records if not start - 600 <= record.occurred_at <= start + 6_000]
    for number in range(45):
        shop.add(Kind.SALE, start + number * 120 + number % 2, 5_000 + number * 137, f"bot-{number}")


PLAYS = {
    "circling_buyers": circling,
    "equal_bursts": bursts,
    "one_buyer_equal_amounts": one_buyer,
    "vanishing_after_rating": vanishing,
    "clockwork": clockwork,
}


@pytest.mark.parametrize("code", PLAYS)
def test_a_pattern_among_honest_sales_is_found_and_shown(code: str):
    shop = Shop()
    honest = {record.id for record in shop.records}
    PLAYS[code](shop)
    found = shop.found()
    assert list(found) == [code]
    finding = found[code]
    assert finding.measure >= finding.threshold
    assert finding.evidence and not set(finding.evidence) & honest
    assert len(finding.evidence) <= washtrade.MOST_EVIDENCE


@pytest.mark.parametrize("code", PLAYS)
def test_a_finding_is_told_in_both_languages_with_its_figures(code: str):
    shop = Shop()
    PLAYS[code](shop)
    finding = shop.found()[code]
    for language in ("zh", "en"):
        told = finding.text(language)
        assert not re.search(r"[{}]", told)
        figure = f"{finding.measure / 100:.2f} %" if finding.unit == "bps" else str(finding.measure)
        assert figure in told


def test_every_rule_has_a_measure_and_reasons_in_both_languages():
    assert set(washtrade.rules()) == set(washtrade.MEASURES) == set(PLAYS)
    for rule in washtrade.rules().values():
        assert all(rule[text] for text in ("en", "zh", "why_en", "why_zh"))


# As of


def shuffled(records: Iterable[BusinessRecord]) -> list[BusinessRecord]:
    mixed = list(records)
    random.Random(9).shuffle(mixed)
    return mixed


@pytest.mark.parametrize("code", PLAYS)
def test_order_and_later_records_change_nothing(code: str):
    shop = Shop()
    PLAYS[code](shop)
    now = findings(shop.records, AT)
    assert now
    later = Shop(7).records
    unknown = [
        BusinessRecord(f"late-{record.id}", record.kind, record.occurred_at, AT + 1, record.value, 1, record.buyer)
        for record in later
    ]
    future = [
        BusinessRecord(f"next-{record.id}", record.kind, AT + 1, AT + 1, record.value, 1, record.buyer)
        for record in later
    ]
    assert findings(shuffled([*shop.records, *unknown, *future]), AT) == now


def test_what_is_older_than_the_window_is_forgotten():
    shop = Shop(sales=0)
    circling(shop)
    assert "circling_buyers" in shop.found()
    assert shop.found(AT + 91 * DAY_S) == {}


# Boundaries


def share_of_circling(value: int) -> dict[str, Finding]:
    """One buyer with three sales of `value`, all returned, among honest sales of 100,000 together."""
    shop = Shop(sales=0)
    for number in range(20):
        shop.add(Kind.SALE, AT - number * 40_000 - number**2, 4_505 + number * 52, f"customer-{number}")
    honest = sum(record.value for record in shop.records)
    shop.add(Kind.SALE, AT - 50 * 40_000, 100_000 - honest, "customer-20")
    for number in range(3):
        shop.add(Kind.SALE, AT - (number + 30) * 41_000, value, "circler-1")
        shop.add(Kind.REFUND, AT - number * 41_000, value, "circler-1")
    return shop.found()


def test_a_tenth_of_the_sales_going_round_is_found_and_less_is_not():
    """3 x 3,704 of 111,112 are 10.00 %, 3 x 3,703 of 111,109 are 9.99 %."""
    assert share_of_circling(3_704)["circling_buyers"].measure == 1_000
    assert "circling_buyers" not in share_of_circling(3_703)


@pytest.mark.parametrize(("sales", "is_found"), [(29, False), (30, True)])
def test_thirty_equal_distances_are_found_and_fewer_are_not(sales: int, is_found: bool):
    shop = Shop(sales=0)
    for number in range(sales):
        shop.add(Kind.SALE, AT - 60 * DAY_S + number * 60, 1_000 + number * 211, f"bot-{number}")
    assert ("clockwork" in shop.found()) == is_found


@pytest.mark.parametrize(("in_burst", "is_found"), [(9, False), (10, True)])
def test_ten_equal_amounts_in_ten_minutes_are_a_burst(in_burst: int, is_found: bool):
    shop = Shop(sales=0)
    for number in range(20):
        shop.add(Kind.SALE, AT - number * 40_000 - number**2, 1_000 + number * 211, f"customer-{number}")
    for number in range(in_burst):
        shop.add(Kind.SALE, AT - 80 * DAY_S + number * 66 - number % 3, 50_000, f"account-{number}")
    assert ("equal_bursts" in shop.found()) == is_found


def test_a_flood_of_one_buyer_takes_time_in_proportion():
    """60,000 records of one buyer that pair with nothing: with a quadratic search this test would not end."""
    shop = Shop(sales=0)
    for number in range(20_000):
        shop.add(Kind.SALE, AT - 80 * DAY_S + number, 1_000 + number, "single-buyer")
        shop.add(Kind.RATING, AT - 70 * DAY_S + number, 500, "single-buyer")
        shop.add(Kind.REFUND, AT - 60 * DAY_S + number, 900_000 + number, "single-buyer")
    assert "vanishing_after_rating" not in shop.found()
