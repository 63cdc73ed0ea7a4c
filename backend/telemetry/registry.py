"""What the chain says about machines, as far as their messages are judged by it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Binding:
    """A device speaks for a machine. `device`: checksummed address of its key. `meter_start`: what its hour meter
    showed then, in hundredths of an hour. `at`: second of the block."""

    epoch: int
    device: str
    meter_start: int
    at: int


@dataclass(frozen=True, slots=True)
class Window:
    """From `starts_at` up to, not including, `ends_at`; None while it lasts. Seconds."""

    starts_at: int
    ends_at: int | None


@dataclass(frozen=True, slots=True)
class Machine:
    """`party`: the lessor, tenant of the topics. `bindings`: every device so far, that of epoch 1 first. `rules_hash`:
    of the annex of the lease in force. `standby`: times agreed to be idle. `locks`: times locked by the lessor.
    `hearers`: parties that are told of its alarms."""

    id: int
    party: int
    bindings: tuple[Binding, ...]
    rules_hash: str | None = None
    standby: tuple[Window, ...] = ()
    locks: tuple[Window, ...] = ()
    hearers: tuple[int, ...] = ()

    @property
    def epoch(self) -> int:
        """Of the device that speaks now; 0 before the first."""
        return len(self.bindings)


class Registry(Protocol):
    """Where the consumer asks about machines."""

    def refresh(self) -> bool:
        """Look at the chain's facts again; True when they may have changed."""

    def machine(self, machine: int) -> Machine | None:
        """None for one that is not registered."""

    def machines(self) -> Iterable[Machine]:
        """Every registered one."""
