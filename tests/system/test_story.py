"""The stories that `make story` and the demo play, over real chain, processes and HTTP, and what is left of them.

Every act checks what it tells: three tiers and a split (CASES 18), a duplicate invoice (10), a frozen dispute (2, 29),
a fallen score (29), a silent oracle (29, 32), a default with recovery (6, 19), settlement by the keeper (14); a line
from consent to repayment, growth that raises the limit (30), a withdrawn consent and a collapse that stop draws (29),
a better score played back (26, 27).
"""

import re
from collections.abc import Iterator

import pytest

from backend.oracle.trace import trail
from scripts import demo, merchant_story, receivable_story, stack, story
from scripts._narrator import Narrator
from scripts._shop import Shop
from scripts._stage import Story
from scripts.market import Invoice, Market
from tests.system.demo import Kept


@pytest.fixture(scope="module")
def told(kept: Kept) -> Iterator[Story]:
    """Its people, on the chain on which it was played."""
    with stack.started(demo.place_of(*kept.ports, kept.folder), print) as running:
        market = Market(running)
        people = {name: market.known(role) for name, role in story.PEOPLE.items()}
        after = Story(market, Narrator("en"), people)
        after.shop = Shop(market, people["teahouse"], merchant_story.NUMBER, market.today())
        yield after


def test_the_stories_are_as_told_from_the_first_act_to_the_closed_books(kept: Kept):
    acts = re.findall(r"^(\d+)\. (.+)$", kept.said, re.MULTILINE)
    assert [int(number) for number, _ in acts] == [*range(1, len(story.ACTS) + 2)]
    assert (acts[-2][1], acts[-1][1]) == ("The books close", "Business goes on")
    assert "the read model is equal to one rebuilt from the chain, row by row" in kept.said


def test_every_score_of_the_story_is_traced_to_two_signers_and_a_transaction(told: Story):
    for debtor in (told.huaxing, told.beichen, told.nanhu):
        traced = trail(told.market.engine, debtor.party)
        assert len(traced["signers"]) == 2
        assert traced["modelHash"] == told.market.api.get("/v1/models")["items"][0]["hash"]
        assert told.market.rpc.call("eth_getTransactionReceipt", traced["transaction"])["status"] == "0x1"


def test_the_merchants_score_is_traced_to_its_figures_and_its_limits_arithmetic(told: Story):
    traced = trail(told.market.engine, told.shop.person.party)
    models = {model["model"]: model["hash"] for model in told.market.api.get("/v1/models")["items"]}
    assert (len(traced["signers"]), traced["modelHash"]) == (2, models[10])
    assert traced["score"] == told.market.score(told.shop.person)["value"]
    newest = told.shop.get(f"/v1/merchants/{told.shop.person.party}/score")["newest"]
    assert (newest["modelHash"], newest["limit"]["lines"][-1]["id"]) == (models[10], "limit")
    assert "synthetic" in newest["notice"]["en"]


def test_when_the_chain_takes_a_payout_back_the_api_takes_it_back_too(told: Story):
    """CASES 33."""
    market = told.market
    receivable = market.confirmed(told.mingda, told.huaxing, Invoice("HX-2026-9001", "80000.00"), market.today() + 60)
    before = market.rpc.call("evm_snapshot")
    market.finance(told.mingda, receivable, int(market.quote(receivable)["net"]))
    assert market.receivable(receivable)["state"] == "Financed"
    assert market.rpc.call("evm_revert", before) is True
    market.rpc.call("anvil_mine", "0x2")  # a longer chain than the one that is gone
    market.until("the payout to be gone", lambda: market.receivable(receivable)["state"] == "Confirmed")
    assert market.receivable(receivable)["financings"] == 0
    market.finance(told.mingda, receivable, int(market.quote(receivable)["net"]))
    assert market.receivable(receivable)["state"] == "Financed"
    receivable_story.settle(told, told.huaxing, receivable)
    receivable_story.closed(told, receivable, "Repaid")


def test_while_the_backend_is_down_people_pay_each_other_on_the_chain(told: Story):
    """Nothing but the relayed convenience depends on the backend: the chain alone settles and delivers."""
    market = told.market
    receivable = market.confirmed(told.mingda, told.huaxing, Invoice("HX-2026-9002", "70000.00"), market.today() + 60)
    process, _ = market.stack.processes["backend"]
    process.terminate()
    process.wait(60)
    before = market.cash(told.mingda.address)
    market.mint(told.huaxing.wallet, 70_000_00, "Receivables")
    told.huaxing.wallet.send("Receivables", "settle", receivable, 70_000_00)
    told.mingda.wallet.send("Receivables", "release", receivable)
    assert market.cash(told.mingda.address) == before + 70_000_00
    with pytest.raises(stack.ProcessEnded, match="backend ended with status 0"):
        market.stack.require_running()
