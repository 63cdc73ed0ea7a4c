"""What no test may leave behind: errors in the console, and requests to anybody but the API."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

WITHOUT_A_SITE = {"data", "blob", "about", "chrome-extension"}


@dataclass
class Watch:
    """`sites`: hosts that the page may ask. `allow(pattern)`: a console error that a test brings about."""

    context: BrowserContext
    sites: set[str]
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.on("console", self._hear)
        self.context.on("weberror", self._fail)
        self.context.on("request", self._see)
        self.context.on("page", lambda page: page.on("websocket", lambda socket: self._visit(socket.url)))

    def allow(self, pattern: str) -> None:
        """The browser itself reports every refused request as an error: name those that belong to the test."""
        self.allowed.append(pattern)

    def check(self) -> None:
        told = [error for error in self.errors if not any(re.search(pattern, error) for pattern in self.allowed)]
        assert not told, "\n".join(told)
        assert not self.foreign, "\n".join(self.foreign)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} {message.location.get('url', '')}")

    def _fail(self, failure: WebError) -> None:
        self.errors.append(str(failure.error))

    def _see(self, request: Request) -> None:
        self._visit(request.url)

    def _visit(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in WITHOUT_A_SITE and parts.netloc not in self.sites:
            self.foreign.append(url)
