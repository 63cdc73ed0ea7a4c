"""CreditOracle: consent, records of a batch, holds, models, and which score is usable."""

from dataclasses import replace
from enum import IntEnum

import pytest

from backend.chain import reports
from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.quorum import MODEL, VALIDITY
from tests.contracts.suite import SCORING, SIGNERS, TRAINING, Party, after_delay, refusal_after_delay

TEXT = b"\xc0" * 32
DEBTOR, OTHER = Party.CORE_ENTERPRISE, Party.CORE_ENTERPRISE2
EMPTY = (0,) * 10 + (False,)
MAX_BATCH, MAX_VALIDITY, MAX_DELAY, MAX_RISE, MAX_STEP = 1_000, 40 * clock.DAY, 6 * clock.HOUR, 60, 1 << 16
HELD = 1
UNKNOWN_MODEL = 77


class Skip(IntEnum):
    """`ICreditOracle.Skip`."""

    MALFORMED = 1
    CONSENT_MISSING = 2
    SEQUENCE_OLD = 3
    SEQUENCE_JUMP = 4
    FACTS_OLD = 5


@pytest.fixture(scope="module", autouse=True)
def consents(oracle, core_enterprise, core_enterprise2):
    for enterprise in (core_enterprise, core_enterprise2):
        oracle.grantConsent(SCORING, TEXT, sender=enterprise)


@pytest.fixture
def scored(quorum, stranger):
    """The debtor has a score of 700."""
    quorum.score(DEBTOR, 700, sender=stranger)


@pytest.fixture
def held(quorum, stranger, scored):
    """A rise of the debtor's score from 700 to 800, the day after, waits under sequence 2."""
    clock.pass_days(1)
    quorum.score(DEBTOR, 800, sender=stranger)


@pytest.fixture
def signer(accounts):
    return accounts[SIGNERS[1]]


"""CONSENT"""


def test_each_purpose_is_consented_to_and_withdrawn_apart(oracle, core_enterprise):
    tx = oracle.grantConsent(TRAINING, TEXT, sender=core_enterprise)
    assert events(tx) == [event(oracle, "ConsentGranted", party=DEBTOR, purpose=TRAINING, epoch=1, textHash=TEXT)]
    assert refusal(oracle.grantConsent, TRAINING, TEXT, sender=core_enterprise) == error(
        "ConsentGiven", party=DEBTOR, purpose=TRAINING
    )
    assert oracle.consentOf(DEBTOR, TRAINING) == (1, True)
    tx = oracle.revokeConsent(TRAINING, sender=core_enterprise)
    assert events(tx) == [event(oracle, "ConsentRevoked", party=DEBTOR, purpose=TRAINING, epoch=1)]
    assert refusal(oracle.revokeConsent, TRAINING, sender=core_enterprise) == error(
        "ConsentMissing", party=DEBTOR, purpose=TRAINING
    )
    assert oracle.consentOf(DEBTOR, TRAINING) == (1, False)
    assert oracle.consentOf(DEBTOR, SCORING) == (1, True)


def test_withdrawing_the_consent_to_scoring_leaves_the_one_to_training(oracle, core_enterprise):
    oracle.grantConsent(TRAINING, TEXT, sender=core_enterprise)
    oracle.revokeConsent(SCORING, sender=core_enterprise)
    assert oracle.consentOf(DEBTOR, SCORING) == (1, False)
    assert oracle.consentOf(DEBTOR, TRAINING) == (1, True)


def test_a_consent_to_no_text_is_refused(oracle, supplier):
    assert refusal(oracle.grantConsent, SCORING, b"\0" * 32, sender=supplier) == error("ConsentTextEmpty")


def test_a_wallet_of_nobody_has_nothing_to_consent_to(oracle, stranger):
    assert refusal(oracle.grantConsent, SCORING, TEXT, sender=stranger) == error("WalletUnknown", wallet=stranger)


def test_consent_is_given_once(oracle, core_enterprise):
    assert refusal(oracle.grantConsent, SCORING, TEXT, sender=core_enterprise) == error(
        "ConsentGiven", party=DEBTOR, purpose=SCORING
    )


def test_consent_begins_an_epoch(oracle, supplier):
    tx = oracle.grantConsent(SCORING, TEXT, sender=supplier)
    assert events(tx) == [
        event(oracle, "ConsentGranted", party=Party.SUPPLIER, purpose=SCORING, epoch=1, textHash=TEXT)
    ]
    assert tx.return_value == 1
    score = oracle.scoreOf(Party.SUPPLIER)
    assert (score.consented, score.consentEpoch) == (True, 1)


def test_a_wallet_of_nobody_has_nothing_to_revoke(oracle, stranger):
    assert refusal(oracle.revokeConsent, SCORING, sender=stranger) == error("WalletUnknown", wallet=stranger)


def test_consent_that_was_not_given_is_not_revoked(oracle, supplier):
    assert refusal(oracle.revokeConsent, SCORING, sender=supplier) == error(
        "ConsentMissing", party=Party.SUPPLIER, purpose=SCORING
    )


def test_a_score_is_unusable_from_the_block_of_the_revocation(oracle, core_enterprise, scored):
    tx = oracle.revokeConsent(SCORING, sender=core_enterprise)
    assert events(tx) == [event(oracle, "ConsentRevoked", party=DEBTOR, purpose=SCORING, epoch=1)]
    assert refusal(oracle.usableScore, DEBTOR) == error("ConsentMissing", party=DEBTOR, purpose=SCORING)


def test_a_score_of_an_earlier_consent_stays_unusable_under_a_new_one(oracle, core_enterprise, scored):
    oracle.revokeConsent(SCORING, sender=core_enterprise)
    tx = oracle.grantConsent(SCORING, TEXT, sender=core_enterprise)
    assert events(tx) == [event(oracle, "ConsentGranted", party=DEBTOR, purpose=SCORING, epoch=2, textHash=TEXT)]
    assert refusal(oracle.usableScore, DEBTOR) == error("ScoreExpired", party=DEBTOR, validUntil=0)


def test_any_wallet_of_a_party_consents_for_it(oracle, participants, compliance, supplier, spare):
    participants.addWallet(Party.SUPPLIER, spare, sender=compliance)
    oracle.grantConsent(SCORING, TEXT, sender=spare)
    assert refusal(oracle.grantConsent, SCORING, TEXT, sender=supplier) == error(
        "ConsentGiven", party=Party.SUPPLIER, purpose=SCORING
    )


"""A BATCH AS A WHOLE, IN THE ORDER OF THE CHECKS"""


@pytest.mark.parametrize("count", [0, MAX_BATCH + 1], ids=["empty", "above_limit"])
def test_a_batch_without_records_or_with_too_many_is_refused(oracle, quorum, stranger, count):
    report = quorum.report(*[b"\0" * 32] * count)
    assert quorum.refusal(report, stranger) == error("BatchSizeWrong", records=count, most=MAX_BATCH)


def test_a_batch_of_a_thousand_records_is_taken(oracle, quorum, stranger):
    record = reports.encode_record(quorum.record(DEBTOR, 700))
    quorum.submit(quorum.report(*[b"\0" * 32] * (MAX_BATCH - 1), record), stranger)
    assert oracle.scoreOf(DEBTOR).value == 700


def test_a_report_of_an_unknown_model_is_refused(oracle, quorum, stranger):
    report = quorum.report(quorum.record(DEBTOR, 700), model_id=UNKNOWN_MODEL)
    assert quorum.refusal(report, stranger) == error("ModelUnknown", modelId=UNKNOWN_MODEL)


def test_a_report_of_a_retired_model_is_refused(oracle, quorum, risk_officer, stranger):
    oracle.retireModel(MODEL, sender=risk_officer)
    assert quorum.refusal(quorum.report(quorum.record(DEBTOR, 700)), stranger) == error("ModelIsRetired", modelId=MODEL)


@pytest.mark.parametrize("issued", [-MAX_DELAY - 1, 1], ids=["too_old", "in_the_future"])
def test_facts_that_are_too_old_or_of_the_future_are_refused(oracle, quorum, stranger, issued):
    at = clock.now() + 60
    report = quorum.report(quorum.record(DEBTOR, 700), issued_at=at + issued)
    clock.travel_to(at)
    assert quorum.refusal(report, stranger) == error("ReportTimeWrong", issuedAt=at + issued, earliest=at - MAX_DELAY)


@pytest.mark.parametrize("issued", [-MAX_DELAY, 0], ids=["at_limit", "of_this_second"])
def test_facts_of_the_last_six_hours_are_taken(oracle, quorum, stranger, issued):
    at = clock.now() + 60
    report = quorum.report(quorum.record(DEBTOR, 700), issued_at=at + issued)
    clock.next_block_at(at)
    quorum.submit(report, stranger)
    assert oracle.scoreOf(DEBTOR).issuedAt == at + issued


@pytest.mark.parametrize("valid", [0, MAX_VALIDITY + 1], ids=["ended", "above_limit"])
def test_a_validity_that_is_over_or_too_long_is_refused(oracle, quorum, stranger, valid):
    at = clock.now() + 60
    report = quorum.report(quorum.record(DEBTOR, 700), issued_at=at, valid_until=at + valid)
    clock.travel_to(at)
    assert quorum.refusal(report, stranger) == error(
        "ReportValidityWrong", validUntil=at + valid, latest=at + MAX_VALIDITY
    )


@pytest.mark.parametrize("valid", [1, MAX_VALIDITY], ids=["shortest", "at_limit"])
def test_a_validity_of_a_second_and_of_forty_days_is_taken(oracle, quorum, stranger, valid):
    at = clock.now() + 60
    report = quorum.report(quorum.record(DEBTOR, 700), issued_at=at, valid_until=at + valid)
    clock.next_block_at(at)
    quorum.submit(report, stranger)
    assert oracle.scoreOf(DEBTOR).validUntil == at + valid


def test_case_17_an_issue_time_at_the_limit_of_its_type_is_refused_not_cut(oracle, quorum, stranger):
    report = quorum.report(quorum.record(DEBTOR, 700), issued_at=2**40 - 1)
    expected = error("ReportTimeWrong", issuedAt=2**40 - 1, earliest=clock.now() - MAX_DELAY)
    assert quorum.refusal(report, stranger) == expected


def test_case_17_a_validity_at_the_limit_of_its_type_is_refused_not_cut(oracle, quorum, stranger):
    report = quorum.report(quorum.record(DEBTOR, 700), valid_until=2**40 - 1)
    expected = error("ReportValidityWrong", validUntil=2**40 - 1, latest=report.issued_at + MAX_VALIDITY)
    assert quorum.refusal(report, stranger) == expected


"""RECORDS"""


def test_a_record_is_stored_field_by_field(oracle, quorum, stranger):
    record = reports.ScoreRecord(
        party=DEBTOR,
        value=655,
        pd_ppm=47_000,
        limit_code=reports.encode_limit(12_345_678),
        sequence=7,
        reasons=(9, 8, 7, 6),
        consent_epoch=1,
        flags=0b1010_0100,
    )
    report = quorum.report(record, model_id=5)
    tx = quorum.submit(report, stranger)
    expected = event(
        oracle,
        "ScoresReported",
        round=report.round,
        modelId=5,
        issuedAt=report.issued_at,
        validUntil=report.valid_until,
        relayer=stranger,
        records=list(report.records),
    )
    assert events(tx) == [expected]
    assert oracle.scoreOf(DEBTOR) == (
        655,
        47_000,
        record.limit_code,
        report.issued_at,
        report.valid_until,
        7,
        5,
        0x09080706,
        1,
        0b1010_0100,
        True,
    )
    assert oracle.usableScore(DEBTOR) == oracle.scoreOf(DEBTOR)


def test_case_17_every_field_of_a_record_holds_the_limit_of_its_type(oracle, quorum, stranger):
    quorum.score(
        DEBTOR, 850, stranger, pd_ppm=1_000_000, limit_code=2**24 - 1, sequence=MAX_STEP, reasons=(255,) * 4, flags=254
    )
    score = oracle.scoreOf(DEBTOR)
    assert (score.value, score.pdPpm, score.limitCode, score.sequence) == (850, 1_000_000, 2**24 - 1, MAX_STEP)
    assert (score.reasons, score.flags, score.consentEpoch, score.consented) == (2**32 - 1, 254, 1, True)


MALFORMED = {
    "value_below_limit": {"value": 299},
    "value_above_limit": {"value": 851},
    "value_at_type_limit": {"value": 2**16 - 1},
    "pd_above_limit": {"pd_ppm": 1_000_001},
    "pd_at_type_limit": {"pd_ppm": 2**24 - 1},
    "held_by_the_report": {"flags": HELD},
}


@pytest.mark.parametrize("fault", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_record_is_skipped(oracle, quorum, stranger, fault):
    record = replace(quorum.record(DEBTOR, 700), **fault)
    tx = quorum.submit(quorum.report(record), stranger)
    assert events(tx)[0] == event(oracle, "RecordSkipped", round=1, party=DEBTOR, sequence=1, reason=Skip.MALFORMED)
    assert oracle.scoreOf(DEBTOR).value == 0


@pytest.mark.parametrize("bit", [0, 35, 71])
def test_a_record_with_a_bit_beyond_its_fields_is_skipped(oracle, quorum, stranger, bit):
    packed = int.from_bytes(reports.encode_record(quorum.record(DEBTOR, 700))) | 1 << bit
    tx = quorum.submit(quorum.report(packed.to_bytes(32)), stranger)
    assert events(tx)[0] == event(oracle, "RecordSkipped", round=1, party=DEBTOR, sequence=1, reason=Skip.MALFORMED)


@pytest.mark.parametrize(("value", "pd_ppm"), [(300, 1_000_000), (850, 0)])
def test_a_record_at_its_limits_is_stored(oracle, quorum, stranger, value, pd_ppm):
    quorum.score(DEBTOR, value, stranger, pd_ppm=pd_ppm)
    assert oracle.scoreOf(DEBTOR)[:2] == (value, pd_ppm)


def test_a_party_that_did_not_consent_is_skipped(oracle, quorum, stranger):
    tx = quorum.score(Party.SUPPLIER, 700, stranger, consent_epoch=0)
    assert events(tx)[0] == event(
        oracle, "RecordSkipped", round=1, party=Party.SUPPLIER, sequence=1, reason=Skip.CONSENT_MISSING
    )


def test_a_party_that_does_not_exist_is_skipped(oracle, quorum, stranger):
    tx = quorum.score(2**32 - 1, 700, stranger)
    assert events(tx)[0] == event(
        oracle, "RecordSkipped", round=1, party=2**32 - 1, sequence=1, reason=Skip.CONSENT_MISSING
    )


@pytest.mark.parametrize("epoch", [0, 2, 2**16 - 1])
def test_a_record_made_under_another_consent_is_skipped(oracle, quorum, stranger, epoch):
    tx = quorum.score(DEBTOR, 700, stranger, consent_epoch=epoch)
    assert events(tx)[0] == event(
        oracle, "RecordSkipped", round=1, party=DEBTOR, sequence=1, reason=Skip.CONSENT_MISSING
    )


@pytest.mark.parametrize("sequence", [0, 1, 9])
def test_case_26_a_record_that_is_not_after_the_last_is_skipped(oracle, quorum, stranger, sequence):
    quorum.score(DEBTOR, 700, stranger, sequence=9)
    tx = quorum.score(DEBTOR, 650, stranger, sequence=sequence)
    assert events(tx)[0] == event(
        oracle, "RecordSkipped", round=2, party=DEBTOR, sequence=sequence, reason=Skip.SEQUENCE_OLD
    )
    assert oracle.scoreOf(DEBTOR).value == 700


def test_a_sequence_may_leave_a_gap_at_limit(oracle, quorum, stranger, scored):
    quorum.score(DEBTOR, 690, stranger, sequence=1 + MAX_STEP)
    assert oracle.scoreOf(DEBTOR).sequence == 1 + MAX_STEP


def test_a_sequence_that_jumps_above_limit_is_skipped(oracle, quorum, stranger, scored):
    tx = quorum.score(DEBTOR, 690, stranger, sequence=2 + MAX_STEP)
    assert events(tx)[0] == event(
        oracle, "RecordSkipped", round=2, party=DEBTOR, sequence=2 + MAX_STEP, reason=Skip.SEQUENCE_JUMP
    )


def test_facts_older_than_those_in_force_are_skipped(oracle, quorum, stranger, scored):
    issued_at = oracle.scoreOf(DEBTOR).issuedAt
    tx = quorum.submit(quorum.report(quorum.record(DEBTOR, 690), issued_at=issued_at - 1), stranger)
    assert events(tx)[0] == event(oracle, "RecordSkipped", round=2, party=DEBTOR, sequence=2, reason=Skip.FACTS_OLD)


def test_facts_of_the_same_second_are_taken(oracle, quorum, stranger, scored):
    issued_at = oracle.scoreOf(DEBTOR).issuedAt
    quorum.submit(quorum.report(quorum.record(DEBTOR, 690), issued_at=issued_at), stranger)
    assert oracle.scoreOf(DEBTOR).value == 690


def test_case_26_stale_records_of_a_batch_are_skipped_and_the_others_count(oracle, quorum, stranger, scored):
    records = (
        quorum.record(DEBTOR, 640, sequence=1),
        quorum.record(OTHER, 610),
        quorum.record(Party.SUPPLIER, 600),
    )
    report = quorum.report(*records)
    tx = quorum.submit(report, stranger)
    assert events(tx) == [
        event(oracle, "RecordSkipped", round=2, party=DEBTOR, sequence=1, reason=Skip.SEQUENCE_OLD),
        event(oracle, "RecordSkipped", round=2, party=Party.SUPPLIER, sequence=1, reason=Skip.CONSENT_MISSING),
        event(
            oracle,
            "ScoresReported",
            round=2,
            modelId=MODEL,
            issuedAt=report.issued_at,
            validUntil=report.valid_until,
            relayer=stranger,
            records=[reports.encode_record(r) for r in records],
        ),
    ]
    assert (oracle.scoreOf(DEBTOR).value, oracle.scoreOf(OTHER).value) == (700, 610)


def test_a_party_twice_in_a_batch_counts_by_sequence(oracle, quorum, stranger):
    report = quorum.report(quorum.record(DEBTOR, 700, sequence=2), quorum.record(DEBTOR, 600, sequence=1))
    tx = quorum.submit(report, stranger)
    assert events(tx)[0] == event(oracle, "RecordSkipped", round=1, party=DEBTOR, sequence=1, reason=Skip.SEQUENCE_OLD)
    assert oracle.scoreOf(DEBTOR).value == 700


def test_case_27_an_older_better_score_never_overwrites_a_newer_one(oracle, quorum, stranger):
    """The older report is signed, sound and still valid; it is only relayed late."""
    older = quorum.report(quorum.record(DEBTOR, 780, sequence=1), deadline=clock.now() + clock.HOUR)
    newer = quorum.report(quorum.record(DEBTOR, 560, sequence=2), issued_at=clock.now(), round=older.round + 1)
    by_sequence = quorum.report(*older.records, round=older.round + 2, deadline=clock.now() + clock.HOUR)
    quorum.submit(newer, stranger)
    assert quorum.refusal(older, stranger) == error("RoundPassed", round=older.round, last=newer.round)
    tx = quorum.submit(by_sequence, stranger)
    assert events(tx)[0] == event(
        oracle, "RecordSkipped", round=by_sequence.round, party=DEBTOR, sequence=1, reason=Skip.SEQUENCE_OLD
    )
    assert oracle.usableScore(DEBTOR).value == 560


"""RISES AND HOLDS"""


def test_a_first_score_may_be_any(oracle, quorum, stranger):
    quorum.score(DEBTOR, 850, stranger)
    assert oracle.usableScore(DEBTOR).value == 850


@pytest.mark.parametrize(
    ("hours", "rise"), [(24, MAX_RISE), (12, MAX_RISE // 2), (24 * 10, MAX_RISE)], ids=["day", "half", "ten days"]
)
def test_case_30_a_score_rises_by_sixty_points_a_day_at_limit(oracle, quorum, stranger, scored, hours, rise):
    issued_at = oracle.scoreOf(DEBTOR).issuedAt + hours * clock.HOUR
    clock.travel_to(issued_at)
    quorum.submit(quorum.report(quorum.record(DEBTOR, 700 + rise), issued_at=issued_at), stranger)
    assert oracle.usableScore(DEBTOR).value == 700 + rise


@pytest.mark.parametrize(
    ("hours", "rise"), [(24, MAX_RISE), (12, MAX_RISE // 2), (24 * 10, MAX_RISE)], ids=["day", "half", "ten days"]
)
def test_case_30_a_rise_above_limit_is_held(oracle, quorum, stranger, scored, hours, rise):
    issued_at = oracle.scoreOf(DEBTOR).issuedAt + hours * clock.HOUR
    clock.travel_to(issued_at)
    report = quorum.report(quorum.record(DEBTOR, 701 + rise), issued_at=issued_at)
    before = oracle.scoreOf(DEBTOR)
    tx = quorum.submit(report, stranger)
    assert events(tx)[0] == event(oracle, "ScoreHeld", party=DEBTOR, value=700, proposed=701 + rise, sequence=2)
    after = oracle.scoreOf(DEBTOR)
    assert (after.value, after.issuedAt, after.validUntil) == (700, before.issuedAt, before.validUntil)
    assert (after.sequence, after.flags) == (2, HELD)
    held = oracle.heldScoreOf(DEBTOR)
    assert (held.value, held.issuedAt, held.sequence) == (701 + rise, issued_at, 2)
    assert refusal(oracle.usableScore, DEBTOR) == error("ScoreOnHold", party=DEBTOR)


def test_case_30_a_fall_of_any_size_acts_at_once(oracle, quorum, stranger, scored):
    quorum.score(DEBTOR, 300, stranger)
    assert oracle.usableScore(DEBTOR).value == 300


def test_case_30_a_stolen_quorum_gains_nothing_by_many_small_steps(oracle, quorum, stranger, scored):
    began = oracle.scoreOf(DEBTOR).issuedAt
    for step in range(1, 5):
        issued_at = began + step * 6 * clock.HOUR
        clock.travel_to(issued_at)
        quorum.submit(quorum.report(quorum.record(DEBTOR, 700 + step * MAX_RISE // 4), issued_at=issued_at), stranger)
    assert oracle.usableScore(DEBTOR).value == 700 + MAX_RISE
    quorum.score(DEBTOR, 701 + MAX_RISE, stranger)
    assert oracle.scoreOf(DEBTOR).flags == HELD


def test_case_30_a_stolen_quorum_gains_nothing_within_one_second(oracle, quorum, stranger, scored):
    issued_at = oracle.scoreOf(DEBTOR).issuedAt
    tx = quorum.submit(quorum.report(quorum.record(DEBTOR, 701), issued_at=issued_at), stranger)
    assert events(tx)[0] == event(oracle, "ScoreHeld", party=DEBTOR, value=700, proposed=701, sequence=2)


def test_case_30_a_new_consent_does_not_free_a_rise(oracle, quorum, stranger, core_enterprise, scored):
    oracle.revokeConsent(SCORING, sender=core_enterprise)
    oracle.grantConsent(SCORING, TEXT, sender=core_enterprise)
    tx = quorum.score(DEBTOR, 800, stranger)
    assert events(tx)[0] == event(oracle, "ScoreHeld", party=DEBTOR, value=700, proposed=800, sequence=2)


def test_a_hold_outlives_a_new_consent(oracle, core_enterprise, held):
    oracle.revokeConsent(SCORING, sender=core_enterprise)
    oracle.grantConsent(SCORING, TEXT, sender=core_enterprise)
    assert refusal(oracle.usableScore, DEBTOR) == error("ScoreOnHold", party=DEBTOR)


def test_a_hold_outlives_a_lower_report_which_overtakes_the_proposal(oracle, quorum, stranger, held):
    quorum.score(DEBTOR, 650, stranger)
    score = oracle.scoreOf(DEBTOR)
    assert (score.value, score.flags, score.sequence) == (650, HELD, 3)
    assert oracle.heldScoreOf(DEBTOR) == EMPTY
    assert refusal(oracle.usableScore, DEBTOR) == error("ScoreOnHold", party=DEBTOR)


def test_a_later_rise_replaces_the_proposal(oracle, quorum, stranger, held):
    tx = quorum.score(DEBTOR, 790, stranger)
    assert events(tx)[0] == event(oracle, "ScoreHeld", party=DEBTOR, value=700, proposed=790, sequence=3)
    assert oracle.heldScoreOf(DEBTOR).value == 790


@pytest.mark.parametrize("actor", ["stranger", "risk_officer", "core_enterprise"])
def test_nobody_but_signers_and_the_guardian_holds_a_party(oracle, actors, actor):
    assert refusal(oracle.hold, DEBTOR, sender=actors[actor]) == error("NotSignerOrGuardian", caller=actors[actor])


def test_a_signer_holds_a_party_at_once(oracle, signer, scored):
    tx = oracle.hold(DEBTOR, sender=signer)
    assert events(tx) == [event(oracle, "PartyHeld", party=DEBTOR, by=signer)]
    assert refusal(oracle.usableScore, DEBTOR) == error("ScoreOnHold", party=DEBTOR)


def test_the_guardian_holds_a_party_at_once(oracle, guardian, scored):
    assert events(oracle.hold(DEBTOR, sender=guardian)) == [event(oracle, "PartyHeld", party=DEBTOR, by=guardian)]


@pytest.mark.parametrize("actor", ["guardian", "risk_officer", "stranger"])
def test_nobody_but_the_risk_manager_releases(oracle, actors, held, actor):
    assert refusal(oracle.release, DEBTOR, 2, sender=actors[actor]) == error(
        "AccessManagedUnauthorized", caller=actors[actor]
    )


def test_a_party_that_is_not_held_is_not_released(suite, oracle, risk_manager, scored):
    assert refusal_after_delay(suite, risk_manager, oracle.release, DEBTOR, 0) == error("NotOnHold", party=DEBTOR)


@pytest.mark.parametrize("sequence", [1, 3, 2**32 - 1])
def test_a_proposal_is_taken_by_its_own_sequence_only(suite, oracle, risk_manager, held, sequence):
    assert refusal_after_delay(suite, risk_manager, oracle.release, DEBTOR, sequence) == error(
        "HeldScoreUnknown", party=DEBTOR, sequence=sequence
    )


def test_a_proposal_is_not_taken_after_consent_was_withdrawn(suite, oracle, risk_manager, core_enterprise, held):
    oracle.revokeConsent(SCORING, sender=core_enterprise)
    assert refusal_after_delay(suite, risk_manager, oracle.release, DEBTOR, 2) == error(
        "ConsentMissing", party=DEBTOR, purpose=SCORING
    )


def test_a_proposal_is_not_taken_under_a_later_consent(suite, oracle, risk_manager, core_enterprise, held):
    oracle.revokeConsent(SCORING, sender=core_enterprise)
    oracle.grantConsent(SCORING, TEXT, sender=core_enterprise)
    assert refusal_after_delay(suite, risk_manager, oracle.release, DEBTOR, 2) == error(
        "ConsentMissing", party=DEBTOR, purpose=SCORING
    )


def test_a_released_proposal_becomes_the_score(suite, oracle, risk_manager, held):
    tx = after_delay(suite, risk_manager, oracle.release, DEBTOR, 2)
    assert events(tx)[1:] == [event(oracle, "HoldReleased", party=DEBTOR, value=800, sequence=2, proposalTaken=True)]
    assert oracle.usableScore(DEBTOR).value == 800
    assert oracle.heldScoreOf(DEBTOR) == EMPTY


def test_a_hold_may_end_with_the_score_in_force(suite, oracle, risk_manager, held):
    tx = after_delay(suite, risk_manager, oracle.release, DEBTOR, 0)
    assert events(tx)[1:] == [event(oracle, "HoldReleased", party=DEBTOR, value=700, sequence=2, proposalTaken=False)]
    assert oracle.usableScore(DEBTOR).value == 700
    assert oracle.heldScoreOf(DEBTOR) == EMPTY


"""MODELS"""


def test_nobody_but_the_risk_manager_registers_a_model(oracle, risk_officer):
    assert refusal(oracle.registerModel, 9, TEXT, sender=risk_officer) == error(
        "AccessManagedUnauthorized", caller=risk_officer
    )


def test_a_model_without_a_hash_is_refused(suite, oracle, risk_manager):
    assert refusal_after_delay(suite, risk_manager, oracle.registerModel, 9, b"\0" * 32) == error("ModelHashZero")


def test_a_model_is_registered_once_and_for_good(suite, oracle, risk_manager, risk_officer):
    oracle.retireModel(MODEL, sender=risk_officer)
    assert refusal_after_delay(suite, risk_manager, oracle.registerModel, MODEL, TEXT) == error(
        "ModelKnown", modelId=MODEL
    )


def test_a_model_that_two_officers_let_in_may_report(suite, oracle, quorum, risk_manager, risk_officer, stranger):
    tx = after_delay(suite, risk_manager, oracle.registerModel, 2**16 - 1, TEXT)
    assert events(tx)[1:] == [event(oracle, "ModelRegistered", modelId=2**16 - 1, hash=TEXT)]
    assert oracle.models(2**16 - 1) == (TEXT, True, False, False)
    report = quorum.report(quorum.record(DEBTOR, 700), model_id=2**16 - 1)
    assert quorum.refusal(report, stranger) == error("ModelNotApproved", modelId=2**16 - 1)
    tx = oracle.approveModel(2**16 - 1, TEXT, sender=risk_officer)
    assert events(tx) == [event(oracle, "ModelApproved", modelId=2**16 - 1, hash=TEXT, by=risk_officer)]
    assert oracle.models(2**16 - 1) == (TEXT, True, True, False)
    quorum.submit(quorum.report(quorum.record(DEBTOR, 700), model_id=2**16 - 1), stranger)
    assert oracle.usableScore(DEBTOR).modelId == 2**16 - 1


def test_who_registers_a_model_does_not_approve_it(oracle, risk_manager):
    assert refusal(oracle.approveModel, MODEL, TEXT, sender=risk_manager) == error(
        "AccessManagedUnauthorized", caller=risk_manager
    )


def test_a_model_nobody_registered_is_not_approved(oracle, risk_officer):
    assert refusal(oracle.approveModel, 9, TEXT, sender=risk_officer) == error("ModelUnknown", modelId=9)


def test_a_retired_model_is_not_approved(suite, oracle, risk_manager, risk_officer):
    after_delay(suite, risk_manager, oracle.registerModel, 9, TEXT)
    oracle.retireModel(9, sender=risk_officer)
    assert refusal(oracle.approveModel, 9, TEXT, sender=risk_officer) == error("ModelIsRetired", modelId=9)


def test_a_model_is_approved_once(suite, oracle, risk_manager, risk_officer):
    after_delay(suite, risk_manager, oracle.registerModel, 9, TEXT)
    oracle.approveModel(9, TEXT, sender=risk_officer)
    assert refusal(oracle.approveModel, 9, TEXT, sender=risk_officer) == error("ModelApprovedBefore", modelId=9)


def test_a_model_is_approved_by_the_hash_it_was_registered_with(suite, oracle, risk_manager, risk_officer):
    other = b"\x0f" * 32
    after_delay(suite, risk_manager, oracle.registerModel, 9, TEXT)
    assert refusal(oracle.approveModel, 9, other, sender=risk_officer) == error(
        "ModelHashWrong", modelId=9, registered=TEXT, given=other
    )


def test_nobody_but_the_risk_officer_retires_a_model(oracle, guardian):
    assert refusal(oracle.retireModel, MODEL, sender=guardian) == error("AccessManagedUnauthorized", caller=guardian)


def test_a_model_that_is_not_known_is_not_retired(oracle, risk_officer):
    assert refusal(oracle.retireModel, UNKNOWN_MODEL, sender=risk_officer) == error(
        "ModelUnknown", modelId=UNKNOWN_MODEL
    )


def test_the_scores_of_a_retired_model_are_unusable_at_once(oracle, risk_officer, scored):
    tx = oracle.retireModel(MODEL, sender=risk_officer)
    assert events(tx) == [event(oracle, "ModelRetired", modelId=MODEL)]
    assert refusal(oracle.usableScore, DEBTOR) == error("ModelIsRetired", modelId=MODEL)


"""USABLE, IN THE ORDER OF THE CHECKS"""


def test_a_party_without_a_score_is_named_so(oracle):
    assert refusal(oracle.usableScore, DEBTOR) == error("ScoreMissing", party=DEBTOR)


def test_a_missing_consent_comes_before_everything_else(oracle):
    assert refusal(oracle.usableScore, Party.SUPPLIER) == error("ConsentMissing", party=Party.SUPPLIER, purpose=SCORING)


def test_a_score_is_usable_through_its_last_second(oracle, scored):
    clock.travel_to(oracle.scoreOf(DEBTOR).validUntil)
    assert oracle.usableScore(DEBTOR).value == 700


def test_a_score_is_unusable_a_second_later(oracle, scored):
    valid_until = oracle.scoreOf(DEBTOR).validUntil
    clock.travel_to(valid_until + 1)
    assert refusal(oracle.usableScore, DEBTOR) == error("ScoreExpired", party=DEBTOR, validUntil=valid_until)


def test_a_renewed_score_is_usable_again(oracle, quorum, stranger, scored):
    clock.travel(VALIDITY + clock.DAY)
    quorum.score(DEBTOR, 700, stranger)
    assert oracle.usableScore(DEBTOR).sequence == 2
