import numpy as np
import pytest

from backend.scoring import scale


def test_a_probability_of_five_percent_scores_650():
    assert scale.score(scale.pd_ppm(0.05)) == 650


@pytest.mark.parametrize("doublings", [-4, -3, -2, -1, 1, 2, 3])
def test_doubling_the_odds_of_survival_adds_50_points(doublings):
    odds = 19 * 2.0**doublings
    assert scale.score(scale.pd_ppm(1 / (1 + odds))) == 650 + 50 * doublings


@pytest.mark.parametrize(("ppm", "score"), [(500_000, 438), (999_999, 300), (1, 850), (200_000, 538), (10_000, 769)])
def test_scores_match_hand_worked_examples(ppm, score):
    assert scale.score(ppm) == score


def test_a_lower_probability_never_scores_lower():
    scores = [scale.score(ppm) for ppm in range(1, scale.MILLION, 997)]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(("pd", "ppm"), [(0.0, 1), (1.0, 999_999), (0.0000004, 1), (0.0499996, 50_000), (0.0000015, 2)])
def test_probabilities_become_whole_parts_per_million_inside_the_open_interval(pd, ppm):
    assert scale.pd_ppm(pd) == ppm


@pytest.mark.parametrize(
    ("points", "grade"),
    [(850, "A"), (700, "A"), (699, "B"), (650, "B"), (649, "C"), (600, "C"), (599, "D"), (550, "D"), (549, "E"),
     (500, "E"), (499, "F"), (300, "F")],
)  # fmt: skip
def test_grades_change_at_their_floors(points, grade):
    assert scale.grade(points) == grade


def test_probabilities_in_a_column_give_the_parts_per_million_they_give_alone():
    draw = np.random.default_rng(1)
    column = np.concatenate([draw.random(2_000), draw.random(500) * 1e-5, [0.0, 1.0, 4.5e-6, 0.5]])
    assert scale.pd_ppm_of(column).tolist() == [scale.pd_ppm(own) for own in column.tolist()]
