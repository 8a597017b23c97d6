"""How right a package is: by what Swath says with it of the files that are held out, on the way that scenes go."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from droughtwatch.errors import Failed
from droughtwatch.folder import Place
from droughtwatch.source import SOURCE
from droughtwatch.swath import swath_lines

Z = 1.959963984540054
"""The standard normal distribution's 97.5 % quantile, for intervals of 95 %."""


@dataclass(frozen=True)
class Predictions:
    """What Swath has said of chips, each once however many files have the same bytes."""

    places: list[Place]
    labels: NDArray[np.int64]
    truths: NDArray[np.int64]
    probabilities: NDArray[np.float64]


def classified(package: Path, files: Sequence[Path], *columns: str) -> list[dict[str, Any]]:
    """Has Swath classify scene files by a package, in a data folder that is thrown away.

    Returns a row for each chip, by files and places: `file`, `index`, `label`, `truth`, and those columns of docs/sql.md. Raises
    Failed where a file comes to no prediction.
    """
    with tempfile.TemporaryDirectory(prefix="swath-training-") as folder:
        runs = swath_lines("classify", "--model", package, "--data-dir", folder, *files)
        file_of = {run["run"]: run["file"] for run in runs}
        names = ", ".join(["run", '"index"', "label", "truth", *columns])
        rows = swath_lines("sql", f"SELECT {names} FROM predictions", "--data-dir", folder)  # noqa: S608 — the names are ours
    return sorted(({**row, "file": file_of[row["run"]]} for row in rows), key=lambda row: (row["file"], row["index"]))


def classify(package: Path, files: Sequence[Path]) -> Predictions:
    """What Swath says of scene files by a package of the drought system.

    Raises Failed as `classified` does, and where numbers are missing.
    """
    columns = [f"p_{value}" for value in range(len(SOURCE.classes))]
    rows = classified(package, files, *columns)
    if not rows or any(row["label"] is None for row in rows):
        raise Failed("swath classify has no finite number for some chips: has the training diverged?")
    return Predictions(
        places=[Place(Path(row["file"]), row["index"]) for row in rows],
        labels=np.array([row["label"] for row in rows]),
        truths=np.array([row["truth"] for row in rows]),
        probabilities=np.array([[row[column] for column in columns] for row in rows]),
    )


@dataclass(frozen=True)
class Scores:
    """How predictions compare with what is true."""

    confusion: NDArray[np.int64]
    """Rows are true classes, columns predicted ones."""

    @property
    def chips(self) -> int:
        """How many were compared."""
        return int(self.confusion.sum())

    @property
    def right(self) -> int:
        """How many are right."""
        return int(np.trace(self.confusion))

    @property
    def accuracy(self) -> float:
        """The share that is right."""
        return self.right / self.chips

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the accuracy: E. B. Wilson, 1927, JASA 22 (158) 209."""
        n, share = self.chips, self.accuracy
        middle = share + Z**2 / (2 * n)
        half = Z * float(np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)))
        return (middle - half) / (1 + Z**2 / n), (middle + half) / (1 + Z**2 / n)

    @property
    def precision(self) -> list[float | None]:
        """Of each class, the share of its predictions that is right; None of a class that is never predicted."""
        return shares(self.confusion.diagonal(), self.confusion.sum(axis=0))

    @property
    def recall(self) -> list[float | None]:
        """Of each class, the share of its chips that is predicted as it; None of a class without a chip."""
        return shares(self.confusion.diagonal(), self.confusion.sum(axis=1))


def refuse_useless(scores: Scores) -> None:
    """Raises Failed for a model that tells no chips apart, or is never right."""
    predicted = [name for name, count in zip(SOURCE.classes, scores.confusion.sum(axis=0), strict=True) if count]
    if len(predicted) > 1 and scores.right > 0:
        return
    found = f"says {predicted[0]} for each" if len(predicted) == 1 else "is right for none"
    what = "train it for longer (--set epochs=20), or on more chips, and hold out more chips, of several classes"
    raise Failed(f"the model {found} of the {scores.chips:,} held-out chips, and is no package: {what}")


def shares(parts: NDArray[np.int64], wholes: NDArray[np.int64]) -> list[float | None]:
    """Quotients; None where nothing is divided by."""
    return [int(part) / int(whole) if whole else None for part, whole in zip(parts, wholes, strict=True)]


def score(truths: NDArray[np.int64], labels: NDArray[np.int64]) -> Scores:
    """Counts which class was taken for which."""
    confusion = np.zeros((len(SOURCE.classes),) * 2, np.int64)
    np.add.at(confusion, (truths, labels), 1)
    return Scores(confusion)
