"""Who may say what at the broker, on every broker this machine has."""

import fcntl
import itertools
import os
import random
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import closing

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from backend.telemetry import broker, certificates, packets
from backend.telemetry.broker import COMMANDER, READER, Broker, NameUnusable, hashed, is_password
from backend.telemetry.link import Link, PublishRefused
from backend.telemetry.mqtt import Access, BrokerRefused, BrokerUnsafe, Reader, filters
from tests.broker import Running, collect

KNOWN_DIGEST = "qpS4VDyb/nqLXQJ0PNlphMIbvEoMDDBS9V/TauQ+ZHKyfGdAFuq6nYrtWCzHrMM1yP42Ibm5azXK8HJfzdJKww=="
numbers = itertools.count(1)


def topic(name: str, kind: str = "record") -> str:
    return f"heqi/1/p1/s{int(name[1:]) % 16:02d}/{name}/{kind}"


def send(running: Running, name: str, password: str, *payloads: bytes) -> None:
    with Link(running.broker.access(name, password)) as link:
        for payload in payloads:
            link.publish(topic(name), payload)
        link.flush()


@pytest.fixture
def machine(running: Running) -> tuple[str, str]:
    """Name and password of a machine that only this test knows."""
    return running.broker.admit([f"m{next(numbers)}"]).popitem()


@pytest.fixture
def reader(running: Running):
    opened = running.reader()
    yield opened
    collect(opened, 0)
    opened.acknowledge()
    opened.close()


# ---- rights ----


def test_what_a_machine_says_comes_to_the_reader_in_order(running, machine, reader):
    name, password = machine
    payloads = [str(number).encode() for number in range(300)]
    send(running, name, password, *payloads)
    got = collect(reader, 300)
    assert [message.payload for message in got] == payloads
    assert {message.topic for message in got} == {topic(name)}


def test_a_machine_cannot_speak_for_another(running, machine, reader):
    name, password = machine
    with Link(running.broker.access(name, password)) as link:
        for foreign in ("heqi/1/p1/s09/m999999/record", topic(name, "command"), "heqi/1/record", f"{topic(name)}/x"):
            link.publish(foreign, b"foreign")
        link.publish(topic(name), b"own")
        with pytest.raises(PublishRefused, match=f"4 messages of {name}, the last because: Not authorized"):
            link.flush()
    assert [message.payload for message in collect(reader, 1)] == [b"own"]


def test_a_machine_hears_its_own_commands_and_nothing_else(running, machine):
    name, password = machine
    other, _ = running.broker.admit([f"m{next(numbers)}"]).popitem()
    with Link(running.broker.access(name, password), [topic(name, "command"), "heqi/1/#"]) as link:
        with Link(running.broker.platform_access(COMMANDER)) as commander:
            for target in (other, name):
                commander.publish(topic(target, "command"), target.encode())
            commander.flush()
        assert {message.payload for message in collect(link, 1)} == {name.encode()}


def test_who_commands_cannot_speak_for_a_machine(running, machine, reader):
    with Link(running.broker.platform_access(COMMANDER)) as commander:
        commander.publish(topic(machine[0]), b"foreign")
        with pytest.raises(PublishRefused):
            commander.flush()
    send(running, *machine, b"own")
    assert [message.payload for message in collect(reader, 1)] == [b"own"]


def test_a_machine_that_calls_itself_the_reader_does_not_take_over_its_session(running, machine, reader):
    name, password = machine
    impostor = paho.Client(CallbackAPIVersion.VERSION2, "heqi", protocol=paho.MQTTv5, reconnect_on_failure=False)
    impostor.username_pw_set(name, password)
    impostor.tls_set_context(running.broker.access(name, password).tls)
    impostor.connect(running.broker.host, running.broker.port)
    impostor.loop_start()
    send(running, name, password, b"own")
    assert [message.payload for message in collect(reader, 1)] == [b"own"]
    impostor.disconnect()
    impostor.loop_stop()


def test_a_reader_of_one_shard_hears_its_machines_alone(running):
    passwords = running.broker.admit(["m1011", "m1012", "m1027"])
    with closing(running.reader([3], user=COMMANDER)) as shard:
        for name, password in passwords.items():
            send(running, name, password, name.encode())
        assert {message.payload for message in collect(shard, 2)} == {b"m1011", b"m1027"}
        shard.acknowledge()


# ---- credentials ----


def refusal(running: Running, name: str, password: str) -> str:
    with pytest.raises(BrokerRefused) as refused:
        collect(Reader(running.broker.access(name, password), []), 1)
    return str(refused.value.values["reason"])


def test_nobody_comes_in_without_the_right_password(running, machine):
    name, password = machine
    assert refusal(running, name, password[:-1]) == "not authorised"
    assert refusal(running, "m999999", password) == "not authorised"
    assert refusal(running, "", "") == "not authorised"


def test_a_revoked_machine_is_cut_off_and_stays_out(running, machine, reader):
    name, password = machine
    with Link(running.broker.access(name, password)) as link:
        link.publish(topic(name), b"before")
        link.flush()
        running.broker.revoke([name])
        assert refusal(running, name, password) == "not authorised"
        link.publish(topic(name), b"after")
        other, its_password = running.broker.admit([f"m{next(numbers)}"]).popitem()
        send(running, other, its_password, b"other")
        assert [message.payload for message in collect(reader, 2)] == [b"before", b"other"]


def test_a_machine_admitted_again_has_another_password(running, machine, reader):
    name, password = machine
    renewed = running.broker.admit([name])[name]
    send(running, name, renewed, b"1")
    assert refusal(running, name, password) == "not authorised"
    assert len(collect(reader, 1)) == 1


@pytest.mark.parametrize(
    "name", ["", "m0", "m01", "m7:x", "m+", "#", "m7\n", "heqi/x", "heqi-", "root", "m99999999999"]
)
def test_only_machines_and_the_platform_can_be_admitted(running, name):
    with pytest.raises(NameUnusable):
        running.broker.admit([name])


def test_secrets_are_hashed_or_for_the_owner_alone(running, machine):
    folder = running.broker.folder
    open_to_others = [path.name for path in folder.iterdir() if path.is_file() and path.stat().st_mode & 0o077]
    assert set(open_to_others) <= {"ca.crt", "server.crt", "mosquitto.conf", "log", "pid", "lock"}
    for path in folder.iterdir():
        assert not path.is_file() or machine[1].encode() not in path.read_bytes(), path.name


def test_hashes_are_those_of_mosquitto():
    # By mosquitto_passwd, version 2.0.11.
    known = f"$7$101$V7sFU/085zAAyG3j${KNOWN_DIGEST}"
    assert is_password("secret", known)
    assert not is_password("Secret", known)
    assert hashed("secret") != hashed("secret")


# ---- encryption ----


def test_without_encryption_nothing_is_let_in(running, machine):
    access = running.broker.access(*machine)
    plain = Reader(Access(access.host, access.port, access.user, access.password, None), [])
    assert plain.receive(0.5) == plain.receive(0.5) == []
    assert not plain.is_ready


def test_a_broker_with_another_authoritys_certificate_is_not_trusted(running, machine, tmp_path):
    certificates.ensure(tmp_path, "127.0.0.1")
    access = running.broker.access(*machine)
    other = ssl.create_default_context(cafile=tmp_path / "ca.crt")
    with pytest.raises(BrokerUnsafe):
        Reader(Access(access.host, access.port, access.user, access.password, other), []).receive(5)


def test_a_certificate_for_another_host_is_not_trusted(running, machine, monkeypatch):
    access = running.broker.access(*machine)
    connect = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", lambda _, *rest: connect((access.host, access.port), *rest))
    elsewhere = Access("broker.example", access.port, access.user, access.password, access.tls)
    with pytest.raises(BrokerUnsafe, match="Hostname mismatch"):
        Reader(elsewhere, []).receive(5)


def test_certificates_stay_until_they_end_or_the_host_changes(tmp_path, monkeypatch):
    def issued(host: str) -> bytes:
        certificates.ensure(tmp_path, host)
        return (tmp_path / "server.crt").read_bytes()

    first = issued("broker.example")
    assert issued("broker.example") == first
    second = issued("10.0.0.7")
    assert second != first
    monkeypatch.setattr(certificates, "RENEWED_BEFORE", certificates.VALID)
    assert issued("10.0.0.7") != second


# ---- the same messages again ----


def test_what_was_not_acknowledged_comes_again_and_nothing_else(running, machine):
    with closing(running.reader()) as first:
        send(running, *machine, b"1", b"2")
        assert len(collect(first, 2)) == 2
        first.acknowledge()
        send(running, *machine, b"3", b"4")
        assert len(collect(first, 2)) == 2
    send(running, *machine, b"5")
    with closing(running.new_reader()) as second:
        assert [message.payload for message in collect(second, 3)] == [b"3", b"4", b"5"]
        second.acknowledge()


def test_paho_reads_the_same_messages_and_acknowledges_as_late(running, machine):
    access = running.broker.platform_access(READER)
    with Link(access, filters(range(16))) as link:
        send(running, *machine, b"1", b"2")
        assert [message.payload for message in collect(link, 2)] == [b"1", b"2"]
        link.acknowledge()
        send(running, *machine, b"3")
        assert len(collect(link, 1)) == 1
    with closing(running.new_reader()) as reader:
        assert [(message.topic, message.payload) for message in collect(reader, 1)] == [(topic(machine[0]), b"3")]
        reader.acknowledge()


def test_after_a_power_cut_of_the_broker_reader_and_machine_go_on(own_broker):
    name, password = own_broker.broker.admit(["m7"]).popitem()
    with closing(own_broker.reader()) as reader, Link(own_broker.broker.access(name, password)) as link:
        link.publish(topic(name), b"before")
        link.flush()
        assert len(collect(reader, 1)) == 1
        reader.acknowledge()
        own_broker.kill()
        while reader.is_ready:
            reader.receive(0.1)
        own_broker.start()
        while not reader.is_ready:
            reader.receive(0.1)
        link.publish(topic(name), b"after")
        link.flush()
        assert [message.payload for message in collect(reader, 1)] == [b"after"]


def test_noise_from_strangers_harms_nobody_else(running, machine, reader):
    access, chance = running.broker.access(*machine), random.Random(5)
    terms = {"keep_alive": 60, "session_expiry": 0, "receive_maximum": 10, "largest": 4_096}
    greeting = packets.connect(*machine, **terms) + packets.subscribe(1, {topic(machine[0], "command"): 1})
    for _ in range(40):
        noise = bytearray(greeting + packets.publish(topic(machine[0], "command"), b"noise", 1) + packets.PING)
        for _ in range(chance.randint(1, 20)):
            noise[chance.randrange(len(noise))] = chance.randrange(256)
        with access.tls.wrap_socket(
            socket.create_connection((access.host, access.port)), server_hostname="localhost"
        ) as link:
            link.sendall(noise)
    send(running, *machine, b"own")
    assert [message.payload for message in collect(reader, 1)] == [b"own"]


def test_one_folder_has_one_broker(running):
    command = [sys.executable, "-m", "backend.telemetry.broker", "serve", running.broker.folder, "--port", "1"]
    second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (second.returncode, second.stderr) == (
        1,
        f"broker: BrokerRuns: A broker already runs in {running.broker.folder}.\n",
    )


def test_machines_are_admitted_and_revoked_from_the_command_line(running, reader):
    def command(*arguments: str) -> str:
        line = [sys.executable, "-m", "backend.telemetry.broker", *arguments]
        return subprocess.run(line, capture_output=True, text=True, check=True).stdout

    folder, name = str(running.broker.folder), f"m{next(numbers)}"
    admitted = command("admit", folder, name).split()
    send(running, *admitted, b"1")
    command("revoke", folder, name)
    assert refusal(running, *admitted) == "not authorised"
    assert len(collect(reader, 1)) == 1


def test_mosquittos_configuration_has_limits_and_one_listener(tmp_path):
    lines = Broker(tmp_path, 8_883).configuration().splitlines()
    assert {"allow_anonymous false", "max_queued_messages 2000000", "max_queued_bytes 1073741824"} <= set(lines)
    # Before the listener this would be about another one, which Mosquitto then opens to everybody on port 1883.
    assert lines.index("use_username_as_clientid true") > lines.index("listener 8883 127.0.0.1")


def test_after_a_restart_it_reloads_when_readers_had_time_to_come_back(tmp_path, monkeypatch):
    slept, signalled = [], []
    monkeypatch.setattr(broker.time, "sleep", slept.append)
    monkeypatch.setattr(broker.os, "kill", lambda process, number: signalled.append((process, number)))
    folder, kept = Broker(tmp_path, 8_883, is_encrypted=False), tmp_path / "kept" / "mosquitto.db"
    folder.prepare()
    with (tmp_path / "pid").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.write("4711")
        held.flush()
        folder.admit(["m7"])
        kept.touch()
        os.utime(kept, (time.time() + 30, time.time() + 30))  # saved since the start
        folder.admit(["m7"])
        assert slept == []
        os.utime(kept, (0, 0))  # read at the start
        folder.admit(["m7"])
    assert signalled == [(4711, signal.SIGHUP)] * 3
    assert len(slept) == 1
    assert 0 < slept[0] <= broker.READERS_BACK_S
