"""Case 35: what is no message of a device is named for what it is; what is one comes out whole."""

import json
from hashlib import sha256

import pytest

from backend.telemetry import decoding, topics
from backend.telemetry.errors import KeyRepeated, MessageRefused, PayloadInvalid, PayloadTooLarge, TopicForeign
from backend.telemetry.record import GENESIS, Fix
from backend.telemetry.topics import Kind, Topic
from tests.backend.telemetry.machines import START, Device

DEVICE = Device()
RECORD = DEVICE.payload()
CHECKPOINT = DEVICE.checkpoint().payload


def with_value(key: str, text: str) -> bytes:
    """A record in which the value of `key` is written as `text`."""
    marked = json.loads(RECORD)
    place = marked["fix"] if key in marked["fix"] else marked
    place[key] = "@"
    return json.dumps(marked, separators=(",", ":")).replace('"@"', text).encode()


def test_a_record_comes_out_as_it_was_measured():
    record = decoding.record_of(RECORD)
    assert record == (
        *(7, 1, 1, START + 60, Fix(395_000_000, 1_163_000_000, 25, 9)),
        *(100_002, 1_000_003, 655, True, 12, True, True, GENESIS, sha256(RECORD).hexdigest()),
    )


def test_a_machine_without_fix_and_without_fuel_sensor_says_null():
    record = decoding.record_of(Device().payload(fix=None, level=None))
    assert (record.fix, record.level) == (None, None)


def test_order_of_keys_and_white_space_do_not_matter():
    shuffled = json.dumps(dict(reversed(json.loads(RECORD).items())), indent=2).encode()
    assert decoding.record_of(shuffled)[:-1] == decoding.record_of(RECORD)[:-1]


def test_a_checkpoint_comes_out_as_it_was_signed():
    checkpoint = decoding.checkpoint_of(CHECKPOINT)
    assert {"v": 1, **{name: getattr(checkpoint, name) for name in checkpoint.__slots__}} == json.loads(CHECKPOINT)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", PayloadInvalid),
        (b"\x00\xff\xfe", PayloadInvalid),
        (b"null", PayloadInvalid),
        (b"[]", PayloadInvalid),
        (b"{}", PayloadInvalid),
        (RECORD[:-1], PayloadInvalid),
        (RECORD + b"x", PayloadInvalid),
        (b"\xef\xbb\xbf" + RECORD, PayloadInvalid),
        (RECORD.decode().encode("utf-16"), PayloadInvalid),
        (b"[" * 2_000, PayloadInvalid),
        (b'{"fix":' * 290, PayloadInvalid),
        (b" " * 10_000_000, PayloadTooLarge),
        (RECORD + b" " * (decoding.MOST_BYTES + 1 - len(RECORD)), PayloadTooLarge),
        (RECORD.replace(b'"v":1', b'"v":1,"v":1'), KeyRepeated),
        (RECORD.replace(b'"v":1', b'"v":1,"\\u0076":1'), KeyRepeated),
        (RECORD.replace(b'"sats":9', b'"sats":9,"acc":1'), KeyRepeated),
        (RECORD.replace(b'"v":1', b'"v":1,"note":1'), PayloadInvalid),
        (RECORD.replace(b'"v":1,', b""), PayloadInvalid),
        (RECORD.replace(b'"v":1', b'"v":2'), PayloadInvalid),
        (CHECKPOINT, PayloadInvalid),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else value[:30].decode("latin-1"),
)
def test_case_35_a_malformed_record_is_refused_by_name(payload: bytes, reason: type[MessageRefused]):
    with pytest.raises(reason) as refused:
        decoding.record_of(payload)
    assert type(refused.value) is reason
    assert refused.value.notice("zh")


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("hours", "NaN"),
        ("hours", "Infinity"),
        ("hours", "-Infinity"),
        ("hours", "1.0"),
        ("hours", "1e3"),
        ("hours", "-1"),
        ("hours", "9" * 400),
        ("hours", "10485760"),
        ("hours", "0x10"),
        ("hours", "010"),
        ("hours", '"5"'),
        ("hours", "true"),
        ("hours", "null"),
        ("fuel", "18446744073709551616"),
        ("machine", "0"),
        ("machine", "4294967296"),
        ("epoch", "0"),
        ("epoch", "65536"),
        ("sequence", "0"),
        ("at", "0"),
        ("at", "1735689599"),
        ("at", "1790000000000000"),
        ("level", "1001"),
        ("engine", "1"),
        ("engine", '"true"'),
        ("lat", "900000001"),
        ("lon", "-1800000001"),
        ("acc", "-1"),
        ("sats", "256"),
        ("fix", "{}"),
        ("fix", "false"),
        ("previous", "0"),
        ("previous", "null"),
    ],
)
def test_case_35_a_value_of_the_wrong_kind_or_range_is_refused(key: str, text: str):
    with pytest.raises(PayloadInvalid):
        decoding.record_of(with_value(key, text))


@pytest.mark.parametrize("previous", ["", "0" * 63, "0" * 65, "A" * 64, "0" * 64 + "\n", "g" * 64])
def test_case_35_what_is_no_hash_is_refused_as_one(previous: str):
    with pytest.raises(PayloadInvalid):
        decoding.require_hash(previous)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"signature":"0x', b'"signature":"'),
        (b'"v":1', b'"v":1,"fix":null'),
        (b'"head":"', b'"head":"0x'),
        (b'"hours":', b'"hours":-'),
        (b'"sequence":1', b'"sequence":1.5'),
    ],
)
def test_case_35_a_malformed_checkpoint_is_refused(old: bytes, new: bytes):
    with pytest.raises(PayloadInvalid):
        decoding.checkpoint_of(CHECKPOINT.replace(old, new))


@pytest.mark.parametrize(("key", "text"), [("lat", "900000000"), ("lon", "-1800000000"), ("hours", "10485759")])
def test_a_value_at_its_limit_is_taken(key: str, text: str):
    assert decoding.record_of(with_value(key, text))


@pytest.mark.parametrize("kind", [Kind.RECORD, Kind.BACKLOG, Kind.CHECKPOINT])
def test_a_topic_is_read_as_it_was_made(kind: Kind):
    assert topics.topic(3, 23, kind) == f"heqi/1/p3/s07/m23/{kind}"
    assert topics.parse(topics.topic(3, 23, kind)) == Topic(3, 23, kind)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "heqi/1/p3/s07/m23",
        "heqi/1/p3/s07/m23/command",
        "heqi/1/p3/s07/m23/record/",
        "heqi/1/p3/s08/m23/record",
        "heqi/2/p3/s07/m23/record",
        "heqi/1/p0/s07/m23/record",
        "heqi/1/p3/s7/m23/record",
        "heqi/1/p3/s07/m023/record",
        "heqi/1/p3/s07/m+/record",
        "heqi/1/p3/s07/m٢٣/record",
        "$SYS/broker/uptime",
        "x" * 60_000,
    ],
    ids=lambda text: text[:30],
)
def test_case_35_a_foreign_topic_is_refused(text: str):
    with pytest.raises(TopicForeign) as refused:
        topics.parse(text)
    assert len(refused.value.values["topic"]) <= topics.MOST_SHOWN
