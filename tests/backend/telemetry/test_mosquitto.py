"""What Mosquitto must do with the configuration we write, and a broker in memory cannot."""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from backend.telemetry.link import Link
from tests import broker
from tests.anvil import ROOT
from tests.broker import Running, collect

BURST = 3_000  # three times what Mosquitto keeps by default


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Running]:
    """Fails with what the set-up said where there is none."""
    with broker.start(tmp_path / "broker", embedded=False) as started:
        yield started


def topic(name: str) -> str:
    return f"heqi/1/p1/s{int(name[1:]) % 16:02d}/{name}/record"


@pytest.fixture
def send(mosquitto: Running) -> Callable[..., None]:
    """Publish payloads as machine 7."""
    name, password = mosquitto.broker.admit(["m7"]).popitem()

    def publish(*payloads: bytes) -> None:
        with Link(mosquitto.broker.access(name, password)) as link:
            for payload in payloads:
                link.publish(topic(name), payload)
            link.flush()

    return publish


def test_what_waits_outlives_a_restart_of_the_broker_and_none_is_dropped(mosquitto, send):
    with closing(mosquitto.reader()):
        pass
    payloads = [str(number).encode() for number in range(BURST)]
    send(*payloads)
    mosquitto.restart()
    with closing(mosquitto.new_reader()) as reader:
        assert [message.payload for message in collect(reader, BURST)] == payloads
        reader.acknowledge()


def test_a_consumer_killed_at_random_and_a_broker_restarted_lose_nothing(mosquitto, send, tmp_path):
    chance = random.Random(4)
    with closing(mosquitto.reader()):
        pass
    committed = tmp_path / "committed"
    committed.touch()
    sent: list[bytes] = []
    for lap in range(4):
        with consuming(mosquitto, committed):
            payloads = [f"{lap}-{number}".encode() for number in range(500)]
            send(*payloads)
            sent += payloads
            wait_until_some_of(payloads, committed)
            time.sleep(chance.uniform(0, 0.05))
        if lap % 2:
            mosquitto.restart()
    missing = set(sent) - set(committed.read_bytes().split())
    deadline = time.monotonic() + 30
    with closing(mosquitto.new_reader()) as reader:
        while missing and time.monotonic() < deadline:
            missing -= {message.payload for message in reader.receive(0.2)}
    assert not missing


@contextmanager
def consuming(running: Running, committed: Path) -> Iterator[None]:
    """A consumer in a process of its own, killed in the end."""
    command = [sys.executable, "-m", "tests.backend.telemetry.committing"]
    consumer = subprocess.Popen([*command, running.broker.folder, str(running.broker.port), committed], cwd=ROOT)
    try:
        yield
    finally:
        consumer.kill()
        consumer.wait()


def wait_until_some_of(payloads: list[bytes], committed: Path) -> None:
    deadline = time.monotonic() + 30
    while not set(payloads) & set(committed.read_bytes().split()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_message_far_too_large_ends_the_machines_connection_and_reaches_nobody(mosquitto, send):
    name, password = mosquitto.broker.admit(["m8"]).popitem()
    access = mosquitto.broker.access(name, password)
    ended: list[str] = []
    with closing(mosquitto.reader()) as reader:
        client = paho.Client(
            CallbackAPIVersion.VERSION2, name, protocol=MQTTProtocolVersion.MQTTv5, reconnect_on_failure=False
        )
        client.username_pw_set(name, password)
        client.tls_set_context(access.tls)
        client.on_connect = lambda *_: client.publish(topic(name), bytes(5_000), qos=1)
        client.on_disconnect = lambda _client, _data, _flags, reason, _properties: ended.append(str(reason))
        client.connect(access.host, access.port)
        client.loop_forever()
        assert ended == ["Packet too large"]
        send(bytes(2_049))
        assert [len(message.payload) for message in collect(reader, 1)] == [2_049]
