"""What the bank's offices do in the browser: propose and execute after the delay, cancel, stop, freeze."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from scripts.market import CORE_ENTERPRISE, FACILITY, OFFICERS, SUPPLIER, Person, Role, fen
from tests.browser.acts import close, expect_done, open_as, sign
from tests.browser.town import Town
from tests.browser.wallet import Wallet

DELAY_S = 3_600
LIMIT = "12,345,678.00"
REASON = "court order 7"
NEWCOMER = Role("Newcomer", "新客户", 37, SUPPLIER)
CAREFUL = Role("A debtor whose claims are registered first", "须先登记的债务人", 36, CORE_ENTERPRISE)
WITH_REGISTRATION = (*FACILITY[:2], True, *FACILITY[3:])
REGISTRY_NUMBER = "01234567000987654321"


@pytest.fixture(scope="module")
def newcomer(town: Town) -> Person:
    """A party that no other test needs."""
    admitted = town.market.admit(NEWCOMER)
    town.market.catch_up()
    return admitted


def send(page: Page, wallet: Wallet) -> str:
    """What was shown to be signed, once it is in a block."""
    shown = sign(page)
    wallet.confirm()
    expect_done(page)
    return shown


def propose_limit(page: Page, party: int, limit: str) -> None:
    page.goto(f"/bank/customers/{party}")
    page.get_by_label("统一授信额度").fill(limit)
    page.get_by_role("button", name="设定统一授信额度").click()


def waiting(page: Page, limit: str) -> Locator:
    """The operation of that limit in the queue."""
    page.goto("/bank/review")
    return page.locator("article").filter(has_text=f"→ ¥{limit}")


def limit_of(town: Town, person: Person) -> int:
    town.market.catch_up()
    return int(town.market.api.get(f"/v1/parties/{person.party}")["exposure"]["limit"])


def signed(amount: str) -> int:
    """What stands on the page, in fen."""
    return (-1 if amount.startswith("−") else 1) * fen(amount.lstrip("−¥"))


def test_a_higher_limit_is_scheduled_waits_and_is_executed(town: Town, newcomer: Person, page: Page, wallet: Wallet):
    before = limit_of(town, newcomer)
    open_as(page, wallet, OFFICERS["risk_manager"], "/bank")
    propose_limit(page, newcomer.party, LIMIT)
    shown = send(page, wallet)
    assert "第 1 步，共 2 步：排期" in shown and f"→ ¥{LIMIT}" in shown
    assert limit_of(town, newcomer) == before
    execute = waiting(page, LIMIT).get_by_role("button", name="执行")
    expect(execute).to_be_disabled()
    town.market.travel(DELAY_S)
    page.reload()
    execute.click()
    assert "第 2 步，共 2 步：执行" in send(page, wallet)
    assert limit_of(town, newcomer) == 12_345_678_00
    done = page.get_by_role("region", name="已结束的操作").get_by_role("row").filter(has_text=f"¥{LIMIT}")
    expect(done).to_contain_text(re.compile(rf"(?<!参与方 )参与方 {newcomer.party}\b"))


def test_the_guardian_cancels_what_waits(town: Town, newcomer: Person, page: Page, wallet: Wallet):
    open_as(page, wallet, OFFICERS["risk_manager"], "/bank")
    propose_limit(page, newcomer.party, "23,456,789.00")
    send(page, wallet)
    town.market.catch_up()
    wallet.act_as(OFFICERS["guardian"])
    operation = waiting(page, "23,456,789.00")
    expect(operation.get_by_role("button", name="执行")).to_be_disabled()
    operation.get_by_role("button", name="撤销").click()
    assert "现行数字不变" in send(page, wallet)
    town.market.catch_up()
    expect(waiting(page, "23,456,789.00")).to_have_count(0)


def test_the_risk_officer_tightens_at_once_and_cannot_loosen(page: Page, wallet: Wallet):
    open_as(page, wallet, OFFICERS["risk_officer"], "/bank/policy")
    page.get_by_role("button", name=re.compile("应收账款融资 · 评级 D")).click()
    form = page.get_by_role("dialog")
    tighten = form.get_by_role("button", name="立即收紧条款")
    form.get_by_label("年利率").fill("8.40")
    expect(tighten).to_be_disabled()
    form.get_by_label("年利率").fill("8.60")
    tighten.click()
    shown = send(page, wallet)
    assert "8.50% → 8.60%" in shown and "立即生效" in shown


def test_the_risk_officer_closes_the_offers_of_lines_and_loans_at_once(town: Town, page: Page, wallet: Wallet):
    market = town.market
    before = {name: market.suite.call(market.rpc, name, "conditions") for name in ("CreditLine", "LeaseFinance")}
    open_as(page, wallet, OFFICERS["risk_officer"], "/bank/policy")
    for name, heading in (("CreditLine", "信用额度的条件"), ("LeaseFinance", "租赁融资的条件")):
        section = page.get_by_role("region", name=heading)
        section.get_by_role("button", name="立即停办新业务").click()
        assert "已有借款不受影响" in send(page, wallet)
        close(page)
        assert market.suite.call(market.rpc, name, "conditions") == before[name] | {"open": False}
        expect(section.get_by_role("button", name="立即停办新业务")).to_have_count(0)
    market.delayed("risk_manager", [(name, "setConditions", (conditions,)) for name, conditions in before.items()])


def test_compliance_freezes_a_party_and_the_reason_is_shown(town: Town, newcomer: Person, page: Page, wallet: Wallet):
    party = newcomer.party
    open_as(page, wallet, OFFICERS["compliance"], f"/bank/customers/{party}")
    page.get_by_label("原因").fill(REASON)
    page.get_by_role("button", name="冻结参与方").click()
    assert REASON in send(page, wallet)
    town.market.catch_up()
    page.goto(f"/parties/{party}")
    expect(page.get_by_text(f"已冻结：{REASON}")).to_be_visible()


def test_the_number_of_the_movables_registry_is_recorded_before_payout(town: Town, page: Page, wallet: Wallet):
    market = town.market
    debtor = market.admit(CAREFUL)
    market.delayed("risk_manager", [("Factoring", "setFacility", (debtor.party, WITH_REGISTRATION))])
    receivable = market.confirmed(town.supplier, debtor, town.invoice(), market.today() + 90)
    open_as(page, wallet, OFFICERS["risk_officer"], "/bank/review")
    waits = page.locator(".tile").filter(has=page.get_by_role("link", name=f"应收账款 {receivable}", exact=True))
    waits.get_by_label("登记编号").fill(REGISTRY_NUMBER)
    waits.get_by_role("button", name="记录中登网登记").click()
    assert REGISTRY_NUMBER in send(page, wallet)
    kept = market.suite.call(market.rpc, "Factoring", "registrationOf", receivable)
    assert bytes.fromhex(kept[2:]).rstrip(b"\0").decode() == REGISTRY_NUMBER
    close(page)
    expect(waits).to_have_count(0)
    expect(page.get_by_role("region", name="待办理中登网登记")).to_contain_text("没有待处理的事项。")


def test_the_value_of_the_vault_adds_up(page: Page):
    page.goto("/bank/treasury")
    figures = page.get_by_role("region", name="净资产如何得出").locator("tbody .figure")
    expect(figures).to_have_count(7)
    *parts, gross, impairment, net = map(signed, figures.all_inner_texts())
    assert (sum(parts), gross + impairment) == (gross, net)


def test_who_holds_no_office_sees_whose_step_it_is(town: Town, page: Page, wallet: Wallet):
    open_as(page, wallet, town.supplier, "/bank/roles")
    pause = page.get_by_role("button", name="暂停", exact=True).first
    expect(pause).to_be_disabled()
    expect(pause).to_have_attribute("title", "须由守护者操作")
