"""Routes of machines: what is public about them, from the chain."""

from typing import Any

from flask import Blueprint
from sqlalchemy import Connection

from backend.api.context import page, reading, single, within
from backend.api.machine_schemas import (
    Machine,
    MachineDetail,
    MachinePage,
    MachineQuery,
    ReadingPage,
    ReportedReading,
)
from backend.api.problems import ResourceUnknown
from backend.api.schemas import Page
from backend.api.spec import documented
from backend.readmodel import loans, machines, readings
from backend.telemetry.alarms import ON_CHAIN, Alarm, Severity
from backend.telemetry.rules import texts

LARGEST_MACHINE = 2**32 - 1
MACHINE = "machine"
CHANGES_SHOWN = 20

blueprint = Blueprint("machines", __name__, url_prefix="/v1/machines")


@blueprint.get("")
@documented(MachinePage, tag="Machines")
def list_machines(query: MachineQuery) -> MachinePage:
    """The fleet by rising number: titles, last readings, alarms that the chain knows."""
    with reading() as tx:
        after = single(query.after) or 0
        rows = machines.listed(tx, party=query.party, after=after, limit=query.limit + 1)
        shown = [Machine.model_validate(row) for row in _with_state(tx, rows)]
    return MachinePage(**page(shown, query.limit, lambda machine: str(machine.machine)))


@blueprint.get("/<int:machine>")
@documented(MachineDetail, 404, tag="Machines")
def show_machine(machine: int) -> MachineDetail:
    """A machine with its devices so far, standstills, and changes of its alarms on chain."""
    with reading() as tx:
        row = _with_state(tx, [found(tx, machine)])[0]
        changes = readings.alarm_changes_of(tx, machine, limit=CHANGES_SHOWN)
        facts = {
            "bindings": machines.bindings_of(tx, machine),
            "standstills": machines.windows_of(tx, machine),
            "alarm_changes": [
                change | {"before": severities(change["before"]), "after": severities(change["after"])}
                for change in changes
            ],
        }
    return MachineDetail.model_validate(row | facts)


@blueprint.get("/<int:machine>/readings")
@documented(ReadingPage, 404, tag="Machines")
def list_readings(machine: int, query: Page) -> ReadingPage:
    """Cumulative hours and fuel as they came on chain, newest first."""
    with reading() as tx:
        found(tx, machine)
        rows = readings.history_of(tx, machine, before=single(query.after), limit=query.limit + 1)
    paged = page(rows, query.limit, lambda row: str(row["at"]))
    return ReadingPage(**paged | {"items": [ReportedReading.model_validate(row) for row in paged["items"]]})


def found(tx: Connection, machine: int) -> dict[str, Any]:
    """Raises ResourceUnknown."""
    row = machines.found(tx, within(MACHINE, machine, LARGEST_MACHINE))
    if row is None:
        raise ResourceUnknown(kind=MACHINE, id=machine)
    return row


def severities(word: int) -> dict[str, str]:
    """Of every alarm in a word of the contract that is not clear, by its name."""
    each = ((alarm, Severity(word >> 2 * alarm & 3)) for alarm in Alarm if alarm < ON_CHAIN)
    return {alarm.name.lower(): severity.name.lower() for alarm, severity in each if severity}


# Inside


def _with_state(tx: Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    numbers = [row["machine"] for row in rows]
    read = readings.by_machine(tx, readings.readings, numbers)
    told = readings.by_machine(tx, readings.statuses, numbers)
    conditions = loans.conditions_in_force(tx)
    gates = conditions["gates"] if conditions else 0
    return [
        row
        | {
            "maker": row["party"],
            "reading": read.get(row["machine"]),
            "alarms": _raised(told.get(row["machine"], readings.NO_STATUS)["alarms"], gates),
            "held": told.get(row["machine"], readings.NO_STATUS)["held"],
        }
        for row in rows
    ]


def _raised(word: int, gates: int) -> list[dict[str, Any]]:
    return [
        {
            "alarm": name,
            "name": texts.alarm(alarm),
            "severity": severity,
            "severity_name": texts.severity(Severity[severity.upper()]),
            "gates": 0 < (gates >> 2 * alarm & 3) <= Severity[severity.upper()],
        }
        for name, severity in severities(word).items()
        for alarm in [Alarm[name.upper()]]
    ]
