"""`python -m backend api | indexer | relay | all`"""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

import click

from backend import log
from backend.chain.contracts import Suite
from backend.config import Settings
from backend.errors import HeqiError

POLL_S = 0.1
PATIENCE_S = 10.0


# Each process imports only what it needs: the API no submitter, the indexer no web server.


def _api(settings: Settings) -> None:
    from backend.api import server  # noqa: PLC0415

    server.run(settings)


def _indexer(settings: Settings) -> None:
    from backend.readmodel import indexer, projection  # noqa: PLC0415

    indexer.run(settings, Suite.load(settings), projection.shipped(), _stop_on_signals())


def _relay(settings: Settings) -> None:
    from backend.chain import submitter  # noqa: PLC0415

    submitter.run(settings, Suite.load(settings), _stop_on_signals())


PROCESSES: dict[str, Callable[[Settings], None]] = {"api": _api, "indexer": _indexer, "relay": _relay}


@click.command()
@click.argument("process", type=click.Choice([*PROCESSES, "all"]))
def main(process: str) -> None:
    """Run one process of the backend, or all of them under a supervisor."""
    settings = Settings.load()
    if process == "all":
        sys.exit(supervise(list(PROCESSES)))
    log.configure(settings.log_level, settings.log_format)
    PROCESSES[process](settings)


def supervise(names: list[str]) -> int:
    """Run each process as a child until a signal comes or one of them ends; then stop all.

    Returns 0 after a signal, otherwise the status of the child that ended. Nothing is restarted: that is for the
    service manager, which sees the status.
    """
    stop = _stop_on_signals()
    children = {name: subprocess.Popen([sys.executable, "-m", "backend", name]) for name in names}  # noqa: S603
    for name, child in children.items():
        _say(f"{name} started (process {child.pid})")
    ended = None
    while not stop.is_set() and ended is None:
        ended = next((name for name, child in children.items() if child.poll() is not None), None)
        stop.wait(POLL_S)
    if ended is not None:
        _say(f"{ended} ended with status {children[ended].returncode}; stopping the others")
    _stop_all(children)
    return 0 if ended is None else abs(children[ended].returncode) or 1


def _stop_all(children: dict[str, subprocess.Popen[bytes]]) -> None:
    for child in children.values():
        child.terminate()
    deadline = time.monotonic() + PATIENCE_S
    for name, child in children.items():
        try:
            child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        _say(f"{name} stopped (status {child.returncode})")


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def request_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, request_stop)
    return stop


def _say(line: str) -> None:
    click.echo(f"backend: {line}")


if __name__ == "__main__":
    try:
        main(standalone_mode=True)
    except HeqiError as error:
        sys.exit(f"backend: {error}")
