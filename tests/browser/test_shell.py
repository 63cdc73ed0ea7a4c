"""What is around every page: wallet, network, connection, language."""

from playwright.sync_api import Page, expect

from tests.browser.acts import account_button, connect
from tests.browser.town import Town
from tests.browser.wallet import Wallet


def test_a_visitor_connects_a_wallet(town: Town, page: Page, wallet: Wallet):
    page.goto("/")
    connect(page, wallet, town.supplier)
    expect(account_button(page, wallet)).to_contain_text(wallet.address[:6])
