"""A merchant's limit as any signer finds it again: what was in force, and what the figures supported the day before."""

import pytest
from sqlalchemy import Engine

from backend import days, store
from backend.oracle import limits
from backend.oracle.errors import HistoryBehind
from backend.oracle.limits import Past
from backend.oracle.view import Standing
from backend.readmodel import scores
from backend.readmodel.projection import READMODEL
from backend.scoring.merchants import limit
from backend.scoring.merchants.limit import Move, Proposal

DAY = 20_800
NOW = DAY * days.DAY_S + 3_600
YUAN = 100
PARTY = 7


def standing(limit_yuan: int, *, at: int = NOW - 5 * days.DAY_S, sequence: int = 1) -> Standing:
    return Standing(
        consented=True,
        consent_epoch=1,
        sequence=sequence,
        value=600,
        issued_at=at,
        valid_until=at + 1,
        proposed=0,
        stored_at=at,
        stored_limit=limit.code(limit_yuan * YUAN),
    )


def proposal(yuan: int) -> Proposal:
    return Proposal(yuan * YUAN, "C", limit.POLICY.hash, ())


def never() -> int:
    raise AssertionError("nobody has to look at this")


def past(*pairs: tuple[int, int]) -> list[Past]:
    """Days ago and yuan."""
    return [Past(NOW - ago * days.DAY_S, limit.code(yuan * YUAN)) for ago, yuan in pairs]


def test_a_first_limit_is_at_most_the_opening_one():
    fresh = Standing(True, 1, 0, 0, 0, 0, 0)
    moved = limits.moved(fresh, proposal(90_000), NOW, never, never)
    assert (moved.evaluation.move, moved.evaluation.granted) == (Move.START, limit.POLICY.opening_fen)


@pytest.mark.parametrize(("yuan", "move"), [(50_000, Move.KEPT), (20_000, Move.FOLLOWED_DOWN), (0, Move.FOLLOWED_DOWN)])
def test_a_cut_needs_no_history(yuan: int, move: Move):
    moved = limits.moved(standing(50_000), proposal(yuan), NOW, never, never)
    assert (moved.evaluation.move, moved.evaluation.granted) == (move, yuan * YUAN)


def test_a_rise_reaches_what_was_supported_at_the_end_of_the_day_before():
    moved = limits.moved(standing(50_000), proposal(90_000), NOW, lambda: past((40, 50_000)), lambda: 55_000 * YUAN)
    assert (moved.evaluation.move, moved.evaluation.granted) == (Move.ROSE, 55_000 * YUAN)
    assert (moved.supported, len(moved.past)) == (55_000 * YUAN, 2)


def test_a_rise_that_yesterdays_figures_do_not_support_waits():
    moved = limits.moved(standing(50_000), proposal(90_000), NOW, lambda: past((40, 50_000)), lambda: 0)
    assert (moved.evaluation.move, moved.evaluation.granted) == (Move.WAITS_FOR_SUPPORT, 50_000 * YUAN)


def test_a_rise_is_a_fifth_above_the_lowest_of_thirty_days():
    cut_and_back = past((40, 50_000), (20, 30_000), (10, 50_000))
    moved = limits.moved(standing(50_000), proposal(90_000), NOW, lambda: cut_and_back, lambda: 90_000 * YUAN)
    assert (moved.evaluation.move, moved.evaluation.granted) == (Move.AT_CEILING, 50_000 * YUAN)
    moved = limits.moved(standing(50_000), proposal(90_000), NOW, lambda: past((40, 50_000)), lambda: 90_000 * YUAN)
    assert (moved.evaluation.move, moved.evaluation.granted) == (Move.ROSE_PART, 60_000 * YUAN)


def test_a_limit_that_started_today_does_not_rise_today():
    moved = limits.moved(standing(50_000, at=NOW - 60), proposal(90_000), NOW, list, lambda: 90_000 * YUAN)
    assert moved.evaluation.granted == 50_000 * YUAN


def test_the_day_before_ends_at_midnight_in_beijing():
    midnight = DAY * days.DAY_S - days.BEIJING_S
    assert limits.end_of_day_before(midnight) == midnight - 1
    assert limits.end_of_day_before(midnight - 1) == midnight - days.DAY_S - 1


# The read model's history


def report(
    tx, round_: int, ago: int, yuan: int, outcome: str = "accepted", party: int = PARTY, signer_set: int = 1
) -> None:
    issued_at = NOW - ago * days.DAY_S
    tx.execute(
        scores.reports.insert().values(
            signer_set=signer_set,
            round=round_,
            model=10,
            issued_at=issued_at,
            valid_until=issued_at,
            relayer="0x",
            records=1,
            transaction_hash="0x",
            block=round_,
            reported_at=issued_at,
        )
    )
    figures = {"value": 600, "pd_ppm": 1, "limit_code": limit.code(yuan * YUAN), "reasons": [], "flags": 0}
    place = {"party": party, "signer_set": signer_set, "round": round_, "place": 0}
    counts = {"sequence": 100 * (signer_set - 1) + round_, "consent_epoch": 1}
    tx.execute(scores.records.insert().values(outcome=outcome, **place, **counts, **figures))


@pytest.fixture
def indexed(engine: Engine) -> Engine:
    READMODEL.create_all(engine, tables=[scores.records, scores.reports])
    return engine


def test_what_counts_is_the_limit_thirty_days_ago_and_all_since(indexed: Engine):
    with store.writing(indexed) as tx:
        for round_, (ago, yuan) in enumerate([(70, 10_000), (31, 20_000), (30, 30_000), (29, 40_000), (2, 50_000)], 1):
            report(tx, round_, ago, yuan)
        report(tx, 6, 1, 90_000, party=8)
        assert limits.counted(tx, PARTY, standing(50_000, sequence=5), NOW) == past(
            (30, 30_000), (29, 40_000), (2, 50_000)
        )


def test_skipped_reports_do_not_count_and_held_ones_only_within_thirty_days(indexed: Engine):
    with store.writing(indexed) as tx:
        report(tx, 1, 50, 20_000)
        report(tx, 2, 40, 90_000, "held")
        report(tx, 3, 10, 15_000, "held")
        report(tx, 4, 5, 80_000, "skipped")
        assert limits.counted(tx, PARTY, standing(20_000, sequence=3), NOW) == past((50, 20_000), (10, 15_000))


def test_rounds_of_a_later_set_of_signers_come_later(indexed: Engine):
    """Every set counts its rounds from one."""
    with store.writing(indexed) as tx:
        report(tx, 1, 50, 20_000)
        report(tx, 2, 20, 30_000)
        report(tx, 1, 40, 40_000, signer_set=2)
        report(tx, 2, 10, 50_000, signer_set=2)
        assert limits.counted(tx, PARTY, standing(50_000, sequence=102), NOW) == past(
            (40, 40_000), (20, 30_000), (10, 50_000)
        )


@pytest.mark.parametrize("sequence", [1, 3])
def test_a_read_model_that_does_not_stand_where_the_chain_does_is_not_believed(indexed: Engine, sequence: int):
    with store.writing(indexed) as tx:
        report(tx, 1, 50, 20_000)
        report(tx, 2, 40, 20_000)
        with pytest.raises(HistoryBehind) as refused:
            limits.counted(tx, PARTY, standing(20_000, sequence=sequence), NOW)
    assert refused.value.values == {"party": PARTY, "known": 2, "sequence": sequence}


def test_without_a_read_model_there_is_no_history(engine: Engine):
    with store.reading(engine) as tx, pytest.raises(HistoryBehind):
        limits.counted(tx, PARTY, standing(20_000), NOW)
