"""The whole suite over cash that misbehaves: what is booked is what is there, and nobody is credited twice."""

import pytest
from ape import project
from eth_utils import keccak

from tests.contracts import clock
from tests.contracts import market as open_for_business
from tests.contracts import suite as deployment
from tests.contracts.answers import error, refusal
from tests.contracts.quorum import Quorum
from tests.contracts.situations import ADVANCE, CASH, FACE, NET, Situations, Status
from tests.contracts.suite import ROLE_OF, Role, admit

REENTRY = bytes(keccak(text="ReentrancyGuardReentrantCall()")[:4])
FEE_BPS = 100


@pytest.fixture(scope="module")
def over(actors, signer_keys):
    """Deploys a suite over a token, open for business; returns its situations, which see the token as their cash."""

    def deploy(token_name):
        deployer = actors["deployer"]
        token = deployer.deploy(getattr(project, token_name))
        token.mint(deployer, 10_000, sender=deployer)
        suite = deployment.deploy(deployer, token.address)
        for party, roles in ROLE_OF.items():
            admit(suite, actors["compliance"], actors[party.name.lower()], roles)
        open_for_business.open_market(suite, actors, Quorum(suite, signer_keys))
        return Situations(suite, actors), token

    return deploy


# A FEE THAT COMES LATER


def test_case_15_a_lender_is_repaid_by_what_arrived(over, deployer, supplier, stranger):
    given, token = over("MockFeeCash")
    settled, repaid = given.financed(), given.financed()
    token.setFee(FEE_BPS, sender=deployer)
    given.settle(settled, FACE)
    given.factoring.collect(settled, sender=stranger)
    assert given.factoring.owedOf(settled)[0] == ADVANCE // 100
    given.check_books()
    given.factoring.collect(settled, sender=stranger)
    given.factoring.repay(repaid, ADVANCE, sender=supplier)
    assert given.factoring.owedOf(repaid)[0] == ADVANCE // 100
    given.factoring.repay(repaid, FACE, sender=supplier)
    given.check_books()
    assert given.dust([supplier]) == 0


# AN ISSUER THAT STOPS AND BLOCKS


def test_case_14_a_blocked_seller_neither_finances_nor_stops_its_debt_from_being_paid(over, supplier, stranger):
    given, token = over("MockBlockingCash")
    financed, confirmed = given.financed(), given.confirmed()
    token.setBlocked(supplier, True, sender=stranger)
    deadline = clock.now() + clock.HOUR
    blocked = error("MockAccountBlocked", account=supplier)
    assert refusal(given.factoring.finance, confirmed, NET, deadline, sender=supplier) == blocked
    given.settle(financed, FACE)
    given.factoring.collect(financed, sender=stranger)
    assert given.status(financed) == Status.REPAID
    assert refusal(given.receivables.release, financed, sender=supplier) == blocked
    assert given.receivables.claimOf(financed).claimable == FACE - ADVANCE
    given.check_books()


# HOOKS THAT CALL BACK


@pytest.fixture(scope="module")
def reentrant_market(over, deployer, compliance):
    """A financing, a lender with cash that is a contract, and what makes it act in the middle of the next transfer."""
    given, token = over("MockReentrantCash")
    treasury = given.suite.treasury
    wallet = deployer.deploy(project.MockContractWallet, deployer)
    admit(given.suite, compliance, wallet, Role.LENDER | Role.COVER_PROVIDER)
    token.mint(wallet, FACE, sender=deployer)
    for spender in (treasury, given.factoring):
        wallet.execute(token, token.approve.encode_input(spender, FACE), sender=deployer)

    def call_back(method, *arguments):
        data = wallet.execute.encode_input(method.contract, method.encode_input(*arguments))
        token.callBack(wallet, data, sender=deployer)

    return given, token, wallet, given.financed(), call_back


def test_case_15_a_deposit_in_the_middle_of_a_repayment_is_not_counted_as_one(reentrant_market, supplier):
    given, token, wallet, receivable, call_back = reentrant_market
    treasury = given.suite.treasury
    call_back(treasury.deposit, 1_000_00, wallet)
    given.factoring.repay(receivable, 500_00, sender=supplier)
    assert token.succeeded()
    assert given.factoring.owedOf(receivable)[0] == ADVANCE - 500_00
    given.check_books()


def test_case_15_a_deposit_in_the_middle_of_a_collection_is_not_counted_as_one(reentrant_market, stranger):
    given, token, wallet, receivable, call_back = reentrant_market
    given.settle(receivable, 500_00)
    call_back(given.suite.treasury.deposit, 1_000_00, wallet)
    given.factoring.collect(receivable, sender=stranger)
    assert token.succeeded()
    assert given.factoring.owedOf(receivable)[0] == ADVANCE - 500_00
    given.check_books()


def test_case_15_a_repayment_in_the_middle_of_a_cover_deposit_is_not_counted_as_cover(reentrant_market, deployer):
    given, token, wallet, receivable, call_back = reentrant_market
    treasury = given.suite.treasury
    cover = treasury.book().cover
    call_back(given.factoring.repay, receivable, 500_00)
    wallet.execute(treasury, treasury.depositCover.encode_input(7), sender=deployer)
    assert token.succeeded()
    assert treasury.book().cover == cover + 7
    given.check_books()


@pytest.mark.parametrize("during", ["repay", "collect", "finance"])
def test_case_15_factoring_cannot_be_entered_again_in_the_middle_of_a_move(reentrant_market, supplier, during):
    given, token, _, receivable, call_back = reentrant_market
    given.settle(receivable, FACE // 2)
    fresh = given.confirmed()
    call_back(given.factoring.repay, receivable, 1)
    if during == "finance":
        given.finance(fresh)
    elif during == "repay":
        given.factoring.repay(receivable, 1_00, sender=supplier)
    else:
        given.factoring.collect(receivable, sender=supplier)
    assert (token.succeeded(), bytes(token.answer())) == (False, REENTRY)
    given.check_books()


def test_case_15_marking_overdue_in_the_middle_of_the_last_payment_leaves_no_arrears(reentrant_market, supplier):
    given, token, *_, call_back = reentrant_market
    receivable = given.financed(days=1)
    clock.travel_to_day(given.first_overdue_day(receivable))
    call_back(given.factoring.markOverdue, receivable)
    given.factoring.repay(receivable, FACE, sender=supplier)
    assert token.succeeded()
    assert given.status(receivable) == Status.REPAID
    assert given.suite.treasury.accountOf(1).arrears == given.suite.treasury.book().impaired == 0
    assert given.receivables.creditOf(supplier, CASH) == 0
    given.check_books()
