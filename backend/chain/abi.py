"""ABI entries → calldata, return values and events, with decoders built once."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from eth_abi.abi import default_codec
from eth_abi.decoding import ContextFramesBytesIO
from eth_abi.exceptions import DecodingError, EncodingError
from eth_abi.grammar import parse
from eth_abi.registry import registry
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from backend.errors import HeqiError

Entry = Mapping[str, Any]
Decoder = Callable[[bytes], dict[str, Any]]

checksum = lru_cache(maxsize=65_536)(to_checksum_address)


class ArgumentsInvalid(HeqiError):
    notice_en = "{function} takes ({types}); got {reason}."
    notice_zh = "{function} 的参数应为 ({types})，实际：{reason}。"


class DataUndecodable(HeqiError):
    """The ABI in use does not belong to what the chain returned."""

    notice_en = "{data} is not ({types})."
    notice_zh = "{data} 无法按 ({types}) 解码。"
    status = 502


def type_of(parameter: Entry) -> str:
    """Canonical type of a parameter: `tuple` written out, e.g. `(uint256,address)[]`."""
    kind: str = parameter["type"]
    if not kind.startswith("tuple"):
        return kind
    return "(" + ",".join(type_of(inner) for inner in parameter["components"]) + ")" + kind[len("tuple") :]


def signature_of(entry: Entry) -> str:
    return f"{entry['name']}({','.join(type_of(parameter) for parameter in entry['inputs'])})"


def topic_of(event: Entry) -> str:
    return "0x" + keccak(text=signature_of(event)).hex()


def selector_of(entry: Entry) -> bytes:
    return bytes(keccak(text=signature_of(entry))[:4])


def encode_call(function: Entry, arguments: Sequence[Any]) -> bytes:
    """Calldata; structs may be given as mappings. Raises ArgumentsInvalid."""
    types = [type_of(parameter) for parameter in function["inputs"]]
    try:
        plain = [_plain(parameter, value) for parameter, value in zip(function["inputs"], arguments, strict=True)]
        return selector_of(function) + default_codec.encode(types, plain)
    except (EncodingError, ValueError, TypeError, KeyError) as error:
        raise ArgumentsInvalid(function=function["name"], types=", ".join(types), reason=str(error)[:200]) from None


def decoder(parameters: Sequence[Entry]) -> Decoder:
    """A function from data to `{name: value}`: integers as int, addresses checksummed, bytes as 0x…, structs as dict.

    It raises DataUndecodable. Unnamed parameters are called by their position.
    """
    types = ",".join(type_of(parameter) for parameter in parameters)
    if not parameters:
        return lambda _: {}
    decode = registry.get_decoder(f"({types})")
    readers = [(parameter["name"] or str(place), _reader(parameter)) for place, parameter in enumerate(parameters)]

    def run(data: bytes) -> dict[str, Any]:
        try:
            values = decode(ContextFramesBytesIO(data))  # type: ignore[no-untyped-call]
        except DecodingError:
            raise DataUndecodable(data="0x" + data[:64].hex(), types=types) from None
        return {name: read(value) for (name, read), value in zip(readers, values, strict=True)}

    return run


def event_decoder(event: Entry) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """A function from a JSON-RPC log to the event's arguments in the order of its declaration.

    An indexed argument of dynamic type is on chain only as its hash.
    """
    topics = [_topic_parameter(parameter) for parameter in event["inputs"] if parameter["indexed"]]
    data = [parameter for parameter in event["inputs"] if not parameter["indexed"]]
    order = [parameter["name"] for parameter in event["inputs"]]
    if not any(_is_dynamic(parameter) for parameter in data):
        read = decoder(topics + data)  # topics and data of fixed size are one tuple: half the work

        def run(log: Mapping[str, Any]) -> dict[str, Any]:
            values = read(bytes.fromhex("".join(topic[2:] for topic in log["topics"][1:]) + log["data"][2:]))
            return {name: values[name] for name in order}

        return run
    read_topics, read_data = decoder(topics), decoder(data)

    def run_dynamic(log: Mapping[str, Any]) -> dict[str, Any]:
        values = read_topics(bytes.fromhex("".join(topic[2:] for topic in log["topics"][1:])))
        values.update(read_data(bytes.fromhex(log["data"][2:])))
        return {name: values[name] for name in order}

    return run_dynamic


def _is_dynamic(parameter: Entry) -> bool:
    return bool(parse(type_of(parameter)).is_dynamic)


def _topic_parameter(parameter: Entry) -> Entry:
    is_dynamic = parameter["type"] in {"string", "bytes"} or parameter["type"].startswith("tuple")
    return {**parameter, "type": "bytes32"} if is_dynamic or parameter["type"].endswith("]") else parameter


def _reader(parameter: Entry) -> Callable[[Any], Any]:
    kind: str = parameter["type"]
    if kind.endswith("]"):
        read = _reader({**parameter, "type": kind[: kind.rindex("[")]})
        return lambda values: [read(value) for value in values]
    if kind == "tuple":
        readers = [(inner["name"], _reader(inner)) for inner in parameter["components"]]
        return lambda values: {name: read(value) for (name, read), value in zip(readers, values, strict=True)}
    if kind == "address":
        return checksum
    if kind.startswith("bytes"):
        return lambda value: "0x" + value.hex()
    return lambda value: value


def _plain(parameter: Entry, value: Any) -> Any:
    """Structs as tuples and bytes as bytes, as eth_abi wants them."""
    kind: str = parameter["type"]
    if kind.endswith("]"):
        inner = {**parameter, "type": kind[: kind.rindex("[")]}
        return [_plain(inner, item) for item in value]
    if kind == "tuple":
        components = parameter["components"]
        items = [value[inner["name"]] for inner in components] if isinstance(value, Mapping) else value
        return tuple(_plain(inner, item) for inner, item in zip(components, items, strict=True))
    if kind.startswith("bytes") and isinstance(value, str):
        return bytes.fromhex(value.removeprefix("0x"))
    return value


def to_json(value: Any) -> Any:
    """Decoded values for JSON: integers as decimal strings, for they may exceed what JSON readers hold."""
    if isinstance(value, dict):
        return {name: to_json(item) for name, item in value.items()}
    if isinstance(value, list):
        return [to_json(item) for item in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
