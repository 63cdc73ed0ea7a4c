"""Transactions of one key, sent and waited for: what a person does with a wallet. Services use the submitter."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount

from backend.chain import abi, fees
from backend.chain.contracts import Event, Suite
from backend.chain.reverts import contract_error, revert_data
from backend.chain.rpc import Rpc, RpcRefused
from backend.errors import HeqiError

MINED_WITHIN_S = 120.0
POLL_S = 0.05
GAS_MARGIN_PERCENT = 60  # what others send between estimate and inclusion may make a payment dearer


class NotMined(HeqiError):
    notice_en = "Transaction {transaction} was not mined within {seconds} s."
    notice_zh = "交易 {transaction} 在 {seconds} 秒内未上链。"
    status = 504


class Reverted(HeqiError):
    notice_en = "Transaction {transaction} was executed and refused."
    notice_zh = "交易 {transaction} 已执行但被合约拒绝。"
    status = 409


@dataclass(frozen=True)
class Receipt:
    """A mined transaction. `events`: those of the suite's contracts, in order."""

    transaction: str
    block: int
    timestamp: int
    gas_used: int
    events: Sequence[Event]

    def event(self, name: str) -> Event:
        """The first event of that name. Raises StopIteration."""
        return next(event for event in self.events if event.name == name)


class Wallet:
    """`send` refuses before it signs when the contract would refuse."""

    def __init__(self, rpc: Rpc, suite: Suite, account: LocalAccount) -> None:
        self._rpc = rpc
        self._suite = suite
        self.account = account
        self.address: str = account.address

    def send(self, contract: str, function: str, *arguments: Any) -> Receipt:
        """Raises the contract's own error (ContractError), NotMined, Reverted, and what Rpc.call raises."""
        request = {
            "from": self.address,
            "to": self._suite.address(contract),
            "data": "0x" + self._suite.calldata(contract, function, *arguments).hex(),
        }
        raw = self._signed(request, self._estimate(request))
        transaction = self._rpc.call("eth_sendRawTransaction", "0x" + raw.hex())
        return self._receipt(transaction)

    def _estimate(self, request: dict[str, str]) -> int:
        try:
            gas = int(self._rpc.call("eth_estimateGas", request), 16)
        except RpcRefused as refusal:
            if (data := revert_data(refusal)) is None:
                raise
            raise contract_error(data) from None
        return gas * (100 + GAS_MARGIN_PERCENT) // 100

    def _signed(self, request: dict[str, str], gas: int) -> bytes:
        paid = fees.market(self._rpc, self._rpc.header("latest").base_fee)
        fields: dict[str, Any] = {
            "type": 2,
            "chainId": self._suite.chain_id,
            "nonce": self._rpc.transaction_count(self.address, "pending"),
            "to": request["to"],
            "data": request["data"],
            "value": 0,
            "gas": gas,
            "maxFeePerGas": paid.maximum,
            "maxPriorityFeePerGas": paid.priority,
        }
        return bytes(self.account.sign_transaction(fields).raw_transaction)

    def _receipt(self, transaction: str) -> Receipt:
        deadline = time.monotonic() + MINED_WITHIN_S
        while not (found := self._rpc.call("eth_getTransactionReceipt", transaction)):
            if time.monotonic() > deadline:
                raise NotMined(transaction=transaction, seconds=MINED_WITHIN_S)
            time.sleep(POLL_S)
        if found["status"] != "0x1":
            raise Reverted(transaction=transaction)
        block = self._rpc.header(int(found["blockNumber"], 16))
        return Receipt(
            transaction=transaction,
            block=block.number,
            timestamp=block.timestamp,
            gas_used=int(found["gasUsed"], 16),
            events=events_of(self._suite, found["logs"], block.timestamp),
        )


def events_of(suite: Suite, logs: Sequence[dict[str, Any]], timestamp: int) -> list[Event]:
    """The suite's events among JSON-RPC logs of one block."""
    names = {address: name for name, address in suite.addresses.items()}
    found = []
    for log in logs:
        contract = names.get(abi.checksum(log["address"]))
        entry = contract and next(
            (entry for entry in suite.events(contract).values() if abi.topic_of(entry) == log["topics"][0]), None
        )
        if not contract or not entry:
            continue
        place = {"block": int(log["blockNumber"], 16), "block_hash": log["blockHash"], "timestamp": timestamp}
        where = {"transaction": log["transactionHash"], "log_index": int(log["logIndex"], 16)}
        arguments = abi.event_decoder(entry)(log)
        found.append(Event(contract=contract, name=entry["name"], arguments=arguments, **place, **where))
    return found
