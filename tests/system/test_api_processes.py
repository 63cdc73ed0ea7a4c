"""The API and its neighbours as real processes: what happens on chain reaches a browser, and nothing secret leaves."""

import os
import queue
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
import socketio
from eth_account.messages import encode_defunct, encode_typed_data

from backend import store
from backend.api.fingerprints import typing
from backend.store import feed
from scripts._session import compose, open_session, sign_in
from tests import anvil
from tests.backend.market import ADDRESSES, KEYS, YUAN, Market
from tests.system.serving import Served, backend, wait_until_ready

SECRET = "s3cr3t-endpoint-token"
WITHIN_S = 30.0


@pytest.fixture(scope="module")
def market() -> Iterator[Market]:
    with anvil.start() as node:
        yield Market(node).open()


@pytest.fixture(scope="module")
def served(market: Market, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """All processes that need no key; the chain's endpoint has a secret in its address."""
    endpoint = f"{market.node.url}/?key={SECRET}"
    with backend("all", market, tmp_path_factory.mktemp("served"), HEQI_RPC_URLS=endpoint) as running:
        wait_until_ready(running)
        yield running


@dataclass
class Listener:
    """A Socket.IO client; `events` in the order of their arrival."""

    client: socketio.Client
    events: queue.Queue[dict[str, Any]] = field(default_factory=queue.Queue)

    def next(self) -> dict[str, Any]:
        return self.events.get(timeout=WITHIN_S)

    def subscribe(self, *rooms: str) -> Any:
        return self.client.call("subscribe", {"rooms": list(rooms)})


@contextmanager
def listening(served: Served, transport: str = "websocket", cookies: Any = None, **headers: str) -> Iterator[Listener]:
    origin = headers.pop("Origin", None) if transport == "websocket" else None
    options = {"origin": origin, "suppress_origin": origin is None}  # its client would send one by itself
    with requests.Session() as session:
        session.cookies.update(cookies or {})
        client = socketio.Client(reconnection=False, http_session=session, websocket_extra_options=options)
        listener = Listener(client)
        client.on("event", listener.events.put)
        client.connect(served.url, transports=[transport], headers=headers)
        try:
            yield listener
        finally:
            client.disconnect()


# Push


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_state_change_is_told_as_it_happens(transport: str, served: Served, market: Market):
    with listening(served, transport) as listener:
        assert listener.subscribe("all") == {"rooms": ["all"]}
        id_ = market.register(100 * YUAN)
        told = [listener.next() for _ in range(2)]
    assert [event["kind"] for event in told] == ["Transfer", "ReceivableRegistered"]
    assert told[1]["rooms"] == ["all", f"receivable:{id_}", "party:1", "party:2"]
    after = served.get(f"/v1/feed?after={told[0]['cursor']}").json()
    assert after["items"] == [told[1]]
    assert served.get(f"/v1/receivables/{id_}").json()["state"] == "Registered"


def test_who_listens_to_one_room_hears_nothing_of_the_others(served: Served, market: Market):
    with listening(served) as listener:
        listener.subscribe("party:7")
        market.register(100 * YUAN)
        id_ = market.register(100 * YUAN, debtor=7)
        assert listener.next()["rooms"][1] == f"receivable:{id_}"
        listener.client.call("unsubscribe", {"rooms": ["party:7"]})
        assert listener.subscribe(f"receivable:{id_}") == {"rooms": [f"receivable:{id_}"]}
        market.register(100 * YUAN, debtor=7)
        market.confirm(id_, "second_core_enterprise")
        heard = listener.next()
        while heard["kind"] != "ReceivableConfirmed":
            assert heard["key"] == str(id_)
            heard = listener.next()


def test_a_client_in_several_rooms_of_an_event_hears_it_once(served: Served, market: Market):
    with listening(served) as listener:
        listener.subscribe("all", "party:1", "party:2")
        market.register(100 * YUAN)
        cursors = [listener.next()["cursor"] for _ in range(2)]
        market.register(100 * YUAN, debtor=7)
        assert listener.next()["cursor"] not in cursors


@pytest.mark.parametrize(
    "message",
    [None, 1, "all", [], {}, {"rooms": "all"}, {"rooms": [1]}, {"rooms": ["party:x"]}, {"rooms": ["receivable:0"]}],
)
def test_a_message_that_names_no_rooms_is_answered_with_a_problem(message: Any, served: Served):
    with listening(served, **{"Accept-Language": "zh"}) as listener:
        problem = listener.client.call("subscribe", message)
        assert (problem["code"], problem["detail"]) == ("RequestInvalid", problem["notices"]["zh"])
        assert listener.subscribe("all") == {"rooms": ["all"]}


def test_rooms_are_bounded(served: Served):
    with listening(served) as listener:
        assert listener.subscribe(*(f"party:{number}" for number in range(1, 101)))["code"] == "RequestInvalid"
        assert len(listener.subscribe(*(f"party:{number}" for number in range(1, 100)))["rooms"]) == 99


def test_a_flood_of_messages_ends_the_connection_and_harms_nobody_else(served: Served, market: Market):
    with listening(served) as other, listening(served) as flooder:
        other.subscribe("all")
        gone = queue.Queue()
        flooder.client.on("disconnect", lambda *_: gone.put(True))
        for _ in range(40):
            flooder.client.emit("subscribe", {"rooms": ["all"]})
        assert gone.get(timeout=WITHIN_S)
        market.register(100 * YUAN)
        assert other.next()["kind"] == "Transfer"


def test_a_client_that_waits_as_long_as_it_is_told_gets_all_its_answers(served: Served):
    with requests.Session() as hasty:
        assert any(hasty.get(f"{served.url}/v1/fleet", timeout=10).status_code == 429 for _ in range(1_000))
    with open_session(served.url) as patient:
        answers = [patient.get(f"{served.url}/v1/fleet", timeout=10).status_code for _ in range(12)]
    assert answers == [401] * 12


def test_a_message_above_the_limit_ends_the_connection(served: Served):
    with listening(served) as listener:
        gone = queue.Queue()
        listener.client.on("disconnect", lambda *_: gone.put(True))
        listener.client.emit("subscribe", {"rooms": ["party:1" * 2_000]})
        assert gone.get(timeout=WITHIN_S)
    assert served.get("/healthz").status_code == 200


@pytest.mark.parametrize("transport", ["websocket", "polling"])
@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://127.0.0.1"])
def test_another_sites_page_cannot_connect(origin: str, transport: str, served: Served):
    with pytest.raises(socketio.exceptions.ConnectionError), listening(served, transport, Origin=origin):
        pass


def test_a_page_of_this_site_can_connect(served: Served):
    with listening(served, Origin=served.url) as listener:
        assert listener.subscribe("all") == {"rooms": ["all"]}


# Private rooms


@pytest.fixture
def supplier(served: Served) -> Iterator[requests.Session]:
    """The supplier's browser, signed in."""
    with requests.Session() as session:
        sign_in(session, served.url, KEYS["supplier"])
        yield session


def tell(served: Served, party: int, kind: str) -> None:
    """What the service does where a party's private data change."""
    engine = store.connect(f"sqlite:///{served.log.parent}/heqi.db")
    with store.writing(engine) as tx:
        feed.tell_party(tx, party, kind, {})
    engine.dispose()


def test_a_party_that_signed_in_hears_of_its_private_data_until_it_signs_out(
    served: Served, supplier: requests.Session
):
    room = "party:2:private"
    with listening(served, cookies=supplier.cookies, Origin=served.url) as own, listening(served) as other:
        assert own.subscribe(room, "party:3") == {"rooms": [room, "party:3"]}
        assert own.subscribe("party:3:private")["code"] == "ResourceUnknown"
        assert other.subscribe(room)["code"] == "SignInNeeded"
        other.subscribe("all")
        tell(served, 2, "RecordsKept")
        assert (heard := own.next())["kind"] == "RecordsKept"
        assert heard["rooms"] == [room]
        assert supplier.delete(served.url + "/v1/session").status_code == 204
        tell(served, 2, "RecordsErased")
        deadline = time.monotonic() + WITHIN_S
        while room in own.subscribe("party:3")["rooms"] and time.monotonic() < deadline:
            time.sleep(0.6)  # the pace of messages is limited
        assert own.subscribe("party:3") == {"rooms": ["party:3"]}
        assert (own.events.empty(), other.events.empty()) == (True, True)


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_case_42_a_connection_with_a_session_but_no_page_is_refused(
    transport: str, served: Served, supplier: requests.Session
):
    with pytest.raises(socketio.exceptions.ConnectionError), listening(served, transport, cookies=supplier.cookies):
        pass


# Secrets


def test_case_46_no_secret_of_a_session_is_in_logs_or_metrics(served: Served, supplier: requests.Session):
    assert supplier.get(served.url + "/v1/session").json()["wallet"] == ADDRESSES["supplier"]
    asked = supplier.post(served.url + "/v1/session/nonce", json={}).json()
    message = compose(asked, ADDRESSES["supplier"])
    signature = bytes(KEYS["supplier"].sign_message(encode_defunct(text=message)).signature).hex()
    answers = [
        supplier.post(f"{served.url}/v1/session?nonce={asked['nonce']}", json={"message": message, "signature": wrong})
        for wrong in ("0x", "0x" + "00" * 4 + signature[8:], "0x" + signature)
    ]
    assert [answer.status_code for answer in answers] == [422, 401, 401]
    seen = served.log.read_text() + served.get("/metrics").text + "".join(answer.text for answer in answers)
    for secret in (*supplier.cookies.values(), asked["nonce"], signature):
        assert secret not in seen


def test_no_secret_is_in_logs_metrics_or_answers(served: Served, market: Market):
    fields = {
        "code": "",
        "number": "26332000001234567890",
        "issueDate": "2026-03-01",
        "total": "5.00",
        "currency": "CNY",
    }
    issued_at = int(time.time())
    message = {"debtor": 1, **fields, "issuedAt": issued_at}
    signable = encode_typed_data(full_message=typing(417417) | {"message": message})
    signature = "0x" + bytes(KEYS["supplier"].sign_message(signable).signature).hex()
    wallet = ADDRESSES["supplier"]
    body = {"debtor": 1, "invoice": fields, "issuedAt": issued_at, "wallet": wallet, "signature": signature}
    answers = [
        requests.post(served.url + "/v1/fingerprints", json=body, timeout=10),
        requests.post(served.url + "/v1/fingerprints", json=body | {"debtor": 2}, timeout=10),
        requests.post(served.url + "/v1/fingerprints", json=body | {"signature": signature[:-2]}, timeout=10),
        *(served.get(path) for path in ("/metrics", "/readyz", "/v1/config", "/v1/status", "/v1/feed")),
    ]
    assert [answer.status_code for answer in answers] == [200, 401, 422, 200, 200, 200, 200, 200]
    seen = served.log.read_text() + "".join(answer.text + str(answer.headers) for answer in answers)
    keys = [bytes(key.key).hex() for key in KEYS.values()]
    for secret in (SECRET, signature[2:], fields["number"], *keys):
        assert secret not in seen


def test_an_endpoint_that_does_not_answer_is_named_without_its_secret(market: Market, tmp_path: Path):
    with anvil.start() as node:
        own = Market(node)
        with backend("all", own, tmp_path, HEQI_RPC_URLS=f"{node.url}/?key={SECRET}") as running:
            wait_until_ready(running)
            node.process.kill()
            node.process.wait()
            answer = running.get("/readyz")
            assert (answer.status_code, answer.json()["code"]) == (503, "RpcUnavailable")
            assert running.get("/healthz").status_code == 200
            assert running.get("/v1/parties").status_code == 200
            assert SECRET not in answer.text + running.log.read_text()


# Life of the processes


def test_a_stop_signal_ends_the_api_cleanly_with_clients_connected(market: Market, tmp_path: Path):
    with backend("api", market, tmp_path) as running:
        wait_until_ready(running, "/healthz")
        with listening(running) as listener:
            listener.subscribe("all")
            running.process.send_signal(signal.SIGTERM)
            assert running.process.wait(WITHIN_S) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_signal_ends_all_processes_cleanly(number: signal.Signals, market: Market, tmp_path: Path):
    with backend("all", market, tmp_path) as running:
        wait_until_ready(running)
        running.process.send_signal(number)
        assert running.process.wait(WITHIN_S) == 0
        lines = running.log.read_text().splitlines()
    for name in ("api", "indexer", "credit"):
        assert f"backend: {name} stopped (status 0)" in lines


def test_when_one_process_dies_all_end_with_its_name(market: Market, tmp_path: Path):
    with backend("all", market, tmp_path) as running:
        wait_until_ready(running)
        line = next(
            line for line in running.log.read_text().splitlines() if line.startswith("backend: indexer started")
        )
        os.kill(int(line.rstrip(")").rpartition(" ")[2]), signal.SIGKILL)
        assert running.process.wait(WITHIN_S) != 0
        log = running.log.read_text()
    assert "backend: indexer ended with status -9; stopping the others" in log
    assert "backend: api stopped (status 0)" in log


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"HEQI_CHAIN_ID": "31337"}, "DeploymentMissing"),
        ({"HEQI_DATABASE_URL": "mysql://x"}, "DatabaseUrlInvalid"),
        ({"HEQI_RPC_URLS": "http://127.0.0.1:1"}, "RpcUnavailable"),
        ({"HEQI_API_PRT": "1"}, "UnknownSetting"),
    ],
)
def test_a_start_that_is_impossible_is_refused_with_a_named_error(
    changes: dict[str, str], message: str, market: Market, tmp_path: Path
):
    with backend("api", market, tmp_path, **changes) as running:
        assert running.process.wait(WITHIN_S) == 1
        assert running.log.read_text().splitlines()[-1].startswith(f"backend: {message}: ")


def test_an_unknown_process_is_refused_with_those_that_exist():
    done = subprocess.run([sys.executable, "-m", "backend", "nothing"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "is not one of 'api', 'indexer', " in done.stderr


def test_the_page_and_what_it_loads_are_served(served: Served):
    page = served.get("/")
    assert page.headers["Content-Type"].startswith("text/html")
    loaded = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert [path for path in loaded if path.startswith("/assets/")]
    assert {served.get(path).status_code for path in loaded} == {200}
