"""What the API reads from the chain about leases at the moment of a request.

Every function raises RpcUnavailable, RpcRefused, and ContractError for a refusal.
"""

from typing import Any

from backend import days
from backend.api.live import Live
from backend.chain.rpc import Header
from backend.readmodel.leases import STATUSES


def today(live: Live, lease: int, block: int | str = "latest") -> dict[str, Any]:
    """Figures of IRentLedger.Owed with the `block` and `day` they are of, `status`, `buy_out` and `loan_owed`."""
    at = live.rpc.header(block)
    owed = _read(live, at, "RentLedger", "owedOf", lease)
    buy_out = _read(live, at, "EquipmentLease", "buyOutOf", lease)
    figures: dict[str, Any] = owed | {
        "block": {"number": at.number, "hash": at.hash},
        "day": days.day_of(at.timestamp),
        "status": STATUSES[_read(live, at, "EquipmentLease", "leaseOf", lease)["status"]],
        "pay": owed["payDay"] or None,
        "buy_out": buy_out or None,
        "loan_owed": _read(live, at, "LeaseFinance", "owedOf", lease),
    }
    return figures


def rent_so_far(live: Live, lease: int) -> dict[str, Any]:
    """Figures of IRentLedger.RentSoFar with `block`, `day` and `now`, and rent `charged` by statements through then."""
    at = live.head()
    so_far = _read(live, at, "RentLedger", "rentSoFar", lease)
    figures: dict[str, Any] = so_far | {
        "block": {"number": at.number, "hash": at.hash},
        "day": days.day_of(at.timestamp),
        "now": at.timestamp,
        "charged": _read(live, at, "RentLedger", "accountOf", lease)["charged"],
    }
    return figures


def quote(live: Live, lease: int) -> dict[str, Any]:
    """Figures of ILeaseFinance.LoanQuote."""
    quoted: dict[str, Any] = live.suite.call(live.rpc, "LeaseFinance", "quote", lease)
    return quoted


def terms_digest(live: Live, terms: dict[str, Any]) -> str:
    """What both parties sign."""
    digest: str = live.suite.call(live.rpc, "EquipmentLease", "termsDigest", terms)
    return digest


def _read(live: Live, at: Header, contract: str, function: str, lease: int) -> Any:
    return live.suite.call(live.rpc, contract, function, lease, block=at.number)
