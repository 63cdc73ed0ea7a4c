"""Every scenario is also one of skimming: looked at plainly, it must come out the same."""

from collections.abc import Iterator

import pytest

from backend.telemetry.rules.state import State
from tests.backend.telemetry.rules.machine import Machine


@pytest.fixture(autouse=True)
def same_without_skimming(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Machines that the test played are played again, every record with the whole rules."""
    played: list[Machine] = []
    monkeypatch.setattr(Machine, "played", played)
    yield
    for machine in tuple(played):
        again = Machine(annex=machine.annex, context=machine.context, only=machine.only)
        for given in machine.inputs:
            again.state.screen = None
            again.tell(given)
        assert again.transitions == machine.transitions
        assert State.decode(machine.state.encode()) == machine.state
