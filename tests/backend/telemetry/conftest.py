"""Brokers for the tests of the wire. What every broker must do is tested on each that this machine has.

Mosquitto belongs to them unless the set-up has written down why it could not get it; then the header of the test run
says so, and `test_mosquitto.py`, which is about Mosquitto alone, is not collected.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import broker

KINDS = ["embedded"] if broker.WITHOUT_MOSQUITTO else ["mosquitto", "embedded"]
collect_ignore = ["test_mosquitto.py"] if broker.WITHOUT_MOSQUITTO else []


def pytest_report_header() -> str:
    absent = f" (no Mosquitto: {broker.REASON.read_text().strip()})" if broker.WITHOUT_MOSQUITTO else ""
    return f"brokers: {', '.join(KINDS)}{absent}"


@pytest.fixture(scope="module", params=KINDS)
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[broker.Running]:
    """One broker for the tests of a module; each admits machines of its own."""
    folder = tmp_path_factory.mktemp("broker")
    with broker.start(folder, embedded=request.param == "embedded") as started:
        yield started


@pytest.fixture(params=KINDS)
def own_broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[broker.Running]:
    """A broker that the test may stop and start."""
    with broker.start(tmp_path / "broker", embedded=request.param == "embedded") as started:
        yield started
