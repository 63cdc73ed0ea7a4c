"""The browser of the tests: Chromium or Chrome as it is installed on this machine."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from backend.errors import HeqiError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class BrowserMissing(HeqiError):
    notice_en = (
        "There is no Chromium or Chrome on this machine. Debian: apt-get install chromium fonts-noto-cjk. "
        "macOS: brew install --cask google-chrome."
    )
    notice_zh = (
        "本机没有 Chromium 或 Chrome。Debian：apt-get install chromium fonts-noto-cjk；"
        "macOS：brew install --cask google-chrome。"
    )


def executable() -> str:
    """Raises BrowserMissing."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if not found and sys.platform == "darwin" and os.path.exists(ON_MACOS):
        found = ON_MACOS
    if not found:
        raise BrowserMissing
    return found


@contextmanager
def launched() -> Iterator[Browser]:
    """Raises BrowserMissing."""
    path = executable()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
