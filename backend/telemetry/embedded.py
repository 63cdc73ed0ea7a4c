"""A broker inside Python, so that everything runs on a machine without Mosquitto: the part of MQTT 5 that is used here.

Users, rights and certificates are those of the folder. QoS 0 and 1, sessions and queues in memory: what waits is lost
when it ends, and it carries a few thousand messages a second. No wills, no retained messages, no shared subscriptions.
"""

import asyncio
import re
import signal
import ssl
from collections import deque
from dataclasses import dataclass, field

import structlog

from backend.telemetry import packets
from backend.telemetry.broker import LARGEST_PACKET, PLATFORM, Broker, is_password
from backend.telemetry.mqtt import READ_KINDS
from backend.telemetry.record import Message

READ_BYTES = 65_536
LAST_ID = 65_535
ACCEPTED, AT_LEAST_ONCE, NOT_AUTHORISED, TAKEN_OVER, ENDED = 0x00, 0x01, 0x87, 0x8E, 0x98
TERMS = {packets.MAXIMUM_QOS: 1, packets.RETAIN_AVAILABLE: 0, packets.MAXIMUM_PACKET_SIZE: LARGEST_PACKET}
NOBODY = packets.Greeting("", "", True, 60, 0, 0)

log = structlog.get_logger(__name__)


def run(broker: Broker) -> None:
    """Until a signal comes."""
    asyncio.run(_House(broker).serve())


@dataclass(eq=False)
class _Session:
    """What the broker owes one user: subscriptions, messages that wait, and those sent but not acknowledged."""

    user: str
    filters: dict[str, re.Pattern[str]] = field(default_factory=dict)
    waiting: deque[Message] = field(default_factory=deque)
    sent: dict[int, Message] = field(default_factory=dict)
    last_id: int = 0
    client: "_Client | None" = None

    def wants(self, topic: str) -> bool:
        return any(pattern.fullmatch(topic) for pattern in self.filters.values())

    def offer(self, message: Message) -> None:
        self.waiting.append(message)
        self.send_on()

    def send_again(self) -> None:
        for packet_id, message in self.sent.items():
            self._send(packet_id, message, again=True)
        self.send_on()

    def send_on(self) -> None:
        while self.client and self.waiting and len(self.sent) < self.client.greeting.receive_maximum:
            self.last_id = self.last_id % LAST_ID + 1
            if self.last_id not in self.sent:
                self.sent[self.last_id] = self.waiting.popleft()
                self._send(self.last_id, self.sent[self.last_id])

    def _send(self, packet_id: int, message: Message, *, again: bool = False) -> None:
        if self.client:
            self.client.send(packets.publish(message.topic, message.payload, packet_id, again=again))

    def acknowledged(self, packet_id: int) -> None:
        self.sent.pop(packet_id, None)
        self.send_on()


class _House:
    """All sessions, and who hears what."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._hashes = broker.hashes()
        self._sessions: dict[str, _Session] = {}
        self._hearers: dict[str, list[_Session]] = {}

    async def serve(self) -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._read_again)
        server = await asyncio.start_server(
            self._connected, self._broker.host, self._broker.port, ssl=_certificate(self._broker)
        )
        await stop.wait()
        server.close()

    def _read_again(self) -> None:
        known, self._hashes = self._hashes, self._broker.hashes()
        for session in self._sessions.values():
            if session.client and self._hashes.get(session.user) != known[session.user]:
                session.client.end(ENDED)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = _Client(self, writer)
        try:
            while data := await asyncio.wait_for(reader.read(READ_BYTES), client.patience):
                client.take(data)
                await writer.drain()
        except (OSError, TimeoutError, packets.PacketInvalid) as fault:
            log.warning("client_lost", user=client.greeting.user, reason=str(fault))
        finally:
            self._left(client)
            writer.close()

    def enter(self, client: "_Client") -> bool:
        """Whether its password is right: then it has the user's session, and whoever had it is put out."""
        greeting = client.greeting
        known = self._hashes.get(greeting.user)
        if known is None or not is_password(greeting.password, known):
            return False
        before = self._sessions.get(greeting.user)
        if before and before.client:
            before.client.end(TAKEN_OVER)
        if before is None or greeting.is_clean:
            self._sessions[greeting.user] = _Session(greeting.user)
            self._hearers.clear()
        client.session = self._sessions[greeting.user]
        client.send(packets.welcome(TERMS, is_kept_session=before is not None and not greeting.is_clean))
        client.session.client = client
        client.session.send_again()
        return True

    def _left(self, client: "_Client") -> None:
        session = client.session
        if session is None or session.client is not client:
            return
        session.client = None
        if not client.greeting.session_expiry:
            del self._sessions[session.user]
            self._hearers.clear()

    def subscribe(self, session: _Session, topic: str) -> int:
        """The code for it."""
        if not _may_read(session.user, topic):
            return NOT_AUTHORISED
        session.filters[topic] = _pattern(topic)
        self._hearers.clear()
        return AT_LEAST_ONCE

    def publish(self, session: _Session, message: Message) -> int:
        """The code for it."""
        if not _may_write(session.user, message.topic):
            return NOT_AUTHORISED
        if message.topic not in self._hearers:
            self._hearers[message.topic] = [each for each in self._sessions.values() if each.wants(message.topic)]
        for hearer in self._hearers[message.topic]:
            hearer.offer(message)
        return ACCEPTED


class _Client:
    """One connection. Raises PacketInvalid for what a client may not send."""

    def __init__(self, house: _House, writer: asyncio.StreamWriter) -> None:
        self._house = house
        self._writer = writer
        self._stream = packets.Stream(LARGEST_PACKET)
        self.greeting = NOBODY
        self.session: _Session | None = None

    @property
    def patience(self) -> float | None:
        return self.greeting.keep_alive * 1.5 or None

    def send(self, data: bytes) -> None:
        self._writer.write(data)

    def end(self, code: int) -> None:
        self.send(packets.end(code))
        self._writer.close()

    def take(self, data: bytes) -> None:
        parsed = self._stream.feed(data, 0)
        for kind, body in parsed.controls:
            if kind == packets.CONNECT and self.session is None:
                self._enter(body)
            elif self.session is not None:
                self._control(self.session, kind, body)
        for message, packet_id in zip(parsed.messages, parsed.ids, strict=True):
            if self.session is not None:
                code = self._house.publish(self.session, message)
                self.send(packets.answer(packet_id, code) if packet_id else b"")

    def _enter(self, body: bytes) -> None:
        self.greeting = packets.greeting(body)
        if not self._house.enter(self):
            self.send(packets.refusal(NOT_AUTHORISED))
            self._writer.close()

    def _control(self, session: _Session, kind: int, body: bytes) -> None:
        match kind:
            case packets.SUBSCRIBE:
                packet_id, filters = packets.wanted(body)
                self.send(packets.granted(packet_id, [self._house.subscribe(session, topic) for topic in filters]))
            case packets.PUBACK:
                session.acknowledged(int.from_bytes(body[:2], "big"))
            case packets.PINGREQ:
                self.send(packets.PONG)
            case packets.DISCONNECT:
                self._writer.close()
            case _:
                raise packets.PacketInvalid(rule=f"a packet of type {kind >> 4}")


def _certificate(broker: Broker) -> ssl.SSLContext | None:
    if not broker.is_encrypted:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(broker.folder / "server.crt", broker.folder / "server.key")
    return context


def _pattern(topic: str) -> re.Pattern[str]:
    """Of a filter: + is one level, # all that follow."""
    words = {"+": "[^/]+", "#": ".*"}
    return re.compile("/".join(words.get(level) or re.escape(level) for level in topic.split("/")))


def _may_write(user: str, topic: str) -> bool:
    """The rights that `broker.rights` gives Mosquitto."""
    if PLATFORM.fullmatch(user):
        return re.fullmatch("heqi/1/[^/]+/[^/]+/[^/]+/command", topic) is not None
    return re.fullmatch(f"heqi/1/[^/]+/[^/]+/{user}/({'|'.join(READ_KINDS)})", topic) is not None


def _may_read(user: str, topic: str) -> bool:
    if PLATFORM.fullmatch(user):
        return topic.startswith(("heqi/1/", "$SYS/"))
    return re.fullmatch(f"heqi/1/[^/]+/[^/]+/{user}/command", topic) is not None
