"""The story of receivable financing. Core enterprises are real companies that the model never saw."""

import sys
from collections.abc import Callable
from typing import Any

from backend import days
from backend.oracle import assessment
from backend.scoring import companies
from scripts._stage import COVER, LENT, Story, expect_refusal, percent, refusal, share_price, tell_refusal, tell_score
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
        f"宣布违约并核销 {yuan(written_off['loss'])} 元，全部由首损保障金承担",
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
