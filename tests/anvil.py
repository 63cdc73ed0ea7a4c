"""Start a real Anvil for a test: `with anvil.start() as node: node.rpc("eth_blockNumber")`."""

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parent.parent
LOCAL_CHAIN_ID = 417417
START_TIMEOUT_S = 30.0


class AnvilError(RuntimeError):
    """The node answered a request with a JSON-RPC error, or did not start."""


@dataclass(frozen=True)
class Node:
    """A running Anvil: `url` for clients, `rpc` for the test itself."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def rpc(self, method: str, *params: Any) -> Any:
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        answer = requests.post(self.url, json=request, timeout=60).json()
        if "error" in answer:
            raise AnvilError(f"{method}: {answer['error']}")
        return answer["result"]

    def receipt(self, transaction: str) -> dict[str, Any]:
        """The receipt of a mined transaction; Anvil shows it a moment after it counts the nonce."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while (found := self.rpc("eth_getTransactionReceipt", transaction)) is None:
            if time.monotonic() > deadline:
                raise AnvilError(f"{transaction} was not mined within {START_TIMEOUT_S} s")
            time.sleep(0.01)
        return found

    def mine(self, blocks: int = 1) -> None:
        self.rpc("anvil_mine", hex(blocks))

    def block_number(self) -> int:
        return int(self.rpc("eth_blockNumber"), 16)


def binary() -> Path:
    """The native executable; npm's wrapper has another process id and hides the exit status."""
    candidates = [ROOT / ".tools/bin/anvil", *ROOT.glob("node_modules/@foundry-rs/anvil-*/bin/anvil*")]
    for path in candidates:
        if path.is_file():
            return path
    raise AnvilError(f"no Anvil under {ROOT}: run the set-up (`npm ci`)")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def start(
    chain_id: int = LOCAL_CHAIN_ID,
    *,
    block_time: float | None = None,
    mining: bool = True,
    port: int = 0,
    state: Path | None = None,
    accounts: int = 20,
    options: Sequence[str] = (),
) -> Iterator[Node]:
    """Run Anvil until the block ends; on a failure inside the block its log goes to stderr.

    `block_time` in seconds (default: one block per transaction), `mining=False` mines on request only,
    `port=0` picks a free one, `accounts` are unlocked and have coins, `state` is loaded at the start and
    saved at the end.
    """
    port = port or free_port()
    command = [str(binary()), "--chain-id", str(chain_id), "--port", str(port), "--accounts", str(accounts)]
    command += ["--enable-tx-gas-limit", *options]
    if block_time is not None:
        command += ["--block-time", str(block_time)]
    if not mining:
        command += ["--no-mining"]
    if state is not None:
        command += ["--state", str(state)]
    with tempfile.TemporaryDirectory(prefix="anvil-") as folder:
        log = Path(folder) / "anvil.log"
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        node = Node(port, process, log)
        try:
            _wait_until_ready(node)
            yield node
        except BaseException:
            sys.stderr.write(log.read_text(errors="replace").partition("Listening on")[2][-4000:])
            raise
        finally:
            _stop(process)


def _wait_until_ready(node: Node) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if node.process.poll() is not None:
            raise AnvilError(f"Anvil ended with status {node.process.returncode}: {node.log.read_text()[-500:]}")
        try:
            node.rpc("web3_clientVersion")
            return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AnvilError(f"Anvil on port {node.port} did not answer within {START_TIMEOUT_S} s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
