"""When a party's score is due for a report. Pure."""

from collections.abc import Callable
from enum import StrEnum

from backend.oracle.view import Standing

LEAST_MOVE = 10


class Due(StrEnum):
    NEVER_SCORED = "never_scored"
    NEW_FILING = "new_filing"
    MOVED = "moved"
    GRADE_CHANGED = "grade_changed"
    HALF_EXPIRED = "half_expired"


def due(now: int, standing: Standing, value: int, filed_at: int, grade_of: Callable[[int], int]) -> Due | None:
    """Why a consenting party has to be reported now with `value`, or None. `now`, `filed_at`: seconds of the chain."""
    if standing.reported == 0:
        return Due.NEVER_SCORED
    if filed_at > standing.issued_at:
        return Due.NEW_FILING
    if abs(value - standing.reported) >= LEAST_MOVE:
        return Due.MOVED
    if value != standing.reported and grade_of(value) != grade_of(standing.reported):
        return Due.GRADE_CHANGED
    # Twice the time, for the half of an odd number of seconds.
    if 2 * now >= standing.issued_at + standing.valid_until:
        return Due.HALF_EXPIRED
    return None
