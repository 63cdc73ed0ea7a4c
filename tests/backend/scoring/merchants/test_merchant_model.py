"""The model of merchants: what it may learn from, how well it ranks, and that it says what it learned from."""

import csv
import gzip
import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from backend.scoring import evaluation, features, model, release, specs, table, training
from backend.scoring.errors import LabelImmature, LeakingFeature
from backend.scoring.merchants import population
from backend.scoring.merchants.features import LineUse, figures
from backend.scoring.modelspec import Feature
from backend.scoring.splits import NewcomersLater

NAME = "merchant"
TODAY = 20_500


@pytest.fixture(scope="module")
def spec():
    return specs.find(NAME)


@pytest.fixture(scope="module")
def rows(spec):
    return table.read(spec.data, spec)


@pytest.fixture(scope="module")
def parts(spec, rows):
    return training.split(spec, rows)


@pytest.fixture(scope="module")
def report():
    return model.load_report(NAME)


def days(part):
    return [date.fromisoformat(day) for day in part.context["day"]]


def test_no_merchant_is_in_both_parts_and_the_periods_do_not_touch(spec, parts):
    learned, judged = parts
    assert not set(learned.keys) & set(judged.keys)
    assert max(days(learned)) + timedelta(days=spec.maturity.days) < min(days(judged))
    assert len(set(learned.keys)) > 2 * len(set(judged.keys)) > 1_000


def test_in_cross_validation_a_merchant_is_in_one_fold(spec, parts):
    learned, _ = parts
    keys = np.array(learned.keys)
    tested = []
    for fit_rows, test_rows in training.folds(spec, learned):
        assert not set(keys[fit_rows]) & set(keys[test_rows])
        tested.append(test_rows)
    assert sorted(np.concatenate(tested)) == list(range(len(keys)))


def test_a_merchant_is_held_out_by_a_hash_of_its_name_alone():
    split = NewcomersLater(30, "day", training=("2024-01-01", "2025-01-01"), test=("2025-01-01", "2026-01-01"))
    keys = [f"m{number}" for number in range(2_000)] * 2
    context = {"day": ("2024-06-01",) * 2_000 + ("2025-06-01",) * 2_000}
    learned, judged = split.masks(keys, [0] * 4_000, context)
    assert not learned[2_000:].any()
    assert not judged[:2_000].any()
    assert (learned[:2_000] != judged[2_000:]).all()
    assert 0.25 < judged[2_000:].mean() < 0.35


@pytest.mark.parametrize(("after", "refused"), [(90, True), (91, False)])
def test_a_label_is_learned_from_once_its_90_days_are_over(spec, rows, after, refused):
    last = date(2026, 7, 1)
    young = replace(spec, trained_on=last + timedelta(days=after))
    if not refused:
        assert len(training.split(young, rows)[1].labels)
        return
    with pytest.raises(LabelImmature) as error:
        training.split(young, rows)
    assert error.value.values["observed"] == last.isoformat()
    assert error.value.values["matures"] == (last + timedelta(days=90)).isoformat()
    assert error.value.values["days"] == 90


@pytest.mark.parametrize("column", ["defaulted_on", "default", "day", "merchant"])
@pytest.mark.parametrize("formula", ["", "turnover_30 / {}"])
def test_what_is_known_after_the_outcome_or_names_the_row_is_refused(spec, column, formula):
    free = tuple(own for own in spec.features if own.id != "turnover_30")
    asked = Feature("asked" if formula else column, formula.format(column), 0, "ticket", "1", "x", "x", "")
    with pytest.raises(LeakingFeature) as error:
        replace(spec, features=(*free, asked))
    assert error.value.values["column"] == column


def test_training_twice_gives_identical_bytes(spec, parts):
    learned = parts[0].take(np.arange(len(parts[0].labels)) % 5 == 0)
    short = replace(spec, rounds=30)
    first, second = (training.train(short, learned, lambda _: None) for _ in range(2))
    assert (first.manifest, first.trees) == (second.manifest, second.trees)


def test_the_model_ranks_other_merchants_of_a_later_time_ahead_of_its_rivals(report):
    held_out = {name: measured["value"] for name, measured in report["held_out"].items()}
    assert held_out["auc"] >= 0.78
    assert held_out["ece"] <= 0.03
    assert report["rivals"]["baseline"]["held_out"]["auc"] <= held_out["auc"] - 0.01
    assert report["rivals"]["scorecard"]["held_out"]["auc"] <= held_out["auc"]
    assert report["out_of_fold"]["ece"]["value"] <= 0.02


def test_artefact_and_card_say_that_the_population_is_synthetic(spec):
    manifest = json.loads((model.MODELS / f"{NAME}.json").read_bytes())
    assert manifest["notice"] == spec.notice
    assert all("synthetic population" in text for text in spec.notice.values())
    assert "synthetic population" in (release.CARDS / f"{NAME}.md").read_text(encoding="utf-8").splitlines()[4]


@pytest.mark.parametrize("number", range(6))
def test_a_shop_scores_from_its_records_alike_alone_and_in_a_batch(number):
    scorer = model.load(NAME)
    use = LineUse(2_000, 10_000)
    known = figures(population.records(1, number, TODAY - 500, TODAY), (TODAY + 1) * 86_400, use)
    (alone,) = scorer.score([known])
    matrix = np.array([[known[own.id] for own in scorer.spec.features]] * 3)
    batch = scorer.batch(matrix)
    assert set(batch.score.tolist()) == {alone.score}
    assert set(batch.pd_ppm.tolist()) == {alone.pd_ppm}
    assert {tuple(code for code in codes if code) for codes in batch.reasons.tolist()} == {alone.reasons}
    assert alone.features_hash == features.snapshot_hash(scorer.spec, known)


def test_drawing_the_whole_line_and_falling_behind_elsewhere_only_lower_the_score():
    scorer = model.load(NAME)
    known = figures(population.records(1, 21, TODAY - 700, TODAY), (TODAY + 1) * 86_400, LineUse(0, 100))
    best = scorer.score([known])[0].score
    drawn = scorer.score([{**known, "utilisation": 1.0}])[0].score
    behind = scorer.score([{**known, "arrears_now": 45.0, "arrears_worst": 45.0}])[0].score
    assert drawn <= best
    assert behind < best - 30


def test_later_rows_of_other_merchants_evaluate_as_reported_and_learned_ones_are_called_so(
    spec, parts, report, tmp_path
):
    _, judged = parts
    kept = set(zip(judged.keys, judged.context["day"], strict=True))
    told, files = [], {}
    for name, wanted in (("judged", lambda key: key in kept), ("all", lambda _: True)):
        files[name] = tmp_path / f"{name}.csv"
        with gzip.open(spec.data, "rt", newline="") as lines, files[name].open("w", newline="") as out:
            source = csv.DictReader(lines)
            writer = csv.DictWriter(out, source.fieldnames)
            writer.writeheader()
            writer.writerows(row for row in source if wanted((row["merchant"], row["day"])))
    measured = evaluation.evaluate(NAME, files["judged"], told.append).as_dict()
    assert measured["rows"] == len(judged.labels)
    for figure, own in report["held_out"].items():
        assert measured[figure] == pytest.approx(own["value"], abs=6e-5)
    assert measured["auc"] >= measured["baseline_auc"] + 0.01
    assert not any("used in training" in line for line in told)
    evaluation.evaluate(NAME, files["all"], told.append)
    assert any("used in training" in line for line in told)
