"""Merchant credit through the page: draw, repay, consent, business data, and what is refused."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Page, Route, expect

from backend import days
from scripts.market import SCORING, fen, yuan
from tests.browser.acts import amount_to, ask, close, connect, expect_done, in_phase, sign
from tests.browser.town import Town
from tests.browser.wallet import Wallet

HEADER = "kind,id,occurred_at,amount,stars,days,currency,count,buyer"
WITHIN_MS = 60_000


@pytest.fixture
def merchant(town: Town, page: Page, wallet: Wallet) -> Page:
    """The page of the merchant's line, with its wallet."""
    page.goto("/credit")
    connect(page, wallet, town.merchant)
    expect(amount_to("提款", page)).to_be_enabled(timeout=WITHIN_MS)
    return page


def test_a_merchant_draws_and_repays(town: Town, merchant: Page, wallet: Wallet):
    before = town.told.shop.owed()["principal"]
    ask(merchant, "提款", "1,000.00")
    shown = sign(merchant)
    assert "到账金额" in shown and "¥1,000.00" in shown and "最迟还款日" in shown and "若逾期" in shown
    wallet.confirm()
    expect_done(merchant)
    close(merchant)
    drawn = town.told.shop.owed()["principal"]
    assert drawn == before + fen("1,000.00")
    expect(tile(merchant, "已提取")).to_contain_text(yuan(drawn))

    ask(merchant, "还款", "400.00")
    shown = sign(merchant)
    assert "用于本金" in shown and "节省利息" in shown
    assert "Permit" in wallet.confirm()
    wallet.confirm()
    expect_done(merchant)
    close(merchant)
    left = town.told.shop.owed()["principal"]
    assert yuan(left) in shown  # to the unit, with the interest of the day that is paid first
    assert drawn - fen("400.00") <= left < drawn
    expect(tile(merchant, "已提取")).to_contain_text(yuan(left))


def test_a_draw_above_the_limit_reaches_no_wallet(merchant: Page, wallet: Wallet):
    ask(merchant, "提款", "9,000,000.00")
    assert "LineExceeded" in in_phase(merchant, "failed").inner_text()
    assert wallet.sent == []


def test_a_rejected_draw_changes_nothing(town: Town, merchant: Page, wallet: Wallet):
    before = town.told.shop.owed()
    ask(merchant, "提款", "1,000.00")
    sign(merchant)
    wallet.reject()
    assert "没有发生任何变化" in in_phase(merchant, "failed").inner_text()
    assert town.told.shop.owed() == before


def test_a_service_that_lies_about_the_debt_gets_no_payment_signed(
    town: Town, page: Page, wallet: Wallet, merchant_owes: int
):
    page.route(f"**/v1/lines/{town.merchant.party}", told_otherwise(double_the_debt))
    page.goto(f"/credit/lines/{town.merchant.party}")
    connect(page, wallet, town.supplier)
    ask(page, "还款", "10.00")
    refused = in_phase(page, "failed").inner_text()
    assert "服务给出的数字与链上不符" in refused and yuan(merchant_owes) in refused
    assert wallet.sent == []


def test_a_consent_text_that_is_not_what_its_hash_says_is_not_signed(town: Town, page: Page, wallet: Wallet):
    page.route("**/v1/consent-texts", told_otherwise(another_text))
    page.goto("/credit/consents")
    connect(page, wallet, town.merchant)
    training = page.get_by_role("region", name="模型训练")
    expect(training.get_by_role("alert")).to_contain_text("请勿签名")
    training.get_by_label("我已阅读全文").check()
    training.get_by_role("button", name="授权", exact=True).click()
    in_phase(page, "failed")
    assert wallet.sent == []


def test_a_withdrawn_consent_stops_draws_until_it_is_given_anew(town: Town, merchant: Page, wallet: Wallet):
    sequence = town.market.score(town.merchant)["sequence"]
    merchant.goto("/credit/consents")
    scoring = merchant.get_by_role("region", name="信用评分")
    scoring.get_by_role("button", name="撤回授权").click()
    assert "评分立即失效" in sign(merchant)
    wallet.confirm()
    expect_done(merchant)
    close(merchant)
    expect(scoring.get_by_text("已撤回")).to_be_visible()
    merchant.goto("/credit")
    expect(merchant.locator("[data-code=ConsentMissing]")).to_be_visible(timeout=WITHIN_MS)

    merchant.goto("/credit/consents")
    scoring.get_by_label("我已阅读全文").check()
    scoring.get_by_role("button", name="授权", exact=True).click()
    sign(merchant)
    wallet.confirm()
    expect_done(merchant)
    close(merchant)
    consent = town.market.suite.call(town.market.rpc, "CreditOracle", "consentOf", town.merchant.party, SCORING)
    assert consent["given"]
    town.market.next_score(town.merchant, sequence)
    merchant.goto("/credit")
    expect(merchant.get_by_role("button", name="全部可提")).to_be_enabled(timeout=WITHIN_MS)


def test_faults_of_a_file_are_told_before_it_is_sent(town: Town, page: Page, wallet: Wallet):
    page.goto("/credit/data")
    connect(page, wallet, town.merchant)
    page.get_by_role("main").get_by_role("button", name="登录").click()
    wallet.confirm()
    choose(page, [f"sale,T-1,{last_week(town)},-5.00,,,,,", f"sale,T-2,{last_week(town)},5.00,,,,,"])
    expect(page.get_by_role("status").filter(has_text="发现 1 处问题")).to_be_visible(timeout=WITHIN_MS)
    expect(page.get_by_role("region", name="有误的行")).to_contain_text("退回的款项应作为 refund")

    choose(page, [f"sale,T-2,{last_week(town)},5.00,,,,,"])
    expect(page.get_by_text("本地检查没有发现问题")).to_be_visible()
    page.get_by_role("button", name="仅检查，不保存").click()
    expect(page.get_by_text("检查完成，没有保存任何数据")).to_be_visible(timeout=WITHIN_MS)
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.get_by_text("已保存；通常几秒后更新评分")).to_be_visible(timeout=WITHIN_MS)


def test_every_line_can_be_seen_without_a_wallet(town: Town, page: Page):
    page.goto("/credit/lines")
    page.get_by_role("link", name=f"参与方 {town.merchant.party}").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(str(town.merchant.party))
    expect(tile(page, "今日应还总额")).to_contain_text("¥")
    expect(page.get_by_text("今日额度：四项取最低")).to_be_visible(timeout=WITHIN_MS)


# What people do


@pytest.fixture
def merchant_owes(town: Town) -> int:
    """What the merchant owes, at least something."""
    if not town.told.shop.owed()["total"]:
        town.told.shop.draw(fen("500.00"))
    total: int = town.told.shop.owed()["total"]
    return total


def tile(page: Page, name: str) -> Locator:
    return page.locator(".tile").filter(has=page.get_by_text(re.compile(f"^{name}$")))


def choose(page: Page, rows: list[str]) -> None:
    content = "\n".join([HEADER, *rows]).encode()
    file = FilePayload(name="november.csv", mimeType="text/csv", buffer=content)
    page.get_by_label("数据文件").set_input_files(file)


def last_week(town: Town) -> str:
    """By the chain's calendar, as a file writes it."""
    return f"{days.date_of(town.market.today() - 7)}T09:30:00+08:00"


# A service that lies


def told_otherwise(change: Callable[[Any], None]) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        response = route.fetch()
        told = response.json()
        change(told)
        route.fulfill(response=response, json=told)

    return answer


def double_the_debt(line: Any) -> None:
    line["owed"]["total"] = str(2 * int(line["owed"]["total"]))


def another_text(texts: Any) -> None:
    for text in texts["items"]:
        text["text"]["zh"] += "另：可用于任何用途。"
