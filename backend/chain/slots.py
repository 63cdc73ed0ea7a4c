"""Nonces of one sender in the database: each with its intent and everything ever signed for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, func, select, update

from backend.chain import outbox
from backend.chain.fees import Fees
from backend.chain.outbox import UNFINISHED, Intent, State
from backend.store import Fence, reading, writing
from backend.store.tables import intents, slots, variants

NOWHERE = {"transaction_hash": None, "block": None, "block_hash": None}


class SlotState(StrEnum):
    """`foreign`: the nonce was used by a transaction that this outbox did not sign."""

    OPEN = "open"
    INCLUDED = "included"
    SETTLED = "settled"
    FOREIGN = "foreign"


UNSETTLED = (SlotState.OPEN, SlotState.INCLUDED)


@dataclass(frozen=True)
class Variant:
    """Signed bytes for a nonce."""

    hash: str
    raw: bytes
    fees: Fees
    gas: int
    noop: bool
    signed_at_block: int


@dataclass(frozen=True)
class Slot:
    """A nonce. `intent` is None for a filled gap; `variants` are never empty, the oldest comes first."""

    nonce: int
    state: SlotState
    intent: Intent | None
    variants: tuple[Variant, ...]

    @property
    def newest(self) -> Variant:
        return self.variants[-1]


class SlotTable:
    """The sender's rows. Only `write` changes them, and only while this process is the sender's one writer."""

    def __init__(self, engine: Engine, sender: str, fence: Fence) -> None:
        self._engine = engine
        self._sender = sender
        self._fence = fence

    def unsettled(self) -> list[Slot]:
        return self._load(slots.c.state.in_(UNSETTLED))

    def uncounted(self, count: int) -> list[Slot]:
        """Nonces from `count` on. Settled ones belong to it: should the chain forget one, its bytes bring it back."""
        return self._load(slots.c.nonce >= count, slots.c.state != SlotState.FOREIGN)

    def numbers_from(self, count: int) -> set[int]:
        query = select(slots.c.nonce).where(slots.c.sender == self._sender, slots.c.nonce >= count)
        with reading(self._engine) as tx:
            return set(tx.scalars(query))

    def queued(self, in_flight: int) -> list[Intent]:
        """Intents without a nonce, oldest first, as many as may be in flight beside the open nonces."""
        opened = select(func.count()).where(slots.c.sender == self._sender, slots.c.state == SlotState.OPEN)
        waiting = select(intents).where(intents.c.sender == self._sender, intents.c.state == State.QUEUED)
        with reading(self._engine) as tx:
            room = max(0, in_flight - tx.execute(opened.select_from(slots)).scalar_one())
            return [outbox.read(row) for row in tx.execute(waiting.order_by(intents.c.id).limit(room))]

    @contextmanager
    def write(self) -> Iterator["SlotChanges"]:
        """One database transaction. Raises WriterReplaced when another process signs for the sender now."""
        with writing(self._engine) as tx:
            self._fence.check(tx)
            yield SlotChanges(tx, self._sender)

    def _load(self, *conditions: ColumnElement[bool]) -> list[Slot]:
        query = (
            select(slots.c.state, slots.c.intent_id, variants)
            .join(variants, (variants.c.sender == slots.c.sender) & (variants.c.nonce == slots.c.nonce))
            .where(slots.c.sender == self._sender, *conditions)
            .order_by(slots.c.nonce, variants.c.id)
        )
        with reading(self._engine) as tx:
            rows = tx.execute(query).all()
            wanted = {row.intent_id for row in rows if row.intent_id is not None}
            found = tx.execute(select(intents).where(intents.c.id.in_(wanted)))
            by_id = {row.id: outbox.read(row) for row in found}
        groups = [list(group) for _, group in groupby(rows, key=lambda row: row.nonce)]
        return [
            Slot(group[0].nonce, SlotState(group[0].state), by_id.get(group[0].intent_id), tuple(map(_variant, group)))
            for group in groups
        ]


class SlotChanges:
    """Changes inside one database transaction."""

    def __init__(self, tx: Connection, sender: str) -> None:
        self._tx = tx
        self._sender = sender

    def next_nonce(self, count: int) -> int:
        """The first nonce that neither the chain (`count`) nor this table has given away."""
        last = self._tx.scalar(select(func.max(slots.c.nonce)).where(slots.c.sender == self._sender))
        return count if last is None else max(count, last + 1)

    def open(self, nonce: int, intent: Intent | None, variant: Variant) -> None:
        owner = intent.id if intent else None
        row = {"sender": self._sender, "nonce": nonce, "intent_id": owner, "state": SlotState.OPEN}
        self._tx.execute(slots.insert().values(row))
        self.add(nonce, variant)

    def add(self, nonce: int, variant: Variant) -> None:
        self._tx.execute(
            variants.insert().values(
                hash=variant.hash,
                sender=self._sender,
                nonce=nonce,
                raw=variant.raw,
                max_fee=variant.fees.maximum,
                priority_fee=variant.fees.priority,
                gas=variant.gas,
                noop=int(variant.noop),
                signed_at_block=variant.signed_at_block,
            )
        )

    def set_slot(self, slot: Slot, state: SlotState, foreign_hash: str | None = None) -> None:
        key = (slots.c.sender == self._sender) & (slots.c.nonce == slot.nonce)
        self._tx.execute(update(slots).where(key).values(state=state, foreign_hash=foreign_hash))

    def set_intent(self, intent: Intent | None, **values: Any) -> None:
        """Nothing happens for a nonce without an intent."""
        if intent:
            self._tx.execute(update(intents).where(intents.c.id == intent.id).values(values))

    def has_unfinished_before(self, intent: Intent) -> bool:
        earlier = select(intents.c.id).where(
            intents.c.sender == self._sender, intents.c.id < intent.id, intents.c.state.in_(UNFINISHED)
        )
        return self._tx.execute(earlier.limit(1)).first() is not None


def _variant(row: Any) -> Variant:
    fees = Fees(row.max_fee, row.priority_fee)
    return Variant(row.hash, bytes(row.raw), fees, row.gas, bool(row.noop), row.signed_at_block)
