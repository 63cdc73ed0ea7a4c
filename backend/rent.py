"""Rent by the meter, as the contract's library `Rent` computes it, to the unit.

Amounts in the settlement token's smallest unit, hours in tenths, times in seconds. Every part is rounded down, once.
"""

from collections.abc import Sequence
from typing import NamedTuple

TENTHS = 10
ENDLESS = 2**32 - 1
"""What the last tier reaches through."""


class Tier(NamedTuple):
    """Hours since delivery through `through_tenths` cost `rate` units each, as far as no tier before covers them."""

    through_tenths: int
    rate: int


class TierCharge(NamedTuple):
    """What the hours within one tier cost; `units_times_ten` is exact, for the sum alone is rounded."""

    tier: Tier
    tenths: int
    units_times_ten: int


class Bounds(NamedTuple):
    """Least rent of a period in which the machine stands still, most that a period costs on average, its seconds."""

    minimum: int
    cap: int
    period: int


class RentAccount(NamedTuple):
    """Rent since delivery: `total` = min(most, max(fixed, usage))."""

    fixed: int
    usage: int
    most: int
    total: int


def tier_charges(tiers: Sequence[Tier], tenths: int) -> list[TierCharge]:
    """The hours by tier, those of zero hours left out."""
    charges, start = [], 0
    for tier in tiers:
        through = min(tenths, tier.through_tenths)
        if through > start:
            charges.append(TierCharge(tier, through - start, (through - start) * tier.rate))
            start = through
    return charges


def usage_down(tiers: Sequence[Tier], tenths: int) -> int:
    return sum(charge.units_times_ten for charge in tier_charges(tiers, tenths)) // TENTHS


def account_down(tiers: Sequence[Tier], bounds: Bounds, elapsed: int, locked: int, tenths: int) -> RentAccount:
    """Rent of `elapsed` seconds since delivery, of which the lessor's lock took `locked`: those bear no fixed rent."""
    fixed, usage = bounds.minimum * (elapsed - locked) // bounds.period, usage_down(tiers, tenths)
    most = bounds.cap * elapsed // bounds.period
    return RentAccount(fixed, usage, most, min(most, max(fixed, usage)))
