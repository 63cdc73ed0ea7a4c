"""Receivables in currencies that misbehave: supported correctly or refused, never mis-accounted."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from ape import project
from eth_utils import keccak

from tests.contracts.answers import error, refusal
from tests.contracts.situations import CASH, PURSE, REASON, State
from tests.contracts.suite import Party, after_delay

FACE = 1_000
ONE = 10**18  # of a rebasing token's index
CURRENCY = CASH + 1
REENTRY = bytes(keccak(text="ReentrancyGuardReentrantCall()")[:4])


class Foreign(NamedTuple):
    """A token admitted as CURRENCY; `claim` issues a receivable in it, `settle` lets the debtor pay."""

    token: Any
    claim: Callable[..., int]
    settle: Callable[[int, int], Any]


@pytest.fixture
def admitted(given, suite, deployer, risk_manager, core_enterprise):
    def admit(name):
        token = deployer.deploy(getattr(project, name))
        for account, amount in ((risk_manager, 10_000), (core_enterprise, PURSE)):
            token.mint(account, amount, sender=deployer)
            token.approve(suite.receivables, amount, sender=account)
        after_delay(suite, risk_manager, suite.receivables.allowCurrency, token)
        return Foreign(token, lambda face=FACE: given.confirmed(face, currency=CURRENCY), given.settle)

    return admit


def owed_by_contract(receivables, holders):
    parts = range(1, receivables.lastId() + 1)
    claimable = sum(receivables.claimOf(part).claimable for part in parts)
    return claimable + sum(receivables.creditOf(holder, CURRENCY) for holder in holders)


# A FEE THAT COMES LATER


def test_case_15_a_settlement_is_credited_by_what_arrived(admitted, receivables, deployer, supplier):
    foreign = admitted("MockFeeCash")
    receivable = foreign.claim()
    foreign.token.setFee(100, sender=deployer)
    foreign.settle(receivable, FACE)
    claim = receivables.claimOf(receivable)
    assert (claim.outstanding, claim.claimable, claim.state) == (10, 990, State.CONFIRMED)
    assert foreign.token.balanceOf(receivables) == owed_by_contract(receivables, [supplier])


def test_case_15_the_fee_of_a_delivery_is_the_receivers(admitted, receivables, deployer, supplier):
    foreign = admitted("MockFeeCash")
    receivable = foreign.claim()
    foreign.settle(receivable, FACE)
    foreign.token.setFee(100, sender=deployer)
    receivables.release(receivable, sender=supplier)
    assert foreign.token.balanceOf(supplier) == 990
    assert foreign.token.balanceOf(receivables) == owed_by_contract(receivables, [supplier]) == 0


# NO RETURN VALUE, NO PERMIT


def test_case_15_a_token_without_return_values_settles_and_pays(admitted, receivables, supplier, supplier2):
    foreign = admitted("MockNoReturnCash")
    receivable = foreign.claim()
    foreign.settle(receivable, 400)
    receivables.transferFrom(supplier, supplier2, receivable, sender=supplier)
    foreign.settle(receivable, FACE)
    receivables.release(receivable, sender=supplier)
    receivables.releaseCredit(supplier, CURRENCY, sender=supplier2)
    assert (foreign.token.balanceOf(supplier), foreign.token.balanceOf(supplier2)) == (400, 600)


def test_case_25_a_token_without_permit_falls_back_to_the_allowance(admitted, receivables, core_enterprise):
    foreign = admitted("MockNoReturnCash")
    receivable = foreign.claim()
    permit = (FACE, 2**40, 27, b"\1" * 32, b"\1" * 32)
    receivables.settleWithPermit(receivable, FACE, permit, sender=core_enterprise)
    assert receivables.poolOf(receivable).paid == FACE


# REBASING


def test_case_15_a_rebase_up_changes_no_claim(admitted, receivables, supplier):
    foreign = admitted("MockRebasingCash")
    receivable = foreign.claim()
    foreign.settle(receivable, 500)
    foreign.token.rebase(2 * ONE, sender=supplier)
    assert receivables.claimOf(receivable).claimable == 500
    receivables.release(receivable, sender=supplier)
    assert foreign.token.balanceOf(supplier) == 500


def test_case_15_a_rebase_down_harms_its_own_currency_only(admitted, given, receivables, cash, supplier):
    foreign = admitted("MockRebasingCash")
    shrunk, sound = foreign.claim(), given.confirmed(FACE)
    foreign.settle(shrunk, 500)
    given.settle(sound, 500)
    foreign.token.rebase(ONE // 2, sender=supplier)
    assert refusal(receivables.release, shrunk, sender=supplier).error == "ERC20InsufficientBalance"
    before = cash.balanceOf(supplier)
    receivables.release(sound, sender=supplier)
    assert cash.balanceOf(supplier) - before == 500
    assert receivables.claimOf(shrunk).claimable == 500


# AN ISSUER THAT STOPS AND BLOCKS


def test_case_14_a_blocked_holder_harms_only_itself(admitted, receivables, supplier, supplier2, stranger):
    foreign = admitted("MockBlockingCash")
    whole = foreign.claim()
    receivables.split(whole, [600, 400], sender=supplier)
    blocked_part, free_part = whole + 1, whole + 2
    receivables.transferFrom(supplier, supplier2, free_part, sender=supplier)
    foreign.token.setBlocked(supplier, True, sender=stranger)
    foreign.settle(whole, FACE)
    blocked = error("MockAccountBlocked", account=supplier)
    assert refusal(receivables.release, blocked_part, sender=supplier) == blocked
    receivables.release(free_part, sender=supplier2)
    assert foreign.token.balanceOf(supplier2) == 400
    assert receivables.claimOf(blocked_part).claimable == 600
    foreign.token.setBlocked(supplier, False, sender=stranger)
    receivables.release(blocked_part, sender=supplier)
    assert foreign.token.balanceOf(supplier) == 600


def test_case_14_a_blocked_former_holder_stops_nobody_and_keeps_its_credit(
    admitted, receivables, participants, compliance, supplier, supplier2, spare, stranger
):
    foreign = admitted("MockBlockingCash")
    receivable = foreign.claim()
    foreign.settle(receivable, 100)
    foreign.token.setBlocked(supplier, True, sender=stranger)
    receivables.transferFrom(supplier, supplier2, receivable, sender=supplier)
    foreign.settle(receivable, FACE)
    receivables.release(receivable, sender=supplier2)
    blocked = error("MockAccountBlocked", account=supplier)
    assert refusal(receivables.releaseCredit, supplier, CURRENCY, sender=supplier) == blocked
    participants.rotateWallet(supplier, spare, sender=compliance)
    receivables.releaseCredit(supplier, CURRENCY, sender=stranger)
    assert foreign.token.balanceOf(spare) == 100


def test_case_15_a_stopped_token_loses_nothing(admitted, receivables, supplier, stranger, core_enterprise):
    foreign = admitted("MockBlockingCash")
    receivable = foreign.claim()
    foreign.settle(receivable, 100)
    foreign.token.setStopped(True, sender=stranger)
    stopped = error("MockTransfersStopped")
    assert refusal(receivables.settle, receivable, 1, sender=core_enterprise) == stopped
    assert refusal(receivables.release, receivable, sender=supplier) == stopped
    receivables.dispute(receivable, REASON, sender=core_enterprise)
    foreign.token.setStopped(False, sender=stranger)
    receivables.release(receivable, sender=supplier)
    assert foreign.token.balanceOf(supplier) == 100


# HOOKS THAT CALL BACK


@pytest.fixture
def reentrant(admitted, receivables, participants, compliance, deployer, supplier):
    """Two claims in a token that calls back, partly paid; the first is held by a wallet that anybody may make act."""
    foreign = admitted("MockReentrantCash")
    wallet = deployer.deploy(project.MockContractWallet, deployer)
    participants.addWallet(Party.SUPPLIER2, wallet, sender=compliance)
    for _ in range(2):
        foreign.settle(foreign.claim(), FACE // 2)
    receivables.transferFrom(supplier, wallet, 1, sender=supplier)
    foreign.settle(1, 100)
    return foreign, wallet


@pytest.mark.parametrize("outer", ["settle", "release", "releaseCredit"])
@pytest.mark.parametrize("inner", ["settle", "release", "releaseCredit", "issueCreditNote"])
def test_case_15_a_token_that_calls_back_moves_nothing_twice(
    reentrant, receivables, core_enterprise, supplier, stranger, outer, inner
):
    foreign, wallet = reentrant
    calls = {
        "settle": (receivables.settle, 1, 1),
        "release": (receivables.release, 1),
        "releaseCredit": (receivables.releaseCredit, supplier, CURRENCY),
        "issueCreditNote": (receivables.issueCreditNote, 1, 1, REASON),
    }
    method, *arguments = calls[inner]
    data = wallet.execute.encode_input(receivables, method.encode_input(*arguments))
    foreign.token.callBack(wallet, data, sender=stranger)
    method, *arguments = calls[outer]
    method(*arguments, sender=core_enterprise)
    assert (foreign.token.succeeded(), bytes(foreign.token.answer())) == (False, REENTRY)
    assert foreign.token.balanceOf(receivables) == owed_by_contract(receivables, [supplier, wallet])


def test_case_15_a_split_in_the_middle_of_the_first_settlement_shares_it_exactly(
    admitted, receivables, participants, compliance, deployer, supplier, stranger
):
    foreign = admitted("MockReentrantCash")
    wallet = deployer.deploy(project.MockContractWallet, deployer)
    participants.addWallet(Party.SUPPLIER2, wallet, sender=compliance)
    whole = foreign.claim()
    receivables.transferFrom(supplier, wallet, whole, sender=supplier)
    data = wallet.execute.encode_input(receivables, receivables.split.encode_input(whole, [700, 300]))
    foreign.token.callBack(wallet, data, sender=stranger)
    foreign.settle(whole, 100)
    assert foreign.token.succeeded()
    assert [receivables.claimOf(part).claimable for part in (whole, whole + 1, whole + 2)] == [0, 70, 30]
    assert foreign.token.balanceOf(receivables) == owed_by_contract(receivables, [wallet])
