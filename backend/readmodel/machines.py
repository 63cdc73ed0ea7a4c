"""Machines: titles, papers, devices, liens, and times in which a machine stands still by agreement or by lock."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Connection, Integer, String, Table, or_, select

from backend import days
from backend.chain.contracts import Event
from backend.readmodel import leases
from backend.readmodel.parties import party_of
from backend.readmodel.projection import READMODEL, handles
from backend.readmodel.rows import Rows

NOBODY = "0x" + "0" * 40
LOCK, STANDBY = "lock", "standby"

# `party`: the maker. `holder`: party of the wallet that has the title. `lease`: that binds the title. `lessee` and
# `rules_hash`: of the lease that runs, from delivery to its end. `financed`: while the bank is owed a loan on it.
machines = Table(
    "machines",
    READMODEL,
    Column("machine", BigInteger, primary_key=True, autoincrement=False),
    Column("party", BigInteger, nullable=False, index=True),
    Column("epoch", Integer, nullable=False),
    Column("device", String(42)),
    Column("meter_start", BigInteger),
    Column("serial_hash", String(66), nullable=False, unique=True),
    Column("certificate_hash", String(66), nullable=False),
    Column("verified_at", BigInteger),
    Column("verified_by", String(42)),
    Column("holder", BigInteger, index=True),
    Column("holder_wallet", String(42), nullable=False),
    Column("user", String(42)),
    Column("user_expires", BigInteger),
    Column("lienor", String(42)),
    Column("lease", BigInteger),
    Column("lessee", BigInteger, index=True),
    Column("rules_hash", String(66)),
    Column("financed", Boolean, nullable=False),
    Column("registered_at", BigInteger, nullable=False),
)

bindings = Table(
    "machine_bindings",
    READMODEL,
    Column("machine", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("device", String(42), nullable=False),
    Column("meter_start", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)

# Seconds. `ends_at` is exclusive, and null while a lock lasts.
windows = Table(
    "machine_windows",
    READMODEL,
    Column("machine", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(8), primary_key=True),
    Column("starts_at", BigInteger, primary_key=True, autoincrement=False),
    Column("ends_at", BigInteger),
    Column("lease", BigInteger, nullable=False),
)


# Title and papers


@handles("Equipment", "MachineRegistered")
def register(rows: Rows, event: Event) -> None:
    rows.put(
        machines,
        machine=event["id"],
        party=event["party"],
        epoch=0,
        serial_hash=event["serialHash"],
        certificate_hash=event["certificateHash"],
        holder_wallet=NOBODY,
        financed=False,
        registered_at=event.timestamp,
    )


@handles("Equipment", "Transfer", key="tokenId")
def transfer(rows: Rows, event: Event) -> None:
    rows.change(machines, event["tokenId"], holder=party_of(rows, event["to"]), holder_wallet=event["to"])


@handles("Equipment", "CertificateChanged")
def change_certificate(rows: Rows, event: Event) -> None:
    papers = {"certificate_hash": event["certificateHash"], "verified_at": None, "verified_by": None}
    rows.change(machines, event["id"], **papers)


@handles("Equipment", "CertificateVerified")
def verify(rows: Rows, event: Event) -> None:
    rows.change(machines, event["id"], verified_at=event.timestamp, verified_by=event["by"])


@handles("Equipment", "UpdateUser")
def set_user(rows: Rows, event: Event) -> None:
    user = None if event["user"] == NOBODY else event["user"]
    # A second that no calendar has does not fit the column.
    expires = min(event["expires"], 2**63 - 1) if user else None
    rows.change(machines, event["tokenId"], user=user, user_expires=expires)


@handles("Equipment", "MachinePledged")
def pledge(rows: Rows, event: Event) -> None:
    rows.change(machines, event["id"], lienor=event["lienor"])


@handles("Equipment", "MachineReleased")
def free(rows: Rows, event: Event) -> None:
    rows.change(machines, event["id"], lienor=None, lease=None)


@handles("Equipment", "DeviceBound")
def bind(rows: Rows, event: Event) -> None:
    bound = {"epoch": event["epoch"], "device": event["device"], "meter_start": event["meterStart"]}
    rows.change(machines, event["id"], **bound)
    rows.put(bindings, machine=event["id"], **bound, at=event.timestamp)


# Leases


@handles("EquipmentLease", "LeaseSigned")
def let(rows: Rows, event: Event) -> None:
    rows.change(machines, event["machine"], lease=event["id"])


@handles("EquipmentLease", "MachineDelivered")
def deliver(rows: Rows, event: Event) -> None:
    lease = _lease(rows, event["id"])
    rows.change(machines, lease["machine"], lessee=lease["lessee"], rules_hash=lease["rules_hash"])


@handles("EquipmentLease", "MachineReturned")
@handles("EquipmentLease", "MachineSold")
@handles("EquipmentLease", "MachineBoughtOut")
def end_lease(rows: Rows, event: Event) -> None:
    rows.change(machines, _lease(rows, event["id"])["machine"], lessee=None, rules_hash=None)


@handles("RentLedger", "RentAssigned")
def finance(rows: Rows, event: Event) -> None:
    rows.change(machines, _lease(rows, event["id"])["machine"], financed=True)


@handles("RentLedger", "AssignmentEnded")
def end_finance(rows: Rows, event: Event) -> None:
    rows.change(machines, _lease(rows, event["id"])["machine"], financed=False)


@handles("EquipmentLease", "StandbyAgreed")
def stand_by(rows: Rows, event: Event) -> None:
    """Days in Beijing; whoever agrees to days that end before they begin has agreed to nothing."""
    first, last = event["fromDay"], event["throughDay"]
    if first <= last:
        _put_window(rows, event, STANDBY, days.start_of(first), days.start_of(last + 1))


@handles("RentLedger", "MachineLocked")
def lock(rows: Rows, event: Event) -> None:
    _put_window(rows, event, LOCK, event["at"], None)


@handles("RentLedger", "MachineUnlocked")
def unlock(rows: Rows, event: Event) -> None:
    machine = _lease(rows, event["id"])["machine"]
    lasting = select(windows.c.starts_at).where(windows.c.machine == machine, windows.c.ends_at.is_(None))
    for row in rows.select(lasting.where(windows.c.kind == LOCK)):
        rows.change(windows, machine, LOCK, row.starts_at, ends_at=event["at"])


# Queries


def listed(
    tx: Connection, *, party: int | None = None, after: int = 0, limit: int, lessee: int | None = None
) -> list[dict[str, Any]]:
    """Machines by rising number; `party`: as holder of the title or as lessee."""
    query = select(machines).where(machines.c.machine > after)
    if party is not None:
        query = query.where(or_(machines.c.holder == party, machines.c.lessee == party))
    if lessee is not None:
        query = query.where(machines.c.lessee == lessee)
    return [dict(row._mapping) for row in tx.execute(query.order_by(machines.c.machine).limit(limit))]


def found(tx: Connection, machine: int) -> dict[str, Any] | None:
    row = tx.execute(select(machines).where(machines.c.machine == machine)).one_or_none()
    return dict(row._mapping) if row else None


def bindings_of(tx: Connection, machine: int) -> list[dict[str, Any]]:
    """Every device so far, the first first."""
    query = select(bindings).where(bindings.c.machine == machine).order_by(bindings.c.epoch)
    return [dict(row._mapping) for row in tx.execute(query)]


def windows_of(tx: Connection, machine: int) -> list[dict[str, Any]]:
    """Locks and agreed standby, oldest first."""
    query = select(windows).where(windows.c.machine == machine).order_by(windows.c.starts_at, windows.c.kind)
    return [dict(row._mapping) for row in tx.execute(query)]


# Inside


def _lease(rows: Rows, lease: int) -> dict[str, Any]:
    row = rows.get(leases.leases, lease)
    if row is None:
        raise KeyError(f"lease {lease}")
    return row


def _put_window(rows: Rows, event: Event, kind: str, starts_at: int, ends_at: int | None) -> None:
    machine = _lease(rows, event["id"])["machine"]
    rows.put(windows, machine=machine, kind=kind, starts_at=starts_at, ends_at=ends_at, lease=event["id"])
