"""No way of drawing and repaying escapes the interest of the days on which principal is owed.

Exactly: a day bears interest on all that is owed at its end and on what went back of the draws of that day. So it bears
at least what is owed at its end, and at least what was drawn in it. What was owed at any moment of a day has borne that
day or the night before it: the day on which principal of an earlier day goes back does not count.
"""

from dataclasses import dataclass, field
from random import Random

import pytest

from tests.line_model import ACCRUAL_UNIT, units_up
from tests.properties.line_chain import MERCHANT, PLENTY, Chain

CONDITIONS = {
    "term_days": 360,
    "cycle_days": 30,
    "due_days": 29,
    "instalment_bps": 1_000,
    "late_rate_bps": 0,
    "cure_days": 3,
    "line_cap": PLENTY,
    "portfolio_cap": PLENTY,
}
SCORE, LIMIT_CODE = 720, 5_000 << 8 | 1
SEEDS, DAYS = range(8), 100


@dataclass
class Day:
    """Units of principal: drawn in the day, the most owed at any moment of it, and owed at its end."""

    drawn: int = 0
    most: int = 0
    end: int = 0


@dataclass
class Merchant:
    """A line that is drawn at one rate, and what its days should bear."""

    chain: Chain = field(default_factory=lambda: Chain(CONDITIONS))
    days: list[Day] = field(default_factory=lambda: [Day()])
    drawn: int = 0
    paid: int = 0
    repayments: int = 0

    def __post_init__(self) -> None:
        self.chain.report(SCORE, LIMIT_CODE)
        self.chain.line(MERCHANT, "open", self.chain.parameters.lines.as_struct()[-1])

    @property
    def rate_bps(self) -> int:
        terms = self.chain.parameters.terms_of("credit_line")[0]
        assert terms is not None
        return terms.annual_rate_bps

    @property
    def interest(self) -> int:
        return self.paid - self.drawn

    def owed(self, name: str = "total") -> int:
        return int(self.chain.read("CreditLine", "owedOf", (self.chain.party,))[name])

    def available(self) -> int:
        return int(self.chain.read("CreditLine", "limitOf", (self.chain.party,))["available"])

    def draw(self, amount: int) -> None:
        self.chain.line(MERCHANT, "draw", amount, 0, self.rate_bps, self.chain.now)
        self.drawn += amount
        self.days[-1].drawn += amount
        self._note()

    def repay(self, amount: int) -> None:
        self.paid += int.from_bytes(self.chain.line(MERCHANT, "repay", self.chain.party, amount))
        self.repayments += 1
        self._note()

    def _note(self) -> None:
        day = self.days[-1]
        day.end = self.owed("principal")
        day.most = max(day.most, day.end)

    def sleep(self) -> None:
        owed = self.days[-1].end
        self.chain.pass_days(1)
        self.chain.report(SCORE, LIMIT_CODE)
        self.days.append(Day(most=owed, end=owed))

    def bears(self, principal: int) -> bool:
        """Whether what was paid bears a day of the principal but for a unit, and its day, a repayment."""
        rounding = self.repayments * (ACCRUAL_UNIT + self.rate_bps)
        return self.interest * ACCRUAL_UNIT + rounding >= principal * self.rate_bps


def _one_of(random: Random, whole: int) -> int:
    return max(random.choice((1, whole, whole - 1, whole // 2, whole // 7, random.randrange(whole + 1))), 1)


def _live(seed: int) -> Merchant:
    """A hundred days of draws and repayments in any order, with nothing owed at the end."""
    merchant, random = Merchant(), Random(seed)
    for _ in range(DAYS):
        if merchant.owed("overdue"):
            merchant.repay(merchant.owed("billed"))
        for _ in range(random.choice((0, 1, 2, 5))):
            available, owed = merchant.available(), merchant.owed()
            if available and random.random() < 0.5:
                merchant.draw(_one_of(random, available))
            elif owed:
                merchant.repay(_one_of(random, owed))
        if random.random() < 0.3 and merchant.owed():
            merchant.repay(merchant.owed())
        merchant.sleep()
    if merchant.owed():
        merchant.repay(merchant.owed())
    return merchant


@pytest.fixture(scope="module", params=SEEDS)
def merchant(request: pytest.FixtureRequest) -> Merchant:
    return _live(request.param)


def test_a_day_bears_at_least_what_is_owed_at_its_end_and_what_was_drawn_in_it(merchant: Merchant) -> None:
    assert merchant.owed() == 0 and merchant.repayments > 50
    assert merchant.bears(sum(max(day.end, day.drawn) for day in merchant.days))


def test_what_was_owed_at_any_moment_bears_that_day_or_the_night_before(merchant: Merchant) -> None:
    days = merchant.days
    assert merchant.bears(sum(day.most for day in days[::2])) and merchant.bears(sum(day.most for day in days[1::2]))


@pytest.mark.parametrize("slices", [1, 2, 7])
def test_who_repays_before_every_midnight_and_draws_after_it_pays_every_day(slices: int) -> None:
    merchant, amount, days = Merchant(), 1_000_000, 40
    for _ in range(days):
        merchant.draw(amount)
        for left in range(slices, 0, -1):
            merchant.repay(merchant.owed() // left)
        assert merchant.owed() == 0
        merchant.sleep()
    a_day = units_up(amount * merchant.rate_bps)
    assert days * (a_day - slices + 1) <= merchant.interest <= days * a_day


def test_who_repays_before_every_other_midnight_pays_the_nights_between() -> None:
    merchant, amount, nights = Merchant(), 1_000_000, 20
    for _ in range(nights):
        merchant.draw(amount)
        merchant.sleep()
        merchant.repay(merchant.owed())
        merchant.sleep()
    assert merchant.interest == nights * units_up(amount * merchant.rate_bps)
    assert merchant.bears(sum(day.most for day in merchant.days) // 2)
