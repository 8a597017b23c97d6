"""Arithmetic over bands, as item.json has it: docs/item.md, "Expressions". Here are + - * /, signs, parentheses, numbers and names."""

import ast
import operator
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from droughtwatch.errors import WrongUse

Values = NDArray[np.float64]

OPERATORS: dict[type[ast.operator], Callable[[Values, Values], Values]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class Expression:
    """One that was read, and is evaluated in float64 in the order in which Swath does, so that both round alike."""

    def __init__(self, text: str, bands: Sequence[str]) -> None:
        """Reads an expression over some of `bands`.

        Raises WrongUse where it is more than arithmetic over them. Nothing of it is run as code.
        """
        self.text = text
        try:
            self._tree = ast.parse(text, mode="eval").body
        except (SyntaxError, ValueError):
            raise WrongUse(f"expression: found {text!r}, allowed is arithmetic (+ - * /) over bands") from None
        self.bands = tuple(dict.fromkeys(self._names(self._tree, bands)))

    def __call__(self, planes: Mapping[str, NDArray[np.generic]]) -> Values:
        """The values that come of the bands' planes, of one shape each. A division by zero is infinite or NaN."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self._value(self._tree, {band: planes[band].astype(np.float64) for band in self.bands})

    def _names(self, node: ast.expr, bands: Sequence[str]) -> list[str]:
        match node:
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                return self._names(left, bands) + self._names(right, bands)
            case ast.UnaryOp(op=ast.UAdd() | ast.USub(), operand=operand):
                return self._names(operand, bands)
            case ast.Name(id=name) if name in bands:
                return [name]
            case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
                return []
        allowed = f"+ - * /, parentheses, numbers and the bands {', '.join(bands)}"
        raise WrongUse(f"expression: found {ast.unparse(node)!r} in {self.text!r}, allowed are {allowed}")

    def _value(self, node: ast.expr, planes: Mapping[str, Values]) -> Values:
        match node:
            case ast.BinOp(left=left, op=op, right=right):
                return OPERATORS[type(op)](self._value(left, planes), self._value(right, planes))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self._value(operand, planes)
            case ast.UnaryOp(operand=operand):
                return self._value(operand, planes)
            case ast.Name(id=name):
                return planes[name]
            case ast.Constant(value=int() | float() as value):
                return np.asarray(value, dtype=np.float64)
        raise AssertionError(f"{ast.dump(node)} was let through when the expression was read")
