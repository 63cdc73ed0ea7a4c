"""Receivables: claims, the pools that settlements are shared in, proceeds, and what happened when."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    String,
    Table,
    and_,
    case,
    select,
)

from backend.chain import abi
from backend.chain.contracts import Event
from backend.readmodel.parties import party_of
from backend.readmodel.projection import READMODEL, handles
from backend.readmodel.rows import Rows
from backend.store.tables import Amount

STATES = ("Registered", "Confirmed", "Financed", "Disputed", "Split", "Settled", "Rejected", "Cancelled")
GONE = ("Split", "Rejected", "Cancelled")
NOBODY = "0x" + "0" * 40

# `state` is never Settled: that follows from the pool. `parent`: the claim it was split from; `origin`: the registered
# one at the top of the tree; `pool`: whose settlements it shares in. `holder` is null once the claim is burnt.
receivables = Table(
    "receivables",
    READMODEL,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("parent", BigInteger),
    Column("origin", BigInteger, nullable=False, index=True),
    Column("pool", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),
    Column("debtor", BigInteger, nullable=False, index=True),
    Column("creditor", BigInteger, nullable=False, index=True),
    Column("holder", String(42), index=True),
    Column("holder_party", BigInteger, index=True),
    Column("tier", Integer, nullable=False),
    Column("face", Amount, nullable=False),
    Column("claimed", Amount, nullable=False),
    Column("currency", Integer, nullable=False),
    Column("due_day", BigInteger, nullable=False, index=True),
    Column("fingerprint", String(66), nullable=False),
    Column("document_hash", String(66), nullable=False),
    Column("lienor", Integer, nullable=False),
    Column("registry_reference", String(66)),
    Column("financings", Integer, nullable=False),
    Column("registered_at", BigInteger, nullable=False),
    Column("confirmed_at", BigInteger),
)

pools = Table(
    "pools",
    READMODEL,
    Column("pool", BigInteger, primary_key=True, autoincrement=False),
    Column("face", Amount, nullable=False),
    Column("paid", Amount, nullable=False),
)

credits = Table(
    "credits",
    READMODEL,
    Column("holder", String(42), primary_key=True),
    Column("currency", Integer, primary_key=True, autoincrement=False),
    Column("amount", Amount, nullable=False),
)

currencies = Table(
    "currencies",
    READMODEL,
    Column("currency", Integer, primary_key=True, autoincrement=False),
    Column("token", String(42), nullable=False),
)

lienors = Table(
    "lienors",
    READMODEL,
    Column("lienor", Integer, primary_key=True, autoincrement=False),
    Column("product", String(42), nullable=False),
)

timeline = Table(
    "timeline",
    READMODEL,
    Column("receivable", BigInteger, primary_key=True, autoincrement=False),
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("contract", String(40), nullable=False),
    Column("event", String(40), nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("transaction_hash", String(66), nullable=False),
)

# Order of the enumeration IReceivables.State does not matter here: every state comes with an event of its own.
SETTLED = and_(receivables.c.state.in_(["Confirmed", "Disputed"]), pools.c.paid == pools.c.face)
STATE: ColumnElement[str] = case((SETTLED, "Settled"), else_=receivables.c.state)


def note(rows: Rows, event: Event, receivable: int) -> None:
    """Add the event to the receivable's timeline."""
    rows.put(
        timeline,
        receivable=receivable,
        block=event.block,
        log_index=event.log_index,
        contract=event.contract,
        event=event.name,
        arguments=abi.to_json(event.arguments),
        at=event.timestamp,
        transaction_hash=event.transaction,
    )


# Origination


@handles("Receivables", "ReceivableRegistered")
def register(rows: Rows, event: Event) -> None:
    id_, registration = event["id"], event["registration"]
    rows.put(
        receivables,
        id=id_,
        origin=id_,
        pool=id_,
        state="Registered",
        debtor=event["debtor"],
        creditor=event["creditor"],
        holder=event["holder"],
        holder_party=event["creditor"],
        tier=0,
        face=registration["face"],
        claimed=0,
        currency=registration["currency"],
        due_day=registration["dueDay"],
        fingerprint=registration["fingerprint"],
        document_hash=registration["documentHash"],
        lienor=0,
        financings=0,
        registered_at=event.timestamp,
    )
    rows.put(pools, pool=id_, face=registration["face"], paid=0)
    note(rows, event, id_)


@handles("Receivables", "ReceivableConfirmed")
def confirm(rows: Rows, event: Event) -> None:
    rows.change(receivables, event["id"], state="Confirmed", confirmed_at=event.timestamp)
    note(rows, event, event["id"])


@handles("Receivables", "ReceivableRejected")
def reject(rows: Rows, event: Event) -> None:
    _burn(rows, event, "Rejected")


@handles("Receivables", "ReceivableCancelled")
def cancel(rows: Rows, event: Event) -> None:
    _burn(rows, event, "Cancelled")


# Circulation


@handles("Receivables", "ReceivableSplit")
def split(rows: Rows, event: Event) -> None:
    whole = _row(rows, event["id"])
    for offset, face in enumerate(event["faces"]):
        part = {
            "id": event["firstPart"] + offset,
            "parent": event["id"],
            "face": face,
            "registry_reference": None,
            "financings": 0,
        }
        rows.put(receivables, **(whole | part))
    _burn(rows, event, "Split")


@handles("Receivables", "Transfer", key="tokenId")
def move(rows: Rows, event: Event) -> None:
    """Minting and burning have events of their own that tell more."""
    if NOBODY in (event["from"], event["to"]):
        return
    rows.change(receivables, event["tokenId"], holder=event["to"], holder_party=party_of(rows, event["to"]))


@handles("Receivables", "ReceivablePassedOn")
def pass_on(rows: Rows, event: Event) -> None:
    rows.change(receivables, event["id"], tier=event["tier"])
    note(rows, event, event["id"])


@handles("Receivables", "ReceivableRecovered")
def recover(rows: Rows, event: Event) -> None:
    note(rows, event, event["id"])


@handles("Receivables", "ReceivableDetached")
def detach(rows: Rows, event: Event) -> None:
    part = _row(rows, event["id"])
    rows.change(receivables, event["id"], pool=event["id"])
    rows.put(pools, pool=event["id"], face=part["face"], paid=event["paidOnPart"])
    rows.put(pools, pool=event["pool"], face=event["poolFace"], paid=event["poolPaid"])
    note(rows, event, event["id"])


# Dispute


@handles("Receivables", "ReceivableDisputed")
def dispute(rows: Rows, event: Event) -> None:
    rows.change(receivables, event["id"], state="Disputed")
    note(rows, event, event["id"])


@handles("Receivables", "DisputeEnded")
def end_dispute(rows: Rows, event: Event) -> None:
    rows.change(receivables, event["id"], state="Confirmed")
    note(rows, event, event["id"])


@handles("Receivables", "CreditNoteIssued")
def issue_credit_note(rows: Rows, event: Event) -> None:
    rows.change(receivables, event["id"], face=event["face"])
    rows.change(pools, event["id"], face=event["face"])
    note(rows, event, event["id"])


# Lien


@handles("Receivables", "ReceivablePledged")
def pledge(rows: Rows, event: Event) -> None:
    rows.change(receivables, event["id"], state="Financed", lienor=event["lienor"])
    note(rows, event, event["id"])


@handles("Receivables", "ReceivableReleased")
def release_lien(rows: Rows, event: Event) -> None:
    rows.change(receivables, event["id"], state="Confirmed", lienor=0)
    note(rows, event, event["id"])


@handles("Factoring", "RegistrationRecorded")
def record_registration(rows: Rows, event: Event) -> None:
    rows.change(receivables, event["receivable"], registry_reference=event["registryReference"])
    note(rows, event, event["receivable"])


# Settlement


@handles("Receivables", "ReceivableSettled")
def settle(rows: Rows, event: Event) -> None:
    rows.put(pools, pool=event["pool"], face=event["face"], paid=event["paid"])
    note(rows, event, event["pool"])


@handles("Receivables", "ProceedsClaimed")
def claim(rows: Rows, event: Event) -> None:
    rows.change(receivables, event["id"], claimed=event["claimed"])
    note(rows, event, event["id"])


@handles("Receivables", "ProceedsCredited")
def credit(rows: Rows, event: Event) -> None:
    holder, currency, amount = event["holder"], event["currency"], event["amount"]
    rows.change(receivables, event["id"], claimed=_row(rows, event["id"])["claimed"] + amount)
    known = rows.get(credits, holder, currency)
    rows.put(credits, holder=holder, currency=currency, amount=amount + (known["amount"] if known else 0))
    note(rows, event, event["id"])


@handles("Receivables", "CreditPaid")
def pay_credit(rows: Rows, event: Event) -> None:
    rows.remove(credits, event["holder"], event["currency"])


# Registries


@handles("Receivables", "CurrencyAllowed")
def allow_currency(rows: Rows, event: Event) -> None:
    rows.put(currencies, currency=event["currency"], token=event["token"])


@handles("Receivables", "LienorAllowed")
def allow_lienor(rows: Rows, event: Event) -> None:
    rows.put(lienors, lienor=event["lienor"], product=event["product"])


# Queries


def listed(
    tx: Connection,
    *,
    debtor: int | None = None,
    creditor: int | None = None,
    holder: int | None = None,
    states: Sequence[str] = (),
    due_from: int | None = None,
    due_to: int | None = None,
    before: int | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """Receivables with their figures, newest first. `holder` is a party; the days of the due range count."""
    columns = receivables.c
    wanted = {columns.debtor: debtor, columns.creditor: creditor, columns.holder_party: holder}
    conditions = [column == value for column, value in wanted.items() if value is not None]
    if states:
        conditions.append(STATE.in_(states))
    if due_from is not None:
        conditions.append(columns.due_day >= due_from)
    if due_to is not None:
        conditions.append(columns.due_day <= due_to)
    if before is not None:
        conditions.append(columns.id < before)
    query = _with_pools().where(*conditions).order_by(columns.id.desc()).limit(limit)
    return [_figures(row) for row in tx.execute(query)]


def found(tx: Connection, id_: int) -> dict[str, Any] | None:
    row = tx.execute(_with_pools().where(receivables.c.id == id_)).one_or_none()
    return _figures(row) if row else None


def tree(tx: Connection, origin: int) -> list[dict[str, Any]]:
    """Everything that one registered receivable became, itself first."""
    query = _with_pools().where(receivables.c.origin == origin).order_by(receivables.c.id)
    return [_figures(row) for row in tx.execute(query)]


def events_of(tx: Connection, id_: int, contract: str | None = None) -> list[dict[str, Any]]:
    """What happened to a receivable, to its pool, and to those it was split from."""
    family = _ancestors(tx, id_)
    query = select(timeline).where(timeline.c.receivable.in_(family))
    if contract is not None:
        query = query.where(timeline.c.contract == contract, timeline.c.receivable == id_)
    query = query.order_by(timeline.c.block, timeline.c.log_index)
    return [dict(row._mapping) for row in tx.execute(query)]


def events_of_family(tx: Connection, origin: int, limit: int) -> list[dict[str, Any]]:
    """What happened to one registered receivable and to all that it became, in the order of the chain."""
    family = select(receivables.c.id).where(receivables.c.origin == origin)
    query = select(timeline).where(timeline.c.receivable.in_(family))
    query = query.order_by(timeline.c.block, timeline.c.log_index).limit(limit)
    return [dict(row._mapping) for row in tx.execute(query)]


def credits_of(tx: Connection, holders: Sequence[str]) -> list[dict[str, Any]]:
    """What former holders can still collect."""
    query = select(credits).where(credits.c.holder.in_(holders)).order_by(credits.c.holder, credits.c.currency)
    return [dict(row._mapping) for row in tx.execute(query)]


def currency_tokens(tx: Connection) -> dict[int, str]:
    return {row.currency: row.token for row in tx.execute(select(currencies))}


def concerned(tx: Connection, ids: Sequence[int]) -> dict[int, set[int]]:
    """Debtor, first creditor and holder of each receivable, as parties."""
    columns = (receivables.c.id, receivables.c.debtor, receivables.c.creditor, receivables.c.holder_party)
    rows = tx.execute(select(*columns).where(receivables.c.id.in_(ids)))
    return {row.id: {party for party in row[1:] if party is not None} for row in rows}


# Inside


def _row(rows: Rows, id_: int) -> dict[str, Any]:
    row = rows.get(receivables, id_)
    if row is None:
        raise KeyError(f"receivable {id_}")
    return row


def _burn(rows: Rows, event: Event, state: str) -> None:
    rows.change(receivables, event["id"], state=state, holder=None, holder_party=None)
    note(rows, event, event["id"])


def _with_pools() -> Select[Any]:
    columns = (
        *receivables.c,
        STATE.label("state_now"),
        pools.c.face.label("pool_face"),
        pools.c.paid.label("pool_paid"),
    )
    return select(*columns).join(pools, pools.c.pool == receivables.c.pool)


def _figures(row: Row[Any]) -> dict[str, Any]:
    """As Receivables.claimOf: a share of what the pool was paid, rounded down; a burnt claim has none."""
    figures = dict(row._mapping)
    entitled = figures["pool_paid"] * figures["face"] // figures["pool_face"] if figures["pool_face"] else 0
    is_owed = figures["state"] not in GONE
    return figures | {
        "state": figures["state_now"],
        "paid": entitled if is_owed else 0,
        "outstanding": figures["face"] - entitled if is_owed else 0,
        "claimable": entitled - figures["claimed"] if is_owed else 0,
    }


def _ancestors(tx: Connection, id_: int) -> list[int]:
    """The receivable, those it was split from, and its pool."""
    found_: list[int] = []
    at: int | None = id_
    while at is not None:
        found_.append(at)
        at = tx.scalar(select(receivables.c.parent).where(receivables.c.id == at))
    pool = tx.scalar(select(receivables.c.pool).where(receivables.c.id == id_))
    return found_ if pool is None else [*found_, pool]
