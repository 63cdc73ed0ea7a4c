"""Changes of rights and parameters: who decided what about the suite itself, and what was in force before."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Connection, Integer, String, Table, select, tuple_

from backend.chain import abi
from backend.chain.contracts import Event
from backend.readmodel.projection import READMODEL, handles
from backend.readmodel.rows import Rows, when

# What changes, by contract and event: the matter, and the arguments that say of whom or what. Events of one matter and
# subject follow upon each other: the one before is what was in force.
MATTERS: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("Authority", "RoleGranted"): ("role", ("roleId", "account")),
    ("Authority", "RoleRevoked"): ("role", ("roleId", "account")),
    ("Authority", "RoleAdminChanged"): ("role_admin", ("roleId",)),
    ("Authority", "RoleGuardianChanged"): ("role_guardian", ("roleId",)),
    ("Authority", "RoleGrantDelayChanged"): ("role_grant_delay", ("roleId",)),
    ("Authority", "RoleLabel"): ("role_label", ("roleId",)),
    ("Authority", "TargetFunctionRoleUpdated"): ("function_role", ("target", "selector")),
    ("Authority", "TargetAdminDelayUpdated"): ("target_admin_delay", ("target",)),
    ("Authority", "TargetClosed"): ("target_closed", ("target",)),
    ("Authority", "OperationScheduled"): ("operation", ("operationId", "nonce")),
    ("Authority", "OperationExecuted"): ("operation", ("operationId", "nonce")),
    ("Authority", "OperationCanceled"): ("operation", ("operationId", "nonce")),
    ("RiskPolicy", "TermsChanged"): ("terms", ("product", "grade")),
    ("Treasury", "LimitChanged"): ("limit", ("party",)),
    ("Treasury", "ProductAllowed"): ("product", ("product",)),
    ("Factoring", "FacilityChanged"): ("facility", ("debtor",)),
    ("CreditLine", "ConditionsChanged"): ("conditions", ()),
    ("LeaseFinance", "LeaseFinanceConditionsChanged"): ("conditions", ()),
    ("CreditOracle", "ModelRegistered"): ("model", ("modelId",)),
    ("CreditOracle", "ModelApproved"): ("model", ("modelId",)),
    ("CreditOracle", "ModelRetired"): ("model", ("modelId",)),
    ("CreditOracle", "SignersChanged"): ("signers", ()),
    ("DeviceOracle", "SignersChanged"): ("signers", ()),
    ("CreditOracle", "ReportsPaused"): ("pause", ()),
    ("CreditOracle", "ReportsResumed"): ("pause", ()),
    ("DeviceOracle", "ReportsPaused"): ("pause", ()),
    ("DeviceOracle", "ReportsResumed"): ("pause", ()),
    ("CreditOracle", "ScoreHeld"): ("score_hold", ("party",)),
    ("CreditOracle", "PartyHeld"): ("score_hold", ("party",)),
    ("CreditOracle", "HoldReleased"): ("score_hold", ("party",)),
    ("DeviceOracle", "MachineHeld"): ("machine_hold", ("machine",)),
    ("DeviceOracle", "MachineHoldReleased"): ("machine_hold", ("machine",)),
    ("Participants", "PartyAdmitted"): ("verification", ("party",)),
    ("Participants", "PartyRenewed"): ("verification", ("party",)),
    ("Participants", "PartyFrozen"): ("freeze", ("party",)),
    ("Participants", "PartyUnfrozen"): ("freeze", ("party",)),
    ("Participants", "WalletAdded"): ("wallet", ("party", "wallet")),
    ("Participants", "WalletRotated"): ("wallet", ("party", "from")),
    ("Receivables", "CurrencyAllowed"): ("currency", ("currency",)),
    ("Receivables", "LienorAllowed"): ("lienor", ("lienor",)),
    ("Equipment", "MachineLienorAllowed"): ("lienor", ("lienor",)),
    ("RentLedger", "AssigneeAllowed"): ("assignee", ("assignee",)),
    ("RentLedger", "LeaseContractSet"): ("lease_contract", ()),
    **{
        (contract, event): ("pause", ())
        for contract in ("Treasury", "Receivables", "Factoring", "CreditLine", "LeaseFinance")
        for event in ("Paused", "Unpaused")
    },
}
KINDS = tuple(sorted({matter for matter, _ in MATTERS.values()}))
SUBJECT_CHARS = 120

# `before`: event and arguments of the change that this one replaces.
changes = Table(
    "changes",
    READMODEL,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("contract", String(40), nullable=False),
    Column("event", String(40), nullable=False),
    Column("matter", String(20), nullable=False, index=True),
    Column("subject", String(SUBJECT_CHARS), nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("before", JSON(none_as_null=True)),
    *when(),
)

# What is in force.
latest = Table(
    "changes_in_force",
    READMODEL,
    Column("contract", String(40), primary_key=True),
    Column("matter", String(20), primary_key=True),
    Column("subject", String(SUBJECT_CHARS), primary_key=True),
    Column("event", String(40), nullable=False),
    Column("arguments", JSON, nullable=False),
)

# Delayed operations of the Authority. `state`: scheduled, executed or cancelled; times in seconds.
operations = Table(
    "operations",
    READMODEL,
    Column("operation", String(66), primary_key=True),
    Column("nonce", BigInteger, primary_key=True, autoincrement=False),
    Column("state", String(10), nullable=False),
    Column("caller", String(42), nullable=False),
    Column("target", String(42), nullable=False),
    Column("data", JSON, nullable=False),
    Column("ready_at", BigInteger, nullable=False),
    Column("scheduled_at", BigInteger, nullable=False),
    Column("scheduled_in", String(66), nullable=False),
    Column("ended_at", BigInteger),
    Column("ended_in", String(66), index=True),
)


def note(rows: Rows, event: Event) -> None:
    """Write the change down beside what was in force."""
    matter, names = MATTERS[event.contract, event.name]
    subject = ":".join(str(event[name]) for name in names)
    before = rows.get(latest, event.contract, matter, subject)
    now = {"event": event.name, "arguments": abi.to_json(event.arguments)}
    rows.put(
        changes,
        block=event.block,
        log_index=event.log_index,
        contract=event.contract,
        matter=matter,
        subject=subject,
        **now,
        before={"event": before["event"], "arguments": before["arguments"]} if before else None,
        at=event.timestamp,
        transaction_hash=event.transaction,
    )
    rows.put(latest, contract=event.contract, matter=matter, subject=subject, **now)


for _contract, _event in MATTERS:
    handles(_contract, _event)(note)


@handles("Authority", "OperationScheduled")
def schedule(rows: Rows, event: Event) -> None:
    rows.put(
        operations,
        operation=event["operationId"],
        nonce=event["nonce"],
        state="scheduled",
        caller=event["caller"],
        target=event["target"],
        data=event["data"],
        ready_at=event["schedule"],
        scheduled_at=event.timestamp,
        scheduled_in=event.transaction,
    )


@handles("Authority", "OperationExecuted")
def execute(rows: Rows, event: Event) -> None:
    _end(rows, event, "executed")


@handles("Authority", "OperationCanceled")
def cancel(rows: Rows, event: Event) -> None:
    _end(rows, event, "cancelled")


# Queries


def listed(
    tx: Connection,
    *,
    matter: str | None = None,
    contract: str | None = None,
    before: tuple[int, int] | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """Changes, newest first; `before`: block and place of the last one seen."""
    query = select(changes)
    if matter is not None:
        query = query.where(changes.c.matter == matter)
    if contract is not None:
        query = query.where(changes.c.contract == contract)
    if before is not None:
        query = query.where(tuple_(changes.c.block, changes.c.log_index) < tuple_(*before))
    query = query.order_by(changes.c.block.desc(), changes.c.log_index.desc()).limit(limit)
    return [dict(row._mapping) for row in tx.execute(query)]


def operations_of(tx: Connection, transactions: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Operations by the transactions in which they were scheduled, executed or cancelled."""
    in_them = operations.c.scheduled_in.in_(transactions) | operations.c.ended_in.in_(transactions)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in tx.execute(select(operations).where(in_them).order_by(operations.c.operation, operations.c.nonce)):
        for transaction in {row.scheduled_in, row.ended_in} - {None}:
            found.setdefault(transaction, []).append(dict(row._mapping))
    return found


def signer_sets(tx: Connection) -> list[dict[str, Any]]:
    """Every set of signers of both oracles, newest first."""
    query = select(changes).where(changes.c.matter == "signers")
    query = query.order_by(changes.c.block.desc(), changes.c.log_index.desc())
    return [dict(row._mapping) for row in tx.execute(query)]


# Inside


def _end(rows: Rows, event: Event, state: str) -> None:
    ended = {"state": state, "ended_at": event.timestamp, "ended_in": event.transaction}
    rows.change(operations, event["operationId"], event["nonce"], **ended)
