"""The models of people and small businesses: promised figures, refused columns, fairness, the test out of time."""

import csv
import gzip
import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from backend.scoring import evaluation, fairness, metrics, model, reasons, specs, table, training
from backend.scoring.errors import LeakingFeature
from backend.scoring.modelspec import Feature

CARDS, LOANS = "uci_credit_card", "sba_loans"
BOTH = (CARDS, LOANS)
DEMO_HASHES = {
    "polish_1year": "f855f5e149da22260484e00ff9aa4b86ed3851f70d5c1fc16f15454dfbfa9e44",
    "polish_5year": "404de8f218337765bbba0ca48fcd0627775f2112d15ef985243c6729a73044ae",
}


@pytest.fixture(scope="module")
def read():
    """Training part and judged part of each specification."""
    return {name: training.split(spec, table.read(spec.data, spec)) for name, spec in known(BOTH)}


def known(names):
    return [(name, specs.find(name)) for name in names]


def stored(name):
    return json.loads((model.MODELS / f"{name}.report.json").read_bytes())


def rows(part, count):
    return [{name: float(column[row]) for name, column in part.columns.items()} for row in range(count)]


def test_revolving_credit_reaches_its_figures_out_of_fold():
    own, rivals = stored(CARDS), stored(CARDS)["rivals"]
    figures = {name: measured["value"] for name, measured in own["out_of_fold"].items()}
    assert figures["auc"] >= 0.780
    assert figures["ks"] >= 0.425
    assert figures["brier"] <= 0.1345
    assert figures["ece"] <= 0.02
    assert rivals["baseline"]["out_of_fold"]["auc"] <= figures["auc"] - 0.015
    assert rivals["scorecard"]["out_of_fold"]["auc"] >= 0.770


def test_loans_rank_years_never_seen_ahead_of_the_baseline():
    own = stored(LOANS)
    assert own["held_out"]["auc"]["value"] >= own["baseline_held_out_auc"] + 0.02
    assert own["out_of_fold"]["ece"]["value"] <= 0.02


def test_loans_are_learned_before_2002_and_judged_on_2003_and_2004(read):
    learned, judged = ({date.fromisoformat(day) for day in part.context["approval_date"]} for part in read[LOANS])
    assert max(learned) < date(2002, 1, 1)
    assert {day.year for day in judged} == {2003, 2004}
    assert not set(read[LOANS][0].keys) & set(read[LOANS][1].keys)


def test_probabilities_of_loans_are_those_of_the_population_not_of_the_sample(read):
    learned, _ = read[LOANS]
    spec = specs.find(LOANS)
    mean = np.average(model.load(LOANS).probability(learned.columns), weights=spec.weights(learned.labels))
    assert learned.labels.mean() > 0.35
    assert mean == pytest.approx(np.average(learned.labels, weights=spec.weights(learned.labels)), abs=0.01)


@pytest.mark.parametrize(
    "column",
    ["term", "disbursement_date", "disbursement_gross", "balance_gross", "chg_off_date", "chg_off_prin_gr", "default"],
)
@pytest.mark.parametrize("formula", ["", "gr_appv / {}"])
def test_what_is_known_after_the_outcome_is_refused_with_its_reason(column, formula):
    spec = specs.find(LOANS)
    asked = Feature(f"by_{column}" if formula else column, formula.format(column), 0, "loan_size", "1", "x", "x", "")
    with pytest.raises(LeakingFeature) as error:
        replace(spec, features=(*spec.features, asked))
    assert error.value.values["column"] == column
    assert error.value.values["reason"] == {**spec.forbidden, "default": "it is the label"}[column]


@pytest.mark.parametrize("column", ["SEX", "EDUCATION", "MARRIAGE", "AGE"])
def test_protected_attributes_are_refused_as_features(column):
    spec = specs.find(CARDS)
    with pytest.raises(LeakingFeature, match=f"{column} as a feature: it is a protected attribute"):
        replace(spec, features=(*spec.features, Feature(column, "", 0, "balance", "1", "x", "x", "")))


def test_protected_attributes_change_no_score(read):
    scorer, (row, *_) = model.load(CARDS), rows(read[CARDS][1], 1)
    told = [scorer.score([{**row, "SEX": sex, "AGE": age}]) for sex, age in ((0, 22), (1, 60))]
    assert told[0] == told[1] == scorer.score([row])


def test_everybody_is_in_one_group_and_the_ratio_is_lowest_over_highest(read):
    learned, _ = read[CARDS]
    for groups in specs.find(CARDS).fairness:
        compared = fairness.compare(groups, learned, np.linspace(0, 1, len(learned.labels)))
        assert sum(row["rows"] for row in compared["groups"]) == len(learned.labels)
        assert all(row["rows"] > 0 for row in compared["groups"])
        rates = [row["approved"] for row in compared["groups"]]
        assert compared["ratio"] == min(rates) / max(rates)
    assert [compared["column"] for compared in stored(CARDS)["fairness"]] == ["SEX", "AGE"]


def test_falling_further_behind_never_lowers_the_risk(read):
    scorer, draw = model.load(CARDS), np.random.default_rng(3)
    columns = read[CARDS][1].columns
    for month in ("PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6"):
        status = columns[month]
        later = np.where(status >= 0, np.minimum(status + draw.integers(1, 4, len(status)), 8), status)
        worse = scorer.probability({**columns, month: later})
        assert (worse >= scorer.probability(columns)).all(), month


@pytest.mark.parametrize("name", BOTH)
def test_every_judged_row_gets_at_most_four_reasons_of_its_own_themes(name, read):
    themes = {own.theme for own in specs.find(name).features} | {reasons.MISSING_DATA}
    for result in model.load(name).score(rows(read[name][1], 100)):
        told = [reasons.catalogue()[code].theme for code in result.reasons]
        assert 1 <= len(told) == len(set(told)) <= 4
        assert set(told) <= themes


@pytest.mark.parametrize("name", BOTH)
def test_training_twice_gives_identical_bytes(name, read):
    part = read[name][0].take(np.arange(len(read[name][0].labels)) % 5 == 0)
    spec = replace(specs.find(name), rounds=30)
    first, second = (training.train(spec, part, lambda _: None) for _ in range(2))
    assert (first.manifest, first.trees) == (second.manifest, second.trees)


def test_texts_have_codes_and_a_text_without_one_is_missing():
    spec = specs.find(LOANS)
    given = {**dict.fromkeys(spec.inputs, 1.0), "state": "MA", "bank_state": " PR", "low_doc": "Y", "rev_line_cr": "T"}
    columns = table.from_rows([given], spec)
    assert [columns[name][0] for name in ("state", "bank_state", "low_doc")] == [2, 1, 1]
    assert np.isnan(columns["rev_line_cr"][0])


def test_a_loan_scores_the_same_from_its_texts_as_from_the_file(read):
    spec = specs.find(LOANS)
    with gzip.open(spec.data, "rt", encoding="utf-8", newline="") as lines:
        line = next(row for row in csv.DictReader(lines) if row["loan_nr_chk_dgt"] == read[LOANS][1].keys[0])
    given = {name: line[name] if name in spec.codes else float(line[name]) for name in spec.inputs}
    assert model.load(LOANS).score([given]) == model.load(LOANS).score(rows(read[LOANS][1], 1))


@pytest.mark.parametrize("name", BOTH)
def test_judged_rows_evaluate_as_reported_and_ahead_of_the_baseline(name, read, tmp_path):
    spec, (_, judged) = specs.find(name), read[name]
    path, wanted = tmp_path / "judged.csv", set(judged.keys)
    with gzip.open(spec.data, "rt", newline="") as lines, path.open("w", newline="") as out:
        source = csv.DictReader(lines)
        writer = csv.DictWriter(out, source.fieldnames)
        writer.writeheader()
        writer.writerows(row for row in source if row[spec.key] in wanted)
    told = []
    measured = evaluation.evaluate(name, path, told.append).as_dict()
    own = stored(name)
    assert measured == {
        "rows": len(judged.labels),
        **{figure: pytest.approx(value["value"], abs=6e-5) for figure, value in own["held_out"].items()},
        "baseline_auc": pytest.approx(own["baseline_held_out_auc"], abs=0.005),
    }
    assert measured["auc"] >= measured["baseline_auc"] + 0.02
    assert not any("used in training" in line for line in told)


@pytest.mark.parametrize("name", specs.known())
def test_shipped_files_stay_below_a_megabyte(name):
    assert all(path.stat().st_size < 1_000_000 for path in model.MODELS.glob(f"{name}.*"))


def test_the_demos_models_are_those_it_registers():
    hashes = json.loads((model.MODELS / model.HASHES).read_bytes())
    assert {name: hashes[name] for name in DEMO_HASHES} == DEMO_HASHES


def test_the_ranking_of_revolving_credit_holds_on_held_out_clients(read):
    _, held_out = read[CARDS]
    assert metrics.auc(held_out.labels, model.load(CARDS).probability(held_out.columns)) > 0.77
