"""The demo: prepares four sites, lets them train, audits the run, and compares."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.federation import audit, comparison, processes, roster
from backend.federation.audit import Audit
from backend.federation.comparison import Comparison
from backend.federation.processes import COORDINATOR
from backend.scoring import table
from backend.scoring.modelspec import ModelSpec
from backend.scoring.scorecard import Scorecard

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Shown:
    """What the demo has to show."""

    compared: Comparison
    audited: Audit
    log: Path

    def as_dict(self) -> dict[str, Any]:
        """For the JSON line."""
        found = self.audited
        return self.compared.as_dict() | {
            "session": found.session,
            "rounds": found.rounds,
            "replayed": found.replayed,
            "log": str(self.log),
        }


def show(spec: ModelSpec, folder: Path, progress: Progress) -> Shown:
    """Everything below a folder that is not there yet."""
    labelled = table.read(spec.data, spec)
    masks = spec.split.masks(labelled.keys, labelled.labels.tolist(), labelled.context)
    learned, held_out = (labelled.take(mask) for mask in masks)
    sites = processes.prepare(spec, learned, folder)
    progress(f"{len(sites) - 1} institutions, each with its own rows and key, under {folder}")
    with processes.institutions(sites) as running:
        processes.tell_addresses(sites[COORDINATOR], {name: own.url for name, own in running.items()})
        told = processes.coordinate(sites, folder / "runs")
    log = Path(told["log"])
    found = audit.audit(log, roster.read_roster(sites[COORDINATOR].roster))
    progress(f"audit: {found.recomputed} of {found.rounds} sums added up again, result replayed: {found.replayed}")
    federated = Scorecard.from_dict(json.loads(Path(told["scorecard"]).read_bytes()))
    return Shown(comparison.compare(spec, learned, held_out, federated), found, log)
