"""The processes under chaos: the production loops, over a suite that is MockCash alone and a projection of it.

`python -m tests.system.chaos_worker` is a nursery: it imports everything once and forks a process for every request on
its standard input. A cold start takes seconds of processor time, and a chaos run starts hundreds of processes.

Requests and answers are lines of JSON: `{"start": role, "environment": {…}, "log": path}` → process id,
`{"poll": id}` and `{"wait": id}` → exit status (null while it runs; negative: the signal).
"""

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from backend import log
from backend.chain import submitter
from backend.config import Settings
from backend.readmodel import indexer
from tests import cash
from tests.cash_projection import projection


def work(role: str) -> None:
    settings = Settings.load()
    log.configure(settings.log_level)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    suite = cash.suite(json.loads(Path(os.environ["HEQI_TEST_RECORD"]).read_text(encoding="utf-8")))
    if role == "submitter":
        submitter.run(settings, suite, stop)
    else:
        indexer.run(settings, suite, projection, stop)


def _fork(request: dict[str, Any]) -> int:
    if child := os.fork():
        return child
    output = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.update(request["environment"])
    try:
        work(request["start"])
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def _status(process: int, options: int) -> int | None:
    found, status = os.waitpid(process, options)
    return os.waitstatus_to_exitcode(status) if found else None


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        if "start" in request:
            answer = _fork(request)
        elif "poll" in request:
            answer = _status(request["poll"], os.WNOHANG)
        else:
            answer = _status(request["wait"], 0)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
