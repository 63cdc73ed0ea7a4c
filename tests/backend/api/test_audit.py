"""The auditor's routes, against the chain they tell about."""

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from backend import days
from backend.api import audit_export
from backend.api.app import create_app
from backend.api.sheets import FORMULA_STARTS
from backend.chain.keys import development_key
from backend.config import Settings
from backend.readmodel.changes import MATTERS
from tests.backend.api.test_routes import FIRST, LOST, SECOND, WHOLE, get
from tests.backend.market import ADDRESSES, Market

UNKNOWN = "0x" + "ab" * 32


def provenance(client: FlaskClient, receivable: int) -> Any:
    return get(client, f"/v1/audit/receivables/{receivable}/provenance")


def financing(client: FlaskClient, receivable: int) -> Any:
    """The first one of a receivable."""
    turns = provenance(client, receivable)["financings"]
    return next(turn for turn in turns if (turn["receivable"], turn["turn"]) == (receivable, 1))


# Provenance


def test_a_part_is_shown_with_the_whole_tree_it_comes_from(client: FlaskClient):
    shown = provenance(client, SECOND)
    assert (shown["receivable"], shown["origin"]) == (SECOND, WHOLE)
    assert shown["tree"]["id"] == WHOLE
    assert [part["parent"] for part in shown["tree"]["parts"]] == [WHOLE] * 3
    assert sum(int(part["face"]) for part in shown["tree"]["parts"]) == int(shown["tree"]["face"])


def test_everything_that_happened_stands_in_the_order_of_the_chain_with_who_sent_it(
    client: FlaskClient, market: Market
):
    shown = provenance(client, WHOLE)["events"]
    places = [(event["block"], event["logIndex"]) for event in shown]
    assert places == sorted(places)
    assert [event["event"] for event in shown][:2] == ["ReceivableRegistered", "ReceivableConfirmed"]
    for event in shown:
        chain = market.node.rpc("eth_getTransactionByHash", event["transactionHash"])
        assert event["sender"]["address"].lower() == chain["from"]
        assert event["block"] == int(chain["blockNumber"], 16)
    assert (shown[0]["sender"]["party"], shown[1]["sender"]["party"]) == (2, 1)


def test_the_money_of_a_financing_went_where_the_token_says(client: FlaskClient, market: Market):
    financed = financing(client, SECOND)
    (paid,) = financed["payouts"]
    assert paid["net"] == financed["net"]
    receipt = market.node.receipt(paid["transactionHash"])
    cash = market.suite.address("MockCash").lower()
    moved = [log for log in receipt["logs"] if log["address"] == cash]
    assert [int(log["data"], 16) for log in moved] == [int(paid["net"])]
    assert moved[0]["topics"][2][-40:] == paid["to"]["address"][2:].lower()


def test_the_score_that_the_gate_read_comes_with_report_model_and_signers(client: FlaskClient, market: Market):
    financed = financing(client, SECOND)
    start = next(event for event in financed["events"] if event["event"] == "ReceivableFinanced")
    read = next(argument for argument in start["arguments"] if argument["name"] == "score")["value"]
    score = financed["score"]
    assert (score["party"], str(score["value"]), score["outcome"]) == (1, read, "accepted")
    assert score["modelHash"] == get(client, "/v1/models")["items"][0]["hash"]
    assert {signer["address"] for signer in score["signers"]} == {key.address for key in market.signers}
    assert all(signer["member"] for signer in score["signers"])
    report = market.node.receipt(score["transactionHash"])
    assert int(report["blockNumber"], 16) < start["block"]


def test_documents_are_named_by_their_hashes_with_their_transactions(client: FlaskClient):
    shown = provenance(client, WHOLE)
    row = get(client, f"/v1/receivables/{WHOLE}")
    documents = {document["what"]: document for document in shown["documents"]}
    assert documents["documentHash"]["hash"] == row["documentHash"]
    assert documents["registryReference"]["hash"].startswith("0xdd")
    assert {document["transactionHash"] for document in shown["documents"]} <= {
        event["transactionHash"] for event in shown["events"]
    }


def test_a_financing_that_was_lost_tells_its_end(client: FlaskClient):
    (financed,) = provenance(client, LOST)["financings"]
    assert financed["status"] in {"WrittenOff", "Recovered"}
    assert {event["event"] for event in financed["events"]} >= {"FinancingOverdue", "FinancingWrittenOff"}


@pytest.mark.parametrize("receivable", [0, 999_999, 2**40, 2**70])
def test_a_receivable_that_is_not_there_has_no_provenance(receivable: int, client: FlaskClient):
    assert get(client, f"/v1/audit/receivables/{receivable}/provenance", 404)["code"] == "ResourceUnknown"


# Double financing


def test_the_whole_book_is_clean_and_counted(client: FlaskClient, market: Market):
    shown = get(client, "/v1/audit/double-financing")
    assert (shown["clean"], shown["conflicts"]) == (True, [])
    financed = get(client, "/v1/financings?limit=200")["items"]
    assert shown["counts"]["financings"] == len(financed)
    assert shown["counts"]["open"] == sum(row["closedAt"] is None for row in financed)
    assert shown["counts"]["receivables"] == len(get(client, "/v1/receivables?limit=200")["items"])
    assert set(shown["rules"]) == {
        "registered_twice",
        "financed_twice",
        "financed_with_its_part",
        "financed_beyond_face",
    }


def test_case_10_an_invoice_is_registered_as_what_the_contract_says(client: FlaskClient, market: Market):
    fingerprint = get(client, f"/v1/receivables/{FIRST}")["fingerprint"]
    by_fingerprint = get(client, f"/v1/audit/double-financing?fingerprint={fingerprint}")
    assert by_fingerprint["registeredAs"] == market.read("Receivables", "idOfInvoice", 1, fingerprint) == WHOLE
    assert [row["id"] for row in by_fingerprint["receivables"]] == [WHOLE, FIRST, SECOND, 4]
    by_receivable = get(client, f"/v1/audit/double-financing?receivable={FIRST}")
    assert by_receivable == by_fingerprint


def test_an_invoice_that_is_not_there_is_not_found(client: FlaskClient):
    assert get(client, f"/v1/audit/double-financing?fingerprint={UNKNOWN}", 404)["code"] == "ResourceUnknown"
    assert get(client, "/v1/audit/double-financing?receivable=99999", 404)["code"] == "ResourceUnknown"


@pytest.mark.parametrize("query", ["fingerprint=0x12", "receivable=0", f"fingerprint={UNKNOWN}&receivable=1", "x=1"])
def test_a_check_that_asks_for_something_else_is_refused(query: str, client: FlaskClient):
    assert get(client, f"/v1/audit/double-financing?{query}", 422)["code"] == "RequestInvalid"


# The oracle


def test_every_report_of_the_chain_is_told_with_its_signers(client: FlaskClient, market: Market):
    items = get(client, "/v1/audit/oracle?limit=200")["items"]
    topic = "ScoresReported"
    told = [item for item in get(client, "/v1/feed?limit=500")["items"] if item["kind"] == topic]
    assert [item["transactionHash"] for item in items] == [item["payload"]["transaction"] for item in told][::-1]
    for item in items:
        assert [signer["address"] for signer in item["signers"]] == sorted(key.address for key in market.signers)
        assert item["modelHash"] == get(client, "/v1/models")["items"][0]["hash"]
        assert sum(item["outcomes"].values()) == item["records"]


def test_what_became_of_the_records_of_a_party_is_what_its_history_says(client: FlaskClient):
    history = get(client, "/v1/parties/1/score/history?limit=200")["items"]
    items = {item["round"]: item for item in get(client, "/v1/audit/oracle?limit=200&party=1")["items"]}
    assert set(items) == {record["round"] for record in history}
    for outcome in ("accepted", "held", "skipped"):
        told = sum(item["outcomes"][outcome] for item in items.values())
        assert told >= sum(record["outcome"] == outcome for record in history) > 0


def test_reports_are_found_by_model_and_party_and_paged(client: FlaskClient):
    assert get(client, "/v1/audit/oracle?model=65535")["items"] == []
    assert get(client, "/v1/audit/oracle?party=4294967295")["items"] == []
    whole = get(client, "/v1/audit/oracle?model=1&limit=200")["items"]
    found, after = [], ""
    while True:
        page = get(client, f"/v1/audit/oracle?model=1&limit=2{after}")
        found += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert found == whole


# Changes, consents, signers


@pytest.mark.parametrize("matter", sorted({matter for matter, _ in MATTERS.values()}))
def test_changes_are_found_by_their_matter(matter: str, client: FlaskClient):
    items = get(client, f"/v1/audit/changes?matter={matter}&limit=200")["items"]
    assert {item["matter"] for item in items} <= {matter}


def test_a_change_names_who_sent_it_and_its_units(client: FlaskClient):
    items = get(client, "/v1/audit/changes?matter=terms&limit=200")["items"]
    terms = {argument["name"]: argument for argument in items[0]["arguments"]}
    assert terms["product"]["member"] in {"Receivables", "CreditLine", "Lease"}
    assert terms["grade"]["unit"] == "grade"
    assert items[0]["sender"]["address"] == ADDRESSES["bank"]


def test_a_hold_tells_what_was_before(client: FlaskClient):
    items = get(client, "/v1/audit/changes?matter=score_hold")["items"]
    before = {item["before"]["event"] for item in items if item["event"] == "HoldReleased"}
    assert before == {"ScoreHeld"}


@pytest.mark.parametrize("query", ["matter=everything", "contract=no.contract", "after=x", "limit=0", "limit=201"])
def test_changes_that_nobody_keeps_are_refused(query: str, client: FlaskClient):
    assert get(client, f"/v1/audit/changes?{query}", 422)["code"] == "RequestInvalid"


def test_every_consent_is_told_with_its_wallet_and_withdrawal(client: FlaskClient):
    items = get(client, "/v1/audit/consents?party=1&purpose=Scoring")["items"]
    assert {(item["party"], item["purpose"]) for item in items} == {(1, "Scoring")}
    assert [(item["epoch"], item["granted"]) for item in items] == [(2, True), (1, False), (1, True)]
    assert {item["sender"]["party"] for item in items} == {1}
    given = get(client, "/v1/parties/1/consents")["items"]
    assert {item["textHash"] for item in items if item["granted"]} == {
        consent["textHash"] for consent in given if consent["purpose"] == "Scoring"
    }


def test_the_signers_in_force_are_the_contracts(client: FlaskClient, market: Market):
    for shown in get(client, "/v1/audit/signers")["items"]:
        assert shown["until"] is None
        assert shown["signerSet"] == market.read(shown["oracle"], "signerSet")
        assert shown["threshold"] == market.read(shown["oracle"], "threshold")
        assert all(market.read(shown["oracle"], "isSigner", signer["address"]) for signer in shown["signers"])


def test_a_signer_has_its_duty_where_the_service_was_told_whose_key_it_is(
    market: Market, database: Engine, tmp_path: Path
):
    by_address = {development_key(index).address: index for index in range(20)}
    first, second = market.signers[0].address, market.signers[1].address
    keystore = tmp_path / "auditor.json"
    keystore.write_text(json.dumps({"address": second[2:].lower()}), encoding="utf-8")
    unreadable = {"keystore": tmp_path / "none.json", "password_file": tmp_path / "password"}
    keys = {
        "risk_desk": {"development": by_address[first]},
        "auditor": {"keystore": keystore, "password_file": tmp_path / "password"},
        "platform": unreadable,
    }
    app = create_app(Settings(keys=keys), market.suite, market.rpc, database)
    signed = get(app.test_client(), "/v1/audit/oracle?limit=1")["items"][0]["signers"]
    assert {signer["address"]: signer["duty"] for signer in signed} == {first: "risk_desk", second: "auditor"}


# The export


def archive(client: FlaskClient, query: str = "") -> zipfile.ZipFile:
    with client.get(f"/v1/audit/export{query}") as response:
        assert response.status_code == 200, response.text
        assert response.content_type == "application/zip"
        return zipfile.ZipFile(io.BytesIO(response.data))


def test_two_exports_at_one_block_are_the_same_bytes(client: FlaskClient):
    assert client.get("/v1/audit/export").data == client.get("/v1/audit/export").data


def test_the_manifest_names_chain_and_block_and_the_hash_of_every_part(client: FlaskClient, market: Market):
    taken = archive(client)
    manifest = json.loads(taken.read("manifest.json"))
    assert (manifest["chainId"], manifest["genesisHash"]) == (market.suite.chain_id, market.suite.genesis_hash)
    assert manifest["block"] == get(client, "/v1/status")["indexed"]
    assert sorted(part["name"] for part in manifest["parts"]) == sorted(set(taken.namelist()) - {"manifest.json"})
    for part in manifest["parts"]:
        content = taken.read(part["name"])
        assert part["sha256"] == hashlib.sha256(content).hexdigest()
        lines = content.decode().splitlines() if part["name"].endswith("ndjson") else rows(content)[1:]
        assert part["rows"] == len(lines)


def test_sheet_and_lines_of_a_part_say_the_same(client: FlaskClient):
    taken = archive(client, "?what=financings")
    lines = [json.loads(line) for line in taken.read("financings.ndjson").splitlines()]
    head, *sheet = rows(taken.read("financings.csv"))
    for cells, line in zip(sheet, lines, strict=True):
        assert [name for name in line] == head
        assert {name: cell for name, cell in zip(head, cells, strict=True) if isinstance(line[name], str)} == {
            name: value for name, value in line.items() if isinstance(value, str)
        }


def test_an_export_holds_every_event_of_its_days_and_no_other(client: FlaskClient):
    whole = [json.loads(line) for line in archive(client, "?what=events").read("events.ndjson").splitlines()]
    day = days.date_of(days.day_of(whole[0]["at"]))
    some = archive(client, f"?what=events&from={day}&to={day}").read("events.ndjson").splitlines()
    expected = [event for event in whole if days.date_of(days.day_of(event["at"])) == day]
    assert [json.loads(line) for line in some] == expected
    assert 0 < len(expected) < len(whole)
    assert archive(client, "?what=events&to=2020-01-01").read("events.ndjson") == b""


def test_case_44_no_cell_of_an_export_begins_like_a_formula(client: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    hostile = [f"{start}cmd|' /C calc'!A0" for start in FORMULA_STARTS]
    wanted = {"consents": lambda *_: [{"text": text} for text in hostile]}
    monkeypatch.setattr(audit_export, "PARTS", audit_export.PARTS | wanted)
    sheet = rows(archive(client, "?what=consents").read("consents.csv"))[1:]
    assert [cell for (cell,) in sheet] == [f"'{text}" for text in hostile]


def test_a_part_that_is_too_large_is_refused_whole(client: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(audit_export, "MOST_ROWS", 3)
    answer = get(client, "/v1/audit/export?what=events", 413)
    assert (answer["code"], answer["values"]["part"]) == ("ExportTooLarge", "events")


@pytest.mark.parametrize("query", ["what=secrets", "from=yesterday", "to=2026-13-01", "what=events&format=xlsx"])
def test_an_export_of_something_else_is_refused(query: str, client: FlaskClient):
    assert get(client, f"/v1/audit/export?{query}", 422)["code"] == "RequestInvalid"


def test_case_45_exports_are_bounded_and_other_routes_are_served(client: FlaskClient):
    statuses = [client.get("/v1/audit/export?what=signers").status_code for _ in range(12)]
    assert statuses == [200] * 10 + [429] * 2
    assert client.get("/v1/audit/signers").status_code == 200


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode())))
