"""`python -m backend.telemetry.simulator …`, as a process beside a chain and a broker."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from eth_account import Account
from eth_account.messages import encode_typed_data

from backend.chain.eip712 import device_binding
from backend.telemetry import decoding, topics
from backend.telemetry.mqtt import Reader
from backend.telemetry.record import Record
from backend.telemetry.simulator.__main__ import Event, cli
from backend.telemetry.simulator.incidents import Incident
from backend.telemetry.topics import Kind
from tests import anvil, broker
from tests.anvil import LOCAL_CHAIN_ID, ROOT
from tests.backend.telemetry.simulator.fleets import DOMAIN


@pytest.fixture
def running(tmp_path: Path) -> Iterator[broker.Running]:
    with broker.start(tmp_path / "broker") as started:
        yield started


@pytest.fixture
def environment(node: anvil.Node, tmp_path: Path) -> dict[str, str]:
    """A deployment of which the simulator needs one address."""
    contracts = {"Equipment": {"address": DOMAIN.equipment}}
    record = {"chainId": LOCAL_CHAIN_ID, "genesisHash": "0x", "startBlock": 0, "contracts": contracts}
    (tmp_path / f"{LOCAL_CHAIN_ID}.json").write_text(json.dumps(record), encoding="utf-8")
    return os.environ | {"HEQI_RPC_URLS": node.url, "HEQI_DEPLOYMENTS_DIR": str(tmp_path)}


def run(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner(env=environment).invoke(cli, arguments)


def test_devices_are_told_with_a_signature_that_binds_them(environment: dict[str, str]) -> None:
    done = run(environment, "devices", "--machines", "3,7-8")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["machine"] for each in told] == [3, 7, 8]
    for each in told:
        binding = {"machine": each["machine"], "epoch": 1, **{name: each[name] for name in ("device", "meterStart")}}
        message = encode_typed_data(full_message=device_binding(binding, DOMAIN.equipment, DOMAIN.chain_id))
        assert Account.recover_message(message, signature=each["signature"]) == each["device"]


def test_machines_play_until_they_are_stopped_and_go_on_from_there(
    running: broker.Running, environment: dict[str, str], tmp_path: Path
) -> None:
    reader = running.reader()
    first = _play(running, environment, tmp_path, reader)
    second = _play(running, environment, tmp_path, reader)
    reader.close()
    assert second[0].sequence == first[-1].sequence + 1
    assert second[0].previous == first[-1].hash
    assert [record.sequence for record in first] == list(range(1, len(first) + 1))


def _play(running: broker.Running, environment: dict[str, str], folder: Path, reader: Reader) -> list[Record]:
    """The records of machine 4 until it was told to stop, which it does cleanly."""
    passwords = folder / "passwords"
    passwords.write_text("\n".join(" ".join(pair) for pair in running.broker.admit(["m4"]).items()), encoding="utf-8")
    arguments = ["--machines", "4", "--party", "3", "--passwords", str(passwords), "--every", "1", "1", "300"]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "backend.telemetry.simulator",
            "run",
            *arguments,
            "--memories",
            str(folder / "memories"),
        ],
        cwd=ROOT,
        env=environment | {"HEQI_MQTT_URL": running.broker.url, "HEQI_MQTT_CA_FILE": str(running.broker.ca_file)},
        stdout=subprocess.PIPE,
        text=True,
    )
    messages = broker.collect(reader, 3)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    messages += broker.collect(reader, 0)
    assert process.returncode == 0
    assert said == f"{len(messages)} messages sent\n"
    topic = topics.topic(3, 4, Kind.RECORD)
    return [decoding.record_of(message.payload) for message in messages if message.topic == topic]


def test_an_incident_can_come_again_and_again() -> None:
    [once] = Event(7, Incident.ESCAPE, "+3").scripted(1_000)
    first, second, *_ = Event(7, Incident.ESCAPE, "+3/12/120").scripted(1_000)
    assert once.start == first.start == 1_000 + 3 * 60
    assert (first.end - first.start, second.start - first.start) == (12 * 60, 120 * 60)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("devices", "--machines", "3-x"), "'3-x' is not like 3,7,10-12"),
        (("run", "--machines", "3", "--party", "3", "--passwords", "-"), "m3 has no password"),
        (("run", "--machines", "3", "--party", "3", "--passwords", "-", "--event", "4:escape:+5"), "not played"),
        (
            ("run", "--machines", "3", "--party", "3", "--passwords", "-", "--event", "3:flood:+5"),
            "'3:flood:+5' is not",
        ),
        (
            ("run", "--machines", "3", "--party", "3", "--passwords", "-", "--event", "3:escape:+5/6"),
            "'3:escape:+5/6' is not",
        ),
    ],
)
def test_a_wrong_argument_is_named(environment: dict[str, str], arguments: tuple[str, ...], said: str) -> None:
    done = run(environment, *arguments)
    assert done.exit_code == 2
    assert said in done.output
