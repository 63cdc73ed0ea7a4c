"""Only the registered model makes scores, and only in its time."""

import dataclasses
from datetime import date

import pytest

from backend import days
from backend.chain.rpc import Header
from backend.oracle import assessment
from backend.oracle.assessment import MODEL
from backend.oracle.errors import ModelExpired, ModelHashDiffers, ModelNotApproved, ModelNotRegistered, ModelWithdrawn
from backend.oracle.view import Model, OracleView


def view(models: dict[int, Model], today: date = date(2026, 12, 1)) -> OracleView:
    timestamp = days.number_of(today) * days.DAY_S
    return OracleView(Header(1, "0x", "0x", timestamp, 0), 0, 1, 2, False, models)


def registered(hash_: str, *, approved: bool = True, retired: bool = False) -> Model:
    return Model(hash_, approved, retired)


def test_the_registered_model_is_used():
    used = assessment.scorer()
    assessment.require_usable(view({MODEL: registered(used.model_hash)}), MODEL, used)


def test_a_model_that_is_not_registered_is_refused():
    with pytest.raises(ModelNotRegistered):
        assessment.require_usable(view({}), MODEL, assessment.scorer())


def test_a_retired_model_is_refused():
    with pytest.raises(ModelWithdrawn):
        used = assessment.scorer()
        assessment.require_usable(view({MODEL: registered(used.model_hash, retired=True)}), MODEL, used)


def test_a_model_that_no_second_officer_approved_is_refused():
    with pytest.raises(ModelNotApproved):
        used = assessment.scorer()
        assessment.require_usable(view({MODEL: registered(used.model_hash, approved=False)}), MODEL, used)


def test_an_artefact_with_another_hash_is_refused_with_both():
    other = "0x" + "11" * 32
    with pytest.raises(ModelHashDiffers) as refused:
        assessment.require_usable(view({MODEL: registered(other)}), MODEL, assessment.scorer())
    assert refused.value.values["registered"] == other
    assert refused.value.values["shipped"] == assessment.scorer().model_hash


def test_a_model_is_used_on_its_last_day_and_not_after_it():
    used = dataclasses.replace(assessment.scorer(), expires_on=date(2026, 12, 31))
    known = {MODEL: registered(used.model_hash)}
    assessment.require_usable(view(known, date(2026, 12, 31)), MODEL, used)
    with pytest.raises(ModelExpired, match="2027-01-01"):
        assessment.require_usable(view(known, date(2027, 1, 1)), MODEL, used)
