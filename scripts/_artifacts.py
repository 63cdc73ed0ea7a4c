"""The compiled contracts, as `ape compile` leaves them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_abi.abi import encode

from backend.chain import abi
from backend.chain.abi import Entry
from backend.errors import HeqiError
from scripts.plan import CONTRACTS, ROOT

MANIFEST = ROOT / ".build" / "__local__.json"


class ArtifactMissing(HeqiError):
    notice_en = "{path} has no compiled contract {contract}; run `ape compile`."
    notice_zh = "{path} 中没有已编译的合约 {contract}，请运行 `ape compile`。"


@dataclass(frozen=True)
class Artifacts:
    """Contract types by name."""

    types: Mapping[str, Any]

    @classmethod
    def load(cls, manifest: Path = MANIFEST) -> "Artifacts":
        """Raises ArtifactMissing."""
        try:
            return cls(json.loads(manifest.read_bytes())["contractTypes"])
        except FileNotFoundError:
            raise ArtifactMissing(path=manifest, contract="at all") from None

    def abi(self, contract: str) -> Sequence[Entry]:
        return self._type(contract)["abi"]

    def abis(self) -> dict[str, Sequence[Entry]]:
        """Of the contracts that the plan deploys."""
        return {contract.name: self.abi(contract.name) for contract in CONTRACTS}

    def creation_code(self, contract: str) -> bytes:
        return bytes.fromhex(self._type(contract)["deploymentBytecode"]["bytecode"].removeprefix("0x"))

    def encode_constructor(self, contract: str, arguments: Sequence[Any]) -> bytes:
        inputs = [entry["inputs"] for entry in self.abi(contract) if entry["type"] == "constructor"]
        return encode([abi.type_of(parameter) for parameter in (inputs[0] if inputs else [])], arguments)

    def function(self, contract: str, name: str) -> Entry:
        return next(entry for entry in self.abi(contract) if entry["type"] == "function" and entry["name"] == name)

    def _type(self, contract: str) -> Mapping[str, Any]:
        try:
            return self.types[contract]
        except KeyError:
            raise ArtifactMissing(path=MANIFEST, contract=contract) from None


def without_metadata(code: bytes) -> bytes:
    """Without the compiler's trailing CBOR: it changes with every comment, the code does not."""
    return code[: -int.from_bytes(code[-2:]) - 2]
