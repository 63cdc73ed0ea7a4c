"""Conditions, opening, closing, and opening again."""

import pytest

from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.lines import (
    A_DAY,
    AGREEMENT,
    CONDITIONS,
    CYCLE,
    DRAWN,
    FIELDS,
    LIMIT,
    LINE_CAP,
    OWED_AT_FIRST,
    PRODUCT,
    TERM,
    LineStatus,
    conditions,
)
from tests.contracts.market import CONSENT_TEXT, SCORE
from tests.contracts.quorum import MODEL, VALIDITY
from tests.contracts.situations import REASON
from tests.contracts.suite import SCORING, TRAINING, Party, Role, admit, after_delay, refusal_after_delay

pytestmark = pytest.mark.usefixtures("lines")

MERCHANT = Party.MERCHANT
OTHER_AGREEMENT = b"\xab" * 32


def opened_event(line, merchant, limit=LIMIT, agreed=CONDITIONS):
    today = clock.today()
    return event(
        line,
        "LineOpened",
        party=MERCHANT,
        wallet=merchant,
        limit=limit,
        openedDay=today,
        firstCloseDay=today + agreed[2],
        maturityDay=today + agreed[1],
        conditions=agreed,
    )


@pytest.fixture
def set_conditions(suite, line, risk_manager):
    def set_(**changes):
        return after_delay(suite, risk_manager, line.setConditions, conditions(**changes))

    return set_


@pytest.fixture
def refused(line, merchant):
    """What opening a line is refused with now."""
    return lambda: refusal(line.open, AGREEMENT, sender=merchant)


# CONDITIONS


def test_the_conditions_are_those_of_the_parameters(line):
    assert line.conditions() == CONDITIONS


def test_only_the_risk_manager_sets_conditions(line, risk_officer, merchant):
    for caller in (risk_officer, merchant):
        answer = refusal(line.setConditions, CONDITIONS, sender=caller)
        assert answer == error("AccessManagedUnauthorized", caller=caller)


@pytest.mark.parametrize(
    "changes",
    [
        {"cycle_days": 27, "term_days": 270},
        {"due_days": 0},
        {"due_days": 30},
        {"term_days": 0},
        {"term_days": 1_120, "cycle_days": 28},
        {"term_days": 361},
        {"instalment_bps": 10_001},
        {"late_rate_bps": 2_401},
        {"overdue_impairment_bps": 10_001},
        {"line_cap": 2**80},
    ],
    ids=str,
)
def test_case_22_conditions_out_of_bounds_are_refused(suite, line, risk_manager, changes):
    wrong = conditions(**changes)
    values = dict(zip(FIELDS, wrong, strict=True))
    answer = refusal_after_delay(suite, risk_manager, line.setConditions, wrong)
    assert answer == error(
        "ConditionsOutOfBounds",
        termDays=values["term_days"],
        cycleDays=values["cycle_days"],
        dueDays=values["due_days"],
        instalmentBps=values["instalment_bps"],
        lateRateBps=values["late_rate_bps"],
        overdueImpairmentBps=values["overdue_impairment_bps"],
        lineCap=values["line_cap"],
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"term_days": 1_092, "cycle_days": 28, "due_days": 27},
        {"term_days": 1_096, "cycle_days": 137, "due_days": 1},
        {"instalment_bps": 10_000, "late_rate_bps": 2_400, "overdue_impairment_bps": 10_000},
        {"instalment_bps": 0, "late_rate_bps": 0, "overdue_impairment_bps": 0, "cure_days": 0},
        {"line_cap": 2**80 - 1, "portfolio_cap": 2**96 - 1, "cure_days": 255},
    ],
    ids=str,
)
def test_conditions_at_their_bounds_are_set(line, set_conditions, changes):
    receipt, agreed = set_conditions(**changes), conditions(**changes)
    assert events(receipt)[1:] == [event(line, "ConditionsChanged", conditions=agreed)]
    assert line.conditions() == agreed


def test_case_09_only_the_risk_officer_closes_the_offer_and_at_once(line, risk_officer, risk_manager, refused):
    answer = refusal(line.closeOffer, sender=risk_manager)
    assert answer == error("AccessManagedUnauthorized", caller=risk_manager)
    receipt = line.closeOffer(sender=risk_officer)
    assert events(receipt) == [event(line, "ConditionsChanged", conditions=conditions(open=False))]
    assert refused() == error("LinesNotOffered")


def test_case_09_an_offer_is_made_again_after_the_delay_only(line, risk_officer, set_conditions, refused):
    line.closeOffer(sender=risk_officer)
    set_conditions()
    assert refused() is None


# PAUSE


def test_case_09_the_guardian_pauses_at_once_and_the_admin_unpauses_after_the_delay(suite, line, guardian, admin):
    assert refusal(line.pause, sender=admin) == error("AccessManagedUnauthorized", caller=admin)
    assert events(line.pause(sender=guardian)) == [event(line, "Paused", account=guardian)]
    assert refusal(line.unpause, sender=guardian) == error("AccessManagedUnauthorized", caller=guardian)
    receipt = after_delay(suite, admin, line.unpause)
    assert events(receipt)[1:] == [event(line, "Unpaused", account=admin)]
    assert not line.paused()


# OPENING: REFUSALS IN THEIR ORDER


def test_case_24_no_line_is_opened_while_lines_are_paused(line, guardian, refused):
    line.pause(sender=guardian)
    assert refused() == error("EnforcedPause")


def test_a_wallet_of_nobody_opens_no_line(line, stranger):
    assert refusal(line.open, AGREEMENT, sender=stranger) == error("WalletUnknown", wallet=stranger)


def test_case_06_a_frozen_merchant_opens_no_line(participants, compliance, refused):
    participants.freeze(MERCHANT, REASON, sender=compliance)
    assert refused() == error("PartyIsFrozen", party=MERCHANT)


def test_case_06_a_merchant_whose_kyc_has_ended_opens_no_line(participants, compliance, refused):
    ends = clock.now() + clock.HOUR
    participants.renew(MERCHANT, Role.MERCHANT, ends, REASON, sender=compliance)
    clock.travel_to(ends)
    assert refused() == error("PartyExpired", party=MERCHANT, validUntil=ends)


def test_only_a_merchant_opens_a_line(line, supplier):
    answer = refusal(line.open, AGREEMENT, sender=supplier)
    assert answer == error("RoleMissing", party=Party.SUPPLIER, role=Role.MERCHANT)


def test_no_line_is_opened_when_none_are_offered(line, risk_officer, refused):
    line.closeOffer(sender=risk_officer)
    assert refused() == error("LinesNotOffered")


@pytest.mark.parametrize("signed", [OTHER_AGREEMENT, b"\0" * 32], ids=["another", "none"])
def test_no_line_is_opened_under_another_agreement(line, merchant, signed):
    answer = refusal(line.open, signed, sender=merchant)
    assert answer == error("AgreementChanged", inForce=AGREEMENT, signed=signed)


def test_a_new_agreement_takes_the_place_of_the_old_one(line, set_conditions, merchant, refused):
    set_conditions(agreement_hash=OTHER_AGREEMENT)
    assert refused() == error("AgreementChanged", inForce=OTHER_AGREEMENT, signed=AGREEMENT)
    assert refusal(line.open, OTHER_AGREEMENT, sender=merchant) is None


def test_a_line_is_opened_once(lines, refused):
    lines.open()
    assert refused() == error("LineStatusWrong", party=MERCHANT, status=LineStatus.OPEN)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("delinquent", LineStatus.DELINQUENT),
        ("defaulted", LineStatus.DEFAULTED),
        ("written_off", LineStatus.WRITTEN_OFF),
    ],
)
def test_no_line_is_opened_beside_one_in_arrears(lines, refused, state, status):
    getattr(lines, state)()
    lines.score()
    assert refused() == error("LineStatusWrong", party=MERCHANT, status=status)


def test_case_29_without_consent_to_scoring_no_line_is_opened(oracle, merchant, refused):
    oracle.revokeConsent(SCORING, sender=merchant)
    assert refused() == error("ConsentMissing", party=MERCHANT, purpose=SCORING)


def test_case_29_consent_to_training_alone_opens_no_line(oracle, merchant, refused):
    oracle.revokeConsent(SCORING, sender=merchant)
    oracle.grantConsent(TRAINING, CONSENT_TEXT, sender=merchant)
    assert refused() == error("ConsentMissing", party=MERCHANT, purpose=SCORING)


def test_a_line_needs_no_consent_to_training(oracle, merchant, refused):
    oracle.grantConsent(TRAINING, CONSENT_TEXT, sender=merchant)
    oracle.revokeConsent(TRAINING, sender=merchant)
    assert refused() is None


def test_case_29_a_held_score_opens_no_line(oracle, guardian, refused):
    oracle.hold(MERCHANT, sender=guardian)
    assert refused() == error("ScoreOnHold", party=MERCHANT)


def test_case_29_a_missing_score_opens_no_line(suite, oracle, line, compliance, spare):
    party = admit(suite, compliance, spare, Role.MERCHANT)
    oracle.grantConsent(SCORING, CONSENT_TEXT, sender=spare)
    assert refusal(line.open, AGREEMENT, sender=spare) == error("ScoreMissing", party=party)


def test_case_29_an_expired_score_opens_no_line(oracle, refused):
    valid_until = oracle.scoreOf(MERCHANT).validUntil
    clock.travel_to(clock.now() + VALIDITY + 1)
    assert refused() == error("ScoreExpired", party=MERCHANT, validUntil=valid_until)


def test_case_29_a_score_of_a_retired_model_opens_no_line(oracle, risk_officer, refused):
    oracle.retireModel(MODEL, sender=risk_officer)
    assert refused() == error("ModelIsRetired", modelId=MODEL)


def test_case_29_a_grade_that_is_not_financed_opens_no_line(lines, refused):
    lines.score(549)
    assert refused() == error("GradeRefused", product=PRODUCT, grade=4, score=549)


def test_case_29_a_flagged_merchant_opens_no_line(lines, refused):
    lines.score(flags=8)
    assert refused() == error("PartyFlagged", party=MERCHANT, flags=8)


def test_case_22_a_limit_code_out_of_range_opens_no_line(lines, refused):
    lines.score(limit_code=1 << 8 | 13)
    assert refused() == error("LimitCodeWrong", limitCode=1 << 8 | 13)


@pytest.mark.parametrize("cause", ["reported", "line_cap"])
def test_case_05_no_line_is_opened_with_a_limit_of_zero(lines, set_conditions, refused, cause):
    if cause == "line_cap":
        set_conditions(line_cap=0)
    else:
        lines.score(yuan=0)
    assert refused() == error("LimitZero", party=MERCHANT)


# OPENING


def test_a_merchant_opens_its_line_at_todays_limit(lines, line, treasury, merchant):
    receipt = lines.open()
    today = clock.today()
    assert events(receipt) == [opened_event(line, merchant)]
    assert receipt.return_value == LIMIT
    figures = {
        "drawn": 0,
        "perDay": 0,
        "throughDay": today,
        "status": LineStatus.OPEN,
        "frozen": False,
        "interest": 0,
        "dueInterest": 0,
        "nextCloseDay": today + CYCLE,
        "duePrincipal": 0,
        "overdue": 0,
        "dueDay": 0,
        "noticeDay": 0,
        "late": 0,
        "limit": LIMIT,
        "riseDay": today,
        "openedDay": today,
        "maturityDay": today + TERM,
        "openingLimit": LIMIT,
        "cycleDays": 30,
        "dueDays": 10,
        "instalmentBps": 1_000,
        "lateRateBps": 900,
        "cureDays": 10,
        "overdueImpairmentBps": 2_500,
        "impaired": 0,
        "fromCover": 0,
        "drawnToday": 0,
    }
    assert lines.now() == tuple(figures.values())
    assert treasury.accountOf(MERCHANT).outstanding == lines.owed().total == 0


@pytest.mark.parametrize(
    ("thousands", "limit"),
    [(999, 999_000_00), (1_000, LINE_CAP), (1_001, LINE_CAP)],
    ids=["below", "at_cap", "above_cap"],
)
def test_a_line_opens_at_the_line_cap_at_most(lines, thousands, limit):
    lines.score(limit_code=thousands << 8 | 3)
    assert lines.open().return_value == limit


def test_a_line_keeps_the_conditions_it_was_opened_under_and_the_caps_alone_move(lines, line, set_conditions):
    lines.drawn()
    before = lines.now()
    set_conditions(
        term_days=720,
        cycle_days=60,
        due_days=5,
        instalment_bps=0,
        late_rate_bps=0,
        cure_days=0,
        overdue_impairment_bps=0,
        line_cap=DRAWN + 1,
    )
    assert lines.now() == before
    limit = line.limitOf(MERCHANT)
    assert (limit.lineCap, limit.limit, limit.available) == (DRAWN + 1, DRAWN + 1, 1)


def test_a_line_is_opened_under_the_conditions_in_force(lines, line, merchant, set_conditions):
    set_conditions(term_days=56, cycle_days=28, due_days=7)
    assert events(lines.open()) == [
        opened_event(line, merchant, agreed=conditions(term_days=56, cycle_days=28, due_days=7))
    ]


def test_any_wallet_of_the_merchant_opens_its_line(participants, compliance, line, spare):
    participants.addWallet(MERCHANT, spare, sender=compliance)
    receipt = line.open(AGREEMENT, sender=spare)
    assert events(receipt) == [opened_event(line, spare)]


# CLOSING


def test_nobody_closes_a_line_that_is_not_there(line, merchant, stranger):
    answer = refusal(line.close, sender=merchant)
    assert answer == error("LineStatusWrong", party=MERCHANT, status=LineStatus.NONE)
    assert refusal(line.close, sender=stranger) == error("LineStatusWrong", party=0, status=LineStatus.NONE)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("closed", LineStatus.CLOSED),
        ("delinquent", LineStatus.DELINQUENT),
        ("defaulted", LineStatus.DEFAULTED),
        ("written_off", LineStatus.WRITTEN_OFF),
    ],
)
def test_only_an_open_line_is_closed(lines, line, merchant, state, status):
    getattr(lines, state)()
    assert refusal(line.close, sender=merchant) == error("LineStatusWrong", party=MERCHANT, status=status)


def test_a_line_is_closed_only_when_nothing_is_owed_not_even_a_days_interest(lines, line, merchant):
    lines.drawn()
    assert refusal(line.close, sender=merchant) == error("LineOwed", party=MERCHANT, owed=OWED_AT_FIRST)
    clock.pass_days(1)
    lines.repay(DRAWN)
    # The day's interest is paid first; so much principal is left.
    assert refusal(line.close, sender=merchant) == error("LineOwed", party=MERCHANT, owed=A_DAY)
    lines.repay(A_DAY)
    assert events(line.close(sender=merchant)) == [
        event(line, "LineClosed", party=MERCHANT, status=LineStatus.CLOSED),
    ]
    assert lines.status() == LineStatus.CLOSED
    lines.check_books()


def test_case_24_a_line_is_closed_while_lines_are_paused_and_its_merchant_is_frozen(
    lines, line, guardian, participants, compliance, merchant
):
    lines.open()
    line.pause(sender=guardian)
    participants.freeze(MERCHANT, REASON, sender=compliance)
    line.close(sender=merchant)
    assert lines.status() == LineStatus.CLOSED


# OPENING AGAIN


def test_a_closed_line_is_opened_again(lines, line, merchant):
    lines.closed()
    assert events(lines.open()) == [opened_event(line, merchant)]
    lines.draw()
    lines.check_books()


def test_a_line_is_renewed_on_the_day_of_maturity_and_not_before(lines, line, merchant, refused):
    lines.open()
    opened_on = clock.today()
    clock.travel_to(clock.midnight(opened_on + TERM) - clock.HOUR)
    lines.score()
    clock.travel_to(clock.midnight(opened_on + TERM) - 1)
    assert refused() == error("LineStatusWrong", party=MERCHANT, status=LineStatus.OPEN)
    clock.travel_to(clock.midnight(opened_on + TERM))
    assert events(lines.open()) == [opened_event(line, merchant)]


def test_a_matured_line_is_renewed_once_nothing_is_owed(lines, line, merchant, refused):
    lines.drawn()
    lines.repay(DRAWN - 1)
    clock.pass_days(TERM)
    lines.score()
    owed = lines.owed().total
    assert refused() == error("LineOwed", party=MERCHANT, owed=owed)
    lines.repay(owed)
    assert events(lines.open()) == [opened_event(line, merchant)]
    lines.check_books()


@pytest.mark.parametrize("state", ["closed", "matured"])
def test_a_frozen_line_is_not_opened_again(suite, lines, line, risk_officer, risk_manager, merchant, refused, state):
    if state == "matured":
        lines.matured()
        line.freeze(MERCHANT, REASON, sender=risk_officer)
    else:
        lines.open()
        line.freeze(MERCHANT, REASON, sender=risk_officer)
        line.close(sender=merchant)
    assert refused() == error("LineIsFrozen", party=MERCHANT)
    after_delay(suite, risk_manager, line.unfreeze, MERCHANT)
    assert refused() is None


def test_a_line_that_was_paid_in_full_after_default_is_opened_again(lines, line, merchant):
    lines.defaulted()
    lines.repay_all()
    lines.score()
    assert events(lines.open()) == [opened_event(line, merchant)]
    lines.draw()
    lines.check_books()


def test_after_a_loss_no_line_is_opened_again_not_even_a_recovered_one(lines, refused):
    lines.written_off()
    lines.repay_all()
    lines.score(SCORE)
    assert refused() == error("LineStatusWrong", party=MERCHANT, status=LineStatus.RECOVERED)
