"""The library Rent against its mirror in Python, over random tier tables and orders of reports."""

from itertools import pairwise
from random import Random

import pytest
from eth_abi.abi import decode

from backend.chain import abi
from backend.rent import ENDLESS, Bounds, RentAccount, Tier, account_down, tier_charges, usage_down
from tests.properties.evm import Evm, artifacts

TABLES = 20_000
SENDER = 1
DAY = 86_400
MOST_RATE = 2**80 - 1
"""Of the contract: `LeaseTerms.MAX_AMOUNT`."""
MOST_TENTHS = 2**20 - 1
"""Of a reading: 20 bits."""


def tiers_of(rng: Random) -> list[Tier]:
    """A table that the contract takes: one to eight tiers, rates that never rise, the last without end."""
    bounds = sorted(rng.sample(range(1, rng.choice((50, 5_000, MOST_TENTHS))), rng.randrange(8)))
    rates = sorted((rng.randrange(rng.choice((2, 50_000, MOST_RATE))) for _ in range(len(bounds) + 1)), reverse=True)
    return [Tier(through, rate) for through, rate in zip([*bounds, ENDLESS], rates, strict=True)]


def bounds_of(rng: Random) -> Bounds:
    minimum = rng.choice((1, rng.randrange(1, 10_000_000), rng.randrange(1, MOST_RATE)))
    cap = min(minimum + rng.choice((0, rng.randrange(10_000_000), MOST_RATE)), MOST_RATE)
    return Bounds(minimum, cap, rng.randrange(7, 93) * DAY)


@pytest.fixture(scope="module")
def on_chain():
    evm = Evm(1)
    address = evm.deploy(SENDER, artifacts().creation_code("MockRent"))
    entry = artifacts().function("MockRent", "accountDown")

    def call(tiers: list[Tier], *figures: int) -> RentAccount:
        returned = evm.call(SENDER, address, abi.encode_call(entry, (tiers, *figures)))
        return RentAccount(*decode(["uint256"] * 4, returned))

    return call


def test_python_mirrors_the_contract_to_the_unit(on_chain) -> None:
    rng = Random(40)
    for _ in range(TABLES):
        tiers, bounds = tiers_of(rng), bounds_of(rng)
        elapsed = rng.choice((bounds.period * rng.randrange(1, 120), rng.randrange(bounds.period * 120)))
        locked = rng.choice((0, elapsed, rng.randrange(elapsed + 1)))
        tenths = rng.choice((0, MOST_TENTHS, rng.choice(tiers).through_tenths, rng.randrange(MOST_TENTHS)))
        times = elapsed, locked, tenths
        assert on_chain(tiers, *bounds, *times) == account_down(tiers, bounds, *times), (tiers, bounds, times)


def test_charges_telescope_whatever_the_order_of_reports() -> None:
    """Late, missing and repeated reports change when rent is charged, never how much in all."""
    rng = Random(41)
    for _ in range(TABLES):
        tiers, bounds = tiers_of(rng), bounds_of(rng)
        periods = rng.randrange(1, 13)
        meter = sorted(rng.randrange(MOST_TENTHS) for _ in range(periods))
        known = read = charged = 0
        for number in range(1, periods + 1):
            if rng.random() < 0.6 or number == periods:  # a report comes, perhaps of an earlier period
                read = meter[number - 1] if rng.random() < 0.8 or number == periods else meter[rng.randrange(number)]
            known = max(known, read)
            total = account_down(tiers, bounds, number * bounds.period, 0, known).total
            assert total >= charged
            charged += total - charged
        whole = account_down(tiers, bounds, periods * bounds.period, 0, meter[-1])
        assert charged == whole.total
        assert min(whole.fixed, whole.most) <= charged <= whole.most


def test_rent_never_falls_and_an_hour_never_costs_more_than_the_one_before() -> None:
    rng = Random(42)
    for _ in range(2_000):
        tiers, bounds = tiers_of(rng), bounds_of(rng)
        hours = sorted({rng.randrange(MOST_TENTHS // 10) * 10 for _ in range(8)} | {0})
        usage = [usage_down(tiers, tenths) for tenths in hours]
        assert usage == sorted(usage)
        means = [(b - a) * 10 / (y - x) for (a, b), (x, y) in zip(pairwise(usage), pairwise(hours), strict=True)]
        # Each sum is rounded down by less than a unit.
        assert all(later <= earlier + 20 / 10 for earlier, later in pairwise(means))
        times = sorted(rng.randrange(bounds.period * 24) for _ in range(8))
        grown = [account_down(tiers, bounds, time, 0, hours[-1]).total for time in times]
        assert grown == sorted(grown)


def test_the_tiers_add_up_to_the_usage() -> None:
    rng = Random(43)
    for _ in range(TABLES):
        tiers, tenths = tiers_of(rng), rng.randrange(MOST_TENTHS)
        charges = tier_charges(tiers, tenths)
        assert sum(charge.tenths for charge in charges) == tenths
        assert sum(charge.units_times_ten for charge in charges) // 10 == usage_down(tiers, tenths)


def test_time_under_lock_bears_no_fixed_rent() -> None:
    rng = Random(44)
    for _ in range(TABLES):
        tiers, bounds = tiers_of(rng), bounds_of(rng)
        elapsed = rng.randrange(1, bounds.period * 120)
        assert account_down(tiers, bounds, elapsed, elapsed, 0).total == 0
