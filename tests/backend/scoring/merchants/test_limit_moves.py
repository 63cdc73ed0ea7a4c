"""How fast a limit may follow: slowly up, at once down, no matter how often anybody evaluates."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.scoring.merchants.limit import POLICY, WHY, Move, Proposal, moved

HIGH = 50_000_000
OPENING = POLICY.opening_fen
FEN = st.just(0) | st.integers(POLICY.least_fen // POLICY.step_fen, 2_000).map(lambda steps: steps * POLICY.step_fen)
GAP = st.sampled_from([1, 1, 1, 2, 9, 29, 30, 31, 90])
DAYS = st.lists(st.tuples(GAP, st.lists(FEN, min_size=1, max_size=4)), min_size=1, max_size=40).map(
    lambda visits: [(sum(gap for gap, _ in visits[: place + 1]), fens) for place, (_, fens) in enumerate(visits)]
)
"""Days of evaluation in order, each with the proposals of that day."""
EVERY = settings(max_examples=150, deadline=None)


def proposal(fen):
    return Proposal(limit=fen, grade="B", policy_hash=POLICY.hash, lines=())


def run(*steps, history=()):
    """Evaluations of (day, proposed fen) in order."""
    done = list(history)
    for day, fen in steps:
        done.append(moved(done, proposal(fen), day))
    return done


def daily(proposals):
    return run(*enumerate(proposals))


def last_of(days):
    """One evaluation a day, with the day's last proposal."""
    return [(day, proposals[-1]) for day, proposals in days]


def in_force_on(in_force, day):
    """The limit at the end of a day, None before the first."""
    return next((granted for known, granted in sorted(in_force.items(), reverse=True) if known <= day), None)


def first_days(history):
    """The evaluations that changed the limit, the first included."""
    changes = [now for before, now in pairwise(history) if now.granted != before.granted]
    return [history[0], *changes]


def grants(history):
    return [evaluation.granted for evaluation in history]


def most_from(fen):
    return (fen + max(fen, OPENING) * POLICY.rise_bps // 10_000) // POLICY.step_fen * POLICY.step_fen


def test_a_new_merchant_starts_with_what_its_figures_support():
    (first,) = run((0, 4_000_000))
    assert (first.granted, first.move) == (4_000_000, Move.START)


def test_a_new_merchant_starts_with_no_more_than_the_opening_limit():
    (first,) = run((0, HIGH))
    assert (first.proposed, first.granted) == (HIGH, OPENING)
    assert "500,000.00" in first.why_en
    assert "50,000.00" in first.why_zh


def test_the_first_rise_comes_thirty_days_after_the_start():
    history = daily([4_000_000] + [4_500_000] * 31)
    assert grants(history)[29:31] == [4_000_000, 4_500_000]
    assert [past.move for past in history[28:31]] == [Move.AT_CEILING, Move.AT_CEILING, Move.ROSE]


def test_a_rise_waits_for_a_second_evaluation_on_another_day():
    history = run((0, 4_000_000), (40, 4_500_000), (40, 4_500_000), (41, 4_500_000))
    assert grants(history) == [4_000_000, 4_000_000, 4_000_000, 4_500_000]
    assert [past.move for past in history[1:]] == [Move.WAITS_FOR_SUPPORT, Move.WAITS_FOR_SUPPORT, Move.ROSE]


def test_a_rise_reaches_no_more_than_the_weaker_of_the_two_evaluations():
    assert grants(run((0, 4_000_000), (40, 4_300_000), (41, 4_900_000)))[-1] == 4_300_000


def test_of_several_evaluations_on_the_earlier_day_the_lowest_supports():
    steps = (0, 4_000_000), (40, 4_900_000), (40, 4_100_000), (40, 4_900_000), (41, 4_900_000)
    assert grants(run(*steps))[-1] == 4_100_000


def test_a_limit_rises_by_a_fifth_and_waits_thirty_days_for_the_next_fifth():
    history = daily([HIGH] * 91)
    assert grants(history)[29:31] == [5_000_000, 6_000_000]
    assert (history[59].granted, history[59].move) == (6_000_000, Move.AT_CEILING)
    assert (history[60].granted, history[60].move) == (7_200_000, Move.ROSE_PART)
    assert history[90].granted == 8_640_000


def test_a_rise_that_reaches_what_is_supported_is_whole_even_at_the_ceiling():
    assert [run((0, 5_000_000), (30, fen), (31, fen))[-1].move for fen in (6_000_000, 6_010_000)] == [
        Move.ROSE,
        Move.ROSE_PART,
    ]


def test_a_rise_is_rounded_down_to_whole_steps():
    history = run((0, 4_990_000), (30, HIGH), (31, HIGH), (61, HIGH))
    assert grants(history)[2:] == [5_990_000, 7_180_000]  # 59,900 x 1.2 = 71,880 yuan


def test_a_cut_is_followed_at_once_and_to_zero():
    history = run((0, 4_000_000), (0, 3_000_000), (0, 0))
    assert grants(history) == [4_000_000, 3_000_000, 0]
    assert {past.move for past in history[1:]} == {Move.FOLLOWED_DOWN}


def test_the_way_back_from_zero_is_a_fifth_of_the_opening_limit_in_thirty_days():
    history = run((0, HIGH), (40, 0), *((day, HIGH) for day in range(41, 110)))
    assert grants(history)[1:4] == [0, 0, 1_000_000]
    by_day = {past.day: past.granted for past in history}
    assert [by_day[day] for day in (71, 72, 101, 102)] == [1_000_000, 2_000_000, 2_000_000, 3_000_000]


def test_a_dip_of_a_sixth_is_made_good_at_once_after_two_evaluations():
    history = run((0, 5_000_000), (40, 4_200_000), (41, 5_000_000), (42, 5_000_000))
    assert grants(history) == [5_000_000, 4_200_000, 4_200_000, 5_000_000]


def test_a_deep_cut_bounds_the_rise_for_thirty_days():
    history = run((0, 5_000_000), (40, 1_000_000), *((day, 5_000_000) for day in range(41, 80)))
    by_day = {past.day: past.granted for past in history}
    assert {by_day[day] for day in range(42, 72)} == {2_000_000}
    assert by_day[72] == 3_000_000


@EVERY
@given(days=DAYS)
def test_no_limit_is_more_than_a_fifth_above_any_of_the_thirty_days_before(days):
    in_force = {past.day: past.granted for past in run(*last_of(days))}
    for day, granted in in_force.items():
        lowest = [in_force_on(in_force, earlier) for earlier in range(day - POLICY.rise_days, day)]
        assert all(granted <= most_from(fen) for fen in lowest if fen is not None)


@EVERY
@given(days=DAYS)
def test_who_evaluates_all_day_is_never_ahead_of_who_evaluates_once_a_day(days):
    often, once = [], []
    for day, proposals in days:
        often = run(*((day, fen) for fen in proposals), history=often)
        once = run((day, proposals[-1]), history=once)
        assert often[-1].granted <= once[-1].granted


@EVERY
@given(days=DAYS, times=st.integers(2, 24))
def test_the_same_figures_evaluated_every_hour_give_the_limit_of_one_evaluation(days, times):
    once = last_of(days)
    hourly = run(*(step for step in once for _ in range(times)))
    assert grants(hourly)[times - 1 :: times] == grants(run(*once))


@EVERY
@given(days=DAYS)
def test_a_limit_in_force_is_never_above_what_the_figures_of_the_day_support(days):
    assert all(past.granted <= past.proposed for past in run(*last_of(days)))


@EVERY
@given(days=DAYS)
def test_a_rise_is_supported_by_both_of_its_days_and_a_fall_is_the_proposal(days):
    for before, now in pairwise(run(*last_of(days))):
        if now.granted > before.granted:
            assert now.granted <= min(before.proposed, now.proposed)
        if now.granted < before.granted:
            assert now.granted == now.proposed


@EVERY
@given(days=DAYS)
def test_a_limit_is_zero_or_no_less_than_the_least(days):
    assert all(past.granted == 0 or past.granted >= POLICY.least_fen for past in run(*last_of(days)))


@pytest.mark.parametrize("gap", [1, 2, 5, 7, 30])
def test_steady_figures_rise_by_the_same_steps_however_often_they_are_looked_at(gap):
    target = 8_640_000
    history = run(*((day, target) for day in range(0, 400, gap)))
    assert sorted(set(grants(history))) == [5_000_000, 6_000_000, 7_200_000, 8_640_000]
    rises = [later.day - earlier.day for earlier, later in pairwise(first_days(history))]
    assert all(30 <= wait < 30 + gap for wait in rises)


@pytest.mark.parametrize("move", Move)
def test_every_move_says_why_in_both_languages(move):
    values = {"proposed": "1.00", "granted": "1.00", "opening": "1.00", "days": 30, "rise": "20.00 %"}
    en, zh = (text.format(**values) for text in WHY[move])
    assert en.endswith(".")
    assert zh.endswith("。")
