"""The route that computes invoice fingerprints.

It answers what only the debtor and its suppliers may ask, so a request is signed (EIP-712) by a wallet of the debtor or
of a verified supplier. A supplier could still try invoices it does not have: every party may ask so often an hour.
"""

import time
from typing import Any

from eth_account.messages import encode_typed_data
from flask import Blueprint

from backend.api.context import here
from backend.api.limits import SIGNED_REQUESTS, count_fingerprint, limiter
from backend.api.schemas import Fingerprint, FingerprintRequest
from backend.api.spec import documented
from backend.chain import signatures
from backend.chain.abi import checksum
from backend.errors import HeqiError
from backend.records import fingerprints

FRESH_S = 300
DOMAIN_TYPE = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
]
REQUEST_TYPE = [
    {"name": "debtor", "type": "uint32"},
    {"name": "code", "type": "string"},
    {"name": "number", "type": "string"},
    {"name": "issueDate", "type": "string"},
    {"name": "total", "type": "string"},
    {"name": "currency", "type": "string"},
    {"name": "issuedAt", "type": "uint256"},
]

blueprint = Blueprint("fingerprints", __name__, url_prefix="/v1/fingerprints")


class SignatureStale(HeqiError):
    notice_en = "The request was signed at {issued_at}; it counts within {window} seconds of now ({now})."
    notice_zh = "请求签署于 {issued_at}，仅在当前时间（{now}）前后 {window} 秒内有效。"
    status = 401


class NotPartyToInvoice(HeqiError):
    notice_en = "{wallet} belongs neither to debtor {debtor} nor to a verified supplier."
    notice_zh = "{wallet} 既不属于债务人 {debtor}，也不属于已认证的供应商。"
    status = 403


@blueprint.post("")
@limiter.limit(SIGNED_REQUESTS)
@documented(Fingerprint, 400, 401, 403, 413, 415, tag="Fingerprints")
def make_fingerprint(json: FingerprintRequest) -> Fingerprint:
    """The fingerprint under which an invoice is registered, the same for whoever brings the invoice.

    Fields are read as printed: width, case and spaces make no difference.
    """
    require_signed(json)
    count_fingerprint(_asking_party(json.debtor, checksum(json.wallet)))
    found = fingerprints.fingerprint(here().engine, json.debtor, fingerprints.Invoice(**json.invoice.model_dump()))
    receivable = here().live.receivable_of_invoice(json.debtor, found)
    return Fingerprint(debtor=json.debtor, fingerprint=found, receivable=receivable or None)


def typed_data(request: FingerprintRequest, chain_id: int) -> dict[str, Any]:
    """What the wallet signs: the fields as they stand in the request."""
    invoice = request.invoice
    return {
        **typing(chain_id),
        "message": {
            "debtor": request.debtor,
            "code": invoice.code,
            "number": invoice.number,
            "issueDate": invoice.issue_date.isoformat(),
            "total": invoice.total,
            "currency": invoice.currency,
            "issuedAt": request.issued_at,
        },
    }


def typing(chain_id: int) -> dict[str, Any]:
    """Domain and types of the typed data."""
    return {
        "types": {"EIP712Domain": DOMAIN_TYPE, "FingerprintRequest": REQUEST_TYPE},
        "primaryType": "FingerprintRequest",
        "domain": {"name": "Heqi API", "version": "1", "chainId": chain_id},
    }


def require_signed(request: FingerprintRequest) -> None:
    """Raises SignatureStale, SignatureWrong."""
    now = int(time.time())
    if abs(now - request.issued_at) > FRESH_S:
        raise SignatureStale(issued_at=request.issued_at, window=FRESH_S, now=now)
    signable = encode_typed_data(full_message=typed_data(request, here().suite.chain_id))
    signatures.require_signed(here().live.rpc, request.wallet, signable, request.signature)


def _asking_party(debtor: int, wallet: str) -> int:
    """Raises NotPartyToInvoice."""
    live = here().live
    party = live.party_of(wallet)
    if party == 0 or (party != debtor and not live.is_verified_supplier(wallet)):
        raise NotPartyToInvoice(wallet=wallet, debtor=debtor)
    return party
