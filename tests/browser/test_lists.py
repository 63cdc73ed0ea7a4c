"""Lists longer than one answer of the API: to their end, page by page or at once. The service gives a row at a time."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from scripts.market import fen
from tests.browser.acts import open_as
from tests.browser.town import Town
from tests.browser.wallet import Wallet


@pytest.fixture
def one_row_at_a_time(page: Page) -> Page:
    def ask(route: Route) -> None:
        route.continue_(url=re.sub(r"limit=\d+", "limit=1", route.request.url))

    page.route(re.compile(r"/v1/(audit/\w+|parties|lines/\d+/draws)\?"), ask)
    return page


@pytest.mark.parametrize("what", ["oracle", "changes", "consents"])
def test_what_auditors_read_goes_on(one_row_at_a_time: Page, what: str):
    page = one_row_at_a_time
    page.goto(f"/audit/{what}")
    rows = page.locator("main ol.events > li" if what == "changes" else "main tbody tr")
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="更多").click()
    expect(rows).to_have_count(2)


def test_every_party_can_be_chosen(town: Town, one_row_at_a_time: Page, wallet: Wallet):
    page, suppliers = one_row_at_a_time, town.market.api.get("/v1/parties", role="supplier")["items"]
    assert len(suppliers) > 1
    open_as(page, wallet, town.debtor, "/receivables/register")
    expect(page.get_by_label("债权人（供应商）").locator("option")).to_have_count(1 + len(suppliers))


def test_the_course_of_a_line_is_whole(town: Town, one_row_at_a_time: Page):
    page, shop = one_row_at_a_time, town.told.shop
    for _ in range(2):
        shop.draw(fen("200.00"))
    page.goto(f"/credit/lines/{shop.person.party}")
    course = page.get_by_role("region", name="额度与提款变动").get_by_role("row")
    expect(course.filter(has_text="¥200.00")).to_have_count(2)


def test_a_filter_stands_in_the_address(town: Town, page: Page, wallet: Wallet):
    claim = town.confirmed()
    open_as(page, wallet, town.supplier, "/receivables")
    page.get_by_label("状态").select_option("Confirmed")
    page.get_by_label("只看本方持有").check()
    expect(page).to_have_url(re.compile(r"/receivables\?state=Confirmed&mine=true$"))
    page.reload()
    expect(page.get_by_label("状态")).to_have_value("Confirmed")
    expect(page.get_by_label("只看本方持有")).to_be_checked()
    expect(page.get_by_role("main").get_by_role("link", name=f"应收账款 {claim}", exact=True)).to_be_visible()
    page.goto("/receivables?state=nonsense&debtor=x&from=soon&mine=perhaps")
    expect(page.get_by_label("状态")).to_have_value("")
    expect(page.get_by_label("只看本方持有")).not_to_be_checked()
