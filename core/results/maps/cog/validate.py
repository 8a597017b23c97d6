"""Holds COGs of the writer here against GDAL, rio-cogeo and numpy.

    python validate.py [--speed] [--large]    (needs rasterio 1.4.4 with GDAL 3.10.3, rio-cogeo 7 and numpy)

Writes a file for each type, size, number of bands, resampling, nodata, transform and kind of TIFF (by test/maps/writeCog.ts),
and checks that each is a valid COG by rio-cogeo (strict) and by the rules of GDAL's validate_cloud_optimized_geotiff.py that
rio-cogeo leaves out; that GDAL reads the values, names, scales, colours, nodata, transform and CRS that went in; that overviews
hold what numpy makes of them, and at sizes that halve evenly what GDAL's own overviews hold. It shares no code with the writer.

--speed writes large pictures, and the same ones by GDAL's COG driver; --large writes one of more than 4 GiB.
"""

import atexit
import itertools
import json
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from rasterio.io import MemoryFile
from rasterio.transform import Affine
from rio_cogeo.cogeo import cog_validate

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(tempfile.mkdtemp())
atexit.register(shutil.rmtree, FOLDER)
TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]
UTM = {1024: 1, 1025: 1, 1026: "WGS 84 / UTM zone 29N", 2049: "WGS 84", 2054: 9102, 3072: 32629, 3076: 9001}
# Greenland's polar stereographic, as keys of its own: doubles that are whole numbers, and a text
POLAR = {
    **{1024: 1, 1025: 1, 1026: "Polar stereographic", 2048: 4326, 3072: 32767, 3073: "of nobody", 3074: 32767, 3075: 15},
    **{3076: 9001, 3081: 70, 3095: -45, 3082: 0, 3083: 0},
}
NORTH_UP = [600000.0, 10.0, 0.0, 5900040.0, 0.0, -10.0]
ROTATED = [600000.0, 8.0, 6.0, 5900040.0, 6.0, -8.0]
SOUTH_UP = [600000.0, 10.0, 0.0, 5800000.0, 0.0, 10.0]
random = np.random.default_rng(17)
warnings.simplefilter("ignore")


class Writer:
    def __init__(self):
        command = ["npx", "node", "test/maps/writeCog.ts"]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.count = 0

    def write(self, values, spec=None, options=None, rows=100, times=1):
        """A file of bands, rows and columns; and its seconds and bytes."""
        self.count += 1
        bands, height, width = values.shape
        bare, out = FOLDER / "values", FOLDER / f"{self.count}.tif"
        bare.write_bytes(values.tobytes())
        whole = {
            **{"width": width, "height": height * times, "dataType": str(values.dtype), "nodata": None, "transform": None},
            **{"geoKeys": None, "resampling": "nearest", "bands": [{"description": ""}] * bands, **(spec or {})},
        }
        if isinstance(whole["nodata"], float) and np.isnan(whole["nodata"]):
            whole["nodata"] = "nan"
        job = {"spec": whole, "options": options or {}, "rows": rows, "values": str(bare), "out": str(out), "times": times}
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the writer has failed"
        said = json.loads(line)
        assert said["size"] == said["written"] == out.stat().st_size, said
        return out, said


def halved(values, resampling, nodata):
    """Half of a band, as GDAL's overviews are made, in plain numpy."""
    height, width = values.shape
    if resampling == "nearest":
        return values[::2, ::2]
    fours = np.zeros((4, (height + 1) // 2, (width + 1) // 2), np.float64)
    has = np.zeros(fours.shape, bool)
    for i, (y, x) in enumerate(itertools.product((0, 1), (0, 1))):
        part = values[y::2, x::2]
        fours[i, : part.shape[0], : part.shape[1]] = part
        known = ~np.isnan(part.astype(np.float64))
        if nodata is not None:
            known &= part != nodata
        has[i, : part.shape[0], : part.shape[1]] = known
    none = np.nan if nodata is None else nodata
    if resampling == "average":
        count = has.sum(axis=0)
        sums = np.where(has, fours, 0).sum(axis=0)
        with np.errstate(invalid="ignore"):
            mean = sums / count
        if values.dtype.kind in "iu":
            mean = np.sign(mean) * np.floor(np.abs(mean) + 0.5)
        else:
            mean = mean.astype(values.dtype)
        first = np.take_along_axis(fours, has.argmax(axis=0)[None], axis=0)[0]
        mean = np.where(mean == none, first, mean)
        return np.where(count == 0, none, mean).astype(values.dtype)
    found = np.full(fours.shape[1:], none, np.float64)
    best = np.zeros(found.shape, int)
    for i in range(4):  # how often it has been seen by now: the first to be seen so often wins
        times = (has[: i + 1] & (fours[: i + 1] == fours[i])).sum(axis=0)
        better = has[i] & (times > best)
        found = np.where(better, fours[i], found)
        best = np.where(better, times, best)
    return found.astype(values.dtype)


def valid(path):
    """The rules of rio-cogeo, then what else GDAL's own script asks for."""
    is_valid, errors, warned = cog_validate(path, strict=True, quiet=True)
    assert is_valid, (errors, warned)
    with rasterio.open(path) as picture, path.open("rb") as file:
        assert picture.tags(ns="IMAGE_STRUCTURE").get("LAYOUT") == "COG"
        assert not [name for name in picture.files if not name.endswith(".tif")]
        head = file.read(16)
        is_big = head[2] == 43
        ghost_at = 16 if is_big else 8
        file.seek(ghost_at)
        size = int(file.read(43)[30:36])
        first_ifd = int(picture.get_tag_item("IFD_OFFSET", "TIFF", bidx=1))
        assert first_ifd == ghost_at + 43 + size + (ghost_at + 43 + size) % 2, first_ifd
        levels = [None, *range(len(picture.overviews(1)))]
        ends = []
        for level in levels:
            options = {} if level is None else {"OVERVIEW_LEVEL": level}
            with rasterio.open(path, **options) as part:
                (tall, wide), (height, width) = part.block_shapes[0], part.shape
            start, last = None, 0
            for y, x in itertools.product(range(-(-height // tall)), range(-(-width // wide))):
                item = lambda name: int(picture.get_tag_item(f"{name}_{x}_{y}", "TIFF", bidx=1, ovr=level))
                offset, count = item("BLOCK_OFFSET"), item("BLOCK_SIZE")
                start = start or offset
                assert offset > last, "tiles must go down the picture row by row"
                last = offset + count
                file.seek(offset - 4)
                assert struct.unpack("<I", file.read(4))[0] == count, "its size stands before a tile"
                file.seek(offset + count - 4)
                tail = file.read(8)
                assert tail[:4] == tail[4:], "its last bytes stand again behind a tile"
            ends.append((start, last))
        for (start, _), (_, before) in zip(ends, ends[1:]):
            assert start == before + 8, "levels must follow on one another, the smallest first"
        assert ends[0][1] + 4 == path.stat().st_size
        return is_big


def same(found, wanted):
    assert found.dtype == wanted.dtype, (found.dtype, wanted.dtype)
    assert np.array_equal(found, wanted, equal_nan=wanted.dtype.kind == "f"), np.argwhere(found != wanted)[:5]


def check(writer, values, spec=None, options=None, rows=100):
    spec = spec or {}
    path, _ = writer.write(values, spec, options, rows)
    is_big = valid(path)
    assert is_big == bool((options or {}).get("forceBigTiff"))
    nodata, resampling = spec.get("nodata"), spec.get("resampling", "nearest")
    with rasterio.open(path) as picture:
        same(picture.read(), values)
        assert picture.nodata == nodata or np.isnan([picture.nodata, nodata]).all(), picture.nodata
        said = spec.get("bands", [{}] * len(values))
        assert [d or "" for d in picture.descriptions] == [band.get("description", "") for band in said], picture.descriptions
        assert list(picture.scales) == [band.get("scale", 1) for band in said]
        assert list(picture.offsets) == [band.get("offset", 0) for band in said]
        for name, value in spec.get("metadata", {}).items():
            assert picture.tags()[name] == value, picture.tags()
        if "palette" in spec:
            assert picture.colorinterp[0].name == "palette"
            found = picture.colormap(1)
            for entry in spec["palette"]:
                assert found[entry["value"]][:3] == tuple(entry["colour"]), found[entry["value"]]
        if spec.get("transform") is not None:
            assert np.allclose(picture.transform.to_gdal(), spec["transform"], rtol=1e-12), picture.transform
        keys = spec.get("geoKeys") or {}
        if keys.get(3072, 32767) < 32767:
            assert picture.crs.to_epsg() == keys[3072], picture.crs
        elif keys:
            wanted = rasterio.crs.CRS.from_proj4("+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +datum=WGS84 +units=m")
            assert picture.crs.to_dict() == wanted.to_dict(), (picture.crs.to_dict(), wanted.to_dict())
        if keys.get(1025) == 2:
            assert picture.tags()["AREA_OR_POINT"] == "Point"
        count = len(picture.overviews(1))
    expected = list(values)
    for level in range(count):
        expected = [halved(band, resampling, nodata) for band in expected]
        with rasterio.open(path, OVERVIEW_LEVEL=level) as overview:
            same(overview.read(), np.stack(expected))
    tile = (options or {}).get("tileSize", 512)
    assert max(expected[0].shape) <= tile
    path.unlink()


def sample(dtype, bands, height, width, nodata=None):
    slope = np.add.outer(np.arange(bands) * 7, np.add.outer(np.arange(height) * 3, np.arange(width) // 2)) - 40
    found = slope * (0.25 if dtype.startswith("float") else 1) + (random.random(slope.shape) < 0.3)
    if not dtype.startswith("float"):
        limits = np.iinfo(dtype)
        found = (found - limits.min) % (int(limits.max) - int(limits.min) + 1) + limits.min
    found = found.astype(dtype)
    if nodata is not None:
        found[random.random(found.shape) < 0.3] = nodata
        found[:, : height // 3, : width // 3] = nodata
    return found


def classes(dtype, height, width, nodata=None):
    found = random.integers(0, 4, (1, -(-height // 3), -(-width // 5))).repeat(3, 1).repeat(5, 2)[:, :height, :width]
    found = np.where(random.random(found.shape) < 0.2, random.integers(0, 4, found.shape), found).astype(dtype)
    return found if nodata is None else np.where(random.random(found.shape) < 0.2, nodata, found).astype(dtype)


def agrees_with_gdal(writer):
    """At sizes that halve evenly our overviews are those that GDAL's COG driver makes itself."""
    count = 0
    for dtype, nodata, resampling in itertools.product(
        ["uint8", "uint16", "int16", "float32"], [None, 0], ["nearest", "mode", "average"]
    ):
        values = (classes(dtype, 512, 1024, nodata) if resampling == "mode" else sample(dtype, 1, 512, 1024, nodata))
        path, _ = writer.write(values, {"nodata": nodata, "resampling": resampling}, {"tileSize": 128})
        with MemoryFile() as source, MemoryFile() as target:
            shape = {"width": 1024, "height": 512, "count": 1, "dtype": dtype, "nodata": nodata}
            with rasterio.open(source.name, "w", driver="GTiff", **shape) as picture:
                picture.write(values)
            rasterio.shutil.copy(
                source.name, target.name, driver="COG", BLOCKSIZE=128, OVERVIEW_RESAMPLING=resampling, COMPRESS="DEFLATE"
            )
            for level in range(3):
                with rasterio.open(path, OVERVIEW_LEVEL=level) as ours, rasterio.open(
                    target.name, OVERVIEW_LEVEL=level
                ) as theirs:
                    ours, theirs = ours.read(), theirs.read()
                    differ = (ours != theirs).mean()
                    if differ > 0:
                        print(f"  {dtype} nodata {nodata} {resampling} level {level}: {differ:.2%} differ, by "
                              f"{np.abs(ours.astype(float) - theirs).max():g} at most")
                    count += 1
        path.unlink()
    print(f"{count} overviews beside GDAL's own")


def everything(writer):
    count = 0
    for dtype, resampling, (height, width) in itertools.product(
        TYPES, ["nearest", "mode", "average"], [(1, 1), (1, 1000), (511, 513), (512, 512), (513, 70)]
    ):
        count += 1
        values = classes(dtype, height, width) if resampling == "mode" else sample(dtype, 1, height, width)
        check(writer, values, {"resampling": resampling}, {"tileSize": 64} if count % 2 else {}, rows=1 + count % 97)
    for dtype, bands, nodata, is_big in itertools.product(
        ["uint8", "int16", "float32", "float64"], [1, 3, 7], [None, 7, float("nan")], [False, True]
    ):
        if nodata != nodata and not dtype.startswith("float"):
            continue
        count += 1
        named = [
            {"description": f"Wälder &amp; <b>{i}</b>", "scale": 0.0001, "offset": -0.1} if i < 2 else {"description": ""}
            for i in range(bands)
        ]
        spec = {
            **{"bands": named, "nodata": nodata, "resampling": "average", "transform": NORTH_UP, "geoKeys": UTM},
            "metadata": {"MODEL": 'a "model" &amp; <more>', "VERSION": "1.0.0"},
        }
        check(writer, sample(dtype, bands, 300, 420, nodata), spec, {"tileSize": 128, "forceBigTiff": is_big})
    for transform, keys in itertools.product([NORTH_UP, ROTATED, SOUTH_UP, None], [UTM, {**UTM, 1025: 2}, POLAR, None]):
        count += 1
        check(writer, sample("uint8", 2, 90, 70), {"transform": transform, "geoKeys": keys})
    for dtype, nodata, is_big in itertools.product(["uint8", "uint16"], [None, 3], [False, True]):
        count += 1
        palette = [{"value": value, "colour": [value, 2 * value, 255 - value]} for value in range(5)]
        spec = {"palette": palette, "nodata": nodata, "resampling": "mode"}
        check(writer, classes(dtype, 700, 1300, nodata), spec, {"forceBigTiff": is_big})
    print(f"{count} files are as they should be")


def speed(writer):
    """Of pictures of 4,096 and 10,980 pixels a side: bytes of values a second, ours and GDAL's."""
    smooth = np.add.outer(np.sin(np.arange(4096) / 90), np.cos(np.arange(4096) / 70))
    noisy = smooth + random.normal(0, 0.01, smooth.shape)
    land = np.digitize(smooth + random.normal(0, 0.05, smooth.shape), np.linspace(-2, 2, 9)).astype("uint8")
    for name, values, resampling in [
        ("classes, uint8", land[None], "mode"),
        ("classes, uint8, large", np.tile(land, (3, 3))[None, :10980, :10980], "mode"),
        ("eight probabilities, uint8", np.stack([(noisy * 50 + 100 + i).astype("uint8") for i in range(8)]), "average"),
        ("int16", (noisy * 5000).astype("int16")[None], "average"),
        ("float32", noisy.astype("float32")[None], "average"),
    ]:
        values = np.ascontiguousarray(values)
        mega = values.nbytes / 1e6
        path, said = writer.write(values, {"resampling": resampling, "nodata": 0}, rows=512)
        is_float, bands = values.dtype.kind == "f", values.shape[0]
        options = {"COMPRESS": "DEFLATE", "LEVEL": 6, "BLOCKSIZE": 512, "OVERVIEW_RESAMPLING": resampling}
        options["PREDICTOR"] = "NO" if resampling == "mode" else "FLOATING_POINT" if is_float else "STANDARD"
        source, target = FOLDER / "source.tif", FOLDER / "gdal.tif"
        shape = {"width": values.shape[2], "height": values.shape[1], "count": bands, "dtype": values.dtype, "nodata": 0}
        with rasterio.open(source, "w", driver="GTiff", INTERLEAVE="BAND", **shape) as picture:
            picture.write(values)
        started, before = time.perf_counter(), time.process_time()
        with rasterio.Env(GDAL_NUM_THREADS="ALL_CPUS"):
            rasterio.shutil.copy(source, target, driver="COG", NUM_THREADS="ALL_CPUS", **options)
        theirs = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - before}
        rates = [
            f"{mega / one['cpu']:.1f} MB per second of a processor ({mega / one['seconds']:.1f} by the clock)"
            for one in (said, theirs)
        ]
        print(f"{name}, {mega:.0f} MB: ours {rates[0]}, {path.stat().st_size / 1e6:.1f} MB; "
              f"GDAL {rates[1]}, {target.stat().st_size / 1e6:.1f} MB")
        path.unlink()


def large(writer):
    """Noise does not pack: 4.4 GB of it, overviews counted, are a BigTIFF, without being told."""
    noise = random.integers(0, 256, (1, 1024, 60_000), np.uint8)
    times = 54
    path, said = writer.write(noise, {"transform": NORTH_UP, "geoKeys": UTM}, rows=512, times=times)
    assert valid(path) and said["size"] > 2**32
    with rasterio.open(path) as picture:
        window = rasterio.windows.Window(0, (times - 1) * 1024, 60_000, 1024)
        same(picture.read(window=window), noise)
    print(f"{said['size']} bytes are a valid BigTIFF, written in {said['seconds']:.0f} s; peak RSS {said['peak'] / 1024:.0f} MB")
    path.unlink()


if __name__ == "__main__":
    it = Writer()
    everything(it)
    agrees_with_gdal(it)
    if "--speed" in sys.argv:
        speed(it)
    if "--large" in sys.argv:
        large(it)
