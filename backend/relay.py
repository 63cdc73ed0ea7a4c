"""The process that holds the relayer's key: submits the outbox, relays score reports, delivers settlements."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from backend import keeper
from backend.chain import submitter
from backend.chain.contracts import Suite
from backend.config import Settings
from backend.oracle import relay

LOOPS: tuple[Callable[[Settings, Suite, threading.Event], None], ...] = (submitter.run, relay.run, keeper.run)


def run(settings: Settings, suite: Suite, stop: threading.Event) -> None:
    """Run every loop until `stop` is set. When one of them ends with an error, all end and it is raised."""

    def until_one_ends(loop: Callable[[Settings, Suite, threading.Event], None]) -> None:
        try:
            loop(settings, suite, stop)
        finally:
            stop.set()

    with ThreadPoolExecutor(len(LOOPS), thread_name_prefix="relay") as pool:
        running = [pool.submit(until_one_ends, loop) for loop in LOOPS]
    for each in running:
        each.result()
