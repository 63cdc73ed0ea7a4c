"""A new merchant from its consent to a closed line, and what becomes of the records that it brought."""

import csv
import json
import re
import sys
from io import StringIO
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Download, FilePayload, Locator, Page, expect

from backend import days
from backend.scoring.merchants.records import Kind
from scripts import merchant_story
from scripts._shop import Shop
from scripts.market import MERCHANT, Person, Role, fen, yuan
from tests.browser.acts import ask, do, open_as, sign_in
from tests.browser.town import Town
from tests.browser.wallet import Wallet
from tests.browser.watch import Watch

BOOKSHOP = Role("Linxi Books", "林溪书店", 61, MERCHANT)
BOOKSHOP_NUMBER = 21  # of the synthetic population
FLORIST = Role("Hehua Flowers", "荷花花店", 62, MERCHANT)
PLATFORM = "shizhen"
COLUMNS = ["kind", "id", "occurred_at", "amount", "stars", "days", "currency", "count", "buyer"]
DRAWN = fen("5,000.00")
GAS = 10**18
CLOSED = 5  # ICreditLine.LineStatus
WITHIN_MS = 60_000


def admitted(town: Town, role: Role) -> Person:
    """With something for network fees."""
    person = town.market.admit(role)
    town.market.rpc.call("anvil_setBalance", person.address, hex(GAS))
    return person


@pytest.fixture(scope="module")
def shop(town: Town) -> Shop:
    """Of a merchant that has done nothing yet; the bank has set what it may owe over all products."""
    market, person = town.market, admitted(town, BOOKSHOP)
    market.delayed("risk_manager", [("Treasury", "setLimit", (person.party, merchant_story.UNIFIED_LIMIT))])
    market.mint(person.wallet, DRAWN, "CreditLine")
    market.catch_up()
    return Shop(market, person, BOOKSHOP_NUMBER, market.today() - merchant_story.AGE)


@pytest.fixture(scope="module")
def florist(town: Town) -> Person:
    person = admitted(town, FLORIST)
    town.market.catch_up()
    return person


def test_a_new_merchant_is_scored_draws_repays_and_closes(town: Town, shop: Shop, page: Page, wallet: Wallet):
    market, party = town.market, shop.person.party
    open_as(page, wallet, shop.person, "/credit")
    expect(page.locator("[data-code=ConsentMissing]")).to_contain_text("授权中心")
    page.get_by_role("main").get_by_role("link", name="授权中心").first.click()
    consent(page, wallet)

    sign_in(page, wallet)
    page.goto("/credit/data")
    rows = shop.rows()
    page.get_by_label("数据文件").set_input_files(file_of(rows))
    expect(page.get_by_text(f"共 {len(rows):,} 行，本地检查没有发现问题")).to_be_visible(timeout=WITHIN_MS)
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.get_by_text("已保存；通常几秒后更新评分")).to_be_visible(timeout=WITHIN_MS)
    kept = shop.get(f"/v1/merchants/{party}/records")["records"]  # the oldest are past their retention
    expect(region(page, "已保存的数据")).to_contain_text(f"共 {kept:,} 条记录")

    value = market.next_score(shop.person, 0)["value"]
    page.goto("/credit/score")
    expect(page.get_by_role("main")).to_contain_text(f"{value}")
    for reason in market.score(shop.person)["reasons"]:
        expect(page.get_by_text(reason["text"]["zh"]).first).to_be_visible()

    page.goto("/credit")
    would_be = page.get_by_text("现在开立，额度为")
    expect(would_be).to_be_visible(timeout=WITHIN_MS)
    limit = amount_in(would_be)
    page.get_by_label("我已阅读并同意额度协议").check()
    page.get_by_role("button", name="开立额度", exact=True).click()
    shown = do(page, wallet)
    assert f"¥{yuan(limit)}" in shown
    assert market.suite.call(market.rpc, "CreditLine", "conditions")["agreementHash"] in shown
    assert line(town, shop)["limit"] == limit
    expect(tile(page, "可提款")).to_have_text(f"可提款¥{yuan(limit)}")
    expect(page.get_by_text("还没有提款、还款或额度变动。")).to_be_visible()

    before = market.cash(shop.person.address)
    ask(page, "提款", yuan(DRAWN))
    shown = do(page, wallet)
    net = market.cash(shop.person.address) - before
    assert f"¥{yuan(net)}" in shown and f"¥{yuan(DRAWN - net)}" in shown
    expect(tile(page, "已提取")).to_have_text(f"已提取¥{yuan(DRAWN)}")
    expect(page.get_by_role("button", name="关闭额度")).to_have_count(0)

    owed, before = shop.owed()["total"], market.cash(shop.person.address)
    page.get_by_role("button", name="全部还清").click()
    page.get_by_role("main").get_by_role("button", name="还款", exact=True).click()
    assert f"¥{yuan(owed)}" in do(page, wallet, signatures=2)
    assert (before - market.cash(shop.person.address), shop.owed()["total"]) == (owed, 0)

    page.get_by_role("button", name="关闭额度").click()
    assert f"¥{yuan(limit)}" in do(page, wallet)
    assert line(town, shop)["status"] == CLOSED
    expect(page.get_by_role("heading", name="开立额度")).to_be_visible()
    page.goto(f"/credit/lines/{party}")
    expect(tile(page, "状态")).to_contain_text("已关闭")


def test_a_merchant_takes_its_records_along_and_erases_them(
    town: Town, florist: Person, page: Page, wallet: Wallet, watch: Watch
):
    rows = sales(town)
    open_as(page, wallet, florist, "/credit/consents")
    consent(page, wallet)
    sign_in(page, wallet)
    page.goto("/credit/data")
    upload(page, rows)
    expect(page.get_by_text("已保存；通常几秒后更新评分")).to_be_visible()

    kept = region(page, "已保存的数据")
    taken = list(csv.DictReader(StringIO(text_of(download(page, "导出全部（CSV）")))))
    assert [{name: row[name] for name in ("id", "amount")} for row in taken] == [
        {"id": row["id"], "amount": row["amount"]} for row in rows
    ]
    assert json.loads(text_of(download(page, "导出全部（JSON）")))["items"] == taken

    platforms, token = region(page, "自动报送的平台"), issued(town)
    watch.allow("404")
    platforms.get_by_label("平台名称").fill("nobody")
    platforms.get_by_role("button", name="连接平台").click()
    expect(platforms.locator("[data-code=ResourceUnknown]")).to_contain_text("nobody")
    platforms.get_by_label("平台名称").fill(PLATFORM)
    platforms.get_by_role("button", name="连接平台").click()
    expect(platforms.get_by_role("cell", name=PLATFORM, exact=True)).to_be_visible()
    assert push(town, florist, token, "B-9").ok
    expect(kept).to_contain_text("共 4 条记录")
    platforms.get_by_role("button", name="断开").click()
    expect(platforms.get_by_text("还没有连接平台")).to_be_visible()
    assert push(town, florist, token, "B-10").status_code == 404

    erasing = region(page, "删除全部数据")
    erasing.get_by_label("我明白删除后无法恢复").check()
    erasing.get_by_role("button", name="删除全部数据").click()
    expect(erasing.get_by_text("已删除。")).to_be_visible()
    expect(kept).to_contain_text("共 0 条记录")
    expect(kept).to_contain_text("删除了 4 条记录")
    page.get_by_text("已保存", exact=False).locator("xpath=ancestor::summary").first.click()
    expect(page.get_by_text("报告已随数据删除").first).to_be_visible()

    watch.allow("409")
    upload(page, rows)
    expect(page.locator("[data-code=ConsentNeeded]")).to_contain_text("须先撤回，再重新授权")
    erasing.get_by_role("link", name="授权中心").click()
    scoring = page.get_by_role("region", name="信用评分")
    scoring.get_by_role("button", name="撤回授权").click()
    do(page, wallet)
    consent(page, wallet)
    page.goto("/credit/data")
    upload(page, rows)
    expect(page.get_by_text("已保存；通常几秒后更新评分")).to_be_visible()


# What a merchant does


def consent(page: Page, wallet: Wallet) -> None:
    scoring = page.get_by_role("region", name="信用评分")
    scoring.get_by_label("我已阅读全文").check()
    scoring.get_by_role("button", name="授权", exact=True).click()
    assert "0x" in do(page, wallet)
    expect(scoring.get_by_text(re.compile("有效（第 . 期）"))).to_be_visible()


def upload(page: Page, rows: list[dict[str, str]]) -> None:
    page.get_by_label("数据文件").set_input_files(file_of(rows))
    page.get_by_role("button", name="上传", exact=True).click()


def download(page: Page, name: str) -> Download:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=name).click()
    return waiting.value


# What there is


def file_of(rows: list[dict[str, str]]) -> FilePayload:
    text = StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return FilePayload(name="records.csv", mimeType="text/csv", buffer=text.getvalue().encode())


def text_of(taken: Download) -> str:
    return Path(taken.path()).read_text(encoding="utf-8")


def sales(town: Town) -> list[dict[str, str]]:
    """Three of last week."""
    at = f"{days.date_of(town.market.today() - 7)}T09:30:00+08:00"
    return [
        {"kind": Kind.SALE.value, "id": f"F-{number}", "occurred_at": at, "amount": f"{number}00.00"}
        for number in (1, 2, 3)
    ]


def issued(town: Town) -> str:
    """A token for a platform, as the operator issues it."""
    printed = town.stack.run("token", sys.executable, "-m", "backend.records", "issue-token", PLATFORM)
    found = re.search(r": (\S+)$", printed.strip())
    assert found
    return found[1]


def push(town: Town, merchant: Person, token: str, number: str) -> requests.Response:
    """The platform brings a sale."""
    [row, *_] = sales(town)
    return requests.post(
        f"{town.place.api_url}/v1/push/records",
        json=[row | {"id": number}],
        params={"party": merchant.party},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )


def line(town: Town, shop: Shop) -> dict[str, int]:
    found: dict[str, int] = town.market.suite.call(town.market.rpc, "CreditLine", "lineOf", shop.person.party)
    return found


def amount_in(text: Locator) -> int:
    found = re.search(r"¥([\d,.]+)", text.inner_text())
    assert found
    return fen(found[1])


def tile(page: Page, name: str) -> Locator:
    return page.locator(".tile").filter(has=page.get_by_text(re.compile(f"^{name}$")))


def region(page: Page, heading: str) -> Locator:
    return page.locator("section").filter(has=page.get_by_role("heading", name=heading, exact=True))
