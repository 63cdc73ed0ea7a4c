"""settle, settleWithPermit, release, releaseCredit: money in is never refused, money out goes to whom it belongs."""

import pytest

from backend.chain.keys import development_key
from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.situations import CASH, FACE, REASON, State, fingerprint
from tests.contracts.suite import ACCOUNTS, KYC_DAYS, Party

pytestmark = pytest.mark.usefixtures("market")


def settled_event(receivables, pool, payer, amount, paid, face):
    return event(receivables, "ReceivableSettled", pool=pool, payer=payer, amount=amount, paid=paid, face=face)


def transfer_event(cash, payer, payee, amount):
    return event(cash, "Transfer", **{"from": payer}, to=payee, value=amount)


# SETTLE


def test_only_a_claim_that_is_owed_is_settled(given, receivables, core_enterprise):
    assert refusal(receivables.settle, 9, 1, sender=core_enterprise) == error("ReceivableUnknown", id=9)
    registered = given.registered()
    refused = error("StateWrong", id=registered, state=State.REGISTERED, needed=State.CONFIRMED)
    assert refusal(receivables.settle, registered, 1, sender=core_enterprise) == refused
    receivables.cancel(registered, fingerprint(registered), sender=given.supplier)
    refused = error("StateWrong", id=registered, state=State.CANCELLED, needed=State.CONFIRMED)
    assert refusal(receivables.settle, registered, 1, sender=core_enterprise) == refused


def test_what_is_paid_in_full_takes_no_more(given, receivables, core_enterprise):
    receivable = given.confirmed(face=100)
    given.settle(receivable, 100)
    assert refusal(receivables.settle, receivable, 1, sender=core_enterprise) == error("NothingOwed", id=receivable)


def test_a_settlement_of_nothing_is_refused(given, receivables, core_enterprise):
    assert refusal(receivables.settle, given.confirmed(), 0, sender=core_enterprise) == error("AmountZero")


def test_a_settlement_without_allowance_is_refused(given, receivables, lender):
    receivable = given.confirmed()
    refused = error("ERC20InsufficientAllowance", spender=receivables, allowance=0, needed=1)
    assert refusal(receivables.settle, receivable, 1, sender=lender) == refused


def test_a_settlement_is_credited_to_the_pool(given, receivables, cash, core_enterprise):
    receivable = given.confirmed(face=100)
    receipt = given.settle(receivable, 40)
    assert events(receipt) == [
        transfer_event(cash, core_enterprise, receivables, 40),
        settled_event(receivables, receivable, core_enterprise, 40, 40, 100),
    ]
    claim = receivables.claimOf(receivable)
    assert (claim.state, claim.outstanding, claim.claimable) == (State.CONFIRMED, 60, 40)
    assert receivables.poolOf(receivable).paid == 40
    assert cash.balanceOf(receivables) == 40


def test_case_19_a_surplus_stays_with_the_payer(given, receivables, cash, core_enterprise):
    receivable = given.confirmed(face=100)
    before = cash.balanceOf(core_enterprise)
    given.settle(receivable, 99)
    receipt = given.settle(receivable, 2**96 - 1)
    assert events(receipt)[-1] == settled_event(receivables, receivable, core_enterprise, 1, 100, 100)
    assert before - cash.balanceOf(core_enterprise) == 100
    assert given.state(receivable) == State.SETTLED


def test_case_3_anybody_settles_for_the_debtor_and_gains_nothing_by_it(given, receivables, stranger):
    receivable = given.confirmed(face=100)
    receivables.settle(receivable, 100, sender=stranger)
    assert receivables.ownerOf(receivable) == given.supplier
    assert receivables.creditOf(stranger, CASH) == 0
    assert given.state(receivable) == State.SETTLED


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_settlement_of_any_part_or_of_the_whole_is_shared_by_all(given, receivables, which):
    first, second = given.split([70, 30])
    given.settle((first - 1, first, second)[which], 10)
    assert [receivables.claimOf(part).claimable for part in (first, second)] == [7, 3]


def test_case_18_what_parts_may_claim_never_exceeds_what_was_paid_and_is_all_of_it_in_the_end(given, receivables):
    parts = given.split([1, 2, 3, 5, 7, 11])
    paid = 0
    for amount in (1, 1, 2, 9, 3, 12, 1):
        given.settle(parts[0], amount)
        paid += amount
        claimable = [receivables.claimOf(part).claimable for part in parts]
        assert claimable == [paid * face // 29 for face in (1, 2, 3, 5, 7, 11)]
        assert 0 <= paid - sum(claimable) < len(parts)
    assert claimable == [1, 2, 3, 5, 7, 11]
    assert given.dust([given.supplier]) == 0


def test_case_16_claiming_after_every_unit_gains_nothing(given, receivables, cash, supplier):
    first, second = given.split([2, 3])
    before = cash.balanceOf(supplier)
    received = []
    for _ in range(5):
        given.settle(first, 1)
        if receivables.claimOf(second).claimable:
            receivables.release(second, sender=supplier)
        received.append(cash.balanceOf(supplier) - before)
    assert received == [0, 1, 1, 2, 3]
    assert receivables.claimOf(first).claimable == 2


# SETTLE WITH PERMIT


@pytest.fixture
def payer(lender, cash):
    """Somebody with cash who never approved anything."""
    cash.mint(lender, 1_000, sender=lender)
    return lender


def test_a_settlement_with_permit_needs_no_allowance(given, receivables, payer):
    receivable = given.confirmed(face=100)
    permit = given.permit(development_key(ACCOUNTS["lender"]), receivables, 100, clock.now() + 100)
    receivables.settleWithPermit(receivable, 100, permit, sender=payer)
    assert receivables.poolOf(receivable).paid == 100


def test_case_25_a_permit_that_a_front_runner_used_still_settles(given, receivables, cash, payer, stranger):
    receivable = given.confirmed(face=100)
    permit = given.permit(development_key(ACCOUNTS["lender"]), receivables, 100, clock.now() + 100)
    cash.permit(payer, receivables, *permit, sender=stranger)
    receivables.settleWithPermit(receivable, 100, permit, sender=payer)
    assert receivables.poolOf(receivable).paid == 100


def test_case_25_a_bad_permit_falls_back_to_the_allowance(given, receivables, payer, core_enterprise):
    receivable = given.confirmed(face=100)
    bad = (100, clock.now() + 100, 27, b"\1" * 32, b"\1" * 32)
    refused = error("ERC20InsufficientAllowance", spender=receivables, allowance=0, needed=100)
    assert refusal(receivables.settleWithPermit, receivable, 100, bad, sender=payer) == refused
    receivables.settleWithPermit(receivable, 100, bad, sender=core_enterprise)
    assert receivables.poolOf(receivable).paid == 100


def test_a_permit_for_an_unknown_receivable_is_refused_by_name(receivables, payer):
    bad = (100, clock.now() + 100, 27, b"\1" * 32, b"\1" * 32)
    refused = error("ReceivableUnknown", id=9)
    assert refusal(receivables.settleWithPermit, 9, 1, bad, sender=payer) == refused


# RELEASE


def test_nothing_is_released_of_what_nobody_holds(receivables, given, stranger):
    assert refusal(receivables.release, 9, sender=stranger) == error("ERC721NonexistentToken", tokenId=9)
    first, _ = given.split([1, 1])
    given.settle(first, 2)
    refused = error("ERC721NonexistentToken", tokenId=first - 1)
    assert refusal(receivables.release, first - 1, sender=stranger) == refused


def test_nothing_is_released_before_something_was_paid(given, receivables, supplier):
    receivable = given.confirmed()
    assert refusal(receivables.release, receivable, sender=supplier) == error("NothingToClaim")


def test_the_proceeds_of_a_pledged_claim_are_not_the_holders(given, receivables, supplier):
    receivable = given.financed()
    given.settle(receivable, FACE)
    refused = error("LienForeign", id=receivable, lienor=1)
    assert refusal(receivables.release, receivable, sender=supplier) == refused


def test_anybody_delivers_what_was_paid_to_its_holder(given, receivables, cash, supplier, stranger):
    receivable = given.confirmed(face=100)
    given.settle(receivable, 40)
    before = cash.balanceOf(supplier)
    receipt = receivables.release(receivable, sender=stranger)
    assert events(receipt) == [
        event(receivables, "ProceedsClaimed", id=receivable, to=supplier, amount=40, claimed=40),
        transfer_event(cash, receivables, supplier, 40),
    ]
    assert cash.balanceOf(supplier) - before == 40
    assert receivables.partOf(receivable).claimed == 40
    assert refusal(receivables.release, receivable, sender=stranger) == error("NothingToClaim")


def test_what_was_paid_to_a_replaced_wallet_goes_to_its_successor(
    given, receivables, participants, compliance, cash, supplier, spare, stranger
):
    receivable = given.confirmed(face=100)
    given.settle(receivable, 40)
    participants.rotateWallet(supplier, spare, sender=compliance)
    receivables.release(receivable, sender=stranger)
    assert cash.balanceOf(spare) == 40


# RELEASE CREDIT


def test_a_former_holder_without_credit_gets_nothing(receivables, supplier):
    assert refusal(receivables.releaseCredit, supplier, CASH, sender=supplier) == error("NothingToClaim")
    assert refusal(receivables.releaseCredit, supplier, 7, sender=supplier) == error("NothingToClaim")


def test_a_former_holders_credit_gathers_and_is_delivered_once(given, receivables, cash, supplier, supplier2, stranger):
    first, second = given.split([70, 30])
    given.settle(first, 50)
    for part in (first, second):
        receivables.transferFrom(supplier, supplier2, part, sender=supplier)
    before = cash.balanceOf(supplier)
    receipt = receivables.releaseCredit(supplier, CASH, sender=stranger)
    assert events(receipt) == [
        event(receivables, "CreditPaid", holder=supplier, to=supplier, currency=CASH, amount=50),
        transfer_event(cash, receivables, supplier, 50),
    ]
    assert cash.balanceOf(supplier) - before == 50
    assert refusal(receivables.releaseCredit, supplier, CASH, sender=supplier) == error("NothingToClaim")
    given.settle(first, 50)
    assert [receivables.claimOf(part).claimable for part in (first, second)] == [35, 15]


def test_a_former_holders_credit_follows_its_replaced_wallet(
    given, receivables, participants, compliance, cash, supplier, supplier2, spare, stranger
):
    receivable = given.confirmed(face=100)
    given.settle(receivable, 50)
    receivables.transferFrom(supplier, supplier2, receivable, sender=supplier)
    participants.rotateWallet(supplier, spare, sender=compliance)
    receipt = receivables.releaseCredit(supplier, CASH, sender=stranger)
    paid = event(receivables, "CreditPaid", holder=supplier, to=spare, currency=CASH, amount=50)
    assert events(receipt)[0] == paid
    assert cash.balanceOf(spare) == 50


# THROUGH EVERY OBSTACLE


def test_case_24_money_comes_in_and_goes_to_its_owners_while_everything_is_paused(
    given, receivables, factoring, treasury, guardian, supplier, supplier2, stranger
):
    passed_on, financed = given.confirmed(face=100), given.financed()
    given.settle(passed_on, 10)
    receivables.transferFrom(supplier, supplier2, passed_on, sender=supplier)
    for contract in (receivables, factoring, treasury):
        contract.pause(sender=guardian)
    given.settle(passed_on, 90)
    receivables.release(passed_on, sender=stranger)
    receivables.releaseCredit(supplier, CASH, sender=stranger)
    given.settle(financed, FACE // 2)
    factoring.collect(financed, sender=stranger)
    factoring.repay(financed, FACE, sender=supplier)
    assert given.state(financed) == State.CONFIRMED
    given.settle(financed, FACE)
    receivables.release(financed, sender=stranger)
    assert given.state(financed) == State.SETTLED
    given.check_books()
    assert refusal(receivables.pledge, passed_on, sender=stranger) == error("EnforcedPause")


def test_case_6_a_party_frozen_in_mid_life_still_pays_and_is_paid(
    given, receivables, factoring, participants, compliance, cash, supplier, supplier2
):
    held, financed, passed_on = given.confirmed(face=100), given.financed(), given.confirmed(face=100)
    given.settle(passed_on, 10)
    receivables.transferFrom(supplier, supplier2, passed_on, sender=supplier)
    for party in (Party.SUPPLIER, Party.CORE_ENTERPRISE):
        participants.freeze(party, REASON, sender=compliance)
    assert refusal(factoring.quote, held) == error("PartyIsFrozen", party=Party.SUPPLIER)
    refused = error("PartyIsFrozen", party=Party.SUPPLIER)
    assert refusal(receivables.transferFrom, supplier, supplier2, held, sender=supplier) == refused
    before = cash.balanceOf(supplier)
    given.settle(held, 100)
    receivables.release(held, sender=supplier)
    receivables.releaseCredit(supplier, CASH, sender=supplier)
    given.settle(financed, FACE)
    factoring.collect(financed, sender=supplier)
    receivables.release(financed, sender=supplier)
    assert cash.balanceOf(supplier) - before == 100 + 10 + FACE // 10


def test_case_6_a_party_whose_kyc_expired_still_pays_and_is_paid(given, receivables, factoring, supplier):
    held, financed = given.confirmed(days=300), given.financed()
    expiry = clock.now() + (KYC_DAYS + 1) * clock.DAY
    clock.travel_to(expiry)
    assert refusal(receivables.register, given.registration(), sender=supplier).error == "PartyExpired"
    given.settle(held, FACE)
    receivables.release(held, sender=supplier)
    factoring.repay(financed, 2 * FACE, sender=supplier)
    given.check_books()


def test_case_12_a_gift_changes_no_figure(given, receivables, cash, stranger):
    receivable = given.confirmed(face=100)
    cash.transfer(receivables, 1, sender=stranger)
    claim = receivables.claimOf(receivable)
    assert (claim.outstanding, claim.claimable, claim.state) == (100, 0, State.CONFIRMED)
    assert refusal(receivables.release, receivable, sender=given.supplier) == error("NothingToClaim")
    given.settle(receivable, 100)
    assert receivables.claimOf(receivable).claimable == 100
    assert given.dust([given.supplier]) == 1
