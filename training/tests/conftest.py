"""The bundled shard, and one training on it that several tests look at."""

from dataclasses import dataclass
from pathlib import Path

import mlflow
import pytest

from droughtwatch.evaluation import Predictions, classify
from droughtwatch.paths import PROJECT
from droughtwatch.train import run

SAMPLES = PROJECT / "samples" / "droughtwatch"
SHARD = SAMPLES / "part-r-00012"


@dataclass(frozen=True)
class Training:
    """What a training has left."""

    package: Path
    keras_file: Path
    tracking: str
    predictions: Predictions
    """What Swath says of the shard by the package."""


@pytest.fixture(scope="session")
def training(tmp_path_factory: pytest.TempPathFactory) -> Training:
    """A training of the variant `nd`, whose inputs are derived, on the shard: its package, and its run and version in MLflow.

    It proves the path. Of 79 chips that are trained on and validated by, no figure says how good a model is.
    """
    return train_on_shard("nd", tmp_path_factory.mktemp("nd"))


def train_on_shard(variant: str, folder: Path) -> Training:
    """Trains a variant for an epoch, by the command, and publishes it."""
    tracking = f"sqlite:///{folder / 'mlflow.db'}"
    options = ["--epochs", "1", "--version", "1.0.0", "--out", str(folder / "out"), "--tracking", tracking]
    run(["--variant", variant, "--data", str(SAMPLES), *options, "--publish", "--alias", "champion"])
    mlflow.set_tracking_uri(tracking)
    home = folder / "out" / f"droughtwatch-{variant}"
    return Training(home / "1.0.0", home / "1.0.0.keras", tracking, classify(home / "1.0.0", [SHARD]))
