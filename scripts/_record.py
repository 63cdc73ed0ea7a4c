"""`deployments/<chainId>.json`: what was deployed on a chain, written after every transaction."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.chain.rpc import Rpc
from backend.config import LOCAL_CHAIN_IDS
from backend.errors import HeqiError
from scripts.plan import ROOT, Parameters

FOLDER_VARIABLE = "HEQI_DEPLOYMENTS_DIR"  # the backend reads its records from there too
EXACT_IN_JSON = 2**53


class RecordMissing(HeqiError):
    notice_en = (
        "Nothing is deployed on chain {chain_id}: there is no {path}. Deploy with `make deploy NETWORK={network}`."
    )
    notice_zh = "链 {chain_id} 上尚未部署：{path} 不存在。请运行 `make deploy NETWORK={network}`。"


class RecordInvalid(HeqiError):
    notice_en = "The deployment record {path} is not usable: {rule}."
    notice_zh = "部署记录 {path} 无效：{rule}。"


class RecordOfAnotherChain(HeqiError):
    notice_en = "{path} belongs to a chain that begins with block {recorded}; this one begins with {found}."
    notice_zh = "{path} 对应创世块为 {recorded} 的链，而当前链的创世块为 {found}。"


class DeployerChanged(HeqiError):
    notice_en = "{path} was begun by {recorded}; {found} cannot go on with it."
    notice_zh = "{path} 由 {recorded} 开始部署，{found} 无法继续。"


class ParametersChanged(HeqiError):
    notice_en = (
        "The suite in {path} was deployed with the parameters {recorded}, these are {found}; "
        "what is deployed is changed through its roles."
    )
    notice_zh = "{path} 中的合约以参数 {recorded} 部署，当前参数为 {found}；已部署的设置须通过相应角色变更。"


@dataclass(frozen=True, slots=True)
class Chain:
    """Which chain a node serves. `network` is Ape's name of it, e.g. `ethereum:sepolia`."""

    id: int
    network: str
    genesis_hash: str
    head: int

    @classmethod
    def of(cls, rpc: Rpc, chain_id: int, network: str) -> "Chain":
        return cls(chain_id, network, rpc.header(0).hash, rpc.header("latest").number)

    @property
    def is_local(self) -> bool:
        return self.id in LOCAL_CHAIN_IDS


class Record:
    """The file's content; every change is on disk when the method returns."""

    def __init__(self, path: Path, content: dict[str, Any]) -> None:
        self.path = path
        self.content = content

    @classmethod
    def read(cls, chain: Chain) -> "Record":
        """Raises RecordMissing, RecordInvalid, RecordOfAnotherChain."""
        path = path_of(chain.id)
        try:
            content = json.loads(path.read_bytes())
            recorded_id, genesis_hash = content["chainId"], content["genesisHash"]
        except FileNotFoundError:
            raise RecordMissing(chain_id=chain.id, path=path, network=chain.network) from None
        except (ValueError, KeyError, TypeError) as error:
            raise RecordInvalid(path=path, rule=f"{type(error).__name__} {error}") from None
        if (recorded_id, genesis_hash) != (chain.id, chain.genesis_hash):
            raise RecordOfAnotherChain(path=path, recorded=genesis_hash, found=chain.genesis_hash)
        return cls(path, content)

    @classmethod
    def open(cls, chain: Chain, deployer: str, parameters: Parameters, say: Callable[[str], None]) -> "Record":
        """The record of the chain, or a new one; a local chain that was started anew replaces the old one's.

        Raises RecordInvalid, RecordOfAnotherChain, DeployerChanged, ParametersChanged.
        """
        try:
            record = cls.read(chain)
        except RecordMissing:
            return cls._begin(chain, deployer, parameters)
        except RecordOfAnotherChain as other:
            if not chain.is_local:
                raise
            say(f"{other.notice('en')} It is replaced, for local chains come and go.")
            return cls._begin(chain, deployer, parameters)
        if record.deployer != deployer:
            raise DeployerChanged(path=record.path, recorded=record.deployer, found=deployer)
        if (found := fingerprint(parameters)) != record.content["parametersHash"]:
            raise ParametersChanged(path=record.path, recorded=record.content["parametersHash"], found=found)
        return record

    @property
    def deployer(self) -> str:
        return self.content["deployer"]

    @property
    def contracts(self) -> Mapping[str, Mapping[str, Any]]:
        return self.content["contracts"]

    @property
    def pending(self) -> Mapping[str, Any] | None:
        """The signed transaction that may be under way."""
        return self.content.get("pending")

    def call_of(self, step: str) -> Mapping[str, Any] | None:
        return next((call for call in self.content["calls"] if call["step"] == step), None)

    def begin_transaction(self, step: str, raw: bytes, transaction: str, nonce: int) -> None:
        self.content["pending"] = {"step": step, "transaction": transaction, "nonce": nonce, "raw": "0x" + raw.hex()}
        self._save()

    def drop_transaction(self) -> None:
        del self.content["pending"]
        self._save()

    def add_contract(self, name: str, entry: Mapping[str, Any]) -> None:
        self.content.pop("pending", None)
        self.content["contracts"][name] = _plain(entry)
        self._save()

    def add_call(self, entry: Mapping[str, Any]) -> None:
        self.content.pop("pending", None)
        self.content["calls"].append(_plain(entry))
        self._save()

    @classmethod
    def _begin(cls, chain: Chain, deployer: str, parameters: Parameters) -> "Record":
        content = {
            "chainId": chain.id,
            "network": chain.network,
            "genesisHash": chain.genesis_hash,
            "startBlock": chain.head,
            "deployer": deployer,
            "parametersHash": fingerprint(parameters),
            "contracts": {},
            "calls": [],
        }
        return cls(path_of(chain.id), content)

    def _save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".draft")
        draft.write_text(json.dumps(self.content, indent=2) + "\n", encoding="utf-8")
        os.replace(draft, self.path)


def path_of(chain_id: int) -> Path:
    return Path(os.environ.get(FOLDER_VARIABLE) or ROOT / "deployments") / f"{chain_id}.json"


def fingerprint(parameters: Parameters) -> str:
    """Of the meaning, not of the file's layout; a shipped model that was trained anew is another meaning."""
    plain = parameters.model_dump() | {"hashes": [model.content_hash().hex() for model in parameters.models]}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """For JSON: bytes as 0x…, integers that other readers would round as text."""
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return str(value) if isinstance(value, int) and value >= EXACT_IN_JSON else value
