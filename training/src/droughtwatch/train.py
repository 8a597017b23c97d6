"""`uv run train`: trains a variant, and makes a model package of it that Swath serves."""

import json
import shutil
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import numpy as np

from droughtwatch.arguments import parse
from droughtwatch.card import card_of, not_calibrated, others
from droughtwatch.chips import Chips, in_files_of_their_own, read_parts
from droughtwatch.errors import Failed, WrongUse, told
from droughtwatch.evaluation import Predictions, classify, refuse_useless, score
from droughtwatch.fit import device, fit, predict
from droughtwatch.folder import digest_of, find_data
from droughtwatch.onnx_export import onnx_of
from droughtwatch.package import Trained, calibrate, expect, files_of, write_package
from droughtwatch.swath import require_swath, swath
from droughtwatch.tracking import Tracking, Value, tracked
from droughtwatch.variants import Derived, Variant, load_variant, variant_names
from droughtwatch.wandb_tracker import require_wandb

MOST_DIFFERENCE = 1e-5
"""How far a probability that Swath says may be from that of Keras: two runtimes add up in other orders."""


def main() -> None:
    """The command; it ends the process with its exit code."""
    sys.exit(told(lambda: run(sys.argv[1:])))


def run(words: list[str]) -> None:
    """Trains as the words of the command line say.

    Raises WrongUse or Failed. Then there is no package, and the runs of MLflow and Weights & Biases have failed where they were begun.
    """
    given = parse(words)
    if given.variants:
        tell_variants()
        return
    variant = load_variant(given.variant, given.set)
    model = given.model_name or variant.model
    home = given.out / model
    data = find_data(given.data)
    if given.package is not None:
        refuse_filled(given.package)
    elif given.version is not None:
        refuse_existing(home / given.version)
    require_swath()
    if given.tracker != "mlflow":
        require_wandb()
    train, held_out = read_parts(data, variant.source_bands)
    print(f"{model}: {len(train):,} chips to train on, {len(held_out):,} held out, on {device()}.")
    print(f"In the files to train on: {others(train)}. In those held out: {others(held_out)}.")

    digest = digest_of(data.files)

    with ExitStack() as stack:
        if given.package is None:
            home.mkdir(parents=True, exist_ok=True)
        made = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=".", dir=home if given.package is None else None)))
        tracking = stack.enter_context(tracked(given.tracker, variant.name, given.tracking, given.out))
        tracking.log_parameters(
            {
                **settings_of(variant),
                "model": model,
                "device": device(),
                "data": digest,
                "data_train": digest_of(data.train),
                "data_held_out": digest_of(data.held_out or data.train),
                "is_dealt": not data.held_out,
                **counts_of(train, "train"),
                **counts_of(held_out, "held_out"),
            }
        )
        network = fit(variant, train, held_out, lambda epoch, curve: tell_curve(tracking, epoch, curve))
        onnx = onnx_of(network)
        at = datetime.now(UTC)
        version = given.version or f"{at:%Y.%m.%d}-{sha256(onnx).hexdigest()[:8]}"
        target = given.package or home / version
        if given.package is None:
            refuse_existing(target)
        trained = Trained(variant, model, onnx, network.count_params(), version, at, device(), digest)
        uncalibrated, package, keras_file = made / "uncalibrated", made / "package", made / "model.keras"
        judged = in_files_of_their_own(held_out, made / "held-out")
        write_package(uncalibrated, trained, train, judged)
        predictions = classify(uncalibrated, files_of(judged))
        difference = difference_from(predictions, judged, predict(network, variant, judged))
        scores = score(predictions.truths, predictions.labels)
        tracking.log_scores(scores, difference)
        refuse_useless(scores)
        expect(uncalibrated, scores.accuracy)
        (uncalibrated / "README.md").write_text(card_of(trained, train, held_out, scores, is_dealt=not data.held_out))
        refusal = calibrate(uncalibrated, package, trained, judged)
        if refusal is not None:
            with (package / "README.md").open("a") as card:
                card.write(not_calibrated(refusal))
        print(swath("model", "check", package).strip())
        network.save(keras_file)
        tracking.log_model(model, version, package, keras_file)
        registered = tracking.mlflow.register(model, given.alias) if given.publish and tracking.mlflow else None
        if given.package is None:
            package.rename(target)
            shutil.move(keras_file, home / f"{version}.keras")
        else:
            fill(target, package)

    low, high = scores.interval
    right = f"{scores.right:,} of {scores.chips:,} held-out chips are right ({scores.accuracy:.1%}, 95 % interval {low:.1%} to {high:.1%})"
    print(f"By swath classify, {right}.")
    if refusal is not None:
        print(f"It is not calibrated: {refusal}")
    if registered is not None:
        print(f"MLflow has it as {model} version {registered}.")
    print(f"The package: {target}")


def settings_of(variant: Variant) -> dict[str, Value]:
    """All that a variant says, as those that record it can keep it: numbers, and texts of all else."""
    inputs = [f"{one.name} = {one.expression}" if isinstance(one, Derived) else one for one in variant.inputs]
    said = {"variant": variant.name, **variant.settings, "inputs": "; ".join(inputs)}
    return {key: value if isinstance(value, (str, int, float)) else str(value) for key, value in said.items()}


def counts_of(chips: Chips, part: str) -> dict[str, Value]:
    """How many chips a part has, and how many were left out of it or labelled by a table."""
    return {
        f"chips_{part}": len(chips),
        f"blank_{part}": chips.blank,
        f"unlabelled_{part}": chips.unlabelled,
        f"from_tables_{part}": chips.from_tables,
    }


def tell_variants() -> None:
    """An object a line, for what runs them on their schedules."""
    for variant in map(load_variant, variant_names()):
        print(json.dumps({"variant": variant.name, "model": variant.model, "epochs": variant.epochs, "schedule": variant.schedule}))


def refuse_existing(folder: Path) -> None:
    """A version never changes."""
    if folder.exists():
        raise WrongUse(f"--version: found {folder} there already, allowed is a version that was not trained before")


def refuse_filled(folder: Path) -> None:
    """A package is a folder of its own."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WrongUse(f"--package: found something in {folder}, allowed is an empty folder, or one that is not there yet")


def fill(folder: Path, package: Path) -> None:
    """Moves a package into a folder that may be there, its item.json last: a folder without one is no package yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(package.iterdir(), key=lambda one: one.name == "item.json"):
        shutil.move(path, folder / path.name)


def tell_curve(tracking: Tracking, epoch: int, curve: dict[str, float]) -> None:
    """An epoch's line, and the trackers' point."""
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
