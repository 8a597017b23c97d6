"""What is trained, and how: a TOML file in variants/ for each, which may extend another one, and changes by the command line."""

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from droughtwatch.errors import WrongUse
from droughtwatch.expression import Expression
from droughtwatch.paths import VARIANTS
from droughtwatch.source import SOURCE

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]*$")]
CLASSES = len(SOURCE.classes)
CONVOLUTIONS = 5


class Derived(BaseModel):
    """A band that is computed from bands of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Name
    expression: Annotated[str, Field(max_length=1000)]

    @cached_property
    def compute(self) -> Expression:
        """The expression, read. Raises WrongUse where it is none over the file's bands."""
        return Expression(self.expression, SOURCE.bands)


class Network(BaseModel):
    """The sizes of the network's layers; the original's, if a variant does not state them."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    filters: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=CONVOLUTIONS, max_length=CONVOLUTIONS)] = [32, 32, 64, 128, 128]
    """Of each convolution."""
    dense: Annotated[int, Field(ge=1)] = 50
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.2


class Variant(BaseModel):
    """A model's inputs and hyperparameters."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=40)]
    description: Annotated[str, Field(min_length=1)]
    inputs: Annotated[list[Name | Derived], Field(min_length=1)]
    """Bands of the file by their names, each divided by 255, and bands that are derived of them."""
    epochs: Annotated[int, Field(ge=1)]
    batch_size: Annotated[int, Field(ge=1)]
    learning_rate: Annotated[float, Field(gt=0)]
    class_weights: Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=CLASSES, max_length=CLASSES)]
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    network: Network = Network()
    schedule: Annotated[str, Field(pattern=r"^\S+( \S+){4}$")] | None = None
    """When a runner is to train it by itself, as cron has it, in UTC."""

    @property
    def model(self) -> str:
        """The name of the model, which its packages and its registered versions have."""
        return f"droughtwatch-{self.name}"

    @property
    def source_bands(self) -> tuple[str, ...]:
        """The file's bands that the inputs are made of."""
        names = [name for one in self.inputs for name in ([one] if isinstance(one, str) else one.compute.bands)]
        return tuple(dict.fromkeys(names))

    @property
    def settings(self) -> dict[str, Any]:
        """All that it says, whichever file or option says so, by keys as `--set` has them."""
        return flat(self.model_dump(exclude={"name"}, exclude_none=True))

    @property
    def as_toml(self) -> str:
        """The same as the file of a variant that extends none."""
        return "".join(f"{key} = {toml_of(value)}\n" for key, value in self.settings.items())


KEYS = [
    key
    for name in Variant.model_fields
    if name != "name"
    for key in ([f"network.{of}" for of in Network.model_fields] if name == "network" else [name])
]
EXTENDS = "extends"
OWN = ("description", "schedule")
"""What a variant says of itself alone, and not of those that extend it: one that is trained daily has no daily copies."""


@dataclass(frozen=True)
class Layer:
    """Settings by their keys, and where they are from."""

    where: str
    settings: dict[str, Any]

    def __post_init__(self) -> None:
        for key in self.settings:
            if key not in KEYS:
                raise WrongUse(f"{self.where}: found the key {key!r}, allowed are {', '.join(KEYS)}")


def variant_names() -> list[str]:
    """Those that there are."""
    return sorted(path.stem for path in VARIANTS.glob("*.toml"))


def load_variant(name: str, changes: Sequence[str] = ()) -> Variant:
    """Reads variants/NAME.toml, with changes such as `epochs=20` and `network.dense=100`.

    Raises WrongUse where there is none, or where it says something that is not allowed.
    """
    path = VARIANTS / f"{name}.toml"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not path.is_file():
        raise WrongUse(f"--variant: found {name!r}, allowed are {', '.join(variant_names())}")
    return read_variant(path, changes)


def read_variant(path: Path, changes: Sequence[str] = ()) -> Variant:
    """Reads a variant's file, those that it extends, and changes, of which the last one counts. Its name is the file's.

    Raises WrongUse that says where something is not allowed.
    """
    settings: dict[str, Any] = {}
    where: dict[str, str] = {}
    for layer in [*layers_of(path), *map(layer_of, changes)]:
        settings |= layer.settings
        where |= dict.fromkeys(layer.settings, layer.where)
    try:
        variant = Variant.model_validate({**nested(settings), "name": path.stem})
        for band in variant.source_bands:
            if band not in SOURCE.bands:
                raise WrongUse(f"inputs: found {band!r}, allowed are {', '.join(SOURCE.bands)}")
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        stated = next((place for stated, place in where.items() if f"{key}.".startswith(f"{stated}.")), path.name)
        found = "nothing" if first["type"] == "missing" else repr(first["input"])
        raise WrongUse(f"{stated}: {key}: found {found}, allowed is: {first['msg']}") from None
    except WrongUse as error:
        raise WrongUse(f"{where['inputs']}: {error}") from None
    return variant


def layers_of(path: Path, extending: tuple[str, ...] = ()) -> list[Layer]:
    """A variant's file, after those that it extends."""
    try:
        said = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise WrongUse(f"{path.name}: is no TOML: {error}") from None
    base = said.pop(EXTENDS, None)
    own = Layer(path.name, flat(said))
    if base is None:
        return [own]
    extending = (*extending, path.stem)
    allowed = sorted({other.stem for other in path.parent.glob("*.toml")} - {*extending})
    if base not in allowed:
        raise WrongUse(f"{path.name}: {EXTENDS}: found {base!r}, allowed are {', '.join(allowed) or 'no others'}")
    inherited = layers_of(path.with_name(f"{base}.toml"), extending)
    return [*(Layer(one.where, {key: value for key, value in one.settings.items() if key not in OWN}) for one in inherited), own]


def layer_of(change: str) -> Layer:
    """What the command line changes: KEY=VALUE, the value as in TOML, or a text without quotes."""
    where = f"--set {change}"
    key, equals, text = change.partition("=")
    if not equals:
        raise WrongUse(f"{where}: found no '=', allowed is KEY=VALUE, such as epochs=20 or network.dense=100")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    return Layer(where, flat({key.strip(): value}))


def flat(tables: dict[str, Any]) -> dict[str, Any]:
    """Values by dotted keys: `{"network": {"dense": 50}}` becomes `{"network.dense": 50}`."""
    return {
        (f"{key}.{rest}" if rest else key): one
        for key, value in tables.items()
        for rest, one in (flat(value).items() if isinstance(value, dict) and value else [("", value)])
    }


def nested(settings: dict[str, Any]) -> dict[str, Any]:
    """The opposite of `flat`, for keys that have one dot at most, as all have here."""
    tables: dict[str, Any] = {}
    for key, value in settings.items():
        table, _, rest = key.rpartition(".")
        (tables.setdefault(table, {}) if table else tables)[rest] = value
    return tables


def toml_of(value: Any) -> str:  # noqa: ANN401 — any value of a variant
    """A value as TOML writes it. It writes numbers, texts and lists as JSON does, and tables within lists in a way of its own."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {toml_of(one)}' for key, one in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml_of, value))}]"
    return json.dumps(value, ensure_ascii=False)
