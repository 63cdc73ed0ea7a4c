"""What is not paid in time goes from notice to default and loss, and is recovered; weeks pass meanwhile."""

import pytest
from playwright.sync_api import Locator, Page, expect

from backend import days
from scripts import merchant_story, receivable_story
from scripts._narrator import Narrator
from scripts._shop import Shop
from scripts._stage import Story
from scripts.demo import BOOKSHOP, BOOKSHOP_NUMBER
from scripts.market import OFFICERS, Person, fen, yuan
from tests.browser.acts import ask, do, fold, go_on_as, open_as
from tests.browser.conftest import STRANGER
from tests.browser.town import Town
from tests.browser.wallet import Wallet

pytestmark = pytest.mark.weeks_pass

LETTER = {"name": "notice.txt", "mimeType": "text/plain", "buffer": "催告函 2026-118".encode()}
TERM_DAYS, GRACE_DAYS, CURE_DAYS = 30, 3, 10
STATEMENT_DAYS, DUE_DAYS = 30, 10
DRAWN = fen("20,000.00")
IMPAIRED_BPS = 2_500


def case(page: Page, name: str) -> Locator:
    """The loan under that name on the page of collections."""
    return page.get_by_role("article").filter(has=page.get_by_role("link", name=name, exact=True))


def give_notice(town: Town, page: Page, wallet: Wallet, loan: Locator) -> None:
    """The letter's hash goes to the chain, and the cure time runs from today."""
    loan.get_by_label("催告函").set_input_files(LETTER)
    loan.get_by_role("button", name="发出催告").click()
    through = str(days.date_of(town.market.today() + CURE_DAYS))
    shown = do(page, wallet)
    assert "补救期至" in shown and through in shown
    expect(loan).to_contain_text(f"可补救至 {through}（含）")
    declaring = loan.get_by_role("button", name="宣布违约")
    expect(declaring).to_be_disabled()
    possible = days.date_of(town.market.today() + CURE_DAYS + 1)
    expect(declaring).to_have_attribute("title", f"{possible} 起可以进行（还有 {CURE_DAYS + 1} 天）")


def declare_default(town: Town, page: Page, wallet: Wallet, loan: Locator) -> str:
    """The risk officer gives notice, and declares default once the cure time has passed; returns the figures shown."""
    wallet.act_as(OFFICERS["risk_officer"])
    give_notice(town, page, wallet, loan)
    town.market.travel_to(town.market.today() + CURE_DAYS + 1)
    page.reload()
    loan.get_by_role("button", name="宣布违约").click()
    return do(page, wallet)


def cover(town: Town) -> int:
    return int(town.market.suite.call(town.market.rpc, "Treasury", "book")["cover"])


def test_a_financing_goes_from_notice_to_loss_and_is_recovered(town: Town, page: Page, wallet: Wallet):
    market = town.market
    debtor, seller = (market.admit(receivable_story.PEOPLE[name]) for name in ("nanhu", "donghai"))
    number = financed(town, debtor, seller)
    name, advance = f"应收账款 {number}", int(market.financing(number)["advance"])
    with town.without_relay():
        market.travel_to(market.financing(number)["due"]["day"] + GRACE_DAYS + 1)
        open_as(page, wallet, STRANGER, "/bank/collections")
        loan = case(page, name)
        loan.get_by_role("button", name="标记逾期").click()
        assert f"¥0.00 → ¥{yuan(-(-advance * IMPAIRED_BPS // 10_000))}" in do(page, wallet)

        assert f"→ ¥{yuan(advance)}" in declare_default(town, page, wallet, loan)

        before = cover(town)
        loan.get_by_role("button", name="核销").click()
        shown = do(page, wallet)
        assert "首损保障金承担" in shown and f"¥{yuan(advance)}" in shown
        assert before - cover(town) == advance
        expect(loan).to_contain_text("债务仍在")

        market.mint(debtor.wallet, fen("300000.00"), "Receivables")
        go_on_as(page, wallet, debtor, f"/receivables/{number}")
        fold(page, "付款").get_by_role("button", name="付款", exact=True).click()
        assert "¥300,000.00" in do(page, wallet, signatures=2)

        go_on_as(page, wallet, STRANGER, "/bank/collections")
        loan.get_by_role("button", name="归集已付款项").click()
        shown = do(page, wallet)
        assert "归银行" in shown and "归持有人" in shown
        expect(loan).to_have_count(0)
        market.catch_up()
        assert market.financing(number)["status"] == "Recovered"
        assert cover(town) == before
        page.goto(f"/receivables/{number}")
        page.get_by_label("选择单据").set_input_files(LETTER)
        expect(page.get_by_text("一致：这就是催告函（SHA-256）")).to_be_visible()


def test_a_line_goes_from_an_unpaid_statement_to_loss_and_is_recovered(town: Town, page: Page, wallet: Wallet):
    market = town.market
    shop = open_shop(town)
    shop.draw(DRAWN)
    party = shop.person.party
    line = f"/v1/lines/{party}"
    market.travel_to(market.today() + STATEMENT_DAYS)
    market.until("the keeper to close the statement", lambda: int(market.api.get(line)["billed"]))
    with town.without_relay():
        market.travel_to(market.api.get(line)["due"]["day"] + 1)
        open_as(page, wallet, STRANGER, "/bank/collections")
        loan = case(page, f"参与方 {party}")
        loan.get_by_role("button", name="标记逾期").click()
        shown = do(page, wallet)
        assert f"¥0.00 → ¥{yuan(DRAWN * IMPAIRED_BPS // 10_000)}" in shown
        assert f"¥{yuan(shop.owed()['overdue'])}" in shown

        assert f"→ ¥{yuan(DRAWN)}" in declare_default(town, page, wallet, loan)
        loan.get_by_role("button", name="核销").click()
        assert "核销本金" in do(page, wallet)

        owed = shop.owed()["total"]
        market.mint(shop.person.wallet, owed, "CreditLine")
        wallet.act_as(shop.person)
        loan.get_by_role("link", name="还款页面").click()
        ask(page, "还款", yuan(owed))
        assert f"¥{yuan(owed)}" in do(page, wallet, signatures=2)
        market.catch_up()
        assert market.api.get(line)["status"] == "Recovered"
        page.goto("/bank/collections")
        expect(page.get_by_role("heading", name="信用额度")).to_be_visible()
        expect(loan).to_have_count(0)


def financed(town: Town, debtor: Person, seller: Person) -> int:
    """A receivable over 300,000 yuan of a debtor with a score and a facility of its own, paid out."""
    market = town.market
    market.open_facilities([debtor])
    market.consent(debtor)
    market.file(debtor, receivable_story.cast()["medium"][0])
    market.next_score(debtor, 0)
    number = market.confirmed(seller, debtor, town.invoice("300000.00"), market.today() + TERM_DAYS)
    market.finance(seller, number, int(market.quote(number)["net"]))
    return number


def open_shop(town: Town) -> Shop:
    """A merchant of its own, with an open line."""
    told = Story(town.market, Narrator("en"))
    opened = town.market.today() - merchant_story.AGE
    told.shop = Shop(town.market, town.market.admit(BOOKSHOP), BOOKSHOP_NUMBER, opened)
    merchant_story.agree_and_open(told)
    return told.shop
