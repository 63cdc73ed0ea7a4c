"""The indexer over a real chain, with reorganisations and a lying node (CASES 33, 34)."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, func, inspect, select

from backend import store
from backend.chain.contracts import Event, Suite, UnknownContract, UnknownMember
from backend.chain.keys import development_key
from backend.chain.rpc import HeadUnsettled, Rpc
from backend.readmodel import rebuild
from backend.readmodel.indexer import HandlerFailed, Indexer, ReorgBeyondFinality, position
from backend.readmodel.projection import Projection, shipped
from backend.readmodel.rebuild import ReadModelMissing
from backend.readmodel.rows import Rows, journal
from backend.store import Fence, feed
from backend.store.writer import WriterBusy, WriterReplaced
from tests import anvil, cash, proxy
from tests.cash_projection import balances, projection, transfers

HOLDERS = [development_key(index).address for index in range(1, 5)]
DEPTH = 10


@dataclass
class Desk:
    """An indexer and what a test does around it."""

    node: anvil.Node
    engine: Engine
    suite: Suite
    rpc: Rpc
    fence: Fence
    between: proxy.Proxy

    def indexer(self, over: Projection = projection, depth: int = DEPTH) -> Indexer:
        return Indexer(self.engine, self.rpc, self.suite, over, self.fence, finality_depth=depth)

    def mint(self, amount: int, holder: int = 0) -> None:
        self.node.receipt(cash.mint(self.node, self.suite, HOLDERS[holder], amount))

    def balances(self) -> dict[str, int]:
        with store.reading(self.engine) as tx:
            return {row.holder: row.amount for row in tx.execute(select(balances))}

    def on_chain(self) -> dict[str, int]:
        return cash.balances(self.node, self.suite)

    def items(self) -> list[feed.Item]:
        with store.reading(self.engine) as tx:
            return feed.tail(tx, feed.Cursor())

    def count(self, table) -> int:
        with store.reading(self.engine) as tx:
            return tx.execute(select(func.count()).select_from(table)).scalar_one()

    def verify(self) -> bool:
        _, tables = rebuild.verify(self.engine, self.rpc, self.suite, projection, DEPTH)
        return all(item.equal for item in tables)


@pytest.fixture
def desk(node: anvil.Node, engine: Engine) -> Iterator[Desk]:
    suite = cash.suite(cash.deployment(node))
    with proxy.start(node.url) as between, store.sole_writer(engine, "indexer") as fence:
        yield Desk(node, engine, suite, Rpc([between.url], anvil.LOCAL_CHAIN_ID), fence, between)


def test_events_become_rows_and_feed_in_the_order_of_the_chain(desk: Desk):
    desk.mint(5)
    desk.mint(7, holder=1)
    desk.indexer().catch_up()
    assert desk.balances() == {HOLDERS[0]: 5, HOLDERS[1]: 7} == desk.on_chain()
    first, second = desk.items()
    assert (first.topic, first.key, first.kind) == ("MockCash", HOLDERS[0], "Transfer")
    assert first.payload["arguments"]["value"] == "5"
    assert second.block == (first.block or 0) + 1


def test_old_blocks_come_in_ranges_and_recent_ones_with_a_journal(desk: Desk):
    for amount in range(1, 31):
        desk.mint(amount, holder=amount % 4)
    desk.indexer().catch_up()
    assert desk.balances() == desk.on_chain()
    assert desk.count(transfers) == 30
    assert desk.count(journal) == 2 * DEPTH


def test_a_node_that_limits_ranges_is_asked_for_smaller_ones(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    for amount in range(1, 31):
        desk.mint(amount)
    forward = desk.between.answer

    def limited(body):
        wanted = body["params"][0] if isinstance(body, dict) and body["method"] == "eth_getLogs" else {}
        if "fromBlock" in wanted and int(wanted["toBlock"], 16) - int(wanted["fromBlock"], 16) > 4:
            return {"jsonrpc": "2.0", "id": body["id"], "error": {"code": -32602, "message": "range too large"}}
        return forward(body)

    monkeypatch.setattr(desk.between, "answer", limited)
    desk.between.fault = "limited"
    desk.indexer().catch_up()
    assert desk.balances() == desk.on_chain()


def test_a_syncing_node_that_lacks_the_end_of_a_range_is_noticed(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    for amount in range(1, 31):
        desk.mint(amount)
    forward = desk.between.answer

    def syncing(body):
        if isinstance(body, dict) and body["method"] == "eth_getLogs":
            return {"jsonrpc": "2.0", "id": body["id"], "result": forward(body)["result"][:3]}
        is_batch = isinstance(body, list) and body[0]["method"] == "eth_getLogs"
        return [*map(syncing, body[:-1]), {**forward(body[-1]), "result": None}] if is_batch else forward(body)

    monkeypatch.setattr(desk.between, "answer", syncing)
    desk.between.fault = "syncing"
    with pytest.raises(HeadUnsettled):
        desk.indexer().step()
    desk.between.fault = None
    desk.indexer().catch_up()
    assert desk.balances() == desk.on_chain()


def test_nothing_new_changes_nothing(desk: Desk):
    desk.mint(5)
    indexer = desk.indexer()
    indexer.catch_up()
    assert indexer.step() is False
    assert len(desk.items()) == 1


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_case_33_a_reorganisation_is_undone_and_announced(desk: Desk, depth: int):
    for amount in (5, 7, 11, 13):
        desk.mint(amount)
    indexer = desk.indexer()
    indexer.catch_up()
    desk.node.rpc("anvil_reorg", depth, [])
    desk.node.mine()
    indexer.catch_up()
    assert desk.balances() == desk.on_chain() == {HOLDERS[0]: sum((5, 7, 11, 13)[: 4 - depth])}
    assert [item.kind for item in desk.items()] == ["Transfer"] * 4 + ["Reorganised"]
    assert desk.verify()


def test_a_shorter_chain_is_followed_as_soon_as_it_differs(desk: Desk):
    desk.mint(5)
    snapshot = desk.node.rpc("evm_snapshot")
    desk.mint(7)
    desk.mint(11)
    indexer = desk.indexer()
    indexer.catch_up()
    desk.node.rpc("evm_revert", snapshot)
    desk.mint(3)
    indexer.catch_up()
    assert desk.balances() == desk.on_chain() == {HOLDERS[0]: 8}


def test_beyond_the_finality_depth_the_indexer_halts_and_a_rebuild_helps(desk: Desk):
    for amount in range(1, 21):
        desk.mint(amount)
    indexer = desk.indexer()
    indexer.catch_up()
    before = desk.balances()
    desk.node.rpc("anvil_reorg", DEPTH + 2, [])
    desk.node.mine()
    for _ in range(2):
        with pytest.raises(ReorgBeyondFinality) as halted:
            indexer.catch_up()
        assert halted.value.values["depth"] == DEPTH
    assert desk.balances() == before
    indexer.reset()
    indexer.catch_up()
    assert desk.balances() == desk.on_chain()


def test_a_lagging_node_changes_nothing(desk: Desk):
    for amount in range(1, 6):
        desk.mint(amount)
    indexer = desk.indexer()
    indexer.catch_up()
    desk.between.fault = "stale_head"
    assert indexer.step() is False
    assert [item.kind for item in desk.items()] == ["Transfer"] * 5


@pytest.mark.parametrize("fault", ["null_blocks", "invented_head"])
def test_blocks_that_are_missing_below_the_head_mean_try_again(desk: Desk, fault: str):
    desk.mint(5)
    indexer = desk.indexer()
    indexer.catch_up()
    for amount in range(1, 6):
        desk.mint(amount)
    desk.between.fault = fault
    with pytest.raises(HeadUnsettled):
        indexer.step()
    desk.between.fault = None
    indexer.catch_up()
    assert desk.balances() == desk.on_chain()


def test_a_failing_handler_halts_before_its_block_and_loses_nothing(desk: Desk):
    desk.mint(5)
    desk.mint(666)
    broken = Projection()
    broken.metadata = projection.metadata
    handler = projection.subscriptions["MockCash", "Transfer"].handlers[0]

    @broken.handles("MockCash", "Transfer")
    def refuse(rows: Rows, event: Event) -> None:
        if event["value"] == 666:
            raise RuntimeError("beast")
        handler(rows, event)

    with pytest.raises(HandlerFailed, match="beast") as halted:
        desk.indexer(broken).catch_up()
    assert halted.value.values["event"] == "Transfer"
    assert (desk.balances(), desk.items()) == ({}, [])


def test_handlers_of_what_is_not_deployed_are_refused(desk: Desk):
    for contract, event, error in (("Bank", "Robbed", UnknownContract), ("MockCash", "Burned", UnknownMember)):
        wrong = Projection()
        wrong.handles(contract, event)(lambda rows, event: None)
        with pytest.raises(error):
            desk.indexer(wrong)


def test_a_changed_projection_rebuilds_the_read_model(desk: Desk):
    desk.mint(5)
    desk.indexer().catch_up()
    changed = Projection()
    changed.handles("MockCash", "Transfer")(lambda rows, event: None)
    desk.indexer(changed).catch_up()
    with store.reading(desk.engine) as tx:
        assert not inspect(tx).has_table("balances")


def test_an_indexer_that_was_replaced_stops(desk: Desk):
    indexer = desk.indexer()
    indexer.catch_up()
    desk.mint(5)
    later = Fence("indexer", desk.fence.number + 1)
    with store.writing(desk.engine) as tx:
        tx.exec_driver_sql("UPDATE writers SET fence = fence + 1")
        later.check(tx)
    with pytest.raises(WriterReplaced):
        indexer.step()


def test_a_rebuild_brings_identical_rows(desk: Desk):
    for amount in range(1, 25):
        desk.mint(amount, holder=amount % 4)
    desk.indexer().catch_up()
    at, tables = rebuild.verify(desk.engine, desk.rpc, desk.suite, projection, DEPTH)
    assert at.number == desk.node.block_number()
    assert {item.table: item.rows for item in tables} == {"balances": 4, "transfers": 24}
    assert all(item.equal for item in tables)


@pytest.mark.parametrize(
    "damage",
    [
        balances.update().values(amount=balances.c.amount),
        balances.update().where(balances.c.holder == HOLDERS[1]).values(amount=8),
        transfers.delete().where(transfers.c.amount == 7),
        balances.insert().values(holder="0x" + "9" * 40, amount=1),
    ],
    ids=["none", "changed", "lost", "added"],
)
def test_verification_finds_every_changed_lost_or_added_row(desk: Desk, damage, request: pytest.FixtureRequest):
    desk.mint(5)
    desk.mint(7, holder=1)
    desk.indexer().catch_up()
    with store.writing(desk.engine) as tx:
        tx.execute(damage)
    assert desk.verify() is request.node.callspec.id.endswith("none")


def test_without_a_read_model_there_is_nothing_to_verify(desk: Desk):
    with pytest.raises(ReadModelMissing):
        desk.verify()


def test_a_rebuild_is_refused_while_an_indexer_runs_and_is_no_news_for_the_feed(desk: Desk, monkeypatch):
    monkeypatch.setattr("backend.store.writer.PATIENCE_S", 0.2)
    with pytest.raises(WriterBusy):
        rebuild.rebuild(desk.engine, desk.rpc, desk.suite, projection, DEPTH)


def test_a_rebuild_announces_itself_once(node: anvil.Node, engine: Engine):
    suite, rpc = cash.suite(cash.deployment(node)), Rpc([node.url], anvil.LOCAL_CHAIN_ID)
    node.receipt(cash.mint(node, suite, HOLDERS[0], 5))
    at = rebuild.rebuild(engine, rpc, suite, projection, DEPTH)
    with store.reading(engine) as tx:
        assert position(tx) == at
        assert [item.kind for item in feed.tail(tx, feed.Cursor())] == ["Rebuilt"]


def test_every_product_module_of_the_package_is_part_of_the_shipped_projection():
    contracts = {contract for contract, _ in shipped().subscriptions}
    assert {"Participants", "Receivables", "Factoring", "Treasury"} <= contracts
