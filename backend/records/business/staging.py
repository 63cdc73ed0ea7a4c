"""Rows of one file between reading and keeping: on disk, each kind and id once."""

import sqlite3
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from backend.scoring.merchants.records import BusinessRecord, Kind

TABLE = """CREATE TABLE rows (line INTEGER PRIMARY KEY, kind TEXT, id TEXT, occurred_at INTEGER, received_at INTEGER,
           value INTEGER, count INTEGER, buyer TEXT, UNIQUE (kind, id))"""


class Staging:
    """A database of its own that SQLite keeps in a nameless file once it outgrows its cache."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.execute("PRAGMA journal_mode = OFF")
        self._rows.execute(TABLE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._rows.close()

    def add(self, line: int, record: BusinessRecord) -> int | None:
        """None, or the line in which the same kind and id stands already."""
        facts = (record.occurred_at, record.received_at, record.value, record.count, record.buyer)
        added = self._rows.execute(
            "INSERT OR IGNORE INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (line, record.kind.value, record.id, *facts)
        )
        return None if added.rowcount else self.line_of(record.kind, record.id)

    def line_of(self, kind: Kind, id_: str) -> int:
        found = self._rows.execute("SELECT line FROM rows WHERE kind = ? AND id = ?", (kind.value, id_)).fetchone()
        return int(found[0])

    def records(self) -> Iterator[BusinessRecord]:
        """In the order of the file."""
        for kind, *rest in self._rows.execute(
            "SELECT kind, id, occurred_at, received_at, value, count, buyer FROM rows ORDER BY line"
        ):
            id_, *facts = rest
            yield BusinessRecord(id_, Kind(kind), *facts)
