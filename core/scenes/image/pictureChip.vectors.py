"""Makes pictureChip.vectors.json: images by Pillow, and what Pillow makes of them as the bands of a model.

    python pictureChip.vectors.py    (needs Pillow 13.0.0 and numpy)

Each as base64: the file, and the values that it becomes, row by row, one band behind the other. Grey is `convert("L")`, which leaves
opacity aside; colours are `convert("RGB")`; orientation is `exif_transpose`. Reduced ones are `reduce`, which takes the mean of whole blocks; enlarged ones `resize` with
BILINEAR in floats, rounded once. It shares no code with the service.
"""

import base64
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent
random = np.random.default_rng(28)
SIDE = 16


def encoded(content):
    return base64.b64encode(content).decode()


def written(image, form="PNG", **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def entry(what, image, mode, warnings, to=lambda image: image, form="PNG", **options):
    content = written(image, form, **options)
    seen = to(Image.open(io.BytesIO(content)).convert(mode))
    values = np.asarray(seen)
    bands = values[None] if values.ndim == 2 else values.transpose(2, 0, 1)
    return {
        **{"what": what, "image": encoded(content), "mode": mode, "width": seen.width, "height": seen.height},
        **{"values": encoded(np.ascontiguousarray(bands, "uint8").tobytes()), "warnings": warnings},
    }


def enlarged(size):
    def to(image):
        values = np.asarray(image.convert("F").resize(size, Image.Resampling.BILINEAR))
        return Image.fromarray(np.floor(values + 0.5).astype("uint8"))

    return to


LUMA = "Its colours were converted to grey (luma of ITU-R 601-2)."
ASIDE = "Its transparency was ignored."
LEVELS = "Its {} levels of grey were spread over 0 to 255."
REPEATED = "Its grey was repeated as red, green and blue."
PALETTE = "The colours of its palette were taken."
RESIZED = "It was resized from {} to {} ({})."

rgb = random.integers(0, 256, (SIDE, SIDE, 3)).astype("uint8")
rgb[0, :8] = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0], [1, 1, 1], [254, 255, 255], [2, 1, 0]]
colours = Image.fromarray(rgb)
opacity = random.integers(0, 2, (SIDE, SIDE)) * 255
rgba = Image.fromarray(np.dstack([rgb, opacity.astype("uint8")]))
grey = Image.fromarray(rgb[:, :, 0])
palette = Image.fromarray(rgb // 64 * 64).quantize(200)
few = Image.fromarray(rgb // 128 * 255).quantize(4)
bits = Image.fromarray(rgb[:, :, 1] > 127)
smooth = Image.fromarray(np.add.outer(np.arange(12) * 9, np.arange(12) * 11).astype("uint8"))
drawn = Image.fromarray(np.kron(rgb, np.ones((3, 3, 1), "uint8")))

ENTRIES = [
    entry("RGB for one band", colours, "L", [LUMA]),
    entry("RGBA for one band", rgba, "L", [LUMA, ASIDE]),
    entry("RGB with a transparent colour for one band", colours, "L", [LUMA, ASIDE], transparency=(255, 0, 0)),
    entry("a JPEG in colours for one band", colours, "L", [LUMA], form="JPEG"),
    entry("a grey JPEG for one band", grey, "L", [], form="JPEG"),
    entry("a WebP with opacity for one band", rgba, "L", [LUMA, ASIDE], form="WEBP", lossless=True, exact=True),
    entry("a GeoTIFF in colours for one band", colours, "L", [LUMA], form="TIFF", compression="tiff_lzw"),
    entry("a JPEG 2000 in colours for one band", colours, "L", [LUMA], form="JPEG2000", irreversible=False),
    entry("a palette for one band", palette, "L", [LUMA]),
    entry("a palette of 2 bits for one band", few, "L", [LUMA], bits=2),
    entry("a palette with a transparent entry for one band", palette, "L", [LUMA, ASIDE], transparency=3),
    entry("grey for one band", grey, "L", []),
    entry("black and white for one band", bits, "L", [LEVELS.format(2)]),
    entry("RGB for red, green and blue", colours, "RGB", []),
    entry("grey for red, green and blue", grey, "RGB", [REPEATED]),
    entry("a grey JPEG for red, green and blue", grey, "RGB", [REPEATED], form="JPEG"),
    entry("black and white for red, green and blue", bits, "RGB", [LEVELS.format(2), REPEATED]),
    entry("a palette for red, green and blue", palette, "RGB", [PALETTE]),
    entry("grey, reduced to a third", drawn.convert("L"), "L", [RESIZED.format("48 × 48", "16 × 16", "interpolation-area")], lambda one: one.reduce(3)),
    entry("grey, reduced to half", grey, "L", [RESIZED.format("16 × 16", "8 × 8", "interpolation-area")], lambda one: one.reduce(2)),
    entry("RGB, reduced to a quarter", colours, "RGB", [RESIZED.format("16 × 16", "4 × 4", "interpolation-area")], lambda one: one.reduce(4)),
    entry("RGB as grey, reduced to half", colours, "L", [LUMA, RESIZED.format("16 × 16", "8 × 8", "interpolation-area")], lambda one: one.reduce(2)),
    entry("grey, enlarged to twice", smooth, "L", [RESIZED.format("12 × 12", "24 × 24", "interpolation-linear")], enlarged((24, 24))),
    entry("grey, enlarged to eight times", smooth, "L", [RESIZED.format("12 × 12", "96 × 96", "interpolation-linear")], enlarged((96, 96))),
]
(HERE / "pictureChip.vectors.json").write_text("[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in ENTRIES) + "\n]\n")
