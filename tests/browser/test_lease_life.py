"""What people do in the life of a lease: rent, the bank's loan, dispute, return, default and sale; and before it, how a
machine and its device come onto the chain."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
from eth_account import Account
from playwright.sync_api import FilePayload, Locator, Page, expect

from backend import days, rent
from backend.chain.keys import development_key
from backend.rent import ENDLESS
from backend.telemetry.checkpoints import Domain
from backend.telemetry.link import Link
from backend.telemetry.mqtt import BrokerRefused
from backend.telemetry.simulator.fleet import draw_identity
from backend.telemetry.simulator.sites import draw_ground
from scripts import _machine, lease_story, receivable_story
from scripts._machine import HOUR_S, QUARTER_S, SEED, Lease
from scripts.market import DAY_S, OFFICERS, Market, Person, fen, text_hash, yuan
from scripts.stack import CHAIN_ID
from tests.browser.acts import close, do, go_on_as, in_phase, open_as, sign_in, step
from tests.browser.town import Town
from tests.browser.wallet import Wallet
from tests.browser.watch import Watch

pytestmark = pytest.mark.weeks_pass

PAPER: FilePayload = {"name": "paper.txt", "mimeType": "text/plain", "buffer": b"A paper about a lease"}
CERTIFICATE: FilePayload = {"name": "certificate.txt", "mimeType": "text/plain", "buffer": b"Certificate of C-100"}
PERIOD_DAYS, DUE_DAYS = 7, 1
MINIMUM, DEPOSIT, TITLE = fen("12,000.00"), fen("1,000.00"), fen("20,000.00")
TIERS = [
    {"throughTenths": 150, "rate": fen("520.00")},
    {"throughTenths": 300, "rate": fen("430.00")},
    {"throughTenths": ENDLESS, "rate": fen("340.00")},
]
TERMS = {
    "tiers": TIERS,
    "minimum": MINIMUM,
    "cap": fen("90,000.00"),
    "deposit": DEPOSIT,
    "periodDays": PERIOD_DAYS,
    "dueDays": DUE_DAYS,
    "cureDays": 1,
    "lockNoticeDays": 0,
}
"""As short as leases can be: what one waits for comes soon."""
NEW_WALLET = 66
DEFAULTED, ACCELERATED, RESCINDED, SOLD, RETURNED, BOUGHT_OUT = 5, 6, 7, 8, 9, 10
OVERDUE_LOAN, LOST_LOAN, REPAID_LOAN = 2, 4, 5


@dataclass
class Yard:
    """Five leases of two lessees a day after their first statement, which is not paid. The bank has paid for three."""

    market: Market
    rented: Lease
    ending: Lease
    failing: Lease
    called_in: Lease
    redeemed: Lease
    buyer: Person

    def owner(self, machine: int) -> str:
        return str(self.market.suite.call(self.market.rpc, "Equipment", "ownerOf", machine))

    def machine(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = self.market.suite.call(self.market.rpc, "Equipment", "machineOf", number)
        return found


@pytest.fixture(scope="module")
def yard(town: Town) -> Yard:
    market = town.market
    builder = market.admit(lease_story.PEOPLE["xinda"])
    limit = ("Treasury", "setLimit", (builder.party, lease_story.UNIFIED_LIMIT))
    market.delayed("risk_manager", [limit])
    market.consent(builder)
    market.file(builder, receivable_story.cast()["medium"][0])
    for lessee in (town.lessee, builder):
        market.mint(lessee.wallet, lease_story.PURSE, "RentLedger")
    lessees = (town.lessee, town.lessee, builder, builder, builder)
    leases = [
        _agreed(town, at, lessee, periods)
        for at, (lessee, periods) in enumerate(zip(lessees, (2, 1, 2, 2, 2), strict=True))
    ]
    _deliver(market, leases)
    market.next_score(builder, 0)
    rented, ending, failing, called_in, redeemed = leases
    for lease in (rented, failing, called_in):
        lease_story.finance(town.told, lease)
    _live_past_the_first_statement(market, leases)
    return Yard(market, rented, ending, failing, called_in, redeemed, market.admit(lease_story.PEOPLE["yuantong"]))


def _agreed(town: Town, at: int, lessee: Person, periods: int) -> Lease:
    machine = _machine.registered(town.market, town.lessor, f"C-{at}", draw_ground(Random(30 + at)), ())
    return lease_story.agree(town.market, machine, lessee, town.market.today(), **TERMS, periods=periods)


def _deliver(market: Market, leases: list[Lease]) -> None:
    market.travel(HOUR_S)
    for lease in leases:
        lease.machine.report()
    for lease in leases:
        lease_story.accept(lease)


def _live_past_the_first_statement(market: Market, leases: list[Lease]) -> None:
    """The machines speak once, when the period is about to end: late records count as others do."""
    first = leases[0].start
    market.travel(days.start_of(first + PERIOD_DAYS) - QUARTER_S - market.now())
    for lease in leases:
        lease.machine.report()
    for lease in leases:
        lease.expect_metered()
    # A working hour: who moves on to a night's incident from there keeps within one stride of the clock.
    market.travel(days.start_of(first + PERIOD_DAYS + DUE_DAYS) + 9 * HOUR_S - market.now())
    for lease in leases:
        path = f"/v1/leases/{lease.number}"
        market.until(f"the first statement of lease {lease.number}", lambda at=path: market.api.get(at)["period"] == 1)


def take(
    page: Page,
    wallet: Wallet,
    name: str,
    signatures: int = 1,
    *,
    within: Locator | None = None,
    paper: FilePayload | None = None,
    typed: Mapping[str, str] | None = None,
) -> str:
    """Fill a step's form, `typed` by labels, and sign; returns the figures shown."""
    form = step(within or page, name)
    for label, value in (typed or {}).items():
        form.get_by_label(label, exact=True).fill(value)
    if paper:
        form.get_by_label("相关文件").set_input_files(paper)
        expect(form.get_by_text(re.compile("SHA-256 0x"))).to_be_visible()
    form.get_by_role("button", name=re.compile("^核对并")).click()
    return do(page, wallet, signatures)


def tile(page: Page, label: str) -> Locator:
    return page.locator(".tile").filter(has=page.get_by_text(label, exact=True))


def test_the_hours_are_paid_the_loan_is_repaid_early_and_the_machine_bought(
    yard: Yard, page: Page, wallet: Wallet, watch: Watch
):
    watch.allow("status of 409")
    market, lease = yard.market, yard.rented
    path = f"/leases/{lease.number}"
    open_as(page, wallet, lease.lessor, path)

    page.get_by_role("tab", name="银行融资").click()
    loan, lent = int(lease.read("LeaseFinance", "owedOf")), int(lease.read("LeaseFinance", "loanOf")["principal"])
    shown = take(page, wallet, "repayLoan", 2, typed={"金额（元）": "1,000.00"})
    left, principal = loan - fen("1,000.00"), int(lease.read("LeaseFinance", "loanOf")["principal"])
    assert left == principal
    assert all(f"¥{yuan(figure)}" in shown for figure in (left, lent - principal, loan - lent))
    repayments = page.get_by_role("region", name="还款记录")
    expect(repayments).to_contain_text(f"¥{yuan(principal)}")
    expect(step(page, "repayLoan").get_by_label("金额（元）")).to_have_value(yuan(left).replace(",", ""))
    take(page, wallet, "repayLoan", 2)
    assert lease.read("LeaseFinance", "loanOf")["status"] == REPAID_LOAN
    expect(page.get_by_text("已清偿", exact=True)).to_be_visible()

    page.get_by_role("tab", name="办理").click()
    first = days.date_of(market.today())
    shown = take(page, wallet, "agreeStandby", paper=PAPER, typed={"自": str(first), "至（含）": str(first)})
    assert f"{first} – {first}" in shown
    page.goto(f"/leases/machines/{lease.machine.number}")
    page.get_by_role("tab", name="权属与终端").click()
    expect(page.get_by_role("region", name="停工与锁机")).to_contain_text("约定停工")

    go_on_as(page, wallet, lease.lessee, path)
    page.get_by_role("tab", name="租金").click()
    so_far = lease.read("RentLedger", "rentSoFar")
    tiers = [rent.Tier(tier["throughTenths"], tier["rate"]) for tier in TIERS]
    charges = [f"{charge.tenths:,} × {charge.tier.rate:,}" for charge in rent.tier_charges(tiers, so_far["tenths"])]
    assert len(charges) == len(TIERS)
    hours = page.get_by_role("region", name="逐项计算").get_by_role("row").filter(has_text="按工时分档计算的租金")
    expect(hours).to_contain_text(" + ".join(charges))
    expect(hours).to_contain_text(f"¥{yuan(so_far['usage'])}")

    owed, before = lease.owed["rent"], market.cash(lease.lessee.address)
    page.get_by_role("tab", name="账单与对账").click()
    expect(page.get_by_role("region", name="账单", exact=True)).to_contain_text(f"¥{yuan(owed)}")
    page.get_by_role("tab", name="办理").click()
    shown = take(page, wallet, "pay", 2, typed={"金额（元）": "1000"})
    rest = owed - fen("1,000.00")
    assert f"¥{yuan(rest)}" in shown
    expect(tile(page, "应付租金")).to_contain_text(f"¥{yuan(rest)}")
    market.until("the rent with the lessor", lambda: lease.read("RentLedger", "accountOf")["claimable"] == 0)
    shown = take(page, wallet, "pay", 2, typed={"金额（元）": "999999"})
    assert f"¥{yuan(rest)}" in shown and "多余部分不收取" in shown
    assert before - market.cash(lease.lessee.address) == owed
    expect(step(page, "pay")).to_have_count(0)
    expect(tile(page, "应付租金")).to_contain_text("¥0.00")

    price, before = int(lease.read("EquipmentLease", "buyOutOf")), market.cash(lease.lessee.address)
    shown = take(page, wallet, "buyOut", 2)
    assert all(f"¥{yuan(figure)}" in shown for figure in (price, price - TITLE, TITLE, DEPOSIT))
    assert lease.status == BOUGHT_OUT
    assert yard.owner(lease.machine.number) == lease.lessee.address
    market.until("the deposit back", lambda: before - market.cash(lease.lessee.address) == price - DEPOSIT)
    expect(page.get_by_text("已留购", exact=True).first).to_be_visible()

    # The keeper passes rent on once a day; what comes later on that day anybody may.
    before = market.cash(lease.lessor.address)
    assert f"¥{yuan(rest + price)}" in take(page, wallet, "release")
    assert market.cash(lease.lessor.address) - before == rest + price
    expect(page.get_by_text("租约已结束，没有可办理的事项。")).to_be_visible()


def test_a_charge_is_disputed_decided_and_paid_and_the_machine_given_back(yard: Yard, page: Page, wallet: Wallet):
    market, lease = yard.market, yard.ending
    path, reason = f"/leases/{lease.number}", {"理由（只记录其哈希，请自行留存原文）": "工时多计两小时"}
    owed = lease.owed["rent"]
    open_as(page, wallet, lease.lessee, path)
    shown = take(page, wallet, "dispute", typed=reason)
    assert f"¥{yuan(owed)}" in shown
    expect(page.get_by_text("承租人已提出争议")).to_be_visible()
    take(page, wallet, "withdrawDispute")
    take(page, wallet, "dispute", typed=reason)

    go_on_as(page, wallet, OFFICERS["compliance"], path)
    shown = take(page, wallet, "resolveDispute", paper=PAPER, typed={"金额（元）": "860.00"})
    left = owed - fen("860.00")
    assert f"¥{yuan(left)}" in shown
    expect(page.get_by_text("承租人已提出争议")).to_have_count(0)
    expect(tile(page, "应付租金")).to_contain_text(f"¥{yuan(left)}")

    go_on_as(page, wallet, lease.lessee, path)
    before = market.cash(lease.lessor.address)
    take(page, wallet, "pay", 2)
    assert lease.owed["rent"] == 0
    market.until("the rent with the lessor", lambda: market.cash(lease.lessor.address) - before == left)
    shown = take(page, wallet, "declareReturn", paper=PAPER)
    assert f"¥{yuan(DEPOSIT)}" in shown and str(days.date_of(market.today() + 15)) in shown
    go_on_as(page, wallet, lease.lessor, path)
    take(page, wallet, "objectToReturn", paper=PAPER)
    go_on_as(page, wallet, lease.lessee, path)
    take(page, wallet, "declareReturn", paper=PAPER)

    before = market.cash(lease.lessee.address)
    go_on_as(page, wallet, lease.lessor, path)
    assert f"¥{yuan(DEPOSIT)}" in take(page, wallet, "confirmReturn")
    assert lease.status == RETURNED
    market.until("the deposit back", lambda: market.cash(lease.lessee.address) - before == DEPOSIT)
    assert int(yard.machine(lease.machine.number)["lienor"], 16) == 0
    expect(page.get_by_text("租约已结束，没有可办理的事项。")).to_be_visible()


def test_the_bank_takes_a_machine_back_and_the_surplus_is_the_lessees(
    yard: Yard, town: Town, page: Page, wallet: Wallet
):
    market, lease = yard.market, yard.failing
    machine = lease.machine
    market.travel(DAY_S)
    market.until("an overdue loan", lambda: lease.read("LeaseFinance", "loanOf")["status"] == OVERDUE_LOAN)
    market.catch_up()
    open_as(page, wallet, OFFICERS["risk_officer"], "/bank/collections")
    case = page.get_by_role("article").filter(has=page.get_by_role("link", name=f"租约 {lease.number}", exact=True))
    cure = str(days.date_of(market.today() + TERMS["cureDays"]))
    shown = take(page, wallet, "giveNotice", within=case, paper=PAPER)
    assert f"¥{yuan(lease.owed['overdue'])}" in shown and cure in shown
    expect(case).to_contain_text(f"可补救至 {cure}")

    market.travel(DAY_S)
    machine.report()
    lease.expect_fresh()
    page.reload()
    take(page, wallet, "lock", within=case)
    market.until("the command to reach the device", machine.is_locked)
    expect(step(case, "unlock")).to_be_visible()

    market.travel(DAY_S)
    page.reload()
    shown = take(page, wallet, "declareDefault", within=case)
    assert f"¥{yuan(lease.owed['overdue'])}" in shown
    assert lease.status == DEFAULTED
    owed = lease.owed
    shown = take(page, wallet, "rescind", within=case)
    due = owed["rent"] + owed["late"] + owed["remaining"] + TITLE
    assert all(f"¥{yuan(figure)}" in shown for figure in (due, DEPOSIT, due - DEPOSIT))
    assert lease.status == RESCINDED
    assert "租约已解除，不再计租" in take(page, wallet, "unlock", within=case)
    market.until("the command to reach the device", lambda: not machine.is_locked())
    expect(step(case, "unlock")).to_have_count(0)

    claim = lease.owed["rent"] + lease.owed["late"]
    surplus = fen("80,000.00")
    offer = {"对方钱包地址": yard.buyer.address, "金额（元）": yuan(claim + surplus)}
    shown = take(page, wallet, "offerSale", within=case, paper=PAPER, typed=offer)
    assert all(f"¥{yuan(figure)}" in shown for figure in (claim, surplus, claim + surplus))
    expect(case).to_contain_text(f"¥{yuan(claim + surplus)}")

    yard.buyer.wallet.send("MockCash", "mint", yard.buyer.address, claim + surplus)
    before = market.cash(lease.lessee.address)
    market.catch_up()
    go_on_as(page, wallet, yard.buyer, f"/leases/{lease.number}")
    expect(page.get_by_text(f"设备已按评估价 ¥{yuan(claim + surplus)} 挂牌")).to_be_visible()
    with town.without_relay():
        take(page, wallet, "buy", 2)
        assert lease.status == SOLD
        assert yard.owner(machine.number) == yard.buyer.address
        shown = take(page, wallet, "releaseCredit")
    assert f"¥{yuan(surplus)}" in shown and "承租人" in shown
    assert market.cash(lease.lessee.address) - before == surplus
    assert lease.read("LeaseFinance", "loanOf")["status"] == REPAID_LOAN
    expect(page.get_by_text("已处置", exact=True).first).to_be_visible()
    machine.leave()


def test_a_maker_registers_a_machine_binds_its_device_and_sells_it(
    yard: Yard, town: Town, page: Page, wallet: Wallet, watch: Watch
):
    watch.allow("status of 404 .*/alarms")  # they are no longer told to who sold the machine
    market, maker = yard.market, town.lessor
    open_as(page, wallet, maker, "/leases/onboard")
    sign_in(page, wallet)
    page.get_by_label("制造商与序列号（按铭牌填写）").fill("泰和 C-100")
    page.get_by_label("登记证书文件").set_input_files(PAPER)
    expect(page.get_by_text(re.compile("SHA-256 0x"))).to_be_visible()
    page.get_by_role("button", name="核对并登记设备").click()
    shown = do(page, wallet)
    number = int(market.suite.call(market.rpc, "Equipment", "lastId"))
    assert re.search(rf"设备编号\s+若无他人同时登记\s+{number}\n", shown)
    expect(page.get_by_label("制造商与序列号（按铭牌填写）")).to_have_value("")
    choose_machine(page, number)
    take(page, wallet, "setCertificate", paper=CERTIFICATE)

    identity = draw_identity(SEED, number, Domain(CHAIN_ID, market.suite.address("Equipment")))
    page.get_by_label("终端地址").fill(identity.address)
    page.get_by_label("工时表当前读数（小时）").fill("12.50")
    with page.expect_download() as saved:
        page.get_by_role("button", name="下载待终端签署的数据").click()
    typed = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    page.get_by_label("终端签名").fill(identity.binding(1_251))
    page.get_by_role("button", name="核对并绑定终端").click()
    expect(in_phase(page, "failed")).to_contain_text("签名")
    close(page)
    signature = Account.sign_typed_data(identity.key.secret, full_message=typed).signature.to_0x_hex()
    bind(page, {"device": identity.address, "meterStart": 1_250, "signature": signature})
    shown = do(page, wallet)
    assert "终端签名有效 ✓" in shown and "12.50" in shown
    assert yard.machine(number)["device"] == identity.address

    page.get_by_role("button", name="签发新密码").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="下载凭据文件").click()
    given = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    access = town.place.broker.access(given["user"], given["password"])
    with Link(access):
        pass
    page.get_by_role("button", name=re.compile("^吊\\s?销$")).click()
    page.get_by_role("tooltip").get_by_role("button", name=re.compile("^吊\\s?销$")).click()
    expect(page.get_by_text("已吊销")).to_be_visible()
    expect(page.get_by_role("button", name="下载凭据文件")).to_have_count(0)
    with pytest.raises(BrokerRefused), Link(access):
        pass

    go_on_as(page, wallet, OFFICERS["risk_officer"], "/leases/onboard")
    choose_machine(page, number)
    verify = step(page, "verify")
    verify.get_by_label("相关文件").set_input_files(PAPER)
    expect(verify.get_by_text(re.compile("SHA-256 0x"))).to_be_visible()
    verify.get_by_role("button", name=re.compile("^核对并")).click()
    expect(in_phase(page, "failed").locator(".mono", has_text="CertificateOther")).to_be_visible()
    close(page)
    take(page, wallet, "verify", paper=CERTIFICATE)
    assert yard.machine(number)["verified"]
    expect(step(page, "verify")).to_have_count(0)

    machine = _machine.Machine(market, maker, number, draw_ground(Random(40)), yard.ending.machine.device)
    market.mint(town.lessee.wallet, DEPOSIT, "RentLedger")
    lease = lease_story.agree(market, machine, town.lessee, market.today(), **TERMS, periods=1)
    go_on_as(page, wallet, OFFICERS["compliance"], "/leases/onboard")
    choose_machine(page, number)
    second = draw_identity(SEED, number, identity.domain, epoch=2)
    bind(page, {"device": second.address, "meterStart": 1_300, "signature": second.binding(1_300)})
    assert "终端签名有效 ✓" in do(page, wallet)
    devices = page.get_by_role("region", name="历任终端")
    expect(devices.get_by_role("row")).to_have_count(3)
    assert yard.machine(number)["device"] == second.address

    before = market.cash(town.lessee.address)
    go_on_as(page, wallet, maker, f"/leases/{lease.number}")
    assert f"¥{yuan(DEPOSIT)}" in take(page, wallet, "cancel")
    market.until("the deposit back", lambda: market.cash(town.lessee.address) - before == DEPOSIT)
    page.goto("/leases/onboard")
    choose_machine(page, number)
    shown = take(page, wallet, "transfer", typed={"对方钱包地址": yard.buyer.address})
    assert f"参与方 {yard.buyer.party}" in shown
    assert yard.owner(number) == yard.buyer.address

    successor = development_key(NEW_WALLET).address
    market.officer("compliance").send("Participants", "rotateWallet", yard.buyer.address, successor)
    market.catch_up()
    page.goto(f"/leases/machines/{number}")
    page.get_by_role("tab", name="权属与终端").click()
    page.get_by_role("button", name="转入更换后的钱包").click()
    shown = do(page, wallet)
    assert yard.buyer.address in shown and successor in shown and "使用人与终端不变" in shown
    assert yard.owner(number) == successor
    expect(page.get_by_role("button", name="转入更换后的钱包")).to_have_count(0)


def choose_machine(page: Page, number: int) -> None:
    page.get_by_label("已登记的设备").select_option(str(number))


def bind(page: Page, told: dict[str, Any]) -> None:
    """Hand over what the device has written, and ask for the dialog."""
    file: FilePayload = {"name": "device.json", "mimeType": "application/json", "buffer": json.dumps(told).encode()}
    page.get_by_label("终端导出的文件（JSON）").set_input_files(file)
    expect(page.get_by_label("终端签名")).to_have_value(told["signature"])
    page.get_by_role("button", name="核对并绑定终端").click()


@pytest.mark.parametrize("zone", ["America/New_York"])
def test_the_days_of_a_chart_begin_at_midnight_in_beijing(yard: Yard, page: Page, wallet: Wallet, watch: Watch):
    watch.allow("status of 409")
    open_as(page, wallet, yard.ending.lessor, f"/leases/machines/{yard.ending.machine.number}")
    sign_in(page, wallet)
    page.get_by_role("tab", name="读数").click()
    chart = page.get_by_role("img", name="最近一周的工时表与油箱液位")
    expect(chart.locator("text").filter(has_text=re.compile(r"^\d\d-\d\d 00:00$")).first).to_be_visible()


def test_one_lease_is_called_in_and_its_loan_lost_and_the_machine_of_another_redeemed(
    yard: Yard, town: Town, page: Page, wallet: Wallet
):
    market, lost, redeemed = yard.market, yard.called_in, yard.redeemed
    creditors = ((lost, market.officer("risk_officer")), (redeemed, redeemed.lessor.wallet))
    with town.without_relay():
        market.travel(DAY_S)
        for lease, creditor in creditors:
            creditor.send("EquipmentLease", "giveNotice", lease.number, text_hash("Notice"))
        market.travel(2 * DAY_S)
        for lease, creditor in creditors:
            creditor.send("EquipmentLease", "declareDefault", lease.number)
        redeemed.lessor.wallet.send("EquipmentLease", "rescind", redeemed.number)
        owed = redeemed.owed["rent"] + redeemed.owed["late"]
        market.mint(redeemed.lessee.wallet, owed, "RentLedger")
        redeemed.lessee.wallet.send("RentLedger", "pay", redeemed.number, owed)
        market.catch_up()

        open_as(page, wallet, OFFICERS["risk_officer"], "/bank/collections")
        case = page.get_by_role("article").filter(has=page.get_by_role("link", name=f"租约 {lost.number}", exact=True))
        owed = lost.owed
        shown = take(page, wallet, "accelerate", within=case)
        due = owed["rent"] + owed["late"] + owed["remaining"]
        assert all(f"¥{yuan(figure)}" in shown for figure in (due, DEPOSIT, due - DEPOSIT))
        assert lost.status == ACCELERATED

        principal = int(lost.read("LeaseFinance", "loanOf")["principal"])
        case.get_by_role("button", name="标记租赁融资违约").click()
        assert f"→ ¥{yuan(principal)}" in do(page, wallet)
        cover = int(market.suite.call(market.rpc, "Treasury", "book")["cover"])
        case.get_by_role("button", name="核销租赁融资").click()
        shown = do(page, wallet)
        assert "首损保障金承担" in shown and f"¥{yuan(principal)}" in shown
        assert lost.read("LeaseFinance", "loanOf")["status"] == LOST_LOAN
        assert cover - int(market.suite.call(market.rpc, "Treasury", "book")["cover"]) == principal

        go_on_as(page, wallet, redeemed.lessee, f"/leases/{redeemed.number}")
        assert f"设备 {redeemed.machine.number} 归承租人所有" in take(page, wallet, "redeem")
        assert redeemed.status == BOUGHT_OUT
        assert yard.owner(redeemed.machine.number) == redeemed.lessee.address
