"""What is told about a file: every row's faults up to a bound, counts of all, notes, and what was kept."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from backend.records.business.kept import MOST_TOLD, Kept
from backend.records.business.rows import Fault
from backend.records.business.schema import notices


@dataclass
class Note:
    """Something that does no harm: in how many lines, and where first."""

    count: int
    line: int


@dataclass
class Report:
    """`rows`: those that were read; `refused`: those with a fault. A `whole_fault` makes the whole file unusable."""

    rows: int = 0
    refused: int = 0
    faults: list[Fault] = field(default_factory=list)
    by_rule: Counter[str] = field(default_factory=Counter)
    notes: dict[str, Note] = field(default_factory=dict)
    whole_fault: Fault | None = None
    kept: Kept = field(default_factory=Kept)

    @property
    def is_clean(self) -> bool:
        return not self.refused and self.whole_fault is None

    def refuse(self, *faults: Fault) -> None:
        """Note what is wrong with one row."""
        self.refused += 1
        self.by_rule.update(fault.rule for fault in faults)
        self.faults.extend(faults[: max(0, MOST_TOLD - len(self.faults))])

    def refuse_whole(self, fault: Fault) -> None:
        self.whole_fault = fault
        self.by_rule[fault.rule] += 1

    def note(self, rule: str, line: int) -> None:
        self.notes.setdefault(rule, Note(0, line)).count += 1

    def as_dict(self) -> dict[str, Any]:
        told = [*([self.whole_fault] if self.whole_fault else []), *self.faults]
        return {
            "rows": self.rows,
            "stored": self.kept.stored,
            "duplicates": self.kept.duplicates,
            "expired": self.kept.expired,
            "refused": self.refused,
            "faults": [fault.as_dict() for fault in told],
            "by_rule": dict(sorted(self.by_rule.items())),
            "notes": [
                {"rule": rule, "count": note.count, "line": note.line, "notices": notices(rule, {})}
                for rule, note in self.notes.items()
            ],
        }
