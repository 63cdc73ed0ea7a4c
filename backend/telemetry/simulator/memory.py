"""What a device knows after it was switched off and on again, one file a machine.

A device that forgot where its chain stood would begin another one, and that is a fork.
"""

from pathlib import Path

import msgspec

from backend.telemetry.record import GENESIS


class Memory(msgspec.Struct, frozen=True):
    """`at`, `sequence`, `head`: of the last record. `hours`, `fuel` (litres), `level` (share of the tank) and the
    place, in metres east and north of the fence's middle, are the machine's own; `hours_off` and `fuel_off`: what its
    meters show beyond them, in the record's units."""

    at: int
    hours: float
    fuel: float
    level: float
    east: float
    north: float
    sequence: int = 0
    head: str = GENESIS
    hours_off: int = 0
    fuel_off: int = 0


class Folder:
    """The memories of a fleet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir(parents=True, exist_ok=True)

    def recall(self, machine: int) -> Memory | None:
        file = self._file(machine)
        return msgspec.json.decode(file.read_bytes(), type=Memory) if file.exists() else None

    def keep(self, machine: int, memory: Memory) -> None:
        """In one step: a file is never half written."""
        file = self._file(machine)
        new = file.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(memory))
        new.replace(file)

    def _file(self, machine: int) -> Path:
        return self._path / f"m{machine}.json"
