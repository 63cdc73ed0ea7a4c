"""Late interest: grace, cap, rounding, and independence of who moves the money and in how many steps.

Every figure is compared with tests/model.py, which knows only on which day the debtor or somebody for it paid.
"""

import pytest

from tests import model
from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.market import FACILITY
from tests.contracts.situations import ADVANCE, FACE, GRACE, Status
from tests.contracts.suite import Party, after_delay

pytestmark = pytest.mark.usefixtures("market")

CONDITIONS = model.Facility(360, GRACE, 1_800, 1_000, 2_500)
LATE_DAY = 450_00  # of ADVANCE at 18 % a year on a basis of 360
DAYS_TO_CAP = 200  # 10 % of the advance at 18 % a year


class Debt:
    """A financing due tomorrow, with the days on which something was paid."""

    def __init__(self, given, face=FACE, advance=ADVANCE, conditions=CONDITIONS):
        self.given = given
        self.receivable = given.financed(face, days=1)
        self.advance = advance
        self.conditions = conditions
        self.due_day = clock.today() + 1
        self.free_through = self.due_day + conditions.grace_days
        self.payments = []

    def travel_to_late_day(self, days):
        """The day on which `days` of late interest are owed, at noon unless it has begun."""
        if clock.today() < self.free_through + days:
            clock.travel_to_day(self.free_through + days)

    def settle(self, amount):
        self.given.settle(self.receivable, amount)
        self.payments.append((clock.today(), amount))

    def repay(self, amount):
        self.given.factoring.repay(self.receivable, amount, sender=self.given.supplier)
        self.payments.append((clock.today(), amount))

    def collect(self):
        return self.given.factoring.collect(self.receivable, sender=self.given.actors["stranger"])

    @property
    def status(self):
        return self.given.status(self.receivable)

    @property
    def expected(self):
        """Late interest incurred through today."""
        return model.late_interest(self.advance, self.due_day, self.conditions, self.payments, clock.today())

    @property
    def incurred(self):
        financing = self.given.factoring.financingOf(self.receivable)
        return financing.latePaid + self.given.factoring.owedOf(self.receivable)[1]


@pytest.fixture
def debt(given):
    return Debt(given)


def test_nothing_is_owed_for_the_days_of_grace(debt, factoring):
    clock.travel_to(clock.midnight(debt.free_through + 1) - 1)
    assert factoring.owedOf(debt.receivable) == (ADVANCE, 0, 0)
    clock.travel_to(clock.midnight(debt.free_through + 1))
    assert factoring.owedOf(debt.receivable) == (ADVANCE, LATE_DAY, 0)


def test_late_interest_grows_by_the_day_up_to_its_cap(debt, factoring):
    for days in (1, 2, 30, DAYS_TO_CAP - 1, DAYS_TO_CAP, DAYS_TO_CAP + 1, 1_000):
        debt.travel_to_late_day(days)
        expected = min(days, DAYS_TO_CAP) * LATE_DAY
        assert factoring.owedOf(debt.receivable)[1] == debt.expected == expected


def test_late_interest_is_rounded_up_once_on_the_whole_time(given, factoring):
    small = Debt(given, face=111, advance=99)
    for days in (1, 20, 21, 41):
        small.travel_to_late_day(days)
        assert factoring.owedOf(small.receivable)[1] == small.expected == -(-99 * days * 1_800 // 3_600_000)


def test_a_payment_takes_principal_first_and_then_late_interest(debt, factoring, treasury, supplier):
    debt.travel_to_late_day(10)
    gross = treasury.grossAssets()
    receipt = factoring.repay(debt.receivable, ADVANCE + 1, sender=supplier)
    paid = {"principal": ADVANCE, "late": 1, "outstanding": 0}
    expected = event(factoring, "FinancingPaid", receivable=debt.receivable, payer=supplier, **paid)
    assert expected in events(receipt)
    assert debt.status == Status.ACTIVE
    clock.pass_days(50)
    assert factoring.owedOf(debt.receivable) == (0, 10 * LATE_DAY - 1, 0)
    factoring.repay(debt.receivable, FACE, sender=supplier)
    assert debt.status == Status.REPAID
    assert treasury.grossAssets() == gross + 10 * LATE_DAY


def test_case_11_what_is_owed_does_not_depend_on_how_payments_are_sliced(given, factoring):
    whole, sliced = Debt(given), Debt(given)
    for days, amount in ((3, 300_000_00), (7, 30_000_00), (20, 123_456_78)):
        whole.travel_to_late_day(days)
        whole.repay(amount)
        for slice_ in (1, amount // 3, amount - 1 - amount // 3):
            sliced.repay(slice_)
    whole.travel_to_late_day(33)
    assert factoring.owedOf(whole.receivable) == factoring.owedOf(sliced.receivable)
    assert whole.incurred == sliced.incurred == whole.expected == sliced.expected


def test_case_11_what_is_owed_does_not_depend_on_how_often_anybody_pokes(given, factoring):
    quiet, poked = Debt(given, face=1_111_11, advance=999_99), Debt(given, face=1_111_11, advance=999_99)
    for days in range(1, 13):
        quiet.travel_to_late_day(days)
        quiet.settle(1)
        poked.settle(1)
        poked.collect()
    assert quiet.incurred == poked.incurred == quiet.expected
    quiet.collect()
    assert factoring.owedOf(quiet.receivable) == factoring.owedOf(poked.receivable)


def test_what_the_debtor_paid_in_time_bears_no_late_interest_however_late_it_is_collected(debt, factoring):
    debt.settle(ADVANCE)
    debt.travel_to_late_day(500)
    assert factoring.owedOf(debt.receivable) == (ADVANCE, 0, ADVANCE)
    debt.collect()
    assert debt.status == Status.REPAID


def test_what_the_debtor_paid_late_counts_from_the_day_it_was_paid(debt, factoring):
    debt.travel_to_late_day(4)
    debt.settle(ADVANCE // 2)
    debt.travel_to_late_day(10)
    debt.settle(ADVANCE // 2)
    debt.travel_to_late_day(60)
    assert factoring.owedOf(debt.receivable) == (ADVANCE, 4 * LATE_DAY + 6 * LATE_DAY // 2, ADVANCE)
    assert debt.incurred == debt.expected
    debt.collect()
    assert factoring.owedOf(debt.receivable) == (0, 7 * LATE_DAY, 0)


def test_settlements_and_repayments_of_different_days_and_hands_add_up(debt, factoring):
    debt.settle(50_000_00)
    debt.travel_to_late_day(0)
    debt.settle(10_000_00)
    for days, pay, amount, collected in (
        (2, debt.settle, 7, False),
        (2, debt.repay, 100_000_00, False),
        (5, debt.settle, 200_000_00, True),
        (5, debt.settle, 11_11, False),
        (9, debt.repay, 99_99, False),
        (14, debt.settle, 250_000_00, False),
        (15, debt.repay, 1_00, True),
        (40, debt.settle, 1, False),
    ):
        debt.travel_to_late_day(days)
        pay(amount)
        if collected:
            debt.collect()
        assert debt.incurred == debt.expected
    debt.travel_to_late_day(77)
    assert debt.incurred == debt.expected


def test_more_waiting_than_is_owed_earns_nothing_back(debt, factoring):
    debt.travel_to_late_day(5)
    debt.settle(FACE)
    debt.travel_to_late_day(50)
    assert factoring.owedOf(debt.receivable) == (ADVANCE, 5 * LATE_DAY, FACE)
    debt.collect()
    assert debt.status == Status.REPAID
    assert debt.given.receivables.claimOf(debt.receivable).claimable == FACE - ADVANCE - 5 * LATE_DAY


def test_a_part_of_a_pool_is_late_on_its_own_share(given, factoring, receivables, stranger):
    first, second = given.split([1_000_00, 333], days=1)
    given.finance(first)
    due_day = clock.today() + 1
    payments = []
    for days, amount in ((2, 500_00), (9, 100_01), (15, 350_00)):
        clock.travel_to_day(due_day + GRACE + days)
        before = 1_000_00 * receivables.poolOf(first).paid // 1_003_33
        given.settle(second, amount)
        payments.append((clock.today(), 1_000_00 * receivables.poolOf(first).paid // 1_003_33 - before))
    clock.pass_days(10)
    expected = model.late_interest(900_00, due_day, CONDITIONS, payments, clock.today())
    assert factoring.owedOf(first)[1] == expected > 0
    factoring.collect(first, sender=stranger)
    assert factoring.financingOf(first).latePaid + factoring.owedOf(first)[1] == expected


def test_case_23_a_payment_on_each_of_forty_late_days_is_still_collected(given, factoring):
    debt = Debt(given, face=100_00, advance=90_00)
    for days in range(1, 41):
        debt.travel_to_late_day(days)
        debt.settle(3)
    assert debt.incurred == debt.expected
    assert debt.collect().gas_used < 1_000_000
    assert debt.incurred == debt.expected


def test_case_16_interest_of_the_smallest_debts_is_rounded_up_and_its_cap_down(given, factoring):
    nine, ten = Debt(given, face=10, advance=9), Debt(given, face=12, advance=10)
    nine.travel_to_late_day(1)
    assert factoring.owedOf(nine.receivable) == (9, 0, 0)
    assert factoring.owedOf(ten.receivable) == (10, 1, 0)
    assert (nine.expected, ten.expected) == (0, 1)


# WITHOUT RECOURSE


@pytest.fixture
def dear(given, suite, risk_manager):
    """A debt without recourse whose late interest may use up the whole claim: 24 % a year, no cap to speak of."""
    conditions = (True, False, False, 180, 360, GRACE, 10, 2_400, 10_000, 2_500)
    after_delay(suite, risk_manager, suite.factoring.setFacility, Party.CORE_ENTERPRISE, conditions)
    return Debt(given, conditions=model.Facility(360, GRACE, 2_400, 10_000, 2_500))


def test_without_recourse_late_interest_beyond_the_claim_is_waived(dear, factoring, treasury):
    dear.travel_to_late_day(200)
    assert dear.expected == 120_000_00
    dear.settle(FACE)
    receipt = dear.collect()
    closed = {"receivable": dear.receivable, "status": Status.REPAID, "lateWaived": 20_000_00}
    assert event(factoring, "FinancingClosed", **closed) in events(receipt)
    assert dear.given.receivables.claimOf(dear.receivable).claimable == 0
    dear.given.check_books()


def test_without_recourse_late_interest_waits_for_what_the_debtor_still_owes(dear, factoring):
    dear.travel_to_late_day(200)
    dear.settle(FACE - 1)
    dear.collect()
    assert factoring.owedOf(dear.receivable) == (0, 20_000_01, 0)
    assert dear.status == Status.ACTIVE
    dear.settle(1)
    receipt = dear.collect()
    closed = {"receivable": dear.receivable, "status": Status.REPAID, "lateWaived": 20_000_00}
    assert event(factoring, "FinancingClosed", **closed) in events(receipt)


def test_with_recourse_late_interest_beyond_the_claim_stays_owed(given, suite, factoring, risk_manager, supplier):
    dear_with_recourse = (*FACILITY[:7], 2_400, 10_000, 2_500)
    after_delay(suite, risk_manager, factoring.setFacility, Party.CORE_ENTERPRISE, dear_with_recourse)
    debt = Debt(given, conditions=model.Facility(360, GRACE, 2_400, 10_000, 2_500))
    debt.travel_to_late_day(200)
    debt.settle(FACE)
    debt.collect()
    assert factoring.owedOf(debt.receivable) == (0, 20_000_00, 0)
    assert refusal(factoring.collect, debt.receivable, sender=supplier) == error("NothingToClaim")
    factoring.repay(debt.receivable, 20_000_00, sender=supplier)
    assert debt.status == Status.REPAID
