"""Revert data becomes the contract's own error."""

import pytest
from eth_abi.abi import encode

from backend.chain import abi
from backend.chain.reverts import contract_error, revert_data
from backend.chain.rpc import RpcRefused

ACCOUNT = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


def data(name: str, types: list[str], values: list[object]) -> bytes:
    return abi.selector_of({"name": name, "inputs": [{"type": kind} for kind in types]}) + encode(types, values)


STRANGE = b"\xde\xad\xbe\xef"
UNAUTHORIZED = data("AccessManagedUnauthorized", ["address"], [ACCOUNT])


def test_an_openzeppelin_error_has_name_values_and_notices():
    error = contract_error(data("ERC20InsufficientBalance", ["address", "uint256", "uint256"], [ACCOUNT, 5, 10**30]))
    assert error.code == "ERC20InsufficientBalance"
    assert error.values == {"sender": ACCOUNT, "balance": 5, "needed": 10**30}
    assert error.notice("en") == f"{ACCOUNT} holds 5, and {10**30} are needed."
    assert error.notice("zh") == f"{ACCOUNT} 余额为 5，需要 {10**30}。"


def test_integers_in_a_problem_document_are_decimal_strings():
    problem = contract_error(data("ERC721NonexistentToken", ["uint256"], [2**200])).to_problem()
    assert problem["code"] == problem["title"] == "ERC721NonexistentToken"
    assert problem["values"] == {"tokenId": str(2**200)}
    assert problem["status"] == 409


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
