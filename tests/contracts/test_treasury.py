"""Treasury: limits, payouts, repayments, earnings, losses, cover, and the lenders' shares.

An account stands for a product contract, so that every booking is made directly.
"""

import ape
import pytest

from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.situations import NOBODY
from tests.contracts.suite import Party, Role, admit, after_delay, fund, refusal_after_delay

DEBTOR = Party.CORE_ENTERPRISE
RECEIVABLES = 0  # IRiskPolicy.Product
U96 = 2**96 - 1
ONE = 10**6  # shares of a unit of cash
UNIT = 3_600_000  # of accrued interest: units x bps x days
LENT = 1_000_000_00
COVER = 100_000_00
LIMIT = 800_000_00
OVERFLOW = 0x11
UNKNOWN = 99
REASON = b"\1" * 32


@pytest.fixture(scope="module", autouse=True)
def lending(suite, treasury, admin, risk_manager, lender, cover_provider, product):
    """A product, a debtor's limit, and paid-in money."""
    after_delay(suite, admin, treasury.allowProduct, product)
    after_delay(suite, risk_manager, treasury.setLimit, DEBTOR, LIMIT)
    fund(suite, lender, treasury, 10 * LENT)
    treasury.deposit(LENT, lender, sender=lender)
    fund(suite, cover_provider, treasury, 10 * COVER)
    treasury.depositCover(COVER, sender=cover_provider)


@pytest.fixture
def disbursement(supplier):
    """ITreasury.Disbursement with changes: 90 days, 100,000.00 for 98,200.00, twenty a day."""

    def build(principal=100_000_00, net=98_200_00, days=90, **changes):
        start = clock.today()
        fields = {
            "product": RECEIVABLES,
            "party": int(DEBTOR),
            "to": supplier,
            "net": net,
            "principal": principal,
            "cap": U96,
            "start": start,
            "end": start + days,
        }
        return tuple((fields | changes).values())

    return build


@pytest.fixture
def disburse(treasury, product, disbursement):
    def send(*figures, **changes):
        return treasury.disburse(disbursement(*figures, **changes), sender=product)

    return send


@pytest.fixture
def repay(treasury, product):
    """Book a repayment; the cash itself arrives as a gift, for the product moves it."""

    def send(principal, income=0, impairment_released=0, end_day=0, daily=0, arrears_ended=False):
        booking = (RECEIVABLES, DEBTOR, principal, income, impairment_released, end_day, daily, arrears_ended)
        return treasury.bookRepayment(booking, sender=product)

    return send


@pytest.fixture
def lose(suite, treasury, product, disburse):
    """Lend the principal without income and write all of it off."""

    def write_off(principal):
        disburse(principal, principal)
        return treasury.bookLoss(RECEIVABLES, DEBTOR, principal, 0, sender=product)

    return write_off


@pytest.fixture
def without_cover(suite, treasury, risk_manager, cover_provider):
    after_delay(suite, risk_manager, treasury.withdrawCover, cover_provider, COVER)


@pytest.fixture
def lender2(suite, compliance, spare):
    admit(suite, compliance, spare, Role.LENDER)
    fund(suite, spare, suite.treasury, 10 * LENT)
    return spare


"""LIMITS"""


def test_nobody_but_the_risk_manager_sets_a_limit(treasury, risk_officer):
    refused = refusal(treasury.setLimit, DEBTOR, LIMIT, sender=risk_officer)
    assert refused == error("AccessManagedUnauthorized", caller=risk_officer)


def test_a_party_that_does_not_exist_gets_no_limit(suite, treasury, risk_manager):
    refused = refusal_after_delay(suite, risk_manager, treasury.setLimit, UNKNOWN, LIMIT)
    assert refused == error("PartyUnknown", party=UNKNOWN)


@pytest.mark.parametrize(("limit", "raised"), [(LIMIT + 1, True), (LIMIT, False), (LIMIT - 1, False), (U96, True)])
def test_a_limit_is_set_after_the_delay(suite, treasury, risk_manager, limit, raised):
    tx = after_delay(suite, risk_manager, treasury.setLimit, DEBTOR, limit)
    assert events(tx)[1:] == [event(treasury, "LimitChanged", party=DEBTOR, limit=limit, raised=raised)]
    assert treasury.accountOf(DEBTOR) == (limit, 0, 0)


def test_nobody_but_the_risk_officer_cuts_a_limit(treasury, risk_manager):
    refused = refusal(treasury.cutLimit, DEBTOR, 0, sender=risk_manager)
    assert refused == error("AccessManagedUnauthorized", caller=risk_manager)


def test_a_cut_above_the_limit_in_force_is_refused(treasury, risk_officer):
    refused = refusal(treasury.cutLimit, DEBTOR, LIMIT + 1, sender=risk_officer)
    assert refused == error("NotACut", party=DEBTOR, limit=LIMIT + 1, current=LIMIT)


@pytest.mark.parametrize("limit", [LIMIT, LIMIT - 1, 0])
def test_a_limit_is_cut_at_once_and_nothing_falls_due(treasury, risk_officer, disburse, limit):
    disburse()
    tx = treasury.cutLimit(DEBTOR, limit, sender=risk_officer)
    assert events(tx) == [event(treasury, "LimitChanged", party=DEBTOR, limit=limit, raised=False)]
    assert treasury.accountOf(DEBTOR) == (limit, 100_000_00, 0)


def test_nobody_but_the_admin_allows_a_product(treasury, risk_manager):
    refused = refusal(treasury.allowProduct, risk_manager, sender=risk_manager)
    assert refused == error("AccessManagedUnauthorized", caller=risk_manager)


def test_a_product_is_allowed_after_the_delay(suite, treasury, admin, spare):
    tx = after_delay(suite, admin, treasury.allowProduct, spare)
    assert events(tx)[1:] == [event(treasury, "ProductAllowed", product=spare)]
    assert treasury.isProduct(spare)


"""PAYOUT"""


BOOKINGS = {
    "disburse": ((RECEIVABLES, 1, NOBODY, 0, 0, 0, 0, 1),),
    "bookRepayment": ((RECEIVABLES, 1, 0, 0, 0, 0, 0, False),),
    "bookAccrual": (0, 0, 0, 0),
    "bookImpairment": (RECEIVABLES, 1, 0, 0),
    "bookArrears": (1,),
    "bookLoss": (RECEIVABLES, 1, 0, 0),
    "bookRecovery": (RECEIVABLES, 1, 0, 0, False),
}


@pytest.mark.parametrize("booking", BOOKINGS)
@pytest.mark.parametrize("actor", ["stranger", "admin", "risk_manager", "lender"])
def test_nobody_but_a_product_books(treasury, actors, booking, actor):
    refused = refusal(getattr(treasury, booking), *BOOKINGS[booking], sender=actors[actor])
    assert refused == error("NotProduct", caller=actors[actor])


def test_case_24_a_paused_treasury_pays_nothing_out(treasury, guardian, product, disbursement):
    treasury.pause(sender=guardian)
    assert refusal(treasury.disburse, disbursement(), sender=product) == error("EnforcedPause")
    assert refusal(treasury.requireFundable, DEBTOR, 1, 1, U96) == error("EnforcedPause")


def test_a_party_in_arrears_is_paid_nothing(treasury, product, disbursement):
    treasury.bookArrears(DEBTOR, sender=product)
    expected = error("PartyInArrears", party=DEBTOR, arrears=1)
    assert refusal(treasury.disburse, disbursement(), sender=product) == expected
    assert refusal(treasury.requireFundable, DEBTOR, 1, 1, U96) == expected


def test_a_payout_above_the_limit_is_refused(treasury, product, disburse, disbursement):
    disburse(100_000_00)
    room = LIMIT - 100_000_00
    refused = refusal(treasury.disburse, disbursement(room + 1, room), sender=product)
    assert refused == error("LimitExceeded", party=DEBTOR, wouldOwe=LIMIT + 1, limit=LIMIT)


def test_a_payout_at_the_limit_is_made(treasury, disburse):
    disburse(100_000_00)
    room = LIMIT - 100_000_00
    assert treasury.headroom(DEBTOR, U96) == room
    disburse(room, room)
    assert treasury.headroom(DEBTOR, U96) == 0


def test_the_grades_cap_counts_when_it_is_lower(treasury, product, disburse, disbursement):
    cap = 100_000_00
    refused = refusal(treasury.disburse, disbursement(cap + 1, cap, cap=cap), sender=product)
    assert refused == error("LimitExceeded", party=DEBTOR, wouldOwe=cap + 1, limit=cap)
    disburse(cap, cap, cap=cap)
    assert treasury.headroom(DEBTOR, cap) == 0


def test_case_05_a_party_without_a_limit_is_paid_nothing(treasury, product, disbursement):
    other = Party.CORE_ENTERPRISE2
    refused = refusal(treasury.disburse, disbursement(1, 1, party=int(other)), sender=product)
    assert refused == error("LimitExceeded", party=other, wouldOwe=1, limit=0)


def test_case_17_a_debt_beyond_its_type_is_refused_and_not_cut(suite, treasury, risk_manager, product, disbursement):
    after_delay(suite, risk_manager, treasury.setLimit, DEBTOR, U96)
    treasury.disburse(disbursement(1, 1), sender=product)
    refused = refusal(treasury.disburse, disbursement(U96, 1), sender=product)
    assert refused == error("LimitExceeded", party=DEBTOR, wouldOwe=U96 + 1, limit=U96)


def test_a_payout_above_the_cash_is_refused(suite, treasury, risk_manager, product, disbursement):
    after_delay(suite, risk_manager, treasury.setLimit, DEBTOR, U96)
    refused = refusal(treasury.disburse, disbursement(LENT + 1, LENT + 1), sender=product)
    assert refused == error("CashShort", available=LENT, needed=LENT + 1)


def test_a_payout_of_all_the_cash_leaves_the_cover(suite, treasury, cash, risk_manager, disburse):
    after_delay(suite, risk_manager, treasury.setLimit, DEBTOR, U96)
    disburse(LENT, LENT)
    assert treasury.book().cash == 0
    assert cash.balanceOf(treasury) == treasury.book().cover == COVER


def test_case_12_a_gift_neither_lends_nor_counts(suite, treasury, cash, risk_manager, product, stranger, disbursement):
    """The treasury counts its own cash; what is sent to it unasked changes nothing."""
    after_delay(suite, risk_manager, treasury.setLimit, DEBTOR, U96)
    before = treasury.book(), treasury.totalAssets(), treasury.previewRedeem(ONE)
    cash.mint(treasury, 1, sender=stranger)
    assert (treasury.book(), treasury.totalAssets(), treasury.previewRedeem(ONE)) == before
    refused = refusal(treasury.disburse, disbursement(LENT + 1, LENT + 1), sender=product)
    assert refused == error("CashShort", available=LENT, needed=LENT + 1)


def test_a_payout_moves_the_net_amount_and_books_the_principal(treasury, cash, supplier, disburse):
    before = cash.balanceOf(supplier)
    tx = disburse()
    assert events(tx) == [
        event(
            treasury,
            "Disbursed",
            product=RECEIVABLES,
            party=DEBTOR,
            to=supplier,
            net=98_200_00,
            principal=100_000_00,
            partyOutstanding=100_000_00,
            cash=LENT - 98_200_00,
        ),
        event(cash, "Transfer", **{"from": treasury, "to": supplier, "value": 98_200_00}),
    ]
    assert cash.balanceOf(supplier) == before + 98_200_00
    assert treasury.book() == (LENT - 98_200_00, 100_000_00, clock.today(), 1_800_00, 20_00, 0, COVER)
    assert treasury.outstandingOf(RECEIVABLES) == 100_000_00
    assert treasury.accountOf(DEBTOR) == (LIMIT, 100_000_00, 0)
    assert treasury.totalAssets() == LENT


"""REPAYMENT"""


def test_a_repayment_lowers_the_debt(treasury, disburse, repay):
    disburse()
    tx = repay(40_000_00, 12)
    expected = {"product": RECEIVABLES, "party": DEBTOR, "principal": 40_000_00, "income": 12}
    book = treasury.book()
    assert book.cash == LENT - 98_200_00 + 40_000_12
    assert events(tx) == [
        event(treasury, "Repaid", **expected, partyOutstanding=60_000_00, cash=book.cash),
    ]
    assert treasury.accountOf(DEBTOR).outstanding == treasury.outstandingOf(RECEIVABLES) == book.outstanding
    assert book.outstanding == 60_000_00


def test_more_than_is_owed_is_not_booked(treasury, product, disburse):
    disburse()
    booking = (RECEIVABLES, DEBTOR, 100_000_01, 0, 0, 0, 0, False)
    assert refusal(treasury.bookRepayment, booking, sender=product) == error("Panic", code=OVERFLOW)


def test_a_repayment_before_its_day_earns_the_rest_of_its_discount(treasury, disburse, repay):
    disburse()
    clock.pass_days(30)
    assert treasury.totalAssets() == LENT + 30 * 20_00
    repay(100_000_00, end_day=clock.today() + 60, daily=20_00)
    book = treasury.book()
    assert (book.unearned, book.dailyEarning) == (0, 0)
    assert treasury.totalAssets() == LENT + 1_800_00
    clock.pass_days(100)
    assert treasury.totalAssets() == LENT + 1_800_00


def test_a_repayment_after_its_day_has_nothing_left_to_earn(treasury, disburse, repay):
    disburse()
    end = clock.today() + 90
    clock.pass_days(95)
    repay(100_000_00, end_day=end, daily=20_00)
    assert treasury.totalAssets() == LENT + 1_800_00
    assert treasury.book()[3:5] == (0, 0)


def test_case_24_a_paused_treasury_books_every_payment(treasury, guardian, product, disburse, repay):
    disburse()
    treasury.pause(sender=guardian)
    repay(1_00)
    treasury.bookAccrual(0, 1, 0, 1, sender=product)
    treasury.bookImpairment(RECEIVABLES, DEBTOR, 0, 5, sender=product)
    treasury.bookArrears(DEBTOR, sender=product)
    treasury.bookLoss(RECEIVABLES, DEBTOR, 1_00, 5, sender=product)
    treasury.bookRecovery(RECEIVABLES, DEBTOR, 1_00, 0, True, sender=product)


"""EARNING"""


def test_discount_is_earned_day_by_day(treasury, disburse):
    disburse()
    for day in (1, 2, 45, 89, 90):
        clock.travel_to_day(clock.today() + day - (treasury.totalAssets() - LENT) // 20_00)
        assert treasury.totalAssets() == LENT + day * 20_00
    clock.pass_days(1)
    assert treasury.totalAssets() == LENT + 1_800_00


def test_a_day_is_earned_at_midnight_in_beijing(treasury, disburse):
    disburse()
    tomorrow = clock.midnight(clock.today() + 1)
    clock.travel_to(tomorrow - 1)
    assert treasury.totalAssets() == LENT
    clock.travel_to(tomorrow)
    assert treasury.totalAssets() == LENT + 20_00


def test_what_does_not_divide_into_days_is_earned_at_once(treasury, disburse):
    disburse(100_000_00, 99_999_11)  # 89 over 90 days
    assert treasury.totalAssets() == LENT + 89
    assert treasury.book()[3:5] == (0, 0)


def test_terms_that_end_on_different_days_are_earned_apart(treasury, disburse):
    disburse(days=10, net=99_990_00)  # a yuan a day
    disburse(days=20, net=99_900_00)  # five a day
    clock.pass_days(15)
    assert treasury.totalAssets() == LENT + 10 * 1_00 + 15 * 5_00
    disburse(1, 1)  # writes the earnings down
    assert treasury.book()[3:5] == (5 * 5_00, 5_00)
    clock.pass_days(5)
    assert treasury.totalAssets() == LENT + 10_00 + 100_00
    assert treasury.book()[3:5] == (0, 0)


def test_terms_of_a_year_untouched_for_years_are_earned_once(treasury, disburse):
    disburse(days=365, net=99_635_00)
    clock.pass_days(1_000)
    assert treasury.totalAssets() == LENT + 365_00
    assert treasury.book().throughDay == clock.today()


"""ACCRUAL"""


@pytest.fixture
def accrue(treasury, product):
    """Book a change of accrued interest and of what accrues a day, by default from nothing."""

    def book(accrued=0, per_day=0, accrued_from=0, per_day_from=0):
        return treasury.bookAccrual(accrued_from, accrued, per_day_from, per_day, sender=product)

    return book


def test_interest_accrues_from_day_to_day(treasury, accrue):
    tx = accrue(7 * UNIT, 10_00 * UNIT)
    today = clock.today()
    figures = {"accrued": 7 * UNIT, "perDay": 10_00 * UNIT, "throughDay": today}
    assert events(tx) == [event(treasury, "AccrualChanged", **figures)]
    assert treasury.accrual() == tuple(figures.values())
    clock.pass_days(3)
    assert treasury.accrual() == (30_07 * UNIT, 10_00 * UNIT, today + 3)
    assert treasury.totalAssets() == treasury.grossAssets() == LENT + 30_07


def test_a_day_of_interest_accrues_at_midnight_in_beijing(treasury, accrue):
    accrue(0, UNIT)
    tomorrow = clock.midnight(clock.today() + 1)
    clock.travel_to(tomorrow - 1)
    assert treasury.totalAssets() == LENT
    clock.travel_to(tomorrow)
    assert treasury.totalAssets() == LENT + 1


def test_a_change_counts_the_days_before_it_at_what_accrued_then(treasury, accrue):
    accrue(0, 10_00 * UNIT)
    clock.pass_days(2)
    tx = accrue(25_00 * UNIT, 4_00 * UNIT, accrued_from=20_00 * UNIT, per_day_from=10_00 * UNIT)
    changed = {"accrued": 25_00 * UNIT, "perDay": 4_00 * UNIT, "throughDay": clock.today()}
    assert events(tx) == [event(treasury, "AccrualChanged", **changed)]
    clock.pass_days(5)
    assert treasury.totalAssets() == LENT + 25_00 + 20_00


def test_interest_of_several_loans_is_added_up(treasury, accrue):
    accrue(1_00 * UNIT, 3 * UNIT)
    accrue(2_00 * UNIT, 4 * UNIT)
    assert treasury.accrual()[:2] == (3_00 * UNIT, 7 * UNIT)
    accrue(accrued_from=1_00 * UNIT, per_day_from=3 * UNIT)
    assert treasury.accrual()[:2] == (2_00 * UNIT, 4 * UNIT)


def test_interest_that_no_longer_accrues_stays_what_it_was(treasury, accrue):
    accrue(5_00 * UNIT, 0)
    clock.pass_days(1_000)
    assert treasury.totalAssets() == LENT + 5_00


def test_case_16_lenders_count_on_whole_units_only(treasury, accrue):
    accrue(UNIT - 1, 0)
    assert treasury.totalAssets() == LENT
    accrue(1, 0)
    assert treasury.totalAssets() == LENT + 1


@pytest.mark.parametrize("taken", [{"accrued_from": UNIT + 1}, {"per_day_from": UNIT + 1}], ids=str)
def test_case_17_no_more_interest_is_taken_off_than_there_is(treasury, product, accrue, taken):
    accrue(UNIT, UNIT)
    values = [taken.get("accrued_from", 0), 0, taken.get("per_day_from", 0), 0]
    assert refusal(treasury.bookAccrual, *values, sender=product) == error("Panic", code=OVERFLOW)


@pytest.mark.parametrize("bits", [120, 104], ids=["accrued", "per_day"])
def test_case_17_interest_beyond_its_type_is_refused_and_not_cut(treasury, product, accrue, bits):
    most = 2**bits - 1
    values = (0, most, 0, 0) if bits == 120 else (0, 0, 0, most)
    assert refusal(treasury.bookAccrual, *values, sender=product) is None
    accrue(1, 1)
    assert refusal(treasury.bookAccrual, *values, sender=product) == error("Panic", code=OVERFLOW)


def test_who_enters_pays_for_interest_that_has_accrued(treasury, lender2, accrue):
    accrue(LENT * UNIT, 0)
    assert treasury.grossAssets() == 2 * LENT
    shares = treasury.deposit(LENT, lender2, sender=lender2).return_value
    # A share is worth twice what it was.
    assert shares // ONE == LENT // 2
    assert treasury.totalAssets() == 3 * LENT


def test_who_leaves_is_paid_interest_that_has_accrued(treasury, cash, lender, accrue):
    accrue(100_000_00 * UNIT, 0)
    shares = treasury.balanceOf(lender) // 10
    before = cash.balanceOf(lender)
    treasury.redeem(shares, lender, lender, sender=lender)
    # A tenth of 1,100,000.00, rounded down.
    assert cash.balanceOf(lender) - before == 109_999_99


def test_interest_that_has_accrued_is_no_cash(suite, treasury, risk_manager, lender, product, accrue, disbursement):
    after_delay(suite, risk_manager, treasury.setLimit, DEBTOR, U96)
    accrue(LENT * UNIT, 0)
    assert treasury.book().cash == treasury.maxWithdraw(lender) == LENT
    refused = refusal(treasury.disburse, disbursement(LENT + 1, LENT + 1), sender=product)
    assert refused == error("CashShort", available=LENT, needed=LENT + 1)


def test_interest_that_is_paid_changes_no_value(treasury, disburse, repay, accrue):
    disburse(100_000_00, 100_000_00)
    accrue(0, 13_33 * UNIT)
    clock.pass_days(3)
    value = treasury.totalAssets()
    accrue(accrued_from=39_99 * UNIT, per_day_from=13_33 * UNIT)
    repay(100_000_00, income=39_99)
    assert treasury.totalAssets() == value == LENT + 39_99


"""LOSSES"""


def test_an_impairment_lowers_the_exit_and_not_the_entry(treasury, product, disburse):
    disburse()
    tx = treasury.bookImpairment(RECEIVABLES, DEBTOR, 0, 25_000_00, sender=product)
    figures = {"product": RECEIVABLES, "party": DEBTOR, "from": 0, "to": 25_000_00, "impaired": 25_000_00}
    assert events(tx) == [event(treasury, "ImpairmentChanged", **figures)]
    assert treasury.grossAssets() == LENT
    assert treasury.totalAssets() == LENT - 25_000_00


def test_case_20_an_impairment_that_a_payment_lifts_leaves_nothing_behind(treasury, product, disburse, repay):
    disburse()
    before = treasury.totalAssets()
    treasury.bookArrears(DEBTOR, sender=product)
    treasury.bookImpairment(RECEIVABLES, DEBTOR, 0, 25_000_00, sender=product)
    tx = repay(100_000_00, impairment_released=25_000_00, arrears_ended=True)
    assert events(tx)[1:] == [event(treasury, "ArrearsEnded", party=DEBTOR, arrears=0)]
    assert treasury.totalAssets() == before
    assert treasury.accountOf(DEBTOR) == (LIMIT, 0, 0)
    assert treasury.book().impaired == 0


def test_arrears_are_counted_and_close_the_headroom(treasury, product):
    for count in (1, 2):
        tx = treasury.bookArrears(DEBTOR, sender=product)
        assert events(tx) == [event(treasury, "ArrearsBegun", party=DEBTOR, arrears=count)]
    assert treasury.headroom(DEBTOR, U96) == 0
    treasury.bookRecovery(RECEIVABLES, DEBTOR, 0, 0, True, sender=product)
    assert treasury.accountOf(DEBTOR).arrears == 1


@pytest.mark.parametrize("loss", [COVER - 1, COVER, COVER + 1], ids=["below", "at", "above"])
def test_the_cover_bears_a_loss_as_far_as_it_reaches(treasury, product, disburse, loss):
    disburse(loss, loss)
    treasury.bookImpairment(RECEIVABLES, DEBTOR, 0, loss, sender=product)
    tx = treasury.bookLoss(RECEIVABLES, DEBTOR, loss, loss, sender=product)
    covered = min(loss, COVER)
    figures = {"principal": loss, "fromCover": covered, "cover": COVER - covered}
    assert events(tx) == [event(treasury, "WrittenOff", product=RECEIVABLES, party=DEBTOR, **figures)]
    assert tx.return_value == covered
    book = treasury.book()
    assert (book.cash, book.outstanding, book.impaired, book.cover) == (
        LENT - loss + covered,
        0,
        0,
        COVER - covered,
    )
    assert treasury.totalAssets() == LENT - (loss - covered)
    assert treasury.accountOf(DEBTOR).outstanding == treasury.outstandingOf(RECEIVABLES) == 0


def test_a_recovery_goes_where_the_product_says(treasury, product, lose):
    treasury.bookArrears(Party.CORE_ENTERPRISE2, sender=product)
    lose(COVER + 10)
    tx = treasury.bookRecovery(RECEIVABLES, DEBTOR, 10, COVER, False, sender=product)
    figures = {"toLenders": 10, "toCover": COVER, "cash": LENT, "cover": COVER}
    assert events(tx) == [event(treasury, "Recovered", product=RECEIVABLES, party=DEBTOR, **figures)]
    assert treasury.totalAssets() == LENT


"""COVER"""


def test_a_wallet_of_nobody_pays_no_cover_in(treasury, stranger):
    assert refusal(treasury.depositCover, 1, sender=stranger) == error("WalletUnknown", wallet=stranger)


def test_a_lender_pays_no_cover_in(treasury, lender):
    refused = refusal(treasury.depositCover, 1, sender=lender)
    assert refused == error("RoleMissing", party=Party.LENDER, role=Role.COVER_PROVIDER)


def test_cover_is_paid_in_apart_from_the_lenders_cash(treasury, cash, cover_provider):
    tx = treasury.depositCover(7_00, sender=cover_provider)
    assert events(tx)[-1] == event(
        treasury, "CoverDeposited", party=Party.COVER_PROVIDER, amount=7_00, cover=COVER + 7_00
    )
    assert (treasury.book().cover, treasury.book().cash) == (COVER + 7_00, LENT)
    assert treasury.totalAssets() == LENT
    assert cash.balanceOf(treasury) == LENT + COVER + 7_00


def test_nobody_but_the_risk_manager_takes_cover_out(treasury, cover_provider):
    refused = refusal(treasury.withdrawCover, cover_provider, 1, sender=cover_provider)
    assert refused == error("AccessManagedUnauthorized", caller=cover_provider)


def test_case_24_a_paused_treasury_gives_no_cover_out(suite, treasury, guardian, risk_manager, cover_provider):
    treasury.pause(sender=guardian)
    refused = refusal_after_delay(suite, risk_manager, treasury.withdrawCover, cover_provider, 1)
    assert refused == error("EnforcedPause")


def test_more_cover_than_there_is_cannot_be_taken_out(suite, treasury, risk_manager, cover_provider):
    refused = refusal_after_delay(suite, risk_manager, treasury.withdrawCover, cover_provider, COVER + 1)
    assert refused == error("CoverShort", cover=COVER, amount=COVER + 1)


def test_all_the_cover_can_be_taken_out(suite, treasury, cash, risk_manager, cover_provider):
    tx = after_delay(suite, risk_manager, treasury.withdrawCover, cover_provider, COVER)
    assert events(tx)[1:] == [
        event(treasury, "CoverWithdrawn", to=cover_provider, amount=COVER, cover=0),
        event(cash, "Transfer", **{"from": treasury, "to": cover_provider, "value": COVER}),
    ]
    assert (treasury.book().cover, treasury.book().cash) == (0, LENT)


"""LENDERS"""


@pytest.mark.parametrize("entrance", ["deposit", "mint"])
def test_a_wallet_of_nobody_does_not_enter(treasury, lender, stranger, entrance):
    refused = refusal(getattr(treasury, entrance), 1, stranger, sender=lender)
    assert refused == error("WalletUnknown", wallet=stranger)


@pytest.mark.parametrize("entrance", ["deposit", "mint"])
def test_a_supplier_is_no_lender(treasury, lender, supplier, entrance):
    refused = refusal(getattr(treasury, entrance), 1, supplier, sender=lender)
    assert refused == error("RoleMissing", party=Party.SUPPLIER, role=Role.LENDER)
    assert treasury.maxDeposit(supplier) == treasury.maxMint(supplier) == 0


@pytest.mark.parametrize("entrance", ["deposit", "mint"])
def test_case_06_a_frozen_lender_does_not_enter(treasury, participants, compliance, lender, entrance):
    participants.freeze(Party.LENDER, REASON, sender=compliance)
    refused = refusal(getattr(treasury, entrance), 1, lender, sender=lender)
    assert refused == error("PartyIsFrozen", party=Party.LENDER)


def test_case_17_a_deposit_beyond_the_type_is_refused_not_cut(treasury, lender):
    refused = refusal(treasury.deposit, U96 + 1, lender, sender=lender)
    assert refused == error("ERC4626ExceededMaxDeposit", receiver=lender, assets=U96 + 1, max=U96)


def test_a_deposit_buys_shares_at_their_value(treasury, cash, lender):
    tx = treasury.deposit(5_00, lender, sender=lender)
    shares = 5_00 * ONE
    assert events(tx) == [
        event(cash, "Transfer", **{"from": lender, "to": treasury, "value": 5_00}),
        event(treasury, "Transfer", **{"from": NOBODY, "to": lender, "value": shares}),
        event(treasury, "Deposit", sender=lender, owner=lender, assets=5_00, shares=shares),
    ]
    assert tx.return_value == shares
    assert treasury.book().cash == LENT + 5_00


def test_minting_costs_their_value_rounded_up(treasury, lender):
    tx = treasury.mint(ONE + 1, lender, sender=lender)
    assert tx.return_value == 2
    assert treasury.book().cash == LENT + 2


def test_the_share_has_six_decimals_more_than_the_cash(treasury):
    assert treasury.decimals() == 8


@pytest.mark.parametrize("exit_", ["withdraw", "redeem"])
def test_case_24_nobody_leaves_a_paused_treasury_but_money_comes_in(treasury, guardian, lender, exit_):
    treasury.pause(sender=guardian)
    assert refusal(getattr(treasury, exit_), 1, lender, lender, sender=lender) == error("EnforcedPause")
    assert treasury.maxWithdraw(lender) == treasury.maxRedeem(lender) == 0
    treasury.deposit(1_00, lender, sender=lender)


def test_nobody_withdraws_for_another_without_an_allowance(treasury, lender, stranger):
    refused = refusal(treasury.withdraw, 1, stranger, lender, sender=stranger)
    assert refused == error("ERC20InsufficientAllowance", spender=stranger, allowance=0, needed=ONE)


def test_lenders_leave_with_cash_only(treasury, lender, disburse):
    disburse(LIMIT, LIMIT)
    left = LENT - LIMIT
    assert treasury.maxWithdraw(lender) == left
    refused = refusal(treasury.withdraw, left + 1, lender, lender, sender=lender)
    assert refused == error("ERC4626ExceededMaxWithdraw", owner=lender, assets=left + 1, max=left)
    treasury.withdraw(left, lender, lender, sender=lender)
    assert treasury.book().cash == 0
    assert treasury.maxWithdraw(lender) == treasury.maxRedeem(lender) == 0


def test_a_withdrawal_burns_shares_and_pays(treasury, cash, lender):
    tx = treasury.withdraw(5_00, lender, lender, sender=lender)
    shares = 5_00 * ONE
    assert events(tx) == [
        event(treasury, "Transfer", **{"from": lender, "to": NOBODY, "value": shares}),
        event(cash, "Transfer", **{"from": treasury, "to": lender, "value": 5_00}),
        event(treasury, "Withdraw", sender=lender, receiver=lender, owner=lender, assets=5_00, shares=shares),
    ]
    assert treasury.book().cash == LENT - 5_00


def test_the_only_lender_redeems_everything(treasury, cash, lender):
    before = cash.balanceOf(lender)
    treasury.redeem(treasury.balanceOf(lender), lender, lender, sender=lender)
    assert cash.balanceOf(lender) == before + LENT
    assert (treasury.totalSupply(), treasury.totalAssets()) == (0, 0)


def test_a_part_of_a_unit_is_never_paid_out(treasury, lender):
    tx = treasury.redeem(ONE - 1, lender, lender, sender=lender)
    assert tx.return_value == 0
    assert treasury.book().cash == LENT


def test_case_02_shares_go_to_verified_lenders_only_on_every_path(treasury, lender, supplier, stranger):
    treasury.approve(stranger, ONE, sender=lender)
    expected = error("RoleMissing", party=Party.SUPPLIER, role=Role.LENDER)
    assert refusal(treasury.transfer, supplier, ONE, sender=lender) == expected
    assert refusal(treasury.transferFrom, lender, supplier, ONE, sender=stranger) == expected


def test_shares_pass_between_verified_lenders(treasury, lender, lender2):
    treasury.transfer(lender2, ONE, sender=lender)
    assert treasury.balanceOf(lender2) == ONE


def test_case_06_a_frozen_lender_leaves_with_its_money(treasury, participants, compliance, cash, lender):
    participants.freeze(Party.LENDER, REASON, sender=compliance)
    before = cash.balanceOf(lender)
    treasury.redeem(treasury.balanceOf(lender), lender, lender, sender=lender)
    assert cash.balanceOf(lender) == before + LENT


"""VALUE AT ITS EXTREMES"""


@pytest.fixture
def vault(suite, deployer):
    """A treasury that nobody has entered."""
    return deployer.deploy(ape.project.Treasury, suite.authority, suite.participants, suite.cash)


def test_case_13_a_first_depositor_does_not_inflate_the_share(suite, vault, cash, lender, lender2):
    for account in (lender, lender2):
        cash.approve(vault, U96, sender=account)
    vault.deposit(1, lender, sender=lender)
    cash.transfer(vault, 5 * LENT, sender=lender)
    vault.deposit(LENT, lender2, sender=lender2)
    assert vault.previewRedeem(vault.balanceOf(lender2)) == LENT
    vault.redeem(vault.balanceOf(lender2), lender2, lender2, sender=lender2)
    assert vault.previewRedeem(vault.balanceOf(lender)) == 1


def test_case_13_a_loss_that_is_only_expected_is_not_bought_cheaply(treasury, product, lender2, disburse, repay):
    """Who enters while a loss is expected gains nothing when it does not come."""
    disburse(LIMIT, LIMIT)
    treasury.bookImpairment(RECEIVABLES, DEBTOR, 0, LIMIT // 2, sender=product)
    treasury.deposit(LENT, lender2, sender=lender2)
    assert treasury.previewRedeem(treasury.balanceOf(lender2)) < LENT
    repay(LIMIT, impairment_released=LIMIT // 2)
    assert LENT - 1 <= treasury.previewRedeem(treasury.balanceOf(lender2)) <= LENT


def test_case_13_who_leaves_bears_the_loss_that_is_expected(treasury, product, lender, disburse):
    disburse(LIMIT, LIMIT)
    treasury.bookImpairment(RECEIVABLES, DEBTOR, 0, LIMIT // 2, sender=product)
    half = treasury.balanceOf(lender) // 10
    assert treasury.previewRedeem(half) == (LENT - LIMIT // 2) // 10


@pytest.fixture
def wiped_out(suite, treasury, risk_manager, without_cover, lose):
    after_delay(suite, risk_manager, treasury.setLimit, DEBTOR, U96)
    lose(LENT)


def test_case_13_after_a_total_loss_nothing_divides_by_zero(treasury, wiped_out, lender):
    supply = treasury.totalSupply()
    assert treasury.grossAssets() == treasury.totalAssets() == 0
    assert treasury.previewRedeem(supply) == treasury.maxWithdraw(lender) == 0
    assert treasury.maxDeposit(lender) == treasury.maxMint(lender) == 0
    for entrance in (treasury.deposit, treasury.mint):
        assert refusal(entrance, 1, lender, sender=lender) == error("VaultWipedOut", shares=supply)


def test_case_13_a_vault_opens_again_when_its_worthless_shares_are_given_up(treasury, wiped_out, lender):
    tx = treasury.redeem(treasury.maxRedeem(lender), lender, lender, sender=lender)
    assert (tx.return_value, treasury.totalSupply()) == (0, 0)
    treasury.deposit(LENT, lender, sender=lender)
    assert treasury.previewRedeem(treasury.balanceOf(lender)) == LENT


@pytest.mark.parametrize(("left", "is_closed"), [(100, False), (101, True)], ids=["at_limit", "above_limit"])
def test_case_13_worthless_shares_of_a_hundred_units_close_no_vault(
    treasury, lender, without_cover, lose, left, is_closed
):
    treasury.withdraw(LENT - left, lender, lender, sender=lender)
    lose(left)
    closed = error("VaultWipedOut", shares=left * ONE) if is_closed else None
    assert refusal(treasury.deposit, 1, lender, sender=lender) == closed


def test_case_13_a_recovery_after_a_total_loss_is_the_old_lenders(treasury, wiped_out, lender, product, cash):
    cash.mint(treasury, 10_00, sender=product)
    treasury.bookRecovery(RECEIVABLES, DEBTOR, 10_00, 0, False, sender=product)
    paid = treasury.redeem(treasury.maxRedeem(lender), lender, lender, sender=lender).return_value
    assert 9_99 <= paid <= 10_00


def test_case_13_the_last_share_is_not_locked_after_a_loss(treasury, lender, without_cover, lose):
    lose(LENT // 2)
    shares = treasury.balanceOf(lender)
    assert treasury.maxRedeem(lender) == shares
    treasury.redeem(shares, lender, lender, sender=lender)
    assert treasury.totalSupply() == 0


def test_case_13_a_vault_that_all_lenders_left_after_a_loss_takes_deposits(treasury, lender, without_cover, lose):
    lose(LENT // 2)
    treasury.withdraw(treasury.maxWithdraw(lender), lender, lender, sender=lender)
    assert treasury.maxDeposit(lender) == U96
    treasury.deposit(LENT, lender, sender=lender)


@pytest.mark.parametrize("amount", [1, 3, 7, 99])
def test_case_16_going_in_and_out_never_gains(treasury, lender2, disburse, amount):
    disburse(100_000_00, 99_999_93)
    clock.pass_days(1)
    for _ in range(3):
        shares = treasury.deposit(amount, lender2, sender=lender2).return_value
        assert treasury.redeem(shares, lender2, lender2, sender=lender2).return_value <= amount
