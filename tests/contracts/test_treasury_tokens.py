"""Treasuries over tokens that misbehave: supported correctly or refused, never mis-accounted."""

import ape
import pytest
from eth_utils import keccak

from tests.contracts import clock
from tests.contracts.answers import error, refusal
from tests.contracts.suite import Party, Role, admit

U96 = 2**96 - 1
LENT = 1_000_000
COVER = 100_000
PURSE = 10 * LENT
DEBTOR = Party.CORE_ENTERPRISE
ONE = 10**18  # of a rebasing token's index
REENTRY = bytes(keccak(text="ReentrancyGuardReentrantCall()")[:4])


@pytest.fixture(scope="module")
def sole_authority(deployer):
    """An authority under which the deployer may call everything at once."""
    return deployer.deploy(ape.project.Authority, deployer)


@pytest.fixture
def vault_over(suite, sole_authority, actors, deployer, product):
    """Deploys a token of this name and a treasury over it; returns both."""

    def deploy(token_name):
        token = deployer.deploy(getattr(ape.project, token_name))
        vault = deployer.deploy(ape.project.Treasury, sole_authority, suite.participants, token)
        vault.allowProduct(product, sender=deployer)
        vault.setLimit(DEBTOR, U96, sender=deployer)
        for name in ("lender", "cover_provider"):
            token.mint(actors[name], PURSE, sender=deployer)
            token.approve(vault, PURSE, sender=actors[name])
        return vault, token

    return deploy


@pytest.fixture
def open_vault(vault_over, actors):
    """The same with lenders' cash and cover paid in."""

    def deploy(token_name):
        vault, token = vault_over(token_name)
        vault.deposit(LENT, actors["lender"], sender=actors["lender"])
        vault.depositCover(COVER, sender=actors["cover_provider"])
        return vault, token

    return deploy


@pytest.fixture
def disburse(product, supplier):
    def send(vault, amount):
        day = clock.today()
        return vault.disburse((0, DEBTOR, supplier, amount, amount, U96, day, day + 90), sender=product)

    return send


def booked(vault):
    book = vault.book()
    return book.cash + book.cover


"""A FEE ON TRANSFER"""


def test_case_15_a_deposit_that_arrives_short_is_refused(vault_over, lender, deployer):
    vault, token = vault_over("MockFeeCash")
    token.setFee(100, sender=deployer)
    kept = error("DepositKeptFee", sent=LENT, arrived=LENT - LENT // 100)
    assert refusal(vault.deposit, LENT, lender, sender=lender) == kept
    assert refusal(vault.mint, LENT * 10**6, lender, sender=lender) == kept


def test_case_15_cover_is_credited_by_what_arrived(vault_over, cover_provider, deployer):
    vault, token = vault_over("MockFeeCash")
    token.setFee(100, sender=deployer)
    vault.depositCover(COVER, sender=cover_provider)
    assert vault.book().cover == token.balanceOf(vault) == COVER - COVER // 100


def test_case_15_a_fee_that_comes_later_is_the_receivers_not_the_vaults(open_vault, disburse, lender, supplier):
    vault, token = open_vault("MockFeeCash")
    token.setFee(100, sender=supplier)
    disburse(vault, LENT // 2)
    assert token.balanceOf(supplier) == LENT // 2 - LENT // 200
    vault.withdraw(LENT // 4, lender, lender, sender=lender)
    assert token.balanceOf(vault) == booked(vault) == LENT // 4 + COVER


"""NO RETURN VALUE"""


def test_case_15_a_token_without_return_values_works_throughout(open_vault, disburse, actors, deployer):
    vault, token = open_vault("MockNoReturnCash")
    lender, provider = actors["lender"], actors["cover_provider"]
    disburse(vault, LENT // 2)
    vault.withdraw(LENT // 4, lender, lender, sender=lender)
    vault.withdrawCover(provider, COVER // 2, sender=deployer)
    assert token.balanceOf(actors["supplier"]) == LENT // 2
    assert token.balanceOf(lender) == PURSE - LENT + LENT // 4
    assert token.balanceOf(provider) == PURSE - COVER // 2
    assert token.balanceOf(vault) == booked(vault) == LENT // 4 + COVER // 2


def test_case_15_a_token_without_return_values_still_fails_loudly(vault_over, supplier, compliance, participants):
    vault, _ = vault_over("MockNoReturnCash")
    participants.renew(Party.SUPPLIER, Role.LENDER, clock.now() + clock.DAY, b"\1" * 32, sender=compliance)
    refused = refusal(vault.deposit, 1, supplier, sender=supplier)
    assert refused == error("MockAllowanceShort", spender=vault, allowance=0, needed=1)


"""REBASING"""


@pytest.mark.parametrize("index", [ONE * 11 // 10, ONE * 9 // 10], ids=["up", "down"])
def test_case_15_a_rebase_changes_nothing_in_the_book(open_vault, lender, index):
    vault, token = open_vault("MockRebasingCash")
    before = vault.book(), vault.totalAssets(), vault.previewRedeem(vault.balanceOf(lender))
    token.rebase(index, sender=lender)
    assert (vault.book(), vault.totalAssets(), vault.previewRedeem(vault.balanceOf(lender))) == before


def test_case_15_a_deposit_that_a_rebase_rounds_down_is_refused(vault_over, lender):
    vault, token = vault_over("MockRebasingCash")
    token.rebase(ONE * 11 // 10, sender=lender)
    assert refusal(vault.deposit, 5, lender, sender=lender) == error("DepositKeptFee", sent=5, arrived=4)
    vault.deposit(11, lender, sender=lender)
    assert vault.book().cash == token.balanceOf(vault) == 11


def test_case_15_after_a_rebase_down_payouts_stop_at_the_balance_and_book_nothing(
    open_vault, disburse, lender, supplier, product
):
    vault, token = open_vault("MockRebasingCash")
    token.rebase(ONE // 2, sender=lender)
    held = token.balanceOf(vault)
    day, before = clock.today(), vault.book()
    beyond = (0, DEBTOR, supplier, held + 1, held + 1, U96, day, day + 90)
    assert refusal(vault.disburse, beyond, sender=product).error == "ERC20InsufficientBalance"
    assert refusal(vault.withdraw, held + 1, lender, lender, sender=lender).error == "ERC20InsufficientBalance"
    assert vault.book() == before
    disburse(vault, held)
    assert vault.book().cash == LENT - held


"""HOOKS THAT CALL BACK"""


@pytest.fixture
def inside_lender(suite, deployer, compliance):
    """A lender that is a contract, so that a token can make it call."""
    wallet = deployer.deploy(ape.project.MockContractWallet, deployer)
    admit(suite, compliance, wallet, Role.LENDER | Role.COVER_PROVIDER)
    return wallet


@pytest.fixture
def reentrant(open_vault, inside_lender, deployer):
    """A vault whose token calls back; the wallet holds shares and cash and has approved the vault."""
    vault, token = open_vault("MockReentrantCash")
    token.mint(inside_lender, PURSE, sender=deployer)
    inside_lender.execute(token, token.approve.encode_input(vault, PURSE), sender=deployer)
    inside_lender.execute(vault, vault.deposit.encode_input(LENT, inside_lender), sender=deployer)
    return vault, token


ATTACKS = {
    "deposit": lambda vault, wallet: vault.deposit.encode_input(1, wallet),
    "mint": lambda vault, wallet: vault.mint.encode_input(1, wallet),
    "withdraw": lambda vault, wallet: vault.withdraw.encode_input(1, wallet, wallet),
    "redeem": lambda vault, wallet: vault.redeem.encode_input(10**6, wallet, wallet),
    "depositCover": lambda vault, wallet: vault.depositCover.encode_input(1),
}


@pytest.mark.parametrize("during", ["deposit", "withdraw", "disburse", "depositCover"])
def test_case_15_a_call_back_into_the_vault_is_refused_and_the_move_is_whole(
    reentrant, inside_lender, disburse, actors, during
):
    vault, token = reentrant
    lender, provider = actors["lender"], actors["cover_provider"]
    moves = {
        "deposit": lambda: vault.deposit(7, lender, sender=lender),
        "withdraw": lambda: vault.withdraw(7, lender, lender, sender=lender),
        "disburse": lambda: disburse(vault, 7),
        "depositCover": lambda: vault.depositCover(7, sender=provider),
    }
    for attack in ATTACKS.values():
        data = inside_lender.execute.encode_input(vault, attack(vault, inside_lender))
        token.callBack(inside_lender, data, sender=lender)
        moves[during]()
        assert (token.succeeded(), bytes(token.answer())) == (False, REENTRY)
        assert token.balanceOf(vault) == booked(vault)


@pytest.mark.parametrize("during", ["deposit", "withdraw", "disburse"])
def test_case_15_the_value_of_a_share_is_the_same_in_the_middle_of_a_move(reentrant, disburse, lender, during):
    vault, token = reentrant
    shares = 10**12
    before = vault.previewRedeem(shares)
    token.callBack(vault, vault.previewRedeem.encode_input(shares), sender=lender)
    if during == "deposit":
        vault.deposit(12_345, lender, sender=lender)
    elif during == "withdraw":
        vault.withdraw(12_345, lender, lender, sender=lender)
    else:
        disburse(vault, 12_345)
    assert token.succeeded()
    assert int.from_bytes(token.answer()) == before == vault.previewRedeem(shares)


"""AN ISSUER THAT STOPS AND BLOCKS"""


def test_case_14_a_blocked_lender_harms_only_itself_and_may_be_paid_elsewhere(
    suite, open_vault, compliance, lender, spare, stranger
):
    vault, token = open_vault("MockBlockingCash")
    admit(suite, compliance, spare, Role.LENDER)
    vault.transfer(spare, LENT // 2 * 10**6, sender=lender)
    token.setBlocked(lender, True, sender=stranger)
    assert refusal(vault.withdraw, 1, lender, lender, sender=lender) == error("MockAccountBlocked", account=lender)
    vault.redeem(vault.balanceOf(spare), spare, spare, sender=spare)
    vault.redeem(vault.balanceOf(lender), stranger, lender, sender=lender)
    assert token.balanceOf(spare) == token.balanceOf(stranger) == LENT // 2


def test_case_14_a_blocked_payee_stops_no_other_payout(open_vault, disburse, product, supplier, stranger):
    vault, token = open_vault("MockBlockingCash")
    token.setBlocked(supplier, True, sender=stranger)
    day = clock.today()
    blocked = (0, DEBTOR, supplier, 1, 1, U96, day, day + 90)
    assert refusal(vault.disburse, blocked, sender=product) == error("MockAccountBlocked", account=supplier)
    vault.disburse((0, DEBTOR, stranger, 1, 1, U96, day, day + 90), sender=product)
    assert vault.accountOf(DEBTOR).outstanding == 1


def test_case_15_a_stopped_token_stops_moves_and_not_the_books(open_vault, disburse, lender, product):
    vault, token = open_vault("MockBlockingCash")
    disburse(vault, LENT // 2)
    token.setStopped(True, sender=lender)
    before = vault.book()
    assert refusal(vault.withdraw, 1, lender, lender, sender=lender) == error("MockTransfersStopped")
    assert refusal(vault.deposit, 1, lender, sender=lender) == error("MockTransfersStopped")
    assert vault.book() == before
    vault.bookImpairment(0, DEBTOR, 0, 5, sender=product)
    token.setStopped(False, sender=lender)
    vault.withdraw(LENT // 2, lender, lender, sender=lender)
    assert token.balanceOf(vault) == booked(vault) == COVER
