"""The challenger: points as worked by hand, and the shipped cards."""

import hashlib
import json

import numpy as np
import pytest

from backend.scoring import features, model, scale, scorecard, specs, table, training
from backend.scoring.scorecard import Attribute, Scorecard

CARD = Scorecard(
    base=600,
    attributes=(
        Attribute("late", 0, edges=(1.0, 3.0), points=(40, -25, -90, 7)),
        Attribute("used", 1, edges=(0.5,), points=(12, -8, 0)),
    ),
)


@pytest.mark.parametrize(
    ("row", "points"),
    [([0, 0.2], 652), ([1, 0.5], 567), ([2.9, 0.4], 587), ([3, 9], 502), ([np.nan, 0.1], 619), ([0, np.nan], 640)],
)
def test_a_row_scores_the_base_and_the_points_of_its_bins(row, points):
    assert CARD.points(np.array([row], dtype=float)).tolist() == [points]


def test_the_probability_is_the_one_whose_score_the_points_are():
    rows = np.array([[0, 0.2], [2, 0.7], [5, 0.9]])
    assert [scale.score(scale.pd_ppm(pd)) for pd in CARD.probability(rows)] == CARD.points(rows).tolist()


def test_a_model_without_a_challenger_is_told(spec):
    with pytest.raises(ValueError, match="polish_1year has no challenger"):
        scorecard.fit(spec, np.ones((2, len(spec.features))), np.array([0, 1]))


@pytest.mark.parametrize("name", ["uci_credit_card", "sba_loans"])
def test_the_shipped_scorecard_is_registered_and_what_the_training_rows_give(name):
    spec = specs.find(name)
    part, _ = training.split(spec, table.read(spec.data, spec))
    fitted = scorecard.fit(spec, features.matrix(spec, part.columns), part.labels)
    content = (model.MODELS / f"{name}.scorecard.json").read_bytes()
    known = json.loads((model.MODELS / model.HASHES).read_bytes())
    assert training.canonical_json(fitted.as_dict()) == content
    assert hashlib.sha256(content).hexdigest() == known[f"{name}.scorecard"]
    for own, direction in ((own, spec.features[own.position].direction) for own in fitted.attributes):
        steps = np.diff(own.points[:-1])
        assert (steps * direction <= 0).all(), own.feature
