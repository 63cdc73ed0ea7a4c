"""What idle machines and odd fuel cost a lessee: points off the score made of its statements.

They say something about how the business goes, not that the machine is in danger: the gate of a financing does not look
at them, only the score does. Points are taken while an alarm stands on chain, and come back with its end.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, inspect, select

from backend.chain.contracts import Suite
from backend.chain.rpc import Rpc
from backend.oracle.machines import view
from backend.oracle.machines.alarms import severity
from backend.readmodel.machines import machines
from backend.scoring import reasons, scale
from backend.scoring.model import Scored
from backend.telemetry.alarms import Alarm, Severity

# By alarm: points for major and for critical, and the theme of the reason.
POINTS: Mapping[Alarm, Mapping[Severity, int]] = {
    Alarm.IDLE: {Severity.MAJOR: 10, Severity.CRITICAL: 20},
    Alarm.FUEL_USE: {Severity.MAJOR: 10, Severity.CRITICAL: 20},
    Alarm.FUEL_THEFT: {Severity.MAJOR: 15, Severity.CRITICAL: 30},
}
MOST_POINTS = 60
REASONS: Mapping[Alarm, int] = {Alarm.IDLE: 71, Alarm.FUEL_USE: 72, Alarm.FUEL_THEFT: 73}


@dataclass(frozen=True, slots=True)
class Standing:
    """An alarm on chain about a leased machine."""

    machine: int
    alarm: Alarm
    severity: Severity

    @property
    def points(self) -> int:
        return POINTS[self.alarm][self.severity]

    def to_json(self) -> dict[str, Any]:
        """For whoever traces a score back."""
        names = {"alarm": self.alarm.name.lower(), "severity": self.severity.name.lower()}
        return {"machine": self.machine, **names, "points": self.points}


def leased(tx: Connection, parties: Iterable[int]) -> dict[int, list[int]]:
    """Machines by the party that leases them now, as the read model knows."""
    if not inspect(tx).has_table(machines.name):
        return {}
    found: dict[int, list[int]] = defaultdict(list)
    query = select(machines.c.lessee, machines.c.machine).where(machines.c.lessee.in_(list(parties)))
    for lessee, machine in tx.execute(query.order_by(machines.c.machine)):
        found[lessee].append(machine)
    return found


def alarms(rpc: Rpc, suite: Suite, leases: Mapping[int, Sequence[int]], block: int) -> dict[int, list[Standing]]:
    """By party: the alarms that cost points, on chain at a block."""
    wanted = {machine for machines_ in leases.values() for machine in machines_}
    words = {each: status.alarms for each, status in view.statuses(rpc, suite, wanted, block).items()}
    return {
        party: [each for machine in own for each in standings(machine, words[machine])] for party, own in leases.items()
    }


def standings(machine: int, word: int) -> list[Standing]:
    """Those of a machine's alarms on chain that cost points."""
    found = ((alarm, severity(word, alarm)) for alarm in POINTS)
    return [Standing(machine, alarm, grave) for alarm, grave in found if grave in POINTS[alarm]]


def lowered(scored: Scored, costly: Sequence[Standing]) -> Scored:
    """The score less its points, at most 60, with the probability that belongs to it on the scale; their reasons come
    before the model's, the costliest first."""
    if not costly:
        return scored
    score = max(scale.LOWEST, scored.score - min(MOST_POINTS, sum(each.points for each in costly)))
    costs: dict[Alarm, int] = defaultdict(int)
    for each in costly:
        costs[each.alarm] += each.points
    own = [REASONS[alarm] for alarm in sorted(costs, key=lambda alarm: (-costs[alarm], alarm))]
    kept = (*own, *scored.reasons)[: reasons.MOST_REASONS]
    return replace(scored, score=score, pd_ppm=max(scored.pd_ppm, scale.ppm_of(score)), reasons=kept)
