"""Lines over cash that misbehaves: what is booked is what is there, and no hook gets in between."""

import pytest
from ape import project
from eth_utils import keccak

from tests.contracts import clock
from tests.contracts import market as open_for_business
from tests.contracts import suite as deployment
from tests.contracts.answers import error, refusal
from tests.contracts.lines import (
    BILLED,
    DRAWN,
    FIRST_OVERDUE_DAY,
    LINE_CAP,
    MAX_RATE,
    OWED_AT_FIRST,
    Lines,
    LineStatus,
)
from tests.contracts.quorum import Quorum
from tests.contracts.suite import ROLE_OF, Party, admit

MERCHANT = Party.MERCHANT
REENTRY = bytes(keccak(text="ReentrancyGuardReentrantCall()")[:4])
LATE_DAY = 2_60  # of what is overdue first


@pytest.fixture(scope="module")
def over(actors, signer_keys):
    """Deploys a suite over a token, open for business; returns its lines, which see the token as their cash."""

    def deploy(token_name):
        deployer = actors["deployer"]
        token = deployer.deploy(getattr(project, token_name))
        token.mint(deployer, 10_000, sender=deployer)
        suite = deployment.deploy(deployer, token.address)
        for party, roles in ROLE_OF.items():
            admit(suite, actors["compliance"], actors[party.name.lower()], roles)
        quorum = Quorum(suite, signer_keys)
        open_for_business.open_line_market(suite, actors, quorum)
        return Lines(suite, actors, quorum), token

    return deploy


# A FEE THAT COMES LATER


def test_case_15_a_line_is_repaid_by_what_arrived(over, deployer):
    lines, token = over("MockFeeCash")
    lines.drawn()
    clock.pass_days(1)
    token.setFee(100, sender=deployer)
    assert lines.repay_all().return_value == OWED_AT_FIRST - OWED_AT_FIRST // 100
    assert lines.owed().total == OWED_AT_FIRST // 100
    lines.repay_all()
    assert lines.owed().total == OWED_AT_FIRST // 10_000
    lines.check_books()


def test_case_15_a_token_that_keeps_a_fee_of_a_draw_leaves_the_books_in_order(over, deployer, merchant):
    lines, token = over("MockFeeCash")
    lines.open()
    token.setFee(100, sender=deployer)
    before = token.balanceOf(merchant)
    lines.draw()
    assert token.balanceOf(merchant) == before + DRAWN - DRAWN // 100
    assert lines.owed().total == OWED_AT_FIRST
    lines.check_books()


# AN ISSUER THAT STOPS AND BLOCKS


def test_case_14_a_blocked_merchant_neither_draws_nor_stops_others_from_paying(over, merchant, stranger):
    lines, token = over("MockBlockingCash")
    lines.drawn()
    token.setBlocked(merchant, True, sender=stranger)
    blocked = error("MockAccountBlocked", account=merchant)
    deadline = clock.now() + clock.HOUR
    assert refusal(lines.line.draw, 1_00, 0, MAX_RATE, deadline, sender=merchant) == blocked
    assert refusal(lines.line.repay, MERCHANT, 1_00, sender=merchant) == blocked
    lines.repay(OWED_AT_FIRST, by=stranger)
    assert lines.owed().total == 0
    lines.check_books()


def test_case_15_a_token_that_is_stopped_stops_money_and_not_time(over, stranger, merchant):
    lines, token = over("MockBlockingCash")
    lines.drawn()
    token.setStopped(True, sender=stranger)
    assert refusal(lines.line.repay, MERCHANT, 1_00, sender=merchant) == error("MockTransfersStopped")
    clock.pass_days(FIRST_OVERDUE_DAY)
    lines.line.markDelinquent(MERCHANT, sender=stranger)
    token.setStopped(False, sender=stranger)
    lines.repay(LATE_DAY + BILLED)
    assert lines.status() == LineStatus.OPEN
    lines.check_books()


# NO RETURN VALUE, SIX DECIMALS


def test_case_15_a_token_in_the_manner_of_usdt_is_lent_and_repaid(over, merchant):
    lines, token = over("MockNoReturnCash")
    lines.open()
    limit = lines.line.limitOf(MERCHANT)
    # Reported limits are in whole units of the currency, whatever its decimals; caps are in its smallest unit.
    assert (limit.reported, limit.limit) == (200_000 * 10**6, LINE_CAP)
    before = token.balanceOf(merchant)
    lines.draw()
    assert token.balanceOf(merchant) == before + DRAWN
    clock.pass_days(1)
    lines.repay_all()
    assert lines.owed().total == 0
    lines.check_books()


# HOOKS THAT CALL BACK


@pytest.fixture(scope="module")
def hooked(over, deployer, compliance):
    """The merchant's second wallet is a contract with cash; `call_back` makes it act in the middle of the next move."""
    lines, token = over("MockReentrantCash")
    suite = lines.suite
    wallet = deployer.deploy(project.MockContractWallet, deployer)
    suite.participants.addWallet(MERCHANT, wallet, sender=compliance)
    token.mint(wallet, DRAWN, sender=deployer)
    for spender in (suite.line, suite.treasury):
        wallet.execute(token, token.approve.encode_input(spender, DRAWN), sender=deployer)

    def call_back(method, *arguments):
        data = wallet.execute.encode_input(method.contract, method.encode_input(*arguments))
        token.callBack(wallet, data, sender=deployer)

    return lines, token, call_back


def again(lines, what):
    """The call that enters a second time."""
    line = lines.line
    calls = {
        "repay": (line.repay, MERCHANT, 1),
        "draw": (line.draw, 1_00, 0, MAX_RATE, clock.now() + clock.HOUR),
    }
    return calls[what]


@pytest.mark.parametrize("inner", ["repay", "draw"])
@pytest.mark.parametrize("outer", ["repay", "draw"])
def test_case_15_a_line_cannot_be_entered_again_in_the_middle_of_a_move(hooked, outer, inner):
    lines, token, call_back = hooked
    lines.drawn()
    call_back(*again(lines, inner))
    amount = 5_00
    getattr(lines, outer)(amount)
    assert (token.succeeded(), bytes(token.answer())) == (False, REENTRY)
    assert lines.owed().total == OWED_AT_FIRST + (amount if outer == "draw" else -amount)
    lines.check_books()


def test_case_15_marking_delinquent_in_the_middle_of_the_payment_that_cures_leaves_no_arrears(hooked):
    lines, token, call_back = hooked
    lines.overdue()
    call_back(lines.line.markDelinquent, MERCHANT)
    lines.repay(LATE_DAY + BILLED)
    treasury = lines.suite.treasury
    assert token.succeeded()
    assert lines.status() == LineStatus.OPEN
    assert treasury.accountOf(MERCHANT).arrears == treasury.book().impaired == 0
    lines.check_books()


def test_case_15_marking_delinquent_in_the_middle_of_a_payment_that_is_too_small_counts_once(hooked):
    lines, token, call_back = hooked
    lines.overdue()
    call_back(lines.line.markDelinquent, MERCHANT)
    lines.repay(1_00)
    assert token.succeeded()
    assert (lines.status(), lines.suite.treasury.accountOf(MERCHANT).arrears) == (LineStatus.DELINQUENT, 1)
    lines.check_books()


@pytest.mark.parametrize("move", ["draw", "repay"])
def test_case_15_accruing_in_the_middle_of_a_move_changes_nothing(hooked, move):
    lines, token, call_back = hooked
    model = lines.model()
    lines.drawn()
    model.draw(DRAWN, 480)
    clock.pass_days(5)
    model.advance(clock.today())
    call_back(lines.line.accrue, [MERCHANT])
    if move == "draw":
        lines.draw(5_00)
        model.draw(5_00, 480)
    else:
        lines.repay(5_00)
        model.pay(5_00)
    assert token.succeeded()
    lines.check(model)
    lines.check_books()


def test_case_15_a_line_is_not_closed_in_the_middle_of_its_last_payment(hooked):
    lines, token, call_back = hooked
    lines.drawn()
    call_back(lines.line.close)
    lines.repay(OWED_AT_FIRST)
    owed = keccak(text="LineOwed(uint32,uint96)")[:4] + MERCHANT.to_bytes(32) + OWED_AT_FIRST.to_bytes(32)
    assert (token.succeeded(), bytes(token.answer())) == (False, bytes(owed))
    assert lines.status() == LineStatus.OPEN
    lines.check_books()


def test_case_15_a_lower_limit_noted_in_the_middle_of_a_draw_stays_noted(hooked):
    lines, token, call_back = hooked
    lines.drawn()
    lines.score(yuan=150_000)
    call_back(lines.line.syncLimit, MERCHANT)
    lines.draw(5_00)
    assert token.succeeded()
    assert (lines.now().limit, lines.now().drawn) == (150_000_00, DRAWN + 5_00)
    lines.check_books()


def test_case_15_a_deposit_in_the_middle_of_a_repayment_is_not_counted_as_one(hooked):
    lines, token, call_back = hooked
    treasury = lines.suite.treasury
    lines.drawn()
    clock.pass_days(1)
    call_back(treasury.deposit, 1_000_00, lines.actors["lender"])
    lines.repay(500_00)
    assert token.succeeded()
    assert lines.owed().total == OWED_AT_FIRST - 500_00
    lines.check_books()
