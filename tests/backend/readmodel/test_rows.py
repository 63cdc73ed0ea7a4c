"""Row-wise writing and its undoing."""

import random

import pytest
from sqlalchemy import JSON, Boolean, Column, Engine, Integer, MetaData, String, Table, select

from backend import store
from backend.readmodel.rows import PROGRESS, RowMissing, Rows, journal
from backend.store.tables import Amount

TABLES = MetaData()
things = Table(
    "things",
    TABLES,
    Column("owner", String(10), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("amount", Amount),
    Column("open", Boolean),
    Column("tags", JSON(none_as_null=True)),
)
links = Table("links", TABLES, Column("name", String(10), primary_key=True))


@pytest.fixture
def database(engine: Engine) -> Engine:
    TABLES.create_all(engine)
    PROGRESS.create_all(engine)
    return engine


def everything(database: Engine) -> list[tuple[object, ...]]:
    with store.reading(database) as tx:
        found = tx.execute(select(things).order_by(things.c.owner, things.c.number))
        return [tuple(row) for row in found] + [tuple(row) for row in tx.execute(select(links).order_by(links.c.name))]


def test_rows_are_put_read_changed_and_removed(database: Engine):
    with store.writing(database) as tx:
        rows = Rows(tx)
        rows.put(things, owner="a", number=1, amount=1 << 200, open=True, tags=["x"])
        rows.put(things, owner="a", number=2)
        rows.change(things, "a", 2, amount=5)
        rows.put(links, name="n")
        assert rows.get(things, "a", 2) == {"owner": "a", "number": 2, "amount": 5, "open": None, "tags": None}
        rows.remove(links, "n")
        rows.flush()
    assert everything(database) == [("a", 1, 1 << 200, True, ["x"]), ("a", 2, 5, None, None)]


def test_queries_see_what_was_just_written(database: Engine):
    with store.writing(database) as tx:
        rows = Rows(tx)
        rows.put(things, owner="a", number=1, amount=7)
        assert [row.amount for row in rows.select(select(things))] == [7]


def test_a_row_that_is_read_is_a_copy(database: Engine):
    with store.writing(database) as tx:
        rows = Rows(tx)
        rows.put(things, owner="a", number=1, amount=7)
        found = rows.get(things, "a", 1)
        assert found is not None
        found["amount"] = 8
        assert (rows.get(things, "a", 1) or {})["amount"] == 7


def test_missing_rows_and_unknown_columns_are_named(database: Engine):
    with store.writing(database) as tx:
        rows = Rows(tx)
        assert rows.get(things, "a", 1) is None
        with pytest.raises(RowMissing) as missing:
            rows.change(things, "a", 1, amount=1)
        assert missing.value.values == {"table": "things", "key": ["a", 1]}
        with pytest.raises(RowMissing):
            rows.remove(things, "a", 1)
        with pytest.raises(TypeError, match="colour"):
            rows.put(things, owner="a", number=1, colour="red")


def test_final_blocks_leave_no_journal(database: Engine):
    with store.writing(database) as tx:
        rows = Rows(tx)
        rows.begin_block(None)
        rows.put(links, name="n")
        rows.flush()
        assert tx.execute(select(journal)).all() == []


def _wander(rows: Rows, dice: random.Random) -> None:
    for _ in range(dice.randint(0, 12)):
        key = (dice.choice("abc"), dice.randint(1, 3))
        if dice.random() < 0.3 and rows.get(things, *key):
            rows.remove(things, *key)
        else:
            values = {"amount": dice.choice([None, 0, dice.getrandbits(250)]), "open": dice.choice([True, False, None])}
            rows.put(things, owner=key[0], number=key[1], tags=dice.choice([None, [], {"k": "值"}]), **values)
        if dice.random() < 0.2:
            rows.put(links, name=dice.choice("xyz"))
        if dice.random() < 0.1:
            rows.flush()


@pytest.mark.parametrize("seed", range(20))
def test_undoing_any_history_of_blocks_brings_the_very_rows_back(database: Engine, seed: int):
    dice = random.Random(seed)
    states = {0: everything(database)}
    block = 0
    for _ in range(12):
        if dice.random() < 0.3:
            block = dice.randint(max(0, block - 4), block)
            with store.writing(database) as tx:
                Rows(tx).undo(TABLES.tables, block)
        else:
            with store.writing(database) as tx:
                rows = Rows(tx)
                for _ in range(dice.randint(1, 3)):
                    block += 1
                    rows.begin_block(block)
                    _wander(rows, dice)
                    rows.flush()
                    states[block] = _inside(tx)
        assert everything(database) == states[block]


def _inside(tx) -> list[tuple[object, ...]]:
    found = tx.execute(select(things).order_by(things.c.owner, things.c.number))
    return [tuple(row) for row in found] + [tuple(row) for row in tx.execute(select(links).order_by(links.c.name))]
