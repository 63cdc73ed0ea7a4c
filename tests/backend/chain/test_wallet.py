"""What a person does with a wallet: send, wait, read what happened."""

from collections.abc import Iterator

import pytest

from backend.chain.contracts import Suite
from backend.chain.keys import development_key
from backend.chain.reverts import ContractError
from backend.chain.rpc import Rpc
from backend.chain.wallet import Wallet
from tests import anvil, cash

HOLDER = development_key(4).address


@pytest.fixture
def suite(node: anvil.Node) -> Suite:
    return cash.suite(cash.deployment(node))


@pytest.fixture
def wallet(node: anvil.Node, suite: Suite) -> Iterator[Wallet]:
    yield Wallet(Rpc([node.url], anvil.LOCAL_CHAIN_ID), suite, development_key(3))


def test_a_transaction_is_mined_and_its_events_are_read(node: anvil.Node, suite: Suite, wallet: Wallet):
    receipt = wallet.send("MockCash", "mint", HOLDER, 70)
    transfer = receipt.event("Transfer")
    assert (transfer["to"], transfer["value"]) == (HOLDER, 70)
    assert (transfer.block, transfer.transaction) == (receipt.block, receipt.transaction)
    found = node.receipt(receipt.transaction)
    assert (receipt.gas_used, receipt.block) == (int(found["gasUsed"], 16), int(found["blockNumber"], 16))


def test_what_the_contract_refuses_is_named_and_never_sent(node: anvil.Node, wallet: Wallet):
    with pytest.raises(ContractError) as refused:
        wallet.send("MockCash", "transfer", HOLDER, 1)
    assert refused.value.code == "ERC20InsufficientBalance"
    assert int(node.rpc("eth_getTransactionCount", wallet.address, "latest"), 16) == 0


def test_transactions_of_one_wallet_follow_each_other(node: anvil.Node, suite: Suite, wallet: Wallet):
    for amount in (1, 2, 3):
        wallet.send("MockCash", "mint", HOLDER, amount)
    rpc = Rpc([node.url], anvil.LOCAL_CHAIN_ID)
    balances = suite.call_each(rpc, "MockCash", "balanceOf", [(HOLDER,), (wallet.address,)])
    assert balances == [6, 0]


def test_a_refused_read_among_several_raises_its_own_error(node: anvil.Node, suite: Suite):
    rpc = Rpc([node.url], anvil.LOCAL_CHAIN_ID)
    with pytest.raises(ContractError) as refused:
        suite.call_each(rpc, "MockCash", "transfer", [(HOLDER, 0), (HOLDER, 5)])
    assert refused.value.code in {"ERC20InsufficientBalance", "ERC20InvalidSender"}
