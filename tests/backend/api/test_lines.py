"""Credit lines over the API: every figure is the chain's, accounts add up, and what is private stays so."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from backend import days, store
from backend.api.app import create_app
from backend.api.limits import limiter
from backend.chain.reports import encode_limit
from backend.config import Settings
from tests import anvil
from tests.backend.market import YUAN, Market
from tests.backend.readmodel.mirror import ACCRUAL_UNIT, indexing
from tests.backend.readmodel.test_products import play_line, play_lost_line

DOCUMENT = Path(__file__).parents[3] / "docs" / "line-api.md"
LOST, USED, SUPPLIER = 8, 9, 2
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@pytest.fixture(scope="module")
def market() -> Iterator[Market]:
    """Party 8 lost a line that was recovered. Party 9 paid late, closed its line, opened it again and draws."""
    with anvil.start() as node:
        market = Market(node).open()
        play_lost_line(market)
        play_line(market)
        yield market


@pytest.fixture(scope="module")
def database(market: Market, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = store.connect(f"sqlite:///{tmp_path_factory.mktemp('lines')}/heqi.db")
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


def get(client: FlaskClient, path: str, status: int = 200, **headers: str) -> Any:
    with client.get(path, headers=headers) as response:
        assert response.status_code == status, response.text
        return response.get_json()


# Lines and what happened on them


def test_a_line_tells_what_is_owed_today_and_at_which_block(client: FlaskClient, market: Market):
    market.travel(20)
    line, owed = get(client, f"/v1/lines/{USED}"), market.read("CreditLine", "owedOf", USED)
    names = ("principal", "interest", "late", "billed", "overdue", "total")
    assert {name: line["owed"][name] for name in names} == {name: str(owed[name]) for name in names}
    head = market.rpc.header("latest")
    assert line["owed"]["block"] == {"number": head.number, "hash": head.hash}
    assert line["owed"]["day"]["day"] == market.today()
    assert int(line["owed"]["interest"]) > 0


def test_a_line_shows_its_average_rate_and_what_became_of_it(client: FlaskClient, market: Market):
    line, chain = get(client, f"/v1/lines/{USED}"), market.read("CreditLine", "lineOf", USED)
    assert line["averageRateBps"] == -(-chain["perDay"] // chain["drawn"]) == 480
    assert (line["status"], line["turn"], line["nextClose"]["day"]) == ("Open", 2, chain["nextCloseDay"])
    assert [change["event"] for change in line["changes"]] == [
        "LineOpened",
        "LineDelinquent",
        "LineNoticeGiven",
        "LineCured",
        "LineFrozen",
        "LineUnfrozen",
        "LineClosed",
        "LineOpened",
    ]


def test_lines_are_filtered_and_paged(client: FlaskClient):
    first = get(client, "/v1/lines?limit=1")
    second = get(client, f"/v1/lines?limit=1&after={first['next']}")
    assert [line["party"] for line in first["items"] + second["items"]] == [LOST, USED]
    assert second["next"] is None
    assert [line["party"] for line in get(client, "/v1/lines?status=Recovered")["items"]] == [LOST]
    assert get(client, "/v1/lines?frozen=true")["items"] == []


def test_a_line_is_in_arrears_from_the_day_after_its_statement_was_due(
    client: FlaskClient, market: Market, database: Engine
):
    market.travel(market.read("CreditLine", "lineOf", USED)["nextCloseDay"] - market.today())
    market.send("stranger", "CreditLine", "accrue", [USED])
    index(market, database)
    market.travel(get(client, f"/v1/lines/{USED}")["due"]["day"] - market.today())
    assert get(client, "/v1/lines?arrears=true")["items"] == []
    market.travel(1)
    assert [line["party"] for line in get(client, "/v1/lines?arrears=true")["items"]] == [USED]
    market.send("stranger", "CreditLine", "markDelinquent", USED)
    index(market, database)
    assert [line["status"] for line in get(client, "/v1/lines?arrears=true")["items"]] == ["Delinquent"]


@pytest.mark.parametrize("path", ["", "/draws", "/payments", "/limit/moves", "/statements", "/account", "/account.csv"])
@pytest.mark.parametrize("party", [0, SUPPLIER, 99, 2**32])
def test_a_party_without_a_line_has_none(path: str, party: int, client: FlaskClient):
    problem = get(client, f"/v1/lines/{party}{path}", 404)
    assert problem["notices"] == {
        "en": f"There is no credit line of party {party}.",
        "zh": f"不存在信用额度，参与方 {party}。",
    }


@pytest.mark.parametrize("what", ["draws", "payments", "statements"])
def test_what_happened_is_paged_without_gap_or_repetition(what: str, client: FlaskClient):
    whole = get(client, f"/v1/lines/{USED}/{what}?limit=200")["items"]
    pieces, after = [], ""
    while after is not None:
        page = get(client, f"/v1/lines/{USED}/{what}?limit=1{after and '&after=' + after}")
        pieces, after = pieces + page["items"], page["next"]
    assert pieces == whole
    assert len(whole) >= 2


def test_a_statement_says_what_is_new_and_when_nothing_of_it_was_left(client: FlaskClient):
    last, *_, first = get(client, f"/v1/lines/{USED}/statements")["items"]
    assert (first["number"], first["overdue"], first["newInterest"]) == (1, "0", first["interest"])
    assert first["due"]["day"] == first["close"]["day"] + 10
    assert first["paidAt"] is not None
    unpaid = get(client, f"/v1/lines/{LOST}/statements")["items"]
    assert [statement["paidAt"] is None for statement in unpaid[1:]] == [True] * (len(unpaid) - 1)
    assert last["close"]["day"] > first["close"]["day"]


# Quote, limit, conditions


def test_a_quote_of_a_draw_is_the_chains(client: FlaskClient, market: Market):
    amount = 1_234_567
    quote, chain = (
        get(client, f"/v1/lines/{USED}/quote?amount={amount}"),
        market.read("CreditLine", "quote", USED, amount),
    )
    names = ("amount", "fee", "net", "averageRateBps", "interestPerDay", "drawnAfter", "limit")
    assert {name: quote[name] for name in names} == {name: str(chain[name]) for name in names}
    assert (quote["grade"], quote["annualRateBps"]) == ("A", 480)
    assert (quote["close"]["day"], quote["pay"]["day"]) == (chain["closeDay"], chain["payDay"])


@pytest.mark.parametrize(
    ("party", "code"),
    [(USED, "LineExceeded"), (LOST, "LineStatusWrong"), (SUPPLIER, "RoleMissing"), (99, "PartyUnknown")],
)
def test_a_refused_draw_names_the_contracts_error_in_both_languages(party: int, code: str, client: FlaskClient):
    problem = get(client, f"/v1/lines/{party}/quote?amount={10**15}", 409)
    assert problem["code"] == code
    assert problem["notices"]["zh"] != problem["notices"]["en"]


@pytest.mark.parametrize("amount", ["0", "-1", "1.5", "", "9" * 40, "１"])
def test_an_amount_that_is_none_is_not_quoted(amount: str, client: FlaskClient):
    assert get(client, f"/v1/lines/{USED}/quote?amount={amount}", 422)["code"] == "RequestInvalid"


def lines_of(client: FlaskClient, party: int = USED) -> dict[str, Any]:
    return {line["id"]: line for line in get(client, f"/v1/lines/{party}/limit")["lines"]}


def computed(line: dict[str, Any]) -> int:
    """The formula as it is shown, over the inputs as they are shown."""
    inputs = {name: int(value) for name, value in line["inputs"].items()}
    return int(eval(line["formula"], {"__builtins__": {}, "min": min, "max": max}, inputs))


@pytest.mark.parametrize("days_later", [0, 29, 31])
def test_the_arithmetic_of_a_limit_is_the_chains_to_the_unit(days_later: int, client: FlaskClient, market: Market):
    market.travel(days_later)
    market.score({USED: 655}, limit_code=encode_limit(87_654_321))
    if days_later > 29:
        market.send("merchant", "CreditLine", "repay", USED, 2_000 * YUAN)
    shown = lines_of(client)
    chain = market.read("CreditLine", "limitOf", USED)
    names = {
        "reported": "reported",
        "graded": "graded",
        "grade_cap": "gradeCap",
        "line_cap": "lineCap",
        "rise_cap": "riseCap",
        "limit": "limit",
        "headroom": "headroom",
        "portfolio_room": "portfolioRoom",
        "cash": "cash",
        "available": "available",
    }
    assert {line: int(shown[line]["result"]) for line in names} == {line: chain[name] for line, name in names.items()}
    assert {id_: computed(line) for id_, line in shown.items()} == {
        id_: int(line["result"]) for id_, line in shown.items()
    }
    assert [id_ for id_, line in shown.items() if line["binds"]] == ["rise_cap", "undrawn"]


def test_inputs_that_are_lines_above_are_their_results(client: FlaskClient):
    shown = lines_of(client)
    assert {
        (id_, name)
        for id_, line in shown.items()
        for name, value in line["inputs"].items()
        if name in shown and value != shown[name]["result"]
    } == set()


def test_a_limit_that_pays_nothing_out_says_why(client: FlaskClient, market: Market):
    market.send("bank", "CreditLine", "freeze", USED, "0x" + "ee" * 32)
    limit = get(client, f"/v1/lines/{USED}/limit")
    assert (limit["refusal"]["code"], limit["available"], limit["lines"]) == ("LineIsFrozen", None, [])
    assert limit["refusal"]["notices"]["zh"].startswith("银行已冻结")


def test_a_party_that_may_not_open_a_line_is_told_so_with_its_limit(client: FlaskClient):
    assert get(client, f"/v1/lines/{SUPPLIER}/limit")["refusal"]["code"] == "RoleMissing"


def test_a_party_sees_the_limit_with_which_it_would_open_a_line(client: FlaskClient, market: Market, database: Engine):
    party = market.admit_merchant("new_wallet")
    index(market, database)
    opening = get(client, f"/v1/lines/{party}/opening")
    assert (opening["limit"], opening["refusal"]["code"]) == (None, "ScoreMissing")
    market.score({party: 655}, limit_code=encode_limit(123_456))
    opening = get(client, f"/v1/lines/{party}/opening")
    market.send("new_wallet", "CreditLine", "open", opening["agreementHash"])
    assert opening["limit"] == str(market.read("CreditLine", "lineOf", party)["limit"]) == str(123_450 * YUAN * 9 // 10)
    assert get(client, f"/v1/lines/{party}/opening")["refusal"]["code"] == "LineStatusWrong"


def test_a_party_that_nobody_knows_opens_nothing(client: FlaskClient):
    assert get(client, "/v1/lines/99/opening", 404)["values"] == {"kind": "party", "id": "99"}


def test_conditions_under_an_agreement_that_is_not_known_here_show_its_hash_alone(
    client: FlaskClient, market: Market, database: Engine
):
    *figures, _ = market.parameters.lines.as_struct()
    market.send("bank", "CreditLine", "setConditions", (*figures, "0x" + "ab" * 32))
    index(market, database)
    offered = get(client, "/v1/conditions/lines")
    assert (offered["agreement"], offered["inForce"]["agreementHash"]) == (None, "0x" + "ab" * 32)


def test_past_moves_of_a_limit_are_listed(client: FlaskClient):
    path = f"/v1/lines/{USED}/limit/moves"
    moves = get(client, path)["items"]
    assert [(int(move["before"]), int(move["after"])) for move in moves][-1][0] == 200_000 * YUAN
    assert any(int(move["after"]) > int(move["before"]) for move in moves)
    newest = get(client, f"{path}?limit=1")
    assert newest["items"] == moves[:1]
    assert get(client, f"{path}?after={newest['next']}")["items"] == moves[1:]


def test_conditions_come_with_the_agreement_that_a_merchant_signs(client: FlaskClient, market: Market):
    offered, chain = get(client, "/v1/conditions/lines"), market.read("CreditLine", "conditions")
    assert offered["inForce"]["agreementHash"] == offered["agreement"]["hash"] == chain["agreementHash"]
    assert offered["inForce"]["lineCap"] == str(chain["lineCap"])
    assert offered["agreement"]["text"]["zh"].startswith("# 商户信用额度协议")
    assert [grade["grade"] for grade in offered["grades"]] == ["A", "B", "C", "D"]
    assert [entry["open"] for entry in offered["history"]] == [True, False, True]


# Statement of account


def assert_adds_up(account: dict[str, Any]) -> None:
    balance = int(account["opening"])
    for entry in account["entries"]:
        amount = int(entry["amount"])
        assert amount == int(entry["principal"]) + int(entry["interest"]) + int(entry["late"]) > 0
        balance += -amount if entry["kind"] == "payment" else amount
        assert int(entry["balance"]) == balance
    assert int(account["closing"]) == balance
    assert int(account["opening"]) + int(account["charged"]) - int(account["paid"]) == balance


@pytest.mark.parametrize("party", [LOST, USED])
@pytest.mark.parametrize("days_later", [0, 3, 70])
def test_an_account_ends_with_what_the_chain_says_is_owed(
    party: int, days_later: int, client: FlaskClient, market: Market, database: Engine
):
    market.travel(days_later)
    index(market, database)
    account, owed = get(client, f"/v1/lines/{party}/account"), market.read("CreditLine", "owedOf", party)
    assert_adds_up(account)
    unbilled = account["unbilled"]
    assert int(account["closing"]) + int(unbilled["interest"]) + int(unbilled["late"]) == owed["total"]
    assert unbilled["owed"] == str(owed["total"])
    assert account["opening"] == "0"


def test_an_account_is_the_same_whether_statements_were_noted_or_not(
    client: FlaskClient, market: Market, database: Engine
):
    market.travel(35)
    index(market, database)
    before = get(client, f"/v1/lines/{USED}/account")
    market.send("stranger", "CreditLine", "accrue", [USED])
    index(market, database)
    after = get(client, f"/v1/lines/{USED}/account")
    assert_adds_up(after)
    assert len(after["entries"]) == len(before["entries"]) + 1
    assert after["unbilled"]["owed"] == before["unbilled"]["owed"]
    assert after["entries"][-1]["day"]["day"] < market.today()


def test_two_halves_of_an_account_join(client: FlaskClient):
    whole = get(client, f"/v1/lines/{USED}/account")
    cut = days.date_of(whole["entries"][4]["day"]["day"])
    after = days.date_of(whole["entries"][4]["day"]["day"] + 1)
    first = get(client, f"/v1/lines/{USED}/account?to={cut}")
    second = get(client, f"/v1/lines/{USED}/account?from={after}")
    assert first["entries"] + second["entries"] == whole["entries"]
    assert (first["closing"], first["unbilled"]) == (second["opening"], None)
    for account in (first, second):
        assert_adds_up(account)


def test_entries_are_draws_charges_and_payments_as_they_came(client: FlaskClient):
    entries = get(client, f"/v1/lines/{USED}/account")["entries"]
    assert [entry["kind"] for entry in entries[:4]] == ["draw", "draw", "interest", "payment"]
    assert {entry["kind"] for entry in entries} == {"draw", "interest", "late_interest", "payment"}
    assert {entry["name"]["zh"] for entry in entries} == {"提款", "利息", "逾期利息", "还款"}
    shown = [entry["day"]["day"] for entry in entries]
    assert shown == sorted(shown)


def test_a_period_that_ends_before_it_begins_is_refused(client: FlaskClient):
    problem = get(client, f"/v1/lines/{USED}/account?from=2030-02-01&to=2030-01-31", 422)
    assert problem["values"]["field"] == "from"


def test_case_44_an_account_as_csv_holds_no_formula_and_the_same_figures(client: FlaskClient):
    account = get(client, f"/v1/lines/{USED}/account")
    response = client.get(f"/v1/lines/{USED}/account.csv", headers={"Accept-Language": "zh"})
    assert response.headers["Content-Disposition"] == f'attachment; filename="line-{USED}.csv"'
    text = response.get_data(as_text=True)
    head, opening, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert (text[0], head[0], opening[1]) == ("\ufeff", "日期", "期初余额")
    assert [row[7].replace(".", "").lstrip("0") or "0" for row in rows[:-2]] == [
        entry["balance"] for entry in account["entries"]
    ]
    assert rows[-1][7].replace(".", "") == account["unbilled"]["owed"]
    cells = [cell for row in (head, opening, *rows) for cell in row]
    assert [cell for cell in cells if cell.startswith(FORMULA_STARTS)] == []


def test_the_value_of_the_vault_holds_the_interest_of_lines(client: FlaskClient, market: Market):
    market.travel(10)
    value, accrual = get(client, "/v1/treasury/value"), market.read("Treasury", "accrual")
    assert value["accrued"] == str(accrual["accrued"] // ACCRUAL_UNIT)
    assert value["grossAssets"] == str(market.read("Treasury", "grossAssets"))
    assert int(value["accrued"]) > 0


def test_an_event_of_a_line_is_told_to_all_and_to_the_party(client: FlaskClient):
    items = get(client, "/v1/feed?limit=500")["items"]
    rooms = {(item["topic"], item["kind"], item["key"]): set(item["rooms"]) for item in items}
    for kind in ("LineOpened", "LineDrawn", "StatementClosed", "LinePaid", "LimitMoved", "LineFrozen", "LineCured"):
        assert rooms["CreditLine", kind, str(USED)] == {"all", f"party:{USED}"}
    assert rooms["CreditLine", "ConditionsChanged", ""] == {"all"}


def test_every_route_of_lines_and_scores_is_in_the_documentation(client: FlaskClient):
    told = re.findall(r"^\| `GET ([^`?]+)", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    paths = get(client, "/openapi.json")["paths"]
    about = ("/v1/lines", "/v1/conditions/lines", "/v1/merchants/{party}/score")
    assert sorted(told) == sorted(path for path in paths if path.startswith(about))
