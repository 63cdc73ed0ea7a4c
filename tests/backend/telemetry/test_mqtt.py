"""The reader against a broker that does as the test says: every answer, every silence, every lie."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from backend.config import SettingInvalid, Settings
from backend.telemetry import mqtt, packets
from backend.telemetry.mqtt import Access, BrokerRefused, Reader, filters

WELCOME = packets.welcome({}, is_kept_session=False)
TOPIC = "heqi/1/p1/s07/m7/record"


def message(number: int) -> bytes:
    return packets.publish(TOPIC, str(number).encode(), number)


def granted(code: int = 1) -> bytes:
    """For the one filter of these tests and the broker's own topic."""
    return packets.granted(b"\x00\x01", [code, 0])


class Scripted:
    """One connection after the other, each served by the next function; what came is kept."""

    def __init__(self, *served: Callable[["Scripted", socket.socket], None]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.access = Access("127.0.0.1", self._listener.getsockname()[1], "heqi", "secret")
        self.heard: list[bytes] = []
        self._served = served
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        for serve in self._served:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self.heard.append(connection.recv(4_096))
                serve(self, connection)

    def close(self) -> None:
        self._listener.close()
        self._thread.join(10)


def sends(*data: bytes) -> Callable[[Scripted, socket.socket], None]:
    """These bytes; then it stays until the reader is gone, and keeps what it says."""

    def serve(broker: Scripted, connection: socket.socket) -> None:
        for piece in data:
            connection.sendall(piece)
        while heard := connection.recv(4_096):
            broker.heard.append(heard)

    return serve


def breaks_off(*data: bytes) -> Callable[[Scripted, socket.socket], None]:
    def serve(_broker: Scripted, connection: socket.socket) -> None:
        for piece in data:
            connection.sendall(piece)

    return serve


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "FIRST_PAUSE_S", 0.01)


def received(reader: Reader, count: int) -> list[str]:
    """Payloads, until there are so many or ten seconds are over."""
    found: list[str] = []
    deadline = time.monotonic() + 10
    while len(found) < count and time.monotonic() < deadline:
        found += [each.payload.decode() for each in reader.receive(0.05)]
    return found


def until(condition: Callable[[], bool], reader: Reader) -> None:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        reader.receive(0.02)
    assert condition()


@pytest.fixture
def play() -> Iterator[Callable[..., tuple[Scripted, Reader]]]:
    opened: list[Scripted | Reader] = []

    def start(*served: Callable[[Scripted, socket.socket], None]) -> tuple[Scripted, Reader]:
        broker = Scripted(*served)
        reader = Reader(broker.access, [TOPIC])
        opened.extend((reader, broker))
        return broker, reader

    yield start
    for each in opened:
        each.close()


def test_it_asks_for_a_session_that_outlives_it_and_subscribes_at_once(play):
    broker, reader = play(sends(WELCOME, granted()))
    until(lambda: reader.is_ready, reader)
    greeting = packets.greeting(broker.heard[0][2 : 2 + broker.heard[0][1]])
    assert greeting == packets.Greeting("heqi", "secret", False, 60, 7 * 86_400, mqtt.RECEIVE_MAXIMUM)
    assert TOPIC.encode() in broker.heard[0]


def test_it_acknowledges_what_it_received_and_only_when_told(play):
    broker, reader = play(sends(WELCOME, granted(), message(1), message(2)))
    assert received(reader, 2) == ["1", "2"]
    assert len(broker.heard) == 1
    reader.acknowledge()
    reader.acknowledge()
    until(lambda: len(broker.heard) == 2, reader)
    assert broker.heard[1] == packets.acknowledge([b"\x00\x01", b"\x00\x02"])


def test_after_a_lost_connection_it_subscribes_again_and_drops_old_acknowledgements(play):
    broker, reader = play(breaks_off(WELCOME, granted(), message(1)), sends(WELCOME, granted(), message(7)))
    assert received(reader, 2) == ["1", "7"]
    reader.acknowledge()
    until(lambda: len(broker.heard) == 3, reader)
    assert broker.heard[0] == broker.heard[1]
    assert broker.heard[2] == packets.acknowledge([b"\x00\x07"])


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x30\xff\xff\xff\xff\x01",
        b"\x30\x00",
        packets.publish(TOPIC, bytes(mqtt.LARGEST_PACKET), 1)[:100],
        b"\x20\x00",
        b"\x20\x05\x00\x00\x02\x7f\x00",
        b"\x90\x02\x00\x01\x00\x00"[:2] + b"\x00\x01",
        packets.publish("$SYS/broker/publish/messages/dropped", b"many", 1),
    ],
    ids=["endless length", "no topic", "too large", "no code", "unknown property", "no codes", "no number"],
)
def test_nonsense_costs_the_connection_and_nothing_else(play, nonsense):
    _, reader = play(breaks_off(WELCOME, nonsense), sends(WELCOME, granted(), message(1)))
    assert received(reader, 1) == ["1"]


@pytest.mark.parametrize("code", sorted(mqtt.BUSY))
def test_a_busy_broker_is_asked_again(play, code):
    _, reader = play(breaks_off(packets.refusal(code)), sends(WELCOME, granted(), message(1)))
    assert received(reader, 1) == ["1"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (packets.refusal(0x86), "wrong user name or password"),
        (packets.refusal(0x87), "not authorised"),
        (packets.refusal(0x84), "it does not speak MQTT 5"),
        (b"\x20\x02\x00\x01", "it does not speak MQTT 5"),
        (packets.refusal(0x8A), "code 138"),
        (WELCOME + granted(0x87), "not authorised"),
        (WELCOME + granted() + packets.end(0x8E), "another connection has taken over the session"),
    ],
)
def test_what_trying_again_cannot_cure_is_said(play, answer, reason):
    _, reader = play(breaks_off(answer))
    with pytest.raises(BrokerRefused) as refused:
        received(reader, 1)
    assert refused.value.values["reason"] == reason
    assert "secret" not in str(refused.value)


def test_a_broker_that_shuts_down_is_awaited(play):
    _, reader = play(breaks_off(WELCOME, granted(), packets.end(0x8B)), sends(WELCOME, granted(), message(1)))
    assert received(reader, 1) == ["1"]


def test_a_broker_that_does_not_greet_is_left(play, monkeypatch):
    monkeypatch.setattr(mqtt, "ANSWER_S", 0.2)
    _, reader = play(sends(), sends(WELCOME, granted(), message(1)))
    assert received(reader, 1) == ["1"]


def test_it_pings_as_often_as_the_broker_prescribes_and_leaves_one_that_does_not_answer(play, monkeypatch):
    prompt = packets.welcome({packets.SERVER_KEEP_ALIVE: 1}, is_kept_session=False)
    broker, reader = play(sends(prompt, granted()), sends(prompt, granted(), message(1)))
    monkeypatch.setattr(mqtt, "ANSWER_S", 0.3)
    assert received(reader, 1) == ["1"]
    assert packets.PING in broker.heard[1]


def test_it_tells_what_the_broker_had_to_drop(play):
    dropped = packets.publish("$SYS/broker/publish/messages/dropped", b"17", 1)
    _, reader = play(sends(WELCOME, granted(), dropped, message(1)))
    assert received(reader, 1) == ["1"]
    assert reader.dropped == 17


def test_a_batch_ends_even_when_messages_do_not(play, monkeypatch):
    monkeypatch.setattr(mqtt, "BATCH_BYTES", 300)
    monkeypatch.setattr(mqtt, "PIECE_BYTES", 100)
    _, reader = play(sends(WELCOME, granted(), *map(message, range(1, 101))))
    batches = []
    while sum(map(len, batches)) < 100:
        batches.append(received(reader, 1))
    assert max(map(len, batches)) < 20
    assert [number for batch in batches for number in batch] == [str(number) for number in range(1, 101)]


def test_pauses_double_while_nobody_listens_and_time_out_as_asked(monkeypatch):
    with closing(socket.create_server(("127.0.0.1", 0))) as nobody:
        port = nobody.getsockname()[1]
    now, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))
        now[0] += seconds

    monkeypatch.setattr(mqtt.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(mqtt.time, "sleep", sleep)
    reader = Reader(Access("127.0.0.1", port, "heqi", "secret"), [])
    for _ in range(6):
        assert reader.receive(0.015) == []
    assert slept == [0.01, 0.015, 0.005, 0.015, 0.015]


# ---- topics and access ----


def test_a_reader_of_all_shards_needs_no_filter_for_each():
    assert filters(range(16)) == ["heqi/1/+/+/+/record", "heqi/1/+/+/+/backlog", "heqi/1/+/+/+/checkpoint"]
    assert filters([3, 0])[:4] == [
        "heqi/1/+/s00/+/record",
        "heqi/1/+/s00/+/backlog",
        "heqi/1/+/s00/+/checkpoint",
        "heqi/1/+/s03/+/record",
    ]


def test_access_comes_from_the_settings_and_keeps_its_secret(tmp_path):
    (tmp_path / "password").write_text("secret\n")
    access = Access.load(Settings(mqtt_url="mqtt://broker.example", mqtt_password_file=tmp_path / "password"))
    assert (access.host, access.port, access.user, access.password) == ("broker.example", 1883, "heqi", "secret")
    assert access.tls is None
    assert "secret" not in repr(access)
    assert "secret" not in str(access)
    assert Access.of(Settings(mqtt_url="mqtts://broker.example"), "m7", "").port == 8883


def test_without_a_password_file_the_start_is_refused():
    with pytest.raises(SettingInvalid, match="HEQI_MQTT_PASSWORD_FILE"):
        Access.load(Settings())
