"""SignedReports, through every lane of both oracles: who signs, who stops, and which report counts."""

from dataclasses import replace
from types import ModuleType
from typing import Any, NamedTuple

import ape
import pytest
from ape import chain

from backend.chain import device_reports, reports
from backend.chain.device_reports import AlarmRecord, Reading, encode_record, minute_of
from backend.chain.keys import development_key
from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.fleet import ALARMS, READINGS
from tests.contracts.quorum import LANE as SCORES
from tests.contracts.suite import SCORING, SIGNERS, Party, after_delay, refusal_after_delay

ZERO = "0x" + "00" * 20
CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
CONSENT_TEXT = b"\xc0" * 32
MACHINE = 98
# Fields of each report, beside round and deadline.
CHANGES = {
    "submitScores": {
        "model_id": 5,
        "issued_at": 1,
        "valid_until": 2**40 - 1,
        "records": (b"\0" * 32,),
    },
    "submitReadings": {"groups": (1,), "words": (7,)},
    "submitAlarms": {"records": (b"\0" * 32,)},
}


class Desk(NamedTuple):
    """A lane of an oracle: who signs its reports, how they are encoded, and the function that takes them."""

    oracle: Any
    lane: bytes
    signers: Any
    codec: ModuleType
    submit: str

    def sound(self, **changes: Any) -> Any:
        """A sound report of the next round, not yet relayed."""
        if self.lane == SCORES:
            return self.signers.report(self.signers.record(Party.CORE_ENTERPRISE, 700), **changes)
        if self.lane == READINGS:
            return self.signers.readings({MACHINE: Reading(1, 1, minute_of(clock.now()))}, **changes)
        record = AlarmRecord(MACHINE, 0, self.oracle.statusOf(MACHINE).sequence + 1, clock.now(), 0)
        return self.signers.alarm_report(encode_record(record), **changes)


@pytest.fixture(scope="module", autouse=True)
def consent(suite, core_enterprise):
    suite.oracle.grantConsent(SCORING, CONSENT_TEXT, sender=core_enterprise)


@pytest.fixture(params=["scores", "readings", "alarms"])
def desk(request, suite, quorum, fleet):
    lanes = {
        "scores": Desk(suite.oracle, SCORES, quorum, reports, "submitScores"),
        "readings": Desk(suite.devices, READINGS, fleet, device_reports, "submitReadings"),
        "alarms": Desk(suite.devices, ALARMS, fleet, device_reports, "submitAlarms"),
    }
    return lanes[request.param]


@pytest.fixture(params=["oracle", "devices"])
def oracle(request, suite):
    return getattr(suite, request.param)


@pytest.fixture
def report(desk):
    return desk.sound()


@pytest.fixture
def signers(signer_keys):
    return [key.address for key in signer_keys]


@pytest.fixture
def signer(accounts):
    """A signer as a sender of transactions."""
    return accounts[SIGNERS[0]]


def addresses(count):
    return [f"0x{number:040x}" for number in range(1, count + 1)]


"""SIGNERS"""


def test_nobody_but_the_admin_sets_signers(oracle, risk_manager, signers):
    assert refusal(oracle.setSigners, signers, 2, sender=risk_manager) == error(
        "AccessManagedUnauthorized", caller=risk_manager
    )


@pytest.mark.parametrize(("count", "threshold"), [(3, 0), (0, 0), (0, 1), (3, 4), (17, 2), (17, 17)])
def test_a_threshold_that_is_no_quorum_is_refused(suite, oracle, admin, count, threshold):
    assert refusal_after_delay(suite, admin, oracle.setSigners, addresses(count), threshold) == error(
        "ThresholdInvalid", threshold=threshold, signers=count
    )


@pytest.mark.parametrize(("count", "threshold"), [(1, 1), (16, 1), (16, 16)])
def test_a_quorum_at_its_limits_is_taken(suite, oracle, admin, count, threshold):
    after_delay(suite, admin, oracle.setSigners, addresses(count), threshold)
    assert oracle.threshold() == threshold
    assert all(oracle.isSigner(address) for address in addresses(count))


@pytest.mark.parametrize(
    ("order", "offender", "follows"),
    [((2, 1), 1, 2), ((1, 1), 1, 1), ((0, 1), 0, 0), ((1, 3, 2), 2, 3)],
    ids=["falling", "repeated", "zero", "last falling"],
)
def test_case_28_a_signer_set_out_of_order_is_refused_with_which(suite, oracle, admin, order, offender, follows):
    signers = [f"0x{number:040x}" for number in order]
    expected = {"signer": f"0x{offender:040x}", "previous": f"0x{follows:040x}"}
    assert refusal_after_delay(suite, admin, oracle.setSigners, signers, 1) == error("SignersOutOfOrder", **expected)


def test_a_new_set_replaces_the_old_one_at_once(suite, oracle, admin, signers):
    tx = after_delay(suite, admin, oracle.setSigners, addresses(2), 1)
    assert events(tx)[1:] == [event(oracle, "SignersChanged", signerSet=2, signers=addresses(2), threshold=1)]
    assert (oracle.signerSet(), oracle.threshold()) == (2, 1)
    assert not any(oracle.isSigner(signer) for signer in signers)


def test_the_zero_address_is_no_signer(oracle):
    assert not oracle.isSigner(ZERO)


"""STOPPING"""


@pytest.mark.parametrize("actor", ["stranger", "admin", "risk_officer", "risk_manager", "compliance"])
def test_nobody_but_signers_and_the_guardian_pauses_reports(oracle, actors, actor):
    assert refusal(oracle.pauseReports, sender=actors[actor]) == error("NotSignerOrGuardian", caller=actors[actor])


def test_a_signer_pauses_reports(oracle, signer):
    tx = oracle.pauseReports(sender=signer)
    assert events(tx) == [event(oracle, "ReportsPaused", by=signer)]
    assert oracle.reportsPaused()


def test_the_guardian_pauses_reports(oracle, guardian):
    assert events(oracle.pauseReports(sender=guardian)) == [event(oracle, "ReportsPaused", by=guardian)]


def test_a_signer_of_an_earlier_set_pauses_nothing(suite, oracle, admin, signer):
    after_delay(suite, admin, oracle.setSigners, addresses(2), 1)
    assert refusal(oracle.pauseReports, sender=signer) == error("NotSignerOrGuardian", caller=signer)


@pytest.mark.parametrize("actor", ["guardian", "risk_manager"])
def test_whoever_stops_reports_does_not_resume_them(oracle, actors, guardian, actor):
    oracle.pauseReports(sender=guardian)
    assert refusal(oracle.resumeReports, sender=actors[actor]) == error(
        "AccessManagedUnauthorized", caller=actors[actor]
    )


def test_reports_that_run_are_not_resumed(suite, oracle, admin):
    assert refusal_after_delay(suite, admin, oracle.resumeReports) == error("ReportsNotPaused")


def test_reports_resume_after_the_delay(suite, desk, admin, guardian, stranger):
    desk.oracle.pauseReports(sender=guardian)
    tx = after_delay(suite, admin, desk.oracle.resumeReports)
    assert events(tx)[1:] == [event(desk.oracle, "ReportsResumed")]
    report = desk.sound()
    desk.signers.submit(report, stranger)
    assert desk.oracle.lastRound(desk.lane) == report.round


"""ACCEPTING, IN THE ORDER OF THE CHECKS"""


def test_a_paused_oracle_takes_no_report(desk, guardian, stranger, report):
    desk.oracle.pauseReports(sender=guardian)
    assert desk.signers.refusal(report, stranger) == error("ReportsArePaused")


def test_case_26_a_report_after_its_deadline_is_refused(desk, stranger, report):
    clock.travel_to(report.deadline + 1)
    assert desk.signers.refusal(report, stranger) == error("ReportExpired", deadline=report.deadline)


def test_a_report_is_taken_at_its_deadline(desk, stranger, report):
    clock.next_block_at(report.deadline)
    desk.signers.submit(report, stranger)
    assert desk.oracle.lastRound(desk.lane) == report.round


@pytest.mark.parametrize("named", [0, 2, 2**32 - 1])
def test_a_report_for_another_signer_set_is_refused(desk, stranger, named):
    report = desk.sound(signer_set=named)
    assert desk.signers.refusal(report, stranger) == error("SignerSetWrong", signed=named, current=1)


def test_case_26_a_report_signed_before_a_rotation_is_refused_even_if_the_signers_stay(
    suite, desk, admin, stranger, signers
):
    report = desk.sound(deadline=clock.now() + clock.DAY)
    after_delay(suite, admin, desk.oracle.setSigners, signers, 2)
    assert desk.signers.refusal(report, stranger) == error("SignerSetWrong", signed=1, current=2)


def test_case_26_the_same_report_counts_once(desk, stranger, supplier, report):
    desk.signers.submit(report, stranger)
    assert desk.signers.refusal(report, supplier) == error("RoundPassed", round=report.round, last=report.round)


@pytest.mark.parametrize("behind", [0, 1])
def test_a_round_that_is_not_after_the_last_is_refused(desk, stranger, report, behind):
    desk.signers.submit(report, stranger)
    late = desk.sound(round=report.round - behind)
    assert desk.signers.refusal(late, stranger) == error("RoundPassed", round=late.round, last=report.round)


def test_a_round_may_leave_a_gap(desk, stranger):
    report = desk.sound(round=1_000)
    desk.signers.submit(report, stranger)
    assert desk.oracle.lastRound(desk.lane) == 1_000


@pytest.mark.parametrize("given", [0, 1, 3])
def test_case_28_too_few_or_too_many_signatures_are_no_quorum(desk, stranger, report, given):
    signatures = desk.signers.sign(report, desk.signers.keys)[:given]
    assert desk.signers.refusal(report, stranger, signatures) == error("QuorumMissed", given=given, threshold=2)


def test_case_05_without_signers_no_signatures_are_no_quorum(suite, desk, deployer):
    first = suite.participants if desk.lane == SCORES else suite.equipment
    kind = desk.oracle.contract_type.name
    fresh = deployer.deploy(getattr(ape.project, kind), suite.authority, first)
    report = replace(desk.sound(), round=1, signer_set=0)
    method = getattr(fresh, desk.submit)
    assert refusal(method, desk.codec.message_of(report), [], sender=deployer) == error(
        "QuorumMissed", given=0, threshold=0
    )


@pytest.mark.parametrize(
    "garbage", [b"", b"\x01" * 64, b"\0" * 65, b"\x01" * 66, b"\xff" * 65], ids=["empty", "64", "zero", "66", "beyond"]
)
@pytest.mark.parametrize("index", [0, 1])
def test_case_28_what_is_no_signature_is_refused_with_its_place(desk, stranger, report, garbage, index):
    signatures = desk.signers.sign(report)
    signatures[index] = garbage
    assert desk.signers.refusal(report, stranger, signatures) == error("SignatureInvalid", index=index)


def test_case_28_a_signature_in_its_malleable_form_is_refused(desk, stranger, report):
    first, second = desk.signers.sign(report)
    s = CURVE_ORDER - int.from_bytes(first[32:64])
    twin = first[:32] + s.to_bytes(32) + bytes([27 + 28 - first[64]])
    assert desk.signers.refusal(report, stranger, [twin, second]) == error("SignatureInvalid", index=0)


def test_case_28_a_signer_that_is_not_in_the_set_is_refused_with_its_address(desk, stranger, report):
    foreign = development_key(17)
    signatures = desk.signers.sign(report, [desk.signers.keys[0], foreign])
    assert desk.signers.refusal(report, stranger, signatures) == error("SignerUnknown", signer=foreign.address)


def test_case_28_one_signer_does_not_count_twice(desk, stranger, report):
    key = desk.signers.keys[0]
    assert desk.signers.refusal(report, stranger, desk.signers.sign(report, [key, key])) == error(
        "SignersOutOfOrder", signer=key.address, previous=key.address
    )


def test_case_28_signatures_out_of_order_are_refused_with_which(desk, stranger, report):
    low, high = desk.signers.keys[:2]
    assert desk.signers.refusal(report, stranger, desk.signers.sign(report, [high, low])) == error(
        "SignersOutOfOrder", signer=low.address, previous=high.address
    )


@pytest.mark.parametrize("foreign", ["chain", "contract"])
def test_case_26_a_report_signed_for_another_chain_or_contract_is_refused(desk, stranger, report, foreign):
    chain_id = chain.chain_id + (foreign == "chain")
    address = stranger.address if foreign == "contract" else desk.oracle.address
    signatures = [desk.codec.sign(report, chain_id, address, key) for key in desk.signers.keys[:2]]
    found = desk.codec.signer_of(report, chain.chain_id, desk.oracle.address, signatures[0])
    assert desk.signers.refusal(report, stranger, signatures) == error("SignerUnknown", signer=found)


def test_case_26_a_report_of_another_lane_is_refused(desk, stranger, report):
    """Lanes differ in the type that is signed: the same fields signed as another type are another digest."""
    data = desk.codec.typed_data(report, chain.chain_id, desk.oracle.address)
    data["types"]["OtherReport"] = data["types"].pop(data["primaryType"])
    data["primaryType"] = "OtherReport"
    signatures = [bytes(key.sign_typed_data(full_message=data).signature) for key in desk.signers.keys[:2]]
    found = desk.codec.signer_of(report, chain.chain_id, desk.oracle.address, signatures[0])
    assert desk.signers.refusal(report, stranger, signatures) == error("SignerUnknown", signer=found)


def test_a_report_changed_after_signing_is_refused(desk, stranger, report):
    """Field by field."""
    signatures = desk.signers.sign(report)
    for field, value in {"round": 9, "deadline": 2**40 - 1, **CHANGES[desk.submit]}.items():
        forged = replace(report, **{field: value})
        found = desk.codec.signer_of(forged, chain.chain_id, desk.oracle.address, signatures[0])
        assert desk.signers.refusal(forged, stranger, signatures) == error("SignerUnknown", signer=found)


def test_a_refused_report_leaves_its_round_free(desk, stranger, report):
    assert desk.signers.refusal(report, stranger, []) == error("QuorumMissed", given=0, threshold=2)
    desk.signers.submit(report, stranger)
    assert desk.oracle.lastRound(desk.lane) == report.round


@pytest.mark.parametrize("pair", [(0, 1), (0, 2), (1, 2)])
def test_any_two_of_three_signers_are_a_quorum_and_anyone_relays(desk, supplier, report, pair):
    signatures = desk.signers.sign(report, [desk.signers.keys[index] for index in pair])
    desk.signers.submit(report, supplier, signatures)
    assert desk.oracle.lastRound(desk.lane) == report.round


def test_a_report_of_scores_is_told_whole(suite, quorum, supplier):
    report = quorum.report(quorum.record(Party.CORE_ENTERPRISE, 700))
    tx = quorum.submit(report, supplier)
    assert events(tx) == [
        event(
            suite.oracle,
            "ScoresReported",
            round=report.round,
            modelId=report.model_id,
            issuedAt=report.issued_at,
            validUntil=report.valid_until,
            relayer=supplier,
            records=list(report.records),
        )
    ]


def test_case_30_a_stolen_quorum_does_not_close_the_lane_for_its_successors(suite, desk, admin, stranger, signers):
    desk.signers.submit(desk.sound(round=2**64 - 1), stranger)
    after_delay(suite, admin, desk.oracle.setSigners, signers, 2)
    assert desk.signers.refusal(desk.sound(round=1), stranger) is None
