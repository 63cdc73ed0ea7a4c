"""Business records over the real service: a large file, its progress, and everybody else meanwhile."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
import requests

from backend import store
from backend.days import DAY_S
from backend.records.business import kept, uploads
from scripts._session import sign_in
from tests import anvil
from tests.backend.market import KEYS, Market
from tests.system.serving import Served, backend, wait_until_ready
from tests.system.test_api_processes import listening

HEADER = "kind,id,occurred_at,amount,currency,count,buyer"
PSEUDONYM = "9f2c41d07ab65e389f2c41d07ab65e38"
ROWS = 100_000  # 10 MB


@pytest.fixture(scope="module")
def market() -> Iterator[Market]:
    with anvil.start() as node:
        yield Market(node).open()


@pytest.fixture(scope="module")
def merchant(market: Market) -> int:
    return market.admit_merchant("merchant")


@pytest.fixture(scope="module")
def served(market: Market, merchant: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with backend("all", market, tmp_path_factory.mktemp("served")) as running:
        wait_until_ready(running)
        yield running


@pytest.fixture
def browser(served: Served) -> Iterator[requests.Session]:
    """The merchant's, signed in."""
    with requests.Session() as session:
        sign_in(session, served.url, KEYS["merchant"])
        yield session


def large_file(market: Market) -> bytes:
    """A sale a minute."""
    last = market.now() - DAY_S
    lines = (
        f"sale,ORDER-2026-{n:010},{datetime.fromtimestamp(last - n * 60, UTC).isoformat()},{n % 9_000 + 1}.50,CNY,1,"
        f"{PSEUDONYM}"
        for n in range(ROWS)
    )
    return "\n".join([HEADER, *lines]).encode()


def test_case_45_others_are_served_while_a_file_of_10_mb_is_read_and_its_progress_is_pushed(
    served: Served, market: Market, merchant: int, browser: requests.Session
):
    data, answers, room = large_file(market), [], f"party:{merchant}:private"
    assert len(data) > 9 * 2**20
    url = f"{served.url}/v1/merchants/{merchant}/uploads?tag=large"

    def upload() -> None:
        answers.append(browser.post(url, data=data, headers={"Content-Type": "text/csv"}, timeout=300))

    with listening(served, cookies=browser.cookies, Origin=served.url) as own:
        own.subscribe(room)
        bringing = threading.Thread(target=upload)
        bringing.start()
        heard = [own.next()]
        while heard[-1]["kind"] == "UploadRead":
            if bringing.is_alive():
                assert served.get("/v1/parties").status_code == 200
                assert served.get("/readyz").status_code == 200
            heard.append(own.next())
        bringing.join()
    assert answers[0].status_code == 200, answers[0].text
    assert answers[0].json()["report"]["stored"] == ROWS
    assert len(heard) == 11
    assert {event["payload"]["tag"] for event in heard} == {"large"}
    assert (heard[-1]["kind"], heard[-1]["payload"]["stored"]) == ("UploadTaken", ROWS)
    with browser.get(f"{served.url}/v1/merchants/{merchant}/records.csv", stream=True, timeout=300) as export:
        assert sum(1 for _ in export.iter_lines()) == ROWS + 1


def test_a_service_stopped_in_the_middle_of_an_upload_has_kept_nothing_of_it_or_all(
    market: Market, merchant: int, tmp_path_factory: pytest.TempPathFactory
):
    folder, data = tmp_path_factory.mktemp("stopped"), large_file(market)
    with backend("all", market, folder) as running, requests.Session() as session:
        wait_until_ready(running)
        sign_in(session, running.url, KEYS["merchant"])
        url = f"{running.url}/v1/merchants/{merchant}/uploads"

        def upload() -> None:
            with suppress(requests.ConnectionError):
                session.post(url, data=data, headers={"Content-Type": "text/csv"}, timeout=300)

        with listening(running, cookies=session.cookies, Origin=running.url) as own:
            own.subscribe(f"party:{merchant}:private")
            bringing = threading.Thread(target=upload)
            bringing.start()
            own.next()
            running.process.terminate()
            running.process.wait(30)
            bringing.join()
    engine = store.connect(f"sqlite:///{folder}/heqi.db")
    with store.reading(engine) as tx:
        records = sum(entry.records for entry in kept.summary(tx, merchant))
        logged = len(uploads.listed(tx, merchant, None, 10))
        assert (records, logged, kept.last_number(tx)) in {(0, 0, 0), (ROWS, 1, 1)}
    engine.dispose()


def test_case_46_no_record_of_a_merchant_is_in_logs_metrics_or_the_public_feed(
    served: Served, merchant: int, browser: requests.Session
):
    body = [{"kind": "sale", "id": "SECRET-ORDER-1", "occurred_at": "2026-01-05T09:30:00Z", "amount": "77123.45"}]
    bad = [body[0] | {"id": "SECRET-ORDER-2", "buyer": "13800138000"}]
    url = f"{served.url}/v1/merchants/{merchant}"
    assert browser.post(f"{url}/uploads", json=body, timeout=30).status_code == 200
    assert browser.post(f"{url}/uploads", json=bad, timeout=30).status_code == 422
    assert browser.delete(f"{url}/records", timeout=30).status_code == 200
    seen = served.log.read_text() + served.get("/metrics").text + served.get("/v1/feed?limit=500").text
    assert "upload_taken" in seen
    for private in ("SECRET-ORDER", "77123", "13800138000", PSEUDONYM, *browser.cookies.values()):
        assert private not in seen
