"""Figures as integers modulo 2^64, so that sums are exact and masks cancel to the bit.

A figure v becomes round(v · 2^bits); negative ones are their complement. What one of n institutions gives stays below
2^62 / n, so that no sum comes near ±2^63, where it would change its sign.
"""

import numpy as np
from numpy.typing import NDArray

from backend.federation.errors import ValueOutOfRange

Words = NDArray[np.uint64]
Figures = NDArray[np.float64]

BITS = {"histogram": 0, "counts": 0, "slopes": 32}
MOST_SUM = 2**62


def encode(vector: str, figures: Figures, participants: int) -> Words:
    """Words (n,) of the figures (n,) of a vector by its name. Raises ValueOutOfRange, for NaN too."""
    with np.errstate(over="ignore"):  # infinity is out of range as well
        scaled = np.rint(figures * 2.0 ** BITS[vector])
    most = MOST_SUM // participants
    if not bool(np.all(np.abs(scaled) <= most)):
        raise ValueOutOfRange(vector=vector, most=most // 2 ** BITS[vector])
    words: Words = scaled.astype(np.int64).view(np.uint64)
    return words


def decode(vector: str, words: Words) -> Figures:
    """The figures (n,) that a sum of words stands for."""
    return words.view(np.int64) / 2.0 ** BITS[vector]


def to_bytes(words: Words) -> bytes:
    """Eight bytes a word, the lowest first, on every machine."""
    return words.astype("<u8").tobytes()


def from_bytes(data: bytes) -> Words:
    """Raises ValueError unless whole words."""
    return np.frombuffer(data, dtype="<u8").astype(np.uint64)
