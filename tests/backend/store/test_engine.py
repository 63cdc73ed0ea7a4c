"""Engines, transactions, migrations."""

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import BigInteger, Column, Engine, MetaData, String, Table, inspect, select, update

from backend import store
from backend.store.engine import DatabaseOfAnotherChain, DatabaseUrlInvalid
from backend.store.tables import STORE, Amount, evaluations, score_rounds

SCRATCH = MetaData()
counters = Table("counters", SCRATCH, Column("name", String(10), primary_key=True), Column("value", BigInteger))
amounts = Table("amounts", SCRATCH, Column("amount", Amount, primary_key=True))
THREADS, ROUNDS = 8, 25


def test_concurrent_read_and_write_transactions_lose_no_update(engine: Engine):
    SCRATCH.create_all(engine)
    with store.writing(engine) as tx:
        tx.execute(counters.insert().values(name="x", value=0))

    def increment() -> None:
        for _ in range(ROUNDS):
            with store.writing(engine) as tx:
                value = tx.scalar(select(counters.c.value).with_for_update())
                tx.execute(update(counters).values(value=value + 1))

    threads = [threading.Thread(target=increment) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading(engine) as tx:
        assert tx.scalar(select(counters.c.value)) == THREADS * ROUNDS


def test_a_reader_sees_one_snapshot_while_others_write(engine: Engine):
    SCRATCH.create_all(engine)
    with store.reading(engine) as tx:
        assert tx.execute(select(counters)).all() == []
        with store.writing(engine) as other:
            other.execute(counters.insert().values(name="x", value=1))
        assert tx.execute(select(counters)).all() == []


def test_an_exception_rolls_a_writing_transaction_back(engine: Engine):
    SCRATCH.create_all(engine)
    with pytest.raises(RuntimeError), store.writing(engine) as tx:
        tx.execute(counters.insert().values(name="x", value=1))
        raise RuntimeError
    with store.reading(engine) as tx:
        assert tx.execute(select(counters)).all() == []


def test_migrations_make_exactly_the_declared_tables(engine: Engine):
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), STORE) == []


def test_migrating_twice_changes_nothing(engine: Engine):
    before = inspect(engine).get_table_names()
    store.migrate(engine)
    assert inspect(engine).get_table_names() == before


def test_rounds_and_their_evaluations_go_to_the_set_of_signers_that_they_were_of(tmp_path: Path):
    engine = store.connect(f"sqlite:///{tmp_path}/before.db")
    store.migrate(engine, "0010")
    rounds = MetaData()
    rounds.reflect(engine)
    first, second = {"signerSet": 1}, {"signerSet": 2}
    row = {"state": "counted", "digest": "0x", "model_hash": "0x", "signatures": {}, "refusals": {}}
    found = {name: 0 for name in ("consent_epoch", "model", "score", "pd_ppm", "flags", "granted")}
    found |= {name: "0x" for name in ("model_hash", "features_hash", "policy_hash")} | {"reasons": []}
    with store.writing(engine) as tx:
        # The first round of the second set has overwritten that of the first; its evaluation is still there.
        for number, report, at in ((1, second, 50), (2, first, 20)):
            sources = [{"party": 7, "evaluated_at": at}]
            values = row | {"round": number, "report": report, "sources": sources}
            tx.execute(rounds.tables["score_rounds"].insert().values(values))
        for number, at in ((1, 10), (2, 20), (1, 50), (None, 60)):
            tx.execute(rounds.tables["evaluations"].insert().values(found | {"party": 7, "at": at, "round": number}))
    store.migrate(engine)
    with store.reading(engine) as tx:
        kept = select(score_rounds.c.signer_set, score_rounds.c.round, score_rounds.c.report)
        assert tx.execute(kept.order_by(score_rounds.c.signer_set)).all() == [(1, 2, first), (2, 1, second)]
        placed = select(evaluations.c.at, evaluations.c.signer_set, evaluations.c.round).order_by(evaluations.c.at)
        assert tx.execute(placed).all() == [(10, None, 1), (20, 1, 2), (50, 2, 1), (60, None, None)]
    engine.dispose()


def test_a_database_stays_with_its_chain(engine: Engine):
    store.bind_to_chain(engine, 417417, "0xaa")
    store.bind_to_chain(engine, 417417, "0xaa")
    with pytest.raises(DatabaseOfAnotherChain) as refused:
        store.bind_to_chain(engine, 417417, "0xbb")
    assert refused.value.values == {"recorded_chain": 417417, "recorded": "0xaa", "found": "417417 0xbb"}
    with pytest.raises(DatabaseOfAnotherChain):
        store.bind_to_chain(engine, 31337, "0xaa")


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://root:hunter2@host/x", "sqlite://", "sqlite:///:memory:"])
def test_an_unusable_database_address_is_named_without_showing_it(url: str):
    with pytest.raises(DatabaseUrlInvalid) as refused:
        store.connect(url)
    assert "hunter2" not in str(refused.value)


def test_a_scratch_database_is_empty_and_disappears(engine: Engine):
    store.bind_to_chain(engine, 417417, "0xaa")
    with store.scratch(engine) as copy:
        store.bind_to_chain(copy, 31337, "0xbb")
        assert copy.url != engine.url
    store.bind_to_chain(engine, 417417, "0xaa")


def test_amounts_are_exact_and_sorted_over_all_256_bits(engine: Engine):
    SCRATCH.create_all(engine)
    values = [0, 9, 10, (1 << 63) - 1, 1 << 63, (1 << 53) + 1, (1 << 256) - 1]
    with store.writing(engine) as tx:
        tx.execute(amounts.insert(), [{"amount": value} for value in values])
        assert list(tx.scalars(select(amounts.c.amount).order_by(amounts.c.amount))) == sorted(values)
        beyond_10 = select(amounts.c.amount).where(amounts.c.amount > 10)
        assert sorted(tx.scalars(beyond_10)) == sorted(value for value in values if value > 10)


@pytest.mark.parametrize("value", [-1, 1 << 256])
def test_an_amount_outside_256_bits_is_refused(engine: Engine, value: int):
    SCRATCH.create_all(engine)
    with pytest.raises(Exception, match=str(value)), store.writing(engine) as tx:
        tx.execute(amounts.insert().values(amount=value))
