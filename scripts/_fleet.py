"""The demo's machines: on lease, reporting live from a process of their own, one of them about to leave its region."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from backend.telemetry.simulator.device import Schedule
from backend.telemetry.simulator.incidents import Incident
from scripts import stack
from scripts.stack import Stack

SEED = 1
OFTEN = Schedule(running=10, resting=10, signing=60)
"""Somebody is looking."""
LEAVES_AFTER_MIN, AWAY_MIN = 3, 12
AGAIN_EVERY_MIN = 120
"""An alarm that was raised three times in a day is cleared only after a quiet hour."""


@dataclass(frozen=True)
class Fleet:
    """Numbers of machines and their lessor's party. The last machine leaves its region again and again; `lease`: its
    own."""

    party: int
    machines: Sequence[int]
    lease: int

    @property
    def runaway(self) -> int:
        return self.machines[-1]

    def keep(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


def kept(path: Path) -> Fleet:
    return Fleet(**json.loads(path.read_bytes()))


@contextmanager
def reporting(running: Stack, fleet: Fleet, leaves_after: int | None = None) -> Iterator[None]:
    """The machines report until the block ends, each under its own password; their records go on where they stood.
    `leaves_after`: minutes until one of them leaves its region for the first time; None: all stay."""
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
        *("--every", *map(str, OFTEN)),
        *("--memories", str(place.folder / "chain" / "simulator")),
    ]
    if leaves_after is not None:
        when = f"+{leaves_after}/{AWAY_MIN}/{AGAIN_EVERY_MIN}"
        command += ["--event", f"{fleet.runaway}:{Incident.ESCAPE}:{when}"]
    with stack.process(running, "machines", command, place.environment()):
        yield
