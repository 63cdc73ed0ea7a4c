"""The deployed suite: addresses, calls, calldata and events by name."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.chain import abi
from backend.chain.reverts import contract_error, revert_data
from backend.chain.rpc import Rpc, RpcRefused
from backend.config import Settings
from backend.errors import HeqiError

ABI_FILE = Path(__file__).parent / "abi.json"


class DeploymentMissing(HeqiError):
    notice_en = "There is no deployment record for chain {chain_id} ({path})."
    notice_zh = "找不到链 {chain_id} 的部署记录（{path}）。"
    status = 503


class DeploymentInvalid(HeqiError):
    notice_en = "The deployment record {path} is not usable: {rule}."
    notice_zh = "部署记录 {path} 无效：{rule}。"
    status = 503


class GenesisMismatch(HeqiError):
    notice_en = "The node's chain {chain_id} begins with block {found}; the suite was deployed on {expected}."
    notice_zh = "节点上链 {chain_id} 的创世块为 {found}，而合约部署在创世块为 {expected} 的链上。"
    status = 503


class UnknownContract(HeqiError):
    notice_en = "The deployment has no contract {contract}."
    notice_zh = "部署记录中没有合约 {contract}。"


class UnknownMember(HeqiError):
    notice_en = "{contract} has no {kind} {name} with {count} arguments."
    notice_zh = "{contract} 没有带 {count} 个参数的 {kind} {name}。"


@dataclass(frozen=True, slots=True)
class Event:
    """A decoded log. `arguments` in the order of the declaration; `timestamp` of its block in seconds."""

    contract: str
    name: str
    arguments: dict[str, Any]
    block: int
    block_hash: str
    timestamp: int
    transaction: str
    log_index: int

    def __getitem__(self, argument: str) -> Any:
        return self.arguments[argument]


class Suite:
    """Contracts of one deployment. `record` is the content of `deployments/<chainId>.json`."""

    def __init__(self, record: Mapping[str, Any], abis: Mapping[str, Sequence[abi.Entry]]) -> None:
        self.chain_id = int(record["chainId"])
        self.genesis_hash: str = record["genesisHash"]
        self.start_block = int(record["startBlock"])
        self.addresses = {name: abi.checksum(entry["address"]) for name, entry in record["contracts"].items()}
        self._abis = {name: abis[name] for name in self.addresses if name in abis}
        self._functions: dict[tuple[str, str, int], abi.Entry] = {}
        self._outputs: dict[tuple[str, str, int], abi.Decoder] = {}
        for name, entries in self._abis.items():
            for entry in entries:
                if entry["type"] == "function":
                    self._functions[name, entry["name"], len(entry["inputs"])] = entry

    @classmethod
    def load(cls, settings: Settings) -> "Suite":
        """The suite of the configured chain. Raises DeploymentMissing, DeploymentInvalid."""
        path = settings.deployments_dir / f"{settings.chain_id}.json"
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            suite = cls(record, json.loads(ABI_FILE.read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            raise DeploymentMissing(chain_id=settings.chain_id, path=error.filename) from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DeploymentInvalid(path=str(path), rule=f"{type(error).__name__}: {error}") from None
        if suite.chain_id != settings.chain_id:
            raise DeploymentInvalid(path=str(path), rule=f"chainId is {suite.chain_id}, not {settings.chain_id}")
        return suite

    def verify_genesis(self, rpc: Rpc) -> None:
        """Raises GenesisMismatch when the node's chain is not the one of the deployment, whatever its id."""
        found = rpc.header(0).hash
        if found != self.genesis_hash:
            raise GenesisMismatch(chain_id=self.chain_id, found=found, expected=self.genesis_hash)

    def address(self, contract: str) -> str:
        try:
            return self.addresses[contract]
        except KeyError:
            raise UnknownContract(contract=contract) from None

    def calldata(self, contract: str, function: str, *arguments: Any) -> bytes:
        """Raises UnknownContract, UnknownMember, ArgumentsInvalid."""
        return abi.encode_call(self._function(contract, function, len(arguments)), arguments)

    def call(
        self,
        rpc: Rpc,
        contract: str,
        function: str,
        *arguments: Any,
        sender: str | None = None,
        block: int | str = "latest",
    ) -> Any:
        """Read from the chain: one return value as it is, several as a dict by name.

        Raises the contract's own error (ContractError) and what Rpc.call raises.
        """
        request = {"to": self.address(contract), "data": "0x" + self.calldata(contract, function, *arguments).hex()}
        if sender:
            request["from"] = sender
        answer = rpc.batch([("eth_call", (request, hex(block) if isinstance(block, int) else block))])[0]
        return self._read(contract, function, len(arguments), answer)

    def call_each(
        self, rpc: Rpc, contract: str, function: str, arguments: Sequence[Sequence[Any]], block: int | str = "latest"
    ) -> list[Any]:
        """The same read for several arguments, in as few requests as the node takes. Raises as `call`."""
        to, at = self.address(contract), hex(block) if isinstance(block, int) else block
        data = [self.calldata(contract, function, *each).hex() for each in arguments]
        answers = rpc.batch([("eth_call", ({"to": to, "data": "0x" + call}, at)) for call in data])
        return [
            self._read(contract, function, len(each), answer) for each, answer in zip(arguments, answers, strict=True)
        ]

    def call_all(
        self, rpc: Rpc, contract: str, calls: Mapping[str, Sequence[Any]], block: int | str = "latest"
    ) -> dict[str, Any]:
        """Several reads, arguments by function, in as few requests as the node takes; the answers by function. Raises
        as `call`."""
        to, at = self.address(contract), hex(block) if isinstance(block, int) else block
        data = [self.calldata(contract, function, *arguments).hex() for function, arguments in calls.items()]
        answers = rpc.batch([("eth_call", ({"to": to, "data": "0x" + call}, at)) for call in data])
        return {
            function: self._read(contract, function, len(arguments), answer)
            for (function, arguments), answer in zip(calls.items(), answers, strict=True)
        }

    def events(self, contract: str) -> dict[str, abi.Entry]:
        """The contract's events by name. Raises UnknownContract."""
        if contract not in self._abis:
            raise UnknownContract(contract=contract)
        return {entry["name"]: entry for entry in self._abis[contract] if entry["type"] == "event"}

    def functions(self, contract: str) -> list[abi.Entry]:
        """The contract's functions; none of one whose ABI is not known."""
        return [entry for (owner, _, _), entry in self._functions.items() if owner == contract]

    def _read(self, contract: str, function: str, count: int, answer: Any) -> Any:
        if isinstance(answer, RpcRefused):
            data = revert_data(answer)
            raise answer if data is None else contract_error(data)
        values = self._output(contract, function, count)(bytes.fromhex(answer[2:]))
        return next(iter(values.values())) if len(values) == 1 else values

    def _function(self, contract: str, name: str, count: int) -> abi.Entry:
        self.address(contract)
        try:
            return self._functions[contract, name, count]
        except KeyError:
            raise UnknownMember(contract=contract, kind="function", name=name, count=count) from None

    def _output(self, contract: str, name: str, count: int) -> abi.Decoder:
        key = (contract, name, count)
        if key not in self._outputs:
            self._outputs[key] = abi.decoder(self._function(*key)["outputs"])
        return self._outputs[key]
