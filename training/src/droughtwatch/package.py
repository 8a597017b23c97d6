"""A model package of a network that was trained: docs/models.md says what is in one."""

import json
import re
from base64 import b64encode
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from droughtwatch.chips import Chips
from droughtwatch.errors import Refused
from droughtwatch.onnx_export import INPUT, OUTPUT
from droughtwatch.records import Record, read_records
from droughtwatch.source import SOURCE, bundled_item
from droughtwatch.swath import swath
from droughtwatch.tensors import RAW_DIVISOR
from droughtwatch.variants import Derived, Variant


@dataclass(frozen=True)
class Trained:
    """A network as ONNX, and what its package says of where it comes from."""

    variant: Variant
    model: str
    """The model's name."""
    onnx: bytes
    parameters: int
    version: str
    at: datetime
    device: str
    """What it was trained on."""
    data: str
    """The digest of the data."""


HYPERPARAMETERS = ("epochs", "batch_size", "learning_rate", "class_weights", "seed", "network")
UNCALIBRATED = "-uncalibrated"
"""The ending of the version that a package has until it is calibrated, since calibrating makes another version."""
MOST_VERSION = 64


def item_of(trained: Trained) -> dict[str, Any]:
    """`item.json`: the bundled package's, for its bands, classes and places, with what is this model's own."""
    variant = trained.variant
    item = bundled_item()
    properties = item["properties"]
    (input_,) = properties["mlm:input"]
    (output,) = properties["mlm:output"]
    names = [one if isinstance(one, str) else one.name for one in variant.inputs]
    input_ |= {
        "name": INPUT,
        "description": f"{', '.join(names)}, channels last.",
        "bands": [one if isinstance(one, str) else band_of(one) for one in variant.inputs],
        "value_scaling": [scaling_of(one) for one in variant.inputs],
    }
    input_["input"] |= {"shape": [-1, SOURCE.height, SOURCE.width, len(names)]}
    output |= {"name": OUTPUT}
    properties |= {
        "title": f"Forage in Northern Kenya from Landsat 8: droughtwatch {variant.name}",
        "description": f"{variant.description} Tells from a Landsat 8 chip how many cows the land in its middle can feed.",
        "datetime": trained.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "version": trained.version,
        "mlm:name": trained.model,
        "mlm:total_parameters": trained.parameters,
        "mlm:batch_size_suggestion": 16,
        "mlm:hyperparameters": variant.model_dump(include={*HYPERPARAMETERS}),
    }
    # Who trained it is not known here; who made the network and the data stands in the card and the links.
    del properties["providers"]
    item["id"] = f"{trained.model}-{trained.version}"
    item["assets"]["model"] |= {
        "file:size": len(trained.onnx),
        "file:checksum": f"1220{sha256(trained.onnx).hexdigest()}",  # a multihash: 0x12 is SHA-256, of 0x20 bytes
    }
    return item


def band_of(derived: Derived) -> dict[str, str]:
    """A derived band, as MLM has it."""
    return {"name": derived.name, "format": "rio-calc", "expression": derived.expression}


def scaling_of(one: str | Derived) -> dict[str, Any]:
    """MLM's `scale` divides by its value."""
    return {"type": "scale", "value": RAW_DIVISOR if isinstance(one, str) else 1}


def write_package(folder: Path, trained: Trained, train: Chips, held_out: Chips) -> None:
    """Writes a package that is not calibrated into a folder, which is made, but for its card and the accuracy that it expects.

    Its `reference.json` gets a profile of the bands and of the predictions for what is held out, and `sample.json` the first chip of
    it, both by Swath's own commands.
    """
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(trained.onnx)
    version = trained.version[: MOST_VERSION - len(UNCALIBRATED)] + UNCALIBRATED
    write_json(folder / "item.json", item_of(replace(trained, version=version)))
    # A package is read as a whole, so something has to stand here until the profile takes its place.
    counts = Counter(train.labels.tolist())
    write_json(
        folder / "reference.json",
        {
            "description": "What the model predicts for chips that it was not trained on, and what their bands are like.",
            "classes": {name: counts[value] for value, name in enumerate(SOURCE.classes)},
        },
    )
    swath("model", "profile", folder, "--data", *files_of(held_out))
    sample = folder.parent / "sample-input.json"
    write_json(sample, input_of(held_out))
    swath("model", "sample", folder, sample, "--write")
    sample.unlink()


def expect(folder: Path, accuracy: float) -> None:
    """Writes into a package how often it should be right: docs/models.md, `swath:expected_accuracy`."""
    item = json.loads((folder / "item.json").read_text())
    item["properties"]["swath:expected_accuracy"] = float(f"{accuracy:.4g}")
    write_json(folder / "item.json", item)


def calibrate(folder: Path, to: Path, trained: Trained, held_out: Chips) -> str | None:
    """Makes the package of it that is calibrated, which has the version to be served.

    Returns why the package is as it was, but for its version, where Swath finds no calibration: too few chips, or no temperature.
    """
    try:
        swath("model", "calibrate", folder, "--data", *files_of(held_out), "--as", trained.version, "--to", to)
    except Refused as refused:
        item = json.loads((folder / "item.json").read_text())
        item |= {"id": f"{trained.model}-{trained.version}"}
        item["properties"] |= {"version": trained.version}
        write_json(folder / "item.json", item)
        folder.rename(to)
        why = str(refused).partition(": ")[2].removeprefix("swath: ")
        return re.sub(rf"{re.escape(str(to.parent))}/\S+: ", "", why)  # where it was made is nobody's business
    return None


def files_of(chips: Chips) -> list[Path]:
    """The files that chips lie in."""
    return list(dict.fromkeys(place.file for place in chips.places))


def input_of(chips: Chips) -> dict[str, Any]:
    """The first of some chips, all of its bands, as an input of a request: docs/requests.md."""
    file, number = chips.places[0]
    record = Record(next(islice(read_records(file), number, None)), f"{file}: record {number}")
    size = SOURCE.height * SOURCE.width
    return {"bands": {band: b64encode(record.bytes_of(band, size)).decode() for band in SOURCE.bands}}


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Writes an object, indented."""
    path.write_text(f"{json.dumps(value, indent=2, ensure_ascii=False)}\n")
