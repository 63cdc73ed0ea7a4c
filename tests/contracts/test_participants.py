"""Participants: who takes part, as what, until when, with which wallets."""

import pytest

from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.suite import KYC_HASH, Party, Role, after_delay, refusal_after_delay

ZERO = "0x" + "00" * 20
REASON = b"court order 17".ljust(32, b"\0")
MAX_VALIDITY = 3 * 365 * clock.DAY
YEAR = 365 * clock.DAY
UNKNOWN = 99


@pytest.fixture
def admission(spare):
    """A sound admission of a wallet that no party uses."""
    return spare, Role.SUPPLIER, clock.now() + YEAR, KYC_HASH


"""ADMISSION"""


def test_nobody_but_compliance_admits(participants, admission, risk_officer):
    assert refusal(participants.admit, *admission, sender=risk_officer) == error(
        "AccessManagedUnauthorized", caller=risk_officer
    )


@pytest.mark.parametrize("roles", [0, 128, 129, 2**16 - 1], ids=["none", "unknown", "one unknown", "type limit"])
def test_a_party_without_roles_or_with_unknown_ones_is_refused(participants, compliance, spare, roles):
    assert refusal(participants.admit, spare, roles, clock.now() + YEAR, KYC_HASH, sender=compliance) == error(
        "RolesInvalid", roles=roles
    )


@pytest.mark.parametrize("offset", [0, MAX_VALIDITY + 1], ids=["ended", "above_limit"])
def test_a_kyc_check_ends_after_now_and_within_three_years(participants, compliance, spare, offset):
    at = clock.now() + 100
    clock.travel_to(at)
    assert refusal(participants.admit, spare, Role.SUPPLIER, at + offset, KYC_HASH, sender=compliance) == error(
        "ValidityInvalid", validUntil=at + offset, latest=at + MAX_VALIDITY
    )


@pytest.mark.parametrize("offset", [1, MAX_VALIDITY], ids=["shortest", "at_limit"])
def test_a_kyc_check_of_one_second_and_of_three_years_is_taken(participants, compliance, spare, offset):
    at = clock.now() + 100
    clock.next_block_at(at)
    participants.admit(spare, Role.SUPPLIER, at + offset, KYC_HASH, sender=compliance)
    assert participants.partyData(participants.partyCount()).validUntil == at + offset


def test_case_17_a_kyc_check_at_the_limit_of_its_type_is_refused_not_cut(participants, compliance, spare):
    refused = refusal(participants.admit, spare, Role.SUPPLIER, 2**40 - 1, KYC_HASH, sender=compliance)
    assert refused == error("ValidityInvalid", validUntil=2**40 - 1, latest=clock.now() + MAX_VALIDITY)


def test_the_zero_address_is_no_wallet(participants, compliance):
    assert refusal(participants.admit, ZERO, Role.SUPPLIER, clock.now() + YEAR, KYC_HASH, sender=compliance) == error(
        "WalletZero"
    )


def test_a_wallet_belongs_to_one_party_only(participants, compliance, supplier):
    assert refusal(
        participants.admit, supplier, Role.SUPPLIER, clock.now() + YEAR, KYC_HASH, sender=compliance
    ) == error("WalletTaken", wallet=supplier, party=Party.SUPPLIER)


def test_a_party_is_admitted_under_the_next_number(participants, compliance, admission, spare):
    number = participants.partyCount() + 1
    tx = participants.admit(*admission, sender=compliance)
    assert events(tx) == [
        event(
            participants,
            "PartyAdmitted",
            party=number,
            wallet=spare,
            roles=Role.SUPPLIER,
            validUntil=admission[2],
            kycHash=KYC_HASH,
        )
    ]
    assert participants.partyCount() == number
    assert participants.partyOf(spare) == number
    assert participants.partyData(number) == (Role.SUPPLIER, False, admission[2])
    assert participants.requireVerified(spare, Role.SUPPLIER) == number


def test_a_party_may_have_every_role(participants, compliance, spare):
    participants.admit(spare, sum(Role), clock.now() + YEAR, KYC_HASH, sender=compliance)
    assert all(participants.isVerified(spare, role) for role in Role)


"""RENEWAL"""


def test_nobody_but_compliance_renews(participants, supplier):
    assert refusal(
        participants.renew, Party.SUPPLIER, Role.SUPPLIER, clock.now() + YEAR, KYC_HASH, sender=supplier
    ) == error("AccessManagedUnauthorized", caller=supplier)


def test_a_party_that_does_not_exist_is_not_renewed(participants, compliance):
    assert refusal(
        participants.renew, UNKNOWN, Role.SUPPLIER, clock.now() + YEAR, KYC_HASH, sender=compliance
    ) == error("PartyUnknown", party=UNKNOWN)


def test_a_renewal_without_roles_is_refused(participants, compliance):
    assert refusal(participants.renew, Party.SUPPLIER, 0, clock.now() + YEAR, KYC_HASH, sender=compliance) == error(
        "RolesInvalid", roles=0
    )


def test_a_renewal_that_ends_in_the_past_is_refused(participants, compliance):
    assert refusal(
        participants.renew, Party.SUPPLIER, Role.SUPPLIER, clock.now(), KYC_HASH, sender=compliance
    ) == error("ValidityInvalid", validUntil=clock.now(), latest=clock.now() + MAX_VALIDITY)


def test_a_renewal_sets_roles_and_expiry_and_leaves_a_freeze(participants, compliance):
    participants.freeze(Party.SUPPLIER, REASON, sender=compliance)
    until, roles = clock.now() + 2 * YEAR, Role.SUPPLIER | Role.LENDER
    tx = participants.renew(Party.SUPPLIER, roles, until, KYC_HASH, sender=compliance)
    assert events(tx) == [
        event(participants, "PartyRenewed", party=Party.SUPPLIER, roles=roles, validUntil=until, kycHash=KYC_HASH)
    ]
    assert participants.partyData(Party.SUPPLIER) == (roles, True, until)


"""FREEZING"""


def test_nobody_but_compliance_freezes(participants, guardian):
    assert refusal(participants.freeze, Party.SUPPLIER, REASON, sender=guardian) == error(
        "AccessManagedUnauthorized", caller=guardian
    )


def test_a_party_that_does_not_exist_is_not_frozen(participants, compliance):
    assert refusal(participants.freeze, UNKNOWN, REASON, sender=compliance) == error("PartyUnknown", party=UNKNOWN)


def test_a_freeze_acts_in_its_block(participants, compliance, supplier):
    tx = participants.freeze(Party.SUPPLIER, REASON, sender=compliance)
    assert events(tx) == [event(participants, "PartyFrozen", party=Party.SUPPLIER, reason=REASON)]
    assert participants.partyData(Party.SUPPLIER).frozen
    assert not participants.isVerified(supplier, Role.SUPPLIER)


def test_whoever_freezes_does_not_unfreeze(participants, compliance):
    participants.freeze(Party.SUPPLIER, REASON, sender=compliance)
    assert refusal(participants.unfreeze, Party.SUPPLIER, sender=compliance) == error(
        "AccessManagedUnauthorized", caller=compliance
    )


def test_a_party_that_does_not_exist_is_not_unfrozen(suite, participants, compliance_release):
    assert refusal_after_delay(suite, compliance_release, participants.unfreeze, UNKNOWN) == error(
        "PartyUnknown", party=UNKNOWN
    )


def test_a_party_that_is_not_frozen_is_not_unfrozen(suite, participants, compliance_release):
    assert refusal_after_delay(suite, compliance_release, participants.unfreeze, Party.SUPPLIER) == error(
        "PartyNotFrozen", party=Party.SUPPLIER
    )


def test_a_freeze_ends_after_the_delay(suite, participants, compliance, compliance_release, supplier):
    participants.freeze(Party.SUPPLIER, REASON, sender=compliance)
    tx = after_delay(suite, compliance_release, participants.unfreeze, Party.SUPPLIER)
    assert events(tx)[1:] == [event(participants, "PartyUnfrozen", party=Party.SUPPLIER)]
    assert participants.isVerified(supplier, Role.SUPPLIER)


"""WALLETS"""


def test_nobody_but_compliance_adds_a_wallet(participants, supplier, spare):
    assert refusal(participants.addWallet, Party.SUPPLIER, spare, sender=supplier) == error(
        "AccessManagedUnauthorized", caller=supplier
    )


def test_a_wallet_is_not_added_to_a_party_that_does_not_exist(participants, compliance, spare):
    assert refusal(participants.addWallet, UNKNOWN, spare, sender=compliance) == error("PartyUnknown", party=UNKNOWN)


def test_the_zero_address_is_not_added(participants, compliance):
    assert refusal(participants.addWallet, Party.SUPPLIER, ZERO, sender=compliance) == error("WalletZero")


def test_another_partys_wallet_is_not_added(participants, compliance, supplier2):
    assert refusal(participants.addWallet, Party.SUPPLIER, supplier2, sender=compliance) == error(
        "WalletTaken", wallet=supplier2, party=Party.SUPPLIER2
    )


def test_a_party_uses_several_wallets(participants, compliance, supplier, spare):
    tx = participants.addWallet(Party.SUPPLIER, spare, sender=compliance)
    assert events(tx) == [event(participants, "WalletAdded", party=Party.SUPPLIER, wallet=spare)]
    assert participants.partyOf(spare) == participants.partyOf(supplier) == Party.SUPPLIER


def test_nobody_but_compliance_rotates_a_wallet(participants, supplier, spare):
    assert refusal(participants.rotateWallet, supplier, spare, sender=supplier) == error(
        "AccessManagedUnauthorized", caller=supplier
    )


def test_a_wallet_of_nobody_is_not_rotated(participants, compliance, spare, stranger):
    assert refusal(participants.rotateWallet, stranger, spare, sender=compliance) == error(
        "WalletUnknown", wallet=stranger
    )


def test_a_wallet_is_not_rotated_to_the_zero_address(participants, compliance, supplier):
    assert refusal(participants.rotateWallet, supplier, ZERO, sender=compliance) == error("WalletZero")


def test_a_wallet_is_not_rotated_to_itself(participants, compliance, supplier):
    assert refusal(participants.rotateWallet, supplier, supplier, sender=compliance) == error(
        "WalletTaken", wallet=supplier, party=Party.SUPPLIER
    )


def test_a_wallet_is_not_rotated_to_another_partys(participants, compliance, supplier, supplier2):
    assert refusal(participants.rotateWallet, supplier, supplier2, sender=compliance) == error(
        "WalletTaken", wallet=supplier2, party=Party.SUPPLIER2
    )


def test_a_rotation_moves_the_party_to_the_new_wallet(participants, compliance, supplier, spare):
    tx = participants.rotateWallet(supplier, spare, sender=compliance)
    assert events(tx) == [event(participants, "WalletRotated", party=Party.SUPPLIER, **{"from": supplier, "to": spare})]
    assert participants.partyOf(supplier) == 0
    assert participants.partyOf(spare) == Party.SUPPLIER
    assert participants.heirOf(supplier) == spare


def test_a_replaced_wallet_is_never_bound_again(participants, compliance, supplier, spare):
    participants.rotateWallet(supplier, spare, sender=compliance)
    assert refusal(participants.addWallet, Party.SUPPLIER, supplier, sender=compliance) == error(
        "WalletTaken", wallet=supplier, party=Party.SUPPLIER
    )
    assert refusal(participants.rotateWallet, spare, supplier, sender=compliance) == error(
        "WalletTaken", wallet=supplier, party=Party.SUPPLIER
    )


def test_a_replaced_wallet_is_refused_with_the_party_it_belonged_to(participants, compliance, supplier, spare):
    participants.rotateWallet(supplier, spare, sender=compliance)
    refused = refusal(participants.admit, supplier, Role.SUPPLIER, clock.now() + YEAR, KYC_HASH, sender=compliance)
    assert refused == error("WalletTaken", wallet=supplier, party=Party.SUPPLIER)


def test_the_heir_is_the_last_of_all_replacements(participants, compliance, supplier, spare, product):
    participants.rotateWallet(supplier, spare, sender=compliance)
    participants.rotateWallet(spare, product, sender=compliance)
    assert participants.heirOf(supplier) == participants.heirOf(spare) == participants.heirOf(product) == product


def test_a_wallet_that_was_not_replaced_is_its_own_heir(participants, stranger, supplier):
    assert participants.heirOf(stranger) == stranger
    assert participants.heirOf(supplier) == supplier


"""THE GATE"""


def test_case_05_an_unknown_wallet_is_refused(participants, stranger):
    assert refusal(participants.requireVerified, stranger, Role.SUPPLIER) == error("WalletUnknown", wallet=stranger)
    assert not participants.isVerified(stranger, Role.SUPPLIER)


def test_case_05_the_party_of_number_zero_is_refused(participants):
    assert refusal(participants.requireVerifiedParty, 0, Role.SUPPLIER) == error("PartyUnknown", party=0)
    assert refusal(participants.partyData, 0) == error("PartyUnknown", party=0)


def test_case_05_no_role_at_all_is_never_a_verification(participants, supplier):
    assert refusal(participants.requireVerified, supplier, 0) == error("RoleMissing", party=Party.SUPPLIER, role=0)
    assert not participants.isVerified(supplier, 0)


def test_a_frozen_party_is_refused_first(participants, compliance, supplier):
    participants.freeze(Party.SUPPLIER, REASON, sender=compliance)
    clock.travel(YEAR)
    assert refusal(participants.requireVerified, supplier, Role.LENDER) == error("PartyIsFrozen", party=Party.SUPPLIER)


def test_a_party_is_verified_through_the_last_second_of_its_check(participants, supplier):
    until = participants.partyData(Party.SUPPLIER).validUntil
    clock.travel_to(until - 1)
    participants.requireVerified(supplier, Role.SUPPLIER)
    assert participants.isVerified(supplier, Role.SUPPLIER)


def test_a_party_whose_check_has_ended_is_refused(participants, supplier):
    until = participants.partyData(Party.SUPPLIER).validUntil
    clock.travel_to(until)
    assert refusal(participants.requireVerified, supplier, Role.SUPPLIER) == error(
        "PartyExpired", party=Party.SUPPLIER, validUntil=until
    )
    assert not participants.isVerified(supplier, Role.SUPPLIER)


def test_a_party_without_the_role_is_refused(participants, supplier):
    assert refusal(participants.requireVerified, supplier, Role.LENDER) == error(
        "RoleMissing", party=Party.SUPPLIER, role=Role.LENDER
    )
    assert not participants.isVerified(supplier, Role.LENDER)
