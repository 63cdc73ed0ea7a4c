"""Double financing in the book of the read model: every rule finds what breaks it, and nothing else."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.readmodel.audit import RULES, Conflict, conflicts

FINGERPRINT = "0x" + "01" * 32


def claim(id_: int, *, parent: int | None = None, origin: int = 1, face: int = 100, **changes: Any) -> dict[str, Any]:
    row = {"id": id_, "parent": parent, "origin": origin, "debtor": 1, "creditor": 2, "state": "Confirmed"}
    return row | {"face": face, "fingerprint": FINGERPRINT, "registered_at": 0} | changes


def turn(receivable: int, number: int = 1, *, at: int = 10, closed: int | None = None, of: int = 50) -> dict[str, Any]:
    row = {"receivable": receivable, "turn": number, "status": "Active", "seller": 2, "debtor": 1, "claim": of}
    return row | {"advance": of, "net": of, "financed_at": at, "closed_at": closed}


def found(claims: list[Any], turns: list[Any]) -> list[Conflict]:
    return list(conflicts(claims, turns))


SPLIT = [claim(1, state="Split"), claim(2, parent=1, face=60), claim(3, parent=1, face=40)]


def test_parts_that_are_financed_side_by_side_are_in_order():
    assert found(SPLIT, [turn(2, of=60), turn(3, of=40)]) == []


def test_a_receivable_financed_again_after_it_was_repaid_is_in_order():
    assert found([claim(1)], [turn(1, at=10, closed=20), turn(1, 2, at=20)]) == []


def test_a_part_financed_after_the_whole_was_repaid_is_in_order():
    assert found(SPLIT, [turn(1, at=5, closed=8), turn(2, at=9, of=60)]) == []


def test_a_rejected_invoice_may_be_registered_again():
    assert found([claim(1, state="Rejected"), claim(4, origin=4)], []) == []


def test_one_fingerprint_of_two_debtors_is_two_invoices():
    assert found([claim(1), claim(4, origin=4, debtor=7)], []) == []


def test_case_10_one_invoice_registered_by_two_suppliers_is_found():
    assert found([claim(1), claim(4, origin=4, creditor=3)], []) == [Conflict("registered_twice", (1, 4))]


def test_case_10_a_receivable_financed_while_it_is_financed_is_found():
    conflict = Conflict("financed_twice", (1,))
    assert found([claim(1)], [turn(1, at=10, closed=21, of=1), turn(1, 2, at=20, of=1)]) == [conflict]
    assert found([claim(1)], [turn(1, at=10, of=1), turn(1, 2, at=20, closed=30, of=1)]) == [conflict]


def test_case_10_a_part_financed_together_with_its_whole_is_found_however_deep():
    deep = [*SPLIT, claim(4, parent=2, face=30), claim(5, parent=2, face=30)]
    assert found(deep, [turn(1, of=60), turn(5, of=30)]) == [Conflict("financed_with_its_part", (1, 5))]


def test_case_10_more_financed_than_the_invoice_is_worth_is_found():
    assert found(SPLIT, [turn(2, of=60), turn(3, of=41)]) == [Conflict("financed_beyond_face", (1,))]


def test_every_rule_is_one_that_can_be_broken():
    broken = {
        *found([claim(1), claim(4, origin=4)], []),
        *found([claim(1)], [turn(1, of=1), turn(1, 2, of=1)]),
        *found(SPLIT, [turn(1, of=10), turn(2, of=10)]),
        *found(SPLIT, [turn(2, of=99), turn(3, of=99)]),
    }
    assert {conflict.rule for conflict in broken} == set(RULES)


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=6),
)
def test_turns_that_follow_upon_each_other_are_never_a_conflict(lengths: list[tuple[int, int]]):
    at, turns = 0, []
    for number, (pause, length) in zip(itertools.count(1), lengths, strict=False):
        at += pause
        turns.append(turn(1, number, at=at, closed=at + length))
        at += length
    assert found([claim(1)], turns) == []


@pytest.mark.parametrize("state", ["Rejected", "Cancelled"])
def test_what_is_not_owed_is_no_second_registration(state: str):
    assert found([claim(1), claim(4, origin=4, state=state)], []) == []
