"""What the stories wait for after a machine has reported."""

from types import SimpleNamespace
from typing import Any

import pytest

from backend.telemetry.topics import Kind
from scripts._machine import Machine


@pytest.mark.parametrize(
    ("sent", "waits"),
    [
        ([], 0),
        ([Kind.RECORD], 0),
        ([Kind.CHECKPOINT, Kind.RECORD], 0),
        ([Kind.BACKLOG, Kind.CHECKPOINT], 0),
        ([Kind.RECORD, Kind.CHECKPOINT], 1),
        ([Kind.RECORD, Kind.CHECKPOINT, Kind.RECORD], 1),
    ],
)
def test_only_live_records_that_a_checkpoint_signs_are_waited_for(sent: list[Kind], waits: int):
    waited: list[str] = []
    market: Any = SimpleNamespace(now=lambda: 1_000, until=lambda what, _: waited.append(what))
    machine = Machine(market, SimpleNamespace(party=11), 4, None, None)  # type: ignore[arg-type]
    messages = [SimpleNamespace(kind=kind, payload=b"") for kind in sent]
    # What these properties would open on first use.
    vars(machine)["fleet"] = SimpleNamespace(messages=lambda _until: messages)
    vars(machine)["link"] = SimpleNamespace(publish=lambda _topic, _payload: None, flush=lambda: None)
    machine.report()
    assert len(waited) == waits
