"""Receivables from registration to payment, as people do it with their own wallets."""

import re
from dataclasses import replace

from playwright.sync_api import Page, expect

from backend import days
from scripts.market import fen
from tests.browser.acts import ANOTHER_PAPER, PAPER, do, fill_invoice, go_on_as, open_as
from tests.browser.town import Town
from tests.browser.wallet import Wallet

HEADINGS = "发票号码,开票日期,价税合计,到期日,对方编号"


def test_a_claim_is_registered_confirmed_financed_and_settled(town: Town, page: Page, wallet: Wallet):
    market, invoice = town.market, town.invoice("113000.00")
    open_as(page, wallet, town.supplier, "/receivables/register")
    page.get_by_label("债务人（核心企业）").select_option(str(town.debtor.party))
    fill_invoice(page, invoice)
    page.get_by_label("到期日").fill(str(days.date_of(market.today() + 90)))
    page.get_by_label("合同、发票").set_input_files(PAPER)
    page.get_by_role("main").get_by_role("button", name="登记").click()
    wallet.confirm()
    assert "¥113,000.00" in do(page, wallet)
    number = town.newest()

    go_on_as(page, wallet, town.debtor, f"/receivables/{number}")
    fill_invoice(page, replace(invoice, total="113,000"))
    page.get_by_role("button", name="核对发票指纹").click()
    wallet.confirm()
    expect(page.get_by_text("一致：登记的就是这张发票")).to_be_visible()
    page.get_by_role("main").get_by_role("button", name="确权", exact=True).click()
    assert "确权不可撤销" in do(page, wallet)

    go_on_as(page, wallet, town.supplier, f"/receivables/{number}")
    before, net = market.cash(town.supplier.address), int(market.quote(number)["net"])
    page.get_by_role("button", name="申请融资").click()
    do(page, wallet)
    assert market.cash(town.supplier.address) - before == net
    page.get_by_label("选择单据").set_input_files(ANOTHER_PAPER)
    expect(page.get_by_text("不一致")).to_be_visible()
    page.get_by_label("选择单据").set_input_files(PAPER)
    expect(page.get_by_text("一致：这就是登记时的单据（SHA-256）")).to_be_visible()

    market.mint(town.debtor.wallet, fen("113000.00"), "Receivables")
    go_on_as(page, wallet, town.debtor, f"/receivables/{number}")
    page.locator("summary", has_text="付款").click()
    page.get_by_role("main").get_by_role("button", name="付款", exact=True).click()
    do(page, wallet, signatures=2)
    market.until("the financing to be repaid", lambda: market.financing(number)["status"] == "Repaid")
    expect(page.locator(".state[data-state=Settled]").first).to_be_visible()


def test_an_invoice_that_is_registered_is_not_registered_again(town: Town, page: Page, wallet: Wallet):
    market, invoice = town.market, town.invoice()
    known = market.register(town.supplier, town.debtor, invoice, market.today() + 60)["id"]
    open_as(page, wallet, town.second_supplier, "/receivables/register")
    page.get_by_label("债务人（核心企业）").select_option(str(town.debtor.party))
    fill_invoice(page, replace(invoice, number=invoice.number.lower() + " "))
    page.get_by_label("到期日").fill(str(days.date_of(market.today() + 60)))
    page.get_by_label("合同、发票").set_input_files(PAPER)
    page.get_by_role("main").get_by_role("button", name="登记").click()
    wallet.confirm()
    expect(page.get_by_text("该发票已登记")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name=f"应收账款 {known}", exact=True)).to_be_visible()


def test_the_supplier_brings_the_debtors_signature_to_the_chain(town: Town, page: Page, wallet: Wallet):
    number = town.registered()
    open_as(page, wallet, town.debtor, "/receivables/confirm")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=f"应收账款 {number}", exact=True))
    row.get_by_role("button", name="签名确权").click()
    page.get_by_role("dialog").get_by_role("button", name="用钱包签名").click()
    wallet.confirm()
    signed = page.get_by_role("dialog").get_by_label("确权签名文本").input_value()

    go_on_as(page, wallet, town.supplier, "/receivables/confirm")
    page.get_by_label("确权签名文本").fill(signed)
    page.get_by_role("button", name="代为上链").click()
    do(page, wallet)
    town.market.catch_up()
    assert town.market.receivable(number)["state"] == "Confirmed"


def test_what_is_split_adds_up_and_a_refusal_says_why(town: Town, page: Page, wallet: Wallet):
    number = town.confirmed("100000.00")
    open_as(page, wallet, town.supplier, f"/receivables/{number}")
    page.locator("summary", has_text="拆分").click()
    page.get_by_label("第 1 笔").fill("60,000")
    page.get_by_label("第 2 笔").fill("39,999.99")
    button = page.get_by_role("main").get_by_role("button", name="拆分", exact=True)
    expect(button).to_be_disabled()
    page.get_by_role("button", name="余额计入最后一笔").click()
    button.click()
    assert "¥40,000.00" in do(page, wallet)
    expect(page.get_by_role("main").get_by_role("link", name=f"应收账款 {number + 2}", exact=True)).to_be_visible()
    refused = page.locator("[data-offer=refused]")
    expect(refused.locator("[data-code=NotFinanceable]")).to_contain_text("已拆分")
    expect(refused).to_contain_text("下一步")


def test_a_file_of_invoices_is_registered_and_its_faults_are_named(town: Town, page: Page, wallet: Wallet):
    market = town.market
    issued, due = (str(days.date_of(market.today() + shift)) for shift in (-1, 60))
    first, second = town.invoice("5000.00"), town.invoice("7000.00")
    sound = [f"{one.number},{issued},{one.total},{due},{town.debtor.party}" for one in (first, second)]
    content = "\r\n".join([HEADINGS, *sound, f"X-1,{issued},12.345,{issued},?"]).encode("gbk")
    open_as(page, wallet, town.supplier, "/receivables/import")
    page.get_by_label("选择 CSV 文件").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": content})
    faults = page.get_by_role("table").filter(has_text="12.345")
    expect(faults.get_by_role("row")).to_have_count(4)
    expect(faults.get_by_role("row").nth(1)).to_contain_text("4")
    page.get_by_role("button", name=re.compile("查询 2 张发票的指纹")).click()
    wallet.confirm()
    wallet.confirm()
    page.get_by_role("button", name="登记已查询的 2 笔").click()
    assert "¥12,000.00" in do(page, wallet)
    expect(page.get_by_role("cell", name="已登记", exact=True)).to_have_count(2)
