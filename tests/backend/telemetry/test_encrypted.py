"""TLS between a socket and memory, with a peer that uses the standard library's sockets."""

import socket
import ssl
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from backend.telemetry import certificates
from backend.telemetry.encrypted import Encrypted

HOST = "127.0.0.1"
WAIT_S = 10.0
Peer = Callable[[ssl.SSLSocket], None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("certificates")
    certificates.ensure(made, HOST)
    return made


def met(folder: Path, peer: Peer, pool: ThreadPoolExecutor, host: str = HOST) -> tuple[Encrypted, Future[None]]:
    """Connected with a peer that then does its part."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.crt", folder / "server.key")

    def serve(plain: socket.socket) -> None:
        with context.wrap_socket(plain, server_side=True) as served:
            peer(served)

    ours, theirs = socket.socketpair()
    ours.settimeout(WAIT_S)
    done = pool.submit(serve, theirs)
    try:
        return Encrypted(ours, ssl.create_default_context(cafile=str(folder / "ca.crt")), host), done
    except ssl.SSLError:
        ours.close()
        raise


def test_records_that_arrived_together_are_read_together(folder: Path) -> None:
    def say(peer: ssl.SSLSocket) -> None:
        for number in range(50):
            peer.sendall(b"%03d " % number * 100)

    with ThreadPoolExecutor(1) as pool:
        encrypted, done = met(folder, say, pool)
        with closing(encrypted):
            done.result(WAIT_S)
            assert encrypted.recv(1 << 20) == b"".join(b"%03d " % number * 100 for number in range(50))


def test_last_words_come_before_the_end(folder: Path) -> None:
    def leave(peer: ssl.SSLSocket) -> None:
        peer.sendall(b"why")

    with ThreadPoolExecutor(1) as pool:
        encrypted, done = met(folder, leave, pool)
        with closing(encrypted):
            done.result(WAIT_S)
            assert encrypted.recv(1 << 20) == b"why"
            with pytest.raises(ssl.SSLEOFError):
                encrypted.recv(1 << 20)


def test_what_is_sent_arrives(folder: Path) -> None:
    def answer(peer: ssl.SSLSocket) -> None:
        peer.sendall(peer.recv(100).upper())

    with ThreadPoolExecutor(1) as pool:
        encrypted, _ = met(folder, answer, pool)
        with closing(encrypted):
            encrypted.sendall(b"ping")
            assert encrypted.recv(1 << 20) == b"PING"


def test_waiting_ends_in_time(folder: Path) -> None:
    def listen(peer: ssl.SSLSocket) -> None:
        assert peer.recv(100) == b"done"

    with ThreadPoolExecutor(1) as pool:
        encrypted, done = met(folder, listen, pool)
        with closing(encrypted):
            encrypted.settimeout(0)
            with pytest.raises(BlockingIOError):
                encrypted.recv(1 << 20)
            encrypted.sendall(b"done")
            done.result(WAIT_S)


def test_a_certificate_of_another_host_is_refused(folder: Path) -> None:
    with ThreadPoolExecutor(1) as pool, pytest.raises(ssl.SSLCertVerificationError):
        met(folder, lambda _: None, pool, "broker.example")
