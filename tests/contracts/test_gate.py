"""The gate at payout: every fact is read again, each refusal has its own name, and money in is never refused."""

import pytest

from tests.contracts import clock
from tests.contracts.answers import error, refusal
from tests.contracts.lines import DRAWN, FIRST_OVERDUE_DAY, MAX_RATE, Lines
from tests.contracts.quorum import MODEL, VALIDITY
from tests.contracts.situations import ADVANCE, FACE, NET, Status
from tests.contracts.suite import SCORING, Party, Role, after_delay

pytestmark = pytest.mark.usefixtures("market")

DEBTOR, SELLER = Party.CORE_ENTERPRISE, Party.SUPPLIER
REASON = b"court order".ljust(32, b"\0")


@pytest.fixture
def claim(given):
    """A confirmed claim that would be financed now."""
    return given.confirmed()


@pytest.fixture
def refused(factoring, supplier, claim):
    """What financing the claim is refused with now; its quote is refused with the same."""

    def why(receivable=claim):
        reason = refusal(factoring.finance, receivable, 0, clock.now() + clock.HOUR, sender=supplier)
        assert refusal(factoring.quote, receivable) == reason
        return reason

    return why


@pytest.fixture
def age(oracle):
    """Travel until the debtor's facts are so many seconds old."""
    return lambda seconds: clock.travel_to(oracle.scoreOf(DEBTOR).issuedAt + seconds)


def test_a_claim_with_every_fact_in_order_is_financed(given, cash, claim, refused, supplier):
    before = cash.balanceOf(supplier)
    assert refused() is None
    given.finance(claim)
    assert cash.balanceOf(supplier) == before + NET


"""FACTS"""


def test_case_29_without_consent_nothing_is_paid_out(oracle, core_enterprise, refused):
    oracle.revokeConsent(SCORING, sender=core_enterprise)
    assert refused() == error("ConsentMissing", party=DEBTOR, purpose=SCORING)


def test_case_29_a_held_score_pays_nothing_out(oracle, guardian, refused):
    oracle.hold(DEBTOR, sender=guardian)
    assert refused() == error("ScoreOnHold", party=DEBTOR)


def test_case_29_a_missing_score_pays_nothing_out(suite, oracle, given, risk_manager, core_enterprise2, supplier):
    other = Party.CORE_ENTERPRISE2
    oracle.grantConsent(SCORING, b"\xc0" * 32, sender=core_enterprise2)
    facility = suite.factoring.facilityOf(DEBTOR)
    after_delay(suite, risk_manager, suite.factoring.setFacility, other, tuple(facility))
    after_delay(suite, risk_manager, suite.treasury.setLimit, other, FACE)
    given.receivables.issue(given.registration(debtor=other), supplier, sender=core_enterprise2)
    assert refusal(suite.factoring.quote, given.receivables.lastId()) == error("ScoreMissing", party=other)


def test_case_29_an_expired_score_pays_nothing_out(oracle, refused, age):
    valid_until = oracle.scoreOf(DEBTOR).validUntil
    age(VALIDITY + 1)
    assert refused() == error("ScoreExpired", party=DEBTOR, validUntil=valid_until)


def test_case_29_a_score_of_a_retired_model_pays_nothing_out(oracle, risk_officer, refused):
    oracle.retireModel(MODEL, sender=risk_officer)
    assert refused() == error("ModelIsRetired", modelId=MODEL)


def test_case_29_a_stale_score_pays_nothing_out_though_it_is_valid(policy, oracle, quorum, stranger, refused, age):
    issued_at = clock.now()
    report = quorum.report(quorum.record(DEBTOR, 720), issued_at=issued_at, valid_until=issued_at + 40 * clock.DAY)
    quorum.submit(report, stranger)
    age(30 * clock.DAY + 1)
    assert refused() == error("ScoreStale", party=DEBTOR, issuedAt=issued_at, maxAge=30 * clock.DAY)


def test_case_29_a_flagged_party_is_paid_nothing_out(quorum, stranger, refused):
    quorum.score(DEBTOR, 720, stranger, flags=2)
    assert refused() == error("PartyFlagged", party=DEBTOR, flags=2)


def test_case_29_a_refused_grade_is_paid_nothing_out(quorum, stranger, refused):
    quorum.score(DEBTOR, 549, stranger)
    assert refused() == error("GradeRefused", product=0, grade=4, score=549)


def test_case_29_a_party_beyond_its_limit_is_paid_nothing_out(treasury, risk_officer, refused):
    treasury.cutLimit(DEBTOR, ADVANCE - 1, sender=risk_officer)
    assert refused() == error("LimitExceeded", party=DEBTOR, wouldOwe=ADVANCE, limit=ADVANCE - 1)


def test_a_party_at_its_limit_is_financed(treasury, risk_officer, refused):
    treasury.cutLimit(DEBTOR, ADVANCE, sender=risk_officer)
    assert refused() is None


def test_case_29_a_party_in_arrears_is_paid_nothing_out(given, refused):
    given.overdue()
    assert refused() == error("PartyInArrears", party=DEBTOR, arrears=1)


"""WHO"""


def test_case_06_a_frozen_seller_is_paid_nothing(participants, compliance, refused):
    participants.freeze(SELLER, REASON, sender=compliance)
    assert refused() == error("PartyIsFrozen", party=SELLER)


def test_case_06_a_frozen_debtor_is_not_financed(participants, compliance, refused):
    participants.freeze(DEBTOR, REASON, sender=compliance)
    assert refused() == error("PartyIsFrozen", party=DEBTOR)


def test_case_06_a_party_whose_kyc_has_ended_is_paid_nothing(participants, compliance, refused):
    ends = clock.now() + clock.HOUR
    participants.renew(SELLER, Role.SUPPLIER, ends, REASON, sender=compliance)
    clock.travel_to(ends)
    assert refused() == error("PartyExpired", party=SELLER, validUntil=ends)


def test_case_06_a_party_that_lost_its_role_is_paid_nothing(participants, compliance, refused):
    participants.renew(SELLER, Role.LENDER, clock.now() + clock.DAY, REASON, sender=compliance)
    assert refused() == error("RoleMissing", party=SELLER, role=Role.SUPPLIER)


def test_case_06_everybody_frozen_still_pays_settles_and_claims(suite, given, participants, compliance, actors):
    settled, repaid, unfinanced = given.financed(), given.financed(), given.confirmed()
    for party in (DEBTOR, SELLER, Party.LENDER):
        participants.freeze(party, REASON, sender=compliance)
    supplier, lender, cash = actors["supplier"], actors["lender"], suite.cash
    given.settle(settled, FACE)
    given.settle(unfinanced, FACE)
    suite.factoring.collect(settled, sender=supplier)
    suite.factoring.repay(repaid, ADVANCE, sender=supplier)
    before = cash.balanceOf(supplier)
    suite.receivables.release(settled, sender=supplier)
    suite.receivables.release(unfinanced, sender=supplier)
    assert cash.balanceOf(supplier) - before == (FACE - ADVANCE) + FACE
    assert given.status(settled) == given.status(repaid) == Status.REPAID
    suite.treasury.withdraw(FACE, lender, lender, sender=lender)


def test_case_06_a_frozen_party_takes_no_claim_and_gives_none(receivables, participants, compliance, actors, claim):
    supplier, supplier2 = actors["supplier"], actors["supplier2"]
    participants.freeze(Party.SUPPLIER2, REASON, sender=compliance)
    method = receivables.transferFrom
    assert refusal(method, supplier, supplier2, claim, sender=supplier) == error("PartyIsFrozen", party=Party.SUPPLIER2)
    participants.freeze(SELLER, REASON, sender=compliance)
    refused = refusal(method, supplier, actors["supplier3"], claim, sender=supplier)
    assert refused == error("PartyIsFrozen", party=SELLER)


"""THE ORACLE IS DOWN"""


def test_case_32_an_oracle_that_is_down_stops_new_money_and_nothing_else(suite, given, oracle, actors, refused, age):
    valid_until = oracle.scoreOf(DEBTOR).validUntil
    financed, repaid = given.financed(days=90), given.financed(days=90)
    age(VALIDITY + 10 * clock.DAY)
    assert refused() == error("ScoreExpired", party=DEBTOR, validUntil=valid_until)
    given.settle(financed, FACE)
    suite.factoring.collect(financed, sender=actors["stranger"])
    suite.factoring.repay(repaid, ADVANCE, sender=actors["stranger"])
    assert given.status(financed) == given.status(repaid) == Status.REPAID


def test_case_32_silence_alone_makes_nobody_overdue(suite, given, guardian, stranger):
    financed = given.financed(days=90)
    suite.oracle.pauseReports(sender=guardian)
    clock.pass_days(60)
    first = given.first_overdue_day(financed)
    assert refusal(suite.factoring.markOverdue, financed, sender=stranger) == error(
        "NotOverdueBefore", receivable=financed, day=first
    )
    assert given.status(financed) == Status.ACTIVE
    assert suite.treasury.accountOf(DEBTOR).arrears == 0


def test_case_32_paused_reports_leave_a_fresh_score_usable(suite, guardian, refused):
    suite.oracle.pauseReports(sender=guardian)
    assert refused() is None


"""A CLAIM AND A LINE OF ONE PARTY"""


@pytest.fixture
def own_line(suite, actors, quorum, participants, compliance):
    """The debtor is a merchant as well and has opened a line of its own."""
    roles, valid_until = Role.CORE_ENTERPRISE | Role.MERCHANT, clock.now() + 300 * clock.DAY
    participants.renew(DEBTOR, roles, valid_until, REASON, sender=compliance)
    lines = Lines(suite, actors, quorum, "core_enterprise")
    lines.open()
    return lines


@pytest.fixture
def draw_refused(line, core_enterprise):
    def why(amount=DRAWN):
        answer = refusal(line.draw, amount, 0, MAX_RATE, clock.now() + clock.HOUR, sender=core_enterprise)
        assert refusal(line.quote, DEBTOR, amount) == answer
        return answer

    return why


def test_a_claim_and_a_line_share_the_limit_over_all_products(
    given, own_line, treasury, risk_officer, claim, refused, draw_refused
):
    together = ADVANCE + DRAWN
    treasury.cutLimit(DEBTOR, together, sender=risk_officer)
    own_line.draw(DRAWN)
    assert refused() is None
    given.finance(claim)
    assert draw_refused(1) == error("LimitExceeded", party=DEBTOR, wouldOwe=together + 1, limit=together)
    own_line.repay(1)
    assert draw_refused(1) is None
    assert treasury.accountOf(DEBTOR).outstanding == together - 1
    assert (treasury.outstandingOf(0), treasury.outstandingOf(1)) == (ADVANCE, DRAWN - 1)
    given.check_books()


def test_what_a_claim_owes_counts_against_the_cap_of_the_lines_grade(given, own_line, line, claim):
    cap = line.limitOf(DEBTOR).gradeCap
    assert line.limitOf(DEBTOR).headroom == cap
    given.finance(claim)
    assert line.limitOf(DEBTOR).headroom == cap - ADVANCE


def test_case_29_a_claim_in_arrears_stops_draws_on_the_line(given, own_line, draw_refused):
    assert draw_refused() is None
    given.overdue()
    assert draw_refused() == error("PartyInArrears", party=DEBTOR, arrears=1)


def test_case_29_a_line_in_arrears_stops_the_financing_of_claims(own_line, given, line, stranger, refused):
    own_line.draw()
    clock.pass_days(FIRST_OVERDUE_DAY)
    own_line.score()
    claim = given.confirmed()
    # Time alone says nothing about another product; anybody may mark it.
    assert refused(claim) is None
    line.markDelinquent(DEBTOR, sender=stranger)
    assert refused(claim) == error("PartyInArrears", party=DEBTOR, arrears=1)
    own_line.repay_all()
    assert refused(claim) is None


def test_case_29_one_consent_withdrawn_stops_both(own_line, oracle, core_enterprise, refused, draw_refused):
    oracle.revokeConsent(SCORING, sender=core_enterprise)
    assert refused() == draw_refused() == error("ConsentMissing", party=DEBTOR, purpose=SCORING)


def test_case_06_everybody_frozen_still_repays_a_line(own_line, given, participants, compliance, claim):
    own_line.draw()
    given.finance(claim)
    for party in (DEBTOR, SELLER, Party.LENDER):
        participants.freeze(party, REASON, sender=compliance)
    own_line.repay_all()
    assert own_line.owed().total == 0
