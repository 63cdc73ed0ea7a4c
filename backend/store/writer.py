"""One writer per name: a lock that dies with its process, and a fence that stops a writer who lost it unawares."""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, select, text, update

from backend.errors import HeqiError
from backend.store.engine import insert, writing
from backend.store.tables import writers

PATIENCE_S = 5.0
RETRY_S = 0.1


class WriterBusy(HeqiError):
    notice_en = "Another process already works as {name}."
    notice_zh = "另一进程已在执行 {name}。"
    status = 409


class WriterReplaced(HeqiError):
    notice_en = "Another process has taken over {name}; this one (turn {fence}) must stop."
    notice_zh = "{name} 已由另一进程接管，本进程（第 {fence} 任）必须停止。"
    status = 409


@dataclass(frozen=True)
class Fence:
    """A writer's turn. Every writing transaction calls `check` first."""

    name: str
    number: int

    def check(self, connection: Connection) -> None:
        """Hold the writer's row until the transaction ends. Raises WriterReplaced when a later turn has begun."""
        query = select(writers.c.fence).where(writers.c.name == self.name).with_for_update()
        if connection.execute(query).scalar_one() != self.number:
            raise WriterReplaced(name=self.name, fence=self.number)


@contextmanager
def sole_writer(engine: Engine, name: str) -> Iterator[Fence]:
    """Be the only writer called `name` on this database. Raises WriterBusy after a few seconds of waiting."""
    lock = _file_lock if engine.dialect.name == "sqlite" else _advisory_lock
    with lock(engine, name):
        yield Fence(name, _next_turn(engine, name))


def _next_turn(engine: Engine, name: str) -> int:
    with writing(engine) as connection:
        connection.execute(insert(engine.dialect.name, writers).values(name=name, fence=0).on_conflict_do_nothing())
        turn = update(writers).where(writers.c.name == name).values(fence=writers.c.fence + 1)
        number: int = connection.execute(turn.returning(writers.c.fence)).scalar_one()
        return number


@contextmanager
def _file_lock(engine: Engine, name: str) -> Iterator[None]:
    path = Path(f"{engine.url.database}.{name}.lock")
    with path.open("w") as file:
        _patiently(name, lambda: _try_flock(file))
        yield


def _try_flock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _advisory_lock(engine: Engine, name: str) -> Iterator[None]:
    """A session lock: PostgreSQL frees it when the connection of a dead process closes."""
    query = text("SELECT pg_try_advisory_lock(hashtextextended(current_schema() || '.' || :name, 0))")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        _patiently(name, lambda: bool(connection.execute(query, {"name": name}).scalar_one()))
        try:
            yield
        finally:
            connection.invalidate()  # ends the session and its lock; a pooled one would keep it


def _patiently(name: str, attempt: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not attempt():
        if time.monotonic() > deadline:
            raise WriterBusy(name=name)
        time.sleep(RETRY_S)
