"""Which records of an epoch are known, as runs of records that are linked by their hashes. Pure.

A gap ends a run and begins another; records that fill it join them. A checkpoint seals the run its record is in, from
the run's first record on: through the links its one signature stands for all of them.
"""

from bisect import bisect_left
from enum import Enum, auto
from typing import NamedTuple, Protocol

import msgspec

from backend.telemetry.record import GENESIS, Record

MOST_RUNS = 64


class Known(NamedTuple):
    """Of a record taken in before, what newcomers are held against."""

    at: int
    hours: int
    fuel: int
    previous: str
    hash: str


class Standing(Protocol):
    """Known records of an epoch."""

    def get(self, sequence: int, /) -> Known | Record | None:
        """None for one that is not kept, or never was."""


class Run(msgspec.Struct, array_like=True):
    """Records `first` to `last`. `below`: hash of the record before it; `head`: of its last. `sealed`: the highest
    sequence under a checkpoint, 0 without one."""

    first: int
    last: int
    below: str
    head: str
    sealed: int = 0


class Place(Enum):
    """Where a record belongs. `HISTORY`: before the newest. `SAME`: it is known. `FORK`: it contradicts a known one."""

    NEWEST = auto()
    HISTORY = auto()
    SAME = auto()
    FORK = auto()


class Runs(msgspec.Struct, array_like=True):
    """Ascending and apart from each other. Runs up to `floor` are no longer remembered; their records are."""

    items: list[Run] = []
    floor: int = 0

    @property
    def last(self) -> int:
        """Highest known sequence, 0 without any."""
        return self.items[-1].last if self.items else self.floor

    @property
    def newest(self) -> Run | None:
        """The run that the next record should follow."""
        return self.items[-1] if self.items else None

    def at(self, sequence: int) -> Run | None:
        """The run that has the sequence."""
        place = bisect_left(self.items, sequence, key=lambda run: run.last)
        run = self.items[place] if place < len(self.items) else None
        return run if run and run.first <= sequence else None

    def place(self, record: Record, standing: Standing) -> Place:
        """Find the record's place and take it in, unless it is known or a fork."""
        sequence = record.sequence
        if self.items and sequence == self.items[-1].last + 1:
            return self._append(self.items[-1], record)
        if sequence == 1 and record.previous != GENESIS:
            return Place.FORK
        if sequence > self.last:
            self.items.append(Run(sequence, sequence, record.previous, record.hash))
            self._forget()
            return Place.NEWEST
        if sequence <= self.floor:
            return _beside(record, standing)
        return self._fill(record, standing)

    def seal(self, sequence: int, head: str, standing: Standing) -> bool | None:
        """A checkpoint over record `sequence` with this hash. None when the record is not known; False when the known
        one has another hash."""
        run = self.at(sequence)
        if run is None:
            return None
        found = standing.get(sequence)
        known = run.head if sequence == run.last else found.hash if found else head
        if known != head:
            return False
        run.sealed = max(run.sealed, sequence)
        return True

    def _append(self, run: Run, record: Record) -> Place:
        if record.previous != run.head:
            return Place.FORK
        run.last, run.head = record.sequence, record.hash
        return Place.NEWEST

    def _fill(self, record: Record, standing: Standing) -> Place:
        sequence = record.sequence
        place = bisect_left(self.items, sequence, key=lambda run: run.last)
        above, below = self.items[place], self.items[place - 1] if place else None
        if sequence >= above.first:
            # A record of a run that is not kept any more was the same: it was taken in once.
            found = standing.get(sequence)
            return Place.SAME if found is None or found.hash == record.hash else Place.FORK
        joins_above = sequence + 1 == above.first
        joins_below = below is not None and sequence == below.last + 1
        if joins_above and above.below != record.hash:
            return Place.FORK
        if joins_below and below and below.head != record.previous:
            return Place.FORK
        if joins_below and below:
            below.last, below.head = sequence, record.hash
            if joins_above:
                self._join(place)
        elif joins_above:
            above.first, above.below = sequence, record.previous
        else:
            self.items.insert(place, Run(sequence, sequence, record.previous, record.hash))
            self._forget()
        return Place.HISTORY

    def _join(self, place: int) -> None:
        """Put the run at `place` and the one below it into one."""
        below, above = self.items[place - 1], self.items.pop(place)
        below.last, below.head = above.last, above.head
        below.sealed = max(below.sealed, above.sealed)

    def _forget(self) -> None:
        """Bounded, whatever a device leaves out."""
        if len(self.items) > MOST_RUNS:
            self.floor = self.items.pop(0).last


def _beside(record: Record, standing: Standing) -> Place:
    """Below the floor only the neighbours can tell."""
    same = standing.get(record.sequence)
    if same is not None:
        return Place.SAME if same.hash == record.hash else Place.FORK
    before, after = standing.get(record.sequence - 1), standing.get(record.sequence + 1)
    fits = (before is None or before.hash == record.previous) and (after is None or after.previous == record.hash)
    return Place.HISTORY if fits else Place.FORK
