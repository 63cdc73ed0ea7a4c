"""sign, payDeposit, cancel, acceptDelivery, agreeStandby: from the signatures to the first day of rent."""

from enum import IntEnum

import pytest
from ape import project
from eth_account import Account

from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.rentals import (
    CAP,
    CONTRACTED,
    DEPOSIT,
    DUE,
    ENDLESS,
    FIRST_READING,
    LATE_RATE,
    MINIMUM,
    PERIOD_DAYS,
    PERIODS,
    TIERS,
    Clock,
    LeaseStatus,
    key_of,
)
from tests.contracts.situations import DOCUMENT, NOBODY, REASON
from tests.contracts.suite import Party, Role

MOST_AMOUNT = 2**80 - 1
EMPTY = bytes(32)
CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


class Rule(IntEnum):
    """IEquipmentLease.LeaseRule."""

    PERIODS_WRONG = 0
    DAYS_WRONG = 1
    RATE_TOO_HIGH = 2
    CAP_BELOW_MINIMUM = 3
    TIERS_WRONG = 4
    TIER_RATE_RISES = 5
    HASH_EMPTY = 6
    AMOUNT_TOO_HIGH = 7
    SAME_PARTY = 8


def tiers(*rates):
    """So many tiers of 100 h each, the last one endless."""
    through = [1_000 * number for number in range(1, len(rates))]
    return list(zip([*through, ENDLESS], rates, strict=True))


def refused_by_sign(rentals, **changes):
    return refusal(rentals.leases.sign, *rentals.offer(**changes), sender=rentals.actors["stranger"])


# TERMS


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"lessee": Party.LESSOR}, Rule.SAME_PARTY),
        ({"periods": 0}, Rule.PERIODS_WRONG),
        ({"periods": 121}, Rule.PERIODS_WRONG),
        ({"periods": 2**16 - 1}, Rule.PERIODS_WRONG),
        ({"periodDays": 6}, Rule.DAYS_WRONG),
        ({"periodDays": 93}, Rule.DAYS_WRONG),
        ({"dueDays": 0}, Rule.DAYS_WRONG),
        ({"dueDays": PERIOD_DAYS}, Rule.DAYS_WRONG),
        ({"dueDays": 255}, Rule.DAYS_WRONG),
        ({"cureDays": 0}, Rule.DAYS_WRONG),
        ({"lateRateBps": 2_401}, Rule.RATE_TOO_HIGH),
        ({"minimum": 0}, Rule.CAP_BELOW_MINIMUM),
        ({"minimum": CAP + 1}, Rule.CAP_BELOW_MINIMUM),
        ({"cap": MINIMUM - 1}, Rule.CAP_BELOW_MINIMUM),
        ({"cap": MOST_AMOUNT + 1}, Rule.AMOUNT_TOO_HIGH),
        ({"price": MOST_AMOUNT + 1}, Rule.AMOUNT_TOO_HIGH),
        ({"deposit": 2**96 - 1}, Rule.AMOUNT_TOO_HIGH),
        ({"buyOutPrice": MOST_AMOUNT + 1}, Rule.AMOUNT_TOO_HIGH),
        ({"rulesHash": EMPTY}, Rule.HASH_EMPTY),
        ({"documentHash": EMPTY}, Rule.HASH_EMPTY),
        ({"tiers": []}, Rule.TIERS_WRONG),
        ({"tiers": tiers(*[1] * 9)}, Rule.TIERS_WRONG),
        ({"tiers": [(ENDLESS - 1, 1)]}, Rule.TIERS_WRONG),
        ({"tiers": [(0, 2), (ENDLESS, 1)]}, Rule.TIERS_WRONG),
        ({"tiers": [(5, 2), (5, 2), (ENDLESS, 1)]}, Rule.TIERS_WRONG),
        ({"tiers": [(ENDLESS, 2), (ENDLESS, 1)]}, Rule.TIERS_WRONG),
        ({"tiers": tiers(1, 2)}, Rule.TIER_RATE_RISES),
        ({"tiers": tiers(2, 1, 2)}, Rule.TIER_RATE_RISES),
        ({"tiers": tiers(MOST_AMOUNT + 1)}, Rule.TIER_RATE_RISES),
    ],
    ids=str,
)
def test_case_22_terms_out_of_bounds_are_refused_with_the_rule(rentals, change, rule):
    assert refused_by_sign(rentals, **change) == error("LeaseTermsInvalid", rule=rule)


@pytest.mark.parametrize(
    "change",
    [
        {"periods": 1},
        {"periods": 120},
        {"periodDays": 7, "dueDays": 6},
        {"periodDays": 92, "dueDays": 91},
        {"dueDays": 1, "cureDays": 1, "lockNoticeDays": 0},
        {"cureDays": 255, "lockNoticeDays": 255},
        {"lateRateBps": 0},
        {"lateRateBps": 2_400},
        {"minimum": 1, "cap": 1},
        {"minimum": MOST_AMOUNT, "cap": MOST_AMOUNT, "price": MOST_AMOUNT, "buyOutPrice": MOST_AMOUNT},
        {"price": 0, "deposit": 0, "buyOutPrice": 0},
        {"tiers": tiers(0)},
        {"tiers": tiers(*[MOST_AMOUNT] * 8)},
        {"salt": 2**64 - 1},
    ],
    ids=str,
)
def test_case_22_terms_at_their_bounds_are_taken(rentals, change):
    assert refused_by_sign(rentals, **change) is None


# SIGN


def test_an_offer_is_void_after_its_deadline(rentals, leases, stranger):
    deadline = clock.now() + clock.HOUR
    offer = rentals.offer(deadline=deadline)
    clock.travel_to(deadline)
    assert refusal(leases.sign, *offer, sender=stranger) is None
    clock.travel(1)
    assert refusal(leases.sign, *offer, sender=stranger) == error("OfferExpired", deadline=deadline)


def test_case_26_the_same_terms_are_one_lease_even_after_it_ended(rentals, leases, stranger, lessor):
    offer = rentals.offer()
    leases.sign(*offer, sender=stranger)
    before = error("LeaseSignedBefore", id=leases.lastId())
    assert refusal(leases.sign, *offer, sender=stranger) == before
    leases.cancel(leases.lastId(), sender=lessor)
    assert refusal(leases.sign, *offer, sender=stranger) == before


@pytest.mark.parametrize(("name", "party"), [("lessor", Party.LESSOR), ("lessee", Party.LESSEE)])
def test_both_parties_must_be_verified_for_what_they_do(
    rentals, leases, participants, compliance, stranger, name, party
):
    offer = rentals.offer()
    role = Role.MANUFACTURER if name == "lessor" else Role.LESSEE
    valid_until = clock.now() + 2 * clock.HOUR
    participants.renew(party, Role.SUPPLIER, valid_until, REASON, sender=compliance)
    assert refusal(leases.sign, *offer, sender=stranger) == error("RoleMissing", party=party, role=role)
    participants.renew(party, role, valid_until, REASON, sender=compliance)
    clock.travel_to(valid_until)
    expired = error("PartyExpired", party=party, validUntil=valid_until)
    assert refusal(leases.sign, *offer, sender=stranger) == expired
    participants.freeze(party, REASON, sender=compliance)
    assert refusal(leases.sign, *offer, sender=stranger) == error("PartyIsFrozen", party=party)


def test_a_wallet_signs_for_its_own_party_alone(rentals, leases, stranger, buyer, spare, lessor, lessee):
    terms, _, lessor_signature, _, lessee_signature = rentals.offer()
    foreign = rentals.sign_terms(terms, key_of("buyer"))
    call = terms, lessor, lessor_signature, buyer, foreign
    assert refusal(leases.sign, *call, sender=stranger) == error("NotLeaseParty", wallet=buyer, party=Party.LESSEE)
    call = terms, lessor, lessor_signature, spare, lessee_signature
    assert refusal(leases.sign, *call, sender=stranger) == error("WalletUnknown", wallet=spare)


def test_the_lessee_of_other_terms_does_not_sign_these(rentals, leases, stranger, lessor):
    terms, *_ = rentals.offer(lessor=Party.BUYER)
    signature = rentals.sign_terms(terms, key_of("lessor"))
    call = terms, lessor, signature, lessor, signature
    assert refusal(leases.sign, *call, sender=stranger) == error("NotLeaseParty", wallet=lessor, party=Party.BUYER)


@pytest.mark.parametrize(
    "change",
    [
        {"machine": 2},
        {"price": 1},
        {"deposit": 1},
        {"buyOutPrice": 1},
        {"minimum": MINIMUM - 1},
        {"cap": CAP + 1},
        {"periods": 1},
        {"periodDays": 31},
        {"dueDays": 1},
        {"cureDays": 1},
        {"lockNoticeDays": 1},
        {"lateRateBps": 1},
        {"tiers": TIERS[1:]},
        {"rulesHash": REASON},
        {"documentHash": REASON},
        {"salt": 99},
        {"deadline": 2**40 - 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_terms_changed_after_signing_are_refused(rentals, leases, stranger, lessor, change):
    terms, *signed = rentals.offer()
    invalid = error("LeaseSignatureInvalid", wallet=lessor)
    assert refusal(leases.sign, {**terms, **change}, *signed, sender=stranger) == invalid


@pytest.mark.parametrize(
    "domain",
    [{"chainId": 1}, {"verifyingContract": NOBODY}, {"name": "Heqi Equipment"}, {"version": "2"}],
    ids=lambda change: next(iter(change)),
)
def test_case_26_terms_signed_for_another_chain_or_contract_are_refused(
    rentals, leases, stranger, lessor, lessee, domain
):
    terms, _, signature, *_ = rentals.offer()
    foreign = rentals.sign_terms(terms, key_of("lessee"), **domain)
    answer = refusal(leases.sign, terms, lessor, signature, lessee, foreign, sender=stranger)
    assert answer == error("LeaseSignatureInvalid", wallet=lessee)


def test_case_28_a_malleable_foreign_or_missing_signature_is_refused(rentals, leases, stranger, lessor, lessee):
    terms, _, good, *_ = rentals.offer()
    signature = rentals.sign_terms(terms, key_of("lessee"))
    s = CURVE_ORDER - int.from_bytes(signature[32:64])
    twin = signature[:32] + s.to_bytes(32) + bytes([27 + 28 - signature[64]])
    for wrong in (twin, good, b"", bytes(65), signature + b"\0"):
        answer = refusal(leases.sign, terms, lessor, good, lessee, wrong, sender=stranger)
        assert answer == error("LeaseSignatureInvalid", wallet=lessee)


def test_the_digest_that_is_signed_is_the_contracts(rentals, leases, lessor):
    terms = rentals.terms()
    signature = rentals.sign_terms(terms, key_of("lessor"))
    assert Account._recover_hash(leases.termsDigest(terms), signature=signature) == lessor


def test_only_who_holds_the_title_lets_the_machine(rentals, leases, equipment, stranger, lessor, buyer):
    offer = rentals.offer()
    equipment.transferFrom(lessor, buyer, rentals.machine, sender=lessor)
    refused = error("NotTitleHolder", id=rentals.machine, caller=lessor)
    assert refusal(leases.sign, *offer, sender=stranger) == refused


def test_a_machine_that_does_not_exist_is_not_let(rentals):
    assert refused_by_sign(rentals, machine=99) == error("ERC721NonexistentToken", tokenId=99)


def test_case_10_a_machine_is_let_once_at_a_time(rentals):
    rentals.signed()
    assert refused_by_sign(rentals) == error("MachineIsPledged", id=rentals.machine)


def test_a_signed_lease_binds_the_title_and_awaits_the_deposit(rentals, leases, ledger, equipment, lessor, lessee):
    terms = rentals.terms()
    digest = leases.termsDigest(terms)
    receipt = rentals.sign()
    lease = leases.lastId()
    wallets = {"lessorWallet": lessor, "lesseeWallet": lessee}
    facts = {"id": lease, "machine": rentals.machine, "lessee": Party.LESSEE, **wallets, "termsHash": digest}
    assert events(receipt) == [
        event(leases, "LeaseSigned", **facts, terms=terms),
        event(equipment, "MachinePledged", id=rentals.machine, lienor=leases),
    ]
    parties = (Party.LESSOR, Party.LESSEE)
    assert leases.leaseOf(lease) == (LeaseStatus.SIGNED, False, 0, 0, 0, 0, rentals.machine, *parties)
    assert leases.leaseOfMachine(rentals.machine) == lease
    account = ledger.accountOf(lease)
    assert (account.clock, account.depositPaid, account.lessorWallet, account.lesseeWallet) == (
        Clock.WAITING,
        False,
        lessor,
        lessee,
    )
    conditions = (rentals.machine, DEPOSIT, MINIMUM, CAP, PERIODS, PERIOD_DAYS, DUE, LATE_RATE, TIERS)
    assert tuple(ledger.conditionsOf(lease)) == conditions
    assert leases.termsOf(lease).price == terms["price"]


@pytest.fixture
def contract_wallet(deployer, participants, compliance, stranger):
    """A wallet of the lessee that is a contract; the stranger's key signs for it."""
    wallet = deployer.deploy(project.MockContractWallet, stranger)
    participants.addWallet(Party.LESSEE, wallet, sender=compliance)
    return wallet


def test_a_contract_wallet_signs_by_its_owners_key(rentals, leases, ledger, stranger, lessor, contract_wallet):
    terms, _, good, *_ = rentals.offer()
    signature = rentals.sign_terms(terms, key_of("stranger"))
    leases.sign(terms, lessor, good, contract_wallet, signature, sender=stranger)
    assert ledger.accountOf(leases.lastId()).lesseeWallet == contract_wallet


def test_a_contract_wallet_refuses_what_its_owner_did_not_sign(rentals, leases, stranger, lessor, contract_wallet):
    terms, _, good, _, lessees = rentals.offer()
    answer = refusal(leases.sign, terms, lessor, good, contract_wallet, lessees, sender=stranger)
    assert answer == error("LeaseSignatureInvalid", wallet=contract_wallet)


def test_an_unknown_lease_is_named(rentals, leases, stranger, compliance):
    unknown = error("LeaseUnknown", id=99)
    assert refusal(leases.leaseOf, 99) == refusal(leases.termsOf, 99) == refusal(leases.buyOutOf, 99) == unknown
    assert refusal(leases.resolveDispute, 99, 0, REASON, sender=compliance) == unknown
    for method, *more in (
        (leases.cancel,),
        (leases.acceptDelivery, DOCUMENT),
        (leases.agreeStandby, 0, 0, DOCUMENT),
        (leases.dispute, REASON),
        (leases.withdrawDispute,),
        (leases.giveNotice, DOCUMENT),
        (leases.lock,),
        (leases.unlock,),
        (leases.declareDefault,),
        (leases.accelerate,),
        (leases.rescind,),
        (leases.offerSale, stranger, 1, DOCUMENT),
        (leases.buyOut, 1),
        (leases.redeem,),
        (leases.declareReturn, DOCUMENT),
        (leases.confirmReturn,),
        (leases.freeTitle,),
    ):
        assert refusal(method, 99, *more, sender=stranger) == unknown


# DEPOSIT


def test_anyone_pays_the_deposit_once(rentals, leases, ledger, cash, stranger, lessee):
    lease = rentals.signed()
    receipt = ledger.payDeposit(lease, sender=stranger)
    assert events(receipt) == [
        event(cash, "Transfer", **{"from": stranger}, to=ledger, value=DEPOSIT),
        event(ledger, "DepositPaid", id=lease, payer=stranger, amount=DEPOSIT),
    ]
    assert rentals.status(lease) == LeaseStatus.SECURED
    assert ledger.accountOf(lease).deposit == DEPOSIT
    assert refusal(ledger.payDeposit, lease, sender=lessee) == error("DepositPaidBefore", id=lease)
    rentals.check_money()


def test_a_lease_without_a_deposit_is_secured_at_once(rentals, ledger, lessee):
    lease = rentals.signed(deposit=0)
    assert rentals.status(lease) == LeaseStatus.SECURED
    assert refusal(ledger.payDeposit, lease, sender=lessee) == error("DepositPaidBefore", id=lease)


@pytest.mark.parametrize(("state", "clock_state"), [("delivered", Clock.RUNNING), ("rescinded", Clock.STOPPED)])
def test_a_deposit_is_paid_before_delivery_only(rentals, ledger, lessee, state, clock_state):
    lease = getattr(rentals, state)()
    wrong = error("LeaseClockWrong", id=lease, clock=clock_state)
    assert refusal(ledger.payDeposit, lease, sender=lessee) == wrong
    assert refusal(ledger.payDeposit, 99, sender=lessee) == error("LeaseClockWrong", id=99, clock=Clock.NONE)


def test_a_deposit_is_paid_by_permit(given, rentals, ledger, cash, lessee):
    lease = rentals.signed()
    cash.approve(ledger, 0, sender=lessee)
    permit = given.permit(key_of("lessee"), ledger, DEPOSIT, clock.now() + 60)
    ledger.payDepositWithPermit(lease, permit, sender=lessee)
    assert rentals.status(lease) == LeaseStatus.SECURED


def test_case_25_a_permit_that_somebody_used_first_is_no_obstacle(given, rentals, ledger, cash, lessee, stranger):
    lease = rentals.signed()
    cash.approve(ledger, 0, sender=lessee)
    permit = given.permit(key_of("lessee"), ledger, DEPOSIT, clock.now() + 60)
    cash.permit(lessee, ledger, *permit, sender=stranger)
    ledger.payDepositWithPermit(lease, permit, sender=lessee)
    assert rentals.status(lease) == LeaseStatus.SECURED


# CANCEL


@pytest.mark.parametrize("name", ["lessor", "lessee"])
@pytest.mark.parametrize(("state", "deposit"), [("signed", 0), ("secured", DEPOSIT)])
def test_either_party_cancels_before_delivery_and_the_deposit_goes_back(
    rentals, leases, ledger, equipment, cash, actors, lessee, name, state, deposit
):
    lease = getattr(rentals, state)()
    receipt = leases.cancel(lease, sender=actors[name])
    assert events(receipt) == [
        event(leases, "LeaseCancelled", id=lease, by=actors[name]),
        event(ledger, "RentStopped", id=lease, lesseeCredit=deposit),
        event(equipment, "MachineReleased", id=rentals.machine, lienor=leases),
    ]
    assert rentals.status(lease) == LeaseStatus.CANCELLED
    assert leases.leaseOfMachine(rentals.machine) == 0
    before = cash.balanceOf(lessee)
    if deposit:
        receipt = ledger.releaseCredit(lease, sender=actors["stranger"])
        assert events(receipt)[0] == event(ledger, "LesseeCreditPaid", id=lease, to=lessee, amount=DEPOSIT)
    assert cash.balanceOf(lessee) == before + deposit
    assert refusal(ledger.releaseCredit, lease, sender=lessee) == error("LeaseNothingToRelease", id=lease)
    rentals.check_money()


def test_a_machine_whose_lease_was_cancelled_is_let_anew(rentals, leases, lessor):
    leases.cancel(rentals.signed(), sender=lessor)
    lease = rentals.signed()
    assert leases.leaseOfMachine(rentals.machine) == lease


def test_strangers_cancel_nothing(rentals, leases, spare, buyer):
    lease = rentals.signed()
    for caller in (spare, buyer):
        refused = error("NotLeaseParty", wallet=caller, party=Party.LESSEE)
        assert refusal(leases.cancel, lease, sender=caller) == refused


@pytest.mark.parametrize("state", ["delivered", "overdue", "rescinded"])
def test_a_lease_is_not_cancelled_after_delivery(rentals, leases, lessor, lessee, state):
    lease = getattr(rentals, state)()
    for caller in (lessor, lessee):
        assert refusal(leases.cancel, lease, sender=caller).error == "LeaseStatusWrong"


def test_a_cancelled_lease_does_nothing_any_more(rentals, leases, ledger, lessor, lessee):
    lease = rentals.signed()
    leases.cancel(lease, sender=lessor)
    wrong = error("LeaseStatusWrong", id=lease, status=LeaseStatus.CANCELLED)
    assert refusal(leases.cancel, lease, sender=lessor) == wrong
    assert refusal(leases.acceptDelivery, lease, DOCUMENT, sender=lessee) == wrong
    stopped = error("LeaseClockWrong", id=lease, clock=Clock.STOPPED)
    assert refusal(ledger.payDeposit, lease, sender=lessee) == stopped


# DELIVERY


def test_only_the_verified_lessee_takes_the_machine_over(
    rentals, leases, participants, compliance, lessor, lessee, buyer, spare
):
    lease = rentals.secured()
    call = leases.acceptDelivery, lease, DOCUMENT
    assert refusal(*call, sender=spare) == error("WalletUnknown", wallet=spare)
    assert refusal(*call, sender=lessor) == error("RoleMissing", party=Party.LESSOR, role=Role.LESSEE)
    assert refusal(*call, sender=buyer) == error("NotLeaseParty", wallet=buyer, party=Party.LESSEE)
    participants.freeze(Party.LESSEE, REASON, sender=compliance)
    assert refusal(*call, sender=lessee) == error("PartyIsFrozen", party=Party.LESSEE)


def test_a_machine_is_not_taken_over_before_the_deposit_is_paid(rentals, leases, lessee):
    lease = rentals.signed()
    answer = refusal(leases.acceptDelivery, lease, DOCUMENT, sender=lessee)
    assert answer == error("DepositMissing", id=lease)


@pytest.mark.parametrize("seconds", [0, 1])
def test_a_machine_that_is_silent_for_a_day_is_not_taken_over(rentals, leases, devices, lessee, seconds):
    lease = rentals.secured()
    at = devices.readingOf(rentals.machine).at
    clock.travel_to(at + clock.DAY + seconds)
    silent = error("MachineSilent", machine=rentals.machine, at=at)
    answer = refusal(leases.acceptDelivery, lease, DOCUMENT, sender=lessee)
    assert answer == (silent if seconds else None)


def test_rent_runs_from_the_day_and_the_reading_of_delivery(rentals, leases, ledger, equipment, lessee):
    lease = rentals.secured()
    receipt = leases.acceptDelivery(lease, DOCUMENT, sender=lessee)
    today, (tenths, _) = clock.today(), FIRST_READING
    end = clock.midnight(today + PERIODS * PERIOD_DAYS)
    facts = {"startDay": today, "startTenths": tenths, "documentHash": DOCUMENT}
    assert events(receipt) == [
        event(leases, "MachineDelivered", id=lease, **facts),
        event(equipment, "UpdateUser", tokenId=rentals.machine, user=lessee, expires=end),
    ]
    account = ledger.accountOf(lease)
    assert (account.clock, account.startDay, account.startTenths, account.tenths) == (
        Clock.RUNNING,
        today,
        tenths,
        tenths,
    )
    assert (rentals.status(lease), leases.leaseOf(lease).startDay) == (LeaseStatus.ACTIVE, today)
    assert ledger.owedOf(lease) == (0, 0, 0, CONTRACTED, 0, False)
    assert equipment.userOf(rentals.machine) == lessee


def test_a_machine_is_taken_over_once(rentals, leases, lessee):
    lease = rentals.delivered()
    wrong = error("LeaseStatusWrong", id=lease, status=LeaseStatus.ACTIVE)
    assert refusal(leases.acceptDelivery, lease, DOCUMENT, sender=lessee) == wrong


def test_another_wallet_of_the_lessee_takes_over_too(rentals, leases, participants, compliance, equipment, spare):
    lease = rentals.secured()
    participants.addWallet(Party.LESSEE, spare, sender=compliance)
    leases.acceptDelivery(lease, DOCUMENT, sender=spare)
    assert equipment.userOf(rentals.machine) == spare


# STANDBY


def test_only_the_lessor_agrees_to_a_standby_of_a_machine_that_is_let(rentals, leases, lessor, lessee):
    lease = rentals.secured()
    days = clock.today(), clock.today() + 7
    call = leases.agreeStandby, lease, *days, DOCUMENT
    wrong = error("LeaseStatusWrong", id=lease, status=LeaseStatus.SIGNED)
    assert refusal(*call, sender=lessor) == wrong
    leases.acceptDelivery(lease, DOCUMENT, sender=lessee)
    assert refusal(*call, sender=lessee) == error("NotLeaseParty", wallet=lessee, party=Party.LESSOR)
    receipt = leases.agreeStandby(*call[1:], sender=lessor)
    window = {"fromDay": days[0], "throughDay": days[1], "documentHash": DOCUMENT}
    assert events(receipt) == [event(leases, "StandbyAgreed", id=lease, **window)]
