"""Makes resize.vectors.json, the answers that the tests of resizing compare with.

    python resize.vectors.py    (needs numpy, opencv-python-headless, rasterio)

Cubic, area and Lanczos: cv2.resize on float32. OpenCV has no resize of its own behind MLM's interpolation-max, so the largest
values are GDAL's, by rasterio (Resampling.max), which takes each pixel that lies at least partly in the target's. The image is a formula, which
the tests write down again.
"""

import json
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
import rasterio
from rasterio.transform import from_bounds
from rasterio.warp import Resampling, reproject

SIZES = [
    ((7, 9), (7, 9)), ((7, 9), (14, 18)), ((7, 9), (10, 20)), ((7, 9), (3, 4)), ((8, 12), (4, 4)), ((8, 12), (2, 6)),
    ((7, 9), (12, 4)), ((7, 9), (3, 11)), ((1, 6), (3, 3)), ((5, 1), (2, 4)), ((65, 65), (64, 64)), ((20, 3), (7, 1)),
]
SHRUNK = [(a, b) for a, b in SIZES if b[0] <= a[0] and b[1] <= a[1]]


def image(height, width):
    y, x = np.mgrid[0:height, 0:width]
    return ((7 * x + 13 * y + 3 * x * y) % 17 / 16).astype(np.float32)


def by_opencv(flag):
    return lambda source, height, width: cv2.resize(source, (width, height), interpolation=flag)


def by_gdal(source, height, width):
    out = np.zeros((height, width), np.float32)
    bounds = (0, 0, source.shape[1], source.shape[0])
    reproject(
        source, out, src_crs="EPSG:32629", dst_crs="EPSG:32629", resampling=Resampling.max,
        src_transform=from_bounds(*bounds, source.shape[1], source.shape[0]),
        dst_transform=from_bounds(*bounds, width, height),
    )
    return out


def cases(type_, sizes, resize):
    return [
        {
            "type": type_, "from": list(source), "to": list(target),
            "values": [round(float(v), 7) for v in np.asarray(resize(image(*source), *target)).reshape(-1)[:200]],
        }
        for source, target in sizes
    ]


vectors = {
    "versions": {name: version(name) for name in ("opencv-python-headless", "numpy", "rasterio")} | {"gdal": rasterio.__gdal_version__},
    "cases": cases("interpolation-cubic", SIZES, by_opencv(cv2.INTER_CUBIC))
    + cases("interpolation-area", SIZES, by_opencv(cv2.INTER_AREA))
    + cases("interpolation-lanczos4", SIZES, by_opencv(cv2.INTER_LANCZOS4))
    + cases("interpolation-max", SHRUNK, by_gdal),
}
text = json.dumps(vectors).replace('{"type"', '\n{"type"')
Path(__file__).with_name("resize.vectors.json").write_text(text + "\n")
