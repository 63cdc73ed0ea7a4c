"""Serves the API: gunicorn, one worker of threads, and beside it the thread that pushes the feed."""

import threading
from typing import Any

from gunicorn.app.base import BaseApplication

from backend import log, loop
from backend.api.app import create_app
from backend.api.context import EXTENSION
from backend.api.push import Pusher
from backend.chain import start
from backend.chain.contracts import Suite
from backend.config import Settings

THREADS = 128
GRACE_S = 2
PUSH_INTERVAL_S = 0.1


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises what makes a start impossible."""
    _, engine = start.connect(settings, Suite.load(settings))
    engine.dispose()
    _Server(settings).run()


class _Server(BaseApplication):  # type: ignore[misc]
    """The application is made in the worker: connections and threads do not survive a fork."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "bind": f"{self._settings.api_host}:{self._settings.api_port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "graceful_timeout": GRACE_S,
            "control_socket_disable": True,
            "loglevel": "warning",
            "logger_class": "gunicorn.glogging.Logger",
            "post_worker_init": _push_until_stopped,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        suite = Suite.load(self._settings)
        rpc, engine = start.connect(self._settings, suite)
        log.configure(self._settings.log_level, self._settings.log_format)
        return create_app(self._settings, suite, rpc, engine)


def _push_until_stopped(worker: Any) -> None:
    stop = threading.Event()
    threading.Thread(target=_push, args=(worker.wsgi, stop), name="push", daemon=True).start()
    threading.Thread(target=_end_with, args=(worker, stop), name="end", daemon=True).start()


def _push(app: Any, stop: threading.Event) -> None:
    pusher = Pusher(app.extensions[EXTENSION], app.extensions["socketio"])
    loop.run("push", pusher.step, PUSH_INTERVAL_S, stop)


def _end_with(worker: Any, stop: threading.Event) -> None:
    """Open sockets would hold a stopping worker until its grace is over: close them as soon as it stops."""
    while worker.alive:
        stop.wait(0.1)
    stop.set()
    server = worker.wsgi.extensions["socketio"].server
    server.eio.disconnect()
    server.shutdown()
