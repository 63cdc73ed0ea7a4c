"""Only the registered model makes scores, and only in its time."""

import dataclasses
import math
from datetime import date

import pytest

from backend import days
from backend.chain.rpc import Header
from backend.oracle import assessment
from backend.oracle.assessment import MODEL, Assessor
from backend.oracle.errors import ModelExpired, ModelHashDiffers, ModelNotRegistered, ModelWithdrawn
from backend.oracle.view import OracleView
from backend.records.filings import Filing
from backend.scoring import companies


def view(models: dict[int, str | None], today: date = date(2026, 12, 1)) -> OracleView:
    timestamp = days.number_of(today) * days.DAY_S
    return OracleView(Header(1, "0x", "0x", timestamp, 0), 0, 1, 2, False, models)


def test_the_registered_model_is_used():
    used = assessment.scorer()
    assessment.require_usable(view({MODEL: used.model_hash}), used)


def test_a_model_that_is_not_registered_is_refused():
    with pytest.raises(ModelNotRegistered):
        assessment.require_usable(view({}), assessment.scorer())


def test_a_retired_model_is_refused():
    with pytest.raises(ModelWithdrawn):
        assessment.require_usable(view({MODEL: None}), assessment.scorer())


def test_an_artefact_with_another_hash_is_refused_with_both():
    registered = "0x" + "11" * 32
    with pytest.raises(ModelHashDiffers) as refused:
        assessment.require_usable(view({MODEL: registered}), assessment.scorer())
    assert refused.value.values["registered"] == registered
    assert refused.value.values["shipped"] == assessment.scorer().model_hash


def test_a_model_is_used_on_its_last_day_and_not_after_it():
    used = dataclasses.replace(assessment.scorer(), expires_on=date(2026, 12, 31))
    assessment.require_usable(view({MODEL: used.model_hash}, date(2026, 12, 31)), used)
    with pytest.raises(ModelExpired, match="2027-01-01"):
        assessment.require_usable(view({MODEL: used.model_hash}, date(2027, 1, 1)), used)


def test_a_statement_kept_as_json_is_scored_as_the_company_itself():
    company = "1year-03366"
    figures = companies.figures(company)
    plain = {name: None if math.isnan(figure) else figure for name, figure in figures.items()}
    expected = assessment.scorer().score([figures])[0]
    filing = Filing(1, 7, company, plain, expected.features_hash, 0)
    assert Assessor(assessment.scorer()).scores([filing]) == {7: expected}
