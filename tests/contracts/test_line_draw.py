"""Quote and draw: every refusal in the order of the requires, then the payout to the unit."""

import pytest
from ape import chain

from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.lines import (
    DRAWN,
    FIRST_OVERDUE_DAY,
    LIMIT,
    LINE_TERMS,
    MAX_AGE,
    MAX_RATE,
    OWED_AT_FIRST,
    PRODUCT,
    RATE,
    TERM,
    LineStatus,
    conditions,
)
from tests.contracts.market import CONSENT_TEXT, LENT
from tests.contracts.quorum import MODEL, VALIDITY
from tests.contracts.situations import REASON
from tests.contracts.suite import SCORING, TRAINING, Party, Role, after_delay

pytestmark = pytest.mark.usefixtures("lines")

MERCHANT = Party.MERCHANT
FEE_BPS = 25
BLOCKING = [2, 4, 8, 16]  # adverse facts, collapse of turnover, suspected wash trade, arrears elsewhere


def drawn_event(line, merchant, amount, fee=0, rate=RATE, score=720, drawn=None, per_day=None):
    return event(
        line,
        "LineDrawn",
        party=MERCHANT,
        to=merchant,
        amount=amount,
        fee=fee,
        net=amount - fee,
        annualRateBps=rate,
        drawn=amount if drawn is None else drawn,
        perDay=amount * rate if per_day is None else per_day,
        score=score,
    )


@pytest.fixture
def refused(line, merchant):
    """What a draw is refused with now; its quote is refused with the same."""

    def why(amount=DRAWN):
        answer = refusal(line.draw, amount, 0, MAX_RATE, clock.now() + clock.HOUR, sender=merchant)
        assert refusal(line.quote, MERCHANT, amount) == answer
        return answer

    return why


@pytest.fixture
def opened(lines):
    lines.open()


@pytest.fixture
def charge_fee(policy, risk_officer):
    """Grade A pays this fee from now on."""

    def set_(fee_bps):
        policy.tightenTerms(PRODUCT, 0, (True, 10_000, RATE, fee_bps, *LINE_TERMS["A"][4:]), sender=risk_officer)

    return set_


# STOPPED AND TOO LATE


def test_case_24_nothing_is_drawn_while_lines_are_paused(opened, line, guardian, refused):
    line.pause(sender=guardian)
    assert refused() == error("EnforcedPause")
    assert refusal(line.limitOf, MERCHANT) == error("EnforcedPause")


def test_case_24_nothing_is_drawn_while_the_treasury_is_paused(opened, treasury, guardian, refused):
    treasury.pause(sender=guardian)
    assert refused() == error("EnforcedPause")


@pytest.mark.parametrize("late", [False, True], ids=["at_the_deadline", "a_second_later"])
def test_a_signature_is_good_through_its_deadline(opened, line, merchant, late):
    deadline = clock.now() - late
    answer = refusal(line.draw, DRAWN, 0, MAX_RATE, deadline, sender=merchant)
    assert answer == (error("OfferExpired", deadline=deadline) if late else None)


# WHO


def test_a_wallet_of_nobody_draws_nothing(opened, line, stranger):
    answer = refusal(line.draw, DRAWN, 0, MAX_RATE, clock.now(), sender=stranger)
    assert answer == error("WalletUnknown", wallet=stranger)


def test_another_merchant_does_not_draw_on_a_line_that_is_not_its_own(opened, line, merchant2):
    answer = refusal(line.draw, DRAWN, 0, MAX_RATE, clock.now(), sender=merchant2)
    assert answer == error("LineStatusWrong", party=Party.MERCHANT2, status=LineStatus.NONE)


def test_case_06_a_frozen_merchant_draws_nothing(opened, participants, compliance, line, refused):
    participants.freeze(MERCHANT, REASON, sender=compliance)
    assert refused() == refusal(line.limitOf, MERCHANT) == error("PartyIsFrozen", party=MERCHANT)


def test_case_06_a_merchant_whose_kyc_has_ended_draws_nothing(opened, participants, compliance, line, refused):
    ends = clock.now() + clock.HOUR
    participants.renew(MERCHANT, Role.MERCHANT, ends, REASON, sender=compliance)
    clock.travel_to(ends)
    assert refused() == refusal(line.limitOf, MERCHANT) == error("PartyExpired", party=MERCHANT, validUntil=ends)


def test_case_06_a_merchant_that_lost_its_role_draws_nothing(opened, participants, compliance, refused):
    participants.renew(MERCHANT, Role.LENDER, clock.now() + clock.DAY, REASON, sender=compliance)
    assert refused() == error("RoleMissing", party=MERCHANT, role=Role.MERCHANT)


# THE LINE


def test_case_05_nothing_is_drawn_without_a_line(line, refused):
    missing = error("LineStatusWrong", party=MERCHANT, status=LineStatus.NONE)
    assert refused() == refusal(line.limitOf, MERCHANT) == missing


def test_nothing_is_drawn_on_a_closed_line(lines, refused):
    lines.closed()
    assert refused() == error("LineStatusWrong", party=MERCHANT, status=LineStatus.CLOSED)


def test_nothing_is_drawn_on_a_delinquent_line(lines, refused):
    lines.delinquent()
    lines.score()
    assert refused() == error("LineStatusWrong", party=MERCHANT, status=LineStatus.DELINQUENT)


def test_nothing_is_drawn_once_the_offer_is_closed(opened, line, risk_officer, refused):
    line.closeOffer(sender=risk_officer)
    assert refused() == error("LinesNotOffered")


def test_nothing_is_drawn_on_a_frozen_line(opened, line, risk_officer, refused):
    line.freeze(MERCHANT, REASON, sender=risk_officer)
    assert refused() == error("LineIsFrozen", party=MERCHANT)


def test_nothing_is_drawn_from_the_day_of_maturity_on(lines, opened, refused):
    maturity = clock.today() + TERM
    clock.travel_to(clock.midnight(maturity) - clock.HOUR)
    lines.score()
    clock.travel_to(clock.midnight(maturity) - 1)
    assert refused() is None
    clock.travel_to(clock.midnight(maturity))
    assert refused() == error("LineMatured", party=MERCHANT, day=maturity)


def test_nothing_is_drawn_from_the_first_overdue_day_on_though_nobody_marked_it(lines, refused):
    lines.drawn()
    first = clock.today() + FIRST_OVERDUE_DAY
    clock.travel_to(clock.midnight(first) - clock.HOUR)
    lines.score()
    clock.travel_to(clock.midnight(first) - 1)
    assert refused() is None
    clock.travel_to(clock.midnight(first))
    # A tenth of 100,000.00 and 30 days' interest at 4.80 %.
    assert refused() == error("LineOverdue", party=MERCHANT, overdue=10_400_00)
    assert lines.status() == LineStatus.OPEN


# FACTS


def test_case_29_without_consent_nothing_is_drawn(opened, oracle, merchant, line, refused):
    oracle.revokeConsent(SCORING, sender=merchant)
    missing = error("ConsentMissing", party=MERCHANT, purpose=SCORING)
    assert refused() == refusal(line.limitOf, MERCHANT) == missing


def test_case_29_from_the_block_in_which_consent_is_withdrawn_nothing_is_drawn_and_all_is_repaid(lines, merchant):
    lines.drawn()
    deadline = clock.now() + clock.HOUR
    receipts = in_one_block(
        merchant,
        (lines.suite.oracle.revokeConsent, SCORING),
        (lines.line.draw, 1_00, 0, MAX_RATE, deadline),
        (lines.line.repay, MERCHANT, lines.owed().total),
    )
    assert len({receipt["blockNumber"] for receipt in receipts}) == 1
    assert [receipt["status"] for receipt in receipts] == [1, 0, 1]
    assert lines.owed().total == 0


def in_one_block(sender, *calls):
    """Receipts of calls mined together, in their order."""
    provider = chain.provider
    provider.auto_mine = False
    try:
        hashes = [
            provider.web3.eth.send_transaction(
                {
                    "from": sender.address,
                    "to": method.contract.address,
                    "data": method.encode_input(*arguments),
                    "gas": 1_000_000,
                }
            )
            for method, *arguments in calls
        ]
        chain.mine()
    finally:
        provider.auto_mine = True
    return [provider.web3.eth.get_transaction_receipt(hash_) for hash_ in hashes]


def test_case_29_a_score_of_an_earlier_consent_draws_nothing_under_a_new_one(opened, oracle, merchant, refused):
    oracle.revokeConsent(SCORING, sender=merchant)
    oracle.grantConsent(SCORING, CONSENT_TEXT, sender=merchant)
    assert refused() == error("ScoreExpired", party=MERCHANT, validUntil=0)


def test_a_merchant_who_withdraws_its_consent_to_training_alone_goes_on_drawing(opened, oracle, merchant, refused):
    oracle.grantConsent(TRAINING, CONSENT_TEXT, sender=merchant)
    oracle.revokeConsent(TRAINING, sender=merchant)
    assert refused() is None


def test_case_29_a_held_score_draws_nothing(opened, oracle, guardian, refused):
    oracle.hold(MERCHANT, sender=guardian)
    assert refused() == error("ScoreOnHold", party=MERCHANT)


def test_case_30_a_score_that_jumps_up_draws_nothing_until_it_is_released(lines, opened, refused):
    lines.score(660)
    clock.pass_days(1)
    lines.score(721)
    assert refused() == error("ScoreOnHold", party=MERCHANT)


def test_case_29_an_expired_score_draws_nothing(opened, oracle, refused):
    score = oracle.scoreOf(MERCHANT)
    assert score.validUntil == score.issuedAt + VALIDITY
    clock.travel_to(score.validUntil + 1)
    assert refused() == error("ScoreExpired", party=MERCHANT, validUntil=score.validUntil)


def test_case_29_a_score_of_a_retired_model_draws_nothing(opened, oracle, risk_officer, refused):
    oracle.retireModel(MODEL, sender=risk_officer)
    assert refused() == error("ModelIsRetired", modelId=MODEL)


@pytest.mark.parametrize(("score", "grade"), [(549, 4), (499, 5), (300, 5)])
def test_case_29_a_grade_that_is_not_financed_draws_nothing(lines, opened, refused, score, grade):
    lines.score(score)
    assert refused() == error("GradeRefused", product=PRODUCT, grade=grade, score=score)


def test_case_29_a_score_that_is_older_than_its_grade_allows_draws_nothing_though_it_is_valid(opened, oracle, refused):
    issued_at = oracle.scoreOf(MERCHANT).issuedAt
    clock.travel_to(issued_at + MAX_AGE)
    assert refused() is None
    clock.travel_to(issued_at + MAX_AGE + 1)
    assert refused() == error("ScoreStale", party=MERCHANT, issuedAt=issued_at, maxAge=MAX_AGE)


@pytest.mark.parametrize("flag", BLOCKING)
def test_case_29_a_flagged_merchant_draws_nothing(lines, opened, refused, flag):
    lines.score(flags=flag | 32)
    assert refused() == error("PartyFlagged", party=MERCHANT, flags=flag)


def test_a_flag_that_the_policy_does_not_block_on_draws(lines, opened, refused):
    lines.score(flags=32)
    assert refused() is None


# AMOUNTS


@pytest.mark.parametrize("exponent", [12, 13], ids=["at_limit", "above_limit"])
def test_case_22_a_limit_code_out_of_range_draws_nothing(lines, opened, refused, exponent):
    code = 1 << 8 | exponent
    lines.score(limit_code=code)
    assert refused() == (error("LimitCodeWrong", limitCode=code) if exponent > 12 else None)


def test_a_draw_of_nothing_is_refused(opened, refused):
    assert refused(0) == error("PaymentZero")


def test_a_draw_at_the_limit_is_paid(opened, refused):
    assert refused(LIMIT) is None


def test_a_draw_above_the_limit_is_refused(opened, refused):
    assert refused(LIMIT + 1) == error("LineExceeded", party=MERCHANT, wouldOwe=LIMIT + 1, limit=LIMIT)


def test_what_is_drawn_counts_against_the_limit(lines, refused):
    lines.drawn()
    assert refused(LIMIT - DRAWN) is None
    assert refused(LIMIT - DRAWN + 1) == error("LineExceeded", party=MERCHANT, wouldOwe=LIMIT + 1, limit=LIMIT)


def test_case_17_an_amount_at_the_end_of_its_type_is_refused_and_not_cut(lines, refused):
    lines.drawn()
    most = 2**96 - 1
    assert refused(most) == error("LineExceeded", party=MERCHANT, wouldOwe=most + DRAWN, limit=LIMIT)


def test_all_lines_together_draw_no_more_than_the_portfolio_cap(suite, lines, line, risk_manager, merchant2, refused):
    agreement = conditions()[-1]
    line.open(agreement, sender=merchant2)
    line.draw(30_000_00, 0, MAX_RATE, clock.now() + clock.HOUR, sender=merchant2)
    lines.open()
    cap = 30_000_00 + DRAWN
    after_delay(suite, risk_manager, line.setConditions, conditions(portfolio_cap=cap))
    assert refused(DRAWN) is None
    assert line.limitOf(MERCHANT).portfolioRoom == line.limitOf(MERCHANT).available == DRAWN
    assert refused(DRAWN + 1) == error("PortfolioFull", wouldBe=cap + 1, cap=cap)


def test_a_portfolio_cap_below_what_is_drawn_leaves_no_room(suite, lines, line, risk_manager, refused):
    lines.drawn()
    after_delay(suite, risk_manager, line.setConditions, conditions(portfolio_cap=DRAWN - 1))
    assert line.limitOf(MERCHANT).portfolioRoom == line.limitOf(MERCHANT).available == 0
    assert refused(1) == error("PortfolioFull", wouldBe=DRAWN + 1, cap=DRAWN - 1)


def test_case_16_a_draw_of_which_the_fee_leaves_nothing_is_refused(opened, charge_fee, refused):
    charge_fee(300)
    assert refused(1) == error("DrawTooSmall", amount=1, fee=1)
    assert refused(2) is None


# WHAT THE MERCHANT SIGNED


def test_case_31_a_rate_above_the_signed_one_is_refused(lines, opened, line, merchant):
    lines.score(660)
    deadline = clock.now() + clock.HOUR
    answer = refusal(line.draw, DRAWN, 0, RATE, deadline, sender=merchant)
    assert answer == error("RateAboveSigned", rateBps=600, signedBps=RATE)
    assert refusal(line.draw, DRAWN, 0, 600, deadline, sender=merchant) is None


def test_case_31_a_net_amount_below_the_signed_one_is_refused(opened, charge_fee, line, merchant):
    charge_fee(FEE_BPS)
    deadline = clock.now() + clock.HOUR
    # 0.25 % of 100,000.00.
    answer = refusal(line.draw, DRAWN, 99_750_01, MAX_RATE, deadline, sender=merchant)
    assert answer == error("NetBelowSigned", net=99_750_00, signed=99_750_01)
    assert refusal(line.draw, DRAWN, 99_750_00, MAX_RATE, deadline, sender=merchant) is None


# THE TREASURY


def test_case_29_arrears_on_another_product_stop_draws(suite, opened, treasury, admin, product, line, refused):
    after_delay(suite, admin, treasury.allowProduct, product)
    treasury.bookArrears(MERCHANT, sender=product)
    assert refused() == error("PartyInArrears", party=MERCHANT, arrears=1)
    assert line.limitOf(MERCHANT).headroom == line.limitOf(MERCHANT).available == 0


def test_the_limit_over_all_products_counts_when_it_is_lower(opened, treasury, risk_officer, line, refused):
    treasury.cutLimit(MERCHANT, DRAWN, sender=risk_officer)
    assert line.limitOf(MERCHANT).headroom == line.limitOf(MERCHANT).available == DRAWN
    assert refused(DRAWN) is None
    assert refused(DRAWN + 1) == error("LimitExceeded", party=MERCHANT, wouldOwe=DRAWN + 1, limit=DRAWN)


def test_no_more_is_drawn_than_the_treasury_holds_in_cash(opened, treasury, lender, line, refused):
    treasury.withdraw(LENT - DRAWN, lender, lender, sender=lender)
    assert line.limitOf(MERCHANT).cash == line.limitOf(MERCHANT).available == DRAWN
    assert refused(DRAWN) is None
    assert refused(DRAWN + 1) == error("CashShort", available=DRAWN, needed=DRAWN + 1)


# IN WHICH ORDER


def test_a_draw_is_refused_by_the_first_reason_in_the_stated_order(
    suite, lines, line, treasury, oracle, participants, actors, merchant
):
    """docs/credit.md, section 4, from its end: each new reason goes before all that are there already."""
    officer, guardian, compliance = actors["risk_officer"], actors["guardian"], actors["compliance"]
    signed = {"amount": DRAWN, "min_net": 0, "max_rate": MAX_RATE, "deadline": clock.now() + 1_000 * clock.DAY}

    def refused_with(name, **values):
        assert refusal(line.draw, *signed.values(), sender=merchant) == error(name, **values)

    lines.drawn()
    treasury.withdraw(LENT - DRAWN, actors["lender"], actors["lender"], sender=actors["lender"])
    refused_with("CashShort", available=0, needed=DRAWN)
    treasury.cutLimit(MERCHANT, DRAWN, sender=officer)
    refused_with("LimitExceeded", party=MERCHANT, wouldOwe=2 * DRAWN, limit=DRAWN)
    after_delay(suite, actors["admin"], treasury.allowProduct, actors["product"])
    treasury.bookArrears(MERCHANT, sender=actors["product"])
    refused_with("PartyInArrears", party=MERCHANT, arrears=1)
    treasury.pause(sender=guardian)
    refused_with("EnforcedPause")
    signed["min_net"] = DRAWN + 1
    refused_with("NetBelowSigned", net=DRAWN, signed=DRAWN + 1)
    signed["max_rate"] = RATE - 1
    refused_with("RateAboveSigned", rateBps=RATE, signedBps=RATE - 1)
    after_delay(suite, actors["risk_manager"], line.setConditions, conditions(portfolio_cap=DRAWN))
    refused_with("PortfolioFull", wouldBe=2 * DRAWN, cap=DRAWN)
    lines.score(yuan=1)
    refused_with("LineExceeded", party=MERCHANT, wouldOwe=2 * DRAWN, limit=1_00)
    signed["amount"] = 0
    refused_with("PaymentZero")
    lines.score(limit_code=13)
    refused_with("LimitCodeWrong", limitCode=13)
    lines.score(limit_code=13, flags=2)
    refused_with("PartyFlagged", party=MERCHANT, flags=2)
    issued_at = oracle.scoreOf(MERCHANT).issuedAt
    clock.travel_to(issued_at + MAX_AGE + 1)
    refused_with("ScoreStale", party=MERCHANT, issuedAt=issued_at, maxAge=MAX_AGE)
    lines.score(549, limit_code=13, flags=2)
    valid_until = oracle.scoreOf(MERCHANT).validUntil
    clock.travel(MAX_AGE + 1)
    refused_with("GradeRefused", product=PRODUCT, grade=4, score=549)
    oracle.retireModel(MODEL, sender=officer)
    refused_with("ModelIsRetired", modelId=MODEL)
    clock.travel_to(valid_until + 1)
    refused_with("ScoreExpired", party=MERCHANT, validUntil=valid_until)
    oracle.hold(MERCHANT, sender=guardian)
    refused_with("ScoreOnHold", party=MERCHANT)
    oracle.revokeConsent(SCORING, sender=merchant)
    refused_with("ConsentMissing", party=MERCHANT, purpose=SCORING)
    clock.travel_to_day(lines.now().openedDay + FIRST_OVERDUE_DAY)
    refused_with("LineOverdue", party=MERCHANT, overdue=10_400_00)
    clock.travel_to_day(lines.now().maturityDay, hour=0)
    refused_with("LineMatured", party=MERCHANT, day=clock.today())
    line.freeze(MERCHANT, REASON, sender=officer)
    refused_with("LineIsFrozen", party=MERCHANT)
    line.closeOffer(sender=officer)
    refused_with("LinesNotOffered")
    line.markDelinquent(MERCHANT, sender=merchant)
    refused_with("LineStatusWrong", party=MERCHANT, status=LineStatus.DELINQUENT)
    ends = clock.now() + clock.HOUR
    participants.renew(MERCHANT, Role.LENDER, ends, REASON, sender=compliance)
    refused_with("RoleMissing", party=MERCHANT, role=Role.MERCHANT)
    clock.travel_to(ends)
    refused_with("PartyExpired", party=MERCHANT, validUntil=ends)
    participants.freeze(MERCHANT, REASON, sender=compliance)
    refused_with("PartyIsFrozen", party=MERCHANT)
    participants.rotateWallet(merchant, actors["spare"], sender=compliance)
    refused_with("WalletUnknown", wallet=merchant)
    signed["deadline"] = clock.now() - 1
    refused_with("OfferExpired", deadline=clock.now() - 1)
    line.pause(sender=guardian)
    refused_with("EnforcedPause")


# PAYOUT


def test_a_draw_pays_the_net_amount_out_at_once(lines, opened, line, treasury, cash, merchant):
    before = cash.balanceOf(merchant)
    receipt = lines.draw()
    assert events(receipt) == [
        drawn_event(line, merchant, DRAWN),
        event(treasury, "AccrualChanged", accrued=0, perDay=DRAWN * RATE, throughDay=clock.today()),
        event(
            treasury,
            "Disbursed",
            product=PRODUCT,
            party=MERCHANT,
            to=merchant,
            net=DRAWN,
            principal=DRAWN,
            partyOutstanding=DRAWN,
            cash=LENT - DRAWN,
        ),
        event(cash, "Transfer", **{"from": treasury, "to": merchant, "value": DRAWN}),
    ]
    assert receipt.return_value == DRAWN
    assert cash.balanceOf(merchant) == before + DRAWN
    assert lines.now()[:5] == (DRAWN, DRAWN * RATE, clock.today(), LineStatus.OPEN, False)
    lines.check_books()


def test_a_fee_is_kept_back_and_earned_by_the_lenders(lines, opened, charge_fee, line, treasury, cash, merchant):
    charge_fee(FEE_BPS)
    before, value = cash.balanceOf(merchant), treasury.grossAssets()
    receipt = lines.draw()
    assert events(receipt)[0] == drawn_event(line, merchant, DRAWN, fee=250_00)
    assert cash.balanceOf(merchant) == before + 99_750_00
    # The fee is not owed again.
    assert lines.owed().total == OWED_AT_FIRST
    clock.pass_days(1)
    # The fee, and a day's interest of 13.33 to the unit below.
    assert treasury.grossAssets() == value + 250_00 + 13_33
    lines.check_books()


@pytest.mark.parametrize(
    ("score", "rate", "most"),
    [(720, 480, 200_000_00), (660, 600, 180_000_00), (610, 780, 160_000_00), (560, 1_080, 120_000_00)],
    ids=["A", "B", "C", "D"],
)
def test_a_grade_prices_a_draw_and_says_how_much_of_the_reported_limit_it_takes(lines, opened, score, rate, most):
    lines.score(score)
    limit = lines.line.limitOf(MERCHANT)
    assert (limit.graded, limit.limit, limit.available) == (most, most, most)
    assert (limit.annualRateBps, limit.feeBps, limit.score) == (rate, 0, score)
    paid = drawn_event(lines.line, lines.merchant, most, rate=rate, score=score)
    assert paid in events(lines.draw(most))


def test_every_draw_keeps_the_rate_of_its_day(lines, opened, line, treasury, merchant):
    lines.draw()
    clock.pass_days(1)
    lines.score(660)
    receipt = lines.draw(50_000_00)
    per_day = DRAWN * 480 + 50_000_00 * 600
    assert events(receipt)[1:3] == [
        drawn_event(line, merchant, 50_000_00, rate=600, score=660, drawn=150_000_00, per_day=per_day),
        event(treasury, "AccrualChanged", accrued=DRAWN * 480, perDay=per_day, throughDay=clock.today()),
    ]
    clock.pass_days(30)
    # 100,000.00 x 4.80 % x 31 / 360 + 50,000.00 x 6.00 % x 30 / 360 = 413.333… + 250.00.
    assert lines.owed().interest == 663_34
    lines.check_books()


def test_a_quote_gives_every_figure_of_the_draw(lines, line, merchant):
    lines.drawn()
    opened_on = clock.today()
    clock.pass_days(1)
    lines.score(660)
    quote = line.quote(MERCHANT, 50_000_01)
    drawn = 150_000_01
    model = lines.model()
    model.draw(DRAWN, RATE)
    expected = model.quote(50_000_01, 600, 0)
    assert (expected.average_rate_bps, expected.interest_per_day) == (521, 21_67)
    assert quote == (
        50_000_01,
        0,
        50_000_01,
        600,
        expected.average_rate_bps,
        expected.interest_per_day,
        drawn,
        opened_on + 30,
        opened_on + 40,
        opened_on + 360,
        660,
        1,
        180_000_00,
    )
    deadline = clock.now() + clock.HOUR
    receipt = line.draw(quote.amount, quote.net, quote.annualRateBps, deadline, sender=merchant)
    assert receipt.return_value == quote.net


@pytest.mark.parametrize(("amount", "fee"), [(2, 1), (400, 1), (401, 2), (DRAWN, 250_00), (DRAWN + 1, 250_01)])
def test_case_16_a_fee_is_rounded_up(opened, charge_fee, line, amount, fee):
    charge_fee(FEE_BPS)
    quote = line.quote(MERCHANT, amount)
    assert (quote.fee, quote.net) == (fee, amount - fee)


def test_case_16_draws_of_a_unit_owe_what_one_draw_of_them_all_owes(lines, opened):
    for _ in range(5):
        lines.draw(1)
    clock.pass_days(29)
    assert lines.now().interest == 5 * RATE * 29
    assert lines.owed() == (5, 1, 0, 0, 0, 0, 6)
    lines.check_books()


def test_any_wallet_of_the_merchant_draws_and_is_paid(lines, opened, participants, compliance, cash, line, spare):
    participants.addWallet(MERCHANT, spare, sender=compliance)
    receipt = line.draw(DRAWN, DRAWN, RATE, clock.now() + clock.HOUR, sender=spare)
    assert events(receipt)[0] == drawn_event(line, spare, DRAWN)
    assert cash.balanceOf(spare) == DRAWN
    assert lines.owed().principal == DRAWN


def test_case_08_a_replaced_wallet_draws_no_more_and_its_successor_does(
    lines, opened, participants, compliance, line, cash, merchant, spare
):
    participants.rotateWallet(merchant, spare, sender=compliance)
    deadline = clock.now() + clock.HOUR
    answer = refusal(line.draw, DRAWN, 0, MAX_RATE, deadline, sender=merchant)
    assert answer == error("WalletUnknown", wallet=merchant)
    line.draw(DRAWN, 0, MAX_RATE, deadline, sender=spare)
    assert cash.balanceOf(spare) == lines.owed().principal == DRAWN


def test_a_draw_closes_the_statement_that_was_due_first(lines, line):
    lines.billed()
    closed_on = clock.today()
    lines.score()
    receipt = lines.draw(1_00)
    closed = event(
        line,
        "StatementClosed",
        party=MERCHANT,
        closeDay=closed_on,
        dueInterest=400_00,
        duePrincipal=10_000_00,
        drawn=DRAWN,
        dueDay=closed_on + 10,
    )
    assert events(receipt)[0] == closed
    assert lines.owed()[3:6] == (10_400_00, 0, closed_on + 10)
    lines.check_books()
