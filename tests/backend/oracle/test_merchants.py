"""From a merchant's records to a score and a limit on chain, and when neither is renewed (CASES 26, 27, 29-32)."""

from backend.oracle.rounds import State as RoundState
from backend.records.evaluations import State
from backend.scoring.merchants import limit
from tests.backend.market import YUAN
from tests.backend.oracle.parts import Oracle
from tests.backend.oracle.shops import shop

MERCHANT, SECOND_MERCHANT = 3, 4
OPENING = limit.POLICY.opening_fen


def reported_limit(oracle: Oracle, party: int = MERCHANT) -> int:
    return limit.decode(oracle.score(party)["limitCode"])


# From records to a line


def test_records_become_a_score_and_a_limit_that_two_of_three_signed(oracle: Oracle):
    oracle.bring(MERCHANT, shop(oracle.market.now()))
    oracle.push()
    score, found = oracle.score(MERCHANT), oracle.evaluation(MERCHANT)
    assert (score["value"], score["pdPpm"], score["modelId"]) == (found.score, found.pd_ppm, 10)
    assert score["validUntil"] - score["issuedAt"] == 7 * 86_400
    assert reported_limit(oracle) == OPENING == found.granted
    assert (oracle.last().state, len(oracle.last().signatures)) == (RoundState.COUNTED, 2)
    assert oracle.standing(MERCHANT) is State.RENEWED


def test_a_line_opens_and_pays_out_on_what_the_oracle_reported(oracle: Oracle):
    oracle.bring(MERCHANT, shop(oracle.market.now()))
    oracle.push()
    market = oracle.market
    market.send("merchant", "CreditLine", "open", market.agreement())
    before = market.read("CreditLine", "limitOf", MERCHANT)
    assert before["reported"] == OPENING
    market.draw(1_000 * YUAN)
    assert market.read("CreditLine", "owedOf", MERCHANT)["principal"] == 1_000 * YUAN
