import json
import math
import shutil
from dataclasses import replace

import numpy as np
import pytest

from backend.scoring import companies, features, metrics, model, reasons, report, scale, specs, table, training
from backend.scoring.errors import ModelMissing, ModelTampered, UnknownSpec

PARTS = ("hashes.json", "polish_1year.json", "polish_1year.trees.txt")


@pytest.fixture
def copied(tmp_path):
    """A copy of the shipped model to damage."""
    for file in PARTS:
        shutil.copy(model.MODELS / file, tmp_path)
    return tmp_path


def held_out_rows(parts, count=200):
    _, held_out = parts
    return [{name: float(column[row]) for name, column in held_out.columns.items()} for row in range(count)]


def test_an_undamaged_copy_loads_with_the_registered_hash(copied, scorer):
    assert model.load("polish_1year", copied).model_hash == scorer.model_hash
    assert scorer.model_hash == "0x" + json.loads((model.MODELS / "hashes.json").read_text())["polish_1year"]


@pytest.mark.parametrize("file", ["polish_1year.json", "polish_1year.trees.txt"])
def test_a_model_changed_by_one_character_is_refused(copied, file):
    path = copied / file
    content = path.read_text()
    path.write_text(content.replace("1", "2", 1))
    with pytest.raises(ModelTampered) as error:
        model.load("polish_1year", copied)
    assert error.value.values["path"] == file
    assert error.value.values["actual"] != error.value.values["expected"]


def test_a_model_that_is_not_registered_is_refused(copied):
    (copied / "hashes.json").write_text("{}")
    with pytest.raises(ModelTampered, match="expected none"):
        model.load("polish_1year", copied)


@pytest.mark.parametrize("file", PARTS)
def test_a_model_with_a_missing_file_names_the_file(copied, file):
    (copied / file).unlink()
    with pytest.raises(ModelMissing) as error:
        model.load("polish_1year", copied)
    assert error.value.values["path"] == file


def test_a_model_trained_on_other_features_than_the_specification_is_refused(copied, monkeypatch, spec):
    monkeypatch.setattr(specs, "find", lambda _: replace(spec, features=spec.features[:-1]))
    with pytest.raises(ModelTampered, match="other_operating"):
        model.load("polish_1year", copied)


def test_an_unknown_model_names_the_known_ones():
    with pytest.raises(UnknownSpec, match="polish_1year, polish_5year"):
        model.load("sba_loans_2")


def test_rows_score_the_same_alone_and_together(scorer, parts):
    rows = held_out_rows(parts, 30)
    assert [scorer.score([row])[0] for row in rows] == scorer.score(rows)


def test_no_rows_give_no_scores(scorer):
    assert scorer.score([]) == []


def test_a_score_follows_from_its_probability(scorer, parts):
    _, held_out = parts
    results = scorer.score(held_out_rows(parts))
    probabilities = scorer.probability(held_out.columns)[: len(results)]
    assert [result.pd_ppm for result in results] == [scale.pd_ppm(pd) for pd in probabilities]
    assert [result.score for result in results] == [scale.score(result.pd_ppm) for result in results]


def test_a_company_without_any_figure_still_gets_a_score_and_says_why(scorer, spec):
    (result,) = scorer.score([dict.fromkeys(spec.inputs)])
    assert {reasons.catalogue()[code].theme for code in result.reasons} == {reasons.MISSING_DATA}


def test_reasons_are_at_most_four_distinct_themes_of_the_fixed_list(scorer, parts):
    for result in scorer.score(held_out_rows(parts)):
        themes = [reasons.catalogue()[code].theme for code in result.reasons]
        assert 1 <= len(themes) == len(set(themes)) <= 4


def test_reasons_add_up_to_the_distance_from_the_average_company(scorer, parts):
    matrix = features.matrix(scorer.spec, parts[1].columns)
    margins = scorer.calibration.slope * np.asarray(scorer.trees.predict(matrix, raw_score=True))
    rest = margins - scorer.contributions(matrix).sum(axis=1)
    assert np.allclose(rest, rest[0], atol=1e-6)


def test_the_strongest_theme_comes_first_and_small_ones_are_left_out(spec):
    contributions = np.zeros(len(spec.features))
    position = {own.id: number for number, own in enumerate(spec.features)}
    contributions[position["Attr4"]] = -0.5  # liquidity
    contributions[position["Attr1"]] = 0.4  # profitability, with the next one
    contributions[position["Attr7"]] = 0.4
    contributions[position["Attr21"]] = 0.013  # growth: less than one point of 1/72.1348
    values = np.ones((2, len(spec.features)))
    values[1, position["Attr4"]] = math.nan
    assert reasons.top(spec, values, np.array([contributions] * 2)).tolist() == [[1, 6, 0, 0], [1, 20, 0, 0]]


def test_reason_codes_are_one_byte_and_told_in_both_languages():
    codes = reasons.catalogue()
    assert sorted(codes) == list(range(1, len(codes) + 1))
    assert len(codes) <= 255
    assert (codes[1].theme, codes[20].theme, codes[21].theme) == ("profitability", "missing_data", "past_due")
    assert all(reason.en and reason.zh for reason in codes.values())


def test_what_lowered_a_score_comes_with_what_would_improve_it_in_both_languages():
    for reason in reasons.catalogue().values():
        assert bool(reason.improve_en) == bool(reason.improve_zh) == reason.raises_risk, reason.theme


def test_the_snapshot_hash_depends_on_every_input_and_on_nothing_else(spec):
    row = dict.fromkeys(spec.inputs, 0.25)
    original = features.snapshot_hash(spec, row)
    assert features.snapshot_hash(spec, dict(reversed(row.items())) | {"note": 1.0}) == original
    assert features.snapshot_hash(spec, row | {"Attr1": -0.0}) == features.snapshot_hash(spec, row | {"Attr1": 0.0})
    changed = [features.snapshot_hash(spec, row | {name: value}) for name in spec.inputs for value in (0.5, math.nan)]
    assert len({original, *changed}) == 1 + 2 * len(spec.inputs)


def test_the_snapshot_hash_of_a_real_company_is_the_one_computed_from_its_line_of_the_file(scorer):
    (result,) = scorer.score([companies.figures("1year-04106")])
    assert result.features_hash == "0x971e7b5a038a346e184d1bd4faa7728446484a47cbb28916d70c47fd601c9c8f"


@pytest.mark.parametrize("name", specs.known())
def test_no_move_of_a_feature_against_its_direction_changes_the_risk_the_wrong_way(name):
    own = specs.find(name)
    _, held_out = training.split(own, table.read(own.data, own))
    shipped = model.load(name)
    promised = [feature.id for feature in own.features if feature.direction]
    assert promised
    assert {feature: report.monotone_violations(shipped, held_out, feature) for feature in promised} == dict.fromkeys(
        promised, 0
    )


def test_moves_of_a_free_feature_do_go_both_ways(scorer, parts, spec):
    bent = replace(scorer, spec=replace(spec, features=tuple(
        replace(own, direction=1) if own.id == "Attr29" else own for own in spec.features
    )))  # fmt: skip
    assert report.monotone_violations(bent, parts[1], "Attr29") > 0


@pytest.mark.parametrize(("name", "floor"), [("polish_1year", 0.94), ("polish_5year", 0.94)])
def test_the_shipped_model_ranks_held_out_companies(name, floor):
    own = specs.find(name)
    _, held_out = training.split(own, table.read(own.data, own))
    assert metrics.auc(held_out.labels, model.load(name).probability(held_out.columns)) > floor


@pytest.mark.parametrize(("name", "floor"), [("polish_1year", 0.958), ("polish_5year", 0.954)])
def test_the_cross_validated_auc_is_as_promised(name, floor):
    stored = json.loads((model.MODELS / f"{name}.report.json").read_bytes())
    assert stored["mean_fold_auc"] >= floor
    assert stored["out_of_fold"]["auc"]["value"] >= floor - 0.003
    assert stored["out_of_fold"]["ece"]["value"] <= 0.02
