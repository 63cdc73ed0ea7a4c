"""Packets of MQTT: however the bytes arrive, the packets are the same; what is no MQTT is named."""

import random

import pytest

from backend.telemetry import packets
from backend.telemetry.packets import PacketInvalid, Stream

LARGEST = 70_000
TOPIC = "heqi/1/p1/s07/m7/record"
PINGRESP = b"\xd0\x00"


def sized(body: bytes) -> bytes:
    """With its length before it, as 2.1.4 writes it."""
    length, encoded = len(body), b""
    while True:
        length, low = divmod(length, 128)
        encoded += bytes([low | (0x80 if length else 0)])
        if not length:
            return encoded + body


def publish(topic: str, payload: bytes, packet_id: int | None = 1, *, properties: bytes = b"") -> bytes:
    name = topic.encode()
    number = b"" if packet_id is None else packet_id.to_bytes(2, "big")
    head = 0x30 if packet_id is None else 0x32
    return bytes([head]) + sized(len(name).to_bytes(2, "big") + name + number + sized(properties) + payload)


def feed(data: bytes) -> packets.Parsed:
    return Stream(LARGEST).feed(data, 1_790_000_000)


@pytest.mark.parametrize("size", [0, 1, 100, 127, 128, 2_048, 16_383, 16_384, 66_000])
def test_a_message_is_its_topic_and_its_payload_whatever_its_length(size: int):
    payload = random.Random(size).randbytes(size)
    parsed = feed(publish(TOPIC, payload, 258))
    assert parsed.messages == [(TOPIC, payload, 1_790_000_000)]
    assert (parsed.ids, parsed.controls) == ([b"\x01\x02"], [])


def test_a_message_that_wants_no_acknowledgement_gets_none():
    parsed = feed(publish(TOPIC, b"1", None))
    assert [message.payload for message in parsed.messages] == [b"1"]
    assert parsed.ids == [b""]


@pytest.mark.parametrize("size", [5, 127, 128, 300])
def test_properties_are_no_part_of_the_payload(size: int):
    parsed = feed(publish(TOPIC, b"payload", properties=bytes(size)))
    assert [message.payload for message in parsed.messages] == [b"payload"]


def test_what_the_broker_says_of_itself_is_no_machines_message():
    parsed = feed(publish("$SYS/broker/publish/messages/dropped", b"17", None))
    assert (parsed.messages, parsed.controls) == ([], [(packets.PUBLISH, b"17")])


@pytest.mark.parametrize("seed", range(20))
def test_any_split_of_the_bytes_gives_the_same_packets(seed: int):
    chance = random.Random(seed)
    sent = [
        PINGRESP if chance.random() < 0.1 else publish(TOPIC, chance.randbytes(size), size % 65_535 + 1)
        for size in (int(10 ** chance.uniform(0, 4)) for _ in range(60))
    ]
    data = b"".join(sent)
    whole = feed(data)
    assert len(whole.messages) + len(whole.controls) == len(sent)
    stream, pieces = Stream(LARGEST), packets.Parsed([], [], [])
    while data:
        size = chance.choice([1, 2, 3, 50, 5_000])
        for found, piece in zip(pieces, stream.feed(data[:size], 1_790_000_000), strict=True):
            found.extend(piece)
        data = data[size:]
    assert pieces == whole


@pytest.mark.parametrize("seed", range(20))
def test_random_bytes_are_parsed_or_refused_and_nothing_else(seed: int):
    chance = random.Random(seed)
    for _ in range(200):
        noise = bytearray(publish(TOPIC, chance.randbytes(30)) * 3)
        for _ in range(chance.randint(1, 6)):
            noise[chance.randrange(len(noise))] = chance.randrange(256)
        try:
            parsed = feed(bytes(noise))
        except PacketInvalid:
            continue
        assert sum(len(message.payload) for message in parsed.messages) < len(noise)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"\x30\xff\xff\xff\xff\x01", "a length of more than four bytes"),
        (b"\x30" + sized(bytes(LARGEST + 1))[:3], f"a packet of {LARGEST + 1} bytes"),
        (b"\x30\x00", "a message without a topic"),
        (b"\x30\x01\x00", "a message without a topic"),
        (b"\x32\x04\x00\x02ab", "a message without a topic"),
        (b"\x30\x05\x00\x02\xff\xfe\x00", "a message without a topic"),
        (b"\x30\x04\x00\x09ab", "a message without a topic"),
        (b"\x30\x05\x00\x02ab\x05", "a message that ends before its payload"),
        (b"\x30\x05\x00\x02ab\xff", "a message that ends before its payload"),
    ],
)
def test_what_is_no_packet_is_refused_by_its_fault(data: bytes, rule: str):
    with pytest.raises(PacketInvalid) as refused:
        feed(data)
    assert refused.value.values == {"rule": rule}


def test_acknowledgements_go_out_in_one_piece():
    assert packets.acknowledge([b"\x00\x01", b"\x01\x02"]) == b"\x40\x02\x00\x01\x40\x02\x01\x02"


@pytest.mark.parametrize(
    ("properties", "keep_alive"),
    [
        (b"", None),
        (b"\x21\x00\x14\x2a\x01", None),
        (b"\x13\x00\x1e", 30),
        (b"\x11\x00\x00\x0e\x10\x12\x00\x04heqi\x26\x00\x01a\x00\x02bc\x13\x00\x05", 5),
    ],
)
def test_the_keep_alive_a_broker_prescribes_is_found_among_its_properties(properties: bytes, keep_alive: int | None):
    assert packets.server_keep_alive(b"\x00\x00" + sized(properties)) == keep_alive


def test_a_property_that_does_not_exist_is_refused():
    with pytest.raises(PacketInvalid, match="a property 0x7f"):
        packets.server_keep_alive(b"\x00\x00\x02\x7f\x00")
