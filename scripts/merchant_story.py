"""The story of merchant credit. The merchant is one of a synthetic population: its sales are made up, its money moves
as anybody's would.
"""

import re
import sys
import time
from collections.abc import Callable
from typing import Any

from backend import days
from backend.chain.reverts import ContractError, contract_error, revert_data
from backend.chain.rpc import RpcRefused
from backend.scoring.merchants.population import Course
from scripts._shop import Shop
from scripts._stage import Story, expect_refusal, percent, refusal, tell_refusal, tell_score
from scripts.market import MERCHANT, SCORING, Role, expect, fen, yuan

PEOPLE = {"teahouse": Role("Yunhe Teahouse", "云和茶舍", 24, MERCHANT)}
NUMBER = 84  # of the population: small enough that turnover, and no cap, sets its limit
AGE = 700  # days that the shop has been open
UNIFIED_LIMIT = fen("300,000.00")
PURSE = fen("60,000.00")  # the merchant's own cash
FIRST_DRAW = fen("20,000.00")
GROWTH = 0.4  # a month
PUSHES = (7, 14, 21, 28, 30, 31)  # days after the first upload
STATEMENT_DAY, FALL_DAY, LEFT = 30, 42, 0.05
PLATFORM = "jishi"


# The acts


def consent_to_line(story: Story) -> None:
    market, tell = story.market, story.tell
    tell.act("A merchant consents, is scored, and holds a line", "商户授权、评分并开立额度")
    merchant = story.people["teahouse"] = market.admit(PEOPLE["teahouse"])
    story.shop = Shop(market, merchant, NUMBER, market.today() - AGE)
    agree_and_open(story)
    tell_limit(story)
    merchant.wallet.send("MockCash", "mint", merchant.address, PURSE)


def money_by_the_day(story: Story) -> None:
    market, tell, shop = story.market, story.tell, story.shop
    tell.act("Money by the day", "随借随还，按日计息")
    draw(story, FIRST_DRAW)
    market.travel_to(market.today() + PUSHES[0])
    owed = shop.owed()
    rate = shop.get(f"/v1/lines/{shop.person.party}/draws")["items"][0]["annualRateBps"]
    interest = -(-FIRST_DRAW * rate * PUSHES[0] // (10_000 * 360))
    expect("interest of a week", owed["interest"], interest)
    repay(story, fen("5,000.00"))
    tell.step(
        None,
        f"of which {yuan(interest)} yuan are the interest of {PUSHES[0]} days",
        f"其中 {yuan(interest)} 元为 {PUSHES[0]} 天的利息",
    )


def growth(story: Story) -> None:
    market, tell, shop = story.market, story.tell, story.shop
    tell.act("Sales rise, the line rises", "销售增长，额度上调")
    token = connect(story)
    first = market.today() - PUSHES[0]
    shop.course = Course(grows_from=first, growth=GROWTH)
    before = shop.limit()
    for day in PUSHES:
        if first + day > market.today():
            market.travel_to(first + day)
        sequence = market.score(shop.person)["sequence"]
        shop.push(token)
        evaluated(story, first + day)
        if day == PUSHES[-1]:
            story.better = tell_score(story, shop.person, market.next_score(shop.person, sequence))
    tell.step(None, f"sales grow by {GROWTH:.0%} a month", f"销售额每月增长 {GROWTH:.0%}")
    tell_proposal(story)
    after = tell_limit(story)
    expect("the limit rose", int(after["limit"]) > int(before["limit"]), True)
    expect("by a fifth at most", int(after["limit"]) <= int(before["limit"]) * 120 // 100, True)
    statement = shop.get(f"/v1/lines/{shop.person.party}/statements")["items"][0]
    expect(
        "the statement is the chain's", int(statement["interest"]) + int(statement["principal"]), shop.owed()["billed"]
    )
    repay(story, shop.owed()["billed"])
    expect("billed and unpaid", shop.owed()["billed"], 0)
    more = int(shop.limit()["available"])
    expect("more is drawn than the first limit held", shop.owed()["principal"] + more > int(before["limit"]), True)
    draw(story, more)


def withdrawn_consent(story: Story) -> None:
    market, tell, shop = story.market, story.tell, story.shop
    tell.act("A withdrawn consent stops the next draw in the same block", "撤回授权，同一区块内即停止放款")
    repay(story, fen("3,000.00"))
    sequence = market.score(shop.person)["sequence"]
    refused = in_one_block(
        story,
        ("CreditOracle", "revokeConsent", (SCORING,)),
        ("CreditLine", "draw", (fen("1,000.00"), 0, 2_400, market.now() + 600)),
    )
    expect_refusal(story, refused, "ConsentMissing", party=shop.person.party)
    tell.step(shop.person, "withdraws its consent and draws, in one block", "在同一区块内撤回授权并申请提款")
    tell_refusal(story, refused)
    repay(story, fen("1,000.00"))
    shop.person.wallet.send("CreditOracle", "grantConsent", SCORING, consent_text(story))
    market.catch_up()
    tell.step(shop.person, "consents anew; the former score does not come back to life", "重新授权；原评分不会恢复效力")
    fresh = tell_score(story, shop.person, market.next_score(shop.person, sequence))
    replay(story, story.better, "RoundPassed")
    story.better = fresh
    draw(story, fen("1,000.00"))


def collapse(story: Story) -> None:
    market, tell, shop = story.market, story.tell, story.shop
    tell.act(
        "Turnover collapses: the limit falls, draws freeze, nothing falls due",
        "营业额骤降：降额、停止提款，但本金不提前到期",
    )
    token, first = story.token, shop.told - PUSHES[-1]
    shop.course = Course(grows_from=first, growth=GROWTH, falls_from=first + FALL_DAY, left=LEFT)
    pay_statement_of(story, first + 2 * STATEMENT_DAY)
    market.travel_to(first + FALL_DAY + STATEMENT_DAY + 1)
    sequence = market.score(shop.person)["sequence"]
    shop.push(token)
    tell_score(story, shop.person, market.next_score(shop.person, sequence))
    tell_proposal(story)
    refused = refusal(story, shop.person, "CreditLine", "draw", fen("100.00"), 0, 2_400, market.now() + 600)
    expect_refusal(story, refused, "PartyFlagged", party=shop.person.party)
    tell.step(shop.person, "asks for 100.00 yuan", "申请提款 100.00 元")
    tell_refusal(story, refused)
    owed = shop.owed()
    expect("principal that fell due", (owed["overdue"], owed["principal"] > 0), (0, True))
    tell.step(
        None,
        f"{yuan(owed['principal'])} yuan stay drawn, none of it due early",
        f"已提取的 {yuan(owed['principal'])} 元本金均未提前到期",
    )


def replayed_score(story: Story) -> None:
    story.tell.act("A better score of last month comes back", "上月的较优评分被重放")
    replay(story, story.better, "ReportExpired")


def all_repaid(story: Story) -> None:
    market, tell, shop = story.market, story.tell, story.shop
    tell.act("All is repaid", "全部还清")
    repay(story, shop.owed()["total"])
    expect("what is owed", shop.owed()["total"], 0)
    shop.person.wallet.send("CreditLine", "close")
    market.catch_up()
    tell.step(
        shop.person,
        f"closes the line; interest paid over its life: {yuan(interest_paid(story))} yuan",
        f"关闭额度；存续期间共付利息 {yuan(interest_paid(story))} 元",
    )
    expect("state of the line", shop.get(f"/v1/lines/{shop.person.party}")["status"], "Closed")


ACTS: tuple[Callable[[Story], None], ...] = (
    consent_to_line,
    money_by_the_day,
    growth,
    withdrawn_consent,
    collapse,
    replayed_score,
    all_repaid,
)


# What several acts do


def agree_and_open(story: Story) -> None:
    """From consent to an open line."""
    market, tell, shop = story.market, story.tell, story.shop
    market.delayed("risk_manager", [("Treasury", "setLimit", (shop.person.party, UNIFIED_LIMIT))])
    text = consent_text(story)
    tell.step(
        shop.person,
        f"signs in, reads what is used and why, and consents to it ({text[:10]}…)",
        f"登录，阅读数据用途说明并授权（{text[:10]}…）",
    )
    begun = time.monotonic()
    shop.person.wallet.send("CreditOracle", "grantConsent", SCORING, text)
    market.catch_up()
    kept = shop.upload()["report"]
    tell.step(
        shop.person,
        f"uploads {kept['stored']:,} records of {AGE} days (synthetic data); none is at fault",
        f"上传 {AGE} 天的 {kept['stored']:,} 条经营记录（合成数据），全部通过校验",
    )
    tell_score(story, shop.person, market.next_score(shop.person, 0))
    tell_proposal(story)
    opened = shop.open().event("LineOpened")
    seconds = f"{time.monotonic() - begun:.0f}"
    tell.step(
        shop.person,
        f"opens a line of {yuan(opened['limit'])} yuan, {seconds} seconds after consenting",
        f"开立额度 {yuan(opened['limit'])} 元，距授权仅 {seconds} 秒",
    )


def consent_text(story: Story) -> str:
    """Hash of the text about scoring that is offered now."""
    offered = story.shop.get("/v1/consent-texts")["items"]
    found: str = next(text["hash"] for text in offered if text["purpose"] == "Scoring" and text["current"])
    return found


def draw(story: Story, amount: int) -> None:
    market, tell, shop = story.market, story.tell, story.shop
    before = market.cash(shop.person.address)
    receipt = shop.draw(amount)
    drawn = receipt.event("LineDrawn")
    expect("cash in the wallet", market.cash(shop.person.address) - before, drawn["net"])
    expect("block of the payout", receipt.event("Disbursed").block, receipt.block)
    story.income += drawn["fee"]
    tell.step(
        shop.person,
        f"draws {yuan(amount)} yuan at {percent(drawn['annualRateBps'])} a year, in the wallet in one block; "
        f"{yuan(drawn['drawn'])} are drawn",
        f"提款 {yuan(amount)} 元，年利率 {percent(drawn['annualRateBps'])}，同一区块到账；"
        f"已提取 {yuan(drawn['drawn'])} 元",
    )


def repay(story: Story, amount: int) -> None:
    paid = story.shop.repay(amount).event("LinePaid")
    expect("what was paid", paid["late"] + paid["interest"] + paid["principal"], amount)
    story.income += paid["interest"] + paid["late"]
    story.tell.step(
        story.shop.person,
        f"repays {yuan(amount)} yuan; {yuan(paid['drawn'])} stay drawn",
        f"还款 {yuan(amount)} 元；剩余已提取 {yuan(paid['drawn'])} 元",
    )


def pay_statement_of(story: Story, day: int) -> None:
    """On the day after it closed."""
    story.market.travel_to(day + 1)
    repay(story, story.shop.owed()["billed"])


def connect(story: Story) -> str:
    """The merchant lets its platform push; returns the platform's token."""
    market, shop = story.market, story.shop
    printed = market.stack.run("token", sys.executable, "-m", "backend.records", "issue-token", PLATFORM)
    found = re.search(r": (\S+)$", printed.strip())
    assert found
    shop.post(f"/v1/merchants/{shop.person.party}/platforms", {"platform": PLATFORM})
    story.tell.step(shop.person, "lets its platform push records", "授权其平台推送经营记录")
    story.token = found[1]
    return story.token


def evaluated(story: Story, day: int) -> None:
    """Wait until the oracle has looked at the merchant on that day."""
    shop = story.shop

    def looked() -> bool:
        newest = shop.get(f"/v1/merchants/{shop.person.party}/score")["newest"]
        return bool(newest) and newest["at"][:10] >= days.date_of(day - 1).isoformat()

    story.market.until(f"an evaluation on {days.date_of(day)}", looked)


def replay(story: Story, trail: dict[str, Any], code: str) -> None:
    """The merchant sends the report of an earlier score once more."""
    sent = story.market.rpc.call("eth_getTransactionByHash", trail["transaction"])
    request = {"from": story.shop.person.address, "to": sent["to"], "data": sent["input"]}
    refused = _refused_call(story, request)
    expect("reason of the refusal", refused.code, code)
    story.tell.step(
        story.shop.person,
        f"sends the signed report of its score {trail['score']} once more",
        f"再次提交其 {trail['score']} 分评分的已签名报告",
    )
    tell_refusal(story, refused)


def tell_proposal(story: Story) -> None:
    """How the oracle came to the reported limit; only the merchant and the bank see that."""
    proposal = story.shop.get(f"/v1/merchants/{story.shop.person.party}/score")["newest"]["limit"]
    story.tell.figures(
        [
            *(row(line) for line in proposal["lines"] if line["binds"]),
            ("the figures support", "数据可支持额度", yuan(proposal["proposed"])),
            ("reported to the chain", "上报链上额度", yuan(proposal["granted"])),
        ]
    )


def tell_limit(story: Story) -> dict[str, Any]:
    """The chain's arithmetic: what binds, and what can be drawn."""
    limit = story.shop.limit()
    story.tell.figures([row(line) for line in limit["lines"] if line["binds"] or line["role"] == "limit"])
    return limit


def row(line: dict[str, Any]) -> tuple[str, str, str]:
    """Name and result of a line of arithmetic, without what the name adds after a comma or colon or in brackets."""
    name = line["name"]
    return re.split("[:,]", name["en"])[0], re.split("[：（]", name["zh"])[0], yuan(line["result"])


def in_one_block(story: Story, *calls: tuple[str, str, tuple[Any, ...]]) -> ContractError:
    """Send the calls so that one block takes all; returns why the last one was refused."""
    market = story.market
    market.rpc.call("evm_setAutomine", False)
    try:
        sent = [market.rpc.call("eth_sendTransaction", _unchecked(story, *call)) for call in calls]
        market.rpc.call("anvil_mine", "0x1")
    finally:
        market.rpc.call("evm_setAutomine", True)
    receipts = [market.rpc.call("eth_getTransactionReceipt", transaction) for transaction in sent]
    expect("blocks of the transactions", len({receipt["blockNumber"] for receipt in receipts}), 1)
    expect("which of them went through", [receipt["status"] for receipt in receipts], ["0x1", "0x0"])
    market.catch_up()
    contract, function, arguments = calls[-1]
    return refusal(story, story.shop.person, contract, function, *arguments)


def _unchecked(story: Story, contract: str, function: str, arguments: tuple[Any, ...]) -> dict[str, str]:
    """A transaction that nobody asks in advance whether it would be refused."""
    suite = story.market.suite
    data = "0x" + suite.calldata(contract, function, *arguments).hex()
    return {"from": story.shop.person.address, "to": suite.address(contract), "data": data, "gas": hex(1_000_000)}


def interest_paid(story: Story) -> int:
    payments = story.shop.get(f"/v1/lines/{story.shop.person.party}/payments", limit=100)["items"]
    return sum(int(payment["interest"]) + int(payment["late"]) for payment in payments)


def _refused_call(story: Story, request: dict[str, str]) -> ContractError:
    try:
        story.market.rpc.call("eth_call", request, "latest")
    except RpcRefused as refused:
        data = revert_data(refused)
        assert data is not None
        return contract_error(data)
    expect("a replayed report", "accepted", "refused")
    raise AssertionError
