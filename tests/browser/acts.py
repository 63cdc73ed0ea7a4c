"""What people do on any page of the dApp."""

import re

from playwright.sync_api import FilePayload, Locator, Page, expect

from scripts.market import Invoice, Person
from tests.browser.wallet import Wallet


def connect(page: Page, wallet: Wallet, who: Person | int | None = None) -> None:
    """Connect the wallet to the open page, as `who`."""
    if who is not None:
        wallet.act_as(who)
    choose_wallet(page)
    wallet.confirm()
    expect(account_button(page, wallet)).to_be_visible()


def open_as(page: Page, wallet: Wallet, who: Person | int, path: str) -> None:
    """A page, then the wallet on it."""
    page.goto(path)
    connect(page, wallet, who)


def go_on_as(page: Page, wallet: Wallet, who: Person | int, path: str) -> None:
    """Another page with another account of the connected wallet."""
    wallet.act_as(who)
    page.goto(path)


def choose_wallet(page: Page) -> None:
    """Up to the wallet's own dialog."""
    connect_button(page).click()
    page.get_by_role("dialog").get_by_role("button", name="Test wallet").click()


def connect_button(page: Page) -> Locator:
    return page.get_by_role("banner").get_by_role("button", name=re.compile("连接钱包|Connect wallet"))


def account_button(page: Page, wallet: Wallet) -> Locator:
    return page.get_by_role("banner").get_by_title(re.compile(wallet.address, re.IGNORECASE))


def choose(page: Page, wallet: Wallet, what: str) -> None:
    """Press a button of the account's menu."""
    account_button(page, wallet).click()
    page.get_by_role("banner").get_by_role("button", name=re.compile(f"^({what})$")).click()


def send_dialog(page: Page) -> Locator:
    """The dialog in which everything is signed; its state is in `data-phase`."""
    return page.get_by_role("dialog").filter(has=page.locator("[data-phase]"))


def in_phase(page: Page, phase: str) -> Locator:
    """The dialog's content, once it has come to `phase`: checking, ready, wallet, sent, failed."""
    content = page.locator(f"[data-phase={phase}]")
    expect(content).to_be_visible()
    return content


def sign(page: Page) -> str:
    """Wait for the figures and press the button that goes to the wallet; returns what was shown to be signed."""
    shown = in_phase(page, "ready").inner_text()
    send_dialog(page).get_by_role("button", name=re.compile("用钱包签名|Sign in wallet")).click()
    return shown


def expect_done(page: Page) -> None:
    """The transaction is in a block, and the dialog says so."""
    done = page.locator("[data-phase=sent]").get_by_text(re.compile("^(已完成|Done)$"))
    expect(done).to_be_visible()


def close(page: Page) -> None:
    send_dialog(page).get_by_role("button", name=re.compile("^(关闭|Close)$")).last.click()
    expect(send_dialog(page)).to_have_count(0)


def do(page: Page, wallet: Wallet, signatures: int = 1) -> str:
    """Sign what the dialog shows, in the wallet too, and wait until it is done; returns the figures shown."""
    shown = sign(page)
    for _ in range(signatures):
        wallet.confirm()
    expect_done(page)
    close(page)
    return shown


def sign_in(page: Page, wallet: Wallet) -> None:
    """With Ethereum, from the account's menu; the wallet is connected."""
    choose(page, wallet, "登录|Sign in")
    wallet.confirm()
    expect(account_button(page, wallet)).to_contain_text(re.compile("已登录|signed in", re.IGNORECASE))


def step(of: Page | Locator, name: str) -> Locator:
    """The form of one step of a lease or a machine."""
    return of.locator(f"[data-step={name}]")


def fold(page: Page, name: str) -> Locator:
    """What can be done now under that name, unfolded."""
    found = page.locator("details.fold").filter(has=page.locator("summary", has_text=re.compile(f"^{name}$")))
    found.locator("summary").click()
    return found


# Of receivables

PAPER: FilePayload = {"name": "contract.txt", "mimeType": "text/plain", "buffer": b"Delivery of castings, 2026"}
ANOTHER_PAPER: FilePayload = {**PAPER, "buffer": b"Delivery of castings, 2027"}


def fill_invoice(page: Page, invoice: Invoice) -> None:
    page.get_by_label("发票号码").fill(invoice.number)
    page.get_by_label("开票日期").fill(invoice.issue_date.isoformat())
    page.get_by_label("价税合计").fill(invoice.total)


# Of lines


def amount_to(what: str, page: Page) -> Locator:
    return page.get_by_label(f"{what}金额（元）")


def ask(page: Page, what: str, amount: str) -> None:
    """Draw or repay, up to the dialog."""
    amount_to(what, page).fill(amount)
    page.get_by_role("main").get_by_role("button", name=what, exact=True).click()
