"""What the chain and the machine's papers say, as far as the rules need it."""

from typing import NamedTuple


class Pause(NamedTuple):
    """Agreed standby or the lessor's lock: from second `since` until before second `until` (`FOREVER` when open)."""

    since: int
    until: int


FOREVER = 2**40


class Context(NamedTuple):
    """`pauses`: of the idle rule, apart from each other. `model`: kind of machine, a key of the rule set's `models`.
    `tank`: volume of the fuel tank in tenths of a litre. None where unknown."""

    pauses: tuple[Pause, ...] = ()
    model: str | None = None
    tank: int | None = None


def unpaused(context: Context, since: int, until: int) -> int:
    """Seconds from `since` until `until` in which the machine was to work."""
    paused = sum(max(0, min(until, pause.until) - max(since, pause.since)) for pause in context.pauses)
    return until - since - paused
