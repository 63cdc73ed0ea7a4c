"""EIP-712 data that the contracts take signatures over. Pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

Fields = Sequence[Mapping[str, str]]

DOMAIN_TYPE: Fields = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]
CONFIRMATION_TYPE: Fields = [
    {"name": "id", "type": "uint256"},
    {"name": "debtor", "type": "uint32"},
    {"name": "creditor", "type": "uint32"},
    {"name": "face", "type": "uint96"},
    {"name": "dueDay", "type": "uint32"},
    {"name": "currency", "type": "uint16"},
    {"name": "fingerprint", "type": "bytes32"},
    {"name": "deadline", "type": "uint256"},
]

DEVICE_BINDING_TYPE: Fields = [
    {"name": "machine", "type": "uint32"},
    {"name": "device", "type": "address"},
    {"name": "epoch", "type": "uint16"},
    {"name": "meterStart", "type": "uint32"},
]
TIER_TYPE: Fields = [{"name": "throughTenths", "type": "uint32"}, {"name": "rate", "type": "uint96"}]
LEASE_TERMS_TYPE: Fields = [
    {"name": "machine", "type": "uint32"},
    {"name": "lessor", "type": "uint32"},
    {"name": "lessee", "type": "uint32"},
    {"name": "price", "type": "uint96"},
    {"name": "deposit", "type": "uint96"},
    {"name": "buyOutPrice", "type": "uint96"},
    {"name": "minimum", "type": "uint96"},
    {"name": "cap", "type": "uint96"},
    {"name": "periods", "type": "uint16"},
    {"name": "periodDays", "type": "uint16"},
    {"name": "dueDays", "type": "uint8"},
    {"name": "cureDays", "type": "uint8"},
    {"name": "lockNoticeDays", "type": "uint8"},
    {"name": "lateRateBps", "type": "uint16"},
    {"name": "tiers", "type": "Tier[]"},
    {"name": "rulesHash", "type": "bytes32"},
    {"name": "documentHash", "type": "bytes32"},
    {"name": "salt", "type": "uint64"},
    {"name": "deadline", "type": "uint40"},
]


def typed_data(
    contract: str,
    address: str,
    chain_id: int,
    *,
    primary_type: str,
    fields: Fields,
    message: Mapping[str, Any],
    structs: Mapping[str, Fields] = MappingProxyType({}),
) -> dict[str, Any]:
    """What a wallet signs for the contract of that name at `address`; `structs`: types that `fields` name."""
    return {
        "types": {"EIP712Domain": DOMAIN_TYPE, primary_type: fields, **structs},
        "primaryType": primary_type,
        "domain": {"name": f"Heqi {contract}", "version": "1", "chainId": chain_id, "verifyingContract": address},
        "message": dict(message),
    }


def confirmation(
    figures: Mapping[str, Any], debtor: int, deadline: int, receivables: str, chain_id: int
) -> dict[str, Any]:
    """A debtor's confirmation for `confirmBySignature`; `figures` as IReceivables.Confirmation names them."""
    message = {**figures, "debtor": debtor, "deadline": deadline}
    return typed_data(
        "Receivables", receivables, chain_id, primary_type="Confirmation", fields=CONFIRMATION_TYPE, message=message
    )


def device_binding(binding: Mapping[str, Any], equipment: str, chain_id: int) -> dict[str, Any]:
    """What a device signs to speak for a machine: machine, device, epoch and meterStart, in hundredths of an hour."""
    return typed_data(
        "Equipment", equipment, chain_id, primary_type="DeviceBinding", fields=DEVICE_BINDING_TYPE, message=binding
    )


def lease_terms(terms: Mapping[str, Any], leases: str, chain_id: int) -> dict[str, Any]:
    """What lessor and lessee sign; `terms` as IEquipmentLease.Terms names them."""
    return typed_data(
        "EquipmentLease",
        leases,
        chain_id,
        primary_type="LeaseTerms",
        fields=LEASE_TERMS_TYPE,
        message=terms,
        structs={"Tier": TIER_TYPE},
    )
