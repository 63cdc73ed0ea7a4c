"""An institution's HTTP end: four posts, each a signed message."""

import signal
import sys
import threading
from typing import Any

import structlog
from flask import Flask, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from backend import strictjson
from backend.errors import HeqiError
from backend.federation import messages
from backend.federation.errors import MessageInvalid, MessageTooLarge
from backend.federation.institution import Institution
from backend.federation.messages import MOST_BYTES, Sealed

REQUEST_TIMEOUT_S = 30.0

log = structlog.get_logger(__name__)


def create_app(institution: Institution) -> Flask:
    """`POST /start`, `/keys`, `/request`, `/stop`; what is refused is answered with a problem (RFC 9457)."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    one_at_a_time = threading.Lock()

    def posted() -> Sealed:
        return messages.parse(Sealed, strictjson.parse(request.get_data(cache=False)))

    @app.post("/start")
    def start() -> ResponseReturnValue:
        with one_at_a_time:
            return institution.start(posted()).model_dump()

    @app.post("/keys")
    def keys() -> ResponseReturnValue:
        with one_at_a_time:
            institution.keys(posted())
            return {}

    @app.post("/request")
    def answer() -> ResponseReturnValue:
        with one_at_a_time:
            return institution.answer(posted()).model_dump()

    @app.post("/stop")
    def stop() -> ResponseReturnValue:
        with one_at_a_time:
            institution.stop(posted())
            return {}

    @app.errorhandler(HeqiError)
    def refused(error: HeqiError) -> ResponseReturnValue:
        log.warning("refused", path=request.path, reason=str(error))
        return _problem(error)

    @app.errorhandler(HTTPException)
    def not_understood(error: HTTPException) -> ResponseReturnValue:
        if isinstance(error, RequestEntityTooLarge):
            return _problem(MessageTooLarge(most=MOST_BYTES))
        return _problem(MessageInvalid(place="request", rule=error.name), error.code)

    return app


def serve(institution: Institution, host: str, port: int) -> None:
    """Answer until SIGTERM or SIGINT. `port` 0 takes a free one."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    answering = listen(institution, host, port)
    log.info("institution_ready", url=f"http://{host}:{answering.port}")
    answering.serve_forever()


def listen(institution: Institution, host: str, port: int) -> BaseWSGIServer:
    """A server that is bound but does not answer yet."""
    return make_server(host, port, create_app(institution), threaded=True, request_handler=_Handler)


class _Handler(WSGIRequestHandler):
    timeout = REQUEST_TIMEOUT_S

    def log_request(self, *_: Any) -> None:
        """The application tells what it did; paths alone add nothing."""


def _problem(error: HeqiError, status: int | None = None) -> ResponseReturnValue:
    return error.to_problem(), status or error.status, {"Content-Type": "application/problem+json"}
