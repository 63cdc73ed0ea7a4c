"""Fingerprints of invoices: one for every way to type an invoice, none for a stranger."""

import re
import stat
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from eth_account.messages import encode_typed_data
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from backend import store
from backend.api import fingerprints as route
from backend.api import limits
from backend.api.schemas import FingerprintRequest
from backend.records.fingerprints import Invoice, InvoiceFieldInvalid, fingerprint
from backend.store.tables import debtor_keys
from tests.backend.market import ADDRESSES, KEYS, Executor, Market

INVOICE = Invoice(code="1100204130", number="03782041", issue_date=date(2026, 3, 1), total="113000.00", currency="CNY")
FIELDS = {
    "code": "1100204130",
    "number": "03782041",
    "issueDate": "2026-03-01",
    "total": "113000.00",
    "currency": "CNY",
}


# The fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"number": " 0378 2041 "},
        {"number": "０３７８２０４１"},
        {"code": "1100204130\u200b"},
        {"code": "１１００２０４１３０"},
        {"total": "113,000"},
        {"total": "113000.0"},
        {"total": "１１３０００.００"},
        {"currency": "cny"},
    ],
)
def test_however_an_invoice_is_typed_its_fingerprint_is_one(change: dict, engine: Engine):
    assert fingerprint(engine, 1, replace(INVOICE, **change)) == fingerprint(engine, 1, INVOICE)


@pytest.mark.parametrize(
    "change",
    [
        {"number": "03782042"},
        {"code": ""},
        {"total": "113000.01"},
        {"currency": "USD"},
        {"issue_date": date(2026, 3, 2)},
        {"code": "110020413", "number": "003782041"},
    ],
)
def test_another_invoice_has_another_fingerprint(change: dict, engine: Engine):
    assert fingerprint(engine, 1, replace(INVOICE, **change)) != fingerprint(engine, 1, INVOICE)


def test_the_same_invoice_of_another_debtor_has_another_fingerprint(engine: Engine):
    assert fingerprint(engine, 1, INVOICE) != fingerprint(engine, 2, INVOICE)


def test_a_fingerprint_stays_the_same_in_another_process(engine: Engine):
    first = fingerprint(engine, 1, INVOICE)
    engine.dispose()
    assert fingerprint(engine, 1, INVOICE) == first
    assert re.fullmatch("0x[0-9a-f]{64}", first)


@pytest.mark.parametrize("total", ["", "x", "0", "-1", "1.001", "NaN", "Infinity", "1e20", "1 000 000 000 000 000"])
def test_a_total_that_is_no_amount_is_refused(total: str, engine: Engine):
    with pytest.raises(InvoiceFieldInvalid, match="total"):
        fingerprint(engine, 1, replace(INVOICE, total=total))


def test_a_number_of_nothing_but_spaces_is_refused(engine: Engine):
    with pytest.raises(InvoiceFieldInvalid, match="number"):
        fingerprint(engine, 1, replace(INVOICE, number=" \u3000"))


@given(left=st.text(max_size=20), right=st.text(min_size=1, max_size=20))
def test_fields_never_run_into_each_other(left: str, right: str):
    try:
        canonical = replace(INVOICE, code=left, number=right).canonical().split(b"\x1f")
    except InvoiceFieldInvalid:
        return
    assert len(canonical) == 6


def test_keys_are_kept_where_only_the_service_reads(engine: Engine):
    fingerprint(engine, 1, INVOICE)
    with store.reading(engine) as tx:
        assert len(tx.execute(select(debtor_keys.c.key)).scalar_one()) == 32
    if engine.dialect.name == "sqlite":
        assert stat.S_IMODE(Path(engine.url.database or "").stat().st_mode) == 0o600


# The route


@pytest.fixture
def asker(client: FlaskClient, market: Market) -> Iterator[FlaskClient]:
    snapshot = market.node.rpc("evm_snapshot")
    yield client
    market.node.rpc("evm_revert", snapshot)


def signed(who: str, signed_by: str | None = None, **changes: Any) -> dict[str, Any]:
    request = {"debtor": 1, "invoice": FIELDS, "issuedAt": int(time.time()), "wallet": ADDRESSES[who]}
    request |= changes
    model = FingerprintRequest.model_validate(request | {"signature": "0x" + "00" * 65})
    signable = encode_typed_data(full_message=route.typed_data(model, 417417))
    signature = KEYS[signed_by or who].sign_message(signable).signature.hex()
    return request | {"signature": "0x" + signature.removeprefix("0x")}


def ask(client: FlaskClient, who: str, signed_by: str | None = None, **changes: Any) -> Any:
    return client.post("/v1/fingerprints", json=signed(who, signed_by, **changes))


def refused(response, status: int, code: str) -> None:
    assert (response.status_code, response.get_json()["code"]) == (status, code)


def test_two_suppliers_and_the_debtor_get_one_fingerprint(asker: FlaskClient):
    answers = [ask(asker, who).get_json() for who in ("supplier", "second_supplier", "core_enterprise")]
    assert answers[0]["receivable"] is None
    assert answers[0] == answers[1] == answers[2]


def test_an_invoice_that_is_registered_is_named_and_refused_by_the_contract(asker: FlaskClient, market: Market):
    made = ask(asker, "supplier").get_json()["fingerprint"]
    registration = (1, market.today() + 30, 11_300_000, 1, made, "0x" + "01" * 32)
    market.send("supplier", "Receivables", "register", registration)
    assert ask(asker, "second_supplier").get_json()["receivable"] == market.read("Receivables", "lastId")


def test_the_wallet_signs_what_the_service_publishes(asker: FlaskClient):
    published = asker.get("/v1/config").get_json()["fingerprintRequest"]
    assert published == route.typing(417417)
    assert published["domain"] == {"name": "Heqi API", "version": "1", "chainId": 417417}


def test_a_signature_of_another_wallet_is_refused(asker: FlaskClient):
    refused(ask(asker, "supplier", signed_by="stranger"), 401, "SignatureWrong")


def test_a_contract_wallet_asks_with_what_it_takes_for_its_signature(asker: FlaskClient, market: Market):
    wallet = Executor(market.node, ADDRESSES["bank"]).deploy("MockContractWallet", [ADDRESSES["new_wallet"]])
    market.send("bank", "Participants", "addWallet", 2, wallet)
    assert ask(asker, "new_wallet", wallet=wallet).status_code == 200
    refused(ask(asker, "stranger", wallet=wallet), 401, "SignatureWrong")


def test_a_request_that_was_changed_after_signing_is_refused(asker: FlaskClient):
    changes = ({"debtor": 7}, {"invoice": FIELDS | {"total": "113000.01"}}, {"wallet": ADDRESSES["second_supplier"]})
    for change in changes:
        refused(asker.post("/v1/fingerprints", json=signed("supplier") | change), 401, "SignatureWrong")


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_signature_outside_its_window_is_refused(seconds: int, asker: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(route.time, "time", lambda: 1_800_000_000)
    refused(ask(asker, "supplier", issuedAt=1_800_000_000 + seconds), 401, "SignatureStale")


@pytest.mark.parametrize("seconds", [-300, 300])
def test_a_signature_at_the_edge_of_its_window_counts(
    seconds: int, asker: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(route.time, "time", lambda: 1_800_000_000)
    assert ask(asker, "supplier", issuedAt=1_800_000_000 + seconds).status_code == 200


@pytest.mark.parametrize("who", ["stranger", "lender", "second_core_enterprise"])
def test_who_is_neither_the_debtor_nor_a_supplier_is_refused(who: str, asker: FlaskClient):
    refused(ask(asker, who), 403, "NotPartyToInvoice")


def test_a_frozen_supplier_is_refused(asker: FlaskClient, market: Market):
    market.send("bank", "Participants", "freeze", 3, "0x" + "00" * 32)
    refused(ask(asker, "second_supplier"), 403, "NotPartyToInvoice")


@pytest.mark.parametrize("signature", ["0x" + "00" * 65, "0x" + "ff" * 65, "0x" + "11" * 64 + "1b"])
def test_bytes_that_are_no_signature_are_refused(signature: str, asker: FlaskClient):
    request = {"debtor": 1, "invoice": FIELDS, "issuedAt": int(time.time()), "wallet": ADDRESSES["supplier"]}
    refused(asker.post("/v1/fingerprints", json=request | {"signature": signature}), 401, "SignatureWrong")


def test_a_party_may_ask_only_so_often(app: Flask, asker: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "FINGERPRINTS_OF_A_PARTY", limits.parse("2/hour"))
    assert [ask(asker, "supplier").status_code for _ in range(3)] == [200, 200, 429]
    assert ask(asker, "second_supplier").status_code == 200
