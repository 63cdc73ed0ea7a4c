"""Refusals are counted by product and reason, once a day for an application, and nothing tells whose they were."""

import json

from sqlalchemy import Engine, select

from backend import store
from backend.chain.reverts import ERROR_FILES
from backend.records import refusals
from backend.records.refusals import APPLICATION, DECISIONS, DRAW, Application
from backend.store.tables import refusal_marks
from backend.store.tables import refusals as counts

DAY = 20_800
LINE = Application("CreditLine", APPLICATION, 8)


def count(engine: Engine, asked: Application = LINE, reason: str = "GradeRefused", day: int = DAY) -> None:
    with store.writing(engine) as tx:
        refusals.count(tx, asked, reason, day)


def listed(engine: Engine) -> list[tuple[str, str, str, int]]:
    with store.reading(engine) as tx:
        return [tuple(row.values()) for row in refusals.listed(tx)]


def test_an_application_counts_once_a_day_under_its_first_reason(engine: Engine):
    count(engine)
    count(engine)
    count(engine, reason="ScoreStale")
    assert listed(engine) == [("CreditLine", APPLICATION, "GradeRefused", 1)]
    count(engine, day=DAY + 1)
    assert listed(engine) == [("CreditLine", APPLICATION, "GradeRefused", 2)]


def test_products_steps_and_subjects_count_apart_the_most_frequent_first(engine: Engine):
    count(engine, Application("CreditLine", DRAW, 8), "LineExceeded")
    count(engine, Application("Lease", APPLICATION, 8), "MachineAlarmed")
    for subject in (8, 9):
        count(engine, Application("CreditLine", APPLICATION, subject))
    assert listed(engine) == [
        ("CreditLine", APPLICATION, "GradeRefused", 2),
        ("CreditLine", DRAW, "LineExceeded", 1),
        ("Lease", APPLICATION, "MachineAlarmed", 1),
    ]


def test_what_stays_names_no_party_and_marks_go_with_the_next_day(engine: Engine):
    count(engine)
    count(engine, Application("Lease", APPLICATION, 3), day=DAY + 1)
    assert {column.name for column in counts.columns} == {"product", "step", "reason", "day", "count"}
    with store.reading(engine) as tx:
        marks = tx.execute(select(refusal_marks.c.product, refusal_marks.c.subject)).all()
        assert refusals.is_marked(tx, Application("Lease", APPLICATION, 3), DAY + 1)
        assert not refusals.is_marked(tx, LINE, DAY + 1)
    assert marks == [("Lease", 3)]


def test_every_reason_is_an_error_of_the_contracts():
    known = {name for path in ERROR_FILES for name in json.loads(path.read_text(encoding="utf-8"))}
    assert known >= DECISIONS
