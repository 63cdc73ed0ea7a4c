"""Signers are seen by what the newest rounds of each lane kept of them."""

from typing import Any

from sqlalchemy import Engine, Table

from backend import store
from backend.records import signers
from backend.store.tables import device_rounds, score_rounds

FIRST, SECOND, THIRD = ("0x" + digit * 40 for digit in "123")


def put(engine: Engine, table: Table, number: int, signed: list[str], refused: tuple[str, ...] = (), **more: Any):
    row = {"signer_set": 1, "round": number, "state": "counted", "digest": "0x", "report": {}, "reason": None}
    row |= {"signatures": dict.fromkeys(signed, "0x"), "refusals": dict.fromkeys(refused, "0x")}
    row |= {"model_hash": "0x", "sources": []} if table is score_rounds else {"lane": "readings"}
    with store.writing(engine) as tx:
        tx.execute(table.insert().values(row | more))


def health(engine: Engine) -> dict[str, Any]:
    with store.reading(engine) as tx:
        return signers.health(tx)


def test_without_rounds_nobody_was_seen(engine: Engine):
    assert health(engine) == {"rounds": 0, "signed": {}, "refused": {}}


def test_signatures_and_refusals_of_all_lanes_are_counted(engine: Engine):
    put(engine, score_rounds, 1, [FIRST, SECOND])
    put(engine, device_rounds, 1, [FIRST], (THIRD,))
    put(engine, device_rounds, 1, [SECOND], lane="alarms")
    assert health(engine) == {"rounds": 3, "signed": {FIRST: 2, SECOND: 2}, "refused": {THIRD: 1}}


def test_a_proposal_that_nobody_was_asked_about_yet_tells_nothing(engine: Engine):
    put(engine, score_rounds, 1, [], state="proposed")
    assert health(engine)["rounds"] == 0


def test_the_newest_rounds_of_each_lane_count(engine: Engine):
    for number in range(1, signers.NEWEST + 6):
        put(engine, device_rounds, number, [FIRST] if number > 5 else [SECOND])
    assert health(engine) == {"rounds": signers.NEWEST, "signed": {FIRST: signers.NEWEST}, "refused": {}}
