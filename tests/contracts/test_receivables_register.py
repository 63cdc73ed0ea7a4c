"""register, registerBatch, issue: refusals in the order of the requires, then what is written."""

import pytest

from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.situations import CASH, DOCUMENT, FACE, NOBODY, REASON, TERM, State, fingerprint
from tests.contracts.suite import KYC_DAYS, KYC_HASH, Party, Role

LONGEST = 365
MOST = 100


def registered_event(receivables, receivable, holder, registration):
    return event(
        receivables,
        "ReceivableRegistered",
        id=receivable,
        debtor=Party.CORE_ENTERPRISE,
        creditor=Party.SUPPLIER,
        holder=holder,
        registration=registration,
    )


# REGISTER


def test_only_a_verified_supplier_registers(given, receivables, participants, compliance, supplier, lender, spare):
    registration = given.registration()
    assert refusal(receivables.register, registration, sender=spare) == error("WalletUnknown", wallet=spare)
    refused = error("RoleMissing", party=Party.LENDER, role=Role.SUPPLIER)
    assert refusal(receivables.register, registration, sender=lender) == refused
    participants.freeze(Party.SUPPLIER, REASON, sender=compliance)
    assert refusal(receivables.register, registration, sender=supplier) == error("PartyIsFrozen", party=Party.SUPPLIER)


def test_a_supplier_registers_until_its_kyc_expires(given, receivables, participants, compliance, supplier):
    valid_until = clock.now() + 1_000
    for party, role in ((Party.SUPPLIER, Role.SUPPLIER), (Party.CORE_ENTERPRISE, Role.CORE_ENTERPRISE)):
        participants.renew(party, role, valid_until + (party == Party.CORE_ENTERPRISE), KYC_HASH, sender=compliance)
    clock.travel_to(valid_until - 1)
    assert refusal(receivables.register, given.registration(), sender=supplier) is None
    clock.travel_to(valid_until)
    expired = error("PartyExpired", party=Party.SUPPLIER, validUntil=valid_until)
    assert refusal(receivables.register, given.registration(), sender=supplier) == expired


def test_the_debtor_must_be_a_verified_core_enterprise(given, receivables, participants, compliance, supplier):
    unknown, not_core = given.registration(debtor=99), given.registration(debtor=Party.SUPPLIER2)
    assert refusal(receivables.register, unknown, sender=supplier) == error("PartyUnknown", party=99)
    refused = error("RoleMissing", party=Party.SUPPLIER2, role=Role.CORE_ENTERPRISE)
    assert refusal(receivables.register, not_core, sender=supplier) == refused
    participants.freeze(Party.CORE_ENTERPRISE, REASON, sender=compliance)
    refused = error("PartyIsFrozen", party=Party.CORE_ENTERPRISE)
    assert refusal(receivables.register, given.registration(), sender=supplier) == refused


def test_nothing_is_not_a_claim(given, receivables, supplier):
    assert refusal(receivables.register, given.registration(face=0), sender=supplier) == error("AmountZero")


def test_nobody_owes_itself(given, receivables, participants, compliance, core_enterprise):
    both = Role.SUPPLIER | Role.CORE_ENTERPRISE
    valid_until = clock.now() + KYC_DAYS * clock.DAY
    participants.renew(Party.CORE_ENTERPRISE, both, valid_until, KYC_HASH, sender=compliance)
    refused = error("DebtorIsCreditor", party=Party.CORE_ENTERPRISE)
    assert refusal(receivables.register, given.registration(), sender=core_enterprise) == refused


@pytest.mark.parametrize("days", [0, LONGEST + 1], ids=["today", "above_limit"])
def test_a_due_day_outside_the_next_year_is_refused(given, receivables, supplier, days):
    today = clock.today()
    refused = error("DueDayInvalid", dueDay=today + days, today=today, latest=today + LONGEST)
    assert refusal(receivables.register, given.registration(days=days), sender=supplier) == refused


@pytest.mark.parametrize("days", [1, LONGEST], ids=["tomorrow", "at_limit"])
def test_a_due_day_within_the_next_year_is_accepted(given, receivables, supplier, days):
    assert refusal(receivables.register, given.registration(days=days), sender=supplier) is None


@pytest.mark.parametrize("currency", [0, 2])
def test_a_currency_that_was_not_admitted_is_refused(given, receivables, supplier, currency):
    registration = given.registration(currency=currency)
    assert refusal(receivables.register, registration, sender=supplier) == error("CurrencyUnknown", currency=currency)


def test_an_empty_fingerprint_is_refused(given, receivables, supplier):
    registration = given.registration(fingerprint=bytes(32))
    assert refusal(receivables.register, registration, sender=supplier) == error("FingerprintEmpty")


def test_case_10_one_invoice_is_registered_once_whoever_presents_it(given, receivables, supplier, supplier2):
    first = given.registered()
    again = given.registration(face=FACE // 2, fingerprint=fingerprint(first))
    for presenter in (supplier, supplier2):
        assert refusal(receivables.register, again, sender=presenter) == error("InvoiceRegistered", id=first)
    assert refusal(receivables.issue, again, supplier2, sender=given.debtor) == error("InvoiceRegistered", id=first)


def test_nobody_blocks_another_debtors_invoice_with_its_fingerprint(given, receivables, supplier2):
    first = given.registered()
    elsewhere = given.registration(debtor=Party.CORE_ENTERPRISE2, fingerprint=fingerprint(first))
    receivables.register(elsewhere, sender=supplier2)
    assert receivables.idOfInvoice(Party.CORE_ENTERPRISE, fingerprint(first)) == first
    assert receivables.idOfInvoice(Party.CORE_ENTERPRISE2, fingerprint(first)) == first + 1


def test_a_registered_receivable_waits_for_its_debtor(given, receivables, supplier, cash):
    registration = given.registration()
    receipt = receivables.register(registration, sender=supplier)
    assert events(receipt) == [
        event(receivables, "Transfer", **{"from": NOBODY}, to=supplier, tokenId=1),
        registered_event(receivables, 1, supplier, registration),
    ]
    due_day = clock.today() + TERM
    assert receivables.partOf(1) == (FACE, 0, 1, State.REGISTERED, 0, 0)
    assert receivables.poolOf(1) == (Party.CORE_ENTERPRISE, Party.SUPPLIER, due_day, CASH, 0)
    claim = (State.REGISTERED, supplier, Party.CORE_ENTERPRISE, due_day, cash, FACE, 0)
    assert receivables.claimOf(1) == claim
    assert receivables.ownerOf(1) == supplier
    assert receivables.idOfInvoice(Party.CORE_ENTERPRISE, fingerprint(1)) == receivables.lastId() == 1


def test_reading_an_unknown_receivable_is_refused(receivables):
    for read in (receivables.partOf, receivables.poolOf, receivables.claimOf):
        assert refusal(read, 1) == error("ReceivableUnknown", id=1)
    assert refusal(receivables.coveredDays, 1, 0, 1, 1) == error("ReceivableUnknown", id=1)


# REGISTER BATCH


def batch(given, count):
    return [given.registration(face=place, fingerprint=fingerprint(place)) for place in range(1, count + 1)]


@pytest.mark.parametrize("count", [0, MOST + 1])
def test_case_23_a_batch_outside_its_bounds_is_refused(given, receivables, supplier, count):
    refused = error("CountOutOfBounds", count=count, least=1, most=MOST)
    assert refusal(receivables.registerBatch, batch(given, count), sender=supplier) == refused


def test_a_batch_at_the_limit_is_registered(given, receivables, supplier):
    receivables.registerBatch(batch(given, MOST), sender=supplier)
    assert receivables.balanceOf(supplier) == receivables.lastId() == MOST
    assert receivables.partOf(MOST) == (MOST, 0, MOST, State.REGISTERED, 0, 0)


def test_a_batch_is_registered_by_a_verified_supplier_only(given, receivables, spare):
    assert refusal(receivables.registerBatch, batch(given, 1), sender=spare) == error("WalletUnknown", wallet=spare)


def test_one_bad_registration_stops_its_whole_batch(given, receivables, supplier):
    repeated = [*batch(given, 2), given.registration(fingerprint=fingerprint(2))]
    assert refusal(receivables.registerBatch, repeated, sender=supplier) == error("InvoiceRegistered", id=2)


def test_a_batch_events_every_registration(given, receivables, supplier):
    registrations = batch(given, 2)
    expected = []
    for receivable, registration in enumerate(registrations, 1):
        minted = event(receivables, "Transfer", **{"from": NOBODY}, to=supplier, tokenId=receivable)
        expected += [minted, registered_event(receivables, receivable, supplier, registration)]
    assert events(receivables.registerBatch(registrations, sender=supplier)) == expected


# ISSUE


def test_only_the_debtor_issues_a_claim_against_itself(given, receivables, core_enterprise2, supplier, spare):
    registration = given.registration()
    refused = error("RoleMissing", party=Party.SUPPLIER, role=Role.CORE_ENTERPRISE)
    assert refusal(receivables.issue, registration, supplier, sender=supplier) == refused
    assert refusal(receivables.issue, registration, supplier, sender=spare) == error("WalletUnknown", wallet=spare)
    refused = error("NotDebtor", id=0, caller=core_enterprise2)
    assert refusal(receivables.issue, registration, supplier, sender=core_enterprise2) == refused


def test_a_claim_is_issued_to_a_verified_supplier_only(given, receivables, core_enterprise, lender, spare):
    registration = given.registration()
    unknown = error("WalletUnknown", wallet=spare)
    assert refusal(receivables.issue, registration, spare, sender=core_enterprise) == unknown
    refused = error("RoleMissing", party=Party.LENDER, role=Role.SUPPLIER)
    assert refusal(receivables.issue, registration, lender, sender=core_enterprise) == refused


def test_an_issued_claim_is_as_sound_as_a_registered_one(given, receivables, core_enterprise, supplier):
    nothing = given.registration(face=0)
    assert refusal(receivables.issue, nothing, supplier, sender=core_enterprise) == error("AmountZero")


def test_an_issued_claim_is_confirmed_from_the_start(given, receivables, core_enterprise, supplier):
    registration = given.registration()
    receipt = receivables.issue(registration, supplier, sender=core_enterprise)
    assert events(receipt) == [
        event(receivables, "Transfer", **{"from": NOBODY}, to=supplier, tokenId=1),
        registered_event(receivables, 1, supplier, registration),
        event(receivables, "ReceivableConfirmed", id=1, debtor=Party.CORE_ENTERPRISE, signer=core_enterprise),
    ]
    assert receivables.partOf(1) == (FACE, 0, 1, State.CONFIRMED, 0, 0)
    assert receivables.ownerOf(1) == supplier


# BOUNDS


def test_case_17_the_largest_amount_is_registered_settled_and_split_without_overflow(given, receivables, supplier):
    largest = 2**96 - 1
    first, second = given.split([largest - 1, 1])
    assert receivables.partOf(first).face == largest - 1
    given.settle(second, 10**15)
    share = 10**15 * (largest - 1) // largest
    assert receivables.claimOf(first).claimable == share
    assert receivables.claimOf(first).outstanding == largest - 1 - share


def test_case_22_no_due_day_is_so_far_that_it_never_comes(given, receivables, supplier):
    today = clock.today()
    endless = given.registration(days=2**32 - 1 - today, document_hash=DOCUMENT)
    refused = error("DueDayInvalid", dueDay=2**32 - 1, today=today, latest=today + LONGEST)
    assert refusal(receivables.register, endless, sender=supplier) == refused
