"""Makes numpy.vectors.json, files as numpy itself writes them, and the values that it sees in them.

    python vectors.py    (needs numpy)

Arrays of two chips of two rows, three columns and two bands: every type, byte order and memory order, each version of the
format, and archives, as base64; and the planes of each chip, band by band, as the service has to read them. It shares no code
with the service.
"""

import base64
import io
import json
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
N, H, W, B = 2, 2, 3, 2
TYPES = {
    "bool": ("b1", "uint8"),
    "int8": ("i1", "int8"),
    "uint8": ("u1", "uint8"),
    "int16": ("i2", "int16"),
    "uint16": ("u2", "uint16"),
    "int32": ("i4", "int32"),
    "uint32": ("u4", "uint32"),
    "int64": ("i8", "int32"),
    "uint64": ("u8", "uint32"),
    "float16": ("f2", "float32"),
    "float32": ("f4", "float32"),
    "float64": ("f8", "float64"),
}
random = np.random.default_rng(15)


def values(code, held):
    """Values that go as far as both types do."""
    if code == "b1":
        return random.integers(0, 2, (N, H, W, B)).astype(bool)
    if code[0] == "f":
        limits = np.finfo(code if code != "f8" else "f4")
        found = random.normal(0, 100, (N, H, W, B)).astype(code)
        found.flat[0], found.flat[1], found.flat[2] = limits.max, limits.tiny, limits.smallest_subnormal
        found.flat[3], found.flat[4] = -limits.max, 0.1
        return found
    limits = np.iinfo(held)
    found = random.integers(limits.min, limits.max, (N, H, W, B), endpoint=True, dtype=np.int64).astype(code)
    found.flat[0], found.flat[1] = limits.min, limits.max
    return found


def planes(array, held):
    """For each chip, for each band, its values row by row, as numbers that JSON holds exactly."""
    return [[array[n, :, :, b].astype(held).ravel().tolist() for b in range(B)] for n in range(N)]


def saved(array, version=None):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version)
    return file.getvalue()


def as_base64(content):
    return base64.b64encode(content).decode()


def archive(save, **arrays):
    file = io.BytesIO()
    save(file, **arrays)
    return file.getvalue()


def arrays():
    for name, (code, held) in TYPES.items():
        array = values(code, held)
        for order in "<>" if np.dtype(code).itemsize > 1 else "|":
            for memory in "CF":
                for dimensions in ("height, width, bands", "bands, height, width"):
                    laid_out = array if dimensions.startswith("height") else array.transpose(0, 3, 1, 2)
                    stored = np.asarray(laid_out, dtype=order + code, order=memory)
                    for version in [(1, 0), (2, 0), (3, 0)] if name == "uint16" else [(1, 0)]:
                        yield {
                            "what": f"{stored.dtype.str}, {memory} order, {dimensions}, version {version[0]}.{version[1]}",
                            "held": held,
                            "dimensions": dimensions.split(", "),
                            "file": as_base64(saved(stored, version)),
                            "planes": planes(array, held),
                        }


def archives():
    array = values("u2", "uint16")
    for what, save in (("stored", np.savez), ("deflated", np.savez_compressed)):
        for memory in "CF":
            for label in (None, "y", "labels", "label"):
                labels = {} if label is None else {label: np.array([1, 3], dtype=np.int64)}
                stored = np.asarray(array, order=memory)
                yield {
                    "what": f"{what}, {memory} order, {'labels in ' + label if label else 'no labels'}",
                    "file": as_base64(archive(save, names=np.array(["north", "south"]), **labels, images=stored)),
                    "planes": planes(array, "uint16"),
                    "truth": [None, None] if label is None else [1, 3],
                }


def refused():
    numbers = np.zeros((N, H, W, B))
    yield "Python objects", np.full((N, H, W, B), None, dtype=object), True
    yield "byte strings", numbers.astype("S3"), False
    yield "strings", numbers.astype("U3"), False
    yield "complex numbers", numbers.astype("c8"), False
    yield "raw bytes", numbers.astype("f4").view("V4"), False
    yield "dates", numbers.astype("M8[s]"), False
    yield "durations", numbers.astype("m8[s]"), False
    yield "several fields", np.zeros((N, H, W, B), dtype=[("a", "u1"), ("b", ">f4", (2,))]), False
    yield "another type", np.zeros((N, H, W, B), np.longdouble), False


def refused_files():
    for what, array, pickles in refused():
        file = io.BytesIO()
        np.save(file, array, allow_pickle=pickles)
        yield {"what": what, "file": as_base64(file.getvalue())}


vectors = {"arrays": arrays(), "archives": archives(), "refused": refused_files()}
lists = [f'"{name}": [\n' + ",\n".join(map(json.dumps, entries)) + "\n]" for name, entries in vectors.items()]
(HERE / "numpy.vectors.json").write_text("{" + ",\n".join(lists) + "}\n")
