"""Whether a model still fits those it is used on."""

import csv
import gzip
import json
import math
import subprocess
import sys

import numpy as np
import pytest

from backend.scoring import features, metrics, model, monitoring, scale, specs, table, training, watch
from backend.scoring.errors import ModelTampered
from backend.scoring.merchants import cohort
from backend.scoring.modelspec import ROOT
from backend.scoring.monitoring import Drift, Verdict

NAME = "merchant"


@pytest.fixture(scope="module")
def shipped():
    return model.load(NAME)


@pytest.fixture(scope="module")
def learned(shipped):
    return training.split(shipped.spec, table.read(shipped.spec.data, shipped.spec))[0]


@pytest.fixture(scope="module")
def then():
    return monitoring.parse(model.load_reference(NAME))


def changed(columns, **functions):
    return {name: functions.get(name, lambda own: own)(column) for name, column in columns.items()}


def test_the_index_of_equal_distributions_is_zero_and_of_a_known_pair_as_worked_by_hand():
    assert monitoring.stability_index((0.2, 0.8), (0.2, 0.8)) == 0
    by_hand = (0.4 - 0.2) * math.log(2) + (0.6 - 0.8) * math.log(0.75)
    assert monitoring.stability_index((0.2, 0.8), (0.4, 0.6)) == pytest.approx(by_hand)


def test_an_empty_bin_gives_a_large_and_finite_index():
    assert 1 < monitoring.stability_index((0.5, 0.5), (1.0, 0.0)) < 10


@pytest.mark.parametrize(
    ("index", "verdict"),
    [
        (0.0999, Verdict.STABLE),
        (0.1, Verdict.SHIFTED),
        (0.2499, Verdict.SHIFTED),
        (0.25, Verdict.DRIFTED),
    ],
)
def test_an_index_is_put_in_words(index, verdict):
    assert Drift("score", index).verdict is verdict
    assert all(monitoring.ADVICE[verdict])


@pytest.mark.parametrize("name", specs.known())
def test_the_shipped_reference_is_what_the_training_rows_give_and_they_do_not_drift_from_it(name):
    scorer, stored = model.load(name), model.load_reference(name)
    part, _ = training.split(scorer.spec, table.read(scorer.spec.data, scorer.spec))
    assert (stored["model_hash"], stored["rows"]) == (scorer.model_hash, len(part.labels))
    reference = monitoring.parse(stored)
    assert reference == monitoring.reference(scorer, part.columns)
    drifts = monitoring.drift(scorer, reference, part.columns)
    assert drifts[0].name == monitoring.SCORE
    assert {own.name for own in drifts} == {monitoring.SCORE, *(own.id for own in scorer.spec.features)}
    assert all(own.index < 1e-9 for own in drifts)


def test_a_figure_that_moved_is_found_and_so_is_the_score(shipped, learned, then):
    worse = changed(learned.columns, arrears_now=lambda own: own + 40, growth_30=lambda own: own * 0.3)
    drifts = {own.name: own for own in monitoring.drift(shipped, then, worse)}
    assert drifts["arrears_now"].verdict is Verdict.DRIFTED
    assert drifts["growth_30"].verdict is Verdict.DRIFTED
    assert drifts[monitoring.SCORE].verdict is Verdict.DRIFTED
    assert drifts["tenure"].verdict is Verdict.STABLE


def test_a_figure_that_is_no_longer_reported_drifts(shipped, learned, then):
    silent = changed(learned.columns, rating_level=lambda own: np.full(len(own), math.nan))
    assert {own.name: own for own in monitoring.drift(shipped, then, silent)}["rating_level"].verdict is Verdict.DRIFTED


def test_calibration_by_grade_counts_rows_with_a_known_outcome_only():
    probabilities = np.repeat([0.02, 0.3], 500)
    outcomes = np.array([0.0] * 490 + [1.0] * 10 + [math.nan] * 100 + [0.0] * 100 + [1.0] * 300)
    first, second = monitoring.calibration(probabilities, outcomes)
    assert (first.grade, first.rows, first.defaults, first.expected) == ("A", 500, 10, pytest.approx(0.02))
    assert (second.grade, second.rows, second.defaults) == (scale.grade(scale.score(300_000)), 400, 300)
    assert first.fits
    assert not second.fits
    assert second.low < 0.75 < second.high


def test_the_interval_of_a_share_is_wilsons():
    assert monitoring.wilson(0, 20) == (pytest.approx(0.0), pytest.approx(0.1611, abs=1e-4))
    assert monitoring.wilson(10, 20) == (pytest.approx(0.2993, abs=1e-4), pytest.approx(0.7007, abs=1e-4))


def test_without_known_outcomes_there_is_no_calibration_and_no_quality(shipped, learned):
    unknown = np.full(len(learned.labels), math.nan)
    assert monitoring.calibration(shipped.probability(learned.columns), unknown) == []
    beside = monitoring.shadow(shipped, model.load_challenger(NAME), learned.columns, unknown)
    assert (beside["champion"], beside["challenger"]) == (None, None)


def test_the_challenger_is_scored_beside_and_changes_no_score(shipped, learned):
    before = shipped.probability(learned.columns)
    challenger = model.load_challenger(NAME)
    beside = monitoring.shadow(shipped, challenger, learned.columns, learned.labels.astype(float))
    assert (shipped.probability(learned.columns) == before).all()
    rival = challenger.probability(features.matrix(shipped.spec, learned.columns))
    assert beside["challenger"]["auc"] == pytest.approx(metrics.auc(learned.labels, rival))
    assert beside["champion"]["auc"] == pytest.approx(metrics.auc(learned.labels, before))
    assert 0.5 < beside["same_grade"] < 1
    assert beside["mean_distance"] >= abs(beside["mean_difference"])


@pytest.mark.parametrize(("load", "part"), [(model.load_challenger, "scorecard"), (model.load_reference, "reference")])
def test_a_part_that_was_changed_is_refused(load, part, tmp_path):
    for file in (model.HASHES, f"{NAME}.{part}.json"):
        (tmp_path / file).write_bytes((model.MODELS / file).read_bytes())
    load(NAME, tmp_path)
    path = tmp_path / f"{NAME}.{part}.json"
    path.write_text(path.read_text().replace("1", "2", 1))
    with pytest.raises(ModelTampered):
        load(NAME, tmp_path)


@pytest.fixture
def recent(tmp_path):
    """Rows of 2026; every second outcome is not known yet."""
    path = tmp_path / "recent.csv"
    with gzip.open(cohort.OBSERVATIONS, "rt", newline="") as lines, path.open("w", newline="") as out:
        rows = csv.DictReader(lines)
        writer = csv.DictWriter(out, rows.fieldnames)
        writer.writeheader()
        for number, row in enumerate(own for own in rows if own["day"] >= "2026"):
            writer.writerow({**row, "default": "" if number % 2 else row["default"]})
    return path


def test_rows_of_a_file_are_watched_with_and_without_outcomes(recent):
    seen = watch.watch(NAME, recent)
    known = sum(own["rows"] for own in seen["calibration"])
    assert 2 * known == pytest.approx(seen["rows"], abs=1)
    assert seen["drift"][monitoring.SCORE]["verdict"] == "stable"
    # In 2026 fewer merchants are observed for the first time, before they have a line.
    assert seen["drift"]["utilisation"]["verdict"] == seen["verdict"] == "shifted"
    assert seen["advice"]["en"] in watch.lines(seen)[0]


def test_the_command_ends_with_one_json_line(recent):
    done = subprocess.run(
        [sys.executable, "-m", "backend.scoring", "monitor", "--spec", NAME, "--data", str(recent)],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert set(told) == {
        "spec", "model_hash", "rows", "verdict", "advice", "drift", "calibration", "shadow"
    }  # fmt: skip
    assert told["advice"] == {"en": "find out what changed", "zh": "查明变化原因"}
