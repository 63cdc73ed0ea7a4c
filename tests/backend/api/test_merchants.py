"""A merchant's own business data over the API: bringing, looking, taking along, erasing; and nobody else's."""

import csv
import io
import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from backend import days, log, store
from backend.api import intake, pushed
from backend.api.app import create_app
from backend.api.context import EXTENSION
from backend.api.limits import UPLOADS_OF_A_PARTY, limiter
from backend.api.push import Pusher
from backend.config import Settings
from backend.readmodel import scores
from backend.records import consents
from backend.records.business import files, kept, platforms
from backend.scoring.merchants.records import Kind
from backend.store import feed
from scripts import plan
from tests.backend.api.test_sessions import ELSEWHERE, SITE, sign_in
from tests.backend.market import ADDRESSES, Market

# The first company of the market has consented to scoring, with epoch 2; the first supplier never did.
MERCHANT, STRANGER = 1, 2
WITH_ORIGIN = {"Origin": SITE}
UPLOADS = f"/v1/merchants/{MERCHANT}/uploads"
RECORDS = f"/v1/merchants/{MERCHANT}/records"
FINDINGS = f"/v1/merchants/{MERCHANT}/findings"
PLATFORMS = f"/v1/merchants/{MERCHANT}/platforms"
HEADER = "kind,id,occurred_at,amount,stars,days,currency,count,buyer"
PSEUDONYM = "9f2c41d07ab65e38"


def day(number: int) -> str:
    """Noon of a day of last month in Beijing. The market's chain is ahead by less than the shortest time of keeping."""
    return f"{days.date_of(days.day_of(int(time.time())) - 40 + number)}T12:00:00+08:00"


ROWS = [
    {"kind": "sale", "id": "T-1", "occurred_at": day(5), "amount": "128.00", "buyer": PSEUDONYM},
    {"kind": "refund", "id": "T-1", "occurred_at": day(6), "amount": "28.00", "buyer": PSEUDONYM},
    {"kind": "rating", "id": "R-1", "occurred_at": day(7), "stars": "4.8"},
    {"kind": "stock", "id": "S-1", "occurred_at": day(8), "amount": "50000.00"},
    {"kind": "arrears", "id": "A-1", "occurred_at": day(8), "days": "0"},
    {"kind": "opening", "id": "O-1", "occurred_at": day(-2_000)},
]


@pytest.fixture
def engine(database: Engine, tmp_path: Path) -> Iterator[Engine]:
    """A database of its own with the market's read model."""
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("COMMIT"))
        connection.exec_driver_sql(f"VACUUM INTO '{tmp_path}/heqi.db'")
    copy = store.connect(f"sqlite:///{tmp_path}/heqi.db")
    yield copy
    copy.dispose()


@pytest.fixture
def service(market: Market, engine: Engine) -> Flask:
    created = create_app(Settings(), market.suite, market.rpc, engine)
    limiter.reset()
    return created


@pytest.fixture
def merchant(service: Flask) -> FlaskClient:
    return signed_in(service, "core_enterprise")


@pytest.fixture
def stranger(service: Flask) -> FlaskClient:
    return signed_in(service, "supplier")


@pytest.fixture
def officer(market: Market) -> Iterator[str]:
    """An account that is a risk officer for one test."""
    role = plan.ROLE_BY_NAME["risk_officer"].id
    market.send("bank", "Authority", "grantRole", role, ADDRESSES["stranger"], 0)
    yield "stranger"
    market.send("bank", "Authority", "revokeRole", role, ADDRESSES["stranger"])


def signed_in(service: Flask, who: str) -> FlaskClient:
    client = service.test_client()
    sign_in(client, who)
    return client


def table(*rows: dict[str, str]) -> str:
    page = io.StringIO()
    writer = csv.DictWriter(page, HEADER.split(","), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return page.getvalue()


def bring(client: FlaskClient, data: Any, query: str = "", **how: Any) -> TestResponse:
    body = data if isinstance(data, (bytes, str)) else json.dumps(data)
    kind = how.get("content_type", "text/csv" if isinstance(data, str) else "application/json")
    return client.post(f"{UPLOADS}{query}", data=body, content_type=kind, headers=how.get("headers", WITH_ORIGIN))


def refused(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.get_json()["code"]) == (status, code), answer.text
    return answer.get_json()["values"]


def count(client: FlaskClient) -> int:
    return client.get(RECORDS).get_json()["records"]


# Consent texts


def test_consent_texts_are_offered_with_the_hash_that_a_wallet_signs(service: Flask):
    items = service.test_client().get("/v1/consent-texts").get_json()["items"]
    offered = {item["purpose"]: item for item in items if item["current"]}
    assert set(offered) == {"Scoring", "Training"}
    assert offered["Scoring"]["hash"] == consents.current(consents.Purpose.SCORING).hash
    assert [item["purpose"] for item in items] == [scores.PURPOSES[item["number"]] for item in items]


# Bringing


@pytest.mark.parametrize("data", [ROWS, table(*ROWS)], ids=["json", "csv"])
def test_a_merchant_brings_its_records_and_sees_what_is_kept(merchant: FlaskClient, data: Any):
    answer = bring(merchant, data)
    assert answer.status_code == 200, answer.text
    upload = answer.get_json()
    assert (upload["outcome"], upload["report"]["stored"], upload["upload"]) == ("kept", 6, 1)
    found = merchant.get(RECORDS).get_json()
    assert [entry["kind"] for entry in found["byKind"]] == list(Kind)
    assert (found["records"], found["byKind"][0]["firstAt"]) == (6, day(5).replace("T12:00:00+08:00", "T04:00:00Z"))
    assert merchant.get(f"{UPLOADS}/1").get_json() == upload
    assert merchant.get(UPLOADS).get_json() == {"items": [upload], "next": None}


def test_a_file_with_faults_is_refused_and_its_report_can_be_read(merchant: FlaskClient):
    values = refused(bring(merchant, [*ROWS, ROWS[0] | {"id": "T-2", "amount": "-1"}]), 422, "UploadRefused")
    assert [(fault["line"], fault["rule"]) for fault in values["faults"]] == [("7", "amount_negative")]
    report = merchant.get(f"{UPLOADS}/{values['upload']}").get_json()["report"]
    assert (report["stored"], report["byRule"], report["faults"][0]["line"]) == (0, {"amount_negative": 1}, 7)
    assert count(merchant) == 0


def test_valid_rows_are_kept_when_asked_for_and_a_dry_run_keeps_nothing(merchant: FlaskClient):
    data = [*ROWS, {"kind": "gift"}]
    checked = bring(merchant, data, "?dryRun=true&accept=valid").get_json()
    assert (checked["upload"], checked["outcome"], checked["report"]["stored"]) == (None, "checked", 6)
    assert (count(merchant), merchant.get(UPLOADS).get_json()["items"]) == (0, [])
    assert bring(merchant, data, "?accept=valid").get_json()["report"] == checked["report"]
    assert count(merchant) == 6


def test_the_same_file_again_does_no_harm(merchant: FlaskClient):
    bring(merchant, ROWS)
    assert bring(merchant, table(*ROWS)).get_json()["report"]["duplicates"] == 6
    assert count(merchant) == 6


@pytest.mark.parametrize(
    "query", ["?accept=all", "?dryRun=maybe", "?platform=Tao%20Bao", "?platform=", "?tag=%3Cscript%3E", "?party=2"]
)
def test_a_query_that_does_not_fit_is_refused(merchant: FlaskClient, query: str):
    refused(bring(merchant, ROWS, query), 422, "RequestInvalid")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 60_000, b'{"a": 1}', "名".encode("gbk")])
@pytest.mark.parametrize("form", ["application/json", "text/csv"])
def test_case_44_no_body_is_a_fault_of_ours(merchant: FlaskClient, body: bytes, form: str):
    values = refused(bring(merchant, body, content_type=form), 422, "UploadRefused")
    assert values["faults"]
    assert merchant.get(f"{UPLOADS}/{values['upload']}").status_code == 200


# Consent


def test_without_consent_nothing_is_taken_in(stranger: FlaskClient):
    answer = stranger.post(f"/v1/merchants/{STRANGER}/uploads", json=ROWS, headers=WITH_ORIGIN)
    refused(answer, 409, "ConsentNeeded")


def test_consent_withdrawn_stops_uploads_and_pushes(merchant: FlaskClient, engine: Engine):
    with store.writing(engine) as tx:
        tx.execute(scores.scores.update().where(scores.scores.c.party == MERCHANT).values(consented=False))
    refused(bring(merchant, ROWS), 409, "ConsentNeeded")
    refused(bring(merchant, ROWS, "?dryRun=true"), 409, "ConsentNeeded")


# Private


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", RECORDS),
        ("GET", RECORDS + ".csv"),
        ("GET", RECORDS + ".json"),
        ("DELETE", RECORDS),
        ("GET", UPLOADS),
        ("POST", UPLOADS),
        ("GET", UPLOADS + "/1"),
        ("GET", FINDINGS),
        ("GET", PLATFORMS),
        ("POST", PLATFORMS),
        ("DELETE", PLATFORMS + "/taobao"),
    ],
)
def test_case_43_anothers_data_are_answered_as_if_they_did_not_exist(
    service: Flask, merchant: FlaskClient, stranger: FlaskClient, method: str, path: str
):
    bring(merchant, ROWS)
    body = {"json": {"platform": "taobao"}} if method == "POST" else {}
    refused(service.test_client().open(path, method=method, headers=WITH_ORIGIN, **body), 401, "SignInNeeded")
    refused(stranger.open(path, method=method, headers=WITH_ORIGIN, **body), 404, "ResourceUnknown")
    nobody = path.replace("/1/", "/4000000000/", 1)
    refused(stranger.open(nobody, method=method, headers=WITH_ORIGIN, **body), 404, "ResourceUnknown")
    assert count(merchant) == 6


def test_an_upload_of_another_party_is_not_found_by_its_number(merchant: FlaskClient, engine: Engine):
    bring(merchant, ROWS)
    with store.writing(engine) as tx:
        tx.execute(text("UPDATE business_uploads SET party = 2"))
    refused(merchant.get(f"{UPLOADS}/1"), 404, "ResourceUnknown")
    refused(merchant.get(f"{UPLOADS}/{10**30}"), 404, "ResourceUnknown")


def test_a_bank_officer_sees_counts_and_no_records(service: Flask, merchant: FlaskClient, officer: str):
    bring(merchant, ROWS)
    client = signed_in(service, officer)
    assert client.get(RECORDS).get_json()["records"] == 6
    for path in (RECORDS + ".csv", RECORDS + ".json", UPLOADS):
        refused(client.get(path), 404, "ResourceUnknown")


# Other sites


@pytest.mark.parametrize("kind", ["text/csv", "application/json"])
def test_case_42_another_site_cannot_upload_with_a_visitors_cookie(merchant: FlaskClient, kind: str):
    data = table(*ROWS) if kind == "text/csv" else json.dumps(ROWS)
    for headers in ({"Origin": ELSEWHERE}, {"Origin": "null"}, {}):
        refused(bring(merchant, data, content_type=kind, headers=headers), 403, "OriginRefused")
    assert count(merchant) == 0


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""]
)
def test_case_42_what_a_form_can_send_is_no_upload(merchant: FlaskClient, kind: str):
    refused(bring(merchant, table(*ROWS), content_type=kind), 415, "MediaTypeRefused")


def test_csv_is_taken_by_uploads_alone(merchant: FlaskClient):
    for path in (PLATFORMS, "/v1/push/records?party=1", "/v1/fingerprints", "/v1/session"):
        answer = merchant.post(path, data="kind\n", content_type="text/csv", headers=WITH_ORIGIN)
        assert refused(answer, 415, "MediaTypeRefused")["expected"] == "application/json"


# Gigantic files and floods


def test_case_44_a_gigantic_body_is_refused_before_it_is_read_whole(merchant: FlaskClient, monkeypatch):
    monkeypatch.setattr(files, "MOST_BYTES", 1_000)
    refused(bring(merchant, "x" * 1_001), 413, "BodyTooLarge")
    assert refused(bring(merchant, "x" * 1_000), 422, "UploadRefused")["faults"][0]["rule"] == "csv_header"


@pytest.mark.parametrize("form", ["text/csv", "application/json"])
def test_an_upload_that_breaks_off_is_not_kept_in_part(merchant: FlaskClient, form: str):
    data = table(*ROWS) if form == "text/csv" else json.dumps(ROWS)
    answer = merchant.post(
        UPLOADS,
        input_stream=io.BytesIO(data.encode()),
        content_type=form,
        headers=WITH_ORIGIN,
        environ_overrides={"CONTENT_LENGTH": str(len(data.encode()) + 1_000)},
    )
    assert answer.status_code == 400
    assert (count(merchant), merchant.get(UPLOADS).get_json()["items"]) == (0, [])


def test_a_larger_body_is_for_uploads_alone(merchant: FlaskClient):
    assert bring(merchant, table(*(ROWS[0] | {"id": str(n)} for n in range(2_000)))).status_code == 200
    refused(merchant.post(PLATFORMS, json={"platform": "x" * 70_000}, headers=WITH_ORIGIN), 413, "BodyTooLarge")


def test_case_45_a_party_that_floods_is_refused_and_others_are_served(merchant: FlaskClient, service: Flask):
    limiter.limiter.hit(UPLOADS_OF_A_PARTY, "uploads", str(MERCHANT), cost=UPLOADS_OF_A_PARTY.amount)
    refused(bring(merchant, ROWS), 429, "RequestsTooMany")
    other = signed_in(service, "second_core_enterprise")
    assert other.post("/v1/merchants/7/uploads", json=ROWS, headers=WITH_ORIGIN).status_code == 200


def test_whoever_brings_a_file_has_one_under_way_at_a_time():
    turns = intake.Turns()
    merchant, platform = intake.Bringer(1, "own", "0xwallet"), intake.Bringer(1, "taobao", "token 1")
    of_another_shop = intake.Bringer(1, "jd", "0xwallet")
    with turns.turn(merchant), turns.turn(platform), turns.turn(intake.Bringer(2, "own", "0xother")):
        for bringer in (merchant, of_another_shop):
            with pytest.raises(intake.UploadUnderWay), turns.turn(bringer):
                pass
    with turns.turn(of_another_shop):
        pass


class Trickle(io.RawIOBase):
    """A body of which nothing comes until `go_on` is set; then it breaks off."""

    def __init__(self, arriving: threading.Barrier, go_on: threading.Event) -> None:
        self._arriving, self._go_on = arriving, go_on

    def readinto(self, _: Any) -> int:
        self._arriving.wait(30)
        self._go_on.wait(30)
        return 0


def test_case_45_bodies_that_come_slowly_keep_nobody_from_uploading(
    service: Flask, merchant: FlaskClient, engine: Engine
):
    """More pushes under way than may be read at once, each under a token of its own."""
    with store.writing(engine) as tx:
        tokens = [platforms.issue(tx, "taobao", 1)[1] for _ in range(intake.MOST_AT_ONCE + 1)]
    connect(merchant)
    arriving, go_on, statuses = threading.Barrier(len(tokens) + 1), threading.Event(), []

    def push_slowly(token: str) -> None:
        answer = service.test_client().post(
            f"/v1/push/records?party={MERCHANT}",
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
            environ_overrides={"CONTENT_LENGTH": "1000", "wsgi.input": Trickle(arriving, go_on)},
        )
        statuses.append(answer.status_code)

    slow = [threading.Thread(target=push_slowly, args=(token,)) for token in tokens]
    for thread in slow:
        thread.start()
    arriving.wait(30)
    assert bring(merchant, ROWS).status_code == 200
    go_on.set()
    for thread in slow:
        thread.join()
    assert statuses == [400] * len(tokens)


def test_other_requests_are_answered_while_a_large_file_is_read(
    service: Flask, merchant: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    """The upload stands still in the middle of its reading until the others are served."""
    reading, served = threading.Event(), threading.Event()
    tell = intake._tell

    def wait_once(party: int, kind: str, payload: dict[str, Any]) -> None:
        if not reading.is_set():
            reading.set()
            assert served.wait(30)
        tell(party, kind, payload)

    monkeypatch.setattr(intake, "_tell", wait_once)
    data = table(*(ROWS[0] | {"id": str(n)} for n in range(20_000)))
    answers: list[TestResponse] = []
    upload = threading.Thread(target=lambda: answers.append(bring(merchant, data)))
    upload.start()
    assert reading.wait(30)
    assert service.test_client().get("/v1/parties").status_code == 200
    other = signed_in(service, "second_core_enterprise")
    assert other.post("/v1/merchants/7/uploads", json=ROWS, headers=WITH_ORIGIN).status_code == 200
    served.set()
    upload.join()
    assert answers[0].get_json()["report"]["stored"] == 20_000


# Progress


def test_progress_reaches_the_party_and_nobody_else(service: Flask, merchant: FlaskClient, stranger: FlaskClient):
    sockets, room = service.extensions["socketio"], f"party:{MERCHANT}:private"
    own, other = (
        sockets.test_client(service, flask_test_client=client, headers=WITH_ORIGIN) for client in (merchant, stranger)
    )
    assert own.emit("subscribe", {"rooms": [room]}, callback=True) == {"rooms": [room]}
    assert other.emit("subscribe", {"rooms": [room]}, callback=True)["code"] == "ResourceUnknown"
    other.emit("subscribe", {"rooms": ["all", f"party:{MERCHANT}"]}, callback=True)
    pusher = Pusher(service.extensions[EXTENSION], sockets)
    data = table(*(ROWS[0] | {"id": str(n)} for n in range(5_000)))
    bring(merchant, data, "?tag=january")
    pusher.step()
    heard = [message["args"][0] for message in own.get_received() if message["name"] == "event"]
    told = [(event["kind"], event["payload"]["rows"], event["payload"]["tag"]) for event in heard]
    assert told[0][0] == "UploadRead"
    assert told[-2:] == [("UploadRead", 5_000, "january"), ("UploadTaken", 5_000, "january")]
    assert (heard[-1]["payload"]["outcome"], heard[-1]["payload"]["upload"]) == ("kept", 1)
    assert other.get_received() == []
    assert "Upload" not in service.test_client().get("/v1/feed?limit=500").text


def test_what_is_pushed_repeats_no_data(merchant: FlaskClient, engine: Engine):
    bring(merchant, [*ROWS, {"kind": "秘密"}], "?accept=valid")
    with store.reading(engine) as tx:
        private = [item for item in feed.tail(tx, feed.Cursor(), 5_000) if item.topic == feed.PRIVATE]
    assert private
    assert not any(word in json.dumps([item.payload for item in private]) for word in ("T-1", PSEUDONYM, "12800"))


# Taking along


def test_everything_brought_can_be_taken_along_and_brought_again(merchant: FlaskClient):
    bring(merchant, ROWS)
    items = merchant.get(RECORDS + ".json").get_json()["items"]
    assert len(items) == 6
    rows = [{name: cell for name, cell in item.items() if name not in ("platform", "received_at")} for item in items]
    assert bring(merchant, rows).get_json()["report"]["duplicates"] == 6
    page = merchant.get(RECORDS + ".csv")
    assert page.content_type == "text/csv; charset=utf-8"
    assert page.headers["Content-Disposition"] == 'attachment; filename="records-1.csv"'
    assert list(csv.DictReader(io.StringIO(page.text))) == items


def test_an_export_of_many_pages_is_whole(merchant: FlaskClient):
    bring(merchant, table(*(ROWS[0] | {"id": f"{n:05}"} for n in range(2_500))))
    items = merchant.get(RECORDS + ".json").get_json()["items"]
    assert [item["id"] for item in items] == [f"{n:05}" for n in range(2_500)]
    assert merchant.get(RECORDS + ".csv").text.count("\n") == 2_501


def test_an_export_of_nothing_is_empty(merchant: FlaskClient):
    assert merchant.get(RECORDS + ".json").get_json() == {"items": []}
    assert merchant.get(RECORDS + ".csv").text.strip() == HEADER + ",platform,received_at"


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_case_44_a_formula_is_neutralised_on_export(merchant: FlaskClient, engine: Engine, start: str):
    bring(merchant, ROWS[:1])
    with store.writing(engine) as tx:
        tx.execute(text("UPDATE business_records SET id = :id"), {"id": start})
    (row,) = csv.DictReader(io.StringIO(merchant.get(RECORDS + ".csv").text, newline=""))
    assert row["id"] == "'" + start


# Erasing


def test_erasure_deletes_and_only_a_new_consent_lets_records_in_again(merchant: FlaskClient, engine: Engine):
    bring(merchant, ROWS)
    answer = merchant.delete(RECORDS, headers=WITH_ORIGIN).get_json()
    assert answer["erased"] == {"records": 6, "evaluations": 0, "reports": 1, "platforms": 0, "feedback": 0}
    found = merchant.get(RECORDS).get_json()
    assert (found["records"], found["erasures"]) == (0, [answer])
    assert merchant.get(f"{UPLOADS}/1").get_json()["report"] is None
    refused(bring(merchant, ROWS), 409, "ConsentNeeded")
    with store.writing(engine) as tx:
        tx.execute(scores.scores.update().where(scores.scores.c.party == MERCHANT).values(consent_epoch=3))
    assert bring(merchant, ROWS).get_json()["report"]["stored"] == 6


def test_the_party_is_told_of_its_erasure(merchant: FlaskClient, engine: Engine):
    bring(merchant, ROWS)
    erased = merchant.delete(RECORDS, headers=WITH_ORIGIN).get_json()["erased"]
    with store.reading(engine) as tx:
        last = feed.tail(tx, feed.Cursor(), 5_000)[-1]
    assert (last.topic, last.key, last.kind, last.payload) == (feed.PRIVATE, str(MERCHANT), "RecordsErased", erased)


def test_another_site_cannot_erase(merchant: FlaskClient):
    bring(merchant, ROWS)
    refused(merchant.delete(RECORDS, headers={"Origin": ELSEWHERE}), 403, "OriginRefused")
    assert count(merchant) == 6


# Fictitious trade


def test_suspicious_trade_is_told_with_reasons_and_evidence_in_both_languages(
    service: Flask, merchant: FlaskClient, officer: str
):
    assert merchant.get(FINDINGS).get_json()["items"] == []
    noon = datetime.fromisoformat(day(30))
    times = [(noon + timedelta(minutes=number)).isoformat() for number in range(40)]
    bring(
        merchant, [ROWS[0] | {"id": str(n), "occurred_at": at, "amount": f"{n + 9}.00"} for n, at in enumerate(times)]
    )
    (finding,) = merchant.get(FINDINGS).get_json()["items"]
    assert (finding["code"], finding["measure"], finding["threshold"]) == ("clockwork", 40, 30)
    assert finding["evidence"] == [f"own/{number}" for number in range(8)]
    assert "40" in finding["text"]["zh"] and finding["why"]["en"]
    assert signed_in(service, officer).get(FINDINGS).get_json()["items"] == [finding]


# Platforms


@pytest.fixture
def token(engine: Engine) -> str:
    with store.writing(engine) as tx:
        return platforms.issue(tx, "taobao", 1)[1]


def push(service: Flask, token: str, rows: Any = ROWS, party: int = MERCHANT, **headers: str) -> TestResponse:
    given = {"Authorization": f"Bearer {token}"} | headers
    return service.test_client().post(f"/v1/push/records?party={party}", json=rows, headers=given)


def connect(merchant: FlaskClient) -> None:
    answer = merchant.post(PLATFORMS, json={"platform": "taobao"}, headers=WITH_ORIGIN)
    assert [item["platform"] for item in answer.get_json()["items"]] == ["taobao"], answer.text


def test_a_platform_pushes_records_of_shops_that_connected_it_and_of_no_others(
    service: Flask, merchant: FlaskClient, token: str, engine: Engine
):
    refused(push(service, token), 404, "ResourceUnknown")
    connect(merchant)
    answer = push(service, token).get_json()
    assert (answer["outcome"], answer["platform"], answer["broughtBy"]) == ("kept", "taobao", "token 1")
    refused(push(service, token, party=7), 404, "ResourceUnknown")
    with store.reading(engine) as tx:
        assert {record.id.partition("/")[0] for record in kept.known(tx, MERCHANT, 2**40)} == {"taobao"}
    ended = merchant.delete(f"{PLATFORMS}/taobao", headers=WITH_ORIGIN)
    assert ended.get_json() == {"items": []}
    refused(push(service, token), 404, "ResourceUnknown")
    refused(merchant.delete(f"{PLATFORMS}/taobao", headers=WITH_ORIGIN), 404, "ResourceUnknown")


def test_a_platform_that_nobody_runs_cannot_be_connected(merchant: FlaskClient):
    answer = merchant.post(PLATFORMS, json={"platform": "taobao"}, headers=WITH_ORIGIN)
    refused(answer, 404, "ResourceUnknown")


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Bearer heqi_wrong", "Basic dXNlcjpwYXNz", "Bearer \xe9"])
def test_a_push_without_a_token_in_force_is_refused(service: Flask, merchant: FlaskClient, token: str, given: str):
    connect(merchant)
    refused(push(service, token, Authorization=given), 401, "TokenRefused")


def test_a_revoked_token_is_refused_at_once(service: Flask, merchant: FlaskClient, token: str, engine: Engine):
    connect(merchant)
    with store.writing(engine) as tx:
        assert platforms.revoke(tx, 1, 2)
        assert not platforms.revoke(tx, 1, 2)
    refused(push(service, token), 401, "TokenRefused")


def test_a_token_opens_no_other_route(service: Flask, token: str):
    answer = service.test_client().get(RECORDS, headers={"Authorization": f"Bearer {token}"})
    refused(answer, 401, "SignInNeeded")


def test_a_merchant_cannot_speak_for_a_platform_that_pushes(merchant: FlaskClient, token: str):
    refused(bring(merchant, ROWS, "?platform=taobao"), 409, "PlatformSpeaksForItself")
    assert bring(merchant, ROWS, "?platform=jd").status_code == 200


def test_a_push_is_bounded_and_told_what_is_wrong(service: Flask, merchant: FlaskClient, token: str, monkeypatch):
    connect(merchant)
    assert refused(push(service, token, [{"kind": "gift"}]), 422, "UploadRefused")["faults"][0]["rule"] == "kind_form"
    monkeypatch.setattr(pushed, "MOST_BYTES", 100)
    refused(push(service, token), 413, "BodyTooLarge")
    refused(service.test_client().post("/v1/push/records", json=[]), 422, "RequestInvalid")


def test_a_token_is_kept_as_a_hash_alone(engine: Engine, token: str):
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM platform_tokens")).all()
    assert rows and token not in str(rows)


def test_erasure_ends_connections(service: Flask, merchant: FlaskClient, token: str):
    connect(merchant)
    assert merchant.delete(RECORDS, headers=WITH_ORIGIN).get_json()["erased"]["platforms"] == 1
    refused(push(service, token), 404, "ResourceUnknown")


# Personal data


def test_case_46_neither_personal_data_nor_tokens_reach_a_log_or_an_answer(
    service: Flask, merchant: FlaskClient, token: str, capsys: pytest.CaptureFixture[str]
):
    connect(merchant)
    log.configure("debug")
    try:
        phone, mail = "13800138000", "zhangsan@example.com"
        bad = [ROWS[0] | {"buyer": phone}, ROWS[1] | {"buyer": mail}, ROWS[2] | {"id": phone + "x" * 60}]
        answers = bring(merchant, bad).text + push(service, token, bad).text + push(service, token + "x").text
        answers += merchant.get(f"{UPLOADS}/1").text + bring(merchant, ROWS).text
        said = capsys.readouterr()
    finally:
        structlog.reset_defaults()
    assert "upload_taken" in said.err
    for private in (phone, mail, token, PSEUDONYM, "T-1"):
        assert private not in said.out + said.err
    assert not any(private in answers for private in (phone, mail, token))


# The published schema


def test_answers_fit_the_published_document(merchant: FlaskClient, token: str):
    connect(merchant)
    bring(merchant, ROWS)
    bring(merchant, [{"kind": "gift"}])
    document = merchant.get("/openapi.json").get_json()
    for path in (UPLOADS, UPLOADS + "/2", FINDINGS, RECORDS, RECORDS + ".json", PLATFORMS):
        route = path.replace(f"/{MERCHANT}/", "/{party}/").replace("uploads/2", "uploads/{upload}")
        content = document["paths"][route]["get"]["responses"]["200"]["content"]["application/json"]
        Draft202012Validator(content["schema"] | {"components": document["components"]}).validate(
            merchant.get(path).get_json()
        )


def test_the_document_tells_of_the_bodies_that_are_streamed(service: Flask):
    paths = service.test_client().get("/openapi.json").get_json()["paths"]
    body = paths["/v1/merchants/{party}/uploads"]["post"]["requestBody"]["content"]
    assert set(body) == {"application/json", "text/csv"}
    assert Draft202012Validator(body["application/json"]["schema"]).is_valid(ROWS)
    assert set(paths["/v1/merchants/{party}/records.csv"]["get"]["responses"]["200"]["content"]) == {"text/csv"}
