"""The explorer: blocks, transactions, addresses and search, against the chain they tell about."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy import Engine

from backend.api.app import create_app
from backend.chain.rpc import Rpc
from backend.config import Settings
from tests.anvil import LOCAL_CHAIN_ID
from tests.backend.api.test_routes import NOBODY, SECOND, get
from tests.backend.market import ADDRESSES, CONSENT_TEXT, FACILITY, Market, Refused

UNKNOWN = "0x" + "ab" * 32


@pytest.fixture(scope="module")
def dead(market: Market, database: Engine) -> FlaskClient:
    """An API with a read model whose chain does not answer."""
    return create_app(Settings(), market.suite, Rpc(["http://127.0.0.1:1"], LOCAL_CHAIN_ID), database).test_client()


def transaction(client: FlaskClient, hash_: str) -> Any:
    answer = get(client, f"/v1/explorer/transactions/{hash_}")
    document = get(client, "/openapi.json")
    operation = document["paths"]["/v1/explorer/transactions/{transaction}"]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator(schema | {"components": document["components"]}).validate(answer)
    return answer


def named(arguments: list[Any]) -> dict[str, Any]:
    return {argument["name"]: argument for argument in arguments}


def financing_of(client: FlaskClient, receivable: int) -> Any:
    """The transaction that financed a receivable."""
    timeline = get(client, f"/v1/receivables/{receivable}")["timeline"]
    found = next(entry for entry in timeline if entry["event"] == "ReceivableFinanced")
    return transaction(client, found["transactionHash"])


# Blocks


def test_blocks_are_paged_newest_first_without_gap_or_repetition(client: FlaskClient, market: Market):
    head, before, seen = market.node.block_number(), None, []
    while True:
        page = get(client, "/v1/explorer/blocks?limit=50" + (f"&before={before}" if before is not None else ""))
        seen += [block["number"] for block in page["items"]]
        before = page["next"]
        if before is None:
            break
    assert seen == list(range(head, -1, -1))


def test_a_page_of_blocks_is_bounded(client: FlaskClient):
    assert get(client, "/v1/explorer/blocks?limit=51", 422)["code"] == "RequestInvalid"
    assert get(client, "/v1/explorer/blocks?before=-1", 422)["code"] == "RequestInvalid"
    below_the_first = get(client, "/v1/explorer/blocks?before=0")
    assert (below_the_first["items"], below_the_first["next"]) == ([], None)


def test_a_block_is_the_chains_with_its_transactions_in_words(client: FlaskClient, market: Market):
    number = market.node.block_number()
    chain = market.node.rpc("eth_getBlockByNumber", hex(number), True)
    shown = get(client, f"/v1/explorer/blocks/{number}")
    assert (shown["hash"], shown["parent"]) == (chain["hash"], chain["parentHash"])
    assert shown["gasUsed"] == str(int(chain["gasUsed"], 16))
    assert [item["hash"] for item in shown["items"]] == [entry["hash"] for entry in chain["transactions"]]
    assert all("." in item["call"] for item in shown["items"])


@pytest.mark.parametrize("number", ["999999999", str(2**53), str(2**80)])
def test_a_block_that_is_not_there_is_not_found(number: str, client: FlaskClient):
    assert get(client, f"/v1/explorer/blocks/{number}", 404)["code"] == "ResourceUnknown"


def test_a_block_is_final_when_it_is_deep_enough(client: FlaskClient, market: Market):
    depth = Settings().finality_depth
    blocks = {block["number"]: block["final"] for block in get(client, "/v1/explorer/blocks?limit=50")["items"]}
    blocks |= {
        block["number"]: block["final"]
        for block in get(client, f"/v1/explorer/blocks?limit=50&before={min(blocks)}")["items"]
    }
    head = max(blocks)
    assert blocks[head - depth] and not blocks[head - depth + 1]


# Transactions


def test_a_financing_tells_who_called_what_with_which_units(client: FlaskClient):
    shown = financing_of(client, SECOND)
    assert (shown["status"], shown["failure"]) == ("succeeded", None)
    assert shown["sender"]["party"] == 3 and shown["sender"]["roles"] == ["supplier"]
    assert shown["to"]["contract"] == "Factoring"
    call = shown["call"]
    assert (call["contract"], call["function"]) == ("Factoring", "finance")
    arguments = named(call["arguments"])
    assert arguments["receivable"]["unit"] == "receivable" and arguments["receivable"]["value"] == str(SECOND)
    assert arguments["deadline"]["unit"] == "time"
    assert shown["fee"] == str(int(shown["gasUsed"]) * int(shown["gasPrice"]))


def test_the_events_of_a_transaction_are_told_with_units_and_parties(client: FlaskClient):
    logs = {log["event"]: log for log in financing_of(client, SECOND)["logs"]}
    financed = named(logs["ReceivableFinanced"]["arguments"])
    assert {name: financed[name]["unit"] for name in ("debtor", "net", "dueDay", "annualRateBps")} == {
        "debtor": "party",
        "net": "amount",
        "dueDay": "day",
        "annualRateBps": "bps",
    }
    paid = named(logs["Disbursed"]["arguments"])
    assert paid["to"]["who"]["party"] == 3
    assert (paid["product"]["unit"], paid["product"]["member"]) == ("enum", "Receivables")
    moved = next(log for log in financing_of(client, SECOND)["logs"] if log["contract"] == "MockCash")
    assert named(moved["arguments"])["value"]["value"] == financed["net"]["value"]


def test_a_struct_is_told_by_its_parts(client: FlaskClient, market: Market):
    receipt = market.send("bank", "Factoring", "setFacility", 1, FACILITY)
    facility = named(transaction(client, receipt["transactionHash"])["call"]["arguments"])["f"]
    assert facility["value"] is None
    assert named(facility["parts"])["lateRateBps"] == {
        **named(facility["parts"])["lateRateBps"],
        "unit": "bps",
        "value": "1800",
    }
    assert named(facility["parts"])["open"]["value"] is True


def test_a_failed_transaction_names_the_contracts_error_with_values_in_both_languages(
    client: FlaskClient, market: Market
):
    with pytest.raises(Refused):
        market.send("stranger", "Factoring", "finance", SECOND, 0, market.now() + 3_600)
    hash_ = market.node.rpc("eth_getBlockByNumber", "latest", False)["transactions"][0]
    shown = transaction(client, hash_)
    assert shown["status"] == "failed" and shown["logs"] == []
    assert shown["failure"]["code"] == "NotFinanceable"
    assert shown["failure"]["values"]["receivable"] == str(SECOND)
    assert str(SECOND) in shown["failure"]["notices"]["en"]
    assert shown["failure"]["notices"]["zh"] != shown["failure"]["notices"]["en"]


def test_a_call_inside_a_call_of_the_authority_is_told(client: FlaskClient, market: Market):
    data = market.suite.calldata("Factoring", "setFacility", 7, FACILITY)
    target = market.suite.address("Factoring")
    receipt = market.send("bank", "Authority", "execute", target, data)
    call = transaction(client, receipt["transactionHash"])["call"]
    assert (call["contract"], call["function"]) == ("Authority", "execute")
    assert [(inner["contract"], inner["function"]) for inner in call["inner"]] == [("Factoring", "setFacility")]
    assert named(call["inner"][0]["arguments"])["debtor"]["value"] == "7"


def test_calls_in_a_multicall_are_told_with_the_functions_behind_selectors(client: FlaskClient, market: Market):
    suite = market.suite
    selector = "0x" + suite.calldata("Treasury", "pause")[:4].hex()
    one = suite.calldata("Authority", "setTargetFunctionRole", suite.address("Treasury"), [selector], 5)
    receipt = market.send("bank", "Authority", "multicall", [one])
    (inner,) = transaction(client, receipt["transactionHash"])["call"]["inner"]
    arguments = named(inner["arguments"])
    assert arguments["selectors"]["parts"][0]["member"] == "pause"
    assert (arguments["roleId"]["unit"], arguments["roleId"]["member"]) == ("role", "guardian")


def test_a_call_of_another_contract_is_shown_as_it_is(client: FlaskClient, market: Market):
    plain = market.node.rpc(
        "eth_sendTransaction",
        {"from": ADDRESSES["stranger"], "to": ADDRESSES["new_wallet"], "value": "0x5", "data": "0x12345678"},
    )
    market.node.receipt(plain)
    shown = transaction(client, plain)
    assert (shown["call"], shown["selector"], shown["value"]) == (None, "0x12345678", "5")
    assert shown["to"] == {
        "address": ADDRESSES["new_wallet"],
        "contract": None,
        "party": shown["to"]["party"],
        "roles": shown["to"]["roles"],
        "duty": None,
    }


def test_data_that_do_not_fit_a_function_are_no_call(client: FlaskClient, market: Market):
    data = market.suite.calldata("Factoring", "finance", 1, 0, 0)[:20].hex()
    request = {
        "from": ADDRESSES["stranger"],
        "to": market.suite.address("Factoring"),
        "data": "0x" + data,
        "gas": hex(200_000),
    }
    hash_ = market.node.rpc("eth_sendTransaction", request)
    market.node.receipt(hash_)
    shown = transaction(client, hash_)
    assert shown["status"] == "failed" and shown["call"] is None
    assert shown["failure"]["code"] == "EmptyRevert"


def test_a_created_contract_is_named(client: FlaskClient, market: Market):
    factoring = market.suite.address("Factoring")
    creation = next(
        block["transactions"][0]
        for number in range(1, 30)
        if (block := market.node.rpc("eth_getBlockByNumber", hex(number), True))["transactions"]
        and market.node.receipt(block["transactions"][0]["hash"])["contractAddress"] == factoring.lower()
    )
    shown = transaction(client, creation["hash"])
    assert shown["to"] is None and shown["created"]["contract"] == "Factoring"


def test_a_transaction_that_waits_is_pending(client: FlaskClient, market: Market):
    market.node.rpc("evm_setAutomine", False)
    try:
        hash_ = market.node.rpc(
            "eth_sendTransaction", {"from": ADDRESSES["stranger"], "to": ADDRESSES["new_wallet"], "value": "0x1"}
        )
        shown = transaction(client, hash_)
    finally:
        market.node.mine()
        market.node.rpc("evm_setAutomine", True)
    assert (shown["status"], shown["block"], shown["confirmations"]) == ("pending", None, 0)


@pytest.mark.parametrize("hash_", [UNKNOWN, "0x12", "7", "0x" + "zz" * 32])
def test_a_transaction_that_is_not_there_is_not_found(hash_: str, client: FlaskClient):
    assert get(client, f"/v1/explorer/transactions/{hash_}", 404)["code"] == "ResourceUnknown"


# Addresses


def test_an_address_of_a_party_tells_who_it_is_what_it_has_and_what_happened(client: FlaskClient, market: Market):
    wallet = ADDRESSES["supplier"]
    shown = get(client, f"/v1/explorer/addresses/{wallet.lower()}?limit=200")
    assert (shown["kind"], shown["who"]["party"]) == ("wallet", 2)
    (balance,) = shown["balances"]
    assert balance["amount"] == str(market.read("MockCash", "balanceOf", wallet))
    told = {item["event"] for item in shown["items"]}
    assert {"PartyAdmitted", "ReceivableRegistered", "ReceivableFinanced", "Disbursed"} <= told
    assert shown["transactions"] == len({item["transactionHash"] for item in shown["items"]})


def test_an_event_is_told_as_a_sentence_and_without_words_by_its_name(client: FlaskClient):
    shown = get(client, f"/v1/explorer/addresses/{ADDRESSES['supplier']}?limit=200")
    told = {item["event"]: item["sentence"] for item in shown["items"]}
    assert "against party 1 was registered" in told["ReceivableRegistered"]["en"]
    assert told["ReceivableFinanced"]["zh"].endswith("。")
    assert told["Disbursed"] is None


def test_a_contract_of_the_suite_tells_what_it_said(client: FlaskClient, market: Market):
    shown = get(client, f"/v1/explorer/addresses/{market.suite.address('Treasury')}")
    assert (shown["kind"], shown["who"]["contract"]) == ("contract", "Treasury")
    assert {item["contract"] for item in shown["items"]} == {"Treasury"}


def test_the_events_of_an_address_are_paged_without_gap_or_repetition(client: FlaskClient):
    path = f"/v1/explorer/addresses/{ADDRESSES['core_enterprise']}"
    whole = get(client, path + "?limit=200")["items"]
    found, after = [], ""
    while True:
        page = get(client, f"{path}?limit=7{after}")
        found += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert [(item["block"], item["logIndex"]) for item in found] == [
        (item["block"], item["logIndex"]) for item in whole
    ]


def test_an_account_that_nobody_knows_has_nothing(client: FlaskClient):
    shown = get(client, f"/v1/explorer/addresses/{NOBODY[:-2]}77")
    assert (shown["kind"], shown["transactions"], shown["items"]) == ("account", 0, [])


@pytest.mark.parametrize("address", ["0x12", "treasury", "0x" + "g" * 40, "7"])
def test_what_is_no_address_is_not_found(address: str, client: FlaskClient):
    assert get(client, f"/v1/explorer/addresses/{address}", 404)["code"] == "ResourceUnknown"


# Search


def kinds(client: FlaskClient, text: str) -> list[tuple[str, str]]:
    found = client.get("/v1/search", query_string={"q": text})
    assert found.status_code == 200, found.text
    return [(hit["kind"], hit["id"]) for hit in found.get_json()["items"]]


def test_a_number_may_be_a_party_a_receivable_and_a_block(client: FlaskClient):
    assert kinds(client, " 2 ") == [("party", "2"), ("receivable", "2"), ("block", "2")]


def test_a_wallet_leads_to_its_party(client: FlaskClient):
    wallet = ADDRESSES["supplier"]
    assert kinds(client, wallet.lower()) == [("party", "2"), ("address", wallet)]


def test_a_contract_is_found_by_its_name(client: FlaskClient, market: Market):
    assert kinds(client, "treas") == [("address", market.suite.address("Treasury"))]


def test_a_fingerprint_and_a_document_lead_to_what_they_belong_to(client: FlaskClient):
    row = get(client, "/v1/receivables/1")
    (hit,) = get(client, f"/v1/search?q={row['fingerprint']}")["items"]
    assert (hit["kind"], hit["belongsTo"]) == ("fingerprint", "receivable:1")
    (hit,) = get(client, f"/v1/search?q={row['documentHash']}")["items"]
    assert (hit["kind"], hit["note"], hit["belongsTo"]) == ("document", "documentHash", "receivable:1")


def test_a_consent_text_and_a_model_are_found_by_their_hashes(client: FlaskClient):
    hits = get(client, f"/v1/search?q={CONSENT_TEXT}")["items"]
    assert {hit["belongsTo"] for hit in hits} >= {"party:1", "party:7"}
    model = get(client, "/v1/models")["items"][0]
    (hit,) = get(client, f"/v1/search?q={model['hash']}")["items"]
    assert (hit["kind"], hit["belongsTo"]) == ("model", f"model:{model['model']}")


def test_a_transaction_and_a_block_are_found_by_their_hashes(client: FlaskClient, market: Market):
    block = market.node.rpc("eth_getBlockByNumber", hex(market.node.block_number() - 1), False)
    assert kinds(client, block["hash"]) == [("block", str(int(block["number"], 16)))]
    assert kinds(client, financing_of(client, SECOND)["hash"])[-1][0] == "transaction"


@pytest.mark.parametrize("text", ["99999999999999", UNKNOWN, "nobody", "' OR 1=1 --", "0x" + "f" * 39, "%", "%00"])
def test_what_means_nothing_finds_nothing(text: str, client: FlaskClient):
    assert kinds(client, text) == []


@pytest.mark.parametrize("text", ["", "x" * 101])
def test_a_search_is_bounded(text: str, client: FlaskClient):
    assert get(client, f"/v1/search?q={text}", 422)["code"] == "RequestInvalid"


# A chain that does not answer


@pytest.mark.parametrize(
    "path",
    [
        "/v1/explorer/blocks",
        "/v1/explorer/blocks/1",
        f"/v1/explorer/transactions/{UNKNOWN}",
        f"/v1/explorer/addresses/{ADDRESSES['supplier']}",
        "/v1/search?q=1",
        f"/v1/audit/receivables/{SECOND}/provenance",
        "/v1/audit/oracle",
        "/v1/audit/changes",
        "/v1/audit/consents",
        "/v1/audit/signers",
        "/v1/audit/export",
    ],
)
def test_a_chain_that_does_not_answer_is_told(path: str, dead: FlaskClient):
    answer = get(dead, path, 503)
    assert answer["code"] == "RpcUnavailable" and set(answer["notices"]) == {"en", "zh"}


def test_the_check_of_the_whole_book_needs_no_chain(dead: FlaskClient):
    assert get(dead, "/v1/audit/double-financing")["clean"]
