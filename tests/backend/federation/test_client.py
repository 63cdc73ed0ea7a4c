"""The coordinator's client against servers that misbehave."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from backend.federation import client
from backend.federation.errors import ParticipantLost, ParticipantRefused
from backend.federation.messages import MOST_BYTES
from backend.federation.roster import Place


@contextmanager
def answering(status: int, body: bytes, pause: threading.Event | None = None) -> Iterator[Place]:
    """A bank that answers so; with `pause` it sends byte by byte until that is set."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.end_headers()
            try:
                self.wfile.write(body)
                while pause and not pause.wait(0.05):
                    self.wfile.write(b" ")
            except OSError:
                pass  # the client has gone

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield Place(name="bank", identity="ab" * 32, url=f"http://127.0.0.1:{server.server_address[1]}")
    finally:
        if pause:
            pause.set()
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_answer_is_parsed():
    with answering(200, b'{"a": 1}') as bank:
        assert client.post(bank, "/start", {}) == {"a": 1}


def test_a_problem_is_a_refusal_with_its_name():
    body = b'{"code": "CellTooSmall", "detail": "A bin is small."}'
    with answering(409, body) as bank, pytest.raises(ParticipantRefused, match="CellTooSmall: A bin is small"):
        client.post(bank, "/request", {})


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"code": 7}'])
def test_a_refusal_without_a_name_is_one_all_the_same(body):
    with answering(500, body) as bank, pytest.raises(ParticipantRefused, match="bank refused /request"):
        client.post(bank, "/request", {})


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": NaN}', b'{"a": 1, "a": 2}'])
def test_what_is_no_json_loses_the_participant(body):
    with answering(200, body) as bank, pytest.raises(ParticipantLost, match="JsonInvalid"):
        client.post(bank, "/request", {})


def test_a_redirection_is_not_followed():
    with answering(302, b'{"code": "Moved", "detail": ""}') as bank, pytest.raises(ParticipantRefused, match="Moved"):
        client.post(bank, "/request", {})


def test_an_endless_answer_is_cut_off():
    with answering(200, b" " * (MOST_BYTES + 70_000)) as bank, pytest.raises(ParticipantLost, match="more than"):
        client.post(bank, "/request", {})


def test_an_answer_that_drips_is_given_up(monkeypatch):
    monkeypatch.setattr(client, "ANSWER_TIMEOUT_S", 0.3)
    with answering(200, b"{", threading.Event()) as bank, pytest.raises(ParticipantLost, match="not done within"):
        client.post(bank, "/request", {})


def test_nobody_there_loses_the_participant():
    with answering(200, b"{}") as bank:
        pass
    with pytest.raises(ParticipantLost, match="ConnectionError"):
        client.post(bank, "/start", {})
