"""The API as its own processes, as an operator starts it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.anvil import ROOT, free_port
from tests.backend.market import Market

READY_WITHIN_S = 120.0


@dataclass(frozen=True)
class Served:
    url: str
    process: subprocess.Popen[str]
    log: Path

    def get(self, path: str, **options: object) -> requests.Response:
        return requests.get(self.url + path, timeout=10, **options)


def environment(market: Market, folder: Path, port: int) -> dict[str, str]:
    record = folder / f"{market.record['chainId']}.json"
    record.write_text(json.dumps(market.record), encoding="utf-8")
    return os.environ | {
        "HEQI_RPC_URLS": market.node.url,
        "HEQI_CHAIN_ID": str(market.record["chainId"]),
        "HEQI_DEPLOYMENTS_DIR": str(folder),
        "HEQI_DATABASE_URL": f"sqlite:///{folder}/heqi.db",
        "HEQI_API_PORT": str(port),
        "HEQI_POLL_INTERVAL": "0.1",
    }


@contextmanager
def backend(name: str, market: Market, folder: Path, **changes: str) -> Iterator[Served]:
    """`python -m backend <name>` until the block ends, without keys: what needs one does not run."""
    port = free_port()
    log = folder / f"{name}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "backend", name],
            cwd=ROOT,
            env=environment(market, folder, port) | changes,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        yield Served(f"http://127.0.0.1:{port}", process, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_ready(served: Served, path: str = "/readyz") -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if served.process.poll() is not None:
            break
        try:
            if served.get(path).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"not ready: {served.log.read_text()[-3000:]}")
