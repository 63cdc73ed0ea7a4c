"""What the chain says about a model: its registered hash, and which two people stand for it."""

from dataclasses import dataclass
from typing import Any

from backend.chain import abi
from backend.chain.contracts import Suite
from backend.chain.rpc import Rpc

ORACLE = "CreditOracle"


@dataclass(frozen=True, slots=True)
class Registered:
    """A model in the `CreditOracle`. `proposer` sent the registration, `approver` the approval; None: nobody yet."""

    hash: str
    approved: bool
    retired: bool
    proposer: str | None
    approver: str | None
    chain_id: int
    block: int


def read(rpc: Rpc, suite: Suite, number: int) -> Registered:
    """Model `number` at the newest block. Raises what `Rpc.call` and `Suite.call` raise."""
    head = rpc.head().number
    model = suite.call(rpc, ORACLE, "models", number, block=head)
    registered, approved = (_last(rpc, suite, name, number, head) for name in ("ModelRegistered", "ModelApproved"))
    return Registered(
        hash=model["hash"],
        approved=model["approved"],
        retired=model["retired"],
        proposer=_sender(rpc, registered) if registered else None,
        approver=_approver(suite, approved) if approved else None,
        chain_id=suite.chain_id,
        block=head,
    )


def _last(rpc: Rpc, suite: Suite, name: str, number: int, head: int) -> dict[str, Any] | None:
    """The last log of that event for the model."""
    topics = [abi.topic_of(suite.events(ORACLE)[name]), f"0x{number:064x}"]
    where = {"fromBlock": hex(suite.start_block), "toBlock": hex(head)}
    logs = rpc.call("eth_getLogs", {"address": suite.address(ORACLE), "topics": topics, **where})
    return logs[-1] if logs else None


def _sender(rpc: Rpc, log: dict[str, Any]) -> str:
    """Who sent the transaction: the officer, whether it called the oracle or had the authority execute the call."""
    return abi.checksum(rpc.call("eth_getTransactionByHash", log["transactionHash"])["from"])


def _approver(suite: Suite, log: dict[str, Any]) -> str:
    approver: str = abi.event_decoder(suite.events(ORACLE)["ModelApproved"])(log)["by"]
    return approver
