"""Writes stacItem.vectors.json: rasters of one place in pixels of 10, 20 and 60 m, and what rasterio reads of them on those of 10 m.

    pip install rasterio==1.4.4 numpy && python vectors.py
"""

import base64
import json
import pathlib

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.transform import from_origin

SIDE = 36  # of pixels of 10 m
random = np.random.default_rng(7)
bands = []
for name, metres, options in [
    ("B02", 10, {"tiled": True, "blockxsize": 16, "blockysize": 16, "compress": "deflate"}),
    ("B11", 20, {"compress": "zstd", "predictor": 2}),
    ("B01", 60, {}),
]:
    side = SIDE * 10 // metres
    values = random.integers(0, 10_000, (side, side), dtype=np.uint16)
    values[0, 0] = 0
    path = pathlib.Path(f"/tmp/{name}.tif")
    profile = {"driver": "GTiff", "width": side, "height": side, "count": 1, "dtype": "uint16", "nodata": 0, "crs": "EPSG:32629"}
    with rasterio.open(path, "w", transform=from_origin(500_000, 5_800_000, metres, metres), **profile, **options) as file:
        file.write(values, 1)
    with rasterio.open(path) as file:
        read = file.read(1, out_shape=(SIDE, SIDE), resampling=Resampling.nearest)
    bands.append({"name": name, "file": base64.b64encode(path.read_bytes()).decode(), "values": read.ravel().tolist()})
    path.unlink()

target = pathlib.Path(__file__).with_name("stacItem.vectors.json")
target.write_text(json.dumps({"rasterio": rasterio.__version__, "gdal": rasterio.__gdal_version__, "side": SIDE, "bands": bands}) + "\n")
