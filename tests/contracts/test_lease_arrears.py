"""Notice, lock, default, and the two ways on: all rent at once, or the machine. Cures, disputes, sale, redemption."""

import pytest

from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.rentals import (
    BUY_OUT,
    CONTRACTED,
    CURE,
    DEPOSIT,
    FIRST_OVERDUE_DAY,
    LATE_DAY,
    LOCK_NOTICE,
    MINIMUM,
    PERIOD_DAYS,
    SECOND_OVERDUE_DAY,
    Clock,
    LeaseStatus,
)
from tests.contracts.situations import DOCUMENT, NOBODY, REASON
from tests.contracts.suite import Party

DEFAULT_BPS = 1_500
# On day 71: two statements of 36,000.00, the first late by 31 days, the second by one.
LATE_AT_DEFAULT = LATE_DAY * 32
OWED_AT_DEFAULT = 2 * MINIMUM + LATE_AT_DEFAULT
LEFT_AT_DEFAULT = CONTRACTED - 2 * MINIMUM
# All fixed rent, late interest and the price of the title, after the deposit.
CLAIM = CONTRACTED + LATE_AT_DEFAULT + BUY_OUT - DEPOSIT
SURPLUS = 50_000_00


def transfer_event(cash, payer, to, amount):
    return event(cash, "Transfer", **{"from": payer, "to": to, "value": amount})


def paid_event(ledger, lease, payer, late, amount, paid, overdue=0):
    figures = {"late": late, "rent": amount, "paid": paid, "overdue": overdue}
    return event(ledger, "RentPaid", id=lease, payer=payer, **figures)


def status_wrong(lease, status):
    return error("LeaseStatusWrong", id=lease, status=status)


# WHO IS THE CREDITOR


def steps(leases, lease, buyer):
    return (
        (leases.giveNotice, lease, DOCUMENT),
        (leases.lock, lease),
        (leases.unlock, lease),
        (leases.declareDefault, lease),
        (leases.accelerate, lease),
        (leases.rescind, lease),
        (leases.offerSale, lease, buyer, 1, DOCUMENT),
    )


def test_case_3_only_the_lessor_acts_on_rent_that_is_its_own(rentals, leases, risk_officer, lessee, buyer, admin):
    lease = rentals.overdue()
    for caller in (risk_officer, lessee, buyer, admin):
        refused = error("NotLeaseCreditor", id=lease, caller=caller)
        for call in steps(leases, lease, buyer):
            assert refusal(*call, sender=caller) == refused


def test_case_3_only_the_banks_officer_acts_on_rent_that_is_assigned(rentals, leases, lessor, lessee, buyer, guardian):
    lease = rentals.overdue(rentals.financed())
    for caller in (lessor, lessee, guardian):
        refused = error("AccessManagedUnauthorized", caller=caller)
        for call in steps(leases, lease, buyer):
            assert refusal(*call, sender=caller) == refused


def test_any_wallet_of_the_lessor_acts_even_of_a_frozen_one(rentals, leases, participants, compliance, spare):
    lease = rentals.overdue()
    participants.addWallet(Party.LESSOR, spare, sender=compliance)
    participants.freeze(Party.LESSOR, REASON, sender=compliance)
    leases.giveNotice(lease, DOCUMENT, sender=spare)
    assert leases.leaseOf(lease).noticeDay == clock.today()


# NOTICE


def test_no_notice_is_given_before_rent_is_overdue(rentals, leases, lessor):
    for lease in (rentals.signed(), 1):
        assert refusal(leases.giveNotice, lease, DOCUMENT, sender=lessor) == error("LeaseNotOverdue", id=lease)
    rentals.ledger.payDeposit(1, sender=rentals.lessee)
    leases.acceptDelivery(1, DOCUMENT, sender=rentals.lessee)
    clock.pass_days(FIRST_OVERDUE_DAY - 1)
    assert refusal(leases.giveNotice, 1, DOCUMENT, sender=lessor) == error("LeaseNotOverdue", id=1)


def test_a_notice_says_through_which_day_it_can_be_cured(rentals, leases, lessor):
    lease = rentals.overdue()
    receipt = leases.giveNotice(lease, DOCUMENT, sender=lessor)
    today = clock.today()
    days = {"noticeDay": today, "cureThroughDay": today + CURE}
    assert events(receipt) == [event(leases, "LeaseNoticeGiven", id=lease, **days, documentHash=DOCUMENT)]
    assert leases.leaseOf(lease)[:5] == (LeaseStatus.OVERDUE, False, today - FIRST_OVERDUE_DAY, today, 0)


def test_a_notice_in_force_is_not_given_again(rentals, leases, lessor):
    lease = rentals.noticed()
    clock.pass_days(3)
    before = error("NoticeGivenBefore", noticeDay=clock.today() - 3)
    assert refusal(leases.giveNotice, lease, DOCUMENT, sender=lessor) == before


def test_a_lease_in_default_needs_no_notice(rentals, leases, lessor):
    lease = rentals.defaulted()
    answer = refusal(leases.giveNotice, lease, DOCUMENT, sender=lessor)
    assert answer == status_wrong(lease, LeaseStatus.DEFAULTED)


@pytest.mark.parametrize("state", ["accelerated", "rescinded"])
def test_after_the_choice_no_notice_is_given(rentals, leases, lessor, state):
    lease = getattr(rentals, state)()
    answer = refusal(leases.giveNotice, lease, DOCUMENT, sender=lessor)
    assert answer == error("LeaseNotOverdue", id=lease)


# CURE


def test_paying_all_that_is_overdue_ends_the_notice(rentals, leases, lessor):
    lease = rentals.noticed()
    rentals.pay(lease, LATE_DAY + MINIMUM - 1)
    assert leases.leaseOf(lease).noticeDay != 0
    rentals.pay(lease, 1)
    assert leases.leaseOf(lease)[:4] == (LeaseStatus.ACTIVE, False, leases.leaseOf(lease).startDay, 0)
    clock.pass_days(PERIOD_DAYS)
    missing = error("LeaseNoticeMissing", id=lease)
    assert refusal(leases.declareDefault, lease, sender=lessor) == missing


def test_a_second_arrears_needs_a_notice_of_its_own(rentals, leases, lessor):
    lease = rentals.noticed()
    rentals.pay_all(lease)
    clock.pass_days(PERIOD_DAYS)
    assert rentals.status(lease) == LeaseStatus.OVERDUE
    receipt = leases.giveNotice(lease, DOCUMENT, sender=lessor)
    assert events(receipt)[0].values["noticeDay"] == clock.today()
    assert leases.leaseOf(lease).noticeCures == 1


def test_a_default_that_is_paid_is_cured(rentals, leases, ledger, lessor):
    lease = rentals.defaulted()
    receipt = rentals.pay_all(lease)
    assert events(receipt)[-1] == event(ledger, "RentCured", id=lease, cures=1)
    assert rentals.status(lease) == LeaseStatus.ACTIVE
    for method in (leases.accelerate, leases.rescind):
        assert refusal(method, lease, sender=lessor) == status_wrong(lease, LeaseStatus.ACTIVE)


def test_case_20_a_default_that_was_cured_leaves_no_trace_in_the_next(rentals, leases, lessor):
    lease = rentals.defaulted()
    rentals.pay_all(lease)
    clock.pass_days(PERIOD_DAYS)
    assert rentals.status(lease) == LeaseStatus.OVERDUE
    for method in (leases.accelerate, leases.rescind):
        assert refusal(method, lease, sender=lessor) == status_wrong(lease, LeaseStatus.OVERDUE)
    leases.giveNotice(lease, DOCUMENT, sender=lessor)
    runs = error("CureRuns", day=clock.today() + CURE)
    assert refusal(leases.declareDefault, lease, sender=lessor) == runs
    clock.pass_days(PERIOD_DAYS)
    leases.declareDefault(lease, sender=lessor)
    assert rentals.status(lease) == LeaseStatus.DEFAULTED


def test_a_default_paid_in_part_stays(rentals, leases):
    lease = rentals.defaulted()
    rentals.pay(lease, OWED_AT_DEFAULT - 1)
    assert rentals.status(lease) == LeaseStatus.DEFAULTED


# LOCK


def test_a_lock_needs_a_notice_and_its_days(rentals, fleet, leases, lessor):
    lease = rentals.billed()
    assert refusal(leases.lock, lease, sender=lessor) == status_wrong(lease, LeaseStatus.ACTIVE)
    clock.pass_days(FIRST_OVERDUE_DAY - PERIOD_DAYS)
    fleet.hear(rentals.machine)
    assert refusal(leases.lock, lease, sender=lessor) == error("LeaseNoticeMissing", id=lease)
    leases.giveNotice(lease, DOCUMENT, sender=lessor)
    day = clock.today() + LOCK_NOTICE
    clock.travel_to(clock.midnight(day + 1) - 1)
    fleet_at = clock.now()
    assert refusal(leases.lock, lease, sender=lessor) == error("LockTooEarly", id=lease, day=day)
    clock.travel(2)
    fleet.hear(rentals.machine)
    assert clock.now() > fleet_at
    assert refusal(leases.lock, lease, sender=lessor) is None


@pytest.mark.parametrize("seconds", [0, 1])
def test_a_machine_that_is_silent_for_a_day_is_not_locked(rentals, fleet, devices, leases, lessor, seconds):
    lease = rentals.noticed()
    clock.pass_days(LOCK_NOTICE)
    fleet.hear(rentals.machine)
    at = devices.readingOf(rentals.machine).at
    clock.travel_to(at + clock.DAY + seconds)
    silent = error("MachineSilent", machine=rentals.machine, at=at)
    assert refusal(leases.lock, lease, sender=lessor) == (silent if seconds else None)


def test_a_machine_is_locked_once_and_unlocked_by_the_creditor(rentals, leases, ledger, lessor):
    lease = rentals.locked()
    since = ledger.accountOf(lease).lockedSince
    assert since == clock.now()
    assert refusal(leases.lock, lease, sender=lessor) == error("MachineLockedBefore", id=lease)
    clock.travel(1_000)
    receipt = leases.unlock(lease, sender=lessor)
    seconds = clock.now() - since
    assert events(receipt) == [event(ledger, "MachineUnlocked", id=lease, at=clock.now(), lockedSeconds=seconds)]
    assert refusal(leases.unlock, lease, sender=lessor) == error("MachineNotLocked", id=lease)


def test_a_lock_is_told_with_its_second(rentals, fleet, leases, ledger, lessor):
    lease = rentals.noticed()
    clock.pass_days(LOCK_NOTICE + 1)
    fleet.hear(rentals.machine)
    receipt = leases.lock(lease, sender=lessor)
    assert events(receipt)[-1] == event(ledger, "MachineLocked", id=lease, at=clock.now())


def test_a_cure_ends_the_lock(rentals, ledger):
    lease = rentals.locked()
    since = ledger.accountOf(lease).lockedSince
    clock.pass_days(2)
    receipt = rentals.pay_all(lease)
    seconds = clock.now() - since
    assert events(receipt)[-2:] == [
        event(ledger, "RentCured", id=lease, cures=1),
        event(ledger, "MachineUnlocked", id=lease, at=clock.now(), lockedSeconds=seconds),
    ]
    assert (ledger.accountOf(lease).lockedSince, ledger.accountOf(lease).lockedBefore) == (0, seconds)


def test_a_payment_in_part_leaves_the_lock(rentals, ledger):
    lease = rentals.locked()
    rentals.pay(lease, MINIMUM)
    assert ledger.accountOf(lease).lockedSince != 0


def test_a_lock_ends_even_in_a_dispute(rentals, leases, ledger, lessor):
    lease = rentals.disputed(rentals.locked())
    leases.unlock(lease, sender=lessor)
    assert ledger.accountOf(lease).lockedSince == 0


# DEFAULT


def test_default_is_not_declared_without_notice(rentals, leases, lessor):
    lease = rentals.delivered()
    assert refusal(leases.declareDefault, lease, sender=lessor) == status_wrong(lease, LeaseStatus.ACTIVE)
    clock.pass_days(SECOND_OVERDUE_DAY)
    assert refusal(leases.declareDefault, lease, sender=lessor) == error("LeaseNoticeMissing", id=lease)


def test_default_waits_for_the_whole_cure(rentals, leases, lessor):
    lease = rentals.noticed(rentals.delivered(periods=3))
    through = clock.today() + CURE
    clock.travel_to(clock.midnight(through + 1) - 1)
    runs = error("CureRuns", day=through)
    assert refusal(leases.declareDefault, lease, sender=lessor) == runs
    clock.travel(1)
    assert refusal(leases.declareDefault, lease, sender=lessor) is None


def test_one_statement_of_many_is_no_default(rentals, leases, lessor):
    lease = rentals.noticed()
    clock.pass_days(CURE + 1)
    slight = error("DefaultTooSlight", overdue=MINIMUM, total=CONTRACTED, thresholdBps=DEFAULT_BPS)
    assert refusal(leases.declareDefault, lease, sender=lessor) == slight


@pytest.mark.parametrize("more", [-1, 0])
def test_fifteen_per_cent_of_all_fixed_rent_are_a_default(rentals, fleet, leases, lessor, more):
    """Of six periods: 32,400.00, rounded up."""
    lease = rentals.noticed(rentals.delivered(periods=6))
    clock.pass_days(CURE + 1)
    rentals.pay(lease, rentals.owed(lease) - 32_400_00 - more)
    slight = error("DefaultTooSlight", overdue=32_400_00 + more, total=6 * MINIMUM, thresholdBps=DEFAULT_BPS)
    assert refusal(leases.declareDefault, lease, sender=lessor) == (slight if more else None)


@pytest.mark.parametrize("unpaid", [0, 1])
def test_two_statements_are_a_default_while_the_older_one_is_not_paid(rentals, leases, lessor, unpaid):
    lease = rentals.two_behind()
    rentals.pay(lease, LATE_AT_DEFAULT + MINIMUM - unpaid)
    slight = error("DefaultTooSlight", overdue=MINIMUM, total=CONTRACTED, thresholdBps=DEFAULT_BPS)
    assert refusal(leases.declareDefault, lease, sender=lessor) == (None if unpaid else slight)


def test_a_default_is_declared_once_with_what_is_overdue(rentals, leases, lessor):
    lease = rentals.two_behind()
    receipt = leases.declareDefault(lease, sender=lessor)
    assert events(receipt) == [event(leases, "LeaseDefaulted", id=lease, overdue=2 * MINIMUM)]
    assert rentals.status(lease) == LeaseStatus.DEFAULTED
    assert refusal(leases.declareDefault, lease, sender=lessor) == status_wrong(lease, LeaseStatus.DEFAULTED)


def test_case_32_silence_alone_is_no_default(rentals, leases, lessor):
    lease = rentals.delivered()
    clock.pass_days(PERIOD_DAYS - 1)
    for method in (leases.declareDefault, leases.accelerate, leases.rescind):
        assert refusal(method, lease, sender=lessor) == status_wrong(lease, LeaseStatus.ACTIVE)


# DISPUTE


def test_only_the_lessee_disputes_and_takes_it_back(rentals, leases, lessor, lessee, stranger):
    lease = rentals.delivered()
    for caller in (lessor, stranger):
        refused = error("NotLeaseParty", wallet=caller, party=Party.LESSEE)
        assert refusal(leases.dispute, lease, REASON, sender=caller) == refused
        assert refusal(leases.withdrawDispute, lease, sender=caller) == refused
    receipt = leases.dispute(lease, REASON, sender=lessee)
    assert events(receipt) == [event(leases, "LeaseDisputed", id=lease, reasonHash=REASON)]
    assert refusal(leases.dispute, lease, REASON, sender=lessee) == error("LeaseInDispute", id=lease)
    receipt = leases.withdrawDispute(lease, sender=lessee)
    ended = {"id": lease, "credit": 0, "documentHash": bytes(32)}
    assert events(receipt) == [event(leases, "LeaseDisputeEnded", **ended)]
    assert refusal(leases.withdrawDispute, lease, sender=lessee) == error("LeaseNotInDispute", id=lease)


def test_only_compliance_decides_a_dispute(rentals, leases, risk_officer, lessor, lessee, compliance):
    lease = rentals.delivered()
    not_open = error("LeaseNotInDispute", id=lease)
    assert refusal(leases.resolveDispute, lease, 0, REASON, sender=compliance) == not_open
    leases.dispute(lease, REASON, sender=lessee)
    for caller in (risk_officer, lessor, lessee):
        refused = error("AccessManagedUnauthorized", caller=caller)
        assert refusal(leases.resolveDispute, lease, 0, REASON, sender=caller) == refused


@pytest.mark.parametrize(("state", "status"), [("signed", LeaseStatus.SIGNED), ("secured", LeaseStatus.SIGNED)])
def test_what_was_not_delivered_is_not_disputed(rentals, leases, lessee, state, status):
    lease = getattr(rentals, state)()
    assert refusal(leases.dispute, lease, REASON, sender=lessee) == status_wrong(lease, status)


@pytest.mark.parametrize(
    ("state", "method"),
    [
        ("overdue", "giveNotice"),
        ("noticed", "lock"),
        ("two_behind", "declareDefault"),
        ("defaulted", "accelerate"),
        ("defaulted", "rescind"),
    ],
)
def test_a_dispute_stops_every_step_against_the_lessee(rentals, fleet, leases, lessor, lessee, state, method):
    lease = getattr(rentals, state)()
    if method == "lock":
        clock.pass_days(LOCK_NOTICE + 1)
        fleet.hear(rentals.machine)
    call = (getattr(leases, method), lease, *([DOCUMENT] if method == "giveNotice" else []))
    assert refusal(*call, sender=lessor) is None
    leases.dispute(lease, REASON, sender=lessee)
    assert refusal(*call, sender=lessor) == error("LeaseInDispute", id=lease)
    leases.withdrawDispute(lease, sender=lessee)
    assert refusal(*call, sender=lessor) is None


def test_a_dispute_stops_the_sale(rentals, leases, lessor, lessee, buyer):
    lease = rentals.rescinded()
    leases.offerSale(lease, buyer, 1, DOCUMENT, sender=lessor)
    leases.dispute(lease, REASON, sender=lessee)
    disputed = error("LeaseInDispute", id=lease)
    assert refusal(leases.offerSale, lease, buyer, 2, DOCUMENT, sender=lessor) == disputed
    assert refusal(leases.buy, lease, 1, sender=buyer) == disputed


def test_a_dispute_stops_no_payment(rentals):
    lease = rentals.disputed(rentals.overdue())
    rentals.pay_all(lease)
    assert rentals.owed(lease) == 0


# ALL RENT AT ONCE


def test_acceleration_makes_all_fixed_rent_due_and_takes_the_deposit(
    rentals, leases, ledger, equipment, lessor, lessee
):
    lease = rentals.defaulted()
    receipt = leases.accelerate(lease, sender=lessor)
    rent_part = DEPOSIT - LATE_AT_DEFAULT
    owed = CONTRACTED - rent_part
    assert [found for found in events(receipt) if found.name != "RentCharged"] == [
        event(leases, "LeaseAccelerated", id=lease),
        paid_event(ledger, lease, ledger, LATE_AT_DEFAULT, rent_part, rent_part, owed),
        event(ledger, "AllCharged", id=lease, more=LEFT_AT_DEFAULT, fromDeposit=DEPOSIT, owed=owed),
    ]
    account = ledger.accountOf(lease)
    assert (account.clock, account.deposit, account.period) == (Clock.LATE_ONLY, 0, 24)
    assert ledger.owedOf(lease) == (owed, 0, owed, 0, 0, False)
    assert rentals.status(lease) == LeaseStatus.ACCELERATED
    assert equipment.userOf(rentals.machine) == lessee
    rentals.check_money()


def test_after_acceleration_only_late_interest_runs(rentals, fleet, ledger):
    lease = rentals.accelerated()
    owed = rentals.owed(lease)
    clock.pass_days(100)
    fleet.hear(rentals.machine, 10_000)
    late = -(-owed * 900 * 100 // 3_600_000)
    assert ledger.owedOf(lease)[:3] == (owed, late, owed)


def test_case_39_hours_beyond_the_minimum_count_into_what_acceleration_makes_due(
    rentals, fleet, leases, ledger, lessor
):
    """900 h at 300.00 are more than the fixed rent of six months."""
    lease = rentals.noticed(rentals.delivered(cap=400_000_00, periods=6))
    fleet.hear(rentals.machine, 9_000)
    clock.pass_days(CURE + 1)
    leases.declareDefault(lease, sender=lessor)
    receipt = leases.accelerate(lease, sender=lessor)
    total = 900 * 300_00
    assert total > 6 * MINIMUM
    assert ledger.accountOf(lease).charged == total
    assert events(receipt)[-1].values["more"] == total - MINIMUM


def test_acceleration_unlocks_the_machine(rentals, leases, ledger, lessor):
    lease = rentals.locked()
    since = ledger.accountOf(lease).lockedSince
    clock.pass_days(SECOND_OVERDUE_DAY)
    leases.declareDefault(lease, sender=lessor)
    receipt = leases.accelerate(lease, sender=lessor)
    unlocked = {"id": lease, "at": clock.now(), "lockedSeconds": clock.now() - since}
    assert event(ledger, "MachineUnlocked", **unlocked) in events(receipt)
    assert ledger.accountOf(lease).lockedSince == 0


def test_a_deposit_that_pays_everything_leaves_the_rest_to_the_lessee(rentals, leases, ledger, lessor, lessee):
    lease = rentals.noticed(rentals.delivered(periods=2, deposit=100_000_00))
    clock.pass_days(CURE + 1)
    leases.declareDefault(lease, sender=lessor)
    late = ledger.owedOf(lease).late
    leases.accelerate(lease, sender=lessor)
    account = ledger.accountOf(lease)
    assert (rentals.owed(lease), account.deposit) == (0, 100_000_00 - 2 * MINIMUM - late)
    leases.buyOut(lease, BUY_OUT, sender=lessee)
    assert ledger.accountOf(lease).lesseeCredit == account.deposit
    rentals.check_money()


@pytest.mark.parametrize("first", ["accelerate", "rescind"])
def test_default_has_exactly_one_consequence(rentals, leases, lessor, first):
    lease = rentals.defaulted()
    status = LeaseStatus.ACCELERATED if first == "accelerate" else LeaseStatus.RESCINDED
    getattr(leases, first)(lease, sender=lessor)
    for method in (leases.accelerate, leases.rescind):
        assert refusal(method, lease, sender=lessor) == status_wrong(lease, status)


@pytest.mark.parametrize("state", ["noticed", "overdue", "two_behind"])
def test_without_a_default_there_is_no_consequence(rentals, leases, lessor, state):
    lease = getattr(rentals, state)()
    for method in (leases.accelerate, leases.rescind):
        assert refusal(method, lease, sender=lessor) == status_wrong(lease, LeaseStatus.OVERDUE)


# THE MACHINE


def test_rescission_claims_all_that_the_lease_was_worth_and_ends_the_use(rentals, leases, ledger, equipment, lessor):
    lease = rentals.defaulted()
    receipt = leases.rescind(lease, sender=lessor)
    rent_part = DEPOSIT - LATE_AT_DEFAULT
    more = LEFT_AT_DEFAULT + BUY_OUT
    assert [found for found in events(receipt) if found.name != "RentCharged"] == [
        event(leases, "LeaseRescinded", id=lease),
        paid_event(ledger, lease, ledger, LATE_AT_DEFAULT, rent_part, rent_part, CLAIM),
        event(ledger, "AllCharged", id=lease, more=more, fromDeposit=DEPOSIT, owed=CLAIM),
        event(equipment, "UpdateUser", tokenId=rentals.machine, user=NOBODY, expires=0),
    ]
    assert ledger.owedOf(lease)[:4] == (CLAIM, 0, CLAIM, 0)
    assert rentals.status(lease) == LeaseStatus.RESCINDED
    assert equipment.machineOf(rentals.machine).lienor == leases


def test_after_rescission_no_time_counts_any_more(rentals, ledger):
    lease = rentals.rescinded()
    clock.pass_days(200)
    assert ledger.owedOf(lease)[:3] == (CLAIM, 0, CLAIM)


def test_rescission_leaves_the_lock(rentals, leases, ledger, lessor):
    lease = rentals.locked()
    clock.pass_days(SECOND_OVERDUE_DAY)
    leases.declareDefault(lease, sender=lessor)
    leases.rescind(lease, sender=lessor)
    assert ledger.accountOf(lease).lockedSince != 0


def test_a_machine_is_offered_only_after_rescission(rentals, leases, lessor, buyer):
    lease = rentals.delivered()
    call = leases.offerSale, lease, buyer, 1, DOCUMENT
    assert refusal(*call, sender=lessor) == status_wrong(lease, LeaseStatus.ACTIVE)
    rentals.accelerated(lease)
    assert refusal(*call, sender=lessor) == status_wrong(lease, LeaseStatus.ACCELERATED)


def test_a_machine_is_sold_to_whom_it_was_offered_at_the_price_it_agreed_to(
    rentals, leases, lessor, buyer, lessee, stranger
):
    lease = rentals.rescinded()
    assert refusal(leases.buy, lease, 1, sender=buyer) == error("SaleNotOffered", id=lease, caller=buyer, price=1)
    receipt = leases.offerSale(lease, buyer, CLAIM, DOCUMENT, sender=lessor)
    offered = {"id": lease, "buyer": buyer, "price": CLAIM, "appraisalHash": DOCUMENT}
    assert events(receipt) == [event(leases, "SaleOffered", **offered)]
    assert leases.saleOf(lease) == (buyer, CLAIM)
    for caller, most in ((stranger, CLAIM), (lessee, CLAIM), (buyer, CLAIM - 1)):
        refused = error("SaleNotOffered", id=lease, caller=caller, price=most)
        assert refusal(leases.buy, lease, most, sender=caller) == refused
    leases.offerSale(lease, buyer, 0, DOCUMENT, sender=lessor)
    refused = error("SaleNotOffered", id=lease, caller=buyer, price=CLAIM)
    assert refusal(leases.buy, lease, CLAIM, sender=buyer) == refused


def test_case_6_a_buyer_must_be_verified(rentals, leases, participants, compliance, lessor, buyer, spare):
    lease = rentals.rescinded()
    leases.offerSale(lease, spare, 1, DOCUMENT, sender=lessor)
    assert refusal(leases.buy, lease, 1, sender=spare) == error("WalletUnknown", wallet=spare)
    leases.offerSale(lease, buyer, 1, DOCUMENT, sender=lessor)
    participants.freeze(Party.BUYER, REASON, sender=compliance)
    assert refusal(leases.buy, lease, 1, sender=buyer) == error("PartyIsFrozen", party=Party.BUYER)


def test_the_surplus_of_a_sale_is_the_lessees(
    rentals, leases, ledger, equipment, cash, lessor, lessee, buyer, stranger
):
    lease = rentals.rescinded()
    price = CLAIM + SURPLUS
    leases.offerSale(lease, buyer, price, DOCUMENT, sender=lessor)
    receipt = leases.buy(lease, price, sender=buyer)
    sold = {"id": lease, "buyer": buyer, "price": price, "toClaim": CLAIM, "surplus": SURPLUS}
    assert events(receipt) == [
        transfer_event(cash, buyer, ledger, price),
        paid_event(ledger, lease, buyer, 0, CLAIM, CONTRACTED + BUY_OUT),
        event(ledger, "RentCured", id=lease, cures=1),
        event(ledger, "RentStopped", id=lease, lesseeCredit=SURPLUS),
        event(leases, "MachineSold", **sold),
        event(equipment, "MachineReleased", id=rentals.machine, lienor=leases),
        event(equipment, "Transfer", **{"from": lessor}, to=buyer, tokenId=rentals.machine),
        event(equipment, "UpdateUser", tokenId=rentals.machine, user=NOBODY, expires=0),
    ]
    assert rentals.status(lease) == LeaseStatus.SOLD
    assert equipment.ownerOf(rentals.machine) == buyer
    receipt = ledger.releaseCredit(lease, sender=stranger)
    assert events(receipt) == [
        event(ledger, "LesseeCreditPaid", id=lease, to=lessee, amount=SURPLUS),
        transfer_event(cash, ledger, lessee, SURPLUS),
    ]
    ledger.release(lease, sender=stranger)
    assert cash.balanceOf(ledger) == 0


def test_a_shortfall_of_a_sale_stays_owed(rentals, leases, ledger, cash, lessor, lessee, buyer, stranger):
    lease = rentals.rescinded()
    leases.offerSale(lease, buyer, CLAIM - 100_00, DOCUMENT, sender=lessor)
    leases.buy(lease, CLAIM, sender=buyer)
    clock.pass_days(100)
    assert ledger.owedOf(lease)[:3] == (100_00, 0, 100_00)
    rentals.pay(lease, 200_00)
    assert rentals.owed(lease) == 0
    ledger.release(lease, sender=stranger)
    assert cash.balanceOf(ledger) == 0
    assert refusal(ledger.releaseCredit, lease, sender=lessee) == error("LeaseNothingToRelease", id=lease)


def test_a_sale_ends_the_lock(rentals, leases, ledger, lessor, buyer):
    lease = rentals.locked()
    clock.pass_days(SECOND_OVERDUE_DAY)
    leases.declareDefault(lease, sender=lessor)
    leases.rescind(lease, sender=lessor)
    leases.offerSale(lease, buyer, 1, DOCUMENT, sender=lessor)
    leases.buy(lease, 1, sender=buyer)
    assert ledger.accountOf(lease).lockedSince == 0


def test_a_machine_is_sold_once(rentals, leases, lessor, buyer):
    lease = rentals.rescinded()
    leases.offerSale(lease, buyer, 1, DOCUMENT, sender=lessor)
    leases.buy(lease, 1, sender=buyer)
    assert refusal(leases.buy, lease, 1, sender=buyer) == error("SaleNotOffered", id=lease, caller=buyer, price=1)
    call = leases.offerSale, lease, buyer, 1, DOCUMENT
    assert refusal(*call, sender=lessor) == status_wrong(lease, LeaseStatus.SOLD)


# REDEMPTION


def test_a_lessee_that_pays_everything_after_rescission_becomes_the_owner(
    rentals, leases, ledger, equipment, lessor, lessee, stranger, buyer
):
    lease = rentals.rescinded()
    leases.offerSale(lease, buyer, 1, DOCUMENT, sender=lessor)
    owed = error("LeaseStillOwed", id=lease, owed=CLAIM)
    assert refusal(leases.redeem, lease, sender=stranger) == owed
    rentals.pay(lease, CLAIM)
    receipt = leases.redeem(lease, sender=stranger)
    assert events(receipt) == [
        event(ledger, "RentStopped", id=lease, lesseeCredit=0),
        event(leases, "MachineBoughtOut", id=lease, to=lessee, paid=0),
        event(equipment, "MachineReleased", id=rentals.machine, lienor=leases),
        event(equipment, "Transfer", **{"from": lessor}, to=lessee, tokenId=rentals.machine),
        event(equipment, "UpdateUser", tokenId=rentals.machine, user=NOBODY, expires=0),
    ]
    assert rentals.status(lease) == LeaseStatus.BOUGHT_OUT
    refused = error("SaleNotOffered", id=lease, caller=buyer, price=1)
    assert refusal(leases.buy, lease, 1, sender=buyer) == refused


def test_only_what_was_rescinded_is_redeemed(rentals, leases, stranger):
    lease = rentals.accelerated()
    assert refusal(leases.redeem, lease, sender=stranger) == status_wrong(lease, LeaseStatus.ACCELERATED)


def test_a_redeemed_machine_goes_to_the_replaced_wallet(
    rentals, leases, equipment, participants, compliance, lessee, spare, stranger
):
    lease = rentals.rescinded()
    rentals.pay(lease, CLAIM)
    participants.rotateWallet(lessee, spare, sender=compliance)
    leases.redeem(lease, sender=stranger)
    assert equipment.ownerOf(rentals.machine) == spare
