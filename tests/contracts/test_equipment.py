"""Equipment: titles, devices and what they sign, users, liens."""

import pytest

from tests.contracts import clock
from tests.contracts.answers import error, event, events, refusal
from tests.contracts.rentals import CERTIFICATE, serial
from tests.contracts.situations import NOBODY, REASON
from tests.contracts.suite import Party, Role, after_delay

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
OTHER_CERTIFICATE = bytes.fromhex("cf" * 32)
EMPTY = bytes(32)
METER_START = 5_000
ERC_165, ERC_721, ERC_4907 = "0x01ffc9a7", "0x80ac58cd", "0xad092b5c"


@pytest.fixture(scope="module")
def lienor(suite, admin, product):
    """An account that may take liens, beside EquipmentLease."""
    after_delay(suite, admin, suite.equipment.allowLienor, product)
    return product


@pytest.fixture
def machine(rentals):
    """Registered and free; no device speaks for it."""
    return rentals.registered()


@pytest.fixture
def pledged(equipment, lienor, machine):
    equipment.pledge(machine, sender=lienor)
    return machine


def user_event(equipment, machine, user, expires):
    return event(equipment, "UpdateUser", tokenId=machine, user=user, expires=expires)


def transfer_events(equipment, machine, giver, taker):
    moved = event(equipment, "Transfer", **{"from": giver}, to=taker, tokenId=machine)
    return [moved, user_event(equipment, machine, NOBODY, 0)]


# REGISTER


def test_only_a_verified_maker_registers_machines(equipment, participants, compliance, spare, lessee, lessor):
    call = equipment.register, serial(9), CERTIFICATE
    assert refusal(*call, sender=spare) == error("WalletUnknown", wallet=spare)
    assert refusal(*call, sender=lessee) == error("RoleMissing", party=Party.LESSEE, role=Role.MANUFACTURER)
    participants.freeze(Party.LESSOR, REASON, sender=compliance)
    assert refusal(*call, sender=lessor) == error("PartyIsFrozen", party=Party.LESSOR)


@pytest.mark.parametrize("hashes", [(EMPTY, CERTIFICATE), (serial(9), EMPTY), (EMPTY, EMPTY)])
def test_case_5_a_machine_without_serial_or_certificate_is_refused(equipment, lessor, hashes):
    assert refusal(equipment.register, *hashes, sender=lessor) == error("MachineHashEmpty")


def test_case_10_a_serial_number_is_one_machine_over_all_makers(
    equipment, participants, compliance, lessor, buyer, machine
):
    validity = clock.now() + clock.DAY
    participants.renew(Party.BUYER, Role.MANUFACTURER, validity, REASON, sender=compliance)
    for maker in (lessor, buyer):
        taken = error("SerialTaken", id=machine)
        assert refusal(equipment.register, serial(machine), OTHER_CERTIFICATE, sender=maker) == taken


def test_a_machine_is_registered_with_its_title_at_the_maker(equipment, rentals, lessor):
    machine = equipment.lastId() + 1
    receipt = equipment.register(serial(machine), CERTIFICATE, sender=lessor)
    hashes = {"serialHash": serial(machine), "certificateHash": CERTIFICATE}
    assert events(receipt) == [
        event(equipment, "MachineRegistered", id=machine, party=Party.LESSOR, **hashes),
        event(equipment, "Transfer", **{"from": NOBODY}, to=lessor, tokenId=machine),
    ]
    assert equipment.machineOf(machine) == (NOBODY, 0, 0, False, NOBODY, *hashes.values())
    assert (equipment.ownerOf(machine), equipment.idOfSerial(serial(machine))) == (lessor, machine)


def test_an_unknown_machine_is_named(equipment, rentals, risk_officer, compliance, stranger):
    unknown = error("MachineUnknown", id=99)
    assert refusal(equipment.machineOf, 99) == unknown
    assert refusal(equipment.verify, 99, CERTIFICATE, sender=risk_officer) == unknown
    assert refusal(equipment.replaceDevice, 99, stranger, 0, b"", sender=compliance) == unknown
    for call in (
        (equipment.setCertificate, 99, CERTIFICATE),
        (equipment.bindDevice, 99, stranger, 0, b""),
        (equipment.setUser, 99, stranger, 0),
        (equipment.unpledge, 99),
        (equipment.convey, 99, stranger),
        (equipment.recover, 99),
    ):
        assert refusal(*call, sender=stranger) == unknown


# CERTIFICATE


def test_only_the_risk_officer_verifies_a_certificate(equipment, machine, risk_manager, lessor):
    for caller in (risk_manager, lessor):
        refused = error("AccessManagedUnauthorized", caller=caller)
        assert refusal(equipment.verify, machine, CERTIFICATE, sender=caller) == refused


def test_the_certificate_that_is_verified_is_the_one_in_force(equipment, machine, risk_officer):
    other = error("CertificateOther", id=machine, inForce=CERTIFICATE, given=OTHER_CERTIFICATE)
    assert refusal(equipment.verify, machine, OTHER_CERTIFICATE, sender=risk_officer) == other
    receipt = equipment.verify(machine, CERTIFICATE, sender=risk_officer)
    verified = {"id": machine, "certificateHash": CERTIFICATE, "by": risk_officer}
    assert events(receipt) == [event(equipment, "CertificateVerified", **verified)]
    assert equipment.machineOf(machine).verified


def test_another_certificate_must_be_verified_again(equipment, rentals, lessor):
    machine = rentals.machine
    assert equipment.machineOf(machine).verified
    receipt = equipment.setCertificate(machine, OTHER_CERTIFICATE, sender=lessor)
    assert events(receipt) == [event(equipment, "CertificateChanged", id=machine, certificateHash=OTHER_CERTIFICATE)]
    assert not equipment.machineOf(machine).verified


def test_only_the_holder_of_a_free_title_changes_its_certificate(equipment, lienor, machine, lessor, lessee):
    call = equipment.setCertificate, machine, OTHER_CERTIFICATE
    assert refusal(*call, sender=lessee) == error("NotTitleHolder", id=machine, caller=lessee)
    assert refusal(equipment.setCertificate, machine, EMPTY, sender=lessor) == error("MachineHashEmpty")
    equipment.pledge(machine, sender=lienor)
    assert refusal(*call, sender=lessor) == error("MachineIsPledged", id=machine)


# DEVICE


def test_a_device_is_bound_by_its_own_signature(equipment, rentals, machine, device2):
    receipt = rentals.bind(machine, "device2", METER_START)
    bound = {"id": machine, "device": device2, "epoch": 1, "meterStart": METER_START}
    assert events(receipt) == [event(equipment, "DeviceBound", **bound)]
    assert equipment.machineOf(machine)[:3] == (device2, 1, METER_START)
    assert (equipment.machineOfDevice(device2), equipment.deviceIn(machine, 1)) == (machine, device2)


@pytest.mark.parametrize(
    "change",
    [{"machine": 1}, {"epoch": 0}, {"epoch": 2}, {"meterStart": 1}, {"chainId": 1}, {"name": "Heqi DeviceOracle"}],
    ids=str,
)
def test_case_36_a_binding_signed_for_anything_else_is_refused(equipment, rentals, machine, device2, lessor, change):
    signature = rentals.binding(machine, "device2", METER_START, **change)
    invalid = error("DeviceSignatureInvalid", id=machine, device=device2)
    assert refusal(equipment.bindDevice, machine, device2, METER_START, signature, sender=lessor) == invalid


@pytest.mark.parametrize("signature", [b"", bytes(65), b"\x01" * 64], ids=["empty", "zero", "64"])
def test_what_is_no_signature_binds_no_device(equipment, machine, device2, lessor, signature):
    invalid = error("DeviceSignatureInvalid", id=machine, device=device2)
    assert refusal(equipment.bindDevice, machine, device2, METER_START, signature, sender=lessor) == invalid
    invalid = error("DeviceSignatureInvalid", id=machine, device=NOBODY)
    assert refusal(equipment.bindDevice, machine, NOBODY, METER_START, signature, sender=lessor) == invalid


def test_a_device_speaks_for_one_machine(equipment, rentals, machine, device, lessor):
    signature = rentals.binding(machine, "device", METER_START)
    taken = error("DeviceTaken", device=device, id=rentals.machine)
    assert refusal(equipment.bindDevice, machine, device, METER_START, signature, sender=lessor) == taken


def test_a_device_that_was_replaced_never_comes_back(equipment, rentals, device, device2, lessor):
    machine = rentals.machine
    rentals.bind(machine, "device2", 0)
    signature = rentals.binding(machine, "device", 0)
    taken = error("DeviceTaken", device=device, id=machine)
    assert refusal(equipment.bindDevice, machine, device, 0, signature, sender=lessor) == taken
    assert equipment.machineOf(machine)[:3] == (device2, 2, 0)
    assert (equipment.deviceIn(machine, 1), equipment.deviceIn(machine, 2)) == (device, device2)


def test_only_the_holder_of_a_free_title_binds_a_device(
    equipment, rentals, participants, compliance, lienor, machine, device2, lessor, lessee
):
    signature = rentals.binding(machine, "device2", METER_START)
    call = equipment.bindDevice, machine, device2, METER_START, signature
    assert refusal(*call, sender=lessee) == error("NotTitleHolder", id=machine, caller=lessee)
    equipment.pledge(machine, sender=lienor)
    assert refusal(*call, sender=lessor) == error("MachineIsPledged", id=machine)
    equipment.unpledge(machine, sender=lienor)
    participants.freeze(Party.LESSOR, REASON, sender=compliance)
    assert refusal(*call, sender=lessor) == error("PartyIsFrozen", party=Party.LESSOR)


def test_case_39_compliance_alone_swaps_the_device_of_a_pledged_machine(
    equipment, rentals, pledged, compliance, device2, lessor, risk_officer
):
    signature = rentals.binding(pledged, "device2", METER_START)
    call = equipment.replaceDevice, pledged, device2, METER_START, signature
    for caller in (lessor, risk_officer):
        assert refusal(*call, sender=caller) == error("AccessManagedUnauthorized", caller=caller)
    receipt = equipment.replaceDevice(*call[1:], sender=compliance)
    bound = {"id": pledged, "device": device2, "epoch": 1, "meterStart": METER_START}
    assert events(receipt) == [event(equipment, "DeviceBound", **bound)]


def test_compliance_too_needs_the_signature_of_the_device(equipment, rentals, pledged, compliance, device2):
    signature = rentals.binding(pledged, "device2", METER_START)
    invalid = error("DeviceSignatureInvalid", id=pledged, device=device2)
    assert refusal(equipment.replaceDevice, pledged, device2, 0, signature, sender=compliance) == invalid


# CHECKPOINT


def test_a_checkpoint_of_the_bound_device_is_one(equipment, rentals):
    checkpoint = rentals.checkpoint(rentals.machine)
    assert equipment.isCheckpoint(checkpoint, rentals.sign_checkpoint(checkpoint))


@pytest.mark.parametrize(
    "change", [{"machine": 2}, {"epoch": 0}, {"sequence": 61}, {"at": 1}, {"hours": 0}, {"fuel": 0}, {"head": EMPTY}]
)
def test_case_36_a_checkpoint_changed_after_signing_is_none(equipment, rentals, change):
    signature = rentals.sign_checkpoint(rentals.checkpoint(rentals.machine))
    assert not equipment.isCheckpoint(rentals.checkpoint(rentals.machine, **change), signature)


@pytest.mark.parametrize(
    "domain", [{"chainId": 1}, {"verifyingContract": NOBODY}, {"name": "Heqi DeviceOracle"}, {"version": "2"}], ids=str
)
def test_case_26_a_checkpoint_signed_for_another_chain_or_contract_is_none(equipment, rentals, domain):
    checkpoint = rentals.checkpoint(rentals.machine)
    assert not equipment.isCheckpoint(checkpoint, rentals.sign_checkpoint(checkpoint, **domain))


def test_case_28_a_checkpoint_signed_by_another_device_is_none(equipment, rentals):
    checkpoint = rentals.checkpoint(rentals.machine)
    assert not equipment.isCheckpoint(checkpoint, rentals.sign_checkpoint(checkpoint, "device2"))


def test_case_28_a_checkpoint_with_a_malleable_or_no_signature_is_none(equipment, rentals):
    checkpoint = rentals.checkpoint(rentals.machine)
    signature = rentals.sign_checkpoint(checkpoint)
    s = CURVE_ORDER - int.from_bytes(signature[32:64])
    twin = signature[:32] + s.to_bytes(32) + bytes([27 + 28 - signature[64]])
    for wrong in (twin, b"", bytes(65), signature[:64], signature + b"\0", b"\xff" * 65):
        assert not equipment.isCheckpoint(checkpoint, wrong)


def test_case_5_nothing_is_a_checkpoint_of_a_machine_without_a_device(equipment, rentals, machine):
    """The address that no signature gives is zero, and so is the device that was never bound."""
    for epoch in (0, 1):
        assert not equipment.isCheckpoint(rentals.checkpoint(machine, epoch=epoch), bytes(65))


def test_each_device_speaks_for_its_own_epoch_alone(equipment, rentals):
    machine = rentals.machine
    rentals.bind(machine, "device2", 0)
    for device, own, other in (("device", 1, 2), ("device2", 2, 1)):
        checkpoint = rentals.checkpoint(machine, epoch=own)
        assert equipment.isCheckpoint(checkpoint, rentals.sign_checkpoint(checkpoint, device))
        foreign = rentals.checkpoint(machine, epoch=other)
        assert not equipment.isCheckpoint(foreign, rentals.sign_checkpoint(foreign, device))


# USE


def test_the_holder_of_a_free_title_says_who_uses_the_machine_and_until_when(equipment, machine, lessor, stranger):
    expires = clock.now() + clock.HOUR
    receipt = equipment.setUser(machine, stranger, expires, sender=lessor)
    assert events(receipt) == [user_event(equipment, machine, stranger, expires)]
    assert (equipment.userOf(machine), equipment.userExpires(machine)) == (stranger, expires)
    clock.travel_to(expires)
    assert equipment.userOf(machine) == stranger
    clock.travel(1)
    assert equipment.userOf(machine) == NOBODY


def test_under_a_lien_only_its_holder_says_who_uses_the_machine(equipment, lienor, pledged, lessor, stranger):
    call = equipment.setUser, pledged, stranger, clock.now() + clock.HOUR
    assert refusal(*call, sender=lessor) == error("MachineIsPledged", id=pledged)
    assert refusal(*call, sender=stranger) == error("NotTitleHolder", id=pledged, caller=stranger)
    equipment.setUser(*call[1:], sender=lienor)
    assert equipment.userOf(pledged) == stranger


def test_a_user_does_not_outlast_the_title_it_came_from(equipment, machine, lessor, buyer, stranger):
    equipment.setUser(machine, stranger, clock.now() + clock.HOUR, sender=lessor)
    receipt = equipment.transferFrom(lessor, buyer, machine, sender=lessor)
    assert events(receipt) == transfer_events(equipment, machine, lessor, buyer)
    assert (equipment.ownerOf(machine), equipment.userOf(machine)) == (buyer, NOBODY)


def test_the_title_names_the_interfaces_it_has(equipment):
    assert all(equipment.supportsInterface(interface) for interface in (ERC_165, ERC_721, ERC_4907))
    assert not equipment.supportsInterface("0xffffffff")


# TRANSFER


def ways_to_transfer(equipment, giver, taker, machine):
    data = (giver, taker, machine)
    return (
        (equipment.transferFrom, *data),
        (equipment.safeTransferFrom, *data),
        (equipment.safeTransferFrom, *data, b""),
    )


def test_case_2_no_way_to_transfer_passes_the_gate(
    equipment, participants, compliance, machine, lessor, buyer, stranger, spare
):
    """The holder itself, and whoever it approved."""
    equipment.approve(stranger, machine, sender=lessor)
    participants.freeze(Party.BUYER, REASON, sender=compliance)
    for taker, refused in (
        (buyer, error("PartyIsFrozen", party=Party.BUYER)),
        (spare, error("WalletUnknown", wallet=spare)),
    ):
        for call in ways_to_transfer(equipment, lessor, taker, machine):
            assert refusal(*call, sender=lessor) == refused
            assert refusal(*call, sender=stranger) == refused


def test_case_6_a_frozen_holder_passes_no_title_on(equipment, participants, compliance, machine, lessor, buyer):
    participants.freeze(Party.LESSOR, REASON, sender=compliance)
    for call in ways_to_transfer(equipment, lessor, buyer, machine):
        assert refusal(*call, sender=lessor) == error("PartyIsFrozen", party=Party.LESSOR)


def test_a_pledged_title_does_not_move(equipment, lienor, machine, lessor, buyer, stranger):
    equipment.approve(stranger, machine, sender=lessor)
    equipment.pledge(machine, sender=lienor)
    for call in ways_to_transfer(equipment, lessor, buyer, machine):
        for caller in (lessor, stranger):
            assert refusal(*call, sender=caller) == error("MachineIsPledged", id=machine)


# LIEN


def test_only_an_admitted_contract_takes_a_lien_and_only_one(equipment, leases, lienor, machine, lessor, stranger):
    for caller in (lessor, stranger):
        refused = error("NotMachineLienor", id=machine, caller=caller)
        assert refusal(equipment.pledge, machine, sender=caller) == refused
    receipt = equipment.pledge(machine, sender=lienor)
    assert events(receipt) == [event(equipment, "MachinePledged", id=machine, lienor=lienor)]
    assert equipment.machineOf(machine).lienor == lienor
    assert refusal(equipment.pledge, machine, sender=lienor) == error("MachineIsPledged", id=machine)
    assert refusal(equipment.pledge, 99, sender=lienor) == error("MachineUnknown", id=99)


def test_case_8_only_who_holds_a_lien_ends_it(equipment, rentals, lienor, pledged, lessor, buyer):
    rentals.signed()
    assert equipment.machineOf(rentals.machine).lienor == rentals.leases
    for machine, caller in ((pledged, lessor), (rentals.machine, lienor)):
        refused = error("NotMachineLienor", id=machine, caller=caller)
        assert refusal(equipment.unpledge, machine, sender=caller) == refused
        assert refusal(equipment.convey, machine, buyer, sender=caller) == refused
    receipt = equipment.unpledge(pledged, sender=lienor)
    assert events(receipt) == [event(equipment, "MachineReleased", id=pledged, lienor=lienor)]
    assert equipment.machineOf(pledged).lienor == NOBODY


def test_nobody_holds_a_lien_on_a_free_machine(equipment, lienor, machine, buyer):
    refused = error("NotMachineLienor", id=machine, caller=lienor)
    assert refusal(equipment.unpledge, machine, sender=lienor) == refused
    assert refusal(equipment.convey, machine, buyer, sender=lienor) == refused


def test_a_conveyed_title_is_free_and_without_a_user(equipment, lienor, pledged, lessor, buyer, stranger):
    equipment.setUser(pledged, stranger, clock.now() + clock.HOUR, sender=lienor)
    receipt = equipment.convey(pledged, buyer, sender=lienor)
    released = event(equipment, "MachineReleased", id=pledged, lienor=lienor)
    assert events(receipt) == [released, *transfer_events(equipment, pledged, lessor, buyer)]
    assert (equipment.ownerOf(pledged), equipment.userOf(pledged)) == (buyer, NOBODY)
    assert equipment.machineOf(pledged).lienor == NOBODY


def test_the_administrator_admits_lienors_after_the_delay(suite, equipment, admin, stranger, spare):
    refused = error("AccessManagedUnauthorized", caller=stranger)
    assert refusal(equipment.allowLienor, spare, sender=stranger) == refused
    receipt = after_delay(suite, admin, equipment.allowLienor, spare)
    assert events(receipt)[1:] == [event(equipment, "MachineLienorAllowed", lienor=spare)]
    assert equipment.isLienor(spare)


# RECOVERY


def test_a_title_follows_its_holders_replaced_wallet_even_under_a_lien(
    equipment, participants, compliance, pledged, lessor, spare, stranger
):
    refused = error("TitleWalletNotRotated", wallet=lessor)
    assert refusal(equipment.recover, pledged, sender=stranger) == refused
    participants.rotateWallet(lessor, spare, sender=compliance)
    participants.freeze(Party.LESSOR, REASON, sender=compliance)
    receipt = equipment.recover(pledged, sender=stranger)
    assert events(receipt) == [
        event(equipment, "MachineRecovered", id=pledged, **{"from": lessor}, to=spare),
        event(equipment, "Transfer", **{"from": lessor}, to=spare, tokenId=pledged),
    ]
    assert equipment.ownerOf(pledged) == spare
