"""The command line of `uv run train`, with defaults from the environment that `swath retrain` sets."""

import argparse
import os
import re
from collections.abc import Sequence
from pathlib import Path

from droughtwatch.package import MOST_VERSION
from droughtwatch.paths import TRAINING
from droughtwatch.tracking import TRACKERS
from droughtwatch.variants import variant_names

OUT = TRAINING / "out"
RETRAIN = "SWATH_RETRAIN_"
"""Of the variables of `swath retrain`, which calls this command: DATA, OUT, MODEL and VERSION."""


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The command line; what is wrong with it ends the process with exit code 2, as argparse does."""
    parser = argparse.ArgumentParser(prog="train", description="Trains a variant, and makes a model package of it that Swath serves.")
    told = {name: os.environ.get(f"{RETRAIN}{name}") or None for name in ("DATA", "OUT", "MODEL", "VERSION")}
    parser.add_argument("--variant", help=f"what is trained: {', '.join(variant_names())}")
    parser.add_argument(
        "--data", type=Path, default=told["DATA"], help="a folder with train/ and held-out/, or with TFRecord files, and truth.csv in each"
    )
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="instead of the variant's: network.dense=100")
    parser.add_argument("--epochs", type=positive, help="the same as --set epochs=EPOCHS")
    parser.add_argument("--out", type=Path, default=OUT, help="where packages go: OUT/MODEL/VERSION")
    parser.add_argument("--package", type=Path, default=told["OUT"], help="instead of OUT/MODEL/VERSION: an empty folder for the package")
    parser.add_argument("--model-name", type=model_name, default=told["MODEL"], help="default: droughtwatch-VARIANT")
    parser.add_argument("--version", type=version_name, default=told["VERSION"], help="default: the day, and digits of the model's SHA-256")
    parser.add_argument("--tracker", choices=TRACKERS, default="mlflow", help="what records the training; default: mlflow")
    parser.add_argument(
        "--tracking",
        default=os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{OUT / 'mlflow.db'}",
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
    if given.publish and given.tracker == "wandb":
        parser.error("--publish goes with --tracker mlflow or both, since MLflow has the registry")
    if given.epochs is not None:
        given.set.append(f"epochs={given.epochs}")
    for name in ("data", "out", "package"):
        if getattr(given, name) is not None:
            setattr(given, name, getattr(given, name).resolve())
    return given


def version_name(text: str) -> str:
    """A version, as a folder and a key can have it."""
    if re.fullmatch(rf"[0-9A-Za-z][\w.+-]{{0,{MOST_VERSION - 1}}}", text) and not text.endswith("."):
        return text
    raise argparse.ArgumentTypeError(f"found {text!r}, allowed are at most {MOST_VERSION} letters, digits, '.', '+', '-' and '_'")


def model_name(text: str) -> str:
    """A model's name, as a folder and a key can have it."""
    if re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?", text):
        return text
    raise argparse.ArgumentTypeError(f"found {text!r}, allowed are at most 64 small letters, digits, '.' and '-'")


def positive(text: str) -> int:
    """A whole number from 1 on."""
    if text.isdecimal() and int(text) >= 1:
        return int(text)
    raise argparse.ArgumentTypeError(f"found {text!r}, allowed is a whole number from 1 on")
