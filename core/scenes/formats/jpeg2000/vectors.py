"""Makes jpeg2000.vectors.json, files as GDAL writes them, and what it sees in them and in those of fixtures/.

    python vectors.py    (needs rasterio 1.4.4 with GDAL 3.10.3 and its OpenJPEG, numpy and Pillow 13.0.0)

Of each file, as base64, its size, its georeference, and each band's values as half of their SHA-256, row by row and
little-endian. It shares no code with the service.
"""

import base64
import hashlib
import json
import tempfile
import warnings
from pathlib import Path

import numpy as np
import rasterio
from PIL import Image
from rasterio.enums import ColorInterp
from rasterio.shutil import copy
from rasterio.transform import Affine

HERE = Path(__file__).resolve().parent
random = np.random.default_rng(17)
warnings.simplefilter("ignore")
UTM = Affine(10, 0, 500000, 0, -10, 6000000)


def values(bands, dtype="uint8", bits=None, width=49, height=40):
    limits = np.iinfo(dtype)
    slope = np.add.outer(np.arange(bands) * 30, np.add.outer(np.arange(height) * 2, np.arange(width)))
    found = (slope + (random.random(slope.shape) < 0.03)).astype("int64") * (1 if limits.max < 300 else 37)
    found = found % (2**bits) if bits else limits.min + found % (int(limits.max) - int(limits.min) + 1)
    return found.astype(dtype)


def digest(array):
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
    return hashlib.sha256(little.tobytes()).hexdigest()[:32]


def seen(path):
    with rasterio.open(path) as picture:
        alpha = [i for i, meaning in enumerate(picture.colorinterp) if meaning == ColorInterp.alpha]
        found = {
            **{"width": picture.width, "height": picture.height, "type": picture.dtypes[0]},
            "alpha": alpha[0] if alpha else None,
            "transform": list(picture.transform.to_gdal()) if picture.transform != Affine.identity() else None,
            "epsg": picture.crs.to_epsg() if picture.crs else None,
            "bands": [digest(band) for band in picture.read()],
        }
        return {key: value for key, value in found.items() if value is not None}


def entry(what, array, transform=UTM, crs="EPSG:32632", extension="jp2", **options):
    bands, height, width = array.shape
    place = {"transform": transform, "crs": crs} if crs else {}
    with tempfile.TemporaryDirectory() as folder:
        tif, path = Path(folder) / "a.tif", Path(folder) / f"a.{extension}"
        photometric = {"photometric": "RGB", "ALPHA": "YES"} if options.pop("alpha", False) else {}
        with rasterio.open(tif, "w", driver="GTiff", count=bands, height=height, width=width, dtype=array.dtype, **place, **photometric) as picture:
            picture.write(array)
        with rasterio.Env(GDAL_PAM_ENABLED="NO"):
            copy(tif, path, driver="JP2OpenJPEG", **{"GMLJP2": "NO", **options})
            return {"what": what, "file": base64.b64encode(path.read_bytes()).decode(), **seen(path)}


def pictures():
    exact = {"QUALITY": 100, "REVERSIBLE": "YES"}
    tiles = {"BLOCKXSIZE": 32, "BLOCKYSIZE": 32}
    for dtype, bits in [("uint8", None), ("uint16", None), ("int16", None), ("uint16", 12), ("uint8", 1), ("uint8", 4)]:
        options = {"NBITS": bits} if bits else {}
        yield entry(f"{dtype}{f' of {bits} bits' if bits else ''}", values(1, dtype, bits), **exact, **tiles, **options)
    for bands in (2, 3, 5):
        yield entry(f"{bands} bands", values(bands), **exact, **tiles)
        yield entry(f"{bands} bands of uint16, lossy", values(bands, "uint16"), QUALITY=30, **tiles)
    for bands in (2, 3, 4):
        yield entry(f"{bands} bands of int16", values(bands, "int16"), **exact, **tiles)
    yield entry("thirteen bands", values(13, "uint16", width=40, height=30), **exact, **tiles)
    yield entry("colours, lossy", values(3), QUALITY=30, YCC="YES", **tiles)
    yield entry("colours and alpha", values(4), alpha=True, **exact, **tiles)
    yield entry("one tile", values(1), **exact)
    yield entry("tiles of one column more", values(1, width=65, height=33), **exact, **tiles)
    yield entry("one pixel", values(1, width=1, height=1), **exact)
    yield entry("a codestream alone", values(2), extension="j2k", CODEC="J2K", **exact, **tiles)
    for progression in ("LRCP", "RLCP", "RPCL", "PCRL", "CPRL"):
        yield entry(f"{progression}, several tile-parts", values(2), PROGRESSION=progression, TILEPARTS="RESOLUTIONS", **exact, **tiles)
    yield entry("layers, markers and precincts", values(1), QUALITY="5,20,100", REVERSIBLE="YES", SOP="YES", EPH="YES", PRECINCTS="{16,16},{16,16}", TILEPARTS="LAYERS", **tiles)
    yield entry("lengths of tiles", values(1), TLM="YES", PLT="YES", **exact, **tiles)
    small = values(1, width=9, height=7)
    for what, options in [("GeoJP2 alone", {"GeoJP2": "YES", "GMLJP2": "NO"}), ("GML alone", {"GeoJP2": "NO", "GMLJP2": "YES"})]:
        yield entry(f"{what}, UTM", small, **exact, **options)
        yield entry(f"{what}, degrees", small, Affine(0.001, 0, 8, 0, -0.002, 51), "EPSG:4326", **exact, **options)
        yield entry(f"{what}, northings first", small, Affine(10, 0, 3500000, 0, -10, 5600000), "EPSG:31467", **exact, **options)
        yield entry(f"{what}, turned", small, UTM * Affine.rotation(30), "EPSG:32632", **exact, **options)
    yield entry("no place", small, crs=None, **exact)


def by_pillow():
    """What GDAL does not write. It reads values of 8 bits with a sign as if they had none; these are none below 0."""
    grey = Image.fromarray(values(1)[0] // 2)
    for what, options in [("int8", {"signed": True}), ("tiles that begin before the picture", {"offset": (5, 3), "tile_offset": (0, 0), "tile_size": (64, 64)}), ("a picture that does not begin at 0", {"offset": (5, 3), "tile_offset": (5, 3), "tile_size": (16, 16)})]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.jp2"
            grey.save(path, **options)
            found = {"what": what, "file": base64.b64encode(path.read_bytes()).decode(), **seen(path)}
            yield found | ({"type": "int8"} if what == "int8" else {})


def fixtures():
    for path in sorted((HERE / "fixtures").glob("*.jp2")):
        yield {"what": path.name, **seen(path)}


vectors = {"pictures": [*pictures(), *by_pillow()], "fixtures": [*fixtures()]}
lists = [f'"{name}": [\n' + ",\n".join(map(json.dumps, entries)) + "\n]" for name, entries in vectors.items()]
(HERE / "jpeg2000.vectors.json").write_text("{" + ",\n".join(lists) + "}\n")
