"""Carry the plan out on a chain, one recorded transaction after the other, from wherever an earlier run stopped."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from backend.chain import abi, fees
from backend.chain.abi import Entry
from backend.chain.keys import PUBLIC_KEYS_CHECKED, development_key
from backend.chain.reverts import contract_error, revert_data
from backend.chain.rpc import Rpc, RpcRefused
from backend.config import DevelopmentKeyOffLocalChain
from backend.errors import HeqiError
from backend.figures import SETTLEMENT_DECIMALS
from scripts._artifacts import Artifacts
from scripts._audit import creation_rows
from scripts._record import Chain, Record
from scripts.plan import Parameters, build, hand_over

MINED_WITHIN_S = 600.0
LONGEST_PAUSE_S = 0.5
DECIMALS_CALL = "0x313ce567"  # decimals()
GAS_MARGIN_PERCENT = 20  # an estimate may fall short when the block after it is another

Sign = Callable[[Mapping[str, Any]], bytes]
Say = Callable[[str], None]


class TransactionFailed(HeqiError):
    notice_en = "{step} failed in transaction {transaction}."
    notice_zh = "{step} 在交易 {transaction} 中执行失败。"


class TransactionNotMined(HeqiError):
    notice_en = "{step}: transaction {transaction} was not mined within {seconds} s; run again to go on with it."
    notice_zh = "{step}：交易 {transaction} 在 {seconds} 秒内未上链，可再次运行以继续。"


class RecordedTransactionForeign(HeqiError):
    notice_en = (
        "{path} has a transaction of {recorded} under way, but the next step is {step}; use the release that sent it."
    )
    notice_zh = "{path} 中有未完成的交易 {recorded}，而下一步为 {step}；请使用发出该交易的版本继续。"


class CashDecimalsWrong(HeqiError):
    """Texts for users know one settlement currency; another scale would show every amount wrong."""

    notice_en = "The settlement token {token} has {decimals} decimals; amounts are shown with {needed}."
    notice_zh = "结算代币 {token} 有 {decimals} 位小数，而金额按 {needed} 位小数显示。"


class DeploymentDiffers(HeqiError):
    notice_en = "{subject}: expected {expected}, found {found}."
    notice_zh = "{subject}：应为 {expected}，实际为 {found}。"


class Deployer:
    """A `plan.Executor` that does only what the record does not have. `sign` takes a transaction's fields."""

    def __init__(self, rpc: Rpc, record: Record, artifacts: Artifacts, sign: Sign, say: Say) -> None:
        self._rpc = rpc
        self._record = record
        self._artifacts = artifacts
        self._sign = sign
        self._say = say
        self.deployer = record.deployer
        self.sent = 0

    def run(self, parameters: Parameters, confirmations: int) -> None:
        """Build and hand over; returns when the last transaction is `confirmations` blocks deep.

        Raises DeploymentDiffers, TransactionFailed, TransactionNotMined, RecordedTransactionForeign, ContractError.
        """
        build(self, parameters)
        hand_over(self, parameters)
        if self.sent:
            self._wait_for_block(self._record.content["calls"][-1]["block"] + confirmations)

    def abi(self, contract: str) -> Sequence[Entry]:
        return self._artifacts.abi(contract)

    def attach(self, contract: str, address: str) -> None:
        if self._rpc.call("eth_getCode", address, "latest") == "0x":
            raise DeploymentDiffers(subject=f"{contract} {address}", expected="a contract", found="no code")
        decimals = int(self._rpc.call("eth_call", {"to": address, "data": DECIMALS_CALL}, "latest"), 16)
        if decimals != SETTLEMENT_DECIMALS:
            raise CashDecimalsWrong(token=address, decimals=decimals, needed=SETTLEMENT_DECIMALS)
        self._record.add_contract(contract, {"address": address})

    def deploy(self, contract: str, arguments: Sequence[Any]) -> str:
        if known := self._record.contracts.get(contract):
            self._verify(contract, known, arguments)
            return known["address"]
        data = self._artifacts.creation_code(contract) + self._artifacts.encode_constructor(contract, arguments)
        receipt = self._send(f"deploy {contract}", None, data)
        address = to_checksum_address(receipt["contractAddress"])
        code = self._rpc.call("eth_getCode", address, "latest")
        self._record.add_contract(
            contract,
            {
                "address": address,
                "block": int(receipt["blockNumber"], 16),
                "transaction": receipt["transactionHash"],
                "arguments": arguments,
                "codeHash": "0x" + keccak(hexstr=code).hex(),
            },
        )
        self._say(f"{contract} deployed at {address}")
        return address

    def call(self, contract: str, function: str, arguments: Sequence[Any]) -> None:
        data = abi.encode_call(self._artifacts.function(contract, function), arguments)
        step = f"{contract}.{function} {keccak(data)[:4].hex()}"
        if self._record.call_of(step):
            return
        receipt = self._send(step, self._record.contracts[contract]["address"], data)
        self._record.add_call(
            {
                "step": step,
                "arguments": arguments,
                "block": int(receipt["blockNumber"], 16),
                "transaction": receipt["transactionHash"],
            }
        )
        self._say(f"{contract}.{function} done in block {int(receipt['blockNumber'], 16)}")

    def _verify(self, contract: str, known: Mapping[str, Any], arguments: Sequence[Any]) -> None:
        for row in creation_rows(self._rpc, self._artifacts, contract, known, arguments):
            if row.deviates:
                raise DeploymentDiffers(subject=row.subject, expected=row.expected, found=row.found)

    def _send(self, step: str, to: str | None, data: bytes) -> dict[str, Any]:
        """Noted before it is broadcast: a run that stops in between leaves bytes that can be sent again."""
        receipt = self._resume(step)
        if receipt is None:
            fields = self._fields(to, data)
            raw = self._sign(fields)
            transaction = "0x" + keccak(raw).hex()
            self._record.begin_transaction(step, raw, transaction, fields["nonce"])
            self._rpc.call("eth_sendRawTransaction", "0x" + raw.hex())
            receipt = self._await(step, transaction)
        if receipt["status"] != "0x1":
            self._record.drop_transaction()
            raise TransactionFailed(step=step, transaction=receipt["transactionHash"])
        self.sent += 1
        return receipt

    def _resume(self, step: str) -> dict[str, Any] | None:
        """The receipt of the transaction that an earlier run left under way; None when there is none to wait for."""
        pending = self._record.pending
        if pending is None:
            return None
        if pending["step"] != step:
            raise RecordedTransactionForeign(path=self._record.path, recorded=pending["step"], step=step)
        self._say(f"going on with {step} in {pending['transaction']}")
        try:
            self._rpc.call("eth_sendRawTransaction", pending["raw"])
        except RpcRefused:  # the node has it already, or its nonce was used by another transaction
            if not self._receipt(pending["transaction"]) and self._nonce("latest") > pending["nonce"]:
                return None
        return self._await(step, pending["transaction"])

    def _fields(self, to: str | None, data: bytes) -> dict[str, Any]:
        request = {"from": self.deployer, "data": "0x" + data.hex()} | ({"to": to} if to else {})
        price = fees.market(self._rpc, self._rpc.header("latest").base_fee)
        return request | {
            "type": 2,
            "chainId": self._record.content["chainId"],
            "nonce": self._nonce("pending"),
            "gas": self._estimate(request) * (100 + GAS_MARGIN_PERCENT) // 100,
            "maxFeePerGas": price.maximum,
            "maxPriorityFeePerGas": price.priority,
            "value": 0,
        }

    def _estimate(self, request: Mapping[str, Any]) -> int:
        try:
            return int(self._rpc.call("eth_estimateGas", request), 16)
        except RpcRefused as refusal:
            if (data := revert_data(refusal)) is None:
                raise
            raise contract_error(data) from None

    def _nonce(self, block: str) -> int:
        return self._rpc.transaction_count(self.deployer, block)

    def _receipt(self, transaction: str) -> dict[str, Any] | None:
        return self._rpc.call("eth_getTransactionReceipt", transaction)

    def _await(self, step: str, transaction: str) -> dict[str, Any]:
        for _ in _until(MINED_WITHIN_S):
            if receipt := self._receipt(transaction):
                return receipt
        raise TransactionNotMined(step=step, transaction=transaction, seconds=MINED_WITHIN_S)

    def _wait_for_block(self, number: int) -> None:
        self._say(f"waiting for block {number}")
        for _ in _until(MINED_WITHIN_S):
            if self._rpc.header("latest").number >= number:
                return
        last = self._record.content["calls"][-1]
        raise TransactionNotMined(step=last["step"], transaction=last["transaction"], seconds=MINED_WITHIN_S)


def refuse_development_keys(chain: Chain, deployer: str, parameters: Parameters) -> None:
    """Off the local chains everybody could use them. Raises DevelopmentKeyOffLocalChain."""
    if chain.is_local:
        return
    public = {development_key(index).address for index in range(PUBLIC_KEYS_CHECKED)}
    holders = {"the deployer": [deployer], "the oracle": parameters.signers, **parameters.officers}
    for duty, accounts in holders.items():
        if public.intersection(accounts):
            raise DevelopmentKeyOffLocalChain(duty=duty, chain_id=chain.id)


def _until(seconds: float):
    """Yields at growing intervals, at once the first time, until the time is over."""
    deadline, pause = time.monotonic() + seconds, 0.02
    while time.monotonic() < deadline:
        yield
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_S)
