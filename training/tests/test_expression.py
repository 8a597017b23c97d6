"""Expressions are arithmetic, computed in float64 in the usual order, and nothing of them is run as code."""

import numpy as np
import pytest

from droughtwatch.errors import WrongUse
from droughtwatch.expression import Expression

PLANES = {"B4": np.array([32, 0, 255], np.uint8), "B5": np.array([86, 0, 0], np.uint8)}


@pytest.mark.parametrize(
    ("text", "values", "bands"),
    [
        ("(B5 - B4) / (B4 + B5 + 0.0000255)", [54 / (118 + 2.55e-5), 0, -255 / (255 + 2.55e-5)], ("B5", "B4")),
        ("B5 - B4 - 1", [53, -1, -256], ("B5", "B4")),
        ("-B4 * 2 + +B5", [22, 0, -510], ("B4", "B5")),
        ("B4 / B5", [32 / 86, np.nan, np.inf], ("B4", "B5")),
        ("1e2", 100, ()),
    ],
)
def test_values(text: str, values: object, bands: tuple[str, ...]) -> None:
    expression = Expression(text, ["B4", "B5"])
    assert expression.bands == bands
    np.testing.assert_array_equal(expression(PLANES), values)


@pytest.mark.parametrize(
    "text",
    ["B6", "B4.real", "B4 ** 2", "abs(B4)", "__import__('os')", "B4 if B5 else 1", "True", "'B4'", "B4 +", "", "B4; B5", "\0", "1j"],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(WrongUse, match=r"^expression: found .*, allowed (is|are) "):
        Expression(text, ["B4", "B5"])
