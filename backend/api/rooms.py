"""Which rooms an event belongs to: `all`, `receivable:<id>`, `party:<number>`, `party:<number>:private`."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from backend.chain.reports import decode_record
from backend.readmodel import receivables
from backend.store.feed import PRIVATE, Item

EVERYTHING = "all"
ROOM = re.compile(r"all|(receivable|party):[1-9][0-9]{0,12}|party:[1-9][0-9]{0,9}:private")
RECEIVABLE_ARGUMENTS = ("id", "receivable", "pool", "tokenId", "root", "firstPart")
PARTY_ARGUMENTS = ("party", "debtor", "creditor", "seller")
OF_RECEIVABLES = {"Receivables", "Factoring"}


def rooms_of(tx: Connection, items: Sequence[Item]) -> list[list[str]]:
    """Rooms of each item. Parties concerned by a receivable hear of everything that happens to it."""
    ids = [_receivables(item) for item in items]
    concerned = receivables.concerned(tx, sorted(set().union(*ids))) if any(ids) else {}
    found = []
    for item, named in zip(items, ids, strict=True):
        if item.topic == PRIVATE:
            found.append([private_room(item.key)])
            continue
        parties = _parties(item).union(*(concerned.get(id_, set()) for id_ in named))
        rooms = [f"receivable:{id_}" for id_ in sorted(named)] + [f"party:{party}" for party in sorted(parties)]
        found.append([EVERYTHING, *rooms])
    return found


def private_room(party: int | str) -> str:
    return f"party:{party}:private"


def owner_of(room: str) -> int | None:
    """The party that alone may be in the room; None for a room that is open to all."""
    return int(room.split(":")[1]) if room.endswith(":private") else None


def reported_parties(item: Item) -> set[int]:
    """Those in a report of scores."""
    return {decode_record(bytes.fromhex(record[2:])).party for record in item.payload["arguments"]["records"]}


def _receivables(item: Item) -> set[int]:
    if item.topic not in OF_RECEIVABLES:
        return set()
    arguments = item.payload.get("arguments", {})
    return {int(arguments[name]) for name in RECEIVABLE_ARGUMENTS if name in arguments}


def _parties(item: Item) -> set[int]:
    arguments: dict[str, Any] = item.payload.get("arguments", {})
    named = {int(arguments[name]) for name in PARTY_ARGUMENTS if name in arguments}
    if item.kind == "ReceivablePassedOn":
        named |= {int(arguments["from"]), int(arguments["to"])}
    if item.kind == "ScoresReported":
        named |= reported_parties(item)
    return named
