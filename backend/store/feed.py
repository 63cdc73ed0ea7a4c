"""The feed: what happened, written in the transaction in which it happened, tailed by every web process."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, literal_column, select, tuple_

from backend.errors import HeqiError
from backend.store.tables import feed

PRIVATE = "private"  # topic of what only the party whose number is the key may hear
BANK = 0  # such a number: the bank's officers

OLDEST_RUNNING: ColumnElement[int] = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
THIS_TRANSACTION: ColumnElement[int] = literal_column("pg_current_xact_id()::text::bigint")


class CursorInvalid(HeqiError):
    notice_en = "{cursor} is not a position of the feed."
    notice_zh = "{cursor} 不是有效的订阅位置。"


@dataclass(frozen=True, order=True)
class Cursor:
    """A position in the feed; `str()` and `parse` are its form for clients."""

    xid: int = 0
    id: int = 0

    def __str__(self) -> str:
        return f"{self.xid}-{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        xid, dash, id_ = text.partition("-")
        if not (dash and xid.isascii() and xid.isdigit() and id_.isascii() and id_.isdigit() and len(text) <= 40):
            raise CursorInvalid(cursor=text[:40])
        return cls(int(xid), int(id_))


@dataclass(frozen=True)
class Item:
    """One thing that happened: `kind` to `key` of `topic`, e.g. ReceivableConfirmed to 17 of Receivables."""

    cursor: Cursor
    topic: str
    key: str
    kind: str
    payload: dict[str, Any]
    block: int | None


def append(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Add rows {topic, key, kind, payload, block} to the current transaction."""
    if rows:
        xid = _transaction_id(connection)
        connection.execute(feed.insert(), [{**row, "xid": xid} for row in rows])


def tell_party(connection: Connection, party: int, kind: str, payload: dict[str, Any]) -> None:
    """Add something about a party's private data: it is pushed to the party as it happens, and shown nowhere else.

    The feed is kept for ever: `payload` says what happened, it does not repeat the data.
    """
    append(connection, [{"topic": PRIVATE, "key": str(party), "kind": kind, "payload": payload, "block": None}])


def tail(connection: Connection, after: Cursor, limit: int = 500) -> list[Item]:
    """What came after a cursor, oldest first, private items included.

    On PostgreSQL ids become visible out of order: a reader that only compares ids loses rows of slower transactions.
    Therefore the order is (transaction, id), and nothing of a transaction that may still have a running predecessor
    is shown yet.
    """
    return _after(connection, _visible(connection), after, limit)


def public_tail(connection: Connection, after: Cursor, limit: int) -> list[Item]:
    """As `tail`, without private items."""
    return _after(connection, _public(connection), after, limit)


def latest(connection: Connection, limit: int) -> list[Item]:
    """The newest public items, oldest first."""
    query = _public(connection).order_by(feed.c.xid.desc(), feed.c.id.desc()).limit(limit)
    return [_item(row) for row in connection.execute(query)][::-1]


def backward(connection: Connection, after: Cursor, before: Cursor | None, limit: int) -> list[Item]:
    """What came after a cursor and, if given, before another, newest first, private items included."""
    place = tuple_(feed.c.xid, feed.c.id)
    query = _visible(connection).where(place > tuple_(after.xid, after.id))
    if before is not None:
        query = query.where(place < tuple_(before.xid, before.id))
    return [_item(row) for row in connection.execute(query.order_by(feed.c.xid.desc(), feed.c.id.desc()).limit(limit))]


def newest(connection: Connection) -> Cursor:
    """Where a reader starts who wants only what comes from now on."""
    if connection.dialect.name == "postgresql":
        xmin: int = connection.execute(select(OLDEST_RUNNING)).scalar_one()
        return Cursor(xmin - 1, (1 << 63) - 1)
    return Cursor(0, connection.scalar(select(func.max(feed.c.id))) or 0)


def _visible(connection: Connection) -> Select[Any]:
    query = select(feed)
    return query.where(feed.c.xid < OLDEST_RUNNING) if connection.dialect.name == "postgresql" else query


def _public(connection: Connection) -> Select[Any]:
    return _visible(connection).where(feed.c.topic != PRIVATE)


def _after(connection: Connection, query: Select[Any], after: Cursor, limit: int) -> list[Item]:
    later = query.where(tuple_(feed.c.xid, feed.c.id) > tuple_(after.xid, after.id))
    return [_item(row) for row in connection.execute(later.order_by(feed.c.xid, feed.c.id).limit(limit))]


def _item(row: Row[Any]) -> Item:
    return Item(Cursor(row.xid, row.id), row.topic, row.key, row.kind, row.payload, row.block)


def _transaction_id(connection: Connection) -> int:
    if connection.dialect.name != "postgresql":
        return 0
    xid: int = connection.execute(select(THIS_TRANSACTION)).scalar_one()
    return xid
