"""Merchants' business records for the oracle's tests: shops that sell every day, steadily or not."""

from collections.abc import Callable
from dataclasses import replace

from backend.days import BEIJING_S, DAY_S, day_of
from backend.scoring.merchants.records import BusinessRecord, Kind

NOON = DAY_S // 2 - BEIJING_S
SALES = 5  # a day
YUAN = 100


def _steady(_day: int) -> int:
    return 8_000 * YUAN


def shop(
    now: int, *, days: int = 600, sales: Callable[[int], int] = _steady, first: int | None = None
) -> list[BusinessRecord]:
    """Records up to the day before `now`, received at `now`: five sales a day to changing buyers, a rating a day, stock
    every week. `sales`: fen a day, by the number of the day; `first`: only what happened from this day on.
    """
    today = day_of(now)
    begin = today - days
    found = [_record("opening", Kind.OPENING, begin, now, 0)] if first is None else []
    for day in range(begin if first is None else first, today):
        found += [_sale(day, number, sales(day), now) for number in range(SALES)]
        found.append(_record(f"r{day}", Kind.RATING, day, now, 480))
        if day % 7 == 0:
            found.append(_record(f"i{day}", Kind.STOCK, day, now, 20 * sales(day)))
    return found


def arrears(now: int, overdue: int) -> BusinessRecord:
    """A debt to others, `overdue` days past due since yesterday."""
    return _record(f"a{now}", Kind.ARREARS, day_of(now) - 1, now, overdue)


def _sale(day: int, number: int, turnover: int, now: int) -> BusinessRecord:
    """At times and for amounts that differ, as they do where people buy; together they make the day's turnover."""
    chance = (day * 7 + number * 13) % 31
    value = turnover * (2 * number + 1) // SALES**2
    sale = _record(f"s{day}-{number}", Kind.SALE, day, now, max(value, 1), f"b{(day * 3 + number) % 25}")
    return replace(sale, occurred_at=sale.occurred_at + number * 3_600 + chance * 40)


def _record(id_: str, kind: Kind, day: int, received_at: int, value: int, buyer: str = "") -> BusinessRecord:
    return BusinessRecord(id_, kind, day * DAY_S + NOON, received_at, value, 1, buyer)
