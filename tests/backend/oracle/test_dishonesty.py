"""What a leader cannot get signed about a merchant: honest signers compute again, and name what differs."""

import dataclasses

import pytest
from sqlalchemy import Engine, update

from backend import store
from backend.chain import reports
from backend.chain.reports import ScoreReport
from backend.config import Duty
from backend.oracle import errors, rounds
from backend.oracle.rounds import State
from backend.records.evaluations import State as Standing
from backend.scoring.merchants import limit
from backend.scoring.merchants.flags import ScoreFlag
from backend.store.tables import evaluations
from tests.backend.market import SCORING
from tests.backend.oracle.parts import Oracle, earlier
from tests.backend.oracle.shops import arrears, shop

MERCHANT = 3


def proposed(oracle: Oracle) -> ScoreReport:
    """What an honest leader proposes about a shop that is in arrears elsewhere."""
    now = oracle.market.now()
    oracle.bring(MERCHANT, [*shop(now), arrears(now, 20)])
    report = oracle.leader.step()
    assert report is not None
    return report


def with_record(report: ScoreReport, **changes: object) -> ScoreReport:
    record = dataclasses.replace(reports.decode_record(report.records[0]), **changes)
    return dataclasses.replace(report, records=(reports.encode_record(record),))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("limit_code", limit.code(90_000_000)),
        ("flags", 0),
        ("value", 700),
        ("pd_ppm", 1_000),
        ("reasons", ()),
        ("consent_epoch", 2),
    ],
)
def test_a_better_record_than_the_facts_give_is_refused_by_field(oracle: Oracle, field: str, value: object):
    honest = proposed(oracle)
    assert reports.decode_record(honest.records[0]).flags == ScoreFlag.ARREARS_ELSEWHERE
    with pytest.raises(errors.RecordDiffers) as refused:
        oracle.signer(Duty.RISK_DESK).sign(with_record(honest, **{field: value}))
    assert (refused.value.values["field"], refused.value.values["party"]) == (field, MERCHANT)
    oracle.signer(Duty.RISK_DESK).sign(honest)


def test_a_longer_validity_than_a_week_is_refused(oracle: Oracle):
    honest = proposed(oracle)
    with pytest.raises(errors.ValidityDiffers):
        oracle.signer(Duty.RISK_DESK).sign(dataclasses.replace(honest, valid_until=honest.issued_at + 30 * 86_400))


def test_a_merchant_judged_by_the_model_of_enterprises_is_refused(oracle: Oracle):
    honest = proposed(oracle)
    other = dataclasses.replace(honest, model_id=1, valid_until=honest.issued_at + 30 * 86_400)
    with pytest.raises(errors.FilingUnknown):
        oracle.signer(Duty.RISK_DESK).sign(other)


def test_an_inflated_limit_loses_its_round_and_never_reaches_the_chain(oracle: Oracle):
    inflated = with_record(proposed(oracle), limit_code=limit.code(90_000_000))
    with store.writing(oracle.engine) as tx:
        rounds.propose(tx, inflated, "0x", oracle.last().sources)
    oracle.relay.step()
    lost = oracle.last()
    assert (lost.state, lost.reason["code"]) == (State.LOST, "QuorumRefused")
    assert {problem["values"]["field"] for problem in lost.refusals.values()} == {"limit_code"}
    assert oracle.leader.step() is None
    assert oracle.standing(MERCHANT) is Standing.REFUSED
    assert oracle.score(MERCHANT)["value"] == 0


def test_a_forged_table_of_evaluations_raises_no_limit(oracle: Oracle):
    proposed(oracle)
    oracle.push()
    with store.writing(oracle.engine) as tx:
        tx.execute(update(evaluations).values(granted=90_000_000, at=1))
    oracle.market.travel(1)
    oracle.index()
    now = oracle.market.now()
    oracle.bring(MERCHANT, [arrears(now, 0)])
    oracle.leader.step()
    record = reports.decode_record(oracle.last().report.records[0])
    assert limit.decode(record.limit_code) <= limit.POLICY.opening_fen
    oracle.signer(Duty.AUDITOR).sign(oracle.last().report)


def test_facts_that_this_signer_finds_too_old_are_refused(oracle: Oracle, other_engine: Engine):
    oracle.bring(MERCHANT, shop(oracle.market.now()), other_engine)
    oracle.market.travel(4)
    report = proposed(oracle)
    with pytest.raises(errors.DataStale, match="party 3"):
        oracle.signer(Duty.AUDITOR, other_engine).sign(report)


def test_a_merchant_without_records_here_is_refused(oracle: Oracle, other_engine: Engine):
    report = proposed(oracle)
    with pytest.raises(errors.RecordsUnknown, match="party 3"):
        oracle.signer(Duty.AUDITOR, other_engine).sign(report)


def test_a_merchant_that_withdrew_its_consent_meanwhile_is_refused(oracle: Oracle):
    report = proposed(oracle)
    oracle.market.send("merchant", "CreditOracle", "revokeConsent", SCORING)
    with pytest.raises(errors.ConsentNotGiven):
        oracle.signer(Duty.AUDITOR).sign(report)


def test_a_signer_without_the_history_of_a_limit_does_not_sign_its_rise(oracle: Oracle, other_engine: Engine):
    oracle.submit(earlier(MERCHANT, 620, 10_000))
    oracle.market.travel(31)
    oracle.index()
    now = oracle.market.now()
    for engine in (oracle.engine, other_engine):
        oracle.bring(MERCHANT, shop(now - 86_400), engine)
    oracle.market.travel(1)
    oracle.index()
    report = oracle.leader.step()
    record = reports.decode_record(report.records[0])
    assert limit.decode(record.limit_code) == 2_000_000
    with pytest.raises(errors.HistoryBehind):
        oracle.signer(Duty.AUDITOR, other_engine).sign(report)
    oracle.index(other_engine)
    oracle.signer(Duty.AUDITOR, other_engine).sign(report)
