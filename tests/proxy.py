"""A JSON-RPC proxy that misbehaves on request: a node that fails, lags, forgets or lies about its head."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

FAULTS = ("refuse", "garbage", "stale_head", "null_blocks", "invented_head", "no_receipts", "busy")
LAG = 3


class Proxy:
    """Forwards to `upstream`; `fault` is one of FAULTS or None."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.fault: str | None = None
        self.url = ""
        self._session = requests.Session()

    def answer(self, body: Any) -> Any:
        """Replaced answers for the request (or batch) `body`."""
        if isinstance(body, list):
            return [self.answer(request) for request in body]
        if self.fault == "busy":
            return {"jsonrpc": "2.0", "id": body["id"], "error": {"code": -32005, "message": "limit exceeded"}}
        if self._hides(body["method"], body["params"]):
            return {"jsonrpc": "2.0", "id": body["id"], "result": None}
        if (body["method"], body["params"][:1]) != ("eth_getBlockByNumber", ["latest"]):
            return self.forward(body)
        if self.fault == "stale_head":
            lagging = hex(max(0, self._head() - LAG))
            return self.forward({**body, "params": [lagging, *body["params"][1:]]})
        found = self.forward(body)
        if self.fault == "invented_head":
            number = hex(int(found["result"]["number"], 16) + LAG)
            found["result"] |= {"number": number, "hash": "0x" + "ab" * 32}
        return found

    def _hides(self, method: str, params: list[Any]) -> bool:
        if self.fault == "no_receipts":
            return method == "eth_getTransactionReceipt"
        is_numbered = method == "eth_getBlockByNumber" and params[0] != "latest"
        return self.fault == "null_blocks" and is_numbered and int(params[0], 16) > self._head() - LAG

    def _head(self) -> int:
        request = {"jsonrpc": "2.0", "id": 0, "method": "eth_blockNumber", "params": []}
        return int(self.forward(request)["result"], 16)

    def forward(self, body: Any) -> Any:
        return self._session.post(self.upstream, json=body, timeout=30).json()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that was killed in the middle of a request is what this server is for."""


@contextmanager
def start(upstream: str) -> Iterator[Proxy]:
    """Serve on a free port until the block ends."""
    proxy = Proxy(upstream)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: two would wait for each other's acknowledgement

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if proxy.fault == "refuse":
                self.close_connection = True
                return
            answer = b"<html>bad gateway" if proxy.fault == "garbage" else json.dumps(_answer(proxy, body)).encode()
            self.send_response(502 if proxy.fault == "garbage" else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Silence: the chaos report tells what matters."""

    server = _Server(("127.0.0.1", 0), Handler)
    proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()


def _answer(proxy: Proxy, body: Any) -> Any:
    """Untouched batches go through in one request, so that a healthy proxy costs little."""
    return proxy.answer(body) if proxy.fault else proxy.forward(body)
