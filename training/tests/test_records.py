"""TFRecord files are read with their checksums, and chips are those that Swath classifies."""

import struct
from pathlib import Path

import numpy as np
import pytest
from conftest import SHARD

from droughtwatch.chips import read_chips
from droughtwatch.errors import WrongUse
from droughtwatch.records import HEADER, Record, masked_crc, read_records
from droughtwatch.source import SOURCE

CONTENT = SHARD.read_bytes()
FIRST = HEADER.size + struct.unpack("<Q", CONTENT[:8])[0] + 4
"""Bytes of the first record, with its checksums."""


def record_of(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_crc(length)) + data + struct.pack("<I", masked_crc(data))


def damaged(at: int) -> bytes:
    return CONTENT[:at] + bytes([CONTENT[at] ^ 1]) + CONTENT[at + 1 :]


def test_the_shard_has_79_chips_of_81_records() -> None:
    chips = read_chips([SHARD], ["B2", "B5"])
    assert (len(chips), chips.blank, len(list(read_records(SHARD)))) == (79, 2, 81)
    # As the card of models/droughtwatch-baseline counts them.
    assert np.bincount(chips.labels).tolist() == [46, 14, 14, 5]
    assert chips.planes.keys() == {"B2", "B5"}
    assert chips.planes["B5"].shape == (79, 65, 65)
    first = Record(next(read_records(SHARD)), "first")
    assert chips.planes["B2"][0].tobytes() == first.bytes_of("B2", 65 * 65)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (damaged(3), "record 0: found a damaged length"),
        (damaged(HEADER.size + 100), "record 0: found damaged data"),
        (CONTENT[: FIRST - 10], "record 0: is cut off"),
        (CONTENT[: FIRST + 7], "record 1: is cut off"),
        (record_of(b"\xff\xff"), r"record 0: is no tf\.train\.Example"),
        (record_of(b""), "record 0: found no feature B1"),
        (b"not a TFRecord file at all", "record 0: found a damaged length; is it a TFRecord file"),
        (b"", "found no chip that is not blank"),
    ],
)
def test_what_is_damaged_is_refused_with_its_place(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "part"
    path.write_bytes(content)
    with pytest.raises(WrongUse, match=says):
        read_chips([path], ["B2"])


def test_features_of_another_kind_are_refused() -> None:
    record = Record(next(read_records(SHARD)), "there")
    with pytest.raises(WrongUse, match="there: feature B2: found 4225 bytes, allowed are 4224"):
        record.bytes_of("B2", 4224)
    with pytest.raises(WrongUse, match="there: feature label: found no bytes, allowed are 1"):
        record.bytes_of("label", 1)
    with pytest.raises(WrongUse, match=r"there: feature B2: found \[\], allowed is one of 0 to 3"):
        record.class_of("B2", 4)
    assert record.class_of(SOURCE.truth, 4) in range(4)
    assert record.class_of("none", 4) is None
