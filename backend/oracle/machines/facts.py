"""What this process's own telemetry says of machines."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from backend.chain.device_reports import Reading, minute_of
from backend.store.tables import machine_alarms, machine_checkpoints, machine_states
from backend.telemetry.alarms import ON_CHAIN, Alarm, Phase, Severity
from backend.telemetry.record import Checkpoint

STATES, ALARMS, CHECKPOINTS = machine_states.c, machine_alarms.c, machine_checkpoints.c
CHUNK = 500
TOLD = {Phase.ACTIVE, Phase.ACKNOWLEDGED}
HUNDREDTHS_PER_TENTH = DECILITRES_PER_LITRE = 10


@dataclass(frozen=True, slots=True)
class Row:
    """The newest row of one alarm of a machine; `epoch` and `sequence` of the record that showed its last change."""

    phase: Phase
    severity: Severity
    epoch: int
    sequence: int
    reason: str

    @property
    def told(self) -> Severity:
        """What belongs on chain: a raised alarm from major on."""
        return self.severity if self.phase in TOLD and self.severity >= Severity.MAJOR else Severity.CLEAR


@dataclass(frozen=True, slots=True)
class Facts:
    """A machine as `machine_states` has it, with the newest row of each alarm. Times in seconds."""

    machine: int
    epoch: int
    live_at: int
    heard_at: int
    sealed_hours: int
    sealed_fuel: int
    alarms_at: int
    rows: Mapping[Alarm, Row] = field(default_factory=dict)

    def told(self, alarm: Alarm) -> Severity:
        return self.rows[alarm].told if alarm in self.rows else Severity.CLEAR

    def reading(self, now: int) -> Reading:
        """As it goes on chain, everything rounded down; a device's clock that is ahead counts as `now`."""
        litres = self.sealed_fuel // DECILITRES_PER_LITRE
        return Reading(tenths(self.sealed_hours), litres, minute_of(min(self.live_at, now)))


def tenths(hours: int) -> int:
    """Tenths of an hour in hundredths, rounded down."""
    return hours // HUNDREDTHS_PER_TENTH


def read(tx: Connection, machines: Iterable[int]) -> dict[int, Facts]:
    """By machine, of those that were heard."""
    columns = (STATES.machine, STATES.epoch, STATES.live_at, STATES.heard_at)
    query = select(*columns, STATES.sealed_hours, STATES.sealed_fuel, STATES.alarms_at)
    found: dict[int, Facts] = {}
    for some in _chunks(machines):
        rows = _rows(tx, some)
        for row in tx.execute(query.where(STATES.machine.in_(some))):
            found[row.machine] = Facts(*row, rows=rows.get(row.machine, {}))
    return found


def words(tx: Connection) -> dict[int, tuple[int, int]]:
    """By machine: number of its device, and number of the last change of its alarms."""
    return {
        row[0]: (row[1], row[2]) for row in tx.execute(select(STATES.machine, STATES.epoch, STATES.alarms_sequence))
    }


def live(tx: Connection) -> dict[int, int]:
    """By machine: second of the newest signed live record, of those that have one."""
    rows = tx.execute(select(STATES.machine, STATES.live_at).where(STATES.live_at > 0))
    return {machine: live_at for machine, live_at in rows}


def sealed_by(tx: Connection, machine: int, epoch: int, sequence: int) -> Checkpoint | None:
    """The first checkpoint that covers a record."""
    of_device = (CHECKPOINTS.machine == machine) & (CHECKPOINTS.epoch == epoch)
    query = select(machine_checkpoints).where(of_device, CHECKPOINTS.sequence >= sequence)
    return _checkpoint(tx.execute(query.order_by(CHECKPOINTS.sequence).limit(1)).one_or_none())


def newest_checkpoint(tx: Connection, machine: int, epoch: int) -> Checkpoint | None:
    of_device = (CHECKPOINTS.machine == machine) & (CHECKPOINTS.epoch == epoch)
    query = select(machine_checkpoints).where(of_device).order_by(CHECKPOINTS.sequence.desc())
    return _checkpoint(tx.execute(query.limit(1)).one_or_none())


def _rows(tx: Connection, machines: Collection[int]) -> dict[int, dict[Alarm, Row]]:
    newest = select(func.max(ALARMS.id)).where(ALARMS.machine.in_(machines), ALARMS.alarm < ON_CHAIN)
    query = select(machine_alarms).where(ALARMS.id.in_(newest.group_by(ALARMS.machine, ALARMS.alarm)))
    found: dict[int, dict[Alarm, Row]] = {}
    for row in tx.execute(query):
        kept = Row(Phase(row.phase), Severity(row.severity), row.epoch, row.sequence, row.evidence.get("reason", ""))
        found.setdefault(row.machine, {})[Alarm(row.alarm)] = kept
    return found


def _checkpoint(row: object) -> Checkpoint | None:
    if row is None:
        return None
    names = ("machine", "epoch", "sequence", "at", "hours", "fuel", "head", "signature")
    return Checkpoint(*(getattr(row, name) for name in names))


def _chunks(machines: Iterable[int]) -> Iterable[list[int]]:
    whole = list(machines)
    return (whole[start : start + CHUNK] for start in range(0, len(whole), CHUNK))
