"""What MLflow keeps of a training: parameters, curves, confusion, the network and its package."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mlflow
from mlflow.exceptions import MlflowException

from droughtwatch.card import confusion_table
from droughtwatch.errors import Failed
from droughtwatch.evaluation import Scores
from droughtwatch.source import SOURCE
from droughtwatch.variants import Variant

EXPERIMENT = "droughtwatch"
SQLITE = "sqlite:///"
PACKAGE = "package"
"""Where a run's model package lies among its artifacts: `swath model publish mlflow:NAME@ALIAS` reads it there."""


@contextmanager
def tracked(uri: str, name: str) -> Iterator[str]:
    """A run of MLflow, by its id, that is FAILED where its block raises. Raises Failed where MLflow cannot be reached."""
    try:
        mlflow.set_tracking_uri(uri)
        if mlflow.get_experiment_by_name(EXPERIMENT) is None:
            mlflow.create_experiment(EXPERIMENT, artifacts_beside(uri))
        mlflow.set_experiment(EXPERIMENT)
        run = mlflow.start_run(run_name=name)
    except MlflowException as error:
        raise Failed(f"--tracking: MLflow at {uri} cannot be written: {error.message}") from error
    with run:
        try:
            yield run.info.run_id
        except MlflowException as error:
            raise Failed(f"--tracking: MLflow at {uri} has refused what was to be kept: {error.message}") from error


def artifacts_beside(uri: str) -> str | None:
    """Where artifacts go of a database that is a file: beside it, and not into the working folder. A server knows that itself."""
    return None if not uri.startswith(SQLITE) else (Path(uri.removeprefix(SQLITE)).parent / "mlartifacts").resolve().as_uri()


def log_parameters(variant: Variant, **others: str | int | bool) -> None:
    """What was trained, and on what."""
    said = variant.model_dump(exclude={"inputs", "description", "schedule"})
    inputs = [one if isinstance(one, str) else f"{one.name} = {one.expression}" for one in variant.inputs]
    mlflow.log_params({**said, "inputs": "; ".join(inputs), **others})


def log_curve(epoch: int, curve: dict[str, float]) -> None:
    """An epoch's loss and accuracy, of what is trained on and what is validated by."""
    mlflow.log_metrics({name: float(value) for name, value in curve.items()}, step=epoch)


def log_scores(scores: Scores, keras_difference: float) -> None:
    """How right the package is by Swath, class by class, and how far Keras is from that."""
    low, high = scores.interval
    by_class = {
        f"{what}_{name}": share
        for what, of in (("precision", scores.precision), ("recall", scores.recall))
        for name, share in zip(SOURCE.classes, of, strict=True)
        if share is not None
    }
    mlflow.log_metrics(
        {
            "accuracy_by_swath": scores.accuracy,
            "accuracy_low": low,
            "accuracy_high": high,
            "keras_difference": keras_difference,
            **by_class,
        }
    )
    mlflow.log_dict({"classes": SOURCE.classes, "truth_by_prediction": scores.confusion.tolist()}, "confusion.json")
    mlflow.log_text(f"{confusion_table(scores)}\n", "confusion.md")


def log_model(package: Path, network: Path) -> None:
    """The package, and the network as Keras saves it."""
    mlflow.log_artifacts(str(package), PACKAGE)
    mlflow.log_artifact(str(network), "keras")


def register(run_id: str, model: str, alias: str | None) -> str:
    """Registers a run's package as a model's next version, which it returns, under an alias where one is given."""
    client = mlflow.MlflowClient()
    try:
        client.create_registered_model(model)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    source = f"{client.get_run(run_id).info.artifact_uri}/{PACKAGE}"
    version: str = str(client.create_model_version(model, source, run_id).version)
    if alias is not None:
        client.set_registered_model_alias(model, alias, version)
    return version
