"""Operations, feedback, inbox and notifications over the API: what is public, and what is whose alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy import Engine

from backend import store
from backend.api import limits
from backend.api.app import create_app
from backend.api.limits import limiter
from backend.api.problems import RequestsTooMany
from backend.config import Settings
from backend.desk import portfolio
from backend.records import refusals
from backend.store import feed
from backend.store.tables import feedback, machine_alarms, refusal_marks, score_rounds
from backend.store.tables import refusals as counts
from backend.telemetry import kept
from backend.telemetry.alarms import Alarm, Phase, Severity
from backend.telemetry.kept import KeptAlarm
from backend.telemetry.rules.lifecycle import OpenAlarm
from scripts import plan
from tests.backend.api.test_leases import index, post, signed_in
from tests.backend.api.test_lines import get
from tests.backend.api.test_sessions import ELSEWHERE, SITE
from tests.backend.market import ADDRESSES, YUAN, Market
from tests.backend.rentals import Rentals

SUPPLIER, MERCHANT = 2, 8
SIGNED = ["/v1/inbox", "/v1/notifications", "/v1/feedback"]
OPINION = {"topic": "lines", "score": 9, "text": "  The limit moved the next day. "}


@pytest.fixture(scope="module")
def rentals(market: Market) -> Iterator[Rentals]:
    """The market with a leased and financed machine that stands still; `stranger` is a risk officer."""
    snapshot = market.node.rpc("evm_snapshot")
    rentals = Rentals(market)
    rentals.finance(rentals.delivered(rentals.machine()))
    rentals.alarm(1, {Alarm.IDLE: Severity.MAJOR, Alarm.REGION: Severity.CRITICAL})
    market.send("bank", "Authority", "grantRole", plan.ROLE_BY_NAME["risk_officer"].id, ADDRESSES["stranger"], 0)
    yield rentals
    market.node.rpc("evm_revert", snapshot)


@pytest.fixture(scope="module")
def database(market: Market, rentals: Rentals, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    created = store.connect(f"sqlite:///{tmp_path_factory.mktemp('desk')}/heqi.db")
    store.migrate(created)
    index(market, created)
    yield created
    created.dispose()


@pytest.fixture(scope="module")
def app(market: Market, database: Engine) -> Flask:
    return create_app(Settings(), market.suite, market.rpc, database)


@pytest.fixture
def engine(database: Engine) -> Iterator[Engine]:
    """What a test writes beside the read model is gone after it."""
    yield database
    with store.writing(database) as tx:
        for table in (feedback, counts, refusal_marks, machine_alarms, score_rounds):
            tx.execute(table.delete())


@pytest.fixture
def chain(market: Market, engine: Engine) -> Iterator[Market]:
    """The market; what a test does to it is undone."""
    snapshot = market.node.rpc("evm_snapshot")
    yield market
    market.node.rpc("evm_revert", snapshot)
    market.node.mine()
    index(market, engine)


@pytest.fixture
def client(app: Flask, engine: Engine) -> FlaskClient:
    limiter.reset()
    return app.test_client()


@pytest.fixture
def merchant(client: FlaskClient, app: Flask) -> FlaskClient:
    return signed_in(app, "merchant")


@pytest.fixture
def officer(client: FlaskClient, app: Flask) -> FlaskClient:
    return signed_in(app, "stranger")


def product(client: FlaskClient, name: str) -> dict[str, Any]:
    products = get(client, "/v1/operations")["products"]
    found: dict[str, Any] = next(item for item in products if item["product"] == name)
    return found


# Operations


def test_operations_are_public_and_are_the_treasurys_figures(client: FlaskClient, market: Market):
    figures, treasury = get(client, "/v1/operations"), get(client, "/v1/treasury")
    total = figures["total"]
    assert (total["outstanding"], total["writtenOff"]) == (treasury["outstanding"], treasury["writtenOff"])
    assert (total["recovered"], total["fromCover"]) == (treasury["recovered"], treasury["fromCover"])
    for item in figures["products"]:
        assert item["outstanding"] == treasury["products"][item["product"]]
    for item in (total, *figures["products"]):
        assert sum(int(bucket["amount"]) for bucket in item["overdue"]) == int(item["outstanding"])
        assert len(item["disbursedByDay"]) == 90
        assert item["disbursedByDay"][-1]["day"]["day"] == figures["day"]["day"]
        assert int(item["disbursed"]) == sum(int(item[name]) for name in ("outstanding", "repaid", "writtenOff"))
    assert figures["day"]["day"] == market.today()


def test_operations_explain_every_figure(client: FlaskClient):
    figures = get(client, "/v1/operations")
    assert figures["explanations"] == portfolio.texts()["explanations"]
    shown = {*figures, *figures["total"], *figures["products"][0]}
    assert set(figures["explanations"]) <= shown


def test_operations_count_alarms_on_chain_and_tell_the_age_of_each_lane(client: FlaskClient):
    figures = get(client, "/v1/operations")
    assert [(alarm["alarm"], alarm["severity"], alarm["machines"]) for alarm in figures["alarms"]] == [
        ("idle", "major", 1),
        ("region", "critical", 1),
    ]
    assert [lane["lane"] for lane in figures["lanes"]] == ["scores", "readings", "alarms"]
    assert all(lane["ageSeconds"] >= 0 and lane["reportedAt"] for lane in figures["lanes"])


def test_operations_tell_which_signers_were_seen(client: FlaskClient, engine: Engine, market: Market):
    assert get(client, "/v1/operations")["signers"]["quorum"] is None
    first, second, third = market.parameters.signers
    row = {"signer_set": 1, "round": 1, "state": "counted", "digest": "0x", "report": {}}
    row |= {"model_hash": "0x", "sources": []}
    row |= {"signatures": {first: "0x"}, "refusals": {}, "reason": None}
    with store.writing(engine) as tx:
        tx.execute(score_rounds.insert().values(row))
    signers = get(client, "/v1/operations")["signers"]
    assert (signers["rounds"], signers["threshold"], signers["quorum"]) == (1, 2, False)
    assert {item["signer"]: item["seen"] for item in signers["items"]} == {first: True, second: False, third: False}
    with store.writing(engine) as tx:
        tx.execute(score_rounds.insert().values(row | {"round": 2, "signatures": {second: "0x"}}))
    assert get(client, "/v1/operations")["signers"]["quorum"] is True


def test_a_refused_draw_counts_once_a_day_when_the_party_itself_asked(
    client: FlaskClient, app: Flask, merchant: FlaskClient, officer: FlaskClient
):
    path = f"/v1/lines/{MERCHANT}/quote?amount={10**9}"
    for other in (client, signed_in(app, "supplier"), officer):
        get(other, path, 409)
    assert product(client, "CreditLine")["refusalsByReason"] == []
    for _ in range(2):
        assert get(merchant, path, 409)["code"] == "LineExceeded"
    line = product(client, "CreditLine")
    (refusal,) = line["refusalsByReason"]
    assert (refusal["reason"], refusal["step"], refusal["count"]) == ("LineExceeded", "draw", 1)
    assert refusal["text"]["en"] == "Party … would owe … on its line; its limit is …."
    assert (line["refusals"], line["approvalRateBps"]) == (0, 10_000)


def test_a_refused_application_lowers_the_approval_rate(client: FlaskClient, app: Flask, chain: Market, engine: Engine):
    id_ = chain.confirmed(50_000 * YUAN, term=200)
    index(chain, engine)
    path = f"/v1/receivables/{id_}/quote"
    get(signed_in(app, "second_supplier"), path, 409)
    assert get(signed_in(app, "supplier"), path, 409)["code"] == "TermOutOfBounds"
    after = product(client, "Receivables")
    assert (after["applications"], after["refusals"]) == (after["approvals"] + 1, 1)
    assert after["approvalRateBps"] == after["approvals"] * 10_000 // (after["approvals"] + 1)
    assert [item["reason"] for item in after["refusalsByReason"]] == ["TermOutOfBounds"]
    assert get(client, "/v1/operations")["total"]["refusals"] == 1


def test_what_is_no_decision_about_credit_is_not_counted(client: FlaskClient, app: Flask, merchant: FlaskClient):
    get(signed_in(app, "supplier"), "/v1/receivables/1/quote", 409)
    assert get(merchant, f"/v1/lines/{MERCHANT}/opening")["refusal"]["code"] not in refusals.DECISIONS
    get(merchant, "/v1/receivables/999/quote", 404)
    assert [item["refusalsByReason"] for item in get(client, "/v1/operations")["products"]] == [[], [], []]


# Feedback


def test_a_party_says_what_it_thinks_and_the_bank_reads_it(
    client: FlaskClient, app: Flask, merchant: FlaskClient, officer: FlaskClient
):
    given = post(merchant, "/v1/feedback", OPINION)
    assert (given["party"], given["score"], given["text"]) == (MERCHANT, 9, "The limit moved the next day.")
    assert given["topicName"] == {"en": "Credit line", "zh": "信用额度"}
    again = post(merchant, "/v1/feedback", OPINION | {"score": 3})
    post(signed_in(app, "supplier"), "/v1/feedback", {"topic": "service", "score": 10})
    listed = get(officer, "/v1/feedback")["items"]
    assert [(item["party"], item["score"], item["text"]) for item in listed] == [
        (SUPPLIER, 10, ""),
        (MERCHANT, 3, again["text"]),
    ]
    assert get(officer, "/v1/feedback?withText=true&most=6")["items"] == [listed[1]]
    first = get(officer, "/v1/feedback?limit=1")
    assert get(officer, f"/v1/feedback?limit=1&after={first['next']}")["items"] == [listed[1]]
    nps = get(client, "/v1/operations")["nps"]
    assert nps == {"score": 0, "answers": 2, "promoters": 1, "passives": 0, "detractors": 1}


def test_a_party_withdraws_its_answers_and_nobody_elses(app: Flask, merchant: FlaskClient, officer: FlaskClient):
    post(merchant, "/v1/feedback", OPINION)
    post(signed_in(app, "supplier"), "/v1/feedback", OPINION)
    assert merchant.delete("/v1/feedback", headers={"Origin": SITE}).status_code == 204
    assert [item["party"] for item in get(officer, "/v1/feedback")["items"]] == [SUPPLIER]


def test_answers_are_read_by_officers_alone(client: FlaskClient, merchant: FlaskClient):
    post(merchant, "/v1/feedback", OPINION)
    assert get(merchant, "/v1/feedback", 404)["code"] == "ResourceUnknown"
    assert get(client, "/v1/feedback", 401)["code"] == "SignInNeeded"


def test_who_only_acts_for_the_bank_gives_no_feedback(officer: FlaskClient):
    assert post(officer, "/v1/feedback", OPINION, 403)["code"] == "PartyNeeded"


@pytest.mark.parametrize(
    "body",
    [
        OPINION | {"score": 11},
        OPINION | {"score": -1},
        OPINION | {"topic": "weather"},
        OPINION | {"text": "x" * 1_001},
        OPINION | {"text": "\0"},
        OPINION | {"party": SUPPLIER},
        {"topic": "lines"},
    ],
)
def test_feedback_that_does_not_fit_is_refused(body: dict[str, Any], merchant: FlaskClient):
    assert post(merchant, "/v1/feedback", body, 422)["code"] == "RequestInvalid"


def test_another_site_gives_no_feedback(merchant: FlaskClient):
    answer = merchant.post("/v1/feedback", json=OPINION, headers={"Origin": ELSEWHERE})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "OriginRefused")


def test_a_party_gives_thirty_answers_an_hour(client: FlaskClient):
    for _ in range(30):
        limits.count_feedback(MERCHANT)
    limits.count_feedback(SUPPLIER)
    with pytest.raises(RequestsTooMany):
        limits.count_feedback(MERCHANT)


# Inbox


def alarm(engine: Engine, market: Market, severity: Severity = Severity.CRITICAL, **changes: Any) -> int:
    now = market.now()
    evidence = {"reason": "region", "outside_dm": 5_200, "accuracy_dm": 25, "outside_s": 180}
    opened = OpenAlarm(Alarm.REGION, Phase.ACTIVE, severity, now, now, now, evidence, **changes)
    with store.writing(engine) as tx:
        return kept.put_alarm(tx, KeptAlarm(0, 1, 1, 9, opened)).id


def kinds(client: FlaskClient) -> list[tuple[str, str, str]]:
    items = get(client, "/v1/inbox")["items"]
    return [(item["kind"], item["subject"]["type"], item["subject"]["id"]) for item in items]


def test_an_alarm_is_in_the_inbox_of_those_concerned_until_it_is_answered(
    app: Flask, engine: Engine, market: Market, officer: FlaskClient
):
    number = alarm(engine, market)
    told = ("answer_alarm", "machine", "1")
    for who in ("lessor", "lessee", "stranger"):
        assert told in kinds(signed_in(app, who))
    assert told not in kinds(signed_in(app, "buyer"))
    lessor = signed_in(app, "lessor")
    item = next(item for item in get(lessor, "/v1/inbox")["items"] if item["kind"] == "answer_alarm")
    assert (item["severity"], item["due"], item["amount"]) == ("urgent", None, None)
    post(lessor, f"/v1/machines/1/alarms/{number}/acknowledgement", {"reason": "Moved to the next site."})
    assert told not in kinds(lessor)
    assert told not in kinds(officer)


def test_a_silenced_alarm_is_in_no_inbox(client: FlaskClient, app: Flask, engine: Engine, market: Market):
    alarm(engine, market, silent_until=2**40)
    assert "answer_alarm" not in [kind for kind, *_ in kinds(signed_in(app, "lessor"))]


def test_an_inbox_is_the_partys_own_and_counts_its_items(
    app: Flask, chain: Market, engine: Engine, merchant: FlaskClient
):
    id_ = chain.register(40_000 * YUAN)
    index(chain, engine)
    debtor = get(signed_in(app, "core_enterprise"), "/v1/inbox")
    confirm = next(item for item in debtor["items"] if item["kind"] == "confirm_receivable")
    assert confirm["subject"] == {"type": "receivable", "id": str(id_)}
    assert (confirm["amount"], confirm["severity"]) == (str(40_000 * YUAN), "open")
    assert "40,000.00 元" in confirm["text"]["zh"]
    assert sum(debtor["counts"].values()) == len(debtor["items"])
    for other in (merchant, signed_in(app, "supplier")):
        assert "confirm_receivable" not in [kind for kind, *_ in kinds(other)]


def test_officers_see_what_waits_for_the_bank(
    chain: Market, engine: Engine, rentals: Rentals, merchant: FlaskClient, officer: FlaskClient
):
    machine = rentals.registered()
    limit = chain.suite.calldata("Treasury", "setLimit", MERCHANT, 5)
    chain.send("bank", "Authority", "grantRole", plan.ADMIN_ID, ADDRESSES["new_wallet"], 3_600)
    chain.send("new_wallet", "Authority", "schedule", chain.suite.address("Treasury"), limit, 0)
    index(chain, engine)
    items = get(officer, "/v1/inbox")["items"]
    found = {item["kind"]: item for item in items}
    assert found["verify_machine"]["subject"] == {"type": "machine", "id": str(machine)}
    assert found["review_hold"]["subject"] == {"type": "score", "id": "7"}
    assert "Treasury.setLimit" in found["await_operation"]["text"]["en"]
    assert not {kind for kind, *_ in kinds(merchant)} & set(found)


# Notifications


def test_notifications_are_the_newest_events_of_the_partys_room(client: FlaskClient, merchant: FlaskClient):
    told = get(merchant, "/v1/notifications?limit=200")["items"]
    items = get(client, "/v1/feed?limit=500")["items"]
    rooms = {item["cursor"]: item["rooms"] for item in items}
    assert all(f"party:{MERCHANT}" in rooms[item["cursor"]] for item in told)
    assert {"LineOpened", "LineDrawn", "LinePaid", "PartyAdmitted"} <= {item["kind"] for item in told}
    numbers = [int(item["cursor"].partition("-")[2]) for item in told]
    assert numbers == sorted(numbers, reverse=True)
    drawn = next(item for item in told if item["kind"] == "LineDrawn")
    assert drawn["subject"] == {"type": "line", "id": str(MERCHANT)}
    assert drawn["text"]["zh"].startswith("已提款 60,000.00 元")
    assert drawn["at"] and drawn["transactionHash"]


def test_a_cursor_leaves_what_was_seen(app: Flask, engine: Engine, merchant: FlaskClient):
    seen = get(merchant, "/v1/notifications?limit=1")
    assert len(seen["items"]) == 1
    path = f"/v1/notifications?after={seen['next']}"
    assert get(merchant, path) == {"items": [], "next": seen["next"]}
    with store.writing(engine) as tx:
        feed.tell_party(tx, MERCHANT, "UploadTaken", {"upload": 1, "rows": 12, "stored": 11, "tag": None})
        feed.tell_party(tx, SUPPLIER, "MachineCredentialsIssued", {"machine": 1})
    (item,) = get(merchant, path)["items"]
    assert item["text"]["en"] == "A file of 12 rows was read; 11 were taken in."
    assert (item["at"], item["transactionHash"], item["subject"]) == (None, None, None)
    (other,) = get(signed_in(app, "supplier"), path)["items"]
    assert other["kind"] == "MachineCredentialsIssued"


def test_officers_are_told_what_is_told_to_the_bank(engine: Engine, officer: FlaskClient):
    with store.writing(engine) as tx:
        payload = {"machine": 1, "id": 1, "alarm": "tow", "severity": "major", "at": 1}
        feed.tell_party(tx, feed.BANK, "MachineAlarmed", payload)
    item, *_ = get(officer, "/v1/notifications")["items"]
    assert item["text"]["zh"] == "设备 1 发出报警：熄火移动。"


@pytest.mark.parametrize("after", ["x", "1", f"0-{2**63}"])
def test_a_cursor_that_is_none_is_refused(after: str, merchant: FlaskClient):
    assert get(merchant, f"/v1/notifications?after={after}", 400)["code"] == "CursorInvalid"


# All of them


@pytest.mark.parametrize("path", SIGNED)
def test_without_a_session_nothing_private_is_answered(path: str, client: FlaskClient):
    assert get(client, path, 401)["code"] == "SignInNeeded"


def test_answers_fit_the_published_schema(app: Flask, market: Market, engine: Engine, officer: FlaskClient):
    alarm(engine, market)
    post(signed_in(app, "merchant"), "/v1/feedback", OPINION)
    document = get(officer, "/openapi.json")
    lessee = signed_in(app, "lessee")
    for path, caller in (("/v1/operations", officer), ("/v1/feedback", officer), *((p, lessee) for p in SIGNED[:2])):
        schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        Draft202012Validator(schema | {"components": document["components"]}).validate(get(caller, path))
