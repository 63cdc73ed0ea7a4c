"""Choices of a run: amounts and days near the edges of the state, and receivables in a state that a step needs."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.properties.model import Model, Refused
from tests.properties.model.line import Line
from tests.properties.model.receivables import Part
from tests.properties.people import STRANGER
from tests.properties.world import World

MOST = 2**96 - 1
TRIES = 12
RECENT = 120


class Unfit(Exception):
    """Nothing is in the state that a step needs; another step is drawn."""


class Draw:
    """Everything random of a run comes from `rng`."""

    def __init__(self, world: World, rng: Random) -> None:
        self.world = world
        self.rng = rng

    @property
    def model(self) -> Model:
        return self.world.model

    def chance(self, percent: float) -> bool:
        return self.rng.random() * 100 < percent

    def one(self, choices: Sequence[Any]) -> Any:
        return choices[int(self.rng.random() * len(choices))]

    def below(self, bound: int) -> int:
        return int(self.rng.random() * bound)

    def amount(self, of: int) -> int:
        """Around a figure of the state: its edges, a share of it, nothing, or far too much."""
        dice = self.rng.random()
        if dice < 0.40:
            figure = of
        elif dice < 0.70:
            figure = self.rng.randrange(of) if of > 1 else 1
        elif dice < 0.90:
            figure = of + self.one((-1, 1))
        else:
            figure = self.one((0, 1, 1, 2 * of, MOST))
        return min(max(figure, 0), MOST)

    def receivable(self, fits: Callable[[int, Part], bool]) -> int:
        """The number of one that fits when a few tries find it; now and then of any, or of none. Raises Unfit."""
        parts, last = self.model.receivables.parts, self.model.receivables.last_id
        if self.chance(3):
            return self.one((0, last + 1, 2**40, self.below(last) + 1, self.below(last) + 1))
        for _ in range(TRIES):
            id = last - self.below(min(last, RECENT)) if last else 0
            if id and fits(id, parts[id]):
                return id
        raise Unfit

    def in_state(self, state: int) -> int:
        return self.receivable(lambda _, part: part.state == state)

    def financing(self, *statuses: int) -> int:
        """A receivable whose financing has one of the statuses; now and then any. Raises Unfit."""
        if self.chance(4):
            return self.below(self.model.receivables.last_id + 2)
        found = [id for id, f in self.model.factoring.financings.items() if f.status in statuses]
        if not found:
            raise Unfit
        return self.one(found)

    def line(self, fits: Callable[[Line], bool]) -> int:
        """A party whose line fits; now and then any. Raises Unfit."""
        if self.chance(4):
            return self.below(len(self.model.participants.parties) + 2)
        found = [party for party, line in self.model.lines.lines().items() if fits(line)]
        if not found:
            raise Unfit
        return self.one(found)

    def available(self, party: int) -> int:
        """What the party can draw now, 0 where nothing can be drawn."""
        try:
            return self.model.lines.available(party)
        except Refused:
            return 0

    def holder(self, id: int) -> int:
        return self.usually(self.model.receivables.owner.get(id, STRANGER))

    def usually(self, actor: int) -> int:
        """The actor, or now and then a stranger who tries the same."""
        return STRANGER if self.chance(3) else actor

    def wallet_of(self, party: int) -> int:
        """A wallet of a party."""
        wallets = [wallet for wallet, owner in self.model.participants.party_of.items() if owner == party]
        return self.one(wallets) if wallets else STRANGER

    def wallet_with(self, role: int) -> int:
        """A wallet whose party was once verified for a role, or now and then any."""
        p = self.model.participants
        wallets = [wallet for wallet, party in p.party_of.items() if p.parties[party].roles & role]
        return self.one(wallets) if wallets and not self.chance(2) else self.one((*p.party_of, STRANGER))

    def party_with(self, role: int) -> int:
        parties = self.model.participants.parties
        fitting = [number for number, party in parties.items() if party.roles & role]
        return self.one(fitting) if fitting and not self.chance(3) else self.below(len(parties) + 2)

    def word(self) -> int:
        return self.rng.getrandbits(255) + 1
