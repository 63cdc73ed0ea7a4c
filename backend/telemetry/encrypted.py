"""TLS between a socket and memory.

OpenSSL reads a socket twice for every record, and a broker makes a record of every message. Fed from memory, it
decrypts whatever has arrived after one read.
"""

import socket
import ssl

RECORD_BYTES = 1 << 14


class Encrypted:
    """What the reader uses of a socket. Raises ssl.SSLError, such as SSLCertVerificationError, and OSError."""

    def __init__(self, plain: socket.socket, context: ssl.SSLContext, host: str) -> None:
        self._plain, self._came, self._goes = plain, ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._came, self._goes, server_hostname=host)
        self.settimeout, self.close = plain.settimeout, plain.close
        while not self._is_open():
            self._take(RECORD_BYTES)

    def recv(self, size: int) -> bytes:
        """All that came, `size` encrypted bytes at most; empty at the end. What came before an error is given first."""
        pieces: list[bytes] = []
        while not pieces:
            try:
                while piece := self._tls.read(RECORD_BYTES):
                    pieces.append(piece)
                break
            except ssl.SSLWantReadError:
                if not pieces:
                    self._take(size)
            except ssl.SSLError:
                if not pieces:
                    raise
        return b"".join(pieces)

    def sendall(self, data: bytes) -> None:
        self._tls.write(data)
        self._give()

    def _is_open(self) -> bool:
        """After one more step of the handshake."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        finally:
            self._give()
        return True

    def _take(self, size: int) -> None:
        if data := self._plain.recv(size):
            self._came.write(data)
        else:
            self._came.write_eof()

    def _give(self) -> None:
        self._plain.sendall(self._goes.read())
