"""Makes image.vectors.json: PNGs, JPEGs and WebPs of other software, and what Pillow and GDAL see in them.

    python vectors.py    (needs Pillow 13.0.0, rasterio 1.4.4 with GDAL 3.10.3, numpy and pypng 0.20220715)

Of each file as base64 its size, its bands' values as half of their SHA-256, row by row and little-endian, and where it has data.
JPEG's and WebP's are Pillow's. PNG's are GDAL's, which keeps values of less than 8 and of 16 bits as they are; where Pillow does
as well, both must say the same. It shares no code with the service.
"""

import base64
import hashlib
import io
import json
import warnings
from pathlib import Path

import numpy as np
import png
import rasterio
import rasterio.shutil
from PIL import Image, ImageOps
from rasterio.enums import ColorInterp
from rasterio.io import MemoryFile

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT = 21, 17
random = np.random.default_rng(17)
warnings.simplefilter("ignore")


def values(samples, bits=8, width=WIDTH, height=HEIGHT):
    """A slope with a little noise."""
    slope = np.add.outer(np.arange(height) * 5, np.add.outer(np.arange(width) * 3, np.arange(samples) * 40))
    found = (slope + (random.random(slope.shape) < 0.2)) * (2 ** max(0, bits - 8) + (bits > 8))
    return (found % 2**bits).astype("uint16" if bits > 8 else "uint8")


def digest(array):
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
    return hashlib.sha256(little.tobytes()).hexdigest()[:32]


def entry(what, content, bands, **more):
    """Of an array of bands, rows and columns."""
    said = {"what": what, "file": base64.b64encode(content).decode(), "width": bands.shape[2], "height": bands.shape[1]}
    return {**said, "type": str(bands.dtype), "bands": [digest(band) for band in bands], **more}


def by_gdal(content):
    with MemoryFile(content) as file, file.open() as picture:
        alpha = [i for i, meaning in enumerate(picture.colorinterp) if meaning == ColorInterp.alpha]
        valid = picture.dataset_mask() > 0
        more = {} if picture.nodata is None else {"nodata": picture.nodata}
        if alpha:
            more["alpha"] = alpha[0]
        if not valid.all():
            more["valid"] = digest(valid.astype("uint8"))
        return picture.read(), more


def by_pillow(content):
    array = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(content))))
    return array[None] if array.ndim == 2 else array.transpose(2, 0, 1)


def written(rows, width=WIDTH, **options):
    file = io.BytesIO()
    png.Writer(width, rows.shape[0], **options).write(file, rows.reshape(rows.shape[0], -1).tolist())
    return file.getvalue()


def pngs():
    kinds = [(1, True, False, bits) for bits in (1, 2, 4, 8, 16)]
    kinds += [(2, True, True, 8), (2, True, True, 16), (3, False, False, 8), (3, False, False, 16), (4, False, True, 8), (4, False, True, 16)]
    for samples, greyscale, alpha, bits in kinds:
        for interlace in (False, True):
            array = values(samples, bits)
            if alpha:
                array[3:8, 2:9, -1] = 0
            content = written(array, greyscale=greyscale, alpha=alpha, bitdepth=bits, interlace=interlace)
            bands, more = by_gdal(content)
            if bits == 8 or (bits == 16 and samples == 1):
                assert np.array_equal(by_pillow(content), bands)
            yield entry(f"PNG, {samples} bands of {bits} bits{', interlaced' if interlace else ''}", content, bands, **more)
    for bits in (1, 2, 4, 8):
        palette = [(i, 255 - i, 7) for i in range(2**bits)]
        for what, colours in [("a palette", palette), ("a palette, one entry of it transparent", palette[:1] + [palette[1] + (0,)] + palette[2:])]:
            if len(colours[1]) == 4:
                colours = [colour + (255,) * (4 - len(colour)) for colour in colours]
            content = written(values(1, bits), palette=colours, bitdepth=bits)
            bands, more = by_gdal(content)
            assert np.array_equal(by_pillow(content), bands)
            more.pop("nodata", None)  # the service marks pixels, as there may be several such entries
            yield entry(f"PNG, {what} of {bits} bits", content, bands, **more, photometric="palette")
    for bits in (4, 8, 16):
        content = written(values(1, bits), greyscale=True, bitdepth=bits, transparent=int(values(1, bits)[0, 2, 0]))
        yield entry(f"PNG, grey of {bits} bits, one of them transparent", content, *by_gdal(content)[:1], **by_gdal(content)[1])
    array = values(3)
    array[5:9, 3:12] = [9, 8, 7]
    array[2, 2] = [9, 8, 6]
    content = written(array, greyscale=False, transparent=(9, 8, 7))
    bands, _ = by_gdal(content)
    seen = (array != [9, 8, 7]).any(axis=2)
    assert np.array_equal(seen, np.asarray(Image.open(io.BytesIO(content)).convert("RGBA"))[:, :, 3] > 0)
    yield entry("PNG, one colour transparent", content, bands, valid=digest(seen.astype("uint8")))
    for width, height in [(1, 1), (2, 3), (5, 1), (1, 9)]:
        content = written(values(3, 8, width, height), width=width, greyscale=False, interlace=True)
        yield entry(f"PNG, {width} × {height}, interlaced", content, by_gdal(content)[0])
    for name, options in [("best packed", {"optimize": True}), ("hardly packed", {"compress_level": 1})]:
        file = io.BytesIO()
        Image.fromarray(random.integers(0, 256, (33, 40, 3)).astype("uint8")).save(file, "PNG", **options)
        yield entry(f"PNG by Pillow, {name}", file.getvalue(), by_pillow(file.getvalue()))
    yield from turned_ones("PNG")


def saved(array, form, **options):
    file = io.BytesIO()
    Image.fromarray(array[:, :, 0] if array.shape[2] == 1 else array).save(file, form, **options)
    return file.getvalue()


def turned_ones(form, **options):
    for orientation in range(2, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        content = saved(values(3, width=13, height=9), form, exif=exif, **options)
        yield entry(f"{form}, orientation {orientation}", content, by_pillow(content))
    big = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    content = saved(values(3, width=13, height=9), form, exif=big, **options)
    yield entry(f"{form}, orientation 6, big-endian", content, by_pillow(content))


def jpegs():
    for samples in (1, 3):
        for what, options in [("", {}), (", progressive", {"progressive": True}), (", restarts", {"restart_marker_blocks": 2}), (", 4:4:4", {"subsampling": 0}), (", 4:2:2", {"subsampling": 1}), (", bad", {"quality": 5}), (", RGB", {"keep_rgb": True})]:
            content = saved(values(samples, width=45, height=37), "JPEG", **options)
            yield entry(f"JPEG, {samples} bands{what}", content, by_pillow(content))
    yield from turned_ones("JPEG")


def webps():
    for samples in (1, 3, 4):
        array = values(samples, width=45, height=37)
        if samples == 4:
            array[3:8, 2:9, 3] = 0
        for what, options in [("", {}), (", bad", {"quality": 5}), (", lossless", {"lossless": True}), (", lossless, exact", {"lossless": True, "exact": True})]:
            content = saved(array, "WEBP", **options)
            bands = by_pillow(content)
            more = {"alpha": 3, "valid": digest((bands[3] > 0).astype("uint8"))} if samples == 4 else {}
            yield entry(f"WebP, {samples} bands{what}", content, bands, **more)
    yield from turned_ones("WEBP", lossless=True)


def masked():
    """As GDAL writes a JPEG of a picture with a mask: the bits follow the JPEG, deflated."""
    array, mask = values(3).transpose(2, 0, 1), values(1)[:, :, 0] % 3 > 0
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), MemoryFile() as tiff, MemoryFile(ext=".jpg") as file:
        with tiff.open(driver="GTiff", width=WIDTH, height=HEIGHT, count=3, dtype="uint8") as picture:
            picture.write(array)
            picture.write_mask(mask)
        rasterio.shutil.copy(tiff.name, file.name, driver="JPEG")
        content = file.read()
    yield entry("JPEG, masked by GDAL", content, by_pillow(content), valid=by_gdal(content)[1]["valid"])


def refused():
    cmyk = io.BytesIO()
    Image.fromarray(values(4), "CMYK").save(cmyk, "JPEG")
    yield {"what": "JPEG, CMYK", "file": base64.b64encode(cmyk.getvalue()).decode(), "why": "found a JPEG of 4 components (CMYK)"}
    moving = io.BytesIO()
    Image.fromarray(values(3)).save(moving, "WEBP", save_all=True, append_images=[Image.fromarray(values(3) + 9)])
    yield {"what": "WebP, animated", "file": base64.b64encode(moving.getvalue()).decode(), "why": "found an animation"}


def fixtures():
    for path in sorted((HERE / "fixtures").glob("*.tif")):
        found = entry(path.name, b"", by_pillow(path.read_bytes()))
        del found["file"]
        with rasterio.open(path) as picture:
            yield {**found, "transform": list(picture.transform.to_gdal()), "epsg": picture.crs.to_epsg()}


vectors = {"pictures": [*pngs(), *jpegs(), *webps(), *masked()], "refused": [*refused()], "fixtures": [*fixtures()]}
lists = [f'"{name}": [\n' + ",\n".join(map(json.dumps, entries)) + "\n]" for name, entries in vectors.items()]
(HERE / "image.vectors.json").write_text("{" + ",\n".join(lists) + "}\n")
