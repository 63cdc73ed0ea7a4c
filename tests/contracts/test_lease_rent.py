"""Rent by the meter: statements, hours, payments, late interest, locks, credits; nobody changes it by poking."""

import pytest

from backend import rent
from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.rentals import (
    CAP,
    CONTRACTED,
    DEPOSIT,
    DUE,
    FIRST_OVERDUE_DAY,
    FIRST_READING,
    LATE_DAY,
    MINIMUM,
    PERIOD_DAYS,
    PERIODS,
    TIERS,
    Clock,
    LeaseStatus,
    key_of,
)
from tests.contracts.situations import NOBODY, REASON
from tests.contracts.suite import Party, Role, after_delay, refusal_after_delay

START_TENTHS, START_LITRES = FIRST_READING
HOUR = 300_00  # of the first tier
HIGH_CAP = 300_000_00
MOST = 2**96 - 1
MOST_AMOUNT = 2**80 - 1  # LeaseTerms
BOUNDS = rent.Bounds(MINIMUM, CAP, PERIOD_DAYS * clock.DAY)


def charged_event(ledger, lease, period, fixed, variable, tenths, charged, close_day):
    parts = {"fixedPart": fixed, "variablePart": variable, "tenths": tenths, "charged": charged}
    days = {"closeDay": close_day, "dueDay": close_day + DUE}
    return event(ledger, "RentCharged", id=lease, period=period, **parts, **days)


def paid_event(ledger, lease, payer, late, amount, paid, overdue=0):
    figures = {"late": late, "rent": amount, "paid": paid, "overdue": overdue}
    return event(ledger, "RentPaid", id=lease, payer=payer, **figures)


def transfer_event(cash, payer, to, amount):
    return event(cash, "Transfer", **{"from": payer, "to": to, "value": amount})


@pytest.fixture
def accrue(ledger, stranger):
    return lambda *ids: ledger.accrue(list(ids), sender=stranger)


@pytest.fixture
def work(rentals, fleet):
    """Let days pass in which the machine runs for so many hours, and reports at their end."""

    def pass_days(days, hours):
        clock.pass_days(days)
        fleet.hear(rentals.machine, hours * 10)

    return pass_days


# STATEMENTS


def test_nothing_is_charged_before_a_period_is_over(rentals, ledger, accrue):
    lease = rentals.delivered()
    clock.travel_to(clock.midnight(clock.today() + PERIOD_DAYS) - 2)
    assert events(accrue(lease)) == []
    assert ledger.owedOf(lease) == (0, 0, 0, CONTRACTED, 0, False)
    assert refusal(ledger.pay, lease, 1, sender=rentals.lessee) == error("LeaseNotOwed", id=lease)


def test_a_machine_that_stood_still_costs_the_minimum(rentals, ledger, accrue):
    lease = rentals.delivered()
    day = clock.today() + PERIOD_DAYS
    clock.travel_to(clock.midnight(day))
    assert events(accrue(lease)) == [charged_event(ledger, lease, 1, MINIMUM, 0, 0, MINIMUM, day)]
    assert ledger.owedOf(lease) == (MINIMUM, 0, 0, CONTRACTED - MINIMUM, day + DUE, False)
    assert rentals.status(lease) == LeaseStatus.ACTIVE


def test_a_machine_that_works_costs_its_hours(rentals, ledger, accrue, work):
    """A hundred and fifty hours at 300.00: 36,000.00 of them for the time, the rest for the use."""
    lease = rentals.delivered()
    day = clock.today() + PERIOD_DAYS
    work(29, 150)
    clock.pass_days(1)
    total = 150 * HOUR
    assert events(accrue(lease)) == [charged_event(ledger, lease, 1, MINIMUM, total - MINIMUM, 1_500, total, day)]
    assert ledger.owedOf(lease) == (total, 0, 0, CONTRACTED - total, day + DUE, False)


def test_hours_of_an_idle_month_are_worked_off_in_the_next(rentals, ledger, accrue, work):
    """Two hundred hours in two months cost less than their minimum, wherever they fall."""
    lease = rentals.delivered()
    day = clock.today() + PERIOD_DAYS
    work(29, 200)
    work(30, 0)
    clock.pass_days(1)
    first, both = 200 * HOUR, 2 * MINIMUM
    assert events(accrue(lease)) == [
        charged_event(ledger, lease, 1, MINIMUM, 0, 0, MINIMUM, day),
        charged_event(ledger, lease, 2, MINIMUM, 0, 2_000, both, day + PERIOD_DAYS),
    ]
    assert first < both


def test_use_that_was_charged_counts_towards_the_minimum_of_later_months(rentals, ledger, accrue, work):
    lease = rentals.delivered()
    day = clock.today() + PERIOD_DAYS
    work(29, 200)
    accrue(lease)
    work(30, 0)
    clock.pass_days(1)
    first, both = 200 * HOUR, 2 * MINIMUM
    assert events(accrue(lease)) == [
        charged_event(ledger, lease, 1, MINIMUM, first - MINIMUM, 2_000, first, day),
        charged_event(ledger, lease, 2, both - first, 0, 2_000, both, day + PERIOD_DAYS),
    ]


def test_a_machine_that_never_rests_costs_the_cap(rentals, ledger, accrue, work):
    lease = rentals.delivered()
    day = clock.today() + PERIOD_DAYS
    work(29, 600)
    clock.pass_days(1)
    assert 600 * HOUR > CAP
    assert events(accrue(lease)) == [charged_event(ledger, lease, 1, MINIMUM, CAP - MINIMUM, 6_000, CAP, day)]


@pytest.mark.parametrize(("hours", "price"), [(999, 299_700_00), (1_000, 300_000_00), (1_001, 300_240_00)])
def test_the_hour_becomes_cheaper_from_tier_to_tier(rentals, ledger, work, hours, price):
    lease = rentals.delivered(cap=HIGH_CAP)
    work(28, 600)
    work(31, hours - 600)
    clock.pass_days(1)
    assert ledger.owedOf(lease).rent == price == rent.usage_down([rent.Tier(*tier) for tier in TIERS], hours * 10)


def test_the_tenth_of_an_hour_is_charged_and_rounded_down_once(rentals, fleet, ledger):
    lease = rentals.delivered(minimum=1, tiers=[(7, 15), (2**32 - 1, 11)])
    clock.pass_days(29)
    fleet.hear(rentals.machine, 13)
    clock.pass_days(1)
    # 0.7 h at 0.15 and 0.6 h at 0.11 are 17.1 units.
    assert ledger.owedOf(lease).rent == 17


def test_a_reading_from_after_the_end_of_a_month_counts_towards_the_next(rentals, ledger, accrue, work):
    lease = rentals.delivered()
    day = clock.today() + PERIOD_DAYS
    work(31, 300)
    assert events(accrue(lease)) == [charged_event(ledger, lease, 1, MINIMUM, 0, 0, MINIMUM, day)]
    clock.pass_days(29)
    total, second = 300 * HOUR, 300 * HOUR - MINIMUM
    assert events(accrue(lease)) == [
        charged_event(ledger, lease, 2, MINIMUM, second - MINIMUM, 3_000, total, day + PERIOD_DAYS)
    ]


def test_the_hours_of_the_last_period_are_charged_though_nobody_accrued_in_time(rentals, ledger, work):
    """The last report before the end is not the newest any more when the lease is looked at next."""
    lease = rentals.delivered(periods=2)
    for _ in range(2):
        work(29, 300)
        clock.pass_days(1)
    work(1, 0)
    assert ledger.accountOf(lease).tenths == START_TENTHS + 6_000
    assert ledger.owedOf(lease).rent == min(2 * CAP, 600 * HOUR)


def test_after_the_last_period_nothing_is_charged(rentals, ledger, accrue, work):
    lease = rentals.delivered(periods=2)
    clock.pass_days(2 * PERIOD_DAYS)
    accrue(lease)
    rentals.pay_all(lease)
    work(40, 500)
    assert events(accrue(lease)) == []
    assert ledger.owedOf(lease) == (0, 0, 0, 0, 0, False)


def test_periods_of_which_nobody_took_notice_are_charged_one_by_one(rentals, ledger, accrue):
    lease = rentals.delivered()
    day = clock.today()
    clock.pass_days(4 * PERIOD_DAYS)
    closes = [(number, day + number * PERIOD_DAYS) for number in (1, 2, 3, 4)]
    assert events(accrue(lease)) == [
        charged_event(ledger, lease, number, MINIMUM, 0, 0, number * MINIMUM, close) for number, close in closes
    ]
    # Overdue by 80, 50 and 20 days.
    late = LATE_DAY * (80 + 50 + 20)
    assert ledger.owedOf(lease) == (4 * MINIMUM, late, 3 * MINIMUM, CONTRACTED - 4 * MINIMUM, closes[3][1] + DUE, True)


def test_leases_are_accrued_together_and_those_without_rent_stay_as_they_are(rentals, ledger, accrue):
    signed = rentals.signed()
    rentals.machine = rentals.ready("device2")
    lease = rentals.delivered()
    clock.pass_days(PERIOD_DAYS)
    receipt = accrue(signed, 99, lease, lease)
    assert events(receipt) == [charged_event(ledger, lease, 1, MINIMUM, 0, 0, MINIMUM, clock.today())]
    rentals.machine = 1


# WHAT NOBODY CHANGES BY POKING


@pytest.mark.parametrize("every", [5, 15, 30, 90], ids=lambda days: f"every {days} days")
def test_case_11_how_often_anybody_pokes_changes_no_sum(rentals, ledger, accrue, fleet, every):
    """Sixty hours in every ten days."""
    lease = rentals.delivered(periods=3)
    for day in range(5, 91, 5):
        clock.pass_days(5)
        if day % 10 == 5:
            fleet.hear(rentals.machine, 600)
        if day % every == 0:
            accrue(lease)
    assert ledger.owedOf(lease).rent == ledger.accountOf(lease).charged == 540 * HOUR


@pytest.mark.parametrize("every", [6, 60], ids=lambda days: f"every {days} days")
def test_case_11_late_interest_depends_on_days_alone(rentals, ledger, accrue, every):
    lease = rentals.overdue()
    for _ in range(60 // every):
        clock.pass_days(every)
        accrue(lease)
    # From the days after 40, 70 and 100 through day 101.
    owed = ledger.owedOf(lease)
    assert (owed.rent, owed.overdue, owed.late) == (3 * MINIMUM, 3 * MINIMUM, LATE_DAY * (61 + 31 + 1))


def test_case_11_slicing_a_payment_saves_nothing(rentals, ledger):
    lease = rentals.overdue()
    clock.pass_days(4)
    late = 5 * LATE_DAY
    for slice_ in (1, 99, late - 101, 2):
        rentals.pay(lease, slice_)
    assert ledger.owedOf(lease)[:3] == (MINIMUM - 1, 0, MINIMUM - 1)


def test_case_16_interest_on_a_unit_is_rounded_up_once_however_long_it_runs(rentals, ledger, accrue):
    lease = rentals.overdue(rentals.delivered(periods=1))
    rentals.pay(lease, LATE_DAY + MINIMUM - 1)
    assert ledger.owedOf(lease)[:3] == (1, 0, 1)
    for _ in range(3):
        clock.pass_days(100)
        accrue(lease)
        assert ledger.owedOf(lease)[:3] == (1, 1, 1)
    # 9 % of a unit in 360 days: one unit after 4,000 days, two from then on.
    clock.pass_days(4_000 - 300)
    assert ledger.owedOf(lease).late == 1
    clock.pass_days(1)
    assert ledger.owedOf(lease).late == 2


# PAYING


def test_anyone_pays_what_is_owed_and_no_more(rentals, ledger, cash, stranger):
    lease = rentals.billed()
    receipt = ledger.pay(lease, MINIMUM + 5_00, sender=stranger)
    day = clock.today()
    assert events(receipt) == [
        charged_event(ledger, lease, 1, MINIMUM, 0, 0, MINIMUM, day),
        transfer_event(cash, stranger, ledger, MINIMUM),
        paid_event(ledger, lease, stranger, 0, MINIMUM, MINIMUM),
    ]
    assert receipt.return_value == MINIMUM
    assert refusal(ledger.pay, lease, 1, sender=stranger) == error("LeaseNotOwed", id=lease)
    rentals.check_money()


def test_a_payment_of_nothing_is_refused(rentals, ledger, lessee):
    lease = rentals.billed()
    assert refusal(ledger.pay, lease, 0, sender=lessee) == error("PaymentZero")
    assert refusal(ledger.pay, 99, 1, sender=lessee) == error("LeaseNotOwed", id=99)


def test_case_19_a_payment_goes_to_late_interest_then_to_rent(rentals, ledger, lessee):
    lease = rentals.overdue()
    clock.pass_days(1)
    late = 2 * LATE_DAY
    receipt = rentals.pay(lease, LATE_DAY)
    assert events(receipt)[-1] == paid_event(ledger, lease, lessee, LATE_DAY, 0, 0, MINIMUM)
    receipt = rentals.pay(lease, late - LATE_DAY + 100_00)
    assert events(receipt)[-1] == paid_event(ledger, lease, lessee, late - LATE_DAY, 100_00, 100_00, MINIMUM - 100_00)
    receipt = rentals.pay(lease, MOST)
    assert events(receipt)[-2:] == [
        paid_event(ledger, lease, lessee, 0, MINIMUM - 100_00, MINIMUM),
        event(ledger, "RentCured", id=lease, cures=1),
    ]
    assert rentals.status(lease) == LeaseStatus.ACTIVE


def test_rent_that_is_paid_in_time_never_becomes_overdue(rentals, ledger):
    lease = rentals.billed()
    clock.pass_days(DUE)
    assert rentals.status(lease) == LeaseStatus.ACTIVE
    rentals.pay_all(lease)
    clock.pass_days(1)
    assert rentals.status(lease) == LeaseStatus.ACTIVE
    assert ledger.owedOf(lease)[:3] == (0, 0, 0)


def test_case_21_rent_is_overdue_from_the_midnight_after_its_due_day(rentals, ledger):
    lease = rentals.billed()
    midnight = clock.midnight(clock.today() + DUE + 1)
    clock.travel_to(midnight - 1)
    assert (rentals.status(lease), ledger.owedOf(lease).overdue) == (LeaseStatus.ACTIVE, 0)
    clock.travel(1)
    assert (rentals.status(lease), ledger.owedOf(lease).overdue) == (LeaseStatus.OVERDUE, MINIMUM)


def test_a_payment_covers_the_oldest_statement_first(rentals, ledger):
    lease = rentals.overdue()
    clock.pass_days(PERIOD_DAYS)
    owed = ledger.owedOf(lease)
    assert (owed.rent, owed.overdue, owed.twoBehind) == (2 * MINIMUM, 2 * MINIMUM, True)
    rentals.pay(lease, owed.late + MINIMUM)
    owed = ledger.owedOf(lease)
    assert (owed.rent, owed.overdue, owed.twoBehind) == (MINIMUM, MINIMUM, False)


def test_rent_is_paid_by_permit(given, rentals, ledger, cash, lessee):
    lease = rentals.billed()
    cash.approve(ledger, 0, sender=lessee)
    permit = given.permit(key_of("lessee"), ledger, MINIMUM, clock.now() + 60)
    ledger.payWithPermit(lease, MINIMUM, permit, sender=lessee)
    assert ledger.owedOf(lease).rent == 0


def test_case_25_a_permit_that_does_not_work_leaves_the_allowance(given, rentals, ledger, lessee):
    lease = rentals.billed()
    expired = given.permit(key_of("lessee"), ledger, MINIMUM, clock.now() - 1)
    ledger.payWithPermit(lease, MINIMUM, expired, sender=lessee)
    assert ledger.owedOf(lease).rent == 0


def test_case_6_a_frozen_or_expired_lessee_still_pays(rentals, leases, participants, compliance, ledger, lessee):
    lease = rentals.billed()
    participants.freeze(Party.LESSEE, REASON, sender=compliance)
    rentals.pay(lease, 1)
    clock.pass_days(400)
    assert not participants.isVerified(lessee, Role.LESSEE)
    rentals.pay_all(lease)
    assert ledger.owedOf(lease)[:3] == (0, 0, 0)


def test_case_7_who_pays_for_another_changes_nothing_but_what_is_owed(rentals, ledger, leases, stranger):
    lease = rentals.noticed()
    before = leases.leaseOf(lease)
    rentals.pay(lease, LATE_DAY, by=stranger)
    assert leases.leaseOf(lease) == before
    assert ledger.accountOf(lease).cures == 0


# RELEASE


def test_rent_is_the_lessors_while_nobody_financed_it(rentals, ledger, cash, lessor, stranger):
    lease = rentals.billed()
    assert refusal(ledger.release, lease, sender=stranger) == error("LeaseNothingToRelease", id=lease)
    rentals.pay(lease, MINIMUM)
    receipt = ledger.release(lease, sender=stranger)
    assert events(receipt) == [
        event(ledger, "RentReleased", id=lease, to=lessor, amount=MINIMUM),
        transfer_event(cash, ledger, lessor, MINIMUM),
    ]
    assert refusal(ledger.release, lease, sender=stranger) == error("LeaseNothingToRelease", id=lease)
    rentals.check_money()


def test_rent_follows_the_lessors_replaced_wallet(
    rentals, ledger, leases, equipment, participants, compliance, cash, lessor, spare, stranger
):
    lease = rentals.billed()
    rentals.pay(lease, MINIMUM)
    participants.rotateWallet(lessor, spare, sender=compliance)
    ledger.release(lease, sender=stranger)
    assert cash.balanceOf(spare) == MINIMUM
    equipment.recover(rentals.machine, sender=stranger)
    assert equipment.ownerOf(rentals.machine) == spare


def test_a_deposit_follows_the_lessees_replaced_wallet(
    rentals, leases, ledger, participants, compliance, cash, lessee, lessor, spare, stranger
):
    lease = rentals.secured()
    participants.rotateWallet(lessee, spare, sender=compliance)
    leases.cancel(lease, sender=lessor)
    ledger.releaseCredit(lease, sender=stranger)
    assert cash.balanceOf(spare) == DEPOSIT


# LOCK


@pytest.fixture
def lock_of_days(rentals, fleet, leases, ledger):
    """A lease locked for a number of days; the seconds that the lock lasted."""

    def locked(days):
        lease = rentals.locked()
        began = clock.now()
        clock.pass_days(days)
        leases.unlock(lease, sender=rentals.lessor)
        return lease, clock.now() - began

    return locked


def test_no_rent_runs_while_the_machine_is_locked(rentals, ledger, lock_of_days):
    lease, seconds = lock_of_days(20)
    clock.pass_days(PERIOD_DAYS)
    account = ledger.accountOf(lease)
    elapsed = account.period * PERIOD_DAYS * clock.DAY
    expected = rent.account_down([rent.Tier(*tier) for tier in TIERS], BOUNDS, elapsed, seconds, 0)
    assert (account.lockedBefore, account.lockedSince, account.charged) == (seconds, 0, expected.total)
    assert account.charged < account.period * MINIMUM


def test_a_lock_in_force_stops_the_rent_of_every_statement_that_closes(rentals, ledger):
    lease = rentals.locked()
    began = clock.now()
    clock.pass_days(60)
    account = ledger.accountOf(lease)
    end = clock.midnight(account.startDay + account.period * PERIOD_DAYS)
    elapsed = account.period * PERIOD_DAYS * clock.DAY
    expected = rent.account_down([rent.Tier(*tier) for tier in TIERS], BOUNDS, elapsed, end - began, 0)
    assert (account.period, account.charged) == (3, expected.total)
    assert expected.total < 2 * MINIMUM


def test_a_lock_shortens_what_is_left_to_pay(rentals, ledger, lock_of_days):
    lease, seconds = lock_of_days(20)
    left = MINIMUM * (PERIODS * BOUNDS.period - seconds) // BOUNDS.period
    account = ledger.accountOf(lease)
    assert ledger.owedOf(lease).remaining == left - account.charged


# CREDITS


@pytest.fixture
def resolve(leases, compliance):
    """Decide a dispute by a credit."""
    return lambda lease, credit: leases.resolveDispute(lease, credit, REASON, sender=compliance)


def test_a_credit_is_taken_off_what_is_owed(rentals, leases, ledger, resolve):
    lease = rentals.disputed(rentals.billed())
    receipt = resolve(lease, 6_000_00)
    assert events(receipt) == [
        event(leases, "LeaseDisputeEnded", id=lease, credit=6_000_00, documentHash=REASON),
        charged_event(ledger, lease, 1, MINIMUM, 0, 0, MINIMUM, clock.today()),
        event(ledger, "RentCredited", id=lease, amount=6_000_00, owed=MINIMUM - 6_000_00),
    ]
    rentals.pay_all(lease)
    clock.pass_days(FIRST_OVERDUE_DAY)
    account = ledger.accountOf(lease)
    assert (account.charged, account.credited, account.paid) == (2 * MINIMUM, 6_000_00, MINIMUM - 6_000_00)
    assert ledger.owedOf(lease).rent == MINIMUM


def test_case_18_a_credit_is_no_more_than_is_owed(rentals, leases, ledger, compliance):
    lease = rentals.disputed(rentals.billed())
    too_high = error("LeaseCreditTooHigh", credit=MINIMUM + 1, owed=MINIMUM)
    assert refusal(leases.resolveDispute, lease, MINIMUM + 1, REASON, sender=compliance) == too_high
    assert refusal(leases.resolveDispute, lease, MINIMUM, REASON, sender=compliance) is None


def test_a_credit_over_all_that_is_overdue_cures(rentals, ledger, resolve):
    lease = rentals.disputed(rentals.noticed())
    receipt = resolve(lease, MINIMUM)
    assert events(receipt)[-2:] == [
        event(ledger, "RentCredited", id=lease, amount=MINIMUM, owed=LATE_DAY),
        event(ledger, "RentCured", id=lease, cures=1),
    ]
    assert rentals.status(lease) == LeaseStatus.ACTIVE


def test_a_dispute_without_merit_takes_nothing_off(rentals, leases, ledger, resolve):
    lease = rentals.disputed(rentals.billed())
    receipt = resolve(lease, 0)
    assert events(receipt) == [event(leases, "LeaseDisputeEnded", id=lease, credit=0, documentHash=REASON)]
    assert ledger.owedOf(lease).rent == MINIMUM


# THE METER


def test_case_39_an_hour_meter_that_fell_never_gives_rent_back(rentals, ledger, fleet, work, accrue):
    lease = rentals.delivered()
    work(29, 200)
    accrue(lease)
    clock.pass_days(1)
    before = ledger.owedOf(lease).rent
    fleet.read(rentals.machine, START_TENTHS, START_LITRES)
    clock.pass_days(10)
    fleet.read(rentals.machine, 0, 0)
    assert ledger.owedOf(lease).rent == before == 200 * HOUR
    assert ledger.rentSoFar(lease).tenths == 2_000


def test_case_39_after_the_device_was_swapped_hours_go_on(rentals, ledger, fleet, equipment, compliance, device2, work):
    """Metered hours are cumulative over devices; the meter of the new one may start anywhere."""
    lease = rentals.delivered()
    work(10, 100)
    signature = rentals.binding(rentals.machine, "device2", 7)
    equipment.replaceDevice(rentals.machine, device2, 7, signature, sender=compliance)
    work(19, 100)
    clock.pass_days(1)
    assert ledger.owedOf(lease).rent == 200 * HOUR


def test_case_37_hours_of_an_outage_come_at_once_and_cost_what_they_would_have_cost(rentals, ledger, work):
    lease = rentals.delivered()
    work(5, 60)
    clock.pass_days(10)
    assert ledger.rentSoFar(lease).tenths == 600
    work(14, 180)
    clock.pass_days(1)
    assert ledger.owedOf(lease).rent == 240 * HOUR


def test_case_32_a_silent_machine_costs_the_minimum_and_everybody_can_pay(rentals, ledger, leases, lessor):
    lease = rentals.delivered()
    clock.pass_days(2 * PERIOD_DAYS)
    assert ledger.owedOf(lease).rent == 2 * MINIMUM
    rentals.pay_all(lease)
    assert rentals.status(lease) == LeaseStatus.ACTIVE
    assert refusal(leases.giveNotice, lease, REASON, sender=lessor) == error("LeaseNotOverdue", id=lease)


def test_hours_from_before_delivery_cost_nothing(rentals, ledger, leases, fleet, lessee):
    lease = rentals.secured()
    clock.pass_days(2)
    fleet.hear(rentals.machine, 400)
    leases.acceptDelivery(lease, REASON, sender=lessee)
    clock.pass_days(PERIOD_DAYS)
    assert ledger.accountOf(lease).startTenths == START_TENTHS + 400
    assert ledger.owedOf(lease).rent == MINIMUM


def test_rent_so_far_is_told_to_the_second(rentals, ledger, leases, devices, work, lessee):
    lease = rentals.signed()
    assert ledger.rentSoFar(lease) == (0, 0, 0, 0, 0, 0, 0)
    ledger.payDeposit(lease, sender=lessee)
    leases.acceptDelivery(lease, REASON, sender=lessee)
    start = clock.midnight(clock.today())
    work(10, 80)
    expected = rent.account_down([rent.Tier(*tier) for tier in TIERS], BOUNDS, clock.now() - start, 0, 800)
    assert ledger.rentSoFar(lease) == (*expected, 800, devices.readingOf(rentals.machine).at, 0)


def test_rent_so_far_ends_with_the_lease(rentals, ledger):
    lease = rentals.delivered(periods=2)
    clock.pass_days(200)
    assert ledger.rentSoFar(lease)[:4] == (2 * MINIMUM, 0, 2 * CAP, 2 * MINIMUM)


# WHO DECIDES


def test_case_3_the_course_of_a_lease_is_the_lease_contracts_alone(rentals, ledger, lessor, admin):
    lease = rentals.delivered()
    conditions = (rentals.machine, 0, 1, 1, 1, PERIOD_DAYS, DUE, 0, TIERS)
    for caller in (lessor, admin):
        refused = error("NotLeaseContract", caller=caller)
        for method, *arguments in (
            (ledger.open, lease, conditions, lessor, lessor),
            (ledger.start, lease, 0),
            (ledger.lock, lease),
            (ledger.unlock, lease),
            (ledger.credit, lease, 1),
            (ledger.chargeAll, lease, 1, True),
            (ledger.sell, lease, lessor, 1, True),
            (ledger.buyOut, lease, lessor, 1, 1),
            (ledger.stop, lease),
        ):
            assert refusal(method, *arguments, sender=caller) == refused


def test_case_8_the_lease_contract_is_set_once(suite, ledger, leases, admin, stranger):
    known = error("LeaseContractKnown", lease=leases)
    assert refusal_after_delay(suite, admin, ledger.setLeaseContract, stranger) == known


@pytest.fixture
def assignee(suite, ledger, admin, product):
    """An account that was admitted beside LeaseFinance."""
    receipt = after_delay(suite, admin, ledger.allowAssignee, product)
    assert events(receipt)[1:] == [event(ledger, "AssigneeAllowed", assignee=product)]
    return product


def test_rent_is_assigned_to_admitted_contracts_alone(rentals, ledger, lessor, stranger):
    lease = rentals.delivered()
    for caller in (lessor, stranger):
        refused = error("NotAssignee", id=lease, caller=caller)
        assert refusal(ledger.assign, lease, sender=caller) == refused
        assert refusal(ledger.collect, lease, caller, 1, sender=caller) == refused
        assert refusal(ledger.unassign, lease, sender=caller) == refused


def test_rent_is_assigned_while_it_runs_and_nothing_is_overdue(rentals, ledger, leases, assignee, lessee):
    lease = rentals.signed()
    waiting = error("LeaseClockWrong", id=lease, clock=Clock.WAITING)
    assert refusal(ledger.assign, lease, sender=assignee) == waiting
    ledger.payDeposit(lease, sender=lessee)
    rentals.fleet.hear(rentals.machine)
    leases.acceptDelivery(lease, REASON, sender=lessee)
    clock.pass_days(FIRST_OVERDUE_DAY)
    overdue = error("LeaseOverdue", id=lease, overdue=MINIMUM)
    assert refusal(ledger.assign, lease, sender=assignee) == overdue
    rentals.pay_all(lease)
    assert refusal(ledger.assign, lease, sender=assignee) is None


def test_rent_is_assigned_once(rentals, ledger, loans, assignee):
    lease = rentals.financed()
    assert refusal(ledger.assign, lease, sender=assignee) == error("LeaseAssignedBefore", id=lease)
    for method, *arguments in ((ledger.collect, lease, assignee, 1), (ledger.unassign, lease)):
        refused = error("NotAssignee", id=lease, caller=assignee)
        assert refusal(method, *arguments, sender=assignee) == refused


def test_an_assignee_collects_what_there_is_and_gives_the_rest_back(rentals, ledger, cash, assignee, spare):
    lease = rentals.delivered()
    ledger.assign(lease, sender=assignee)
    assert events(ledger.collect(lease, spare, 1, sender=assignee)) == []
    receipt = ledger.unassign(lease, sender=assignee)
    assert events(receipt) == [event(ledger, "AssignmentEnded", id=lease, assignee=assignee)]
    assert ledger.assigneeOf(lease) == NOBODY


# LIMITS


def test_case_17_the_longest_and_dearest_lease_overflows_nothing(rentals, leases, ledger, lessor):
    """A hundred and twenty periods of 92 days, nothing of which is ever paid, and then forty years more."""
    terms = {"minimum": MOST_AMOUNT, "cap": MOST_AMOUNT, "buyOutPrice": MOST_AMOUNT, "deposit": 0}
    lease = rentals.delivered(**terms, periods=120, periodDays=92, dueDays=91, lateRateBps=2_400)
    clock.pass_days(120 * 92 + 40 * 365)
    owed = ledger.owedOf(lease)
    assert (owed.rent, owed.overdue) == (120 * MOST_AMOUNT, 120 * MOST_AMOUNT)
    days = sum(120 * 92 + 40 * 365 - number * 92 - 91 for number in range(1, 121))
    assert owed.late == -(-MOST_AMOUNT * 2_400 * days // 3_600_000)
    ledger.accrue([lease], sender=lessor)
    leases.giveNotice(lease, REASON, sender=lessor)
    clock.pass_days(16)
    leases.declareDefault(lease, sender=lessor)
    leases.rescind(lease, sender=lessor)
    assert ledger.owedOf(lease).rent == 121 * MOST_AMOUNT
