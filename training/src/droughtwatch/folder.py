"""A data folder: the files to train on, those that are held out, and tables of truths beside them."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from droughtwatch.errors import WrongUse
from droughtwatch.source import SOURCE

TRAIN = "train"
HELD_OUT = ("held-out", "val")
"""Names of the folder that is held out: Swath's, and that of the droughtwatch benchmark."""
TRUTH = "truth.csv"
NAMES = ("file", "scene")
"""The column with a file's name: ours, or that of `swath truth` and `swath retrain`."""
COLUMNS = ("index", "truth")
SELECTED = "least-certain"
"""What the column `sample` says of chips that were labelled because a model was unsure: they would make it look worse than it is."""


class Place(NamedTuple):
    """Where a chip lies: its file, and which record of it, from 0 on."""

    file: Path
    record: int


@dataclass(frozen=True)
class Data:
    """The files of a data folder."""

    train: list[Path]
    held_out: list[Path]
    """Empty where there is one folder only: then some of its chips are held out."""
    tables: list[Path]
    """Tables of truths."""
    truths: dict[Place, int]
    """What the tables say, which counts more than what the files say."""

    @property
    def files(self) -> list[Path]:
        """All of them, so that their digest says which data it was."""
        return [*self.train, *self.held_out, *self.tables]


def find_data(folder: Path) -> Data:
    """The files of a data folder: those in `train/` and `held-out/`, or else those in the folder itself.

    Raises WrongUse where there are none, or where a table says something that is not allowed.
    """
    if not folder.is_dir():
        raise WrongUse(f"--data: found no folder {folder}, allowed is one with train/ and held-out/, or with TFRecord files")
    train, held_out = folder / TRAIN, [folder / name for name in HELD_OUT if (folder / name).is_dir()]
    if len(held_out) != train.is_dir():
        found = ", ".join(one.name + "/" for one in [train, *held_out] if one.is_dir())
        raise WrongUse(f"--data: found {found} in {folder}, allowed are train/ and held-out/ (or val/), or none of them")
    parts = [train, *held_out] if held_out else [folder]
    files = [files_in(part) for part in parts]
    tables = [table for table in dict.fromkeys(part / TRUTH for part in [folder, *parts]) if table.is_file()]
    judged = files[1] if held_out else []
    return Data(files[0], judged, tables, truths_in(tables, files[0], judged))


def files_in(folder: Path) -> list[Path]:
    """The files of a folder and of those in it, in the order of their names, hidden ones and tables of truths aside.

    Raises WrongUse where there is none.
    """
    found = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != TRUTH)
    files = [path for path in found if not any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)]
    if not files:
        raise WrongUse(f"--data: found no file in {folder}, allowed are TFRecord files")
    return files


def truths_in(tables: Sequence[Path], train: Sequence[Path], held_out: Sequence[Path]) -> dict[Place, int]:
    """The truths of tables by the chips' places. Rows without a truth say nothing, nor do selected chips of what is held out.

    Raises WrongUse, with the line, for a file that is not there, for anything but a place and a class, and for a chip with two.
    """
    known, judged = {*train, *held_out}, set(held_out)
    truths: dict[Place, int] = {}
    for table in tables:
        for where, (name, index, text, sample) in rows_of(table):
            file = table.parent / name
            if file not in known:
                raise WrongUse(f"{where}: found the file {name!r}, allowed is one of the data, as named from {table.parent}")
            if not (index.isascii() and index.isdecimal()):
                raise WrongUse(f"{where}: index: found {index!r}, allowed is a chip's place in its file, from 0 on")
            place, truth = Place(file, int(index)), class_named(text, where)
            if file in judged and sample == SELECTED:
                continue
            if truths.setdefault(place, truth) != truth:
                one, other = SOURCE.classes[truths[place]], SOURCE.classes[truth]
                raise WrongUse(f"{where}: truth: found {other} for a chip that is {one} further up, allowed is one truth for each chip")
    return truths


def rows_of(table: Path) -> Iterator[tuple[str, tuple[str, str, str, str]]]:
    """The rows of a table that have a truth, each after its place: file, index, truth, sample."""
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restval="")
            columns = reader.fieldnames or []
            name = next((column for column in NAMES if column in columns), NAMES[0])
            if missing := [column for column in (name, *COLUMNS) if column not in columns]:
                raise WrongUse(f"{table}: found no column {missing[0]}, needed are file (or scene), {' and '.join(COLUMNS)}")
            for row in reader:
                if row["truth"].strip():
                    said = (row[name], row["index"].strip(), row["truth"].strip(), row.get("sample", ""))
                    yield f"{table}: line {reader.line_num}", said
    except (UnicodeDecodeError, csv.Error) as error:
        raise WrongUse(f"{table}: is no CSV in UTF-8 ({error})") from None


def class_named(text: str, where: str) -> int:
    """A class by its name or its number."""
    numbers = [str(number) for number in range(len(SOURCE.classes))]
    for names in (SOURCE.classes, numbers):
        if text in names:
            return names.index(text)
    raise WrongUse(f"{where}: truth: found {text!r}, allowed are {', '.join(SOURCE.classes)}, or {numbers[0]} to {numbers[-1]}")


def digest_of(files: Sequence[Path]) -> str:
    """SHA-256 over the names and contents of files: which data it was, whatever folder they lay in."""
    whole = sha256()
    for path in files:
        with path.open("rb") as file:
            content = sha256()
            while some := file.read(2**20):
                content.update(some)
        whole.update(f"{path.name} {content.hexdigest()}\n".encode())
    return whole.hexdigest()
