"""What the network takes, of the files' bytes: the numbers that Swath makes of the same bytes, bit for bit."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from droughtwatch.variants import Derived

RAW_DIVISOR = 255
"""A band of the file becomes a number from 0 to 1: item.json says the same by `value_scaling`."""


def tensor_of(inputs: Sequence[str | Derived], planes: Mapping[str, NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Of chips' planes by their bands' names, [chips, height, width] each: float32 [chips, height, width, inputs].

    Values are computed in float64 and rounded once, as Swath does (core/package/tensor.ts, core/package/bands.ts).
    """
    made = [planes[one].astype(np.float64) / RAW_DIVISOR if isinstance(one, str) else one.compute(planes) for one in inputs]
    return np.stack(made, axis=-1).astype(np.float32)
