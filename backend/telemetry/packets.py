"""MQTT packets of a client that only reads: those it sends, and a parser of those it is sent.

Version 5 and, for brokers that know no better, 3.1.1; source: OASIS, MQTT Version 5.0, chapters 2 and 3. Nothing in
here touches a socket; the parser takes whatever bytes have arrived, however many packets they are.
"""

from collections.abc import Mapping
from typing import NamedTuple

from backend.errors import HeqiError
from backend.telemetry.record import Message

VERSION_3_1_1, VERSION_5 = 4, 5

CONNACK, PUBLISH, SUBACK, PINGRESP, DISCONNECT = 0x20, 0x30, 0x90, 0xD0, 0xE0
PINGREQ = b"\xc0\x00"
GOODBYE = b"\xe0\x00"

_PUBACK = b"\x40\x02"
_HAS_USER_AND_PASSWORD = 0xC0
_SESSION_EXPIRY, _RECEIVE_MAXIMUM, _MAXIMUM_PACKET_SIZE = 0x11, 0x21, 0x27
# Properties of CONNACK: numbers with their size, texts, and pairs of texts.
_SERVER_KEEP_ALIVE = 0x13
_SIZES = {0x11: 4, 0x13: 2, 0x21: 2, 0x22: 2, 0x24: 1, 0x25: 1, 0x27: 4, 0x28: 1, 0x29: 1, 0x2A: 1}
_REASON = 0x1F
_TEXTS = {0x12, 0x15, 0x16, 0x1A, 0x1C, _REASON}
_USER_PROPERTY = 0x26
_QUALITY = 0x06  # bits of the quality of service


class PacketInvalid(HeqiError):
    notice_en = "The broker sent something that is not MQTT: {rule}."
    notice_zh = "代理发来的数据不符合 MQTT：{rule}。"
    status = 502


class Parsed(NamedTuple):
    """`messages` in order of arrival; `ids`: packet identifiers of those to acknowledge; `controls`: type and body of
    every other packet, and what the broker says of itself (topics beginning with $): PUBLISH and the text."""

    messages: list[Message]
    ids: list[bytes]
    controls: list[tuple[int, bytes]]


def connect(
    version: int, user: str, password: str, *, keep_alive: int, session_expiry: int, receive_maximum: int, largest: int
) -> bytes:
    """A session that outlives the connection by `session_expiry` seconds; the client is called as its user is."""
    properties = b""
    if version == VERSION_5:
        properties = _with_length(
            _number(_SESSION_EXPIRY, 1)
            + _number(session_expiry, 4)
            + _number(_RECEIVE_MAXIMUM, 1)
            + _number(receive_maximum, 2)
            + _number(_MAXIMUM_PACKET_SIZE, 1)
            + _number(largest, 4)
        )
    header = _text("MQTT") + bytes([version, _HAS_USER_AND_PASSWORD]) + _number(keep_alive, 2) + properties
    return b"\x10" + _with_length(header + _text(user) + _text(user) + _text(password))


def subscribe(version: int, packet_id: int, qualities: Mapping[str, int]) -> bytes:
    """To every filter, at the quality of service it maps to."""
    properties = b"\x00" if version == VERSION_5 else b""
    wanted = b"".join(_text(topic) + _number(quality, 1) for topic, quality in qualities.items())
    return b"\x82" + _with_length(_number(packet_id, 2) + properties + wanted)


def acknowledge(ids: list[bytes]) -> bytes:
    """One PUBACK for each packet identifier, in one piece; there must be one at least."""
    return _PUBACK + _PUBACK.join(ids)


class Stream:
    """Bytes as they arrive, parsed into packets; a packet that has only half arrived is kept for the next time."""

    def __init__(self, version: int, largest: int) -> None:
        self._has_properties = version == VERSION_5
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
            topic = packet[2:at].decode()
            if head & _QUALITY:
                parsed.ids.append(packet[at : at + 2])
                at += 2
            if self._has_properties:
                length, at = variable_length(packet, at)
                at += length if at else len(packet) + 1
        except (IndexError, UnicodeDecodeError):
            raise PacketInvalid(rule="a message without a topic") from None
        if at > len(packet):
            raise PacketInvalid(rule="a message that ends before its payload")
        if topic.startswith("$"):
            parsed.controls.append((PUBLISH, packet[at:]))
        else:
            parsed.messages.append(Message(topic, packet[at:], received_at))


def variable_length(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to four bytes and where it ends; the end is 0 while bytes of it are missing.

    Raises PacketInvalid when it does not end, IndexError when it does not begin.
    """
    value = data[at]
    if value < 0x80:
        return value, at + 1
    value = 0
    for place, byte in enumerate(data[at : at + 4]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    if at + 4 <= len(data):
        raise PacketInvalid(rule="a length of more than four bytes")
    return 0, 0


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


def server_keep_alive(connack: bytes) -> int | None:
    """Seconds the broker prescribes in its answer to a connection of version 5. Raises PacketInvalid."""
    try:
        length, at = variable_length(connack, 2)
        end = at + length
        while at < end:
            name, at = connack[at], at + 1
            if name == _SERVER_KEEP_ALIVE:
                return int.from_bytes(connack[at : at + 2], "big")
            at += _property_size(name, connack, at)
    except (IndexError, KeyError):
        raise PacketInvalid(rule="an answer with unknown properties") from None
    return None


def _property_size(name: int, data: bytes, at: int) -> int:
    if name in _TEXTS:
        return 2 + int.from_bytes(data[at : at + 2], "big")
    if name == _USER_PROPERTY:
        first = _property_size(_REASON, data, at)
        return first + _property_size(_REASON, data, at + first)
    return _SIZES[name]
