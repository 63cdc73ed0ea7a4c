from dataclasses import replace

import numpy as np
import pytest

from backend.scoring import features, reasons, specs
from backend.scoring.errors import LeakingFeature, MonotoneInputReused, UnknownSpec
from backend.scoring.modelspec import Feature
from backend.scoring.splits import HoldOut, OutOfTime


def feature(name: str, formula: str = "", direction: int = 0) -> Feature:
    return Feature(name, formula, direction, "margin", "1", name, name, "")


@pytest.mark.parametrize("name", ["uci_credit", "", "POLISH_1YEAR"])
def test_an_unknown_specification_names_the_known_ones(name):
    with pytest.raises(UnknownSpec) as error:
        specs.find(name)
    known = "polish_1year, polish_5year, uci_credit_card, sba_loans, merchant"
    assert error.value.values == {"name": name, "known": known}


@pytest.mark.parametrize("column", ["company", "Attr9", "default"])
def test_a_leaking_column_is_refused_as_a_feature(spec, column):
    with pytest.raises(LeakingFeature) as error:
        replace(spec, features=(*spec.features, feature(column)))
    assert error.value.values["column"] == column


def test_a_leaking_column_is_refused_inside_a_formula(spec):
    with pytest.raises(LeakingFeature, match="Attr9"):
        replace(spec, features=(*spec.features, feature("other_revenue", "Attr36 - Attr9")))


def test_a_protected_column_is_refused_as_a_feature(spec):
    with pytest.raises(LeakingFeature, match="protected"):
        replace(spec, protected=frozenset({"Attr1"}))


def test_an_input_with_a_promised_direction_is_refused_inside_a_formula(spec):
    with pytest.raises(MonotoneInputReused) as error:
        replace(spec, features=(*spec.features, feature("tax", "Attr18 - Attr1")))
    assert error.value.values == {"spec": "polish_1year", "column": "Attr1", "derived": "tax"}


@pytest.mark.parametrize("name", ["polish_1year", "polish_5year"])
def test_all_ratios_but_the_refused_one_are_inputs_once(name):
    expected = {f"Attr{number}" for number in range(1, 65)} - {"Attr9"}
    assert set(specs.find(name).inputs) == expected
    assert len(specs.find(name).inputs) == 63


@pytest.mark.parametrize("name", specs.known())
def test_every_feature_is_described_in_both_languages(name):
    for own in specs.find(name).features:
        assert own.name_en and own.name_zh and own.unit
        assert own.direction in (-1, 0, 1)
        assert bool(own.direction_reason) == bool(own.direction), own.id


def test_every_theme_has_its_two_reasons():
    themes = {reason.theme for reason in reasons.catalogue().values()}
    used = {own.theme for spec in specs.known().values() for own in spec.features}
    leased = {"leased_idle", "leased_fuel_use", "leased_fuel_theft"}  # told by the oracle, not by a model
    assert used | {reasons.MISSING_DATA} | leased == themes


def test_the_hold_out_takes_the_same_share_of_each_class_whatever_the_order():
    keys = [f"c{number}" for number in range(300)]
    labels = [int(number % 3 == 0) for number in range(300)]
    held = HoldOut(percent=10).select(keys, labels)
    assert held == HoldOut(percent=10).select(keys[::-1], labels[::-1])
    assert sum(int(key[1:]) % 3 == 0 for key in held) == 10
    assert len(held) == 30


def test_a_split_by_time_leaves_out_what_is_in_neither_period():
    days = ("1997-12-31", "1998-01-01", "2001-12-31", "2002-01-01", "2003-01-01", "2004-12-31", "2005-01-01", "")
    split = OutOfTime("day", training=("1998-01-01", "2002-01-01"), test=("2003-01-01", "2005-01-01"))
    learned, judged = split.masks((), (), {"day": days})
    assert learned.nonzero()[0].tolist() == [1, 2]
    assert judged.nonzero()[0].tolist() == [4, 5]


def test_columns_that_only_a_formula_reads_are_inputs_too(spec):
    wider = replace(spec, features=(feature("a"), feature("b", "max(c, a) / d")))
    assert wider.inputs == ("a", "c", "d")


def test_a_model_expires_one_year_after_training(spec):
    assert (spec.trained_on.isoformat(), spec.expires_on.isoformat()) == ("2026-11-22", "2027-11-22")


def test_derived_features_are_rounded_to_a_thousandth_of_total_assets(spec, parts):
    matrix = features.matrix(spec, parts[1].columns)
    derived = matrix[:, [bool(own.formula) for own in spec.features]]
    assert np.allclose(derived, np.round(derived, 3), rtol=0, atol=0, equal_nan=True)
    assert not np.isinf(derived).any()
