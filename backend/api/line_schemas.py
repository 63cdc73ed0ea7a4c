"""What the API takes and gives about credit lines and merchants' scores."""

from typing import Literal

from backend.api.schemas import (
    Amount,
    Answer,
    Block,
    Currency,
    Day,
    Hash,
    Page,
    PartyNumber,
    Time,
)

LineStatus = Literal["Open", "Delinquent", "Defaulted", "WrittenOff", "Closed", "Recovered"]


# Lines


class LineQuery(Page):
    status: LineStatus | None = None
    frozen: bool | None = None


class Line(Answer):
    """A line after its last event, under the conditions of its opening; `turn` counts the openings.

    `billed` and `overdue`: what statements billed and is not paid, late interest apart. `averageRateBps`: over all that
    is drawn, rounded up, null when nothing is. `perDay`: interest a day, in units times basis points.
    """

    party: PartyNumber
    turn: int
    status: LineStatus
    frozen: bool
    currency: Currency
    limit: Amount
    opening_limit: Amount
    rise: Day
    drawn: Amount
    per_day: Amount
    average_rate_bps: int | None
    billed: Amount
    overdue: Amount
    due: Day | None
    statements: int
    opened: Day
    next_close: Day
    maturity: Day
    cycle_days: int
    due_days: int
    instalment_bps: int
    late_rate_bps: int
    cure_days: int
    overdue_impairment_bps: int
    agreement_hash: Hash
    notice: Day | None
    cure_through: Day | None
    impaired: Amount
    loss: Amount
    from_cover: Amount
    opened_at: Time
    closed_at: Time


class LinePage(Answer):
    items: list[Line]
    next: str | None


class LineOwed(Answer):
    """Read from the chain at `block`: what is owed that day, rounded up. `total` ends the debt.

    `billed` and `overdue` are parts of it; `pay`: last day for what is billed and not overdue.
    """

    block: Block
    day: Day
    principal: Amount
    interest: Amount
    late: Amount
    billed: Amount
    overdue: Amount
    pay: Day | None
    total: Amount


class LineChange(Answer):
    """`hash`: of the agreement, document or reason. `status` and `frozen` as they were afterwards."""

    event: str
    status: LineStatus
    frozen: bool
    hash: Hash | None
    at: Time
    block: int
    log_index: int
    transaction_hash: Hash


class LineDetail(Line):
    owed: LineOwed
    changes: list[LineChange]
