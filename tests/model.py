"""The suite's arithmetic in exact integers, independent of the contracts; every test that expects an amount takes it from here.

Amounts are in the token's smallest unit, rates in basis points, terms in days.
"""

from typing import NamedTuple

BPS = 10_000
BEIJING = 8 * 3600
DAY = 86_400


class Quote(NamedTuple):
    """Figures of an offer; `all_in_rate_bps` is the annualised cost of `net`, rounded up."""

    claim: int
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
    """Days since 1970-01-01 of the Beijing date at `timestamp` (seconds, UTC)."""
    return (timestamp + BEIJING) // DAY


def quote(claim: int, advance_bps: int, annual_rate_bps: int, fee_bps: int, term: int, basis: int) -> Quote | None:
    """The offer for a claim that falls due in `term` days; None when nothing would be left to pay out."""
    advance = claim * advance_bps // BPS
    discount = ceil_div(advance * term * annual_rate_bps, BPS * basis)
    fee = ceil_div(advance * fee_bps, BPS)
    net = advance - discount - fee
    if net <= 0:
        return None
    all_in = ceil_div((discount + fee) * basis * BPS, net * term)
    return Quote(claim, advance, discount, fee, net, claim - advance, term, all_in)


def late_interest(unit_days: int, rate_bps: int, basis: int, principal: int, cap_bps: int) -> int:
    """Late interest on `unit_days` (outstanding units × days late): rounded up, but never above the capped share."""
    return min(ceil_div(unit_days * rate_bps, BPS * basis), principal * cap_bps // BPS)
