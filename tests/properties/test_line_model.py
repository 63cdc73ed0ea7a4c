"""One credit line on the contracts beside its day-by-day model: every figure the same after every step, to the unit.

The model lives through every night; the contract jumps from call to call. Steps are drawn near the edges that matter:
statement days, due days, maturity, amounts around what is billed and owed, limits around what is drawn.
"""

from collections import Counter
from random import Random

import pytest

from backend.scoring.merchants.limit import code
from scripts import plan
from tests.line_model import MEMORY_DAYS, Conditions, Limits, LineModel, Paid, units_up
from tests.model import day_of
from tests.properties.line_chain import FIRST_DAY, LAST_DAY, MERCHANT, OFFICER, PLENTY, STRANGER, Chain, account

SCORES = (720, 660, 610, 560)  # grades A to D

STEP_KINDS = {"pass_days": 6, "draw": 5, "repay": 4, "report": 3, "accrue": 1, "sync": 1, "arrears": 2, "reopen": 1}
"""How often each is tried."""


class Pair:
    """The contract's line and the model's, moved together."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.done: Counter[str] = Counter()
        kept = _conditions(self.random)
        self.chain = Chain({**vars(kept), "cure_days": 3, "line_cap": PLENTY, "portfolio_cap": PLENTY})
        self.score, self.limit_code = SCORES[0], code(self.random.choice((10**5, 3_000_000, 70_000_000)))
        self.chain.report(self.score, self.limit_code)
        self.chain.line(MERCHANT, "open", self.chain.parameters.lines.as_struct()[-1])
        self.model = LineModel(kept, FIRST_DAY, PLENTY)
        self.model.limit = self.model.opening_limit = self.limits().limit
        self.delinquent = False
        self.careful = seed % 2 == 0

    @property
    def terms(self) -> plan.Terms:
        terms = self.chain.parameters.terms_of("credit_line")[SCORES.index(self.score)]
        assert terms is not None
        return terms

    def limits(self) -> Limits:
        return self.model.limits(self.limit_code, self.terms.advance_bps, self.terms.limit_cap, PLENTY)

    @property
    def drawable(self) -> bool:
        m = self.model
        return not (self.delinquent or m.defaulted or m.overdue) and m.day < m.maturity_day

    # Steps

    def step(self) -> None:
        (name,) = self.random.choices(list(STEP_KINDS), list(STEP_KINDS.values()))
        if self.closed:
            name = "reopen"
        if getattr(self, name)():
            self.done[name] += 1
        self.compare()

    def pass_days(self) -> bool:
        m, most = self.model, 70
        edges = [day - m.day + nudge for day in (m.next_close_day, m.due_day, m.maturity_day) for nudge in (-1, 0, 1)]
        days = self.random.choice([1, 1, self.random.randrange(1, most), *(d for d in edges if 0 < d <= most)])
        if self.careful and 0 < m.due_day - m.day < days:
            self._pay(m.billed + units_up(m.late))
        self.chain.pass_days(days)
        m.advance(m.day + days)
        assert m.day == day_of(self.chain.now)
        self.chain.report(self.score, self.limit_code)
        return True

    def report(self) -> bool:
        """A new score within reach, and a limit near what is in force."""
        best = max(SCORES.index(self.score) - 1, 0)  # a report may rise by 60 points, more would be held
        self.score = self.random.choice(SCORES[best:])
        base = self.random.choice((self.model.limit, self.model.drawn, self.model.limit * 3, 10**7))
        self.limit_code = code(max(base + self.random.choice((-101, -1, 0, 1, 99, base // 7)), 0))
        self.chain.pass_days(1)
        self.model.advance(self.model.day + 1)
        self.chain.report(self.score, self.limit_code)
        return True

    def draw(self) -> bool:
        limits = self.limits()
        room = limits.limit - self.model.drawn
        if not self.drawable or room <= 0:
            return False
        amount = self.random.choice((1, room, max(room // 2, 1), max(room // 10, 1)))
        terms = self.terms
        quote = self.model.quote(amount, terms.annual_rate_bps, terms.fee_bps)
        shown = self.chain.read("CreditLine", "quote", (self.chain.party, amount))
        names = ("fee", "net", "averageRateBps", "interestPerDay", "drawnAfter")
        assert tuple(shown[name] for name in names) == quote
        before = self.cash()
        self.chain.line(MERCHANT, "draw", amount, quote.net, terms.annual_rate_bps, self.chain.now)
        assert self.cash() - before == quote.net
        self.done["rise"] += limits.limit > self.model.limit
        self.done["cut"] += limits.limit < self.model.limit
        self.model.take_limit(limits.limit)
        self.model.draw(amount, terms.annual_rate_bps)
        return True

    def repay(self) -> bool:
        m = self.model
        if not m.owed:
            return False
        edges = [units_up(m.late), m.due_interest, m.overdue, m.billed, units_up(m.interest), m.drawn, m.owed]
        edges += [units_up(m.late) + m.billed, m.owed // 3, 1]
        edges += [m.drawn_today, m.interest_today, m.owed - m.drawn + m.drawn_today] if m.drawn_today else []
        self._pay(max(self.random.choice(edges) + self.random.choice((-1, 0, 0, 1)), 1))
        return True

    def _pay(self, amount: int) -> None:
        before, due, today = self.cash(), min(amount, self.model.owed), self.model.drawn_today
        self.chain.line(MERCHANT, "repay", self.chain.party, amount)
        assert self.model.pay(amount).total == before - self.cash() == due
        self.done["same day"] += self.model.drawn_today < today
        self.done["same day in part"] += 0 < self.model.drawn_today < today
        self.delinquent = self.delinquent and not self._is_cured()

    def _is_cured(self) -> bool:
        return not self.model.defaulted and not self.model.overdue

    def accrue(self) -> bool:
        self.chain.line(STRANGER, "accrue", [self.chain.party])
        return True

    def sync(self) -> bool:
        if not self.drawable:
            return False
        self.chain.line(STRANGER, "syncLimit", self.chain.party)
        self.model.sync_limit(self.limits().limit)
        return True

    def arrears(self) -> bool:
        """An overdue line is marked, and now and then taken to default."""
        if self.delinquent or self.model.defaulted or not self.model.overdue:
            return False
        self.chain.line(STRANGER, "markDelinquent", self.chain.party)
        assert self.on_chain()["impaired"] == self.model.impaired_when_overdue
        self.delinquent = True
        if self.random.random() < 0.5:
            self.chain.line(OFFICER, "giveNotice", self.chain.party, b"\1" * 32)
            self.chain.pass_days(4)
            self.model.advance(self.model.day + 4)
            self.chain.line(OFFICER, "declareDefault", self.chain.party)
            self.model.default()
            self.chain.report(self.score, self.limit_code)
            self.done["default"] += 1
        return True

    def reopen(self) -> bool:
        """A line on which nothing is owed is closed, and another opened the same day, soon, or long after."""
        m = self.model
        pause = self.random.choice((0, 0, 5, 31, 359, 360))
        if m.owed or m.day + pause > LAST_DAY:
            return False
        if not m.defaulted:
            self.chain.line(MERCHANT, "close")
        self.chain.pass_days(pause)
        self.chain.report(self.score, self.limit_code)
        day = m.day + pause
        rise_cap = m.rise_cap_on(day) if pause < MEMORY_DAYS else PLENTY
        limit = self._opening_limit(rise_cap)
        if limit == 0:
            self.limit_code = code(10**6)
            self.chain.report(self.score, self.limit_code)
            limit = self._opening_limit(rise_cap)
        self.chain.line(MERCHANT, "open", self.chain.parameters.lines.as_struct()[-1])
        self.model, self.delinquent = m.followed(day, limit), False
        return True

    def _opening_limit(self, rise_cap: int) -> int:
        limits = self.limits()
        return min(limits.graded, limits.grade_cap, limits.line_cap, rise_cap)

    # Comparing

    def cash(self) -> int:
        return int(self.chain.read("MockCash", "balanceOf", (account(MERCHANT),)))

    def on_chain(self) -> dict[str, int]:
        line: dict[str, int] = self.chain.read("CreditLine", "lineOf", (self.chain.party,))
        return line

    @property
    def closed(self) -> bool:
        """A defaulted line that is paid closes for good."""
        return self.model.defaulted and not self.model.owed

    def compare(self) -> None:
        m, line = self.model, self.on_chain()
        if self.closed:
            assert (line["drawn"], line["status"]) == (0, 5)
            return
        expected = {
            "drawn": m.drawn,
            "drawnToday": m.drawn_today,
            "perDay": m.per_day,
            "throughDay": m.day,
            "interest": m.interest,
            "late": m.late,
            "dueInterest": m.due_interest,
            "duePrincipal": m.due_principal,
            "overdue": m.overdue,
            "dueDay": m.due_day,
            "nextCloseDay": m.next_close_day,
            "maturityDay": m.maturity_day,
            "limit": m.limit,
            "openingLimit": m.opening_limit,
            "riseDay": m.rise_day,
        }
        assert {name: line[name] for name in expected} == expected, dict(self.done)
        owed = self.chain.read("CreditLine", "owedOf", (self.chain.party,))
        names = ("total", "principal", "interest", "late", "billed", "payDay")
        parts = m.drawn, m.interest_today, units_up(m.late), m.billed
        assert tuple(owed[name] for name in names) == (m.owed, *parts, m.due_day)
        if self.drawable:
            self._compare_limits()

    def _compare_limits(self) -> None:
        """The contract's lines and the model's are one."""
        m, expected = self.model, self.limits()
        shown = self.chain.read("CreditLine", "limitOf", (self.chain.party,))
        names = ("reported", "graded", "gradeCap", "lineCap", "riseCap", "limit")
        assert tuple(shown[name] for name in names) == expected
        rooms = shown["headroom"], shown["portfolioRoom"], shown["cash"]
        assert shown["available"] == m.available(expected.limit, *rooms)


def _conditions(random: Random) -> Conditions:
    cycle = random.choice((28, 30, 31))
    return Conditions(
        term_days=cycle * random.choice((2, 4, 12)),
        cycle_days=cycle,
        due_days=random.choice((1, 10, cycle - 1)),
        instalment_bps=random.choice((0, 1, 1_000, 10_000)),
        late_rate_bps=random.choice((0, 900, 2_400)),
        overdue_impairment_bps=2_500,
    )


RUNS, STEPS = 12, 120


@pytest.fixture(scope="module")
def runs() -> list[Pair]:
    pairs = [Pair(seed) for seed in range(RUNS)]
    for pair in pairs:
        for _ in range(STEPS):
            if pair.model.day < LAST_DAY:
                pair.step()
    return pairs


def test_the_contract_and_the_model_agree_after_every_step(runs: list[Pair]) -> None:
    assert sum(sum(pair.done.values()) for pair in runs) > RUNS * STEPS // 3


@pytest.mark.parametrize("event", [*STEP_KINDS, "rise", "cut", "default", "same day", "same day in part"])
def test_every_kind_of_step_and_event_occurred(runs: list[Pair], event: str) -> None:
    assert sum(pair.done[event] for pair in runs) > 0


# The model by itself, by hand

MONTHLY = Conditions(term_days=360, cycle_days=30, due_days=10, instalment_bps=1_000, late_rate_bps=900)


def line(drawn: int = 0, rate_bps: int = 600) -> LineModel:
    model = LineModel(MONTHLY, FIRST_DAY, 20_000_000)
    if drawn:
        model.draw(drawn, rate_bps)
    return model


def test_a_month_of_100_000_yuan_at_six_percent_costs_500_and_bills_a_tenth() -> None:
    model = line(10_000_000)
    model.advance(FIRST_DAY + 30)
    assert model.statements == [(FIRST_DAY + 30, 50_000, 1_000_000, FIRST_DAY + 40)]
    assert model.owed == 10_050_000


def test_paying_on_the_due_day_is_in_time_and_a_day_later_costs_late_interest() -> None:
    in_time, too_late = line(10_000_000), line(10_000_000)
    in_time.advance(FIRST_DAY + 40)
    assert in_time.pay(1_050_000) == Paid(0, 50_000, 1_000_000)
    in_time.advance(FIRST_DAY + 41)
    too_late.advance(FIRST_DAY + 41)
    assert (in_time.overdue, in_time.late) == (0, 0)
    assert (too_late.overdue, units_up(too_late.late)) == (1_050_000, 263)  # 1,050,000 x 9 % / 360 = 262.5


def test_a_payment_goes_to_late_interest_first_and_to_other_principal_last() -> None:
    model = line(10_000_000)
    model.advance(FIRST_DAY + 50)
    late, accrued = units_up(model.late), units_up(model.interest) - model.due_interest
    expected = Paid(late, model.due_interest + accrued, 1_000_000 + 7)
    assert model.pay(expected.total) == expected
    assert (model.billed, model.overdue, model.drawn) == (0, 0, 8_999_993)


def test_a_draw_and_its_repayment_on_one_day_cost_that_day() -> None:
    model = line(10_000_000)
    assert model.owed == 10_001_667  # 10,000,000 x 6 % / 360 = 1,666.67
    assert model.pay(20_000_000) == Paid(0, 1_667, 10_000_000)
    model.advance(FIRST_DAY + 400)
    assert model.owed == 0


def test_a_draw_repaid_the_next_day_costs_its_night_and_no_more() -> None:
    model = line(10_000_000)
    model.advance(FIRST_DAY + 1)
    assert model.pay(20_000_000) == Paid(0, 1_667, 10_000_000)


def test_a_small_payment_is_shared_between_today_s_draws_and_their_day() -> None:
    model = line(10_000_000)
    assert model.pay(3_005_500) == Paid(0, 500, 3_005_000)  # 3,005,500 x 1,667 / 10,001,667 = 500.9
    assert model.drawn_today == 6_995_000


def test_what_was_drawn_before_goes_back_after_today_s_draws_and_bears_no_day() -> None:
    model = line(10_000_000)
    model.advance(FIRST_DAY + 1)
    model.draw(5_000_000, 600)
    night, day = 1_667, 834  # 5,000,000 x 6 % / 360 = 833.3
    assert model.pay(night + 5_000_000 + day) == Paid(0, night + day, 5_000_000)
    assert model.pay(10_000_000) == Paid(0, 0, 10_000_000)
    assert model.owed == 0


@pytest.mark.parametrize("pieces", [2, 7, 100])
def test_interest_does_not_depend_on_how_often_anybody_looks(pieces: int) -> None:
    once, often = line(9_999_999), line(9_999_999)
    once.advance(FIRST_DAY + 100)
    for piece in range(1, pieces + 1):
        often.advance(FIRST_DAY + 100 * piece // pieces)
        assert often.owed > often.drawn or often.day == FIRST_DAY
    assert often == once


def test_slicing_a_payment_gains_the_borrower_at_most_nothing() -> None:
    whole, sliced = line(10_000_000), line(10_000_000)
    for model in (whole, sliced):
        model.advance(FIRST_DAY + 55)
    whole.pay(600_000)
    for _ in range(600):
        sliced.pay(1_000)
    for model in (whole, sliced):
        model.advance(FIRST_DAY + 80)
    assert 0 <= sliced.owed - whole.owed <= 600


def test_at_maturity_all_principal_is_billed() -> None:
    model = line(10_000_000)
    model.advance(model.maturity_day)
    assert model.due_principal == model.drawn
