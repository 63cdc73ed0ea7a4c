"""What a signer does not vouch for, by name, and how it answers over HTTP."""

import dataclasses
import json

import pytest
import requests

from backend.chain import reports
from backend.chain.reports import ScoreRecord, ScoreReport
from backend.chain.rpc import Header
from backend.config import Duty
from backend.oracle import errors, proposals, signer
from backend.oracle.enterprises import Enterprises
from backend.oracle.proposals import DEADLINE_S
from backend.oracle.view import Model, OracleView
from tests.backend.oracle.parts import MEDIUM, STRONG, Oracle

NOW = 1_800_000_000
SEEN = OracleView(Header(9, "0x", "0x", NOW, 0), 3, 1, 2, False, {1: Model("0x", True, False)})
VALIDITY_S = Enterprises.validity_s
RECORD = ScoreRecord(7, 700, 20_000, 0, 5, (1, 2), 1)


def report(*records: bytes, **changes: int) -> ScoreReport:
    fields = {
        "round": 4,
        "signer_set": 1,
        "deadline": NOW + DEADLINE_S,
        "model_id": 1,
        "issued_at": NOW,
        "valid_until": NOW + VALIDITY_S,
    }
    return ScoreReport(**(fields | changes), records=records or (reports.encode_record(RECORD),))


def test_a_sound_batch_is_accepted():
    signer.require_batch(report(), SEEN, VALIDITY_S)
    oldest = NOW - signer.OLDEST_FACTS_S
    signer.require_batch(report(issued_at=oldest, deadline=oldest, valid_until=oldest + VALIDITY_S), SEEN, VALIDITY_S)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"round": 3}, errors.RoundWrong),
        ({"round": 5}, errors.RoundWrong),
        ({"signer_set": 2}, errors.SignerSetChanged),
        ({"issued_at": NOW + 1}, errors.FactsNotOfNow),
        ({"issued_at": NOW - signer.OLDEST_FACTS_S - 1}, errors.FactsNotOfNow),
        ({"deadline": NOW + DEADLINE_S + 1}, errors.DeadlineTooFar),
        ({"valid_until": NOW + VALIDITY_S + 1}, errors.ValidityDiffers),
    ],
)
def test_an_unsound_batch_is_refused_by_name(changes: dict[str, int], refusal: type[errors.Refusal]):
    with pytest.raises(refusal):
        signer.require_batch(report(**changes), SEEN, VALIDITY_S)


def test_nothing_is_signed_while_reports_are_paused():
    with pytest.raises(errors.ReportsStopped):
        signer.require_batch(report(), dataclasses.replace(SEEN, paused=True), VALIDITY_S)


def test_a_party_that_stands_in_a_batch_twice_is_refused():
    packed = reports.encode_record(RECORD)
    with pytest.raises(errors.PartyTwice, match="7"):
        signer.by_party(report(packed, packed))


def test_bits_that_no_record_has_are_refused():
    packed = (int.from_bytes(reports.encode_record(RECORD)) | 1).to_bytes(32)
    with pytest.raises(errors.ProposalInvalid, match=r"records\.0"):
        signer.by_party(report(packed))


@pytest.mark.parametrize(
    ("field", "proposed"),
    [
        ("value", 701),
        ("pd_ppm", 19_999),
        ("limit_code", 256),
        ("sequence", 6),
        ("reasons", (2, 1)),
        ("consent_epoch", 2),
        ("flags", 2),
    ],
)
def test_no_difference_is_tolerated_in_any_field(field: str, proposed: object):
    with pytest.raises(errors.RecordDiffers) as refused:
        signer.require_equal(dataclasses.replace(RECORD, **{field: proposed}), RECORD)
    assert refused.value.values["field"] == field
    assert refused.value.values["party"] == 7


def test_a_model_that_this_signer_does_not_know_is_refused(oracle: Oracle):
    with pytest.raises(errors.ModelDiffers, match="5"):
        oracle.signer(Duty.AUDITOR).sign(report(model_id=5))


# Over HTTP


def post(url: str, body: bytes) -> requests.Response:
    return requests.post(url + proposals.PATH, data=body, timeout=30)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "JsonInvalid"),
        (b"{", "JsonInvalid"),
        (b'{"round": NaN}', "JsonInvalid"),
        (b"[]", "ProposalInvalid"),
        (b'{"round": 1}', "ProposalInvalid"),
        (b'{"round": "1"}', "ProposalInvalid"),
    ],
)
def test_a_malformed_proposal_is_answered_with_a_named_problem(oracle: Oracle, body: bytes, code: str):
    answer = post(oracle.urls[Duty.AUDITOR], body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_proposal_that_is_too_long_is_not_read(oracle: Oracle):
    answer = post(oracle.urls[Duty.AUDITOR], b" " * (signer.MOST_BYTES + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "ProposalTooLarge")


def test_other_paths_are_refused(oracle: Oracle):
    answer = requests.post(oracle.urls[Duty.AUDITOR] + "/keys", data=b"{}", timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (400, "ProposalInvalid")


def test_a_signer_signs_what_it_has_found_itself(oracle: Oracle):
    oracle.file(1, STRONG)
    proposed = oracle.leader.step()
    answer = post(oracle.urls[Duty.AUDITOR], json.dumps(proposals.to_json(proposed)).encode())
    suite = oracle.market.suite
    signature = bytes.fromhex(answer.json()["signature"][2:])
    recovered = reports.signer_of(proposed, suite.chain_id, suite.address("CreditOracle"), signature)
    assert oracle.market.read("CreditOracle", "isSigner", recovered) is True


def test_a_signer_that_has_no_statement_refuses(oracle: Oracle, other_engine):
    oracle.file(1, STRONG)
    proposed = oracle.leader.step()
    with pytest.raises(errors.FilingUnknown, match="party 1"):
        oracle.signer(Duty.AUDITOR, other_engine).sign(proposed)


def test_a_signer_that_has_another_statement_refuses_with_both_figures(oracle: Oracle, other_engine):
    oracle.file(1, STRONG)
    proposed = oracle.leader.step()
    doubting = oracle.signer(Duty.AUDITOR, other_engine)
    Oracle.file(dataclasses.replace(oracle, engine=other_engine), 1, MEDIUM)
    own = proposed.issued_at
    with pytest.raises(errors.Refusal) as refused:
        doubting.sign(proposed)
    assert refused.value.code in {"RecordDiffers", "FilingUnknown"}, own
