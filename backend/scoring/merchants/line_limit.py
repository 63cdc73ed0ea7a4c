"""The limit of a credit line as `CreditLine.limitOf` computes it, line by line and to the unit.

The chain decides; this mirror shows a merchant the arithmetic without a call, and the tests hold the two together.
"""

from dataclasses import dataclass

from backend.scoring.merchants import limit

BPS = 10_000
RISE_DAYS = 30
MAX_RISE_BPS = 2_000
MEMORY_DAYS = 360
UNBOUNDED = 2**96 - 1


@dataclass(frozen=True, slots=True)
class Standing:
    """A line's own limit: in force after its last change, at opening, and the days since the opening or last rise.

    A line that is opened again less than `MEMORY_DAYS` after the last one ended stands where that one stood.
    """

    limit: int
    opening_limit: int
    days_since_rise: int


@dataclass(frozen=True, slots=True)
class Lines:
    """Fields of `ICreditLine.Limit` by their own names, in fen."""

    reported: int
    graded: int
    grade_cap: int
    line_cap: int
    rise_cap: int
    limit: int


def on_chain(limit_code: int, advance_bps: int, grade_cap: int, line_cap: int, standing: Standing | None) -> Lines:
    """`limit_code` as in the score's record; `advance_bps` and `grade_cap` from the terms of the grade. Without a
    standing: the limit with which a line would open now."""
    reported = limit.decode(limit_code)
    graded = share_down(reported, advance_bps)
    caps = (graded, grade_cap, line_cap, rise_cap(standing) if standing else UNBOUNDED)
    return Lines(reported, *caps, limit=min(caps))


def rise_cap(standing: Standing) -> int:
    """What the limit may have risen to: nothing more until `RISE_DAYS` after opening or the last rise."""
    if standing.days_since_rise < RISE_DAYS:
        return standing.limit
    return standing.limit + share_down(max(standing.limit, standing.opening_limit), MAX_RISE_BPS)


def available(lines: Lines, drawn: int, headroom: int, portfolio_room: int, cash: int) -> int:
    """What can be drawn now: never less than nothing, however far the limit fell below what is drawn."""
    return min(max(lines.limit - drawn, 0), headroom, portfolio_room, cash)


def share_down(amount: int, bps: int) -> int:
    """`Interest.shareDown`."""
    return amount * bps // BPS
