"""The figures of a financing in exact integers, written apart from the contracts to be compared with them to the unit.

Amounts are in the token's smallest unit, rates in basis points a year, days are days since 1970-01-01 in Beijing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

BPS = 10_000
BEIJING_OFFSET_S = 8 * 3600
DAY_S = 86_400


@dataclass(frozen=True)
class Terms:
    """What the policy grants a grade, as far as it prices an offer."""

    advance_bps: int
    annual_rate_bps: int
    fee_bps: int


@dataclass(frozen=True)
class Facility:
    """The conditions of a debtor that enter figures; `basis` is 360 or 365."""

    basis: int
    grace_days: int
    late_rate_bps: int
    late_cap_bps: int
    overdue_impairment_bps: int


@dataclass(frozen=True)
class Quote:
    """Every figure of an offer; `net + discount + fee == advance` and `advance + remainder == claim`."""

    advance: int
    discount: int
    fee: int
    net: int
    remainder: int
    term: int
    all_in_rate_bps: int


def ceil_div(dividend: int, divisor: int) -> int:
    return -(-dividend // divisor)


def day_of(timestamp: int) -> int:
    return (timestamp + BEIJING_OFFSET_S) // DAY_S


def midnight(day: int) -> int:
    """First second (UTC timestamp) of a Beijing day."""
    return day * DAY_S - BEIJING_OFFSET_S


def share_down(amount: int, bps: int) -> int:
    return amount * bps // BPS


def share_up(amount: int, bps: int) -> int:
    return ceil_div(amount * bps, BPS)


def interest_up(unit_days: int, rate_bps: int, basis: int) -> int:
    """Simple interest on amount x days, rounded up once."""
    return ceil_div(unit_days * rate_bps, BPS * basis)


def quote(claim: int, terms: Terms, facility: Facility, start_day: int, due_day: int) -> Quote:
    """The offer on a claim of `claim` units; `ValueError` when nothing would be left to pay out."""
    term = due_day - start_day
    advance = share_down(claim, terms.advance_bps)
    discount = interest_up(advance * term, terms.annual_rate_bps, facility.basis)
    fee = share_up(advance, terms.fee_bps)
    cost = discount + fee
    net = advance - cost
    if net <= 0:
        raise ValueError(f"a claim of {claim} leaves {net} after discount {discount} and fee {fee}")
    all_in = ceil_div(cost * facility.basis * BPS, net * term)
    return Quote(advance, discount, fee, net, claim - advance, term, all_in)


def late_unit_days(principal: int, free_through: int, payments: Iterable[tuple[int, int]], today: int) -> int:
    """Units x days owed after `free_through` (due day + grace) and before `today`.

    `payments` are (day, amount) pairs of whatever reached the lender or waits for it; a payment counts on its own day.
    """
    unit_days, owed, since = 0, principal, free_through
    for day, amount in sorted(payments):
        until = min(max(day, since), max(today, since))
        unit_days += owed * (until - since)
        owed, since = max(owed - amount, 0), until
    return unit_days + owed * max(today - since, 0)


def late_interest(
    principal: int, due_day: int, facility: Facility, payments: Iterable[tuple[int, int]], today: int
) -> int:
    """All late interest incurred through `today`, paid or not; by whom and in how many steps is no matter."""
    unit_days = late_unit_days(principal, due_day + facility.grace_days, payments, today)
    late = interest_up(unit_days, facility.late_rate_bps, facility.basis)
    return min(late, share_down(principal, facility.late_cap_bps))
