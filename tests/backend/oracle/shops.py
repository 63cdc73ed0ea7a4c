"""Merchants' business records for the oracle's tests: shops that sell every day, steadily or not."""

from collections.abc import Callable

from backend.days import BEIJING_S, DAY_S, day_of
from backend.scoring.merchants.records import BusinessRecord, Kind

NOON = DAY_S // 2 - BEIJING_S
BUYERS = 10
YUAN = 100


def _steady(_day: int) -> int:
    return 3_000 * YUAN


def shop(
    now: int, *, days: int = 400, sales: Callable[[int], int] = _steady, first: int | None = None
) -> list[BusinessRecord]:
    """Records up to the day before `now`, received at `now`: ten sales a day to changing buyers, a rating a day, stock
    every week. `sales`: fen a day, by the number of the day; `first`: only what happened from this day on.
    """
    today = day_of(now)
    begin = today - days
    found = [_record("opening", Kind.OPENING, begin, now, 0)] if first is None else []
    for day in range(begin if first is None else first, today):
        found += [
            _record(f"s{day}-{number}", Kind.SALE, day, now, max(sales(day) // BUYERS, 1), f"b{(day + number) % 25}")
            for number in range(BUYERS)
        ]
        found.append(_record(f"r{day}", Kind.RATING, day, now, 480))
        if day % 7 == 0:
            found.append(_record(f"i{day}", Kind.STOCK, day, now, 20 * sales(day)))
    return found


def arrears(now: int, overdue: int) -> BusinessRecord:
    """A debt to others, `overdue` days past due since yesterday."""
    return _record(f"a{now}", Kind.ARREARS, day_of(now) - 1, now, overdue)


def _record(id_: str, kind: Kind, day: int, received_at: int, value: int, buyer: str = "") -> BusinessRecord:
    return BusinessRecord(id_, kind, day * DAY_S + NOON, received_at, value, 1, buyer)
