"""Makes parquet.vectors.json: small tables as Apache Arrow writes them, and the values that it reads from them.

    python vectors.py    (needs pyarrow and numpy)

Seven rows of two numbers A and B, an id and a label: every type, compression, encoding and version of a page. It shares no code
with the service.
"""

import base64
import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).resolve().parent
TYPES = {
    "bool": (pa.bool_(), "uint8"),
    "uint8": (pa.uint8(), "uint8"),
    "int8": (pa.int8(), "int8"),
    "uint16": (pa.uint16(), "uint16"),
    "int16": (pa.int16(), "int16"),
    "uint32": (pa.uint32(), "uint32"),
    "int32": (pa.int32(), "int32"),
    "uint64": (pa.uint64(), "uint32"),
    "int64": (pa.int64(), "int32"),
    "float16": (pa.float16(), "float32"),
    "float32": (pa.float32(), "float32"),
    "float64": (pa.float64(), "float64"),
}
random = np.random.default_rng(17)
IDS = ["a", "ü", None, "two\nlines", "", "x" * 20, "7"]
LABELS = [0, 1, 2, 3, None, 1, 0]


def numbers(name, held):
    if name == "bool":
        return random.integers(0, 2, 7).astype(bool).tolist()
    if name.startswith("float"):
        return random.normal(size=7).astype(name).tolist()
    limits = np.iinfo(held)
    return [int(limits.min), int(limits.max), *random.integers(limits.min, limits.max, 5, dtype="int64").tolist()]


def case(what, kind="uint8", **options):
    arrow, held = TYPES[kind]
    nullable = options.pop("nullable", True)
    others = options.pop("others", {"id": (pa.string(), IDS), "label": (pa.int64(), LABELS)})
    columns = {"id": others["id"], "B": (arrow, numbers(kind, held)), "other": (pa.list_(pa.int8()), [[1]] * 7), "A": (arrow, numbers(kind, held)), "label": others["label"]}
    schema = pa.schema([pa.field(name, dtype, nullable=nullable or name in ("id", "label")) for name, (dtype, _) in columns.items()])
    values = [np.array(v, "float16") if kind == "float16" and n in "AB" else v for n, (_, v) in columns.items()]
    table = pa.table([pa.array(v, f.type) for v, f in zip(values, schema)], schema=schema)
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    back = pq.read_table(io.BytesIO(file.getvalue()))
    rows = [[float(a), float(b)] for a, b in zip(back["A"].to_pylist(), back["B"].to_pylist())]
    return {"what": what, "held": held, "file": base64.b64encode(file.getvalue()).decode(), "rows": rows, "ids": back["id"].to_pylist(), "labels": back["label"].to_pylist()}


cases = [case(kind, kind, compression="none") for kind in TYPES]
cases += [case(f"packed by {codec}", "int32", compression=codec) for codec in ("snappy", "gzip", "zstd", "brotli")]
cases += [
    case("several groups of rows", "uint8", row_group_size=3),
    case("several groups of rows, packed", "float32", row_group_size=2, compression="zstd"),
    case("without a dictionary", "int32", use_dictionary=False),
    case("pages of version 2", "int64", data_page_version="2.0", compression="snappy"),
    case("many pages", "int32", data_page_size=1, write_batch_size=2, use_dictionary=False),
    case("columns that can hold no null", "uint16", nullable=False),
    case("split streams of bytes", "float32", use_dictionary=False, column_encoding={"A": "BYTE_STREAM_SPLIT", "B": "BYTE_STREAM_SPLIT"}),
    case("differences", "int32", use_dictionary=False, column_encoding={"A": "DELTA_BINARY_PACKED", "B": "DELTA_BINARY_PACKED", "id": "DELTA_LENGTH_BYTE_ARRAY"}),
    case("with checksums and an index of its pages", "int16", write_page_checksum=True, write_page_index=True),
    case("an id and a label without any value", "int16", others={name: (pa.null(), [None] * 7) for name in ("id", "label")}),
]


def refused(what, column, **options):
    table = pa.table({"A": column, "B": pa.array([1, 2], pa.uint8())})
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return {"what": what, "file": base64.b64encode(file.getvalue()).decode()}


one = pa.array([1, 2], pa.uint8())
refusals = [
    refused("texts", pa.array(["1", "2"])),
    refused("dates", pa.array([1, 2], pa.date32())),
    refused("times", pa.array([1, 2], pa.timestamp("us"))),
    refused("decimals", pa.array([1, 2], pa.decimal128(5, 2))),
    refused("lists", pa.array([[1], [2]])),
    refused("structs", pa.array([{"x": 1}, {"x": 2}])),
    refused("null", pa.array([1, None], pa.uint8())),
    refused("range", pa.array([1, 300], pa.int16())),
    refused("fraction", pa.array([1, 2.5])),
    refused("lz4", one, compression="lz4"),
]
target = HERE / "parquet.vectors.json"
target.write_text(json.dumps({"pyarrow": pa.__version__, "tables": cases, "refused": refusals}, ensure_ascii=False, indent=1) + "\n")
