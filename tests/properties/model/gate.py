"""The block's time and the authority, which every contract asks."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from tests.model import day_of, midnight
from tests.properties.model.refused import require


class Gate:
    """`officers` may call every restricted function at once."""

    def __init__(self, now: int, officers: set[int]) -> None:
        self.now = now
        self.today = day_of(now)
        self.officers = officers

    def pass_time(self, _caller: int, seconds: int) -> None:
        self.now += seconds
        self.today = day_of(self.now)

    def until_midnight(self) -> int:
        """Seconds until the next day begins in Beijing."""
        return midnight(self.today + 1) - self.now

    def restricted(self, caller: int) -> None:
        require(caller in self.officers, "AccessManagedUnauthorized", caller)


class Switch:
    """A contract with OpenZeppelin's Pausable and ReentrancyGuard."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.paused = False
        self.entered = False

    def pause(self, caller: int) -> None:
        self.gate.restricted(caller)
        self.require_running()
        self.paused = True

    def unpause(self, caller: int) -> None:
        self.gate.restricted(caller)
        require(self.paused, "ExpectedPause")
        self.paused = False

    def require_not_entered(self) -> None:
        require(not self.entered, "ReentrancyGuardReentrantCall")

    def require_running(self) -> None:
        require(not self.paused, "EnforcedPause")


def guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    """OpenZeppelin's nonReentrant, the outermost check."""

    @wraps(method)
    def run(self: Switch, *arguments: Any) -> Any:
        self.require_not_entered()
        self.entered = True
        try:
            return method(self, *arguments)
        finally:
            self.entered = False

    return run
