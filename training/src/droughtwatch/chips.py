"""Chips in memory: the bytes of those bands that a variant takes, a quarter of what their numbers would be."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from droughtwatch.errors import WrongUse
from droughtwatch.records import Record, read_records
from droughtwatch.source import SOURCE


class Place(NamedTuple):
    """Where a chip lies: its file, and which record of it, from 0 on."""

    file: Path
    record: int


@dataclass(frozen=True)
class Chips:
    """Those of some files that are not blank, in their order."""

    planes: dict[str, NDArray[np.uint8]]
    """By the names of bands: [chips, height, width]."""
    labels: NDArray[np.int64]
    places: list[Place]
    blank: int

    def __len__(self) -> int:
        return len(self.places)


@dataclass(frozen=True)
class Data:
    """The files to train on, and those to validate by."""

    train: list[Path]
    validation: list[Path]
    is_held_out: bool
    """False where there was one folder only, so that the model is validated by what it was trained on."""


def find_data(folder: Path) -> Data:
    """The files of a data folder: those in `train/` and `val/`, or else those in the folder itself, for both.

    Raises WrongUse where there are none.
    """
    train, validation = folder / "train", folder / "val"
    if not folder.is_dir():
        raise WrongUse(f"--data: found no folder {folder}, allowed is one with train/ and val/, or with TFRecord files")
    if train.is_dir() != validation.is_dir():
        raise WrongUse(f"--data: found only one of train/ and val/ in {folder}, allowed are both, or neither")
    if train.is_dir():
        return Data(train=files_in(train), validation=files_in(validation), is_held_out=True)
    files = files_in(folder)
    return Data(train=files, validation=files, is_held_out=False)


def files_in(folder: Path) -> list[Path]:
    """The files of a folder in the order of their names, hidden ones aside; raises WrongUse where there is none."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith((".", "_")))
    if not files:
        raise WrongUse(f"--data: found no file in {folder}, allowed are TFRecord files")
    return files


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


def read_chips(files: Sequence[Path], bands: Sequence[str]) -> Chips:
    """Reads the chips of files, those bands of them, and leaves blank ones out as Swath does.

    Raises WrongUse where a file cannot be read, with its place, or where no chip is left.
    """
    shape = (SOURCE.height, SOURCE.width)
    size = SOURCE.height * SOURCE.width
    planes: dict[str, list[NDArray[np.uint8]]] = {band: [] for band in bands}
    labels: list[int] = []
    places: list[Place] = []
    blank = 0
    for path in files:
        for index, data in enumerate(read_records(path)):
            record = Record(data, f"{path}: record {index}")
            whole = {band: np.frombuffer(record.bytes_of(band, size), np.uint8) for band in SOURCE.bands}
            if max(plane.max() for plane in whole.values()) <= SOURCE.blank_max:
                blank += 1
                continue
            for band, of_band in planes.items():
                of_band.append(whole[band].reshape(shape).copy())
            labels.append(record.class_of(SOURCE.truth, len(SOURCE.classes)))
            places.append(Place(path, index))
    if not places:
        raise WrongUse(f"--data: found no chip that is not blank in {len(files)} files, allowed is one at least")
    return Chips({band: np.stack(of_band) for band, of_band in planes.items()}, np.array(labels), places, blank)
