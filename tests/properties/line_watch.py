"""What must hold of credit lines from one step to the next, whatever the step was.

Looks at the model after every step; the model is compared with the chain elsewhere.
"""

from dataclasses import dataclass
from fractions import Fraction

from tests.line_model import ACCRUAL_UNIT
from tests.properties.model import Model
from tests.properties.model import line as credit_lines
from tests.properties.model.line import Line
from tests.properties.model.oracle import HELD
from tests.properties.model.participants import MERCHANT

FOR_EVERYBODY = {"CreditLine.accrue", "CreditLine.syncLimit", "CreditLine.markDelinquent"}
RISE_DAYS, RISE_SHARE, MEMORY_DAYS = 30, Fraction(1, 5), 360


@dataclass(slots=True)
class Seen:
    """A line as it was after the last step; `exact_*` is its interest without any rounding, in units x bps (x days)."""

    line: Line
    day: int
    status: int
    frozen: bool
    limit: int
    drawn: int
    per_day: int
    overdue: int
    impaired: int
    rise_day: int
    exact_per_day: Fraction = Fraction(0)
    exact_interest: Fraction = Fraction(0)

    @classmethod
    def of(cls, line: Line) -> "Seen":
        a = line.account
        figures = a.day, line.status, line.frozen, a.limit, a.drawn, a.per_day, a.overdue, line.impaired
        return cls(line, *figures, rise_day=a.opened_day)

    def catch_up(self) -> None:
        a = self.line.account
        self.day, self.status, self.frozen, self.impaired = (
            a.day,
            self.line.status,
            self.line.frozen,
            self.line.impaired,
        )
        self.limit, self.drawn, self.per_day, self.overdue = a.limit, a.drawn, a.per_day, a.overdue


class LineWatch:
    def __init__(self, model: Model) -> None:
        self.model = model
        self._seen: dict[int, Seen] = {}
        self.look(set())

    def look(self, taken: set[str]) -> None:
        """After a step that called the functions `taken`. Raises AssertionError."""
        for party, line in self.model.lines.lines().items():
            before = self._seen.get(party)
            if before is None or before.line is not line:
                self._seen[party] = self._opened(party, line, before)
                continue
            self._require_slow_rises(party, before, line)
            if line.account.drawn > before.drawn:
                self._require_sound_draw(party, line)
            if taken and taken <= FOR_EVERYBODY:
                _require_nothing_better(party, before)
            self._count_interest(before)
            _require_interest_rounded_up(party, before)
            before.catch_up()

    def _opened(self, party: int, line: Line, last: Seen | None) -> Seen:
        """Opening again is no way around the cap on rises, unless the last line was closed long ago."""
        seen = Seen.of(line)
        if last and self.model.gate.today - last.day < MEMORY_DAYS:
            self._require_slow_rises(party, last, line)
            seen.rise_day = last.rise_day
        return seen

    def _require_slow_rises(self, party: int, before: Seen, line: Line) -> None:
        limit, today = line.account.limit, self.model.gate.today
        if limit <= before.limit:
            return
        rise, most = limit - before.limit, RISE_SHARE * max(before.limit, before.line.account.opening_limit)
        assert rise <= most, f"the limit of party {party} rose by {rise}"
        waited = today - before.rise_day
        assert waited >= RISE_DAYS, f"the limit of party {party} rose again after {waited} days"
        before.rise_day = today

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

    def _count_interest(self, before: Seen) -> None:
        account = before.line.account
        before.exact_interest += before.exact_per_day * (account.day - before.day)
        if account.drawn > before.drawn:
            before.exact_per_day += account.per_day - before.per_day
        elif account.drawn < before.drawn:
            before.exact_per_day *= Fraction(account.drawn, before.drawn)


def _require_nothing_better(party: int, before: Seen) -> None:
    """What anybody may call leaves a line as risky as it was, or shows more of its risk."""
    line, account = before.line, before.line.account
    kept = (account.drawn, account.per_day, account.overdue) == (before.drawn, before.per_day, before.overdue)
    worse = account.limit <= before.limit and line.status >= before.status and line.impaired >= before.impaired
    assert kept and worse and line.frozen == before.frozen, f"a call of anybody bettered the line of party {party}"


def _require_interest_rounded_up(party: int, seen: Seen) -> None:
    """Rounding never favours the borrower, and by less than a unit, and a bps of a unit a day, for every payment."""
    line, account = seen.line, seen.line.account
    counted = line.interest_paid * ACCRUAL_UNIT + account.interest
    most = line.payments * (ACCRUAL_UNIT + account.day - account.opened_day)
    excess = counted - seen.exact_interest
    assert 0 <= excess <= most, f"interest of party {party} is {excess} more than exact"
