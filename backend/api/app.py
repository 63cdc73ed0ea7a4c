"""The WSGI application."""

from typing import Any

from flask import Flask, Request, Response, request
from sqlalchemy import Engine

from backend import strictjson
from backend.api import (
    accounts,
    audit,
    audit_export,
    consents,
    dapp,
    explorer,
    feed,
    feedback,
    financings,
    fingerprints,
    inbox,
    lease_accounts,
    lease_drafts,
    leases,
    limits,
    lines,
    machines,
    merchant_scores,
    merchants,
    metrics,
    operations,
    origins,
    parties,
    problems,
    push,
    pushed,
    receivables,
    search,
    service,
    sessions,
    telemetry,
    treasury,
)
from backend.api.context import EXTENSION, Context
from backend.api.intake import CSV_TYPE
from backend.api.live import Live
from backend.api.problems import MOST_BODY_BYTES, MediaTypeRefused
from backend.chain import keys
from backend.chain.contracts import Suite
from backend.chain.decoding import Words
from backend.chain.history import History
from backend.chain.rpc import Rpc
from backend.config import Settings
from backend.readmodel.projection import shipped

BLUEPRINTS = (
    service,
    parties,
    receivables,
    financings,
    treasury,
    feed,
    fingerprints,
    sessions,
    lines,
    accounts,
    consents,
    merchants,
    merchant_scores,
    pushed,
    machines,
    telemetry,
    leases,
    lease_accounts,
    lease_drafts,
    operations,
    feedback,
    inbox,
    explorer,
    search,
    audit,
    audit_export,
)
JSON_TYPE = "application/json"
WITH_BODY = {"POST", "PUT", "PATCH"}
# No form can send it, and a page of another site may not: it would have to ask first, and nobody answers that.
ALSO_CSV = {"merchants.take_upload"}

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
# The page of the API's documentation sets styles on its elements.
STYLES_OF_DOCS = ("style-src 'self'", "style-src 'self' 'unsafe-inline'")


class StrictRequest(Request):
    """A body is strict JSON, whoever asks for it and however leniently."""

    max_content_length = MOST_BODY_BYTES

    def get_json(self, *_: Any, **__: Any) -> Any:
        """Raises JsonInvalid."""
        return strictjson.parse(self.get_data())


def create_app(settings: Settings, suite: Suite, rpc: Rpc, engine: Engine) -> Flask:
    """`app.extensions["heqi"]` is the Context, `app.extensions["socketio"]` the Socket.IO server."""
    shipped()
    app = Flask("backend.api", static_url_path="/static")
    app.request_class = StrictRequest
    app.url_map.merge_slashes = False
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    history = History(rpc, settings.finality_depth)
    duties = {address: duty.value for duty, address in keys.addresses(settings).items()}
    context = Context(settings, suite, engine, Live(suite, rpc), history, Words(suite), duties)
    app.extensions[EXTENSION] = context
    problems.install(app)
    limits.limiter.init_app(app)
    app.before_request(origins.require_ours)
    app.before_request(_require_json)
    app.after_request(_secure)
    install_routes(app)
    metrics.install(app, context)
    push.install(app, settings)
    return app


def install_routes(app: Flask) -> None:
    for module in BLUEPRINTS:
        app.register_blueprint(module.blueprint)
    app.register_blueprint(telemetry.fleet)
    app.register_blueprint(dapp.blueprint)


def _require_json() -> None:
    """A form or plain text is what another site could make a browser post."""
    expected = [JSON_TYPE, CSV_TYPE] if request.endpoint in ALSO_CSV else [JSON_TYPE]
    if request.method in WITH_BODY and request.mimetype not in expected:
        raise MediaTypeRefused(given=request.mimetype[:80] or "of no type", expected=" or ".join(expected))


def _secure(response: Response) -> Response:
    response.headers.update(SECURITY_HEADERS)
    response.headers["Content-Security-Policy"] = dapp.policy(SECURITY_HEADERS["Content-Security-Policy"])
    if request.path.startswith("/docs"):
        policy = SECURITY_HEADERS["Content-Security-Policy"].replace(*STYLES_OF_DOCS)
        response.headers["Content-Security-Policy"] = policy
    if not request.path.startswith(("/static/", "/docs/", "/assets/")):
        response.headers["Cache-Control"] = "no-store"
    return response
