"""What the routes answer, against the chain they tell about."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from sqlalchemy import Engine

from backend import days, store
from backend.store.tables import device_rounds
from backend.telemetry import kept
from tests.backend.market import ADDRESSES, YUAN, Market

WHOLE, FIRST, SECOND, THIRD, LOST, LATE = 1, 2, 3, 4, 5, 6
NOBODY = "0x" + "0" * 40

# Every documented route with a request that succeeds.
ROUTES = {
    "/v1/config": "/v1/config",
    "/v1/status": "/v1/status",
    "/v1/errors": "/v1/errors",
    "/healthz": "/healthz",
    "/readyz": "/readyz",
    "/v1/parties": "/v1/parties?limit=3",
    "/v1/parties/{party}": "/v1/parties/1",
    "/v1/wallets/{wallet}": f"/v1/wallets/{ADDRESSES['supplier'].lower()}",
    "/v1/parties/{party}/consents": "/v1/parties/1/consents",
    "/v1/parties/{party}/score": "/v1/parties/1/score",
    "/v1/parties/{party}/score/history": "/v1/parties/1/score/history",
    "/v1/parties/{party}/credits": "/v1/parties/2/credits",
    "/v1/models": "/v1/models",
    "/v1/receivables": "/v1/receivables",
    "/v1/receivables/{receivable}": f"/v1/receivables/{SECOND}",
    "/v1/receivables/{receivable}/quote": "/v1/receivables/{fresh}/quote",
    "/v1/financings": "/v1/financings",
    "/v1/financings/{receivable}": f"/v1/financings/{SECOND}",
    "/v1/treasury": "/v1/treasury",
    "/v1/treasury/value": "/v1/treasury/value",
    "/v1/treasury/exposures": "/v1/treasury/exposures",
    "/v1/treasury/lenders": "/v1/treasury/lenders",
    "/v1/policy": "/v1/policy",
    "/v1/lines": "/v1/lines",
    "/v1/lines/{party}": "/v1/lines/8",
    "/v1/lines/{party}/draws": "/v1/lines/8/draws",
    "/v1/lines/{party}/payments": "/v1/lines/8/payments",
    "/v1/lines/{party}/statements": "/v1/lines/8/statements",
    "/v1/lines/{party}/quote": "/v1/lines/8/quote?amount=100000",
    "/v1/lines/{party}/limit": "/v1/lines/8/limit",
    "/v1/lines/{party}/limit/moves": "/v1/lines/8/limit/moves",
    "/v1/lines/{party}/opening": "/v1/lines/8/opening",
    "/v1/lines/{party}/account": "/v1/lines/8/account",
    "/v1/conditions/lines": "/v1/conditions/lines",
    "/v1/conditions/leases": "/v1/conditions/leases",
    "/v1/leases": "/v1/leases",
    "/v1/machines": "/v1/machines",
    "/v1/feed": "/v1/feed?limit=500",
    "/v1/operations": "/v1/operations",
    "/v1/consent-texts": "/v1/consent-texts",
    "/v1/business-records/schema": "/v1/business-records/schema",
    "/v1/explorer/blocks": "/v1/explorer/blocks?limit=50",
    "/v1/explorer/blocks/{number}": "/v1/explorer/blocks/120",
    "/v1/explorer/addresses/{address}": f"/v1/explorer/addresses/{ADDRESSES['supplier']}",
    "/v1/search": "/v1/search?q=1",
    "/v1/audit/receivables/{receivable}/provenance": f"/v1/audit/receivables/{SECOND}/provenance",
    "/v1/audit/double-financing": "/v1/audit/double-financing?receivable=2",
    "/v1/audit/oracle": "/v1/audit/oracle",
    "/v1/audit/changes": "/v1/audit/changes?limit=200",
    "/v1/audit/consents": "/v1/audit/consents",
    "/v1/audit/signers": "/v1/audit/signers",
}
# Routes that need a signature, a session or a token, answer no JSON, or are about machines, have tests of their own.
SIGNED = {
    "/v1/feedback",
    "/v1/inbox",
    "/v1/notifications",
    "/v1/lines/{party}/account.csv",
    "/v1/fingerprints",
    "/v1/session",
    "/v1/session/nonce",
    "/v1/merchants/{party}/score",
    "/v1/merchants/{party}/score/history",
    "/v1/merchants/{party}/uploads",
    "/v1/merchants/{party}/uploads/{upload}",
    "/v1/merchants/{party}/records",
    "/v1/merchants/{party}/records.csv",
    "/v1/merchants/{party}/records.json",
    "/v1/merchants/{party}/findings",
    "/v1/merchants/{party}/platforms",
    "/v1/merchants/{party}/platforms/{platform}",
    "/v1/push/records",
    "/v1/fleet",
    "/v1/leases/drafts",
    "/v1/leases/{lease}",
    "/v1/leases/{lease}/account",
    "/v1/leases/{lease}/account.csv",
    "/v1/leases/{lease}/annex",
    "/v1/leases/{lease}/loan/payments",
    "/v1/leases/{lease}/payments",
    "/v1/leases/{lease}/quote",
    "/v1/leases/{lease}/rent",
    "/v1/leases/{lease}/statements",
    "/v1/machines/{machine}",
    "/v1/machines/{machine}/alarms",
    "/v1/machines/{machine}/alarms/{alarm}/acknowledgement",
    "/v1/machines/{machine}/alarms/{alarm}/shelving",
    "/v1/machines/{machine}/credentials",
    "/v1/machines/{machine}/readings",
    "/v1/machines/{machine}/refused",
    "/v1/machines/{machine}/series",
    "/v1/machines/{machine}/telemetry",
    "/v1/machines/{machine}/track",
    "/v1/explorer/transactions/{transaction}",
    "/v1/audit/export",
}
PAGES = {
    "/",
    "/<path:path>",
    "/assets/<path:name>",
    "/docs",
    "/docs/<name>",
    "/openapi.json",
    "/metrics",
    "/static/<path:filename>",
}


@pytest.fixture(scope="module")
def fresh(market: Market) -> int:
    """A receivable that can be financed; the read model does not know it yet."""
    return market.confirmed(10_000 * YUAN)


def get(client: FlaskClient, path: str, status: int = 200, **headers: str) -> Any:
    with client.get(path, headers=headers) as response:
        assert response.status_code == status, response.text
        return response.get_json()


# The published document


def test_the_document_is_valid_openapi_31(client: FlaskClient):
    document = get(client, "/openapi.json")
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"].startswith("3.1")


def test_every_route_is_documented(client: FlaskClient):
    rules = {rule.rule for rule in client.application.url_map.iter_rules()} - PAGES
    documented = set(get(client, "/openapi.json")["paths"])
    assert {rule.replace("<int:", "{").replace("<", "{").replace(">", "}") for rule in rules} == documented
    assert documented == set(ROUTES) | SIGNED


@pytest.mark.parametrize("route", ROUTES)
def test_a_real_answer_fits_the_published_schema(route: str, client: FlaskClient, fresh: int):
    document = get(client, "/openapi.json")
    operation = document["paths"][route]["get"]
    assert operation["summary"] and operation["tags"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    answer = get(client, ROUTES[route].replace("{fresh}", str(fresh)))
    Draft202012Validator(schema | {"components": document["components"]}).validate(answer)


@pytest.mark.parametrize(
    ("path", "status"), [("/v1/receivables/2/quote", 409), ("/v1/parties/99", 404), ("/v1/parties?limit=0", 422)]
)
def test_a_real_failure_fits_the_published_schema(path: str, status: int, client: FlaskClient):
    document = get(client, "/openapi.json")
    response = client.get(path)
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    schema = {"$ref": "#/components/schemas/Problem", "components": document["components"]}
    Draft202012Validator(schema).validate(response.get_json())


def test_failures_are_published_with_their_media_type(client: FlaskClient):
    operations = [path[method] for path in get(client, "/openapi.json")["paths"].values() for method in path]
    failures = [
        content
        for operation in operations
        for status, response in operation["responses"].items()
        if int(status) >= 400
        for content in response["content"]
    ]
    assert set(failures) == {"application/problem+json"}
    assert len(failures) >= 4 * len(operations)


# Parties and scores


def test_parties_are_paged_by_number(client: FlaskClient):
    first = get(client, "/v1/parties?limit=4")
    second = get(client, f"/v1/parties?limit=4&after={first['next']}")
    assert [party["party"] for party in first["items"] + second["items"]] == list(range(1, 9))
    assert second["next"] is None


def test_parties_are_found_by_role(client: FlaskClient):
    found = get(client, "/v1/parties?role=core_enterprise")["items"]
    assert [(party["party"], party["roles"]) for party in found] == [(1, ["core_enterprise"]), (7, ["core_enterprise"])]
    assert [party["party"] for party in get(client, "/v1/parties?role=merchant")["items"]] == [8]


def test_a_party_is_found_by_its_wallet(client: FlaskClient):
    assert get(client, f"/v1/wallets/{ADDRESSES['supplier']}")["party"] == 2


@pytest.mark.parametrize("wallet", [ADDRESSES["stranger"], "0x12", "不是钱包"])
def test_a_wallet_of_nobody_is_not_found(wallet: str, client: FlaskClient):
    problem = get(client, f"/v1/wallets/{wallet}", 404)
    assert problem["values"] == {"kind": "wallet", "id": wallet}


def test_a_score_comes_with_its_reasons_in_both_languages(client: FlaskClient, market: Market):
    score = get(client, "/v1/parties/1/score")
    chain = market.read("CreditOracle", "scoreOf", 1)
    assert (score["value"], score["sequence"]) == (chain["value"], chain["sequence"])
    assert [(reason["code"], reason["raisesRisk"]) for reason in score["reasons"]] == [(2, False), (7, True)]
    assert score["reasons"][1]["text"] == {"en": "High debt or little equity", "zh": "负债偏高或权益不足"}
    assert score["limitYuan"] == "20000000"


def test_a_party_that_was_never_scored_has_no_score(client: FlaskClient):
    assert get(client, "/v1/parties/2/score", 404)["code"] == "ResourceUnknown"
    assert get(client, "/v1/parties/2/consents") == {"items": []}


def test_the_history_of_a_score_is_paged_without_gap_or_repetition(client: FlaskClient):
    whole = get(client, "/v1/parties/1/score/history?limit=200")["items"]
    pieces, after = [], ""
    while after is not None:
        page = get(client, f"/v1/parties/1/score/history?limit=5{after and '&after=' + after}")
        pieces, after = pieces + page["items"], page["next"]
    assert pieces == whole
    assert {record["outcome"] for record in whole} == {"accepted", "held", "skipped"}


# Receivables and financings


def test_receivables_are_paged_newest_first(client: FlaskClient):
    ids, after = [], ""
    while after is not None:
        page = get(client, f"/v1/receivables?limit=2{after and '&after=' + after}")
        ids, after = ids + [item["id"] for item in page["items"]], page["next"]
    assert ids == [LATE, LOST, THIRD, SECOND, FIRST, WHOLE]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("debtor=7", [LATE]),
        ("holder=3", [SECOND]),
        ("creditor=2&state=Split", [WHOLE]),
        ("state=Split&state=Settled&debtor=1", [LOST, THIRD, SECOND, FIRST, WHOLE]),
        ("due_from", [THIRD, SECOND, FIRST, WHOLE]),
    ],
)
def test_receivables_are_filtered(query: str, expected: list[int], client: FlaskClient):
    if query == "due_from":
        due = get(client, f"/v1/receivables/{WHOLE}")["due"]["date"]
        query = f"dueFrom={due}&dueTo={due}"
    assert [item["id"] for item in get(client, f"/v1/receivables?{query}")["items"]] == expected


def test_amounts_are_decimal_strings_and_days_are_dates_with_their_number(client: FlaskClient, market: Market):
    receivable = get(client, f"/v1/receivables/{WHOLE}")
    due_day = market.read("Receivables", "poolOf", WHOLE)["dueDay"]
    assert receivable["face"] == "100000100"
    assert receivable["currency"] | {"token": ""} == {"number": 1, "token": "", "symbol": "tCNY", "decimals": 2}
    assert receivable["due"] == {"day": due_day, "date": days.date_of(due_day).isoformat()}


def test_a_part_is_shown_with_the_tree_it_belongs_to_and_its_timeline(client: FlaskClient):
    part = get(client, f"/v1/receivables/{SECOND}")
    assert (part["parent"], part["origin"], part["holderParty"]) == (WHOLE, WHOLE, 3)
    assert (part["tree"]["id"], [node["id"] for node in part["tree"]["parts"]]) == (WHOLE, [FIRST, SECOND, THIRD])
    events = [entry["event"] for entry in part["timeline"]]
    assert events[:3] == ["ReceivableRegistered", "ReceivableConfirmed", "RegistrationRecorded"]
    assert events[3:5] == ["ReceivableSplit", "ReceivablePassedOn"]
    assert events.count("ReceivableFinanced") == 2


def test_a_quote_is_the_chains(client: FlaskClient, market: Market, fresh: int):
    quote, chain = get(client, f"/v1/receivables/{fresh}/quote"), market.read("Factoring", "quote", fresh)
    names = ("claim", "advance", "discount", "fee", "net", "remainder", "limitCap", "allInRateBps")
    assert {name: quote[name] for name in names} == {name: str(chain[name]) for name in names}
    assert (quote["grade"], quote["score"], quote["facility"]["basis"]) == ("C", 640, 360)
    assert (quote["due"]["day"], quote["term"]) == (chain["dueDay"], 90)


def test_a_refused_quote_names_the_contracts_error_in_both_languages(client: FlaskClient):
    problem = get(client, f"/v1/receivables/{LOST}/quote", 409, **{"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.1"})
    assert (problem["code"], problem["values"]["receivable"]) == ("NotFinanceable", str(LOST))
    assert problem["detail"] == problem["notices"]["zh"] != problem["notices"]["en"]
    assert problem["notices"]["en"].startswith(f"Receivable {LOST} is ")


def test_a_financing_tells_what_is_owed_today(client: FlaskClient, market: Market):
    financing = get(client, f"/v1/financings/{SECOND}")
    owed = market.read("Factoring", "owedOf", SECOND)
    assert financing["owed"] == {name: str(amount) for name, amount in owed.items()}
    assert (financing["turn"], [earlier["turn"] for earlier in financing["earlier"]]) == (2, [1])


def test_financings_are_filtered_and_paged(client: FlaskClient):
    assert [item["receivable"] for item in get(client, "/v1/financings?seller=3")["items"]] == [SECOND, SECOND]
    assert [item["receivable"] for item in get(client, "/v1/financings?status=Recovered")["items"]] == [LOST]
    assert get(client, "/v1/financings?arrears=true")["items"] == []
    first = get(client, "/v1/financings?limit=3")
    second = get(client, f"/v1/financings?limit=3&after={first['next']}")
    told = [(item["receivable"], item["turn"]) for item in first["items"] + second["items"]]
    assert told == [(LATE, 1), (LOST, 1), (SECOND, 2), (SECOND, 1), (FIRST, 1)]


# Treasury, policy, feed, service


def test_the_treasury_is_the_chains(client: FlaskClient, market: Market):
    treasury, chain = get(client, "/v1/treasury"), market.read("Treasury", "book")
    names = ("cash", "outstanding", "impaired", "cover")
    assert {name: treasury[name] for name in names} == {name: str(chain[name]) for name in names}
    assert treasury["writtenOff"] == "18000000"
    assert treasury["products"]["CreditLine"] == str(market.read("Treasury", "outstandingOf", 1)) != "0"
    value, accrual = get(client, "/v1/treasury/value"), market.read("Treasury", "accrual")
    assert value["netAssets"] == str(market.read("Treasury", "totalAssets"))
    assert value["accrued"] == str(accrual["accrued"] // 3_600_000)
    fen = {name: int(value[name]) for name in ("cash", "outstanding", "accrued", "unearned", "grossAssets", "impaired")}
    assert fen["grossAssets"] == fen["cash"] + fen["outstanding"] + fen["accrued"] - fen["unearned"]
    assert int(value["netAssets"]) == fen["grossAssets"] - fen["impaired"]
    assert {name: value[name] for name in names} == {name: treasury[name] for name in names}
    assert treasury["accrual"]["perDay"] == str(accrual["perDay"])


def test_a_party_is_listed_with_what_it_may_owe_and_owes(client: FlaskClient):
    owing = {item["party"]: item for item in get(client, "/v1/treasury/exposures")["items"]}
    listed = get(client, "/v1/parties?limit=200")["items"]
    assert {item["party"]: item["exposure"] for item in listed if item["party"] in owing} == owing
    assert {item["exposure"]["limit"] for item in listed if item["party"] not in owing} == {"0"}


def test_exposures_and_lenders_are_listed(client: FlaskClient):
    assert [item["party"] for item in get(client, "/v1/treasury/exposures")["items"]] == [1, 7, 8]
    assert [item["party"] for item in get(client, "/v1/treasury/lenders")["items"]] == [5]


def test_the_policy_lists_terms_by_grade(client: FlaskClient):
    terms = get(client, "/v1/policy")["items"]
    assert [(item["product"], item["grade"], item["advanceBps"]) for item in terms] == [
        ("Receivables", "A", 9000),
        ("Receivables", "B", 8500),
        ("Receivables", "C", 8000),
        ("Receivables", "D", 7000),
        ("CreditLine", "A", 10000),
        ("CreditLine", "B", 9000),
        ("CreditLine", "C", 8000),
        ("CreditLine", "D", 6000),
        ("Lease", "A", 8000),
        ("Lease", "B", 7500),
        ("Lease", "C", 7000),
        ("Lease", "D", 6000),
    ]


def test_the_feed_is_read_on_from_a_cursor(client: FlaskClient):
    whole = get(client, "/v1/feed?limit=500")
    pieces, after = [], "0-0"
    while page := get(client, f"/v1/feed?after={after}&limit=50")["items"]:
        pieces, after = pieces + page, page[-1]["cursor"]
    assert pieces == whole["items"]
    assert get(client, f"/v1/feed?after={after}") == {"items": [], "next": after}
    assert get(client, "/v1/feed?latest=true&limit=3")["items"] == pieces[-3:]


def test_an_event_names_the_rooms_of_everyone_concerned(client: FlaskClient):
    items = get(client, "/v1/feed?limit=500")["items"]
    rooms = {(item["kind"], item["key"]): set(item["rooms"]) for item in items}
    assert rooms["ReceivablePassedOn", str(SECOND)] == {"all", "receivable:3", "party:1", "party:2", "party:3"}
    assert rooms["ReceivableSplit", str(WHOLE)] >= {"receivable:1", "receivable:2", "party:1", "party:2"}
    assert rooms["Disbursed", "7"] == {"all", "party:7"}
    assert rooms["ScoresReported", "1"] == {"all", "party:1", "party:7"}


@pytest.mark.parametrize("after", ["x", "1", "1-", "-1", "1-2-3", f"0-{2**63}"])
def test_a_cursor_that_is_no_position_is_refused(after: str, client: FlaskClient):
    assert get(client, f"/v1/feed?after={after}", 400)["code"] == "CursorInvalid"


def test_the_error_catalogue_holds_contract_and_service_errors(client: FlaskClient):
    errors = {entry["code"]: entry for entry in get(client, "/v1/errors")["items"]}
    assert errors["AlreadyFinanced"]["signature"] == "AlreadyFinanced(uint256)"
    assert "{receivable}" in errors["AlreadyFinanced"]["notices"]["zh"]
    assert (errors["RequestsTooMany"]["source"], errors["RequestsTooMany"]["status"]) == ("service", 429)
    assert list(errors) == sorted(errors)


def test_metrics_tell_of_indexer_outbox_oracle_and_requests(client: FlaskClient):
    get(client, "/v1/parties")
    text = client.get("/metrics").text
    for name in ("heqi_indexer_height", "heqi_indexer_lag_blocks", "heqi_oracle_age_seconds", "heqi_chain_height"):
        assert f"\n{name} " in text
    assert 'heqi_outbox_transactions{state="queued"} 0.0' in text
    assert 'heqi_http_requests_total{method="GET",route="/v1/parties",status="200"}' in text


def test_a_service_without_a_read_model_is_alive_but_not_ready(empty_client: FlaskClient):
    assert get(empty_client, "/healthz") == {"status": "ok"}
    assert get(empty_client, "/readyz", 503)["code"] == "StorageUnavailable"
    assert get(empty_client, "/v1/receivables", 503)["code"] == "StorageUnavailable"
    assert "heqi_outbox_transactions" in empty_client.get("/metrics").text


def test_metrics_tell_what_became_of_machines_messages(client: FlaskClient, database: Engine):
    with store.writing(database) as tx:
        kept.count(tx, {"record": 40_000, "SignatureForged": 2})
    text = client.get("/metrics").text
    assert 'heqi_intake_messages_total{outcome="record"} 40000.0' in text
    assert 'heqi_intake_messages_total{outcome="SignatureForged"} 2.0' in text


def test_metrics_tell_what_became_of_reports_on_machines(client: FlaskClient, database: Engine):
    row = {"lane": "alarms", "signer_set": 1, "round": 1, "state": "counted", "digest": "0x", "report": {}}
    with store.writing(database) as tx:
        tx.execute(device_rounds.insert().values(**row, signatures={}, refusals={}))
    assert 'heqi_device_rounds{lane="alarms",state="counted"} 1.0' in client.get("/metrics").text


def test_the_pages_ask_no_other_site(client: FlaskClient):
    for path in ("/", "/docs", "/static/docs.js"):
        with client.get(path) as response:
            assert response.status_code == 200
            assert "//" not in response.text.replace("http://www.w3.org/2000/svg", "").replace("// ", "")
    for name in ("swagger_bundle.js", "swagger_style.css"):
        with client.get(f"/docs/{name}") as response:
            assert response.status_code == 200
