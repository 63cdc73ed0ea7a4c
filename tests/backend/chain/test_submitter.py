"""The outbox submitter over a real chain that mines on request (CASES 33, 34)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import Engine, select

from backend import store
from backend.chain import outbox
from backend.chain.contracts import Suite
from backend.chain.fees import Fees
from backend.chain.keys import development_key
from backend.chain.outbox import Intent, IntentConflict, IntentUnknown
from backend.chain.rpc import Header, HeadUnsettled, Rpc, RpcUnavailable
from backend.chain.slots import Slot, SlotState, SlotTable, Variant
from backend.chain.submitter import Inclusion, Submitter, Verdict, View, is_stuck, judge
from backend.config import Settings
from backend.store.tables import slots, variants
from tests import anvil, cash, proxy

ACCOUNT = development_key(5)
ME = ACCOUNT.address
SOMEBODY = development_key(6).address
CONFIRMATIONS = 3
GWEI = 10**9


@dataclass
class Desk:
    """A submitter and what a test does around it."""

    node: anvil.Node
    engine: Engine
    suite: Suite
    submitter: Submitter
    between: proxy.Proxy

    def want(self, key: str, function: str = "mint", *arguments: Any, target: str | None = None) -> None:
        data = self.suite.calldata("MockCash", function, *(arguments or (SOMEBODY, 5)))
        with store.writing(self.engine) as tx:
            outbox.enqueue(tx, key=key, sender=ME, target=target or self.suite.address("MockCash"), data=data)

    def cancel(self, key: str) -> None:
        with store.writing(self.engine) as tx:
            outbox.cancel(tx, key)

    def step(self, times: int = 1) -> None:
        for _ in range(times):
            self.submitter.step()

    def mine(self, blocks: int = 1) -> None:
        self.node.mine(blocks)

    def finish(self) -> None:
        """Mine and step until everything in flight is settled."""
        for _ in range(2 * CONFIRMATIONS):
            self.mine()
            self.step()

    def intent(self, key: str) -> Intent:
        with store.reading(self.engine) as tx:
            return outbox.find(tx, key)

    def state(self, key: str) -> str:
        return self.intent(key).state.value

    def rows(self, table: Any) -> list[Any]:
        with store.reading(self.engine) as tx:
            return list(tx.execute(select(table)))

    def pool(self) -> list[str]:
        """Hashes of my pending transactions."""
        found = self.node.rpc("txpool_content")["pending"]
        mine = {sender.lower(): content for sender, content in found.items()}.get(ME.lower(), {})
        return [transaction["hash"] for _, transaction in sorted(mine.items(), key=lambda item: int(item[0]))]

    def balance(self, holder: str = SOMEBODY) -> int:
        return cash.balances(self.node, self.suite).get(holder, 0)

    def steal_nonce(self, fee_gwei: int = 50) -> str:
        """A transaction from my key that my outbox knows nothing of, at the nonce that the chain takes next."""
        nonce = int(self.node.rpc("eth_getTransactionCount", ME, "latest"), 16)
        transaction = {
            "type": 2,
            "chainId": anvil.LOCAL_CHAIN_ID,
            "nonce": nonce,
            "to": ME,
            "value": 1,
            "gas": 21_000,
            "maxFeePerGas": fee_gwei * GWEI,
            "maxPriorityFeePerGas": fee_gwei * GWEI,
        }
        return self.node.rpc(
            "eth_sendRawTransaction", ACCOUNT.sign_transaction(transaction).raw_transaction.to_0x_hex()
        )


@pytest.fixture
def desk(held_node: anvil.Node, engine: Engine) -> Iterator[Desk]:
    suite = cash.suite(cash.deployment(held_node))
    with proxy.start(held_node.url) as between, store.sole_writer(engine, "submitter") as fence:
        settings = Settings.load(rpc_urls=between.url, confirmations=CONFIRMATIONS, max_fee_gwei=100)
        rpc = Rpc.connect(settings)
        submitter = Submitter(SlotTable(engine, ME, fence), rpc, ACCOUNT, settings)
        yield Desk(held_node, engine, suite, submitter, between)


def test_an_intent_becomes_final_when_its_block_is_deep_enough_and_not_before(desk: Desk):
    desk.want("a")
    assert desk.state("a") == "queued"
    desk.step()
    assert desk.state("a") == "broadcast"
    desk.mine()
    for _ in range(CONFIRMATIONS - 1):
        desk.step()
        assert desk.state("a") == "included"
        desk.mine()
    desk.step()
    assert desk.state("a") == "final"
    assert desk.balance() == 5


def test_many_intents_get_consecutive_nonces_in_their_order(desk: Desk):
    for number in range(5):
        desk.want(f"{number}", "mint", SOMEBODY, number + 1)
    desk.step()
    assert [(row.nonce, row.intent_id) for row in desk.rows(slots)] == [(number, number + 1) for number in range(5)]
    desk.finish()
    assert desk.balance() == 15


def test_nonce_and_bytes_are_saved_before_anything_leaves_and_the_same_bytes_leave_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    def broken_line(_: Variant) -> None:
        raise RpcUnavailable(endpoints="none")

    with monkeypatch.context() as patch:
        patch.setattr(desk.submitter, "_offer", broken_line)
        desk.want("a")
        with pytest.raises(RpcUnavailable):
            desk.step()
    assert (desk.state("a"), desk.pool()) == ("signed", [])
    saved = [row.hash for row in desk.rows(variants)]
    desk.step()
    assert desk.pool() == saved
    assert [row.hash for row in desk.rows(variants)] == saved


def test_case_34_a_dropped_mempool_gets_the_same_bytes_again(desk: Desk):
    desk.want("a")
    desk.want("b")
    desk.step()
    before = desk.pool()
    desk.node.rpc("anvil_dropAllTransactions")
    assert desk.pool() == []
    desk.step()
    assert desk.pool() == before


def test_case_33_a_reorganisation_puts_an_included_transaction_back_and_its_bytes_are_sent_again(desk: Desk):
    desk.want("a")
    desk.step()
    desk.mine(2)
    desk.step()
    first = desk.intent("a")
    assert first.state == "included"
    desk.node.rpc("anvil_reorg", 2, [])
    desk.step()
    assert (desk.state("a"), desk.intent("a").transaction_hash) == ("broadcast", None)
    desk.finish()
    assert desk.intent("a").transaction_hash == first.transaction_hash
    assert desk.balance() == 5


def test_receipts_that_lag_behind_the_nonce_never_free_an_intent(desk: Desk):
    desk.want("a")
    desk.step()
    desk.mine(CONFIRMATIONS + 2)
    desk.between.fault = "no_receipts"
    desk.step(3)
    assert desk.state("a") == "broadcast"
    assert len(desk.rows(slots)) == 1
    desk.between.fault = None
    desk.step()
    assert desk.state("a") == "final"


@pytest.mark.parametrize("fault", ["invented_head", "null_blocks"])
def test_case_34_a_lying_head_changes_nothing(desk: Desk, fault: str):
    desk.want("a")
    desk.step()
    desk.mine()
    desk.step()
    desk.between.fault = fault
    with pytest.raises(HeadUnsettled):
        desk.step()
    assert desk.state("a") == "included"


def test_a_lagging_head_delays_but_neither_loses_nor_doubles(desk: Desk):
    desk.mine(5)
    desk.want("a")
    desk.step()
    desk.mine()
    desk.between.fault = "stale_head"
    desk.step(3)
    desk.between.fault = None
    desk.finish()
    assert desk.state("a") == "final"
    assert desk.balance() == 5


def test_case_34_a_stuck_fee_is_raised_by_an_eighth_or_more_on_both_fees_and_any_variant_may_mine(desk: Desk):
    desk.want("a")
    desk.step()
    desk.node.rpc("anvil_setNextBlockBaseFeePerGas", hex(20 * GWEI))
    desk.mine()
    desk.step()
    cheap, dear = desk.rows(variants)
    assert dear.max_fee * 1000 >= cheap.max_fee * 1125
    assert dear.priority_fee * 1000 >= cheap.priority_fee * 1125
    assert desk.pool() == [dear.hash]
    desk.node.rpc("anvil_dropAllTransactions")
    desk.node.rpc("anvil_setNextBlockBaseFeePerGas", hex(GWEI))
    desk.node.rpc("eth_sendRawTransaction", "0x" + bytes(cheap.raw).hex())
    desk.finish()
    assert (desk.state("a"), desk.intent("a").transaction_hash) == ("final", cheap.hash)
    assert desk.balance() == 5


def test_a_transaction_that_waits_for_many_blocks_is_replaced(desk: Desk):
    desk.want("a")
    desk.step()
    first = desk.pool()
    for _ in range(7):
        desk.node.rpc("anvil_dropAllTransactions")
        desk.mine()
        desk.step()
    assert len(desk.rows(variants)) == 2
    assert desk.pool() != first
    desk.finish()
    assert (desk.state("a"), desk.balance()) == ("final", 5)


def test_fees_never_exceed_the_ceiling(desk: Desk):
    desk.want("a")
    desk.step()
    desk.node.rpc("anvil_setNextBlockBaseFeePerGas", hex(500 * GWEI))
    desk.mine()
    desk.step(2)
    assert all(row.max_fee <= 100 * GWEI for row in desk.rows(variants))


def test_case_34_a_nonce_used_by_somebody_else_frees_the_intent_only_when_that_is_final(desk: Desk):
    desk.want("a")
    desk.step()
    foreign = desk.steal_nonce()
    desk.mine()
    for _ in range(CONFIRMATIONS - 1):
        desk.step()
        assert [row.nonce for row in desk.rows(slots)] == [0]
        desk.mine()
    desk.step()
    assert [(row.nonce, row.state, row.foreign_hash) for row in desk.rows(slots)] == [
        (0, "foreign", foreign),
        (1, "open", None),
    ]
    desk.finish()
    assert (desk.state("a"), desk.balance()) == ("final", 5)


def test_a_foreign_transaction_that_a_reorganisation_takes_away_leaves_no_gap(desk: Desk):
    desk.steal_nonce()
    desk.mine()
    desk.want("a")
    desk.step()
    assert [row.nonce for row in desk.rows(slots)] == [1]
    desk.node.rpc("anvil_reorg", 1, [])
    desk.node.rpc("anvil_dropAllTransactions")
    desk.finish()
    assert sorted(row.nonce for row in desk.rows(slots)) == [0, 1]
    assert (desk.state("a"), desk.balance()) == ("final", 5)


def test_an_intent_that_cannot_be_estimated_fails_with_the_contracts_reason_and_takes_no_nonce(desk: Desk):
    desk.want("a", "transfer", SOMEBODY, 10)
    desk.step()
    reason = desk.intent("a").reason
    assert desk.state("a") == "failed"
    assert reason is not None
    assert reason["code"] == "ERC20InsufficientBalance"
    assert reason["values"] == {"sender": ME, "balance": "0", "needed": "10"}
    assert "10" in reason["notice_en"]
    assert desk.rows(slots) == []


def test_a_refusal_does_not_count_while_an_earlier_intent_may_still_change_it(desk: Desk):
    desk.want("fund", "mint", ME, 10)
    desk.want("spend", "transfer", SOMEBODY, 10)
    desk.want("free", "mint", SOMEBODY, 1)
    desk.step()
    assert (desk.state("spend"), desk.state("free")) == ("queued", "broadcast")
    desk.finish()
    assert (desk.state("fund"), desk.state("spend"), desk.balance()) == ("final", "final", 11)


def test_a_transaction_that_reverts_on_chain_fails_with_its_reason(desk: Desk):
    desk.want("fund", "mint", ME, 10)
    desk.step()
    desk.mine()
    desk.want("first", "transfer", SOMEBODY, 10)
    desk.want("second", "transfer", SOMEBODY, 10)
    desk.finish()
    reason = desk.intent("second").reason
    assert (desk.state("first"), desk.state("second"), desk.balance()) == ("final", "failed", 10)
    assert reason is not None
    assert reason["code"] in {"ERC20InsufficientBalance", "RevertedOnChain"}


def test_a_payload_that_can_no_longer_succeed_gives_its_nonce_to_a_no_op(desk: Desk):
    drainer = cash.DEPLOYER.address
    desk.want("fund", "mint", ME, 10)
    desk.want("allow", "approve", drainer, 10)
    desk.step()
    desk.mine()
    desk.want("spend", "transfer", SOMEBODY, 10)
    desk.step()
    desk.node.rpc("anvil_dropAllTransactions")
    data = "0x" + desk.suite.calldata("MockCash", "transferFrom", ME, drainer, 10).hex()
    transaction = {"from": drainer, "to": desk.suite.address("MockCash"), "data": data, "maxFeePerGas": hex(60 * GWEI)}
    desk.node.rpc("eth_sendTransaction", transaction)
    desk.node.rpc("anvil_setNextBlockBaseFeePerGas", hex(20 * GWEI))
    desk.mine()
    desk.step()
    desk.mine()
    desk.step(2)
    desk.finish()
    payload, noop = desk.rows(variants)[-2:]
    assert (payload.noop, noop.noop, noop.gas) == (0, 1, 21_000)
    assert payload.nonce == noop.nonce
    assert desk.state("spend") == "failed"
    assert (desk.intent("spend").reason or {})["code"] == "ERC20InsufficientBalance"


def test_a_queued_intent_is_cancelled_without_a_trace_on_chain(desk: Desk):
    desk.want("a")
    desk.cancel("a")
    desk.step()
    assert (desk.state("a"), desk.rows(slots)) == ("cancelled", [])


def test_a_broadcast_intent_is_cancelled_by_a_no_op_at_its_nonce(desk: Desk):
    desk.want("a")
    desk.step()
    desk.cancel("a")
    desk.node.rpc("anvil_dropAllTransactions")
    desk.mine()
    desk.step(2)
    desk.finish()
    assert (desk.state("a"), desk.balance()) == ("cancelled", 0)


def test_cancelling_too_late_leaves_the_truth_of_the_chain(desk: Desk):
    desk.want("a")
    desk.step()
    desk.mine()
    desk.cancel("a")
    desk.finish()
    assert (desk.state("a"), desk.balance()) == ("final", 5)


def test_gas_above_the_cap_of_a_transaction_fails_by_name(desk: Desk):
    with store.writing(desk.engine) as tx:
        outbox.enqueue(tx, key="a", sender=ME, target=SOMEBODY, data=b"\x01" * 500_000)
    desk.step()
    assert (desk.state("a"), (desk.intent("a").reason or {})["code"]) == ("failed", "GasAboveCap")


def test_the_same_key_is_the_same_intent_and_another_content_is_refused(desk: Desk):
    desk.want("a")
    desk.want("a")
    desk.finish()
    assert desk.balance() == 5
    with pytest.raises(IntentConflict, match="a"):
        desk.want("a", "mint", SOMEBODY, 6)


def test_an_unknown_key_is_named(desk: Desk):
    with pytest.raises(IntentUnknown, match="nothing"):
        desk.intent("nothing")


VIEW = View(Header(10, "0xh", "0xp", 0, 2 * GWEI), since=1, count=5, settled=8, settled_count=4)
VARIANT = Variant("0x1", b"", Fees(3 * GWEI, GWEI), 21_000, noop=False, signed_at_block=9)
SLOT = Slot(5, SlotState.OPEN, None, (VARIANT,))


@pytest.mark.parametrize(
    ("nonce", "state", "block", "verdict"),
    [
        (5, SlotState.OPEN, None, Verdict.WAITS),
        (5, SlotState.INCLUDED, None, Verdict.REOPENED),
        (4, SlotState.OPEN, 9, Verdict.INCLUDED),
        (3, SlotState.INCLUDED, 8, Verdict.SETTLED),
        (4, SlotState.OPEN, None, Verdict.WAITS),
        (3, SlotState.OPEN, None, Verdict.PERHAPS_FOREIGN),
        (3, SlotState.INCLUDED, None, Verdict.PERHAPS_FOREIGN),
    ],
)
def test_what_has_become_of_a_nonce(nonce: int, state: SlotState, block: int | None, verdict: Verdict):
    inclusion = None if block is None else Inclusion(VARIANT, block, "0xh", succeeded=True)
    assert judge(replace(SLOT, nonce=nonce, state=state), inclusion, VIEW) is verdict


@pytest.mark.parametrize(
    ("nonce", "signed_at", "base_fee", "stuck"),
    [
        (5, 9, 2 * GWEI, False),
        (5, 9, 4 * GWEI, True),
        (5, 10, 4 * GWEI, False),
        (5, 5, 2 * GWEI, False),
        (5, 4, 2 * GWEI, True),
        (6, 4, 4 * GWEI, False),
    ],
)
def test_when_a_nonce_is_stuck(nonce: int, signed_at: int, base_fee: int, stuck: bool):
    slot = replace(SLOT, nonce=nonce, variants=(replace(VARIANT, signed_at_block=signed_at),))
    assert is_stuck(slot, replace(VIEW, head=replace(VIEW.head, base_fee=base_fee))) is stuck


def test_blocks_that_passed_while_nobody_submitted_do_not_make_a_nonce_stuck():
    slot = replace(SLOT, variants=(replace(VARIANT, signed_at_block=1),))
    assert is_stuck(slot, VIEW)
    assert not is_stuck(slot, replace(VIEW, since=10))


@pytest.mark.parametrize(("fee", "raised"), [(0, 1), (1, 2), (8, 9), (1000, 1125), (1001, 1127)])
def test_raising_a_fee_rounds_up(fee: int, raised: int):
    assert Fees(fee, fee).raised(Fees(0, 0)) == Fees(raised, raised)
    assert Fees(fee, fee).raised(Fees(10**6, 5)) == Fees(10**6, max(raised, 5))
