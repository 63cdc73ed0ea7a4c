"""Start a real message broker for a test: `with broker.start(folder) as running: running.broker.admit(["m7"])`."""

import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.telemetry.broker import READER, Broker, find_mosquitto
from backend.telemetry.mqtt import Reader, Source, filters
from backend.telemetry.record import Message
from tests.anvil import ROOT, free_port

START_TIMEOUT_S = 30.0
# Why the set-up could not get Mosquitto; see scripts/mosquitto.sh.
REASON = ROOT / ".tools" / "without-mosquitto"
WITHOUT_MOSQUITTO = REASON.exists()


class BrokerError(RuntimeError):
    """The broker did not start."""


@dataclass
class Running:
    """`broker` for what is admitted and how to connect; `restart` as an operator would, `kill` as a power cut would."""

    broker: Broker
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(START_TIMEOUT_S)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(START_TIMEOUT_S)

    def start(self) -> None:
        self.process = _process(self.broker)
        _wait(self)

    def restart(self) -> None:
        self.stop()
        self.start()

    def new_reader(self, shards: Iterable[int] = range(16), user: str = READER) -> Reader:
        """Not connected yet."""
        return Reader(self.broker.platform_access(user), filters(shards))

    def reader(self, shards: Iterable[int] = range(16), user: str = READER) -> Reader:
        """Subscribed, so that what is published from now on comes to it; what was waiting is passed over."""
        reader = self.new_reader(shards, user)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not reader.is_ready:
            reader.receive(0.05)
            if time.monotonic() > deadline:
                raise BrokerError("the broker does not let its reader in")
        return reader


def collect(source: Source, count: int, timeout: float = START_TIMEOUT_S) -> list[Message]:
    """At least `count` messages, and what else is there already; fewer when they do not come in time."""
    deadline, messages = time.monotonic() + timeout, []
    while len(messages) < count and time.monotonic() < deadline:
        messages += source.receive(0.2)
    return messages + source.receive(0.2)


def mosquitto() -> Path:
    """Its program. Raises BrokerError with what the set-up said about it."""
    found = find_mosquitto()
    if found is None:
        said = REASON.read_text(encoding="utf-8").strip() if REASON.exists() else "the set-up has not run: make setup"
        raise BrokerError(f"this machine has no Mosquitto: {said}")
    return found


@contextmanager
def start(folder: Path, *, embedded: bool = WITHOUT_MOSQUITTO, is_encrypted: bool = True) -> Iterator[Running]:
    """A broker of its own on a free port, ready for connections: the one this machine has, or the named one."""
    broker = Broker(folder, free_port(), is_encrypted=is_encrypted, mosquitto=None if embedded else mosquitto())
    running = Running(broker, _process(broker))
    try:
        _wait(running)
        yield running
    finally:
        running.kill()


def _process(broker: Broker) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "backend.telemetry.broker",
        "serve",
        str(broker.folder),
        "--port",
        str(broker.port),
    ]
    command += ["--plain"] * (not broker.is_encrypted) + ["--embedded"] * (broker.mosquitto is None)
    broker.folder.mkdir(parents=True, exist_ok=True)
    with (broker.folder / "log").open("ab") as log:
        return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)


def _wait(running: Running) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not running.broker.is_up():
        if running.process.poll() is not None or time.monotonic() > deadline:
            log = (running.broker.folder / "log").read_text(encoding="utf-8")
            raise BrokerError(f"the broker did not start within {START_TIMEOUT_S} s:\n{log}")
        time.sleep(0.02)
