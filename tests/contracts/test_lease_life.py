"""Whole lives of leases, from the signatures to the end, and what each party has of them."""

import pytest

from tests.contracts import clock
from tests.contracts.market import LENT
from tests.contracts.rentals import BUY_OUT, DEPOSIT, LOAN_DAY, PRINCIPAL, LeaseStatus, LoanStatus
from tests.contracts.situations import DOCUMENT

MONTH = 150 * 300_00  # rent of 150 h
LEFT = 3 * 36_000_00  # fixed rent of three months
# Of the loan: 80 % of the fixed rent, 0.30 % fee, 4.95 % a year.
LOAN, FEE = 86_400_00, 259_20
FIRST_INTEREST, SECOND_INTEREST = 356_40, 172_25
SURPLUS = 90_000_00


@pytest.fixture
def balances(cash, actors):
    """What lessor and lessee have gained since the call before."""
    before = {}

    def gained():
        now = {name: cash.balanceOf(actors[name]) for name in ("lessor", "lessee")}
        change = tuple(now[name] - before.get(name, 0) for name in now)
        before.update(now)
        return change

    gained()
    return gained


def test_three_months_at_a_hundred_and_fifty_hours_and_a_buy_out_to_the_cent(
    rentals, fleet, leases, ledger, loans, treasury, equipment, balances, lessee, stranger
):
    lease = rentals.financed(periods=3)
    assert balances() == (LOAN - FEE, -DEPOSIT)
    for month in (1, 2, 3):
        clock.pass_days(29)
        fleet.hear(rentals.machine, 1_500)
        clock.pass_days(1)
        rentals.pay_all(lease)
        assert balances() == (0, -MONTH)
        assert loans.loanOf(lease).principal == (LOAN + FIRST_INTEREST - MONTH if month == 1 else 0)
    assert LEFT * 8_000 // 10_000 == LOAN
    leases.buyOut(lease, BUY_OUT, sender=lessee)
    ledger.release(lease, sender=stranger)
    ledger.releaseCredit(lease, sender=stranger)
    repaid = LOAN + FIRST_INTEREST + SECOND_INTEREST
    assert balances() == (3 * MONTH + BUY_OUT - repaid, DEPOSIT - BUY_OUT)
    assert treasury.totalAssets() == LENT + FEE + FIRST_INTEREST + SECOND_INTEREST
    assert (rentals.status(lease), equipment.ownerOf(rentals.machine)) == (LeaseStatus.BOUGHT_OUT, lessee)
    assert rentals.suite.cash.balanceOf(ledger) == 0


def test_a_lease_that_ends_in_rescission_pays_the_surplus_of_the_sale_to_the_lessee(
    rentals, leases, ledger, loans, treasury, equipment, balances, buyer, risk_officer, stranger
):
    lease = rentals.rescinded(rentals.financed())
    loans.markDefaulted(lease, sender=stranger)
    claim = rentals.owed(lease)
    leases.offerSale(lease, buyer, claim + SURPLUS, DOCUMENT, sender=risk_officer)
    balances()
    leases.buy(lease, claim + SURPLUS, sender=buyer)
    ledger.release(lease, sender=stranger)
    ledger.releaseCredit(lease, sender=stranger)
    loan = PRINCIPAL + 71 * LOAN_DAY - DEPOSIT
    assert balances() == (claim - loan, SURPLUS)
    assert (rentals.status(lease), loans.loanOf(lease).status) == (LeaseStatus.SOLD, LoanStatus.REPAID)
    assert equipment.ownerOf(rentals.machine) == buyer
    assert rentals.suite.cash.balanceOf(ledger) == 0
    assert treasury.book().impaired == treasury.book().outstanding == 0
