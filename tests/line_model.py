"""A credit line in exact integers, day by day, written apart from the contract to be compared with it to the unit.

Amounts are in the token's smallest unit, rates in basis points a year of 360 days, days since 1970-01-01 in Beijing.
Interest and late interest are kept in units x bps x days; whole units are only taken, rounded up, where somebody reads
or pays them. Every night is counted by itself, so nothing here can depend on how often anybody looks.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from tests.model import BPS, ceil_div, share_down, share_up

ACCRUAL_UNIT = BPS * 360
RISE_DAYS = 30
MAX_RISE_BPS = 2_000
MEMORY_DAYS = 360


@dataclass(frozen=True)
class Conditions:
    """What a line keeps of the conditions under which it was opened; `term_days` is a multiple of `cycle_days`."""

    term_days: int
    cycle_days: int
    due_days: int
    instalment_bps: int
    late_rate_bps: int
    overdue_impairment_bps: int = 0


class Paid(NamedTuple):
    """The parts of a payment."""

    late: int
    interest: int
    principal: int

    @property
    def total(self) -> int:
        return sum(self)


class Quote(NamedTuple):
    """Figures of a draw that depend on the line alone."""

    fee: int
    net: int
    average_rate_bps: int
    interest_per_day: int
    drawn_after: int


class Statement(NamedTuple):
    """What is billed and unpaid after a close, the overdue part included; `due_day` 0 when nothing new is billed."""

    day: int
    interest: int
    principal: int
    due_day: int


class Limits(NamedTuple):
    """What the facts give, apart from cash and other products."""

    reported: int
    graded: int
    grade_cap: int
    line_cap: int
    rise_cap: int
    limit: int


def units_up(accrued: int) -> int:
    return ceil_div(accrued, ACCRUAL_UNIT)


def less(accrued: int, units: int) -> int:
    """What is left of an accrual when `units` were paid; the last unit may be worth more than what was left."""
    return max(accrued - units * ACCRUAL_UNIT, 0)


def decode_limit(code: int) -> int:
    """Fen of a reported limit: whole yuan as mantissa (high 16 bits) x 10^exponent (low 8 bits)."""
    return (code >> 8) * 10 ** (code & 0xFF) * 100


@dataclass
class LineModel:
    """One line from its opening on `day` with `limit`."""

    conditions: Conditions
    day: int
    limit: int
    opened_day: int = field(init=False)
    opening_limit: int = field(init=False)
    rise_day: int = field(init=False)
    next_close_day: int = field(init=False)
    drawn: int = 0
    per_day: int = 0
    interest: int = 0
    late: int = 0
    due_interest: int = 0
    due_principal: int = 0
    overdue: int = 0
    drawn_today: int = 0
    due_day: int = 0
    defaulted: bool = False
    statements: list[Statement] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.opened_day = self.rise_day = self.day
        self.opening_limit = self.limit
        self.next_close_day = self.day + self.conditions.cycle_days

    # Time

    @property
    def maturity_day(self) -> int:
        return self.opened_day + self.conditions.term_days

    def advance(self, today: int) -> None:
        """Live through the nights until `today`."""
        while self.day < today:
            self._night()

    def _night(self) -> None:
        self.drawn_today = 0
        if self.day == self.due_day:
            self.overdue, self.due_day = self.billed, 0
        self.interest += self.per_day
        self.late += self.overdue * self.conditions.late_rate_bps
        self.day += 1
        if self.day == self.next_close_day:
            self._close_statement()

    def _close_statement(self) -> None:
        """Bill all interest so far and a share of the principal, all of it from maturity on."""
        self.due_interest = units_up(self.interest)
        unbilled = self.drawn - self.due_principal
        matured = self.day >= self.maturity_day
        self.due_principal += unbilled if matured else share_up(unbilled, self.conditions.instalment_bps)
        self.due_day = self.day + self.conditions.due_days if self.billed > self.overdue else 0
        self.next_close_day += self.conditions.cycle_days
        self.statements.append(Statement(self.day, self.due_interest, self.due_principal, self.due_day))

    # What is owed

    @property
    def billed(self) -> int:
        return self.due_interest + self.due_principal

    @property
    def owed(self) -> int:
        """What ends the debt today."""
        return self.drawn + self.interest_today + units_up(self.late)

    @property
    def interest_today(self) -> int:
        """What accrued, and a day of what was drawn today: both are owed by who ends the debt today."""
        return units_up(self.interest) + self.day_of(self.drawn_today)

    def day_of(self, principal: int) -> int:
        """A day's interest at the average rate."""
        return ceil_div(self.per_day * principal, self.drawn * ACCRUAL_UNIT) if principal else 0

    @property
    def impaired_when_overdue(self) -> int:
        return share_up(self.drawn, self.conditions.overdue_impairment_bps)

    # Drawing and paying

    def quote(self, amount: int, rate_bps: int, fee_bps: int) -> Quote:
        fee = share_up(amount, fee_bps)
        after, per_day = self.drawn + amount, self.per_day + amount * rate_bps
        return Quote(fee, amount - fee, ceil_div(per_day, after), units_up(per_day), after)

    def draw(self, amount: int, rate_bps: int) -> None:
        """A draw bears interest at the rate of its day, from its first night on."""
        self.drawn += amount
        self.drawn_today += amount
        self.per_day += amount * rate_bps

    def pay(self, amount: int) -> Paid:
        """Takes at most what is owed: late interest, billed interest, billed principal, other interest, principal."""
        purse = min(amount, self.owed)
        buckets = (
            units_up(self.late),
            self.due_interest,
            self.due_principal,
            units_up(self.interest) - self.due_interest,
            self.drawn - self.due_principal,
        )
        parts = []
        for bucket in buckets:
            parts.append(min(purse, bucket))
            purse -= parts[-1]
        late, billed_interest, billed_principal, other_interest, other_principal = parts
        other_principal += purse  # what the day of today's draws may still take
        self.due_interest -= billed_interest
        self.due_principal -= billed_principal
        # Who pays what is billed pays the oldest first.
        self.overdue = max(self.overdue - billed_interest - billed_principal, 0)
        charge = self._day_of_today(other_principal)
        accrued = billed_interest + other_interest
        paid = Paid(late, accrued + charge, billed_principal + other_principal - charge)
        self.late, self.interest = less(self.late, paid.late), less(self.interest, accrued)
        self._repay(paid.principal)
        if self.billed == self.overdue:
            self.due_day = 0
        return paid

    def _day_of_today(self, left: int) -> int:
        """What was drawn today goes back first and with a day's interest, both in part if `left` is too little."""
        whole = self.day_of(self.drawn_today)
        both = self.drawn_today + whole
        charge = whole if left >= both else left * whole // both
        self.drawn_today -= min(left - charge, self.drawn_today)
        return charge

    def _repay(self, principal: int) -> None:
        """What stays drawn keeps the average rate of all draws, rounded up."""
        if principal:
            left = self.drawn - principal
            self.per_day = ceil_div(self.per_day * left, self.drawn)
            self.drawn = left

    def default(self) -> None:
        """All principal and interest is billed and overdue at once."""
        self.defaulted = True
        self.due_interest, self.due_principal, self.due_day = units_up(self.interest), self.drawn, 0
        self.overdue = self.billed

    # Limit

    @property
    def rise_cap(self) -> int:
        return self.rise_cap_on(self.day)

    def rise_cap_on(self, day: int) -> int:
        """The limit rises 30 days after opening or its last rise, by a fifth of itself or of the limit at opening."""
        if day < self.rise_day + RISE_DAYS:
            return self.limit
        return self.limit + share_down(max(self.limit, self.opening_limit), MAX_RISE_BPS)

    def followed(self, day: int, limit: int) -> "LineModel":
        """The line that is opened on `day` after this one ended: unless that is long ago, it is no new beginning."""
        line = LineModel(self.conditions, day, limit)
        if day < self.day + MEMORY_DAYS:
            line.opening_limit = self.opening_limit
            line.rise_day = day if limit > self.limit else self.rise_day
        return line

    def limits(self, limit_code: int, advance_bps: int, grade_cap: int, line_cap: int) -> Limits:
        reported = decode_limit(limit_code)
        caps = share_down(reported, advance_bps), grade_cap, line_cap, self.rise_cap
        return Limits(reported, *caps, limit=min(caps))

    def take_limit(self, limit: int) -> None:
        """A draw takes the limit that it was measured against."""
        if limit > self.limit:
            self.rise_day = self.day
        self.limit = limit

    def sync_limit(self, limit: int) -> None:
        """Anyone may lower a limit to what the facts give; nobody may raise it so."""
        self.limit = min(self.limit, limit)

    def available(self, limit: int, headroom: int, portfolio_room: int, cash: int) -> int:
        return min(max(limit - self.drawn, 0), headroom, portfolio_room, cash)
