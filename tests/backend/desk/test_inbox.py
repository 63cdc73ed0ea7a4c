"""What needs somebody now: every rule to the day, the most urgent first, in both languages."""

import re
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from backend import days
from backend.desk import inbox, sentences
from backend.desk.inbox import Bank, Desk, Item, Severity

TODAY = 20_780
NOW = days.start_of(TODAY) + 3_600
DAY = days.DAY_S
DEBTOR, SELLER, MERCHANT, LESSOR, LESSEE = 1, 2, 8, 9, 10
DOCUMENT = Path(__file__).parents[3] / "docs" / "operations.md"
URGENT, SOON, OPEN, HINT = Severity


def party(number: int = MERCHANT, **changes: Any) -> dict[str, Any]:
    return {"party": number, "valid_until": NOW + 400 * DAY, "frozen": False, "scored": False} | changes


def claim(due: int = TODAY + 60, **changes: Any) -> dict[str, Any]:
    return {"id": 17, "creditor": SELLER, "face": 9_000, "outstanding": 7_000, "due_day": due} | changes


def financing(**changes: Any) -> dict[str, Any]:
    row = {"receivable": 17, "status": "Active", "seller": SELLER, "due_day": TODAY + 5, "outstanding": 6_300}
    return row | {"cure_through_day": None} | changes


def line(**changes: Any) -> dict[str, Any]:
    row = {"party": MERCHANT, "status": "Open", "billed": 0, "overdue": 0, "due_day": None, "cure_through_day": None}
    return row | changes


def lease(status: str = "Active", **changes: Any) -> dict[str, Any]:
    row = {"lease": 3, "status": status, "lessor": LESSOR, "lessee": LESSEE, "deposit": 6_000, "due_day": None}
    row |= {"charged": 0, "due_charged": 0, "credited": 0, "paid": 0, "cure_through_day": None, "return_day": None}
    return row | changes


def score(**changes: Any) -> dict[str, Any]:
    return {"value": 700, "valid_until": NOW + 30 * DAY, "consented": True, "held": False} | changes


def needs(who: int = MERCHANT, **rows: Any) -> list[tuple[Any, ...]]:
    """Kind, severity, due day and amount of every item of a party."""
    desk = Desk(**{"party": party(who)} | rows)
    return [(item.kind, item.severity, item.due, item.amount) for item in inbox.of_party(desk, NOW)]


def waits(**rows: Any) -> list[tuple[Any, ...]]:
    """The same for the bank, with the subject's number."""
    return [(item.kind, item.severity, item.id) for item in inbox.of_bank(Bank(**rows), NOW)]


def test_a_party_that_nothing_concerns_has_an_empty_inbox():
    assert needs() == []
    assert waits() == []


# Receivables


def test_a_registered_receivable_waits_for_its_debtor():
    assert needs(DEBTOR, to_confirm=[claim()]) == [("confirm_receivable", OPEN, TODAY + 60, 9_000)]


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (15, None),
        (14, ("settle_receivable", OPEN)),
        (4, ("settle_receivable", OPEN)),
        (3, ("settle_receivable", SOON)),
        (0, ("settle_receivable", SOON)),
        (-1, ("settle_overdue", URGENT)),
    ],
)
def test_what_a_debtor_owes_is_told_from_two_weeks_before_its_day(ahead: int, expected: tuple[str, Severity] | None):
    found = needs(DEBTOR, to_settle=[claim(TODAY + ahead)])
    assert found == ([(*expected, TODAY + ahead, 7_000)] if expected else [])


def test_a_holder_is_told_what_can_be_financed_and_what_is_disputed():
    found = needs(SELLER, to_finance=[claim()], disputed=[claim(id=18)])
    assert found == [("settle_dispute", OPEN, None, 7_000), ("finance_receivable", HINT, None, 7_000)]


def test_a_seller_with_recourse_hears_of_the_debtors_delay_on_the_day_after():
    for due, kinds in ((TODAY, []), (TODAY - 1, ["financing_overdue"])):
        assert [kind for kind, *_ in needs(SELLER, financings=[financing(due_day=due)])] == kinds
    assert needs(DEBTOR, financings=[financing(due_day=TODAY - 1)]) == []


def test_a_notice_tells_debtor_and_seller_how_many_days_are_left():
    noticed = financing(status="Overdue", due_day=TODAY - 20, cure_through_day=TODAY + 4)
    for who in (DEBTOR, SELLER):
        assert needs(who, financings=[noticed]) == [("cure_financing", URGENT, TODAY + 4, 6_300)]
    (item,) = inbox.of_party(Desk(party(DEBTOR), financings=[noticed]), NOW)
    assert "(5 days left)" in item.text["en"]
    assert "剩余 5 天" in item.text["zh"]
    assert needs(DEBTOR, financings=[noticed | {"status": "Defaulted"}])[0][0] == "financing_defaulted"


# Lines


@pytest.mark.parametrize(("ahead", "severity"), [(14, OPEN), (3, SOON), (0, SOON)])
def test_a_statement_is_told_before_its_day(ahead: int, severity: Severity):
    due = TODAY + ahead
    assert needs(line=line(billed=500, due_day=due)) == [("pay_statement", severity, due, 500)]


def test_a_statement_that_is_far_or_paid_is_not_told():
    assert needs(line=line(billed=500, due_day=TODAY + 15)) == []
    assert needs(line=line(billed=0, due_day=TODAY + 1)) == []


def test_a_statement_whose_day_is_over_is_overdue_though_no_event_said_so():
    assert needs(line=line(billed=500, due_day=TODAY - 1)) == [("statement_overdue", URGENT, TODAY - 1, 500)]


def test_what_is_overdue_and_what_is_due_anew_are_told_apart():
    found = needs(line=line(status="Delinquent", billed=500, overdue=200, due_day=TODAY + 2))
    assert found == [("statement_overdue", URGENT, TODAY + 2, 200), ("pay_statement", SOON, TODAY + 2, 300)]


def test_notice_and_default_of_a_line_stand_for_its_arrears():
    noticed = line(status="Delinquent", billed=500, overdue=500, cure_through_day=TODAY + 9)
    assert needs(line=noticed) == [("cure_line", URGENT, TODAY + 9, 500)]
    for status in ("Defaulted", "WrittenOff"):
        assert needs(line=noticed | {"status": status}) == [("line_defaulted", URGENT, None, 500)]


def test_a_line_that_is_over_asks_for_nothing():
    for status in ("Closed", "Recovered"):
        assert needs(line=line(status=status, cure_through_day=TODAY + 9)) == []


@pytest.mark.parametrize(("ago", "told"), [(0, True), (14, True), (15, False)])
def test_a_raised_limit_is_told_for_two_weeks(ago: int, told: bool):
    rise = {"before": 100_000, "after": 150_000, "at": NOW - ago * DAY}
    found = needs(line=line(), rise=rise)
    assert found == ([("limit_raised", HINT, None, 150_000)] if told else [])
    assert needs(line=line(status="Closed"), rise=rise) == []


# Leases


@pytest.mark.parametrize(
    ("status", "lessor", "lessee"),
    [("Signed", "await_deposit", "pay_deposit"), ("Secured", "deliver_machine", "accept_delivery")],
)
def test_a_lease_before_delivery_tells_each_side_its_step(status: str, lessor: str, lessee: str):
    assert [kind for kind, *_ in needs(LESSOR, leases=[lease(status)])] == [lessor]
    assert [kind for kind, *_ in needs(LESSEE, leases=[lease(status)])] == [lessee]


def test_rent_is_told_before_its_day_without_what_is_paid():
    row = lease(charged=5_000, paid=1_000, credited=500, due_day=TODAY + 14)
    assert needs(LESSEE, leases=[row]) == [("pay_rent", OPEN, TODAY + 14, 3_500)]
    assert needs(LESSEE, leases=[row | {"due_day": TODAY + 15}]) == []
    assert needs(LESSEE, leases=[row | {"paid": 4_500}]) == []
    assert needs(LESSOR, leases=[row]) == []


def test_rent_that_is_overdue_is_told_to_both_sides():
    row = lease(charged=5_000, paid=1_000, due_day=TODAY - 1)
    assert needs(LESSEE, leases=[row]) == [("rent_overdue", URGENT, None, 4_000)]
    assert needs(LESSOR, leases=[row]) == [("rent_unpaid", SOON, None, 4_000)]


def test_rent_overdue_from_before_and_rent_due_now_are_told_apart():
    row = lease(charged=9_000, due_charged=4_000, paid=1_000, due_day=TODAY + 5)
    found = [("rent_overdue", URGENT, None, 3_000), ("pay_rent", OPEN, TODAY + 5, 5_000)]
    assert needs(LESSEE, leases=[row]) == found


def test_notice_and_default_of_a_lease_stand_for_its_arrears():
    row = lease(charged=5_000, due_day=TODAY - 30, cure_through_day=TODAY)
    assert needs(LESSEE, leases=[row]) == [("cure_lease", URGENT, TODAY, 5_000)]
    for status in ("Defaulted", "Accelerated", "Rescinded"):
        assert needs(LESSEE, leases=[row | {"status": status}]) == [("lease_in_default", URGENT, None, 5_000)]
    assert needs(LESSEE, leases=[row | {"status": "Rescinded", "paid": 5_000}]) == []


def test_a_notice_that_was_cured_is_not_told():
    assert needs(LESSEE, leases=[lease(charged=5_000, paid=5_000, cure_through_day=TODAY + 3)]) == []


def test_a_declared_return_waits_for_the_lessor_as_long_as_it_may_object():
    row = lease(return_day=TODAY - 12)
    assert needs(LESSOR, leases=[row]) == [("check_return", SOON, TODAY + 3, None)]


# Alarms, scores, verification


def test_a_machine_with_alarms_waits_for_an_answer_as_urgently_as_its_gravest():
    idle, region = {"en": "Idle", "zh": "闲置"}, {"en": "Outside the agreed region", "zh": "超出约定区域"}
    rows = [
        {"machine": 5, "name": idle, "critical": False},
        {"machine": 6, "name": idle, "critical": False},
        {"machine": 5, "name": region, "critical": True},
    ]
    first, second = inbox.of_party(Desk(party(LESSOR), alarms=rows), NOW)
    assert [(item.id, item.severity) for item in (first, second)] == [(5, URGENT), (6, SOON)]
    assert first.text == {
        "en": "Machine 5 raised alarms that nobody has answered: Idle, Outside the agreed region.",
        "zh": "设备 5 有未确认的报警：闲置、超出约定区域。",
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, ("give_consent", OPEN)),
        (score(consented=False), ("give_consent", OPEN)),
        (score(held=True), ("score_held", HINT)),
        (score(valid_until=NOW + 7 * DAY + 1), None),
        (score(valid_until=NOW + 7 * DAY), ("score_expires", SOON)),
        (score(valid_until=NOW + 1), ("score_expires", SOON)),
        (score(valid_until=NOW), ("score_expired", URGENT)),
        (score(value=0, valid_until=0), None),
    ],
)
def test_a_score_is_told_when_its_party_must_act(given: dict[str, Any] | None, expected: tuple[str, Severity] | None):
    found = [(kind, severity) for kind, severity, *_ in needs(party=party(scored=True), score=given)]
    assert found == ([expected] if expected else [])
    assert needs(score=given) == []


@pytest.mark.parametrize(
    ("left", "severity"), [(30 * DAY + 1, None), (30 * DAY, SOON), (1, SOON), (0, URGENT), (-DAY, URGENT)]
)
def test_a_verification_is_told_a_month_before_its_end(left: int, severity: Severity | None):
    row = party(valid_until=NOW + left)
    expected = [] if severity is None else [severity]
    assert [found for kind, found, *_ in needs(party=row) if kind == "kyc_expires"] == expected
    assert [found for kind, found, _ in waits(parties=[row]) if kind == "renew_kyc"] == expected


def test_a_frozen_party_is_told_first():
    found = needs(party=party(frozen=True, valid_until=NOW + DAY))
    assert [kind for kind, *_ in found] == ["party_frozen", "kyc_expires"]


# The bank


def test_what_waits_for_the_bank():
    found = waits(
        models=[{"model": 4}],
        held_scores=[
            {"party": 7, "value": 655, "proposal": None},
            {"party": 6, "value": 600, "proposal": {"value": 720}},
        ],
        machines=[{"machine": 3}],
        held_machines=[{"machine": 2}],
    )
    assert found == [
        ("release_machine", SOON, 2),
        ("approve_model", OPEN, 4),
        ("release_score", OPEN, 6),
        ("review_hold", OPEN, 7),
        ("verify_machine", OPEN, 3),
    ]


def test_a_delayed_step_can_be_cancelled_until_it_can_be_executed():
    row = {"operation": "0x" + "ab" * 32, "step": "Treasury.setLimit"}
    ready, later = row | {"ready_at": NOW}, row | {"ready_at": NOW + 1}
    items = inbox.of_bank(Bank(operations=[later, ready]), NOW)
    assert [(item.kind, item.severity) for item in items] == [("execute_operation", SOON), ("await_operation", HINT)]
    assert "Treasury.setLimit" in items[0].text["zh"]


# All of them


def test_the_most_urgent_comes_first_then_the_earliest_then_the_largest():
    def item(id_: int, severity: Severity, due: int | None = None, amount: int | None = None) -> Item:
        return Item("pay_rent", "lease", id_, severity, due, amount)

    wanted = [
        item(1, URGENT, 5, 10),
        item(2, URGENT, 6, 90),
        item(3, URGENT, 6, 80),
        item(4, URGENT, None, 99),
        item(5, SOON, 1, 99),
        item(6, OPEN),
        item(7, HINT, 1),
    ]
    assert inbox.ordered(reversed(wanted)) == wanted
    assert inbox.ordered([*wanted, *wanted]) == wanted


def test_every_kind_has_a_sentence_in_both_languages_and_is_documented():
    source = Path(inbox.__file__).read_text(encoding="utf-8")
    templates = sentences.templates("inbox")
    named = set(re.findall(r'"([a-z]+(?:_[a-z]+)+)"', source))
    assert set(templates) <= named
    documented = DOCUMENT.read_text(encoding="utf-8").partition("## 3.")[2].partition("## 4.")[0]
    assert set(re.findall(r"^\| `(\w+_\w+)` \|", documented, re.MULTILINE)) == set(templates)
    for text in templates.values():
        fields = {
            lang: sorted(name for _, name, _, _ in Formatter().parse(text[lang]) if name and name != "id")
            for lang in text
        }
        assert text["en"].endswith(".") and text["zh"].endswith("。")
        assert set(fields["zh"]) <= set(fields["en"])
