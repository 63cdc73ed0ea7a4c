"""The run log: JSON lines, each bound to the one before by its hash, the last one signed by the coordinator."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backend import strictjson
from backend.errors import HeqiError
from backend.federation import messages
from backend.federation.errors import LogBroken, LogUnreadable

FILE = "run.jsonl"
MASKED = "masked"
MOST_LOG_BYTES = 100_000_000
FIRST = "0" * 64

Line = dict[str, Any]


class RunLog:
    """Appends to a new log in a folder of the run's own, where the masked vectors are kept beside it."""

    def __init__(self, folder: Path) -> None:
        (folder / MASKED).mkdir(parents=True)
        self.folder = folder
        self.head = FIRST
        self._count = 0

    @property
    def path(self) -> Path:
        return self.folder / FILE

    def append(self, event: str, **content: Any) -> None:
        """One line, handed to the file system before this returns."""
        self._count += 1
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = {"line": self._count, "at": at, "event": event, **content, "previous": self.head}
        self.head = messages.digest(line)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line | {"hash": self.head}, ensure_ascii=False) + "\n")

    def keep(self, round: int, name: str, data: bytes) -> None:
        masked_file(self.folder, round, name).write_bytes(data)


def masked_file(folder: Path, round: int, name: str) -> Path:
    return folder / MASKED / f"{round:03d}-{name}.u64"


def read(path: Path) -> list[Line]:
    """Every line of a log whose chain holds. Raises LogUnreadable, LogBroken with the first line that does not."""
    try:
        if path.stat().st_size > MOST_LOG_BYTES:
            raise LogUnreadable(path=path.name, rule=f"it is larger than {MOST_LOG_BYTES} bytes")
        data = path.read_bytes()
    except OSError as error:
        raise LogUnreadable(path=path.name, rule=str(error.strerror)) from None
    return list(_chained(data))


def _chained(data: bytes) -> Iterator[Line]:
    previous = FIRST
    for number, text in enumerate(data.splitlines(), start=1):
        try:
            line = strictjson.parse(text)
        except HeqiError as error:
            raise LogBroken(line=number, rule=str(error)) from None
        if not isinstance(line, dict) or line.get("line") != number or not isinstance(line.get("event"), str):
            raise LogBroken(line=number, rule="it is not the line of that number")
        hash_ = line.pop("hash", None)
        if line.get("previous") != previous:
            raise LogBroken(line=number, rule="it does not follow the line before it")
        if messages.digest(line) != hash_:
            raise LogBroken(line=number, rule="its content does not have its hash")
        previous = hash_
        yield line | {"hash": hash_}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
