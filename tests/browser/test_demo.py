"""The demo's own wallet. That it is in no other page, `tests/system/test_dapp.py` shows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from scripts import dapp
from tests.browser.town import Town, another_api, record
from tests.browser.watch import Watch


@pytest.fixture
def site(town: Town, tmp_path: Path) -> Iterator[str]:
    """The demo's page, which knows the node and one person."""
    supplier = town.supplier
    person = {"account": supplier.address, "zh": supplier.name_zh, "en": supplier.name}
    demo = {"rpcUrl": town.place.rpc_url, "people": [person]}
    page = dapp.bake(dapp.DEMO_BUILD, record(town.stack), tmp_path / "page", demo)
    with another_api(town.stack, page) as url:
        yield url


@pytest.fixture
def watch(context: BrowserContext, town: Town, site: str) -> Iterator[Watch]:
    """The demo's page asks the node itself."""
    watch = Watch(context, {url.partition("//")[2] for url in (site, town.place.rpc_url)})
    yield watch
    watch.check()


def test_a_newcomer_becomes_somebody_and_gets_money(town: Town, page: Page):
    before = town.market.cash(town.supplier.address)
    page.goto("/")
    bar = page.get_by_role("region", name="演示钱包")
    expect(bar).to_contain_text("演示链：密钥公开，资金无价值")
    bar.get_by_label("以此身份操作").select_option(town.supplier.name_zh)
    expect(page.get_by_role("banner").get_by_title(town.supplier.address)).to_be_visible()
    bar.get_by_role("button", name="领取演示资金").click()
    expect(page.get_by_text("已完成")).to_be_visible()
    assert town.market.cash(town.supplier.address) > before
