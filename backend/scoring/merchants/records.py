"""What a merchant's business is known by: records of events, each with the time it happened and came to be known."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What `value` means by kind.

    `sale`, `refund`: fen, positive; `rating`: hundredths of a star, 100 … 500; `stock`: inventory at cost, fen;
    `arrears`: days that a debt to others is past due, 0 once it is cured; `opening`: the shop opened on the platform,
    value 0.
    """

    SALE = "sale"
    REFUND = "refund"
    RATING = "rating"
    STOCK = "stock"
    ARREARS = "arrears"
    OPENING = "opening"


@dataclass(frozen=True, slots=True)
class BusinessRecord:
    """`id`: the platform's own number, one record per merchant, kind and id. `occurred_at`, `received_at`: seconds
    since the epoch, UTC. `count`: transactions that a sale or refund sums up, otherwise 1. `buyer`: the platform's
    pseudonym of the buyer of a sale, refund or rating, empty where unknown or where the record sums up several.
    """

    id: str
    kind: Kind
    occurred_at: int
    received_at: int
    value: int
    count: int = 1
    buyer: str = ""
