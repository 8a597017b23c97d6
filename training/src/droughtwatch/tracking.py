"""What is recorded of a training, by MLflow, by Weights & Biases, or by both: the same parameters, curves, scores and files."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from droughtwatch.evaluation import Scores
from droughtwatch.mlflow_tracker import MlflowTracker, mlflow_run
from droughtwatch.source import SOURCE
from droughtwatch.wandb_tracker import wandb_run

TRACKERS = ("mlflow", "wandb", "both")
EXPERIMENT = "droughtwatch"
"""MLflow's experiment, and the project of Weights & Biases."""
Value = str | int | float | bool


class Tracker(Protocol):
    """Where a training is recorded."""

    def parameters(self, values: Mapping[str, Value]) -> None:
        """What was trained, and on what."""

    def metrics(self, values: Mapping[str, float], epoch: int | None = None) -> None:
        """Of an epoch, or of the training as a whole."""

    def confusion(self, scores: Scores) -> None:
        """Which class was taken for which."""

    def model(self, name: str, version: str, package: Path, network: Path) -> None:
        """The package, and the network as Keras saves it."""


@dataclass(frozen=True)
class Tracking:
    """All that record a training."""

    mlflow: MlflowTracker | None
    trackers: list[Tracker]

    def log_parameters(self, values: Mapping[str, Value]) -> None:
        """What was trained, and on what."""
        for tracker in self.trackers:
            tracker.parameters(values)

    def log_curve(self, epoch: int, curve: Mapping[str, float]) -> None:
        """An epoch's loss and accuracy, of what is trained on and what is held out."""
        for tracker in self.trackers:
            tracker.metrics({name: float(value) for name, value in curve.items()}, epoch)

    def log_scores(self, scores: Scores, keras_difference: float) -> None:
        """How right the package is by Swath, class by class, and how far Keras is from that."""
        low, high = scores.interval
        by_class = {
            f"{what}_{name}": share
            for what, of in (("precision", scores.precision), ("recall", scores.recall))
            for name, share in zip(SOURCE.classes, of, strict=True)
            if share is not None
        }
        figures = {"accuracy_by_swath": scores.accuracy, "accuracy_low": low, "accuracy_high": high, "keras_difference": keras_difference}
        for tracker in self.trackers:
            tracker.metrics({**figures, **by_class})
            tracker.confusion(scores)

    def log_model(self, name: str, version: str, package: Path, network: Path) -> None:
        """The package, and the network as Keras saves it."""
        for tracker in self.trackers:
            tracker.model(name, version, package, network)


@contextmanager
def tracked(tracker: str, name: str, mlflow_uri: str, wandb_folder: Path) -> Iterator[Tracking]:
    """Runs of those that are asked for, each of which is marked as failed where the block raises.

    Raises Failed where one cannot be reached.
    """
    with ExitStack() as runs:
        mlflow = runs.enter_context(mlflow_run(mlflow_uri, EXPERIMENT, name)) if tracker != "wandb" else None
        wandb = runs.enter_context(wandb_run(wandb_folder, EXPERIMENT, name)) if tracker != "mlflow" else None
        yield Tracking(mlflow, [one for one in (mlflow, wandb) if one is not None])
