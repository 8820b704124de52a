"""Small arithmetic on named numbers, as patterns write it: + - * / **, brackets, min, max and abs; nothing else."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

_TWO: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_CALLS: Mapping[str, Callable[..., float]] = {"min": min, "max": max, "abs": abs}


def names_in(expression: str) -> set[str]:
    """Names of the numbers that an expression needs.

    Raises:
        ValueError: It holds something else than arithmetic.
    """
    tree = _parsed(expression)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - set(_CALLS)
    evaluate(expression, dict.fromkeys(names, 1.0))
    return names


def evaluate(expression: str, values: Mapping[str, float]) -> float:
    """The value of an expression; NaN where it cannot be computed (a division by nought, a missing value).

    Args:
        expression: As in ``(a - b) / max(c, 1)``.
        values: Name → number.

    Raises:
        ValueError: It holds something else than arithmetic, or a name that has no number.
    """
    tree = _parsed(expression)
    try:
        found = _value(tree, values)
    except (ZeroDivisionError, OverflowError):
        return float("nan")
    return found if isinstance(found, float) and math.isfinite(found) else float("nan")


def _parsed(expression: str) -> ast.expr:
    try:
        return ast.parse(expression, mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"`{expression}` is not arithmetic: {error.msg}") from None


def _value(node: ast.expr, values: Mapping[str, float]) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.Name):
        if node.id not in values:
            raise ValueError(f"`{node.id}` is not one of the terms")
        return float(values[node.id])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, values)
    if isinstance(node, ast.BinOp) and type(node.op) in _TWO:
        return _TWO[type(node.op)](_value(node.left, values), _value(node.right, values))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS:
        found = [_value(each, values) for each in node.args]
        # The least of something unknown is unknown: min() of Python would depend on the order.
        return float("nan") if any(math.isnan(x) for x in found) else _CALLS[node.func.id](*found)
    raise ValueError(f"`{ast.unparse(node)}` is not arithmetic")
