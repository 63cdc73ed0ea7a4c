"""A customer of the bank from its admission to a new wallet, and the offices themselves: given, used and taken back."""

import hashlib
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from backend import days
from backend.chain.keys import development_key
from scripts.market import DELAY_S, OFFICERS, Person, fen, yuan
from tests.browser.acts import close, do, go_on_as, in_phase, open_as
from tests.browser.town import Town
from tests.browser.wallet import Wallet

NEWCOMER, ITS_NEW_WALLET, NEW_OFFICER, ITS_SECOND_WALLET, NEW_SIGNER = 63, 64, 65, 67, 68
SIGNERS, OTHER_SIGNERS = (7, 8, 9), (NEW_SIGNER, 7, 8)  # in whatever order one types them
THRESHOLD = 2
RISK_OFFICER = 1  # of the Authority's roles
MODEL = 4_711
GAS = 10**18
LENT, TAKEN_BACK, COVER = fen("100,000.00"), fen("40,000.00"), fen("25,000.00")
PAPERS = FilePayload(name="kyc.pdf", mimeType="application/pdf", buffer=b"KYC file of a newcomer")
NEWER_PAPERS = PAPERS | {"buffer": b"KYC file of a newcomer, a year on"}
MANIFEST = FilePayload(name="model.json", mimeType="application/json", buffer=b'{"name": "another"}')
ANOTHER_MANIFEST = MANIFEST | {"buffer": b'{"name": "a third"}'}


@pytest.fixture(scope="module")
def funded(town: Town) -> None:
    """Accounts beyond those of the chain's beginning, with something for network fees."""
    for account in (NEWCOMER, ITS_NEW_WALLET, NEW_OFFICER):
        town.market.rpc.call("anvil_setBalance", address(account), hex(GAS))


@pytest.mark.usefixtures("funded")
def test_a_lender_is_admitted_lends_is_frozen_and_freed_and_gets_a_new_wallet(town: Town, page: Page, wallet: Wallet):
    market = town.market
    open_as(page, wallet, OFFICERS["compliance"], "/bank/roles")
    form = page.get_by_role("form", name="准入参与方")
    form.get_by_label("钱包").fill(address(NEWCOMER))
    form.get_by_label("出资方", exact=True).check()
    form.get_by_label("认证有效期至").fill(in_days(town, 300))
    form.get_by_label("认证材料").set_input_files(PAPERS)
    form.get_by_role("button", name="准入参与方").click()
    shown = do(page, wallet)
    assert address(NEWCOMER) in shown and "出资方" in shown and in_days(town, 300) in shown and hash_of(PAPERS) in shown
    party = party_of(town, NEWCOMER)
    expect(form.get_by_role("button", name="准入参与方")).to_be_disabled()
    town.market.catch_up()
    page.goto("/bank/customers")
    page.get_by_role("link", name=f"参与方 {party}", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("出资方")

    newcomer = Person("Newcomer", "新客户", party, market.wallet(NEWCOMER))
    newcomer.wallet.send("MockCash", "mint", newcomer.address, LENT)
    lend(town, newcomer, page, wallet)
    freeze_and_free(town, newcomer, page, wallet)

    go_on_as(page, wallet, OFFICERS["compliance"], "/bank/roles")
    form = page.get_by_role("form", name="更新认证")
    form.get_by_label("参与方编号").fill(str(party))
    form.get_by_label("出资方", exact=True).check()
    form.get_by_label("供应商", exact=True).check()
    form.get_by_label("认证有效期至").fill(in_days(town, 600))
    form.get_by_label("认证材料").set_input_files(NEWER_PAPERS)
    form.get_by_role("button", name="更新认证").click()
    shown = do(page, wallet)
    assert "出资方 → 供应商、出资方" in shown and f"→ {in_days(town, 600)}" in shown and hash_of(NEWER_PAPERS) in shown

    form = page.get_by_role("form", name="增加钱包")
    form.get_by_label("参与方编号").fill(str(party))
    form.get_by_label("新钱包").fill(address(ITS_SECOND_WALLET))
    form.get_by_role("button", name="增加钱包").click()
    shown = do(page, wallet)
    assert f"参与方 {party}" in shown and address(ITS_SECOND_WALLET) in shown
    assert party_of(town, ITS_SECOND_WALLET) == party

    form = page.get_by_role("form", name="更换钱包")
    form.get_by_label("原钱包").fill(address(NEWCOMER))
    form.get_by_label("新钱包").fill(address(ITS_NEW_WALLET))
    form.get_by_role("button", name="更换钱包").click()
    shown = do(page, wallet)
    assert "新钱包" in shown and "收款" not in shown and f"参与方 {party}" in shown
    assert (party_of(town, NEWCOMER), party_of(town, ITS_NEW_WALLET)) == (0, party)
    market.catch_up()
    page.goto(f"/parties/{party}")
    row = page.get_by_role("row").filter(has=page.get_by_title(address(NEWCOMER)))
    expect(row.get_by_title(address(ITS_NEW_WALLET))).to_be_visible()


def lend(town: Town, newcomer: Person, page: Page, wallet: Wallet) -> None:
    """Nothing is signed for more than the wallet holds; what is paid in and taken out is exact to the unit."""
    market = town.market
    go_on_as(page, wallet, NEWCOMER, "/bank/treasury")
    lender = page.get_by_role("region", name="出资", exact=True)
    sent = len(wallet.sent)
    amount_to("存入", lender).fill("100,000.01")
    lender.get_by_role("button", name="存入", exact=True).click()
    assert "ERC20InsufficientBalance" in in_phase(page, "failed").inner_text()
    assert len(wallet.sent) == sent
    close(page)

    cash, worth = book(town)["cash"], read(town, "Treasury", "previewDeposit", LENT)
    amount_to("存入", lender).fill(yuan(LENT))
    lender.get_by_role("button", name="存入", exact=True).click()
    shown = do(page, wallet, signatures=2)
    assert f"¥{yuan(LENT)}" in shown and shares(worth) in shown
    assert (market.cash(newcomer.address), read(town, "Treasury", "balanceOf", newcomer.address)) == (0, worth)
    assert book(town)["cash"] == cash + LENT

    burnt = read(town, "Treasury", "previewWithdraw", TAKEN_BACK)
    amount_to("取出", lender).fill(yuan(TAKEN_BACK))
    lender.get_by_role("button", name="取出", exact=True).click()
    shown = do(page, wallet)
    assert shares(burnt) in shown and shares(worth - burnt) in shown
    assert (market.cash(newcomer.address), read(town, "Treasury", "balanceOf", newcomer.address)) == (
        TAKEN_BACK,
        worth - burnt,
    )
    assert book(town)["cash"] == cash + LENT - TAKEN_BACK
    expect(lender).to_contain_text(f"¥{yuan(TAKEN_BACK)}")


def freeze_and_free(town: Town, newcomer: Person, page: Page, wallet: Wallet) -> None:
    """Frozen at once; freed by another office, after a delay."""
    market, party = town.market, newcomer.party
    go_on_as(page, wallet, OFFICERS["compliance"], f"/bank/customers/{party}")
    page.get_by_label("原因").fill("name on a list")
    page.get_by_role("button", name="冻结参与方").click()
    do(page, wallet)
    market.catch_up()
    free = page.get_by_role("button", name="解除冻结")
    expect(free).to_be_disabled()
    expect(free).to_have_attribute("title", "须由合规解冻操作")

    go_on_as(page, wallet, NEWCOMER, "/bank/treasury")
    lender = page.get_by_role("region", name="出资", exact=True)
    amount_to("存入", lender).fill("1.00")
    lender.get_by_role("button", name="存入", exact=True).click()
    assert "PartyIsFrozen" in in_phase(page, "failed").inner_text()
    close(page)

    go_on_as(page, wallet, OFFICERS["compliance_release"], f"/bank/customers/{party}")
    free.click()
    assert "第 1 步，共 2 步：排期" in do(page, wallet)
    assert is_frozen(town, party)
    market.travel(DELAY_S)
    execute(page, wallet, "解除冻结", f"参与方 {party}")
    assert not is_frozen(town, party)
    market.catch_up()
    page.goto(f"/bank/customers/{party}")
    expect(page.get_by_role("button", name="冻结参与方")).to_be_visible()


@pytest.mark.usefixtures("funded")
def test_offices_are_given_used_and_taken_back(town: Town, page: Page, wallet: Wallet):
    market = town.market
    open_as(page, wallet, OFFICERS["admin"], "/bank/roles")
    grant = page.get_by_role("form", name="授予权限")
    grant.get_by_role("combobox").select_option(label="风险官")
    grant.get_by_label("账户").fill(address(NEW_OFFICER))
    grant.get_by_role("button", name="授予权限").click()
    shown = do(page, wallet)
    assert "第 1 步，共 2 步：排期" in shown and "风险官" in shown and address(NEW_OFFICER) in shown

    go_on_as(page, wallet, OFFICERS["guardian"], "/bank/roles")
    row = page.get_by_role("row").filter(has_text="租赁融资的报价与放款")
    row.get_by_role("button", name="暂停", exact=True).click()
    assert "停止该合约的资金流出" in do(page, wallet)
    assert read(town, "LeaseFinance", "paused")
    reports = page.get_by_role("row").filter(has_text="新的信用评分")
    reports.get_by_role("button", name="暂停", exact=True).click()
    assert "预言机不再接受报告" in do(page, wallet)
    assert read(town, "CreditOracle", "reportsPaused")
    market.catch_up()
    expect(row).to_contain_text("已暂停")
    expect(reports).to_contain_text("已暂停")

    go_on_as(page, wallet, OFFICERS["admin"], "/bank/roles")
    for stopped in (row, reports):
        stopped.get_by_role("button", name="解除暂停").click()
        assert "第 1 步，共 2 步：排期" in do(page, wallet)

    admit = page.get_by_role("form", name="准入合约与代币")
    admit.get_by_role("combobox").select_option(label="准入租金受让合约 · 租金账")
    admit.get_by_label("合约地址").fill(address(NEW_OFFICER))
    admit.get_by_role("button", name="准入", exact=True).click()
    shown = do(page, wallet)
    assert "准许租金转让给该合约" in shown and address(NEW_OFFICER) in shown

    signers = [address(account) for account in OTHER_SIGNERS]
    signer_set = read(town, "CreditOracle", "signerSet")
    form = page.get_by_role("form", name="更换签名组")
    form.get_by_label("签名方地址").fill("\n".join(signers))
    form.get_by_label("法定数").fill(str(THRESHOLD))
    form.get_by_role("button", name="更换签名组").click()
    shown = do(page, wallet)
    assert all(signer in shown for signer in signers) and "法定数" in shown

    go_on_as(page, wallet, OFFICERS["risk_manager"], "/bank/review")
    page.get_by_label("模型编号").fill(str(MODEL))
    register = page.locator(".tile").filter(has=page.get_by_role("heading", name="登记模型"))
    register.get_by_label("模型文件").set_input_files(MANIFEST)
    register.get_by_role("button", name="排期提议").click()
    shown = do(page, wallet)
    assert str(MODEL) in shown and hash_of(MANIFEST) in shown

    market.travel(DELAY_S)
    execute(page, wallet, "登记模型", str(MODEL))
    go_on_as(page, wallet, OFFICERS["admin"], "/bank/review")
    execute(page, wallet, "授予权限", address(NEW_OFFICER))
    execute(page, wallet, "准入租金受让合约", address(NEW_OFFICER))
    assert read(town, "RentLedger", "isAssignee", address(NEW_OFFICER))
    execute(page, wallet, "解除暂停", "租赁融资")
    execute(page, wallet, "恢复上报", "信用评分预言机")
    execute(page, wallet, "更换签名组", signers[0])
    assert read(town, "CreditOracle", "signerSet") == signer_set + 1
    assert [read(town, "CreditOracle", "isSigner", address(account)) for account in (*SIGNERS, NEW_SIGNER)] == [
        account in OTHER_SIGNERS for account in (*SIGNERS, NEW_SIGNER)
    ]
    assert not read(town, "LeaseFinance", "paused") and not read(town, "CreditOracle", "reportsPaused")
    assert is_risk_officer(town)
    # The town's oracle has no key of the new signer's.
    before = sorted((address(account) for account in SIGNERS), key=str.lower)
    market.delayed("admin", [("CreditOracle", "setSigners", (before, THRESHOLD))])

    market.catch_up()
    go_on_as(page, wallet, NEW_OFFICER, "/bank/review")
    model = page.get_by_role("listitem").filter(has_text=f"模型 {MODEL}")
    model.get_by_label("模型文件").set_input_files(ANOTHER_MANIFEST)
    model.get_by_role("button", name="批准模型").click()
    assert "ModelHashWrong" in in_phase(page, "failed").inner_text()
    close(page)
    model.get_by_label("模型文件").set_input_files(MANIFEST)
    model.get_by_role("button", name="批准模型").click()
    assert hash_of(MANIFEST) in do(page, wallet)
    model.get_by_role("button", name="停用模型").click()
    assert "全部评分立即失效" in do(page, wallet)
    expect(model).to_contain_text("已停用")
    kept = read(town, "CreditOracle", "models", MODEL)
    assert (kept["approved"], kept["retired"]) == (True, True)

    go_on_as(page, wallet, OFFICERS["admin"], "/bank/roles")
    office = page.locator("article").filter(has=page.get_by_role("heading", name="风险官", exact=True))
    holder = office.get_by_role("listitem").filter(has=page.get_by_title(address(NEW_OFFICER)))
    holder.get_by_role("button", name="收回权限").click()
    assert "风险官" in do(page, wallet)
    market.travel(DELAY_S)
    execute(page, wallet, "收回权限", address(NEW_OFFICER))
    assert not is_risk_officer(town)
    market.catch_up()
    page.goto("/bank/roles")
    expect(office).to_be_visible()
    expect(holder).to_have_count(0)


def test_the_cover_is_paid_in_by_its_provider_and_taken_out_by_the_bank(town: Town, page: Page, wallet: Wallet):
    market, guarantor = town.market, town.told.guarantor
    guarantor.wallet.send("MockCash", "mint", guarantor.address, COVER)
    before, cash = book(town)["cover"], market.cash(guarantor.address)
    open_as(page, wallet, guarantor, "/bank/treasury")
    cover = page.get_by_role("region", name="首损保障金")
    amount_to("存入首损保障金", cover).fill(yuan(COVER))
    cover.get_by_role("button", name="存入首损保障金").click()
    shown = do(page, wallet, signatures=2)
    assert f"¥{yuan(before)} → ¥{yuan(before + COVER)}" in shown
    assert (book(town)["cover"], market.cash(guarantor.address)) == (before + COVER, cash - COVER)

    go_on_as(page, wallet, OFFICERS["risk_manager"], "/bank/treasury")
    amount_to("取出首损保障金", cover).fill(yuan(COVER))
    cover.get_by_label("收款钱包").fill(guarantor.address)
    cover.get_by_role("button", name="排期提议").click()
    shown = do(page, wallet)
    assert f"¥{yuan(before + COVER)} → ¥{yuan(before)}" in shown and guarantor.address in shown
    market.travel(DELAY_S)
    execute(page, wallet, "取出首损保障金", f"¥{yuan(COVER)}")
    assert (book(town)["cover"], market.cash(guarantor.address)) == (before, cash)


# What officers and lenders do


def execute(page: Page, wallet: Wallet, operation: str, figures: str) -> None:
    """What waited for its delay, from the queue."""
    page.goto("/bank/review")
    heading = page.get_by_role("heading", name=operation, exact=True)
    waiting = page.locator("article").filter(has=heading).filter(has_text=figures)
    waiting.get_by_role("button", name="执行").click()
    assert "第 2 步，共 2 步：执行" in do(page, wallet)
    expect(waiting).to_have_count(0)


def amount_to(what: str, where: Locator) -> Locator:
    return where.get_by_label(what, exact=False).first


# What there is


def address(account: int) -> str:
    return development_key(account).address


def hash_of(file: FilePayload) -> str:
    return "0x" + hashlib.sha256(file["buffer"]).hexdigest()


def in_days(town: Town, count: int) -> str:
    return days.date_of(town.market.today() + count).isoformat()


def read(town: Town, contract: str, function: str, *arguments: object) -> Any:
    return town.market.suite.call(town.market.rpc, contract, function, *arguments)


def party_of(town: Town, account: int) -> int:
    return int(read(town, "Participants", "partyOf", address(account)))


def is_frozen(town: Town, party: int) -> bool:
    return bool(read(town, "Participants", "partyData", party)["frozen"])


def book(town: Town) -> dict[str, int]:
    found: dict[str, int] = read(town, "Treasury", "book")
    return found


def shares(amount: int) -> str:
    """As the page shows them: eight decimals, four of them shown."""
    return f"{amount // 10**8:,}.{amount % 10**8 // 10**4:04}"


def is_risk_officer(town: Town) -> bool:
    return bool(read(town, "Authority", "hasRole", RISK_OFFICER, address(NEW_OFFICER))["isMember"])
