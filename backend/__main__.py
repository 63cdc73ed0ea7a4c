"""`python -m backend PROCESS`, with `all` for all of them."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from types import FrameType

import click

from backend import log
from backend.chain.contracts import Suite
from backend.config import SIGNER_URLS, Duty, Settings
from backend.errors import HeqiError

KEYS_VARIABLE = "HEQI_KEYS"
POLL_S = 0.1
PATIENCE_S = 10.0


# Each process imports only what it needs: the API no submitter, the indexer no web server. It listens to signals first,
# for the model's libraries take seconds to import.


def _api(settings: Settings) -> None:
    from backend.api import server  # noqa: PLC0415

    server.run(settings)


def _indexer(settings: Settings) -> None:
    stop = _stop_on_signals()
    from backend.readmodel import indexer, projection  # noqa: PLC0415

    indexer.run(settings, Suite.load(settings), projection.shipped(), stop)


def _credit(settings: Settings) -> None:
    stop = _stop_on_signals()
    from backend.oracle import leader  # noqa: PLC0415

    leader.run(settings, Suite.load(settings), stop)


def _devices(settings: Settings) -> None:
    stop = _stop_on_signals()
    from backend import devices  # noqa: PLC0415

    devices.run(settings, Suite.load(settings), stop)


def _machines(settings: Settings) -> None:
    stop = _stop_on_signals()
    from backend.oracle.machines import leader  # noqa: PLC0415

    leader.run(settings, Suite.load(settings), stop)


def _night(settings: Settings) -> None:
    stop = _stop_on_signals()
    from backend import night  # noqa: PLC0415

    night.run(settings, Suite.load(settings), stop)


def _relay(settings: Settings) -> None:
    stop = _stop_on_signals()
    from backend import relay  # noqa: PLC0415

    relay.run(settings, Suite.load(settings), stop)


def _signer(settings: Settings, duty: Duty) -> None:
    stop = _stop_on_signals()
    from backend.oracle import signer  # noqa: PLC0415

    signer.run(settings, Suite.load(settings), stop, duty)


PROCESSES: dict[str, Callable[[Settings], None]] = {
    "api": _api,
    "indexer": _indexer,
    "credit": _credit,
    "devices": _devices,
    "machines": _machines,
    "night": _night,
    "relay": _relay,
    **{f"signer-{duty}": partial(_signer, duty=duty) for duty in SIGNER_URLS},
}
KEYS_OF = {"relay": Duty.RELAYER, **{f"signer-{duty}": duty for duty in SIGNER_URLS}}


@click.command()
@click.argument("process", type=click.Choice([*PROCESSES, "all"]))
def main(process: str) -> None:
    """Run one process of the backend, or all of them under a supervisor."""
    # Until a process handles signals itself: importing takes a while, and a stop meanwhile is no failure.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    settings = Settings.load()
    if process == "all":
        sys.exit(supervise(settings))
    log.configure(settings.log_level, settings.log_format)
    PROCESSES[process](settings)


def supervise(settings: Settings) -> int:
    """Run each process as a child until a signal comes or one of them ends; then stop all.

    Those whose key or broker is not configured run somewhere else. Returns 0 after a signal, otherwise the status of
    the child that ended. Nothing is restarted: that is for the service manager, which sees the status.
    """
    stop = _stop_on_signals()
    names = [name for name in PROCESSES if _is_configured(name, settings)]
    children = {name: _start(name, settings) for name in names}
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


def _is_configured(name: str, settings: Settings) -> bool:
    if name == "devices":
        return settings.mqtt_password_file is not None
    return name not in KEYS_OF or KEYS_OF[name] in settings.keys


def _start(name: str, settings: Settings) -> subprocess.Popen[bytes]:
    """With the key of its duty and no other."""
    environment = {variable: value for variable, value in os.environ.items() if not variable.startswith(KEYS_VARIABLE)}
    if name in KEYS_OF:
        duty = KEYS_OF[name]
        environment[KEYS_VARIABLE] = json.dumps({duty: settings.keys[duty].model_dump(mode="json", exclude_none=True)})
    return subprocess.Popen([sys.executable, "-m", "backend", name], env=environment)  # noqa: S603


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
