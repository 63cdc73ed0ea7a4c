"""LeaseFinance: the gate of the payout, rent that repays the loan, arrears, loss and recovery."""

import ape
import pytest
from ape.exceptions import TransactionError

from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.fleet import Alarm, Severity
from tests.contracts.market import COVER, LENT
from tests.contracts.rentals import (
    CONTRACTED,
    DEPOSIT,
    FIRST_OVERDUE_DAY,
    GATES,
    IMPAIRMENT,
    LATE_DAY,
    LOAN_DAY,
    LOAN_FEE,
    LOAN_NET,
    LOAN_RATE,
    MAX_AGE,
    MINIMUM,
    PERIOD_DAYS,
    PRICE,
    PRINCIPAL,
    PRODUCT,
    LeaseStatus,
    LoanStatus,
    key_of,
)
from tests.contracts.situations import DOCUMENT, NOBODY, PRODUCTS, REASON
from tests.contracts.suite import Party, Role, after_delay, refusal_after_delay

LESSEE = Party.LESSEE
ADVERSE = 2  # ScoreFlags
FACTS_AGE = 30 * clock.DAY
PORTFOLIO_CAP = 20_000_000_00
CONDITIONS = (True, MAX_AGE, GATES, 2_500, PORTFOLIO_CAP)
PER_DAY = PRINCIPAL * LOAN_RATE
MONTH = 30 * LOAN_DAY  # interest of a period on the whole principal
MOST = 2**96 - 1
GATED = (Alarm.REGION, Alarm.HOUR_METER, Alarm.OFFLINE, Alarm.TAMPER, Alarm.TOW)


def transfer_event(cash, payer, to, amount):
    return event(cash, "Transfer", **{"from": payer, "to": to, "value": amount})


def accrual_event(treasury, accrued, per_day):
    return event(treasury, "AccrualChanged", accrued=accrued, perDay=per_day, throughDay=clock.today())


def impairment_event(treasury, before, after):
    figures = {"from": before, "to": after, "impaired": after}
    return event(treasury, "ImpairmentChanged", product=PRODUCT, party=LESSEE, **figures)


def loan_paid_event(loans, lease, payer, interest, principal, left):
    figures = {"interest": interest, "principal": principal, "principalLeft": left}
    return event(loans, "LoanPaid", lease=lease, payer=payer, **figures)


def repaid_event(treasury, principal, income, outstanding, cash):
    figures = {"principal": principal, "income": income, "partyOutstanding": outstanding, "cash": cash}
    return event(treasury, "Repaid", product=PRODUCT, party=LESSEE, **figures)


@pytest.fixture
def check_books(rentals, treasury, loans, cash):
    """The treasury's book equals its cash, and what it counts on is what the loan owes."""

    def check(lease):
        book, loan = treasury.book(), loans.loanOf(lease)
        assert cash.balanceOf(treasury) == book.cash + book.cover
        lost = loan.status in (LoanStatus.WRITTEN_OFF, LoanStatus.RECOVERED)
        assert treasury.accountOf(LESSEE).outstanding == (0 if lost else loan.principal)
        assert book.outstanding == sum(treasury.outstandingOf(product) for product in PRODUCTS)
        assert book.impaired == loan.impaired <= book.outstanding
        in_order = (loan.interest, loan.principal * loan.rateBps) if loan.status == LoanStatus.ACTIVE else (0, 0)
        assert treasury.accrual()[:2] == in_order
        rentals.check_money()

    return check


@pytest.fixture
def refused(rentals, loans):
    """What the payout and its quote are refused with: the same."""

    def answer(lease):
        quoted = refusal(loans.quote, lease)
        paid = refusal(loans.finance, lease, 0, 2_400, clock.now() + clock.HOUR, sender=rentals.lessor)
        assert quoted == paid
        return paid

    return answer


# THE OFFER


def test_a_quote_tells_every_figure(rentals, loans, devices):
    lease = rentals.delivered()
    at = devices.readingOf(rentals.machine).at
    assert tuple(loans.quote(lease)) == (
        PRICE,
        CONTRACTED,
        PRINCIPAL,
        LOAN_FEE,
        LOAN_NET,
        LOAN_RATE,
        LOAN_DAY,
        720,
        0,
        at,
        50_000_000_00,
    )


def test_no_more_is_lent_on_than_the_fixed_rent(rentals, loans):
    lease = rentals.delivered(periods=3, price=10**12)
    quote = loans.quote(lease)
    left = 3 * MINIMUM
    assert (quote.base, quote.principal) == (left, left * 8_000 // 10_000)


def test_interest_of_the_whole_term_bounds_the_loan(suite, rentals, policy, loans, fleet, risk_manager):
    """A grade that is lent everything is lent what the fixed rent repays in the end with interest."""
    lease = rentals.delivered(periods=3, price=10**12)
    terms = list(policy.termsOf(PRODUCT, 0))
    after_delay(suite, risk_manager, policy.setTerms, PRODUCT, 0, [True, 10_000, *terms[2:]])
    fleet.hear(rentals.machine)
    assert loans.quote(lease).principal == 3 * MINIMUM * 3_600_000 // (3_600_000 + LOAN_RATE * 90)


def test_only_the_fixed_rent_that_is_left_counts(rentals, fleet, loans):
    lease = rentals.delivered(periods=3, periodDays=7, dueDays=6)
    clock.pass_days(7)
    fleet.hear(rentals.machine)
    quote = loans.quote(lease)
    assert quote.fixedRentLeft == quote.base == 2 * MINIMUM


def test_the_lessor_is_paid_for_the_machine_against_title_and_rent(
    rentals, loans, ledger, treasury, cash, devices, equipment, leases, lessor, check_books
):
    lease = rentals.delivered()
    before, at = cash.balanceOf(lessor), devices.readingOf(rentals.machine).at
    receipt = rentals.finance(lease)
    loan = {"principal": PRINCIPAL, "fee": LOAN_FEE, "net": LOAN_NET, "annualRateBps": LOAN_RATE}
    paid_out = {"net": LOAN_NET, "principal": PRINCIPAL, "partyOutstanding": PRINCIPAL, "cash": LENT - LOAN_NET}
    assert events(receipt) == [
        event(loans, "LeaseFinanced", lease=lease, lessee=LESSEE, to=lessor, **loan, score=720, readAt=at),
        event(ledger, "RentAssigned", id=lease, assignee=loans),
        accrual_event(treasury, 0, PER_DAY),
        event(treasury, "Disbursed", product=PRODUCT, party=LESSEE, to=lessor, **paid_out),
        transfer_event(cash, treasury, lessor, LOAN_NET),
    ]
    assert receipt.return_value == LOAN_NET
    assert cash.balanceOf(lessor) == before + LOAN_NET
    assert loans.loanOf(lease) == (LoanStatus.ACTIVE, PRINCIPAL, LOAN_RATE, clock.today(), LESSEE, 0, 0, 0)
    assert (loans.owedOf(lease), ledger.assigneeOf(lease)) == (PRINCIPAL, loans)
    assert equipment.machineOf(rentals.machine).lienor == leases
    check_books(lease)


def test_rent_that_came_in_before_the_financing_stays_the_lessors(
    rentals, fleet, loans, ledger, cash, lessor, check_books
):
    lease = rentals.delivered(periodDays=7, dueDays=6)
    clock.pass_days(7)
    rentals.pay_all(lease)
    fleet.hear(rentals.machine)
    before = cash.balanceOf(lessor)
    receipt = rentals.finance(lease)
    released = event(ledger, "RentReleased", id=lease, to=lessor, amount=MINIMUM)
    assert released in events(receipt)
    assert cash.balanceOf(lessor) == before + MINIMUM + receipt.return_value
    assert ledger.accountOf(lease).claimable == 0
    check_books(lease)


# THE GATE, IN THE ORDER OF THE CHECKS


def test_case_24_a_paused_product_lends_nothing_and_is_repaid(
    suite, rentals, loans, guardian, admin, refused, lessee, check_books
):
    lease = rentals.financed()
    rentals.machine = rentals.ready("device2")
    other = rentals.delivered()
    rentals.machine = 1
    assert events(loans.pause(sender=guardian)) == [event(loans, "Paused", account=guardian)]
    assert refused(other) == error("EnforcedPause")
    assert refusal(loans.unpause, sender=guardian) == error("AccessManagedUnauthorized", caller=guardian)
    clock.pass_days(PERIOD_DAYS)
    rentals.pay_all(lease)
    loans.repay(lease, 1_00, sender=lessee)
    assert loans.loanOf(lease).principal == PRINCIPAL - (MINIMUM - MONTH) - 1_00
    check_books(lease)
    receipt = after_delay(suite, admin, loans.unpause)
    assert events(receipt)[-1] == event(loans, "Unpaused", account=admin)


def test_an_offer_is_void_after_the_signed_deadline(rentals, loans, lessor):
    lease = rentals.delivered()
    deadline = clock.now()
    clock.travel(1)
    answer = refusal(loans.finance, lease, 0, 2_400, deadline, sender=lessor)
    assert answer == error("OfferExpired", deadline=deadline)


def test_case_3_only_the_verified_lessor_takes_the_loan(
    rentals, loans, participants, compliance, lessor, lessee, buyer, spare
):
    lease = rentals.delivered()
    call = loans.finance, lease, 0, 2_400, clock.now() + clock.HOUR
    assert refusal(*call, sender=spare) == error("WalletUnknown", wallet=spare)
    assert refusal(*call, sender=lessee) == error("RoleMissing", party=LESSEE, role=Role.MANUFACTURER)
    validity = clock.now() + clock.DAY
    participants.renew(Party.BUYER, Role.MANUFACTURER, validity, REASON, sender=compliance)
    assert refusal(*call, sender=buyer) == error("NotLessor", lease=lease, caller=buyer)
    participants.freeze(Party.LESSOR, REASON, sender=compliance)
    assert refusal(*call, sender=lessor) == error("PartyIsFrozen", party=Party.LESSOR)


def test_an_unknown_lease_is_not_financed(rentals, refused):
    assert refused(99) == error("LeaseUnknown", id=99)


def test_a_closed_offer_lends_nothing(rentals, loans, risk_officer, stranger, refused):
    lease = rentals.delivered()
    assert refusal(loans.closeOffer, sender=stranger) == error("AccessManagedUnauthorized", caller=stranger)
    receipt = loans.closeOffer(sender=risk_officer)
    closed = (False, *CONDITIONS[1:])
    assert events(receipt) == [event(loans, "LeaseFinanceConditionsChanged", conditions=closed)]
    assert refused(lease) == error("LeasesNotFinanced")


def test_case_10_a_lease_is_financed_once_even_after_it_was_repaid(rentals, loans, lessor, refused):
    lease = rentals.financed()
    assert refused(lease) == error("LoanStatusWrong", lease=lease, status=LoanStatus.ACTIVE)
    loans.repay(lease, MOST, sender=lessor)
    assert refused(lease) == error("LoanStatusWrong", lease=lease, status=LoanStatus.REPAID)


@pytest.mark.parametrize("state", ["signed", "secured", "overdue", "noticed", "defaulted", "rescinded", "disputed"])
def test_only_a_lease_in_order_is_financed(rentals, refused, state):
    lease = getattr(rentals, state)()
    assert refused(lease) == error("LeaseNotInOrder", lease=lease)


def test_a_cancelled_lease_is_not_financed(rentals, leases, lessor, refused):
    lease = rentals.signed()
    leases.cancel(lease, sender=lessor)
    assert refused(lease) == error("LeaseNotInOrder", lease=lease)


def test_case_6_for_a_lessee_that_is_not_verified_nothing_is_paid(rentals, participants, compliance, refused):
    lease = rentals.delivered()
    participants.freeze(LESSEE, REASON, sender=compliance)
    assert refused(lease) == error("PartyIsFrozen", party=LESSEE)


def test_case_29_a_machine_whose_certificate_is_not_verified_is_not_financed(
    rentals, equipment, risk_officer, lessor, refused
):
    certificate = bytes.fromhex("cf" * 32)
    equipment.setCertificate(rentals.machine, certificate, sender=lessor)
    lease = rentals.delivered()
    assert refused(lease) == error("CertificateUnverified", machine=rentals.machine)
    equipment.verify(rentals.machine, certificate, sender=risk_officer)
    assert refused(lease) is None


def test_case_29_a_machine_that_fell_silent_is_not_financed(rentals, fleet, devices, refused):
    lease = rentals.delivered()
    at = devices.readingOf(rentals.machine).at
    clock.travel_to(at + MAX_AGE)
    assert refused(lease) is None
    clock.travel(1)
    assert refused(lease) == error("ReadingStale", machine=rentals.machine, at=at, maxAge=MAX_AGE)
    fleet.hear(rentals.machine)
    assert refused(lease) is None


def test_a_held_machine_is_not_financed(rentals, devices, guardian, refused):
    lease = rentals.delivered()
    devices.hold(rentals.machine, sender=guardian)
    assert refused(lease) == error("MachineOnHold", machine=rentals.machine)


def test_after_the_device_was_replaced_nothing_is_paid_before_it_reports(
    rentals, equipment, compliance, device2, fleet, refused
):
    lease = rentals.delivered()
    signature = rentals.binding(rentals.machine, "device2", 0)
    equipment.replaceDevice(rentals.machine, device2, 0, signature, sender=compliance)
    assert refused(lease) == error("DeviceEpochBehind", machine=rentals.machine, reported=1, bound=2)
    fleet.alarm(rentals.machine, {}, epoch=2)
    assert refused(lease) is None


@pytest.mark.parametrize("severity", [Severity.WARN, Severity.MAJOR, Severity.CRITICAL])
def test_blocking_alarms_refuse_the_payout_and_idle_and_fuel_do_not(rentals, fleet, refused, severity):
    lease = rentals.delivered()
    for alarm in Alarm:
        fleet.alarm(rentals.machine, {alarm: severity})
        blocks = alarm in GATED and severity >= Severity.MAJOR
        alarmed = error("MachineAlarmed", machine=rentals.machine, alarm=alarm, severity=severity)
        assert refused(lease) == (alarmed if blocks else None)


def test_an_alarm_that_was_cleared_no_longer_blocks(rentals, fleet, refused):
    lease = rentals.delivered()
    fleet.alarm(rentals.machine, {Alarm.TOW: Severity.CRITICAL})
    assert refused(lease).error == "MachineAlarmed"
    fleet.alarm(rentals.machine, {})
    assert refused(lease) is None


def test_case_29_without_consent_or_score_nothing_is_paid(rentals, oracle, lessee, refused):
    lease = rentals.delivered()
    oracle.revokeConsent(0, sender=lessee)
    assert refused(lease) == error("ConsentMissing", party=LESSEE, purpose=0)


def test_case_29_a_flagged_or_refused_lessee_is_not_financed(rentals, quorum, stranger, refused):
    lease = rentals.delivered()
    quorum.score(LESSEE, 720, sender=stranger, flags=ADVERSE)
    assert refused(lease) == error("PartyFlagged", party=LESSEE, flags=ADVERSE)
    quorum.score(LESSEE, 500, sender=stranger)
    assert refused(lease) == error("GradeRefused", product=PRODUCT, grade=4, score=500)


def test_case_29_a_stale_score_pays_nothing(rentals, fleet, oracle, refused):
    lease = rentals.billed()
    rentals.pay_all(lease)
    clock.pass_days(1)
    fleet.hear(rentals.machine)
    score = oracle.scoreOf(LESSEE)
    assert refused(lease) == error("ScoreExpired", party=LESSEE, validUntil=score.validUntil)


def test_case_31_terms_that_became_worse_since_the_quote_are_refused(rentals, loans, quorum, stranger, lessor):
    lease = rentals.delivered()
    deadline = clock.now() + clock.HOUR
    quorum.score(LESSEE, 660, sender=stranger)
    quote = loans.quote(lease)
    rate = error("LoanRateAboveSigned", rateBps=quote.annualRateBps, signedBps=LOAN_RATE)
    assert refusal(loans.finance, lease, LOAN_NET, LOAN_RATE, deadline, sender=lessor) == rate
    below = error("NetBelowSigned", net=quote.net, signed=LOAN_NET)
    answer = refusal(loans.finance, lease, LOAN_NET, quote.annualRateBps, deadline, sender=lessor)
    assert answer == below
    assert refusal(loans.finance, lease, quote.net, quote.annualRateBps, deadline, sender=lessor) is None


def test_a_lease_without_rent_to_come_is_too_small(rentals, fleet, refused):
    lease = rentals.delivered(periods=1, periodDays=7, dueDays=6)
    clock.pass_days(7)
    fleet.hear(rentals.machine)
    assert refused(lease) == error("LoanTooSmall", lease=lease)


def test_a_full_portfolio_lends_no_more(suite, rentals, fleet, loans, risk_manager, refused):
    lease = rentals.delivered()
    for cap in (PRINCIPAL - 1, PRINCIPAL):
        after_delay(suite, risk_manager, loans.setConditions, (*CONDITIONS[:4], cap))
        fleet.hear(rentals.machine)
        full = error("LeasePortfolioFull", wouldBe=PRINCIPAL, cap=cap)
        assert refused(lease) == (full if cap < PRINCIPAL else None)


def test_the_unified_limit_of_the_lessee_counts(rentals, treasury, risk_officer, refused):
    lease = rentals.delivered()
    treasury.cutLimit(LESSEE, PRINCIPAL, sender=risk_officer)
    assert refused(lease) is None
    treasury.cutLimit(LESSEE, PRINCIPAL - 1, sender=risk_officer)
    assert refused(lease) == error("LimitExceeded", party=LESSEE, wouldOwe=PRINCIPAL, limit=PRINCIPAL - 1)


def test_a_lessee_in_arrears_on_one_lease_finances_no_other(rentals, fleet, quorum, loans, stranger, refused):
    lease = rentals.financed()
    clock.pass_days(FIRST_OVERDUE_DAY)
    loans.markOverdue(lease, sender=stranger)
    quorum.score(LESSEE, 720, sender=stranger)
    rentals.machine = rentals.ready("device2")
    other = rentals.delivered()
    rentals.machine = 1
    assert refused(other) == error("PartyInArrears", party=LESSEE, arrears=1)


def test_cash_that_is_not_there_is_not_lent(rentals, treasury, lender, refused):
    lease = rentals.delivered()
    treasury.withdraw(LENT - LOAN_NET + 1, lender, lender, sender=lender)
    assert refused(lease) == error("CashShort", available=LOAN_NET - 1, needed=LOAN_NET)


def test_a_locked_machine_is_not_financed(rentals, fleet, leases, lessor, quorum, stranger, refused):
    lease = rentals.locked(rentals.delivered())
    quorum.score(LESSEE, 720, sender=stranger)
    assert refused(lease) == error("LeaseNotInOrder", lease=lease)


# CONDITIONS


@pytest.mark.parametrize(("age", "impairment"), [(7 * clock.DAY + 1, 0), (0, 10_001), (7 * clock.DAY, 10_000)], ids=str)
def test_case_22_conditions_out_of_bounds_are_refused(suite, loans, risk_manager, age, impairment):
    conditions = (True, age, GATES, impairment, 1)
    answer = refusal_after_delay(suite, risk_manager, loans.setConditions, conditions)
    out = error("LeaseConditionsOutOfBounds", maxReadingAge=age, overdueImpairmentBps=impairment)
    assert answer == (out if (age, impairment) != (7 * clock.DAY, 10_000) else None)


def test_conditions_change_after_the_delay(suite, loans, risk_manager, risk_officer):
    assert tuple(loans.conditions()) == CONDITIONS
    refused = error("AccessManagedUnauthorized", caller=risk_officer)
    assert refusal(loans.setConditions, CONDITIONS, sender=risk_officer) == refused
    changed = (True, 60, 0, 0, 1)
    receipt = after_delay(suite, risk_manager, loans.setConditions, changed)
    assert events(receipt)[1:] == [event(loans, "LeaseFinanceConditionsChanged", conditions=changed)]
    assert tuple(loans.conditions()) == changed


# REPAYMENT


def test_rent_repays_interest_then_principal_in_the_same_payment(
    rentals, loans, ledger, treasury, cash, lessee, check_books
):
    lease = rentals.billed(rentals.financed())
    receipt = rentals.pay(lease, MINIMUM)
    principal = MINIMUM - MONTH
    left = PRINCIPAL - principal
    booked = {"late": 0, "rent": MINIMUM, "paid": MINIMUM, "overdue": 0}
    assert events(receipt)[1:] == [
        transfer_event(cash, lessee, ledger, MINIMUM),
        event(ledger, "RentPaid", id=lease, payer=lessee, **booked),
        event(ledger, "RentReleased", id=lease, to=treasury, amount=MINIMUM),
        transfer_event(cash, ledger, treasury, MINIMUM),
        loan_paid_event(loans, lease, ledger, MONTH, principal, left),
        accrual_event(treasury, 0, left * LOAN_RATE),
        repaid_event(treasury, principal, MONTH, left, LENT - LOAN_NET + MINIMUM),
    ]
    assert loans.owedOf(lease) == left
    assert treasury.totalAssets() == LENT + LOAN_FEE + MONTH
    check_books(lease)


def test_rent_that_the_loan_does_not_need_is_the_lessors(rentals, loans, ledger, cash, lessor, stranger, check_books):
    lease = rentals.billed(rentals.financed(periods=2))
    rentals.pay_all(lease)
    clock.pass_days(PERIOD_DAYS)
    owed = loans.owedOf(lease)
    assert owed < MINIMUM
    receipt = rentals.pay_all(lease)
    assert events(receipt)[-1] == event(ledger, "AssignmentEnded", id=lease, assignee=loans)
    assert event(loans, "LoanEnded", lease=lease, status=LoanStatus.REPAID) in events(receipt)
    assert (loans.loanOf(lease).status, loans.owedOf(lease)) == (LoanStatus.REPAID, 0)
    before = cash.balanceOf(lessor)
    ledger.release(lease, sender=stranger)
    assert cash.balanceOf(lessor) == before + MINIMUM - owed
    check_books(lease)


def test_while_the_rent_is_assigned_releasing_it_gives_the_lessor_nothing(
    rentals, ledger, loans, cash, lessor, stranger
):
    lease = rentals.billed(rentals.financed())
    rentals.pay_all(lease)
    before = cash.balanceOf(lessor)
    ledger.release(lease, sender=lessor)
    loans.onRent(lease, sender=stranger)
    assert cash.balanceOf(lessor) == before
    assert loans.owedOf(lease) == PRINCIPAL - (MINIMUM - MONTH)


def test_case_3_anyone_repays_beside_the_rent_and_no_more_than_is_owed(
    rentals, loans, ledger, treasury, cash, stranger, check_books
):
    lease = rentals.financed()
    clock.pass_days(10)
    interest = 10 * LOAN_DAY
    receipt = loans.repay(lease, interest + 1_000_00, sender=stranger)
    left = PRINCIPAL - 1_000_00
    assert events(receipt) == [
        transfer_event(cash, stranger, treasury, interest + 1_000_00),
        loan_paid_event(loans, lease, stranger, interest, 1_000_00, left),
        accrual_event(treasury, 0, left * LOAN_RATE),
        repaid_event(treasury, 1_000_00, interest, left, LENT - LOAN_NET + interest + 1_000_00),
    ]
    receipt = loans.repay(lease, MOST, sender=stranger)
    assert receipt.return_value == left
    assert events(receipt)[-1] == event(ledger, "AssignmentEnded", id=lease, assignee=loans)
    assert refusal(loans.repay, lease, 1, sender=stranger) == error("LoanNotOwed", lease=lease)
    check_books(lease)


def test_nothing_is_repaid_of_nothing(rentals, loans, stranger):
    lease = rentals.delivered()
    assert refusal(loans.repay, lease, 0, sender=stranger) == error("PaymentZero")
    assert refusal(loans.repay, lease, 1, sender=stranger) == error("LoanNotOwed", lease=lease)
    assert events(loans.onRent(lease, sender=stranger)) == []


def test_a_loan_is_repaid_by_permit(given, rentals, loans, cash, lessee):
    lease = rentals.financed()
    cash.approve(loans, 0, sender=lessee)
    permit = given.permit(key_of("lessee"), loans, PRINCIPAL, clock.now() + 60)
    loans.repayWithPermit(lease, PRINCIPAL, permit, sender=lessee)
    assert loans.loanOf(lease).status == LoanStatus.REPAID


def test_case_11_poking_a_loan_earns_and_costs_nothing(rentals, loans, stranger, check_books):
    lease = rentals.financed()
    for _ in range(6):
        clock.pass_days(5)
        loans.onRent(lease, sender=stranger)
    assert loans.owedOf(lease) == PRINCIPAL + MONTH
    check_books(lease)


def test_case_24_a_paused_treasury_is_paid_all_the_same(
    rentals, loans, treasury, guardian, refused, lessee, check_books
):
    lease = rentals.financed()
    treasury.pause(sender=guardian)
    clock.pass_days(PERIOD_DAYS)
    rentals.pay_all(lease)
    loans.repay(lease, 1_00, sender=lessee)
    assert loans.loanOf(lease).principal == PRINCIPAL - (MINIMUM - MONTH) - 1_00
    check_books(lease)


# ARREARS


def test_a_loan_is_marked_once_its_rent_is_overdue(rentals, loans, ledger, treasury, stranger, check_books):
    lease = rentals.financed()
    clock.pass_days(FIRST_OVERDUE_DAY - 1)
    not_overdue = error("LoanNotOverdue", lease=lease)
    assert refusal(loans.markOverdue, lease, sender=stranger) == not_overdue
    clock.pass_days(1)
    receipt = loans.markOverdue(lease, sender=stranger)
    assert events(receipt) == [
        event(loans, "LoanOverdue", lease=lease, principal=PRINCIPAL, impaired=IMPAIRMENT),
        accrual_event(treasury, 0, 0),
        event(treasury, "ArrearsBegun", party=LESSEE, arrears=1),
        impairment_event(treasury, 0, IMPAIRMENT),
    ]
    again = error("LoanStatusWrong", lease=lease, status=LoanStatus.OVERDUE)
    assert refusal(loans.markOverdue, lease, sender=stranger) == again
    check_books(lease)


def test_case_1_a_loan_is_in_order_again_when_its_rent_is_and_not_before(
    rentals, loans, treasury, stranger, check_books
):
    lease = rentals.overdue(rentals.financed())
    loans.markOverdue(lease, sender=stranger)
    loans.onRent(lease, sender=stranger)
    rentals.pay(lease, 1)
    assert loans.loanOf(lease).status == LoanStatus.OVERDUE
    receipt = rentals.pay_all(lease)
    assert event(loans, "LoanCured", lease=lease) in events(receipt)
    assert event(treasury, "ArrearsEnded", party=LESSEE, arrears=0) in events(receipt)
    loan = loans.loanOf(lease)
    assert (loan.status, loan.impaired) == (LoanStatus.ACTIVE, 0)
    check_books(lease)


def test_a_loan_is_in_default_only_when_its_lease_is(rentals, loans, treasury, risk_officer, stranger, check_books):
    lease = rentals.two_behind(rentals.financed())
    not_defaulted = error("LeaseNotDefaulted", lease=lease)
    assert refusal(loans.markDefaulted, lease, sender=stranger) == not_defaulted
    rentals.leases.declareDefault(lease, sender=risk_officer)
    receipt = loans.markDefaulted(lease, sender=stranger)
    assert events(receipt) == [
        event(loans, "LoanOverdue", lease=lease, principal=PRINCIPAL, impaired=IMPAIRMENT),
        accrual_event(treasury, 0, 0),
        event(treasury, "ArrearsBegun", party=LESSEE, arrears=1),
        impairment_event(treasury, 0, IMPAIRMENT),
        event(loans, "LoanDefaulted", lease=lease, principal=PRINCIPAL),
        impairment_event(treasury, IMPAIRMENT, PRINCIPAL),
    ]
    wrong = error("LoanStatusWrong", lease=lease, status=LoanStatus.DEFAULTED)
    for method in (loans.markDefaulted, loans.markOverdue):
        assert refusal(method, lease, sender=stranger) == wrong
    check_books(lease)


def test_a_default_that_is_paid_cures_the_loan_too(rentals, loans, treasury, stranger, check_books):
    lease = rentals.defaulted(rentals.financed())
    loans.markDefaulted(lease, sender=stranger)
    rentals.pay_all(lease)
    assert rentals.status(lease) == LeaseStatus.ACTIVE
    assert (loans.loanOf(lease).status, treasury.accountOf(LESSEE).arrears) == (LoanStatus.ACTIVE, 0)
    check_books(lease)


def test_the_deposit_repays_the_loan_when_all_rent_falls_due(rentals, loans, risk_officer, check_books):
    lease = rentals.accelerated(rentals.financed())
    interest = 71 * LOAN_DAY
    assert loans.loanOf(lease).principal == PRINCIPAL + interest - DEPOSIT
    check_books(lease)


def test_a_rescinded_machine_sold_above_all_claims_repays_the_bank_and_leaves_each_its_own(
    rentals, leases, loans, ledger, cash, treasury, lessor, lessee, buyer, risk_officer, stranger, check_books
):
    lease = rentals.rescinded(rentals.financed())
    loans.markDefaulted(lease, sender=stranger)
    claim, loan = rentals.owed(lease), loans.owedOf(lease)
    price = claim + 50_000_00
    leases.offerSale(lease, buyer, price, DOCUMENT, sender=risk_officer)
    leases.buy(lease, price, sender=buyer)
    assert loans.loanOf(lease).status == LoanStatus.REPAID
    assert treasury.accountOf(LESSEE).arrears == 0
    check_books(lease)
    before = [cash.balanceOf(account) for account in (lessor, lessee)]
    ledger.release(lease, sender=stranger)
    ledger.releaseCredit(lease, sender=stranger)
    after = [cash.balanceOf(account) for account in (lessor, lessee)]
    assert [now - then for now, then in zip(after, before, strict=True)] == [claim - loan, 50_000_00]


def test_a_shortfall_stays_owed_is_written_off_and_recovered_later(
    rentals, leases, loans, treasury, buyer, lessee, risk_officer, stranger, check_books
):
    lease = rentals.rescinded(rentals.financed())
    leases.offerSale(lease, buyer, 400_000_00, DOCUMENT, sender=risk_officer)
    leases.buy(lease, 400_000_00, sender=buyer)
    loans.markDefaulted(lease, sender=stranger)
    left = loans.loanOf(lease).principal
    assert left == PRINCIPAL + 71 * LOAN_DAY - DEPOSIT - 400_000_00
    check_books(lease)
    receipt = loans.writeOff(lease, sender=risk_officer)
    loss = {"principal": left, "fromCover": left, "cover": COVER - left}
    assert events(receipt) == [
        event(treasury, "WrittenOff", product=PRODUCT, party=LESSEE, **loss),
        event(loans, "LoanWrittenOff", lease=lease, loss=left, fromCover=left),
    ]
    check_books(lease)
    clock.pass_days(100)
    owed = loans.owedOf(lease)
    receipt = rentals.pay(lease, owed)
    assert event(loans, "LoanEnded", lease=lease, status=LoanStatus.RECOVERED) in events(receipt)
    assert (treasury.book().cover, treasury.accountOf(LESSEE).arrears) == (COVER, 0)
    assert rentals.ledger.assigneeOf(lease) == NOBODY
    check_books(lease)


def test_only_the_risk_officer_writes_off_and_only_what_is_in_default(rentals, loans, risk_officer, lessor, stranger):
    lease = rentals.defaulted(rentals.financed())
    wrong = error("LoanStatusWrong", lease=lease, status=LoanStatus.ACTIVE)
    assert refusal(loans.writeOff, lease, sender=risk_officer) == wrong
    for caller in (lessor, stranger):
        refused = error("AccessManagedUnauthorized", caller=caller)
        assert refusal(loans.writeOff, lease, sender=caller) == refused


def test_lenders_bear_what_the_cover_does_not(
    suite, rentals, loans, treasury, risk_manager, cover_provider, risk_officer, stranger
):
    lease = rentals.defaulted(rentals.financed())
    after_delay(suite, risk_manager, treasury.withdrawCover, cover_provider, COVER - 40_000_00)
    loans.markDefaulted(lease, sender=stranger)
    loans.writeOff(lease, sender=risk_officer)
    assert loans.loanOf(lease).fromCover == 40_000_00
    assert treasury.totalAssets() == LENT - LOAN_NET + 40_000_00
    receipt = rentals.pay_all(lease)
    interest = 71 * LOAN_DAY
    recovered = next(found for found in events(receipt) if found.name == "Recovered")
    assert recovered.values["toLenders"] == 2 * MINIMUM + 32 * LATE_DAY
    assert recovered.values["toCover"] == 0
    assert loans.loanOf(lease).principal == PRINCIPAL + interest - 2 * MINIMUM - 32 * LATE_DAY


def test_a_lease_that_ended_while_its_loan_is_owed_puts_the_loan_in_default(
    rentals, leases, loans, compliance, lessor, lessee, stranger
):
    lease = rentals.financed(periods=1)
    clock.pass_days(PERIOD_DAYS)
    leases.dispute(lease, REASON, sender=lessee)
    leases.resolveDispute(lease, MINIMUM, REASON, sender=compliance)
    leases.confirmReturn(lease, sender=lessor)
    assert rentals.status(lease) == LeaseStatus.RETURNED
    loans.markDefaulted(lease, sender=stranger)
    assert loans.loanOf(lease).status == LoanStatus.DEFAULTED


def test_case_32_without_oracles_everybody_still_pays(rentals, loans, oracle, devices, guardian, lessee, check_books):
    lease = rentals.financed()
    oracle.pauseReports(sender=guardian)
    devices.pauseReports(sender=guardian)
    clock.pass_days(2 * PERIOD_DAYS)
    rentals.pay_all(lease)
    assert loans.loanOf(lease).status == LoanStatus.ACTIVE
    check_books(lease)


def test_case_6_a_frozen_lessee_repays_the_loan_by_its_rent(rentals, loans, participants, compliance, check_books):
    lease = rentals.billed(rentals.financed())
    participants.freeze(LESSEE, REASON, sender=compliance)
    participants.freeze(Party.LESSOR, REASON, sender=compliance)
    rentals.pay_all(lease)
    assert loans.loanOf(lease).principal == PRINCIPAL - (MINIMUM - MONTH)
    check_books(lease)


def test_a_payment_with_too_little_gas_for_the_banks_books_is_refused_whole(rentals, lessee):
    """Wallets look for the least gas with which a payment goes through: it must be enough for all of it."""
    lease = rentals.billed(rentals.financed())
    owed, paid = rentals.owed(lease), []
    for gas in range(100_000, 300_000, 10_000):
        with ape.chain.isolate():
            try:
                rentals.ledger.pay(lease, owed, sender=lessee, gas=gas)
            except TransactionError:
                continue
            paid.append(gas)
            assert rentals.ledger.accountOf(lease).claimable == 0, f"with {gas} gas the bank was not told"
    assert 0 < len(paid) < 20
