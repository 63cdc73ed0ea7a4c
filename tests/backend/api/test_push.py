"""What bounds the push of events, apart from the network."""

from collections.abc import Iterator

import pytest

from backend.api import push
from backend.api.push import OpenRequests, Pace
from backend.api.rooms import ROOM


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    now = [100.0]
    monkeypatch.setattr(push.time, "monotonic", lambda: now[0])
    yield now


def test_case_45_a_client_has_its_share_of_messages_in_each_window(clock: list[float]):
    pace = Pace()
    assert [pace.allows("a") for _ in range(push.MOST_MESSAGES + 1)] == [True] * push.MOST_MESSAGES + [False]
    assert pace.allows("b")
    clock[0] += push.WINDOW_S + 1
    assert pace.allows("a")


def test_a_client_that_left_is_forgotten(clock: list[float]):
    pace = Pace()
    for _ in range(push.MOST_MESSAGES):
        pace.allows("a")
    pace.forget("a")
    assert pace.allows("a")


def request(path: str, address: str) -> dict[str, str]:
    return {"PATH_INFO": path, "REMOTE_ADDR": address}


def test_case_45_open_connections_of_an_address_and_of_all_are_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(push, "MOST_OPEN_REQUESTS", 3)
    monkeypatch.setattr(push, "MOST_OPEN_REQUESTS_OF_ADDRESS", 2)
    statuses: list[str] = []
    inside: list[dict[str, str]] = []

    def app(environ, start_response):
        if inside:
            bounded(inside.pop(0), start_response)
        else:
            bounded(request("/v1/parties", "one"), lambda *_: None) if environ["PATH_INFO"] != "/v1/parties" else None
        start_response("200 OK", [])
        return [b""]

    bounded = OpenRequests(app)

    def nested(*addresses: str) -> list[str]:
        """Each request is open while the next one comes; answers in the order of their end."""
        first, *inside[:] = [request("/socket.io/", address) for address in addresses]
        statuses.clear()
        bounded(first, lambda status, _: statuses.append(status[:3]))
        return list(statuses)

    assert nested("one", "one") == ["200", "200"]
    assert nested("one", "one", "one") == ["503", "200", "200"]
    assert nested("one", "two", "three") == ["200"] * 3
    assert nested("one", "two", "three", "four") == ["503", "200", "200", "200"]
    assert nested("one", "one") == ["200", "200"]


ROOMS = [
    "all",
    "party:1",
    "party:4294967295:private",
    "receivable:1099511627775",
    "machine:7",
    "lease:1",
    "bank:private",
]


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_have_names(room: str):
    assert ROOM.fullmatch(room)


@pytest.mark.parametrize(
    "room",
    [
        "",
        "ALL",
        "party:0",
        "party:01",
        "party:-1",
        "wallet:1",
        "all\n",
        "party:" + "9" * 20,
        "receivable:1:private",
        "lease:0",
        "bank",
    ],
)
def test_other_names_are_no_rooms(room: str):
    assert not ROOM.fullmatch(room)
