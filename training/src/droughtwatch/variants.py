"""What is trained, and how: a TOML file in variants/ for each."""

import re
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from droughtwatch.errors import WrongUse
from droughtwatch.expression import Expression
from droughtwatch.paths import VARIANTS
from droughtwatch.source import SOURCE

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]*$")]
CLASSES = len(SOURCE.classes)


class Derived(BaseModel):
    """A band that is computed from bands of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Name
    expression: Annotated[str, Field(max_length=1000)]

    @cached_property
    def compute(self) -> Expression:
        """The expression, read. Raises WrongUse where it is none over the file's bands."""
        return Expression(self.expression, SOURCE.bands)


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


def variant_names() -> list[str]:
    """Those that there are."""
    return sorted(path.stem for path in VARIANTS.glob("*.toml"))


def load_variant(name: str) -> Variant:
    """Reads variants/NAME.toml.

    Raises WrongUse where there is none, or where it says something that is not allowed.
    """
    path = VARIANTS / f"{name}.toml"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not path.is_file():
        raise WrongUse(f"--variant: found {name!r}, allowed are {', '.join(variant_names())}")
    return read_variant(path)


def read_variant(path: Path) -> Variant:
    """Reads a variant's file; its name is the file's.

    Raises WrongUse that says where something is not allowed.
    """
    try:
        variant = Variant.model_validate({**tomllib.loads(path.read_text()), "name": path.stem})
        for band in variant.source_bands:
            if band not in SOURCE.bands:
                raise WrongUse(f"inputs: found {band!r}, allowed are {', '.join(SOURCE.bands)}")
    except tomllib.TOMLDecodeError as error:
        raise WrongUse(f"{path.name}: is no TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise WrongUse(f"{path.name}: {where}: found {first['input']!r}, allowed is: {first['msg']}") from None
    except WrongUse as error:
        raise WrongUse(f"{path.name}: {error}") from None
    return variant
