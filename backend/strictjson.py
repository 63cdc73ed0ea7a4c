"""JSON as RFC 8259 means it: no NaN, no Infinity, no key twice, no number that overflows, UTF-8 only."""

import json
import math
from typing import Any, NoReturn

from backend.errors import HeqiError


class JsonInvalid(HeqiError):
    notice_en = "The text is not JSON: {rule}."
    notice_zh = "内容不是有效的 JSON：{rule}。"


def parse(data: bytes) -> Any:
    """The value in UTF-8 text. The caller bounds its length. Raises JsonInvalid."""
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite)
        # A lone surrogate passes the parser, but no database and no answer can hold it.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as fault:
        raise JsonInvalid(rule=f"{fault.msg} at position {fault.pos}") from None
    except UnicodeError:
        raise JsonInvalid(rule="it is not UTF-8") from None
    except RecursionError:
        raise JsonInvalid(rule="it is nested too deeply") from None
    except ValueError:
        raise JsonInvalid(rule="a number has too many digits") from None
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise JsonInvalid(rule=f"the key {twice[:40]!r} stands twice in one object")
    return found


def _refuse(constant: str) -> NoReturn:
    raise JsonInvalid(rule=f"{constant} is not a number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise JsonInvalid(rule=f"{text[:40]} is too large")
    return number
