"""What the values inside an error stand for, so that a notice shows them as people read them.

The unit of an input, by the first rule that fits (`backend/figures.py` shows each):

1. an enumeration, by its Solidity type or as listed in ENUMS: `enum`; a set of bits listed in BITS: `bits`
2. what is no integer: `plain`
3. `uint96`: `amount`; a name that ends with `Bps`: `bps`
4. as UNITS lists it: `Error.input` where a name means different things, else the name alone

An integer that no rule decides stops the export: a silent default would show a day as an amount, or a raw number.
English names of members are those of the Solidity sources, Chinese ones stand in `enum_names.json`.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from backend.chain.abi import Entry
from backend.errors import HeqiError
from scripts.plan import ROOT

NAMES_FILE = ROOT / "scripts" / "enum_names.json"
CONTRACTS = ROOT / "contracts"

ENUMS = {"GradeRefused.product": "IRiskPolicy.Product"}
BITS = {"RoleMissing.role": "Roles", "RolesInvalid.roles": "Roles", "PartyFlagged.flags": "ScoreFlags"}

UNITS: Mapping[str, tuple[str, ...]] = {
    # In the settlement token. ERC20's do not say which token refuses; the vault's shares refuse so only when somebody
    # moves them directly or redeems another's.
    "amount": (
        "face",
        "limit",
        "sum",
        "wouldBe",
        "wouldOwe",
        "DepositKeptFee.arrived",
        "DepositKeptFee.sent",
        "ERC20InsufficientAllowance.allowance",
        "ERC20InsufficientAllowance.needed",
        "ERC20InsufficientBalance.balance",
        "ERC20InsufficientBalance.needed",
        "ERC4626ExceededMaxDeposit.max",
        "ERC4626ExceededMaxWithdraw.max",
        "assets",
    ),
    "shares": ("shares", "ERC4626ExceededMaxMint.max", "ERC4626ExceededMaxRedeem.max"),
    "day": ("day", "dueDay", "noticeDay", "today", "DueDayInvalid.latest"),
    "time": (
        "at",
        "deadline",
        "earliest",
        "issuedAt",
        "validUntil",
        "ReportValidityWrong.latest",
        "ValidityInvalid.latest",
    ),
    "grade": ("grade", "GradeUnknown.last"),
    # Numbers by which things are called, counts, and what the sentence itself gives a unit (days, seconds, bits).
    "plain": (
        "arrears",
        "basis",
        "bits",
        "bound",
        "code",
        "count",
        "currency",
        "currentNonce",
        "cycleDays",
        "debtor",
        "decimals",
        "delay",
        "dueDays",
        "gas",
        "given",
        "groups",
        "id",
        "index",
        "lease",
        "least",
        "left",
        "length",
        "lienor",
        "limitCode",
        "longest",
        "machine",
        "maxAge",
        "maxReadingAge",
        "maxTermDays",
        "modelId",
        "most",
        "party",
        "receivable",
        "records",
        "reported",
        "roleId",
        "round",
        "score",
        "sequence",
        "signers",
        "term",
        "termDays",
        "threshold",
        "tier",
        "tokenId",
        "value",
        "words",
        "RoundPassed.last",
        "SignerSetWrong.current",
        "SignerSetWrong.signed",
        # A token that is no settlement currency, with decimals of its own.
        "CurrencyKeepsFee.arrived",
        "CurrencyKeepsFee.sent",
        # The chain's own coin.
        "InsufficientBalance.balance",
        "InsufficientBalance.needed",
    ),
}


class UnitUndecided(HeqiError):
    notice_en = "It is not decided what {input} ({type}) of {error} stands for; list it in scripts/_units.py."
    notice_zh = "错误 {error} 的参数 {input}（{type}）未确定单位，请在 scripts/_units.py 中列出。"


class MembersNotFound(HeqiError):
    notice_en = "{path} declares no members of {group}."
    notice_zh = "{path} 中没有 {group} 的成员声明。"


class MemberNameMissing(HeqiError):
    notice_en = "The member {member} of {group} has no Chinese name in {path}."
    notice_zh = "{group} 的成员 {member} 在 {path} 中缺少中文名称。"


def with_unit(error: str, parameter: Entry) -> dict[str, Any]:
    """An input of an error with its `unit`, and `members` by number or bit in both languages.

    Raises UnitUndecided, MembersNotFound, MemberNameMissing.
    """
    place = f"{error}.{parameter['name']}"
    declared = parameter.get("internalType", "")
    if enum := declared.removeprefix("enum ") if declared.startswith("enum ") else ENUMS.get(place):
        return {**parameter, "unit": "enum", "members": members(enum)}
    if place in BITS:
        return {**parameter, "unit": "bits", "members": members(BITS[place])}
    return {**parameter, "unit": _unit(error, parameter)}


def members(group: str) -> list[dict[str, str]]:
    """Of an enumeration `Interface.Enum` or a library of bits. Raises MembersNotFound, MemberNameMissing."""
    chinese = chinese_names().get(group, {})
    declared = _members_in_source(group)
    for name in declared:
        if not chinese.get(name):
            raise MemberNameMissing(member=name, group=group, path=NAMES_FILE.relative_to(ROOT))
    return [{"en": _words(name), "zh": chinese[name]} for name in declared]


@cache
def chinese_names() -> dict[str, dict[str, str]]:
    """Of members, by group."""
    names: dict[str, dict[str, str]] = json.loads(NAMES_FILE.read_bytes())
    return names


def _unit(error: str, parameter: Entry) -> str:
    kind, name = parameter["type"], parameter["name"]
    if not kind.startswith(("uint", "int")):
        return "plain"
    if kind == "uint96":
        return "amount"
    if name.endswith("Bps"):
        return "bps"
    listed = _listed()
    unit = listed.get(f"{error}.{name}") or listed.get(name)
    if not unit:
        raise UnitUndecided(error=error, input=name, type=kind)
    return unit


def _listed() -> dict[str, str]:
    return {name: unit for unit, names in UNITS.items() for name in names}


def _members_in_source(group: str) -> list[str]:
    """In the order of their numbers; bits count only when they are in order, without a gap."""
    unit, _, enum = group.partition(".")
    path = CONTRACTS / ("interfaces" if enum else "libraries") / f"{unit}.sol"
    source = re.sub(r"//.*", "", path.read_text(encoding="utf-8")) if path.exists() else ""
    if enum:
        body = re.search(rf"\benum {enum} {{([^}}]*)}}", source)
        found = re.findall(r"\w+", body[1]) if body else []
    else:
        bits = re.findall(r"constant (\w+) = 1 << (\d+);", source)
        found = [name for name, _ in bits] if [int(bit) for _, bit in bits] == list(range(len(bits))) else []
    if not found:
        raise MembersNotFound(group=group, path=path.relative_to(CONTRACTS.parent))
    return found


def _words(identifier: str) -> str:
    """`written off` of `WrittenOff`, `core enterprise` of `CORE_ENTERPRISE`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", identifier).lower()
