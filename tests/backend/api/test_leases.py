"""Leases over the API: every figure is the chain's, accounts add up, drafts are what the contract takes."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy import Engine

from backend import days, store
from backend.api.app import create_app
from backend.api.limits import limiter
from backend.config import Settings
from backend.telemetry.rules import ruleset
from tests import anvil
from tests.backend.api.test_lines import FORMULA_STARTS, get
from tests.backend.api.test_sessions import SITE, sign_in
from tests.backend.market import ADDRESSES, KEYS, MILLION, YUAN, Market
from tests.backend.readmodel.mirror import indexing
from tests.backend.rentals import MINIMUM, PAPER, TIERS, Rentals

DOCUMENT = Path(__file__).parents[3] / "docs" / "lease-api.md"
PAID, FINANCED, ENDED, FRESH = 1, 2, 3, 4
MOST = 2**96 - 1
SQUARE = [[[1_160_000_000, 390_000_000], [1_170_000_000, 390_000_000], [1_170_000_000, 400_000_000]]]
SQUARE[0].append(SQUARE[0][0])


@pytest.fixture(scope="module")
def rentals() -> Iterator[Rentals]:
    """Leases 1: two periods by the meter, the second unpaid; 2: financed, one payment; 3: bought out; 4: delivered."""
    with anvil.start() as node:
        market = Market(node).open()
        node.rpc("evm_increaseTime", (days.DAY_S // 2 - market.now() - days.BEIJING_S) % days.DAY_S)
        node.mine()
        rentals = Rentals(market)
        machines = [rentals.machine() for _ in range(3)]
        for machine in machines:
            rentals.delivered(machine)
        rentals.finance(FINANCED)
        market.travel(30)
        for machine in machines[:2]:
            rentals.hear(machine, 4_000)
        for lease in (PAID, FINANCED):
            rentals.pay(lease)
        rentals.send("lessee", "EquipmentLease", "buyOut", ENDED, MOST)
        market.travel(42)
        rentals.hear(1, 2_000)
        rentals.pay(PAID, 100)
        rentals.delivered(rentals.machine(), deposit=0, periods=12)
        yield rentals


@pytest.fixture(scope="module")
def market(rentals: Rentals) -> Market:
    return rentals.market


@pytest.fixture(scope="module")
def database(rentals: Rentals, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = store.connect(f"sqlite:///{tmp_path_factory.mktemp('leases')}/heqi.db")
    store.migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def app(market: Market, database: Engine) -> Flask:
    return create_app(Settings(), market.suite, market.rpc, database)


@pytest.fixture
def client(app: Flask, market: Market, database: Engine) -> Iterator[FlaskClient]:
    """Everything is indexed; what a test does to the market is undone."""
    limiter.reset()
    snapshot = market.node.rpc("evm_snapshot")
    index(market, database)
    yield app.test_client()
    market.node.rpc("evm_revert", snapshot)
    market.node.mine()


def index(market: Market, database: Engine) -> None:
    with indexing(market, database) as indexer:
        indexer.catch_up()


def signed_in(app: Flask, who: str) -> FlaskClient:
    limiter.reset()
    client = app.test_client()
    sign_in(client, who)
    return client


# Leases and what happened on them


def test_a_lease_tells_what_is_owed_today_and_at_which_block(client: FlaskClient, market: Market):
    market.travel(5)
    lease, owed = get(client, f"/v1/leases/{PAID}"), market.read("RentLedger", "owedOf", PAID)
    today = lease["today"]
    assert {name: today[name] for name in ("rent", "late", "overdue", "remaining")} == {
        name: str(owed[name]) for name in ("rent", "late", "overdue", "remaining")
    }
    assert today["buyOut"] == str(market.read("EquipmentLease", "buyOutOf", PAID))
    head = market.rpc.header("latest")
    assert today["block"] == {"number": head.number, "hash": head.hash}
    assert (today["status"], lease["status"], int(today["late"]) > 0) == ("Overdue", "Overdue", True)
    assert [event["event"] for event in lease["timeline"]][:4] == [
        "LeaseSigned",
        "DepositPaid",
        "MachineDelivered",
        "RentPaid",
    ]


def test_a_lease_shows_its_terms_as_they_were_signed(client: FlaskClient, market: Market):
    lease, terms = get(client, f"/v1/leases/{FRESH}"), market.read("EquipmentLease", "termsOf", FRESH)
    assert {name: int(lease[name]) for name in ("price", "deposit", "minimum", "cap", "periods", "lateRateBps")} == {
        name: terms[name] for name in ("price", "deposit", "minimum", "cap", "periods", "lateRateBps")
    }
    assert [(tier["throughTenths"], tier["rate"]) for tier in lease["tiers"]] == [
        (through if place < 2 else None, str(rate)) for place, (through, rate) in enumerate(TIERS)
    ]
    assert lease["end"]["day"] == lease["start"]["day"] + 12 * 30
    assert lease["loan"] is None


def test_a_loan_is_the_chains_with_what_is_owed_today(client: FlaskClient, market: Market):
    loan, chain = get(client, f"/v1/leases/{FINANCED}")["loan"], market.read("LeaseFinance", "loanOf", FINANCED)
    assert (loan["status"], loan["outstanding"], loan["annualRateBps"]) == (
        "Active",
        str(chain["principal"]),
        chain["rateBps"],
    )
    assert loan["owed"] == str(market.read("LeaseFinance", "owedOf", FINANCED))
    (payment,) = get(client, f"/v1/leases/{FINANCED}/loan/payments")["items"]
    assert int(payment["principal"]) + int(loan["outstanding"]) == int(loan["principal"])
    assert payment["interest"] == loan["interestPaid"]


def test_leases_are_filtered_and_paged(client: FlaskClient, rentals: Rentals):
    def numbers(query: str) -> list[int]:
        return [lease["lease"] for lease in get(client, f"/v1/leases{query}")["items"]]

    first = get(client, "/v1/leases?limit=3")
    assert [lease["lease"] for lease in first["items"]] + numbers(f"?after={first['next']}") == [4, 3, 2, 1]
    assert numbers("?status=BoughtOut") == [ENDED]
    assert numbers("?machine=2") == [FINANCED]
    assert numbers(f"?party={rentals.lessee}&limit=1") == [FRESH]
    assert numbers("?party=1") == []
    shown = {lease["lease"]: lease["status"] for lease in get(client, "/v1/leases")["items"]}
    assert (shown[PAID], shown[FINANCED]) == ("Overdue", "Active")
    for status in set(shown.values()):
        assert numbers(f"?status={status}") == [lease for lease, found in shown.items() if found == status]
    assert get(client, "/v1/leases?status=Late", 422)["values"]["field"] == "status"


def test_statements_say_what_time_and_hours_cost_and_when_they_were_paid(client: FlaskClient, market: Market):
    second, first = get(client, f"/v1/leases/{PAID}/statements")["items"]
    assert (first["period"], first["fixedPart"], first["tenths"]) == (1, str(MINIMUM), 0)
    assert first["paidAt"] is not None
    assert second["paidAt"] is None
    account = market.read("RentLedger", "accountOf", PAID)
    assert second["charged"] == str(account["charged"])
    assert int(first["charged"]) + int(second["fixedPart"]) + int(second["variablePart"]) == account["charged"]


@pytest.mark.parametrize("what", ["statements", "payments"])
def test_what_happened_on_a_lease_is_paged_without_gap_or_repetition(what: str, client: FlaskClient):
    whole = get(client, f"/v1/leases/{PAID}/{what}")["items"]
    paged, after = [], ""
    while after is not None:
        part = get(client, f"/v1/leases/{PAID}/{what}?limit=1{after and '&after=' + after}")
        paged, after = paged + part["items"], part["next"]
    assert paged == whole
    assert len(whole) == 2


@pytest.mark.parametrize("path", ["", "/statements", "/payments", "/rent", "/quote", "/account", "/account.csv"])
@pytest.mark.parametrize("lease", [0, 99, 2**63])
def test_a_number_of_no_lease_is_not_found(path: str, lease: int, client: FlaskClient):
    assert get(client, f"/v1/leases/{lease}{path}", 404)["notices"] == {
        "en": f"There is no lease {lease}.",
        "zh": f"不存在租约 {lease}。",
    }


# Rent so far


@pytest.mark.parametrize("lease", [PAID, FINANCED, ENDED, FRESH])
@pytest.mark.parametrize("days_later", [0, 17])
def test_case_47_rent_so_far_is_the_chains_to_the_unit_and_every_line_follows_from_its_inputs(
    lease: int, days_later: int, client: FlaskClient, market: Market
):
    market.travel(days_later)
    rent, chain = get(client, f"/v1/leases/{lease}/rent"), market.read("RentLedger", "rentSoFar", lease)
    results = {line["id"]: int(line["result"]) for line in rent["lines"]}
    assert (results["fixed"], results["usage"], results["most"], results["total"]) == tuple(
        chain[name] for name in ("fixedPart", "usage", "most", "total")
    )
    assert (rent["total"], rent["tenths"], results["locked"]) == (
        str(chain["total"]),
        chain["tenths"],
        chain["lockedSeconds"],
    )
    known: dict[str, int] = {}
    for line in rent["lines"]:
        inputs = {name: int(value) for name, value in line["inputs"].items()}
        assert {name: known[name] for name in inputs.keys() & known.keys()} == {
            name: inputs[name] for name in inputs.keys() & known.keys()
        }
        assert eval(line["formula"], {"min": min, "max": max}, inputs) == int(line["result"])
        known[line["id"]] = int(line["result"])
    usage = next(line for line in rent["lines"] if line["id"] == "usage")
    assert sum(tier["tenths"] for tier in usage["tiers"]) == chain["tenths"]
    for tier in usage["tiers"]:
        assert int(tier["unitsTimesTen"]) == tier["tenths"] * int(tier["rate"])
    assert results["not_charged"] == max(0, chain["total"] - market.read("RentLedger", "accountOf", lease)["charged"])


def test_the_line_that_makes_the_total_says_so(client: FlaskClient, rentals: Rentals, market: Market):
    def deciding(lease: int) -> list[str]:
        return [line["id"] for line in get(client, f"/v1/leases/{lease}/rent")["lines"] if line["decides"]]

    assert deciding(PAID) == ["usage"]
    market.travel(1)
    assert deciding(FRESH) == ["fixed"]


def test_rent_that_does_not_run_yet_is_not_told(client: FlaskClient, rentals: Rentals, database: Engine):
    lease = rentals.sign(rentals.terms(rentals.machine()))
    index(rentals.market, database)
    assert get(client, f"/v1/leases/{lease}/rent", 404)["notices"]["en"] == f"There is no rent of lease {lease}."
    assert get(client, f"/v1/leases/{lease}")["status"] == "Signed"


# Loans


def test_a_quote_of_a_loan_is_the_chains(client: FlaskClient, rentals: Rentals, market: Market):
    market.score({rentals.lessee: 720})
    rentals.hear(FRESH)
    quote, chain = get(client, f"/v1/leases/{FRESH}/quote"), market.read("LeaseFinance", "quote", FRESH)
    names = ("base", "fixedRentLeft", "principal", "fee", "net", "interestPerDay", "gradeCap")
    assert {name: quote[name] for name in names} == {name: str(chain[name]) for name in names}
    assert (quote["grade"], quote["annualRateBps"]) == ("A", 495)


@pytest.mark.parametrize(
    ("lease", "code"), [(ENDED, "LeaseNotInOrder"), (FINANCED, "LoanStatusWrong"), (FRESH, "ReadingStale")]
)
def test_a_refused_loan_names_the_contracts_error_in_both_languages(
    lease: int, code: str, client: FlaskClient, market: Market
):
    market.travel(1)
    problem = get(client, f"/v1/leases/{lease}/quote", 409)
    assert problem["code"] == code
    assert all(problem["notices"].values())


def test_conditions_of_loans_name_the_alarms_that_stop_them(client: FlaskClient, market: Market):
    offered = get(client, "/v1/conditions/leases")
    assert offered["inForce"]["gates"] == market.parameters.leases.gates
    assert [grade["grade"] for grade in offered["grades"]] == ["A", "B", "C", "D"]


# Accounts


def assert_adds_up(account: Any) -> None:
    balance = int(account["opening"])
    for entry in account["entries"]:
        amount = int(entry["amount"])
        assert amount == int(entry["rent"]) + int(entry["late"]) > 0
        balance += -amount if entry["kind"] in ("payment", "credit") else amount
        assert int(entry["balance"]) == balance
    assert int(account["closing"]) == balance
    assert int(account["opening"]) + int(account["charged"]) - int(account["paid"]) == balance


@pytest.mark.parametrize("lease", [PAID, FINANCED, ENDED, FRESH])
@pytest.mark.parametrize("days_later", [0, 35])
def test_an_account_of_a_lease_ends_with_what_the_chain_says_is_owed(
    lease: int, days_later: int, client: FlaskClient, market: Market, database: Engine
):
    market.travel(days_later)
    index(market, database)
    account, owed = get(client, f"/v1/leases/{lease}/account"), market.read("RentLedger", "owedOf", lease)
    assert_adds_up(account)
    unbilled = account["unbilled"]
    assert unbilled["owed"] == str(owed["rent"] + owed["late"])
    assert int(account["closing"]) + int(unbilled["rent"]) + int(unbilled["late"]) == int(unbilled["owed"])
    assert account["opening"] == "0"


def test_two_halves_of_an_account_of_a_lease_join(client: FlaskClient):
    whole = get(client, f"/v1/leases/{PAID}/account")
    cut = whole["entries"][1]["day"]["day"]
    first = get(client, f"/v1/leases/{PAID}/account?to={days.date_of(cut)}")
    second = get(client, f"/v1/leases/{PAID}/account?from={days.date_of(cut + 1)}")
    assert first["entries"] + second["entries"] == whole["entries"]
    assert (first["closing"], first["unbilled"]) == (second["opening"], None)
    assert [entry["kind"] for entry in whole["entries"]] == [
        "fixed_rent",
        "payment",
        "fixed_rent",
        "usage_rent",
        "late_interest",
        "payment",
    ]


def test_a_machine_that_was_bought_out_leaves_an_account_of_zero(client: FlaskClient):
    account = get(client, f"/v1/leases/{ENDED}/account")
    assert [entry["kind"] for entry in account["entries"]] == ["fixed_rent", "rest", "payment"]
    assert (account["closing"], account["unbilled"]["owed"]) == ("0", "0")


def test_an_account_that_ends_before_it_begins_is_refused(client: FlaskClient):
    problem = get(client, f"/v1/leases/{PAID}/account?from=2030-02-01&to=2030-01-31", 422)
    assert problem["values"]["field"] == "from"


def test_case_44_an_account_of_a_lease_as_csv_holds_no_formula_and_the_same_figures(client: FlaskClient):
    account = get(client, f"/v1/leases/{PAID}/account")
    response = client.get(f"/v1/leases/{PAID}/account.csv", headers={"Accept-Language": "zh"})
    assert response.headers["Content-Disposition"] == f'attachment; filename="lease-{PAID}.csv"'
    text = response.get_data(as_text=True)
    head, opening, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert (text[0], head[0], opening[1]) == ("\ufeff", "日期", "期初余额")
    assert [row[6].replace(".", "").lstrip("0") or "0" for row in rows[:-2]] == [
        entry["balance"] for entry in account["entries"]
    ]
    assert rows[-1][6].replace(".", "") == account["unbilled"]["owed"]
    cells = [cell for row in (head, opening, *rows) for cell in row]
    assert [cell for cell in cells if cell.startswith(FORMULA_STARTS)] == []


# Drafts


def draft(rentals: Rentals, **changes: Any) -> dict[str, Any]:
    body = {
        "machine": int(rentals.read("Equipment", "lastId")),
        "lessee": rentals.lessee,
        "price": str(8 * MILLION // 10),
        "deposit": "0",
        "buyOutPrice": "100000",
        "minimum": str(MINIMUM),
        "cap": str(2 * MINIMUM),
        "periods": 12,
        "periodDays": 30,
        "dueDays": 10,
        "cureDays": 15,
        "lockNoticeDays": 5,
        "lateRateBps": 900,
        "tiers": [{"throughTenths": 10_000, "rate": str(300 * YUAN)}, {"throughTenths": None, "rate": "18000"}],
        "documentHash": PAPER,
        "salt": 2**53 - 1,
        "deadline": rentals.market.now() + days.DAY_S,
        "annex": {"region": {"polygon": SQUARE, "validFrom": 1_700_000_000, "validThrough": 1_900_000_000}},
    }
    return body | changes


def post(client: FlaskClient, path: str, body: Any, status: int = 200) -> Any:
    answer = client.post(path, json=body, headers={"Origin": SITE})
    assert answer.status_code == status, answer.text
    return answer.get_json()


def test_what_is_drafted_is_what_the_contract_takes(
    client: FlaskClient, app: Flask, rentals: Rentals, market: Market, database: Engine
):
    rentals.machine()
    index(market, database)
    lessor = signed_in(app, "lessor")
    made = post(lessor, "/v1/leases/drafts", draft(rentals))
    typed = json.loads(json.dumps(made["typedData"]))
    typed["message"] = _with_numbers(typed["message"])
    signatures = {}
    for who in ("lessor", "lessee"):
        signed = KEYS[who].sign_message(encode_typed_data(full_message=typed))
        assert "0x" + bytes(signed.message_hash).hex() == made["digest"]
        assert (
            Account.recover_message(encode_typed_data(full_message=typed), signature=signed.signature) == ADDRESSES[who]
        )
        signatures[who] = "0x" + bytes(signed.signature).hex()
    parts = [part for who in signatures for part in (ADDRESSES[who], signatures[who])]
    market.send("stranger", "EquipmentLease", "sign", typed["message"], *parts)
    index(market, database)
    lease = market.read("EquipmentLease", "lastId")
    assert get(client, f"/v1/leases/{lease}")["rulesHash"] == made["rulesHash"] == typed["message"]["rulesHash"]
    for who in ("lessor", "lessee"):
        shown = get(signed_in(app, who), f"/v1/leases/{lease}/annex")
        assert shown["document"] == made["annex"]
    assert made["annex"]["rulesHash"] == ruleset.load(ruleset.NEWEST).hash
    assert made["annex"]["region"]["polygon"] == SQUARE


def _with_numbers(message: dict[str, Any]) -> dict[str, Any]:
    """As a wallet reads decimal strings of integer types."""
    amounts = ("price", "deposit", "buyOutPrice", "minimum", "cap")
    tiers = [tier | {"rate": int(tier["rate"])} for tier in message["tiers"]]
    return message | {name: int(message[name]) for name in amounts} | {"tiers": tiers}


def test_case_43_an_annex_is_for_the_parties_and_the_bank(
    client: FlaskClient, app: Flask, rentals: Rentals, market: Market, database: Engine
):
    assert get(client, f"/v1/leases/{PAID}/annex", 401)["code"] == "SignInNeeded"
    known, unknown = (get(signed_in(app, "supplier"), f"/v1/leases/{number}/annex", 404) for number in (PAID, 99))
    assert known["code"] == unknown["code"] == "ResourceUnknown"


def test_case_43_a_lease_is_drafted_by_one_of_its_parties(client: FlaskClient, app: Flask, rentals: Rentals):
    post(client, "/v1/leases/drafts", draft(rentals), 401)
    for who in ("supplier", "buyer"):
        assert post(signed_in(app, who), "/v1/leases/drafts", draft(rentals), 404)["code"] == "ResourceUnknown"
    lessee = signed_in(app, "lessee")
    assert post(lessee, "/v1/leases/drafts", draft(rentals))["digest"].startswith("0x")
    assert post(lessee, "/v1/leases/drafts", draft(rentals, machine=999), 404)["code"] == "ResourceUnknown"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"annex": {"region": {"polygon": [SQUARE[0][:3]], "validFrom": 1, "validThrough": 2}}}, 400, "AnnexInvalid"),
        ({"annex": {"region": None, "rules": "rules-9"}}, 400, "AnnexInvalid"),
        ({"annex": {"region": {"anything": 1}}}, 400, "AnnexInvalid"),
        ({"tiers": []}, 422, "RequestInvalid"),
        ({"price": "-1"}, 422, "RequestInvalid"),
        ({"price": "1e9"}, 422, "RequestInvalid"),
        ({"more": 1}, 422, "RequestInvalid"),
    ],
)
def test_a_draft_that_cannot_be_is_refused(
    changes: dict[str, Any], status: int, code: str, client: FlaskClient, app: Flask, rentals: Rentals
):
    problem = post(signed_in(app, "lessor"), "/v1/leases/drafts", draft(rentals, **changes), status)
    assert problem["code"] == code
    assert all(problem["notices"].values())


def test_a_party_may_draft_only_so_often(
    client: FlaskClient, app: Flask, rentals: Rentals, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("backend.api.limits.DRAFTS_OF_A_PARTY", __import__("limits").parse("1/hour"))
    lessor = signed_in(app, "lessor")
    post(lessor, "/v1/leases/drafts", draft(rentals))
    assert post(lessor, "/v1/leases/drafts", draft(rentals), 429)["code"] == "RequestsTooMany"


# Published


def test_an_event_of_a_lease_is_told_to_its_parties_and_under_its_machine(client: FlaskClient, rentals: Rentals):
    items = get(client, "/v1/feed?limit=500")["items"]
    rooms = {(item["topic"], item["kind"], item["key"]): set(item["rooms"]) for item in items}
    concerned = {"all", "lease:2", "machine:2", f"party:{rentals.lessor}", f"party:{rentals.lessee}"}
    for topic, kind in (
        ("EquipmentLease", "LeaseSigned"),
        ("RentLedger", "RentPaid"),
        ("RentLedger", "RentCharged"),
        ("LeaseFinance", "LeaseFinanced"),
        ("LeaseFinance", "LoanPaid"),
    ):
        assert rooms[topic, kind, "2"] == concerned
    assert rooms["Equipment", "DeviceBound", "2"] == {"all", "machine:2"}
    assert rooms["DeviceOracle", "AlarmsChanged", "2"] == {"all", "machine:2"}


def test_answers_about_leases_fit_the_published_schema(client: FlaskClient):
    document = get(client, "/openapi.json")
    for route in ("", "/statements", "/payments", "/rent", "/account", "/loan/payments"):
        operation = document["paths"][f"/v1/leases/{{lease}}{route}"]["get"]
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        answer = get(client, f"/v1/leases/{FINANCED}{route}")
        Draft202012Validator(schema | {"components": document["components"]}).validate(answer)


def test_every_route_of_machines_and_leases_is_in_the_documentation(client: FlaskClient):
    told = re.findall(r"^\| `(?:GET|POST|DELETE) ([^`?]+)", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    about = ("/v1/fleet", "/v1/machines", "/v1/leases", "/v1/conditions/leases")
    paths = get(client, "/openapi.json")["paths"]
    assert set(told) == {path for path in paths if path.startswith(about)}
