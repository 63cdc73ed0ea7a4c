"""The packets of MQTT 5 that are used here: those of a client that reads, and those of the broker inside Python.

Source: OASIS, MQTT Version 5.0, chapters 2 and 3. Nothing in here touches a socket; the parser takes whatever bytes
have arrived, however many packets they are.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from backend.errors import HeqiError
from backend.telemetry.record import Message

CONNECT, CONNACK, PUBLISH, PUBACK = 0x10, 0x20, 0x30, 0x40
SUBSCRIBE, SUBACK, PINGREQ, PINGRESP, DISCONNECT = 0x80, 0x90, 0xC0, 0xD0, 0xE0

SESSION_EXPIRY, SERVER_KEEP_ALIVE, RECEIVE_MAXIMUM = 0x11, 0x13, 0x21
MAXIMUM_QOS, RETAIN_AVAILABLE, MAXIMUM_PACKET_SIZE = 0x24, 0x25, 0x27
_NUMBERS = {0x01: 1, 0x02: 4, 0x11: 4, 0x13: 2, 0x17: 1, 0x18: 4, 0x19: 1, 0x21: 2, 0x22: 2, 0x23: 2}
_NUMBERS |= {0x24: 1, 0x25: 1, 0x27: 4, 0x28: 1, 0x29: 1, 0x2A: 1}
_TEXTS = {0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F}
_PAIR_OF_TEXTS = 0x26

_VERSION = 5
_PUBACK = b"\x40\x02"
_CLEAN_START, _WILL, _PASSWORD_AND_USER = 0x02, 0x04, 0xC0
_AT_LEAST_ONCE, _AGAIN, _QUALITY = 0x02, 0x08, 0x06  # in the head of PUBLISH


class PacketInvalid(HeqiError):
    notice_en = "What came is not MQTT 5: {rule}."
    notice_zh = "收到的数据不符合 MQTT 5：{rule}。"
    status = 502


class Parsed(NamedTuple):
    """`messages` in order of arrival; `ids`: packet identifier of each, to acknowledge, empty where that is not wanted.
    `controls`: type and body of every other packet, and what a broker says of itself (topics beginning with $): PUBLISH
    and the text."""

    messages: list[Message]
    ids: list[bytes]
    controls: list[tuple[int, bytes]]


# What a reading client sends


def connect(
    user: str, password: str, *, keep_alive: int, session_expiry: int, receive_maximum: int, largest: int
) -> bytes:
    """A session that outlives the connection by `session_expiry` seconds; the client is called as its user is."""
    terms = {SESSION_EXPIRY: session_expiry, RECEIVE_MAXIMUM: receive_maximum, MAXIMUM_PACKET_SIZE: largest}
    header = _text("MQTT") + bytes([_VERSION, _PASSWORD_AND_USER]) + _number(keep_alive, 2) + _properties(terms)
    return bytes([CONNECT]) + _with_length(header + _text(user) + _text(user) + _text(password))


def subscribe(packet_id: int, qualities: Mapping[str, int]) -> bytes:
    """To every filter, at the quality of service it maps to."""
    wanted = b"".join(_text(topic) + _number(quality, 1) for topic, quality in qualities.items())
    return bytes([SUBSCRIBE | 0x02]) + _with_length(_number(packet_id, 2) + _properties({}) + wanted)


def acknowledge(ids: Sequence[bytes]) -> bytes:
    """One PUBACK for each packet identifier, in one piece; there must be one at least."""
    return _PUBACK + _PUBACK.join(ids)


PING = bytes([PINGREQ, 0])
GOODBYE = bytes([DISCONNECT, 0])


# What a broker sends


class Greeting(NamedTuple):
    """Of CONNECT. Times in seconds; 0 `keep_alive`: for ever."""

    user: str
    password: str
    is_clean: bool
    keep_alive: int
    session_expiry: int
    receive_maximum: int


def greeting(body: bytes) -> Greeting:
    """Raises PacketInvalid; also for a last will, and for a version other than 5."""
    fields = _Fields(body)
    protocol, version, flags, keep_alive = fields.text(), fields.number(1), fields.number(1), fields.number(2)
    if (protocol, version) != ("MQTT", _VERSION) or flags & ~_CLEAN_START != _PASSWORD_AND_USER:
        raise PacketInvalid(rule=f"a greeting by {protocol} {version} with flags {flags:08b}")
    terms = fields.properties()
    _client_id, user, password = fields.text(), fields.text(), fields.text()
    is_clean = bool(flags & _CLEAN_START)
    most = terms.get(RECEIVE_MAXIMUM, 65_535)
    return Greeting(user, password, is_clean, keep_alive, terms.get(SESSION_EXPIRY, 0), most)


def wanted(body: bytes) -> tuple[bytes, list[str]]:
    """Of SUBSCRIBE: its packet identifier and the filters. Raises PacketInvalid."""
    fields, filters = _Fields(body), []
    packet_id = fields.take(2)
    fields.properties()
    while not fields.at_end:
        filters.append(fields.text())
        fields.number(1)
    return packet_id, filters


def welcome(terms: Mapping[int, int], *, is_kept_session: bool) -> bytes:
    """CONNACK with the broker's terms."""
    return bytes([CONNACK]) + _with_length(bytes([is_kept_session, 0]) + _properties(terms))


def refusal(code: int) -> bytes:
    """CONNACK with the reason why not."""
    return bytes([CONNACK, 3, 0, code, 0])


def granted(packet_id: bytes, codes: Sequence[int]) -> bytes:
    """SUBACK: what became of each filter."""
    return bytes([SUBACK]) + _with_length(packet_id + _properties({}) + bytes(codes))


def answer(packet_id: bytes, code: int) -> bytes:
    """PUBACK: what became of a message."""
    return bytes([PUBACK, 3]) + packet_id + bytes([code])


def publish(topic: str, payload: bytes, packet_id: int, *, again: bool = False) -> bytes:
    """A message at QoS 1; `again` when it was sent before."""
    head = PUBLISH | _AT_LEAST_ONCE | (_AGAIN if again else 0)
    return bytes([head]) + _with_length(_text(topic) + _number(packet_id, 2) + _properties({}) + payload)


def end(code: int) -> bytes:
    """DISCONNECT by the broker."""
    return bytes([DISCONNECT, 1, code])


PONG = bytes([PINGRESP, 0])


# What arrives


class Stream:
    """Bytes as they arrive, parsed into packets; a packet that has only half arrived is kept for the next time."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._rest = b""

    def feed(self, data: bytes, received_at: int) -> Parsed:
        """Every packet that is now complete. Raises PacketInvalid; the stream is of no use afterwards."""
        data = self._rest + data
        parsed = Parsed([], [], [])
        start, end = 0, len(data)
        while start + 2 <= end:
            length, body = variable_length(data, start + 1)
            if length > self._largest:
                raise PacketInvalid(rule=f"a packet of {length} bytes")
            after = body + length
            if not body or after > end:
                break
            if data[start] & 0xF0 == PUBLISH:
                self._publish(data[start], data[body:after], received_at, parsed)
            else:
                parsed.controls.append((data[start] & 0xF0, data[body:after]))
            start = after
        self._rest = data[start:]
        return parsed

    def _publish(self, head: int, packet: bytes, received_at: int, parsed: Parsed) -> None:
        try:
            at = 2 + (packet[0] << 8 | packet[1])
            topic, packet_id = packet[2:at].decode(), b""
            if head & _QUALITY:
                packet_id, at = packet[at : at + 2], at + 2
            length, properties = variable_length(packet, at)
        except (IndexError, UnicodeDecodeError):
            raise PacketInvalid(rule="a message without a topic") from None
        at = properties + length
        if not properties or at > len(packet):
            raise PacketInvalid(rule="a message that ends before its payload")
        if topic.startswith("$"):
            parsed.controls.append((PUBLISH, packet[at:]))
        else:
            parsed.messages.append(Message(topic, packet[at:], received_at))
            parsed.ids.append(packet_id)


def variable_length(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to four bytes and where it ends; the end is 0 while bytes of it are missing.

    Raises PacketInvalid when it does not end, IndexError when it does not begin.
    """
    value = data[at]
    if value < 0x80:
        return value, at + 1
    if at + 1 < len(data) and (high := data[at + 1]) < 0x80:  # of every record, so without the loop
        return value & 0x7F | high << 7, at + 2
    value = 0
    for place, byte in enumerate(data[at : at + 4]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    if at + 4 <= len(data):
        raise PacketInvalid(rule="a length of more than four bytes")
    return 0, 0


def server_keep_alive(connack: bytes) -> int | None:
    """Seconds the broker prescribes in its answer to a greeting. Raises PacketInvalid."""
    return _Fields(connack, 2).properties().get(SERVER_KEEP_ALIVE)


class _Fields:
    """What the body of a packet holds, one after another. Raises PacketInvalid for what is not there."""

    def __init__(self, body: bytes, at: int = 0) -> None:
        self._body = body
        self._at = at

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._body)

    def take(self, size: int) -> bytes:
        found = self._body[self._at : self._at + size]
        self._at += size
        if len(found) < size:
            raise PacketInvalid(rule="a packet that is cut short")
        return found

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def text(self) -> str:
        try:
            return self.take(self.number(2)).decode()
        except UnicodeDecodeError:
            raise PacketInvalid(rule="a text that is not UTF-8") from None

    def properties(self) -> dict[int, int]:
        """Those that are numbers; the others are passed over."""
        found: dict[int, int] = {}
        if self.at_end:
            return found
        length, self._at = variable_length(self._body, self._at)
        end = self._at + length
        while self._at < end:
            name = self.number(1)
            if name in _NUMBERS:
                found[name] = self.number(_NUMBERS[name])
            elif name in _TEXTS or name == _PAIR_OF_TEXTS:
                self.take(self.number(2))
                self.take(self.number(2) if name == _PAIR_OF_TEXTS else 0)
            else:
                raise PacketInvalid(rule=f"a property {name:#04x}")
        return found


def _properties(terms: Mapping[int, int]) -> bytes:
    return _with_length(b"".join(_number(name, 1) + _number(value, _NUMBERS[name]) for name, value in terms.items()))


def _with_length(body: bytes) -> bytes:
    length, encoded = len(body), bytearray()
    while length > 0x7F:
        encoded.append(length & 0x7F | 0x80)
        length >>= 7
    encoded.append(length)
    return bytes(encoded) + body


def _text(value: str) -> bytes:
    return _number(len(encoded := value.encode()), 2) + encoded


def _number(value: int, size: int) -> bytes:
    return value.to_bytes(size, "big")
