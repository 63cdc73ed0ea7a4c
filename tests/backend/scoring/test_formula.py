import numpy as np
import pytest

from backend.scoring import formula

COLUMNS = {"a": np.array([6.0, 1.0, np.nan]), "b": np.array([3.0, 0.0, 1.0])}


@pytest.mark.parametrize(
    ("text", "first"), [("a + b", 9), ("a - b", 3), ("a * b", 18), ("a / b", 2), ("a - b * b", -3), ("(a - b) * b", 9)]
)
def test_arithmetic_follows_the_usual_precedence(text, first):
    assert formula.evaluate(text, COLUMNS)[0] == first


def test_a_result_that_does_not_exist_is_missing():
    assert np.isnan(formula.evaluate("a / b", COLUMNS)[1:]).all()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("max(a, b, 4)", [6, 4, np.nan]),
        ("min(a, 2)", [2, 1, np.nan]),
        ("mean(a, b)", [4.5, 0.5, np.nan]),
        ("floor(a / 4)", [1, 0, np.nan]),
        ("equal(a, 1)", [0, 1, np.nan]),
        ("known(b)", [3, np.nan, 1]),
    ],
)
def test_functions_work_by_row_and_keep_what_is_missing_missing(text, values):
    assert np.array_equal(formula.evaluate(text, COLUMNS), values, equal_nan=True)


def test_names_are_the_columns_read():
    assert formula.names("a - max(b, 2) * a") == {"a", "b"}


@pytest.mark.parametrize(
    "text", ["a ** b", "open(a)", "a.real", "True", "'a'", "max", "max(a, key=b)", "a if b else a", "-a"]
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match=r"a formula may use columns, numbers, \+ - \* / and max, "):
        formula.evaluate(text, COLUMNS)
