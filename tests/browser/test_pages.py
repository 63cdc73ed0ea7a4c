"""Every page, without a wallet and for whom it is meant: accessible in both languages and both appearances, readable on
a phone, quiet in the console. Between the two visits every page is seen in all four combinations.
"""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import axe
from tests.browser.acts import account_button
from tests.browser.places import Places, known, paths
from tests.browser.session import Sessions
from tests.browser.town import Town
from tests.browser.wallet import Wallet
from tests.browser.watch import Watch

PHONE = {"width": 390, "height": 844}
REFUSED_OFFER = r"status of 409 .*/quote"  # the page says why
TAGS = {"zh": "zh-CN", "en": "en"}
OTHERS = {
    "zh": re.compile(r"(?:\b[A-Za-z]{2,}\b[ ,;]+){3,}[A-Za-z]{2,}"),  # a sentence: names and terms are shorter
    "en": re.compile(r"[\u4e00-\u9fff]+"),
}
SAME = {"中文", "万", "亿"}
"""A language is called by its own name; units of ten thousand and a hundred million have no other."""
TEXTS = """main => {
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT), texts = []
  while (walker.nextNode())
    if (!walker.currentNode.parentElement.closest(".mono, main [lang]")) texts.push(walker.currentNode.data)
  return texts
}"""


@pytest.fixture(scope="session")
def places(town: Town) -> Places:
    return known(town)


@pytest.fixture(scope="session")
def sessions() -> Sessions:
    return Sessions()


@pytest.mark.parametrize("path", paths())
def test_a_page_without_a_wallet(places: Places, page: Page, watch: Watch, path: str):
    watch.allow(REFUSED_OFFER)
    look_at(page, places.url(path), [("zh", "light"), ("en", "dark")])


@pytest.mark.parametrize("path", paths())
def test_a_page_for_whom_it_is_meant(
    places: Places,
    context: BrowserContext,
    page: Page,
    wallet: Wallet,
    sessions: Sessions,
    watch: Watch,
    path: str,
):
    watch.allow(REFUSED_OFFER)
    sessions.enter(context, wallet, places.somebody(path), places.town.place.api_url)
    look_at(page, places.url(path), [("zh", "dark"), ("en", "light")], wallet)


def look_at(page: Page, url: str, combinations: list[tuple[str, str]], wallet: Wallet | None = None) -> None:
    axe.bring(page.context)
    page.goto(url)
    if wallet:
        expect(account_button(page, wallet)).to_be_visible()
    for language, appearance in combinations:
        dress(page, language, appearance)
        settle(page)
        assert axe.findings(page) == []
        assert foreign(page, language) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def dress(page: Page, language: str, appearance: str) -> None:
    if page.evaluate("document.documentElement.lang") != TAGS[language]:
        page.get_by_role("banner").get_by_role("button", name=re.compile("^(English|中文)$")).click()
    expect(page.locator("html")).to_have_attribute("lang", TAGS[language])
    page.get_by_role("banner").get_by_label(re.compile("^(外观|Appearance)$")).select_option(appearance)
    expect(page.locator("html")).to_have_attribute("data-theme", appearance)


def foreign(page: Page, language: str) -> list[str]:
    """What stands on the page in the other language without saying so: identifiers and formulas are in one of their
    own, and what is meant to be in another one has its `lang`."""
    texts = page.get_by_role("main").evaluate(TEXTS)
    found = [each for text in [page.title(), *texts] for each in OTHERS[language].findall(text)]
    return [each for each in found if each not in SAME]


def settle(page: Page) -> None:
    """Everything that the page asked for is there."""
    expect(page.locator("main h1")).to_be_visible()
    expect(page.locator(".ant-skeleton")).to_have_count(0)
