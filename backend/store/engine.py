"""Engines and transactions."""

import secrets
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from backend.errors import HeqiError
from backend.store.tables import chain_identity

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_MS = 30_000


class DatabaseUrlInvalid(HeqiError):
    notice_en = "The database address is not usable: {rule}."
    notice_zh = "数据库地址无效：{rule}。"
    status = 500


class DatabaseOfAnotherChain(HeqiError):
    notice_en = "The database belongs to chain {recorded_chain} with genesis {recorded}; the node has {found}."
    notice_zh = "数据库属于创世块为 {recorded} 的链 {recorded_chain}，而节点的创世块为 {found}。"
    status = 500


def connect(database_url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql+psycopg://…`. Raises DatabaseUrlInvalid (without the address)."""
    try:
        url = make_url(database_url)
    except ArgumentError:
        raise DatabaseUrlInvalid(rule="it must look like sqlite:///path or postgresql+psycopg://…") from None
    if url.get_backend_name() == "sqlite":
        return _connect_sqlite(url)
    if url.get_backend_name() == "postgresql":
        return create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=10)
    raise DatabaseUrlInvalid(rule=f"{url.get_backend_name()} is neither sqlite nor postgresql")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: commits at the end, rolls back on an exception."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A consistent snapshot to read from; it never blocks a writer and is never blocked by one."""
    options: dict[str, Any] = {"snapshot": True}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with engine.connect().execution_options(**options) as connection:
        yield connection


def insert(dialect: str, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT; `dialect` is the `dialect.name` of an engine or connection."""
    return (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)


def migrate(engine: Engine, version: str = "head") -> None:
    """Bring the backend's own tables to the newest version, or up to another; does nothing when they are there."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            # Two processes started together must not migrate at the same time.
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('heqi-migrate'))"))
        config.attributes["connection"] = connection
        command.upgrade(config, version)


def bind_to_chain(engine: Engine, chain_id: int, genesis_hash: str) -> None:
    """Remember which chain this database is about. Raises DatabaseOfAnotherChain when it is another one."""
    with writing(engine) as connection:
        known = connection.execute(select(chain_identity)).one_or_none()
        if known is None:
            connection.execute(chain_identity.insert().values(chain_id=chain_id, genesis_hash=genesis_hash))
        elif (known.chain_id, known.genesis_hash) != (chain_id, genesis_hash):
            raise DatabaseOfAnotherChain(
                recorded_chain=known.chain_id, recorded=known.genesis_hash, found=f"{chain_id} {genesis_hash}"
            )


@contextmanager
def scratch(engine: Engine) -> Iterator[Engine]:
    """An empty, migrated database of the same kind, removed at the end."""
    if engine.dialect.name == "sqlite":
        with tempfile.TemporaryDirectory(prefix="heqi-") as folder:
            yield from _migrated(connect(f"sqlite:///{folder}/scratch.db"))
        return
    schema = f"heqi_scratch_{secrets.token_hex(4)}"
    with writing(engine) as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    try:
        url = engine.url.update_query_dict({"options": f"-csearch_path={schema}"})
        yield from _migrated(connect(url.render_as_string(hide_password=False)))
    finally:
        with writing(engine) as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))


def _migrated(engine: Engine) -> Iterator[Engine]:
    try:
        migrate(engine)
        yield engine
    finally:
        engine.dispose()


def _connect_sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise DatabaseUrlInvalid(rule="SQLite needs a file: several processes share it")
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url.set(drivername="sqlite+pysqlite"))

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN would be a deferred one
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        # A saved nonce must survive a power failure, or its transaction could be signed a second time.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that turns into a writing one fails when another writer was faster.
        snapshot = connection.get_execution_options().get("snapshot", False)
        connection.exec_driver_sql("BEGIN" if snapshot else "BEGIN IMMEDIATE")

    return engine
