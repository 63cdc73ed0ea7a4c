"""Parties: who may take part, as what and until when, and by which wallets."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Connection, Integer, String, Table, select

from backend.chain.contracts import Event
from backend.readmodel.projection import READMODEL, handles
from backend.readmodel.rows import Rows

ROLES = {
    "supplier": 1,
    "core_enterprise": 2,
    "lender": 4,
    "cover_provider": 8,
    "merchant": 16,
    "lessee": 32,
    "manufacturer": 64,
}

parties = Table(
    "parties",
    READMODEL,
    Column("party", BigInteger, primary_key=True, autoincrement=False),
    Column("roles", Integer, nullable=False),
    Column("valid_until", BigInteger, nullable=False),
    Column("frozen", Boolean, nullable=False),
    Column("freeze_reason", String(66)),
    Column("kyc_hash", String(66), nullable=False),
    Column("admitted_at", BigInteger, nullable=False),
)

# A replaced wallet keeps its party and names its successor: what it still holds belongs to that party.
wallets = Table(
    "wallets",
    READMODEL,
    Column("wallet", String(42), primary_key=True),
    Column("party", BigInteger, nullable=False, index=True),
    Column("successor", String(42)),
    Column("bound_at", BigInteger, nullable=False),
)


@handles("Participants", "PartyAdmitted")
def admit(rows: Rows, event: Event) -> None:
    rows.put(
        parties,
        party=event["party"],
        roles=event["roles"],
        valid_until=event["validUntil"],
        frozen=False,
        kyc_hash=event["kycHash"],
        admitted_at=event.timestamp,
    )
    add_wallet(rows, event)


@handles("Participants", "PartyRenewed")
def renew(rows: Rows, event: Event) -> None:
    changes = {"roles": event["roles"], "valid_until": event["validUntil"], "kyc_hash": event["kycHash"]}
    rows.change(parties, event["party"], **changes)


@handles("Participants", "PartyFrozen")
def freeze(rows: Rows, event: Event) -> None:
    rows.change(parties, event["party"], frozen=True, freeze_reason=event["reason"])


@handles("Participants", "PartyUnfrozen")
def unfreeze(rows: Rows, event: Event) -> None:
    rows.change(parties, event["party"], frozen=False, freeze_reason=None)


@handles("Participants", "WalletAdded")
def add_wallet(rows: Rows, event: Event) -> None:
    rows.put(wallets, wallet=event["wallet"], party=event["party"], bound_at=event.timestamp)


@handles("Participants", "WalletRotated")
def rotate_wallet(rows: Rows, event: Event) -> None:
    rows.change(wallets, event["from"], successor=event["to"])
    rows.put(wallets, wallet=event["to"], party=event["party"], bound_at=event.timestamp)


def party_of(rows: Rows, wallet: str) -> int | None:
    """The party whose wallet this is or was."""
    row = rows.get(wallets, wallet)
    return row["party"] if row else None


# Queries


def listed(tx: Connection, *, role: str | None = None, after: int = 0, limit: int) -> list[dict[str, Any]]:
    """Parties by rising number, each with its `wallets`."""
    query = select(parties).where(parties.c.party > after).order_by(parties.c.party).limit(limit)
    if role is not None:
        query = query.where(parties.c.roles.op("&")(ROLES[role]) != 0)
    return _with_wallets(tx, [dict(row._mapping) for row in tx.execute(query)])


def found(tx: Connection, party: int) -> dict[str, Any] | None:
    row = tx.execute(select(parties).where(parties.c.party == party)).one_or_none()
    return _with_wallets(tx, [dict(row._mapping)])[0] if row else None


def number_of(tx: Connection, wallet: str) -> int | None:
    """The party that uses the wallet today."""
    query = select(wallets.c.party).where(wallets.c.wallet == wallet, wallets.c.successor.is_(None))
    number: int | None = tx.execute(query).scalar_one_or_none()
    return number


def numbers_of(tx: Connection, addresses: Sequence[str]) -> dict[str, int]:
    """Parties by the wallets that they have or had."""
    query = select(wallets.c.wallet, wallets.c.party).where(wallets.c.wallet.in_(addresses))
    return {row.wallet: row.party for row in tx.execute(query)}


def _with_wallets(tx: Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    query = select(wallets).where(wallets.c.party.in_([row["party"] for row in rows]))
    by_party: dict[int, list[dict[str, Any]]] = {row["party"]: [] for row in rows}
    for wallet in tx.execute(query.order_by(wallets.c.bound_at, wallets.c.wallet)):
        by_party[wallet.party].append(dict(wallet._mapping))
    return [row | {"wallets": by_party[row["party"]]} for row in rows]
