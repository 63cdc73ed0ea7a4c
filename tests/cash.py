"""MockCash deployed on a test's chain, as a suite of one contract."""

import json
from typing import Any

from backend.chain import abi
from backend.chain.contracts import Suite
from backend.chain.keys import development_key
from tests.anvil import LOCAL_CHAIN_ID, ROOT, Node

ARTIFACTS = ROOT / ".build/__local__.json"
DEPLOYER = development_key(0)


def artifact(contract: str) -> dict[str, Any]:
    """Ape's artifact of a contract of this project: `abi`, `deploymentBytecode`."""
    if not ARTIFACTS.exists():
        raise FileNotFoundError(f"{ARTIFACTS} is missing: compile the contracts first (`ape compile`)")
    return json.loads(ARTIFACTS.read_text(encoding="utf-8"))["contractTypes"][contract]


def deployment(node: Node, chain_id: int = LOCAL_CHAIN_ID) -> dict[str, Any]:
    """Deploy MockCash; returns the deployment's record."""
    bytecode = artifact("MockCash")["deploymentBytecode"]["bytecode"]
    request = {"from": DEPLOYER.address, "data": bytecode, "gas": hex(5_000_000)}
    transaction = node.rpc("eth_sendTransaction", request)
    if not node.rpc("anvil_getAutomine"):
        node.mine()
    receipt = node.receipt(transaction)
    block = int(receipt["blockNumber"], 16)
    cash = {"address": receipt["contractAddress"], "block": block, "transaction": transaction, "arguments": []}
    return {
        "chainId": chain_id,
        "genesisHash": node.rpc("eth_getBlockByNumber", "0x0", False)["hash"],
        "network": "local",
        "startBlock": block,
        "contracts": {"MockCash": cash},
    }


def suite(record: dict[str, Any]) -> Suite:
    return Suite(record, {"MockCash": artifact("MockCash")["abi"]})


def mint(node: Node, suite_: Suite, to: str, amount: int) -> str:
    """Mint outside any outbox, from the deployer; returns the transaction's hash."""
    data = "0x" + suite_.calldata("MockCash", "mint", to, amount).hex()
    return node.rpc("eth_sendTransaction", {"from": DEPLOYER.address, "to": suite_.address("MockCash"), "data": data})


def logs(node: Node, suite_: Suite) -> list[dict[str, Any]]:
    """All logs of the canonical chain, block by block: after a reorganisation under load Anvil's search over a range of
    blocks has been seen to leave one out that its block holds.
    """
    found: list[dict[str, Any]] = []
    for number in range(node.block_number() + 1):
        block = node.rpc("eth_getBlockByNumber", hex(number), False)
        if block and block["transactions"]:
            found += node.rpc("eth_getLogs", {"address": suite_.address("MockCash"), "blockHash": block["hash"]})
    return found


def balances(node: Node, suite_: Suite) -> dict[str, int]:
    """Balances by holder, from all Transfer logs of the canonical chain."""
    transfer = suite_.events("MockCash")["Transfer"]
    found: dict[str, int] = {}
    for log in logs(node, suite_):
        if log["topics"][0] != abi.topic_of(transfer):
            continue
        sender, receiver = (abi.checksum("0x" + topic[-40:]) for topic in log["topics"][1:3])
        amount = int(log["data"], 16)
        found[sender] = found.get(sender, 0) - amount
        found[receiver] = found.get(receiver, 0) + amount
    found.pop("0x" + "0" * 40, None)
    return {holder: amount for holder, amount in found.items() if amount}
