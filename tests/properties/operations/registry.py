"""Where operations are entered, with how often each is drawn."""

from collections.abc import Callable, Sequence
from typing import Any

from tests.model import midnight
from tests.properties.draw import Draw
from tests.properties.people import PAYER, STRANGER
from tests.properties.world import OFFICER, Step

Operation = Callable[[Draw], Step]
OPERATIONS: dict[Operation, float] = {}
VOID_PERMIT = (1, 0, 27, 1, 1)
"""A permit that nobody signed: the allowance decides."""
HOSTILE: dict[str, list[tuple[Operation, float]]] = {}
"""What only a hostile token does, by the token's name."""


def weight(often: float) -> Callable[[Operation], Operation]:
    def enter(operation: Operation) -> Operation:
        OPERATIONS[operation] = often
        return operation

    return enter


def only_with(token: str, often: float) -> Callable[[Operation], Operation]:
    """An operation that only a hostile token has."""

    def enter(operation: Operation) -> Operation:
        HOSTILE.setdefault(token, []).append((operation, often))
        return operation

    return enter


def officer(d: Draw, contract: str, function: str, *arguments: Any) -> Step:
    return Step(contract, function, d.usually(OFFICER), arguments)


def until_about_next(d: Draw, days: Sequence[int]) -> int:
    """Seconds to the next of the days that is not past, or to about it."""
    day = min((day for day in days if day >= d.model.gate.today), default=d.model.gate.today)
    return midnight(day + d.one((0, 1, 1, 2))) - d.model.gate.now - d.below(2)


def payer(d: Draw, debtor: int) -> int:
    """Whoever pays for a debtor."""
    return d.one((debtor, debtor, PAYER, PAYER, STRANGER))
