"""Sign-in with Ethereum: who gets a session, what it opens, and what ends it."""

import secrets
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from eth_account.messages import encode_defunct
from flask import Flask
from flask.testing import FlaskClient
from flask_socketio.test_client import SocketIOTestClient
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from backend import log, store
from backend.api import limits, sessions
from backend.api.app import create_app
from backend.api.context import EXTENSION
from backend.api.problems import ResourceUnknown
from backend.api.push import Pusher
from backend.chain import signatures, signin
from backend.chain.abi import checksum
from backend.config import Settings
from backend.records.sessions import IDLE_S, LONGEST_S, NONCE_S
from backend.store import feed
from backend.store.tables import sessions as kept
from scripts import plan
from scripts._session import compose
from tests.backend.market import ADDRESSES, KEYS, Executor, Market

HERE = "http://localhost"  # where the test client believes to be
SITE = "http://127.0.0.1:8000"
ELSEWHERE = "https://elsewhere.example"
COOKIE = "heqi_session"
SUPPLIER, SECOND_SUPPLIER = 2, 3


@pytest.fixture
def visitor(client: FlaskClient, market: Market) -> Iterator[FlaskClient]:
    """A browser without a session; what happens on chain is undone afterwards."""
    snapshot = market.node.rpc("evm_snapshot")
    yield client
    market.node.rpc("evm_revert", snapshot)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The service's time in seconds, to be moved."""
    now = [1_800_000_000]
    monkeypatch.setattr(sessions, "_now", lambda: now[0])
    return now


def another_browser(app: Flask) -> FlaskClient:
    return app.test_client()


def wanted(client: FlaskClient) -> dict[str, str]:
    answer = client.post("/v1/session/nonce", json={}, headers={"Origin": SITE})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def signed(message: str, who: str) -> dict[str, str]:
    signature = bytes(KEYS[who].sign_message(encode_defunct(text=message)).signature).hex()
    return {"message": message, "signature": "0x" + signature}


def post(client: FlaskClient, body: dict[str, str], origin: str = SITE) -> TestResponse:
    return client.post("/v1/session", json=body, headers={"Origin": origin})


def claim(client: FlaskClient, who: str, wallet: str | None = None, **changes: str) -> dict[str, str]:
    """A body that signs in, but for `changes` of what the message says."""
    return signed(compose(wanted(client) | changes, wallet or ADDRESSES[who]), who)


def sign_in(client: FlaskClient, who: str, wallet: str | None = None) -> TestResponse:
    answer = post(client, claim(client, who, wallet))
    assert answer.status_code == 200, answer.text
    return answer


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie(COOKIE)
    return found.value if found else ""


def with_cookie(app: Flask, secret: str) -> FlaskClient:
    client = another_browser(app)
    client.set_cookie(COOKIE, secret)
    return client


def refused(answer: TestResponse, status: int, code: str) -> None:
    assert (answer.status_code, answer.get_json()["code"]) == (status, code), answer.text


def is_in(client: FlaskClient) -> bool:
    status = client.get("/v1/session").status_code
    assert status in (200, 401)
    return status == 200


# Signing in


def test_a_party_signs_in_with_its_wallet(visitor: FlaskClient, clock: list[int]):
    answer = sign_in(visitor, "supplier").get_json()
    expected = {"wallet": ADDRESSES["supplier"], "party": SUPPLIER, "officer": False}
    assert answer == expected | {"expiresAt": "2027-01-15T08:30:00Z"}
    assert visitor.get("/v1/session").get_json() == answer


def test_the_message_asked_for_names_the_page_that_asks(app: Flask, visitor: FlaskClient, clock: list[int]):
    asked = wanted(visitor)
    assert len(asked.pop("nonce")) == 32
    assert asked == {
        "domain": "127.0.0.1:8000",
        "uri": SITE,
        "version": "1",
        "chainId": 417417,
        "issuedAt": "2027-01-15T08:00:00Z",
        "expirationTime": "2027-01-15T08:05:00Z",
        "statement": sessions.STATEMENT,
    }
    allowed = Settings(allowed_origins=("https://app.example",))
    context = app.extensions[EXTENSION]
    other = create_app(allowed, context.suite, context.live.rpc, context.engine).test_client()
    asked = other.post("/v1/session/nonce", json={}, headers={"Origin": "https://app.example"}).get_json()
    assert (asked["domain"], asked["uri"]) == ("app.example", "https://app.example")


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(visitor: FlaskClient):
    answer = sign_in(visitor, "supplier")
    name, *attributes = answer.headers["Set-Cookie"].split("; ")
    assert name.startswith(COOKIE + "=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/", f"Max-Age={LONGEST_S}"} <= set(attributes)
    assert "Secure" not in attributes
    assert cookie(visitor) not in answer.text


def test_off_the_local_chain_the_cookie_is_bound_to_host_and_tls(app: Flask, visitor: FlaskClient):
    context = app.extensions[EXTENSION]
    settings = Settings(chain_id=11155111, allowed_origins=("https://bank.example",))
    bank = create_app(settings, context.suite, context.live.rpc, context.engine).test_client()
    site = {"Origin": "https://bank.example"}
    asked = bank.post("/v1/session/nonce", json={}, headers=site).get_json()
    answer = bank.post("/v1/session", json=signed(compose(asked, ADDRESSES["supplier"]), "supplier"), headers=site)
    name, *attributes = answer.headers["Set-Cookie"].split("; ")
    assert name.startswith("__Host-heqi_session=")
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(attributes)
    assert not [attribute for attribute in attributes if attribute.startswith("Domain")]


def test_off_the_local_chain_nobody_signs_in_to_an_address_that_is_not_allowed(app: Flask, visitor: FlaskClient):
    context = app.extensions[EXTENSION]
    bank = create_app(Settings(chain_id=11155111), context.suite, context.live.rpc, context.engine).test_client()
    refused(bank.post("/v1/session/nonce", json={}), 403, "OriginRefused")
    refused(bank.post("/v1/session", json=claim(visitor, "supplier")), 401, "SignInElsewhere")


def test_only_a_hash_of_the_secret_is_kept(visitor: FlaskClient, database: Engine):
    sign_in(visitor, "supplier")
    with store.reading(database) as tx:
        rows = tx.execute(select(kept)).all()
    assert cookie(visitor) and cookie(visitor) not in str(rows)


def test_a_wallet_of_nobody_is_refused(visitor: FlaskClient):
    refused(post(visitor, claim(visitor, "stranger")), 403, "WalletWithoutAccess")
    assert not cookie(visitor)


def test_case_41_a_nonce_counts_once(visitor: FlaskClient):
    body = claim(visitor, "supplier")
    assert post(visitor, body).status_code == 200
    visitor.delete("/v1/session", headers={"Origin": SITE})
    refused(post(visitor, body), 401, "NonceSpent")
    assert not is_in(visitor)


def test_case_41_a_nonce_sent_many_times_at_once_counts_once(app: Flask, visitor: FlaskClient):
    body = claim(visitor, "supplier")
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(post(another_browser(app), body).status_code)) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [401] * 5


def test_case_41_a_nonce_is_spent_by_a_wrong_signature(visitor: FlaskClient):
    body = claim(visitor, "supplier")
    refused(post(visitor, body | {"signature": signed("another", "supplier")["signature"]}), 401, "SignatureWrong")
    refused(post(visitor, body), 401, "NonceSpent")


def test_case_41_a_nonce_that_was_never_issued_is_refused(visitor: FlaskClient):
    refused(post(visitor, claim(visitor, "supplier", nonce="0" * 32)), 401, "NonceSpent")


@pytest.mark.parametrize(("seconds", "status"), [(NONCE_S - 1, 200), (NONCE_S, 401)])
def test_case_41_a_nonce_counts_for_five_minutes(seconds: int, status: int, visitor: FlaskClient, clock: list[int]):
    asked = wanted(visitor)
    clock[0] += seconds
    later = asked | {"issuedAt": "2027-01-15T08:05:00Z", "expirationTime": "2027-01-15T08:10:00Z"}
    answer = post(visitor, signed(compose(later, ADDRESSES["supplier"]), "supplier"))
    assert answer.status_code == status
    assert status == 200 or answer.get_json()["code"] == "NonceSpent"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("domain", {"domain": "elsewhere.example"}),
        ("domain", {"domain": "127.0.0.1:8001"}),
        ("domain", {"domain": "127.0.0.1"}),
        ("domain", {"domain": "127.0.0.1:8000@elsewhere.example"}),
        ("uri", {"domain": "https://127.0.0.1:8000"}),
        ("uri", {"domain": "localhost:8000"}),
        ("uri", {"uri": "https://elsewhere.example"}),
        ("uri", {"uri": "https://127.0.0.1:8000"}),
        ("uri", {"uri": "http://127.0.0.1:8000/elsewhere"}),
        ("chainId", {"chainId": "1"}),
        ("chainId", {"chainId": "31337"}),
    ],
    ids=str,
)
def test_case_41_a_message_for_another_site_or_chain_is_refused(
    field: str, changes: dict[str, str], visitor: FlaskClient
):
    answer = post(visitor, claim(visitor, "supplier", **changes))
    refused(answer, 401, "SignInElsewhere")
    assert (answer.get_json()["values"]["field"], is_in(visitor)) == (field, False)


def test_case_41_a_site_cannot_be_named_by_the_host_of_the_request(visitor: FlaskClient):
    body = claim(visitor, "supplier", domain="elsewhere.example", uri=ELSEWHERE)
    host = {"Host": "elsewhere.example", "Origin": "http://elsewhere.example"}
    refused(visitor.post("/v1/session", json=body, headers=host), 401, "SignInElsewhere")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"issuedAt": "2027-01-15T07:54:59Z"}, "SignInOutdated"),
        ({"issuedAt": "2027-01-15T08:01:01Z"}, "SignInOutdated"),
        ({"expirationTime": "2027-01-15T08:00:00Z"}, "SignInOutdated"),
        ({"expirationTime": "2027-01-15T08:05:00Z\nNot Before: 2027-01-15T08:00:01Z"}, "SignInOutdated"),
        ({"issuedAt": "2027-02-30T08:00:00Z"}, "SignInMessageInvalid"),
        ({"issuedAt": "yesterday"}, "SignInMessageInvalid"),
    ],
    ids=str,
)
def test_case_41_a_message_of_another_time_is_refused(
    changes: dict[str, str], code: str, visitor: FlaskClient, clock: list[int]
):
    answer = post(visitor, claim(visitor, "supplier", **changes))
    assert (answer.get_json()["code"], is_in(visitor)) == (code, False)


@pytest.mark.parametrize("issued_at", ["2027-01-15T07:55:00Z", "2027-01-15T08:01:00Z", "2027-01-15T16:00:00+08:00"])
def test_a_message_at_the_edge_of_its_time_counts(issued_at: str, visitor: FlaskClient, clock: list[int]):
    assert post(visitor, claim(visitor, "supplier", issuedAt=issued_at)).status_code == 200


@pytest.mark.parametrize(
    "message",
    [
        "sign in",
        "\n" * 700,
        "{site} wants you to sign in with your Ethereum account:",
        "{message}\nand more",
        "{message}\n",
        " {message}",
        "{crlf}",
        "{zeros}",
        "{version}",
        "{address}",
    ],
)
def test_what_is_not_exactly_a_message_of_the_standard_is_refused(message: str, visitor: FlaskClient):
    right = compose(wanted(visitor), ADDRESSES["supplier"])
    forms = {
        "site": "127.0.0.1:8000",
        "message": right,
        "crlf": right.replace("\n", "\r\n"),
        "zeros": right.replace("Chain ID: ", "Chain ID: 00"),
        "version": right.replace("Version: 1", "Version: 2"),
        "address": right.replace(ADDRESSES["supplier"], ADDRESSES["supplier"].swapcase().replace("0X", "0x")),
    }
    refused(post(visitor, signed(message.format(**forms), "supplier")), 400, "SignInMessageInvalid")


def test_a_message_above_the_limit_is_not_read(visitor: FlaskClient):
    refused(post(visitor, claim(visitor, "supplier", statement="a" * 800)), 422, "RequestInvalid")


@pytest.mark.parametrize("signature", ["0x" + "00" * 65, "0x" + "ff" * 65, "0x00", "0x" + "11" * 2048])
def test_bytes_that_are_no_signature_are_refused(signature: str, visitor: FlaskClient):
    refused(post(visitor, claim(visitor, "supplier") | {"signature": signature}), 401, "SignatureWrong")


def test_a_signature_of_another_wallet_is_refused(visitor: FlaskClient):
    body = claim(visitor, "second_supplier", wallet=ADDRESSES["supplier"])
    refused(post(visitor, body), 401, "SignatureWrong")
    assert not is_in(visitor)


def contract_wallet(market: Market, owner: str) -> str:
    """A contract that signs with the owner's key, bound to the supplier."""
    wallet = Executor(market.node, ADDRESSES["bank"]).deploy("MockContractWallet", [ADDRESSES[owner]])
    market.send("bank", "Participants", "addWallet", SUPPLIER, wallet)
    return wallet


def test_case_41_a_contract_wallet_signs_in_with_what_it_takes_for_its_signature(visitor: FlaskClient, market: Market):
    wallet = contract_wallet(market, "new_wallet")
    answer = sign_in(visitor, "new_wallet", wallet).get_json()
    assert (answer["wallet"], answer["party"]) == (wallet, SUPPLIER)


def test_case_41_a_contract_wallet_does_not_sign_with_a_strangers_key(visitor: FlaskClient, market: Market):
    wallet = contract_wallet(market, "new_wallet")
    refused(post(visitor, claim(visitor, "stranger", wallet)), 401, "SignatureWrong")
    refused(post(visitor, claim(visitor, "supplier", wallet)), 401, "SignatureWrong")


def test_case_41_a_contract_that_knows_no_signatures_is_refused(visitor: FlaskClient, market: Market):
    cash = market.suite.address("MockCash")
    market.send("bank", "Participants", "addWallet", SUPPLIER, cash)
    refused(post(visitor, claim(visitor, "supplier", cash)), 401, "SignatureWrong")


MAGIC = "1626ba7e" + "00" * 28
RETURN_WORD = "60005260206000f3"


def wallet_of_code(market: Market, code: str) -> str:
    """A contract that answers every call by this EVM code, bound to the supplier."""
    wallet = checksum(f"0x{secrets.token_hex(20)}")
    market.node.rpc("anvil_setCode", wallet, "0x" + code)
    market.send("bank", "Participants", "addWallet", SUPPLIER, wallet)
    return wallet


def test_case_41_a_contract_wallet_says_yes_with_the_standards_word_alone(visitor: FlaskClient, market: Market):
    wallet = wallet_of_code(market, f"7f{MAGIC}{RETURN_WORD}")
    assert sign_in(visitor, "stranger", wallet).get_json()["wallet"] == wallet


@pytest.mark.parametrize(
    "code",
    [
        f"6001{RETURN_WORD}",
        f"631626ba7e{RETURN_WORD}",
        f"7f1626ba7e{'ff' * 28}{RETURN_WORD}",
        f"7fffffffff{'00' * 28}{RETURN_WORD}",
        f"7f{MAGIC}60005260046000f3",
        f"7f{MAGIC}60005260406000f3",
        "60006000f3",
        "60006000fd",
        "fe",
        "5b600056",
    ],
    ids=[
        "true",
        "the word at the wrong end",
        "the word with more behind it",
        "no",
        "four bytes",
        "two words",
        "nothing",
        "a revert",
        "a fault",
        "an endless loop",
    ],
)
def test_case_41_a_contract_wallet_that_answers_anything_else_is_refused(
    code: str, visitor: FlaskClient, market: Market
):
    refused(post(visitor, claim(visitor, "stranger", wallet_of_code(market, code))), 401, "SignatureWrong")


# What ends a session


def test_case_41_a_session_that_was_planted_is_not_taken_over(app: Flask, visitor: FlaskClient):
    visitor.set_cookie(COOKIE, "planted-by-another-site")
    sign_in(visitor, "supplier")
    assert cookie(visitor) != "planted-by-another-site"
    assert not is_in(with_cookie(app, "planted-by-another-site"))


def test_case_41_signing_in_again_gives_another_session_and_ends_the_one_before(app: Flask, visitor: FlaskClient):
    sign_in(visitor, "supplier")
    before = cookie(visitor)
    sign_in(visitor, "second_supplier")
    assert cookie(visitor) != before
    assert not is_in(with_cookie(app, before))
    assert visitor.get("/v1/session").get_json()["party"] == SECOND_SUPPLIER


def test_case_41_signing_out_ends_the_session_everywhere(app: Flask, visitor: FlaskClient):
    sign_in(visitor, "supplier")
    copied = cookie(visitor)
    answer = visitor.delete("/v1/session", headers={"Origin": SITE})
    assert (answer.status_code, answer.data, cookie(visitor)) == (204, b"", "")
    assert not is_in(with_cookie(app, copied))


def test_signing_out_without_a_session_does_nothing(visitor: FlaskClient):
    assert visitor.delete("/v1/session").status_code == 204


def test_signing_out_leaves_other_sessions_of_the_wallet(app: Flask, visitor: FlaskClient):
    other = another_browser(app)
    sign_in(visitor, "supplier")
    sign_in(other, "supplier")
    visitor.delete("/v1/session", headers={"Origin": SITE})
    assert is_in(other)


def test_case_41_a_replaced_wallet_is_out_at_once(app: Flask, visitor: FlaskClient, market: Market):
    sign_in(visitor, "supplier")
    market.send("bank", "Participants", "rotateWallet", ADDRESSES["supplier"], ADDRESSES["new_wallet"])
    refused(visitor.get("/v1/session"), 401, "SignInNeeded")
    refused(post(visitor, claim(visitor, "supplier")), 403, "WalletWithoutAccess")
    successor = another_browser(app)
    assert sign_in(successor, "new_wallet").get_json()["party"] == SUPPLIER


@pytest.mark.parametrize(("seconds", "inside"), [(IDLE_S - 1, True), (IDLE_S, False)])
def test_a_session_ends_when_it_is_idle(seconds: int, inside: bool, visitor: FlaskClient, clock: list[int]):
    sign_in(visitor, "supplier")
    clock[0] += seconds
    assert is_in(visitor) == inside


def test_a_session_in_use_ends_after_half_a_day(visitor: FlaskClient, clock: list[int]):
    sign_in(visitor, "supplier")
    since = clock[0]
    while clock[0] + IDLE_S - 1 < since + LONGEST_S:
        clock[0] += IDLE_S - 1
        assert is_in(visitor)
    clock[0] = since + LONGEST_S - 1
    assert is_in(visitor)
    clock[0] += 1
    assert not is_in(visitor)


def test_sessions_and_nonces_that_are_over_are_forgotten(visitor: FlaskClient, clock: list[int], database: Engine):
    sign_in(visitor, "supplier")
    clock[0] += LONGEST_S
    sign_in(visitor, "second_supplier")
    with store.reading(database) as tx:
        assert list(tx.scalars(select(kept.c.wallet))) == [ADDRESSES["second_supplier"]]


@pytest.mark.parametrize("secret", ["", "x", "0" * 64, "中", "' OR 1=1 --"])
def test_a_secret_that_names_no_session_opens_nothing(secret: str, app: Flask, visitor: FlaskClient):
    sign_in(visitor, "supplier")
    refused(with_cookie(app, secret).get("/v1/session"), 401, "SignInNeeded")


# What a session opens


def asking(app: Flask, client: FlaskClient, rule: Any, party: int) -> Any:
    """What a route that asks `rule` about a party finds out for this browser."""
    with app.test_request_context(headers={"Cookie": f"{COOKIE}={cookie(client)}"}):
        return rule(party)


def test_case_43_another_partys_data_is_as_unknown_as_that_of_no_party(app: Flask, visitor: FlaskClient):
    sign_in(visitor, "supplier")
    for rule in (sessions.require_own, sessions.require_own_or_officer):
        assert asking(app, visitor, rule, SUPPLIER) == sessions.SignedIn(ADDRESSES["supplier"], SUPPLIER)
        for party in (1, SECOND_SUPPLIER, 99, 2**32 - 1):
            with pytest.raises(ResourceUnknown) as unknown:
                asking(app, visitor, rule, party)
            assert unknown.value.values == {"kind": "party", "id": party}


def test_case_43_nobody_without_a_session_learns_anything(app: Flask, visitor: FlaskClient):
    for rule in (sessions.require_own, sessions.require_own_or_officer):
        for party in (SUPPLIER, 99):
            with pytest.raises(sessions.SignInNeeded):
                asking(app, visitor, rule, party)


@pytest.mark.parametrize("name", ["risk_officer", "risk_manager", "compliance"])
def test_an_officer_of_the_bank_sees_every_party_until_the_role_is_revoked(
    name: str, app: Flask, visitor: FlaskClient, market: Market
):
    role = plan.ROLE_BY_NAME[name].id
    market.send("bank", "Authority", "grantRole", role, ADDRESSES["stranger"], 0)
    answer = sign_in(visitor, "stranger").get_json()
    assert (answer["party"], answer["officer"]) == (None, True)
    officer = asking(app, visitor, sessions.require_own_or_officer, SUPPLIER)
    assert officer == sessions.SignedIn(ADDRESSES["stranger"], 0)
    with pytest.raises(ResourceUnknown):
        asking(app, visitor, sessions.require_own, SUPPLIER)
    market.send("bank", "Authority", "revokeRole", role, ADDRESSES["stranger"])
    with pytest.raises(sessions.SignInNeeded):
        asking(app, visitor, sessions.require_own_or_officer, SUPPLIER)


@pytest.mark.parametrize("name", ["compliance_release", "guardian"])
def test_other_roles_of_the_authority_open_nothing(name: str, visitor: FlaskClient, market: Market):
    market.send("bank", "Authority", "grantRole", plan.ROLE_BY_NAME[name].id, ADDRESSES["stranger"], 0)
    refused(post(visitor, claim(visitor, "stranger")), 403, "WalletWithoutAccess")


# Other sites


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_case_42_a_form_of_another_site_is_refused_cookies_or_not(media_type: str, visitor: FlaskClient):
    body = claim(visitor, "supplier")
    sign_in(visitor, "second_supplier")
    for path in ("/v1/session", "/v1/session/nonce"):
        answer = visitor.post(path, data=str(body), content_type=media_type, headers={"Origin": SITE})
        refused(answer, 415, "MediaTypeRefused")
    assert visitor.get("/v1/session").get_json()["party"] == SECOND_SUPPLIER


@pytest.mark.parametrize(
    "origin", [ELSEWHERE, "null", "http://127.0.0.1:8001", "https://localhost", "http://localhost.example"]
)
@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/v1/session"), ("POST", "/v1/session"), ("POST", "/v1/fingerprints")]
)
def test_case_42_a_foreign_page_writes_nothing(method: str, path: str, origin: str, visitor: FlaskClient):
    sign_in(visitor, "supplier")
    answer = visitor.open(path, method=method, json={}, headers={"Origin": origin})
    refused(answer, 403, "OriginRefused")
    assert is_in(visitor)


def test_case_42_a_foreign_page_cannot_sign_its_visitor_in(app: Flask, visitor: FlaskClient):
    refused(post(another_browser(app), claim(visitor, "supplier"), origin=ELSEWHERE), 403, "OriginRefused")


def test_case_42_a_write_with_a_cookie_says_which_page_it_comes_from(visitor: FlaskClient):
    sign_in(visitor, "supplier")
    refused(visitor.delete("/v1/session"), 403, "OriginRefused")
    assert is_in(visitor)
    assert visitor.delete("/v1/session", headers={"Origin": HERE}).status_code == 204


@pytest.mark.parametrize("origin", [ELSEWHERE, SITE, "null"])
def test_case_42_no_answer_may_be_read_across_sites(origin: str, visitor: FlaskClient):
    sign_in(visitor, "supplier")
    asked = [
        visitor.get("/v1/session", headers={"Origin": origin}),
        visitor.options("/v1/session", headers={"Origin": origin, "Access-Control-Request-Method": "DELETE"}),
    ]
    for answer in asked:
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]


# Rooms


def listener(app: Flask, client: FlaskClient, origin: str | None = SITE) -> SocketIOTestClient:
    headers = {"Origin": origin} if origin else {}
    return app.extensions["socketio"].test_client(app, headers=headers, flask_test_client=client)


def subscribe(listener: SocketIOTestClient, *rooms: str) -> dict[str, Any]:
    answer: dict[str, Any] = listener.emit("subscribe", {"rooms": list(rooms)}, callback=True)
    return answer


def tell(app: Flask, pusher: Pusher, party: int, kind: str) -> None:
    with store.writing(app.extensions[EXTENSION].engine) as tx:
        feed.tell_party(tx, party, kind, {"records": "3"})
    pusher.step()


def heard(listener: SocketIOTestClient) -> list[str]:
    return [message["args"][0]["kind"] for message in listener.get_received()]


@pytest.fixture
def pusher(app: Flask) -> Pusher:
    return Pusher(app.extensions[EXTENSION], app.extensions["socketio"])


def test_a_party_hears_of_its_private_data_and_nobody_else_does(app: Flask, visitor: FlaskClient, pusher: Pusher):
    sign_in(visitor, "supplier")
    own, public = listener(app, visitor), listener(app, another_browser(app))
    assert subscribe(own, "party:2:private") == {"rooms": ["party:2:private"]}
    subscribe(public, "all", "party:2")
    tell(app, pusher, SUPPLIER, "RecordsKept")
    tell(app, pusher, SECOND_SUPPLIER, "RecordsKept")
    (message,) = own.get_received()
    (event,) = message["args"]
    assert (event["kind"], event["payload"], event["rooms"]) == ("RecordsKept", {"records": "3"}, ["party:2:private"])
    assert heard(public) == []


def test_private_events_are_not_in_the_feed(app: Flask, visitor: FlaskClient, pusher: Pusher):
    before = visitor.get("/v1/status").get_json()["feed"]
    tell(app, pusher, SUPPLIER, "RecordsKept")
    sign_in(visitor, "supplier")
    assert visitor.get(f"/v1/feed?after={before}").get_json() == {"items": [], "next": before}
    assert "RecordsKept" not in visitor.get("/v1/feed?latest=true&limit=5").text


def test_case_43_nobody_else_enters_a_private_room(app: Flask, visitor: FlaskClient):
    stranger = listener(app, another_browser(app))
    assert subscribe(stranger, "party:2:private")["code"] == "SignInNeeded"
    sign_in(visitor, "second_supplier")
    other = listener(app, visitor)
    for party in (SUPPLIER, 99):
        problem = subscribe(other, f"party:{party}:private")
        assert (problem["code"], problem["status"], problem["values"]["kind"]) == ("ResourceUnknown", 404, "party")
    assert subscribe(other) == {"rooms": []}


@pytest.mark.parametrize("room", ["party:2:PRIVATE", "party:02:private", "party:2:private ", "all:private", "private"])
def test_case_43_a_private_room_has_one_name(room: str, app: Flask, visitor: FlaskClient):
    sign_in(visitor, "second_supplier")
    assert subscribe(listener(app, visitor), room)["code"] == "RequestInvalid"


def test_case_41_signing_out_ends_the_private_push(app: Flask, visitor: FlaskClient, pusher: Pusher):
    sign_in(visitor, "supplier")
    own = listener(app, visitor)
    subscribe(own, "party:2:private", "party:2")
    visitor.delete("/v1/session", headers={"Origin": SITE})
    tell(app, pusher, SUPPLIER, "RecordsKept")
    assert heard(own) == []
    assert subscribe(own) == {"rooms": ["party:2"]}
    assert subscribe(own, "party:2:private")["code"] == "SignInNeeded"


def test_case_41_a_replaced_wallet_hears_nothing_more(app: Flask, visitor: FlaskClient, market: Market, pusher: Pusher):
    sign_in(visitor, "supplier")
    own = listener(app, visitor)
    subscribe(own, "party:2:private")
    market.send("bank", "Participants", "rotateWallet", ADDRESSES["supplier"], ADDRESSES["new_wallet"])
    tell(app, pusher, SUPPLIER, "RecordsKept")
    assert heard(own) == []


def test_case_42_a_connection_with_a_session_says_which_page_it_comes_from(app: Flask, visitor: FlaskClient):
    sign_in(visitor, "supplier")
    assert not listener(app, visitor, origin=None).is_connected()
    assert listener(app, visitor, origin=HERE).is_connected()
    assert listener(app, another_browser(app), origin=None).is_connected()


# Floods and secrets


def test_case_45_an_address_signs_in_only_so_often_and_others_still_do(app: Flask, visitor: FlaskClient):
    statuses = [visitor.post("/v1/session", json={}, headers={"Origin": SITE}).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    near = {"Origin": SITE}
    far = visitor.post("/v1/session", json={}, headers=near, environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert far.status_code == 422
    assert visitor.get("/v1/session").status_code == 401


def test_case_45_a_wallet_signs_in_only_so_often_and_only_by_its_own_doing(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(limits, "SIGN_INS_OF_A_WALLET", limits.parse("1/hour"))
    for _ in range(2):
        refused(post(visitor, claim(visitor, "stranger", ADDRESSES["supplier"])), 401, "SignatureWrong")
    sign_in(visitor, "supplier")
    refused(post(visitor, claim(visitor, "supplier")), 429, "RequestsTooMany")
    sign_in(visitor, "second_supplier")


def test_case_46_no_secret_of_a_session_is_logged_or_answered(
    visitor: FlaskClient, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    log.configure("debug")
    try:
        body = claim(visitor, "supplier")
        answers = [post(visitor, body), post(visitor, body), visitor.get("/v1/session"), visitor.get("/metrics")]
        monkeypatch.setattr("backend.chain.signin.SignIn.require_signed", lambda *_: 1 / 0)
        answers.append(post(visitor, failing := claim(visitor, "supplier")))
    finally:
        structlog.reset_defaults()
    assert [answer.status_code for answer in answers] == [200, 401, 200, 200, 500]
    seen = capfd.readouterr().err + "".join(answer.text for answer in answers)
    assert "ZeroDivisionError" in seen
    for claimed in (body, failing):
        nonce = claimed["message"].partition("Nonce: ")[2].partition("\n")[0]
        for secret in (cookie(visitor), claimed["signature"][2:], nonce):
            assert secret and secret not in seen


# The document


def test_the_document_names_the_figures_in_force():
    document = (plan.ROOT / "docs" / "sign-in.md").read_text(encoding="utf-8")
    frequency = "10 a second and 60 a minute by address, 60 an hour by wallet"
    assert (limits.SIGN_INS, str(limits.SIGN_INS_OF_A_WALLET)) == ("10/second;60/minute", "60 per 1 hour")
    figures = [
        f"nonce that counts once within {NONCE_S // 60} minutes",
        f"at most {signin.MOST_CHARS} characters",
        f"within the last {signin.FRESH_S // 60} minutes (clocks may run {signin.SKEW_S // 60} minute ahead)",
        f"at most {signatures.MOST_GAS:,} gas",
        f"after {IDLE_S // 60} minutes without a request, after {LONGEST_S // 3600} hours",
        frequency,
    ]
    assert [figure for figure in figures if figure not in document] == []
