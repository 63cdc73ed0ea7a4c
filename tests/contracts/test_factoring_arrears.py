"""markOverdue, giveNotice, declareDefault, writeOff, and the ways back: cure, repayment, recovery."""

import pytest

from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.market import COVER, LENT
from tests.contracts.situations import ADVANCE, CURE, DOCUMENT, FACE, GRACE, State, Status
from tests.contracts.suite import Party, after_delay

pytestmark = pytest.mark.usefixtures("market")

OVERDUE_IMPAIRMENT = ADVANCE // 4
# Principal x days x 18 % / 360: a day's late interest of ADVANCE.
LATE_DAY = 450_00
BIG = 2_000_000_00  # its advance of 1,800,000.00 is more than the cover


def impairment_event(treasury, before, after, total):
    figures = {"from": before, "to": after, "impaired": total}
    return event(treasury, "ImpairmentChanged", product=0, party=Party.CORE_ENTERPRISE, **figures)


def recovered_event(treasury, to_lenders, to_cover):
    book = treasury.book()
    figures = {"toLenders": to_lenders, "toCover": to_cover, "cash": book.cash, "cover": book.cover}
    return event(treasury, "Recovered", product=0, party=Party.CORE_ENTERPRISE, **figures)


def arrears(treasury):
    return treasury.accountOf(Party.CORE_ENTERPRISE).arrears


# OVERDUE


def test_only_an_active_financing_falls_overdue(given, factoring, stranger):
    confirmed, overdue = given.confirmed(), given.overdue()
    for receivable, status in ((confirmed, Status.NONE), (overdue, Status.OVERDUE)):
        refused = error("StatusWrong", receivable=receivable, status=status)
        assert refusal(factoring.markOverdue, receivable, sender=stranger) == refused


def test_case_21_a_financing_falls_overdue_at_midnight_after_due_day_and_grace(given, factoring, stranger):
    receivable, first = given.financed(days=1), clock.today() + 1 + GRACE + 1
    clock.travel_to(clock.midnight(first) - 1)
    refused = error("NotOverdueBefore", receivable=receivable, day=first)
    assert refusal(factoring.markOverdue, receivable, sender=stranger) == refused
    clock.travel_to(clock.midnight(first))
    assert refusal(factoring.markOverdue, receivable, sender=stranger) is None


def test_a_debtor_that_paid_is_not_overdue_because_nobody_collected(given, factoring, stranger):
    receivable = given.financed(days=1)
    given.settle(receivable, ADVANCE - 1)
    clock.travel_to_day(given.first_overdue_day(receivable))
    assert refusal(factoring.markOverdue, receivable, sender=stranger) is None
    given.settle(receivable, 2)
    refused = error("CollectFirst", receivable=receivable, claimable=ADVANCE + 1)
    assert refusal(factoring.markOverdue, receivable, sender=stranger) == refused


def test_anybody_marks_a_financing_overdue_and_the_debtor_gets_nothing_new(given, factoring, treasury, stranger):
    receivable = given.financed(days=1)
    clock.travel_to_day(given.first_overdue_day(receivable))
    receipt = factoring.markOverdue(receivable, sender=stranger)
    assert events(receipt) == [
        event(treasury, "ArrearsBegun", party=Party.CORE_ENTERPRISE, arrears=1),
        impairment_event(treasury, 0, OVERDUE_IMPAIRMENT, OVERDUE_IMPAIRMENT),
        event(factoring, "FinancingOverdue", receivable=receivable, outstanding=ADVANCE, impaired=OVERDUE_IMPAIRMENT),
    ]
    assert given.status(receivable) == Status.OVERDUE
    assert treasury.grossAssets() - treasury.totalAssets() == OVERDUE_IMPAIRMENT
    assert treasury.headroom(Party.CORE_ENTERPRISE, 2**96 - 1) == 0


def test_late_interest_alone_is_an_arrears_too(given, factoring, supplier, stranger):
    receivable = given.financed(days=1)
    clock.travel_to_day(given.first_overdue_day(receivable))
    factoring.repay(receivable, ADVANCE, sender=supplier)
    assert factoring.owedOf(receivable) == (0, LATE_DAY, 0)
    receipt = factoring.markOverdue(receivable, sender=stranger)
    overdue = event(factoring, "FinancingOverdue", receivable=receivable, outstanding=0, impaired=0)
    assert events(receipt)[-1] == overdue
    factoring.repay(receivable, LATE_DAY, sender=supplier)
    assert given.status(receivable) == Status.REPAID
    given.check_books()


# NOTICE


def test_only_the_risk_officer_gives_notice(given, factoring, stranger, core_enterprise):
    receivable = given.overdue()
    for caller in (stranger, core_enterprise):
        refused = error("AccessManagedUnauthorized", caller=caller)
        assert refusal(factoring.giveNotice, receivable, DOCUMENT, sender=caller) == refused


def test_notice_is_given_once_and_only_when_overdue(given, factoring, risk_officer):
    active, noticed = given.financed(), given.noticed()
    refused = error("StatusWrong", receivable=active, status=Status.ACTIVE)
    assert refusal(factoring.giveNotice, active, DOCUMENT, sender=risk_officer) == refused
    refused = error("NoticeGivenBefore", noticeDay=clock.today())
    assert refusal(factoring.giveNotice, noticed, DOCUMENT, sender=risk_officer) == refused


def test_a_notice_says_until_when_the_default_can_be_cured(given, factoring, risk_officer):
    receivable, today = given.overdue(), clock.today()
    receipt = factoring.giveNotice(receivable, DOCUMENT, sender=risk_officer)
    days = {"noticeDay": today, "cureThroughDay": today + CURE}
    assert events(receipt) == [event(factoring, "NoticeGiven", receivable=receivable, **days, documentHash=DOCUMENT)]
    assert factoring.financingOf(receivable).noticeDay == today
    assert given.status(receivable) == Status.OVERDUE


# DEFAULT


def test_only_the_risk_officer_declares_a_default(given, factoring, stranger):
    receivable = given.noticed()
    clock.pass_days(CURE + 1)
    refused = error("AccessManagedUnauthorized", caller=stranger)
    assert refusal(factoring.declareDefault, receivable, sender=stranger) == refused


def test_a_default_needs_an_overdue_financing_and_a_notice(given, factoring, risk_officer):
    active, overdue = given.financed(), given.overdue()
    refused = error("StatusWrong", receivable=active, status=Status.ACTIVE)
    assert refusal(factoring.declareDefault, active, sender=risk_officer) == refused
    clock.pass_days(100)
    refused = error("NoticeMissing", receivable=overdue)
    assert refusal(factoring.declareDefault, overdue, sender=risk_officer) == refused


def test_case_21_a_default_is_declared_at_midnight_after_the_last_day_of_cure(given, factoring, risk_officer):
    receivable, through = given.noticed(), clock.today() + CURE
    clock.travel_to(clock.midnight(through + 1) - 1)
    assert refusal(factoring.declareDefault, receivable, sender=risk_officer) == error("CureRuns", day=through)
    clock.travel_to(clock.midnight(through + 1))
    assert refusal(factoring.declareDefault, receivable, sender=risk_officer) is None


def test_case_12_a_payment_of_one_unit_does_not_stop_a_default(given, factoring, risk_officer):
    receivable = given.noticed()
    clock.pass_days(CURE + 1)
    given.settle(receivable, 1)
    factoring.declareDefault(receivable, sender=risk_officer)
    assert given.status(receivable) == Status.DEFAULTED


def test_a_debtor_that_paid_everything_cannot_be_put_in_default(given, factoring, risk_officer):
    receivable = given.noticed()
    clock.pass_days(CURE + 1)
    owed = sum(factoring.owedOf(receivable)[:2])
    given.settle(receivable, owed)
    refused = error("CollectFirst", receivable=receivable, claimable=owed)
    assert refusal(factoring.declareDefault, receivable, sender=risk_officer) == refused


def test_a_default_impairs_all_that_is_outstanding(given, factoring, treasury, risk_officer):
    receivable = given.noticed()
    clock.pass_days(CURE + 1)
    receipt = factoring.declareDefault(receivable, sender=risk_officer)
    assert events(receipt) == [
        impairment_event(treasury, OVERDUE_IMPAIRMENT, ADVANCE, ADVANCE),
        event(factoring, "FinancingDefaulted", receivable=receivable, outstanding=ADVANCE),
    ]
    assert given.status(receivable) == Status.DEFAULTED
    assert arrears(treasury) == 1


# CURE


@pytest.mark.parametrize("situation", ["overdue", "noticed", "defaulted"])
def test_case_20_whoever_pays_everything_restores_what_the_arrears_changed(
    given, factoring, treasury, supplier, situation
):
    receivable = getattr(given, situation)()
    principal, late, _ = factoring.owedOf(receivable)
    factoring.repay(receivable, principal + late, sender=supplier)
    assert given.status(receivable) == Status.REPAID
    assert given.state(receivable) == State.CONFIRMED
    assert arrears(treasury) == treasury.book().impaired == 0
    assert treasury.totalAssets() == treasury.grossAssets()
    clean = given.financed()
    assert given.status(clean) == Status.ACTIVE
    given.check_books()


@pytest.mark.parametrize("situation", ["overdue", "noticed", "defaulted"])
def test_case_1_nothing_short_of_full_payment_improves_a_risk_state(
    given, factoring, treasury, supplier, stranger, situation
):
    receivable = getattr(given, situation)()
    before = given.status(receivable)
    given.settle(receivable, ADVANCE // 2)
    factoring.collect(receivable, sender=stranger)
    principal, late, _ = factoring.owedOf(receivable)
    factoring.repay(receivable, principal + late - 1, sender=stranger)
    assert given.status(receivable) == before
    assert arrears(treasury) == 1
    assert refusal(factoring.markOverdue, receivable, sender=stranger) == error(
        "StatusWrong", receivable=receivable, status=before
    )
    refused = error("PartyInArrears", party=Party.CORE_ENTERPRISE, arrears=1)
    assert refusal(factoring.quote, given.confirmed()) == refused
    given.check_books()


def test_case_7_a_strangers_payment_touches_nobodys_clock(given, factoring, stranger, risk_officer):
    receivable = given.noticed()
    before = factoring.financingOf(receivable)
    clock.pass_days(CURE)
    factoring.repay(receivable, 1, sender=stranger)
    after = factoring.financingOf(receivable)
    clocks = ("startDay", "dueDay", "graceDays", "cureDays", "noticeDay", "status")
    assert [getattr(after, name) for name in clocks] == [getattr(before, name) for name in clocks]
    clock.pass_days(1)
    factoring.declareDefault(receivable, sender=risk_officer)


def test_impairment_falls_with_the_principal_and_never_exceeds_it(given, factoring, treasury, supplier):
    receivable = given.overdue()
    factoring.repay(receivable, ADVANCE - OVERDUE_IMPAIRMENT, sender=supplier)
    assert treasury.book().impaired == OVERDUE_IMPAIRMENT
    factoring.repay(receivable, 1, sender=supplier)
    assert treasury.book().impaired == OVERDUE_IMPAIRMENT - 1
    given.check_books()


def test_a_debtor_is_in_arrears_until_the_last_of_its_overdue_financings_is_paid(
    given, factoring, treasury, supplier, stranger
):
    first, second = given.financed(days=1), given.financed(days=1)
    clock.travel_to_day(given.first_overdue_day(first))
    for receivable in (first, second):
        factoring.markOverdue(receivable, sender=stranger)
    assert arrears(treasury) == 2
    factoring.repay(first, 2 * ADVANCE, sender=supplier)
    refused = error("PartyInArrears", party=Party.CORE_ENTERPRISE, arrears=1)
    assert refusal(factoring.quote, given.confirmed()) == refused
    factoring.repay(second, 2 * ADVANCE, sender=supplier)
    assert arrears(treasury) == 0


# WRITE-OFF


def test_only_the_risk_officer_writes_off_and_only_after_a_default(given, factoring, risk_officer, stranger):
    noticed = given.noticed()
    refused = error("AccessManagedUnauthorized", caller=stranger)
    assert refusal(factoring.writeOff, noticed, sender=stranger) == refused
    refused = error("StatusWrong", receivable=noticed, status=Status.OVERDUE)
    assert refusal(factoring.writeOff, noticed, sender=risk_officer) == refused


def test_what_the_debtor_paid_in_full_is_not_written_off(given, factoring, risk_officer):
    receivable = given.defaulted()
    owed = sum(factoring.owedOf(receivable)[:2])
    given.settle(receivable, owed)
    refused = error("CollectFirst", receivable=receivable, claimable=owed)
    assert refusal(factoring.writeOff, receivable, sender=risk_officer) == refused


def written_off_events(factoring, treasury, receivable, loss, from_cover):
    booked = {"product": 0, "party": Party.CORE_ENTERPRISE, "principal": loss, "fromCover": from_cover}
    return [
        event(treasury, "WrittenOff", **booked, cover=COVER - from_cover),
        event(factoring, "FinancingWrittenOff", receivable=receivable, loss=loss, fromCover=from_cover),
    ]


def test_a_loss_within_the_cover_costs_the_lenders_nothing(given, factoring, treasury, risk_officer):
    receivable = given.defaulted()
    gross = treasury.grossAssets()
    receipt = factoring.writeOff(receivable, sender=risk_officer)
    assert events(receipt) == written_off_events(factoring, treasury, receivable, ADVANCE, ADVANCE)
    assert treasury.grossAssets() == treasury.totalAssets() == gross
    account = treasury.accountOf(Party.CORE_ENTERPRISE)
    assert (account.outstanding, account.arrears) == (0, 1)
    assert given.status(receivable) == Status.WRITTEN_OFF
    assert given.state(receivable) == State.FINANCED
    given.check_books()


def test_a_loss_above_the_cover_takes_all_of_it_and_the_rest_from_the_lenders(given, factoring, treasury, risk_officer):
    receivable = given.defaulted(BIG)
    gross, loss = treasury.grossAssets(), BIG * 9 // 10
    receipt = factoring.writeOff(receivable, sender=risk_officer)
    assert events(receipt) == written_off_events(factoring, treasury, receivable, loss, COVER)
    assert treasury.grossAssets() == gross - (loss - COVER)
    assert (treasury.book().cover, treasury.book().impaired) == (0, 0)
    given.check_books()


# RECOVERY


def test_case_18_a_recovery_makes_the_lenders_whole_before_the_cover(given, factoring, treasury, stranger):
    receivable = given.written_off(BIG)
    loss = BIG * 9 // 10
    lenders_loss = loss - COVER
    gross = treasury.grossAssets()
    given.settle(receivable, lenders_loss - 1)
    receipt = factoring.collect(receivable, sender=stranger)
    assert recovered_event(treasury, lenders_loss - 1, 0) in events(receipt)
    given.settle(receivable, 2)
    receipt = factoring.collect(receivable, sender=stranger)
    assert recovered_event(treasury, 1, 1) in events(receipt)
    given.settle(receivable, COVER - 2)
    factoring.collect(receivable, sender=stranger)
    principal, late, _ = factoring.owedOf(receivable)
    assert (principal, treasury.book().cover, treasury.grossAssets()) == (1, COVER - 1, gross + lenders_loss)
    assert given.status(receivable) == Status.WRITTEN_OFF
    given.settle(receivable, BIG)
    receipt = factoring.collect(receivable, sender=stranger)
    assert recovered_event(treasury, late, 1) in events(receipt)
    closed = event(factoring, "FinancingClosed", receivable=receivable, status=Status.RECOVERED, lateWaived=0)
    assert closed in events(receipt)
    assert arrears(treasury) == 0
    assert (treasury.book().cover, treasury.grossAssets()) == (COVER, gross + lenders_loss + late)
    given.check_books()


def test_a_written_off_financing_is_recovered_at_once_by_the_seller(given, factoring, treasury, supplier):
    receivable = given.written_off(BIG)
    loss = BIG * 9 // 10
    principal, late, _ = factoring.owedOf(receivable)
    assert principal == loss
    receipt = factoring.repay(receivable, 2 * BIG, sender=supplier)
    assert recovered_event(treasury, loss - COVER + late, COVER) in events(receipt)
    assert given.status(receivable) == Status.RECOVERED
    assert given.state(receivable) == State.CONFIRMED
    given.check_books()


def test_case_10_a_claim_that_came_back_from_a_loss_is_not_financed_again(given, factoring, supplier):
    receivable = given.written_off()
    factoring.repay(receivable, 2 * FACE, sender=supplier)
    refused = error("StatusWrong", receivable=receivable, status=Status.RECOVERED)
    assert refusal(factoring.quote, receivable) == refused


def test_a_loss_leaves_the_claim_owed_and_pledged(given, receivables, supplier, supplier2, core_enterprise):
    receivable = given.written_off()
    assert receivables.claimOf(receivable).outstanding == FACE
    refused = error("StateWrong", id=receivable, state=State.FINANCED, needed=State.CONFIRMED)
    assert refusal(receivables.transferFrom, supplier, supplier2, receivable, sender=supplier) == refused
    assert refusal(receivables.dispute, receivable, DOCUMENT, sender=core_enterprise) == refused
    assert refusal(receivables.issueCreditNote, receivable, 1, DOCUMENT, sender=supplier) == refused


def test_case_24_arrears_run_their_course_and_are_paid_while_everything_is_paused(
    given, suite, factoring, treasury, guardian, risk_officer, stranger
):
    receivable = given.financed(days=1)
    for contract in (suite.receivables, factoring, treasury):
        contract.pause(sender=guardian)
    clock.travel_to_day(given.first_overdue_day(receivable))
    factoring.markOverdue(receivable, sender=stranger)
    factoring.giveNotice(receivable, DOCUMENT, sender=risk_officer)
    clock.pass_days(CURE + 1)
    factoring.declareDefault(receivable, sender=risk_officer)
    factoring.writeOff(receivable, sender=risk_officer)
    given.settle(receivable, FACE)
    factoring.collect(receivable, sender=stranger)
    assert given.status(receivable) == Status.RECOVERED
    given.check_books()


def test_case_9_pausing_factoring_is_the_guardians_and_its_end_the_administrators(
    suite, factoring, guardian, admin, stranger
):
    assert refusal(factoring.pause, sender=stranger) == error("AccessManagedUnauthorized", caller=stranger)
    receipt = factoring.pause(sender=guardian)
    assert events(receipt) == [event(factoring, "Paused", account=guardian)]
    assert refusal(factoring.unpause, sender=guardian) == error("AccessManagedUnauthorized", caller=guardian)
    receipt = after_delay(suite, admin, factoring.unpause)
    assert events(receipt)[-1] == event(factoring, "Unpaused", account=admin)


def test_the_lenders_bear_exactly_what_nobody_else_does(given, factoring, treasury, cash, supplier, stranger):
    """A year of the bank in figures: one loan repaid, one late, one lost in part."""
    good, late, lost = given.financed(days=1), given.financed(days=1), given.financed(BIG, days=1)
    income = sum(factoring.financingOf(receivable).income for receivable in (good, late, lost))
    given.settle(good, FACE)
    factoring.collect(good, sender=stranger)
    clock.travel_to_day(given.first_overdue_day(late))
    given.settle(late, FACE)
    factoring.collect(late, sender=stranger)
    factoring.markOverdue(lost, sender=stranger)
    officer = given.actors["risk_officer"]
    factoring.giveNotice(lost, DOCUMENT, sender=officer)
    clock.pass_days(CURE + 1)
    factoring.declareDefault(lost, sender=officer)
    factoring.writeOff(lost, sender=officer)
    assert treasury.grossAssets() == LENT + income + LATE_DAY - (BIG * 9 // 10 - COVER)
    assert treasury.totalAssets() == treasury.grossAssets() == cash.balanceOf(treasury)
