"""From filed statements to scores on chain: two of three, whoever fails, whenever it fails (CASES 26, 30, 34)."""

import pytest
from sqlalchemy import Engine, select
from structlog.testing import capture_logs

from backend import store
from backend.chain import outbox, reports
from backend.chain.keys import development_key
from backend.config import Duty
from backend.crashpoints import crash_point
from backend.oracle import assessment, relay, rounds
from backend.oracle.rounds import State
from backend.oracle.trace import ScoreUntraceable, trail
from backend.records import filings
from backend.scoring import companies
from backend.store.tables import score_rounds
from tests.backend.market import LOCAL_CHAIN_ID, SCORING
from tests.backend.oracle.parts import FAILED, MEDIUM, RELAYER, STRONG, Oracle, earlier


class PowerCut(BaseException):
    pass


def scored(company: str) -> int:
    return assessment.scorer().score([companies.figures(company)])[0].score


def test_a_statement_becomes_a_score_that_two_of_three_signed(oracle: Oracle):
    oracle.file(1, STRONG)
    oracle.file(2, MEDIUM)
    oracle.push()
    assert oracle.score(1)["value"] == scored(STRONG)
    assert oracle.score(2)["value"] == scored(MEDIUM)
    counted = oracle.last()
    assert (counted.number, counted.state, len(counted.signatures)) == (1, State.COUNTED, 2)


def test_without_a_change_nothing_is_reported_again(oracle: Oracle):
    oracle.file(1, STRONG)
    oracle.push()
    assert oracle.leader.step() is None
    oracle.restart()
    assert oracle.leader.step() is None


def test_who_does_not_consent_is_not_scored(oracle: Oracle):
    oracle.market.send("second_core_enterprise", "CreditOracle", "revokeConsent", SCORING)
    oracle.file(2, STRONG)
    assert oracle.leader.step() is None


def test_half_of_the_validity_later_the_score_is_renewed(oracle: Oracle):
    oracle.file(1, STRONG)
    oracle.push()
    oracle.market.travel(14)
    assert oracle.leader.step() is None
    oracle.market.travel(2)
    oracle.push()
    assert oracle.score(1)["sequence"] == 2


def test_a_new_statement_lowers_the_score_at_once(oracle: Oracle):
    oracle.file(1, STRONG)
    oracle.push()
    oracle.market.node.mine()
    oracle.file(1, FAILED)
    oracle.market.node.mine()
    oracle.push()
    assert oracle.score(1)["value"] == scored(FAILED)


def test_a_jump_upward_waits_for_a_risk_officer_and_is_reported_once(oracle: Oracle):
    oracle.file(1, FAILED)
    oracle.push()
    oracle.market.travel(1)
    oracle.file(1, STRONG)
    oracle.market.node.mine()
    oracle.push()
    held = oracle.market.read("CreditOracle", "heldScoreOf", 1)
    assert (oracle.score(1)["value"], held["value"]) == (scored(FAILED), scored(STRONG))
    oracle.restart()
    assert oracle.leader.step() is None


def test_a_paused_oracle_proposes_nothing(oracle: Oracle):
    oracle.file(1, STRONG)
    oracle.market.send("bank", "CreditOracle", "pauseReports")
    assert oracle.leader.step() is None


def test_a_retired_model_stops_new_scores_and_nothing_else(oracle: Oracle):
    oracle.file(1, STRONG)
    oracle.market.send("bank", "CreditOracle", "retireModel", 1)
    assert oracle.leader.step() is None
    assert oracle.leader.step() is None


def test_a_statement_that_the_model_cannot_read_stops_nobody_else(oracle: Oracle):
    with store.writing(oracle.engine) as tx:
        filings.file(tx, party=1, company="?", figures={"Attr1": 1.0}, features_hash="0x", filed_at=oracle.market.now())
    oracle.file(2, MEDIUM)
    with capture_logs() as lines:
        oracle.push()
    told = [line for line in lines if line["event"] == "statement_not_scored"]
    assert told == [
        {"event": "statement_not_scored", "log_level": "error", "filing": 1, "party": 1, "error": "ColumnMissing"}
    ]
    assert (oracle.score(1)["value"], oracle.score(2)["value"]) == (0, scored(MEDIUM))


# Two of three


def test_one_silent_signer_stops_nothing(oracle: Oracle):
    oracle.urls[Duty.PLATFORM] = "http://127.0.0.1:1"
    oracle.file(1, STRONG)
    oracle.push()
    assert oracle.score(1)["value"] == scored(STRONG)


def test_two_silent_signers_are_waited_for(oracle: Oracle):
    kept = dict(oracle.urls)
    oracle.urls |= {Duty.PLATFORM: "http://127.0.0.1:1", Duty.AUDITOR: "http://127.0.0.1:1"}
    oracle.file(1, STRONG)
    oracle.push()
    assert (oracle.last().state, oracle.score(1)["value"]) == (State.PROPOSED, 0)
    oracle.urls |= kept
    oracle.push()
    assert oracle.score(1)["value"] == scored(STRONG)


def test_when_two_refuse_the_round_is_lost_and_both_reasons_are_kept(oracle: Oracle, other_engine: Engine):
    doubting = {duty: oracle.serve(oracle.signer(duty, other_engine)) for duty in (Duty.PLATFORM, Duty.AUDITOR)}
    oracle.urls |= doubting
    oracle.file(1, STRONG)
    oracle.push()
    lost = oracle.last()
    assert (lost.state, lost.reason["code"]) == (State.LOST, "QuorumRefused")
    assert {duty: problem["code"] for duty, problem in lost.refusals.items()} == {
        "platform": "FilingUnknown",
        "auditor": "FilingUnknown",
    }
    assert oracle.score(1)["value"] == 0


def test_a_stranger_among_the_signers_does_not_count(oracle: Oracle, monkeypatch: pytest.MonkeyPatch):
    forger = oracle.signer(Duty.PLATFORM)
    monkeypatch.setattr(forger, "_account", development_key(17))
    oracle.urls |= {Duty.PLATFORM: oracle.serve(forger), Duty.AUDITOR: "http://127.0.0.1:1"}
    oracle.file(1, STRONG)
    oracle.push()
    assert oracle.score(1)["value"] == 0


# Whatever fails, whenever it fails


@pytest.mark.parametrize("point", ["report_signed", "report_enqueued"])
def test_a_power_cut_in_the_relay_loses_nothing_and_doubles_nothing(
    oracle: Oracle, monkeypatch: pytest.MonkeyPatch, point: str
):
    def cut(name: str) -> None:
        if name == point:
            raise PowerCut
        crash_point(name)

    oracle.file(1, STRONG)
    oracle.leader.step()
    monkeypatch.setattr(relay, "crash_point", cut)
    with pytest.raises(PowerCut):
        oracle.relay.step()
    monkeypatch.undo()
    oracle.restart()
    oracle.push()
    assert oracle.score(1)["sequence"] == 1
    assert oracle.market.read("CreditOracle", "lastRound", b"scores".ljust(32, b"\0")) == 1


def test_a_new_set_of_signers_counts_its_rounds_from_one(oracle: Oracle):
    for company in (STRONG, MEDIUM):
        oracle.file(1, company)
        oracle.push()
        oracle.market.node.mine()
    signers = sorted((key.address for key in oracle.market.signers), key=lambda each: int(each, 16))
    oracle.market.send("bank", "CreditOracle", "setSigners", signers, 2)
    oracle.file(1, FAILED)
    oracle.market.node.mine()
    oracle.push()
    assert (oracle.last().number, oracle.last().state) == (1, State.COUNTED)
    assert oracle.score(1)["value"] == scored(FAILED)
    # The rounds of the former set are still told.
    with store.reading(oracle.engine) as tx:
        kept = tx.execute(select(score_rounds.c.signer_set, score_rounds.c.round).order_by(*score_rounds.primary_key))
        assert [tuple(row) for row in kept] == [(1, 1), (1, 2), (2, 1)]
        assert rounds.last_of(tx, 1).report.place == (2, 1)


def test_a_round_that_another_report_took_is_computed_anew(oracle: Oracle):
    oracle.file(1, STRONG)
    oracle.leader.step()
    oracle.submit(earlier(2, 640, 0))
    oracle.relay.step()
    assert oracle.last().reason["code"] == "RoundTaken"
    oracle.restart()
    oracle.push()
    assert (oracle.last().number, oracle.score(1)["value"]) == (2, scored(STRONG))


def test_a_report_that_lost_its_round_in_the_outbox_is_computed_anew(oracle: Oracle):
    oracle.file(1, STRONG)
    oracle.leader.step()
    oracle.relay.step()
    oracle.submit(earlier(2, 640, 0))
    oracle.submitter.step()
    oracle.relay.step()
    assert oracle.last().reason["code"] == "RoundPassed"
    oracle.restart()
    oracle.push()
    assert oracle.score(1)["value"] == scored(STRONG)


def test_a_proposal_that_was_not_relayed_in_time_is_made_anew(oracle: Oracle):
    oracle.file(1, STRONG)
    oracle.leader.step()
    oracle.market.travel(1)
    oracle.relay.step()
    assert oracle.last().reason["code"] == "ProposalOutdated"
    oracle.restart()
    oracle.push()
    assert oracle.score(1)["value"] == scored(STRONG)


def test_the_same_report_is_one_transaction_however_often_it_is_relayed(oracle: Oracle):
    oracle.file(1, STRONG)
    oracle.push()
    with store.reading(oracle.engine) as tx:
        before = outbox.find(tx, oracle.last().intent_key)
    oracle.relay.step()
    oracle.submitter.step()
    with store.reading(oracle.engine) as tx:
        assert outbox.find(tx, oracle.last().intent_key) == before
    assert oracle.market.rpc.transaction_count(RELAYER.address) == 1


# Traceability


def test_a_score_is_traced_to_model_statement_reasons_signers_and_transaction(oracle: Oracle):
    filing = oracle.file(1, STRONG)
    oracle.push()
    traced, own = trail(oracle.engine, 1), assessment.scorer().score([companies.figures(STRONG)])[0]
    assert traced["modelHash"] == oracle.market.read("CreditOracle", "models", 1)["hash"]
    assert (traced["filing"], traced["company"], traced["features_hash"]) == (filing, STRONG, own.features_hash)
    assert tuple(reason["code"] for reason in traced["reasons"]) == own.reasons
    receipt = oracle.market.node.receipt(traced["transaction"])
    assert int(receipt["blockNumber"], 16) == traced["block"]
    report = oracle.last().report
    oracle_address = oracle.market.suite.address("CreditOracle")
    for signer in traced["signers"]:
        signature = bytes.fromhex(oracle.last().signatures[signer][2:])
        assert reports.signer_of(report, LOCAL_CHAIN_ID, oracle_address, signature) == signer


def test_a_party_without_a_counted_score_cannot_be_traced(oracle: Oracle):
    with pytest.raises(ScoreUntraceable, match="party 2"):
        trail(oracle.engine, 2)
