import math

import pytest

from backend.scoring import companies
from backend.scoring.errors import CompanyInTraining, UnknownCompany


@pytest.fixture(scope="module")
def cast(scorer):
    return companies.cast(scorer)


def score(scorer, company):
    return scorer.score([companies.figures(company)])[0].score


def test_the_cast_has_three_strong_two_medium_one_weak_company_and_one_that_goes_bad(cast):
    assert [member.role for member in cast] == ["strong"] * 3 + ["medium"] * 2 + ["weak", "goes bad"]


def test_each_company_scores_as_its_role_says(scorer, cast):
    bands = {"strong": range(700, 851), "medium": range(600, 700), "weak": range(300, 500)}
    for member in cast[:-1]:
        (filing,) = member.filings
        assert score(scorer, filing) in bands[member.role]


def test_the_company_that_goes_bad_falls_from_strong_to_below_every_grade_but_f(scorer, cast):
    first, later = cast[-1].filings
    assert score(scorer, first) >= 700
    assert score(scorer, later) < 500


def test_every_filing_is_another_real_company_that_was_held_out(cast, parts):
    filings = [filing for member in cast for filing in member.filings]
    assert len(filings) == len(set(filings)) == 8
    assert set(filings) <= set(parts[1].keys)
    assert not set(filings) & set(parts[0].keys)


def test_the_bad_filing_is_of_a_company_that_went_bankrupt(cast, parts):
    _, held_out = parts
    labels = dict(zip(held_out.keys, held_out.labels, strict=True))
    assert [labels[filing] for filing in cast[-1].filings] == [0, 1]


def test_the_same_model_gives_the_same_cast(scorer, cast):
    assert companies.cast(scorer) == cast


def test_figures_are_those_of_the_file(spec, parts):
    _, held_out = parts
    row = companies.figures(held_out.keys[5])
    assert set(row) == set(spec.inputs)
    assert all(row[name] == held_out.columns[name][5] or math.isnan(row[name]) for name in spec.inputs)


def test_a_company_used_in_training_is_refused(parts):
    with pytest.raises(CompanyInTraining, match=parts[0].keys[0]):
        companies.figures(parts[0].keys[0])


def test_an_unknown_company_is_refused():
    with pytest.raises(UnknownCompany, match=r"1year-99999 in 1year\.csv\.gz"):
        companies.figures("1year-99999")
