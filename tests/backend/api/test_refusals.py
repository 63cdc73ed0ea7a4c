"""Bad input, foreign sites and floods: every one gets a named problem, and the service goes on."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from backend.api.problems import MOST_BODY_BYTES

POST = "/v1/fingerprints"


def refused(response, status: int, code: str) -> dict:
    assert (response.status_code, response.content_type) == (status, "application/problem+json"), response.text
    problem = response.get_json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert set(problem["notices"]) == {"en", "zh"}
    return problem


# Bodies


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", "Expecting value at position 0"),
        (b"{", "Expecting property name"),
        (b'{"debtor": NaN}', "NaN is not a number of JSON"),
        (b'{"debtor": -Infinity}', "-Infinity is not a number of JSON"),
        (b'{"debtor": 1e999}', "1e999 is too large"),
        (b'{"debtor": 1, "debtor": 2}', "the key 'debtor' stands twice in one object"),
        (b"[" * 30_000, "it is nested too deeply"),
        (b'{"debtor": ' + b"9" * 5_000 + b"}", "a number has too many digits"),
        ("{}".encode("utf-16"), "it is not UTF-8"),
        ('{"名": 1}'.encode("gbk"), "it is not UTF-8"),
        (b'{"a": "\\ud800"}', "it is not UTF-8"),
        (b"\xef\xbb\xbf{}", "Unexpected UTF-8 BOM"),
    ],
    ids=lambda value: None if isinstance(value, bytes) else value[:24],
)
def test_a_body_that_is_not_strict_json_is_refused(body: bytes, rule: str, client: FlaskClient):
    problem = refused(client.post(POST, data=body, content_type="application/json"), 400, "JsonInvalid")
    assert problem["values"]["rule"].startswith(rule)


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "text/json"],
)
def test_a_body_of_another_type_is_refused(media_type: str, client: FlaskClient):
    refused(client.post(POST, data="{}", content_type=media_type), 415, "MediaTypeRefused")


@pytest.mark.parametrize("body", ["[]", '"text"', "1", "null", "{}", '{"debtor": 1, "surprise": true}'])
def test_a_body_that_does_not_fit_the_schema_is_refused(body: str, client: FlaskClient):
    refused(client.post(POST, data=body, content_type="application/json"), 422, "RequestInvalid")


def test_a_body_at_the_limit_is_read_and_one_above_it_is_not(client: FlaskClient):
    at_limit = json.dumps({"debtor": "x"}).ljust(MOST_BODY_BYTES)
    refused(client.post(POST, data=at_limit, content_type="application/json"), 422, "RequestInvalid")
    problem = refused(client.post(POST, data=at_limit + " ", content_type="application/json"), 413, "BodyTooLarge")
    assert problem["values"] == {"most": str(MOST_BODY_BYTES)}


def test_a_refused_value_is_not_repeated(client: FlaskClient):
    response = client.post(POST, data='{"debtor": "6222 0202"}', content_type="application/json")
    assert "6222" not in response.text


# Addresses


@pytest.mark.parametrize(
    "path", ["/nope.js", "/v1", "/v1/nope", "/v1/parties/", "/v1/parties/-1", "/v1/parties/1.5", "/static/../app.py"]
)
def test_an_unknown_path_is_named(path: str, client: FlaskClient):
    refused(client.get(path), 404, "PathUnknown")


@pytest.mark.parametrize(
    "path", ["/v1/parties/0", f"/v1/parties/{2**32}", f"/v1/receivables/{2**40}", f"/v1/financings/{10**40}"]
)
def test_a_number_that_nothing_can_have_is_not_found(path: str, client: FlaskClient):
    refused(client.get(path), 404, "ResourceUnknown")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=1&limit=2",
        "after=abc",
        f"after={10**18}",
        "state=Sold",
        "dueFrom=2026-02-30",
        "debtor=0",
        f"debtor={2**32}",
        "debtor=1%20OR%201=1",
        "unknown=1",
    ],
)
def test_a_query_that_does_not_fit_is_refused(query: str, client: FlaskClient):
    refused(client.get(f"/v1/receivables?{query}"), 422, "RequestInvalid")


@pytest.mark.parametrize(("method", "path"), [("post", "/v1/parties"), ("delete", "/v1/receivables/1"), ("put", POST)])
def test_a_method_that_is_not_offered_is_refused_with_those_that_are(method: str, path: str, client: FlaskClient):
    response = client.open(path, method=method.upper(), content_type="application/json", data="{}")
    refused(response, 405, "MethodRefused")
    assert response.headers["Allow"]


# Faults of ours


def test_a_fault_of_ours_is_told_without_its_cause(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr("backend.readmodel.parties.listed", fail)
    response = client.get("/v1/parties")
    refused(response, 500, "InternalFault")
    assert "hunter2" not in response.text


# Language


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh", "zh"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("", "en"),
        ("en;q=0.1, zh-Hant;q=0.9", "zh"),
    ],
)
def test_the_detail_is_in_the_callers_language(accepted: str, language: str, client: FlaskClient):
    problem = refused(client.get("/v1/parties/99", headers={"Accept-Language": accepted}), 404, "ResourceUnknown")
    assert problem["detail"] == problem["notices"][language]


# Other sites


def test_no_other_site_may_read_an_answer(client: FlaskClient):
    response = client.get("/v1/parties", headers={"Origin": "https://elsewhere.example"})
    assert not [name for name, _ in response.headers if name.lower().startswith("access-control")]
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/", "/docs", "/v1/parties", "/v1/nope", "/static/docs.js"])
def test_every_answer_has_the_security_headers(path: str, client: FlaskClient):
    with client.get(path) as response:
        policy = response.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'")
        assert ("'unsafe-inline'" in policy) == (path == "/docs")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Frame-Options"] == "DENY"
        assert "Set-Cookie" not in response.headers


# Floods


def ask(client: FlaskClient, path: str, address: str) -> int:
    return client.get(path, environ_base={"REMOTE_ADDR": address}).status_code


def test_case_45_a_flood_of_requests_is_refused_and_others_are_served(client: FlaskClient):
    statuses = [ask(client, "/v1/models", "203.0.113.1") for _ in range(150)]
    assert statuses[0] == 200
    assert statuses[-1] == 429
    assert ask(client, "/v1/models", "203.0.113.2") == 200


def test_case_45_a_flood_is_told_when_to_come_back(client: FlaskClient):
    while (response := client.get("/v1/models")).status_code == 200:
        pass
    problem = refused(response, 429, "RequestsTooMany")
    assert problem["values"]["limit"] == "50 per 1 second"
    assert int(response.headers["Retry-After"]) >= 0


def test_case_45_health_is_answered_in_a_flood(client: FlaskClient):
    assert {ask(client, "/healthz", "203.0.113.1") for _ in range(150)} == {200}
