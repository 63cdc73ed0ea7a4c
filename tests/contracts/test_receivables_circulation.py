"""split, transfer in every ERC-721 way, recover."""

import pytest
from ape import project

from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.situations import CASH, FACE, NOBODY, REASON, State, fingerprint
from tests.contracts.suite import KYC_DAYS, KYC_HASH, Party, Role

MOST_PARTS = 50
MOST_TIERS = 20


def moved_event(receivables, receivable, sender, receiver):
    return event(receivables, "Transfer", **{"from": sender}, to=receiver, tokenId=receivable)


def passed_on_event(receivables, receivable, giver, taker, tier):
    return event(receivables, "ReceivablePassedOn", id=receivable, **{"from": giver}, to=taker, tier=tier)


def both_roles(given, participants, compliance):
    valid_until = clock.now() + KYC_DAYS * clock.DAY
    roles = Role.SUPPLIER | Role.CORE_ENTERPRISE
    participants.renew(Party.CORE_ENTERPRISE, roles, valid_until, KYC_HASH, sender=compliance)


# SPLIT


def test_a_claim_is_split_while_paused_for_no_value_moves(given, receivables, supplier, guardian):
    whole = given.confirmed()
    receivables.pause(sender=guardian)
    assert refusal(receivables.split, whole, [1, FACE - 1], sender=supplier) is None


@pytest.mark.parametrize(
    ("situation", "state"),
    [("registered", State.REGISTERED), ("disputed", State.DISPUTED)],
)
def test_only_a_confirmed_claim_is_split(given, receivables, supplier, situation, state):
    receivable = getattr(given, situation)()
    refused = error("StateWrong", id=receivable, state=state, needed=State.CONFIRMED)
    assert refusal(receivables.split, receivable, [1, FACE - 1], sender=supplier) == refused
    unknown = error("ReceivableUnknown", id=9)
    assert refusal(receivables.split, 9, [1, FACE - 1], sender=supplier) == unknown


def test_a_settled_or_split_claim_is_not_split(given, receivables, supplier):
    whole = given.confirmed()
    given.settle(whole, FACE)
    refused = error("StateWrong", id=whole, state=State.SETTLED, needed=State.CONFIRMED)
    assert refusal(receivables.split, whole, [1, FACE - 1], sender=supplier) == refused
    first, _ = given.split([1, FACE - 1])
    refused = error("StateWrong", id=first - 1, state=State.SPLIT, needed=State.CONFIRMED)
    assert refusal(receivables.split, first - 1, [1, FACE - 1], sender=supplier) == refused


def test_only_the_holder_splits(given, receivables, supplier, core_enterprise, supplier2):
    whole = given.confirmed()
    receivables.setApprovalForAll(supplier2, True, sender=supplier)
    for caller in (core_enterprise, supplier2):
        refused = error("NotHolder", id=whole, caller=caller)
        assert refusal(receivables.split, whole, [1, FACE - 1], sender=caller) == refused


@pytest.mark.parametrize("count", [0, 1, MOST_PARTS + 1])
def test_case_23_a_split_outside_its_bounds_is_refused(given, receivables, supplier, count):
    whole = given.confirmed(max(count, 1))
    refused = error("CountOutOfBounds", count=count, least=2, most=MOST_PARTS)
    assert refusal(receivables.split, whole, [1] * count, sender=supplier) == refused


def test_a_claim_on_which_was_paid_is_not_split(given, receivables, supplier):
    whole = given.confirmed()
    given.settle(whole, 1)
    refused = error("SettlementBegun", id=whole, paid=1)
    assert refusal(receivables.split, whole, [1, FACE - 1], sender=supplier) == refused


def test_case_18_parts_add_up_to_the_whole_to_the_unit(given, receivables, supplier):
    whole = given.confirmed()
    assert refusal(receivables.split, whole, [0, FACE], sender=supplier) == error("AmountZero")
    for rest in (FACE - 2, FACE):
        refused = error("PartsUnequal", sum=1 + rest, face=FACE)
        assert refusal(receivables.split, whole, [1, rest], sender=supplier) == refused
    wrapping = [2**96 - 1, 2**96 - 1]
    refused = error("PartsUnequal", sum=2**97 - 2, face=FACE)
    assert refusal(receivables.split, whole, wrapping, sender=supplier) == refused


def test_a_split_replaces_the_whole_by_its_parts(given, receivables, supplier):
    whole, faces = given.confirmed(), (100, FACE - 100)
    receipt = receivables.split(whole, faces, sender=supplier)
    assert events(receipt) == [
        moved_event(receivables, 2, NOBODY, supplier),
        moved_event(receivables, 3, NOBODY, supplier),
        moved_event(receivables, whole, supplier, NOBODY),
        event(receivables, "ReceivableSplit", id=whole, root=whole, firstPart=2, faces=faces),
    ]
    for part, face in zip((2, 3), faces, strict=True):
        assert receivables.partOf(part) == (face, 0, whole, State.CONFIRMED, 0, 0)
        assert receivables.poolOf(part) == receivables.poolOf(whole)
        assert receivables.ownerOf(part) == supplier
    assert receivables.partOf(whole) == (FACE, 0, whole, State.SPLIT, 0, 0)
    assert receivables.claimOf(whole).outstanding == 0
    assert refusal(receivables.ownerOf, whole) == error("ERC721NonexistentToken", tokenId=whole)


def test_a_part_is_split_again_and_keeps_tier_and_pool(given, receivables, supplier, supplier2):
    first, _ = given.split([60, 40])
    receivables.transferFrom(supplier, supplier2, first, sender=supplier)
    receipt = receivables.split(first, [59, 1], sender=supplier2)
    split = event(receivables, "ReceivableSplit", id=first, root=first - 1, firstPart=4, faces=(59, 1))
    assert events(receipt)[-1] == split
    assert receivables.partOf(4) == (59, 0, first - 1, State.CONFIRMED, 1, 0)
    given.settle(4, 100)
    assert [receivables.claimOf(part).claimable for part in (1, 2, 3, 4, 5)] == [0, 0, 40, 59, 1]


def test_a_claim_splits_into_as_many_parts_as_allowed(given, receivables, supplier):
    parts = given.split([1] * MOST_PARTS)
    assert receivables.balanceOf(supplier) == len(parts) == MOST_PARTS


def test_case_10_an_invoice_stays_registered_after_its_claim_was_split_and_burnt(given, receivables, supplier2):
    first, _ = given.split([1, FACE - 1])
    again = given.registration(fingerprint=fingerprint(first - 1))
    assert refusal(receivables.register, again, sender=supplier2) == error("InvoiceRegistered", id=first - 1)


# PASSING ON


def ways_of_moving(receivables, giver, taker, receivable):
    return [
        (receivables.transferFrom, giver, taker, receivable),
        (receivables.safeTransferFrom, giver, taker, receivable),
        (receivables.safeTransferFrom, giver, taker, receivable, b"note"),
    ]


def every_way_is_refused(receivables, giver, taker, receivable, operator, expected):
    for call in ways_of_moving(receivables, giver, taker, receivable):
        for sender in (giver, operator):
            assert refusal(*call, sender=sender) == expected


def test_case_2_every_way_of_moving_a_claim_checks_the_taker(
    given, receivables, participants, compliance, supplier, supplier2, stranger, lender
):
    receivable = given.confirmed()
    receivables.setApprovalForAll(stranger, True, sender=supplier)
    unknown = error("WalletUnknown", wallet=stranger)
    every_way_is_refused(receivables, supplier, stranger, receivable, stranger, unknown)
    refused = error("RoleMissing", party=Party.LENDER, role=Role.SUPPLIER)
    every_way_is_refused(receivables, supplier, lender, receivable, stranger, refused)
    participants.freeze(Party.SUPPLIER2, REASON, sender=compliance)
    refused = error("PartyIsFrozen", party=Party.SUPPLIER2)
    every_way_is_refused(receivables, supplier, supplier2, receivable, stranger, refused)


def test_case_2_every_way_of_moving_a_claim_checks_the_giver(
    given, receivables, participants, compliance, supplier, supplier2, stranger
):
    receivable = given.confirmed()
    receivables.setApprovalForAll(stranger, True, sender=supplier)
    participants.freeze(Party.SUPPLIER, REASON, sender=compliance)
    refused = error("PartyIsFrozen", party=Party.SUPPLIER)
    every_way_is_refused(receivables, supplier, supplier2, receivable, stranger, refused)


def test_case_2_no_way_of_moving_a_claim_is_open_while_paused(
    given, receivables, supplier, supplier2, guardian, stranger
):
    receivable = given.confirmed()
    receivables.setApprovalForAll(stranger, True, sender=supplier)
    receivables.pause(sender=guardian)
    every_way_is_refused(receivables, supplier, supplier2, receivable, stranger, error("EnforcedPause"))


@pytest.mark.parametrize(("situation", "state"), [("registered", State.REGISTERED), ("disputed", State.DISPUTED)])
def test_only_a_confirmed_claim_is_passed_on(given, receivables, supplier, supplier2, situation, state):
    receivable = getattr(given, situation)()
    refused = error("StateWrong", id=receivable, state=state, needed=State.CONFIRMED)
    assert refusal(receivables.transferFrom, supplier, supplier2, receivable, sender=supplier) == refused


def test_a_settled_claim_is_not_passed_on(given, receivables, supplier, supplier2):
    receivable = given.confirmed()
    given.settle(receivable, FACE)
    refused = error("StateWrong", id=receivable, state=State.SETTLED, needed=State.CONFIRMED)
    assert refusal(receivables.transferFrom, supplier, supplier2, receivable, sender=supplier) == refused


def test_a_claim_is_passed_on_by_its_holder_or_an_operator_only(given, receivables, supplier, supplier2):
    receivable = given.confirmed()
    refused = error("ERC721InsufficientApproval", operator=supplier2, tokenId=receivable)
    assert refusal(receivables.transferFrom, supplier, supplier2, receivable, sender=supplier2) == refused


def test_a_taker_whose_kyc_expired_gets_nothing(given, receivables, participants, compliance, supplier, supplier2):
    receivable, valid_until = given.confirmed(), clock.now() + 1_000
    participants.renew(Party.SUPPLIER2, Role.SUPPLIER, valid_until, KYC_HASH, sender=compliance)
    clock.travel_to(valid_until)
    expired = error("PartyExpired", party=Party.SUPPLIER2, validUntil=valid_until)
    assert refusal(receivables.transferFrom, supplier, supplier2, receivable, sender=supplier) == expired


def test_a_claim_never_comes_to_its_own_debtor(given, receivables, participants, compliance, supplier):
    receivable = given.confirmed()
    both_roles(given, participants, compliance)
    refused = error("DebtorCannotHold", debtor=Party.CORE_ENTERPRISE)
    assert refusal(receivables.transferFrom, supplier, given.debtor, receivable, sender=supplier) == refused


def test_a_claim_is_passed_on_twenty_times_and_no_more(given, receivables, supplier, supplier2):
    receivable = given.confirmed()
    for tier in range(MOST_TIERS):
        giver, taker = (supplier, supplier2) if tier % 2 == 0 else (supplier2, supplier)
        receivables.transferFrom(giver, taker, receivable, sender=giver)
    refused = error("TierLimit", id=receivable, tier=MOST_TIERS)
    assert refusal(receivables.transferFrom, supplier, supplier2, receivable, sender=supplier) == refused


def test_passing_a_claim_on_changes_its_holder_and_tier(given, receivables, supplier, supplier2):
    receivable = given.confirmed()
    receipt = receivables.transferFrom(supplier, supplier2, receivable, sender=supplier)
    assert events(receipt) == [
        moved_event(receivables, receivable, supplier, supplier2),
        passed_on_event(receivables, receivable, Party.SUPPLIER, Party.SUPPLIER2, 1),
    ]
    assert receivables.partOf(receivable) == (FACE, 0, receivable, State.CONFIRMED, 1, 0)
    assert receivables.ownerOf(receivable) == supplier2


def test_what_was_paid_before_passing_on_is_the_givers_and_the_rest_the_takers(
    given, receivables, supplier, supplier2, cash
):
    receivable = given.confirmed()
    given.settle(receivable, 100)
    receipt = receivables.transferFrom(supplier, supplier2, receivable, sender=supplier)
    credited = {"id": receivable, "holder": supplier, "currency": CASH, "amount": 100}
    assert events(receipt) == [
        moved_event(receivables, receivable, supplier, supplier2),
        event(receivables, "ProceedsCredited", **credited),
        passed_on_event(receivables, receivable, Party.SUPPLIER, Party.SUPPLIER2, 1),
    ]
    given.settle(receivable, 50)
    assert receivables.creditOf(supplier, CASH) == 100
    assert receivables.claimOf(receivable).claimable == 50
    assert receivables.partOf(receivable).claimed == 100


def test_passing_a_claim_to_oneself_gains_nothing(given, receivables, supplier):
    receivable = given.confirmed()
    given.settle(receivable, 100)
    receivables.transferFrom(supplier, supplier, receivable, sender=supplier)
    assert receivables.creditOf(supplier, CASH) == 100
    assert receivables.claimOf(receivable).claimable == 0
    assert receivables.partOf(receivable) == (FACE, 100, receivable, State.CONFIRMED, 1, 0)
    assert given.dust([supplier]) == 0


def test_a_wallet_that_is_a_contract_takes_a_claim_safely(
    given, receivables, participants, compliance, deployer, supplier
):
    receivable = given.confirmed()
    wallet = deployer.deploy(project.MockContractWallet, supplier)
    participants.addWallet(Party.SUPPLIER2, wallet, sender=compliance)
    receivables.safeTransferFrom(supplier, wallet, receivable, sender=supplier)
    assert receivables.ownerOf(receivable) == wallet


def test_an_approval_ends_with_the_holding_it_was_given_for(given, receivables, supplier, supplier2, stranger):
    receivable = given.confirmed()
    receivables.approve(stranger, receivable, sender=supplier)
    receivables.transferFrom(supplier, supplier2, receivable, sender=supplier)
    refused = error("ERC721InsufficientApproval", operator=stranger, tokenId=receivable)
    assert refusal(receivables.transferFrom, supplier2, supplier, receivable, sender=stranger) == refused


# RECOVER


@pytest.fixture
def rotated(given, participants, compliance, supplier, spare):
    """The supplier's wallet was replaced by the spare one; it holds receivable 1."""
    receivable = given.confirmed()
    participants.rotateWallet(supplier, spare, sender=compliance)
    return receivable


def test_nothing_is_recovered_from_a_wallet_that_was_not_replaced(given, receivables, supplier, stranger):
    receivable = given.confirmed()
    refused = error("WalletNotRotated", wallet=supplier)
    assert refusal(receivables.recover, receivable, sender=stranger) == refused
    assert refusal(receivables.recover, 9, sender=stranger) == error("ERC721NonexistentToken", tokenId=9)


def test_anybody_recovers_a_claim_to_the_wallet_that_compliance_named(rotated, receivables, supplier, spare, stranger):
    receipt = receivables.recover(rotated, sender=stranger)
    assert events(receipt) == [
        moved_event(receivables, rotated, supplier, spare),
        event(receivables, "ReceivableRecovered", id=rotated, **{"from": supplier}, to=spare),
    ]
    assert receivables.ownerOf(rotated) == spare
    assert receivables.partOf(rotated).tier == 0
    assert refusal(receivables.recover, rotated, sender=stranger) == error("WalletNotRotated", wallet=spare)


def test_a_claim_is_recovered_over_several_replacements_paused_and_frozen(
    rotated, receivables, participants, compliance, guardian, spare, product, stranger
):
    participants.rotateWallet(spare, product, sender=compliance)
    participants.freeze(Party.SUPPLIER, REASON, sender=compliance)
    receivables.pause(sender=guardian)
    receivables.recover(rotated, sender=stranger)
    assert receivables.ownerOf(rotated) == product


def test_a_replaced_wallet_moves_nothing_even_through_an_operator(
    given, receivables, participants, compliance, supplier, supplier2, spare, stranger
):
    receivable = given.confirmed()
    receivables.setApprovalForAll(stranger, True, sender=supplier)
    participants.rotateWallet(supplier, spare, sender=compliance)
    unknown = error("WalletUnknown", wallet=supplier)
    every_way_is_refused(receivables, supplier, supplier2, receivable, stranger, unknown)
    receivables.recover(receivable, sender=stranger)
    refused = error("ERC721InsufficientApproval", operator=stranger, tokenId=receivable)
    assert refusal(receivables.transferFrom, spare, supplier2, receivable, sender=stranger) == refused


def test_a_replaced_wallet_gives_nothing_away(given, receivables, participants, compliance, supplier, spare):
    confirmed, registered = given.confirmed(), given.registered()
    participants.rotateWallet(supplier, spare, sender=compliance)
    unknown = error("WalletUnknown", wallet=supplier)
    assert refusal(receivables.issueCreditNote, confirmed, FACE, REASON, sender=supplier) == unknown
    assert refusal(receivables.cancel, registered, fingerprint(registered), sender=supplier) == unknown


def test_what_a_replaced_wallet_splits_is_recovered_part_by_part(
    given, receivables, participants, compliance, supplier, spare, stranger
):
    whole = given.confirmed()
    participants.rotateWallet(supplier, spare, sender=compliance)
    receivables.split(whole, [1, FACE - 1], sender=supplier)
    for part in (whole + 1, whole + 2):
        receivables.recover(part, sender=stranger)
    assert receivables.balanceOf(spare) == 2


def test_a_frozen_holder_waives_nothing_in_its_debtors_favour(given, receivables, participants, compliance, supplier):
    receivable = given.confirmed()
    participants.freeze(Party.SUPPLIER, REASON, sender=compliance)
    refused = error("PartyIsFrozen", party=Party.SUPPLIER)
    assert refusal(receivables.issueCreditNote, receivable, FACE, REASON, sender=supplier) == refused
