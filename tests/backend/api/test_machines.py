"""Machines over the API: what is public is the chain's, what they report is for those concerned."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy import Engine

from backend import store
from backend.api import telemetry
from backend.api.app import create_app
from backend.api.context import EXTENSION
from backend.api.limits import limiter
from backend.api.push import Pusher
from backend.chain import abi
from backend.config import Settings
from backend.store import feed
from backend.telemetry import decoding, kept, topics
from backend.telemetry.alarms import Alarm, Phase, Severity
from backend.telemetry.broker import READER, Broker, is_password
from backend.telemetry.intake import Arrival
from backend.telemetry.kept import KeptAlarm, Standing
from backend.telemetry.rules.lifecycle import OpenAlarm
from scripts import plan
from tests import anvil
from tests.backend.api.test_leases import index, post, signed_in
from tests.backend.api.test_lines import get
from tests.backend.api.test_merchant_scores import listener, subscribe
from tests.backend.api.test_sessions import SITE
from tests.backend.market import ADDRESSES, Market
from tests.backend.rentals import CERTIFICATE, Rentals
from tests.backend.telemetry.machines import Device

LEASED, FREE, BARE = 1, 2, 3
MINUTE, RECORDS = 60, 300
REASON = {"reason": "The shift moved to the next site; see work order 17."}
PRIVATE = ["telemetry", "track", "series", "alarms", "refused"]


@pytest.fixture(scope="module")
def rentals() -> Iterator[Rentals]:
    """Machines 1: leased and financed, 2: with its maker, 3: registered and nothing else."""
    with anvil.start() as node:
        market = Market(node).open()
        rentals = Rentals(market)
        for machine in (LEASED, FREE):
            assert rentals.machine() == machine
        rentals.registered()
        rentals.finance(rentals.delivered(LEASED))
        rentals.alarm(LEASED, {Alarm.REGION: Severity.CRITICAL, Alarm.IDLE: Severity.MAJOR})
        role = plan.ROLE_BY_NAME["risk_officer"].id
        market.send("bank", "Authority", "grantRole", role, ADDRESSES["stranger"], 0)
        yield rentals


@pytest.fixture(scope="module")
def market(rentals: Rentals) -> Market:
    return rentals.market


@pytest.fixture(scope="module")
def delivered(market: Market) -> int:
    """The second of the delivery."""
    topic = abi.topic_of(market.suite.events("EquipmentLease")["MachineDelivered"])
    (log,) = market.node.rpc("eth_getLogs", {"fromBlock": "0x0", "topics": [topic]})
    return market.rpc.header(int(log["blockNumber"], 16)).timestamp


@pytest.fixture(scope="module")
def engine(market: Market, delivered: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Machine 1 reported every minute, half of it before the delivery, with an alarm from either time."""
    created = store.connect(f"sqlite:///{tmp_path_factory.mktemp('machines')}/heqi.db")
    store.migrate(created)
    index(market, created)
    came = arrivals(delivered - MINUTE * RECORDS // 2)
    last = came[-1].content.at
    with store.writing(created) as tx:
        kept.keep_records(tx, [came])
        kept.keep_standings(tx, [Standing(LEASED, 1, last, 90_000, 80_000, 89_000, 79_000, last, last + 1)])
        kept.put_alarm(tx, alarm(delivered - 600, cleared_at=delivered - 300))
        kept.put_alarm(tx, alarm(delivered + 600))
    yield created
    created.dispose()


def arrivals(since: int) -> list[Arrival]:
    """A record a minute; every tenth has no fix, every fiftieth came late."""
    device, made = Device(LEASED, 1, at=since), []
    for number in range(1, RECORDS + 1):
        fix = {"lat": 395_000_000 + number, "lon": -1_163_000_000, "acc": 25, "sats": 9}
        message = device.record(fix=None if number % 10 == 0 else fix)
        made.append(Arrival(message, 1, number % 50 == 0, decoding.record_of(message.payload)))
    return made


def alarm(at: int, cleared_at: int | None = None) -> KeptAlarm:
    evidence = {"reason": "region", "outside_dm": 5_200, "accuracy_dm": 25, "outside_s": 180}
    severity, phase = (Severity.CLEAR, Phase.CLEARED) if cleared_at else (Severity.MAJOR, Phase.ACTIVE)
    return KeptAlarm(0, LEASED, 1, 9, OpenAlarm(Alarm.REGION, phase, severity, at, at, at, evidence, cleared_at))


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Broker:
    made = Broker(tmp_path_factory.mktemp("broker"), 8883)
    made.prepare()
    return made


@pytest.fixture(scope="module")
def app(market: Market, engine: Engine, broker: Broker) -> Flask:
    files = {"mqtt_password_file": broker.password_file(READER), "mqtt_ca_file": broker.ca_file}
    return create_app(Settings(mqtt_url=broker.url, **files), market.suite, market.rpc, engine)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    limiter.reset()
    return app.test_client()


@pytest.fixture
def lessor(client: FlaskClient, app: Flask) -> FlaskClient:
    return signed_in(app, "lessor")


@pytest.fixture
def lessee(client: FlaskClient, app: Flask) -> FlaskClient:
    return signed_in(app, "lessee")


@pytest.fixture
def officer(client: FlaskClient, app: Flask) -> FlaskClient:
    return signed_in(app, "stranger")


@pytest.fixture
def opened(engine: Engine) -> Iterator[int]:
    """The open alarm; answers to it are undone."""
    with store.reading(engine) as tx:
        before = kept.alarms(tx, LEASED, None, 1)[0]
    yield before.id
    with store.writing(engine) as tx:
        kept.put_alarm(tx, before)


# What is public


def test_the_fleet_is_listed_with_its_state_on_chain(client: FlaskClient, rentals: Rentals, market: Market):
    leased, free, bare = get(client, "/v1/machines")["items"]
    assert [machine["machine"] for machine in (leased, free, bare)] == [LEASED, FREE, BARE]
    assert (leased["holder"], leased["lessee"], leased["lease"], leased["financed"]) == (
        rentals.lessor,
        rentals.lessee,
        1,
        True,
    )
    assert {name: leased["reading"][name] for name in ("tenths", "litres")} == {
        name: market.read("DeviceOracle", "readingOf", LEASED)[name] for name in ("tenths", "litres")
    }
    assert [(each["alarm"], each["severity"], each["gates"]) for each in leased["alarms"]] == [
        ("idle", "major", False),
        ("region", "critical", True),
    ]
    assert leased["alarms"][1]["name"] == {"en": "Outside the agreed region", "zh": "超出约定区域"}
    assert (free["lessee"], free["alarms"], free["epoch"]) == (None, [], 1)
    assert (bare["device"], bare["reading"], bare["verifiedAt"]) == (None, None, None)


def test_the_fleet_is_filtered_by_party_and_paged(client: FlaskClient, rentals: Rentals):
    def numbers(query: str) -> list[int]:
        return [machine["machine"] for machine in get(client, f"/v1/machines{query}")["items"]]

    first = get(client, "/v1/machines?limit=2")
    assert numbers(f"?after={first['next']}") == [BARE]
    assert numbers(f"?party={rentals.lessee}") == [LEASED]
    assert numbers(f"?party={rentals.lessor}") == [LEASED, FREE, BARE]
    assert numbers("?party=1") == []


def test_a_machine_shows_its_devices_and_the_changes_of_its_alarms(client: FlaskClient, market: Market):
    machine, chain = get(client, f"/v1/machines/{LEASED}"), market.read("Equipment", "machineOf", LEASED)
    assert (machine["device"], machine["certificateHash"]) == (chain["device"], CERTIFICATE)
    (binding,) = machine["bindings"]
    assert (binding["epoch"], binding["meterStart"], binding["device"]) == (1, 5_000, chain["device"])
    (change,) = machine["alarmChanges"]  # the first report, of no alarm, changed nothing
    assert (change["before"], change["after"]) == ({}, {"idle": "major", "region": "critical"})
    assert change["sequence"] > 1


def test_readings_on_chain_are_paged(client: FlaskClient):
    whole = get(client, f"/v1/machines/{LEASED}/readings")["items"]
    first = get(client, f"/v1/machines/{LEASED}/readings?limit=1")
    rest = (
        get(client, f"/v1/machines/{LEASED}/readings?limit=9&after={first['next']}") if first["next"] else {"items": []}
    )
    assert first["items"] + rest["items"] == whole
    assert whole[-1]["tenths"] == 500


@pytest.mark.parametrize("path", ["", "/readings"])
@pytest.mark.parametrize("machine", [0, 99, 2**32])
def test_a_number_of_no_machine_is_not_found(path: str, machine: int, client: FlaskClient):
    assert get(client, f"/v1/machines/{machine}{path}", 404)["notices"] == {
        "en": f"There is no machine {machine}.",
        "zh": f"不存在设备 {machine}。",
    }


# Who sees what it reports


@pytest.mark.parametrize("what", PRIVATE)
def test_case_43_what_a_machine_reports_is_for_those_concerned(what: str, client: FlaskClient, app: Flask):
    path = f"/v1/machines/{LEASED}/{what}"
    assert get(client, path, 401)["code"] == "SignInNeeded"
    for who in ("buyer", "supplier"):
        other = signed_in(app, who)
        known, unknown = get(other, path, 404), get(other, path.replace("/1/", "/99/"), 404)
        assert known["code"] == unknown["code"] == "ResourceUnknown"
        assert known["notices"]["en"].replace("1", "99") == unknown["notices"]["en"]
    for who in ("lessor", "lessee", "stranger"):
        get(signed_in(app, who), path)


@pytest.mark.parametrize("what", PRIVATE)
def test_case_43_a_lessee_sees_no_machine_that_it_does_not_lease(what: str, lessee: FlaskClient):
    assert get(lessee, f"/v1/machines/{FREE}/{what}", 404)["code"] == "ResourceUnknown"


def window(delivered: int, **more: int) -> str:
    query = {"since": delivered - 10_800, "until": delivered + 10_800} | more
    return "?" + "&".join(f"{name}={value}" for name, value in query.items())


@pytest.mark.parametrize("what", ["track", "series"])
def test_case_43_a_lessee_sees_what_was_reported_since_its_delivery(
    what: str, lessor: FlaskClient, lessee: FlaskClient, delivered: int
):
    path = f"/v1/machines/{LEASED}/{what}{window(delivered, points=2_000)}"
    items = {"track": "features", "series": "items"}[what]
    all_, own = get(lessor, path)[items], get(lessee, path)[items]
    assert own == all_[-len(own) :]
    assert 0 < len(own) < len(all_)
    assert len(get(lessee, f"/v1/machines/{LEASED}/alarms")["items"]) == 1
    assert len(get(lessor, f"/v1/machines/{LEASED}/alarms")["items"]) == 2


def test_a_machine_whose_lease_ended_is_closed_to_its_lessee(
    client: FlaskClient, app: Flask, market: Market, engine: Engine
):
    snapshot = market.node.rpc("evm_snapshot")
    lessor = signed_in(app, "lessor")
    market.send("lessee", "EquipmentLease", "buyOut", 1, 2**96 - 1)
    index(market, engine)
    assert get(lessor, f"/v1/machines/{LEASED}/track", 404)["code"] == "ResourceUnknown"
    get(signed_in(app, "lessee"), f"/v1/machines/{LEASED}/track")
    market.node.rpc("evm_revert", snapshot)
    market.node.mine()
    index(market, engine)
    get(lessor, f"/v1/machines/{LEASED}/track")


# Track and series


def test_a_track_is_geojson_in_order_and_thinned_out(lessor: FlaskClient, delivered: int):
    whole = get(lessor, f"/v1/machines/{LEASED}/track{window(delivered, points=2_000)}")
    thin = get(lessor, f"/v1/machines/{LEASED}/track{window(delivered, points=20)}")
    assert (whole["type"], whole["features"][0]["type"]) == ("FeatureCollection", "Feature")
    assert whole["features"][-1]["geometry"] == {"type": "Point", "coordinates": [-116.3, 39.5000299]}
    assert whole["features"][-1]["properties"]["accuracy"] == 2.5
    times = [feature["properties"]["at"] for feature in whole["features"]]
    assert times == sorted(times)
    assert 2 <= len(thin["features"]) <= 20
    assert thin["bucket"] == 21_600 // 20
    shown = [json.dumps(feature) for feature in whole["features"]]
    assert [feature for feature in thin["features"] if json.dumps(feature) not in shown] == []


def test_records_without_a_fix_are_in_the_series_and_not_on_the_track(lessor: FlaskClient, delivered: int):
    query = window(delivered, points=2_000, since=delivered, until=delivered + 120 * MINUTE)
    track, series = (get(lessor, f"/v1/machines/{LEASED}/{what}{query}") for what in ("track", "series"))
    assert (len(track["features"]), len(series["items"])) == (108, 120)
    hours = [item["hours"] for item in series["items"]]
    assert hours == sorted(hours)
    assert sum(item["late"] for item in series["items"]) == 3


def test_a_window_is_half_open(lessor: FlaskClient, delivered: int):
    at = delivered + MINUTE
    edge = f"/v1/machines/{LEASED}/series?since={at}&until="
    assert len(get(lessor, f"{edge}{at + 1}")["items"]) == 1
    assert len(get(lessor, f"{edge}{at + MINUTE}")["items"]) == 1
    assert len(get(lessor, f"{edge}{at + MINUTE + 1}")["items"]) == 2


@pytest.mark.parametrize("query", ["since=5&until=5", "since=9&until=5", "since=0&until=8000000"])
def test_a_window_that_is_none_is_refused(query: str, lessor: FlaskClient):
    assert get(lessor, f"/v1/machines/{LEASED}/track?{query}", 422)["code"] == "WindowWrong"


def test_the_state_tells_what_is_metered_and_what_of_it_is_signed(lessor: FlaskClient):
    state = get(lessor, f"/v1/machines/{LEASED}/telemetry")
    assert (state["hours"], state["sealedHours"], state["epoch"]) == (90_000, 89_000, 1)
    assert state["position"]["geometry"]["coordinates"][0] == -116.3
    problem = get(lessor, f"/v1/machines/{FREE}/telemetry", 404)
    assert problem["notices"] == {"en": "There is no telemetry of machine 2.", "zh": "不存在上报数据，设备 2。"}


def test_case_43_a_fleet_is_what_the_caller_may_see(client: FlaskClient, app: Flask):
    assert get(client, "/v1/fleet", 401)["code"] == "SignInNeeded"
    seen = {who: get(signed_in(app, who), "/v1/fleet") for who in ("lessor", "lessee", "stranger", "buyer")}
    numbers = {who: [item["machine"] for item in fleet["items"]] for who, fleet in seen.items()}
    assert numbers == {"lessor": [1, 2, 3], "lessee": [1], "stranger": [1, 2, 3], "buyer": []}
    leased, free, _ = seen["lessor"]["items"]
    assert leased["telemetry"] == get(signed_in(app, "lessor"), f"/v1/machines/{LEASED}/telemetry")
    assert [(alarm["alarm"], alarm["severity"]) for alarm in leased["alarms"]] == [("region", "major")]
    assert (free["telemetry"], free["alarms"]) == (None, [])
    assert get(signed_in(app, "lessor"), "/v1/fleet?limit=2")["next"] == "2"


# Alarms


def test_an_alarm_comes_with_its_evidence_in_figures_and_words(lessee: FlaskClient):
    (alarm,) = get(lessee, f"/v1/machines/{LEASED}/alarms")["items"]
    assert (alarm["alarm"], alarm["phase"], alarm["severity"]) == ("region", "active", "major")
    assert alarm["evidence"]["outside_dm"] == 5_200
    assert "520" in alarm["text"]["en"]
    assert "520" in alarm["text"]["zh"]
    assert alarm["phaseName"]["zh"] == "生效中"


@pytest.mark.parametrize("who", ["lessor", "lessee", "stranger"])
def test_whoever_is_concerned_answers_an_alarm_with_a_reason(
    who: str, client: FlaskClient, app: Flask, opened: int, rentals: Rentals, engine: Engine
):
    asked = signed_in(app, who)
    path = f"/v1/machines/{LEASED}/alarms/{opened}/acknowledgement"
    alarm = post(asked, path, REASON)
    parties = {"lessor": rentals.lessor, "lessee": rentals.lessee, "stranger": 0}
    assert (alarm["phase"], alarm["answer"], alarm["answeredBy"]) == ("acknowledged", REASON["reason"], parties[who])
    assert get(asked, f"/v1/machines/{LEASED}/alarms")["items"][0] == alarm
    assert post(asked, path, REASON, 409)["code"] == "AlarmNotActive"
    with store.reading(engine) as tx:
        told = feed.tail(tx, feed.Cursor(), 10_000)[-3:]
    assert {(item.kind, item.key) for item in told} == {
        ("MachineAlarmAnswered", str(party)) for party in (rentals.lessor, rentals.lessee, feed.BANK)
    }


def test_an_alarm_is_silenced_for_a_while_and_stays_what_it_is(lessee: FlaskClient, opened: int):
    path = f"/v1/machines/{LEASED}/alarms/{opened}/shelving"
    alarm = post(lessee, path, REASON | {"seconds": 3_600})
    assert (alarm["silent"], alarm["phase"], alarm["severity"]) == (True, "active", "major")
    for seconds in (0, 7 * 86_400 + 1):
        assert post(lessee, path, REASON | {"seconds": seconds}, 422)["code"] == "RequestInvalid"


def test_an_answer_needs_a_reason(lessee: FlaskClient, opened: int):
    path = f"/v1/machines/{LEASED}/alarms/{opened}/acknowledgement"
    assert post(lessee, path, {"reason": ""}, 422)["code"] == "RequestInvalid"
    assert post(lessee, path, {"reason": "  "}, 400)["code"] == "ReasonMissing"


def test_case_42_another_site_answers_no_alarm(lessee: FlaskClient, opened: int):
    path = f"/v1/machines/{LEASED}/alarms/{opened}/acknowledgement"
    answer = lessee.post(path, json=REASON, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403


def test_case_43_an_alarm_is_not_found_by_its_number_alone(lessor: FlaskClient, lessee: FlaskClient, opened: int):
    for client, machine, alarm in ((lessor, FREE, opened), (lessor, LEASED, 99), (lessee, LEASED, opened - 1)):
        path = f"/v1/machines/{machine}/alarms/{alarm}/acknowledgement"
        assert post(client, path, REASON, 404)["notices"]["zh"] == f"不存在报警 {alarm}。"


# Credentials


def test_the_holder_of_the_title_gets_its_device_a_place_at_the_broker(lessor: FlaskClient, broker: Broker, rentals):
    path = f"/v1/machines/{LEASED}/credentials"
    first, second = post(lessor, path, {}), post(lessor, path, {})
    assert (second["user"], second["url"]) == ("m1", broker.url)
    assert second["certificate"] == broker.ca_file.read_text(encoding="utf-8")
    assert second["topics"]["record"] == topics.topic(rentals.lessor, LEASED, topics.Kind.RECORD)
    known = broker.hashes()["m1"]
    assert (is_password(first["password"], known), is_password(second["password"], known)) == (False, True)
    assert lessor.delete(path, headers={"Origin": SITE}).status_code == 204
    assert "m1" not in broker.hashes()


def test_case_43_nobody_else_gets_a_devices_password(
    client: FlaskClient, app: Flask, lessee: FlaskClient, officer: FlaskClient, broker: Broker
):
    path = f"/v1/machines/{LEASED}/credentials"
    assert post(client, path, {}, 401)["code"] == "SignInNeeded"
    assert post(signed_in(app, "buyer"), path, {}, 404)["code"] == "ResourceUnknown"
    for other in (lessee, officer):
        assert post(other, path, {}, 403)["code"] == "TitleNeeded"
        assert other.delete(path, headers={"Origin": SITE}).status_code == 403
    assert "m1" not in broker.hashes()


def test_a_service_without_the_brokers_folder_says_so(market: Market, engine: Engine, tmp_path: Path):
    limiter.reset()
    for settings in (Settings(), Settings(mqtt_password_file=tmp_path / "heqi.password")):
        app = create_app(settings, market.suite, market.rpc, engine)
        problem = post(signed_in(app, "lessor"), f"/v1/machines/{LEASED}/credentials", {}, 503)
        assert problem["code"] == "BrokerElsewhere"


# Push


def test_an_alarm_is_heard_by_those_concerned_alone(
    client: FlaskClient, app: Flask, lessor: FlaskClient, lessee: FlaskClient, officer: FlaskClient, rentals, engine
):
    pusher = Pusher(app.extensions[EXTENSION], app.extensions["socketio"])
    rooms = {
        lessor: f"party:{rentals.lessor}:private",
        lessee: f"party:{rentals.lessee}:private",
        officer: "bank:private",
    }
    listeners = {who: listener(app, who) for who in rooms}
    for who, room in rooms.items():
        subscribe(listeners[who], room)
    public = listener(app, app.test_client())
    subscribe(public, "all", f"machine:{LEASED}")
    with store.writing(engine) as tx:
        for party in (rentals.lessor, rentals.lessee, feed.BANK):
            feed.tell_party(tx, party, "MachineAlarmed", {"machine": LEASED, "id": 2})
    pusher.step()
    for who, room in rooms.items():
        (message,) = listeners[who].get_received()
        assert (message["args"][0]["kind"], message["args"][0]["rooms"]) == ("MachineAlarmed", [room])
    assert public.get_received() == []


def test_case_43_the_banks_room_is_for_its_officers(
    client: FlaskClient, app: Flask, lessor: FlaskClient, officer: FlaskClient, market: Market, engine: Engine
):
    for who, code in ((app.test_client(), "SignInNeeded"), (lessor, "ResourceUnknown")):
        answer = listener(app, who).emit("subscribe", {"rooms": ["bank:private"]}, callback=True)
        assert answer["code"] == code
    once = listener(app, officer)
    subscribe(once, "bank:private")
    role = plan.ROLE_BY_NAME["risk_officer"].id
    market.send("bank", "Authority", "revokeRole", role, ADDRESSES["stranger"])
    pusher = Pusher(app.extensions[EXTENSION], app.extensions["socketio"])
    with store.writing(engine) as tx:
        feed.tell_party(tx, feed.BANK, "MachineAlarmed", {"machine": LEASED, "id": 2})
    pusher.step()
    assert once.get_received() == []
    market.send("bank", "Authority", "grantRole", role, ADDRESSES["stranger"], 0)


# Published


def test_answers_about_machines_fit_the_published_schema(lessor: FlaskClient):
    document = get(lessor, "/openapi.json")
    for route in ("", "/readings", *(f"/{what}" for what in PRIVATE)):
        operation = document["paths"][f"/v1/machines/{{machine}}{route}"]["get"]
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        answer: Any = get(lessor, f"/v1/machines/{LEASED}{route}")
        Draft202012Validator(schema | {"components": document["components"]}).validate(answer)
    fleet = document["paths"]["/v1/fleet"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator(fleet | {"components": document["components"]}).validate(get(lessor, "/v1/fleet"))


def test_the_longest_window_holds_a_month(lessor: FlaskClient):
    longest = telemetry.LONGEST_WINDOW_S
    get(lessor, f"/v1/machines/{LEASED}/series?since=0&until={longest}")
    assert get(lessor, f"/v1/machines/{LEASED}/series?since=0&until={longest + 1}", 422)["values"]["most"] == str(
        longest
    )
