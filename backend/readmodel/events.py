"""Every event of the suite as the chain has it, and whom it names: what an explorer and an auditor read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    Select,
    String,
    Table,
    distinct,
    func,
    select,
    tuple_,
)

from backend.chain import abi
from backend.chain.contracts import Event
from backend.chain.reports import decode_record
from backend.readmodel.projection import READMODEL, witness
from backend.readmodel.rows import Rows, when

PARTY_ARGUMENTS = {"party", "debtor", "creditor", "seller", "lessee"}
# Events whose `from` and `to` are parties, not wallets.
BETWEEN_PARTIES = {"ReceivablePassedOn"}
ADDRESS_CHARS, HASH_CHARS = 42, 66

events = Table(
    "events",
    READMODEL,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("contract", String(40), nullable=False),
    Column("event", String(40), nullable=False),
    Column("arguments", JSON, nullable=False),
    *when(),
    Index("ix_events_transaction", "transaction_hash"),
    Index("ix_events_contract", "contract", "block", "log_index"),
    Index("ix_events_kind", "contract", "event", "block", "log_index"),
)

# `subject`: an address, `party:<number>`, or a hash that is an argument of its own.
mentions = Table(
    "event_mentions",
    READMODEL,
    Column("subject", String(66), primary_key=True),
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
)


@witness
def record(rows: Rows, event: Event) -> None:
    """Write the event down, and whom it names."""
    place = {"block": event.block, "log_index": event.log_index}
    rows.put(
        events,
        **place,
        contract=event.contract,
        event=event.name,
        arguments=abi.to_json(event.arguments),
        at=event.timestamp,
        transaction_hash=event.transaction,
    )
    for subject in sorted(set(_named(event))):
        rows.put(mentions, subject=subject, **place)


# Queries


def listed(
    tx: Connection,
    *,
    contract: str | None = None,
    kinds: Sequence[tuple[str, str]] = (),
    subjects: Sequence[str] = (),
    argument: tuple[str, str | None] = ("", None),
    since: int | None = None,
    until: int | None = None,
    before: tuple[int, int] | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """Events, newest first. `kinds`: contract and event; `subjects`: any of them; `argument`: a name and its value,
    unless that is None; `since` and `until`: seconds, the
    latter exclusive; `before`: block and place of the last one seen."""
    query = select(events)
    if contract is not None:
        query = query.where(events.c.contract == contract)
    if kinds:
        query = query.where(tuple_(events.c.contract, events.c.event).in_(kinds))
    if subjects:
        query = query.where(tuple_(events.c.block, events.c.log_index).in_(_naming(subjects)))
    name, value = argument
    if value is not None:
        query = query.where(events.c.arguments[name].as_string() == value)
    if since is not None:
        query = query.where(events.c.at >= since)
    if until is not None:
        query = query.where(events.c.at < until)
    if before is not None:
        query = query.where(tuple_(events.c.block, events.c.log_index) < tuple_(*before))
    query = query.order_by(events.c.block.desc(), events.c.log_index.desc()).limit(limit)
    return [dict(row._mapping) for row in tx.execute(query)]


def of_transactions(tx: Connection, hashes: Sequence[str]) -> list[dict[str, Any]]:
    """What the suite said in these transactions, in the order of the chain."""
    query = select(events).where(events.c.transaction_hash.in_(hashes)).order_by(events.c.block, events.c.log_index)
    return [dict(row._mapping) for row in tx.execute(query)]


def number_of_transactions(tx: Connection, *, contract: str | None = None, subjects: Sequence[str] = ()) -> int:
    """In how many transactions the contract said something, or any of the subjects is named."""
    query = select(func.count(distinct(events.c.transaction_hash)))
    if contract is not None:
        query = query.where(events.c.contract == contract)
    if subjects:
        query = query.where(tuple_(events.c.block, events.c.log_index).in_(_naming(subjects)))
    return int(tx.execute(query).scalar_one())


def party(number: int) -> str:
    """The subject that stands for a party."""
    return f"party:{number}"


# Inside


def _naming(subjects: Sequence[str]) -> Select[Any]:
    return select(mentions.c.block, mentions.c.log_index).where(mentions.c.subject.in_(subjects))


def _named(event: Event) -> Iterator[str]:
    if event.name == "ScoresReported":
        yield from (party(decode_record(bytes.fromhex(packed[2:])).party) for packed in event["records"])
    parties = PARTY_ARGUMENTS | ({"from", "to"} if event.name in BETWEEN_PARTIES else set())
    for name, value in fields(event.arguments):
        if name in parties and isinstance(value, int):
            yield party(value)
        elif (
            isinstance(value, str)
            and value.startswith("0x")
            and len(value) in {ADDRESS_CHARS, HASH_CHARS}
            and int(value, 16)
        ):
            yield value


def fields(arguments: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every single value with its name, inside structs too, and addresses inside lists; words of lists are no names."""
    for name, value in arguments.items():
        if isinstance(value, dict):
            yield from fields(value)
        elif isinstance(value, list):
            yield from ((name, item) for item in value if isinstance(item, str) and len(item) == ADDRESS_CHARS)
        else:
            yield name, value
