"""Which labelled rows a model learns from and which it is judged on, as data."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Context = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class HoldOut:
    """Of each class, the `percent` of rows with the lowest hash of their key are never trained on."""

    percent: int
    column = None  # needs nothing but keys and labels
    grouped = False  # a key names one row

    def select(self, keys: Sequence[str], labels: Sequence[int]) -> frozenset[str]:
        """The keys held out. A hash, unlike a position, says nothing about the row."""
        held: set[str] = set()
        for label in set(labels):
            members = [key for key, own in zip(keys, labels, strict=True) if own == label]
            members.sort(key=lambda key: hashlib.sha256(key.encode()).digest())
            held.update(members[: len(members) * self.percent // 100])
        return frozenset(held)

    def masks(self, keys: Sequence[str], labels: Sequence[int], _: Context) -> tuple[Mask, Mask]:
        """Rows to learn from and rows held out."""
        held_keys = self.select(keys, labels)
        held = np.array([key in held_keys for key in keys])
        return ~held, held


@dataclass(frozen=True)
class OutOfTime:
    """Learns from one period and is judged on a later one. ISO dates; each period ends before its second date."""

    column: str
    training: tuple[str, str]
    test: tuple[str, str]
    grouped = False

    def masks(self, _: Sequence[str], __: Sequence[int], context: Context) -> tuple[Mask, Mask]:
        """Rows of the training period and rows of the test period; the rest is in neither."""
        days = np.array(context[self.column])
        first, second = ((start <= days) & (days < end) for start, end in (self.training, self.test))
        return first, second


@dataclass(frozen=True)
class NewcomersLater:
    """Learns from one period of some subjects and is judged on a later period of the others, `percent` of all.

    A key names a subject and may stand in several rows. ISO dates; each period ends before its second date.
    """

    percent: int
    column: str
    training: tuple[str, str]
    test: tuple[str, str]
    grouped = True

    def masks(self, keys: Sequence[str], labels: Sequence[int], context: Context) -> tuple[Mask, Mask]:
        """Rows of the training period of some and rows of the test period of others; the rest is in neither."""
        learned, judged = OutOfTime(self.column, self.training, self.test).masks(keys, labels, context)
        held = np.array([self._held(key) for key in keys])
        return learned & ~held, judged & held

    def _held(self, key: str) -> bool:
        return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) * 100 < self.percent << 64


Split = HoldOut | OutOfTime | NewcomersLater
