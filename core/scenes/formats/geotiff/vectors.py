"""Makes geotiff.vectors.json, files as GDAL itself writes them, and what it sees in them and in those of fixtures/.

    python vectors.py    (needs rasterio 1.4.4 with GDAL 3.10.3, numpy and Pillow)

Small pictures of every type, compression, predictor, layout, byte order and size of offsets, and each thing that a file may say
of itself, deflated, as base64; and of each its georeference, where it has data, and each band's values as half of their
SHA-256, row by row and little-endian. JPEG's values are those of Pillow, which decodes as libjpeg-turbo does. It shares no code with the service.
"""

import base64
import hashlib
import io
import itertools
import json
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from PIL import Image
from rasterio.control import GroundControlPoint
from rasterio.enums import ColorInterp
from rasterio.io import MemoryFile
from rasterio.transform import Affine

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT = 19, 17
TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"]
NARROW = [("uint8", 1), ("uint8", 2), ("uint8", 4), ("float32", 16)]
random = np.random.default_rng(15)
warnings.simplefilter("ignore")


def values(dtype, bands=2, bits=None, height=HEIGHT, width=WIDTH):
    """A slope with a little noise, so that files stay small, and what lies at the ends of the type."""
    slope = np.add.outer(np.arange(bands) * 7, np.add.outer(np.arange(height) * 3, np.arange(width) // 2))
    found = slope + (random.random(slope.shape) < 0.1)
    if bits in (1, 2, 4):
        return (found % 2**bits).astype(dtype)
    if dtype.startswith("float"):
        limits = np.finfo("float16" if bits == 16 else dtype)
        found = (found * 0.25 - 20).astype(dtype)
        found.flat[:7] = [limits.max, -limits.max, limits.tiny, limits.smallest_subnormal, np.nan, np.inf, -np.inf]
        return found
    limits = np.iinfo(dtype)
    found = (found % 100).astype(dtype)
    found.flat[:2], found.flat[40:42] = [limits.min, limits.max], [limits.max - 1, limits.max]
    return found


def written(array, then=None, **options):
    """A file of an array of bands, rows and columns."""
    bands, height, width = array.shape
    shape = {"count": bands, "height": height, "width": width, "dtype": array.dtype}
    with MemoryFile() as file:
        with rasterio.open(file.name, "w", driver="GTiff", **shape, **options) as picture:
            if not options.get("SPARSE_OK"):
                picture.write(array)
            if then is not None:
                then(picture)
        return bytes(file.getbuffer())


def digest(array):
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
    return hashlib.sha256(little.tobytes()).hexdigest()[:32]


def seen(content, bands=None):
    """What rasterio sees in a file; `bands` where the values are another's to say."""
    with MemoryFile(content) as file, file.open() as picture:
        nodata = picture.nodata
        dtype = picture.dtypes[0]
        if bands is None:
            bands = picture.read()
        alpha = [i for i, meaning in enumerate(picture.colorinterp) if meaning == ColorInterp.alpha]
        says_where = picture.transform != Affine.identity()
        found = {
            "width": picture.width,
            "height": picture.height,
            "type": dtype,
            "block": list(picture.block_shapes[0]),
            "nodata": None if nodata is None else str(nodata),
            "descriptions": list(picture.descriptions),
            "scales": list(picture.scales),
            "offsets": list(picture.offsets),
            "alpha": alpha[0] if alpha else None,
            "transform": list(picture.transform.to_gdal()) if says_where else None,
            "epsg": picture.crs.to_epsg() if picture.crs else None,
            "bands": [digest(band) for band in bands],
            "valid": None if picture.dataset_mask().all() else digest((picture.dataset_mask() > 0).astype("uint8")),
        }
        if alpha and not is_mask(bands[alpha[0]]):
            found["valid"] = None  # GDAL would take any band for a mask that is tagged as alpha
        count = picture.count
        usual = {
            **{"nodata": None, "alpha": None, "transform": None, "epsg": None, "valid": None},
            **{"descriptions": [None] * count, "scales": [1.0] * count, "offsets": [0.0] * count},
        }
        return {key: value for key, value in found.items() if key not in usual or value != usual[key]}


def is_mask(band):
    """Whether nine tenths of what is not 0 are one value, the largest."""
    return np.sum(band == band.max()) >= 0.9 * np.sum(band > 0)


def packed(content):
    return base64.b64encode(zlib.compress(content, 9)).decode()


def entry(what, content, bands=None):
    return {"what": what, "file": packed(content), **seen(content, bands)}


def layouts():
    """Every way to lay a picture out, over and over."""
    choices = itertools.product(["LITTLE", "BIG"], ["PIXEL", "BAND"], [False, True], ["NO", "YES"])
    return itertools.cycle(list(choices))


def types_and_codecs():
    layout = layouts()
    kinds = [(dtype, None) for dtype in TYPES] + NARROW
    for dtype, bits in kinds:
        for codec in ["NONE", "PACKBITS", "LZW", "DEFLATE", "ZSTD"]:
            predictors = [1]
            if codec in ("LZW", "DEFLATE", "ZSTD"):
                predictors += ([] if bits in (1, 2, 4) else [2]) + ([3] if dtype.startswith("float") else [])
            for predictor in predictors:
                order, interleave, is_tiled, is_big = next(layout)
                if is_tiled and codec in ("NONE", "PACKBITS") and np.dtype(dtype).itemsize > 2:
                    is_tiled = False  # it would be large
                size = {"tiled": True, "blockxsize": 16, "blockysize": 16} if is_tiled else {"blockysize": 5}
                options = {"compress": codec, "interleave": interleave, "ENDIANNESS": order, "BIGTIFF": is_big, **size}
                if predictor > 1:
                    options["predictor"] = predictor
                if bits is not None:
                    options["NBITS"] = bits
                content = written(values(dtype, bits=bits), **options)
                name = f"{dtype}{f' of {bits} bits' if bits else ''}, {codec}, predictor {predictor}"
                big = ", BigTIFF" if is_big == "YES" else ""
                yield entry(f"{name}, {'tiles' if is_tiled else 'strips'}, {order}, {interleave}{big}", content)


def patched(content, before, after):
    assert content.count(before) == 1, content.count(before)
    return content.replace(before, after)


def sayings():
    """What else a file says of itself."""
    deflate = {"compress": "DEFLATE"}
    tiles = {"tiled": True, "blockxsize": 16, "blockysize": 16}
    for dtype, nodata in [("uint8", 0), ("int16", -1), ("uint16", 65535), ("float32", np.nan), ("float32", -20.0), ("float64", 0.1), ("float32", -3.4028234663852886e38), ("int64", -3), ("uint64", 5)]:
        array = values(dtype)
        array[:, 3:6, 4:9] = nodata
        array[0, 8, 8:12] = nodata
        yield entry(f"nodata {nodata} of {dtype}", written(array, nodata=nodata, **deflate))
    for dtype, text in [("uint8", b"255"), ("uint8", b"300"), ("uint8", b"-99"), ("uint16", b"nan"), ("float32", b"1e9")]:
        content = written(values(dtype), nodata=111, **deflate)
        yield entry(f"nodata {text.decode()} of {dtype}", patched(content, b"111\0", text + b"\0"))

    mask = np.zeros((HEIGHT, WIDTH), "uint8")
    mask[2:9, 3:17] = 255
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        for what, options in [("strips", {}), ("tiles", tiles), ("band-separate", {"interleave": "BAND"}), ("nodata as well", {"nodata": 5})]:
            yield entry(f"a mask, {what}", written(values("uint8", 3), lambda picture: picture.write_mask(mask), **deflate, **options))

    for dtype, kind in [("uint8", "YES"), ("uint8", "PREMULTIPLIED"), ("uint16", "YES")]:
        array = values(dtype, 4)
        array[3] = np.where(mask > 0, np.iinfo(dtype).max, 0)
        array[3, 4, 4:8] = [1, 2, 3, 200]
        for interleave in ("PIXEL", "BAND"):
            yield entry(f"alpha {kind} of {dtype}, {interleave}", written(array, photometric="RGB", ALPHA=kind, interleave=interleave, **deflate))
    grey = values("uint8", 2)
    grey[1] = mask
    yield entry("grey and alpha", written(grey, ALPHA="YES", **deflate))

    for dtype, nodata in [("uint16", None), ("int16", -7), ("float32", np.nan), ("int64", -9)]:
        options = {} if nodata is None else {"nodata": nodata}
        for interleave in ("PIXEL", "BAND"):
            yield entry(
                f"nothing stored of {dtype}, nodata {nodata}, {interleave}",
                written(values(dtype), SPARSE_OK=True, interleave=interleave, **tiles, **deflate, **options),
            )
    half = values("uint16", 2, height=40, width=40)
    half[:, :, 16:] = 0
    one_tile = lambda picture: picture.write(half[:, :16, :16], window=((0, 16), (0, 16)))
    yield entry("one tile stored of nine", written(half, one_tile, SPARSE_OK=True, **tiles, **deflate))

    area = Affine(10, 0, 500000, 0, -10, 6000000)
    turned = area * Affine.rotation(30)
    flipped = Affine(10, 0, 500000, 0, 10, 6000000)
    small = values("uint8", 1)
    for what, transform in [("north up", area), ("turned", turned), ("south up", flipped)]:
        yield entry(what, written(small, transform=transform, crs="EPSG:32632", **deflate))
        centre = lambda picture: picture.update_tags(AREA_OR_POINT="Point")
        yield entry(f"{what}, pixel is point", written(small, centre, transform=transform, crs="EPSG:32632", **deflate))
    geographic = Affine(0.001, 0, 8, 0, -0.002, 51)
    yield entry("degrees", written(small, transform=geographic, crs="EPSG:4326", **deflate))
    yield entry("a CRS of its own", written(small, transform=area, crs="+proj=laea +lat_0=52 +lon_0=10 +x_0=4321000 +y_0=3210000 +ellps=GRS80 +units=m", **deflate))
    content = written(small, transform=Affine(12.5, 0, 1, 0, -17.25, 2), crs="EPSG:32632", **deflate)
    yield entry("a negative scale", patched(content, struct.pack("<d", 17.25), struct.pack("<d", -17.25)))
    points = [GroundControlPoint(row, col, 8 + col / 100, 51 - row / 100) for row, col in [(0, 0), (0, 9), (9, 0), (9, 9)]]
    yield entry("tie points alone", written(small, gcps=points, crs="EPSG:4326", **deflate))

    yield entry("white is 0", written(small, photometric="MINISWHITE", **deflate))
    yield entry("white is 0, 1 bit", written(values("uint8", 1, 1), photometric="MINISWHITE", NBITS=1, **deflate))
    palette = {i: (i, 255 - i, 7, 255) for i in range(16)}
    yield entry("a palette", written(values("uint8", 1, 4), lambda picture: picture.write_colormap(1, palette), photometric="PALETTE", NBITS=4, **deflate))

    def describe(picture):
        picture.descriptions = ("B02", 'blue & <"red">', None)
        picture.scales = (0.0001, 1, 2e-5)
        picture.offsets = (-0.1, 0, 1e3)
        picture.update_tags(1, wavelength="490")
        picture.update_tags(place="Ünna")

    yield entry("descriptions, scales and offsets", written(values("uint16", 3), describe, **deflate))
    yield entry("thirteen bands", written(values("uint16", 13), tiled=True, blockxsize=16, blockysize=32, **deflate))
    yield entry("thirteen bands, one by one", written(values("uint16", 13), interleave="BAND", **deflate))
    yield entry("one row a strip", written(values("int16", 1), blockysize=1, compress="LZW"))
    yield entry("one pixel", written(values("uint16", 1)[:, 3:4, 3:4]))

    def shrink(picture):
        picture.write_mask(np.kron(mask, np.ones((3, 3), "uint8")))
        picture.build_overviews([2, 4])

    large = values("uint8", 1, height=3 * HEIGHT, width=3 * WIDTH)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        content = written(large, shrink, **tiles, **deflate)
    yield entry("a mask and overviews", content)
    with MemoryFile(content) as source, source.open() as picture, MemoryFile() as file:
        rasterio.shutil.copy(picture, file.name, driver="COG", COMPRESS="ZSTD", BLOCKSIZE="128", OVERVIEW_COMPRESS="ZSTD")
        yield entry("a COG with a mask and overviews", bytes(file.getbuffer()))
    noise = random.integers(0, 256, (1, 66, 66)).astype("uint8")
    yield entry("LZW whose table is full", written(noise, compress="LZW", blockysize=66))
    yield entry("LZW of one value", written(np.full((1, 200, 300), 7, "uint8"), compress="LZW", blockysize=200))


def first_directory(content):
    """The whole numbers of each tag, by its number."""
    order = "<" if content[:2] == b"II" else ">"
    read = lambda form, at: struct.unpack_from(order + form, content, at)
    is_big = read("H", 2) == (43,)
    word, head, step, value = ("Q", 8, 20, 12) if is_big else ("I", 2, 12, 8)
    [start] = read(word, 8 if is_big else 4)
    [count] = read("Q" if is_big else "H", start)
    tags = {}
    for entry in range(start + head, start + head + count * step, step):
        [number, kind], [many] = read("HH", entry), read(word, entry + 4)
        form = {1: "B", 3: "H", 4: "I", 7: "B", 16: "Q"}.get(kind)
        if form is not None:
            form = f"{many}{form}"
            is_inline = struct.calcsize("=" + form) <= struct.calcsize("=" + word)
            tags[number] = read(form, entry + value if is_inline else read(word, entry + value)[0])
    return tags


def pillow(content):
    """The bands of a JPEG in TIFF, each block decoded by Pillow."""
    tags = first_directory(content)
    [width], [height], [samples] = tags[256], tags[257], tags[277]
    is_tiled = 324 in tags
    [across_step], [down_step] = (tags[322], tags[323]) if is_tiled else ([width], tags[278])
    tables = bytes(tags.get(347, b"\xff\xd8\xff\xd9"))
    adobe = b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0" + (b"\1" if tags[262] == (6,) else b"\0")
    offsets, lengths = (tags[324], tags[325]) if is_tiled else (tags[273], tags[279])
    bands = np.zeros((samples, -(-height // down_step) * down_step, -(-width // across_step) * across_step), "uint8")
    across, down = bands.shape[2] // across_step, bands.shape[1] // down_step
    for i, (offset, length) in enumerate(zip(offsets, lengths)):
        block = content[offset : offset + length]
        jpeg = b"\xff\xd8" + adobe + tables[2:-2] + block[2:]
        values = np.asarray(Image.open(io.BytesIO(jpeg)))
        values = values[None] if values.ndim == 2 else values.transpose(2, 0, 1)
        plane, row, column = i // (across * down), i // across % down * down_step, i % across * across_step
        first = plane if len(values) < samples else 0
        bands[first : first + len(values), row : row + values.shape[1], column : column + values.shape[2]] = values
    return bands[:, :height, :width]


def jpegs():
    tiles = {"tiled": True, "blockxsize": 32, "blockysize": 32}
    size = {"height": 45, "width": 50}
    for what, bands, options in [
        ("grey, strips", 1, {"blockysize": 16}),
        ("grey, tiles", 1, tiles),
        ("YCbCr, tiles", 3, {"photometric": "YCBCR", **tiles}),
        ("YCbCr, strips", 3, {"photometric": "YCBCR", "blockysize": 16}),
        ("YCbCr, tiles, big-endian, BigTIFF", 3, {"photometric": "YCBCR", "ENDIANNESS": "BIG", "BIGTIFF": "YES", **tiles}),
        ("YCbCr, tables in each block", 3, {"photometric": "YCBCR", "JPEGTABLESMODE": 0, **tiles}),
        ("RGB", 3, {"photometric": "RGB", **tiles}),
        ("three bands that are no colours", 3, {"photometric": "MINISBLACK", **tiles}),
        ("five bands, one by one", 5, {"interleave": "BAND", **tiles}),
        ("white is 0", 1, {"photometric": "MINISWHITE", **tiles}),
    ]:
        content = written(values("uint8", bands, **size), compress="JPEG", JPEG_QUALITY=80, **options)
        yield entry(f"JPEG, {what}", content, pillow(content))


def rarer():
    """What few files have: LERC, whole numbers of other sizes, and JPEG of other than one or three bands."""
    own = np.random.default_rng(31)
    tiles = {"tiled": True, "blockxsize": 16, "blockysize": 16}
    layout = itertools.cycle(itertools.product(["PIXEL", "BAND"], [tiles, {"blockysize": 5}], ["LITTLE", "BIG"]))

    def laid_out(bits_or_codec, array, **options):
        interleave, size, order = next(layout)
        what = f"{bits_or_codec} of {len(array)} bands of {array.dtype}, {'tiles' if 'tiled' in size else 'strips'}, {order}, {interleave}"
        return entry(what, written(array, interleave=interleave, ENDIANNESS=order, **size, **options))

    for dtype in ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]:
        for codec, most in [("LERC", 0), ("LERC_DEFLATE", 0), ("LERC_ZSTD", 0), ("LERC", 1.5), ("LERC_DEFLATE", 3)]:
            array = values(dtype, int(own.integers(1, 5)))
            if dtype.startswith("float"):
                array = np.where(np.isfinite(array), np.clip(array, -1000, 1000), 3).astype(dtype)
                if most != 1.5:
                    array[: len(array) - (codec == "LERC"), 3:9, 4:12] = np.nan
            yield laid_out(f"{codec} off by {most}", array, compress=codec, MAX_Z_ERROR=most)
    for codec in ["LERC", "LERC_ZSTD"]:
        for what, opacity in [("a mask", [0, 255]), ("more than a mask", [0, 9, 255])]:
            array = values("uint8", 4)
            array[3] = own.choice(opacity, (HEIGHT, WIDTH), p=[0.05, *[0.05] * (len(opacity) - 2), 1 - 0.05 * (len(opacity) - 1)])
            yield laid_out(f"{codec} with alpha that is {what}", array, compress=codec)
    for bits in [3, 5, 6, 7, *range(9, 16), 17, 24, 31]:
        dtype = "uint8" if bits < 8 else "uint16" if bits < 16 else "uint32"
        array = own.integers(0, 2**bits, (int(own.integers(1, 5)), HEIGHT, WIDTH)).astype(dtype)
        for codec in ["NONE", "DEFLATE", "LZW"]:
            yield laid_out(f"{bits} bits, {codec},", array, compress=codec, NBITS=bits)
    for bands in (2, 4):
        array = values("uint8", bands, height=45, width=50)
        for what, options in [
            ("strips", {"blockysize": 16}),
            ("tiles", {"tiled": True, "blockxsize": 32, "blockysize": 32}),
            ("tables in each block", {"JPEGTABLESMODE": 0}),
            ("bands that are no colours", {"photometric": "MINISBLACK"}),
            ("one by one", {"interleave": "BAND"}),
            ("much detail", {"JPEG_QUALITY": 100}),
        ]:
            yield entry(f"JPEG of {bands} bands, {what}", written(array, compress="JPEG", **options))


def refused():
    array = values("uint8", 3)
    for codec in ["LZMA", "WEBP", "JXL"]:
        try:
            yield codec, written(array, compress=codec)
        except rasterio.errors.RasterioError:
            print("not written:", codec)
    for codec in ["CCITTRLE", "CCITTFAX3", "CCITTFAX4"]:
        yield codec, written(values("uint8", 1, 1), compress=codec, NBITS=1)
    for dtype in ["complex64", "complex128", "complex_int16"]:
        with MemoryFile() as file:
            with rasterio.open(file.name, "w", driver="GTiff", count=1, height=2, width=2, dtype=dtype):
                pass
            yield dtype, bytes(file.getbuffer())
    yield "JPEG of CMYK", written(values("uint8", 4), compress="JPEG", photometric="CMYK")
    yield "CMYK", written(values("uint8", 4), photometric="CMYK")
    yield "CIELAB", written(values("uint8", 3), photometric="CIELAB")


def refused_files():
    for what, content in refused():
        yield {"what": what, "file": packed(content)}


def fixtures():
    for path in sorted((HERE / "fixtures").glob("*.tif*")):
        content = path.read_bytes()
        yield {"what": path.name, **seen(content, pillow(content) if path.name == "be_cog.tiff" else None)}


vectors = {"pictures": itertools.chain(types_and_codecs(), sayings(), jpegs(), rarer()), "refused": refused_files(), "fixtures": fixtures()}
lists = [f'"{name}": [\n' + ",\n".join(map(json.dumps, entries)) + "\n]" for name, entries in vectors.items()]
(HERE / "geotiff.vectors.json").write_text("{" + ",\n".join(lists) + "}\n")
