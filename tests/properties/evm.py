"""The contracts in process: an EVM, calldata from integers, and errors by their selectors."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

from pyrevm import EVM, BlockEnv, CfgEnv, Env

from backend.chain import abi
from scripts._artifacts import Artifacts

CHAIN_ID = 417417
SPEC = "CANCUN"  # what the contracts are compiled for; the EVM in process knows Prague without its price of calldata
BLOCK_GAS = 60_000_000
TRANSACTION_GAS = 16_777_216  # EIP-7825; also what stops a contract that loops
WORD = (1 << 256) - 1
PANIC = abi.selector_of({"name": "Panic", "inputs": [{"type": "uint256"}]})


class Reverted(Exception):
    """A call was reverted with this data."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.data = data


class Halted(AssertionError):
    """A call ended neither well nor by a revert: out of gas, or an instruction that does not exist."""


@lru_cache(maxsize=65_536)
def hex_address(address: int) -> str:
    return f"0x{address:040x}"


def words(*values: Any) -> bytes:
    """ABI encoding of integers and of structs of integers (tuples), one word each."""
    encoded = [words(*each) if isinstance(each, tuple) else (each & WORD).to_bytes(32, "big") for each in values]
    return b"".join(encoded)


def arguments(values: Sequence[Any]) -> bytes:
    """The same with arrays (lists) of such values and byte strings behind the fixed part."""
    if not any(isinstance(value, list | bytes) for value in values):
        return words(*values)
    head_size = sum(_head_size(value) for value in values)
    heads, tails = [], b""
    for value in values:
        if isinstance(value, list):
            heads.append(words(head_size + len(tails)))
            tails += words(len(value), *value)
        elif isinstance(value, bytes):
            heads.append(words(head_size + len(tails)))
            tails += words(len(value)) + value + bytes(-len(value) % 32)
        else:
            heads.append(words(value))
    return b"".join(heads) + tails


def _head_size(value: Any) -> int:
    return sum(map(_head_size, value)) if isinstance(value, tuple) else 32


class Evm:
    """Accounts are integers. Every call is a transaction of its own; a view is one whose effects nobody sees."""

    code_size_limit: int | None = None
    """Bytes of a contract; None is Ethereum's."""

    def __init__(self, now: int) -> None:
        settings = CfgEnv(chain_id=CHAIN_ID, limit_contract_code_size=self.code_size_limit)
        self._evm = EVM(Env(cfg=settings), gas_limit=BLOCK_GAS, spec_id=SPEC)
        self._number = 0
        self.set_time(now)

    def set_time(self, now: int) -> None:
        self._number += 1
        self._evm.set_block_env(BlockEnv(number=self._number, timestamp=now, gas_limit=BLOCK_GAS, prevrandao=bytes(32)))

    def deploy(self, sender: int, code: bytes) -> int:
        return int(self._evm.deploy(hex_address(sender), code), 16)

    def call(self, sender: int, to: int, data: bytes) -> bytes:
        """Raises Reverted or Halted."""
        try:
            return self._evm.message_call(hex_address(sender), hex_address(to), data, gas=TRANSACTION_GAS)
        except RuntimeError as error:
            raise self._failure(str(error)) from None

    def attempt(self, sender: int, to: int, data: bytes) -> bytes:
        """The same without its effects."""
        with self.undone():
            return self.call(sender, to, data)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What is called within leaves no effect."""
        checkpoint = self._evm.snapshot()
        try:
            yield
        finally:
            self._evm.revert(checkpoint)

    @property
    def result(self) -> Any:
        """pyrevm's result of the last call: gas and logs."""
        return self._evm.result

    @staticmethod
    def _failure(text: str) -> Exception:
        _, reverted, output = text.partition("output: 0x")
        return Reverted(bytes.fromhex(output.removesuffix(" }"))) if reverted else Halted(text)


@cache
def artifacts() -> Artifacts:
    return Artifacts.load()


class Interface:
    """Selectors of a contract's functions by name; of overloaded ones the first."""

    def __init__(self, contract: str) -> None:
        self.contract = contract
        functions = [entry for entry in artifacts().abi(contract) if entry["type"] == "function"]
        self._selectors = {entry["name"]: abi.selector_of(entry) for entry in reversed(functions)}

    def data(self, function: str, *values: Any) -> bytes:
        return self._selectors[function] + arguments(values)


@cache
def interface(contract: str) -> Interface:
    return Interface(contract)


@cache
def errors() -> dict[str, bytes]:
    """Selectors of all custom errors of the compiled contracts, by name."""
    entries = (entry for name in artifacts().types for entry in artifacts().abi(name))
    return {entry["name"]: abi.selector_of(entry) for entry in entries if entry["type"] == "error"}


def revert_data(name: str, values: Sequence[int]) -> bytes:
    return errors()[name] + words(*values)


def describe(data: bytes) -> str:
    """Revert data as a reader wants it: the error's name and its words."""
    names = {selector: name for name, selector in errors().items()} | {PANIC: "Panic"}
    values = [int.from_bytes(data[start : start + 32]) for start in range(4, len(data), 32)]
    return f"{names.get(data[:4], '0x' + data[:4].hex())}({', '.join(map(str, values))})" if data else "(no data)"
