"""Pictures of every page in both languages, for the README and the docs: `python -m tests.browser.screenshots`.

They go to docs/img/dapp as `<page>.<language>.png`, seen by whom the page is meant for.
"""

import sys
import tempfile
from pathlib import Path

import click
from playwright.sync_api import Playwright, sync_playwright

from backend.chain.keys import development_key
from backend.errors import HeqiError
from scripts.plan import ROOT
from scripts.stack import CHAIN_ID
from tests.browser.chromium import launch
from tests.browser.places import Places, known, paths
from tests.browser.session import Sessions
from tests.browser.town import open_town
from tests.browser.wallet import Wallet

FOLDER = ROOT / "docs" / "img" / "dapp"
SIZE = {"width": 1280, "height": 900}
LOCALES = {"zh": "zh-CN", "en": "en-US"}
STILL_MS = 1_000  # for charts to be drawn


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=FOLDER, show_default="docs/img/dapp")
def main(out: Path) -> None:
    """On a fresh stack."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="heqi-browser-") as home, open_town(Path(home)) as town:
        places = known(town)
        with sync_playwright() as playwright:
            for language in LOCALES:
                take(playwright, places, language, out)


def take(playwright: Playwright, places: Places, language: str, out: Path) -> None:
    """Every page in one language."""
    browser, sessions, place = launch(playwright), Sessions(), places.town.place
    for path in paths():
        context = browser.new_context(
            base_url=place.api_url, locale=LOCALES[language], timezone_id="Asia/Shanghai", viewport=SIZE
        )
        wallet = Wallet(context, place.rpc_url, CHAIN_ID, development_key(0))
        sessions.enter(context, wallet, places.somebody(path), place.api_url)
        page = context.new_page()
        page.goto(places.url(path))
        page.locator("main h1").wait_for()
        page.locator(".ant-skeleton").first.wait_for(state="detached")
        page.wait_for_timeout(STILL_MS)
        file = out / f"{name_of(path)}.{language}.png"
        page.screenshot(path=file, full_page=True)
        click.echo(f"{file.name}: {page.title()}")
        context.close()
    browser.close()


def name_of(path: str) -> str:
    """`/receivables/$id` is in `receivables-id`."""
    return path.strip("/").replace("/", "-").replace("$", "") or "home"


if __name__ == "__main__":
    try:
        main()
    except HeqiError as error:
        sys.exit(f"screenshots: {error}")
