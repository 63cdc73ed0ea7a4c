"""The chain is the record: without the backend the page says what it cannot read, and people go on signing."""

import os
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import connect, expect_done, sign
from tests.browser.town import Town, another_api
from tests.browser.wallet import Wallet
from tests.browser.watch import Watch


@pytest.fixture
def site(town: Town) -> Iterator[str]:
    """An API that the test may end."""
    with another_api(town.stack, town.place.dapp) as url:
        yield url


def test_when_the_backend_dies_the_page_says_so_and_a_merchant_still_draws(
    town: Town, page: Page, wallet: Wallet, watch: Watch
):
    watch.allow("ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket")
    page.goto("/")
    connect(page, wallet, town.merchant)
    page.goto("/credit")
    amount = page.get_by_label("提款金额")
    expect(amount).to_be_visible()
    process, _ = town.stack.processes["another-api"]
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    expect(page.get_by_role("status").first).to_contain_text("实时连接中断")
    before = town.market.cash(wallet.address)
    amount.fill("500.00")
    page.locator("form").filter(has=amount).get_by_role("button", name="提款", exact=True).click()
    sign(page)
    wallet.confirm()
    expect_done(page)
    assert town.market.cash(wallet.address) > before
    expect(page.get_by_text("服务不可用：历史记录暂不可读，仍可用钱包签名")).to_be_visible()
