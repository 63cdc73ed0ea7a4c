"""The suite: records, calls, genesis."""

import json
from pathlib import Path

import pytest

from backend.chain import contracts, start
from backend.chain.abi import ArgumentsInvalid
from backend.chain.contracts import (
    DeploymentInvalid,
    DeploymentMissing,
    GenesisMismatch,
    Suite,
    UnknownContract,
    UnknownMember,
)
from backend.chain.reverts import ContractError
from backend.chain.rpc import Rpc
from backend.config import Settings
from backend.store.engine import DatabaseOfAnotherChain
from tests import anvil, cash

ACCOUNT = cash.DEPLOYER.address


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A deployment record; only its place matters to most tests."""
    monkeypatch.setattr(contracts, "ABI_FILE", tmp_path / "abi.json")
    (tmp_path / "abi.json").write_text(json.dumps({"MockCash": cash.artifact("MockCash")["abi"]}), encoding="utf-8")
    entry = {"address": "0x" + "11" * 20, "block": 1, "transaction": "0x", "arguments": []}
    content = {"chainId": 417417, "genesisHash": "0xaa", "startBlock": 1, "contracts": {"MockCash": entry}}
    path = tmp_path / "417417.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def load(record: Path) -> Suite:
    return Suite.load(Settings.load(deployments_dir=record.parent))


def test_a_suite_is_loaded_from_the_record_of_its_chain(record: Path):
    suite = load(record)
    assert suite.address("MockCash") == "0x" + "11" * 20
    assert (suite.chain_id, suite.start_block, suite.genesis_hash) == (417417, 1, "0xaa")


def test_a_chain_without_a_record_is_named(record: Path):
    with pytest.raises(DeploymentMissing, match="31337"):
        Suite.load(Settings.load(deployments_dir=record.parent, chain_id=31337))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"chainId": 417417, "genesisHash": "0x", "startBlock": "x", "contracts": {}}',
        '{"chainId": 417417, "genesisHash": "0x", "startBlock": 1, "contracts": {"MockCash": {}}}',
        '{"chainId": 417417, "genesisHash": "0x", "startBlock": 1, "contracts": {"MockCash": {"address": "0x12"}}}',
        '{"chainId": 1, "genesisHash": "0x", "startBlock": 1, "contracts": {}}',
    ],
)
def test_a_damaged_record_is_named(record: Path, content: str):
    record.write_text(content, encoding="utf-8")
    with pytest.raises(DeploymentInvalid, match=r"417417\.json"):
        load(record)


def test_the_node_must_have_the_genesis_of_the_record(record: Path, node: anvil.Node):
    with pytest.raises(GenesisMismatch) as refused:
        load(record).verify_genesis(Rpc([node.url], 417417))
    assert refused.value.values["expected"] == "0xaa"


def test_a_database_of_an_earlier_local_chain_is_refused_at_the_start(tmp_path: Path):
    def begin(genesis: int) -> None:
        with anvil.start(options=["--timestamp", str(genesis)]) as node:
            start.connect(Settings.load(rpc_urls=node.url, database_url=f"sqlite:///{tmp_path}/x.db"), _suite(node))

    begin(1_800_000_000)
    with pytest.raises(DatabaseOfAnotherChain):
        begin(1_800_000_001)


def _suite(node: anvil.Node) -> Suite:
    node.rpc("evm_setNextBlockTimestamp", hex(2_000_000_000))
    return cash.suite(cash.deployment(node))


def test_reads_return_one_value_plainly_and_several_by_name(node: anvil.Node):
    suite, rpc = cash.suite(cash.deployment(node)), Rpc([node.url], 417417)
    node.receipt(cash.mint(node, suite, ACCOUNT, 70))
    assert suite.call(rpc, "MockCash", "balanceOf", ACCOUNT) == 70
    assert suite.call(rpc, "MockCash", "balanceOf", ACCOUNT, block=0 + suite.start_block) == 0
    assert suite.call(rpc, "MockCash", "eip712Domain")["chainId"] == 417417


def test_a_refusing_contract_raises_its_own_error(node: anvil.Node):
    suite, rpc = cash.suite(cash.deployment(node)), Rpc([node.url], 417417)
    with pytest.raises(ContractError) as refused:
        suite.call(rpc, "MockCash", "transfer", ACCOUNT, 5, sender=ACCOUNT)
    assert refused.value.code == "ERC20InsufficientBalance"
    assert refused.value.values == {"sender": ACCOUNT, "balance": 0, "needed": 5}


def test_unknown_names_and_wrong_arguments_are_named(record: Path):
    suite = load(record)
    with pytest.raises(UnknownContract, match="Bank"):
        suite.calldata("Bank", "rob")
    with pytest.raises(UnknownMember, match="burn"):
        suite.calldata("MockCash", "burn", 1)
    with pytest.raises(UnknownMember, match="1 arguments"):
        suite.calldata("MockCash", "mint", 1)
    with pytest.raises(ArgumentsInvalid, match="mint"):
        suite.calldata("MockCash", "mint", ACCOUNT, -1)
    with pytest.raises(UnknownContract, match="Bank"):
        suite.events("Bank")
