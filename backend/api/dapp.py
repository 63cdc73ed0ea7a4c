"""The dApp's files: one page for every path that is nothing else, and what it loads.

The page comes with a nonce of its own for scripts and styles. It is served as it was built; the addresses it signs for
are inside it (`scripts/dapp.py`), not asked of this service.
"""

import mimetypes
import secrets
from pathlib import Path

from flask import Blueprint, Response, g, request, send_from_directory
from flask.typing import ResponseReturnValue
from werkzeug.security import safe_join

from backend.api.context import here
from backend.api.limits import limiter
from backend.api.problems import PathUnknown
from backend.errors import HeqiError

# First segments of paths that belong to the API and its neighbours.
NOT_PAGES = frozenset({"v1", "docs", "static", "assets", "metrics", "healthz", "readyz", "openapi.json", "socket.io"})
NONCE = "{nonce}"
FILES = {"icon.svg"}
YEAR_S = 365 * 86_400

blueprint = Blueprint("dapp", __name__)


class DappMissing(HeqiError):
    notice_en = "The dApp has not been built; run `make setup`."
    notice_zh = "dApp 尚未构建，请运行 `make setup`。"
    status = 503


@blueprint.get("/", defaults={"path": ""})
@blueprint.get("/<path:path>")
@limiter.exempt
def show_page(path: str) -> ResponseReturnValue:
    """The page, whatever its path names; it shows by itself when there is no such page."""
    if path in FILES:
        return send_from_directory(_folder(), path)
    first = path.partition("/")[0]
    if (path and not first) or first in NOT_PAGES or "." in path.rpartition("/")[2]:
        raise PathUnknown(path=f"/{path}"[:200])
    g.page_nonce = secrets.token_urlsafe(16)
    return Response(_page(_folder() / "index.html").replace(NONCE, g.page_nonce), mimetype="text/html")


@blueprint.get("/assets/<path:name>")
@limiter.exempt
def show_asset(name: str) -> Response:
    """Names carry a hash of the content, so that they may be kept for ever. Scripts and styles lie zipped beside
    themselves."""
    folder, media_type = _folder() / "assets", mimetypes.guess_type(name)[0]
    zipped = safe_join(str(folder), f"{name}.gz")
    if request.accept_encodings.best_match(["gzip"]) and zipped and Path(zipped).is_file():
        answer = send_from_directory(folder, f"{name}.gz", mimetype=media_type)
        answer.content_encoding = "gzip"
    else:
        answer = send_from_directory(folder, name, mimetype=media_type)
    answer.vary.add("Accept-Encoding")
    answer.cache_control.public, answer.cache_control.max_age, answer.cache_control.immutable = True, YEAR_S, True
    return answer


def policy(base: str) -> str:
    """The Content-Security-Policy of an answer: `base`, for the page with its nonce. On the local chain the page's demo
    wallet reaches the node itself."""
    nonce = g.get("page_nonce")
    if nonce is None:
        return base
    settings = here().settings
    node = f" {settings.rpc_urls[0].get_secret_value()}" if settings.on_local_chain else ""
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
        f"img-src 'self' data:; font-src 'self'; connect-src 'self'{node}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _folder() -> Path:
    return here().settings.dapp_dir.resolve()


def _page(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DappMissing from None
