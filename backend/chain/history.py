"""Blocks, transactions and receipts as the node has them; what is final is asked for once."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from backend.chain import abi
from backend.chain.reverts import ContractError, contract_error, revert_data
from backend.chain.rpc import Rpc, RpcRefused

MOST_KEPT = 4_096  # blocks or transactions, some kilobytes each
REPLAYED = ("from", "to", "value", "gas")

Answer = Mapping[str, Any]


class History:
    """Reads of the past. Every method raises RpcUnavailable. Answers are JSON-RPC's, numbers in hex."""

    def __init__(self, rpc: Rpc, finality_depth: int) -> None:
        self._rpc = rpc
        self._depth = finality_depth
        self._kept: OrderedDict[tuple[str, Any], Answer] = OrderedDict()
        self._lock = threading.Lock()

    def head(self) -> int:
        return self._rpc.header("latest").number

    def is_final(self, block: int, head: int) -> bool:
        return block <= head - self._depth

    def blocks(self, numbers: Sequence[int], *, whole: bool = False) -> list[Answer]:
        """Blocks with the hashes of their transactions, or with these whole; those that do not exist are left out."""
        found = self._read("eth_getBlockByNumber", {(number, whole): (hex(number), whole) for number in numbers})
        return [found[number, whole] for number in numbers if (number, whole) in found]

    def block_of_hash(self, hash_: str) -> Answer | None:
        return self._read("eth_getBlockByHash", {hash_: (hash_, False)}).get(hash_)

    def transactions(self, hashes: Sequence[str]) -> dict[str, Answer]:
        """By hash; those that the node does not know are left out."""
        return self._read("eth_getTransactionByHash", {hash_: (hash_,) for hash_ in hashes})

    def receipts(self, hashes: Sequence[str]) -> dict[str, Answer]:
        """By hash of the transaction; one that waits has none."""
        return self._read("eth_getTransactionReceipt", {hash_: (hash_,) for hash_ in hashes})

    def refusal(self, transaction: Answer) -> ContractError | None:
        """Why a transaction failed: what the same call meets at the end of the block before.

        None when it does not fail there, or when the node no longer has that state.
        """
        call = {name: transaction[name] for name in REPLAYED if transaction.get(name) is not None}
        request = call | {"data": transaction["input"]}
        answer = self._rpc.batch([("eth_call", (request, hex(int(transaction["blockNumber"], 16) - 1)))])[0]
        data = revert_data(answer) if isinstance(answer, RpcRefused) else None
        return None if data is None else contract_error(data)

    def code(self, address: str) -> bytes:
        """Of the contract at an address; empty for an account with a key."""
        return bytes.fromhex(self._rpc.call("eth_getCode", address, "latest")[2:])

    def balances(self, address: str, tokens: Sequence[str]) -> list[int]:
        """What the address has of each token."""
        data = "0x" + abi.encode_call(BALANCE_OF, (address,)).hex()
        answers = self._rpc.batch([("eth_call", ({"to": token, "data": data}, "latest")) for token in tokens])
        return [0 if isinstance(answer, RpcRefused) else int(answer, 16) for answer in answers]

    def _read(self, method: str, wanted: Mapping[Any, Sequence[Any]]) -> dict[Any, Answer]:
        with self._lock:
            found = {key: self._kept[method, key] for key in wanted if (method, key) in self._kept}
        missing = [key for key in wanted if key not in found]
        if not missing:
            return found
        *answers, head = self._rpc.batch([*((method, wanted[key]) for key in missing), ("eth_blockNumber", ())])
        if isinstance(head, RpcRefused):
            raise head
        for key, answer in zip(missing, answers, strict=True):
            if not isinstance(answer, Mapping):
                continue
            found[key] = answer
            block = answer.get("blockNumber") or answer.get("number")
            if block is not None and self.is_final(int(block, 16), int(head, 16)):
                self._keep((method, key), answer)
        return found

    def _keep(self, key: tuple[str, Any], answer: Answer) -> None:
        with self._lock:
            self._kept[key] = answer
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


BALANCE_OF: abi.Entry = {"name": "balanceOf", "inputs": [{"name": "account", "type": "address"}], "outputs": []}
