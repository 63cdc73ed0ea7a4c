"""Pictures of every page in both languages, for the README and the docs: `python -m tests.browser.screenshots`.

They go to docs/img/dapp as `<page>.<language>.jpg`, seen by whom the page is meant for; docs/screens.md shows them.
"""

import sys
import tempfile
from pathlib import Path

import click
from playwright.sync_api import Playwright, expect, sync_playwright

from backend.chain.keys import development_key
from backend.errors import HeqiError
from scripts import lease_story
from scripts.market import fen, text_hash
from scripts.plan import ROOT
from scripts.stack import CHAIN_ID
from tests.browser.chromium import launch
from tests.browser.places import Places, known, paths
from tests.browser.session import Sessions
from tests.browser.town import Town, open_town
from tests.browser.wallet import Wallet

FOLDER = ROOT / "docs" / "img" / "dapp"
GALLERY = ROOT / "docs" / "screens.md"
SIZE = {"width": 1280, "height": 900}
QUALITY = 75  # that letters stay sharp
LOCALES = {"zh": "zh-CN", "en": "en-US"}
STILL_MS = 1_000  # for charts to be drawn


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=FOLDER, show_default="docs/img/dapp")
def main(out: Path) -> None:
    """On a fresh stack."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="heqi-browser-") as home, open_town(Path(home)) as town:
        do_business(town)
        places = known(town)
        with sync_playwright() as playwright:
            for language in LOCALES:
                take(playwright, places, language, out)
    if out == FOLDER:
        GALLERY.write_text(gallery(), encoding="utf-8")


def do_business(town: Town) -> None:
    """Something of everything: money out in all three products, a claim in dispute, one that waits for its debtor."""
    market, told = town.market, town.told
    financed, disputed = town.confirmed("480000.00"), town.confirmed("95000.00", 30)
    market.finance(town.supplier, financed, int(market.quote(financed)["net"]))
    town.debtor.wallet.send("Receivables", "dispute", disputed, text_hash("Price differs from the contract"))
    town.registered("66000.00")
    told.shop.draw(fen("10,000.00"))
    town.lease.live_until(2)
    town.lease.expect_fresh()
    lease_story.finance(told, town.lease)
    market.catch_up()


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
        expect(page.locator(".ant-skeleton")).to_have_count(0)
        page.wait_for_timeout(STILL_MS)
        file = out / f"{name_of(path)}.{language}.jpg"
        page.screenshot(path=file, type="jpeg", quality=QUALITY)
        click.echo(f"{file.name}: {page.title()}")
        context.close()
    browser.close()


def name_of(path: str) -> str:
    """`/receivables/$id` is in `receivables-id`."""
    return path.strip("/").replace("/", "-").replace("$", "") or "home"


def gallery() -> str:
    """Every page with its picture in both languages."""
    head = "# The dApp's pages\n\nOn the stack of the browser tests; made by `python -m tests.browser.screenshots`.\n"
    link = "![{path}](img/dapp/{name}.{language}.jpg)"
    rows = (
        f"\n## `{path}`\n\n| | |\n|---|---|\n| "
        + " | ".join(link.format(path=path, name=name_of(path), language=language) for language in LOCALES)
        + " |\n"
        for path in paths()
    )
    return head + "".join(rows)


if __name__ == "__main__":
    try:
        main()
    except HeqiError as error:
        sys.exit(f"screenshots: {error}")
