"""What Weights & Biases keeps of a training is what MLflow keeps of it."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import mlflow
import pytest
import wandb
from conftest import EPOCHS, Training
from wandb_file import records_of, values_of

from droughtwatch.errors import Failed, WrongUse
from droughtwatch.wandb_tracker import require_wandb, wandb_run


@pytest.fixture(scope="module")
def kept(training: Training) -> list[Any]:
    return list(records_of(training.wandb_run))


@pytest.fixture(scope="module")
def by_mlflow(training: Training) -> mlflow.entities.Run:
    client = mlflow.MlflowClient(training.tracking)
    return client.get_run(str(client.get_model_version_by_alias("droughtwatch-small", "champion").run_id))


def test_the_parameters_are_those_of_mlflow(kept: list[Any], by_mlflow: mlflow.entities.Run) -> None:
    updates = [one for record in kept for one in (*record.run.config.update, *record.config.update)]
    config = {key: str(value) for key, value in values_of(updates).items() if key != "_wandb"}
    assert config == by_mlflow.data.params
    assert (config["network.dense"], config["epochs"], config["device"]) == ("16", str(EPOCHS), "cpu")
    assert {"data", "data_train", "data_held_out", "unlabelled_train", "inputs", "description", "seed"} <= config.keys()


def test_each_epoch_has_the_points_of_mlflow(training: Training, kept: list[Any], by_mlflow: mlflow.entities.Run) -> None:
    steps = [values_of(record.history.item) for record in kept if record.HasField("history")]
    client = mlflow.MlflowClient(training.tracking)
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        points = [(point.step, point.value) for point in client.get_metric_history(by_mlflow.info.run_id, name)]
        assert [point for point, _ in points] == [*range(1, EPOCHS + 1)]
        assert [(step["_step"], step[name]) for step in steps if name in step] == points


def test_the_scores_and_the_confusion_are_those_of_mlflow(training: Training, kept: list[Any], by_mlflow: mlflow.entities.Run) -> None:
    summary = values_of(one for record in kept for one in record.summary.update)
    scores = {name: value for name, value in by_mlflow.data.metrics.items() if "loss" not in name and not name.endswith("accuracy")}
    assert {"accuracy_by_swath", "accuracy_low", "accuracy_high", "keras_difference"} < scores.keys()
    assert any(name.startswith("precision_") for name in scores)
    assert {name: summary[name] for name in scores} == scores
    table = json.loads((training.wandb_run.parent / "files" / summary["confusion.path"]).read_text())
    confusion = mlflow.artifacts.load_dict(f"{by_mlflow.info.artifact_uri}/confusion.json")
    assert table["columns"] == ["truth", *confusion["classes"]]
    assert [row[1:] for row in table["data"]] == confusion["truth_by_prediction"]


def test_the_package_and_the_network_are_an_artifact(training: Training, kept: list[Any]) -> None:
    (artifact,) = [record.artifact for record in kept if record.artifact.type == "model"]
    assert (artifact.name, sorted(artifact.aliases)) == ("droughtwatch-small", ["1.0.0", "latest"])
    files = {one.path: sha256(Path(one.local_path).read_bytes()).hexdigest() for one in artifact.manifest.contents}
    package = {f"package/{path.name}": path for path in training.package.iterdir()}
    expected = {**package, "keras/model.keras": training.keras_file}
    assert files == {name: sha256(path.read_bytes()).hexdigest() for name, path in expected.items()}


def test_one_that_is_not_installed_or_has_no_account_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "online")
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    wandb.teardown()  # its settings are read once
    with (
        pytest.raises(Failed, match=r"--tracker: Weights & Biases cannot be written: .*, or set WANDB_MODE=offline"),
        wandb_run(tmp_path, "p", "n"),
    ):
        pass
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(WrongUse, match="--tracker: found no Weights & Biases, which is installed by uv sync --extra wandb"):
        require_wandb()
