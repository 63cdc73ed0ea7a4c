"""Messages from the broker: the hot path's reader.

Takes whatever has arrived, parses it at once, and acknowledges in one piece when its caller says so: what was not
acknowledged comes again, after a crash of either side.
"""

import contextlib
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol, Self
from urllib.parse import urlsplit

import structlog

from backend.config import SHARDS, SettingInvalid, Settings
from backend.errors import HeqiError
from backend.telemetry import packets
from backend.telemetry.encrypted import Encrypted
from backend.telemetry.record import Message
from backend.telemetry.topics import Kind

READ_KINDS = (Kind.RECORD, Kind.BACKLOG, Kind.CHECKPOINT)
DROPPED_TOPIC = "$SYS/broker/publish/messages/dropped"

# Of one receive, some 4,000 records: enough that what a batch costs vanishes beside its messages.
BATCH_BYTES = 1 << 21
PIECE_BYTES = 1 << 18
RECEIVE_MAXIMUM = 16_384  # messages, so that the broker goes on sending while a batch is being committed
LARGEST_PACKET = 65_536  # more than any broker of ours lets in
SESSION_S = 7 * 86_400  # the broker keeps what came for us for so long while we are away
KEEP_ALIVE_S = 60
ANSWER_S = 15.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 15.0
NOTHING_YET = (BlockingIOError, TimeoutError, ssl.SSLWantReadError)

# Codes of a broker's answers. One that does not know MQTT 5 answers 0x01.
FIRST_FAILURE = 0x80
BUSY = {0x88, 0x89, 0x97, 0x9F}
TAKEN_OVER = 0x8E
REASONS = {
    0x01: "it does not speak MQTT 5",
    0x84: "it does not speak MQTT 5",
    0x86: "wrong user name or password",
    0x87: "not authorised",
    TAKEN_OVER: "another connection has taken over the session",
}

log = structlog.get_logger(__name__)


class BrokerRefused(HeqiError):
    notice_en = "The message broker at {broker} refuses {user}: {reason}."
    notice_zh = "消息代理 {broker} 拒绝 {user} 接入：{reason}。"
    status = 502


class BrokerUnsafe(HeqiError):
    notice_en = "The message broker at {broker} cannot prove who it is: {reason}."
    notice_zh = "消息代理 {broker} 无法证明其身份：{reason}。"
    status = 502


class Source(Protocol):
    """Where the consumer's messages come from."""

    def receive(self, timeout: float) -> list[Message]:
        """What has arrived, in order; waits `timeout` seconds for a first message. Empty when there is none."""

    def acknowledge(self) -> None:
        """Everything received so far is safe: it need not come again."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where the broker is, and as whom to go there. `tls`: None on a connection that is not encrypted."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: ssl.SSLContext | None = None

    @classmethod
    def load(cls, settings: Settings) -> Self:
        """The backend's own. Raises SettingInvalid."""
        if settings.mqtt_password_file is None:
            raise SettingInvalid(setting="HEQI_MQTT_PASSWORD_FILE", rule="the broker wants a password")
        password = settings.mqtt_password_file.read_text(encoding="utf-8").strip()
        return cls.of(settings, settings.mqtt_user, password)

    @classmethod
    def commander(cls, settings: Settings) -> Self:
        """Of whoever tells machines to lock and unlock. Raises SettingInvalid."""
        if settings.mqtt_commands_password_file is None:
            raise SettingInvalid(setting="HEQI_MQTT_COMMANDS_PASSWORD_FILE", rule="the broker wants a password")
        password = settings.mqtt_commands_password_file.read_text(encoding="utf-8").strip()
        return cls.of(settings, settings.mqtt_commands_user, password)

    @classmethod
    def of(cls, settings: Settings, user: str, password: str) -> Self:
        """Any user's at the broker of the settings."""
        url = urlsplit(settings.mqtt_url)
        is_encrypted = url.scheme == "mqtts"
        port = url.port or (8883 if is_encrypted else 1883)
        tls = ssl.create_default_context(cafile=settings.mqtt_ca_file) if is_encrypted else None
        return cls(url.hostname or "", port, user, password, tls)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def filters(shards: Iterable[int]) -> list[str]:
    """Topics that carry what machines of these shards say; a shard is the machine's number modulo 16."""
    wanted = sorted(set(shards))
    places = ["+"] if wanted == list(range(SHARDS)) else [f"s{shard:02d}" for shard in wanted]
    return [f"heqi/1/+/{place}/+/{kind}" for place in places for kind in READ_KINDS]


class Reader:
    """A `Source` that opens its connection by itself, again and again.

    The session is the user's: there is one reader of a name, and another one ends it (BrokerRefused).
    """

    def __init__(self, access: Access, topics: Iterable[str]) -> None:
        self._access = access
        self._topics = list(topics)
        self._connection: _Connection | None = None
        self._pause = FIRST_PAUSE_S
        self._open_at = 0.0

    def receive(self, timeout: float) -> list[Message]:
        """As `Source`. A connection that fails is opened again, with pauses that double.

        Raises BrokerRefused and BrokerUnsafe for what trying again cannot cure.
        """
        try:
            self._connection = self._connection or self._open(timeout)
            if self._connection is None:
                return []
            messages = self._connection.read(timeout)
            if self._connection.is_subscribed:
                self._pause = FIRST_PAUSE_S
            return messages
        except (OSError, packets.PacketInvalid) as fault:
            self._lose(fault)
            if isinstance(fault, ssl.SSLCertVerificationError):
                raise BrokerUnsafe(broker=str(self._access), reason=fault.verify_message) from None
            return []

    def acknowledge(self) -> None:
        """As `Source`. What a lost connection brought cannot be acknowledged any more: it comes again."""
        if self._connection is None:
            return
        try:
            self._connection.acknowledge()
        except OSError as fault:
            self._lose(fault)

    def close(self) -> None:
        """Leave; the broker keeps what comes meanwhile."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    @property
    def is_ready(self) -> bool:
        """Whether everything published from now on will come here, however long it takes."""
        return self._connection is not None and self._connection.is_subscribed

    @property
    def dropped(self) -> int:
        """Messages the broker had no room for since it started, as it says every few seconds; 0 while unknown."""
        return self._connection.dropped if self._connection else 0

    def _open(self, timeout: float) -> "_Connection | None":
        """None while a pause goes on. May take `ANSWER_S` when nothing answers at all."""
        wait = self._open_at - time.monotonic()
        if wait > 0:
            time.sleep(min(wait, timeout))
        return None if wait > timeout else _Connection(self._access, self._topics)

    def _lose(self, fault: Exception) -> None:
        self.close()
        self._open_at = time.monotonic() + self._pause
        log.warning("broker_lost", broker=str(self._access), reason=str(fault), pause=self._pause)
        self._pause = min(2 * self._pause, LONGEST_PAUSE_S)


class _Connection:
    """From the first byte to the last. Raises OSError, PacketInvalid and BrokerRefused, and is of no use afterwards."""

    def __init__(self, access: Access, topics: list[str]) -> None:
        self._access = access
        self._qualities = dict.fromkeys(topics, 1) | {DROPPED_TOPIC: 0}
        self._stream = packets.Stream(LARGEST_PACKET)
        self._ids: list[bytes] = []
        self._ping_every = KEEP_ALIVE_S / 2
        self.is_subscribed = False
        self.dropped = 0
        self._socket = _connect(access)
        self._greet()

    def _greet(self) -> None:
        """Subscribe without waiting to be greeted: the answers come with the first messages, those kept for us."""
        greeting = packets.connect(
            self._access.user,
            self._access.password,
            keep_alive=KEEP_ALIVE_S,
            session_expiry=SESSION_S,
            receive_maximum=RECEIVE_MAXIMUM,
            largest=LARGEST_PACKET,
        )
        self._send(greeting + packets.subscribe(1, self._qualities))
        self._answer_by: float | None = time.monotonic() + ANSWER_S

    def read(self, timeout: float) -> list[Message]:
        """What has arrived; waits `timeout` seconds for a first byte."""
        self._keep_alive()
        parsed = self._stream.feed(self._receive(timeout), int(time.time()))
        for kind, body in parsed.controls:
            self._answered(kind, body)
        self._ids += filter(None, parsed.ids)
        return parsed.messages

    def acknowledge(self) -> None:
        if self._ids:
            self._send(packets.acknowledge(self._ids))
            self._ids = []

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._send(packets.GOODBYE)
        self._socket.close()

    def _receive(self, timeout: float) -> bytes:
        """`BATCH_BYTES` or a little more, if they are there. Empty when nothing came in time; what came before an error
        is given first, for it may say why."""
        self._socket.settimeout(timeout)
        pieces: list[bytes] = []
        size = 0
        try:
            while size < BATCH_BYTES and (piece := self._socket.recv(PIECE_BYTES)):
                pieces.append(piece)
                size += len(piece)
                self._socket.settimeout(0)
            if not pieces:
                raise ConnectionError("closed by the broker")
        except NOTHING_YET:
            if not pieces and self._answer_by is not None and time.monotonic() > self._answer_by:
                raise ConnectionError("no answer") from None
        except OSError:
            if not pieces:
                raise
        return b"".join(pieces)

    def _send(self, data: bytes) -> None:
        self._socket.settimeout(ANSWER_S)
        self._socket.sendall(data)
        self._ping_at = time.monotonic() + self._ping_every

    def _keep_alive(self) -> None:
        now = time.monotonic()
        if now > self._ping_at:
            self._send(packets.PING)
            self._answer_by = self._answer_by or now + ANSWER_S

    def _answered(self, kind: int, body: bytes) -> None:
        try:
            match kind:
                case packets.CONNACK:
                    self._greeted(body)
                case packets.SUBACK:
                    self._subscribed(max(body[-len(self._qualities) :]))
                case packets.DISCONNECT:
                    self._ended(body[0] if body else 0)
                case packets.PINGRESP:
                    self._answer_by = None
                case packets.PUBLISH:
                    self._count_dropped(int(body))
        except (IndexError, ValueError):
            raise packets.PacketInvalid(rule=f"an answer of type {kind >> 4} that is cut short") from None

    def _greeted(self, body: bytes) -> None:
        code = body[1]
        if code in BUSY:
            raise ConnectionError(f"not served now (code {code})")
        if code:
            raise self._refusal(code)
        prescribed = packets.server_keep_alive(body)
        self._ping_every = (KEEP_ALIVE_S if prescribed is None else prescribed) / 2
        self._ping_at = min(self._ping_at, time.monotonic() + self._ping_every)
        self._answer_by = None

    def _subscribed(self, worst: int) -> None:
        if worst >= FIRST_FAILURE:
            raise self._refusal(worst)
        self.is_subscribed = True

    def _ended(self, code: int) -> None:
        if code == TAKEN_OVER:
            raise self._refusal(code)
        raise ConnectionError(f"ended by the broker with code {code}")

    def _refusal(self, code: int) -> BrokerRefused:
        self._socket.close()
        reason = REASONS.get(code, f"code {code}")
        return BrokerRefused(broker=str(self._access), user=self._access.user, reason=reason)

    def _count_dropped(self, count: int) -> None:
        if count > self.dropped:
            log.error("broker_dropped_messages", broker=str(self._access), count=count)
        self.dropped = count


def _connect(access: Access) -> socket.socket | Encrypted:
    """Over TLS where the access says so: certificate and host name are checked."""
    plain = socket.create_connection((access.host, access.port), ANSWER_S)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if access.tls is None:
        return plain
    try:
        return Encrypted(plain, access.tls, access.host)
    except BaseException:
        plain.close()
        raise
