"""What must hold of credit lines from one step to the next, whatever the step was.

Looks at the model after every step; the model is compared with the chain elsewhere.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from tests.line_model import ACCRUAL_UNIT
from tests.properties.model import Model
from tests.properties.model import line as credit_lines
from tests.properties.model.line import Line
from tests.properties.model.oracle import HELD
from tests.properties.model.participants import MERCHANT

FOR_EVERYBODY = {"CreditLine.accrue", "CreditLine.syncLimit", "CreditLine.markDelinquent"}
RISE_DAYS, RISE_SHARE, MEMORY_DAYS = 30, Fraction(1, 5), 360
MAX_RATE_BPS = 2_400


class Figures(NamedTuple):
    """Those of a line that are watched."""

    day: int
    status: int
    frozen: bool
    impaired: int
    limit: int
    opening_limit: int
    drawn: int
    drawn_today: int
    per_day: int
    interest: int
    due_principal: int
    overdue: int

    @classmethod
    def of(cls, line: Line) -> "Figures":
        a = line.account
        risk = a.day, line.status, line.frozen, line.impaired, a.limit, a.opening_limit
        return cls(*risk, a.drawn, a.drawn_today, a.per_day, a.interest, a.due_principal, a.overdue)


@dataclass(slots=True)
class Watched:
    """A line after the last step; `exact_*` is its interest without any rounding, in units x bps (x days).

    `exact_nights` is borne by what is drawn over a night, `exact_days` by what went back on the day of its draw.
    """

    line: Line
    seen: Figures
    rise_day: int
    exact_per_day: Fraction = Fraction(0)
    exact_nights: Fraction = Fraction(0)
    exact_days: Fraction = Fraction(0)
    drawn_today: int = 0
    days_charged: int = 0


class LineWatch:
    def __init__(self, model: Model) -> None:
        self.model = model
        self._watched: dict[int, Watched] = {}
        self.look(set())

    def look(self, taken: set[str]) -> None:
        """After a step that called the functions `taken`. Raises AssertionError."""
        for party, line in self.model.lines.lines().items():
            watched, now = self._watched.get(party), Figures.of(line)
            if watched is None or watched.line is not line:
                self._watched[party] = self._opened(party, line, watched)
            elif now != watched.seen:
                self._compare(party, watched, now, taken)
                watched.seen = now

    def _opened(self, party: int, line: Line, last: Watched | None) -> Watched:
        """Opening again is no way around the cap on rises, unless the last line was closed long ago."""
        new = Watched(line, Figures.of(line), line.account.opened_day)
        if last and self.model.gate.today - last.seen.day < MEMORY_DAYS:
            self._require_slow_rise(party, last, new.seen.limit)
            new.rise_day = last.rise_day
        return new

    def _compare(self, party: int, watched: Watched, now: Figures, taken: set[str]) -> None:
        self._require_slow_rise(party, watched, now.limit)
        if now.drawn > watched.seen.drawn:
            self._require_sound_draw(party, watched.line)
        if taken and taken <= FOR_EVERYBODY:
            _require_nothing_better(party, watched.seen, now)
        _count_interest(watched, now)
        _require_interest_exact_but_for_rounding(party, watched, now)

    def _require_slow_rise(self, party: int, watched: Watched, limit: int) -> None:
        before, today = watched.seen, self.model.gate.today
        if limit <= before.limit:
            return
        rise, most = limit - before.limit, RISE_SHARE * max(before.limit, before.opening_limit)
        assert rise <= most, f"the limit of party {party} rose by {rise}"
        waited = today - watched.rise_day
        assert waited >= RISE_DAYS, f"the limit of party {party} rose again after {waited} days"
        watched.rise_day = today

    def _require_sound_draw(self, party: int, line: Line) -> None:
        """Every fact that a draw rests on, one by one."""
        m, account, now = self.model, line.account, self.model.gate.now
        person, score, owed = m.participants.parties[party], m.oracle.scores[party], m.treasury.accounts[party]
        terms, _, _ = m.policy.require_terms(credit_lines.PRODUCT, party)
        conditions = m.lines.conditions
        sound = {
            "limit": account.drawn <= account.limit <= conditions.line_cap,
            "reported": account.limit * 10_000 <= m.lines.reported(party) * terms.advance_bps,
            "headroom": owed.outstanding <= min(owed.limit, terms.limit_cap),
            "portfolio": m.treasury.outstanding_of[credit_lines.PRODUCT] <= conditions.portfolio_cap,
            "arrears": owed.arrears == 0 and account.overdue == 0 and line.status == credit_lines.OPEN,
            "offer": conditions.open and not line.frozen and account.day < account.maturity_day,
            "running": not m.lines.paused and not m.treasury.paused,
            "identity": person.roles & MERCHANT and not person.frozen and now < person.valid_until,
            "consent": score.consented,
            "flags": not score.flags & (HELD | terms.blocking_flags),
            "age": now <= score.valid_until and now - score.issued_at <= terms.max_age,
            "model": m.oracle.models[score.model].approved and not m.oracle.models[score.model].retired,
        }
        broken = [name for name, holds in sound.items() if not holds]
        assert not broken, f"party {party} drew without sound {broken}"


def _require_nothing_better(party: int, before: Figures, now: Figures) -> None:
    """What anybody may call leaves a line as risky as it was, or shows more of its risk."""
    kept = all(
        getattr(now, name) == getattr(before, name) for name in ("drawn", "drawn_today", "per_day", "overdue", "frozen")
    )
    worse = now.limit <= before.limit and now.status >= before.status and now.impaired >= before.impaired
    assert kept and worse, f"a call of anybody bettered the line of party {party}"


def _count_interest(watched: Watched, now: Figures) -> None:
    before, nights = watched.seen, now.day - watched.seen.day
    watched.exact_nights += watched.exact_per_day * nights
    watched.drawn_today = 0 if nights else watched.drawn_today
    if now.drawn > before.drawn:
        watched.drawn_today += now.drawn - before.drawn
        watched.exact_per_day += now.per_day - before.per_day
    elif now.drawn < before.drawn:
        _count_day(watched, now)
        watched.exact_per_day *= Fraction(now.drawn, before.drawn)


def _count_day(watched: Watched, now: Figures) -> None:
    """Of what is not billed, the draws of the day go back first."""
    before = watched.seen
    billed = before.due_principal - now.due_principal
    back = min(before.drawn - now.drawn - billed, watched.drawn_today)
    watched.drawn_today -= back
    watched.exact_days += watched.exact_per_day * Fraction(back, before.drawn)
    watched.days_charged += back > 0


def _require_interest_exact_but_for_rounding(party: int, watched: Watched, now: Figures) -> None:
    """Nights are never rounded down, and every payment rounds up by less than a unit, and a bps of a unit a day.

    A payment that gives back principal of the same day rounds the day's interest to a unit either way, and where that
    made more of the payment principal, by the day of that unit.
    """
    line = watched.line
    charged = line.interest_paid * ACCRUAL_UNIT + now.interest
    assert charged >= watched.exact_nights, f"party {party} bears less than the interest of its nights"
    excess, days = charged - watched.exact_nights - watched.exact_days, watched.days_charged
    least = -days * (ACCRUAL_UNIT + MAX_RATE_BPS)
    most = (line.payments + days) * ACCRUAL_UNIT + line.payments * (now.day - line.account.opened_day + days)
    assert least <= excess <= most, f"interest of party {party} is {excess} more than exact"
