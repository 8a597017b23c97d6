"""TFRecord files are read with their checksums, and chips are those that Swath classifies."""

import struct
from pathlib import Path

import numpy as np
import pytest
from conftest import SAMPLES, SHARD

from droughtwatch.chips import digest_of, find_data, read_chips
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
        (b"", "found no chip that is not blank in 1 files"),
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


def test_a_folder_of_one_kind_validates_by_what_is_trained_on() -> None:
    data = find_data(SAMPLES)
    assert (data.train, data.validation, data.is_held_out) == ([SHARD], [SHARD], False)


def test_train_and_val_are_told_apart(tmp_path: Path) -> None:
    for name in ("train", "val"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "part-0").touch()
        (tmp_path / name / ".hidden").touch()
    data = find_data(tmp_path)
    assert data.train == [tmp_path / "train" / "part-0"]
    assert data.validation == [tmp_path / "val" / "part-0"]
    assert data.is_held_out


def test_folders_without_data_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="found no file in"):
        find_data(tmp_path)
    with pytest.raises(WrongUse, match="found no folder"):
        find_data(tmp_path / "none")
    (tmp_path / "train").mkdir()
    with pytest.raises(WrongUse, match="found only one of train/ and val/"):
        find_data(tmp_path)


def test_a_digest_is_of_names_and_contents(tmp_path: Path) -> None:
    path = tmp_path / SHARD.name
    path.write_bytes(CONTENT)
    assert digest_of([path]) == digest_of([SHARD])
    path.write_bytes(damaged(-1))
    assert digest_of([path]) != digest_of([SHARD])
    assert digest_of([path.rename(tmp_path / "other")]) != digest_of([SHARD])
