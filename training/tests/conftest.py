"""The bundled shard, and one training on it that several tests look at."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jax
import mlflow
import pytest

from droughtwatch.evaluation import Predictions, classify
from droughtwatch.paths import PROJECT
from droughtwatch.train import run

SAMPLES = PROJECT / "samples" / "droughtwatch"
SHARD = SAMPLES / "part-r-00012"
EPOCHS = 60
"""Of the variant `small`."""


@dataclass(frozen=True)
class Training:
    """What a training has left."""

    package: Path
    keras_file: Path
    tracking: str
    wandb_run: Path
    """The file of a run of Weights & Biases that was offline."""
    predictions: Predictions
    """What Swath says of the shard by the package."""


@pytest.fixture(scope="session", autouse=True)
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No account of Weights & Biases is used, nothing is kept in the home folder, and no variable says what is trained."""
    folder = tmp_path_factory.mktemp("wandb")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DATA", "CACHE", "CONFIG"):
            patch.setenv(f"WANDB_{name}_DIR", str(folder))
        patch.setenv("WANDB_MODE", "offline")
        patch.setenv("WANDB_SILENT", "true")
        patch.delenv("WANDB_DIR", raising=False)
        for name in ("DATA", "OUT", "MODEL", "VERSION"):
            patch.delenv(f"SWATH_RETRAIN_{name}", raising=False)
        patch.setenv("XLA_FLAGS", "--xla_backend_optimization_level=0")  # to compile a network takes longer here than to train it
        jax.config.update("jax_compilation_cache_dir", str(folder / "jax"))  # type: ignore[no-untyped-call]
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)  # type: ignore[no-untyped-call]
        yield


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow's database before the first run, for copies: to make its tables takes ten seconds."""
    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    mlflow.MlflowClient(f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def tracking(tmp_path: Path, empty_store: Path) -> str:
    """The address of a database of the test's own."""
    return f"sqlite:///{shutil.copy(empty_store, tmp_path)}"


@pytest.fixture(scope="session")
def training(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Training:
    """A training of the variant `small`, whose inputs are derived, on the shard: its package, its runs, and its version in MLflow.

    It proves the path. Of 48 chips that are trained on, and 31 that are held out, no figure says how good a model is.
    """
    folder = tmp_path_factory.mktemp("small")
    tracking, out = f"sqlite:///{shutil.copy(empty_store, folder)}", folder / "out"
    places = ["--data", str(SAMPLES), "--out", str(out), "--tracking", tracking]
    names = ["--variant", "small", "--version", "1.0.0"]
    run([*names, *places, "--tracker", "both", "--publish", "--alias", "champion"])
    mlflow.set_tracking_uri(tracking)
    home = out / "droughtwatch-small"
    (wandb_run,) = out.glob("wandb/offline-run-*/*.wandb")
    return Training(home / "1.0.0", home / "1.0.0.keras", tracking, wandb_run, classify(home / "1.0.0", [SHARD]))
