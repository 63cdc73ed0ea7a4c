"""Evaluations of merchants: which are kept, who is looked at next, what an erasure leaves."""

import dataclasses

from sqlalchemy import Engine

from backend import store
from backend.chain.reports import Place
from backend.records import evaluations
from backend.records.business import kept
from backend.records.evaluations import Arithmetic, Evaluation, Look, State

NOW = 1_800_000_000
FOUND = Evaluation(
    party=7,
    at=NOW,
    consent_epoch=1,
    model=10,
    model_hash="0x" + "aa" * 32,
    features_hash="0x" + "bb" * 32,
    policy_hash="0x" + "cc" * 32,
    score=655,
    pd_ppm=47_000,
    reasons=[3, 9],
    flags=4,
    granted=4_000_000,
    figures={"turnover_30": 12_345.67, "inventory_days": None},
    arithmetic=Arithmetic(
        5_000_000, None, [[NOW - 1, 1_024_000]], "kept", "why", "原因", [{"id": "limit", "result": 5}]
    ),
)


def found(**changes) -> Evaluation:
    if "round" in changes:
        changes = {"signer_set": 1} | changes
    return dataclasses.replace(FOUND, **changes)


def keep(engine: Engine, *new: Evaluation) -> None:
    with store.writing(engine) as tx:
        evaluations.keep(tx, new)


def kept_of(engine: Engine, party: int = 7) -> list[Evaluation]:
    with store.reading(engine) as tx:
        return evaluations.history(tx, party, 100)


def look(engine: Engine, party: int, again_at: int | None, *, state=State.RENEWED, at: int = NOW, number: int = 0):
    with store.writing(engine) as tx:
        evaluations.note(tx, [Look(party, state, again_at, consent_epoch=1, number=number)], at)


def change(engine: Engine, party: int) -> int:
    with store.writing(engine) as tx:
        kept.note_change(tx, party, NOW)
        return kept.last_number(tx)


def wanted(engine: Engine, now: int = NOW, after: int = 0, limit: int = 10) -> list[int]:
    with store.reading(engine) as tx:
        return evaluations.wanted(tx, now, after, limit)


def test_an_evaluation_comes_back_as_it_was_kept(engine: Engine):
    keep(engine, FOUND)
    assert kept_of(engine) == [FOUND]


def test_of_unreported_evaluations_only_the_newest_is_kept(engine: Engine):
    keep(engine, found(round=4, due="moved"), found(party=8))
    keep(engine, found(at=NOW + 1))
    keep(engine, found(at=NOW + 2))
    assert [(one.at, one.round) for one in kept_of(engine)] == [(NOW + 2, None), (NOW, 4)]
    assert len(kept_of(engine, 8)) == 1


def test_a_round_that_is_proposed_anew_replaces_what_the_lost_one_was_made_of(engine: Engine):
    keep(engine, found(round=4))
    keep(engine, found(round=4, at=NOW + 9))
    assert [one.at for one in kept_of(engine)] == [NOW + 9]


def test_the_same_round_of_another_set_of_signers_replaces_nothing(engine: Engine):
    keep(engine, found(round=4))
    keep(engine, found(signer_set=2, round=4, at=NOW + 9))
    with store.reading(engine) as tx:
        assert evaluations.reported(tx, 7, Place(1, 4)) == found(round=4)
        assert evaluations.reported(tx, 7, Place(2, 4)) == found(signer_set=2, round=4, at=NOW + 9)
        assert evaluations.reported(tx, 7, Place(2, 3)) is None


def test_history_goes_back_from_the_newest(engine: Engine):
    for number in range(4):
        keep(engine, found(round=number + 1, at=NOW + number))
    with store.reading(engine) as tx:
        assert [one.round for one in evaluations.history(tx, 7, 2, before=NOW + 3)] == [3, 2]
        assert evaluations.newest(tx, 7) == found(round=4, at=NOW + 3)
        assert evaluations.reported(tx, 7, Place(1, 2)) == found(round=2, at=NOW + 1)
        assert evaluations.newest(tx, 8) is None


def test_an_erasure_leaves_hashes_and_what_the_chain_shows(engine: Engine):
    keep(engine, found(round=4), found(party=8))
    keep(engine, found(at=NOW + 1))
    with store.writing(engine) as tx:
        assert evaluations.erase(tx, 7) == 2
        assert evaluations.erase(tx, 7) == 0
    assert kept_of(engine) == [found(round=4, figures=None, arithmetic=None)]
    assert kept_of(engine, 8) == [found(party=8)]


def test_figures_are_forgotten_when_their_time_is_over(engine: Engine):
    keep(engine, found(round=4), found(round=5, at=NOW + 1))
    with store.writing(engine) as tx:
        assert evaluations.purge(tx, NOW + 1) == 1
    assert kept_of(engine) == [found(round=5, at=NOW + 1), found(round=4, figures=None, arithmetic=None)]


def test_a_state_that_goes_on_keeps_its_beginning(engine: Engine):
    look(engine, 7, NOW)
    look(engine, 7, NOW, at=NOW + 5)
    look(engine, 8, NOW)
    look(engine, 8, None, at=NOW + 5, state=State.DATA_STALE)
    with store.reading(engine) as tx:
        assert evaluations.standing(tx, 7) == evaluations.Standing(7, State.RENEWED, NOW, NOW + 5)
        stale = evaluations.standing(tx, 8)
        assert (stale.state, stale.since) == (State.DATA_STALE, NOW + 5)
        assert stale.texts == evaluations.TEXTS[State.DATA_STALE]
        assert evaluations.standing(tx, 9) is None


def test_merchants_are_looked_at_when_their_time_has_come_the_longest_waiting_first(engine: Engine):
    look(engine, 7, NOW)
    look(engine, 8, NOW - 1)
    look(engine, 9, NOW + 1)
    look(engine, 10, None)
    assert wanted(engine) == [8, 7]
    assert wanted(engine, limit=1) == [8]


def test_merchants_whose_records_changed_since_the_last_look_take_turns_with_those_whose_time_has_come(engine: Engine):
    look(engine, 7, NOW)
    assert change(engine, 8) == 1
    seen = change(engine, 9)
    change(engine, 10)
    look(engine, 9, None, number=seen)
    assert wanted(engine) == [8, 7, 10]
    assert wanted(engine, after=1) == [10, 7]


def test_a_merchant_that_changed_and_is_due_is_named_once(engine: Engine):
    look(engine, 7, NOW)
    change(engine, 7)
    assert wanted(engine) == [7]


def test_refused_merchants_are_put_off(engine: Engine):
    look(engine, 7, NOW)
    look(engine, 8, NOW)
    with store.writing(engine) as tx:
        evaluations.put_off(tx, [7], NOW + 60)
        assert evaluations.standing(tx, 7).state is State.REFUSED
    assert wanted(engine) == [8]
    assert wanted(engine, NOW + 60) == [8, 7]


def test_what_was_proposed_in_vain_is_looked_at_again(engine: Engine):
    look(engine, 7, NOW + 86_400)
    look(engine, 8, NOW + 86_400)
    keep(engine, found(round=3, due="moved"), found(party=8, round=4, due="moved"))
    with store.writing(engine) as tx:
        evaluations.look_again(tx, [8], NOW, Place(1, 4))
    assert wanted(engine) == [8]
    assert (kept_of(engine), kept_of(engine, 8)) == ([found(round=3, due="moved")], [found(party=8)])
