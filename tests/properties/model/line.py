"""Mirror of the contract CreditLine; a line itself is lived through night by night in `tests.line_model`."""

from copy import copy
from dataclasses import dataclass
from typing import NamedTuple

from tests import line_model
from tests.line_model import Limits, LineModel, Paid, Quote, units_up
from tests.model import BPS, share_down
from tests.properties.model.cash import PlainCash
from tests.properties.model.gate import Gate, Switch, guarded
from tests.properties.model.oracle import Oracle
from tests.properties.model.participants import MERCHANT, Participants
from tests.properties.model.policy import Policy, Terms
from tests.properties.model.refused import require
from tests.properties.model.treasury import Treasury

PRODUCT = 1
NONE, OPEN, DELINQUENT, DEFAULTED, WRITTEN_OFF, CLOSED, RECOVERED = range(7)
LENT = (OPEN, DELINQUENT, DEFAULTED)
LIVE = (*LENT, WRITTEN_OFF)
MAX_TERM_DAYS, MIN_CYCLE_DAYS, MAX_LATE_RATE_BPS = 1_096, 28, 2_400
MAX_LINE_CAP = 2**80 - 1
MAX_EXPONENT = 12
MEMORY_DAYS = 360
MOST = 2**96 - 1
LINE_WORDS, OWED_WORDS = 27, 7


class Conditions(NamedTuple):
    """In the order of the contract's struct."""

    open: int
    term_days: int
    cycle_days: int
    due_days: int
    instalment_bps: int
    late_rate_bps: int
    cure_days: int
    overdue_impairment_bps: int
    line_cap: int
    portfolio_cap: int
    agreement_hash: int


class Facts(NamedTuple):
    """What the facts about a party give today."""

    limits: Limits
    terms: Terms
    grade: int
    score: int


@dataclass(slots=True)
class Line:
    """`account` is what is owed; `interest_paid` and `payments` are counted for the invariants alone."""

    account: LineModel
    cure_days: int
    status: int = OPEN
    frozen: bool = False
    notice_day: int = 0
    impaired: int = 0
    from_cover: int = 0
    interest_paid: int = 0
    payments: int = 0

    def words(self) -> tuple[int, ...]:
        """In the order of the contract's struct."""
        a = self.account
        c = a.conditions
        running = a.drawn, a.per_day, a.day, self.status, self.frozen, a.interest
        billed = a.due_interest, a.next_close_day, a.due_principal, a.overdue, a.due_day, self.notice_day, a.late
        limit = a.limit, a.rise_day, a.opened_day, a.maturity_day, a.opening_limit
        conditions = c.cycle_days, c.due_days, c.instalment_bps, c.late_rate_bps, self.cure_days
        loss = c.overdue_impairment_bps, self.impaired, self.from_cover
        return *running, *billed, *limit, *conditions, *loss, a.drawn_today


class CreditLine(Switch):
    """`conditions` are those in force; `_lines` are read through `line_of`, which counts time."""

    def __init__(
        self,
        gate: Gate,
        participants: Participants,
        oracle: Oracle,
        policy: Policy,
        treasury: Treasury,
        cash: PlainCash,
    ) -> None:
        super().__init__(gate)
        self.participants = participants
        self.oracle = oracle
        self.policy = policy
        self.treasury = treasury
        self.cash = cash
        self.conditions = Conditions(*[0] * len(Conditions._fields))
        self._lines: dict[int, Line] = {}
        treasury.accrual = self.accrual

    # Conditions

    def set_conditions(self, caller: int, c: Conditions) -> None:
        self.gate.restricted(caller)
        days = c.cycle_days >= MIN_CYCLE_DAYS and 0 < c.due_days < c.cycle_days
        days = days and 0 < c.term_days <= MAX_TERM_DAYS and c.term_days % c.cycle_days == 0
        rates = c.instalment_bps <= BPS and c.late_rate_bps <= MAX_LATE_RATE_BPS and c.overdue_impairment_bps <= BPS
        require(
            days and rates and c.line_cap <= MAX_LINE_CAP,
            "ConditionsOutOfBounds",
            c.term_days,
            c.cycle_days,
            c.due_days,
            c.instalment_bps,
            c.late_rate_bps,
            c.overdue_impairment_bps,
            c.line_cap,
        )
        self.conditions = c

    def close_offer(self, caller: int) -> None:
        self.gate.restricted(caller)
        self.conditions = self.conditions._replace(open=0)

    # Opening

    def open(self, caller: int, agreement_hash: int) -> int:
        self.require_running()
        party = self.participants.require_verified(caller, MERCHANT)
        c = self.conditions
        require(c.open, "LinesNotOffered")
        require(agreement_hash == c.agreement_hash, "AgreementChanged", c.agreement_hash, agreement_hash)
        last = self._remembered(party)
        limit = self._facts(party, last.rise_cap if last else MOST).limits.limit
        require(limit, "LimitZero", party)
        self._lines[party] = Line(self._opened(limit, last), c.cure_days)
        return limit

    def close(self, caller: int) -> None:
        party = self.participants.party_of.get(caller, 0)
        line = self._with_status(party, OPEN)
        require(line.account.owed == 0, "LineOwed", party, line.account.owed)
        line.status = CLOSED

    # Drawing

    def draw(self, caller: int, amount: int, min_net: int, max_rate_bps: int, deadline: int) -> int:
        self.require_running()
        return self._draw(caller, amount, min_net, max_rate_bps, deadline)

    @guarded
    def _draw(self, caller: int, amount: int, min_net: int, max_rate_bps: int, deadline: int) -> int:
        require(self.gate.now <= deadline, "OfferExpired", deadline)
        party = self.participants.require_verified(caller, MERCHANT)
        line = self._drawable(party)
        facts = self._facts(party, line.account.rise_cap)
        q = self._price(party, line, facts, amount)
        terms = facts.terms
        require(terms.annual_rate_bps <= max_rate_bps, "RateAboveSigned", terms.annual_rate_bps, max_rate_bps)
        require(q.net >= min_net, "NetBelowSigned", q.net, min_net)
        self.treasury.require_disbursable(party, q.net, amount, terms.limit_cap)
        self.cash.require_movable(self.treasury.address, caller, q.net)
        line.account.take_limit(facts.limits.limit)
        line.account.draw(amount, terms.annual_rate_bps)
        self.treasury.disburse(PRODUCT, party, caller, q.net, amount, self.gate.today + 1)
        return q.net

    # Repayment

    @guarded
    def repay(self, caller: int, party: int, amount: int) -> int:
        require(amount, "PaymentZero")
        line = self.line_of(party)
        owed = line.account.owed if line else 0
        require(owed, "LineNotOwed", party)
        paid = self.cash.move(caller, self.treasury.address, min(amount, owed))
        self._apply(party, line, paid)
        return paid

    def repay_with_permit(self, caller: int, party: int, amount: int, _permit: tuple[int, ...]) -> int:
        """The permits of the runs are all void: the allowance decides."""
        return self.repay(caller, party, amount)

    # Watching

    def accrue(self, _caller: int, _parties: list[int]) -> None:
        """Time runs by itself here."""

    def sync_limit(self, _caller: int, party: int) -> None:
        line = self._drawable(party)
        line.account.sync_limit(self._facts(party, line.account.rise_cap).limits.limit)

    def mark_delinquent(self, _caller: int, party: int) -> None:
        line = self._with_status(party, OPEN)
        require(line.account.overdue, "LineNotOverdue", party)
        line.status = DELINQUENT
        self.treasury.account(party).arrears += 1
        self._impair(line, line.account.impaired_when_overdue)

    # Arrears

    def freeze(self, caller: int, party: int, _reason: int) -> None:
        self.gate.restricted(caller)
        line = self.line_of(party)
        require(line and line.status in LIVE, "LineStatusWrong", party, line.status if line else NONE)
        require(not line.frozen, "LineIsFrozen", party)
        line.frozen = True

    def unfreeze(self, caller: int, party: int) -> None:
        self.gate.restricted(caller)
        line = self.line_of(party)
        require(line and line.frozen, "LineNotFrozen", party)
        line.frozen = False

    def give_notice(self, caller: int, party: int, _document_hash: int) -> None:
        self.gate.restricted(caller)
        line = self._with_status(party, DELINQUENT)
        require(line.notice_day == 0, "NoticeGivenBefore", line.notice_day)
        line.notice_day = self.gate.today

    def declare_default(self, caller: int, party: int) -> None:
        self.gate.restricted(caller)
        line = self._with_status(party, DELINQUENT)
        require(line.notice_day, "LineNoticeMissing", party)
        through = line.notice_day + line.cure_days
        require(self.gate.today > through, "CureRuns", through)
        line.status = DEFAULTED
        line.account.default()
        self._impair(line, line.account.drawn)

    def write_off(self, caller: int, party: int) -> None:
        self.gate.restricted(caller)
        line = self._with_status(party, DEFAULTED)
        line.status = WRITTEN_OFF
        line.from_cover = self.treasury.book_loss(PRODUCT, party, line.account.drawn, line.impaired)
        line.impaired = 0

    # Reading

    def line_of(self, party: int) -> Line | None:
        """The line as of today; a closed one as of the day on which it ended."""
        line = self._lines.get(party)
        if line and line.status in LIVE:
            line.account.advance(self.gate.today)
        return line

    def lines(self) -> dict[int, Line]:
        """By party, as of today."""
        return {party: line for party in self._lines if (line := self.line_of(party))}

    def line_words(self, party: int) -> tuple[int, ...]:
        line = self.line_of(party)
        return line.words() if line else (0,) * LINE_WORDS

    def owed_words(self, party: int) -> tuple[int, ...]:
        """In the order of the contract's struct Owed."""
        line = self.line_of(party)
        if line is None or line.status not in LIVE:
            return (0,) * OWED_WORDS
        a = line.account
        return a.drawn, a.interest_today, units_up(a.late), a.billed, a.overdue, a.due_day, a.owed

    def reported(self, party: int) -> int:
        """Units of cash of the limit in whole yuan that was last reported."""
        code = self.oracle.score_of(party).limit_code
        return (code >> 8) * 10 ** (code & 0xFF) * 10**self.cash.decimals

    def accrual(self) -> tuple[int, int]:
        """Interest of all lines in order, and what they bear a day, in units x bps x days."""
        accounts = [line.account for line in self.lines().values() if line.status == OPEN]
        return sum(a.interest for a in accounts), sum(a.per_day for a in accounts)

    def limit_words(self, party: int) -> tuple[int, ...]:
        """In the order of the contract's struct Limit."""
        line, facts = self._offer(party)
        room = self._room(party, facts)
        available = line.account.available(facts.limits.limit, *room)
        rates = facts.terms.annual_rate_bps, facts.terms.fee_bps
        return *facts.limits, line.account.drawn, *room, available, facts.grade, facts.score, *rates

    def available(self, party: int) -> int:
        line, facts = self._offer(party)
        return line.account.available(facts.limits.limit, *self._room(party, facts))

    def quote_words(self, party: int, amount: int) -> tuple[int, ...]:
        """In the order of the contract's struct DrawQuote."""
        line, facts = self._offer(party)
        q, a, terms = self._price(party, line, facts, amount), line.account, facts.terms
        self.treasury.require_running()
        self.treasury.require_fundable(party, q.net, amount, terms.limit_cap)
        rates = terms.annual_rate_bps, q.average_rate_bps, q.interest_per_day
        days = a.next_close_day, a.next_close_day + a.conditions.due_days, a.maturity_day
        figures = amount, q.fee, q.net, *rates, q.drawn_after
        return *figures, *days, facts.score, facts.grade, facts.limits.limit

    # Internal

    def _offer(self, party: int) -> tuple[Line, Facts]:
        self.require_running()
        self.participants.require_verified_party(party, MERCHANT)
        line = self._drawable(party)
        return line, self._facts(party, line.account.rise_cap)

    def _remembered(self, party: int) -> LineModel | None:
        """The line before as it stands today, whose limit a new one goes on from, when there is a recent one."""
        line = self.line_of(party)
        if line is None:
            return None
        self._require_renewable(party, line)
        if self.gate.today - line.account.day >= MEMORY_DAYS:
            return None
        last = copy(line.account)
        last.day = self.gate.today
        return last

    def _require_renewable(self, party: int, line: Line) -> None:
        require(not line.frozen, "LineIsFrozen", party)
        if line.status == CLOSED:
            return
        matured = line.account.day >= line.account.maturity_day
        require(line.status == OPEN and matured, "LineStatusWrong", party, line.status)
        require(line.account.owed == 0, "LineOwed", party, line.account.owed)

    def _opened(self, limit: int, last: LineModel | None) -> LineModel:
        c = self.conditions
        kept = line_model.Conditions(
            c.term_days, c.cycle_days, c.due_days, c.instalment_bps, c.late_rate_bps, c.overdue_impairment_bps
        )
        account = LineModel(kept, self.gate.today, limit)
        if last:
            account.opening_limit = last.opening_limit
            account.rise_day = last.rise_day if limit <= last.limit else account.day
        return account

    def _drawable(self, party: int) -> Line:
        line = self._with_status(party, OPEN)
        account = line.account
        require(self.conditions.open, "LinesNotOffered")
        require(not line.frozen, "LineIsFrozen", party)
        require(account.day < account.maturity_day, "LineMatured", party, account.maturity_day)
        require(account.overdue == 0, "LineOverdue", party, account.overdue)
        return line

    def _facts(self, party: int, rise_cap: int) -> Facts:
        terms, grade, score = self.policy.require_terms(PRODUCT, party)
        code = self.oracle.score_of(party).limit_code
        require(code & 0xFF <= MAX_EXPONENT, "LimitCodeWrong", code)
        reported = self.reported(party)
        caps = share_down(reported, terms.advance_bps), terms.limit_cap, self.conditions.line_cap, rise_cap
        return Facts(Limits(reported, *caps, limit=min(caps)), terms, grade, score)

    def _room(self, party: int, facts: Facts) -> tuple[int, int, int]:
        """What the party over all products, all lines together and the treasury's cash leave."""
        headroom = self.treasury.headroom(party, facts.terms.limit_cap)
        portfolio_room = max(self.conditions.portfolio_cap - self.treasury.outstanding_of[PRODUCT], 0)
        return headroom, portfolio_room, self.treasury.cash

    def _price(self, party: int, line: Line, facts: Facts, amount: int) -> Quote:
        require(amount, "PaymentZero")
        would_owe, limit = line.account.drawn + amount, facts.limits.limit
        require(would_owe <= limit, "LineExceeded", party, would_owe, limit)
        would_be, cap = self.treasury.outstanding_of[PRODUCT] + amount, self.conditions.portfolio_cap
        require(would_be <= cap, "PortfolioFull", would_be, cap)
        q = line.account.quote(amount, facts.terms.annual_rate_bps, facts.terms.fee_bps)
        require(q.net > 0, "DrawTooSmall", amount, q.fee)
        return q

    def _apply(self, party: int, line: Line, payment: int) -> None:
        paid = line.account.pay(payment)
        line.interest_paid += paid.interest
        line.payments += 1
        if line.status == WRITTEN_OFF:
            self._book_recovery(party, line, payment)
        else:
            self._book_repayment(party, line, paid)

    def _book_repayment(self, party: int, line: Line, paid: Paid) -> None:
        self.treasury.book_repayment(PRODUCT, party, paid.principal, paid.late + paid.interest)
        cured = line.status == DELINQUENT and line.account.overdue == 0
        ended = line.status == DEFAULTED and line.account.owed == 0
        if cured:
            line.status, line.notice_day = OPEN, 0
        if ended:
            line.status = CLOSED
        if cured or ended:
            self.treasury.account(party).arrears -= 1
        self._impair(line, 0 if cured else min(line.impaired, line.account.drawn))

    def _book_recovery(self, party: int, line: Line, payment: int) -> None:
        """The cover gets back what it bore when no more than that is still owed as principal."""
        to_cover = max(line.from_cover - line.account.drawn, 0)
        line.from_cover -= to_cover
        self.treasury.cover += to_cover
        self.treasury.cash += payment - to_cover
        if line.account.owed == 0:
            line.status = RECOVERED
            self.treasury.account(party).arrears -= 1

    def _impair(self, line: Line, to: int) -> None:
        self.treasury.impaired += to - line.impaired
        line.impaired = to

    def _with_status(self, party: int, needed: int) -> Line:
        line = self.line_of(party)
        status = line.status if line else NONE
        require(line and status == needed, "LineStatusWrong", party, status)
        return line
