import inspect
import string

import pytest

from backend.federation import errors

NAMED = [
    error
    for _, error in inspect.getmembers(errors, inspect.isclass)
    if issubclass(error, errors.FederationError) and error is not errors.FederationError
]


@pytest.mark.parametrize("error", NAMED, ids=lambda error: error.__name__)
def test_both_languages_tell_the_same_values(error):
    def fields(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert fields(error.notice_en) == fields(error.notice_zh)


@pytest.mark.parametrize("error", NAMED, ids=lambda error: error.__name__)
def test_every_error_stands_in_the_tree_of_the_module(error):
    assert error.__name__ in errors.__doc__
