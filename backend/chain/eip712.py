"""EIP-712 data that the contracts take signatures over. Pure."""

from collections.abc import Mapping, Sequence
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


def typed_data(
    contract: str, address: str, chain_id: int, *, primary_type: str, fields: Fields, message: Mapping[str, Any]
) -> dict[str, Any]:
    """What a wallet signs for the contract of that name at `address`."""
    return {
        "types": {"EIP712Domain": DOMAIN_TYPE, primary_type: fields},
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
