"""What the chain answers to a call, complete: every event with every value, or the one error with every value.

`ape.reverts` passes on any revert of a view and on a revert without data, and overlooks values it does not know;
`==` on Ape's events does so too, and fails on structs. Hence these:

    assert events(receivables.cancel(1, FINGERPRINT, sender=supplier)) == [event(receivables, "Transfer", …), …]
    assert refusal(receivables.cancel, 1, FINGERPRINT, sender=stranger) == error("NotHolder", id=1, caller=stranger)

Structs are tuples, bytes may be bytes or hex, accounts stand for their addresses.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import ape
from ape import chain
from ape.api import AccountAPI, ReceiptAPI
from ape.contracts import ContractContainer, ContractInstance

from backend.chain import abi

REVERTED = 3  # code of a JSON-RPC error
BUILT_IN_ERRORS = (("Panic", "code", "uint256"), ("Error", "message", "string"))


class Event(NamedTuple):
    contract: str
    name: str
    values: dict[str, Any]


class Refusal(NamedTuple):
    error: str
    values: dict[str, Any]


NO_REASON = Refusal("", {})


def event(contract: ContractInstance, name: str, **values: Any) -> Event:
    return Event(contract.address, name, _plain(values))


def events(receipt: ReceiptAPI) -> list[Event]:
    """Every event of a transaction, in order."""
    return [_event_of(log) for log in receipt.logs]


def error(name: str, **values: Any) -> Refusal:
    return Refusal(name, _plain(values))


def refusal(method: Any, *arguments: Any, sender: AccountAPI | ContractInstance | None = None) -> Refusal | None:
    """What a call at the second of the last block is refused with, None when it is not; nothing is sent."""
    request = {"to": method.contract.address, "data": "0x" + bytes(method.encode_input(*arguments)).hex()}
    if sender is not None:
        request["from"] = sender.address
    return _refusal_to(request)


def refusal_of_deployment(container: ContractContainer, *arguments: Any) -> Refusal | None:
    """What a contract's constructor is refused with."""
    code = container.contract_type.get_deployment_bytecode()
    return _refusal_to({"data": "0x" + (bytes(code) + bytes(container.constructor.encode_input(*arguments))).hex()})


def _refusal_to(request: Mapping[str, str]) -> Refusal | None:
    answer = chain.provider.web3.provider.make_request("eth_call", [request, "latest"])
    if "error" not in answer:
        return None
    assert answer["error"]["code"] == REVERTED, answer
    return _refusal_of(bytes.fromhex(answer["error"].get("data", "0x")[2:]))


def _refusal_of(data: bytes) -> Refusal:
    if not data:
        return NO_REASON
    name, decode = _errors()[data[:4]]
    return Refusal(name, _plain(decode(data[4:])))


def _event_of(log: Mapping[str, Any]) -> Event:
    plain = {"topics": [_hex(topic) for topic in log["topics"]], "data": _hex(log["data"])}
    name, decode = _events()[plain["topics"][0], len(plain["topics"])]
    return Event(log["address"], name, _plain(decode(plain)))


@cache
def _errors() -> dict[bytes, tuple[str, abi.Decoder]]:
    entries = [*_entries("error"), *({"name": n, "inputs": [{"name": i, "type": t}]} for n, i, t in BUILT_IN_ERRORS)]
    return {abi.selector_of(entry): (entry["name"], abi.decoder(entry["inputs"])) for entry in entries}


@cache
def _events() -> dict[tuple[str, int], tuple[str, Callable[[Mapping[str, Any]], dict[str, Any]]]]:
    """By topic and number of topics: the Transfer of a token and that of a claim differ in the latter only."""
    found = {}
    for entry in _entries("event"):
        indexed = sum(parameter["indexed"] for parameter in entry["inputs"])
        found[abi.topic_of(entry), 1 + indexed] = entry["name"], abi.event_decoder(entry)
    return found


def _entries(kind: str) -> Iterator[abi.Entry]:
    for contract in ape.project.contracts.values():
        for entry in contract.abi:
            if entry.type == kind:
                yield entry.model_dump(mode="json")


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain_value(value) for name, value in values.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, AccountAPI | ContractInstance):
        return value.address
    if isinstance(value, Mapping):
        return tuple(_plain_value(item) for item in value.values())
    if isinstance(value, list | tuple):
        return tuple(_plain_value(item) for item in value)
    return _hex(value) if isinstance(value, bytes) else value


def _hex(value: bytes | str) -> str:
    return value if isinstance(value, str) else "0x" + bytes(value).hex()
