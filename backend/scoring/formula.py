"""Formulas of derived features: sums, differences, products and quotients of columns, written as data."""

import ast
import operator
from collections.abc import Mapping
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


def names(formula: str) -> frozenset[str]:
    """The columns a formula reads."""
    return frozenset(node.id for node in ast.walk(ast.parse(formula, mode="eval")) if isinstance(node, ast.Name))


def evaluate(formula: str, columns: Mapping[str, Column]) -> Column:
    """The formula over whole columns; a result that does not exist (0/0, x/0, overflow) is missing."""
    with np.errstate(all="ignore"):
        result = _value(ast.parse(formula, mode="eval").body, columns)
    return np.where(np.isfinite(result), result, np.nan)


def _value(node: ast.expr, columns: Mapping[str, Column]) -> Column:
    match node:
        case ast.Name(id=name):
            return columns[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            result: Column = OPERATORS[type(op)](_value(left, columns), _value(right, columns))
            return result
        case _:
            raise ValueError(f"a formula may use columns and + - * / only, not {ast.unparse(node)!r}")
