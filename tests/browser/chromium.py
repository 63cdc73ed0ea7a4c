"""The browser of the tests: Chromium or Chrome as it is installed on this machine."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Playwright

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


def launch(playwright: Playwright) -> Browser:
    """Raises BrowserMissing."""
    return playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)


def launch_with(playwright: Playwright, extension: Path, profile: Path, site: str, *, visible: bool) -> BrowserContext:
    """With an unpacked extension; its profile lies in a folder of its own. Raises BrowserMissing."""
    window = [argument for argument in ARGUMENTS if not (visible and argument.startswith("--headless"))]
    return playwright.chromium.launch_persistent_context(
        profile,
        executable_path=executable(),
        headless=False,  # the arguments say it: Playwright's own headless mode knows no extensions
        args=[*window, f"--load-extension={extension}", "--disable-features=DisableLoadExtensionCommandLineSwitch"],
        ignore_default_args=["--disable-extensions"],
        base_url=site,
        locale="zh-CN",
    )
