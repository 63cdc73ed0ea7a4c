"""What is around every page: wallet, network, sign-in, the one way to send, and how the page bears what goes wrong.

CASES 41 and 47, and what the chain, the wallet and the connection do to a transaction under way.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, WebSocketRoute, expect

from scripts.market import Market, yuan
from tests import anvil
from tests.browser.acts import (
    account_button,
    choose,
    choose_wallet,
    close,
    connect,
    connect_button,
    expect_done,
    in_phase,
    sign,
)
from tests.browser.town import Town
from tests.browser.wallet import Wallet
from tests.browser.watch import Watch

MAINNET = 1
DRAWN = "1,000.00"


def ask_for_money(page: Page, amount: str = DRAWN) -> None:
    """The merchant on its page wants to draw on its line."""
    page.goto("/credit")
    form = page.locator("form").filter(has=page.get_by_label("提款金额"))
    form.get_by_label("提款金额").fill(amount)
    form.get_by_role("button", name="提款", exact=True).click()


@pytest.fixture
def merchant(town: Town, page: Page, wallet: Wallet) -> Page:
    """A page to which the merchant's wallet is connected."""
    page.goto("/")
    connect(page, wallet, town.merchant)
    return page


@pytest.fixture
def no_blocks(town: Town) -> Iterator[Market]:
    """Until the test mines: what is sent stays pending."""
    rpc = town.market.rpc
    rpc.call("evm_setAutomine", False)
    yield town.market
    rpc.call("evm_setAutomine", True)
    rpc.call("anvil_mine", "0x1")
    town.market.catch_up()


def drawn(town: Town) -> int:
    return town.told.shop.owed()["principal"]


# ---- wallet and network ----


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_visitor_connects_a_wallet_and_leaves(town: Town, page: Page, wallet: Wallet):
    page.goto("/")
    connect(page, wallet, town.supplier)
    expect(account_button(page, wallet)).to_contain_text(wallet.address[:6])
    choose(page, wallet, "断开连接|Disconnect")
    expect(connect_button(page)).to_be_visible()


def test_a_connection_survives_a_reload(merchant: Page, wallet: Wallet):
    merchant.reload()
    expect(account_button(merchant, wallet)).to_be_visible()


def test_who_rejects_the_connection_is_told_and_stays_outside(page: Page, wallet: Wallet):
    page.goto("/")
    choose_wallet(page)
    wallet.reject()
    expect(page.get_by_text("您在钱包中拒绝了签名，没有发生任何变化。")).to_be_visible()
    assert not wallet.connected


def test_on_another_network_a_banner_offers_the_switch(merchant: Page, wallet: Wallet):
    wallet.go_to_chain(MAINNET)
    switch = merchant.get_by_role("button", name="切换网络")
    switch.click()
    assert "wallet_switchEthereumChain" in wallet.confirm()
    expect(switch).to_have_count(0)
    assert wallet.chain_id == wallet.home


def test_a_wallet_that_does_not_know_the_network_is_told_it(merchant: Page, wallet: Wallet):
    wallet.chains.discard(wallet.home)
    wallet.go_to_chain(MAINNET)
    merchant.get_by_role("button", name="切换网络").click()
    wallet.confirm()
    assert f'"chainId": "{hex(wallet.home)}"' in wallet.confirm()
    expect(merchant.get_by_role("button", name="切换网络")).to_have_count(0)


def test_on_another_network_nothing_can_be_signed(merchant: Page, wallet: Wallet):
    ask_for_money(merchant)
    in_phase(merchant, "ready")
    wallet.go_to_chain(MAINNET)
    expect(merchant.get_by_role("dialog").get_by_text("请先切换网络")).to_be_visible()
    expect(merchant.get_by_role("button", name="用钱包签名")).to_have_count(0)


def test_another_account_in_the_wallet_is_another_person_on_the_page(town: Town, merchant: Page, wallet: Wallet):
    ask_for_money(merchant)
    in_phase(merchant, "ready")
    wallet.act_as(town.supplier)
    expect(account_button(merchant, wallet)).to_be_attached()
    expect(merchant.locator("[data-phase=failed]")).to_be_visible()


def test_a_local_chain_that_was_restarted_is_noticed(merchant: Page, wallet: Wallet):
    with anvil.start() as other:
        wallet.node_url = other.url
        merchant.reload()
        expect(merchant.get_by_text("创世区块不同")).to_be_visible()


# ---- sign-in ----


def test_a_party_signs_in_and_out(town: Town, merchant: Page, wallet: Wallet):
    """CASES 41."""
    choose(merchant, wallet, "登录")
    text = wallet.confirm()
    assert town.place.api_url.partition("//")[2].encode().hex() in text
    expect(account_button(merchant, wallet)).to_contain_text("已登录")
    merchant.reload()
    expect(account_button(merchant, wallet)).to_contain_text("已登录")
    choose(merchant, wallet, "退出登录")
    expect(account_button(merchant, wallet)).not_to_contain_text("已登录")


def test_a_sign_in_to_another_site_reaches_no_wallet(merchant: Page, wallet: Wallet):
    """CASES 41."""
    merchant.route("**/v1/session/nonce", altered(lambda asked: asked | {"domain": "elsewhere.example"}))
    choose(merchant, wallet, "登录")
    expect(merchant.get_by_text("登录请求指向另一个网站，已拒绝。")).to_be_visible()
    expect(wallet.dialog).to_have_count(0)


# ---- one way to send ----


def test_what_is_signed_was_shown_and_happens(town: Town, merchant: Page, wallet: Wallet):
    before, owed = town.market.cash(wallet.address), drawn(town)
    ask_for_money(merchant)
    shown = sign(merchant)
    wallet.confirm()
    expect_done(merchant)
    received = town.market.cash(wallet.address) - before
    assert f"¥{yuan(received)}" in shown
    assert drawn(town) - owed == 1_000_00
    close(merchant)


def test_a_rejection_leaves_nothing_changed(town: Town, merchant: Page, wallet: Wallet):
    before = town.market.cash(wallet.address), drawn(town)
    ask_for_money(merchant)
    sign(merchant)
    wallet.reject()
    expect(in_phase(merchant, "failed")).to_contain_text("您在钱包中拒绝了签名，没有发生任何变化。")
    assert (town.market.cash(wallet.address), drawn(town)) == before
    assert wallet.sent == []
    merchant.get_by_role("button", name="重新核对").click()
    in_phase(merchant, "ready")


def test_what_the_contract_refuses_reaches_no_wallet(merchant: Page, wallet: Wallet):
    ask_for_money(merchant, "9,000,000.00")
    expect(in_phase(merchant, "failed")).to_contain_text("LineExceeded")
    expect(wallet.dialog).to_have_count(0)


def state_on_page(page: Page, title: str = "提款") -> Locator:
    """The row of the newest transaction in the list of what this browser sent."""
    return page.get_by_role("row").filter(has_text=title).first


def test_what_is_pending_survives_a_reload(no_blocks: Market, merchant: Page, wallet: Wallet):
    ask_for_money(merchant)
    sign(merchant)
    wallet.confirm()
    in_phase(merchant, "sent")
    merchant.goto("/account/transactions")
    expect(state_on_page(merchant)).to_contain_text("待上链")
    merchant.reload()
    expect(state_on_page(merchant)).to_contain_text("待上链")
    no_blocks.rpc.call("anvil_mine", "0x1")
    expect(state_on_page(merchant)).to_contain_text("已完成")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("speed up", "已完成"),
        ("cancel", "该交易已在钱包中被撤销。"),
        ("replace", "该交易已被您钱包中的另一笔交易取代。"),
    ],
)
def test_what_the_wallet_replaced_is_told(
    town: Town, no_blocks: Market, merchant: Page, wallet: Wallet, change: str, told: str
):
    before = drawn(town)
    ask_for_money(merchant)
    sign(merchant)
    wallet.confirm()
    expect(in_phase(merchant, "sent")).to_contain_text("已发送，等待上链…")
    merchant.wait_for_timeout(500)  # the page has to have seen the transaction to know its successor
    match change:
        case "speed up":
            wallet.replace()
        case "cancel":
            wallet.cancel()
        case "replace":
            wallet.replace(to=town.supplier.address, data="0x", value=1)
    no_blocks.rpc.call("anvil_mine", "0x1")
    expect(merchant.locator("[data-phase=sent]")).to_contain_text(told)
    assert drawn(town) - before == (1_000_00 if change == "speed up" else 0)


# ---- lying API ----


def altered(change: Any) -> Any:
    """A handler that lets the API answer and changes what it says."""

    def answer(route: Route) -> None:
        fetched = route.fetch()
        route.fulfill(response=fetched, json=change(fetched.json()))

    return answer


def test_case_47_a_lie_about_what_is_owed_is_not_signed(town: Town, merchant: Page, wallet: Wallet):
    """CASES 47."""
    if not drawn(town):
        town.told.shop.draw(1_000_00)

    def double(line: dict[str, Any]) -> dict[str, Any]:
        return line | {"owed": line["owed"] | {"total": str(2 * int(line["owed"]["total"]))}}

    merchant.route(f"**/v1/lines/{town.merchant.party}", altered(double))
    merchant.goto("/credit")
    form = merchant.locator("form").filter(has=merchant.get_by_label("还款金额"))
    form.get_by_label("还款金额").fill("100.00")
    form.get_by_role("button", name="还款", exact=True).click()
    failure = in_phase(merchant, "failed")
    expect(failure.locator("[data-code=figuresDiffer]")).to_contain_text("服务给出的数字与链上不符，已停止签名")
    expect(wallet.dialog).to_have_count(0)
    assert wallet.sent == []


def test_case_47_a_lie_about_a_receivable_is_not_confirmed(town: Town, page: Page, wallet: Wallet):
    """CASES 47."""
    number = town.registered()
    page.route(f"**/v1/receivables/{number}", altered(lambda found: found | {"face": "100"}))
    page.goto("/")
    connect(page, wallet, town.debtor)
    page.goto(f"/receivables/{number}")
    page.get_by_role("main").get_by_role("button", name="确权", exact=True).click()
    expect(in_phase(page, "failed").locator("[data-code=figuresDiffer]")).to_be_visible()
    expect(wallet.dialog).to_have_count(0)
    assert wallet.sent == []


def test_case_47_a_lie_about_an_offer_is_not_what_is_shown_to_be_signed(town: Town, page: Page, wallet: Wallet):
    """CASES 47."""
    number = town.confirmed()
    net = int(town.market.quote(number)["net"])
    page.route(f"**/v1/receivables/{number}/quote*", altered(lambda quote: quote | {"net": "9999999"}))
    page.goto("/")
    connect(page, wallet, town.supplier)
    page.goto(f"/receivables/{number}")
    page.get_by_role("button", name="申请融资").click()
    assert f"¥{yuan(net)}" in sign(page)
    wallet.reject()
    in_phase(page, "failed")


# ---- connection ----


def test_a_lost_connection_is_shown_and_heals(page: Page, watch: Watch):
    sockets: list[WebSocketRoute] = []
    page.route_web_socket(
        re.compile("/socket.io/"), lambda socket: (socket.connect_to_server(), sockets.append(socket))
    )
    watch.allow("WebSocket")
    page.goto("/")
    mark = page.get_by_role("status").first
    expect(mark).to_contain_text("● 实时")
    sockets[-1].close()
    expect(mark).to_contain_text("实时连接中断")
    expect(mark).to_contain_text("● 实时")
