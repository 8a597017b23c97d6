"""A data folder has files to train on and files that are held out, and tables that say what their chips are."""

from pathlib import Path

import numpy as np
import pytest
from conftest import SAMPLES, SHARD

from droughtwatch.chips import in_files_of_their_own, read_chips, read_parts
from droughtwatch.errors import WrongUse
from droughtwatch.folder import Place, digest_of, find_data
from droughtwatch.records import Record, read_records, write_records
from droughtwatch.source import SOURCE

RECORDS = list(read_records(SHARD))
CHIPS = read_chips([SHARD], ["B2"])


def write_shard(path: Path, records: range, *, unlabelled: range = range(0)) -> None:
    """Writes some of the bundled shard's records, some of them without a label."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_records(path, (stripped(RECORDS[one]) if one in unlabelled else RECORDS[one] for one in records))


def stripped(data: bytes) -> bytes:
    record = Record(data, "there")
    del record._features[SOURCE.truth]
    return record._example.SerializeToString()  # type: ignore[no-any-return]


def test_of_a_folder_of_one_kind_two_of_five_chips_are_held_out() -> None:
    data = find_data(SAMPLES)
    assert (data.train, data.held_out, data.tables) == ([SHARD], [], [])
    train, held_out = read_parts(data, ["B2"])
    assert (len(train), len(held_out)) == (48, 31)
    assert sorted(train.places + held_out.places) == CHIPS.places
    assert [row % 5 in (3, 4) for row, place in enumerate(CHIPS.places) if place in held_out.places] == [True] * 31
    assert (train.blank, held_out.blank) == (2, 0)


@pytest.mark.parametrize("name", ["held-out", "val"])
def test_files_lie_in_train_and_held_out(tmp_path: Path, name: str) -> None:
    for folder in ("train", f"{name}/0123456789ab"):
        (tmp_path / folder).mkdir(parents=True)
        for file in ("part-0", ".hidden", "_SUCCESS"):
            (tmp_path / folder / file).touch()
    data = find_data(tmp_path)
    assert data.train == [tmp_path / "train" / "part-0"]
    assert data.held_out == [tmp_path / name / "0123456789ab" / "part-0"]


@pytest.mark.parametrize(
    ("folders", "says"),
    [
        ([], "found no file in"),
        (["train"], "found train/ in .*, allowed are train/ and held-out/"),
        (["val"], "found val/ in"),
        (["train", "val", "held-out"], "found train/, held-out/, val/ in"),
        (["train", "held-out"], "found no file in .*train"),
    ],
)
def test_folders_without_data_are_refused(tmp_path: Path, folders: list[str], says: str) -> None:
    for folder in folders:
        (tmp_path / folder).mkdir()
    with pytest.raises(WrongUse, match=f"^--data: {says}"):
        find_data(tmp_path)
    with pytest.raises(WrongUse, match="found no folder"):
        find_data(tmp_path / "none")


def test_a_table_says_what_chips_are_and_those_of_no_label_are_left_out(tmp_path: Path) -> None:
    write_shard(tmp_path / "train" / "a", range(10), unlabelled=range(4))
    write_shard(tmp_path / "held-out" / "12ab" / "b", range(10, 20))
    (tmp_path / "truth.csv").write_text("file,index,truth\ntrain/a,0,cows-2\n")
    (tmp_path / "held-out" / "truth.csv").write_text("index,file,truth,by\n1,12ab/b,3,me\n2,12ab/b,,\n")
    data = find_data(tmp_path)
    assert data.truths == {Place(tmp_path / "train" / "a", 0): 2, Place(tmp_path / "held-out" / "12ab" / "b", 1): 3}
    train, held_out = read_parts(data, ["B2"])
    assert (train.blank, train.unlabelled, train.from_tables) == (0, 3, 1)
    assert [place.record for place in train.places] == [0, *range(4, 10)]
    assert train.labels.tolist() == [2, *CHIPS.labels[4:10].tolist()]
    assert (held_out.unlabelled, held_out.from_tables) == (0, 1)
    assert held_out.labels.tolist() == [CHIPS.labels[10], 3, *CHIPS.labels[12:20].tolist()]
    before = digest_of(data.files)
    (tmp_path / "truth.csv").write_text("file,index,truth\ntrain/a,0,cows-1\n")
    assert digest_of(find_data(tmp_path).files) != before


def test_a_table_of_swath_retrain_is_read_and_selected_chips_do_not_judge(tmp_path: Path) -> None:
    write_shard(tmp_path / "train" / "a", range(10), unlabelled=range(4))
    write_shard(tmp_path / "held-out" / "b", range(10, 20), unlabelled=range(10, 14))
    rows = ["scene,index,truth,sample", "train/a,0,cows-2,least-certain", "held-out/b,0,cows-1,least-certain", "held-out/b,1,cows-1,"]
    (tmp_path / "truth.csv").write_text("\r\n".join(rows))
    train, held_out = read_parts(find_data(tmp_path), ["B2"])
    assert (train.from_tables, train.unlabelled, held_out.from_tables, held_out.unlabelled) == (1, 3, 1, 3)


def test_chips_of_a_part_are_written_into_files_that_hold_them_alone(tmp_path: Path) -> None:
    write_shard(tmp_path / "data" / "a", range(10), unlabelled=range(4))
    write_shard(tmp_path / "data" / "b" / "a", range(10, 20))
    (tmp_path / "data" / "truth.csv").write_text("file,index,truth\na,2,cows-2\n")
    data = find_data(tmp_path / "data")
    chips = read_chips(data.train, ["B2"], data.truths)
    written = in_files_of_their_own(chips, tmp_path / "own")
    assert [place.file.name for place in written.places] == ["a"] * 17
    again = read_chips(list(dict.fromkeys(place.file for place in written.places)), ["B2"])
    assert (again.places, again.unlabelled) == (written.places, 0)
    np.testing.assert_array_equal(again.labels, chips.labels)
    np.testing.assert_array_equal(again.planes["B2"], chips.planes["B2"])
    assert in_files_of_their_own(again, tmp_path / "other") is again


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("file,truth\na,cows-0\n", r"found no column index, needed are file \(or scene\), index and truth"),
        ("", "found no column file"),
        ("file,index,truth\nb,0,cows-0\n", "line 2: found the file 'b', allowed is one of the data, as named from "),
        ("file,index,truth\n../a,0,cows-0\n", r"line 2: found the file '\.\./a'"),
        ("file,index,truth\na,first,cows-0\n", "line 2: index: found 'first'"),
        ("file,index,truth\na,-1,cows-0\n", "line 2: index: found '-1'"),
        ("file,index,truth\na,0,goats\n", "line 2: truth: found 'goats', allowed are cows-0, cows-1, cows-2, cows-3plus, or 0 to 3"),
        ("file,index,truth\na,0,4\n", "line 2: truth: found '4'"),
        ("file,index,truth\na,0,1\na,0,cows-2\n", "line 3: truth: found cows-2 for a chip that is cows-1 further up"),
        ("file,index,truth\na,7,1\n", "found a truth for the chip with the index 7, and 3 chips"),
        ("file,index,truth\n\udcff,7,1\n", "is no CSV in UTF-8"),
    ],
)
def test_a_table_that_says_something_else_is_refused_with_its_place(tmp_path: Path, table: str, says: str) -> None:
    write_shard(tmp_path / "a", range(3))
    (tmp_path / "truth.csv").write_text(table, errors="surrogateescape")
    with pytest.raises(WrongUse, match=f"^{tmp_path}/(truth.csv|a): {says}"):
        read_parts(find_data(tmp_path), ["B2"])


def test_data_of_too_few_labels_are_refused(tmp_path: Path) -> None:
    write_shard(tmp_path / "a", range(6), unlabelled=range(2, 6))
    with pytest.raises(WrongUse, match="found 2 chips with a label, allowed are 5 or more"):
        read_parts(find_data(tmp_path), ["B2"])
    write_shard(tmp_path / "a", range(6), unlabelled=range(6))
    with pytest.raises(WrongUse, match=r"found no chip that is not blank \(0\) and has a label \(6 have none\) in 1 files"):
        read_parts(find_data(tmp_path), ["B2"])


def test_a_digest_is_of_names_and_contents(tmp_path: Path) -> None:
    path = tmp_path / SHARD.name
    path.write_bytes(SHARD.read_bytes())
    assert digest_of([path]) == digest_of([SHARD])
    path.write_bytes(SHARD.read_bytes()[:-1])
    assert digest_of([path]) != digest_of([SHARD])
    assert digest_of([path.rename(tmp_path / "other")]) != digest_of([SHARD])
