"""markDelinquent, freeze, notice, default, write-off, and the ways back: cure, repayment, recovery."""

import pytest

from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.lines import (
    AGREEMENT,
    BILLED,
    CURE,
    DRAWN,
    FIRST_OVERDUE_DAY,
    PRODUCT,
    RATE,
    LineStatus,
)
from tests.contracts.market import COVER, LENT
from tests.contracts.situations import DOCUMENT, REASON
from tests.contracts.suite import Party, after_delay, refusal_after_delay

pytestmark = pytest.mark.usefixtures("lines")

MERCHANT = Party.MERCHANT
IMPAIRED = 25_000_00  # a quarter of the principal
PER_DAY = DRAWN * RATE
LATE_DAY = 2_60  # of 10,400.00 at 9 %
# On day 52: 52 days' interest of 13.33… rounded up, late interest of twelve days.
DEFAULT_INTEREST, DEFAULT_LATE = 693_34, 31_20
DEFAULT_TOTAL = DRAWN + DEFAULT_INTEREST + DEFAULT_LATE


def impairment_event(treasury, before, after, total):
    figures = {"from": before, "to": after, "impaired": total}
    return event(treasury, "ImpairmentChanged", product=PRODUCT, party=MERCHANT, **figures)


def accrual_event(treasury, accrued, per_day):
    return event(treasury, "AccrualChanged", accrued=accrued, perDay=per_day, throughDay=clock.today())


def transfer_event(cash, payer, to, amount):
    return event(cash, "Transfer", **{"from": payer, "to": to, "value": amount})


def closed_event(line, status):
    return event(line, "LineClosed", party=MERCHANT, status=status)


def recovered_event(treasury, to_lenders, to_cover):
    book = treasury.book()
    figures = {"toLenders": to_lenders, "toCover": to_cover, "cash": book.cash, "cover": book.cover}
    return event(treasury, "Recovered", product=PRODUCT, party=MERCHANT, **figures)


def repaid_event(treasury, principal, income):
    book, account = treasury.book(), treasury.accountOf(MERCHANT)
    figures = {"principal": principal, "income": income, "partyOutstanding": account.outstanding, "cash": book.cash}
    return event(treasury, "Repaid", product=PRODUCT, party=MERCHANT, **figures)


@pytest.fixture
def arrears(treasury):
    return lambda: treasury.accountOf(MERCHANT).arrears


# DELINQUENT


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("closed", LineStatus.CLOSED),
        ("delinquent", LineStatus.DELINQUENT),
        ("defaulted", LineStatus.DEFAULTED),
        ("written_off", LineStatus.WRITTEN_OFF),
    ],
)
def test_only_an_open_line_is_marked(lines, line, stranger, state, status):
    getattr(lines, state)()
    answer = refusal(line.markDelinquent, MERCHANT, sender=stranger)
    assert answer == error("LineStatusWrong", party=MERCHANT, status=status)


def test_a_party_without_a_line_is_not_marked(line, stranger):
    answer = refusal(line.markDelinquent, MERCHANT, sender=stranger)
    assert answer == error("LineStatusWrong", party=MERCHANT, status=LineStatus.NONE)


def test_case_21_a_line_may_be_marked_at_midnight_after_the_due_day(lines, line, stranger):
    lines.drawn()
    first = clock.today() + FIRST_OVERDUE_DAY
    clock.travel_to(clock.midnight(first) - 1)
    assert refusal(line.markDelinquent, MERCHANT, sender=stranger) == error("LineNotOverdue", party=MERCHANT)
    clock.travel_to(clock.midnight(first))
    assert refusal(line.markDelinquent, MERCHANT, sender=stranger) is None


def test_a_statement_paid_to_the_last_unit_is_not_overdue(lines, line, stranger):
    lines.billed()
    lines.repay(BILLED - 1)
    clock.pass_days(11)
    assert refusal(line.markDelinquent, MERCHANT, sender=stranger) is None
    # The unit, and late interest on it for a day.
    lines.repay(2)
    assert refusal(line.markDelinquent, MERCHANT, sender=stranger) == error("LineNotOverdue", party=MERCHANT)


def test_anybody_marks_an_overdue_line_and_the_merchant_gets_nothing_new(lines, line, treasury, arrears, stranger):
    lines.overdue()
    closed_on = clock.today() - 11
    value = treasury.totalAssets()
    receipt = line.markDelinquent(MERCHANT, sender=stranger)
    assert events(receipt) == [
        event(
            line,
            "StatementClosed",
            party=MERCHANT,
            closeDay=closed_on,
            dueInterest=400_00,
            duePrincipal=10_000_00,
            drawn=DRAWN,
            dueDay=closed_on + 10,
        ),
        event(line, "LineDelinquent", party=MERCHANT, overdue=BILLED, drawn=DRAWN, impaired=IMPAIRED),
        accrual_event(treasury, 0, 0),
        event(treasury, "ArrearsBegun", party=MERCHANT, arrears=1),
        impairment_event(treasury, 0, IMPAIRED, IMPAIRED),
    ]
    assert (lines.status(), arrears()) == (LineStatus.DELINQUENT, 1)
    # 41 days' interest of 13.33… no longer counts, rounded down.
    assert treasury.totalAssets() == value - 546_66 - IMPAIRED
    assert treasury.headroom(MERCHANT, 2**96 - 1) == 0
    lines.check_books()


def test_what_is_impaired_is_rounded_up(lines, line):
    lines.overdue(101)
    line.markDelinquent(MERCHANT, sender=lines.merchant)
    assert lines.now().impaired == 26


def test_interest_of_a_delinquent_line_is_owed_but_counts_for_the_lenders_only_when_it_comes(lines, treasury):
    lines.delinquent()
    value = treasury.totalAssets()
    clock.pass_days(5)
    assert treasury.totalAssets() == value
    # 46 days' interest, six of late interest.
    assert lines.owed()[1:3] == (613_34, 6 * LATE_DAY)
    lines.repay(100_00)
    assert treasury.totalAssets() == value + 100_00
    lines.check_books()


# CURE


def test_paying_what_is_overdue_cures_a_line(lines, line, treasury, cash, arrears, merchant):
    lines.delinquent()
    receipt = lines.repay(LATE_DAY + BILLED)
    left, accrued = DRAWN - 10_000_00, 11 * PER_DAY
    assert events(receipt) == [
        transfer_event(cash, merchant, treasury, LATE_DAY + BILLED),
        event(
            line,
            "LinePaid",
            party=MERCHANT,
            payer=merchant,
            late=LATE_DAY,
            interest=400_00,
            principal=10_000_00,
            drawn=left,
            perDay=left * RATE,
            billed=0,
            overdue=0,
        ),
        event(line, "LineCured", party=MERCHANT),
        accrual_event(treasury, accrued, left * RATE),
        repaid_event(treasury, 10_000_00, LATE_DAY + 400_00),
        event(treasury, "ArrearsEnded", party=MERCHANT, arrears=0),
    ]
    assert (lines.status(), arrears(), treasury.book().impaired) == (LineStatus.OPEN, 0, 0)
    lines.check_books()


def test_a_unit_short_of_what_is_overdue_cures_nothing(lines, treasury, arrears):
    lines.delinquent()
    lines.repay(LATE_DAY + BILLED - 1)
    assert (lines.status(), lines.owed().overdue, arrears()) == (LineStatus.DELINQUENT, 1, 1)
    assert treasury.book().impaired == IMPAIRED
    lines.repay(1)
    assert (lines.status(), arrears(), treasury.book().impaired) == (LineStatus.OPEN, 0, 0)
    lines.check_books()


def test_late_interest_is_paid_before_the_cure(lines):
    lines.delinquent()
    lines.repay(BILLED)
    assert (lines.status(), lines.owed().overdue) == (LineStatus.DELINQUENT, LATE_DAY)


def test_no_more_is_impaired_than_is_owed(lines, treasury):
    lines.delinquent()
    clock.pass_days(19)  # the second statement closed: 9,400.00 more, not overdue yet
    owed = lines.owed()
    lines.repay(owed.late + owed.overdue - 1)
    assert (lines.status(), lines.now().impaired) == (LineStatus.DELINQUENT, IMPAIRED)
    lines.repay_all()
    assert (lines.status(), treasury.book().impaired, lines.owed().total) == (LineStatus.OPEN, 0, 0)
    lines.check_books()


def test_case_20_a_cured_line_is_as_if_it_had_never_been_in_arrears(lines, line):
    lines.noticed()
    limit = lines.now().limit
    lines.repay(LATE_DAY + BILLED)
    now = lines.now()
    assert (now.status, now.noticeDay, now.impaired, now.late) == (LineStatus.OPEN, 0, 0, 0)
    assert now.nextCloseDay == clock.today() + 19
    lines.score()
    lines.draw(10_000_00)
    assert line.limitOf(MERCHANT).headroom > 0
    clock.pass_days(19)
    # 41 days of 100,000.00 less the 400.00 paid, and nineteen more of as much.
    assert lines.owed().billed == 400_00 + 10_000_00
    assert lines.now().limit == limit
    lines.check_books()


def test_a_cured_line_falls_into_arrears_again_with_a_notice_of_its_own(lines, line, risk_officer, stranger):
    lines.noticed()
    lines.repay(LATE_DAY + BILLED)
    clock.pass_days(19 + 11)
    line.markDelinquent(MERCHANT, sender=stranger)
    assert refusal(line.declareDefault, MERCHANT, sender=risk_officer) == error("LineNoticeMissing", party=MERCHANT)
    assert refusal(line.giveNotice, MERCHANT, DOCUMENT, sender=risk_officer) is None


def test_a_line_cured_by_another_is_cured(lines, stranger):
    lines.delinquent()
    lines.repay(LATE_DAY + BILLED, by=stranger)
    assert lines.status() == LineStatus.OPEN


def test_case_01_no_call_but_a_payment_cures(lines, line, arrears, stranger):
    lines.delinquent()
    lines.score()
    line.accrue([MERCHANT], sender=stranger)
    for method in (line.syncLimit, line.markDelinquent):
        assert refusal(method, MERCHANT, sender=stranger).error == "LineStatusWrong"
    assert (lines.status(), arrears()) == (LineStatus.DELINQUENT, 1)


# FREEZE


def test_case_09_only_the_risk_officer_freezes_and_only_the_risk_manager_unfreezes(
    lines, line, risk_officer, risk_manager, merchant
):
    lines.open()
    for caller in (risk_manager, merchant):
        answer = refusal(line.freeze, MERCHANT, REASON, sender=caller)
        assert answer == error("AccessManagedUnauthorized", caller=caller)
    line.freeze(MERCHANT, REASON, sender=risk_officer)
    for caller in (risk_officer, merchant):
        answer = refusal(line.unfreeze, MERCHANT, sender=caller)
        assert answer == error("AccessManagedUnauthorized", caller=caller)


@pytest.mark.parametrize(("state", "status"), [("none", LineStatus.NONE), ("closed", LineStatus.CLOSED)])
def test_what_is_not_there_is_not_frozen(lines, line, risk_officer, state, status):
    if state != "none":
        getattr(lines, state)()
    answer = refusal(line.freeze, MERCHANT, REASON, sender=risk_officer)
    assert answer == error("LineStatusWrong", party=MERCHANT, status=status)


def test_a_recovered_line_is_not_frozen(lines, line, risk_officer):
    lines.written_off()
    lines.repay_all()
    answer = refusal(line.freeze, MERCHANT, REASON, sender=risk_officer)
    assert answer == error("LineStatusWrong", party=MERCHANT, status=LineStatus.RECOVERED)


def test_a_line_is_frozen_once_and_at_once(lines, line, risk_officer):
    lines.drawn()
    before = lines.now()
    receipt = line.freeze(MERCHANT, REASON, sender=risk_officer)
    assert events(receipt) == [event(line, "LineFrozen", party=MERCHANT, reasonHash=REASON)]
    assert lines.now() == (*before[:4], True, *before[5:])
    answer = refusal(line.freeze, MERCHANT, REASON, sender=risk_officer)
    assert answer == error("LineIsFrozen", party=MERCHANT)


def test_a_line_is_unfrozen_after_the_delay(suite, lines, line, risk_officer, risk_manager):
    lines.open()
    line.freeze(MERCHANT, REASON, sender=risk_officer)
    receipt = after_delay(suite, risk_manager, line.unfreeze, MERCHANT)
    assert events(receipt)[1:] == [event(line, "LineUnfrozen", party=MERCHANT)]
    lines.draw()


def test_a_line_that_is_not_frozen_is_not_unfrozen(suite, lines, line, risk_manager):
    lines.open()
    answer = refusal_after_delay(suite, risk_manager, line.unfreeze, MERCHANT)
    assert answer == error("LineNotFrozen", party=MERCHANT)


def test_a_frozen_line_falls_into_arrears_as_any_other_and_is_cured_as_one(lines, line, risk_officer, stranger):
    lines.drawn()
    line.freeze(MERCHANT, REASON, sender=risk_officer)
    clock.pass_days(FIRST_OVERDUE_DAY)
    line.markDelinquent(MERCHANT, sender=stranger)
    lines.repay(LATE_DAY + BILLED)
    assert (lines.status(), lines.now().frozen) == (LineStatus.OPEN, True)


# NOTICE


def test_only_the_risk_officer_gives_notice(lines, line, risk_manager, merchant):
    lines.delinquent()
    for caller in (risk_manager, merchant):
        answer = refusal(line.giveNotice, MERCHANT, DOCUMENT, sender=caller)
        assert answer == error("AccessManagedUnauthorized", caller=caller)


def test_notice_is_given_to_a_delinquent_party_only(lines, line, risk_officer):
    lines.overdue()
    answer = refusal(line.giveNotice, MERCHANT, DOCUMENT, sender=risk_officer)
    assert answer == error("LineStatusWrong", party=MERCHANT, status=LineStatus.OPEN)


def test_notice_is_given_once(lines, line, risk_officer):
    lines.noticed()
    given_on = clock.today()
    clock.pass_days(1)
    answer = refusal(line.giveNotice, MERCHANT, DOCUMENT, sender=risk_officer)
    assert answer == error("NoticeGivenBefore", noticeDay=given_on)


def test_a_notice_says_until_when_the_default_can_be_cured(lines, line, risk_officer):
    lines.delinquent()
    today = clock.today()
    receipt = line.giveNotice(MERCHANT, DOCUMENT, sender=risk_officer)
    days = {"noticeDay": today, "cureThroughDay": today + CURE}
    assert events(receipt) == [event(line, "LineNoticeGiven", party=MERCHANT, **days, documentHash=DOCUMENT)]
    assert (lines.now().noticeDay, lines.status()) == (today, LineStatus.DELINQUENT)


# DEFAULT


def test_only_the_risk_officer_declares_a_default(lines, line, risk_manager, stranger):
    lines.noticed()
    clock.pass_days(CURE + 1)
    for caller in (risk_manager, stranger):
        answer = refusal(line.declareDefault, MERCHANT, sender=caller)
        assert answer == error("AccessManagedUnauthorized", caller=caller)


def test_a_default_needs_a_delinquent_line_and_a_notice(lines, line, risk_officer, stranger):
    lines.overdue()
    answer = refusal(line.declareDefault, MERCHANT, sender=risk_officer)
    assert answer == error("LineStatusWrong", party=MERCHANT, status=LineStatus.OPEN)
    line.markDelinquent(MERCHANT, sender=stranger)
    clock.pass_days(100)
    assert refusal(line.declareDefault, MERCHANT, sender=risk_officer) == error("LineNoticeMissing", party=MERCHANT)


def test_case_21_a_default_is_declared_at_midnight_after_the_last_day_of_cure(lines, line, risk_officer):
    lines.noticed()
    through = clock.today() + CURE
    clock.travel_to(clock.midnight(through + 1) - 1)
    assert refusal(line.declareDefault, MERCHANT, sender=risk_officer) == error("CureRuns", day=through)
    clock.travel_to(clock.midnight(through + 1))
    assert refusal(line.declareDefault, MERCHANT, sender=risk_officer) is None


def test_in_default_all_is_due_and_impaired(lines, line, treasury, arrears, risk_officer):
    lines.noticed()
    clock.pass_days(CURE + 1)
    receipt = line.declareDefault(MERCHANT, sender=risk_officer)
    overdue = DRAWN + DEFAULT_INTEREST
    assert events(receipt) == [
        event(line, "LineDefaulted", party=MERCHANT, overdue=overdue, drawn=DRAWN),
        impairment_event(treasury, IMPAIRED, DRAWN, DRAWN),
    ]
    assert lines.owed() == (DRAWN, DEFAULT_INTEREST, DEFAULT_LATE, overdue, overdue, 0, DEFAULT_TOTAL)
    assert (lines.status(), arrears()) == (LineStatus.DEFAULTED, 1)
    assert treasury.totalAssets() == LENT - DRAWN
    lines.check_books()


def test_late_interest_runs_on_all_that_is_due_and_on_no_late_interest(lines):
    lines.defaulted()
    clock.pass_days(10)
    # 100,693.34 at 9 % for ten days, after the 31.20; 62 days' interest.
    assert lines.owed()[1:3] == (826_67, 31_20 + 251_74)


def test_a_payment_after_default_ends_as_much_impairment_as_principal_is_left(lines, treasury):
    lines.defaulted()
    lines.repay(DEFAULT_LATE + DEFAULT_INTEREST + 40_000_00)
    assert (lines.status(), lines.now().impaired) == (LineStatus.DEFAULTED, 60_000_00)
    assert treasury.totalAssets() == LENT - DRAWN + DEFAULT_LATE + DEFAULT_INTEREST + 40_000_00
    lines.check_books()


def test_a_defaulted_line_is_closed_when_nothing_is_owed(lines, line, treasury, cash, arrears, merchant):
    lines.defaulted()
    receipt = lines.repay_all()
    assert events(receipt) == [
        transfer_event(cash, merchant, treasury, DEFAULT_TOTAL),
        event(
            line,
            "LinePaid",
            party=MERCHANT,
            payer=merchant,
            late=DEFAULT_LATE,
            interest=DEFAULT_INTEREST,
            principal=DRAWN,
            drawn=0,
            perDay=0,
            billed=0,
            overdue=0,
        ),
        closed_event(line, LineStatus.CLOSED),
        repaid_event(treasury, DRAWN, DEFAULT_LATE + DEFAULT_INTEREST),
        event(treasury, "ArrearsEnded", party=MERCHANT, arrears=0),
    ]
    assert (arrears(), treasury.book().impaired) == (0, 0)
    assert treasury.totalAssets() == LENT + DEFAULT_LATE + DEFAULT_INTEREST
    lines.check_books()


def test_case_19_paying_what_was_overdue_before_cures_no_default(lines, arrears):
    lines.defaulted()
    lines.repay(BILLED)
    assert (lines.status(), arrears()) == (LineStatus.DEFAULTED, 1)


# WRITE-OFF


def test_only_the_risk_officer_writes_off(lines, line, risk_manager, stranger):
    lines.defaulted()
    for caller in (risk_manager, stranger):
        answer = refusal(line.writeOff, MERCHANT, sender=caller)
        assert answer == error("AccessManagedUnauthorized", caller=caller)


@pytest.mark.parametrize(
    ("state", "status"),
    [("open", LineStatus.OPEN), ("noticed", LineStatus.DELINQUENT), ("written_off", LineStatus.WRITTEN_OFF)],
)
def test_only_a_defaulted_line_is_written_off(lines, line, risk_officer, state, status):
    getattr(lines, state)()
    answer = refusal(line.writeOff, MERCHANT, sender=risk_officer)
    assert answer == error("LineStatusWrong", party=MERCHANT, status=status)


def test_the_cover_bears_a_loss_it_reaches_for(lines, line, treasury, arrears, risk_officer):
    lines.defaulted()
    receipt = line.writeOff(MERCHANT, sender=risk_officer)
    loss = {"principal": DRAWN, "fromCover": DRAWN, "cover": COVER - DRAWN}
    assert events(receipt) == [
        event(treasury, "WrittenOff", product=PRODUCT, party=MERCHANT, **loss),
        event(line, "LineWrittenOff", party=MERCHANT, loss=DRAWN, fromCover=DRAWN),
    ]
    assert treasury.totalAssets() == treasury.grossAssets() == LENT
    assert (treasury.accountOf(MERCHANT).outstanding, arrears()) == (0, 1)
    assert lines.owed().total == DEFAULT_TOTAL
    lines.check_books()


@pytest.fixture
def cover_of(suite, treasury, risk_manager, cover_provider):
    """Leave so much cover."""
    return lambda amount: after_delay(suite, risk_manager, treasury.withdrawCover, cover_provider, COVER - amount)


def test_lenders_bear_what_is_above_the_cover(lines, treasury, cover_of):
    cover_of(30_000_00)
    lines.written_off()
    assert lines.now().fromCover == 30_000_00
    assert treasury.totalAssets() == LENT - 70_000_00
    assert treasury.book().cover == 0
    lines.check_books()


# RECOVERY


def test_a_recovery_makes_the_lenders_whole_first_and_then_the_cover(lines, treasury, arrears, cover_of):
    cover_of(30_000_00)
    lines.written_off()
    receipt = lines.repay(DEFAULT_LATE + DEFAULT_INTEREST + 70_000_00)
    assert events(receipt)[-1] == recovered_event(treasury, DEFAULT_LATE + DEFAULT_INTEREST + 70_000_00, 0)
    assert treasury.totalAssets() == LENT + DEFAULT_LATE + DEFAULT_INTEREST
    receipt = lines.repay(1)
    assert events(receipt)[-1] == recovered_event(treasury, 0, 1)
    assert (treasury.book().cover, arrears()) == (1, 1)
    lines.check_books()


def test_a_recovery_that_passes_the_border_is_shared(lines, treasury, cover_of):
    cover_of(30_000_00)
    lines.written_off()
    receipt = lines.repay(DEFAULT_LATE + DEFAULT_INTEREST + 75_000_00)
    to_lenders = DEFAULT_LATE + DEFAULT_INTEREST + 70_000_00
    assert events(receipt)[-1] == recovered_event(treasury, to_lenders, 5_000_00)
    assert lines.now().fromCover == 25_000_00
    lines.check_books()


def test_a_loss_paid_in_full_is_recovered_for_good(lines, line, treasury, cash, merchant):
    lines.written_off()
    receipt = lines.repay_all()
    interest = DEFAULT_LATE + DEFAULT_INTEREST
    assert events(receipt) == [
        transfer_event(cash, merchant, treasury, DEFAULT_TOTAL),
        event(
            line,
            "LinePaid",
            party=MERCHANT,
            payer=merchant,
            late=DEFAULT_LATE,
            interest=DEFAULT_INTEREST,
            principal=DRAWN,
            drawn=0,
            perDay=0,
            billed=0,
            overdue=0,
        ),
        closed_event(line, LineStatus.RECOVERED),
        recovered_event(treasury, interest, DRAWN),
        event(treasury, "ArrearsEnded", party=MERCHANT, arrears=0),
    ]
    assert (treasury.book().cover, treasury.totalAssets()) == (COVER, LENT + interest)
    assert lines.owed().total == 0
    lines.check_books()


def test_interest_runs_on_after_a_loss_and_goes_to_the_lenders(lines, treasury):
    lines.written_off()
    clock.pass_days(60)
    owed = lines.owed()
    # 112 days' interest of 13.33…
    assert owed.interest == 1_493_34
    lines.repay_all()
    assert treasury.totalAssets() == LENT + owed.late + owed.interest
    assert treasury.book().cover == COVER
    lines.check_books()


def test_a_merchant_with_a_loss_is_paid_nothing_new_until_it_is_recovered(lines, treasury, arrears):
    lines.written_off()
    lines.repay(DEFAULT_TOTAL - 1)
    assert arrears() == 1
    assert treasury.headroom(MERCHANT, 2**96 - 1) == 0
    lines.repay(1)
    assert arrears() == 0


def test_case_18_two_lines_in_arrears_are_booked_apart(lines, line, treasury, merchant2, stranger):
    line.open(AGREEMENT, sender=merchant2)
    line.draw(36_000_00, 0, RATE, clock.now() + clock.HOUR, sender=merchant2)
    lines.overdue()
    for party in (MERCHANT, Party.MERCHANT2):
        line.markDelinquent(party, sender=stranger)
    assert treasury.book().impaired == IMPAIRED + 9_000_00
    assert treasury.accrual()[:2] == (0, 0)
    lines.repay_all()
    assert treasury.book().impaired == 9_000_00
    assert (treasury.accountOf(MERCHANT).arrears, treasury.accountOf(Party.MERCHANT2).arrears) == (0, 1)
    assert treasury.outstandingOf(PRODUCT) == line.lineOf(Party.MERCHANT2).drawn == 36_000_00
