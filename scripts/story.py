"""The story of receivable financing, played over a real chain and the real backend: `python -m scripts.story`.

Core enterprises are real companies that the model never saw; three signers compute their scores. Suppliers, bank and
enterprises sign with their own keys. Every act checks what it tells; the exit status says whether all of it was true.
"""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import socketio

from backend import days
from backend.chain.reverts import ContractError
from backend.errors import HeqiError
from backend.oracle import assessment
from backend.oracle.trace import trail
from backend.scoring import companies
from scripts import stack
from scripts._narrator import LANGUAGES, Narrator, preferred
from scripts.market import (
    CORE_ENTERPRISE,
    COVER_PROVIDER,
    LENDER,
    SUPPLIER,
    Invoice,
    Market,
    Person,
    Role,
    expect,
    fen,
    text_hash,
    yuan,
)

LENT = fen("20,000,000.00")
COVER = fen("1,000,000.00")
PEOPLE = {
    "huaxing": Role("Huaxing Machinery", "华星机械", 10, CORE_ENTERPRISE),
    "beichen": Role("Beichen Motors", "北辰汽车", 11, CORE_ENTERPRISE),
    "nanhu": Role("Nanhu Textiles", "南湖纺织", 12, CORE_ENTERPRISE),
    "bank": Role("Heqi Bank", "合契银行", 17, LENDER),
    "guarantor": Role("Guarantee Fund", "担保基金", 18, COVER_PROVIDER),
    "mingda": Role("Mingda Castings (tier 1)", "明达铸造（一级）", 20, SUPPLIER),
    "ruifeng": Role("Ruifeng Steel (tier 2)", "瑞丰钢材（二级）", 21, SUPPLIER),
    "xiaohe": Role("Xiaohe Transport (tier 3)", "小禾运输（三级）", 22, SUPPLIER),
    "donghai": Role("Donghai Packaging", "东海包装", 23, SUPPLIER),
}


@dataclass
class Story:
    """What the acts share. `receivables` by what the story calls them; `companies`: statements by role; `income`: every
    yuan that the bank earned.
    """

    market: Market
    tell: Narrator
    people: dict[str, Person] = field(default_factory=dict)
    receivables: dict[str, int] = field(default_factory=dict)
    companies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    income: int = 0

    def __getattr__(self, name: str) -> Person:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None


def play(market: Market, tell: Narrator) -> Story:
    """All acts, in order. Raises Unexpected where something is not as told."""
    story = Story(market, tell)
    with Listener(market) as listener:
        for act in ACTS:
            act(story)
        listener.expect_everything()
    return story


class Listener:
    """A dApp's ear: everything in the feed must also have come over Socket.IO."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._heard: set[str] = set()
        self._client = socketio.Client()
        self._client.on("event", lambda message: self._heard.add(message["cursor"]))

    def __enter__(self) -> "Listener":
        self._client.connect(self._market.stack.place.api_url, transports=["polling"])
        self._client.call("subscribe", {"rooms": ["all"]})
        self._since = self._market.api.get("/v1/status")["feed"]
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()

    def expect_everything(self) -> None:
        self._market.catch_up()
        cursor, told = self._since, set()
        while page := self._market.api.get("/v1/feed", after=cursor, limit=500)["items"]:
            told |= {item["cursor"] for item in page}
            cursor = page[-1]["cursor"]
        self._market.until("every event of the feed over Socket.IO", lambda: told <= self._heard)


# The acts


def opening(story: Story) -> None:
    market, tell = story.market, story.tell
    tell.act("The bank opens its doors", "银行开业")
    story.people = {name: market.admit(role) for name, role in PEOPLE.items()}
    tell.step(
        None, f"compliance admits {len(PEOPLE)} parties after KYC", f"合规部门完成 KYC，准入 {len(PEOPLE)} 个参与方"
    )
    deposit(market, story.bank, story.guarantor)
    tell.step(story.bank, f"lends {yuan(LENT)} yuan", f"出资 {yuan(LENT)} 元")
    tell.step(story.guarantor, f"puts {yuan(COVER)} yuan of first-loss cover", f"存入首损保障金 {yuan(COVER)} 元")
    debtors = [story.huaxing, story.beichen, story.nanhu]
    market.open_facilities(debtors)
    tell.step(
        None,
        "the risk manager's limits and facilities take effect after their delay of one hour",
        "风险经理设定的额度与融资条件在一小时延时后生效",
    )
    story.companies = cast()
    for debtor, role in zip(debtors, ("strong", "goes bad", "medium"), strict=True):
        market.consent(debtor)
        company = story.companies[role][0]
        market.file(debtor, company)
        tell.step(
            debtor, f"consents to being scored and files a statement ({company})", f"同意评分并报送报表（{company}）"
        )
    for debtor in debtors:
        tell_score(story, debtor, market.next_score(debtor, 0))


def three_tiers(story: Story) -> None:
    market, tell = story.market, story.tell
    tell.act("One invoice pays three tiers of suppliers", "一张发票惠及三级供应商")
    invoice, due = Invoice("HX-2026-1101", "1200000.00"), market.today() + 90
    registered = market.register(story.mingda, story.huaxing, invoice, due)
    whole = int(registered["id"])
    tell.step(
        story.mingda,
        f"registers receivable {whole}: {yuan(registered['registration']['face'])} yuan due {days.date_of(due)}",
        f"登记应收账款 {whole}：{yuan(registered['registration']['face'])} 元，到期日 {days.date_of(due)}",
    )
    market.confirm_by_signature(story.huaxing, registered, relayer=story.mingda)
    tell.step(story.huaxing, "confirms it with a signature; the supplier relays it", "签名确权，由供应商代为上链")
    first, second, third = split(story, story.mingda, whole, ["500000.00", "400000.00", "300000.00"])
    finance(story, story.mingda, first)
    pass_on(story, second, story.mingda, story.ruifeng)
    kept, passed = split(story, story.ruifeng, second, ["250000.00", "150000.00"])
    pass_on(story, passed, story.ruifeng, story.xiaohe)
    finance(story, story.xiaohe, passed)
    expect("tier of the part that tier 3 financed", market.receivable(passed)["tier"], 2)
    tree = market.receivable(whole)["tree"]
    expect("parts of the receivable", [part["id"] for part in tree["parts"]], [first, second, third])
    story.receivables |= {"whole": whole, "first": first, "kept": kept, "passed": passed, "third": third}


def one_invoice_twice(story: Story) -> None:
    market, tell = story.market, story.tell
    tell.act("The same invoice a second time", "同一发票二次登记")
    invoice = Invoice("hx-2026-1101 ", "1,200,000.00")  # typed differently, the same invoice
    found = market.fingerprint(story.donghai, story.huaxing, invoice)
    expect("receivable that the API finds for the invoice", found["receivable"], story.receivables["whole"])
    registration = market.registration(story.huaxing, invoice, market.today() + 60, found["fingerprint"])
    refused = refusal(story, story.donghai, "Receivables", "register", registration)
    expect_refusal(story, refused, "InvoiceRegistered", id=story.receivables["whole"])
    tell.step(story.donghai, "tries to register it under its own name", "试图以自己的名义登记该发票")
    tell_refusal(story, refused)


def dispute(story: Story) -> None:
    market, tell = story.market, story.tell
    tell.act("A disputed receivable is frozen", "争议应收账款被冻结")
    number = market.confirmed(story.mingda, story.huaxing, Invoice("HX-2026-1102", "200000.00"), market.today() + 60)
    story.huaxing.wallet.send("Receivables", "dispute", number, text_hash("Delivery incomplete"))
    market.catch_up()
    tell.step(
        story.huaxing, f"disputes receivable {number}: delivery incomplete", f"对应收账款 {number} 提出异议：交付不完整"
    )
    expect("state", market.receivable(number)["state"], "Disputed")
    problem = market.api.problem(f"/v1/receivables/{number}/quote")
    expect("why there is no offer", problem["code"], "FinancingDisputed")
    refused = refusal(story, story.mingda, "Factoring", "finance", number, 1, market.now() + 600)
    expect_refusal(story, refused, "FinancingDisputed", receivable=number)
    tell_refusal(story, refused)
    transfer = (story.mingda.address, story.ruifeng.address, number)
    refused = refusal(story, story.mingda, "Receivables", "transferFrom", *transfer)
    expect_refusal(story, refused, "StateWrong", id=number)
    tell_refusal(story, refused)
    story.huaxing.wallet.send("Receivables", "withdrawDispute", number)
    market.catch_up()
    tell.step(story.huaxing, "withdraws the dispute after inspection", "验收后撤回异议")
    finance(story, story.mingda, number)
    story.receivables["disputed"] = number


def going_bad(story: Story) -> None:
    market, tell = story.market, story.tell
    tell.act("A core enterprise goes bad", "核心企业信用恶化")
    due = market.today() + 60
    before = market.confirmed(story.donghai, story.beichen, Invoice("BC-88001", "300000.00"), due)
    finance(story, story.donghai, before)
    after = market.confirmed(story.donghai, story.beichen, Invoice("BC-88002", "300000.00"), due)
    good = market.score(story.beichen)
    company = story.companies["goes bad"][1]
    market.file(story.beichen, company)
    tell.step(story.beichen, f"files its next statement ({company})", f"报送新一期报表（{company}）")
    bad = market.next_score(story.beichen, good["sequence"])
    tell_score(story, story.beichen, bad)
    expect("the score fell by more than 200 points", bad["value"] < good["value"] - 200, True)
    problem = market.api.problem(f"/v1/receivables/{after}/quote")
    expect("why there is no offer", problem["code"], "GradeRefused")
    refused = refusal(story, story.donghai, "Factoring", "finance", after, 1, market.now() + 600)
    expect_refusal(story, refused, "GradeRefused", score=bad["value"])
    tell.step(story.donghai, f"asks for money for receivable {after}", f"就应收账款 {after} 申请融资")
    tell_refusal(story, refused)
    settle(story, story.beichen, before)
    closed(story, before, "Repaid")
    settle(story, story.beichen, after)
    tell.step(None, "repayment was never refused", "还款始终畅通")


def too_good_to_be_true(story: Story) -> None:
    market, tell = story.market, story.tell
    tell.act("A recovery too good to be true waits for a person", "恢复过快，须由人复核")
    before = market.score(story.beichen)
    company = story.companies["goes bad"][0]
    market.file(story.beichen, company)
    tell.step(
        story.beichen, f"files a statement as good as its first ({company})", f"报送与首期同样优良的报表（{company}）"
    )
    held = market.next_score(story.beichen, before["sequence"])
    expect("score while the jump is held", (held["value"], held["held"]), (before["value"], True))
    proposed = held["proposal"]["value"]
    tell.step(
        None,
        f"the contract holds the jump from {held['value']} to {proposed}: at most 60 points a day",
        f"合约暂挂由 {held['value']} 至 {proposed} 的跳升：每日最多上升 60 分",
    )
    release = ("CreditOracle", "release", (story.beichen.party, held["sequence"]))
    market.delayed("risk_manager", [release])
    market.catch_up()
    after = market.score(story.beichen)
    expect("score after the release", (after["value"], after["held"]), (proposed, False))
    tell.step(None, "the risk manager releases it after the delay of one hour", "风险经理复核后，经一小时延时予以放行")


def silent_oracle(story: Story) -> None:
    market, tell = story.market, story.tell
    tell.act("The oracle falls silent for a month", "预言机沉默一个月")
    third = story.receivables["third"]
    tell.step(None, "the auditor stops all reports with its key", "审计方以其密钥暂停全部评分报告")
    market.stack.run("pause", sys.executable, "-m", "backend.oracle", "pause", "--duty", "auditor")
    overdue_day = market.today() + 31
    story.receivables["defaulting"] = default_to_be(story)
    before = market.score(story.huaxing)
    market.travel_to(overdue_day)
    expect("score while the oracle is silent", market.score(story.huaxing)["sequence"], before["sequence"])
    refused = refusal(story, story.mingda, "Factoring", "finance", third, 1, market.now() + 600)
    expect_refusal(story, refused, "ScoreExpired", party=story.huaxing.party)
    tell.step(story.mingda, f"asks for money for receivable {third}", f"就应收账款 {third} 申请融资")
    tell_refusal(story, refused)
    settle(story, story.huaxing, story.receivables["disputed"])
    closed(story, story.receivables["disputed"], "Repaid")
    market.delayed("admin", [("CreditOracle", "resumeReports", ())])
    tell.step(None, "the administrator lets reports resume after the delay of one hour", "管理员在一小时延时后恢复报告")
    tell_score(story, story.huaxing, market.next_score(story.huaxing, before["sequence"]))
    expect("grade of the fresh offer", market.quote(third)["grade"], "A")


def default_to_be(story: Story) -> int:
    """A month before it falls due: the financing that the next act is about."""
    market = story.market
    invoice = Invoice("NH-5-0047", "600000.00")
    number = market.confirmed(story.donghai, story.nanhu, invoice, market.today() + 30)
    finance(story, story.donghai, number)
    return number


def default(story: Story) -> None:
    market, tell = story.market, story.tell
    tell.act("A default, written off and recovered", "违约、核销与追回")
    number = story.receivables["defaulting"]
    due = market.financing(number)["due"]["day"]
    price = share_price(story)
    market.travel_to(due + 4)
    market.until("the keeper to mark it overdue", lambda: market.financing(number)["status"] == "Overdue")
    overdue = market.financing(number)
    tell.step(
        None,
        f"three days of grace have passed: the keeper marks receivable {number} overdue, "
        f"{yuan(overdue['impaired'])} yuan are impaired",
        f"三日宽限期已过：看守程序将应收账款 {number} 标记为逾期，计提减值 {yuan(overdue['impaired'])} 元",
    )
    expect("impairment lowers the share price", share_price(story) < price, True)
    next_invoice = market.confirmed(story.donghai, story.nanhu, Invoice("NH-5-0048", "50000.00"), market.today() + 60)
    expect(
        "why there is no offer", market.api.problem(f"/v1/receivables/{next_invoice}/quote")["code"], "PartyInArrears"
    )
    officer = market.officer("risk_officer")
    officer.send("Factoring", "giveNotice", number, text_hash("Notice of default"))
    tell.step(None, "the risk officer gives notice; ten days to cure", "风险官发出催告，补救期十日")
    market.travel_to(market.today() + 11)
    officer.send("Factoring", "declareDefault", number)
    written_off = officer.send("Factoring", "writeOff", number).event("FinancingWrittenOff")
    market.catch_up()
    expect("what the cover bore", written_off["fromCover"], written_off["loss"])
    tell.step(
        None,
        f"default is declared and {yuan(written_off['loss'])} yuan written off; the cover bears all of it",
        f"宣告违约并核销 {yuan(written_off['loss'])} 元，全部由首损保障金承担",
    )
    expect("cover after the loss", int(market.api.get("/v1/treasury")["cover"]), COVER - written_off["loss"])
    market.travel_to(due + 30)
    settle(story, story.nanhu, number)
    recovered = closed(story, number, "Recovered")
    expect("cover after the recovery", int(market.api.get("/v1/treasury")["cover"]), COVER)
    story.income += int(recovered["latePaid"])
    tell.step(
        None,
        f"all is recovered, with {yuan(recovered['latePaid'])} yuan of late interest; the cover is whole again",
        f"全额追回，另收罚息 {yuan(recovered['latePaid'])} 元；首损保障金复原",
    )
    settle(story, story.nanhu, next_invoice)


def due_day(story: Story) -> None:
    market, tell = story.market, story.tell
    tell.act("The due day: the money finds its holders", "到期日：资金各归其主")
    whole, first, passed = (story.receivables[name] for name in ("whole", "first", "passed"))
    market.travel_to(market.receivable(whole)["due"]["day"])
    holders = {person: market.cash(person.address) for person in (story.mingda, story.ruifeng, story.xiaohe)}
    owed = {number: int(market.financing(number)["outstanding"]) for number in (first, passed)}
    settle(story, story.huaxing, whole, "1200000.00")
    closed(story, first, "Repaid")
    closed(story, passed, "Repaid")
    due = {
        story.mingda: fen("800000.00") - owed[first],
        story.ruifeng: fen("250000.00"),
        story.xiaohe: fen("150000.00") - owed[passed],
    }
    for person, amount in due.items():
        market.until(
            f"{yuan(amount)} yuan with {person.name}",
            lambda person=person, amount=amount: market.cash(person.address) == holders[person] + amount,
        )
        tell.step(person, f"receives {yuan(amount)} yuan", f"收到 {yuan(amount)} 元")


def balance(story: Story) -> None:
    market, tell = story.market, story.tell
    tell.act("The books close", "账目结清")
    market.catch_up()
    book, value = market.api.get("/v1/treasury"), market.api.get("/v1/treasury/value")
    expect("exposure over all parties", int(book["outstanding"]), 0)
    expect("impairment", int(book["impaired"]), 0)
    expect("cash of the bank", int(book["cash"]), LENT + story.income)
    expect("value of the vault", int(value["netAssets"]), LENT + story.income)
    treasury, receivables = (market.suite.address(name) for name in ("Treasury", "Receivables"))
    expect("cash in the vault", market.cash(treasury), LENT + story.income + COVER)
    expect("cash that waits in Receivables", market.cash(receivables), 0)
    supply = market.suite.call(market.rpc, "MockCash", "totalSupply")
    everyone = {person.address for person in story.people.values()} | {treasury, market.wallet(0).address}
    expect("cash of everybody together", sum(market.cash(address) for address in everyone), supply)
    tell.figures(
        [
            ("cash in circulation", "流通现金", yuan(supply)),
            ("held by everybody together", "各方持有合计", yuan(supply)),
            ("lent and not repaid", "未偿本金", yuan(book["outstanding"])),
            ("earned by the bank", "银行收益", yuan(story.income)),
            ("first-loss cover", "首损保障金", yuan(book["cover"])),
            ("value of 1,000 shares", "每千份净值", f"{share_price(story) * 1_000:,.4f}"),
        ]
    )
    market.stack.run("verify", sys.executable, "-m", "backend.readmodel", "verify")
    tell.step(
        None, "the read model is equal to one rebuilt from the chain, row by row", "读模型与从链上重建的结果逐行一致"
    )


ACTS: tuple[Callable[[Story], None], ...] = (
    opening,
    three_tiers,
    one_invoice_twice,
    dispute,
    going_bad,
    too_good_to_be_true,
    silent_oracle,
    default,
    due_day,
    balance,
)


# What several acts do


def cast() -> dict[str, tuple[str, ...]]:
    """Statements by role, of the first company of each."""
    found: dict[str, tuple[str, ...]] = {}
    for company in companies.cast(assessment.scorer()):
        found.setdefault(company.role, company.filings)
    return found


def deposit(market: Market, bank: Person, guarantor: Person) -> None:
    market.mint(bank.wallet, LENT, "Treasury")
    bank.wallet.send("Treasury", "deposit", LENT, bank.address)
    market.mint(guarantor.wallet, COVER, "Treasury")
    guarantor.wallet.send("Treasury", "depositCover", COVER)


def split(story: Story, holder: Person, number: int, faces: list[str]) -> list[int]:
    """Returns the numbers of the parts."""
    event = holder.wallet.send("Receivables", "split", number, [fen(face) for face in faces]).event("ReceivableSplit")
    story.market.catch_up()
    parts = [event["firstPart"] + place for place in range(len(faces))]
    sizes = " + ".join(yuan(fen(face)) for face in faces)
    story.tell.step(
        holder,
        f"splits receivable {number} into {', '.join(map(str, parts))}: {sizes}",
        f"将应收账款 {number} 拆分为 {'、'.join(map(str, parts))}：{sizes}",
    )
    return parts


def pass_on(story: Story, number: int, giver: Person, taker: Person) -> None:
    giver.wallet.send("Receivables", "transferFrom", giver.address, taker.address, number)
    story.market.catch_up()
    expect(f"holder of receivable {number}", story.market.receivable(number)["holderParty"], taker.party)
    face = yuan(story.market.receivable(number)["face"])
    story.tell.step(
        giver,
        f"passes receivable {number} ({face} yuan) on to {taker.name}",
        f"将应收账款 {number}（{face} 元）转让给{taker.name_zh}",
    )


def finance(story: Story, holder: Person, number: int) -> None:
    """Quote, signature, cash in the same block."""
    market, tell = story.market, story.tell
    quote, before = market.quote(number), market.cash(holder.address)
    receipt = market.finance(holder, number, int(quote["net"]))
    paid = receipt.event("ReceivableFinanced")
    expect("net paid", str(paid["net"]), quote["net"])
    expect("cash in the wallet", market.cash(holder.address) - before, paid["net"])
    expect("block of the payout", receipt.event("Disbursed").block, receipt.block)
    expect("state", market.receivable(number)["state"], "Financed")
    story.income += paid["discount"] + paid["fee"]
    tell.step(holder, f"signs the offer for receivable {number}", f"签署应收账款 {number} 的融资报价")
    tell.figures(
        [
            ("claim", "债权金额", yuan(quote["claim"])),
            (
                f"advance {percent(quote['advanceBps'])}",
                f"融资本金 {percent(quote['advanceBps'])}",
                yuan(quote["advance"]),
            ),
            (
                f"discount {percent(quote['annualRateBps'])}, {quote['term']} days",
                f"贴息 {percent(quote['annualRateBps'])}，{quote['term']} 天",
                yuan(quote["discount"]),
            ),
            (f"fee {percent(quote['feeBps'])}", f"手续费 {percent(quote['feeBps'])}", yuan(quote["fee"])),
            ("net, in the wallet in one block", "净额，同一区块到账", yuan(quote["net"])),
            ("all-in rate a year", "综合年化成本", percent(int(quote["allInRateBps"]))),
            ("grade and score of the debtor", "债务人等级与评分", f"{quote['grade']} {quote['score']}"),
        ]
    )


def settle(story: Story, debtor: Person, number: int, amount: str | None = None) -> None:
    """The debtor pays what is owed on a receivable, or the amount given on its pool."""
    market = story.market
    owed = fen(amount) if amount else int(market.receivable(number)["outstanding"])
    market.settle(debtor, number, owed)
    story.tell.step(
        debtor, f"pays {yuan(owed)} yuan on receivable {number}", f"就应收账款 {number} 付款 {yuan(owed)} 元"
    )


def closed(story: Story, number: int, status: str) -> dict[str, Any]:
    """Wait until the keeper has brought the money: to the bank what is advanced, to the holder what is left."""
    market = story.market
    market.until(f"receivable {number} {status}", lambda: market.financing(number)["status"] == status)
    market.until(f"the rest of receivable {number}", lambda: int(market.receivable(number)["claimable"]) == 0)
    expect("state", market.receivable(number)["state"], "Settled")
    return market.financing(number)


def refusal(story: Story, person: Person, contract: str, function: str, *arguments: Any) -> ContractError:
    """The contract's reason for refusing the person's transaction."""
    try:
        person.wallet.send(contract, function, *arguments)
    except ContractError as refused:
        return refused
    expect(f"{contract}.{function} by {person.name}", "done", "refused")
    raise AssertionError


def expect_refusal(story: Story, refused: ContractError, code: str, **values: Any) -> None:
    expect("reason of the refusal", refused.code, code)
    expect(f"values of {code}", {name: refused.values[name] for name in values}, values)


def tell_refusal(story: Story, refused: ContractError) -> None:
    story.tell.step(
        None, f"refused, {refused.code}: {refused.notice('en')}", f"被拒绝，{refused.code}：{refused.notice('zh')}"
    )


def tell_score(story: Story, person: Person, score: dict[str, Any]) -> None:
    """A score with its reasons, traced back to the statement and to those who signed it."""
    traced = story.market.until("the round of the score to be final", lambda: _traced(story, person, score["sequence"]))
    expect("traced score", traced["score"], score["value"])
    reason = score["reasons"][0]["text"]
    default_rate = f"{score['pdPpm'] / 10_000:.2f} %"
    story.tell.step(
        person,
        f"score {score['value']}, default probability {default_rate}, round {traced['round']} "
        f"signed by {len(traced['signers'])} of 3; first reason: {reason['en']}",
        f"评分 {score['value']}，违约概率 {default_rate}，"
        f"第 {traced['round']} 轮由 3 方中的 {len(traced['signers'])} 方签署；"
        f"首要原因：{reason['zh']}",
    )


def _traced(story: Story, person: Person, sequence: int) -> dict[str, Any] | None:
    try:
        found = trail(story.market.engine, person.party)
    except HeqiError:
        return None
    return found if found["sequence"] == sequence else None


def share_price(story: Story) -> float:
    """Net assets per share; a share has six decimals more than the cash."""
    value = story.market.api.get("/v1/treasury/value")
    return int(value["netAssets"]) * 10**6 / int(value["shares"])


def percent(bps: int) -> str:
    return f"{bps / 100:.2f} %"


@click.command()
@click.option("--lang", type=click.Choice(LANGUAGES), default=preferred, help="Default: that of the terminal.")
def main(lang: str) -> None:
    """Play the story on a fresh stack."""
    stack.end_in_order_on_signals()
    with tempfile.TemporaryDirectory(prefix="heqi-story-") as folder:
        place = stack.Place.temporary(Path(folder))
        with stack.started(place, lambda line: print(f"-- {line}", flush=True)) as running:
            play(Market(running), Narrator(lang))
    print("\n-- every step was as told" if lang == "en" else "\n-- 每一步均与所述相符")


if __name__ == "__main__":
    try:
        main(standalone_mode=True)
    except HeqiError as error:
        sys.exit(f"story: {error}")
