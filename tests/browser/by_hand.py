"""A stack and a visible browser for trying a wallet extension by hand: `python -m tests.browser.by_hand FOLDER`.

docs/metamask.md has the list of what to try. It ends when the browser is closed.
"""

import sys
import tempfile
from pathlib import Path

import click
from playwright.sync_api import sync_playwright

from backend.errors import HeqiError
from scripts.stack import CHAIN_ID
from tests.browser.chromium import launch_with
from tests.browser.town import open_town


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(folder: Path) -> None:
    """FOLDER: the unpacked extension."""
    with tempfile.TemporaryDirectory(prefix="heqi-browser-") as home, open_town(Path(home) / "town") as town:
        click.echo(f"network: RPC {town.place.rpc_url}, chain id {CHAIN_ID}")
        for what, person in (("supplier", town.supplier), ("debtor", town.debtor), ("merchant", town.merchant)):
            click.echo(f"{what}: import the private key 0x{bytes(person.wallet.account.key).hex()}")
        click.echo(f"receivable to be financed by the supplier: {town.place.api_url}/receivables/{town.confirmed()}")
        with sync_playwright() as playwright:
            profile, site = Path(home) / "profile", town.place.api_url
            context = launch_with(playwright, folder.resolve(), profile, site, visible=True)
            context.new_page().goto("/")
            context.wait_for_event("close", timeout=0)


if __name__ == "__main__":
    try:
        main()
    except HeqiError as error:
        sys.exit(f"by hand: {error}")
