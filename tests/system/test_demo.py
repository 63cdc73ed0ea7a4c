"""The demo as its user meets it: one command, ready, Ctrl-C, and on where it stopped."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from scripts.stack import free_ports
from tests.system.demo import STOPPED_WITHIN_S, Kept, descendants, running

LEFT_WITHIN_S = 600.0
EVERY_PROCESS = 14
"""Anvil, broker, fleet, supervisor, API, indexer, leaders of both oracles, devices, night, relay, signers."""


def test_it_says_how_to_get_in(kept: Kept):
    assert "accounts of the development mnemonic" in kept.said
    assert f"API: http://127.0.0.1:{kept.ports[1]}/docs" in kept.said


def test_ctrl_c_stops_every_process(kept: Kept):
    assert len(kept.processes) >= EVERY_PROCESS
    assert alive(kept.processes) == []


def test_a_second_start_goes_on_where_the_first_stopped(kept: Kept):
    with kept.again() as demo:
        assert not any("opens its doors" in line for line in demo.lines)
        states = {item["state"] for item in demo.get("/v1/receivables?limit=200").json()["items"]}
        assert {"Registered", "Confirmed", "Financed", "Disputed", "Split", "Settled"} <= states


def test_a_machine_reports_live_and_leaves_its_region_on_command(kept: Kept):
    with kept.again() as demo:
        lease = demo.get("/v1/leases?limit=1").json()["items"][0]["lease"]
        assert demo.refusal(lease) is None
        demo.process.send_signal(signal.SIGUSR1)
        deadline = time.monotonic() + LEFT_WITHIN_S
        while demo.refusal(lease) is None:
            assert time.monotonic() < deadline, "".join(demo.lines[-20:])
            time.sleep(2)
        assert demo.refusal(lease) == "MachineAlarmed"


def test_when_a_process_dies_the_demo_ends_and_names_it(kept: Kept):
    with kept.again() as demo:
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
