"""buyOut, return, freeTitle: how a lease ends that nobody broke."""

import pytest

from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.rentals import (
    BUY_OUT,
    CONTRACTED,
    DEPOSIT,
    FIRST_OVERDUE_DAY,
    LATE_DAY,
    MINIMUM,
    PERIOD_DAYS,
    LeaseStatus,
    LoanStatus,
)
from tests.contracts.situations import DOCUMENT, NOBODY, REASON
from tests.contracts.suite import Party

MOST = 2**96 - 1
OBJECTION_DAYS = 15


def status_wrong(lease, status):
    return error("LeaseStatusWrong", id=lease, status=status)


def transfer_event(cash, payer, to, amount):
    return event(cash, "Transfer", **{"from": payer, "to": to, "value": amount})


def conveyed_events(rentals, to):
    equipment = rentals.equipment
    return [
        event(equipment, "MachineReleased", id=rentals.machine, lienor=rentals.leases),
        event(equipment, "Transfer", **{"from": rentals.lessor}, to=to, tokenId=rentals.machine),
        event(equipment, "UpdateUser", tokenId=rentals.machine, user=NOBODY, expires=0),
    ]


@pytest.fixture
def over(rentals):
    """A lease of two periods that are charged and paid; the machine is with the lessee."""

    def run(lease=None):
        lease = lease or rentals.delivered(periods=2)
        clock.pass_days(2 * PERIOD_DAYS)
        rentals.pay_all(lease)
        return lease

    return run


@pytest.fixture
def declared(rentals, leases, over):
    def run(lease=None):
        lease = over(lease)
        leases.declareReturn(lease, DOCUMENT, sender=rentals.lessee)
        return lease

    return run


# BUY-OUT


def test_only_the_lessee_buys_the_machine_out(rentals, leases, lessor, stranger):
    lease = rentals.delivered()
    for caller in (lessor, stranger):
        refused = error("NotLeaseParty", wallet=caller, party=Party.LESSEE)
        assert refusal(leases.buyOut, lease, MOST, sender=caller) == refused


@pytest.mark.parametrize(
    ("state", "status"),
    [("signed", LeaseStatus.SIGNED), ("secured", LeaseStatus.SIGNED), ("rescinded", LeaseStatus.RESCINDED)],
)
def test_a_machine_that_is_not_the_lessees_to_use_is_not_bought_out(rentals, leases, lessee, state, status):
    lease = getattr(rentals, state)()
    assert refusal(leases.buyOut, lease, MOST, sender=lessee) == status_wrong(lease, status)


def test_case_31_a_buy_out_costs_no_more_than_the_lessee_agreed_to(rentals, leases, lessee):
    lease = rentals.delivered()
    price = CONTRACTED + BUY_OUT
    assert leases.buyOutOf(lease) == price
    above = error("BuyOutAboveSigned", id=lease, price=price, most=price - 1)
    assert refusal(leases.buyOut, lease, price - 1, sender=lessee) == above
    assert refusal(leases.buyOut, lease, price, sender=lessee) is None


def test_a_lessee_that_pays_everything_and_the_title_owns_the_machine_and_has_its_deposit_back(
    rentals, leases, ledger, cash, equipment, lessee, lessor, stranger
):
    lease = rentals.overdue()
    price = CONTRACTED + LATE_DAY + BUY_OUT
    assert leases.buyOutOf(lease) == price
    receipt = leases.buyOut(lease, price, sender=lessee)
    rent = {"late": LATE_DAY, "rent": CONTRACTED + BUY_OUT, "paid": CONTRACTED + BUY_OUT, "overdue": 0}
    assert events(receipt)[1:] == [
        transfer_event(cash, lessee, ledger, price),
        event(ledger, "RentPaid", id=lease, payer=lessee, **rent),
        event(ledger, "RentCured", id=lease, cures=1),
        event(ledger, "RentStopped", id=lease, lesseeCredit=DEPOSIT),
        event(leases, "MachineBoughtOut", id=lease, to=lessee, paid=price),
        *conveyed_events(rentals, lessee),
    ]
    assert (rentals.status(lease), leases.buyOutOf(lease)) == (LeaseStatus.BOUGHT_OUT, 0)
    assert leases.leaseOfMachine(rentals.machine) == 0
    ledger.releaseCredit(lease, sender=stranger)
    ledger.release(lease, sender=stranger)
    assert cash.balanceOf(ledger) == 0


@pytest.mark.parametrize("state", ["billed", "noticed", "locked", "defaulted", "accelerated", "disputed"])
def test_a_machine_is_bought_out_at_any_time_before_rescission(rentals, leases, equipment, ledger, lessee, state):
    lease = getattr(rentals, state)()
    leases.buyOut(lease, leases.buyOutOf(lease), sender=lessee)
    assert equipment.ownerOf(rentals.machine) == lessee
    assert leases.leaseOf(lease)[:2] == (LeaseStatus.BOUGHT_OUT, False)
    assert (rentals.owed(lease), ledger.accountOf(lease).lockedSince) == (0, 0)
    rentals.check_money()


def test_hours_beyond_the_minimum_are_part_of_the_price(rentals, fleet, leases):
    lease = rentals.delivered(cap=300_000_00, periods=2)
    clock.pass_days(29)
    fleet.hear(rentals.machine, 6_000)
    assert leases.buyOutOf(lease) == 600 * 300_00 + BUY_OUT


def test_after_the_last_period_only_the_title_is_left_to_pay(leases, over):
    assert leases.buyOutOf(over()) == BUY_OUT


def test_what_was_bought_out_does_nothing_any_more(rentals, leases, ledger, lessee, lessor, stranger):
    lease = rentals.delivered()
    leases.buyOut(lease, MOST, sender=lessee)
    clock.pass_days(100)
    wrong = status_wrong(lease, LeaseStatus.BOUGHT_OUT)
    assert refusal(leases.buyOut, lease, MOST, sender=lessee) == wrong
    assert refusal(leases.dispute, lease, REASON, sender=lessee) == wrong
    assert refusal(leases.declareReturn, lease, DOCUMENT, sender=lessee) == wrong
    assert refusal(leases.redeem, lease, sender=stranger) == wrong
    assert refusal(leases.freeTitle, lease, sender=stranger) == wrong
    assert refusal(leases.declareDefault, lease, sender=lessor) == wrong
    assert refusal(ledger.pay, lease, 1, sender=lessee) == error("LeaseNotOwed", id=lease)


def test_a_buy_out_repays_the_bank_first_and_the_rest_is_the_lessors(
    rentals, leases, loans, ledger, cash, treasury, lessee, lessor, stranger
):
    lease = rentals.financed()
    clock.pass_days(10)
    owed, before = loans.owedOf(lease), cash.balanceOf(treasury)
    leases.buyOut(lease, MOST, sender=lessee)
    assert cash.balanceOf(treasury) == before + owed
    assert loans.loanOf(lease).status == LoanStatus.REPAID
    assert ledger.assigneeOf(lease) == NOBODY
    assert ledger.accountOf(lease).claimable == CONTRACTED + BUY_OUT - owed
    before = cash.balanceOf(lessor)
    ledger.release(lease, sender=stranger)
    assert cash.balanceOf(lessor) == before + CONTRACTED + BUY_OUT - owed


# RETURN


def test_a_machine_is_not_given_back_before_the_last_period_is_over(rentals, leases, lessee, lessor):
    lease = rentals.delivered(periods=2)
    for left in (2, 1):
        runs = error("LeaseRuns", id=lease, left=left)
        assert refusal(leases.declareReturn, lease, DOCUMENT, sender=lessee) == runs
        assert refusal(leases.confirmReturn, lease, sender=lessor) == runs
        clock.pass_days(PERIOD_DAYS)
        rentals.pay_all(lease)


def test_a_machine_is_not_given_back_before_all_rent_is_paid(rentals, leases, lessee, lessor):
    lease = rentals.delivered(periods=1)
    clock.pass_days(PERIOD_DAYS)
    owed = error("LeaseStillOwed", id=lease, owed=MINIMUM)
    assert refusal(leases.declareReturn, lease, DOCUMENT, sender=lessee) == owed
    assert refusal(leases.confirmReturn, lease, sender=lessor) == owed
    clock.pass_days(FIRST_OVERDUE_DAY - PERIOD_DAYS)
    wrong = status_wrong(lease, LeaseStatus.OVERDUE)
    assert refusal(leases.declareReturn, lease, DOCUMENT, sender=lessee) == wrong


def test_only_the_lessee_declares_a_return(leases, over, lessor, lessee):
    lease = over()
    refused = error("NotLeaseParty", wallet=lessor, party=Party.LESSEE)
    assert refusal(leases.declareReturn, lease, DOCUMENT, sender=lessor) == refused
    receipt = leases.declareReturn(lease, DOCUMENT, sender=lessee)
    assert events(receipt) == [event(leases, "ReturnDeclared", id=lease, day=clock.today(), documentHash=DOCUMENT)]
    assert leases.leaseOf(lease).returnDay == clock.today()


def test_anyone_confirms_once_the_time_for_objections_is_over(rentals, leases, ledger, equipment, declared, stranger):
    lease = declared()
    through = clock.today() + OBJECTION_DAYS
    clock.travel_to(clock.midnight(through + 1) - 1)
    runs = error("ReturnObjectionRuns", id=lease, day=through)
    assert refusal(leases.confirmReturn, lease, sender=stranger) == runs
    clock.travel(1)
    receipt = leases.confirmReturn(lease, sender=stranger)
    assert events(receipt) == [
        event(leases, "MachineReturned", id=lease),
        event(ledger, "RentStopped", id=lease, lesseeCredit=DEPOSIT),
        event(equipment, "UpdateUser", tokenId=rentals.machine, user=NOBODY, expires=0),
        event(equipment, "MachineReleased", id=rentals.machine, lienor=leases),
    ]
    assert rentals.status(lease) == LeaseStatus.RETURNED
    rentals.check_money()


def test_the_lessor_confirms_at_once_declared_or_not(rentals, leases, over, declared, lessor, lessee, stranger):
    lease = over()
    assert refusal(leases.confirmReturn, lease, sender=stranger) == error("ReturnNotDeclared", id=lease)
    assert refusal(leases.confirmReturn, lease, sender=lessor) is None
    leases.declareReturn(lease, DOCUMENT, sender=lessee)
    leases.confirmReturn(lease, sender=lessor)
    assert rentals.status(lease) == LeaseStatus.RETURNED


def test_only_the_lessor_objects_and_then_the_return_does_not_count(rentals, leases, over, lessor, lessee, stranger):
    lease = over()
    not_declared = error("ReturnNotDeclared", id=lease)
    assert refusal(leases.objectToReturn, lease, REASON, sender=lessor) == not_declared
    leases.declareReturn(lease, DOCUMENT, sender=lessee)
    for caller in (lessee, stranger):
        refused = error("NotLeaseParty", wallet=caller, party=Party.LESSOR)
        assert refusal(leases.objectToReturn, lease, REASON, sender=caller) == refused
    receipt = leases.objectToReturn(lease, REASON, sender=lessor)
    assert events(receipt) == [event(leases, "ReturnObjected", id=lease, documentHash=REASON)]
    clock.pass_days(OBJECTION_DAYS + 1)
    assert refusal(leases.confirmReturn, lease, sender=stranger) == not_declared
    assert rentals.status(lease) == LeaseStatus.ACTIVE


def test_a_return_that_was_confirmed_is_not_objected_to(rentals, leases, declared, lessor, lessee):
    lease = declared()
    leases.confirmReturn(lease, sender=lessor)
    wrong = status_wrong(lease, LeaseStatus.RETURNED)
    assert refusal(leases.objectToReturn, lease, REASON, sender=lessor) == wrong
    assert refusal(leases.confirmReturn, lease, sender=lessor) == wrong
    assert refusal(leases.declareReturn, lease, DOCUMENT, sender=lessee) == wrong


def test_a_returned_machine_is_the_lessors_to_let_again(rentals, leases, equipment, ledger, declared, lessor, lessee):
    leases.confirmReturn(declared(), sender=lessor)
    assert equipment.machineOf(rentals.machine).lienor == NOBODY
    rentals.fleet.hear(rentals.machine)
    again = rentals.delivered()
    assert leases.leaseOfMachine(rentals.machine) == again


def test_an_accelerated_lease_that_is_paid_ends_by_return_too(rentals, leases, equipment, lessor, lessee):
    lease = rentals.accelerated()
    rentals.pay_all(lease)
    leases.declareReturn(lease, DOCUMENT, sender=lessee)
    leases.confirmReturn(lease, sender=lessor)
    assert (rentals.status(lease), equipment.userOf(rentals.machine)) == (LeaseStatus.RETURNED, NOBODY)


def test_a_machine_that_stayed_with_the_lessee_is_bought_out_after_the_last_period(
    rentals, leases, equipment, declared, lessee
):
    lease = declared()
    leases.buyOut(lease, BUY_OUT, sender=lessee)
    assert equipment.ownerOf(rentals.machine) == lessee


# THE TITLE OF A MACHINE THAT CAME BACK TO THE BANK


@pytest.fixture
def short(rentals, leases, ledger, compliance, lessor, lessee):
    """Returned, with all rent paid or credited, and the loan not repaid: the bank still claims the machine."""
    lease = rentals.financed(periods=2)
    for _ in range(2):
        clock.pass_days(PERIOD_DAYS)
        leases.dispute(lease, REASON, sender=lessee)
        leases.resolveDispute(lease, MINIMUM // 2, REASON, sender=compliance)
        rentals.pay_all(lease)
    leases.confirmReturn(lease, sender=lessor)
    return lease


def test_a_machine_that_came_back_stays_bound_while_the_bank_is_not_paid(
    rentals, leases, loans, ledger, equipment, short, lessor, stranger
):
    assert loans.owedOf(short) > 0
    assert equipment.machineOf(rentals.machine).lienor == leases
    assigned = error("LeaseAssignedBefore", id=short)
    assert refusal(leases.freeTitle, short, sender=stranger) == assigned
    loans.repay(short, MOST, sender=lessor)
    receipt = leases.freeTitle(short, sender=stranger)
    assert events(receipt) == [event(equipment, "MachineReleased", id=rentals.machine, lienor=leases)]
    assert refusal(leases.freeTitle, short, sender=stranger) == error("TitleFreedBefore", id=short)


def test_the_bank_sells_a_machine_that_came_back_before_it_was_paid(
    rentals, leases, loans, ledger, equipment, cash, short, risk_officer, lessor, buyer, stranger
):
    owed = loans.owedOf(short)
    price = owed + 5_000_00
    call = leases.offerSale, short, buyer, price, DOCUMENT
    assert refusal(*call, sender=lessor) == error("AccessManagedUnauthorized", caller=lessor)
    leases.offerSale(*call[1:], sender=risk_officer)
    receipt = leases.buy(short, price, sender=buyer)
    sold = {"id": short, "buyer": buyer, "price": price, "toClaim": price, "surplus": 0}
    assert event(leases, "MachineSold", **sold) in events(receipt)
    assert loans.loanOf(short).status == LoanStatus.REPAID
    assert equipment.ownerOf(rentals.machine) == buyer
    before = cash.balanceOf(lessor)
    ledger.release(short, sender=stranger)
    assert cash.balanceOf(lessor) == before + 5_000_00
    rentals.check_money()


def test_case_8_an_old_lease_does_not_free_what_a_later_one_binds(
    rentals, fleet, leases, loans, equipment, short, lessor, stranger
):
    loans.repay(short, MOST, sender=lessor)
    leases.freeTitle(short, sender=stranger)
    fleet.hear(rentals.machine)
    later = rentals.delivered()
    freed = error("TitleFreedBefore", id=short)
    assert refusal(leases.freeTitle, short, sender=stranger) == freed
    assert equipment.machineOf(rentals.machine).lienor == leases
    assert leases.leaseOfMachine(rentals.machine) == later


def test_the_title_of_a_lease_that_runs_is_not_freed(rentals, leases, stranger):
    lease = rentals.delivered()
    assert refusal(leases.freeTitle, lease, sender=stranger) == status_wrong(lease, LeaseStatus.ACTIVE)
