"""Socket.IO: every event of the feed, as it happens, to whoever subscribed to one of its rooms.

A client emits `subscribe` or `unsubscribe` with {"rooms": ["all", "receivable:17", "party:3"]} and is answered with the
rooms it is in, or with a problem. It then receives `event` messages in the form of `GET /v1/feed`; after a break it
asks that route for what it missed, from the cursor of the last event it saw.

The room `party:<number>:private` is for the party itself, signed in when it connected, and `bank:private` for the
bank's officers. Before anything is sent there, every member is judged again: who has signed out since, or whose wallet
was replaced, leaves. When a report is public, each merchant in it hears there, as `ScoreExplained`, what was found
about it. Alarms of a machine are told to its title's holder, to its lessee and, while the bank finances it, to the
bank. A page must connect by websocket for that: browsers do not say which page a polling request comes from.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from flask import Flask, request
from flask_socketio import ConnectionRefusedError, SocketIO, disconnect, join_room, leave_room, rooms

from backend import store
from backend.api import origins, problems, sessions
from backend.api.context import Context, here
from backend.api.feed import announcements
from backend.api.merchant_scores import explanations
from backend.api.problems import RequestInvalid, RequestsTooMany
from backend.api.rooms import ROOM, owner_of
from backend.config import Settings
from backend.errors import HeqiError
from backend.store import feed

MOST_MESSAGE_BYTES = 4096
MOST_ROOMS = 100
MOST_MESSAGES = 20
WINDOW_S = 10.0
MOST_OPEN_REQUESTS = 80
MOST_OPEN_REQUESTS_OF_ADDRESS = 40
BATCH = 500
NAMESPACE = "/"
ROOMS_RULE = (
    "it is a list of all, receivable:<id>, machine:<id>, lease:<id>, party:<number>, party:<number>:private and "
    "bank:private"
)

log = structlog.get_logger(__name__)

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]


def install(app: Flask, settings: Settings) -> SocketIO:
    """Serve /socket.io. Browsers may come from this host and the allowed origins; others send no Origin."""

    def may_come(origin: str | None, environ: Environ) -> bool:
        return origin is None or origins.is_ours(origin, environ, settings)

    sockets = SocketIO(
        app,
        async_mode="threading",
        cors_allowed_origins=may_come,
        cors_credentials=False,
        max_http_buffer_size=MOST_MESSAGE_BYTES,
        manage_session=False,
    )
    app.wsgi_app = OpenRequests(app.wsgi_app)  # type: ignore[method-assign]
    _listen(sockets)
    return sockets


def _listen(sockets: SocketIO) -> None:
    pace = Pace()

    def connect(_auth: Any = None) -> None:
        """Whoever brings a session names its page."""
        if sessions.has_cookie(here(), request.environ) and "Origin" not in request.headers:
            error = origins.OriginRefused(origin="nowhere")
            raise ConnectionRefusedError(error.code, problems.problem(error, problems.language()))

    def subscribe(message: Any = None) -> dict[str, Any]:
        return _change_rooms(pace, message, _join)

    def unsubscribe(message: Any = None) -> dict[str, Any]:
        return _change_rooms(pace, message, leave_room)

    def forget(*_: Any) -> None:
        pace.forget(_sid())

    handlers = {"connect": connect, "subscribe": subscribe, "unsubscribe": unsubscribe, "disconnect": forget}
    for name, handler in handlers.items():
        sockets.on_event(name, handler)


def _change_rooms(pace: "Pace", message: Any, change: Callable[[str], None]) -> dict[str, Any]:
    try:
        if not pace.allows(_sid()):
            raise RequestsTooMany(limit=f"{MOST_MESSAGES} messages in {WINDOW_S:.0f} s")
        for room in _named_rooms(message):
            change(room)
    except RequestsTooMany as error:
        disconnect()
        return problems.problem(error, problems.language())
    except HeqiError as error:
        return problems.problem(error, problems.language())
    return {"rooms": sorted(set(rooms()) - {_sid()})}


def _join(room: str) -> None:
    """Raises SignInNeeded, ResourceUnknown for another party's private room."""
    owner = owner_of(room)
    if owner == feed.BANK:
        sessions.require_officer()
    elif owner is not None:
        sessions.require_own(owner)
    join_room(room)


def _named_rooms(message: Any) -> list[str]:
    named = message.get("rooms") if isinstance(message, dict) else None
    if not isinstance(named, list) or not all(isinstance(room, str) and ROOM.fullmatch(room) for room in named):
        raise RequestInvalid(field="rooms", rule=ROOMS_RULE)
    if len(named) + len(rooms()) > MOST_ROOMS:
        raise RequestInvalid(field="rooms", rule=f"at most {MOST_ROOMS} at a time")
    return named


def _sid() -> str:
    sid: str = request.sid  # type: ignore[attr-defined]
    return sid


class Pace:
    """Messages of each client in the present window."""

    def __init__(self) -> None:
        self._windows: dict[str, tuple[float, int]] = {}
        self._lock = threading.Lock()

    def allows(self, sid: str) -> bool:
        now = time.monotonic()
        with self._lock:
            since, count = self._windows.get(sid, (now, 0))
            if now - since > WINDOW_S:
                since, count = now, 0
            self._windows[sid] = since, count + 1
            return count < MOST_MESSAGES

    def forget(self, sid: str) -> None:
        with self._lock:
            self._windows.pop(sid, None)


class OpenRequests:
    """Bounds the /socket.io requests open at one time: each keeps a thread, and the rest of the API needs some too."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app
        self._open: defaultdict[str, int] = defaultdict(int)
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith("/socket.io"):
            return self._app(environ, start_response)
        address = environ.get("REMOTE_ADDR", "")
        if not self._enter(address):
            start_response("503 Service Unavailable", [("Content-Type", "text/plain"), ("Retry-After", "5")])
            return [b"too many open connections"]
        try:
            return self._app(environ, start_response)
        finally:
            self._leave(address)

    def _enter(self, address: str) -> bool:
        with self._lock:
            if sum(self._open.values()) >= MOST_OPEN_REQUESTS or self._open[address] >= MOST_OPEN_REQUESTS_OF_ADDRESS:
                return False
            self._open[address] += 1
            return True

    def _leave(self, address: str) -> None:
        with self._lock:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]


class Pusher:
    """`step` sends what the feed has since the last one."""

    def __init__(self, context: Context, sockets: SocketIO) -> None:
        self._context = context
        self._sockets = sockets
        with store.reading(context.engine) as tx:
            self._cursor = feed.newest(tx)

    def step(self) -> None:
        while self._send() == BATCH:
            pass

    def _send(self) -> int:
        with store.reading(self._context.engine) as tx:
            items = feed.tail(tx, self._cursor, BATCH)
            told = announcements(tx, items) if items else []
            private = [explanations(self._context.live, tx, item, self._is_heard) for item in items]
        for item, message, explained in zip(items, told, private, strict=True):
            for each in (message, *explained):
                self._tell(each)
            self._cursor = item.cursor
        return len(items)

    def _tell(self, message: dict[str, Any]) -> None:
        for room in message["rooms"]:
            self._dismiss_strangers(room)
        self._sockets.emit("event", message, to=message["rooms"])

    def _is_heard(self, room: str) -> bool:
        return any(self._sockets.server.manager.get_participants(NAMESPACE, room))

    def _dismiss_strangers(self, room: str) -> None:
        owner, server = owner_of(room), self._sockets.server
        if owner is None:
            return
        for sid, _ in list(server.manager.get_participants(NAMESPACE, room)):
            environ = server.get_environ(sid, NAMESPACE)
            if environ is None or not sessions.owns(self._context, environ, owner):
                server.leave_room(sid, room, NAMESPACE)
