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


def test_names_are_the_columns_read():
    assert formula.names("a - b * a") == {"a", "b"}


@pytest.mark.parametrize("text", ["a ** b", "open(a)", "a.real", "1", "a if b else a", "-a"])
def test_anything_but_columns_and_the_four_operators_is_refused(text):
    with pytest.raises(ValueError, match=r"a formula may use columns and \+ - \* / only"):
        formula.evaluate(text, COLUMNS)
