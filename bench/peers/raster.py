"""Makes a map of a scene with rasterio and onnxruntime, as tightly as one would write it by hand: windowed reads, arrays that
are used again, one batch at a time, and GDAL's COG driver.

`npm run bench -- --suite maps` measures `swath classify` beside it: the same windows, the same model, the same batches. It does no
more than the map: no digest of the file, no shares of classes by chip, no table of predictions, no drift.

    python raster.py PACKAGE SCENE MAP THREADS
"""

import json
import pathlib
import sys

import numpy as np
import onnxruntime as ort
import rasterio
from rasterio.shutil import copy
from rasterio.windows import Window

SIDE, OVERLAP = 256, 32


def starts(length: int) -> list[int]:
    """Where the windows begin: the last one is moved inwards."""
    step = SIDE - OVERLAP
    return [min(at, length - SIDE) for at in range(0, max(length - OVERLAP, 1), step)]


def kept(all_starts: list[int], i: int, length: int) -> slice:
    """The part of a window that goes into the map: neighbours share their overlap in the middle."""
    start = all_starts[i]
    first = (all_starts[i - 1] + SIDE + start) // 2 if i > 0 else 0
    last = (start + SIDE + all_starts[i + 1]) // 2 if i + 1 < len(all_starts) else length
    return slice(first, last)


def main(package: str, scene: str, output: str, threads: str) -> None:
    given = json.loads((pathlib.Path(package) / "item.json").read_text())["properties"]
    batch = given["mlm:batch_size_suggestion"]
    options = ort.SessionOptions()
    options.intra_op_num_threads = int(threads)
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # as Swath does
    session = ort.InferenceSession(f"{package}/model.onnx", options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    pixels = f"{output}.pixels.tif"
    with rasterio.Env(GDAL_NUM_THREADS=threads, GDAL_CACHEMAX=256), rasterio.open(scene) as source:
        columns, rows = starts(source.width), starts(source.height)
        profile = {"driver": "GTiff", "count": 1, "dtype": "uint8", "nodata": 255, "tiled": True, "blockxsize": 512, "blockysize": 512}
        place = {"width": source.width, "height": source.height, "crs": source.crs, "transform": source.transform}
        with rasterio.open(pixels, "w", **profile, **place) as target:
            tensor = np.empty((batch, source.count, SIDE, SIDE), np.float32)
            chip = np.empty((source.count, SIDE, SIDE), np.uint16)
            for r, y in enumerate(rows):
                down = kept(rows, r, source.height)
                strip = np.empty((down.stop - down.start, source.width), np.uint8)
                for first in range(0, len(columns), batch):
                    some = range(first, min(first + batch, len(columns)))
                    for i, c in enumerate(some):
                        source.read(out=chip, window=Window(columns[c], y, SIDE, SIDE))
                        # The package's expression: clip((x - 1000) / 10000, 0, 2)
                        np.subtract(chip, np.float32(1000), out=tensor[i])
                        np.divide(tensor[i], np.float32(10000), out=tensor[i])
                        np.clip(tensor[i], 0, 2, out=tensor[i])
                    (scores,) = session.run(None, {name: tensor[: len(some)]})
                    labels = scores.argmax(axis=1).astype(np.uint8)
                    for i, c in enumerate(some):
                        across, x = kept(columns, c, source.width), columns[c]
                        strip[:, across] = labels[i, down.start - y : down.stop - y, across.start - x : across.stop - x]
                target.write(strip, 1, window=Window(0, down.start, source.width, strip.shape[0]))
        copy(pixels, output, driver="COG", compress="deflate", overview_resampling="mode")
    pathlib.Path(pixels).unlink()


main(*sys.argv[1:])
