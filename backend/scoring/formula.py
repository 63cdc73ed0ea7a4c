"""Formulas of derived features, written as data: columns, numbers, + - * / and a few named functions."""

import ast
import operator
from collections.abc import Callable, Mapping
from functools import cache, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]

OPERATORS: Mapping[type[ast.operator], Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def _mean(*columns: Column) -> Column:
    return sum(columns[1:], columns[0]) / len(columns)


def _equal(left: Column, right: Column) -> Column:
    return np.where(np.isnan(left) | np.isnan(right), np.nan, left == right)


def _known(column: Column) -> Column:
    return np.where(column > 0, column, np.nan)


# A missing argument makes the result missing. `known` is for columns that write 0 where nothing was recorded.
FUNCTIONS: Mapping[str, Callable[..., Column]] = {
    "max": lambda *columns: reduce(np.maximum, columns),
    "min": lambda *columns: reduce(np.minimum, columns),
    "mean": _mean,
    "floor": np.floor,
    "equal": _equal,
    "known": _known,
}


def names(formula: str) -> frozenset[str]:
    """The columns a formula reads."""
    read = {node.id for node in ast.walk(_parsed(formula)) if isinstance(node, ast.Name)}
    return frozenset(read - FUNCTIONS.keys())


def evaluate(formula: str, columns: Mapping[str, Column]) -> Column:
    """The formula over whole columns; a result that does not exist (0/0, x/0, overflow) is missing."""
    with np.errstate(all="ignore"):
        result = _value(_parsed(formula), columns)
    return np.where(np.isfinite(result), result, np.nan)


@cache
def _parsed(formula: str) -> ast.expr:
    return ast.parse(formula, mode="eval").body


def _value(node: ast.expr, columns: Mapping[str, Column]) -> Column:
    match node:
        case ast.Name(id=name) if name not in FUNCTIONS:
            return columns[name]
        case ast.Constant(value=float() | int() as number) if not isinstance(number, bool):
            return np.float64(number)  # type: ignore[return-value]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            result: Column = OPERATORS[type(op)](_value(left, columns), _value(right, columns))
            return result
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name](*(_value(argument, columns) for argument in arguments))
        case _:
            known = ", ".join(FUNCTIONS)
            raise ValueError(f"a formula may use columns, numbers, + - * / and {known} only, not {ast.unparse(node)!r}")
