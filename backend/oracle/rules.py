"""When a party's score is due for a report. Pure."""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from backend import days
from backend.chain.reports import ScoreRecord
from backend.oracle.view import Standing
from backend.scoring import scale
from backend.scoring.merchants import limit
from backend.scoring.model import Scored

LEAST_MOVE = 10
# A smaller rise of the limit waits for the next report; every cut is reported at once.
LEAST_RISE_BPS = 500
BPS = 10_000
# `CreditOracle.MAX_RISE`: what rises by more points in a day is held until a risk officer looks.
MAX_RISE = 60


class Due(StrEnum):
    NEVER_SCORED = "never_scored"
    NEW_FILING = "new_filing"
    MOVED = "moved"
    GRADE_CHANGED = "grade_changed"
    FLAGS_CHANGED = "flags_changed"
    LIMIT_CUT = "limit_cut"
    LIMIT_RAISED = "limit_raised"
    HALF_EXPIRED = "half_expired"


def due(now: int, standing: Standing, value: int, filed_at: int, grade_of: Callable[[int], int]) -> Due | None:
    """Why a consenting party has to be reported now with `value`, or None. `now`, `filed_at`: seconds of the chain."""
    if standing.reported == 0:
        return Due.NEVER_SCORED
    if filed_at > standing.issued_at:
        return Due.NEW_FILING
    return _moved(standing, value, grade_of) or _half_expired(now, standing)


def merchant_due(now: int, standing: Standing, found: ScoreRecord, grade_of: Callable[[int], int]) -> Due | None:
    """The same for a merchant, of whom `found` would be reported. Good news waits until it may rise."""
    cause = _merchant_cause(now, standing, found, grade_of)
    worse = cause is Due.LIMIT_CUT or found.flags & ~standing.flags
    return cause if worse or now >= rises_at(standing, found.value) else None


def rises_at(standing: Standing, value: int) -> int:
    """Second from which facts are let pass with `value`. One that rises by more than a day allows waits for a day, and
    then for a risk officer."""
    rise = value - standing.stored_value
    if rise <= 0 or standing.stored_value == 0:
        return standing.stored_at
    return standing.stored_at + min(-(-rise * days.DAY_S // MAX_RISE), days.DAY_S)


def held_back(scored: Scored, standing: Standing, at: int) -> Scored:
    """Who has no score under the present consent gets one at once, as high as the chain lets pass by then."""
    if standing.reported or standing.stored_value == 0:
        return scored
    elapsed = min(at - standing.stored_at, days.DAY_S)
    most = standing.stored_value + MAX_RISE * elapsed // days.DAY_S
    if scored.score <= most:
        return scored
    return replace(scored, score=most, pd_ppm=max(scored.pd_ppm, scale.ppm_of(most)))


def _merchant_cause(now: int, standing: Standing, found: ScoreRecord, grade_of: Callable[[int], int]) -> Due | None:
    if standing.reported == 0:
        return Due.NEVER_SCORED
    if found.flags != standing.flags:
        return Due.FLAGS_CHANGED
    return (
        _limit_moved(limit.decode(standing.limit_code), limit.decode(found.limit_code))
        or _moved(standing, found.value, grade_of)
        or _half_expired(now, standing)
    )


def _moved(standing: Standing, value: int, grade_of: Callable[[int], int]) -> Due | None:
    if abs(value - standing.reported) >= LEAST_MOVE:
        return Due.MOVED
    if value != standing.reported and grade_of(value) != grade_of(standing.reported):
        return Due.GRADE_CHANGED
    return None


def _limit_moved(before: int, after: int) -> Due | None:
    if after < before:
        return Due.LIMIT_CUT
    return Due.LIMIT_RAISED if after > before and (after - before) * BPS >= before * LEAST_RISE_BPS else None


def _half_expired(now: int, standing: Standing) -> Due | None:
    # Twice the time, for the half of an odd number of seconds.
    return Due.HALF_EXPIRED if 2 * now >= standing.issued_at + standing.valid_until else None
