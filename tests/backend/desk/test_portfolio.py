"""Ages of arrears, non-performing loans, approval rates: to the day and to the basis point."""

import re
from pathlib import Path
from typing import Any

import pytest

from backend.api.desk_schemas import BusinessFigures, Operations
from backend.desk import portfolio

TODAY = 20_800
DOCUMENT = Path(__file__).parents[3] / "docs" / "operations.md"


def loan(amount: int = 100, late: int | None = None, bad: bool = False) -> dict[str, Any]:
    return {"product": "Lease", "amount": amount, "since": None if late is None else TODAY - late, "bad": bad}


@pytest.mark.parametrize(
    ("late", "bucket"),
    [
        (None, "current"),
        (-5, "current"),
        (0, "current"),
        (1, "1-30"),
        (30, "1-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "over-90"),
        (4_000, "over-90"),
    ],
)
def test_a_loan_is_as_old_as_its_oldest_unpaid_part(late: int | None, bucket: str):
    held = {item["bucket"]: item for item in portfolio.standing([loan(7, late)], TODAY)["overdue"]}
    assert (held[bucket]["amount"], held[bucket]["loans"]) == (7, 1)
    assert sum(item["amount"] for item in held.values()) == 7


def test_a_loan_is_non_performing_from_the_91st_day_or_in_default():
    assert [portfolio.is_non_performing(loan(late=late), TODAY) for late in (90, 91)] == [False, True]
    assert portfolio.is_non_performing(loan(bad=True), TODAY)


def test_the_ratio_of_non_performing_loans_is_rounded_up():
    standing = portfolio.standing([loan(29_999), loan(1, late=91)], TODAY)
    assert (standing["non_performing"], standing["npl_ratio_bps"]) == (1, 1)
    assert portfolio.standing([loan(1, bad=True)], TODAY)["npl_ratio_bps"] == 10_000


def test_without_loans_there_is_no_ratio():
    standing = portfolio.standing([loan(0, bad=True)], TODAY)
    assert (standing["outstanding"], standing["npl_ratio_bps"]) == (0, None)
    assert sum(item["loans"] for item in standing["overdue"]) == 0


def test_the_approval_rate_is_rounded_down():
    assert portfolio.approvals(2, 1)["approval_rate_bps"] == 6_666
    assert portfolio.approvals(0, 0) == {
        "applications": 0,
        "approvals": 0,
        "refusals": 0,
        "approval_rate_bps": None,
    }


def test_a_series_ends_today_and_has_a_figure_for_each_of_90_days():
    flows = [{"day": TODAY - 90, "disbursed": 1}, {"day": TODAY - 89, "disbursed": 2}, {"day": TODAY, "disbursed": 3}]
    series = portfolio.series(flows, TODAY)
    assert (len(series), series[0], series[-1]) == (
        90,
        {"day": TODAY - 89, "amount": 2},
        {"day": TODAY, "amount": 3},
    )
    assert sum(item["amount"] for item in series) == 5


def test_every_figure_is_explained_in_both_languages_and_in_the_document():
    explained = portfolio.texts()["explanations"]
    figures = {*BusinessFigures.model_fields, "funnel", "lanes", "signers", "alarms", "nps"}
    assert set(explained) == {_camel(name) for name in figures}
    assert {"lanes", "signers", "alarms", "nps"} <= set(Operations.model_fields)
    documented = set(re.findall(r"^\| `(\w+)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE))
    assert set(explained) <= documented
    for text in explained.values():
        assert text["en"].endswith(".") and text["zh"].endswith("。")


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
