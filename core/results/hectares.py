"""Makes hectares.vectors.json, the land of the chips of some rasters, which the test compares with.

    python hectares.py    (needs numpy and pyproj)

Each pixel belongs to the first chip that has it. The area of a chip's own pixels is that of a polygon of geodesics through
points along their edge: C. F. F. Karney, Algorithms for geodesics (2013), as in GeographicLib. It shares no code with the service.
"""

import json
from pathlib import Path

import numpy as np
from pyproj import Geod, Transformer

GEOD = Geod(ellps="WGS84")
POINTS = 2048
RASTERS = [
    ("UTM, whose last column and row overlap", "EPSG:32633", [399960, 10, 0, 5300040, 0, -10], (100, 70), 32, 0),
    ("UTM, all of whose chips overlap", "EPSG:32721", [699960, 30, 0, 7000000, 0, -30], (100, 70), 32, 8),
    ("a polar grid, whose pixels are not alike", "EPSG:3413", [-3850000, 25000, 0, 5850000, 0, -25000], (304, 448), 128, 16),
    ("coarse degrees", "EPSG:4326", [-180, 0.25, 0, 90, 0, -0.25], (300, 400), 256, 32),
    ("degrees in the north, whose last row is two pixels high", "EPSG:4326", [10, 0.0118, 0, 80, 0, -0.0118], (48, 50), 16, 0),
    ("degrees, whose chips are not alike", "EPSG:4326", [10, 0.01, 0, 61, 0, -0.01], (96, 64), 32, 0),
]


def hectares(x, y, width, height, transform, to_degrees):
    along = np.linspace(0, 1, POINTS, endpoint=False)
    none, one = np.zeros(POINTS), np.ones(POINTS)
    across = x + width * np.concatenate([along, one, 1 - along, none])
    down = y + height * np.concatenate([none, along, one, 1 - along])
    a, b, c, d, e, f = transform
    longitudes, latitudes = to_degrees.transform(a + b * across + c * down, d + e * across + f * down)
    return abs(GEOD.polygon_area_perimeter(longitudes, latitudes)[0]) / 1e4


def starts(length, side, overlap):
    step = side - overlap
    count = 1 if length <= side else -(-(length - overlap) // step)
    return [min(i * step, length - side) for i in range(count)]


def vector(name, crs, transform, size, side, overlap):
    to_degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    width, height = size
    free = np.ones((height, width), bool)
    chips = []
    for y in starts(height, side, overlap):
        for x in starts(width, side, overlap):
            own = free[y : y + side, x : x + side]
            rows, columns = np.flatnonzero(own.any(1)), np.flatnonzero(own.any(0))
            assert own.sum() == len(rows) * len(columns)
            own_place = (x + columns[0], y + rows[0], len(columns), len(rows))
            chips.append(hectares(*own_place, transform, to_degrees))
            free[y : y + side, x : x + side] = False
    whole = hectares(0, 0, width, height, transform, to_degrees)
    about = {"name": name, "crs": crs, "transform": transform, "width": width, "height": height}
    return {**about, "side": side, "overlap": overlap, "chips": chips, "hectares": whole}


path = Path(__file__).with_name("hectares.vectors.json")
path.write_text(json.dumps([vector(*raster) for raster in RASTERS], indent=1) + "\n")
