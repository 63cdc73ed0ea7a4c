"""Row-wise writing for event handlers, with a journal from which a reorganised block is undone.

Why a journal of previous images and not a replay: an undo costs what the undone blocks cost, whatever the length of the
chain, and what comes back is the very row that was there. It is kept for blocks within the finality depth.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Delete,
    Integer,
    MetaData,
    Row,
    Select,
    String,
    Table,
    Text,
    bindparam,
    delete,
    select,
)

from backend import store
from backend.errors import HeqiError

Key = tuple[Any, ...]
Image = dict[str, Any]

PROGRESS = MetaData()

journal = Table(
    "readmodel_journal",
    PROGRESS,
    Column("block", BigInteger, primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("table", String(80), nullable=False),
    Column("key", Text, nullable=False),
    Column("previous", Text),
)


def when() -> list[Column[Any]]:
    """Columns of what happened: second of the block, and its transaction."""
    return [
        Column("at", BigInteger, nullable=False),
        Column("transaction_hash", String(66), nullable=False),
    ]


def place(subject: str) -> list[Column[Any]]:
    """Key of what happens to a subject time and again: the subject's number, and where the event stands."""
    return [
        Column(subject, BigInteger, primary_key=True, autoincrement=False),
        Column("block", BigInteger, primary_key=True, autoincrement=False),
        Column("log_index", Integer, primary_key=True, autoincrement=False),
    ]


class RowMissing(HeqiError):
    notice_en = "The read model has no row {key} in {table}."
    notice_zh = "读模型表 {table} 中没有 {key}。"
    status = 500


class Rows:
    """The read model inside one database transaction. Keys are given in the order of the table's primary key."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx
        self._images: dict[Table, dict[Key, Image | None]] = {}
        self._changed: dict[Table, dict[Key, None]] = {}
        self._touched: set[tuple[str, Key]] = set()
        self._journal: list[dict[str, Any]] = []
        self._block: int | None = None

    def begin_block(self, number: int | None) -> None:
        """What follows belongs to this block; None when the block is final and will never be undone."""
        self._block = number
        self._touched.clear()

    def get(self, table: Table, *key: Any) -> Image | None:
        """The row as a dict of its columns, or None."""
        image = self._image(table, key)
        return dict(image) if image is not None else None

    def put(self, table: Table, **row: Any) -> None:
        """Insert or replace a row; columns that are not given become NULL."""
        image = {column.name: row.pop(column.name, None) for column in table.columns}
        if row:
            raise TypeError(f"{table.name} has no column {', '.join(row)}")
        self._set(table, tuple(image[column.name] for column in table.primary_key), image)

    def change(self, table: Table, *key: Any, **changes: Any) -> None:
        """Set columns of an existing row. Raises RowMissing."""
        image = self._image(table, key)
        if image is None:
            raise RowMissing(table=table.name, key=list(key))
        self.put(table, **(image | changes))

    def remove(self, table: Table, *key: Any) -> None:
        """Raises RowMissing."""
        if self._image(table, key) is None:
            raise RowMissing(table=table.name, key=list(key))
        self._set(table, key, None)

    def select(self, query: Select[Any]) -> list[Row[Any]]:
        """Any query; it sees what was written so far."""
        self.flush()
        return list(self._tx.execute(query))

    def flush(self) -> None:
        """Send all changes to the database."""
        for table, keys in self._changed.items():
            images = self._images[table]
            self._delete(table, [key for key in keys if images[key] is None])
            self._upsert(table, [image for key in keys if (image := images[key]) is not None])
        self._changed.clear()
        if self._journal:
            self._tx.execute(journal.insert(), self._journal)
            self._journal = []

    def undo(self, tables: Mapping[str, Table], after_block: int) -> None:
        """Put back every row as it was at the end of `after_block`, and forget the journal since."""
        newer = journal.c.block > after_block
        backwards = select(journal).where(newer).order_by(journal.c.block.desc(), journal.c.sequence.desc())
        self.begin_block(None)
        for entry in self._tx.execute(backwards).all():
            previous = json.loads(entry.previous) if entry.previous is not None else None
            self._set(tables[entry.table], tuple(json.loads(entry.key)), previous)
        self._tx.execute(delete(journal).where(newer))
        self.flush()

    def _set(self, table: Table, key: Key, image: Image | None) -> None:
        if self._block is not None and (table.name, key) not in self._touched:
            self._remember(self._block, table, key)
        self._images.setdefault(table, {})[key] = image
        self._changed.setdefault(table, {})[key] = None

    def _remember(self, block: int, table: Table, key: Key) -> None:
        previous = self._image(table, key)
        entry = {
            "block": block,
            "sequence": len(self._touched),
            "table": table.name,
            "key": json.dumps(key),
            "previous": None if previous is None else json.dumps(previous),
        }
        self._journal.append(entry)
        self._touched.add((table.name, key))

    def _image(self, table: Table, key: Key) -> Image | None:
        images = self._images.setdefault(table, {})
        if key not in images:
            row = self._tx.execute(_lookup(table), _parameters(key)).one_or_none()
            images[key] = dict(row._mapping) if row else None
        return images[key]

    def _upsert(self, table: Table, images: list[Image]) -> None:
        if images:
            self._tx.execute(_replacement(table, self._tx.dialect.name), images)

    def _delete(self, table: Table, keys: list[Key]) -> None:
        if keys:
            self._tx.execute(_deletion(table), [_parameters(key) for key in keys])


def _parameters(key: Key) -> dict[str, Any]:
    return {f"key_{place}": value for place, value in enumerate(key)}


def _has_key(table: Table) -> list[ColumnElement[bool]]:
    return [column == bindparam(f"key_{place}") for place, column in enumerate(table.primary_key)]


@cache
def _lookup(table: Table) -> Select[Any]:
    """Built once: composing the statement costs more than running it."""
    return select(table).where(*_has_key(table))


@cache
def _deletion(table: Table) -> Delete:
    return delete(table).where(*_has_key(table))


@cache
def _replacement(table: Table, dialect: str) -> Any:
    insert = store.insert(dialect, table)
    others = {column.name: insert.excluded[column.name] for column in table.columns if not column.primary_key}
    if not others:
        return insert.on_conflict_do_nothing()
    return insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=others)
