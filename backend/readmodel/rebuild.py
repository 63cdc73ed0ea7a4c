"""Rebuild the read model from the chain, or prove that a rebuild would bring exactly the same rows."""

import hashlib
import json
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Table, inspect, select

from backend import store
from backend.chain.contracts import Suite
from backend.chain.rpc import Rpc
from backend.errors import HeqiError
from backend.readmodel.indexer import Indexer, Position, position, progress
from backend.readmodel.projection import Projection
from backend.store import feed

ATTEMPTS = 20


class ReadModelMissing(HeqiError):
    notice_en = "There is no read model yet: start the indexer first."
    notice_zh = "读模型尚未建立：请先启动索引进程。"
    status = 503


class ReadModelMoves(HeqiError):
    notice_en = "The read model moved on during every comparison."
    notice_zh = "比较期间读模型持续变化。"
    status = 503


@dataclass(frozen=True)
class Comparison:
    """One table: number of rows and digest of all of them, as it is and as a rebuild makes it."""

    table: str
    rows: int
    digest: str
    rebuilt_rows: int
    rebuilt_digest: str

    @property
    def equal(self) -> bool:
        return (self.rows, self.digest) == (self.rebuilt_rows, self.rebuilt_digest)


def rebuild(engine: Engine, rpc: Rpc, suite: Suite, projection: Projection, finality_depth: int) -> Position:
    """Drop the read model and make it anew. Raises WriterBusy while an indexer runs."""
    with store.sole_writer(engine, "indexer") as fence:
        indexer = Indexer(engine, rpc, suite, projection, fence, finality_depth=finality_depth, publish=False)
        indexer.reset()
        indexer.catch_up()
        with store.writing(engine) as tx:
            at = position(tx)
            assert at is not None
            payload = {"to": str(at.number)}
            feed.append(tx, [{"topic": "chain", "key": "", "kind": "Rebuilt", "payload": payload, "block": at.number}])
    return at


def verify(
    engine: Engine, rpc: Rpc, suite: Suite, projection: Projection, finality_depth: int
) -> tuple[Position, list[Comparison]]:
    """Build a second read model from the first block and compare every row. An indexer may go on meanwhile.

    Raises ReadModelMissing, ReadModelMoves.
    """
    with store.scratch(engine) as copy, store.sole_writer(copy, "indexer") as fence:
        indexer = Indexer(copy, rpc, suite, projection, fence, finality_depth=finality_depth, publish=False)
        for _ in range(ATTEMPTS):
            with store.reading(engine) as tx:
                target = position(tx) if inspect(tx).has_table(progress.name) else None
            if target is None:
                raise ReadModelMissing()
            while indexer.step(until=target.number):
                pass
            with store.reading(engine) as tx, store.reading(copy) as copy_tx:
                at = position(tx)
                if at is not None and at == position(copy_tx):
                    return at, _compare(tx, copy_tx, projection)
    raise ReadModelMoves


def _compare(tx: Connection, copy: Connection, projection: Projection) -> list[Comparison]:
    return [
        Comparison(table.name, *_digest(tx, table), *_digest(copy, table))
        for table in projection.metadata.sorted_tables
    ]


def _digest(tx: Connection, table: Table) -> tuple[int, str]:
    digest, count = hashlib.sha256(), 0
    for row in tx.execute(select(table).order_by(*table.primary_key)):
        digest.update(json.dumps(list(row), ensure_ascii=False, default=str).encode() + b"\n")
        count += 1
    return count, digest.hexdigest()
