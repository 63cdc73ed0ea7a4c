"""One writer per name."""

import os
import signal
import subprocess
import sys
import time

import pytest
from sqlalchemy import Engine

from backend import store
from backend.store import writer
from backend.store.writer import WriterBusy, WriterReplaced
from tests.anvil import ROOT

HOLDER = """
import sys, time
from backend import store
with store.sole_writer(store.connect(sys.argv[1]), "relayer"):
    print("holding", flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(writer, "PATIENCE_S", 0.3)


def test_a_second_writer_of_the_same_name_is_refused(engine: Engine):
    again = store.sole_writer(engine, "relayer")
    with store.sole_writer(engine, "relayer"), pytest.raises(WriterBusy) as refused, again:
        pass
    assert refused.value.values == {"name": "relayer"}


def test_writers_of_different_names_do_not_disturb_each_other(engine: Engine):
    with store.sole_writer(engine, "relayer"), store.sole_writer(engine, "indexer"):
        pass


def test_the_next_writer_gets_a_later_turn(engine: Engine):
    with store.sole_writer(engine, "relayer") as first:
        pass
    with store.sole_writer(engine, "relayer") as second:
        assert second.number == first.number + 1


def test_a_writer_that_was_replaced_unawares_can_write_no_more(engine: Engine):
    with store.sole_writer(engine, "relayer") as first, store.writing(engine) as tx:
        first.check(tx)
    with store.sole_writer(engine, "relayer"), store.writing(engine) as tx, pytest.raises(WriterReplaced):
        first.check(tx)


def test_the_lock_of_a_killed_process_is_free_at_once(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(writer, "PATIENCE_S", 10.0)
    url = engine.url.render_as_string(hide_password=False)
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, cwd=ROOT)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"holding\n"
    started = time.monotonic()
    os.kill(holder.pid, signal.SIGKILL)
    with store.sole_writer(engine, "relayer"):
        assert time.monotonic() - started < 10.0
    holder.wait()
    holder.stdout.close()
