"""Which sites' pages may use the API with a visitor's cookies."""

from collections.abc import Mapping
from typing import Any

from flask import request

from backend.api.context import here
from backend.config import Settings
from backend.errors import HeqiError

READS = {"GET", "HEAD", "OPTIONS"}


class OriginRefused(HeqiError):
    notice_en = "Requests from {origin} are not taken here."
    notice_zh = "不接受来自 {origin} 的请求。"
    status = 403


def sites(settings: Settings) -> tuple[str, ...]:
    """Origins that wallets may sign in to. On the local chain also the service's own address: nobody else has it.

    The host that a request names is not among them: whoever lets a victim sign for another site could name that one.
    """
    if not settings.on_local_chain:
        return settings.allowed_origins
    hosts = dict.fromkeys((settings.api_host, "localhost"))
    return (*settings.allowed_origins, *(f"http://{host}:{settings.api_port}" for host in hosts))


def is_ours(origin: str, environ: Mapping[str, Any], settings: Settings) -> bool:
    """Whether a page of this origin may make the request: one of the host that the request names, or of `sites`."""
    own = f"{environ.get('wsgi.url_scheme')}://{environ.get('HTTP_HOST')}"
    return origin == own or origin in sites(settings)


def require_ours() -> None:
    """A write names no foreign origin, and with a cookie it names ours. Raises OriginRefused."""
    if request.method in READS:
        return
    origin = request.headers.get("Origin")
    if origin is None and not request.cookies:
        return
    if origin is None or not is_ours(origin, request.environ, here().settings):
        raise OriginRefused(origin=(origin or "nowhere")[:120])
