"""A training as a run of MLflow, and its package as a version of a registered model."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import mlflow
from mlflow.exceptions import MlflowException

from droughtwatch.card import confusion_table
from droughtwatch.errors import Failed
from droughtwatch.evaluation import Scores
from droughtwatch.source import SOURCE

SQLITE = "sqlite:///"
PACKAGE = "package"
"""Where a run's model package lies among its artifacts: `swath model publish mlflow:NAME@ALIAS` reads it there."""


class MlflowTracker:
    """A run, which is the active one."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id

    def parameters(self, values: Mapping[str, str | int | float | bool]) -> None:
        """As the run's parameters, which are texts."""
        mlflow.log_params(dict(values))

    def metrics(self, values: Mapping[str, float], epoch: int | None = None) -> None:
        """As the run's metrics."""
        mlflow.log_metrics(dict(values), step=epoch)

    def confusion(self, scores: Scores) -> None:
        """As files to read, by programs and people."""
        mlflow.log_dict({"classes": SOURCE.classes, "truth_by_prediction": scores.confusion.tolist()}, "confusion.json")
        mlflow.log_text(f"{confusion_table(scores)}\n", "confusion.md")

    def model(self, _name: str, _version: str, package: Path, network: Path) -> None:
        """As artifacts of the run."""
        mlflow.log_artifacts(str(package), PACKAGE)
        mlflow.log_artifact(str(network), "keras")

    def register(self, model: str, alias: str | None) -> str:
        """Registers the run's package as a model's next version, which it returns, under an alias where one is given."""
        client = mlflow.MlflowClient()
        try:
            client.create_registered_model(model)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        source = f"{client.get_run(self.run_id).info.artifact_uri}/{PACKAGE}"
        version: str = str(client.create_model_version(model, source, self.run_id).version)
        if alias is not None:
            client.set_registered_model_alias(model, alias, version)
        return version


@contextmanager
def mlflow_run(uri: str, experiment: str, name: str) -> Iterator[MlflowTracker]:
    """A run that is FAILED where its block raises. Raises Failed where MLflow cannot be reached."""
    try:
        mlflow.set_tracking_uri(uri)
        if mlflow.get_experiment_by_name(experiment) is None:
            mlflow.create_experiment(experiment, artifacts_beside(uri))
        mlflow.set_experiment(experiment)
        run = mlflow.start_run(run_name=name)
    except MlflowException as error:
        raise Failed(f"--tracking: MLflow at {uri} cannot be written: {error.message}") from error
    with run:
        try:
            yield MlflowTracker(run.info.run_id)
        except MlflowException as error:
            raise Failed(f"--tracking: MLflow at {uri} has refused what was to be kept: {error.message}") from error


def artifacts_beside(uri: str) -> str | None:
    """Where artifacts go of a database that is a file: beside it, and not into the working folder. A server knows that itself."""
    return None if not uri.startswith(SQLITE) else (Path(uri.removeprefix(SQLITE)).parent / "mlartifacts").resolve().as_uri()
