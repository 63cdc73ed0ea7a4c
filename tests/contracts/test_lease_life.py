"""Whole lives of leases, from the signatures to the end."""

from tests.contracts import clock
from tests.contracts.rentals import LeaseStatus, LoanStatus
from tests.contracts.situations import DOCUMENT


def test_a_lease_is_financed_paid_by_the_meter_and_bought_out(rentals, fleet, leases, ledger, loans, equipment, lessee):
    lease = rentals.financed(periods=3)
    for _ in range(3):
        clock.pass_days(30)
        fleet.hear(rentals.machine, 1_500)
        rentals.pay_all(lease)
    leases.buyOut(lease, 2**96 - 1, sender=lessee)
    assert rentals.status(lease) == LeaseStatus.BOUGHT_OUT
    assert equipment.ownerOf(rentals.machine) == lessee
    rentals.check_money()


def test_a_lease_ends_in_rescission_and_the_sale_of_the_machine(rentals, leases, loans, buyer, risk_officer):
    lease = rentals.rescinded(rentals.financed())
    leases.offerSale(lease, buyer, 900_000_00, DOCUMENT, sender=risk_officer)
    leases.buy(lease, 900_000_00, sender=buyer)
    assert rentals.status(lease) == LeaseStatus.SOLD
    assert loans.loanOf(lease).status == LoanStatus.REPAID
    rentals.check_money()
