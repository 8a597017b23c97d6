"""`uv run train`: trains a variant, and makes a model package of it that Swath serves."""

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import numpy as np

from droughtwatch import tracking
from droughtwatch.card import card_of
from droughtwatch.chips import Chips, digest_of, find_data, read_chips
from droughtwatch.errors import Failed, WrongUse, told
from droughtwatch.evaluation import Predictions, classify, score
from droughtwatch.fit import fit, predict
from droughtwatch.onnx_export import onnx_of
from droughtwatch.package import Trained, write_package
from droughtwatch.paths import TRAINING
from droughtwatch.swath import require_swath, swath
from droughtwatch.variants import load_variant, variant_names

MOST_DIFFERENCE = 1e-5
"""How far a probability that Swath says may be from that of Keras: two runtimes add up in other orders."""


def main() -> None:
    """The command; it ends the process with its exit code."""
    sys.exit(told(lambda: run(sys.argv[1:])))


def run(words: list[str]) -> None:
    """Trains as the words of the command line say.

    Raises WrongUse or Failed. Then there is no package, and MLflow's run is FAILED where it was begun.
    """
    given = parse(words)
    if given.variants:
        tell_variants()
        return
    variant = load_variant(given.variant)
    if given.epochs is not None:
        variant = variant.model_copy(update={"epochs": given.epochs})
    data = find_data(given.data)
    home = given.out / variant.model
    if given.version is not None:
        refuse_existing(home / given.version)
    require_swath()
    train = read_chips(data.train, variant.source_bands)
    validation = read_chips(data.validation, variant.source_bands) if data.is_held_out else train
    print(f"{variant.model}: {len(train):,} chips to train on, {len(validation):,} to validate by.")

    home.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=".", dir=home) as made,
        tracking.tracked(given.tracking, variant.name) as run_id,
    ):
        tracking.log_parameters(
            variant,
            data_train=digest_of(data.train),
            data_validation=digest_of(data.validation),
            is_held_out=data.is_held_out,
            chips_train=len(train),
            chips_validation=len(validation),
        )
        network = fit(variant, train, validation, tell_curve)
        onnx = onnx_of(network)
        at = datetime.now(UTC)
        version = given.version or f"{at:%Y.%m.%d}-{sha256(onnx).hexdigest()[:8]}"
        refuse_existing(home / version)
        trained = Trained(variant, onnx, network.count_params(), version, at)
        package, keras_file = Path(made) / "package", Path(made) / "model.keras"
        write_package(package, trained, train, validation)
        predictions = classify(package, data.validation)
        difference = difference_from(predictions, validation, predict(network, variant, validation))
        scores = score(predictions.truths, predictions.labels)
        (package / "README.md").write_text(card_of(trained, data, train, scores))
        print(swath("model", "check", package).strip())
        network.save(keras_file)
        tracking.log_scores(scores, difference)
        tracking.log_model(package, keras_file)
        registered = tracking.register(run_id, variant.model, given.alias) if given.publish else None
        package.rename(home / version)
        shutil.move(keras_file, home / f"{version}.keras")

    print(f"By swath classify, {scores.right:,} of {scores.chips:,} chips are right ({scores.accuracy:.1%}).")
    if not data.is_held_out:
        print("That says nothing of accuracy: they are the chips that it was trained on.")
    if registered is not None:
        print(f"MLflow has it as {variant.model} version {registered}.")
    print(f"The package: {home / version}")


def parse(words: list[str]) -> argparse.Namespace:
    """The command line; what is wrong with it ends the process with exit code 2, as argparse does."""
    parser = argparse.ArgumentParser(prog="train", description=__doc__)
    parser.add_argument("--variant", help=f"what is trained: {', '.join(variant_names())}")
    parser.add_argument("--data", type=Path, help="a folder with train/ and val/, or with TFRecord files to try the path by")
    parser.add_argument("--out", type=Path, default=TRAINING / "out", help="where packages go: OUT/MODEL/VERSION")
    parser.add_argument("--version", type=version_name, help="the package's; default: the day, and digits of the model's SHA-256")
    parser.add_argument("--epochs", type=positive, help="instead of the variant's, to try the path")
    parser.add_argument(
        "--tracking",
        default=os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{TRAINING / 'out' / 'mlflow.db'}",
        help="MLflow's address; default: MLFLOW_TRACKING_URI, or a file in training/out",
    )
    parser.add_argument("--publish", action="store_true", help="register the package as the model's next version in MLflow")
    parser.add_argument("--alias", help="with --publish: an alias that this version gets, such as champion")
    parser.add_argument("--variants", action="store_true", help="print the variants with their schedules as JSON, and train none")
    given = parser.parse_args(words)
    if not given.variants and (given.variant is None or given.data is None):
        parser.error("--variant and --data are needed")
    if given.alias is not None and not given.publish:
        parser.error("--alias goes with --publish")
    given.out = given.out.resolve()
    if given.data is not None:
        given.data = given.data.resolve()
    return given


def version_name(text: str) -> str:
    """A version, as a folder and a key can have it."""
    if re.fullmatch(r"[0-9A-Za-z][\w.+-]{0,63}", text) and not text.endswith("."):
        return text
    raise argparse.ArgumentTypeError(f"found {text!r}, allowed are at most 64 letters, digits, '.', '+', '-' and '_'")


def positive(text: str) -> int:
    """A whole number from 1 on."""
    if text.isdecimal() and int(text) >= 1:
        return int(text)
    raise argparse.ArgumentTypeError(f"found {text!r}, allowed is a whole number from 1 on")


def tell_variants() -> None:
    """An object a line, for what runs them on their schedules."""
    for variant in map(load_variant, variant_names()):
        print(json.dumps({"variant": variant.name, "model": variant.model, "epochs": variant.epochs, "schedule": variant.schedule}))


def refuse_existing(folder: Path) -> None:
    """A version never changes."""
    if folder.exists():
        raise WrongUse(f"--version: found {folder} there already, allowed is a version that was not trained before")


def tell_curve(epoch: int, curve: dict[str, float]) -> None:
    """An epoch's line, and MLflow's point."""
    tracking.log_curve(epoch, curve)
    print(f"epoch {epoch}: " + ", ".join(f"{name} {value:.4f}" for name, value in curve.items()), flush=True)


def difference_from(predictions: Predictions, chips: Chips, by_keras: np.ndarray) -> float:
    """The largest difference between what Swath and Keras say of the same chip.

    Raises Failed where it is above `MOST_DIFFERENCE`, or where they have not taken the same chips.
    """
    files = {place.file for place in predictions.places}  # of files of the same bytes, Swath predicts one
    row_of = {place: row for row, place in enumerate(chips.places) if place.file in files}
    if other := set(row_of).symmetric_difference(predictions.places):
        file, record = min(other)
        raise Failed(f"{file}: record {record}: is blank for one of swath classify and Keras, and a chip for the other")
    rows = [row_of[place] for place in predictions.places]
    difference = float(np.abs(predictions.probabilities - by_keras[rows]).max())
    if not difference <= MOST_DIFFERENCE:
        found = f"swath classify and Keras differ by {difference:.2g} in a probability, allowed is {MOST_DIFFERENCE:g}"
        raise Failed(f"{found}: the package would not serve what was trained")
    return difference
