"""The whole stack on one machine: Anvil, the suite deployed on it, a message broker, and every process of the backend.

`with started(...) as stack:` for stories, tests and the demo. What it starts it stops, in the opposite order, whatever
happens inside; children run in sessions of their own, so that Ctrl-C reaches this process alone.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import requests

from backend.chain.contracts import Suite
from backend.chain.rpc import Rpc
from backend.config import SIGNER_URLS, Duty, Settings
from backend.errors import HeqiError
from backend.telemetry.broker import COMMANDER, READER, Broker
from scripts import dapp
from scripts.plan import ROOT

CHAIN_ID = 417417
ACCOUNTS = 40
# Development accounts: 0 deploys, 1 to 6 are the bank's officers, 7 to 9 sign scores (scripts/parameters/local.json).
KEYS = {Duty.PLATFORM: 7, Duty.RISK_DESK: 8, Duty.AUDITOR: 9, Duty.RELAYER: 19}
POLL_S = 0.1
ANVIL_WITHIN_S = 60.0
BROKER_WITHIN_S = 30.0
READY_WITHIN_S = 240.0
STOPPED_WITHIN_S = 30.0

Say = Callable[[str], None]


class ToolMissing(HeqiError):
    notice_en = "There is no {tool} at {path}; run `make setup`."
    notice_zh = "{path} 处找不到 {tool}，请运行 `make setup`。"


class PortTaken(HeqiError):
    notice_en = "Port {port} is in use; stop what uses it, perhaps another demo."
    notice_zh = "端口 {port} 已被占用，请先停止占用它的程序（可能是另一个演示）。"


class ProcessEnded(HeqiError):
    notice_en = "{process} ended with status {status}; the end of {log}:\n{tail}"
    notice_zh = "{process} 已退出，状态码 {status}；{log} 末尾内容：\n{tail}"


class NotReady(HeqiError):
    notice_en = "{process} was not ready within {seconds} s; the end of {log}:\n{tail}"
    notice_zh = "{process} 在 {seconds} 秒内未就绪；{log} 末尾内容：\n{tail}"


@dataclass(frozen=True)
class Place:
    """Where a stack keeps its files, and its ports. `chain`: file that keeps the chain between runs, or None; `people`:
    whom the demo wallet of the dApp may act as."""

    folder: Path
    deployments: Path
    chain: Path | None = None
    rpc_port: int = 0
    api_port: int = 0
    signer_ports: Sequence[int] = ()
    broker_port: int = 0
    people: Sequence[Mapping[str, str]] = ()

    @classmethod
    def temporary(cls, folder: Path) -> "Place":
        """Everything in one folder, on free ports."""
        rpc_port, api_port, broker_port, *signer_ports = free_ports(3 + len(SIGNER_URLS))
        return cls(folder, folder, None, rpc_port, api_port, signer_ports, broker_port)

    @property
    def record(self) -> Path:
        return self.deployments / f"{CHAIN_ID}.json"

    @property
    def database(self) -> Path:
        return self.folder / "heqi.db"

    @property
    def dapp(self) -> Path:
        return self.folder / "dapp"

    @property
    def rpc_url(self) -> str:
        return f"http://127.0.0.1:{self.rpc_port}"

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def broker(self) -> Broker:
        return Broker(self.folder / "broker", self.broker_port)

    def settings(self) -> dict[str, Any]:
        """The backend's, as JSON values."""
        urls = {duty: f"http://127.0.0.1:{port}" for duty, port in zip(SIGNER_URLS, self.signer_ports, strict=True)}
        return {
            "rpc_urls": self.rpc_url,
            "chain_id": CHAIN_ID,
            "deployments_dir": str(self.deployments),
            "database_url": f"sqlite:///{self.database}",
            "poll_interval": 0.2,
            "keys": {duty.value: {"development": index} for duty, index in KEYS.items()},
            "signer_urls": {duty.value: url for duty, url in urls.items()},
            "dapp_dir": str(self.dapp),
            "api_port": self.api_port,
            "mqtt_url": self.broker.url,
            "mqtt_user": READER,
            "mqtt_password_file": str(self.broker.password_file(READER)),
            "mqtt_commands_user": COMMANDER,
            "mqtt_commands_password_file": str(self.broker.password_file(COMMANDER)),
            "mqtt_ca_file": str(self.broker.ca_file),
        }

    def environment(self) -> dict[str, str]:
        """Of the backend's processes: these settings and none that this process inherited."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HEQI_")}
        return inherited | {
            f"HEQI_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
            for name, value in self.settings().items()
        }

    def forget(self) -> None:
        """Remove chain, deployment, database and what waits at the broker: they belong together."""
        if self.chain:
            shutil.rmtree(self.chain.parent, ignore_errors=True)
        shutil.rmtree(self.broker.folder, ignore_errors=True)
        for path in (self.record, *self.folder.glob(f"{self.database.name}*")):
            path.unlink(missing_ok=True)


@dataclass
class Stack:
    """A running stack."""

    place: Place
    say: Say
    processes: dict[str, tuple[subprocess.Popen[bytes], Path]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settings = Settings(**self.place.settings())
        self.rpc = Rpc.connect(self.settings)

    @property
    def suite(self) -> Suite:
        return Suite.load(self.settings)

    def require_running(self) -> None:
        """Raises ProcessEnded."""
        for name, (process, log) in self.processes.items():
            if process.poll() is not None:
                raise ProcessEnded(process=name, status=process.returncode, log=log, tail=tail(log))

    def run(self, name: str, *command: str) -> str:
        """Run a program with this stack's settings to its end; returns its output. Raises ProcessEnded."""
        log = self.place.folder / f"{name}.log"
        done = subprocess.run(
            command, cwd=ROOT, env=self.place.environment(), capture_output=True, text=True, check=False
        )
        log.write_text(done.stdout + done.stderr, encoding="utf-8")
        if done.returncode != 0:
            raise ProcessEnded(process=name, status=done.returncode, log=log, tail=tail(log))
        return done.stdout


@contextmanager
def started(place: Place, say: Say) -> Iterator[Stack]:
    """Chain, deployment and backend, ready to use.

    Raises ToolMissing, PortTaken, ProcessEnded, NotReady.
    """
    place.folder.mkdir(parents=True, exist_ok=True)
    place.deployments.mkdir(parents=True, exist_ok=True)
    stack = Stack(place, say)
    with ExitStack() as running:
        _start_chain(stack, running)
        _start_broker(stack, running)
        _start_backend(stack, running)
        yield stack


def end_in_order_on_signals() -> None:
    """Ctrl-C and SIGTERM end the story once; whoever presses twice does not leave half of the processes behind."""

    def interrupt(number: int, _frame: FrameType | None) -> None:
        for other in (signal.SIGINT, signal.SIGTERM):
            signal.signal(other, signal.SIG_IGN)
        raise KeyboardInterrupt(signal.Signals(number).name)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)


def free_ports(count: int) -> list[int]:
    with ExitStack() as probes:
        sockets = [probes.enter_context(socket.socket()) for _ in range(count)]
        for probe in sockets:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in sockets]


def tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


# Chain


def _start_chain(stack: Stack, running: ExitStack) -> None:
    place = stack.place
    kept = place.chain is not None and place.chain.exists()
    if not kept:
        place.forget()
    chain = running.enter_context(_anvil(stack))
    try:
        _deploy(stack)
    except ProcessEnded as failure:
        if not kept:
            raise
        stack.say(f"the kept chain does not fit this release, so a new one is begun: {_last_line(failure)}")
        chain.close()
        place.forget()
        running.enter_context(_anvil(stack))
        _deploy(stack)


@contextmanager
def _anvil(stack: Stack) -> Iterator[ExitStack]:
    """A running Anvil; closing what is yielded stops it early."""
    place = stack.place
    binary = ROOT / ".tools" / "bin" / "anvil"
    if not binary.exists():
        raise ToolMissing(tool="Anvil", path=binary.relative_to(ROOT))
    _require_free(place.rpc_port)
    stack.say(f"chain {CHAIN_ID} on {place.rpc_url}")
    command = [str(binary), "--chain-id", str(CHAIN_ID), "--port", str(place.rpc_port)]
    command += ["--accounts", str(ACCOUNTS), "--enable-tx-gas-limit", "--quiet"]
    if place.chain:
        command += ["--state", str(place.chain), "--timestamp", str(_genesis_time(place.chain))]
    with ExitStack() as running:
        running.enter_context(process(stack, "anvil", command, os.environ))
        _wait(stack, "anvil", ANVIL_WITHIN_S, lambda: _listens(place.rpc_port))
        _set_clock(stack.rpc)
        yield running


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _genesis_time(chain: Path) -> int:
    """Anvil makes a first block at every start and keeps it beside the loaded one: both have to be the same."""
    kept = chain.with_name("genesis")
    if not kept.exists():
        chain.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(str(int(time.time())), encoding="utf-8")
    return int(kept.read_text(encoding="utf-8"))


def _set_clock(rpc: Rpc) -> None:
    """Today, or later on a kept chain that a story has led into the future. Anvil itself forgets how far."""
    rpc.call("evm_setNextBlockTimestamp", max(int(time.time()), rpc.header("latest").timestamp + 1))
    rpc.call("anvil_mine", "0x1")


def _deploy(stack: Stack) -> None:
    stack.say("deploying the suite (a first compilation takes a minute)")
    ape = Path(sys.executable).with_name("ape")
    stack.run("deploy", str(ape), "run", "deploy", "--network", f"ethereum:heqi:{stack.place.rpc_url}")


def _last_line(failure: ProcessEnded) -> str:
    return str(failure.values["tail"]).strip().splitlines()[-1]


# Broker


def _start_broker(stack: Stack, running: ExitStack) -> None:
    broker = stack.place.broker
    _require_free(broker.port)
    stack.say(
        f"message broker on {broker.url}" + ("" if broker.mosquitto else " (inside Python, for want of Mosquitto)")
    )
    command = [
        sys.executable,
        "-m",
        "backend.telemetry.broker",
        "serve",
        str(broker.folder),
        "--port",
        str(broker.port),
    ]
    running.enter_context(process(stack, "broker", command, os.environ))
    _wait(stack, "broker", BROKER_WITHIN_S, broker.is_up)


# Backend


def _start_backend(stack: Stack, running: ExitStack) -> None:
    place = stack.place
    for port in (place.api_port, *place.signer_ports):
        _require_free(port)
    record = json.loads(place.record.read_text(encoding="utf-8"))
    dapp.bake(dapp.DEMO_BUILD, record, place.dapp, {"rpcUrl": place.rpc_url, "people": [*place.people]})
    stack.say("oracle, indexer, relay, keeper and API")
    command = [sys.executable, "-m", "backend", "all"]
    running.enter_context(process(stack, "backend", command, place.environment()))
    _wait(stack, "backend", READY_WITHIN_S, lambda: _is_ready(place.api_url))


def _is_ready(api_url: str) -> bool:
    try:
        return requests.get(f"{api_url}/readyz", timeout=5).status_code == 200
    except requests.RequestException:
        return False


# Processes


@contextmanager
def process(stack: Stack, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Iterator[None]:
    """A process of the stack for as long as the block lasts."""
    log = stack.place.folder / f"{name}.log"
    with log.open("wb") as output:
        child = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    stack.processes[name] = child, log
    try:
        yield
    finally:
        del stack.processes[name]
        _stop(child)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOPPED_WITHIN_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(stack: Stack, name: str, seconds: float, is_ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not is_ready():
        stack.require_running()
        if time.monotonic() > deadline:
            log = stack.processes[name][1]
            raise NotReady(process=name, seconds=seconds, log=log, tail=tail(log))
        time.sleep(POLL_S)


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise PortTaken(port=port) from None
