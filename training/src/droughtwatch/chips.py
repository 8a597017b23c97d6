"""Chips in memory: the bytes of those bands that a variant takes, a quarter of what their numbers would be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from droughtwatch.errors import WrongUse
from droughtwatch.folder import Data, Place
from droughtwatch.records import Record, read_records, write_records
from droughtwatch.source import SOURCE

DEALT = 5
HELD_OUT_OF_DEALT = 2
"""Where no folder is held out, so many of each five chips are, the last ones: of a shard's 79, more than the 30 that calibrate."""


@dataclass(frozen=True)
class Chips:
    """Those of some files that are not blank and have a label, in their order."""

    planes: dict[str, NDArray[np.uint8]]
    """By the names of bands: [chips, height, width]."""
    labels: NDArray[np.int64]
    places: list[Place]
    from_tables: int = 0
    """Of how many a table says the label."""
    blank: int = 0
    unlabelled: int = 0
    """Chips that are left out as nobody says what they are."""
    is_whole: bool = True
    """Whether the files have no other chips with a label or without, and these labels."""

    def __len__(self) -> int:
        return len(self.places)

    def take(self, rows: NDArray[np.int64], truths: Mapping[Place, int]) -> "Chips":
        """Some of them; what was left out is of none."""
        planes = {band: plane[rows] for band, plane in self.planes.items()}
        places = [self.places[row] for row in rows]
        return Chips(planes, self.labels[rows], places, sum(place in truths for place in places), is_whole=False)


def read_parts(data: Data, bands: Sequence[str]) -> tuple[Chips, Chips]:
    """The chips to train on, and those that are held out: those of their files, or else a part that is dealt.

    Raises WrongUse as `read_chips` does, and where there are too few to deal.
    """
    if data.held_out:
        return read_chips(data.train, bands, data.truths), read_chips(data.held_out, bands, data.truths)
    chips = read_chips(data.train, bands, data.truths)
    if len(chips) < DEALT:
        raise WrongUse(f"--data: found {len(chips)} chips with a label, allowed are {DEALT} or more, of which some are held out")
    rows = np.arange(len(chips))
    is_held_out = rows % DEALT >= DEALT - HELD_OUT_OF_DEALT
    train = replace(chips.take(rows[~is_held_out], data.truths), blank=chips.blank, unlabelled=chips.unlabelled)
    return train, chips.take(rows[is_held_out], data.truths)


def read_chips(files: Sequence[Path], bands: Sequence[str], truths: Mapping[Place, int] | None = None) -> Chips:
    """Reads the chips of files, those bands of them, and leaves blank ones out as Swath does, and those without a label.

    A chip's label is that of `truths`, or else that of its record. Raises WrongUse where a file cannot be read, with its place, where
    a truth is for a record that is not there, or where no chip is left.
    """
    told = truths or {}
    furthest = {place.file: place.record for place in sorted(told)}
    shape = (SOURCE.height, SOURCE.width)
    size = SOURCE.height * SOURCE.width
    planes: dict[str, list[NDArray[np.uint8]]] = {band: [] for band in bands}
    labels: list[int] = []
    places: list[Place] = []
    blank = unlabelled = from_tables = 0
    for path in files:
        read = 0
        for index, data in enumerate(read_records(path)):
            read += 1
            place = Place(path, index)
            record = Record(data, f"{path}: record {index}")
            whole = {band: np.frombuffer(record.bytes_of(band, size), np.uint8) for band in SOURCE.bands}
            if max(plane.max() for plane in whole.values()) <= SOURCE.blank_max:
                blank += 1
                continue
            label = told.get(place, record.class_of(SOURCE.truth, len(SOURCE.classes)))
            if label is None:
                unlabelled += 1
                continue
            from_tables += place in told
            for band, of_band in planes.items():
                of_band.append(whole[band].reshape(shape).copy())
            labels.append(label)
            places.append(place)
        if (last := furthest.get(path, 0)) >= max(read, 1):
            raise WrongUse(
                f"{path}: found a truth for the chip with the index {last}, and {read} chips: allowed is one of these, from 0 on"
            )
    if not places:
        without = f" that is not blank ({blank}) and has a label ({unlabelled} have none)"
        raise WrongUse(f"--data: found no chip{without} in {len(files)} files, allowed is one at least")
    return Chips(
        planes={band: np.stack(of_band) for band, of_band in planes.items()},
        labels=np.array(labels),
        places=places,
        blank=blank,
        unlabelled=unlabelled,
        from_tables=from_tables,
        is_whole=unlabelled + from_tables == 0,
    )


def in_files_of_their_own(chips: Chips, folder: Path) -> Chips:
    """The same chips in files that hold these alone, with these labels, since Swath's commands read whole files.

    Files that are so already stay where they are; others are written into a folder, each by its own name.
    """
    if chips.is_whole:
        return chips
    places: list[Place] = []
    rows = zip(chips.places, chips.labels, strict=True)
    for number, (path, of_file) in enumerate(groupby(rows, key=lambda row: row[0].file)):
        labels = {place.record: int(label) for place, label in of_file}
        to = folder / str(number) / path.name
        to.parent.mkdir(parents=True)
        kept = ((index, data) for index, data in enumerate(read_records(path)) if index in labels)
        write_records(to, (Record(data, f"{path}: record {i}").labelled(SOURCE.truth, labels[i]) for i, data in kept))
        places += [Place(to, record) for record in range(len(labels))]
    return replace(chips, places=places, is_whole=True)
