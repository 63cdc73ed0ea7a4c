"""An institution's HTTP end."""

import json

import pytest

from backend.federation import institution, messages, server
from backend.federation.messages import MOST_BYTES


@pytest.fixture
def http(federation):
    return server.create_app(federation.institutions["county_bank"]).test_client()


def problem(answer, status, code):
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    told = json.loads(answer.data)
    assert (told["code"], told["status"]) == (code, status)
    return told


def test_a_start_is_answered_with_a_signed_offer(http, federation):
    start = institution.new_start(federation.spec, [own.member for own in federation.identities.values()])
    answer = http.post("/start", json=federation.coordinator.seal("start", start).model_dump())
    offer = messages.unseal(
        messages.Offer, "offer", messages.parse(messages.Sealed, answer.json), federation.roster.institutions
    )
    assert offer.session == messages.digest(start.model_dump())


@pytest.mark.parametrize("path", ["/start", "/keys", "/request", "/stop"])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "JsonInvalid"),
        (b"{", "JsonInvalid"),
        (b"\xff", "JsonInvalid"),
        (b'{"kind": NaN}', "JsonInvalid"),
        (b'{"kind": "start", "kind": "start"}', "JsonInvalid"),
        (b"[" * 100_000, "JsonInvalid"),
        (b"[]", "MessageInvalid"),
        (b"{}", "MessageInvalid"),
        (b'{"kind": "start", "signer": "x", "body": {}, "signature": "00"}', "MessageInvalid"),
        (b'{"kind": "start", "signer": "../x", "body": {}, "signature": "' + b"0" * 128 + b'"}', "MessageInvalid"),
    ],
)
def test_what_is_no_message_is_a_problem(http, path, body, code):
    problem(http.post(path, data=body), 400, code)


def test_a_message_from_a_stranger_is_forbidden(http, federation):
    sealed = federation.coordinator.seal("stop", messages.Stop(session="00" * 32, outcome="aborted", detail=""))
    problem(http.post("/stop", json=sealed.model_dump() | {"signer": "stranger"}), 403, "SignerUnknown")
    problem(http.post("/stop", json=sealed.model_dump() | {"signature": "00" * 64}), 403, "SignatureWrong")
    problem(http.post("/stop", json=sealed.model_dump()), 404, "SessionUnknown")


def test_a_message_above_the_limit_is_not_read(http):
    told = problem(http.post("/start", data=b" " * (MOST_BYTES + 1)), 413, "MessageTooLarge")
    assert told["values"] == {"most": MOST_BYTES}


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/start", 405), ("POST", "/else", 404), ("GET", "/", 404)]
)
def test_nothing_else_is_answered(http, method, path, status):
    assert json.loads(http.open(path, method=method).data)["code"] == "MessageInvalid"
    assert http.open(path, method=method).status_code == status
