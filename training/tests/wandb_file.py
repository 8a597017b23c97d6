"""Reads what Weights & Biases has kept of a run that was offline: its own records, in blocks as LevelDB's log has them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wandb.proto.wandb_internal_pb2 import Record  # type: ignore[attr-defined]

BLOCK = 2**15
FILE_HEADER, HEADER = 7, 7
FULL, LAST = 1, 4


def records_of(path: Path) -> Iterator[Any]:
    """The records of a run's file. https://github.com/google/leveldb/blob/main/doc/log_format.md says how they lie in blocks."""
    content = path.read_bytes()
    assert content.startswith(b":W&B")
    at, record = FILE_HEADER, b""
    while at + HEADER <= len(content):
        if BLOCK - at % BLOCK < HEADER:
            at += BLOCK - at % BLOCK
            continue
        length, kind = int.from_bytes(content[at + 4 : at + 6], "little"), content[at + 6]
        record += content[at + HEADER : at + HEADER + length]
        at += HEADER + length
        if kind in (FULL, LAST):
            yield Record.FromString(record)
            record = b""


def values_of(items: Any) -> dict[str, Any]:  # noqa: ANN401 — of several messages
    """Values by their keys, as a configuration, a step or a summary has them."""
    return {".".join(one.nested_key) or one.key: json.loads(one.value_json) for one in items}
