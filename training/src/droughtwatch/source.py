"""The records that all variants are trained on, as the bundled package's item.json describes them, so that nothing is written twice."""

import json
from dataclasses import dataclass
from typing import Any

from droughtwatch.paths import BUNDLED


@dataclass(frozen=True)
class Source:
    """What a record holds, and which records count."""

    bands: tuple[str, ...]
    height: int
    width: int
    truth: str
    """The feature with the label: a class's place."""
    classes: tuple[str, ...]
    blank_max: int
    """A record none of whose values is above it is blank, and is neither trained on nor classified."""


def bundled_item() -> dict[str, Any]:
    """The item of models/droughtwatch-baseline."""
    item: dict[str, Any] = json.loads((BUNDLED / "item.json").read_text())
    return item


def read_source() -> Source:
    """What the bundled package says of its scene files."""
    properties = bundled_item()["properties"]
    (input_,) = properties["mlm:input"]
    (output,) = properties["mlm:output"]
    _, height, width, _ = input_["input"]["shape"]
    return Source(
        bands=tuple(band["name"] for band in properties["bands"]),
        height=height,
        width=width,
        truth=properties["swath:truth"],
        classes=tuple(one["name"] for one in output["classification:classes"]),
        blank_max=properties["swath:blank_max"],
    )


SOURCE = read_source()
