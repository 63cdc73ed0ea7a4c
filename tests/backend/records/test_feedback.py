"""Feedback: one answer to a topic in a month, counted for a quarter, forgotten after two years or when asked."""

import pytest
from sqlalchemy import Engine

from backend import store
from backend.days import DAY_S
from backend.records import feedback
from backend.records.business import kept
from backend.records.feedback import Promotion, promotion

NOW = 1_800_000_000
SELLER, MERCHANT = 2, 8


def give(engine: Engine, party: int = MERCHANT, topic: str = "lines", score: int = 9, at: int = NOW, text: str = ""):
    with store.writing(engine) as tx:
        return feedback.give(tx, party, topic, score, text, now=at)


def scores(engine: Engine, **wanted) -> list[int]:
    with store.reading(engine) as tx:
        return [row["score"] for row in feedback.listed(tx, **{"limit": 50} | wanted)]


@pytest.mark.parametrize(
    ("given", "net"),
    [
        ([], None),
        ([9, 10], 100),
        ([7, 8], 0),
        ([0, 6], -100),
        ([9, 6, 7], 0),
        ([9, 8, 8], 33),
        ([6, 8, 8], -33),
        ([9, 9, 8], 67),
        ([9, *[8] * 7], 13),
        ([6, *[8] * 7], -12),
    ],
)
def test_promoters_less_detractors_in_whole_percent(given: list[int], net: int | None):
    assert promotion(given).net == net


def test_an_answer_replaces_that_of_the_last_30_days_to_the_same_topic(engine: Engine):
    give(engine, score=3)
    give(engine, score=4, at=NOW + 30 * DAY_S - 1)
    give(engine, topic="service", score=5)
    give(engine, party=SELLER, score=6)
    assert scores(engine) == [6, 5, 4]
    give(engine, score=7, at=NOW + 60 * DAY_S)
    assert scores(engine) == [7, 6, 5, 4]


def test_answers_of_the_last_90_days_count(engine: Engine):
    give(engine, score=10)
    give(engine, score=2, at=NOW + 40 * DAY_S)
    for days, counted in ((89, Promotion(1, 0, 1)), (90, Promotion(0, 0, 1)), (130, Promotion(0, 0, 0))):
        with store.reading(engine) as tx:
            assert feedback.recent(tx, NOW + days * DAY_S) == counted


def test_answers_are_forgotten_after_two_years(engine: Engine):
    give(engine, score=1)
    give(engine, party=SELLER, score=2, at=NOW + 730 * DAY_S)
    assert scores(engine) == [2]


def test_answers_are_found_by_topic_score_and_text_and_paged(engine: Engine):
    for party, score, text in ((1, 0, "too slow"), (2, 6, ""), (3, 7, "fine"), (4, 10, "")):
        give(engine, party, score=score, text=text)
    give(engine, 5, topic="machines", score=8)
    assert scores(engine, topic="lines") == [10, 7, 6, 0]
    assert scores(engine, least=6, most=8) == [8, 7, 6]
    assert scores(engine, with_text=True) == [7, 0]
    with store.reading(engine) as tx:
        first = feedback.listed(tx, limit=2)
    assert [row["score"] for row in first] + scores(engine, before=first[-1]["id"]) == scores(engine)


def test_a_partys_answers_are_erased_and_nobody_elses(engine: Engine):
    give(engine)
    give(engine, topic="service")
    give(engine, party=SELLER, score=1)
    with store.writing(engine) as tx:
        assert feedback.erase(tx, MERCHANT) == 2
        assert feedback.erase(tx, MERCHANT) == 0
    assert scores(engine) == [1]


def test_answers_go_with_the_partys_business_records(engine: Engine):
    give(engine)
    with store.writing(engine) as tx:
        assert kept.erase(tx, MERCHANT, NOW, "asked by the party", 1)["feedback"] == 1
    assert scores(engine) == []
