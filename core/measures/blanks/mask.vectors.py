"""Makes mask.vectors.json, the shares of chips that the tests of masks compare with.

    python mask.vectors.py    (needs numpy, rasterio)

Sen2Cor's scene classes of the bundled Sentinel-2 scene, read by rasterio, in chips of 16 x 16 pixels: by classes (shadow, cloud of medium
and high probability, cirrus), and by bits of the same numbers.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import rasterio

SIDE = 16
HERE = Path(__file__).parent
SCENE = HERE / "../../../samples/sentinel-2/s2-t29unu-60m-256-scl.tif"

with rasterio.open(SCENE) as file:
    classes = file.read(1)

chips = classes.reshape(256 // SIDE, SIDE, 256 // SIDE, SIDE).transpose(0, 2, 1, 3).reshape(-1, SIDE * SIDE)
vectors = {
    "made by": f"mask.vectors.py with numpy {version('numpy')}, rasterio {version('rasterio')}",
    "side": SIDE,
    "cases": [
        {"hides": {"values": [3, 8, 9, 10]}, "shares": np.isin(chips, [3, 8, 9, 10]).mean(axis=1).tolist()},
        {"hides": {"bits": [0, 3]}, "shares": (np.bitwise_and(chips, 0b1001) != 0).mean(axis=1).tolist()},
    ],
}
(HERE / "mask.vectors.json").write_text(json.dumps(vectors) + "\n")
