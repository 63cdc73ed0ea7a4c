"""The boundary to a browser extension: another process, another world of scripts, a window of its own to confirm in.

HEQI_WALLET_EXTENSION names the folder of another unpacked extension that has to be offered, such as a genuine MetaMask.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect
from playwright.sync_api import Error as PlaywrightError

from scripts.stack import CHAIN_ID
from tests.browser.acts import connect_button, expect_done, in_phase, sign
from tests.browser.chromium import launch_with
from tests.browser.town import Town
from tests.browser.watch import Watch

OWN = Path(__file__).with_name("extension")
GIVEN = Path(os.environ.get("HEQI_WALLET_EXTENSION", OWN))


@pytest.fixture
def extension() -> Path:
    return OWN


@pytest.fixture
def context(playwright: Playwright, town: Town, tmp_path: Path, extension: Path) -> Iterator[BrowserContext]:
    context = launch_with(playwright, extension, tmp_path, town.place.api_url, visible=False)
    yield context
    context.close()


@pytest.fixture
def watch(context: BrowserContext, town: Town) -> Iterator[Watch]:
    """The extension asks the node itself."""
    watch = Watch(context, {url.partition("//")[2] for url in (town.place.api_url, town.place.rpc_url)})
    yield watch
    watch.check()


@pytest.fixture
def page(context: BrowserContext, watch: Watch) -> Page:
    return context.new_page()


@pytest.fixture
def merchant(town: Town, context: BrowserContext, page: Page) -> Page:
    """A page to which the merchant's extension is connected."""
    worker = context.service_workers[0] if context.service_workers else context.wait_for_event("serviceworker")
    kept = {"account": town.merchant.address, "node": town.place.rpc_url, "chainId": hex(CHAIN_ID)}
    worker.evaluate("kept => chrome.storage.local.set(kept)", kept)
    page.goto("/credit")
    connect_button(page).click()
    decide(page, "Confirm", lambda: page.get_by_role("dialog").get_by_role("button", name="Extension wallet").click())
    expect(page.get_by_role("banner").get_by_title(town.merchant.address)).to_be_visible()
    return page


def decide(page: Page, word: str, act: Any) -> str:
    """Press a button in the extension's window, which `act` brings up; returns what it showed."""
    with page.context.expect_page() as opened:
        act()
    popup = opened.value
    shown = popup.locator("#text").inner_text()
    # The window closes under the click.
    with suppress(PlaywrightError):
        popup.get_by_role("button", name=word).click()
    return shown


def ask_for_money(page: Page) -> None:
    amount = page.get_by_label("提款金额")
    amount.fill("500.00")
    page.locator("form").filter(has=amount).get_by_role("button", name="提款", exact=True).click()


def test_a_merchant_draws_with_a_wallet_in_an_extension(town: Town, merchant: Page):
    before = town.market.cash(town.merchant.address)
    ask_for_money(merchant)
    assert "eth_sendTransaction" in decide(merchant, "Confirm", lambda: sign(merchant))
    expect_done(merchant)
    assert town.market.cash(town.merchant.address) > before


def test_a_rejection_in_the_extensions_window_leaves_nothing_changed(town: Town, merchant: Page):
    before = town.market.cash(town.merchant.address)
    ask_for_money(merchant)
    decide(merchant, "Reject", lambda: sign(merchant))
    expect(in_phase(merchant, "failed")).to_contain_text("您在钱包中拒绝了签名，没有发生任何变化。")
    assert town.market.cash(town.merchant.address) == before


@pytest.mark.parametrize("extension", [GIVEN], ids=[GIVEN.name])
def test_a_wallet_in_an_extension_is_offered(page: Page):
    page.goto("/")
    connect_button(page).click()
    wallets = page.get_by_role("dialog").get_by_role("button").filter(has=page.locator("img"))
    expect(wallets.first).to_be_visible()
