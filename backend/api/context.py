"""What every request handler works with."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import Connection, Engine

from backend import clock, store
from backend.api.live import Live
from backend.api.problems import ResourceUnknown
from backend.chain.contracts import Suite
from backend.chain.decoding import Words
from backend.chain.history import History
from backend.config import Settings
from backend.readmodel import receivables

EXTENSION = "heqi"


@dataclass(frozen=True)
class Context:
    """`duties`: of the oracle's keys that this service was told, by address."""

    settings: Settings
    suite: Suite
    engine: Engine
    live: Live
    history: History
    words: Words
    duties: Mapping[str, str]


def here() -> Context:
    context: Context = current_app.extensions[EXTENSION]
    return context


@contextmanager
def reading() -> Iterator[Connection]:
    """A snapshot of the read model."""
    with store.reading(here().engine) as tx:
        yield tx


def present() -> int:
    """The second that it is for the backend; on a local chain that was moved ahead, its own."""
    return clock.of(here().settings, here().live.rpc)()


def within(kind: str, number: int, largest: int) -> int:
    """A number from a path. Raises ResourceUnknown for one that no such thing can have."""
    if not 1 <= number <= largest:
        raise ResourceUnknown(kind=kind, id=number)
    return number


def currencies(tx: Connection) -> dict[int, dict[str, Any]]:
    """Every settlement currency by its number."""
    tokens = receivables.currency_tokens(tx)
    return {number: {"number": number, **here().live.currency(token)} for number, token in tokens.items()}


def vault_currency(tx: Connection) -> dict[str, Any]:
    """The treasury's currency; it has no number until Receivables admits it."""
    token = here().live.vault_token
    number = next((number for number, known in receivables.currency_tokens(tx).items() if known == token), None)
    return {"number": number, **here().live.currency(token)}


def page(items: list[Any], limit: int, cursor: Any) -> dict[str, Any]:
    """Items were asked for one more than `limit`: that one tells that there is a next page."""
    more = len(items) > limit
    shown = items[:limit]
    return {"items": shown, "next": cursor(shown[-1]) if more else None}


def single(text: str | None) -> int | None:
    """A cursor of one number; anything after a dash is not for this list."""
    return int(text.partition("-")[0]) if text else None


def pair(text: str | None) -> tuple[int, int] | None:
    """A cursor of two numbers."""
    if not text:
        return None
    first, _, second = text.partition("-")
    return int(first), int(second or 0)


def triple(text: str | None) -> tuple[int, int, int] | None:
    """A cursor of three numbers."""
    if not text:
        return None
    first, second, third = map(int, text.split("-"))
    return first, second, third
