"""A model package of a network that was trained: docs/models.md says what is in one."""

import json
from base64 import b64encode
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from droughtwatch.chips import Chips
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
    onnx: bytes
    parameters: int
    version: str
    at: datetime


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
        "mlm:name": variant.model,
        "mlm:total_parameters": trained.parameters,
        "mlm:batch_size_suggestion": 16,
        "mlm:hyperparameters": {
            name: getattr(variant, name) for name in ("epochs", "batch_size", "learning_rate", "class_weights", "seed")
        },
    }
    # Who trained it is not known here; who made the network and the data stands in the card and the links.
    del properties["providers"]
    item["id"] = f"{variant.model}-{trained.version}"
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


def write_package(folder: Path, trained: Trained, train: Chips, validation: Chips) -> None:
    """Writes a package into a folder, which is made, but for its card.

    Its `reference.json` gets a profile of the bands and of the predictions for the validation data, and `sample.json` their
    first chip, both by Swath's own commands.
    """
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(trained.onnx)
    write_json(folder / "item.json", item_of(trained))
    # A package is read as a whole, so something has to stand here until the profile takes its place.
    counts = Counter(train.labels.tolist())
    write_json(
        folder / "reference.json",
        {
            "description": "What the model predicts for its validation data, and what their bands are like.",
            "classes": {name: counts[value] for value, name in enumerate(SOURCE.classes)},
        },
    )
    swath("model", "profile", folder, "--data", *dict.fromkeys(place.file for place in validation.places))
    sample = folder.parent / "sample-input.json"
    write_json(sample, input_of(validation))
    swath("model", "sample", folder, sample, "--write")
    sample.unlink()


def input_of(chips: Chips) -> dict[str, Any]:
    """The first of some chips, all of its bands, as an input of a request: docs/requests.md."""
    file, number = chips.places[0]
    record = Record(next(islice(read_records(file), number, None)), f"{file}: record {number}")
    size = SOURCE.height * SOURCE.width
    return {"bands": {band: b64encode(record.bytes_of(band, size)).decode() for band in SOURCE.bands}}


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Writes an object, indented."""
    path.write_text(f"{json.dumps(value, indent=2, ensure_ascii=False)}\n")
