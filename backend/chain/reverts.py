"""Revert data → the contract's error by name, with its values and the sentence for the user. Decoded here only."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from backend.chain import abi
from backend.chain.rpc import RpcRefused
from backend.errors import HeqiError
from backend.figures import Figure, figure

ERROR_FILES = (Path(__file__).parent / "errors.json",)
HEX_IN_TEXT = re.compile(r"0x(?:[0-9a-fA-F]{2}){4,}")
DEEPEST_WRAPPING = 8
EMPTY = {"en": "The contract refused without a reason.", "zh": "合约拒绝执行，未说明原因。"}
UNKNOWN = {"en": "The contract refused with unknown data {data}.", "zh": "合约拒绝执行，返回未知数据 {data}。"}
PANICS = {
    0x01: ("an assertion failed", "断言失败"),
    0x11: ("an amount overflowed", "数值溢出"),
    0x12: ("a division by zero", "除数为零"),
    0x21: ("a value outside its enumeration", "枚举值越界"),
    0x22: ("a damaged storage array", "存储数组损坏"),
    0x31: ("an empty array", "数组为空"),
    0x32: ("an index outside its array", "数组越界"),
    0x41: ("too much memory", "内存分配过大"),
    0x51: ("an unset function", "函数未初始化"),
}


@dataclass(frozen=True)
class _Known:
    name: str
    notices: Mapping[str, str]
    figures: Mapping[str, Figure]
    decode: abi.Decoder


class ContractError(HeqiError):
    """A contract refused. `code` is the name of its custom error, `values` its arguments as the chain holds them.

    `notices`: the sentence by language. `figures`: how arguments are shown in it; others stand as they are.
    """

    status = 409

    def __init__(
        self, name: str, notices: Mapping[str, str], values: Mapping[str, Any], figures: Mapping[str, Figure]
    ) -> None:
        super().__init__(**values)
        self._name = name
        self._notices = notices
        self._figures = figures

    @property
    def code(self) -> str:
        return self._name

    def notice(self, lang: str) -> str:
        language = "zh" if lang == "zh" else "en"
        shown = {name: show(self.values[name], language) for name, show in self._figures.items()}
        return self._notices[language].format(**{**self.values, **shown})

    def to_problem(self, lang: str = "en") -> dict[str, Any]:
        """Integers as decimal strings: they may exceed what JSON readers hold."""
        problem = super().to_problem(lang)
        return {**problem, "values": abi.to_json(self.values)}


def contract_error(data: bytes) -> ContractError:
    """The error in revert data; unknown data becomes `UnknownRevert` with the data, no data `EmptyRevert`."""
    return _decode(data, DEEPEST_WRAPPING)


def revert_data(refusal: RpcRefused) -> bytes | None:
    """Revert data inside a node's answer; b"" for a revert without data, None when it was no revert at all.

    Nodes put it into `data` as text, into `data.data`, or only into the message.
    """
    data = refusal.data.get("data") if isinstance(refusal.data, Mapping) else refusal.data
    reverted = "revert" in refusal.message.lower()
    for text in (data, refusal.message if reverted else None):
        if isinstance(text, str) and (found := HEX_IN_TEXT.search(text)):
            return bytes.fromhex(found.group()[2:])
    return b"" if reverted else None


def _decode(data: bytes, levels: int) -> ContractError:
    if not data:
        return ContractError("EmptyRevert", EMPTY, {}, {})
    known = _catalogue().get(data[:4])
    if known:
        try:
            values = known.decode(data[4:])
        except abi.DataUndecodable:
            known = None  # somebody else's error with the same selector
    if not known:
        return ContractError("UnknownRevert", UNKNOWN, {"data": "0x" + data.hex()}, {})
    if known.name == "Panic":
        return _panic(values["code"])
    return _inner(values, levels) or ContractError(known.name, known.notices, values, known.figures)


def _inner(values: Mapping[str, Any], levels: int) -> ContractError | None:
    """The known error inside a wrapping one: that is what the user has to hear."""
    for value in values.values():
        if levels and isinstance(value, str) and re.fullmatch(r"0x(?:[0-9a-f]{2}){4,}", value):
            data = bytes.fromhex(value[2:])
            if data[:4] in _catalogue() and len(data) % 32 == 4:
                return _decode(data, levels - 1)
    return None


def _panic(number: int) -> ContractError:
    what_en, what_zh = PANICS.get(number, (f"panic {number:#x}", f"异常 {number:#x}"))
    notices = {"en": f"The contract stopped: {what_en}.", "zh": f"合约中止：{what_zh}。"}
    return ContractError("Panic", notices, {"code": number}, {})


@cache
def _catalogue() -> dict[bytes, _Known]:
    """By selector. Raises UnitUnknown."""
    known: dict[bytes, _Known] = {}
    for path in ERROR_FILES:
        for name, entry in json.loads(path.read_text(encoding="utf-8")).items():
            inputs = entry["inputs"]
            figures = {parameter["name"]: figure(parameter) for parameter in inputs}
            selector = abi.selector_of({"name": name, "inputs": inputs})
            known[selector] = _Known(name, entry["notice"], figures, abi.decoder(inputs))
    return known
