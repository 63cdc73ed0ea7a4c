"""Revert data becomes the contract's own error."""

import json
from pathlib import Path

import pytest
from eth_abi.abi import encode

from backend.chain import abi, reverts
from backend.chain.reverts import contract_error, revert_data
from backend.chain.rpc import RpcRefused
from backend.figures import UnitUnknown

ACCOUNT = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
CATALOGUE = json.loads(reverts.ERROR_FILES[0].read_text(encoding="utf-8"))
# `Panic` speaks by its code, without the catalogue's sentence.
ENTRIES = {name: entry for name, entry in CATALOGUE.items() if name != "Panic"}


def data(name: str, types: list[str], values: list[object]) -> bytes:
    return abi.selector_of({"name": name, "inputs": [{"type": kind} for kind in types]}) + encode(types, values)


def extreme(kind: str, greatest: bool) -> object:
    """The least or the greatest value of an ABI type."""
    if kind.startswith(("uint", "int")):
        bits = int(kind.lstrip("uint")) - kind.startswith("int")
        return 2**bits - 1 if greatest else (-(2**bits) if kind.startswith("int") else 0)
    if kind.startswith("bytes"):
        return b"\xff" * int(kind[5:] or 3) if greatest else b""
    return {"address": ACCOUNT, "string": "大" * 40 if greatest else ""}[kind]


STRANGE = b"\xde\xad\xbe\xef"
UNAUTHORIZED = data("AccessManagedUnauthorized", ["address"], [ACCOUNT])


def test_an_openzeppelin_error_has_name_values_and_notices():
    error = contract_error(data("ERC20InsufficientBalance", ["address", "uint256", "uint256"], [ACCOUNT, 5, 10**30]))
    assert error.code == "ERC20InsufficientBalance"
    assert error.values == {"sender": ACCOUNT, "balance": 5, "needed": 10**30}
    needed = "10,000,000,000,000,000,000,000,000,000.00"
    assert error.notice("en") == f"{ACCOUNT} holds 0.05, and {needed} are needed."
    assert error.notice("zh") == f"{ACCOUNT} 余额为 0.05，需要 {needed}。"


def test_integers_in_a_problem_document_are_decimal_strings():
    problem = contract_error(data("ERC721NonexistentToken", ["uint256"], [2**200])).to_problem()
    assert problem["code"] == problem["title"] == "ERC721NonexistentToken"
    assert problem["values"] == {"tokenId": str(2**200)}
    assert problem["status"] == 409


REFUSALS = {
    "amount": (
        data("NetBelowSigned", ["uint96", "uint96"], [88_841_250, 2**96 - 1]),
        "888,412.50, less than the signed 792,281,625,142,643,375,935,439,503.35.",
        "实际到账金额为 888,412.50，低于签署金额 792,281,625,142,643,375,935,439,503.35。",
    ),
    "shares": (data("VaultWipedOut", ["uint256"], [88_841_250_000_000]), "its 888,412.50000000 shares", "888,412.5"),
    "day": (
        data("DueDayInvalid", ["uint32"] * 3, [0, 20_779, 20_959]),
        "The due day 1970-01-01 must lie after today (2026-11-22) and not after 2027-05-21.",
        "到期日 1970-01-01 必须晚于今日（2026-11-22）且不晚于 2027-05-21。",
    ),
    "time": (
        data("OfferExpired", ["uint40"], [1_795_336_200]),
        "The signed offer was good until 2026-11-22 16:30 (UTC+8); that time has passed.",
        "签署的报价有效期至 2026-11-22 16:30 (UTC+8)，现已过期。",
    ),
    "bps": (
        data("TermsOutOfBounds", ["uint16"] * 3 + ["uint32"], [9_000, 435, 20, 1]),
        "advance 90.00 %, rate 4.35 %, fee 0.20 %",
        "预付比例 90.00 %、年利率 4.35 %、费率 0.20 %",
    ),
    "enum": (
        data("StateWrong", ["uint256", "uint8", "uint8"], [7, 3, 2]),
        "Receivable 7 is financed; this step needs it to be confirmed.",
        "应收账款 7 的状态为 已融资，此操作要求状态为 已确权。",
    ),
    "enum without its type, and grade": (
        data("GradeRefused", ["uint8", "uint8", "uint16"], [1, 4, 512]),
        "Grade E (score 512) is not financed under product credit line.",
        "产品 商户信用额度 不接受评级 E（评分 512）。",
    ),
    "bits": (
        data("RoleMissing", ["uint32", "uint16"], [7, 2]),
        "Party 7 was not verified for the role core enterprise.",
        "参与方 7 未取得角色 核心企业 的认证。",
    ),
    "plain": (
        data("SignerSetWrong", ["uint32", "uint32"], [4_294_967_295, 0]),
        "for the signer set 4294967295; the set in force is 0.",
        "报告由签名组 4294967295 签署，而现行签名组为 0。",
    ),
}


@pytest.mark.parametrize(("refusal", "english", "chinese"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_notice_shows_each_value_in_its_unit(refusal: bytes, english: str, chinese: str):
    error = contract_error(refusal)
    assert english in error.notice("en")
    assert chinese in error.notice("zh")


def test_values_stay_those_of_the_chain():
    problem = contract_error(REFUSALS["day"][0]).to_problem("zh")
    assert problem["values"] == {"dueDay": "0", "today": "20779", "latest": "20959"}
    assert problem["detail"] == REFUSALS["day"][2]


@pytest.mark.parametrize("greatest", [False, True], ids=["least", "most"])
@pytest.mark.parametrize("name", ENTRIES)
def test_every_error_of_the_catalogue_can_be_told(name: str, greatest: bool):
    types = [parameter["type"] for parameter in ENTRIES[name]["inputs"]]
    error = contract_error(data(name, types, [extreme(kind, greatest) for kind in types]))
    assert error.code == name
    assert "{" not in error.notice("en") + error.notice("zh")


def test_a_catalogue_with_an_unknown_unit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    entry = {"inputs": [{"name": "sum", "type": "uint96", "unit": "pounds"}], "notice": {"en": "{sum}", "zh": "{sum}"}}
    (tmp_path / "errors.json").write_text(json.dumps({"Dear": entry}))
    monkeypatch.setattr(reverts, "ERROR_FILES", (tmp_path / "errors.json",))
    with pytest.raises(UnitUnknown, match="pounds of sum"):
        reverts._catalogue.__wrapped__()


def test_a_revert_string_becomes_its_text():
    error = contract_error(data("Error", ["string"], ["余额不足"]))
    assert (error.code, error.notice("en")) == ("Error", "余额不足")


@pytest.mark.parametrize(("number", "meaning"), [(0x11, "overflowed"), (0x12, "division by zero"), (0x99, "0x99")])
def test_a_panic_says_what_happened(number: int, meaning: str):
    error = contract_error(data("Panic", ["uint256"], [number]))
    assert (error.code, error.values) == ("Panic", {"code": number})
    assert meaning in error.notice("en")


def test_no_data_is_an_empty_revert():
    assert contract_error(b"").code == "EmptyRevert"


@pytest.mark.parametrize("unknown", [b"\x01", STRANGE, STRANGE + b"\x00" * 64, UNAUTHORIZED[:20]])
def test_unknown_or_damaged_data_is_shown_as_it_is(unknown: bytes):
    error = contract_error(unknown)
    assert (error.code, error.values) == ("UnknownRevert", {"data": "0x" + unknown.hex()})


def test_the_innermost_of_wrapped_errors_is_what_the_user_hears():
    types = ["address", "bytes4", "bytes", "bytes"]
    inner = data("WrappedError", types, [ACCOUNT, b"\x01" * 4, UNAUTHORIZED, b""])
    outer = data("WrappedError", types, [ACCOUNT, b"\x02" * 4, inner, b""])
    assert contract_error(outer).code == "AccessManagedUnauthorized"


def test_endless_wrapping_ends():
    types = ["address", "bytes4", "bytes", "bytes"]
    nested = UNAUTHORIZED
    for _ in range(50):
        nested = data("WrappedError", types, [ACCOUNT, b"\x01" * 4, nested, b""])
    assert contract_error(nested).code == "WrappedError"


def test_braces_inside_values_do_not_break_a_notice():
    assert contract_error(data("Error", ["string"], ["{amount} {0} {"])).notice("en") == "{amount} {0} {"


@pytest.mark.parametrize(
    ("message", "carried"),
    [
        ("execution reverted", "0x" + UNAUTHORIZED.hex()),
        ("execution reverted", {"data": "0x" + UNAUTHORIZED.hex(), "message": "x"}),
        ("VM execution error", "Reverted 0x" + UNAUTHORIZED.hex()),
        (f"execution reverted: custom error 0x{UNAUTHORIZED.hex()}", None),
    ],
)
def test_revert_data_is_found_wherever_a_node_puts_it(message: str, carried: object):
    assert revert_data(RpcRefused("eth_call", message, 3, carried)) == UNAUTHORIZED


def test_a_revert_without_data_and_a_refusal_that_is_no_revert_are_told_apart():
    assert revert_data(RpcRefused("eth_call", "execution reverted", 3, "0x")) == b""
    assert revert_data(RpcRefused("eth_call", f"insufficient funds of {ACCOUNT}", -32000)) is None
