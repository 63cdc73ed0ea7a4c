"""Which rooms an event belongs to: `all`, `receivable:<id>`, `machine:<id>`, `lease:<id>`, `party:<number>`,
`party:<number>:private`, `bank:private`."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from backend.chain.reports import decode_record
from backend.readmodel import leases, receivables
from backend.store.feed import BANK, PRIVATE, Item

EVERYTHING = "all"
BANK_ROOM = "bank:private"
ROOM = re.compile(r"all|(receivable|party|machine|lease):[1-9][0-9]{0,12}|party:[1-9][0-9]{0,9}:private|bank:private")
RECEIVABLE_ARGUMENTS = ("id", "receivable", "pool", "tokenId", "root", "firstPart")
PARTY_ARGUMENTS = ("party", "debtor", "creditor", "seller")
OF_RECEIVABLES = {"Receivables", "Factoring"}
OF_LEASES = {"EquipmentLease", "RentLedger", "LeaseFinance"}
LEASE_ARGUMENTS = ("id", "lease")
OF_MACHINES = {"Equipment", "DeviceOracle"}
MACHINE_ARGUMENTS = ("id", "tokenId", "machine")


def rooms_of(tx: Connection, items: Sequence[Item]) -> list[list[str]]:
    """Rooms of each item. Parties concerned by a receivable or a lease hear of everything that happens to it."""
    ids = [_numbers(item, OF_RECEIVABLES, RECEIVABLE_ARGUMENTS) for item in items]
    concerned = receivables.concerned(tx, sorted(set().union(*ids))) if any(ids) else {}
    of_leases = [_numbers(item, OF_LEASES, LEASE_ARGUMENTS) for item in items]
    let = leases.concerned(tx, sorted(set().union(*of_leases))) if any(of_leases) else {}
    found = []
    for item, named, signed in zip(items, ids, of_leases, strict=True):
        if item.topic == PRIVATE:
            found.append([private_room(item.key)])
            continue
        parties = _parties(item).union(*(concerned.get(id_, set()) for id_ in named))
        machines = _numbers(item, OF_MACHINES, MACHINE_ARGUMENTS)
        for lease in signed & let.keys():
            machine, lessor, lessee = let[lease]
            parties |= {lessor, lessee}
            machines |= {machine}
        rooms = {"receivable": named, "machine": machines, "lease": signed, "party": parties}
        found.append([EVERYTHING, *(f"{kind}:{id_}" for kind, ids_ in rooms.items() for id_ in sorted(ids_))])
    return found


def private_room(party: int | str) -> str:
    return BANK_ROOM if int(party) == BANK else f"party:{party}:private"


def owner_of(room: str) -> int | None:
    """The party that alone may be in the room, BANK for the bank's officers; None for a room that is open to all."""
    if room == BANK_ROOM:
        return BANK
    return int(room.split(":")[1]) if room.endswith(":private") else None


def reported_parties(item: Item) -> set[int]:
    """Those in a report of scores."""
    return {decode_record(bytes.fromhex(record[2:])).party for record in item.payload["arguments"]["records"]}


def _numbers(item: Item, contracts: set[str], names: tuple[str, ...]) -> set[int]:
    """What an event of one of these contracts is about, by the arguments of these names; an address is no number."""
    if item.topic not in contracts:
        return set()
    arguments = item.payload.get("arguments", {})
    return {int(arguments[name]) for name in names if arguments.get(name, "").isdecimal()}


def _parties(item: Item) -> set[int]:
    arguments: dict[str, Any] = item.payload.get("arguments", {})
    named = {int(arguments[name]) for name in PARTY_ARGUMENTS if name in arguments}
    if item.kind == "ReceivablePassedOn":
        named |= {int(arguments["from"]), int(arguments["to"])}
    if item.kind == "ScoresReported":
        named |= reported_parties(item)
    return named
