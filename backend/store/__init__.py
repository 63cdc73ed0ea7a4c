"""SQL storage: SQLite embedded, PostgreSQL in production, the same code for both."""

from backend.store.engine import bind_to_chain, connect, insert, migrate, reading, scratch, writing
from backend.store.writer import Fence, sole_writer

__all__ = ["Fence", "bind_to_chain", "connect", "insert", "migrate", "reading", "scratch", "sole_writer", "writing"]
