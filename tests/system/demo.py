"""The demo as a process of its own, in a folder that keeps its chain."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from scripts.stack import free_ports
from tests.anvil import ROOT

READY_WITHIN_S = 900.0
STOPPED_WITHIN_S = 90.0


@dataclass
class Demo:
    process: subprocess.Popen[str]
    api: str
    lines: list[str] = field(default_factory=list)

    def read(self) -> None:
        assert self.process.stdout
        self.lines += iter(self.process.stdout.readline, "")

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while f"ready: {self.api}\n" not in self.lines:
            assert self.process.poll() is None, "".join(self.lines)
            assert time.monotonic() < deadline, "".join(self.lines)
            time.sleep(0.2)

    def get(self, path: str) -> requests.Response:
        return requests.get(self.api + path, timeout=30)

    def refusal(self, lease: int) -> str | None:
        """Why the bank pays nothing for a lease; None when it would."""
        answer = self.get(f"/v1/leases/{lease}/quote")
        return None if answer.ok else answer.json()["code"]


@contextmanager
def running(folder: Path, rpc_port: int, api_port: int) -> Iterator[Demo]:
    command = [sys.executable, "-m", "scripts.demo", "--lang", "en", "--folder", str(folder)]
    command += ["--rpc-port", str(rpc_port), "--api-port", str(api_port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    demo = Demo(process, f"http://127.0.0.1:{api_port}")
    reader = threading.Thread(target=demo.read, daemon=True)
    reader.start()
    try:
        yield demo
    finally:
        process.terminate()
        process.wait(STOPPED_WITHIN_S)
        reader.join(10)
        process.stdout.close()


@dataclass(frozen=True)
class Kept:
    """A folder in which the demo has run once, its ports, what it said, and the processes that ran then."""

    folder: Path
    ports: list[int]
    said: str
    processes: list[int]

    @contextmanager
    def again(self) -> Iterator[Demo]:
        """The next start; ready."""
        with running(self.folder, *self.ports) as demo:
            demo.wait_until_ready()
            yield demo


def play(folder: Path) -> Kept:
    """Run it for the first time, until it is ready, and stop it with Ctrl-C."""
    ports = free_ports(2)
    with running(folder, *ports) as demo:
        demo.wait_until_ready()
        assert demo.get("/readyz").status_code == 200
        processes = descendants(demo.process.pid)
        demo.process.send_signal(signal.SIGINT)
        assert demo.process.wait(STOPPED_WITHIN_S) == 0, "".join(demo.lines[-20:])
    return Kept(folder, ports, "".join(demo.lines), list(processes))


def descendants(ancestor: int) -> dict[int, str]:
    """Command lines of everything that a process has started, by process id."""
    listed = subprocess.run(["ps", "-Ao", "pid=,ppid=,command="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    found: dict[int, str] = {}
    parents = {ancestor}
    while parents:
        children = {int(pid): command for pid, parent, command in rows if int(parent) in parents}
        found |= children
        parents = set(children)
    return found
