"""Platforms that push records of their shops: their tokens, and the shops that connected them.

A token is 256 random bits, so that its SHA-256 can be kept without salt or stretching; the token itself is shown once.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, delete, select, update

from backend import store
from backend.errors import HeqiError
from backend.store.tables import platform_shops, platform_tokens

OWN = "own"
"""What a merchant brings by itself: its till, its books."""
NAME = r"^[a-z][a-z0-9-]{1,31}$"
PREFIX = "heqi_"
TOKENS, SHOPS = platform_tokens.c, platform_shops.c


class PlatformNameInvalid(HeqiError):
    notice_en = "{name} is no name of a platform: lower-case letters, digits and dashes, not {own}."
    notice_zh = "{name} 不是有效的平台名称：应为小写字母、数字和短横线，且不得为 {own}。"
    status = 422


@dataclass(frozen=True)
class Token:
    """A token in force, by its number."""

    id: int
    platform: str


def issue(tx: Connection, platform: str, now: int) -> tuple[int, str]:
    """Number and text of a new token. Raises PlatformNameInvalid."""
    if platform == OWN or not re.fullmatch(NAME, platform):
        raise PlatformNameInvalid(name=platform[:40], own=OWN)
    token = PREFIX + secrets.token_urlsafe(32)
    row = {"platform": platform, "token_hash": _hash(token), "issued_at": now}
    number: int = tx.execute(platform_tokens.insert().values(**row).returning(TOKENS.id)).scalar_one()
    return number, token


def revoke(tx: Connection, number: int, now: int) -> bool:
    """Whether there was such a token in force."""
    in_force = (TOKENS.id == number) & TOKENS.revoked_at.is_(None)
    return tx.execute(update(platform_tokens).where(in_force).values(revoked_at=now)).rowcount == 1


def tokens(tx: Connection) -> list[RowMapping]:
    """All that were ever issued, without their hashes."""
    columns = (TOKENS.id, TOKENS.platform, TOKENS.issued_at, TOKENS.revoked_at)
    return list(tx.execute(select(*columns).order_by(TOKENS.id)).mappings())


def bearer(tx: Connection, token: str) -> Token | None:
    """Whose token this is; None when it is not in force."""
    query = select(TOKENS.id, TOKENS.platform).where(TOKENS.token_hash == _hash(token), TOKENS.revoked_at.is_(None))
    row = tx.execute(query).one_or_none()
    return Token(*row) if row else None


def pushes(tx: Connection, platform: str) -> bool:
    """Whether the platform has a token in force: then it speaks for itself."""
    query = select(TOKENS.id).where(TOKENS.platform == platform, TOKENS.revoked_at.is_(None)).limit(1)
    return tx.execute(query).one_or_none() is not None


# Shops


def connect(tx: Connection, party: int, platform: str, wallet: str, now: int) -> None:
    """Let the platform push records of the party; once connected, it stays as it is."""
    row = {"party": party, "platform": platform, "connected_by": wallet, "connected_at": now}
    tx.execute(store.insert(tx.dialect.name, platform_shops).values(**row).on_conflict_do_nothing())


def disconnect(tx: Connection, party: int, platform: str) -> bool:
    """Whether it was connected."""
    return tx.execute(delete(platform_shops).where(SHOPS.party == party, SHOPS.platform == platform)).rowcount == 1


def connected(tx: Connection, party: int) -> list[RowMapping]:
    """By name."""
    rows = tx.execute(select(platform_shops).where(SHOPS.party == party)).mappings()
    return sorted(rows, key=lambda row: row["platform"])


def is_connected(tx: Connection, party: int, platform: str) -> bool:
    return any(row["platform"] == platform for row in connected(tx, party))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
