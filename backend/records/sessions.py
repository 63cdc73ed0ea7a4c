"""Who is signed in, and nonces that count once. Only hashes of the sessions' secrets are kept."""

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from backend.store.tables import session_nonces, sessions

NONCE_S = 300
IDLE_S = 30 * 60
LONGEST_S = 12 * 3600
SEEN_EVERY_S = 60  # a session in use is written down that often, not with every request


@dataclass(frozen=True, slots=True)
class Session:
    """Times in seconds since 1970."""

    wallet: str
    opened_at: int
    seen_at: int

    @property
    def expires_at(self) -> int:
        """Unless it is used before."""
        return min(self.seen_at + IDLE_S, self.opened_at + LONGEST_S)


def issue_nonce(tx: Connection, now: int) -> str:
    """A nonce for one sign-in within NONCE_S; forgets those that are over."""
    nonce = secrets.token_hex(16)
    tx.execute(delete(session_nonces).where(session_nonces.c.expires_at <= now))
    tx.execute(session_nonces.insert().values(nonce=nonce, expires_at=now + NONCE_S))
    return nonce


def spend_nonce(tx: Connection, nonce: str, now: int) -> bool:
    """Whether the nonce was issued, not too long ago, and not spent before."""
    live = and_(session_nonces.c.nonce == nonce, session_nonces.c.expires_at > now)
    return tx.execute(delete(session_nonces).where(live)).rowcount == 1


def open_session(tx: Connection, wallet: str, now: int) -> str:
    """The secret of a new session; forgets sessions that are over."""
    secret = secrets.token_urlsafe(32)
    tx.execute(delete(sessions).where(~_live(now)))
    tx.execute(sessions.insert().values(secret_hash=_hash(secret), wallet=wallet, opened_at=now, seen_at=now))
    return secret


def find(tx: Connection, secret: str, now: int) -> Session | None:
    """The session of a secret, unless it is over."""
    columns = (sessions.c.wallet, sessions.c.opened_at, sessions.c.seen_at)
    row = tx.execute(select(*columns).where(sessions.c.secret_hash == _hash(secret), _live(now))).one_or_none()
    return Session(**row._mapping) if row else None


def see(tx: Connection, secret: str, now: int) -> None:
    """The session is in use."""
    tx.execute(update(sessions).where(sessions.c.secret_hash == _hash(secret)).values(seen_at=now))


def close(tx: Connection, secret: str) -> None:
    tx.execute(delete(sessions).where(sessions.c.secret_hash == _hash(secret)))


def _live(now: int) -> ColumnElement[bool]:
    return and_(sessions.c.seen_at > now - IDLE_S, sessions.c.opened_at > now - LONGEST_S)


def _hash(secret: str) -> str:
    """The secrets are random and long: a plain hash cannot be searched."""
    return hashlib.sha256(secret.encode()).hexdigest()
