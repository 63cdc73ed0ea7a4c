"""The outbox: transactions that the backend wants on chain, each exactly once. The submitter works it off."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from backend import store
from backend.chain.abi import checksum
from backend.errors import HeqiError
from backend.store.tables import intents


class IntentConflict(HeqiError):
    notice_en = "The key {key} already stands for another transaction."
    notice_zh = "编号 {key} 已对应另一笔交易。"
    status = 409


class IntentUnknown(HeqiError):
    notice_en = "There is no transaction with the key {key}."
    notice_zh = "不存在编号为 {key} 的交易。"
    status = 404


class State(StrEnum):
    """Life of an intent. From `signed` on it holds a nonce; a reorganisation turns `included` into `broadcast`."""

    QUEUED = "queued"
    SIGNED = "signed"
    BROADCAST = "broadcast"
    INCLUDED = "included"
    FINAL = "final"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (State.QUEUED, State.SIGNED, State.BROADCAST, State.INCLUDED)


@dataclass(frozen=True)
class Intent:
    """A transaction as wanted. `reason` tells why it failed: `{code, values, notice_en, notice_zh}`."""

    id: int
    key: str
    sender: str
    target: str
    data: bytes
    value: int
    state: State
    cancel_requested: bool
    transaction_hash: str | None
    block: int | None
    block_hash: str | None
    reason: dict[str, Any] | None


def enqueue(connection: Connection, *, key: str, sender: str, target: str, data: bytes, value: int = 0) -> Intent:
    """Put a transaction into the outbox, in the caller's database transaction.

    `key` makes it idempotent: the same key with the same content is the same intent. Raises IntentConflict when the
    content differs.
    """
    wanted = {"sender": checksum(sender), "target": checksum(target), "data": data, "value": value}
    new = {"key": key, "state": State.QUEUED, "cancel_requested": 0, **wanted}
    queued = store.insert(connection.dialect.name, intents).values(new)
    connection.execute(queued.on_conflict_do_nothing(index_elements=["key"]))
    intent = find(connection, key)
    if any(getattr(intent, name) != content for name, content in wanted.items()):
        raise IntentConflict(key=key)
    return intent


def cancel(connection: Connection, key: str) -> None:
    """Ask for an intent not to happen. It may be too late: the chain decides, the intent's state tells."""
    find(connection, key)
    connection.execute(update(intents).where(intents.c.key == key).values(cancel_requested=1))


def find(connection: Connection, key: str) -> Intent:
    """Raises IntentUnknown."""
    row = connection.execute(select(intents).where(intents.c.key == key)).one_or_none()
    if row is None:
        raise IntentUnknown(key=key)
    return read(row)


def counts(connection: Connection) -> dict[State, int]:
    """How many intents are in each state."""
    found = dict.fromkeys(State, 0)
    for state, count in connection.execute(select(intents.c.state, func.count()).group_by(intents.c.state)):
        found[State(state)] = count
    return found


def known(connection: Connection, keys: Iterable[str]) -> set[str]:
    """Those of the keys that stand for a transaction already."""
    rows = connection.execute(select(intents.c.key).where(intents.c.key.in_(list(keys))))
    return {row.key for row in rows}


def read(row: Row[Any]) -> Intent:
    """An intent from its database row."""
    return Intent(
        id=row.id,
        key=row.key,
        sender=row.sender,
        target=row.target,
        data=bytes(row.data),
        value=row.value,
        state=State(row.state),
        cancel_requested=bool(row.cancel_requested),
        transaction_hash=row.transaction_hash,
        block=row.block,
        block_hash=row.block_hash,
        reason=row.reason,
    )
