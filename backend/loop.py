"""The runner of every long-lived step."""

import threading
from collections.abc import Callable

import structlog
from sqlalchemy.exc import OperationalError

from backend.chain.rpc import HeadUnsettled, RpcRefused, RpcUnavailable

TRY_AGAIN = (HeadUnsettled, RpcRefused, RpcUnavailable, OperationalError)

log = structlog.get_logger(__name__)


def run(
    name: str, step: Callable[[], object], interval: float, stop: threading.Event, wake: threading.Event | None = None
) -> None:
    """Call `step` every `interval` seconds until `stop` is set, and at once when `wake` is; who sets `stop` sets both.

    What a node or a database may be failing at for a while is logged and tried again; every other error ends the loop.
    """
    bell = wake or stop
    while not stop.is_set():
        if wake:
            wake.clear()
        try:
            step()
        except TRY_AGAIN as error:
            log.warning("step_failed", loop=name, reason=str(error))
        bell.wait(interval)
