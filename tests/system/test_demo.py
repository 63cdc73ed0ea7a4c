"""The demo as its user meets it: one command, ready, Ctrl-C, and on where it stopped."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from scripts.stack import free_ports
from tests.anvil import ROOT

READY_WITHIN_S = 900.0
STOPPED_WITHIN_S = 90.0
LEFT_WITHIN_S = 600.0
EVERY_PROCESS = 14
"""Anvil, broker, fleet, supervisor, API, indexer, leaders of both oracles, devices, night, relay, signers."""


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
    """A folder in which the demo has run once, its ports, and the processes that ran then."""

    folder: Path
    ports: list[int]
    processes: list[int]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder, ports = tmp_path_factory.mktemp("demo"), free_ports(2)
    with running(folder, *ports) as demo:
        demo.wait_until_ready()
        assert demo.get("/readyz").status_code == 200
        assert "mnemonic" in "".join(demo.lines)
        processes = descendants(demo.process.pid)
        demo.process.send_signal(signal.SIGINT)
        assert demo.process.wait(STOPPED_WITHIN_S) == 0, "".join(demo.lines[-20:])
    return Kept(folder, ports, list(processes))


def test_ctrl_c_stops_every_process(kept: Kept):
    assert len(kept.processes) >= EVERY_PROCESS
    assert alive(kept.processes) == []


def test_a_second_start_goes_on_where_the_first_stopped(kept: Kept):
    with running(kept.folder, *kept.ports) as demo:
        demo.wait_until_ready()
        assert not any("opens its doors" in line for line in demo.lines)
        states = {item["state"] for item in demo.get("/v1/receivables?limit=200").json()["items"]}
        assert {"Registered", "Confirmed", "Financed", "Disputed", "Split", "Settled"} <= states


def test_a_machine_reports_live_and_leaves_its_region_on_command(kept: Kept):
    with running(kept.folder, *kept.ports) as demo:
        demo.wait_until_ready()
        lease = demo.get("/v1/leases?limit=1").json()["items"][0]["lease"]
        assert demo.refusal(lease) is None
        demo.process.send_signal(signal.SIGUSR1)
        deadline = time.monotonic() + LEFT_WITHIN_S
        while demo.refusal(lease) is None:
            assert time.monotonic() < deadline, "".join(demo.lines[-20:])
            time.sleep(2)
        assert demo.refusal(lease) == "MachineAlarmed"


def test_when_a_process_dies_the_demo_ends_and_names_it(kept: Kept):
    with running(kept.folder, *kept.ports) as demo:
        demo.wait_until_ready()
        processes = descendants(demo.process.pid)
        [signer] = [process for process, command in processes.items() if "signer-auditor" in command]
        os.kill(signer, signal.SIGKILL)
        assert demo.process.wait(STOPPED_WITHIN_S) != 0
    told = "".join(demo.lines)
    assert "ProcessEnded: backend ended" in told
    assert "signer-auditor ended with status -9" in told
    assert alive(processes) == []


def test_a_port_in_use_is_named(tmp_path: Path):
    with socket.socket() as occupant:
        occupant.bind(("127.0.0.1", 0))
        occupant.listen()
        port = occupant.getsockname()[1]
        with running(tmp_path, port, free_ports(1)[0]) as demo:
            assert demo.process.wait(STOPPED_WITHIN_S) != 0
    assert f"PortTaken: Port {port} is in use" in "".join(demo.lines)


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


def alive(processes: Iterable[int]) -> list[int]:
    """Those that still run after a moment; the dead whose entry nobody has collected yet do not count."""
    wanted, deadline = set(processes), time.monotonic() + 10
    while True:
        listed = subprocess.run(["ps", "-Ao", "pid=,stat="], capture_output=True, text=True, check=True).stdout
        rows = [line.split() for line in listed.splitlines()]
        running_still = sorted(wanted & {int(pid) for pid, state in rows if not state.startswith("Z")})
        if not running_still or time.monotonic() > deadline:
            return running_still
        time.sleep(0.2)
