"""From a merchant's records to a score and a limit on chain, and when neither is renewed (CASES 26, 27, 29-32, 34)."""

import itertools
import json

import pytest
from structlog.testing import capture_logs

from backend import days, store
from backend.chain import reports
from backend.oracle import assessment, merchants, retention, triggers
from backend.oracle.rounds import State as RoundState
from backend.oracle.trace import trail
from backend.records import evaluations
from backend.records.business import kept
from backend.records.evaluations import State
from backend.scoring.errors import ModelMissing
from backend.scoring.merchants import features, limit
from backend.scoring.merchants.flags import ScoreFlag
from backend.scoring.merchants.records import Kind
from backend.store.tables import business_records
from tests.backend.market import CONSENT_TEXT, SCORING, YUAN, Market, Refused
from tests.backend.oracle.parts import STRONG, Oracle, earlier
from tests.backend.oracle.shops import arrears, shop

MERCHANT, SECOND_MERCHANT = 3, 4
MODEL = merchants.Merchants.number
OPENING = limit.POLICY.opening_fen


def reported_limit(oracle: Oracle, party: int = MERCHANT) -> int:
    return limit.decode(oracle.score(party)["limitCode"])


def open_shop(oracle: Oracle, party: int = MERCHANT) -> None:
    """A steady shop connects and is scored."""
    oracle.bring(party, shop(oracle.market.now()))
    oracle.push()
    oracle.index()


def live(oracle: Oracle, days_: int, sales=lambda day: 8_000 * YUAN, party: int = MERCHANT) -> None:
    """Days of business, whose records come in the day after."""
    for _ in range(days_):
        oracle.market.travel(1)
        now = oracle.market.now()
        oracle.bring(party, shop(now, sales=sales, first=days.day_of(now) - 1))
        oracle.index()
        oracle.push()
        oracle.index()


def wait(oracle: Oracle, seconds: int) -> None:
    oracle.market.node.rpc("evm_increaseTime", seconds)
    oracle.market.node.mine()


def refusal(market: Market, who: str = "merchant") -> str:
    """Why a draw is refused."""
    with pytest.raises(Refused) as refused:
        market.draw(100 * YUAN, who)
    return refused.value.error.code


def open_line(oracle: Oracle, drawn: int = 0) -> Market:
    oracle.market.send("merchant", "CreditLine", "open", oracle.market.agreement())
    if drawn:
        oracle.market.draw(drawn)
    return oracle.market


# From records to a line


def test_records_become_a_score_and_a_limit_that_two_of_three_signed(oracle: Oracle):
    oracle.bring(MERCHANT, shop(oracle.market.now()))
    oracle.push()
    score, found = oracle.score(MERCHANT), oracle.evaluation(MERCHANT)
    assert (score["value"], score["pdPpm"], score["modelId"]) == (found.score, found.pd_ppm, MODEL)
    assert score["validUntil"] - score["issuedAt"] == 7 * 86_400
    assert reported_limit(oracle) == OPENING == found.granted
    assert (oracle.last().state, len(oracle.last().signatures)) == (RoundState.COUNTED, 2)
    assert oracle.standing(MERCHANT) is State.RENEWED


def test_a_line_opens_and_pays_out_on_what_the_oracle_reported(oracle: Oracle):
    open_shop(oracle)
    market = open_line(oracle)
    assert market.read("CreditLine", "limitOf", MERCHANT)["reported"] == OPENING
    market.draw(1_000 * YUAN)
    assert market.read("CreditLine", "owedOf", MERCHANT)["principal"] == 1_000 * YUAN


def test_without_a_change_nothing_is_reported_again(oracle: Oracle):
    open_shop(oracle)
    assert oracle.leader.step() is None
    oracle.restart()
    assert oracle.leader.step() is None


def test_a_draw_changes_the_figures_before_the_next_day(oracle: Oracle):
    open_shop(oracle)
    market = open_line(oracle, drawn=30_000 * YUAN)
    oracle.index()
    oracle.push()
    line = market.read("CreditLine", "lineOf", MERCHANT)
    assert oracle.evaluation(MERCHANT).figures["utilisation"] == line["drawn"] / line["limit"] > 0.5


def test_signers_look_at_the_line_as_the_leader_did_whatever_was_drawn_since(oracle: Oracle):
    open_shop(oracle)
    open_line(oracle)
    oracle.bring(MERCHANT, [arrears(oracle.market.now(), 20)])
    oracle.leader.step()
    wait(oracle, 5)
    oracle.market.draw(20_000 * YUAN)
    oracle.push()
    assert oracle.last().state is RoundState.COUNTED
    assert oracle.score(MERCHANT)["flags"] == ScoreFlag.ARREARS_ELSEWHERE


# When a score is renewed


def test_half_of_a_week_later_the_score_is_renewed(oracle: Oracle):
    open_shop(oracle)
    live(oracle, 3)
    assert oracle.score(MERCHANT)["sequence"] == 1
    live(oracle, 1)
    assert (oracle.score(MERCHANT)["sequence"], oracle.evaluation(MERCHANT).due) == (2, "half_expired")


def test_adverse_facts_are_reported_at_once_and_stop_draws(oracle: Oracle):
    open_shop(oracle)
    market = open_line(oracle)
    oracle.bring(MERCHANT, [arrears(market.now(), 20)])
    oracle.push()
    assert oracle.evaluation(MERCHANT).due == "flags_changed"
    assert oracle.score(MERCHANT)["flags"] == ScoreFlag.ARREARS_ELSEWHERE
    assert refusal(market) in {"PartyFlagged", "GradeRefused"}


def test_a_turnover_collapse_lowers_the_limit_and_stops_draws_but_not_repayment(oracle: Oracle):
    open_shop(oracle)
    market = open_line(oracle, drawn=30_000 * YUAN)
    live(oracle, 25, sales=lambda day: 300 * YUAN)
    assert oracle.score(MERCHANT)["flags"] & ScoreFlag.TURNOVER_COLLAPSE
    assert reported_limit(oracle) < 30_000 * YUAN
    assert refusal(market) in {"PartyFlagged", "GradeRefused"}
    owed = market.read("CreditLine", "owedOf", MERCHANT)
    assert owed["principal"] == 30_000 * YUAN
    assert owed["overdue"] == 0
    market.send("merchant", "CreditLine", "repay", MERCHANT, 5_000 * YUAN)


def test_growth_raises_the_limit_after_thirty_days_by_a_fifth(oracle: Oracle):
    open_shop(oracle)
    live(oracle, 29, sales=lambda day: 24_000 * YUAN)
    assert reported_limit(oracle) == OPENING
    assert oracle.evaluation(MERCHANT).arithmetic.move == limit.Move.AT_CEILING
    live(oracle, 1, sales=lambda day: 24_000 * YUAN)
    assert reported_limit(oracle) == OPENING * 12 // 10
    found = oracle.evaluation(MERCHANT)
    assert (found.due, found.arithmetic.move) == ("limit_raised", limit.Move.ROSE_PART)
    assert found.arithmetic.supported > found.granted
    live(oracle, 4, sales=lambda day: 24_000 * YUAN)
    assert reported_limit(oracle) == OPENING * 12 // 10


def test_case_32_after_days_without_oracle_nothing_is_paid_out_and_scores_resume(oracle: Oracle):
    open_shop(oracle)
    market = open_line(oracle, drawn=1_000 * YUAN)
    market.travel(10)
    assert refusal(market) == "ScoreExpired"
    market.send("merchant", "CreditLine", "repay", MERCHANT, 500 * YUAN)
    assert market.read("CreditLine", "lineOf", MERCHANT)["status"] == 1
    oracle.restart()
    live(oracle, 1)
    market.draw(1_000 * YUAN)
    assert reported_limit(oracle) == OPENING


# When it is not


def test_case_29_who_does_not_consent_is_not_even_evaluated(oracle: Oracle):
    oracle.market.send("merchant", "CreditOracle", "revokeConsent", SCORING)
    oracle.bring(MERCHANT, shop(oracle.market.now()))
    assert oracle.leader.step() is None
    assert oracle.standing(MERCHANT) is State.NO_CONSENT
    with store.reading(oracle.engine) as tx:
        assert evaluations.newest(tx, MERCHANT) is None


@pytest.mark.parametrize("restarted", [False, True])
def test_consent_is_followed_by_a_score_within_the_same_day(oracle: Oracle, restarted: bool):
    oracle.market.send("merchant", "CreditOracle", "revokeConsent", SCORING)
    oracle.index()
    oracle.bring(MERCHANT, shop(oracle.market.now()))
    assert oracle.leader.step() is None
    oracle.market.send("merchant", "CreditOracle", "grantConsent", SCORING, CONSENT_TEXT)
    oracle.index()
    if restarted:
        oracle.restart()
    oracle.push()
    assert (oracle.score(MERCHANT)["value"] > 0, oracle.score(MERCHANT)["consentEpoch"]) == (True, 2)


def test_case_29_revoked_consent_stops_draws_in_the_same_block(oracle: Oracle):
    open_shop(oracle)
    market = open_line(oracle)
    market.send("merchant", "CreditOracle", "revokeConsent", SCORING)
    assert refusal(market) == "ConsentMissing"


def test_a_renewed_consent_does_not_start_the_limit_anew(oracle: Oracle):
    oracle.submit(earlier(MERCHANT, 620, 10_000))
    for function, rest in (("revokeConsent", ()), ("grantConsent", (CONSENT_TEXT,))):
        oracle.market.send("merchant", "CreditOracle", function, SCORING, *rest)
    oracle.market.travel(1)
    oracle.index()
    open_shop(oracle)
    assert (oracle.score(MERCHANT)["sequence"], reported_limit(oracle)) == (2, 10_000 * YUAN)


def test_case_29_stale_data_is_not_scored_and_draws_end_with_the_last_score(oracle: Oracle):
    open_shop(oracle)
    market = open_line(oracle)
    market.travel(2)
    oracle.push()
    assert oracle.standing(MERCHANT) is State.RENEWED
    market.travel(2)
    assert oracle.leader.step() is None
    assert oracle.standing(MERCHANT) is State.DATA_STALE
    market.draw(100 * YUAN)
    market.travel(6)
    assert oracle.leader.step() is None
    assert refusal(market) == "ScoreExpired"
    live(oracle, 1)
    assert oracle.standing(MERCHANT) is State.RENEWED
    market.draw(100 * YUAN)


def test_after_an_erasure_nothing_is_scored_and_hashes_alone_are_left(oracle: Oracle):
    open_shop(oracle)
    before = trail(oracle.engine, MERCHANT)
    with store.writing(oracle.engine) as tx:
        kept.erase(tx, MERCHANT, oracle.market.now(), "requested", 1)
    oracle.market.travel(4)
    assert oracle.leader.step() is None
    assert oracle.standing(MERCHANT) is State.NO_RECORDS
    after = trail(oracle.engine, MERCHANT)
    assert (after["figures"], after["limit"]["arithmetic"]) == (None, None)
    assert (after["features_hash"], after["modelHash"]) == (before["features_hash"], before["modelHash"])


def test_case_29_a_retired_model_stops_merchants_and_nobody_else(oracle: Oracle):
    oracle.market.send("bank", "CreditOracle", "retireModel", MODEL)
    oracle.bring(MERCHANT, shop(oracle.market.now()))
    oracle.file(1, STRONG)
    oracle.push()
    assert oracle.score(1)["value"] > 0
    assert oracle.leader.step() is None
    assert oracle.score(MERCHANT)["value"] == 0


def test_a_party_that_files_statements_is_scored_from_those_alone(oracle: Oracle):
    oracle.bring(1, shop(oracle.market.now()))
    oracle.file(1, STRONG)
    oracle.push()
    assert oracle.leader.step() is None
    assert (oracle.standing(1), oracle.score(1)["modelId"]) == (State.STATEMENTS, 1)


def test_records_and_figures_past_their_time_go_once_a_day_though_the_model_expired(oracle: Oracle, monkeypatch):
    monkeypatch.setattr(retention, "LOOK_S", 0.0)
    open_shop(oracle)
    oracle.market.travel(801)
    duty = retention.Retention(oracle.engine, oracle.market.rpc)
    with capture_logs() as lines:
        duty.step()
        duty.step()
    assert [line["evaluations"] for line in lines] == [1]
    assert oracle.evaluation(MERCHANT).figures is None
    with store.reading(oracle.engine) as tx:
        assert {record.kind for record in kept.known(tx, MERCHANT, oracle.market.now())} == {Kind.OPENING}


def test_a_missing_model_stops_merchants_and_nobody_else(oracle: Oracle, monkeypatch: pytest.MonkeyPatch):
    shipped = assessment.scorer

    def scorer(spec: str = assessment.SPEC):
        if spec == merchants.Merchants.spec:
            raise ModelMissing(name=spec, path="merchant.json")
        return shipped(spec)

    monkeypatch.setattr(assessment, "scorer", scorer)
    oracle.bring(MERCHANT, shop(oracle.market.now()))
    oracle.file(1, STRONG)
    oracle.push()
    assert oracle.score(1)["value"] > 0
    assert oracle.leader.step() is None


def test_case_29_a_merchant_on_hold_is_scored_and_pays_nothing_out(oracle: Oracle):
    open_shop(oracle)
    market = open_line(oracle)
    market.send("bank", "CreditOracle", "hold", MERCHANT)
    live(oracle, 4)
    assert oracle.score(MERCHANT)["sequence"] > 1
    assert oracle.leader.step() is None
    assert refusal(market) == "ScoreOnHold"


def test_case_30_a_jump_upward_waits_for_a_risk_officer_and_is_reported_once(oracle: Oracle):
    oracle.submit(earlier(MERCHANT, 400, 10_000))
    oracle.market.travel(1)
    oracle.index()
    open_shop(oracle)
    held = oracle.market.read("CreditOracle", "heldScoreOf", MERCHANT)
    assert oracle.score(MERCHANT)["value"] == 400
    assert held["value"] == oracle.evaluation(MERCHANT).score > 460
    oracle.restart()
    assert oracle.leader.step() is None


# What a signer of a quorum cannot do alone


def test_case_27_an_older_and_better_score_is_refused_or_skipped(oracle: Oracle):
    open_shop(oracle)
    better = oracle.last()
    oracle.bring(MERCHANT, [arrears(oracle.market.now(), 20)])
    oracle.push()
    worse = oracle.score(MERCHANT)
    message = reports.message_of(better.report)
    signatures = {signer: bytes.fromhex(text[2:]) for signer, text in better.signatures.items()}
    with pytest.raises(Refused) as refused:
        oracle.market.send("stranger", "CreditOracle", "submitScores", message, reports.in_order(signatures))
    assert refused.value.error.code == "RoundPassed"
    oracle.submit(reports.decode_record(better.report.records[0]))
    assert oracle.score(MERCHANT) == worse


# One merchant's trouble


def spoil(oracle: Oracle, party: int) -> None:
    """A row as no intake writes it."""
    row = {"party": party, "platform": "shop", "id": "丁小姐的店", "value": 1, "count": 1, "buyer": ""}
    times = dict.fromkeys(("occurred_at", "received_at"), oracle.market.now())
    with store.writing(oracle.engine) as tx:
        tx.execute(business_records.insert().values(kind="rumour", **row, **times))


def test_a_merchant_that_cannot_be_evaluated_is_named_without_its_data_and_tried_again(oracle: Oracle):
    for party in (MERCHANT, SECOND_MERCHANT):
        oracle.bring(party, shop(oracle.market.now()))
    spoil(oracle, MERCHANT)
    with capture_logs() as lines:
        oracle.push()
    told = [line for line in lines if line["event"] == "merchant_not_evaluated"]
    assert told == [{"event": "merchant_not_evaluated", "log_level": "error", "party": MERCHANT, "error": "ValueError"}]
    assert (oracle.standing(MERCHANT), oracle.score(MERCHANT)["value"]) == (State.FAILED, 0)
    assert oracle.score(SECOND_MERCHANT)["value"] > 0
    with store.writing(oracle.engine) as tx:
        tx.execute(business_records.delete().where(business_records.c.kind == "rumour"))
    oracle.bring(MERCHANT, [arrears(oracle.market.now(), 0)])
    oracle.push()
    assert oracle.score(MERCHANT)["value"] > 0


def test_what_signers_refuse_about_one_merchant_does_not_hold_up_another(oracle: Oracle, other_engine, monkeypatch):
    doubting = {duty: oracle.serve(oracle.signer(duty, other_engine)) for duty in oracle.urls}
    oracle.bring(SECOND_MERCHANT, shop(oracle.market.now()), other_engine)
    for party in (MERCHANT, SECOND_MERCHANT):
        oracle.bring(party, shop(oracle.market.now()))
    honest = dict(oracle.urls)
    oracle.urls |= doubting
    oracle.push()
    assert oracle.last().refusals["auditor"]["code"] == "RecordsUnknown"
    oracle.push()
    assert (oracle.standing(MERCHANT), oracle.score(MERCHANT)["value"]) == (State.REFUSED, 0)
    assert oracle.score(SECOND_MERCHANT)["value"] > 0
    oracle.urls |= honest
    wait(oracle, merchants.REFUSED_WAIT_S)
    oracle.push()
    assert oracle.score(MERCHANT)["value"] > 0


def test_case_34_a_lost_round_is_proposed_anew_for_all_its_merchants(oracle: Oracle):
    for party in (MERCHANT, SECOND_MERCHANT):
        oracle.bring(party, shop(oracle.market.now()))
    oracle.leader.step()
    wait(oracle, 7_200)
    oracle.relay.step()
    assert oracle.last().reason["code"] == "ProposalOutdated"
    oracle.restart()
    oracle.push()
    assert min(oracle.score(party)["value"] for party in (MERCHANT, SECOND_MERCHANT)) > 0


def test_core_enterprises_and_merchants_take_turns(oracle: Oracle, monkeypatch: pytest.MonkeyPatch):
    for module in (merchants, triggers):
        monkeypatch.setattr(module, "MOST_RECORDS", 1, raising=False)
    monkeypatch.setattr("backend.oracle.enterprises.MOST_RECORDS", 1)
    for party in (MERCHANT, SECOND_MERCHANT):
        oracle.bring(party, shop(oracle.market.now()))
    for party in (1, 2):
        oracle.file(party, STRONG)
    models = []
    for _ in range(4):
        oracle.push()
        models.append(oracle.last().report.model_id)
    assert models == [1, MODEL, 1, MODEL]
    assert min(oracle.score(party)["value"] for party in (1, 2, MERCHANT, SECOND_MERCHANT)) > 0


def test_a_long_turn_ends_in_time_and_goes_on_in_the_next_step(oracle: Oracle, monkeypatch: pytest.MonkeyPatch):
    ticks = itertools.count()
    monkeypatch.setattr(merchants.time, "monotonic", lambda: merchants.TURN_S * next(ticks) / 2)
    for party in (MERCHANT, SECOND_MERCHANT):
        oracle.bring(party, shop(oracle.market.now()))
    oracle.push()
    assert (len(oracle.last().report.records), oracle.standing(SECOND_MERCHANT)) == (1, None)
    oracle.push()
    assert min(oracle.score(party)["value"] for party in (MERCHANT, SECOND_MERCHANT)) > 0


def test_a_rise_waits_for_the_read_model(oracle: Oracle):
    oracle.submit(earlier(MERCHANT, 620, 10_000))
    oracle.market.travel(1)
    oracle.bring(MERCHANT, shop(oracle.market.now()))
    with capture_logs() as lines:
        assert oracle.leader.step() is None
    assert next(line["event"] for line in lines) == "merchant_waits"
    oracle.index()
    wait(oracle, merchants.BEHIND_WAIT_S)
    oracle.push()
    assert reported_limit(oracle) == 10_000 * YUAN


# Traceability


def test_a_merchants_score_is_traced_to_figures_flags_limit_and_signers(oracle: Oracle):
    open_shop(oracle)
    traced = json.loads(json.dumps(trail(oracle.engine, MERCHANT)))
    scorer = assessment.scorer(merchants.Merchants.spec)
    again = scorer.score([traced["figures"]])[0]
    assert (again.score, again.features_hash) == (traced["score"], traced["features_hash"])
    assert tuple(reason["code"] for reason in traced["reasons"]) == again.reasons
    assert traced["modelHash"] == oracle.market.read("CreditOracle", "models", MODEL)["hash"]
    assert (traced["flags"], traced["due"]) == ([], "never_scored")
    arithmetic = traced["limit"]["arithmetic"]
    assert traced["limit"]["code"] == limit.code(OPENING)
    assert arithmetic["lines"][-1]["result"] == arithmetic["proposed"] > OPENING
    assert len(traced["signers"]) == 2


def test_figures_of_a_day_are_those_that_were_known_then(oracle: Oracle):
    now = oracle.market.now()
    records = shop(now)
    scorer = assessment.scorer(merchants.Merchants.spec)
    early = merchants.find(records, now - 1, None, scorer)
    assert early.proposal.limit == 0 == early.figures["turnover_90"]
    assert merchants.find(records, now, None, scorer).figures == features.figures(records, now, None)
