"""What is final is asked for once; what may still be replaced is asked for each time."""

from collections.abc import Iterator
from typing import Any

import pytest

from backend.chain import history
from backend.chain.history import History
from backend.chain.keys import development_key
from backend.chain.rpc import Rpc, RpcUnavailable
from tests import anvil

DEPTH = 4
UNKNOWN = "0x" + "ab" * 32


class Counting(Rpc):
    """Counts the questions by method."""

    asked: list[str]

    def batch(self, requests_: Any) -> list[Any]:
        self.asked = [*getattr(self, "asked", []), *(method for method, _ in requests_)]
        return super().batch(requests_)


@pytest.fixture
def rpc(node: anvil.Node) -> Iterator[Counting]:
    for _ in range(10):
        node.mine()
    yield Counting([node.url], anvil.LOCAL_CHAIN_ID)


def send(node: anvil.Node) -> str:
    request = {"from": development_key(0).address, "to": development_key(1).address, "value": "0x1"}
    hash_: str = node.rpc("eth_sendTransaction", request)
    node.receipt(hash_)
    return hash_


def test_a_final_block_is_asked_for_once_and_a_fresh_one_each_time(rpc: Counting):
    past = History(rpc, DEPTH)
    for number, times in ((3, 1), (9, 2)):
        rpc.asked = []
        assert past.blocks([number]) == past.blocks([number])
        assert rpc.asked.count("eth_getBlockByNumber") == times


def test_a_block_has_its_transactions_whole_only_when_asked(rpc: Counting, node: anvil.Node):
    past, hash_ = History(rpc, DEPTH), send(node)
    (slim,), (whole,) = past.blocks([11]), past.blocks([11], whole=True)
    assert slim["transactions"] == [hash_] == [transaction["hash"] for transaction in whole["transactions"]]


def test_a_transaction_is_kept_once_it_is_final(rpc: Counting, node: anvil.Node):
    past, hash_ = History(rpc, DEPTH), send(node)
    assert past.transactions([hash_])[hash_]["hash"] == hash_
    for _ in range(DEPTH):
        node.mine()
    past.transactions([hash_])
    past.receipts([hash_])
    rpc.asked = []
    assert past.transactions([hash_])[hash_]["hash"] == past.receipts([hash_])[hash_]["transactionHash"]
    assert rpc.asked == []


def test_a_block_that_was_replaced_is_told_as_it_is_now(rpc: Counting, node: anvil.Node):
    past, snapshot = History(rpc, DEPTH), node.rpc("evm_snapshot")
    send(node)
    (before,) = past.blocks([11])
    node.rpc("evm_revert", snapshot)
    node.rpc("evm_increaseTime", 100)
    node.mine()
    (after,) = past.blocks([11])
    assert (len(before["transactions"]), len(after["transactions"])) == (1, 0)


def test_what_does_not_exist_is_left_out_and_asked_for_again(rpc: Counting):
    past = History(rpc, DEPTH)
    assert past.blocks([3, 10_000]) == past.blocks([3])
    assert past.transactions([UNKNOWN]) == past.receipts([UNKNOWN]) == {}
    assert past.block_of_hash(UNKNOWN) is None


def test_the_oldest_are_forgotten_when_there_are_many(rpc: Counting, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(history, "MOST_KEPT", 2)
    past = History(rpc, DEPTH)
    past.blocks([1, 2, 3])
    rpc.asked = []
    past.blocks([2, 3])
    assert rpc.asked == []
    past.blocks([1])
    assert "eth_getBlockByNumber" in rpc.asked


def test_a_node_that_does_not_answer_is_named():
    past = History(Rpc(["http://127.0.0.1:1"], anvil.LOCAL_CHAIN_ID), DEPTH)
    with pytest.raises(RpcUnavailable):
        past.blocks([1])
