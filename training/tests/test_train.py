"""The command, from the shard to a package that Swath serves and a version in MLflow. It proves the path, never accuracy."""

import json
import re
import tomllib
from hashlib import sha256
from pathlib import Path

import keras
import mlflow
import numpy as np
import pytest
from conftest import EPOCHS, SAMPLES, SHARD, Training
from test_folder import write_shard

from droughtwatch.chips import read_chips, read_parts
from droughtwatch.errors import Failed, WrongUse, told
from droughtwatch.evaluation import Predictions, Scores, score
from droughtwatch.fit import predict
from droughtwatch.folder import find_data
from droughtwatch.network import make_network
from droughtwatch.swath import swath
from droughtwatch.tensors import tensor_of
from droughtwatch.train import MOST_DIFFERENCE, difference_from, run
from droughtwatch.variants import load_variant

FILES = ["README.md", "item.json", "model.onnx", "reference.json", "sample.json"]
SMALL = load_variant("small")


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_package_is_whole_and_runs(training: Training) -> None:
    assert names_in(training.package) == FILES
    checked = json.loads(swath("model", "check", "--json", training.package))
    assert checked.pop("notes") == []
    assert checked.pop("engine")["runner"] == "function"
    assert checked == {
        "name": "droughtwatch-small",
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
        "epochs": EPOCHS,
        "batch_size": 16,
        "learning_rate": 0.004,
        "class_weights": [1, 1, 1, 1],
        "seed": 23,
        "network": {"filters": [8, 8, 8, 8, 16], "dense": 16, "dropout": 0},
    }
    content = (training.package / "model.onnx").read_bytes()
    assert item["assets"]["model"]["file:size"] == len(content)
    assert item["assets"]["model"]["file:checksum"] == f"1220{sha256(content).hexdigest()}"
    assert properties["mlm:total_parameters"] == keras.saving.load_model(training.keras_file).count_params()


def test_its_reference_is_what_it_predicts_of_held_out_chips_with_a_profile_of_the_bands(training: Training) -> None:
    reference = json.loads((training.package / "reference.json").read_text())
    assert list(reference["classes"].values()) == scores_of(training).confusion.sum(axis=0).tolist()
    assert list(reference["bands"]) == [f"B{number}" for number in range(1, 12)]


def test_it_expects_the_accuracy_that_it_has_of_held_out_chips_and_is_calibrated_by_them(training: Training) -> None:
    scores = scores_of(training)
    item = json.loads((training.package / "item.json").read_text())
    assert item["id"] == "droughtwatch-small-1.0.0"
    assert item["properties"]["swath:expected_accuracy"] == pytest.approx(scores.accuracy, rel=1e-3)
    (output,) = item["properties"]["mlm:output"]
    assert re.fullmatch(r"temperature\([\d.]+\)", output["post_processing_function"]["expression"])
    calibration = json.loads((training.package / "reference.json").read_text())["calibration"]
    assert (calibration["chips"], calibration["right"]) == (31, scores.right)


def test_the_card_has_the_chips_the_scores_and_all_settings(training: Training) -> None:
    card = (training.package / "README.md").read_text()
    scores = scores_of(training)
    low, high = scores.interval
    assert "These figures may be too good" in card
    assert f"right for **{scores.right} of 31 chips" in card
    assert f"from {low:.1%} to {high:.1%} (Wilson)" in card
    assert re.search(r"Chips to train on \| 48: cows-0 \d+, .*; 2 blank and 0 unlabelled left out", card)
    assert " UTC, on cpu |" in card
    assert f"| cows-0 | {' | '.join(map(str, scores.confusion[0]))} |" in card
    settings = tomllib.loads(re.findall(r"```toml\n(.*?)```", card, re.DOTALL)[0])
    assert settings["network"] == {"filters": [8, 8, 8, 8, 16], "dense": 16, "dropout": 0}
    assert [one["name"] for one in settings["inputs"]] == ["NDVI", "NDMI"]
    assert "## Calibration\n\nThe probabilities of 1.0.0-uncalibrated are calibrated by a temperature of" in card


def scores_of(training: Training) -> Scores:
    """How right the package is for the chips that were held out, counted here."""
    _, held_out = read_parts(find_data(SAMPLES), SMALL.source_bands)
    rows = [training.predictions.places.index(place) for place in held_out.places]
    return score(held_out.labels, training.predictions.labels[rows])


def test_the_pipeline_answers_as_keras_does(training: Training) -> None:
    network = keras.saving.load_model(training.keras_file)
    chips = read_chips([SHARD], SMALL.source_bands)
    by_swath = training.predictions
    assert by_swath.places == chips.places
    assert by_swath.truths.tolist() == chips.labels.tolist()
    item = json.loads((training.package / "item.json").read_text())
    (temperature,) = re.findall(r"temperature\((.*)\)", item["properties"]["mlm:output"][0]["post_processing_function"]["expression"])
    by_keras = network.predict(tensor_of(SMALL.inputs, chips.planes), verbose=0).astype(np.float64) ** (1 / float(temperature))
    by_keras /= by_keras.sum(axis=1, keepdims=True)
    assert np.abs(by_swath.probabilities - by_keras).max() <= 1e-5
    # An untrained network says the same of all; then this would compare nothing.
    assert np.ptp(by_keras, axis=0).max() > 1e-3


def test_a_package_that_answers_otherwise_is_none() -> None:
    chips = read_chips([SHARD], SMALL.source_bands)
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
    version = client.get_model_version_by_alias("droughtwatch-small", "champion")
    assert str(version.version) == "1"
    run_id = str(version.run_id)
    kept = client.get_run(run_id)
    assert version.source == f"{kept.info.artifact_uri}/package"
    assert kept.info.status == "FINISHED"
    assert kept.data.params["inputs"].startswith("NDVI = (B5 - B4)")
    assert {"seed", "epochs", "learning_rate", "data_train", "is_dealt"} <= kept.data.params.keys()
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert [point.step for point in client.get_metric_history(run_id, name)] == [*range(1, EPOCHS + 1)]
    assert kept.data.metrics["keras_difference"] <= MOST_DIFFERENCE
    artifacts = Path(mlflow.artifacts.download_artifacts(run_id=run_id, tracking_uri=training.tracking))
    assert names_in(artifacts / "package") == FILES
    for name in FILES:
        assert (artifacts / "package" / name).read_bytes() == (training.package / name).read_bytes()
    confusion = np.array(json.loads((artifacts / "confusion.json").read_text())["truth_by_prediction"])
    assert confusion.sum() == 31
    assert kept.data.metrics["accuracy_by_swath"] == confusion.trace() / 31
    chips = read_chips([SHARD], SMALL.source_bands)
    network = keras.saving.load_model(artifacts / "keras" / "model.keras")
    np.testing.assert_array_equal(predict(network, SMALL, chips), predict(keras.saving.load_model(training.keras_file), SMALL, chips))


def test_a_version_is_never_trained_twice(training: Training) -> None:
    out = str(training.package.parents[1])
    with pytest.raises(WrongUse, match=r"--version: found .*/1\.0\.0 there already"):
        run(["--variant", "small", "--data", str(SAMPLES), "--version", "1.0.0", "--out", out, "--tracking", training.tracking])


def test_mlflow_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    out = ["--out", str(tmp_path), "--tracking", "http://127.0.0.1:1"]
    with pytest.raises(Failed, match=r"--tracking: MLflow at http://127\.0\.0\.1:1 cannot be written"):
        run(["--variant", "ndvi", "--data", str(SAMPLES), *out])
    assert list((tmp_path / "droughtwatch-ndvi").iterdir()) == []


def test_swath_retrain_gets_a_package_by_its_variables(tmp_path: Path, tracking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write_shard(tmp_path / "data" / "train" / "a", range(40), unlabelled=range(4))
    write_shard(tmp_path / "data" / "held-out" / "b", range(40, 81), unlabelled=range(42, 44))
    (tmp_path / "data" / "truth.csv").write_text("file,index,truth\ntrain/a,3,cows-2\nheld-out/b,2,0\n")
    out = tmp_path / "package"
    out.mkdir()
    for name, value in {"DATA": tmp_path / "data", "OUT": out, "MODEL": "forage", "VERSION": "7"}.items():
        monkeypatch.setenv(f"SWATH_RETRAIN_{name}", str(value))
    words = ["--variant", "small", "--set", "inputs=['B5']", "--epochs", "1", "--tracking", tracking]
    monkeypatch.setattr("droughtwatch.train.refuse_useless", lambda _: None)  # an epoch may teach one class alone
    run(words)
    assert names_in(out) == FILES
    checked = json.loads(swath("model", "check", "--json", out))
    assert (checked["name"], checked["version"]) == ("forage", "7")
    card = (out / "README.md").read_text()
    assert "1 blank and 3 unlabelled left out, 1 labelled by truth.csv |" in card
    assert "1 blank and 1 unlabelled left out, 1 labelled by truth.csv |" in card
    assert "These figures may be too good" not in card
    with pytest.raises(WrongUse, match=r"--package: found something in .*, allowed is an empty folder"):
        run(words)


def test_a_model_that_says_one_class_is_no_package(tmp_path: Path, tracking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def same(_: Path, files: list[Path]) -> Predictions:
        chips = read_chips(files, [])
        probabilities = np.tile([0.1, 0.7, 0.1, 0.1], (len(chips), 1))
        return Predictions(chips.places, np.ones(len(chips), np.int64), chips.labels, probabilities)

    monkeypatch.setattr("droughtwatch.train.classify", same)
    monkeypatch.setattr("droughtwatch.train.difference_from", lambda *_: 0.0)
    monkeypatch.setattr("droughtwatch.train.fit", lambda variant, *_: make_network(1, variant.network, 0.1))
    with pytest.raises(Failed, match="the model says cows-1 for each of the 31 held-out chips, and is no package: train it for longer"):
        run(["--variant", "ndvi", "--data", str(SAMPLES), "--out", str(tmp_path), "--tracking", tracking])
    assert list((tmp_path / "droughtwatch-ndvi").iterdir()) == []
    (kept,) = mlflow.search_runs(experiment_names=["droughtwatch"], output_format="list")
    assert kept.info.status == "FAILED"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "--variant and --data are needed"),
        (["--variant", "nd", "--data", ".", "--alias", "champion"], "--alias goes with --publish"),
        (["--variant", "nd", "--data", ".", "--publish", "--tracker", "wandb"], "--publish goes with --tracker mlflow or both"),
        (["--variant", "nd", "--data", ".", "--tracker", "tensorboard"], "argument --tracker: invalid choice: 'tensorboard'"),
        (["--variant", "nd", "--data", ".", "--model-name", "a/b"], "argument --model-name: found 'a/b'"),
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
    assert capsys.readouterr().err == "--variant: found 'other', allowed are baseline, nd, ndvi, small, useful\n"


def test_a_runner_is_told_the_schedules(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--variants"])
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {one["variant"]: one["schedule"] for one in said} == {
        "baseline": "0 0 * * *",
        "nd": None,
        "ndvi": None,
        "small": None,
        "useful": None,
    }
