"""Leases over cash that misbehaves: what is booked is what is there, and no hook gets in between."""

import pytest
from ape import project
from eth_utils import keccak

from tests.contracts import clock
from tests.contracts import market as open_for_business
from tests.contracts import suite as deployment
from tests.contracts.answers import error, refusal
from tests.contracts.fleet import Fleet
from tests.contracts.quorum import Quorum
from tests.contracts.rentals import (
    BUY_OUT,
    CONTRACTED,
    DEPOSIT,
    LATE_DAY,
    MINIMUM,
    PRINCIPAL,
    LeaseStatus,
    LoanStatus,
    Rentals,
)
from tests.contracts.situations import DOCUMENT, REASON
from tests.contracts.suite import ROLE_OF, Party, admit

REENTRY = bytes(keccak(text="ReentrancyGuardReentrantCall()")[:4])
MOST = 2**96 - 1


@pytest.fixture(scope="module")
def over(actors, signer_keys):
    """Deploys a suite over a token, open for business; returns its leases, which see the token as their cash."""

    def deploy(token_name):
        deployer = actors["deployer"]
        token = deployer.deploy(getattr(project, token_name))
        token.mint(deployer, 10_000, sender=deployer)
        suite = deployment.deploy(deployer, token.address)
        for party, roles in ROLE_OF.items():
            admit(suite, actors["compliance"], actors[party.name.lower()], roles)
        open_for_business.open_lease_market(suite, actors, Quorum(suite, signer_keys))
        return Rentals(suite, actors, Fleet(suite, signer_keys, actors["stranger"])), token

    return deploy


# A FEE THAT COMES LATER


@pytest.fixture(scope="module")
def charging(over, deployer):
    """The token keeps a hundredth once `charge` was called."""
    rentals, token = over("MockFeeCash")
    return rentals, lambda: token.setFee(100, sender=deployer)


def test_case_15_a_deposit_that_does_not_arrive_whole_is_refused(charging, lessee):
    rentals, charge = charging
    lease = rentals.signed()
    charge()
    kept = error("LeaseKeptFee", sent=DEPOSIT, arrived=DEPOSIT - DEPOSIT // 100)
    assert refusal(rentals.ledger.payDeposit, lease, sender=lessee) == kept


def test_case_15_a_price_that_does_not_arrive_whole_is_refused(charging, lessor, lessee, buyer):
    rentals, charge = charging
    lease = rentals.defaulted()
    price = rentals.leases.buyOutOf(lease)
    charge()
    kept = error("LeaseKeptFee", sent=price, arrived=price - price // 100)
    assert refusal(rentals.leases.buyOut, lease, price, sender=lessee) == kept
    rentals.leases.rescind(lease, sender=lessor)
    rentals.leases.offerSale(lease, buyer, 100_00, DOCUMENT, sender=lessor)
    kept = error("LeaseKeptFee", sent=100_00, arrived=99_00)
    assert refusal(rentals.leases.buy, lease, 100_00, sender=buyer) == kept


def test_case_15_rent_is_paid_by_what_arrived(charging):
    rentals, charge = charging
    lease = rentals.billed()
    charge()
    assert rentals.pay_all(lease).return_value == MINIMUM - MINIMUM // 100
    assert rentals.owed(lease) == MINIMUM // 100
    rentals.check_money()


def test_case_15_rent_repays_the_bank_by_what_reached_it(charging):
    rentals, charge = charging
    lease = rentals.billed(rentals.financed())
    owed = rentals.loans.owedOf(lease)
    charge()
    rentals.pay_all(lease)
    arrived = MINIMUM - MINIMUM // 100
    assert rentals.loans.owedOf(lease) == owed - (arrived - arrived // 100)
    book = rentals.suite.treasury.book()
    assert rentals.suite.cash.balanceOf(rentals.suite.treasury) == book.cash + book.cover
    rentals.check_money()


# AN ISSUER THAT STOPS AND BLOCKS


@pytest.fixture(scope="module")
def blocking(over):
    return over("MockBlockingCash")


def test_case_14_a_blocked_lessor_keeps_nobody_from_paying(blocking, lessor, stranger):
    rentals, token = blocking
    lease = rentals.billed()
    token.setBlocked(lessor, True, sender=stranger)
    rentals.pay_all(lease)
    assert refusal(rentals.ledger.release, lease, sender=stranger) == error("MockAccountBlocked", account=lessor)
    token.setBlocked(lessor, False, sender=stranger)
    rentals.ledger.release(lease, sender=stranger)
    rentals.check_money()


def test_case_14_a_blocked_treasury_keeps_no_rent_from_being_paid(blocking, stranger):
    """What the bank could not collect it collects later."""
    rentals, token = blocking
    lease = rentals.billed(rentals.financed())
    owed = rentals.loans.owedOf(lease)
    token.setBlocked(rentals.suite.treasury, True, sender=stranger)
    rentals.pay_all(lease)
    assert (rentals.owed(lease), rentals.loans.owedOf(lease)) == (0, owed)
    assert rentals.ledger.accountOf(lease).claimable == MINIMUM
    token.setBlocked(rentals.suite.treasury, False, sender=stranger)
    rentals.loans.onRent(lease, sender=stranger)
    assert rentals.loans.owedOf(lease) == owed - MINIMUM
    rentals.check_money()


def test_case_14_a_blocked_lessee_keeps_its_surplus_claimable(blocking, lessee, stranger):
    rentals, token = blocking
    lease = rentals.secured()
    token.setBlocked(lessee, True, sender=stranger)
    rentals.leases.cancel(lease, sender=rentals.lessor)
    assert refusal(rentals.ledger.releaseCredit, lease, sender=lessee) == error("MockAccountBlocked", account=lessee)
    assert rentals.ledger.accountOf(lease).lesseeCredit == DEPOSIT
    rentals.check_money()


def test_case_15_a_token_that_is_stopped_stops_money_and_not_the_steps(blocking, lessor, lessee, stranger):
    rentals, token = blocking
    lease = rentals.two_behind()
    token.setStopped(True, sender=stranger)
    assert refusal(rentals.ledger.pay, lease, 1, sender=lessee) == error("MockTransfersStopped")
    rentals.leases.declareDefault(lease, sender=lessor)
    rentals.leases.rescind(lease, sender=lessor)
    token.setStopped(False, sender=stranger)
    rentals.pay_all(lease)
    rentals.leases.redeem(lease, sender=stranger)
    rentals.check_money()


# NO RETURN VALUE


def test_case_15_a_token_in_the_manner_of_usdt_serves_a_whole_lease(over, lessee, stranger):
    rentals, token = over("MockNoReturnCash")
    lease = rentals.billed(rentals.financed())
    rentals.pay_all(lease)
    rentals.leases.buyOut(lease, MOST, sender=lessee)
    assert rentals.loans.loanOf(lease).status == LoanStatus.REPAID
    rentals.ledger.release(lease, sender=stranger)
    rentals.ledger.releaseCredit(lease, sender=stranger)
    assert token.balanceOf(rentals.ledger) == 0


# HOOKS THAT CALL BACK


@pytest.fixture(scope="module")
def hooked(over, deployer, compliance):
    """The lessee's second wallet is a contract with cash; `call_back` makes it act in the middle of the next move."""
    rentals, token = over("MockReentrantCash")
    wallet = deployer.deploy(project.MockContractWallet, deployer)
    rentals.suite.participants.addWallet(Party.LESSEE, wallet, sender=compliance)
    token.mint(wallet, 10**10, sender=deployer)
    for spender in (rentals.ledger, rentals.loans):
        wallet.execute(token, token.approve.encode_input(spender, 10**10), sender=deployer)

    def call_back(method, *arguments):
        data = wallet.execute.encode_input(method.contract, method.encode_input(*arguments))
        token.callBack(wallet, data, sender=deployer)

    return rentals, token, call_back


def again(rentals, lease, what):
    """The call that enters a second time."""
    calls = {
        "pay": (rentals.ledger.pay, lease, 1),
        "release": (rentals.ledger.release, lease),
        "buyOut": (rentals.leases.buyOut, lease, MOST),
    }
    return calls[what]


@pytest.mark.parametrize("inner", ["pay", "release", "buyOut"])
def test_case_15_rent_cannot_be_paid_or_paid_out_again_in_the_middle_of_a_payment(hooked, inner):
    rentals, token, call_back = hooked
    lease = rentals.billed()
    rentals.pay(lease, 100_00)
    call_back(*again(rentals, lease, inner))
    rentals.pay(lease, 5_00)
    assert (token.succeeded(), bytes(token.answer())) == (False, REENTRY)
    assert rentals.owed(lease) == MINIMUM - 105_00
    assert rentals.status(lease) == LeaseStatus.ACTIVE
    rentals.check_money()


@pytest.mark.parametrize("inner", ["pay", "release", "buyOut"])
def test_case_15_a_machine_is_bought_out_once_whatever_a_hook_calls(hooked, lessee, inner):
    rentals, token, call_back = hooked
    lease = rentals.billed()
    rentals.pay(lease, 100_00)
    call_back(*again(rentals, lease, inner))
    rentals.leases.buyOut(lease, MOST, sender=lessee)
    assert not token.succeeded()
    assert rentals.ledger.accountOf(lease).paid == CONTRACTED + BUY_OUT
    assert rentals.status(lease) == LeaseStatus.BOUGHT_OUT
    rentals.check_money()


def test_case_15_a_sale_is_made_once_whatever_a_hook_calls(hooked, lessor, buyer):
    rentals, token, call_back = hooked
    lease = rentals.rescinded()
    claim = rentals.owed(lease)
    rentals.leases.offerSale(lease, buyer, claim + 7_00, DOCUMENT, sender=lessor)
    call_back(rentals.leases.redeem, lease)
    rentals.leases.buy(lease, claim + 7_00, sender=buyer)
    assert not token.succeeded()
    assert rentals.equipment.ownerOf(rentals.machine) == buyer
    assert rentals.ledger.accountOf(lease).lesseeCredit == 7_00
    rentals.check_money()


def test_case_15_cancelling_in_the_middle_of_the_deposit_gives_it_back(hooked, stranger):
    rentals, token, call_back = hooked
    lease = rentals.signed()
    call_back(rentals.leases.cancel, lease)
    rentals.ledger.payDeposit(lease, sender=stranger)
    assert token.succeeded()
    assert rentals.status(lease) == LeaseStatus.CANCELLED
    assert rentals.ledger.accountOf(lease)[-1] == DEPOSIT
    rentals.ledger.releaseCredit(lease, sender=stranger)
    rentals.check_money()


def test_case_15_taking_the_machine_over_in_the_middle_of_the_deposit_needs_the_deposit_to_arrive(
    hooked, deployer, stranger
):
    rentals, token, call_back = hooked
    lease = rentals.signed()
    call_back(rentals.leases.acceptDelivery, lease, DOCUMENT)
    rentals.ledger.payDeposit(lease, sender=stranger)
    assert token.succeeded()
    assert rentals.status(lease) == LeaseStatus.ACTIVE
    assert rentals.ledger.accountOf(lease).deposit == DEPOSIT
    rentals.check_money()


def test_case_15_accruing_in_the_middle_of_a_payment_changes_nothing(hooked):
    rentals, token, call_back = hooked
    lease = rentals.overdue()
    call_back(rentals.ledger.accrue, [lease])
    rentals.pay(lease, LATE_DAY + 5_00)
    assert token.succeeded()
    assert rentals.ledger.owedOf(lease)[:3] == (MINIMUM - 5_00, 0, MINIMUM - 5_00)
    rentals.check_money()


def test_case_15_marking_overdue_in_the_middle_of_the_payment_that_cures_leaves_no_arrears(hooked):
    rentals, token, call_back = hooked
    lease = rentals.overdue(rentals.financed())
    call_back(rentals.loans.markOverdue, lease)
    rentals.pay_all(lease)
    treasury = rentals.suite.treasury
    assert token.succeeded()
    assert rentals.loans.loanOf(lease).status == LoanStatus.ACTIVE
    assert treasury.accountOf(Party.LESSEE).arrears == treasury.book().impaired == 0


def test_case_15_disputing_in_the_middle_of_a_buy_out_does_not_stay(hooked, lessee):
    rentals, token, call_back = hooked
    lease = rentals.delivered()
    call_back(rentals.leases.dispute, lease, REASON)
    rentals.leases.buyOut(lease, MOST, sender=lessee)
    assert not token.succeeded()
    assert rentals.leases.leaseOf(lease)[:2] == (LeaseStatus.BOUGHT_OUT, False)


@pytest.mark.parametrize("inner", ["repay", "onRent"])
def test_case_15_a_loan_cannot_be_entered_again_in_the_middle_of_a_repayment(hooked, stranger, inner):
    rentals, token, call_back = hooked
    lease = rentals.financed()
    call_back(*((rentals.loans.repay, lease, 1) if inner == "repay" else (rentals.loans.onRent, lease)))
    rentals.loans.repay(lease, 500_00, sender=stranger)
    assert (token.succeeded(), bytes(token.answer())) == (False, REENTRY)
    assert rentals.loans.owedOf(lease) == PRINCIPAL - 500_00


def test_case_15_rent_paid_in_the_middle_of_a_repayment_waits_for_the_bank(hooked, stranger):
    rentals, token, call_back = hooked
    lease = rentals.billed(rentals.financed())
    owed = rentals.loans.owedOf(lease)
    call_back(rentals.ledger.pay, lease, 300_00)
    rentals.loans.repay(lease, 500_00, sender=stranger)
    assert token.succeeded()
    assert rentals.ledger.accountOf(lease).claimable == 300_00
    rentals.loans.onRent(lease, sender=stranger)
    assert rentals.loans.owedOf(lease) == owed - 800_00
    rentals.check_money()


def test_case_12_cash_given_to_the_ledger_changes_nothing(rentals, ledger, cash, stranger):
    lease = rentals.billed()
    cash.mint(ledger, 10**9, sender=stranger)
    before = rentals.owed(lease)
    clock.travel(1)
    assert rentals.owed(lease) == before
    rentals.pay_all(lease)
    ledger.release(lease, sender=stranger)
    assert cash.balanceOf(ledger) == 10**9 + DEPOSIT
