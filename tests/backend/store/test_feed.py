"""The feed loses nothing, whatever order its writers commit in."""

import random
import threading
import time

import pytest
from sqlalchemy import Engine

from backend import store
from backend.store import feed
from backend.store.feed import Cursor, CursorInvalid

WRITERS, ROWS_EACH = 6, 20


def _row(kind: str) -> dict[str, object]:
    return {"topic": "Receivables", "key": "17", "kind": kind, "payload": {"amount": "1"}, "block": 5}


def test_the_tail_shows_what_came_after_a_cursor_in_order(engine: Engine):
    for kind in ("Registered", "Confirmed", "Settled"):
        with store.writing(engine) as tx:
            feed.append(tx, [_row(kind)])
    with store.reading(engine) as tx:
        first, *rest = feed.tail(tx, Cursor())
        assert (first.topic, first.key, first.kind, first.payload, first.block) == (
            "Receivables",
            "17",
            "Registered",
            {"amount": "1"},
            5,
        )
        assert feed.tail(tx, first.cursor) == rest
        assert [item.kind for item in feed.tail(tx, Cursor(), limit=2)] == ["Registered", "Confirmed"]


def test_rows_of_a_rolled_back_transaction_never_show(engine: Engine):
    with pytest.raises(RuntimeError), store.writing(engine) as tx:
        feed.append(tx, [_row("Registered")])
        raise RuntimeError
    with store.reading(engine) as tx:
        assert feed.tail(tx, Cursor()) == []


def test_a_reader_that_starts_at_the_newest_sees_only_what_follows(engine: Engine):
    with store.writing(engine) as tx:
        feed.append(tx, [_row("Registered")])
    with store.reading(engine) as tx:
        now = feed.newest(tx)
        assert feed.tail(tx, now) == []
    with store.writing(engine) as tx:
        feed.append(tx, [_row("Confirmed")])
    with store.reading(engine) as tx:
        assert [item.kind for item in feed.tail(tx, now)] == ["Confirmed"]


def test_a_tailing_reader_loses_no_row_of_concurrent_and_slow_writers(engine: Engine):
    done = threading.Event()
    seen: list[str] = []

    def write(writer: int) -> None:
        dice = random.Random(writer)
        for number in range(ROWS_EACH):
            with store.writing(engine) as tx:
                feed.append(tx, [_row(f"{writer}-{number}")])
                time.sleep(dice.uniform(0, 0.01))  # a later transaction may commit first

    def tail() -> None:
        cursor = Cursor()
        while True:
            finished = done.is_set()
            with store.reading(engine) as tx:
                items = feed.tail(tx, cursor)
            seen.extend(item.kind for item in items)
            if items:
                cursor = items[-1].cursor
            elif finished:
                return

    reader = threading.Thread(target=tail)
    reader.start()
    writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert sorted(seen) == sorted(f"{writer}-{number}" for writer in range(WRITERS) for number in range(ROWS_EACH))


def test_a_cursor_survives_its_text_form():
    assert Cursor.parse(str(Cursor(12, 34))) == Cursor(12, 34)


@pytest.mark.parametrize("text", ["", "5", "a-b", "1-", "-1", "1--2", "１-２", "9" * 50 + "-1", "1-2; DROP TABLE feed"])
def test_a_malformed_cursor_is_named(text: str):
    with pytest.raises(CursorInvalid):
        Cursor.parse(text)
