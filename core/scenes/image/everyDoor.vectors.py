"""Makes everyDoor.vectors.json: pictures of a handwritten 7, and what Pillow makes of them for a model of 28 × 28 grey pixels.

    python everyDoor.vectors.py    (needs Pillow 13.0.0, numpy, tifffile and imagecodecs)

Each as base64: the file, and its 28 × 28 values. They are Pillow's `exif_transpose` and `convert("L")`, then means of the pixels that each
covers, by area (Pillow's `reduce`, for any ratio), or Pillow's `resize` with BILINEAR where it enlarges, in floats and rounded once; of 16
bits of grey, whose `convert("L")` clips, the upper 8. It shares no code with the service.
"""

import base64
import io
import json
from pathlib import Path

import imagecodecs
import numpy as np
import tifffile
from PIL import Image, ImageOps

HERE = Path(__file__).resolve().parent
SEVEN = np.load(HERE / "../../../samples/digits/t10k-first-500.npz")
SEVEN = next(a for a in SEVEN.values() if a.ndim > 1)[0].reshape(28, 28)
ORIENTATION = 0x0112


def encoded(content):
    return base64.b64encode(content).decode()


def sized(width, height):
    return Image.fromarray(SEVEN).resize((width, height), Image.Resampling.BICUBIC)


def written(image, form, orientation=None, **options):
    file = io.BytesIO()
    if orientation is not None:
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        options["exif"] = exif
    image.save(file, form, **options)
    return file.getvalue()


def tif(values, **options):
    file = io.BytesIO()
    tifffile.imwrite(file, values, metadata=None, **options)
    return file.getvalue()


def shares(length, cells):
    """Of each cell, the share that each pixel has in it."""
    edges = np.arange(cells + 1) * length / cells
    starts = np.arange(length)
    covered = np.minimum(edges[1:, None], starts + 1) - np.maximum(edges[:-1, None], starts)
    return np.clip(covered, 0, None) * cells / length


def reduced(image):
    means = shares(image.height, 28) @ np.asarray(image, "float64") @ shares(image.width, 28).T
    return np.round(means, 9) + 0.5


def entry(what, content, warnings, values=None):
    if values is None:
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("L")
        values = np.floor(reduced(image) if min(image.size) >= 28 else np.asarray(image.convert("F").resize((28, 28), Image.Resampling.BILINEAR)) + 0.5)
    return {"what": what, "file": encoded(content), "values": encoded(values.astype("uint8").tobytes()), "warnings": warnings}


LUMA = "Its colours were converted to grey (luma of ITU-R 601-2)."
ASIDE = "Its transparency was ignored."


def resized(width, height, distorts=False, how="area"):
    return f"It was resized from {width} × {height} to 28 × 28 (interpolation-{how}){', which distorts it: it has another shape' if distorts else ''}."


grey = Image.fromarray(SEVEN)
tinted = Image.merge("RGB", [grey, grey.point(lambda v: v * 4 // 5), grey.point(lambda v: v // 2)])
# A phone held upright stores the picture lying: it is turned by a quarter when it is shown.
lying = sized(84, 112).transpose(Image.Transpose.ROTATE_90)
photo = sized(3000, 4000).transpose(Image.Transpose.ROTATE_90).convert("RGB")

PICTURES = [
    entry("PNG, grey, 28 × 28", written(grey, "PNG"), []),
    entry("PNG, grey, 56 × 56", written(sized(56, 56), "PNG"), [resized(56, 56)]),
    entry("PNG, colours, 28 × 28", written(tinted, "PNG"), [LUMA]),
    entry("PNG, RGBA", written(Image.merge("RGBA", [*tinted.split(), grey.point(lambda v: 255 * (v > 0))]), "PNG"), [LUMA, ASIDE]),
    entry("PNG, grey and alpha", written(Image.merge("LA", [grey, grey]), "PNG"), [ASIDE]),
    entry("PNG, grey of 16 bits", written(Image.fromarray(SEVEN.astype("uint16") * 257), "PNG"), ["Its 16 bits were reduced to the upper 8."], SEVEN),
    entry("PNG, colours of 16 bits", imagecodecs.png_encode(np.asarray(tinted).astype("uint16") * 257), ["Its 16 bits were reduced to the upper 8.", LUMA]),
    entry("PNG, 1 bit", written(grey.point(lambda v: 255 * (v > 127)).convert("1"), "PNG"), ["Its 2 levels of grey were spread over 0 to 255."]),
    entry("PNG, palette", written(tinted.quantize(40), "PNG"), [LUMA]),
    entry("JPEG, grey, 31 × 29", written(sized(31, 29), "JPEG", quality=95), [resized(31, 29, True)]),
    entry("JPEG, colours, 100 × 100", written(tinted.resize((100, 100)), "JPEG", quality=95), [LUMA, resized(100, 100)]),
    entry("JPEG, turned by its EXIF, 112 × 84 as stored", written(lying, "JPEG", orientation=6, quality=95), [resized(84, 112, True)]),
    entry("JPEG of a phone, 4,000 × 3,000, upright by its EXIF", written(photo, "JPEG", orientation=6, quality=20, progressive=True, optimize=True), [LUMA, resized(3000, 4000, True)]),
    entry("PNG, turned by its EXIF", written(grey.transpose(Image.Transpose.ROTATE_180), "PNG", orientation=3), []),
    entry("PNG, 90 × 40", written(sized(90, 40), "PNG"), [resized(90, 40, True)]),
    entry("PNG, 14 × 14", written(sized(14, 14), "PNG"), [resized(14, 14, how="linear")]),
    entry("WebP, colours, 56 × 56", written(tinted.resize((56, 56)), "WEBP", lossless=True), [LUMA, resized(56, 56)]),
    entry("TIFF, colours, LZW, 56 × 56", tif(np.asarray(tinted.resize((56, 56))), photometric="rgb", compression="lzw"), [LUMA, resized(56, 56)]),
    entry("TIFF, white is 0", tif(255 - SEVEN, photometric="miniswhite"), ["Its grey was inverted, as its 0 is white."]),
    entry("TIFF, 1 bit", written(grey.point(lambda v: 255 * (v > 127)).convert("1"), "TIFF"), ["Its 2 levels of grey were spread over 0 to 255."]),
    entry("TIFF, palette", written(tinted.quantize(40), "TIFF"), [LUMA]),
    entry("JPEG 2000, grey, 56 × 56", written(sized(56, 56), "JPEG2000", irreversible=False), [resized(56, 56)]),
]
(HERE / "everyDoor.vectors.json").write_text("[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in PICTURES) + "\n]\n")
