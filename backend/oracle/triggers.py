"""Whose turn it is to be evaluated: by the day, by new records, by what happened to consents and lines on chain."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection, func, inspect, select

from backend.oracle.proposals import MOST_RECORDS
from backend.readmodel import scores
from backend.records import evaluations
from backend.records.business import kept
from backend.store import feed
from backend.store.feed import Cursor
from backend.store.tables import feed as feed_rows
from backend.store.tables import merchant_standings

# Kinds of events after which a merchant is looked at before the next day.
EVENTS = {
    "CreditOracle": {"ConsentGranted", "ConsentRevoked", "HoldReleased"},
    "CreditLine": {"LineDrawn", "LinePaid", "LineOpened", "LineClosed"},
}
PAGE = 500


@dataclass(frozen=True, slots=True)
class Turn:
    """`more`: others are waiting; `number`: of the last change of records."""

    parties: list[int]
    more: bool
    number: int


class Triggers:
    """Remembers who was heard of since the last turn; after a restart, who gave or renewed consent meanwhile."""

    def __init__(self) -> None:
        self._heard: dict[int, None] = {}
        self._cursor: Cursor | None = None
        self._after = 0

    def news(self, tx: Connection) -> object | None:
        """Changes whenever a merchant's turn may have come at the same block; None while there are no records."""
        number = kept.last_number(tx)
        return (number, tx.scalar(select(func.max(feed_rows.c.id)))) if number else None

    def turn(self, tx: Connection, now: int) -> Turn:
        """The next merchants, at most as many as fit into a report."""
        self._listen(tx)
        waiting = evaluations.wanted(tx, now, self._after, MOST_RECORDS + 1)
        parties = list(dict.fromkeys([*islice(self._heard, MOST_RECORDS + 1), *waiting]))
        return Turn(parties[:MOST_RECORDS], len(parties) > MOST_RECORDS, kept.last_number(tx))

    def done(self, turn: Turn, parties: Iterable[int], more: bool) -> None:
        """What was found about these of the turn is kept; `more`: others are still waiting."""
        for party in parties:
            self._heard.pop(party, None)
        if not more:
            self._after = turn.number

    def _listen(self, tx: Connection) -> None:
        if self._cursor is None:
            self._cursor = feed.newest(tx)
            self._heard = dict.fromkeys(_consented_since(tx))
        while items := feed.tail(tx, self._cursor, PAGE):
            told = {int(item.key): None for item in items if item.kind in EVENTS.get(item.topic, ())}
            # Whoever was never looked at will be, when records come.
            self._heard |= dict.fromkeys(evaluations.known(tx, told))
            self._cursor = items[-1].cursor


def _consented_since(tx: Connection) -> list[int]:
    """Merchants whose present consent is another one than they were last looked at under."""
    if not inspect(tx).has_table(scores.scores.name):
        return []
    score, standing = scores.scores.c, merchant_standings.c
    joined = select(score.party).join(merchant_standings, standing.party == score.party)
    return list(tx.scalars(joined.where(score.consented, score.consent_epoch != standing.consent_epoch)))
