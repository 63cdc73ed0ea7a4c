"""A real node in the place of the EVM in process; every transaction is run by both and must do the same."""

from collections.abc import Callable
from typing import Any, NamedTuple

from pyrevm import EVM, BlockEnv, CfgEnv, Env

from tests.anvil import AnvilError, Node
from tests.properties.evm import BLOCK_GAS, CHAIN_ID, SPEC, TRANSACTION_GAS, Evm, Reverted, hex_address

NODE_OPTIONS = ("--hardfork", SPEC.lower(), "--base-fee", "0", "--gas-price", "0", "--gas-limit", str(BLOCK_GAS))


class Outcome(NamedTuple):
    """What a transaction did. `logs` are (address, topics, data), all in hex."""

    succeeded: bool
    gas: int
    logs: list[tuple[str, list[str], str]]


class AnvilChain(Evm):
    """`transactions` counts those that both machines ran alike."""

    def __init__(self, node: Node, now: int) -> None:
        self._node = node
        self._deployed = 0
        self.transactions = 0
        node.rpc("anvil_autoImpersonateAccount", True)
        self.set_time(now)

    def set_time(self, now: int) -> None:
        self._now = now
        self._node.rpc("evm_setNextBlockTimestamp", now)
        self._node.mine()

    def deploy(self, sender: int, code: bytes) -> int:
        """In process a call leaves the sender's nonce alone: contracts get the addresses that they get there."""
        self._node.rpc("anvil_setNonce", hex_address(sender), hex(self._deployed))
        self._deployed += 1
        return int(self._mined({"from": hex_address(sender), "data": "0x" + code.hex()})["contractAddress"], 16)

    def call(self, sender: int, to: int, data: bytes) -> bytes:
        request = {"from": hex_address(sender), "to": hex_address(to), "data": "0x" + data.hex()}
        if sender == 0:
            return self._answer(request)
        in_process = self._in_process(sender, to, data)
        try:
            return self._answer(request)
        finally:
            self._require_same(request, in_process, self._outcome(self._mined(request)))

    def attempt(self, sender: int, to: int, data: bytes) -> bytes:
        return self._answer({"from": hex_address(sender), "to": hex_address(to), "data": "0x" + data.hex()})

    def _answer(self, request: dict[str, str]) -> bytes:
        try:
            return bytes.fromhex(self._node.rpc("eth_call", request, "latest")[2:])
        except AnvilError as error:
            raise Reverted(_revert_data(error)) from None

    def _mined(self, request: dict[str, str]) -> dict[str, Any]:
        self._node.rpc("evm_setNextBlockTimestamp", self._now)
        return self._node.receipt(
            self._node.rpc("eth_sendTransaction", request | {"gas": hex(TRANSACTION_GAS), "gasPrice": "0x0"})
        )

    def _in_process(self, sender: int, to: int, data: bytes) -> Outcome:
        """On the node's state before the transaction, with nothing read in advance, so that gas is that of a block."""
        number = self._node.block_number()
        evm = EVM(
            Env(cfg=CfgEnv(chain_id=CHAIN_ID)),
            fork_url=self._node.url,
            fork_block=str(number),
            gas_limit=BLOCK_GAS,
            spec_id=SPEC,
        )
        block = BlockEnv(number=number + 1, timestamp=self._now, gas_limit=BLOCK_GAS, prevrandao=bytes(32))
        evm.set_block_env(block)
        try:
            evm.message_call(hex_address(sender), hex_address(to), data, gas=TRANSACTION_GAS)
        except RuntimeError:
            return Outcome(False, evm.result.gas_used, [])
        return Outcome(True, evm.result.gas_used, [_log(log) for log in evm.result.logs])

    @staticmethod
    def _outcome(receipt: dict[str, Any]) -> Outcome:
        logs = [(log["address"].lower(), log["topics"], log["data"]) for log in receipt["logs"]]
        return Outcome(receipt["status"] == "0x1", int(receipt["gasUsed"], 16), logs)

    def _require_same(self, request: dict[str, str], in_process: Outcome, on_node: Outcome) -> None:
        assert in_process == on_node, f"{request}: {in_process} in process, {on_node} on the node"
        self.transactions += 1


def at(node: Node) -> Callable[[int], AnvilChain]:
    return lambda now: AnvilChain(node, now)


def _log(log: Any) -> tuple[str, list[str], str]:
    topics, data = log.data
    return log.address.lower(), ["0x" + topic.hex() for topic in topics], "0x" + data.hex()


def _revert_data(error: AnvilError) -> bytes:
    """The node's answer to a call that reverts carries the data as hex."""
    _, found, rest = str(error).partition("'data': '0x")
    if not found:
        raise error
    return bytes.fromhex(rest.partition("'")[0])
