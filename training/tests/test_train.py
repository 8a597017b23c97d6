"""The command, from the shard to a package that Swath serves and a version in MLflow. It proves the path, never accuracy."""

import json
import re
from hashlib import sha256
from pathlib import Path

import keras
import mlflow
import numpy as np
import pytest
from conftest import SAMPLES, SHARD, Training

from droughtwatch.chips import read_chips
from droughtwatch.errors import Failed, WrongUse, told
from droughtwatch.evaluation import Predictions
from droughtwatch.fit import predict
from droughtwatch.swath import swath
from droughtwatch.tensors import tensor_of
from droughtwatch.train import MOST_DIFFERENCE, difference_from, run
from droughtwatch.variants import load_variant

FILES = ["README.md", "item.json", "model.onnx", "reference.json", "sample.json"]
ND = load_variant("nd")


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_package_is_whole_and_runs(training: Training) -> None:
    assert names_in(training.package) == FILES
    checked = json.loads(swath("model", "check", "--json", training.package))
    # An epoch of so few chips may teach one class alone, which is all that may be noted.
    notes = [note for note in checked.pop("notes") if not re.match(r'reference.json: counts "[^"]*" only;', note)]
    assert notes == []
    assert checked.pop("engine")["runner"] == "function"
    assert checked == {
        "name": "droughtwatch-nd",
        "version": "1.0.0",
        "task": "classification",
        "classes": ["cows-0", "cows-1", "cows-2", "cows-3plus"],
        "hasSample": True,
    }


def test_its_item_says_what_was_trained(training: Training) -> None:
    item = json.loads((training.package / "item.json").read_text())
    properties = item["properties"]
    (input_,) = properties["mlm:input"]
    assert input_["bands"] == [
        {"name": "NDVI", "format": "rio-calc", "expression": "(B5 - B4) / (B4 + B5 + 0.0000255)"},
        {"name": "NDMI", "format": "rio-calc", "expression": "(B5 - B6) / (B5 + B6 + 0.0000255)"},
    ]
    assert input_["value_scaling"] == [{"type": "scale", "value": 1}] * 2
    assert input_["input"]["shape"] == [-1, 65, 65, 2]
    assert properties["mlm:hyperparameters"] == {
        "epochs": 1,
        "batch_size": 64,
        "learning_rate": 0.0005,
        "class_weights": [1, 4, 4, 6],
        "seed": 23,
    }
    content = (training.package / "model.onnx").read_bytes()
    assert item["assets"]["model"]["file:size"] == len(content)
    assert item["assets"]["model"]["file:checksum"] == f"1220{sha256(content).hexdigest()}"
    # The bundled baseline's 257,022, whose first convolution has two bands more: 2 × 3 × 3 × 32 weights.
    assert properties["mlm:total_parameters"] == 257_022 - 576


def test_its_reference_is_what_it_predicts_with_a_profile_of_the_bands(training: Training) -> None:
    reference = json.loads((training.package / "reference.json").read_text())
    assert list(reference["classes"].values()) == np.bincount(training.predictions.labels, minlength=4).tolist()
    assert list(reference["bands"]) == [f"B{number}" for number in range(1, 12)]


def test_the_card_says_that_its_figures_are_none(training: Training) -> None:
    card = (training.package / "README.md").read_text()
    assert "These figures say nothing of accuracy" in card
    assert " of 79 chips" in card


def test_the_pipeline_answers_as_keras_does(training: Training) -> None:
    network = keras.saving.load_model(training.keras_file)
    chips = read_chips([SHARD], ND.source_bands)
    by_swath = training.predictions
    assert by_swath.places == chips.places
    assert by_swath.truths.tolist() == chips.labels.tolist()
    by_keras = network.predict(tensor_of(ND.inputs, chips.planes), verbose=0)
    assert np.abs(by_swath.probabilities - by_keras).max() <= 1e-5
    # An untrained network says the same of all; then this would compare nothing.
    assert np.ptp(by_keras, axis=0).max() > 1e-3


def test_a_package_that_answers_otherwise_is_none() -> None:
    chips = read_chips([SHARD], ND.source_bands)
    by_keras = np.full((79, 4), 0.25, np.float32)
    same = Predictions(chips.places, chips.labels, chips.labels, by_keras.astype(np.float64))
    assert difference_from(same, chips, by_keras) == 0
    other = by_keras.copy()
    other[7, 2] += 2 * MOST_DIFFERENCE
    with pytest.raises(Failed, match="differ by 2e-05 in a probability, allowed is 1e-05"):
        difference_from(same, chips, other)
    other[7, 2] = np.nan
    with pytest.raises(Failed, match="differ by nan"):
        difference_from(same, chips, other)
    with pytest.raises(Failed, match=f"record {chips.places[-1].record}: is blank for one"):
        difference_from(Predictions(chips.places[:-1], chips.labels, chips.labels, same.probabilities), chips, by_keras)


def test_mlflow_has_parameters_curves_confusion_network_and_package(training: Training) -> None:
    client = mlflow.MlflowClient(training.tracking)
    version = client.get_model_version_by_alias("droughtwatch-nd", "champion")
    assert str(version.version) == "1"
    run_id = str(version.run_id)
    kept = client.get_run(run_id)
    assert version.source == f"{kept.info.artifact_uri}/package"
    assert kept.info.status == "FINISHED"
    assert kept.data.params["inputs"].startswith("NDVI = (B5 - B4)")
    assert {"seed", "epochs", "learning_rate", "data_train", "is_held_out"} <= kept.data.params.keys()
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert [point.step for point in client.get_metric_history(run_id, name)] == [1]
    assert kept.data.metrics["keras_difference"] <= MOST_DIFFERENCE
    artifacts = Path(mlflow.artifacts.download_artifacts(run_id=run_id, tracking_uri=training.tracking))
    assert names_in(artifacts / "package") == FILES
    for name in FILES:
        assert (artifacts / "package" / name).read_bytes() == (training.package / name).read_bytes()
    confusion = np.array(json.loads((artifacts / "confusion.json").read_text())["truth_by_prediction"])
    assert confusion.sum() == 79
    assert kept.data.metrics["accuracy_by_swath"] == confusion.trace() / 79
    chips = read_chips([SHARD], ND.source_bands)
    network = keras.saving.load_model(artifacts / "keras" / "model.keras")
    np.testing.assert_array_equal(predict(network, ND, chips), predict(keras.saving.load_model(training.keras_file), ND, chips))


def test_a_version_is_never_trained_twice(training: Training) -> None:
    out = str(training.package.parents[1])
    with pytest.raises(WrongUse, match=r"--version: found .*/1\.0\.0 there already"):
        run(["--variant", "nd", "--data", str(SAMPLES), "--version", "1.0.0", "--out", out, "--tracking", training.tracking])


def test_mlflow_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    out = ["--out", str(tmp_path), "--tracking", "http://127.0.0.1:1"]
    with pytest.raises(Failed, match=r"--tracking: MLflow at http://127\.0\.0\.1:1 cannot be written"):
        run(["--variant", "ndvi", "--data", str(SAMPLES), *out])
    assert list((tmp_path / "droughtwatch-ndvi").iterdir()) == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "--variant and --data are needed"),
        (["--variant", "nd", "--data", ".", "--alias", "champion"], "--alias goes with --publish"),
        (["--variant", "nd", "--data", ".", "--version", "../x"], r"argument --version: found '\.\./x'"),
        (["--variant", "nd", "--data", ".", "--epochs", "0"], "argument --epochs: found '0', allowed is a whole number from 1 on"),
    ],
)
def test_wrong_words_end_with_2(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(words)
    assert ended.value.code == 2
    assert capsys.readouterr().err.replace("\n", " ").find(says.replace("\\", "")) >= 0


def test_a_command_of_swath_that_fails_or_hangs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Failed, match=r"^swath model check ended with exit code 2: .*item\.json"):
        swath("model", "check", tmp_path)
    monkeypatch.setattr("droughtwatch.swath.MOST_SECONDS", 0.001)
    with pytest.raises(Failed, match=r"^swath model check has not ended after 0\.001 seconds, and was stopped$"):
        swath("model", "check", tmp_path)


def test_errors_are_told_by_a_sentence_and_an_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(lambda: run(["--variant", "other", "--data", "."])) == 2
    assert capsys.readouterr().err == "--variant: found 'other', allowed are baseline, nd, ndvi, useful\n"


def test_a_runner_is_told_the_schedules(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--variants"])
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {one["variant"]: one["schedule"] for one in said} == {"baseline": "0 0 * * *", "nd": None, "ndvi": None, "useful": None}
