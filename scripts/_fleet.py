"""The demo's machines: on lease, reporting live from a process of their own, one of them about to leave its region."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.telemetry.simulator.incidents import Incident
from scripts import stack
from scripts.stack import Stack

SEED = 1
EVERY_S = (20, 20)  # running, at rest: somebody is looking
ESCAPES_AFTER_MIN = 3


@dataclass(frozen=True)
class Fleet:
    """Numbers of machines and their lessor's party; the last machine leaves its region each time the demo starts."""

    party: int
    machines: Sequence[int]

    @property
    def runaway(self) -> int:
        return self.machines[-1]

    def keep(self, path: Path) -> None:
        path.write_text(json.dumps({"party": self.party, "machines": list(self.machines)}), encoding="utf-8")


def kept(path: Path) -> Fleet:
    return Fleet(**json.loads(path.read_bytes()))


@contextmanager
def reporting(running: Stack, fleet: Fleet, *, escapes: bool = True) -> Iterator[None]:
    """The machines report until the block ends, each under its own password; their records go on where they stood."""
    place = running.place
    users = [f"m{machine}" for machine in fleet.machines]
    passwords = place.folder / "machines.passwords"
    admitted = place.broker.admit(users)
    passwords.touch(mode=0o600)
    passwords.write_text("".join(f"{user} {password}\n" for user, password in admitted.items()), encoding="utf-8")
    command = [
        *(sys.executable, "-m", "backend.telemetry.simulator", "run"),
        *("--machines", ",".join(map(str, fleet.machines))),
        *("--party", str(fleet.party), "--seed", str(SEED), "--passwords", str(passwords)),
        *("--every", *map(str, EVERY_S)),
        *("--memories", str(place.folder / "simulator")),
    ]
    if escapes:
        command += ["--event", f"{fleet.runaway}:{Incident.ESCAPE}:+{ESCAPES_AFTER_MIN}"]
    with stack.process(running, "machines", command, place.environment()):
        yield
