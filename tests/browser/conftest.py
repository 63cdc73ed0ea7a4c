"""One stack and one browser for the session; every test has a browser context, a wallet and a page of its own."""

from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from backend.chain.keys import development_key
from scripts.stack import CHAIN_ID
from tests.browser.chromium import launch
from tests.browser.town import Town, open_town
from tests.browser.wallet import Wallet
from tests.browser.watch import Watch

STRANGER = 39
"""A development account that belongs to nobody."""
WITHIN_MS = 30_000
"""Long enough for a busy machine; what is there at once is seen at once."""

expect.set_options(timeout=WITHIN_MS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure comes with what its page showed."""
    report = yield
    page = getattr(item, "funcargs", {}).get("page")
    if report.failed and isinstance(page, Page) and not page.is_closed():
        shown = page.locator("body").aria_snapshot(timeout=WITHIN_MS)
        report.sections.append(("Page", f"{page.url}\n{shown}"))
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever lets weeks pass comes last: the others need the town as it is today."""
    items.sort(key=lambda item: item.get_closest_marker("weeks_pass") is not None)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = launch(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


@pytest.fixture
def language() -> str:
    """`zh`; a test that wants both is parametrised over `language`."""
    return "zh"


@pytest.fixture
def zone() -> str:
    """The browser's; a test of another one is parametrised over `zone`."""
    return "Asia/Shanghai"


@pytest.fixture
def site(town: Town) -> str:
    """Where the page comes from."""
    return town.place.api_url


@pytest.fixture
def context(chromium: Browser, site: str, language: str, zone: str) -> Iterator[BrowserContext]:
    locale = {"zh": "zh-CN", "en": "en-US"}[language]
    context = chromium.new_context(
        base_url=site, locale=locale, timezone_id=zone, viewport={"width": 1280, "height": 900}
    )
    context.set_default_timeout(WITHIN_MS)
    yield context
    context.close()


@pytest.fixture
def watch(context: BrowserContext, site: str) -> Iterator[Watch]:
    """Every test that opens a page ends with it: 0 errors in the console, 0 requests to other sites."""
    watch = Watch(context, {site.partition("//")[2]})
    yield watch
    watch.check()


@pytest.fixture
def wallet(context: BrowserContext, town: Town) -> Wallet:
    """Not connected to the page, with a stranger's account."""
    return Wallet(context, town.place.rpc_url, CHAIN_ID, development_key(STRANGER))


@pytest.fixture
def page(context: BrowserContext, watch: Watch, wallet: Wallet) -> Page:
    """A tab with nothing in it yet: `page.goto("/receivables")`. The wallet is there for the site to find."""
    return context.new_page()
