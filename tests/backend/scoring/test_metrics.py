import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score, roc_curve

from backend.scoring import metrics

HAND_LABELS = np.array([0, 0, 1, 1])
HAND_PROBABILITIES = np.array([0.1, 0.4, 0.35, 0.8])


@pytest.fixture(params=range(5))
def sample(request):
    """Labels and probabilities with many ties."""
    draw = np.random.default_rng(request.param)
    probabilities = np.round(draw.random(400), 2)
    return (draw.random(400) < probabilities).astype(int), probabilities


def test_auc_equals_scikit_learns(sample):
    assert metrics.auc(*sample) == pytest.approx(roc_auc_score(*sample), abs=1e-12)


def test_auc_of_the_hand_example_is_three_pairs_of_four():
    assert metrics.auc(HAND_LABELS, HAND_PROBABILITIES) == 0.75


def test_auc_of_a_constant_is_one_half():
    assert metrics.auc(HAND_LABELS, np.full(4, 0.2)) == 0.5


def test_roc_equals_scikit_learns(sample):
    false, true, _ = roc_curve(*sample, drop_intermediate=False)
    assert np.allclose(metrics.roc(*sample), (false, true))


def test_ks_equals_the_largest_gap_of_scikit_learns_roc(sample):
    false, true, _ = roc_curve(*sample, drop_intermediate=False)
    assert metrics.ks(*sample) == pytest.approx(np.max(true - false), abs=1e-12)


def test_ks_of_perfect_separation_is_one():
    assert metrics.ks(HAND_LABELS, np.array([0.1, 0.2, 0.7, 0.9])) == 1.0


def test_brier_equals_scikit_learns(sample):
    assert metrics.brier(*sample) == pytest.approx(brier_score_loss(*sample), abs=1e-12)


def test_ece_weighs_the_gap_of_each_of_ten_equal_mass_bins():
    labels = np.array([0] * 10 + [1] * 10)
    probabilities = np.array([0.1] * 10 + [0.7] * 10)
    assert metrics.ece(labels, probabilities) == pytest.approx((0.1 + 0.3) / 2)


def test_ece_bins_hold_equally_many_rows_and_every_row_once(sample):
    bins = metrics.equal_mass_bins(sample[1])
    assert [len(rows) for rows in bins] == [40] * 10
    assert sorted(np.concatenate(bins)) == list(range(400))


def test_weights_count_a_row_as_many(sample):
    labels, probabilities = sample
    weights = np.where(labels == 1, 3, 1)
    repeated = np.repeat(labels, weights), np.repeat(probabilities, weights)
    assert metrics.brier(labels, probabilities, weights) == pytest.approx(metrics.brier(*repeated))
    assert metrics.auc(labels, probabilities) == pytest.approx(metrics.auc(*repeated))


def test_weighted_ece_compares_weighted_rates_in_each_bin():
    labels = np.array([0, 1] * 10)
    probabilities = np.array([0.2] * 20)
    weights = np.where(labels == 1, 1.0, 4.0)
    assert metrics.ece(labels, probabilities, weights) == pytest.approx(0, abs=1e-12)
    assert metrics.ece(labels, probabilities) == pytest.approx(0.3)


def test_ece_works_with_fewer_rows_than_bins():
    assert metrics.ece(HAND_LABELS, HAND_LABELS.astype(float)) == 0.0


def test_the_bootstrap_interval_surrounds_the_value_and_repeats_exactly(sample):
    low, high = metrics.interval(metrics.auc, *sample)
    assert low < metrics.auc(*sample) < high
    assert metrics.interval(metrics.auc, *sample) == (low, high)
