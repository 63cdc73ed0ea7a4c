"""The flags of a score: facts that stop new money whatever the score is. Rules are data: `flag_rules.json`, and for
fictitious trade `washtrade.json`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntFlag
from functools import cache
from pathlib import Path

from backend.scoring.merchants.records import BusinessRecord
from backend.scoring.merchants.washtrade import findings


class ScoreFlag(IntFlag):
    """The 8 bits of a score record. `HELD` is set by the contract alone."""

    HELD = 1
    ADVERSE_FACTS = 2
    TURNOVER_COLLAPSE = 4
    WASH_TRADE = 8
    ARREARS_ELSEWHERE = 16


@dataclass(frozen=True)
class Rule:
    """Raises `flag` when a figure is below `below`, or at or above `from_`. A missing figure raises nothing."""

    flag: ScoreFlag
    figure: str
    below: float | None
    from_: float | None
    en: str
    zh: str

    def holds(self, figures: Mapping[str, float]) -> bool:
        """Whether the flag is raised."""
        value = figures[self.figure]
        return (self.below is not None and value < self.below) or (self.from_ is not None and value >= self.from_)


@cache
def rules() -> tuple[Rule, ...]:
    """All rules."""
    entries = json.loads(Path(__file__).with_name("flag_rules.json").read_text(encoding="utf-8"))
    return tuple(
        Rule(
            flag=ScoreFlag[entry["flag"]],
            figure=entry["figure"],
            below=entry.get("below"),
            from_=entry.get("from"),
            en=entry["en"],
            zh=entry["zh"],
        )
        for entry in entries
    )


def flags(records: Sequence[BusinessRecord], as_of: int, figures: Mapping[str, float]) -> ScoreFlag:
    """The flags of a merchant whose records gave these figures at second `as_of`."""
    raised = ScoreFlag.WASH_TRADE if findings(records, as_of) else ScoreFlag(0)
    for rule in rules():
        if rule.holds(figures):
            raised |= rule.flag
    return raised
