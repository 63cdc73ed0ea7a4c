"""confirm, confirmBatch, confirmBySignature, reject, cancel."""

import pytest
from ape import project

from backend.chain.keys import development_key
from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.situations import CASH, FACE, NOBODY, REASON, State, fingerprint
from tests.contracts.suite import ACCOUNTS, Party, Role

MOST = 100


def confirmed_event(receivables, receivable, signer):
    return event(receivables, "ReceivableConfirmed", id=receivable, debtor=Party.CORE_ENTERPRISE, signer=signer)


def burnt_event(receivables, receivable, holder):
    return event(receivables, "Transfer", **{"from": holder}, to=NOBODY, tokenId=receivable)


# CONFIRM


def test_case_3_only_a_verified_debtor_confirms(given, receivables, core_enterprise2, supplier, spare):
    confirmation = given.confirmation(given.registered())
    assert refusal(receivables.confirm, confirmation, sender=spare) == error("WalletUnknown", wallet=spare)
    refused = error("RoleMissing", party=Party.SUPPLIER, role=Role.CORE_ENTERPRISE)
    assert refusal(receivables.confirm, confirmation, sender=supplier) == refused
    refused = error("NotDebtor", id=1, caller=core_enterprise2)
    assert refusal(receivables.confirm, confirmation, sender=core_enterprise2) == refused


def test_a_frozen_debtor_confirms_nothing(given, receivables, participants, compliance, core_enterprise):
    confirmation = given.confirmation(given.registered())
    participants.freeze(Party.CORE_ENTERPRISE, REASON, sender=compliance)
    refused = error("PartyIsFrozen", party=Party.CORE_ENTERPRISE)
    assert refusal(receivables.confirm, confirmation, sender=core_enterprise) == refused


def test_only_what_is_registered_is_confirmed(given, receivables, core_enterprise):
    unknown = (99, Party.SUPPLIER, FACE, clock.today() + 1, CASH, fingerprint(99))
    refused = error("StateWrong", id=99, state=State.NONE, needed=State.REGISTERED)
    assert refusal(receivables.confirm, unknown, sender=core_enterprise) == refused
    confirmation = given.confirmation(given.confirmed())
    refused = error("StateWrong", id=1, state=State.CONFIRMED, needed=State.REGISTERED)
    assert refusal(receivables.confirm, confirmation, sender=core_enterprise) == refused


@pytest.mark.parametrize("field", ["face", "creditor", "due_day", "currency"])
@pytest.mark.parametrize("difference", [-1, 1])
def test_a_confirmation_matches_the_registration_to_the_unit(given, receivables, core_enterprise, field, difference):
    fields = ["id", "creditor", "face", "due_day", "currency"]
    registered = dict(zip(fields, given.confirmation(given.registered()), strict=False))
    confirmation = given.confirmation(1, **{field: registered[field] + difference})
    assert refusal(receivables.confirm, confirmation, sender=core_enterprise) == error("ConfirmationMismatch", id=1)


def test_a_confirmation_names_the_registered_invoice(given, receivables, core_enterprise):
    first, second = given.registered(), given.registered()
    crossed = given.confirmation(first, fingerprint=fingerprint(second))
    assert refusal(receivables.confirm, crossed, sender=core_enterprise) == error("FingerprintWrong", id=first)


def test_a_debt_is_confirmed_even_after_its_due_day(given, receivables, core_enterprise):
    confirmation = given.confirmation(given.registered(days=1))
    clock.pass_days(30)
    receivables.confirm(confirmation, sender=core_enterprise)
    assert given.state(1) == State.CONFIRMED


def test_a_confirmation_binds_the_debtor(given, receivables, core_enterprise):
    receipt = receivables.confirm(given.confirmation(given.registered()), sender=core_enterprise)
    assert events(receipt) == [confirmed_event(receivables, 1, core_enterprise)]
    assert receivables.partOf(1) == (FACE, 0, 1, State.CONFIRMED, 0, 0)
    refused = error("StateWrong", id=1, state=State.CONFIRMED, needed=State.REGISTERED)
    assert refusal(receivables.reject, 1, fingerprint(1), REASON, sender=core_enterprise) == refused
    assert refusal(receivables.cancel, 1, fingerprint(1), sender=given.supplier) == refused


# CONFIRM BATCH


@pytest.mark.parametrize("count", [0, MOST + 1])
def test_case_23_a_batch_of_confirmations_outside_its_bounds_is_refused(given, receivables, core_enterprise, count):
    confirmations = [given.confirmation(given.registered())] * count
    refused = error("CountOutOfBounds", count=count, least=1, most=MOST)
    assert refusal(receivables.confirmBatch, confirmations, sender=core_enterprise) == refused


def test_one_bad_confirmation_stops_its_whole_batch(given, receivables, core_enterprise):
    confirmation = given.confirmation(given.registered())
    refused = error("StateWrong", id=1, state=State.CONFIRMED, needed=State.REGISTERED)
    assert refusal(receivables.confirmBatch, [confirmation, confirmation], sender=core_enterprise) == refused


def test_a_batch_is_confirmed_by_its_debtor_only(given, receivables, core_enterprise2, spare):
    batch = [given.confirmation(given.registered())]
    assert refusal(receivables.confirmBatch, batch, sender=spare) == error("WalletUnknown", wallet=spare)
    refused = error("NotDebtor", id=1, caller=core_enterprise2)
    assert refusal(receivables.confirmBatch, batch, sender=core_enterprise2) == refused


def test_a_batch_of_confirmations_events_each(given, receivables, core_enterprise):
    batch = [given.confirmation(given.registered()), given.confirmation(given.registered())]
    receipt = receivables.confirmBatch(batch, sender=core_enterprise)
    assert events(receipt) == [confirmed_event(receivables, number, core_enterprise) for number in (1, 2)]
    assert given.state(1) == given.state(2) == State.CONFIRMED


# CONFIRM BY SIGNATURE


@pytest.fixture(scope="module")
def debtor_key():
    return development_key(ACCOUNTS["core_enterprise"])


@pytest.fixture(scope="module")
def stranger_key():
    return development_key(ACCOUNTS["stranger"])


def test_a_signed_confirmation_is_good_through_its_deadline(given, receivables, core_enterprise, debtor_key, stranger):
    confirmation, deadline = given.confirmation(given.registered()), clock.now() + 100
    signature = given.sign_confirmation(1, debtor_key, deadline)
    call = (receivables.confirmBySignature, confirmation, core_enterprise, deadline, signature)
    clock.travel_to(deadline)
    assert refusal(*call, sender=stranger) is None
    clock.travel_to(deadline + 1)
    assert refusal(*call, sender=stranger) == error("ConfirmationExpired", deadline=deadline)


def test_a_signer_must_stand_for_a_verified_debtor(given, receivables, stranger_key, stranger):
    confirmation, deadline = given.confirmation(given.registered()), clock.now() + 100
    signature = given.sign_confirmation(1, stranger_key, deadline)
    refused = error("WalletUnknown", wallet=stranger)
    call = (receivables.confirmBySignature, confirmation, stranger, deadline, signature)
    assert refusal(*call, sender=stranger) == refused


@pytest.mark.parametrize(
    "change",
    [{"chainId": 1}, {"verifyingContract": NOBODY}, {"version": "2"}, {"name": "Heqi"}],
    ids=lambda change: next(iter(change)),
)
def test_a_confirmation_signed_for_another_place_is_refused(
    given, receivables, core_enterprise, debtor_key, stranger, change
):
    confirmation, deadline = given.confirmation(given.registered()), clock.now() + 100
    signature = given.sign_confirmation(1, debtor_key, deadline, **change)
    refused = error("ConfirmationInvalid", id=1, debtor=Party.CORE_ENTERPRISE)
    call = (receivables.confirmBySignature, confirmation, core_enterprise, deadline, signature)
    assert refusal(*call, sender=stranger) == refused


def test_nothing_signed_can_be_altered(given, receivables, core_enterprise, debtor_key, stranger_key, stranger):
    confirmation, deadline = given.confirmation(given.registered()), clock.now() + 100
    signature = given.sign_confirmation(1, debtor_key, deadline)
    dearer = given.confirmation(1, face=FACE + 1)
    refused = error("ConfirmationInvalid", id=1, debtor=Party.CORE_ENTERPRISE)
    forged = given.sign_confirmation(1, stranger_key, deadline)
    for altered in (
        (dearer, core_enterprise, deadline, signature),
        (confirmation, core_enterprise, deadline + 1, signature),
        (confirmation, core_enterprise, deadline, forged),
        (confirmation, core_enterprise, deadline, b""),
    ):
        assert refusal(receivables.confirmBySignature, *altered, sender=stranger) == refused


def test_a_core_enterprise_confirms_nobody_elses_debt_by_signature(given, receivables, core_enterprise2, stranger):
    confirmation, deadline = given.confirmation(given.registered()), clock.now() + 100
    key = development_key(ACCOUNTS["core_enterprise2"])
    signature = given.sign_confirmation(1, key, deadline, debtor=Party.CORE_ENTERPRISE2)
    refused = error("NotDebtor", id=1, caller=core_enterprise2)
    call = (receivables.confirmBySignature, confirmation, core_enterprise2, deadline, signature)
    assert refusal(*call, sender=stranger) == refused


def test_anybody_relays_a_signed_confirmation_once(given, receivables, core_enterprise, debtor_key, stranger):
    confirmation, deadline = given.confirmation(given.registered()), clock.now() + 100
    signature = given.sign_confirmation(1, debtor_key, deadline)
    call = (confirmation, core_enterprise, deadline, signature)
    receipt = receivables.confirmBySignature(*call, sender=stranger)
    assert events(receipt) == [confirmed_event(receivables, 1, core_enterprise)]
    assert given.state(1) == State.CONFIRMED
    refused = error("StateWrong", id=1, state=State.CONFIRMED, needed=State.REGISTERED)
    assert refusal(receivables.confirmBySignature, *call, sender=stranger) == refused


def test_a_wallet_that_is_a_contract_confirms_by_erc_1271(
    given, receivables, participants, compliance, deployer, stranger, stranger_key, debtor_key
):
    wallet = deployer.deploy(project.MockContractWallet, stranger)
    participants.addWallet(Party.CORE_ENTERPRISE, wallet, sender=compliance)
    confirmation, deadline = given.confirmation(given.registered()), clock.now() + 100
    signature, foreign = (given.sign_confirmation(1, key, deadline) for key in (stranger_key, debtor_key))
    refused = error("ConfirmationInvalid", id=1, debtor=Party.CORE_ENTERPRISE)
    call = (receivables.confirmBySignature, confirmation, wallet, deadline)
    assert refusal(*call, foreign, sender=stranger) == refused
    receipt = receivables.confirmBySignature(confirmation, wallet, deadline, signature, sender=stranger)
    assert events(receipt) == [confirmed_event(receivables, 1, wallet)]


def test_a_replaced_wallet_confirms_nothing(
    given, receivables, participants, compliance, core_enterprise, spare, debtor_key, stranger
):
    confirmation, deadline = given.confirmation(given.registered()), clock.now() + 100
    signature = given.sign_confirmation(1, debtor_key, deadline)
    participants.rotateWallet(core_enterprise, spare, sender=compliance)
    refused = error("WalletUnknown", wallet=core_enterprise)
    call = (receivables.confirmBySignature, confirmation, core_enterprise, deadline, signature)
    assert refusal(*call, sender=stranger) == refused
    assert refusal(receivables.confirm, confirmation, sender=core_enterprise) == refused
    assert refusal(receivables.confirm, confirmation, sender=spare) is None


# REJECT


def test_only_a_registered_claim_is_rejected(given, receivables, core_enterprise):
    given.confirmed()
    refused = error("StateWrong", id=1, state=State.CONFIRMED, needed=State.REGISTERED)
    assert refusal(receivables.reject, 1, fingerprint(1), REASON, sender=core_enterprise) == refused
    unknown = error("ReceivableUnknown", id=2)
    assert refusal(receivables.reject, 2, fingerprint(2), REASON, sender=core_enterprise) == unknown


def test_only_the_debtor_rejects(given, receivables, core_enterprise2, stranger):
    given.registered()
    for caller in (core_enterprise2, stranger):
        refused = error("NotDebtor", id=1, caller=caller)
        assert refusal(receivables.reject, 1, fingerprint(1), REASON, sender=caller) == refused


def test_a_rejection_frees_no_other_invoice(given, receivables, core_enterprise):
    given.registered(), given.registered()
    refused = error("FingerprintWrong", id=1)
    assert refusal(receivables.reject, 1, fingerprint(2), REASON, sender=core_enterprise) == refused


def test_a_rejected_claim_is_void_and_its_invoice_free_for_its_real_creditor(
    given, receivables, core_enterprise, supplier, supplier2
):
    given.registered()
    receipt = receivables.reject(1, fingerprint(1), REASON, sender=core_enterprise)
    rejected = event(receivables, "ReceivableRejected", id=1, debtor=Party.CORE_ENTERPRISE, reason=REASON)
    assert events(receipt) == [burnt_event(receivables, 1, supplier), rejected]
    assert given.state(1) == State.REJECTED
    assert receivables.idOfInvoice(Party.CORE_ENTERPRISE, fingerprint(1)) == 0
    refused = error("StateWrong", id=1, state=State.REJECTED, needed=State.CONFIRMED)
    assert refusal(receivables.settle, 1, 1, sender=core_enterprise) == refused
    receivables.register(given.registration(fingerprint=fingerprint(1)), sender=supplier2)
    assert receivables.idOfInvoice(Party.CORE_ENTERPRISE, fingerprint(1)) == 2


# CANCEL


def test_only_a_registered_claim_is_cancelled(given, receivables, supplier):
    given.confirmed()
    refused = error("StateWrong", id=1, state=State.CONFIRMED, needed=State.REGISTERED)
    assert refusal(receivables.cancel, 1, fingerprint(1), sender=supplier) == refused


def test_only_the_holder_cancels(given, receivables, core_enterprise, supplier2):
    given.registered()
    for caller in (core_enterprise, supplier2):
        refused = error("NotHolder", id=1, caller=caller)
        assert refusal(receivables.cancel, 1, fingerprint(1), sender=caller) == refused


def test_a_cancellation_frees_no_other_invoice(given, receivables, supplier):
    given.registered(), given.registered()
    refused = error("FingerprintWrong", id=1)
    assert refusal(receivables.cancel, 1, fingerprint(2), sender=supplier) == refused


def test_a_cancelled_claim_is_void_and_may_be_registered_again(given, receivables, core_enterprise, supplier):
    given.registered()
    receipt = receivables.cancel(1, fingerprint(1), sender=supplier)
    cancelled = event(receivables, "ReceivableCancelled", id=1, creditor=Party.SUPPLIER)
    assert events(receipt) == [burnt_event(receivables, 1, supplier), cancelled]
    assert given.state(1) == State.CANCELLED
    refused = error("StateWrong", id=1, state=State.CANCELLED, needed=State.REGISTERED)
    assert refusal(receivables.confirm, given.confirmation(1), sender=core_enterprise) == refused
    assert refusal(receivables.register, given.registration(fingerprint=fingerprint(1)), sender=supplier) is None
