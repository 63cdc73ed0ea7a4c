"""Follows the chain into the read model.

Old blocks come in ranges, verified at their ends and at every block with events; blocks within the finality depth come
one by one, linked by their parents' hashes, with logs by block hash. Rows, feed and position change in one database
transaction. A reorganisation is walked back to the last common block and undone; one that is deeper than the finality
depth halts the indexer with an error: it never guesses.
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import structlog
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    String,
    Table,
    delete,
    inspect,
    select,
    text,
)

from backend import loop, store
from backend.chain import abi, start
from backend.chain.contracts import Event, Suite, UnknownMember
from backend.chain.rpc import Header, HeadUnsettled, Rpc, RpcRefused
from backend.config import Settings
from backend.crashpoints import crash_point
from backend.errors import HeqiError
from backend.readmodel.projection import Handler, Projection, Subscription
from backend.readmodel.rows import PROGRESS, Rows, journal
from backend.store import Fence, feed, writing

LARGEST_RANGE = 2_000

progress = Table(
    "readmodel_progress",
    PROGRESS,
    Column("id", Integer, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("hash", String(66), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("tables", JSON, nullable=False),
)

blocks = Table(
    "readmodel_blocks",
    PROGRESS,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", String(66), nullable=False),
    Column("parent", String(66), nullable=False),
)

log = structlog.get_logger(__name__)


class ReorgBeyondFinality(HeqiError):
    notice_en = (
        "The chain has replaced block {block} ({known} by {found}), deeper than {depth} blocks. "
        "Check the node, then rebuild the read model."
    )
    notice_zh = (
        "链上区块 {block}（{known}）已被 {found} 替换，超过 {depth} 个区块的最终性深度。请检查节点后重建读模型。"
    )
    status = 503


class HandlerFailed(HeqiError):
    notice_en = "{contract}.{event} in transaction {transaction} could not be projected: {reason}."
    notice_zh = "交易 {transaction} 中的 {contract}.{event} 无法写入读模型：{reason}。"
    status = 500


@dataclass(frozen=True)
class Position:
    """The last block whose events are in the read model."""

    number: int
    hash: str


@dataclass(frozen=True)
class _Source:
    """How to read the logs of one event."""

    contract: str
    name: str
    decode: Any
    subscription: Subscription


def position(tx: Connection) -> Position | None:
    """None before the first start."""
    row = tx.execute(select(progress.c.number, progress.c.hash)).one_or_none()
    return Position(row.number, row.hash) if row else None


def run(settings: Settings, suite: Suite, projection: Projection, stop: threading.Event) -> None:
    """Index until `stop` is set. Raises what makes a start impossible, ReorgBeyondFinality, HandlerFailed."""
    rpc, engine = start.connect(settings, suite)
    with store.sole_writer(engine, "indexer") as fence:
        indexer = Indexer(engine, rpc, suite, projection, fence, finality_depth=settings.finality_depth)
        loop.run("indexer", indexer.catch_up, settings.poll_interval, stop)


class Indexer:
    """`step` moves the read model by some blocks. `publish=False` writes no feed: a rebuild is no news."""

    def __init__(
        self,
        engine: Engine,
        rpc: Rpc,
        suite: Suite,
        projection: Projection,
        fence: Fence,
        *,
        finality_depth: int,
        publish: bool = True,
    ) -> None:
        self._engine = engine
        self._rpc = rpc
        self._suite = suite
        self._projection = projection
        self._fence = fence
        self._depth = finality_depth
        self._publish = publish
        self._range = LARGEST_RANGE
        self._fingerprint = projection.fingerprint(suite)
        self._ready = False
        self._sources = _sources(suite, projection)
        addresses = sorted({address for address, _ in self._sources})
        self._filter = {"address": addresses, "topics": [sorted({topic for _, topic in self._sources})]}

    def catch_up(self) -> None:
        """Steps until the read model stands at the node's head."""
        while self.step():
            pass

    def step(self, until: int | None = None) -> bool:
        """True when it made progress. Raises HeadUnsettled, RpcRefused, RpcUnavailable: try again.

        `until`: a block number at which to stop.
        """
        at = self._begin()
        head = self._rpc.head()
        target = head.number if until is None else min(head.number, until)
        if head.hash == at.hash or (until is not None and at.number >= until):
            return False
        if head.number <= at.number:
            return self._walk_back(at, head.number)
        if head.number - at.number > self._depth:
            return self._take_range(at, min(head.number - self._depth, target))
        return self._take_blocks(at, target)

    # Forward

    def _take_range(self, at: Position, last: int) -> bool:
        """Blocks that are final: logs by numbers, verified against the headers of their blocks."""
        last = min(last, at.number + self._range)
        bounds = {"fromBlock": hex(at.number + 1), "toBlock": hex(last)}
        logs, end = self._logs_and_block([{**self._filter, **bounds}], last)
        if isinstance(logs[0], RpcRefused):
            if self._range == 1:
                raise logs[0]
            self._range //= 2  # the node limits ranges or answers
            return True
        self._range = min(2 * self._range, LARGEST_RANGE)
        numbers = {int(log_["blockNumber"], 16) for log_ in logs[0]} | {at.number, last}
        headers = self._rpc.headers(sorted(numbers))
        if headers[at.number].hash != at.hash:
            return self._walk_back(at, at.number)
        if headers[last].hash != end:
            raise HeadUnsettled(block=last)
        for log_ in logs[0]:
            if log_["blockHash"] != headers[int(log_["blockNumber"], 16)].hash:
                raise HeadUnsettled(block=int(log_["blockNumber"], 16))
        self._apply(logs[0], headers, [headers[last]], journaled=False)
        return True

    def _logs_and_block(self, filters: Sequence[dict[str, Any]], last: int) -> tuple[list[Any], str]:
        """Answers to log queries, and the hash of the last block from the same endpoint.

        A node that is still syncing answers with the logs it has and says nothing of those it lacks.
        """
        requests = [("eth_getLogs", (wanted,)) for wanted in filters]
        *answers, block = self._rpc.batch([*requests, ("eth_getBlockByNumber", (hex(last), False))])
        if not isinstance(block, dict):
            raise HeadUnsettled(block=last)
        return answers, block["hash"]

    def _take_blocks(self, at: Position, last: int) -> bool:
        """Blocks that may still be replaced: each linked to its parent, logs by block hash."""
        chain = list(self._rpc.headers(range(at.number + 1, last + 1)).values())
        if chain[0].parent != at.hash:
            return self._walk_back(at, at.number)
        for parent, child in pairwise(chain):
            if child.parent != parent.hash:
                raise HeadUnsettled(block=child.number)
        answers, end = self._logs_and_block([{**self._filter, "blockHash": block.hash} for block in chain], last)
        for block, answer in zip(chain, answers, strict=True):
            if not isinstance(answer, list) or end != chain[-1].hash:
                raise HeadUnsettled(block=block.number)
        crash_point("blocks_fetched")
        logs = [log_ for answer in answers for log_ in answer]
        self._apply(logs, {block.number: block for block in chain}, chain, journaled=True)
        return True

    def _apply(
        self, logs: Sequence[dict[str, Any]], headers: dict[int, Header], passed: Sequence[Header], journaled: bool
    ) -> None:
        with writing(self._engine) as tx:
            self._fence.check(tx)
            rows = Rows(tx)
            news = list(self._project(rows, logs, headers, journaled))
            rows.flush()
            crash_point("rows_written")
            if self._publish:
                feed.append(tx, news)
            self._move(tx, passed)
            crash_point("position_moved")
        crash_point("blocks_committed")

    def _project(
        self, rows: Rows, logs: Iterable[dict[str, Any]], headers: dict[int, Header], journaled: bool
    ) -> Iterable[dict[str, Any]]:
        """Calls the handlers; yields one feed row per event."""
        block = None
        for log_ in sorted(logs, key=lambda log_: (int(log_["blockNumber"], 16), int(log_["logIndex"], 16))):
            source = self._sources.get((log_["address"].lower(), log_["topics"][0]))
            if source is None:
                continue  # the filter matches every address with every topic
            header = headers[int(log_["blockNumber"], 16)]
            if header.number != block:
                block = header.number
                rows.begin_block(block if journaled else None)
            event = _event(source, log_, header)
            _handle((*source.subscription.handlers, *self._projection.witnesses), rows, event)
            yield _news(event, source.subscription.key)

    def _move(self, tx: Connection, passed: Sequence[Header]) -> None:
        new = [{"number": block.number, "hash": block.hash, "parent": block.parent} for block in passed]
        tx.execute(blocks.insert(), new)
        last = passed[-1]
        tx.execute(progress.update().values(number=last.number, hash=last.hash))
        tx.execute(delete(blocks).where(blocks.c.number < last.number - self._depth))
        tx.execute(delete(journal).where(journal.c.block <= last.number - self._depth))

    # Backward

    def _walk_back(self, at: Position, highest: int) -> bool:
        """Undo down to the newest known block that the node still has. A node that merely lags changes nothing."""
        ancestor = self._ancestor(highest)
        if ancestor.number == highest:
            return False
        log.warning("reorganisation", blocks=at.number - ancestor.number, ancestor=ancestor.number)
        with writing(self._engine) as tx:
            self._fence.check(tx)
            Rows(tx).undo(self._projection.metadata.tables, ancestor.number)
            tx.execute(delete(blocks).where(blocks.c.number > ancestor.number))
            tx.execute(progress.update().values(number=ancestor.number, hash=ancestor.hash))
            if self._publish:
                payload = {"from": str(ancestor.number + 1), "to": str(at.number)}
                news = {"topic": "chain", "key": "", "kind": "Reorganised", "payload": payload, "block": at.number}
                feed.append(tx, [news])
            crash_point("undo_written")
        crash_point("undo_committed")
        return True

    def _ancestor(self, highest: int) -> Position:
        with store.reading(self._engine) as tx:
            query = select(blocks).where(blocks.c.number <= highest).order_by(blocks.c.number.desc())
            known = tx.execute(query).all()
        found = ""
        for block in known:
            found = self._rpc.header(block.number).hash
            if found == block.hash:
                return Position(block.number, block.hash)
        oldest = known[-1] if known else None
        raise ReorgBeyondFinality(
            block=oldest.number if oldest else highest, known=oldest and oldest.hash, found=found, depth=self._depth
        )

    # Start

    def _begin(self) -> Position:
        """Where the read model stands. Tables are made at the first start and again when their definition changed."""
        with store.reading(self._engine) as tx:
            if self._ready or inspect(tx).has_table(progress.name):
                row = tx.execute(select(progress)).one_or_none()
                if row and row.fingerprint == self._fingerprint:
                    self._ready = True
                    return Position(row.number, row.hash)
        return self.reset()

    def reset(self) -> Position:
        """Drop the read model and stand before the first block of the deployment."""
        before = self._rpc.header(max(0, self._suite.start_block - 1))
        with writing(self._engine) as tx:
            self._fence.check(tx)
            _drop(tx)
            PROGRESS.create_all(tx)
            self._projection.metadata.create_all(tx)
            tx.execute(
                progress.insert().values(
                    id=1,
                    number=before.number,
                    hash=before.hash,
                    fingerprint=self._fingerprint,
                    tables=[table.name for table in self._projection.metadata.sorted_tables],
                )
            )
            tx.execute(blocks.insert().values(number=before.number, hash=before.hash, parent=before.parent))
        return Position(before.number, before.hash)


def _sources(suite: Suite, projection: Projection) -> dict[tuple[str, str], _Source]:
    """By (address, topic). Raises UnknownContract, UnknownMember for a handler of something that is not deployed."""
    found = {}
    for (contract, name), subscription in projection.subscriptions.items():
        event = suite.events(contract).get(name)
        if event is None:
            raise UnknownMember(contract=contract, kind="event", name=name, count="any")
        key = (suite.address(contract).lower(), abi.topic_of(event))
        found[key] = _Source(contract, name, abi.event_decoder(event), subscription)
    return found


def _event(source: _Source, log_: dict[str, Any], header: Header) -> Event:
    return Event(
        contract=source.contract,
        name=source.name,
        arguments=source.decode(log_),
        block=header.number,
        block_hash=header.hash,
        timestamp=header.timestamp,
        transaction=log_["transactionHash"],
        log_index=int(log_["logIndex"], 16),
    )


def _handle(handlers: Iterable[Handler], rows: Rows, event: Event) -> None:
    for handler in handlers:
        try:
            handler(rows, event)
        except Exception as error:
            raise HandlerFailed(
                contract=event.contract,
                event=event.name,
                transaction=event.transaction,
                reason=f"{type(error).__name__}: {error}",
            ) from error


def _news(event: Event, key: str | None) -> dict[str, Any]:
    subject = event.arguments[key] if key else next(iter(event.arguments.values()), "")
    if isinstance(subject, dict):  # a change of all conditions is about nobody
        subject = ""
    payload = {
        "arguments": abi.to_json(event.arguments),
        "transaction": event.transaction,
        "logIndex": event.log_index,
        "timestamp": event.timestamp,
    }
    return {
        "topic": event.contract,
        "key": str(subject),
        "kind": event.name,
        "payload": payload,
        "block": event.block,
    }


def _drop(tx: Connection) -> None:
    """By the names that were recorded: the definitions may have changed since."""
    names = []
    if inspect(tx).has_table(progress.name):
        names = [name for tables in tx.scalars(select(progress.c.tables)) for name in tables]
    for name in names:
        tx.execute(text(f'DROP TABLE IF EXISTS "{name}"'))
    PROGRESS.drop_all(tx)
