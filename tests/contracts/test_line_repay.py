"""repay and repayWithPermit: what a payment goes to, who may pay, and that nothing stops it."""

import pytest

from backend.chain.keys import development_key
from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.lines import A_DAY, BILLED, DRAWN, OWED_AT_FIRST, PRODUCT, RATE, LineStatus
from tests.contracts.market import LENT
from tests.contracts.quorum import VALIDITY
from tests.contracts.situations import REASON
from tests.contracts.suite import ACCOUNTS, SCORING, Party, Role

pytestmark = pytest.mark.usefixtures("lines")

MERCHANT = Party.MERCHANT
U96 = 2**96 - 1
DAYS = 45
# On day 45: 10,400.00 overdue at 9 % for five days; 400.00 and 10,000.00 billed; interest of fifteen days more.
LATE, BILLED_INTEREST, BILLED_PRINCIPAL, OTHER_INTEREST = 13_00, 400_00, 10_000_00, 200_00
TOTAL = LATE + BILLED_INTEREST + OTHER_INTEREST + DRAWN


def paid_event(line, payer, late, interest, principal, drawn, billed=0, overdue=0, per_day=None):
    return event(
        line,
        "LinePaid",
        party=MERCHANT,
        payer=payer,
        late=late,
        interest=interest,
        principal=principal,
        drawn=drawn,
        perDay=drawn * RATE if per_day is None else per_day,
        billed=billed,
        overdue=overdue,
    )


def repaid_event(treasury, principal, income, outstanding, cash):
    figures = {"principal": principal, "income": income, "partyOutstanding": outstanding, "cash": cash}
    return event(treasury, "Repaid", product=PRODUCT, party=MERCHANT, **figures)


def transfer_event(cash, payer, to, amount):
    return event(cash, "Transfer", **{"from": payer, "to": to, "value": amount})


@pytest.fixture
def overdue(lines):
    """Day 45 of a line on which nothing was paid and which nobody marked."""
    lines.drawn()
    clock.pass_days(DAYS)


# REFUSALS


def test_a_payment_of_nothing_is_refused(lines, line, merchant):
    lines.drawn()
    assert refusal(line.repay, MERCHANT, 0, sender=merchant) == error("PaymentZero")


@pytest.mark.parametrize("state", ["none", "open", "closed", "recovered"])
def test_nothing_is_taken_where_nothing_is_owed(lines, line, merchant, state):
    if state == "recovered":
        lines.written_off()
        lines.repay_all()
    elif state != "none":
        getattr(lines, state)()
    assert refusal(line.repay, MERCHANT, 1, sender=merchant) == error("LineNotOwed", party=MERCHANT)


def test_a_payment_without_an_allowance_is_refused(lines, line, lender):
    lines.drawn()
    answer = refusal(line.repay, MERCHANT, 1, sender=lender)
    assert answer == error("ERC20InsufficientAllowance", spender=line, allowance=0, needed=1)


# WHAT A PAYMENT GOES TO


def test_a_payment_before_a_statement_goes_to_interest_first(lines, line, treasury, cash, merchant):
    lines.drawn()
    clock.pass_days(10)
    receipt = lines.repay(1_000_00)
    # Ten days at 13.33… are 133.33…, rounded up; the rest is principal.
    principal = 1_000_00 - 133_34
    left = DRAWN - principal
    per_day = left * RATE
    assert events(receipt) == [
        transfer_event(cash, merchant, treasury, 1_000_00),
        paid_event(line, merchant, 0, 133_34, principal, drawn=left),
        event(treasury, "AccrualChanged", accrued=0, perDay=per_day, throughDay=clock.today()),
        repaid_event(treasury, principal, 133_34, left, LENT - DRAWN + 1_000_00),
    ]
    lines.check_books()


def test_a_statement_is_paid_and_the_line_goes_on(lines, line, treasury, cash, merchant):
    lines.billed()
    closed_on = clock.today()
    clock.pass_days(6)
    receipt = lines.repay(BILLED)
    left, accrued = DRAWN - BILLED_PRINCIPAL, 6 * DRAWN * RATE
    assert events(receipt) == [
        event(
            line,
            "StatementClosed",
            party=MERCHANT,
            closeDay=closed_on,
            dueInterest=BILLED_INTEREST,
            duePrincipal=BILLED_PRINCIPAL,
            drawn=DRAWN,
            dueDay=closed_on + 10,
        ),
        transfer_event(cash, merchant, treasury, BILLED),
        paid_event(line, merchant, 0, BILLED_INTEREST, BILLED_PRINCIPAL, drawn=left),
        event(treasury, "AccrualChanged", accrued=accrued, perDay=left * RATE, throughDay=clock.today()),
        repaid_event(treasury, BILLED_PRINCIPAL, BILLED_INTEREST, left, LENT - DRAWN + BILLED),
    ]
    # Six days' interest of 80.00 waits for the next statement.
    assert lines.owed() == (left, 80_00, 0, 0, 0, 0, left + 80_00)
    lines.check_books()


@pytest.mark.parametrize(
    ("amount", "late", "interest", "principal"),
    [
        (1, 1, 0, 0),
        (LATE - 1, LATE - 1, 0, 0),
        (LATE, LATE, 0, 0),
        (LATE + 1, LATE, 1, 0),
        (413_00, LATE, 400_00, 0),
        (413_01, LATE, 400_00, 1),
        (10_413_00, LATE, 400_00, 10_000_00),
        (10_413_01, LATE, 400_01, 10_000_00),
        (10_613_00, LATE, 600_00, 10_000_00),
        (10_613_01, LATE, 600_00, 10_000_01),
        (TOTAL - 1, LATE, 600_00, DRAWN - 1),
        (TOTAL, LATE, 600_00, DRAWN),
    ],
)
def test_case_19_a_payment_of_any_size_is_taken_in_the_stated_order(lines, amount, late, interest, principal):
    model = lines.model()
    lines.drawn()
    model.draw(DRAWN, RATE)
    clock.pass_days(DAYS)
    model.advance(clock.today())
    assert lines.owed() == (DRAWN, 600_00, LATE, BILLED, BILLED, 0, TOTAL)
    receipt = lines.repay(amount)
    assert model.pay(amount) == (late, interest, principal)
    paid = paid_event(
        lines.line,
        lines.merchant,
        late,
        interest,
        principal,
        drawn=DRAWN - principal,
        billed=model.billed,
        overdue=model.overdue,
        per_day=model.per_day,
    )
    assert paid in events(receipt)
    lines.check(model)
    lines.check_books()
    clock.pass_days(1)
    lines.check(model)


def test_the_oldest_of_what_is_billed_is_paid_first(lines):
    lines.drawn()
    clock.pass_days(60)
    # Statements of 10,400.00, overdue since day 41, and of 400.00 and 9,000.00 more; 20 days' late interest of 52.00.
    assert lines.owed()[2:6] == (52_00, 19_800_00, 10_400_00, clock.today() + 10)
    lines.repay(52_00 + 10_400_00)
    assert lines.owed()[2:6] == (0, 9_400_00, 0, clock.today() + 10)


def test_what_stays_drawn_keeps_the_average_rate_rounded_up(lines):
    lines.open()
    lines.draw(3)
    lines.score(660)
    lines.draw(4)
    assert lines.now().perDay == 3 * 480 + 4 * 600
    lines.repay(1)
    # 3,840 x 6 / 7 = 3,291.43.
    assert lines.now().perDay == 3_292
    lines.repay(6)
    assert lines.now().perDay == 0


def test_case_16_the_last_unit_of_interest_may_be_worth_more_than_what_was_left(lines):
    lines.open()
    lines.draw(1)
    clock.pass_days(1)
    # 480 of 3,600,000 parts of a unit.
    assert (lines.now().interest, lines.owed()) == (480, (1, 1, 0, 0, 0, 0, 2))
    lines.repay(1)
    assert (lines.now().interest, lines.owed()) == (0, (1, 0, 0, 0, 0, 0, 1))
    lines.repay(1)
    assert lines.owed().total == 0
    lines.check_books()


def test_case_11_slicing_a_payment_saves_nothing(lines, overdue):
    for amount in (1, LATE - 1, 100_00, 300_00, 2_500_00, 2_500_00, 2_500_00, 2_500_00):
        lines.repay(amount)
    line, left = lines.now(), DRAWN - BILLED_PRINCIPAL
    # As after 10,413.00 at once.
    assert (line.drawn, line.perDay, line.late, line.overdue) == (left, left * RATE, 0, 0)
    assert line.interest == 15 * DRAWN * RATE
    clock.pass_days(5)
    # 200.00 and five days of 90,000.00 at 12.00.
    assert lines.owed().interest == 260_00


def test_case_11_paying_the_principal_first_is_not_offered(lines, overdue):
    """Late interest stops with what is overdue only; no payment goes round it."""
    lines.repay(BILLED)
    assert lines.owed()[2:5] == (0, LATE, LATE)
    clock.pass_days(400)
    assert lines.owed().late > 0


# ON THE DAY OF THE DRAW


def test_a_draw_repaid_on_its_day_bears_one_days_interest(lines, line, treasury, cash, merchant):
    lines.drawn()
    # 100,000.00 x 4.80 % / 360 = 13.33…, rounded up.
    assert lines.owed() == (DRAWN, 13_34, 0, 0, 0, 0, 100_013_34)
    receipt = lines.repay(U96)
    assert events(receipt) == [
        transfer_event(cash, merchant, treasury, 100_013_34),
        paid_event(line, merchant, 0, 13_34, DRAWN, drawn=0),
        event(treasury, "AccrualChanged", accrued=0, perDay=0, throughDay=clock.today()),
        repaid_event(treasury, DRAWN, 13_34, 0, LENT + 13_34),
    ]
    assert receipt.return_value == 100_013_34
    assert lines.owed() == (0, 0, 0, 0, 0, 0, 0)
    assert lines.status() == LineStatus.OPEN
    lines.check_books()


@pytest.mark.parametrize(("nights", "interest"), [(0, 13_34), (1, 13_34), (2, 26_67)])
def test_a_draw_bears_one_day_at_least_and_otherwise_its_nights(lines, line, merchant, nights, interest):
    lines.drawn()
    clock.pass_days(nights)
    receipt = lines.repay(U96)
    assert paid_event(line, merchant, 0, interest, DRAWN, drawn=0) in events(receipt)


def test_a_merchant_who_repays_before_every_midnight_and_draws_after_it_pays_every_day(lines, treasury):
    lines.open()
    tomorrow = clock.today() + 1
    for day in range(tomorrow, tomorrow + 3):
        clock.travel_to(clock.midnight(day))
        lines.draw()
        clock.travel_to(clock.midnight(day + 1) - clock.HOUR)
        assert lines.repay(U96).return_value == DRAWN + 13_34
    assert treasury.book().cash == LENT + 3 * 13_34
    lines.check_books()


def test_principal_that_goes_back_and_is_drawn_again_on_one_day_bears_it_twice(lines, treasury):
    lines.drawn()
    lines.repay(U96)
    lines.draw()
    assert lines.owed().interest == 13_34
    lines.repay(U96)
    assert treasury.book().cash == LENT + 2 * 13_34
    lines.check_books()


@pytest.mark.parametrize(
    ("amount", "interest", "principal"),
    [
        (1, 0, 1),
        # 74.97 x 13.34 / 100,013.34 = 0.0099…, and a unit more makes a unit of interest.
        (74_97, 0, 74_97),
        (74_98, 1, 74_97),
        # 60,000.00 x 13.34 / 100,013.34 = 8.0028…
        (60_000_00, 8_00, 59_992_00),
        (DRAWN, 13_33, 99_986_67),
        (DRAWN + 13_34, 13_34, DRAWN),
    ],
)
def test_a_payment_too_small_for_all_of_todays_draws_is_shared_between_them_and_their_day(
    lines, line, merchant, amount, interest, principal
):
    model = lines.model()
    lines.drawn()
    model.draw(DRAWN, RATE)
    receipt = lines.repay(amount)
    assert model.pay(amount) == (0, interest, principal)
    assert paid_event(line, merchant, 0, interest, principal, drawn=DRAWN - principal) in events(receipt)
    assert lines.now().drawnToday == DRAWN - principal
    lines.check(model)
    lines.check_books()
    clock.pass_days(1)
    lines.check(model)


def test_case_11_who_repays_a_draw_in_parts_on_its_day_pays_the_same_day(lines, line, merchant):
    lines.drawn()
    lines.repay(60_000_00)
    # 40,008.00 x 4.80 % / 360 = 5.3344, rounded up: with the 8.00 that were paid, 13.34.
    assert lines.owed() == (40_008_00, 5_34, 0, 0, 0, 0, 40_013_34)
    paid = paid_event(line, merchant, 0, 5_34, 40_008_00, drawn=0)
    assert paid in events(lines.repay(U96))


def test_what_stays_of_a_draw_at_night_bears_its_day_once(lines):
    lines.drawn()
    lines.repay(60_000_00)
    clock.pass_days(1)
    assert lines.owed().interest == 5_34


def test_older_principal_bears_no_day_when_it_goes_back(lines, line, merchant):
    lines.drawn()
    clock.pass_days(1)
    lines.repay(13_34)
    assert lines.owed() == (DRAWN, 0, 0, 0, 0, 0, DRAWN)
    paid = paid_event(line, merchant, 0, 0, 60_000_00, drawn=40_000_00)
    assert paid in events(lines.repay(60_000_00))
    assert lines.owed().total == 40_000_00
    lines.check_books()


def test_todays_draw_goes_back_before_older_principal_which_bears_no_day(lines, line, merchant):
    lines.drawn()
    clock.pass_days(10)
    lines.score()
    lines.draw(5_000_00)
    # Ten days of the first draw, 133.33…, and one of today's, 0.66…, each rounded up.
    assert lines.owed().interest == 133_34 + 67
    receipt = lines.repay(133_34 + 67 + 6_000_00)
    assert paid_event(line, merchant, 0, 134_01, 6_000_00, drawn=99_000_00) in events(receipt)
    assert (lines.now().drawnToday, lines.owed().total) == (0, 99_000_00)
    lines.check_books()


def test_todays_draw_bears_its_day_at_the_average_rate(lines, line, merchant):
    lines.drawn()
    clock.pass_days(1)
    lines.score(660)
    lines.draw(50_000_00)
    # 100,000.00 at 4.80 % and 50,000.00 at 6.00 % are at 5.20 %: 7.22… on 50,000.00, rounded up.
    receipt = lines.repay(13_34 + 7_23 + 50_000_00)
    assert paid_event(line, merchant, 0, 20_57, 50_000_00, drawn=DRAWN, per_day=DRAWN * 520) in events(receipt)
    lines.check_books()


def test_what_is_billed_is_paid_before_todays_draw_and_bears_no_day(lines, line, merchant):
    lines.billed()
    lines.score()
    lines.draw(5_000_00)
    receipt = lines.repay(BILLED)
    paid = paid_event(line, merchant, 0, BILLED_INTEREST, BILLED_PRINCIPAL, drawn=95_000_00)
    assert paid in events(receipt)
    # 5,000.00 x 4.80 % / 360 = 0.66…, rounded up.
    assert (lines.now().drawnToday, lines.owed().interest) == (5_000_00, 67)
    receipt = lines.repay(5_000_67)
    assert paid_event(line, merchant, 0, 67, 5_000_00, drawn=90_000_00) in events(receipt)
    lines.check_books()


def test_a_draw_is_todays_until_midnight(lines):
    lines.drawn()
    lines.draw(5_00)
    tomorrow = clock.today() + 1
    clock.travel_to(clock.midnight(tomorrow) - 1)
    assert lines.now().drawnToday == DRAWN + 5_00
    clock.travel_to(clock.midnight(tomorrow))
    assert lines.now().drawnToday == 0
    lines.draw(7_00)
    assert lines.now().drawnToday == 7_00


# WHO PAYS


def test_case_19_a_surplus_stays_with_the_payer(lines, overdue, cash, merchant):
    before = cash.balanceOf(merchant)
    assert lines.repay(U96).return_value == TOTAL
    assert before - cash.balanceOf(merchant) == TOTAL
    assert lines.status() == LineStatus.OPEN
    assert lines.owed().total == 0
    lines.check_books()


def test_case_03_anybody_repays_for_a_merchant_and_gets_nothing_for_it(lines, line, cash, merchant, stranger):
    lines.drawn()
    clock.pass_days(1)
    before = cash.balanceOf(stranger), cash.balanceOf(merchant)
    paid = A_DAY + 60_000_00
    receipt = lines.repay(paid, by=stranger)
    assert events(receipt)[1] == paid_event(line, stranger, 0, A_DAY, 60_000_00, drawn=40_000_00)
    assert (cash.balanceOf(stranger), cash.balanceOf(merchant)) == (before[0] - paid, before[1])
    answer = refusal(line.draw, 1, 0, RATE, clock.now() + clock.HOUR, sender=stranger)
    assert answer == error("WalletUnknown", wallet=stranger)


def test_case_07_a_payment_by_another_moves_no_clock(lines, stranger):
    lines.billed()
    before = lines.now()
    lines.repay(1, by=stranger)
    after = lines.now()
    days = ("nextCloseDay", "dueDay", "noticeDay", "riseDay", "openedDay", "maturityDay")
    assert [getattr(after, day) for day in days] == [getattr(before, day) for day in days]


def test_a_payment_on_one_line_is_none_on_another(lines, line, merchant2):
    lines.drawn()
    line.open(line.conditions().agreementHash, sender=merchant2)
    line.draw(50_00, 0, RATE, clock.now() + clock.HOUR, sender=merchant2)
    line.repay(Party.MERCHANT2, U96, sender=merchant2)
    assert line.owedOf(Party.MERCHANT2).total == 0
    assert lines.owed().total == OWED_AT_FIRST


@pytest.mark.parametrize("to", ["treasury", "line"])
def test_case_12_gifts_repay_nothing(lines, treasury, line, cash, stranger, to):
    lines.drawn()
    before = treasury.totalAssets()
    cash.transfer({"treasury": treasury, "line": line}[to], DRAWN, sender=stranger)
    assert treasury.totalAssets() == before
    assert lines.owed().total == OWED_AT_FIRST
    lines.repay(1)
    assert lines.owed().total == OWED_AT_FIRST - 1


# NOTHING STOPS IT


def test_case_24_everything_paused_still_takes_payments(lines, overdue, line, treasury, oracle, guardian, merchant):
    for contract in (line, treasury):
        contract.pause(sender=guardian)
    oracle.pauseReports(sender=guardian)
    line.accrue([MERCHANT], sender=merchant)
    line.markDelinquent(MERCHANT, sender=merchant)
    lines.repay(LATE + BILLED)
    assert lines.status() == LineStatus.OPEN
    lines.repay_all()
    line.close(sender=merchant)
    lines.check_books()


def test_case_06_everybody_frozen_still_pays(lines, overdue, line, participants, compliance, merchant):
    for party in (MERCHANT, Party.LENDER):
        participants.freeze(party, REASON, sender=compliance)
    lines.repay(1_00)
    lines.repay_all()
    line.close(sender=merchant)
    lines.check_books()


def test_case_06_a_merchant_whose_kyc_has_lapsed_and_who_lost_its_role_still_pays(lines, participants, compliance):
    lines.drawn()
    participants.renew(MERCHANT, Role.LENDER, clock.now() + clock.HOUR, REASON, sender=compliance)
    clock.pass_days(1)
    lines.repay_all()
    assert lines.owed().total == 0


def test_a_merchant_who_withdrew_its_consent_still_pays(lines, oracle, line, merchant):
    lines.billed()
    oracle.revokeConsent(SCORING, sender=merchant)
    # It owes what it owed: nothing falls due by withdrawing.
    assert lines.owed() == (DRAWN, 400_00, 0, BILLED, 0, clock.today() + 10, DRAWN + 400_00)
    lines.repay_all()
    line.close(sender=merchant)
    assert lines.status() == LineStatus.CLOSED


def test_a_frozen_line_is_repaid(lines, line, risk_officer):
    lines.drawn()
    line.freeze(MERCHANT, REASON, sender=risk_officer)
    lines.repay_all()
    assert lines.owed().total == 0
    lines.check_books()


def test_case_09_a_closed_offer_and_a_retired_model_stop_no_payment(lines, line, oracle, risk_officer):
    lines.drawn()
    line.closeOffer(sender=risk_officer)
    oracle.retireModel(1, sender=risk_officer)
    lines.repay_all()
    assert lines.owed().total == 0


def test_case_32_an_oracle_that_is_down_makes_nobody_default_and_stops_no_payment(
    lines, line, treasury, oracle, guardian, stranger
):
    lines.drawn()
    oracle.pauseReports(sender=guardian)
    clock.pass_days(VALIDITY // clock.DAY + 9)
    assert refusal(line.limitOf, MERCHANT).error == "ScoreExpired"
    assert refusal(line.markDelinquent, MERCHANT, sender=stranger) == error("LineNotOverdue", party=MERCHANT)
    assert treasury.accountOf(MERCHANT).arrears == 0
    lines.repay_all()
    assert lines.owed().total == 0


# REPAY WITH PERMIT


@pytest.fixture
def payer(lender, cash):
    """Somebody with cash who never approved anything to the line."""
    cash.mint(lender, OWED_AT_FIRST, sender=lender)
    return lender


@pytest.fixture
def permit(given, line):
    """The payer's."""
    return lambda: given.permit(development_key(ACCOUNTS["lender"]), line, OWED_AT_FIRST, clock.now() + 100)


def test_a_repayment_with_permit_needs_no_allowance(lines, line, payer, permit):
    lines.drawn()
    receipt = line.repayWithPermit(MERCHANT, OWED_AT_FIRST, permit(), sender=payer)
    assert receipt.return_value == OWED_AT_FIRST
    assert lines.owed().total == 0


def test_case_25_a_permit_that_a_front_runner_used_still_repays(lines, line, cash, payer, permit, stranger):
    lines.drawn()
    signed = permit()
    cash.permit(payer, line, *signed, sender=stranger)
    line.repayWithPermit(MERCHANT, OWED_AT_FIRST, signed, sender=payer)
    assert lines.owed().total == 0


def test_case_25_a_bad_permit_falls_back_to_the_allowance(lines, line, payer, merchant):
    lines.drawn()
    bad = (OWED_AT_FIRST, clock.now() + 100, 27, b"\1" * 32, b"\1" * 32)
    answer = refusal(line.repayWithPermit, MERCHANT, OWED_AT_FIRST, bad, sender=payer)
    assert answer == error("ERC20InsufficientAllowance", spender=line, allowance=0, needed=OWED_AT_FIRST)
    line.repayWithPermit(MERCHANT, OWED_AT_FIRST, bad, sender=merchant)
    assert lines.owed().total == 0
