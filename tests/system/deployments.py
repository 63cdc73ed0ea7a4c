"""Deploy and audit in process, on a real Anvil, as `scripts/deploy.py` and `scripts/check.py` do."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from eth_account.signers.local import LocalAccount

from backend.chain import abi
from backend.chain.keys import development_key
from backend.chain.rpc import Rpc
from scripts import plan
from scripts._artifacts import Artifacts
from scripts._audit import Row, rows
from scripts._deployer import Deployer, Sign
from scripts._record import Chain, Record
from tests.anvil import Node

ARTIFACTS = Artifacts.load()
DEPLOYER = development_key(0)
GAS = 8_000_000  # an estimate of Anvil's knows nothing of the time that the next block will have


def signer(key: LocalAccount) -> Sign:
    def sign(fields: Mapping[str, Any]) -> bytes:
        unsigned = {name: value for name, value in fields.items() if name != "from"}
        return bytes(key.sign_transaction(unsigned).raw_transaction)

    return sign


@dataclass
class Site:
    """A chain to deploy on. `said` collects what the deployer reports."""

    node: Node
    chain_id: int = 417417
    parameters: plan.Parameters = field(default_factory=plan.local_parameters)
    said: list[str] = field(default_factory=list)

    @property
    def rpc(self) -> Rpc:
        return Rpc([self.node.url], self.chain_id)

    def chain(self) -> Chain:
        return Chain.of(self.rpc, self.chain_id, "ethereum:test")

    def open(self, deployer: str = DEPLOYER.address) -> Record:
        return Record.open(self.chain(), deployer, self.parameters, self.said.append)

    def deployer(self, rpc: Rpc | None = None) -> Deployer:
        return Deployer(rpc or self.rpc, self.open(), ARTIFACTS, signer(DEPLOYER), self.said.append)

    def deploy(self, rpc: Rpc | None = None) -> int:
        """How many transactions it took."""
        deployer = self.deployer(rpc)
        deployer.run(self.parameters, confirmations=0)
        return deployer.sent

    def deviations(self) -> list[Row]:
        compared = list(rows(self.rpc, Record.read(self.chain()), ARTIFACTS, self.parameters))
        return [row for row in compared if row.deviates]

    def send(self, sender: str, contract: str, function: str, *arguments: Any) -> None:
        """As a development account, whose key Anvil holds."""
        self.call(sender, contract, self.address(contract), function, *arguments)

    def send_as_admin(self, contract: str, function: str, *arguments: Any) -> None:
        """Schedule, wait for the delay, execute."""
        admin = self.parameters.officers["admin"][0]
        data = abi.encode_call(ARTIFACTS.function(contract, function), arguments)
        self.send(admin, "Authority", "schedule", self.address(contract), data, 0)
        self.node.rpc("evm_increaseTime", self.parameters.delays["admin"])
        self.send(admin, contract, function, *arguments)

    def call(self, sender: str, contract: str, address: str, function: str, *arguments: Any) -> None:
        self.transact(sender, address, abi.encode_call(ARTIFACTS.function(contract, function), arguments))

    def create(self, contract: str) -> str:
        """The address of a new contract outside the suite."""
        return abi.checksum(self.transact(DEPLOYER.address, None, ARTIFACTS.creation_code(contract))["contractAddress"])

    def transact(self, sender: str, to: str | None, data: bytes) -> dict[str, Any]:
        request = {"from": sender, "data": "0x" + data.hex(), "gas": hex(GAS)} | ({"to": to} if to else {})
        receipt = self.node.receipt(self.node.rpc("eth_sendTransaction", request))
        assert receipt["status"] == "0x1"
        return receipt

    def address(self, contract: str) -> str:
        return Record.read(self.chain()).contracts[contract]["address"]

    def edit_record(self, change: Callable[[dict[str, Any]], Any]) -> None:
        path = Record.read(self.chain()).path
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))


def with_parameters(**changes: Any) -> plan.Parameters:
    return plan.local_parameters().model_copy(update=changes)
