"""The process that holds the relayer's key: submits the outbox, relays signed reports, delivers settlements."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from backend import keeper
from backend.chain import submitter
from backend.chain.contracts import Suite
from backend.config import Settings
from backend.oracle import relay
from backend.oracle.machines import lane

ALARM_POLL_S = 0.05


def run(settings: Settings, suite: Suite, stop: threading.Event) -> None:
    """Run every loop until `stop` is set. When one of them ends with an error, all end and it is raised."""
    wake = threading.Event()  # the submitter, when there is a report to be sent
    poll_s = settings.poll_interval
    loops: list[Callable[[Settings, Suite, threading.Event], None]] = [
        partial(submitter.run, wake=wake),
        partial(relay.run, lane=relay.Scores(), interval=poll_s, queued=wake.set),
        partial(relay.run, lane=lane.ALARMS, interval=min(ALARM_POLL_S, poll_s), queued=wake.set),
        partial(relay.run, lane=lane.READINGS, interval=poll_s, queued=wake.set),
        keeper.run,
    ]

    def until_one_ends(loop: Callable[[Settings, Suite, threading.Event], None]) -> None:
        try:
            loop(settings, suite, stop)
        finally:
            stop.set()

    with ThreadPoolExecutor(len(loops), thread_name_prefix="relay") as pool:
        running = [pool.submit(until_one_ends, loop) for loop in loops]
        stop.wait()
        wake.set()
    for each in running:
        each.result()
