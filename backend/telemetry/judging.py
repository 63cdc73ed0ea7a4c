"""By which rules, annex and papers a machine is judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import structlog

from backend.errors import HeqiError
from backend.telemetry.registry import Machine
from backend.telemetry.rules import annex, ruleset
from backend.telemetry.rules.annex import Annex
from backend.telemetry.rules.context import FOREVER, Context, Pause
from backend.telemetry.rules.ruleset import RuleSet

log = structlog.get_logger(__name__)


class Judging(NamedTuple):
    """What `evaluate` wants besides state and inputs."""

    rules: RuleSet
    annex: Annex | None
    context: Context


@dataclass(frozen=True, slots=True)
class Papers:
    """Annexes by hash, None for one that cannot be read; model and tank by machine."""

    annexes: Mapping[str, Annex | None]
    profiles: Mapping[int, tuple[str | None, int | None]]


def read(documents: Mapping[str, bytes]) -> dict[str, Annex | None]:
    """The annexes in documents by hash. One that cannot be read harms its own lease only: None."""
    return {hash_: _read(hash_, document) for hash_, document in documents.items()}


def _read(hash_: str, document: bytes) -> Annex | None:
    try:
        return annex.parse(document)
    except HeqiError as error:
        log.error("annex_unreadable", hash=hash_, reason=str(error))
        return None


def judging(machine: Machine, papers: Papers) -> Judging:
    """Of the lease in force. Without one, or while its annex is missing, the newest rules apply, without a region."""
    found = papers.annexes.get(machine.rules_hash or "")
    rules = ruleset.load(found.rules) if found else ruleset.load()
    model, tank = papers.profiles.get(machine.id, (None, None))
    return Judging(rules, found, Context(pauses(machine), model, tank))


def pauses(machine: Machine) -> tuple[Pause, ...]:
    """Agreed standby and the lessor's locks, in order and apart from each other."""
    merged: list[Pause] = []
    windows = (*machine.standby, *machine.locks)
    for since, until in sorted((each.starts_at, FOREVER if each.ends_at is None else each.ends_at) for each in windows):
        if merged and since <= merged[-1].until:
            merged[-1] = Pause(merged[-1].since, max(until, merged[-1].until))
        else:
            merged.append(Pause(since, until))
    return tuple(merged)
