"""Conditions, quote and finance: every refusal in the order of the requires, then the payout to the unit."""

import pytest
from ape import project

from tests import model
from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.market import FACILITY, LENT, LIMIT
from tests.contracts.situations import (
    ADVANCE,
    CASH,
    DISCOUNT,
    DOCUMENT,
    FACE,
    FEE,
    NET,
    REASON,
    TERM,
    State,
    Status,
    fingerprint,
)
from tests.contracts.suite import KYC_HASH, SCORING, Party, Role, after_delay, refusal_after_delay

pytestmark = pytest.mark.usefixtures("market")

FIELDS = (
    "open",
    "recourse",
    "registration_required",
    "max_term_days",
    "basis",
    "grace_days",
    "cure_days",
    "late_rate_bps",
    "late_cap_bps",
    "overdue_impairment_bps",
)
# Advance, annual rate and fee of scripts/parameters/local.json by a score of the grade.
TERMS_OF = {
    720: model.Terms(9_000, 435, 20),
    660: model.Terms(8_500, 520, 25),
    610: model.Terms(8_000, 640, 30),
    560: model.Terms(7_000, 850, 40),
}
BASIS_360 = model.Facility(360, 3, 1_800, 1_000, 2_500)


def facility(**changes):
    return tuple((dict(zip(FIELDS, FACILITY, strict=True)) | changes).values())


@pytest.fixture
def set_facility(suite, risk_manager):
    def set_(**changes):
        return after_delay(suite, risk_manager, suite.factoring.setFacility, Party.CORE_ENTERPRISE, facility(**changes))

    return set_


def refused_by_both(given, receivable, expected, by=None):
    """A quote names the same reason as the financing it stands for."""
    factoring = given.factoring
    deadline = clock.now() + clock.HOUR
    assert refusal(factoring.quote, receivable) == expected
    assert refusal(factoring.finance, receivable, 0, deadline, sender=by or given.supplier) == expected


# FACILITY


def test_only_the_risk_manager_sets_a_facility(factoring, risk_officer, core_enterprise):
    for caller in (risk_officer, core_enterprise):
        refused = error("AccessManagedUnauthorized", caller=caller)
        assert refusal(factoring.setFacility, Party.CORE_ENTERPRISE, FACILITY, sender=caller) == refused


def test_a_facility_needs_a_known_debtor(suite, factoring, risk_manager, risk_officer):
    unknown = error("PartyUnknown", party=99)
    assert refusal_after_delay(suite, risk_manager, factoring.setFacility, 99, FACILITY) == unknown
    assert refusal(factoring.closeFacility, 99, sender=risk_officer) == unknown


@pytest.mark.parametrize(
    "changes",
    [
        {"max_term_days": 0},
        {"max_term_days": 366},
        {"basis": 364},
        {"basis": 0},
        {"late_rate_bps": 2_401},
        {"late_cap_bps": 10_001},
        {"overdue_impairment_bps": 10_001},
    ],
    ids=str,
)
def test_case_22_a_facility_out_of_bounds_is_refused(suite, factoring, risk_manager, changes):
    wrong = facility(**changes)
    values = dict(zip(FIELDS, wrong, strict=True))
    refused = error(
        "FacilityOutOfBounds",
        maxTermDays=values["max_term_days"],
        basis=values["basis"],
        lateRateBps=values["late_rate_bps"],
        lateCapBps=values["late_cap_bps"],
        overdueImpairmentBps=values["overdue_impairment_bps"],
    )
    answer = refusal_after_delay(suite, risk_manager, factoring.setFacility, Party.CORE_ENTERPRISE, wrong)
    assert answer == refused


def test_a_facility_at_its_limits_is_set(factoring, set_facility):
    widest = {"max_term_days": 365, "basis": 365, "late_rate_bps": 2_400, "late_cap_bps": 10_000}
    receipt = set_facility(**widest, overdue_impairment_bps=10_000, grace_days=255, cure_days=255)
    expected = facility(**widest, overdue_impairment_bps=10_000, grace_days=255, cure_days=255)
    changed = event(factoring, "FacilityChanged", debtor=Party.CORE_ENTERPRISE, facility=expected)
    assert events(receipt)[-1] == changed
    assert factoring.facilityOf(Party.CORE_ENTERPRISE) == expected


def test_the_risk_officer_closes_a_facility_at_once(given, factoring, risk_officer, supplier):
    receivable = given.confirmed()
    assert refusal(factoring.closeFacility, Party.CORE_ENTERPRISE, sender=supplier) == error(
        "AccessManagedUnauthorized", caller=supplier
    )
    receipt = factoring.closeFacility(Party.CORE_ENTERPRISE, sender=risk_officer)
    closed = facility(open=False)
    assert events(receipt) == [event(factoring, "FacilityChanged", debtor=Party.CORE_ENTERPRISE, facility=closed)]
    refused_by_both(given, receivable, error("FacilityClosed", debtor=Party.CORE_ENTERPRISE))


def test_a_debtor_without_a_facility_is_refused(given, receivables, core_enterprise2, supplier):
    registration = given.registration(debtor=int(Party.CORE_ENTERPRISE2))
    receivables.issue(registration, supplier, sender=core_enterprise2)
    refused_by_both(given, receivables.lastId(), error("FacilityClosed", debtor=Party.CORE_ENTERPRISE2))


# REGISTRATION WITH THE MOVABLES REGISTRY


def test_a_registration_is_recorded_by_the_risk_officer_with_a_reference(given, factoring, risk_officer, supplier):
    receivable = given.confirmed()
    refused = error("AccessManagedUnauthorized", caller=supplier)
    assert refusal(factoring.recordRegistration, receivable, DOCUMENT, sender=supplier) == refused
    refused = error("RegistrationEmpty")
    assert refusal(factoring.recordRegistration, receivable, bytes(32), sender=risk_officer) == refused
    unknown = error("ReceivableUnknown", id=9)
    assert refusal(factoring.recordRegistration, 9, DOCUMENT, sender=risk_officer) == unknown


def test_a_facility_may_require_registration_before_payout(given, factoring, set_facility, risk_officer):
    set_facility(registration_required=True)
    receivable = given.confirmed()
    refused_by_both(given, receivable, error("RegistrationMissing", receivable=receivable))
    receipt = factoring.recordRegistration(receivable, DOCUMENT, sender=risk_officer)
    recorded = event(factoring, "RegistrationRecorded", receivable=receivable, registryReference=DOCUMENT)
    assert events(receipt) == [recorded]
    given.finance(receivable)
    assert given.status(receivable) == Status.ACTIVE


# WHAT IS NOT FINANCED


def test_nothing_is_financed_while_factoring_is_paused(given, factoring, guardian):
    receivable = given.confirmed()
    factoring.pause(sender=guardian)
    refused_by_both(given, receivable, error("EnforcedPause"))


@pytest.mark.parametrize("contract", ["receivables", "treasury"])
def test_case_24_nothing_is_financed_while_what_it_needs_is_paused(given, suite, guardian, contract):
    receivable = given.confirmed()
    getattr(suite, contract).pause(sender=guardian)
    deadline = clock.now() + clock.HOUR
    refused = error("EnforcedPause")
    assert refusal(suite.factoring.finance, receivable, 0, deadline, sender=given.supplier) == refused


def test_an_offer_is_good_through_its_deadline(given, factoring, supplier):
    receivable, deadline = given.confirmed(), clock.now() + 100
    clock.travel_to(deadline)
    assert refusal(factoring.finance, receivable, 0, deadline, sender=supplier) is None
    clock.travel_to(deadline + 1)
    refused = error("OfferExpired", deadline=deadline)
    assert refusal(factoring.finance, receivable, 0, deadline, sender=supplier) == refused


def test_an_unknown_receivable_is_not_financed(given):
    refused_by_both(given, 9, error("ReceivableUnknown", id=9))


def test_case_10_a_receivable_is_financed_once(given, factoring, receivables, supplier, supplier2):
    receivable = given.financed()
    refused_by_both(given, receivable, error("AlreadyFinanced", receivable=receivable))
    refused_by_both(given, receivable, error("AlreadyFinanced", receivable=receivable), by=supplier2)
    refused = error("StateWrong", id=receivable, state=State.FINANCED, needed=State.CONFIRMED)
    assert refusal(receivables.transferFrom, supplier, supplier2, receivable, sender=supplier) == refused
    assert refusal(receivables.split, receivable, [1, FACE - 1], sender=supplier) == refused
    again = given.registration(fingerprint=fingerprint(receivable))
    assert refusal(receivables.register, again, sender=supplier2) == error("InvoiceRegistered", id=receivable)


def test_case_10_neither_a_split_whole_nor_a_parent_nor_a_part_is_financed_twice(given, receivables, supplier):
    first, second = given.split([FACE, FACE])
    receivables.split(second, [FACE // 2, FACE // 2], sender=supplier)
    for parent in (first - 1, second):
        refused_by_both(given, parent, error("NotFinanceable", receivable=parent, state=State.SPLIT))
    for part in (first, second + 1, second + 2):
        given.finance(part)
        refused_by_both(given, part, error("AlreadyFinanced", receivable=part))
    assert given.suite.treasury.accountOf(Party.CORE_ENTERPRISE).outstanding == 2 * ADVANCE


def test_only_what_is_confirmed_undisputed_and_unpaid_is_financed(given, receivables, supplier):
    registered, cancelled, disputed = given.registered(), given.registered(), given.disputed()
    receivables.cancel(cancelled, fingerprint(cancelled), sender=supplier)
    settled = given.confirmed()
    given.settle(settled, FACE)
    refused_by_both(given, disputed, error("FinancingDisputed", receivable=disputed))
    for receivable, state in ((registered, State.REGISTERED), (cancelled, State.CANCELLED), (settled, State.SETTLED)):
        refused_by_both(given, receivable, error("NotFinanceable", receivable=receivable, state=state))


def test_a_claim_in_another_currency_is_not_financed(given, suite, receivables, deployer, risk_manager):
    other = deployer.deploy(project.MockCash)
    other.mint(risk_manager, 10_000, sender=deployer)
    other.approve(receivables, 10_000, sender=risk_manager)
    after_delay(suite, risk_manager, receivables.allowCurrency, other)
    receivable = given.confirmed(currency=CASH + 1)
    refused_by_both(given, receivable, error("CurrencyNotFinanced", currency=other))


def test_the_holder_must_be_verified(given, participants, compliance, supplier, spare):
    receivable = given.confirmed()
    participants.freeze(Party.SUPPLIER, REASON, sender=compliance)
    refused_by_both(given, receivable, error("PartyIsFrozen", party=Party.SUPPLIER))
    participants.rotateWallet(supplier, spare, sender=compliance)
    refused_by_both(given, receivable, error("WalletUnknown", wallet=supplier))


def test_the_debtor_must_be_verified_on_the_day_of_the_payout(given, participants, compliance):
    receivable, valid_until = given.confirmed(), clock.now() + 1_000
    participants.renew(Party.CORE_ENTERPRISE, Role.CORE_ENTERPRISE, valid_until, KYC_HASH, sender=compliance)
    clock.travel_to(valid_until)
    refused_by_both(given, receivable, error("PartyExpired", party=Party.CORE_ENTERPRISE, validUntil=valid_until))


def test_case_21_a_claim_is_financed_until_midnight_before_its_due_day_in_beijing(given, factoring):
    receivable, due_day = given.confirmed(days=1), clock.today() + 1
    clock.travel_to(clock.midnight(due_day) - 1)
    assert factoring.quote(receivable).term == 1
    clock.travel_to(clock.midnight(due_day))
    refused_by_both(given, receivable, error("TermOutOfBounds", term=0, longest=180))
    clock.travel_to(clock.midnight(due_day + 1))
    refused_by_both(given, receivable, error("TermOutOfBounds", term=-1, longest=180))


def test_the_term_is_bounded_by_the_facility(given, factoring):
    at_limit, above_limit = given.confirmed(days=180), given.confirmed(days=181)
    assert factoring.quote(at_limit).term == 180
    refused_by_both(given, above_limit, error("TermOutOfBounds", term=181, longest=180))


def test_only_the_holder_finances(given, factoring, receivables, core_enterprise, supplier, supplier2, stranger):
    receivable, deadline = given.confirmed(), clock.now() + clock.HOUR
    receivables.setApprovalForAll(stranger, True, sender=supplier)
    for caller in (core_enterprise, supplier2, stranger):
        refused = error("OnlyHolderFinances", receivable=receivable, holder=supplier)
        assert refusal(factoring.finance, receivable, 0, deadline, sender=caller) == refused


def test_the_smallest_claim_leaves_a_unit_after_discount_and_fee(given):
    refused_by_both(given, given.confirmed(face=3, days=1), error("ClaimTooSmall", claim=3))
    given.finance(given.confirmed(face=4, days=1))


# THE GATE


def test_consent_is_read_at_the_payout(given, oracle, core_enterprise):
    receivable = given.confirmed()
    oracle.revokeConsent(SCORING, sender=core_enterprise)
    refused_by_both(given, receivable, error("ConsentMissing", party=Party.CORE_ENTERPRISE, purpose=SCORING))


def test_a_held_score_pays_nothing_out(given, oracle, guardian):
    receivable = given.confirmed()
    oracle.hold(Party.CORE_ENTERPRISE, sender=guardian)
    refused_by_both(given, receivable, error("ScoreOnHold", party=Party.CORE_ENTERPRISE))


def test_a_retired_models_score_pays_nothing_out(given, oracle, risk_officer):
    receivable = given.confirmed()
    oracle.retireModel(1, sender=risk_officer)
    refused_by_both(given, receivable, error("ModelIsRetired", modelId=1))


def test_an_expired_score_pays_nothing_out(given, oracle):
    receivable = given.confirmed()
    score = oracle.scoreOf(Party.CORE_ENTERPRISE)
    clock.travel_to(score.validUntil)
    assert refusal(given.factoring.quote, receivable) is None
    clock.travel_to(score.validUntil + 1)
    expired = error("ScoreExpired", party=Party.CORE_ENTERPRISE, validUntil=score.validUntil)
    refused_by_both(given, receivable, expired)


def test_a_stale_score_pays_nothing_out(given, oracle, quorum, stranger):
    receivable = given.confirmed()
    report = quorum.report(quorum.record(Party.CORE_ENTERPRISE, 720), valid_until=clock.now() + 39 * clock.DAY)
    quorum.submit(report, stranger)
    issued_at = oracle.scoreOf(Party.CORE_ENTERPRISE).issuedAt
    clock.travel_to(issued_at + 30 * clock.DAY)
    assert refusal(given.factoring.quote, receivable) is None
    clock.travel_to(issued_at + 30 * clock.DAY + 1)
    stale = error("ScoreStale", party=Party.CORE_ENTERPRISE, issuedAt=issued_at, maxAge=30 * clock.DAY)
    refused_by_both(given, receivable, stale)


@pytest.mark.parametrize(("score", "grade"), [(549, 4), (499, 5)], ids=["closed", "below_the_scale"])
def test_a_refused_grade_pays_nothing_out(given, quorum, stranger, score, grade):
    receivable = given.confirmed()
    quorum.score(Party.CORE_ENTERPRISE, score, sender=stranger)
    refused_by_both(given, receivable, error("GradeRefused", product=0, grade=grade, score=score))


def test_a_blocking_flag_pays_nothing_out(given, quorum, stranger):
    receivable = given.confirmed()
    quorum.score(Party.CORE_ENTERPRISE, 720, sender=stranger, flags=2)
    refused_by_both(given, receivable, error("PartyFlagged", party=Party.CORE_ENTERPRISE, flags=2))


def test_a_debtor_in_arrears_is_paid_nothing_more(given):
    receivable = given.confirmed()
    given.overdue()
    refused_by_both(given, receivable, error("PartyInArrears", party=Party.CORE_ENTERPRISE, arrears=1))


def test_the_unified_limit_is_drawn_to_the_unit(given, treasury, risk_officer):
    given.financed()
    receivable = given.confirmed(face=1_000)
    treasury.cutLimit(Party.CORE_ENTERPRISE, ADVANCE + 899, sender=risk_officer)
    exceeded = {"party": Party.CORE_ENTERPRISE, "wouldOwe": ADVANCE + 900, "limit": ADVANCE + 899}
    refused_by_both(given, receivable, error("LimitExceeded", **exceeded))
    given.finance(given.confirmed(face=999))
    assert treasury.accountOf(Party.CORE_ENTERPRISE).outstanding == ADVANCE + 899


def test_a_worse_grade_caps_the_limit(given, quorum, stranger):
    receivable = given.confirmed(face=10_000_000_00)
    quorum.score(Party.CORE_ENTERPRISE, 560, sender=stranger)
    exceeded = {"party": Party.CORE_ENTERPRISE, "wouldOwe": 7_000_000_00, "limit": 5_000_000_00}
    refused_by_both(given, receivable, error("LimitExceeded", **exceeded))


def test_case_17_a_claim_as_large_as_an_amount_can_be_meets_the_limit_by_name(given):
    given.financed()
    largest = 2**96 - 1
    would_owe = ADVANCE + largest * 9_000 // 10_000
    refused = error("LimitExceeded", party=Party.CORE_ENTERPRISE, wouldOwe=would_owe, limit=LIMIT)
    refused_by_both(given, given.confirmed(face=largest), refused)


def test_the_lenders_cash_is_the_last_bound(given, treasury):
    receivable = given.confirmed(face=30_000_000_00)
    net = model.quote(30_000_000_00, TERMS_OF[720], BASIS_360, 0, TERM).net
    refused_by_both(given, receivable, error("CashShort", available=LENT, needed=net))


# THE OFFER


def quoted(quote):
    return model.Quote(
        quote.advance, quote.discount, quote.fee, quote.net, quote.remainder, quote.term, quote.allInRateBps
    )


@pytest.mark.parametrize("score", TERMS_OF)
def test_every_figure_of_a_quote_is_exact(given, factoring, quorum, stranger, score):
    quorum.score(Party.CORE_ENTERPRISE, score, sender=stranger)
    today = clock.today()
    for face, days in ((FACE, TERM), (5, 1), (33, 7), (99_999_99, 29), (1_234_567_89, 59), (5_000_000_00, 180)):
        quote = factoring.quote(given.confirmed(face, days))
        assert quoted(quote) == model.quote(face, TERMS_OF[score], BASIS_360, today, today + days)
        assert (quote.claim, quote.startDay, quote.dueDay, quote.score) == (face, today, today + days, score)
        assert (quote.seller, quote.debtor, quote.holder) == (Party.SUPPLIER, Party.CORE_ENTERPRISE, given.supplier)


def test_a_facility_on_a_basis_of_365_days_is_cheaper(given, factoring, set_facility):
    set_facility(basis=365, max_term_days=365)
    basis_365 = model.Facility(365, 3, 1_800, 1_000, 2_500)
    for face, days in ((FACE, TERM), (FACE, 365), (7_777_77, 30)):
        expected = model.quote(face, TERMS_OF[720], basis_365, clock.today(), clock.today() + days)
        assert quoted(factoring.quote(given.confirmed(face, days))) == expected


def test_a_partly_paid_claim_is_quoted_on_what_is_still_owed(given, factoring, receivables, supplier):
    receivable = given.confirmed()
    given.settle(receivable, FACE // 2)
    quote = factoring.quote(receivable)
    assert quoted(quote) == model.quote(FACE // 2, TERMS_OF[720], BASIS_360, 0, TERM)
    given.finance(receivable)
    assert receivables.creditOf(supplier, CASH) == FACE // 2
    assert receivables.claimOf(receivable).claimable == 0


def test_case_21_the_term_counts_calendar_days_in_beijing_whatever_the_hour(given, factoring):
    receivable, today = given.confirmed(), clock.today()
    last_second = clock.midnight(today + 1) - 1
    clock.travel_to(last_second)
    assert factoring.quote(receivable).term == TERM
    clock.travel_to(last_second + 1)
    assert factoring.quote(receivable).term == TERM - 1


# FINANCE


def test_case_31_the_signed_net_amount_decides_when_the_score_falls_after_the_quote(
    given, factoring, quorum, stranger, supplier
):
    receivable, deadline = given.confirmed(), clock.now() + clock.HOUR
    signed = factoring.quote(receivable).net
    quorum.score(Party.CORE_ENTERPRISE, 660, sender=stranger)
    net = model.quote(FACE, TERMS_OF[660], BASIS_360, 0, TERM).net
    refused = error("NetBelowSigned", net=net, signed=signed)
    assert refusal(factoring.finance, receivable, signed, deadline, sender=supplier) == refused
    given.finance(receivable, min_net=net)
    assert factoring.financingOf(receivable).outstanding == FACE * 85 // 100


def test_case_31_a_payment_between_quote_and_financing_does_not_lower_the_net_amount_unseen(
    given, factoring, supplier, stranger
):
    receivable, deadline = given.confirmed(), clock.now() + clock.HOUR
    given.receivables.settle(receivable, FACE // 10, sender=stranger)
    net = model.quote(FACE * 9 // 10, TERMS_OF[720], BASIS_360, 0, TERM).net
    refused = error("NetBelowSigned", net=net, signed=NET)
    assert refusal(factoring.finance, receivable, NET, deadline, sender=supplier) == refused


def test_case_4_what_a_holder_signs_changes_no_figure(given, factoring, cash, supplier):
    receivable, deadline = given.confirmed(), clock.now() + clock.HOUR
    refused = error("NetBelowSigned", net=NET, signed=NET + 1)
    assert refusal(factoring.finance, receivable, NET + 1, deadline, sender=supplier) == refused
    before = cash.balanceOf(supplier)
    given.finance(receivable, min_net=0)
    assert cash.balanceOf(supplier) - before == NET


def test_one_transaction_pays_the_holder_and_books_the_debt(given, factoring, receivables, treasury, cash, supplier):
    receivable, today = given.confirmed(), clock.today()
    before = cash.balanceOf(supplier)
    receipt = given.finance(receivable, min_net=NET)
    financed = {
        "receivable": receivable,
        "seller": Party.SUPPLIER,
        "debtor": Party.CORE_ENTERPRISE,
        "claim": FACE,
        "advance": ADVANCE,
        "discount": DISCOUNT,
        "fee": FEE,
        "net": NET,
        "dueDay": today + TERM,
        "annualRateBps": 435,
        "score": 720,
    }
    disbursed = {
        "product": 0,
        "party": Party.CORE_ENTERPRISE,
        "to": supplier,
        "net": NET,
        "principal": ADVANCE,
        "partyOutstanding": ADVANCE,
        "cash": LENT - NET,
    }
    assert events(receipt) == [
        event(receivables, "ReceivablePledged", id=receivable, lienor=1),
        event(factoring, "ReceivableFinanced", **financed),
        event(treasury, "Disbursed", **disbursed),
        event(cash, "Transfer", **{"from": treasury.address}, to=supplier, value=NET),
    ]
    assert cash.balanceOf(supplier) - before == NET
    financing = factoring.financingOf(receivable)
    assert (financing.principal, financing.outstanding, financing.income) == (ADVANCE, ADVANCE, DISCOUNT + FEE)
    assert (financing.startDay, financing.dueDay, financing.status) == (today, today + TERM, Status.ACTIVE)
    assert (financing.seller, financing.debtor) == (Party.SUPPLIER, Party.CORE_ENTERPRISE)
    assert (financing.graceDays, financing.cureDays, financing.basis, financing.recourse) == (3, 10, 360, True)
    assert factoring.owedOf(receivable) == (ADVANCE, 0, 0)
    assert given.state(receivable) == State.FINANCED
    given.check_books()


def test_a_changed_facility_leaves_financings_alone(given, factoring, set_facility):
    receivable = given.financed()
    set_facility(recourse=False, grace_days=0, late_rate_bps=2_400, basis=365)
    financing = factoring.financingOf(receivable)
    assert (financing.recourse, financing.graceDays, financing.lateRateBps, financing.basis) == (True, 3, 1_800, 360)


def test_a_claim_that_was_passed_on_is_financed_by_its_new_holder(given, factoring, receivables, supplier, supplier2):
    receivable, deadline = given.confirmed(), clock.now() + clock.HOUR
    receivables.transferFrom(supplier, supplier2, receivable, sender=supplier)
    refused = error("OnlyHolderFinances", receivable=receivable, holder=supplier2)
    assert refusal(factoring.finance, receivable, 0, deadline, sender=supplier) == refused
    given.finance(receivable, by=supplier2)
    assert factoring.financingOf(receivable).seller == Party.SUPPLIER2


def test_case_10_a_repaid_claim_is_financed_anew_and_only_then(given, factoring, receivables, supplier, supplier2):
    receivable = given.financed()
    factoring.repay(receivable, ADVANCE, sender=supplier)
    receivables.transferFrom(supplier, supplier2, receivable, sender=supplier)
    receivables.transferFrom(supplier2, supplier, receivable, sender=supplier2)
    given.finance(receivable)
    financing = factoring.financingOf(receivable)
    assert (financing.status, financing.outstanding, financing.latePaid) == (Status.ACTIVE, ADVANCE, 0)
    refused_by_both(given, receivable, error("AlreadyFinanced", receivable=receivable))
    given.check_books()
