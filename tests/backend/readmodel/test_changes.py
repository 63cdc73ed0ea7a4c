"""Changes of rights and parameters, delayed ones too, and the record of every event."""

import itertools
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, func, select

from backend import store
from backend.chain import abi
from backend.readmodel import changes, events, rebuild
from backend.readmodel.projection import shipped
from tests import anvil
from tests.backend.market import ADDRESSES, FACILITY, Market
from tests.backend.readmodel.mirror import FINALITY, indexing

RISK_MANAGER, GUARDIAN = 2, 5
DELAY_S = 3_600
CAUTIOUS = (True, True, False, 90, 360, 3, 10, 1_800, 1_000, 5_000)


@pytest.fixture(scope="module")
def market() -> Iterator[Market]:
    """An officer with a delay: one change scheduled and executed, one scheduled and cancelled, one that waits."""
    with anvil.start() as node:
        market = Market(node).open()
        target = market.suite.address("Factoring")
        selector = market.suite.calldata("Factoring", "setFacility", 1, FACILITY)[:4]
        market.send("bank", "Authority", "setTargetFunctionRole", target, [selector], RISK_MANAGER)
        market.send("bank", "Authority", "setRoleGuardian", RISK_MANAGER, GUARDIAN)
        market.send("bank", "Authority", "grantRole", RISK_MANAGER, ADDRESSES["stranger"], DELAY_S)
        market.send("bank", "Authority", "grantRole", GUARDIAN, ADDRESSES["buyer"], 0)
        for debtor, conditions in ((1, CAUTIOUS), (1, FACILITY), (7, CAUTIOUS)):
            data = market.suite.calldata("Factoring", "setFacility", debtor, conditions)
            market.send("stranger", "Authority", "schedule", target, data, 0)
            if (debtor, conditions) == (1, CAUTIOUS):
                market.travel(1)
                market.send("stranger", "Authority", "execute", target, data)
            elif debtor == 1:
                market.send("buyer", "Authority", "cancel", ADDRESSES["stranger"], target, data)
        market.send("bank", "Authority", "revokeRole", RISK_MANAGER, ADDRESSES["stranger"])
        yield market


@pytest.fixture
def indexed(market: Market, engine: Engine) -> Engine:
    with indexing(market, engine) as indexer:
        indexer.catch_up()
    return engine


def test_a_change_tells_what_was_in_force_before(indexed: Engine):
    with store.reading(indexed) as tx:
        newest, first = [
            row for row in changes.listed(tx, matter="facility", limit=50) if row["arguments"]["debtor"] == "1"
        ]
    assert first["before"] is None
    assert newest["before"] == {"event": "FacilityChanged", "arguments": first["arguments"]}
    assert newest["arguments"]["facility"]["maxTermDays"] == "90"


def test_a_role_that_was_revoked_tells_that_it_was_granted(indexed: Engine):
    with store.reading(indexed) as tx:
        revoked = next(row for row in changes.listed(tx, matter="role", limit=50) if row["event"] == "RoleRevoked")
    assert revoked["subject"] == f"{RISK_MANAGER}:{ADDRESSES['stranger']}"
    assert revoked["before"]["event"] == "RoleGranted"
    assert revoked["before"]["arguments"]["delay"] == str(DELAY_S)


def test_delayed_operations_end_as_they_did_and_each_is_in_the_transactions_it_belongs_to(indexed: Engine):
    with store.reading(indexed) as tx:
        rows = [dict(row._mapping) for row in tx.execute(select(changes.operations))]
        found = changes.operations_of(tx, [row["scheduled_in"] for row in rows])
        ends = changes.operations_of(tx, [row["ended_in"] for row in rows if row["ended_in"]])
    assert sorted(row["state"] for row in rows) == ["cancelled", "executed", "scheduled"]
    assert all(row["ready_at"] - row["scheduled_at"] >= DELAY_S for row in rows)
    for row in rows:
        assert row in found[row["scheduled_in"]]
        assert row["ended_in"] is None or row in ends[row["ended_in"]]


def test_the_change_and_the_execution_stand_in_one_transaction(indexed: Engine):
    with store.reading(indexed) as tx:
        executed = tx.execute(select(changes.operations).where(changes.operations.c.state == "executed")).one()
        same = [row for row in changes.listed(tx, limit=200) if row["transaction_hash"] == executed.ended_in]
    assert {row["event"] for row in same} == {"OperationExecuted", "FacilityChanged"}


def test_changes_are_filtered_and_paged_without_gap_or_repetition(indexed: Engine):
    with store.reading(indexed) as tx:
        whole, found, before = changes.listed(tx, limit=500), [], None
        while page := changes.listed(tx, before=before, limit=3):
            found += page
            before = (page[-1]["block"], page[-1]["log_index"])
        assert found == whole
        of_authority = changes.listed(tx, contract="Authority", limit=500)
    assert {row["contract"] for row in of_authority} == {"Authority"}
    assert all(earlier["block"] >= later["block"] for earlier, later in itertools.pairwise(whole))


def test_every_event_of_the_suite_that_is_handled_is_recorded_once(market: Market, indexed: Engine):
    addresses = list(market.suite.addresses.values())
    logs = market.rpc.call("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest", "address": addresses})
    handled = shipped().subscriptions
    by_topic = {
        (market.suite.address(contract).lower(), abi.topic_of(market.suite.events(contract)[event]))
        for contract, event in handled
    }
    expected = {
        (int(log["blockNumber"], 16), int(log["logIndex"], 16))
        for log in logs
        if (log["address"], log["topics"][0]) in by_topic
    }
    with store.reading(indexed) as tx:
        recorded = {(row["block"], row["log_index"]) for row in events.listed(tx)}
    assert expected and recorded == expected


def test_nothing_of_the_authority_escapes_the_record(market: Market, indexed: Engine):
    logs = market.rpc.call(
        "eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest", "address": market.suite.address("Authority")}
    )
    with store.reading(indexed) as tx:
        assert len(events.listed(tx, contract="Authority")) == len(logs)


def test_case_33_changes_of_blocks_that_were_replaced_are_gone(market: Market, engine: Engine):
    with indexing(market, engine) as indexer:
        indexer.catch_up()
        counts = [count(engine, table) for table in (changes.changes, changes.operations, events.events)]
        snapshot = market.node.rpc("evm_snapshot")
        market.send("bank", "Authority", "grantRole", RISK_MANAGER, ADDRESSES["lender"], DELAY_S)
        market.send("bank", "Treasury", "setLimit", 1, 1)
        indexer.catch_up()
        assert count(engine, changes.changes) == counts[0] + 2
        market.node.rpc("evm_revert", snapshot)
        market.node.mine()
        indexer.catch_up()
    assert [count(engine, table) for table in (changes.changes, changes.operations, events.events)] == counts


def test_a_rebuild_brings_exactly_the_same_changes(market: Market, indexed: Engine):
    _, tables = rebuild.verify(indexed, market.rpc, market.suite, shipped(), FINALITY)
    compared = {table.table: table for table in tables}
    for name in ("changes", "changes_in_force", "operations", "events", "event_mentions"):
        assert compared[name].equal and compared[name].rows


def count(engine: Engine, table) -> int:
    with store.reading(engine) as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()
