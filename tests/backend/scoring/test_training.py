import json
from dataclasses import replace

import numpy as np
import pytest

from backend.scoring import calibration, card, metrics, model, release, specs, training


@pytest.fixture(scope="module")
def small(spec, parts):
    """Every fifth training company and a short model: the same path as the real thing in a second."""
    part = parts[0].take(np.arange(len(parts[0].labels)) % 5 == 0)
    return replace(spec, rounds=40), part


def test_training_twice_gives_identical_bytes(small):
    first, second = (training.train(*small, progress=lambda _: None) for _ in range(2))
    assert first.manifest == second.manifest
    assert first.trees == second.trees


def test_other_data_gives_another_model(small):
    spec, part = small
    other = part.take(np.arange(len(part.labels)) > 0)
    models = [training.train(spec, rows, lambda _: None) for rows in (part, other)]
    assert models[0].trees != models[1].trees
    assert models[0].manifest != models[1].manifest


def test_a_released_model_loads_and_its_register_keeps_the_other_models(small, tmp_path):
    trained = training.train(*small, progress=lambda _: None)
    (tmp_path / model.HASHES).write_text('{"polish_5year": "ab"}')
    model_hash = release.write_model("polish_1year", trained, tmp_path)
    assert model.load("polish_1year", tmp_path).model_hash == model_hash
    assert json.loads((tmp_path / model.HASHES).read_text())["polish_5year"] == "ab"


@pytest.mark.parametrize("name", specs.known())
def test_the_shipped_model_was_trained_with_this_specification_on_these_files(name):
    spec = specs.find(name)
    manifest = json.loads((model.MODELS / f"{name}.json").read_bytes())
    assert manifest["parameters"] == spec.parameters
    assert manifest["rounds"] == spec.rounds
    assert manifest["data_sha256"] == training.data_hashes(spec)
    assert manifest["expires_on"] == spec.expires_on.isoformat()


def test_the_hold_out_is_a_tenth_of_each_class_and_shares_no_company_with_training(parts):
    training_part, held_out = parts
    assert not set(training_part.keys) & set(held_out.keys)
    assert (len(held_out.labels), held_out.labels.sum()) == (553, 22)
    assert (len(training_part.labels), training_part.labels.sum()) == (4988, 207)


def test_every_training_row_is_judged_by_a_model_that_never_saw_it(spec, parts):
    labels = parts[0].labels
    tested = [test for fit, test in training.folds(spec, parts[0]) if not set(fit) & set(test)]
    assert sorted(np.concatenate(tested)) == list(range(len(labels)))


def test_calibration_recovers_the_probabilities_behind_distorted_margins():
    draw = np.random.default_rng(7)
    true_margins = draw.normal(-2, 1.5, 40_000)
    labels = (draw.random(40_000) < 1 / (1 + np.exp(-true_margins))).astype(int)
    fitted = calibration.fit((true_margins - 1) * 2, labels, np.ones(40_000))
    assert (fitted.intercept, fitted.slope) == (pytest.approx(1, abs=0.06), pytest.approx(0.5, abs=0.02))
    assert metrics.ece(labels, fitted.probability((true_margins - 1) * 2)) < 0.01


@pytest.mark.parametrize("name", specs.known())
def test_the_model_card_and_its_picture_are_what_the_stored_figures_give(name):
    for file, text in card.render(name, model.MODELS).items():
        assert (release.CARDS / file).read_text(encoding="utf-8") == text, (
            f"run: python -m backend.scoring train --spec {name}"
        )


@pytest.mark.parametrize("name", specs.known())
def test_the_report_belongs_to_the_shipped_model(name):
    stored = json.loads((model.MODELS / f"{name}.report.json").read_bytes())
    assert stored["model_hash"] == model.load(name).model_hash
    assert set(stored["monotone"].values()) == {0}
