"""A training as a run of Weights & Biases, which has its own settings: WANDB_MODE=offline, WANDB_API_KEY, WANDB_BASE_URL, WANDB_DIR."""

import importlib.util
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from droughtwatch.errors import Failed, WrongUse
from droughtwatch.evaluation import Scores
from droughtwatch.source import SOURCE

if TYPE_CHECKING:
    import wandb


class WandbTracker:
    """A run that was begun."""

    def __init__(self, run: "wandb.Run") -> None:
        self._run = run

    def parameters(self, values: Mapping[str, str | int | float | bool]) -> None:
        """As the run's configuration."""
        self._run.config.update(dict(values))  # type: ignore[no-untyped-call]

    def metrics(self, values: Mapping[str, float], epoch: int | None = None) -> None:
        """As a step of its history, or as its summary."""
        if epoch is None:
            self._run.summary.update(dict(values))
        else:
            self._run.log(dict(values), step=epoch)

    def confusion(self, scores: Scores) -> None:
        """As a table: a row for each true class, a column for each predicted one."""
        import wandb

        rows = [[name, *counts] for name, counts in zip(SOURCE.classes, scores.confusion.tolist(), strict=True)]
        self._run.log({"confusion": wandb.Table(columns=["truth", *SOURCE.classes], data=rows)})

    def model(self, name: str, version: str, package: Path, network: Path) -> None:
        """As a version of an artifact of the model's name."""
        import wandb

        artifact = wandb.Artifact(name, type="model")
        artifact.add_dir(str(package), name="package")
        artifact.add_file(str(network), name=f"keras/{network.name}")
        self._run.log_artifact(artifact, aliases=["latest", version])


def require_wandb() -> None:
    """Raises WrongUse, before anything is trained, where it is not installed: a training without it is 55 MB smaller."""
    if importlib.util.find_spec("wandb") is None:
        raise WrongUse("--tracker: found no Weights & Biases, which is installed by uv sync --extra wandb; allowed without it is mlflow")


@contextmanager
def wandb_run(folder: Path, project: str, name: str) -> Iterator[WandbTracker]:
    """A run that has failed where its block raises, in WANDB_DIR or else in a folder. Raises Failed where it cannot be begun or kept."""
    import wandb

    try:
        folder.mkdir(parents=True, exist_ok=True)
        settings = wandb.Settings(console="off")  # what the command prints is no part of the run
        run = wandb.init(project=project, name=name, dir=os.environ.get("WANDB_DIR") or str(folder), settings=settings)
        try:
            yield WandbTracker(run)
        except BaseException:
            run.finish(exit_code=1)
            raise
        run.finish()
    except wandb.errors.Error as error:
        raise Failed(f"--tracker: Weights & Biases cannot be written: {str(error).rstrip('.')}, or set WANDB_MODE=offline") from error
