"""The limit's arithmetic, how it rises and falls, and what a reported code stands for."""

import pytest

from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.lines import (
    A_DAY,
    AGREEMENT,
    CYCLE,
    DRAWN,
    LIMIT,
    LINE_CAP,
    LINE_TERMS,
    MAX_RATE,
    OWED_AT_FIRST,
    PORTFOLIO_CAP,
    PRODUCT,
    RATE,
    LineStatus,
    conditions,
)
from tests.contracts.market import LENT, UNIFIED
from tests.contracts.situations import REASON
from tests.contracts.suite import SCORING, Party, after_delay

pytestmark = pytest.mark.usefixtures("lines")

MERCHANT = Party.MERCHANT
RISE_DAYS, MEMORY_DAYS = 30, 360
GRADE_CAP = LINE_TERMS["A"][4]
RISEN = 240_000_00  # LIMIT and a fifth of it
HIGH_YUAN = 900_000
# Paid back before a statement closes; any draw takes the limit of its day.
TOUCH = 1_00


def moved_event(line, before, after, reported):
    return event(line, "LimitMoved", party=MERCHANT, **{"from": before, "to": after, "reported": reported})


@pytest.fixture
def opened(lines):
    lines.open()


@pytest.fixture
def limit(line):
    """Today's limit."""
    return lambda: line.limitOf(MERCHANT).limit


@pytest.fixture
def touch(lines):
    """Draw a little and pay it back, so that the line takes today's limit; returns the events of the draw."""

    def draw_and_repay():
        receipt = lines.draw(TOUCH)
        lines.repay(TOUCH)
        return events(receipt)

    return draw_and_repay


# THE ARITHMETIC


def test_every_line_of_the_limits_arithmetic_is_given(lines, line):
    lines.drawn()
    assert line.limitOf(MERCHANT) == (
        LIMIT,
        LIMIT,
        GRADE_CAP,
        LINE_CAP,
        LIMIT,
        LIMIT,
        DRAWN,
        GRADE_CAP - DRAWN,
        PORTFOLIO_CAP - DRAWN,
        LENT - DRAWN,
        LIMIT - DRAWN,
        0,
        720,
        RATE,
        0,
    )


@pytest.mark.parametrize(
    ("score", "share", "grade_cap"),
    [(720, 100, 2_000_000_00), (660, 90, 1_000_000_00), (610, 80, 500_000_00), (560, 60, 200_000_00)],
    ids=["A", "B", "C", "D"],
)
def test_a_grade_takes_its_share_of_the_reported_limit_rounded_down(lines, opened, line, score, share, grade_cap):
    lines.score(score, yuan=101)
    limit = line.limitOf(MERCHANT)
    assert (limit.reported, limit.graded, limit.gradeCap) == (101_00, 101 * share, grade_cap)
    assert limit.limit == limit.available == 101 * share


def test_a_share_of_a_unit_is_not_lent(lines, opened, policy, risk_officer, limit):
    policy.tightenTerms(PRODUCT, 0, (True, 3_333, *LINE_TERMS["A"][2:]), sender=risk_officer)
    lines.score(yuan=1)
    # 33.33 % of 1.00 is 0.3333.
    assert limit() == 33


def test_the_cap_of_the_grade_bounds_the_limit(opened, policy, risk_officer, line):
    policy.tightenTerms(PRODUCT, 0, (*LINE_TERMS["A"][:4], DRAWN, *LINE_TERMS["A"][5:]), sender=risk_officer)
    limit = line.limitOf(MERCHANT)
    assert (limit.gradeCap, limit.limit, limit.headroom, limit.available) == (DRAWN, DRAWN, DRAWN, DRAWN)


def test_the_cap_of_lines_bounds_the_limit_of_every_line_at_once(suite, opened, line, risk_manager, limit):
    after_delay(suite, risk_manager, line.setConditions, conditions(line_cap=DRAWN))
    assert limit() == DRAWN


def test_a_line_that_is_over_its_limit_has_nothing_available(lines, line):
    lines.drawn()
    lines.score(yuan=1)
    limit = line.limitOf(MERCHANT)
    assert (limit.limit, limit.drawn, limit.available) == (1_00, DRAWN, 0)


def test_the_limit_over_all_products_is_above_that_of_the_line(opened, treasury, line):
    assert treasury.accountOf(MERCHANT).limit == UNIFIED
    # What the grade may owe over all products is less.
    assert line.limitOf(MERCHANT).headroom == GRADE_CAP


# REPORTED CODES


@pytest.mark.parametrize(
    ("mantissa", "exponent"),
    [(0, 0), (0, 12), (1, 0), (65_535, 0), (1, 4), (6_553, 1), (1, 12), (65_535, 12)],
)
def test_a_code_is_a_mantissa_and_a_power_of_ten_of_whole_yuan(lines, opened, line, mantissa, exponent):
    lines.score(limit_code=mantissa << 8 | exponent)
    assert line.limitOf(MERCHANT).reported == mantissa * 10**exponent * 100


@pytest.mark.parametrize("code", [13, 1 << 8 | 13, 65_535 << 8 | 255], ids=hex)
def test_case_22_a_power_beyond_the_twelfth_is_refused_whatever_it_multiplies(lines, opened, line, code):
    lines.score(limit_code=code)
    assert refusal(line.limitOf, MERCHANT) == error("LimitCodeWrong", limitCode=code)


# RISING


@pytest.mark.parametrize(("days", "most"), [(29, LIMIT), (30, RISEN)], ids=["after_29_days", "after_30_days"])
def test_case_30_a_limit_rises_from_the_thirtieth_day_on_by_at_most_a_fifth(lines, opened, line, days, most):
    clock.pass_days(days)
    lines.score(yuan=HIGH_YUAN)
    limit = line.limitOf(MERCHANT)
    assert (limit.reported, limit.riseCap, limit.limit) == (HIGH_YUAN * 100, most, most)


def test_case_30_the_day_of_a_rise_begins_at_midnight(lines, opened, limit):
    day = clock.today() + RISE_DAYS
    clock.travel_to(clock.midnight(day) - clock.HOUR)
    lines.score(yuan=HIGH_YUAN)
    clock.travel_to(clock.midnight(day) - 1)
    assert limit() == LIMIT
    clock.travel_to(clock.midnight(day))
    assert limit() == RISEN


def test_case_30_a_rise_is_taken_by_a_draw_and_the_next_waits_as_long(lines, opened, line, limit, touch):
    clock.pass_days(RISE_DAYS)
    lines.score(yuan=HIGH_YUAN)
    assert touch()[0] == moved_event(line, LIMIT, RISEN, HIGH_YUAN * 100)
    assert (lines.now().limit, lines.now().riseDay) == (RISEN, clock.today())
    assert limit() == RISEN
    clock.pass_days(RISE_DAYS - 1)
    lines.score(yuan=HIGH_YUAN)
    assert limit() == RISEN
    clock.pass_days(1)
    # A fifth of 240,000.00 more, not a fifth of what the line was opened with.
    assert limit() == 288_000_00


def test_case_30_a_rise_is_drawn_to_the_unit_and_no_further(lines, opened, line, merchant):
    clock.pass_days(RISE_DAYS)
    lines.score(yuan=HIGH_YUAN)
    answer = refusal(line.draw, RISEN + 1, 0, MAX_RATE, clock.now() + clock.HOUR, sender=merchant)
    assert answer == error("LineExceeded", party=MERCHANT, wouldOwe=RISEN + 1, limit=RISEN)
    lines.draw(RISEN)
    assert lines.now().drawn == RISEN


def test_case_30_rises_that_were_not_taken_do_not_add_up(lines, opened, limit):
    clock.pass_days(10 * RISE_DAYS)
    lines.score(yuan=HIGH_YUAN)
    assert limit() == RISEN


def test_case_30_a_small_rise_uses_the_thirty_days_up_as_a_big_one_does(lines, opened, limit, touch):
    clock.pass_days(RISE_DAYS)
    lines.score(yuan=200_010)
    touch()
    lines.score(yuan=HIGH_YUAN)
    assert limit() == lines.now().limit == 200_010_00


def test_case_30_a_limit_that_fell_comes_back_after_thirty_days_by_a_fifth_of_the_one_at_opening(
    lines, opened, line, limit
):
    lines.score(yuan=0)
    line.syncLimit(MERCHANT, sender=lines.merchant)
    lines.score()
    assert (lines.now().limit, limit()) == (0, 0)
    clock.pass_days(RISE_DAYS)
    lines.score(yuan=HIGH_YUAN)
    # A fifth of nothing would be nothing for ever.
    assert limit() == LIMIT // 5


def test_case_30_a_fall_that_nobody_noted_is_no_fall(lines, opened, limit):
    lines.score(yuan=10)
    assert limit() == 10_00
    lines.score()
    assert limit() == LIMIT


def test_a_fall_does_not_begin_the_thirty_days_anew(lines, opened, limit, touch):
    opened_on = clock.today()
    clock.pass_days(RISE_DAYS - 1)
    lines.score(yuan=150_000)
    touch()
    assert (lines.now().limit, lines.now().riseDay) == (150_000_00, opened_on)
    clock.pass_days(1)
    lines.score(yuan=HIGH_YUAN)
    # 150,000.00 and a fifth of the 200,000.00 at opening.
    assert limit() == 190_000_00


# OPENING AGAIN IS NO WAY AROUND


def reopen(lines):
    lines.line.close(sender=lines.merchant)
    return lines.open().return_value


def test_case_30_closing_and_opening_again_raises_no_limit_within_thirty_days(lines, opened, limit):
    opened_on = clock.today()
    clock.pass_days(RISE_DAYS - 1)
    lines.score(yuan=HIGH_YUAN)
    assert reopen(lines) == limit() == LIMIT
    # The days since the first opening count on.
    assert lines.now().riseDay == opened_on
    clock.pass_days(1)
    assert limit() == RISEN


def test_case_30_opening_again_after_thirty_days_takes_the_one_rise_there_is(lines, opened, limit):
    clock.pass_days(RISE_DAYS)
    lines.score(yuan=HIGH_YUAN)
    assert reopen(lines) == RISEN
    assert (lines.now().riseDay, lines.now().openingLimit) == (clock.today(), LIMIT)
    assert reopen(lines) == limit() == RISEN
    clock.pass_days(RISE_DAYS - 1)
    lines.score(yuan=HIGH_YUAN)
    assert reopen(lines) == limit() == RISEN


def test_case_30_a_line_that_fell_and_was_opened_again_rises_from_where_it_fell(lines, opened, limit):
    lines.score(yuan=100_000)
    assert reopen(lines) == 100_000_00
    lines.score(yuan=HIGH_YUAN)
    assert limit() == 100_000_00
    clock.pass_days(RISE_DAYS)
    lines.score(yuan=HIGH_YUAN)
    # A fifth of the 200,000.00 at the first opening more.
    assert limit() == 140_000_00


def test_case_30_renewing_a_matured_line_takes_one_rise(lines):
    lines.matured()
    lines.score(yuan=HIGH_YUAN)
    assert lines.open().return_value == RISEN
    assert lines.now().openingLimit == LIMIT


def test_case_30_a_line_paid_in_full_after_default_is_opened_again_under_the_same_cap(lines):
    lines.defaulted()
    lines.repay_all()
    lines.score(yuan=HIGH_YUAN)
    # 52 days after opening: one rise.
    assert lines.open().return_value == RISEN


@pytest.mark.parametrize(("days", "limit"), [(MEMORY_DAYS - 1, RISEN), (MEMORY_DAYS, HIGH_YUAN * 100)])
def test_a_line_closed_360_days_ago_is_forgotten(lines, days, limit):
    lines.closed()
    clock.pass_days(days)
    lines.score(yuan=HIGH_YUAN)
    assert lines.open().return_value == limit
    assert lines.now().openingLimit == (LIMIT if limit == RISEN else limit)


# FALLING


def test_case_30_a_limit_falls_at_once_and_the_next_draw_notes_it(lines, opened, line):
    lines.score(yuan=150_000)
    assert events(lines.draw(TOUCH))[0] == moved_event(line, LIMIT, 150_000_00, 150_000_00)
    assert lines.now().limit == 150_000_00


def test_a_limit_below_what_is_drawn_makes_nothing_due(lines, line):
    lines.drawn()
    lines.score(yuan=1)
    line.syncLimit(MERCHANT, sender=lines.merchant)
    assert lines.owed() == (DRAWN, A_DAY, 0, 0, 0, 0, OWED_AT_FIRST)
    clock.pass_days(CYCLE)
    # The statement bills a tenth as ever.
    assert lines.owed().billed == 10_400_00
    lines.repay(10_400_00)
    assert lines.status() == LineStatus.OPEN
    assert lines.owed().billed == 0


def test_a_limit_over_all_products_cut_below_what_is_drawn_makes_nothing_due(lines, line, treasury, risk_officer):
    lines.drawn()
    treasury.cutLimit(MERCHANT, 0, sender=risk_officer)
    limit = line.limitOf(MERCHANT)
    assert (limit.limit, limit.headroom, limit.available) == (LIMIT, 0, 0)
    clock.pass_days(CYCLE)
    assert lines.owed()[3:6] == (10_400_00, 0, clock.today() + 10)


# SYNC


def test_anybody_notes_a_lower_limit(lines, line, stranger):
    lines.open()
    lines.score(yuan=150_000)
    receipt = line.syncLimit(MERCHANT, sender=stranger)
    assert events(receipt) == [moved_event(line, LIMIT, 150_000_00, 150_000_00)]
    assert lines.now().limit == 150_000_00


def test_case_01_nobody_notes_a_higher_limit_not_even_the_merchant(lines, opened, line, merchant, stranger):
    opened_on = clock.today()
    clock.pass_days(RISE_DAYS)
    lines.score(yuan=HIGH_YUAN)
    for caller in (merchant, stranger):
        assert events(line.syncLimit(MERCHANT, sender=caller)) == []
    assert (lines.now().limit, lines.now().riseDay) == (LIMIT, opened_on)


def test_case_07_noting_a_lower_limit_touches_no_clock(lines, line, stranger):
    lines.drawn()
    before = lines.now()
    lines.score(yuan=150_000)
    line.syncLimit(MERCHANT, sender=stranger)
    after = lines.now()
    assert after == (*before[:13], 150_000_00, *before[14:])


def test_no_limit_is_noted_without_a_line_or_the_facts(lines, oracle, line, stranger, merchant):
    answer = refusal(line.syncLimit, MERCHANT, sender=stranger)
    assert answer == error("LineStatusWrong", party=MERCHANT, status=LineStatus.NONE)
    lines.open()
    oracle.revokeConsent(SCORING, sender=merchant)
    answer = refusal(line.syncLimit, MERCHANT, sender=stranger)
    assert answer == error("ConsentMissing", party=MERCHANT, purpose=SCORING)


def test_no_limit_is_noted_on_a_frozen_or_overdue_line(lines, line, risk_officer, stranger):
    lines.overdue()
    lines.score(yuan=1)
    answer = refusal(line.syncLimit, MERCHANT, sender=stranger)
    assert answer == error("LineOverdue", party=MERCHANT, overdue=10_400_00)
    line.freeze(MERCHANT, REASON, sender=risk_officer)
    assert refusal(line.syncLimit, MERCHANT, sender=stranger) == error("LineIsFrozen", party=MERCHANT)


def test_case_24_a_lower_limit_is_noted_while_lines_are_paused(lines, opened, line, guardian, stranger):
    lines.score(yuan=150_000)
    line.pause(sender=guardian)
    line.syncLimit(MERCHANT, sender=stranger)
    assert lines.now().limit == 150_000_00


def test_the_limit_of_one_merchant_is_not_that_of_another(lines, line, merchant2, stranger):
    lines.open()
    line.open(AGREEMENT, sender=merchant2)
    lines.score(yuan=1)
    line.syncLimit(MERCHANT, sender=stranger)
    assert line.limitOf(Party.MERCHANT2).limit == line.lineOf(Party.MERCHANT2).limit == LIMIT
