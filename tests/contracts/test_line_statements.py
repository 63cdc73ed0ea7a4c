"""Time: daily interest, statements, due days, maturity; what is owed depends on no call."""

from datetime import date

import pytest

from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.lines import (
    BILLED,
    CYCLE,
    DRAWN,
    DUE,
    FIRST_OVERDUE_DAY,
    LINE_TERMS,
    PRODUCT,
    RATE,
    TERM,
    LineStatus,
    conditions,
)
from tests.contracts.suite import KYC_HASH, Party, Role, after_delay, fund

pytestmark = pytest.mark.usefixtures("lines")

MERCHANT = Party.MERCHANT
BLOCK_GAS = 16_777_216  # most that a transaction may use on Ethereum


def closed_event(line, statement, drawn=DRAWN):
    day, interest, principal, due_day = statement
    figures = {"closeDay": day, "dueInterest": interest, "duePrincipal": principal, "drawn": drawn, "dueDay": due_day}
    return event(line, "StatementClosed", party=MERCHANT, **figures)


@pytest.fixture
def accrue(line, stranger):
    return lambda *parties: line.accrue(list(parties or (MERCHANT,)), sender=stranger)


@pytest.fixture
def drawn(lines):
    """Today; returns the line's model."""
    model = lines.model()
    lines.drawn()
    model.draw(DRAWN, RATE)
    return model


# INTEREST


def test_interest_accrues_by_the_day_from_midnight_on(lines, drawn):
    first = clock.today()
    for nights in (1, 2, 3):
        clock.travel_to(clock.midnight(first + nights) - 1)
        assert lines.now().interest == (nights - 1) * DRAWN * RATE
        clock.travel_to(clock.midnight(first + nights))
        assert lines.now().interest == nights * DRAWN * RATE


def test_the_first_day_is_owed_from_the_draw_on_and_each_later_one_from_its_midnight_on(lines, drawn):
    second = clock.today() + 1
    # 100,000.00 x 4.80 % / 360 = 13.33…, rounded up.
    assert lines.owed().interest == 13_34
    clock.travel_to(clock.midnight(second))
    assert lines.owed().interest == 13_34
    clock.travel_to(clock.midnight(second + 1) - 1)
    assert lines.owed().interest == 13_34
    clock.travel_to(clock.midnight(second + 1))
    assert lines.owed().interest == 26_67
    clock.pass_days(1)
    assert lines.owed().interest == 40_00


def test_case_11_calling_every_so_often_changes_nothing(lines, drawn, accrue):
    for days in (1, 2, 14, 13, 10, 1, 19, 1, 29, 10):
        clock.pass_days(days)
        accrue()
        lines.check(drawn)
    lines.check_books()


def test_reading_counts_time_as_booking_does(lines, drawn, accrue):
    clock.pass_days(100)
    before = lines.now(), lines.owed()
    lines.check(drawn)
    accrue()
    assert (lines.now(), lines.owed()) == before


def test_case_16_thousands_of_days_drift_by_nothing(lines, drawn):
    clock.pass_days(2_000)
    lines.check(drawn)


# STATEMENTS


def test_the_first_statement_bills_all_interest_and_an_instalment(lines, line, drawn, accrue):
    clock.pass_days(CYCLE)
    today = clock.today()
    # 400.00 of interest for thirty days, a tenth of the principal; payable through the tenth day.
    assert events(accrue()) == [closed_event(line, (today, 400_00, 10_000_00, today + 10))]
    assert lines.owed() == (DRAWN, 400_00, 0, BILLED, 0, today + DUE, DRAWN + 400_00)
    lines.check(drawn)


def test_case_21_a_statement_closes_at_midnight_in_beijing(lines, drawn):
    day = clock.today() + CYCLE
    clock.travel_to(clock.midnight(day) - 1)
    assert lines.owed().billed == 0
    clock.travel_to(clock.midnight(day))
    assert lines.owed().billed == BILLED


def test_case_21_a_statement_is_overdue_at_midnight_after_its_due_day(lines, drawn):
    day = clock.today() + FIRST_OVERDUE_DAY
    clock.travel_to(clock.midnight(day) - 1)
    assert lines.owed()[2:6] == (0, BILLED, 0, day - 1)
    clock.travel_to(clock.midnight(day))
    # A day's late interest of 10,400.00 at 9 %.
    assert lines.owed()[2:6] == (2_60, BILLED, BILLED, 0)


def test_a_statement_closes_once(drawn, accrue):
    clock.pass_days(CYCLE)
    assert len(events(accrue())) == 1
    assert events(accrue()) == []
    clock.pass_days(1)
    assert events(accrue()) == []


def test_a_statement_of_nothing_is_none(lines, accrue):
    lines.open()
    first = clock.today()
    clock.pass_days(2 * CYCLE)
    assert events(accrue()) == []
    assert lines.now().nextCloseDay == first + 3 * CYCLE


def test_an_unpaid_statement_goes_into_the_next_one(lines, line, drawn, accrue):
    clock.pass_days(2 * CYCLE)
    today = clock.today()
    # Interest of sixty days; a tenth of the 90,000.00 not billed before.
    assert events(accrue())[-1] == closed_event(line, (today, 800_00, 19_000_00, today + 10))
    assert lines.owed()[3:6] == (19_800_00, BILLED, today + 10)
    lines.check(drawn)


def test_principal_drawn_after_a_statement_waits_for_the_next(lines, line, accrue):
    lines.billed()
    lines.score()
    lines.draw(50_000_00)
    assert lines.owed().billed == BILLED
    lines.repay(BILLED)
    clock.pass_days(CYCLE)
    today = clock.today()
    # Thirty days of 140,000.00 at 18.66…; a tenth of it.
    assert events(accrue()) == [closed_event(line, (today, 560_00, 14_000_00, today + 10), drawn=140_000_00)]


def test_case_16_an_instalment_is_rounded_up(lines):
    lines.open()
    lines.draw(11)
    clock.pass_days(CYCLE)
    assert (lines.now().dueInterest, lines.now().duePrincipal) == (1, 2)


def test_a_line_repaid_before_its_statement_is_billed_nothing(lines, drawn, accrue):
    clock.pass_days(CYCLE - 1)
    lines.repay_all()
    clock.pass_days(1)
    assert events(accrue()) == []
    assert lines.owed().total == 0


@pytest.mark.parametrize(
    ("opened", "closes"),
    [
        ("2028-01-30", "2028-02-29"),
        ("2028-02-20", "2028-03-21"),
        ("2027-02-20", "2027-03-22"),
        ("2027-12-05", "2028-01-04"),
    ],
    ids=["to_a_leap_day", "over_a_leap_day", "over_a_short_february", "over_a_years_end"],
)
def test_case_21_a_cycle_has_thirty_days_whatever_the_calendar(lines, participants, compliance, opened, closes):
    clock.travel_to_day(day_number(opened), hour=9)
    participants.renew(MERCHANT, Role.MERCHANT, clock.now() + clock.DAY, KYC_HASH, sender=compliance)
    lines.score()
    lines.drawn()
    assert lines.now().nextCloseDay == day_number(closes)
    clock.travel_to(clock.midnight(day_number(closes)) - 1)
    assert lines.owed().billed == 0
    clock.travel_to(clock.midnight(day_number(closes)))
    assert lines.owed().billed == BILLED


def day_number(iso_date):
    return (date.fromisoformat(iso_date) - date(1970, 1, 1)).days


# MANY AT ONCE


def test_every_statement_that_was_skipped_is_told(lines, line, drawn, accrue):
    clock.pass_days(3 * CYCLE + 5)
    receipt = accrue()
    drawn.advance(clock.today())
    assert [statement.interest for statement in drawn.statements] == [400_00, 800_00, 1_200_00]
    assert [statement.principal for statement in drawn.statements] == [10_000_00, 19_000_00, 27_100_00]
    assert events(receipt) == [closed_event(line, statement) for statement in drawn.statements]
    lines.check(drawn)


def test_a_year_without_a_call_is_counted_in_one(lines, line, drawn, accrue):
    clock.pass_days(365)
    receipt = accrue()
    drawn.advance(clock.today())
    assert len(drawn.statements) == 12
    # At maturity on day 360: 4.80 % of 100,000.00, and all of it.
    assert drawn.statements[-1][1:3] == (4_800_00, DRAWN)
    assert events(receipt) == [closed_event(line, statement) for statement in drawn.statements]
    lines.check(drawn)
    lines.check_books()


def test_case_23_ten_years_without_a_call_fit_into_one(lines, drawn, accrue):
    clock.pass_days(3_650)
    receipt = accrue()
    assert len(events(receipt)) == 121
    assert receipt.gas_used < BLOCK_GAS // 4
    lines.check(drawn)


def test_case_01_anybody_accrues_for_anybody_and_nothing_gets_better(lines, line, treasury, accrue):
    lines.overdue()
    before, account = lines.owed(), treasury.accountOf(MERCHANT)
    accrue(MERCHANT, MERCHANT, Party.MERCHANT2, Party.SUPPLIER, 0, 99)
    assert lines.owed() == before
    assert treasury.accountOf(MERCHANT) == account
    assert line.lineOf(99) == line.lineOf(0)
    lines.check_books()


def test_accruing_for_nobody_does_nothing(line, stranger):
    assert events(line.accrue([], sender=stranger)) == []


# MATURITY


def test_at_maturity_everything_is_billed(lines, line, accrue):
    lines.open()
    opened_on = clock.today()
    clock.pass_days(TERM - 5)
    lines.score()
    lines.draw()
    clock.pass_days(4)
    assert lines.owed().billed == 0
    clock.pass_days(1)
    maturity = opened_on + TERM
    # Five days' interest of 66.66…
    assert events(accrue()) == [closed_event(line, (maturity, 66_67, DRAWN, maturity + DUE))]
    clock.pass_days(DUE + 1)
    assert lines.owed().overdue == DRAWN + 66_67


def test_after_maturity_a_statement_bills_interest_alone(lines, drawn):
    clock.pass_days(TERM + CYCLE)
    lines.check(drawn)
    assert lines.owed()[3:6] == (DRAWN + 5_200_00, DRAWN + 4_800_00, clock.today() + DUE)


def test_a_statement_that_adds_nothing_to_what_is_overdue_sets_no_due_day(suite, lines, policy, risk_manager):
    after_delay(suite, risk_manager, policy.setTerms, PRODUCT, 0, (True, 10_000, 0, 0, *LINE_TERMS["A"][4:]))
    lines.drawn()
    clock.pass_days(TERM + DUE + 1)
    assert lines.owed()[3:6] == (DRAWN, DRAWN, 0)
    clock.pass_days(CYCLE)
    assert lines.owed()[3:6] == (DRAWN, DRAWN, 0)
    assert lines.owed().interest == 0


def test_without_instalments_statements_bill_interest_until_maturity(suite, lines, line, risk_manager):
    after_delay(suite, risk_manager, line.setConditions, conditions(instalment_bps=0))
    lines.billed()
    assert lines.owed().billed == 400_00
    lines.repay(400_00)
    clock.pass_days(CYCLE)
    assert lines.owed()[3:5] == (400_00, 0)


def test_an_instalment_of_everything_bills_all_that_is_drawn(suite, lines, line, risk_manager):
    after_delay(suite, risk_manager, line.setConditions, conditions(instalment_bps=10_000))
    lines.billed()
    assert lines.owed().billed == DRAWN + 400_00


# LIMITS OF TYPES


def test_case_17_a_century_of_interest_on_the_largest_limit_fits(
    suite, lines, line, policy, treasury, risk_manager, lender
):
    largest = 65_535 * 10**14  # fen of the largest code there is
    after_delay(suite, risk_manager, policy.setTerms, PRODUCT, 0, (True, 10_000, 2_400, 0, largest, clock.DAY, 0))
    after_delay(suite, risk_manager, treasury.setLimit, MERCHANT, largest)
    huge = conditions(line_cap=2**80 - 1, portfolio_cap=2**96 - 1, instalment_bps=10_000, late_rate_bps=2_400)
    after_delay(suite, risk_manager, line.setConditions, huge)
    fund(suite, lender, treasury, largest)
    treasury.deposit(largest, lender, sender=lender)
    lines.score(limit_code=65_535 << 8 | 12)
    lines.drawn(largest)
    years = 100
    clock.pass_days(360 * years)
    # 24 % of it a year.
    assert lines.owed().interest == largest * 24
    assert lines.owed().total == lines.owed().principal + lines.owed().interest + lines.owed().late


# THE SPECIFICATION


def test_the_worked_example_of_the_specification(lines):
    """docs/credit.md, section 8."""
    lines.drawn(100_000_00)
    clock.pass_days(12)
    lines.score(660)
    lines.draw(50_000_00)
    clock.pass_days(18)
    assert (lines.now().dueInterest, lines.now().duePrincipal) == (550_00, 15_000_00)
    clock.pass_days(6)
    lines.repay(15_550_00)
    assert lines.owed()[:2] == (135_000_00, 130_00)
    clock.pass_days(24)
    assert (lines.now().dueInterest, lines.now().duePrincipal) == (598_00, 13_500_00)
    clock.pass_days(15)
    assert lines.owed() == (135_000_00, 890_50, 17_63, 14_098_00, 14_098_00, 0, 135_908_13)
    lines.repay_all()
    assert lines.owed().total == 0
    assert lines.status() == LineStatus.OPEN
    lines.check_books()


def test_every_line_closes_its_own_statements(lines, line, merchant2, drawn, accrue):
    clock.pass_days(5)
    lines.score()
    line.open(line.conditions().agreementHash, sender=merchant2)
    line.draw(36_000, 0, RATE, clock.now() + clock.HOUR, sender=merchant2)
    clock.pass_days(CYCLE - 5)
    closed = events(accrue(MERCHANT, Party.MERCHANT2))
    assert [one.values["party"] for one in closed] == [MERCHANT]
    clock.pass_days(5)
    closed = events(accrue(MERCHANT, Party.MERCHANT2))
    assert [(one.values["party"], one.values["dueInterest"]) for one in closed] == [(Party.MERCHANT2, 1_44)]


def test_nothing_is_marked_while_a_statement_may_still_be_paid(line, drawn, stranger):
    clock.pass_days(FIRST_OVERDUE_DAY - 1)
    assert refusal(line.markDelinquent, MERCHANT, sender=stranger) == error("LineNotOverdue", party=MERCHANT)
