"""The demo's three institutions: unequal, and each with customers of its own kind.

Clients are put in order of their credit limit and cut into thirds. Within a third the hash of the client's key decides,
in the shares of `SHARES`: the county bank lends mostly to small limits, the city bank to large ones.
"""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

COLUMN = "LIMIT_BAL"
SHARES: Mapping[str, tuple[int, int, int]] = {  # per cent of the clients with small, middle and large limits
    "county_bank": (30, 10, 5),
    "city_bank": (15, 25, 35),
    "card_issuer": (55, 65, 60),
}


def masks(keys: Sequence[str], limits: NDArray[np.float64]) -> dict[str, NDArray[np.bool_]]:
    """Which rows (n,) each institution holds; every row is held by exactly one."""
    hashes = np.array([hashlib.sha256(f"institution {key}".encode()).hexdigest() for key in keys])
    holder = np.empty(len(keys), dtype=np.int64)
    for third, shares in zip(
        np.array_split(np.lexsort((hashes, limits)), 3), zip(*SHARES.values(), strict=True), strict=True
    ):
        by_hash = third[np.argsort(hashes[third])]
        bounds = np.cumsum(shares)[:-1] * len(by_hash) // 100
        for number, rows in enumerate(np.split(by_hash, bounds)):
            holder[rows] = number
    return {name: holder == number for number, name in enumerate(SHARES)}
