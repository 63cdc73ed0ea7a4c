"""A credit line brought into any state: the fixture `lines`.

Days count from the day of opening; with nothing paid, the first statement closes on day 30 and is overdue on day 41.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from ape.api import AccountAPI, ReceiptAPI

from backend.chain.reports import encode_limit
from backend.records.agreements import agreement
from tests.contracts import clock
from tests.contracts.market import REPORTED_YUAN, SCORE
from tests.contracts.quorum import Quorum
from tests.contracts.situations import DOCUMENT, PRODUCTS, PURSE
from tests.contracts.suite import Party, Suite, fund
from tests.line_model import Conditions, LineModel

PRODUCT = 1  # IRiskPolicy.Product
AGREEMENT = bytes.fromhex(agreement("credit_line-1").hash[2:])
TERM, CYCLE, DUE, CURE = 360, 30, 10, 10
LINE_CAP, PORTFOLIO_CAP = 1_000_000_00, 20_000_000_00
FIELDS = (
    "open",
    "term_days",
    "cycle_days",
    "due_days",
    "instalment_bps",
    "late_rate_bps",
    "cure_days",
    "overdue_impairment_bps",
    "line_cap",
    "portfolio_cap",
    "agreement_hash",
)
# ICreditLine.Conditions of local chains.
CONDITIONS = (True, TERM, CYCLE, DUE, 1_000, 900, CURE, 2_500, LINE_CAP, PORTFOLIO_CAP, AGREEMENT)
MODELLED = Conditions(TERM, CYCLE, DUE, 1_000, 900, 2_500)
# IRiskPolicy.Terms of a line by grade: open, advance, rate, fee, cap, oldest facts, blocking flags.
MAX_AGE = 7 * clock.DAY
LINE_TERMS = {
    "A": (True, 10_000, 480, 0, 2_000_000_00, MAX_AGE, 30),
    "B": (True, 9_000, 600, 0, 1_000_000_00, MAX_AGE, 30),
    "C": (True, 8_000, 780, 0, 500_000_00, MAX_AGE, 30),
    "D": (True, 6_000, 1_080, 0, 200_000_00, MAX_AGE, 30),
}

LIMIT = REPORTED_YUAN * 100
DRAWN = 100_000_00
RATE = 480
# 100,000.00 x 4.80 % / 360 = 13.33…, rounded up.
A_DAY = 13_34
# What ends the debt on the day of the draw and on the next.
OWED_AT_FIRST = DRAWN + A_DAY
# 100,000.00 x 4.80 % x 30 / 360, and a tenth of the principal.
BILLED_INTEREST, INSTALMENT = 400_00, 10_000_00
BILLED = BILLED_INTEREST + INSTALMENT
FIRST_OVERDUE_DAY = CYCLE + DUE + 1
ACCRUAL_UNIT = 3_600_000  # units x bps x days in a unit
MAX_RATE = 2_400


class LineStatus(IntEnum):
    """ICreditLine.LineStatus."""

    NONE = 0
    OPEN = 1
    DELINQUENT = 2
    DEFAULTED = 3
    WRITTEN_OFF = 4
    CLOSED = 5
    RECOVERED = 6


def conditions(**changes: Any) -> tuple[Any, ...]:
    """ICreditLine.Conditions; `changes` by FIELDS."""
    assert changes.keys() <= set(FIELDS)
    return tuple((dict(zip(FIELDS, CONDITIONS, strict=True)) | changes).values())


class Lines:
    """Builders of one party's line over a deployed suite; amounts in fen. Who pays has cash and has approved it."""

    def __init__(self, suite: Suite, actors: Mapping[str, AccountAPI], quorum: Quorum, name: str = "merchant") -> None:
        self.suite = suite
        self.line = suite.line
        self.actors = actors
        self.quorum = quorum
        self.party = Party[name.upper()]
        self.merchant = actors[name]
        for payer in {name, "merchant2", "stranger"}:
            fund(suite, actors[payer], suite.line, PURSE)

    # FACTS

    def score(self, value: int = SCORE, yuan: int = REPORTED_YUAN, **changes: Any) -> ReceiptAPI:
        """Report fresh facts about the party; `changes` by field of ScoreRecord."""
        fields = {"limit_code": encode_limit(yuan)} | changes
        return self.quorum.score(self.party, value, sender=self.actors["stranger"], **fields)

    # STATES

    def open(self) -> ReceiptAPI:
        return self.line.open(AGREEMENT, sender=self.merchant)

    def draw(self, amount: int = DRAWN, min_net: int = 0, max_rate_bps: int = MAX_RATE) -> ReceiptAPI:
        return self.line.draw(amount, min_net, max_rate_bps, clock.now() + clock.HOUR, sender=self.merchant)

    def drawn(self, amount: int = DRAWN) -> None:
        self.open()
        self.draw(amount)

    def billed(self, amount: int = DRAWN) -> None:
        """The first statement closed today."""
        self.drawn(amount)
        clock.pass_days(CYCLE)

    def overdue(self, amount: int = DRAWN) -> None:
        """Since today; nobody has marked it."""
        self.drawn(amount)
        clock.pass_days(FIRST_OVERDUE_DAY)

    def delinquent(self, amount: int = DRAWN) -> None:
        self.overdue(amount)
        self.line.markDelinquent(self.party, sender=self.actors["stranger"])

    def noticed(self, amount: int = DRAWN) -> None:
        self.delinquent(amount)
        self.line.giveNotice(self.party, DOCUMENT, sender=self.actors["risk_officer"])

    def defaulted(self, amount: int = DRAWN) -> None:
        self.noticed(amount)
        clock.pass_days(CURE + 1)
        self.line.declareDefault(self.party, sender=self.actors["risk_officer"])

    def written_off(self, amount: int = DRAWN) -> None:
        self.defaulted(amount)
        self.line.writeOff(self.party, sender=self.actors["risk_officer"])

    def closed(self) -> None:
        self.open()
        self.line.close(sender=self.merchant)

    def matured(self) -> None:
        """Today, with nothing owed and a fresh score."""
        self.open()
        clock.pass_days(TERM)
        self.score()

    # PAYING

    def repay(self, amount: int, by: AccountAPI | None = None) -> ReceiptAPI:
        return self.line.repay(self.party, amount, sender=by or self.merchant)

    def repay_all(self) -> ReceiptAPI:
        return self.repay(self.owed().total)

    # READING

    def now(self) -> Any:
        """The line as of today."""
        return self.line.lineOf(self.party)

    def owed(self) -> Any:
        return self.line.owedOf(self.party)

    def status(self) -> int:
        return self.now().status

    def model(self) -> LineModel:
        """Of a line that is opened today."""
        return LineModel(MODELLED, clock.today(), LIMIT)

    def check(self, model: LineModel) -> None:
        """The line is what the model, lived through today, says."""
        model.advance(clock.today())
        line = self.now()
        owes = (line.drawn, line.drawnToday, line.perDay, line.interest, line.late, line.overdue)
        assert owes == (model.drawn, model.drawn_today, model.per_day, model.interest, model.late, model.overdue)
        bill = (line.dueInterest, line.duePrincipal, line.dueDay, line.nextCloseDay)
        assert bill == (model.due_interest, model.due_principal, model.due_day, model.next_close_day)
        assert self.owed().total == model.owed

    def check_books(self) -> None:
        """The treasury's book equals its cash, and what it counts on is what the line owes."""
        treasury, line = self.suite.treasury, self.now()
        book, lost = treasury.book(), line.status in (LineStatus.WRITTEN_OFF, LineStatus.RECOVERED)
        assert self.suite.cash.balanceOf(treasury) == book.cash + book.cover
        assert treasury.accountOf(self.party).outstanding == (0 if lost else line.drawn)
        assert book.outstanding == sum(treasury.outstandingOf(product) for product in PRODUCTS)
        assert book.impaired == line.impaired <= book.outstanding
        in_order = (line.interest, line.perDay) if line.status == LineStatus.OPEN else (0, 0)
        assert treasury.accrual()[:2] == in_order
