"""Records of merchants: kept once, known as of a second, purged in time, erased on request."""

import random
import threading

import pytest
from sqlalchemy import Engine, select

from backend import store
from backend.days import DAY_S
from backend.records.business import kept
from backend.scoring.merchants.records import BusinessRecord, Kind
from backend.store.tables import business_records

MERCHANT, NEIGHBOUR = 7, 8
NOW = 1_800_000_000


def sale(id_: str, occurred_at: int = NOW - DAY_S, received_at: int = NOW, value: int = 9_900) -> BusinessRecord:
    return BusinessRecord(id_, Kind.SALE, occurred_at, received_at, value, 1, "3f9a0c81d2e4b765")


def keep(engine: Engine, *batch: BusinessRecord, party: int = MERCHANT, platform: str = "taobao", now: int = NOW):
    with store.writing(engine) as tx:
        kept.lock(tx, party)
        return kept.keep(tx, party, platform, batch, now)


def known(engine: Engine, until: int = NOW, party: int = MERCHANT) -> list[BusinessRecord]:
    with store.reading(engine) as tx:
        return kept.known(tx, party, until)


def number(engine: Engine) -> int:
    with store.reading(engine) as tx:
        return kept.last_number(tx)


# Taking in


def test_the_same_again_is_counted_and_not_stored(engine: Engine):
    assert keep(engine, sale("1"), sale("2")).stored == 2
    again = keep(engine, sale("1"), sale("2", received_at=NOW + 5), sale("3"))
    assert (again.stored, again.duplicates, again.conflicts) == (1, 2, 0)
    assert len(known(engine)) == 3


@pytest.mark.parametrize(
    "changed",
    [
        sale("1", value=9_901),
        sale("1", occurred_at=NOW - DAY_S + 1),
        BusinessRecord("1", Kind.SALE, NOW - DAY_S, NOW, 9_900, 2, "3f9a0c81d2e4b765"),
        BusinessRecord("1", Kind.SALE, NOW - DAY_S, NOW, 9_900, 1, "another-pseudonym"),
    ],
    ids=["value", "time", "count", "buyer"],
)
def test_other_content_under_a_known_number_is_a_conflict_and_the_old_stays(engine: Engine, changed: BusinessRecord):
    keep(engine, sale("1"))
    outcome = keep(engine, changed, sale("2"))
    assert (outcome.stored, outcome.conflicts, outcome.conflicting) == (1, 1, [(Kind.SALE, "1")])
    assert known(engine)[0].value == 9_900


def test_one_number_may_stand_for_records_of_two_kinds_two_platforms_and_two_parties(engine: Engine):
    refund = BusinessRecord("1", Kind.REFUND, NOW - 5, NOW, 9_900)
    assert keep(engine, sale("1"), refund).stored == 2
    assert keep(engine, sale("1"), platform="jd").stored == 1
    assert keep(engine, sale("1"), party=NEIGHBOUR).stored == 1
    assert {(record.kind, record.id) for record in known(engine)} == {
        (Kind.SALE, "taobao/1"),
        (Kind.SALE, "jd/1"),
        (Kind.REFUND, "taobao/1"),
    }


def test_comparing_tells_what_keeping_would_do_and_does_nothing(engine: Engine):
    keep(engine, sale("1"), sale("2"))
    batch = [sale("1"), sale("2", value=1), sale("3"), sale("4", occurred_at=NOW - 5_000 * DAY_S)]
    with store.reading(engine) as tx:
        told = kept.compare(tx, MERCHANT, "taobao", batch, NOW)
    assert len(known(engine)) == 2
    assert told == keep(engine, *batch)
    assert (told.stored, told.duplicates, told.expired, told.conflicting) == (1, 1, 1, [(Kind.SALE, "2")])


def test_a_batch_larger_than_a_chunk_is_kept_whole(engine: Engine):
    batch = [sale(str(number)) for number in range(3 * kept.CHUNK + 1)]
    assert keep(engine, *batch).stored == len(batch)
    assert keep(engine, *batch).duplicates == len(batch)


def test_two_that_bring_the_same_at_once_store_it_once(engine: Engine):
    outcomes = []

    def bring() -> None:
        outcomes.append(keep(engine, *(sale(str(number)) for number in range(200))))

    threads = [threading.Thread(target=bring) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((outcome.stored, outcome.duplicates) for outcome in outcomes) == [(0, 200)] * 3 + [(200, 0)]


# Knowing


def test_a_late_record_is_known_from_when_it_was_received(engine: Engine):
    keep(engine, sale("early", received_at=NOW - 100))
    keep(engine, sale("late", occurred_at=NOW - 30 * DAY_S, received_at=NOW))
    assert [record.id for record in known(engine, NOW - 1)] == ["taobao/early"]
    assert [record.id for record in known(engine, NOW)] == ["taobao/late", "taobao/early"]


def test_what_happens_later_is_not_known_before(engine: Engine):
    keep(engine, sale("soon", occurred_at=NOW + 60))
    assert known(engine, NOW + 59) == []
    assert len(known(engine, NOW + 60)) == 1


def test_the_order_does_not_depend_on_how_records_came(engine: Engine):
    batch = [sale(f"{place:03}", occurred_at=NOW - place // 3) for place in range(60)]
    random.Random(5).shuffle(batch)
    keep(engine, *batch[:20])
    keep(engine, *batch[20:])
    found = known(engine)
    assert found == sorted(found, key=lambda record: (record.occurred_at, record.kind, record.id))


def test_nothing_is_known_of_a_party_that_brought_nothing(engine: Engine):
    with store.reading(engine) as tx:
        assert (kept.known(tx, MERCHANT, NOW), kept.last_received(tx, MERCHANT)) == ([], None)
        assert (kept.last_number(tx), kept.changed_since(tx, 0), kept.summary(tx, MERCHANT)) == (0, [], [])


def test_the_newest_receipt_is_told(engine: Engine):
    keep(engine, sale("1", received_at=NOW + 5), sale("2", received_at=NOW))
    with store.reading(engine) as tx:
        assert kept.last_received(tx, MERCHANT) == NOW + 5


# The number that tells of changes


def test_every_batch_that_stores_something_raises_the_number(engine: Engine):
    keep(engine, sale("1"))
    first = number(engine)
    keep(engine, sale("1"))
    assert number(engine) == first
    keep(engine, sale("2"))
    keep(engine, sale("1"), party=NEIGHBOUR)
    assert number(engine) > first
    with store.reading(engine) as tx:
        assert kept.changed_since(tx, first) == [MERCHANT, NEIGHBOUR]
        assert kept.changed_since(tx, number(engine)) == []


def test_a_reader_who_follows_the_number_misses_no_party(engine: Engine):
    """Writers commit in any order; a number must not become visible before a lower one."""
    done, seen = threading.Event(), set()

    def follow() -> None:
        last, finished = 0, False
        while not finished:
            finished = done.is_set()
            with store.reading(engine) as tx:
                upto = kept.last_number(tx)
                seen.update(kept.changed_since(tx, last))
            last = upto

    follower = threading.Thread(target=follow)
    follower.start()
    writers = [threading.Thread(target=keep, args=(engine, sale("1")), kwargs={"party": p}) for p in range(1, 25)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    follower.join()
    assert seen == set(range(1, 25))


# Letting go


def test_every_kind_has_a_purpose_a_time_and_a_reason_in_both_languages():
    assert set(kept.retention()) == set(Kind)
    assert all(
        rule.purpose == "Scoring" and rule.days > 365 and rule.en and rule.zh for rule in kept.retention().values()
    )


@pytest.mark.parametrize("kind", Kind)
def test_a_record_is_purged_when_its_time_is_over_and_not_before(engine: Engine, kind: Kind):
    happened = NOW - kept.retention()[kind].days * DAY_S
    keep(engine, BusinessRecord("1", kind, happened, NOW, 0))
    before = number(engine)
    with store.writing(engine) as tx:
        assert kept.purge(tx, NOW) == 0
    assert number(engine) == before
    with store.writing(engine) as tx:
        assert kept.purge(tx, NOW + 1) == 1
        assert kept.changed_since(tx, before) == [MERCHANT]
    assert known(engine) == []


def test_what_is_past_its_time_is_not_taken_in_again(engine: Engine):
    old = sale("1", occurred_at=NOW - kept.retention()[Kind.SALE].days * DAY_S - 1)
    outcome = keep(engine, old)
    assert (outcome.stored, outcome.expired) == (0, 1)


def test_erasure_leaves_nothing_but_a_tombstone(engine: Engine):
    keep(engine, sale("1"), sale("2"))
    keep(engine, sale("1"), party=NEIGHBOUR)
    before = number(engine)
    with store.writing(engine) as tx:
        erased = kept.erase(tx, MERCHANT, NOW, "asked by the merchant", 3)
        assert erased == {"records": 2, "evaluations": 0, "reports": 0, "platforms": 0, "feedback": 0}
        tombstone = kept.erasures(tx, MERCHANT)[0]
        assert tombstone["reason"] == "asked by the merchant"
        assert (tombstone["erased_at"], tombstone["consent_epoch"], tombstone["erased"]) == (NOW, 3, erased)
        assert kept.changed_since(tx, before) == [MERCHANT]
        assert tx.execute(select(business_records.c.party)).scalars().all() == [NEIGHBOUR]
    assert (known(engine), len(known(engine, party=NEIGHBOUR))) == ([], 1)


def test_what_was_erased_can_be_brought_again_later(engine: Engine):
    keep(engine, sale("1"))
    with store.writing(engine) as tx:
        kept.erase(tx, MERCHANT, NOW, "asked by the merchant", 1)
    assert keep(engine, sale("1", value=5)).stored == 1
