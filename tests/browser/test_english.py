"""Work done in English: labels, the figures that are signed, and a refusal."""

import re

import pytest
from playwright.sync_api import Page

from backend import days
from scripts.market import fen, yuan
from tests.browser.acts import PAPER, do, go_on_as, in_phase, open_as
from tests.browser.town import Town
from tests.browser.wallet import Wallet

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def language() -> str:
    return "en"


def test_a_claim_becomes_money(town: Town, page: Page, wallet: Wallet):
    market, invoice = town.market, town.invoice("113000.00")
    open_as(page, wallet, town.supplier, "/receivables/register")
    page.get_by_label("Debtor (core enterprise)").select_option(str(town.debtor.party))
    page.get_by_label("Invoice number").fill(invoice.number)
    page.get_by_label("Date of issue").fill(invoice.issue_date.isoformat())
    page.get_by_label("Total with tax").fill(invoice.total)
    page.get_by_label("Due day").fill(str(days.date_of(market.today() + 90)))
    page.get_by_label("Contract, invoice and delivery papers").set_input_files(PAPER)
    page.get_by_role("main").get_by_role("button", name="Register", exact=True).click()
    wallet.confirm()
    shown = [do(page, wallet)]
    number = town.newest()

    go_on_as(page, wallet, town.debtor, f"/receivables/{number}")
    page.get_by_role("main").get_by_role("button", name="Confirm", exact=True).click()
    shown.append(do(page, wallet))

    go_on_as(page, wallet, town.supplier, f"/receivables/{number}")
    before, net = market.cash(town.supplier.address), int(market.quote(number)["net"])
    page.get_by_role("button", name="Finance it").click()
    shown.append(do(page, wallet))
    assert market.cash(town.supplier.address) - before == net
    assert "¥113,000.00" in shown[0] and "irrevocabl" in shown[1] and f"¥{yuan(net)}" in shown[2]
    assert not CHINESE.search("".join(shown))


def test_a_merchant_draws_and_repays_and_is_refused_too_much(town: Town, page: Page, wallet: Wallet):
    shop = town.told.shop
    open_as(page, wallet, town.merchant, "/credit")
    before = shop.owed()["principal"]
    page.get_by_label("Amount to draw (CNY)").fill("1,000.00")
    page.get_by_role("main").get_by_role("button", name="Draw", exact=True).click()
    drawn = do(page, wallet)
    assert shop.owed()["principal"] == before + fen("1,000.00")

    page.get_by_label("Amount to repay (CNY)").fill("1,000.00")
    page.get_by_role("main").get_by_role("button", name="Repay", exact=True).click()
    repaid = do(page, wallet, signatures=2)
    assert "¥1,000.00" in drawn and "Interest saved" in repaid

    page.get_by_label("Amount to draw (CNY)").fill("9,000,000.00")
    page.get_by_role("main").get_by_role("button", name="Draw", exact=True).click()
    refused = in_phase(page, "failed").inner_text()
    assert "LineExceeded" in refused and "would owe" in refused
    assert not CHINESE.search(drawn + repaid + refused)
