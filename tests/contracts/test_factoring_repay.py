"""collect, repay, repayWithPermit: every unit goes to principal, late interest or back to its owner."""

import pytest

from backend.chain.keys import development_key
from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.market import LENT
from tests.contracts.situations import ADVANCE, CASH, DISCOUNT, FACE, FEE, NET, State, Status
from tests.contracts.suite import ACCOUNTS, Party

pytestmark = pytest.mark.usefixtures("market")


def paid_event(factoring, receivable, payer, principal, late, outstanding):
    figures = {"principal": principal, "late": late, "outstanding": outstanding}
    return event(factoring, "FinancingPaid", receivable=receivable, payer=payer, **figures)


def closed_event(factoring, receivable, status, waived=0):
    return event(factoring, "FinancingClosed", receivable=receivable, status=status, lateWaived=waived)


def repaid_event(treasury, principal, income, outstanding, cash):
    figures = {"principal": principal, "income": income, "partyOutstanding": outstanding, "cash": cash}
    return event(treasury, "Repaid", product=0, party=Party.CORE_ENTERPRISE, **figures)


def transfer_event(cash, payer, payee, amount):
    return event(cash, "Transfer", **{"from": getattr(payer, "address", payer)}, to=payee, value=amount)


# COLLECT


def test_nothing_is_collected_without_a_financing(given, factoring, stranger):
    receivable = given.confirmed()
    for unknown in (receivable, 99):
        refused = error("StatusWrong", receivable=unknown, status=Status.NONE)
        assert refusal(factoring.collect, unknown, sender=stranger) == refused


def test_nothing_is_collected_before_the_debtor_paid(given, factoring, stranger):
    assert refusal(factoring.collect, given.financed(), sender=stranger) == error("NothingToClaim")


def test_the_debtors_payment_repays_the_advance_and_leaves_the_rest_to_the_holder(
    given, factoring, receivables, treasury, cash, supplier, stranger
):
    receivable = given.financed()
    clock.pass_days(90)
    given.settle(receivable, FACE)
    receipt = factoring.collect(receivable, sender=stranger)
    assert events(receipt) == [
        event(receivables, "ProceedsClaimed", id=receivable, to=treasury, amount=ADVANCE, claimed=ADVANCE),
        transfer_event(cash, receivables, treasury, ADVANCE),
        paid_event(factoring, receivable, stranger, ADVANCE, 0, 0),
        repaid_event(treasury, ADVANCE, 0, 0, LENT - NET + ADVANCE),
        closed_event(factoring, receivable, Status.REPAID),
        event(receivables, "ReceivableReleased", id=receivable, lienor=1),
    ]
    before = cash.balanceOf(supplier)
    receivables.release(receivable, sender=stranger)
    assert cash.balanceOf(supplier) - before == FACE - ADVANCE
    assert given.state(receivable) == State.SETTLED
    assert treasury.grossAssets() == LENT + DISCOUNT + FEE
    given.check_books()


def test_a_financing_is_collected_in_pieces_as_the_debtor_pays(given, factoring, treasury, stranger):
    receivable = given.financed()
    owed = ADVANCE
    for amount in (1, FACE // 2, FACE // 3):
        given.settle(receivable, amount)
        factoring.collect(receivable, sender=stranger)
        owed -= amount
        assert factoring.owedOf(receivable) == (owed, 0, 0)
    assert given.status(receivable) == Status.ACTIVE
    given.settle(receivable, FACE)
    assert factoring.owedOf(receivable) == (owed, 0, FACE - 1 - FACE // 2 - FACE // 3)
    factoring.collect(receivable, sender=stranger)
    assert given.status(receivable) == Status.REPAID
    assert factoring.owedOf(receivable) == (0, 0, 0)
    given.check_books()


def test_a_closed_financing_takes_nothing_more(given, factoring, stranger):
    receivable = given.financed()
    given.settle(receivable, FACE)
    factoring.collect(receivable, sender=stranger)
    refused = error("StatusWrong", receivable=receivable, status=Status.REPAID)
    assert refusal(factoring.collect, receivable, sender=stranger) == refused
    assert refusal(factoring.repay, receivable, 1, sender=stranger) == refused


def test_case_18_each_financed_part_gets_exactly_its_share_of_a_pool_paid_in_pieces(
    given, factoring, receivables, supplier, supplier2, stranger
):
    parts = given.split([100_01, 200_02, 300_03])
    given.settle(parts[0], 100_00)
    receivables.transferFrom(supplier, supplier2, parts[2], sender=supplier)
    given.finance(parts[0])
    given.finance(parts[1])
    for amount in (1, 77_77, 222_22, FACE):
        given.settle(parts[0], amount)
    for part in parts[:2]:
        factoring.collect(part, sender=stranger)
        assert given.status(part) == Status.REPAID
    claimed = [receivables.partOf(part).claimed + receivables.claimOf(part).claimable for part in parts]
    assert claimed == [100_01, 200_02, 300_03]
    assert given.dust([supplier, supplier2]) == 0
    given.check_books()


# REPAY


def test_a_payment_of_nothing_is_refused(given, factoring, supplier):
    assert refusal(factoring.repay, given.financed(), 0, sender=supplier) == error("PaymentZero")


def test_nothing_is_repaid_without_a_financing(given, factoring, supplier):
    receivable = given.confirmed()
    refused = error("StatusWrong", receivable=receivable, status=Status.NONE)
    assert refusal(factoring.repay, receivable, 1, sender=supplier) == refused


def test_a_seller_repays_a_recourse_financing_and_has_its_claim_back(
    given, factoring, receivables, treasury, cash, supplier
):
    receivable = given.financed()
    receipt = factoring.repay(receivable, ADVANCE, sender=supplier)
    assert events(receipt) == [
        transfer_event(cash, supplier, treasury, ADVANCE),
        paid_event(factoring, receivable, supplier, ADVANCE, 0, 0),
        repaid_event(treasury, ADVANCE, 0, 0, LENT - NET + ADVANCE),
        closed_event(factoring, receivable, Status.REPAID),
        event(receivables, "ReceivableReleased", id=receivable, lienor=1),
    ]
    assert receivables.partOf(receivable) == (FACE, 0, receivable, State.CONFIRMED, 0, 0)
    given.settle(receivable, FACE)
    assert receivables.claimOf(receivable).claimable == FACE
    given.check_books()


def test_discount_of_a_financing_repaid_early_is_earned_at_once(given, factoring, treasury, supplier):
    receivable = given.financed()
    rest_of_even_days = (DISCOUNT + FEE) % 90
    assert treasury.grossAssets() == LENT + rest_of_even_days
    clock.pass_days(1)
    assert treasury.grossAssets() == LENT + rest_of_even_days + (DISCOUNT + FEE) // 90
    factoring.repay(receivable, ADVANCE, sender=supplier)
    assert treasury.grossAssets() == LENT + DISCOUNT + FEE
    assert treasury.book().dailyEarning == treasury.book().unearned == 0


def test_case_19_a_small_payment_is_taken_and_a_surplus_stays_with_the_payer(
    given, factoring, treasury, cash, supplier, stranger
):
    receivable = given.financed()
    receipt = factoring.repay(receivable, 1, sender=supplier)
    assert paid_event(factoring, receivable, supplier, 1, 0, ADVANCE - 1) in events(receipt)
    assert treasury.accountOf(Party.CORE_ENTERPRISE).outstanding == ADVANCE - 1
    before = cash.balanceOf(stranger)
    factoring.repay(receivable, 2**96 - 1, sender=stranger)
    assert before - cash.balanceOf(stranger) == ADVANCE - 1
    given.check_books()


def test_case_3_anybody_repays_for_another_and_gets_nothing_for_it(given, factoring, receivables, supplier, stranger):
    receivable = given.financed()
    factoring.repay(receivable, ADVANCE, sender=stranger)
    assert receivables.ownerOf(receivable) == supplier
    assert given.status(receivable) == Status.REPAID
    assert receivables.creditOf(stranger, CASH) == 0


def test_what_waits_to_be_collected_goes_back_to_the_holder_when_the_seller_repays(
    given, factoring, receivables, supplier
):
    receivable = given.financed()
    given.settle(receivable, FACE // 2)
    factoring.repay(receivable, ADVANCE, sender=supplier)
    assert receivables.claimOf(receivable).claimable == FACE // 2
    receivables.release(receivable, sender=supplier)
    given.check_books()


def test_case_12_gifts_to_the_treasury_repay_nothing(given, factoring, treasury, cash, stranger):
    receivable = given.financed()
    before = treasury.totalAssets()
    cash.transfer(treasury, ADVANCE, sender=stranger)
    assert treasury.totalAssets() == before
    assert factoring.owedOf(receivable) == (ADVANCE, 0, 0)


# REPAY WITH PERMIT


@pytest.fixture
def payer(lender, cash):
    """Somebody with cash who never approved anything to Factoring."""
    cash.mint(lender, ADVANCE, sender=lender)
    return lender


def test_a_repayment_with_permit_needs_no_allowance(given, factoring, payer):
    receivable = given.financed()
    permit = given.permit(development_key(ACCOUNTS["lender"]), factoring, ADVANCE, clock.now() + 100)
    factoring.repayWithPermit(receivable, ADVANCE, permit, sender=payer)
    assert given.status(receivable) == Status.REPAID


def test_case_25_a_permit_that_a_front_runner_used_still_repays(given, factoring, cash, payer, stranger):
    receivable = given.financed()
    permit = given.permit(development_key(ACCOUNTS["lender"]), factoring, ADVANCE, clock.now() + 100)
    cash.permit(payer, factoring, *permit, sender=stranger)
    factoring.repayWithPermit(receivable, ADVANCE, permit, sender=payer)
    assert given.status(receivable) == Status.REPAID


def test_case_25_a_bad_permit_falls_back_to_the_allowance(given, factoring, payer, supplier):
    receivable = given.financed()
    bad = (ADVANCE, clock.now() + 100, 27, b"\1" * 32, b"\1" * 32)
    refused = error("ERC20InsufficientAllowance", spender=factoring, allowance=0, needed=ADVANCE)
    assert refusal(factoring.repayWithPermit, receivable, ADVANCE, bad, sender=payer) == refused
    factoring.repayWithPermit(receivable, ADVANCE, bad, sender=supplier)
    assert given.status(receivable) == Status.REPAID


# WALLETS


def test_a_financed_claim_of_a_replaced_wallet_is_recovered_and_its_remainder_goes_to_the_successor(
    given, factoring, receivables, participants, compliance, cash, supplier, spare, stranger
):
    receivable = given.financed()
    participants.rotateWallet(supplier, spare, sender=compliance)
    receivables.recover(receivable, sender=stranger)
    assert receivables.partOf(receivable).state == State.FINANCED
    given.settle(receivable, FACE)
    factoring.collect(receivable, sender=stranger)
    receivables.release(receivable, sender=stranger)
    assert cash.balanceOf(spare) == FACE - ADVANCE
