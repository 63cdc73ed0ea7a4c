"""JSON-RPC over several endpoints, some of them bad (CASES 34)."""

import pytest

from backend.chain.rpc import ChainMismatch, HeadUnsettled, Rpc, RpcRefused, RpcUnavailable
from tests import anvil, proxy

CHAIN = anvil.LOCAL_CHAIN_ID
NOWHERE = "http://127.0.0.1:9/v2/s3cr3t-access-token"


def test_a_dead_endpoint_is_passed_over(node: anvil.Node):
    assert Rpc([NOWHERE, node.url], CHAIN).header("latest").number == 0


@pytest.mark.parametrize("fault", ["refuse", "garbage", "busy"])
def test_a_failing_endpoint_is_left_for_the_next(node: anvil.Node, fault: str):
    with proxy.start(node.url) as failing:
        rpc = Rpc([failing.url, node.url], CHAIN)
        assert rpc.header("latest").number == 0
        failing.fault = fault
        node.mine()
        assert rpc.header("latest").number == 1


def test_when_nobody_answers_the_error_names_hosts_but_no_access_token():
    with pytest.raises(RpcUnavailable, match=r"127\.0\.0\.1:9") as refused:
        Rpc([NOWHERE], CHAIN).call("eth_blockNumber")
    assert "s3cr3t" not in str(refused.value)


def test_an_endpoint_of_another_chain_is_refused(node: anvil.Node):
    with pytest.raises(ChainMismatch) as refused:
        Rpc([node.url], 11155111).call("eth_blockNumber")
    assert refused.value.values == {"endpoint": f"127.0.0.1:{node.port}", "found": CHAIN, "expected": 11155111}


def test_a_refusal_carries_the_nodes_words(node: anvil.Node):
    with pytest.raises(RpcRefused) as refused:
        Rpc([node.url], CHAIN).call("eth_nonsense")
    assert refused.value.values["method"] == "eth_nonsense"
    assert refused.value.message


def test_in_a_batch_a_refusal_takes_only_its_own_place(node: anvil.Node):
    good = ("eth_chainId", ())
    answers = Rpc([node.url], CHAIN).batch([good, ("eth_nonsense", ()), good])
    assert answers[0] == answers[2] == hex(CHAIN)
    assert isinstance(answers[1], RpcRefused)


def test_batches_larger_than_a_request_come_back_in_order(node: anvil.Node):
    node.mine(250)
    headers = Rpc([node.url], CHAIN).headers(range(251))
    assert [header.number for header in headers.values()] == list(range(251))
    assert all(headers[number].parent == headers[number - 1].hash for number in range(1, 251))


def test_an_empty_batch_asks_nobody():
    assert Rpc([NOWHERE], CHAIN).batch([]) == []


def test_a_block_that_is_missing_means_try_again(node: anvil.Node):
    rpc = Rpc([node.url], CHAIN)
    with pytest.raises(HeadUnsettled):
        rpc.header(7)
    with pytest.raises(HeadUnsettled):
        rpc.headers([0, 7])


@pytest.mark.parametrize("fault", ["invented_head", "null_blocks"])
def test_a_head_that_the_node_does_not_stand_by_means_try_again(node: anvil.Node, fault: str):
    node.mine(5)
    with proxy.start(node.url) as lying:
        rpc = Rpc([lying.url], CHAIN)
        lying.fault = fault
        with pytest.raises(HeadUnsettled):
            rpc.head()
