"""What the rules are told, in the order it was taken in, and what they answer."""

from typing import NamedTuple

from backend.telemetry.alarms import Alarm, Phase, Severity
from backend.telemetry.record import Record


class Sealed(NamedTuple):
    """A valid checkpoint: the records of `epoch` through `sequence` are signed, so that they may clear alarms."""

    epoch: int
    sequence: int


class Breach(NamedTuple):
    """A message that shows tampering without being a record. `reason`: `fork` or `bad_signature`.
    `at`: seconds since 1970, of the message if it is credible, else of its arrival."""

    reason: str
    at: int


Input = Record | Sealed | Breach
"""Records are live ones: one that was sent late (from a device's backlog) never raises nor clears, and is not given."""


Evidence = dict[str, int | str]
"""`reason`: the condition's name; beside it the figures that show it."""


class Transition(NamedTuple):
    """An alarm changed. `phase` is pending, active or cleared. `severity`: when pending, what it would become.
    `at`: device time; `sequence`: of the record that showed it;"""

    alarm: Alarm
    phase: Phase
    severity: Severity
    at: int
    sequence: int
    evidence: Evidence
