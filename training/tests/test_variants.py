"""The variants are those of the original system, and a file that says something else than is allowed is refused."""

from pathlib import Path

import pytest

from droughtwatch.errors import WrongUse
from droughtwatch.variants import Variant, load_variant, read_variant, variant_names

NDVI = ("NDVI", "(B5 - B4) / (B4 + B5 + 0.0000255)")
NDMI = ("NDMI", "(B5 - B6) / (B5 + B6 + 0.0000255)")


def inputs_of(variant: Variant) -> list[str | tuple[str, str]]:
    return [one if isinstance(one, str) else (one.name, one.expression) for one in variant.inputs]


def test_there_are_four() -> None:
    assert variant_names() == ["baseline", "nd", "ndvi", "useful"]


@pytest.mark.parametrize(
    ("name", "inputs", "epochs", "source", "schedule"),
    [
        ("baseline", ["B2", "B3", "B4", "B5"], 2, ("B2", "B3", "B4", "B5"), "0 0 * * *"),
        ("useful", ["B2", "B3", "B4", "B5"], 100, ("B2", "B3", "B4", "B5"), None),
        ("ndvi", [NDVI], 2, ("B5", "B4"), None),
        ("nd", [NDVI, NDMI], 2, ("B5", "B4", "B6"), None),
    ],
)
def test_each_is_as_the_original_had_it(
    name: str, inputs: list[object], epochs: int, source: tuple[str, ...], schedule: str | None
) -> None:
    variant = load_variant(name)
    assert inputs_of(variant) == inputs
    assert (variant.epochs, variant.source_bands, variant.schedule) == (epochs, source, schedule)
    assert (variant.batch_size, variant.learning_rate, variant.class_weights) == (64, 0.0005, [1, 4, 4, 6])


def test_one_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(WrongUse, match=r"--variant: found '\.\./data', allowed are baseline, nd, ndvi, useful"):
        load_variant("../data")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("epochs = 0", "epochs: found 0, allowed is: Input should be greater than or equal to 1"),
        ("epochs = '2'", "epochs: found '2'"),
        ("class_weights = [1, 4]", r"class_weights: found \[1, 4\]"),
        ("inputs = ['B12']", "inputs: found 'B12', allowed are B1, B2"),
        ("inputs = [{ name = 'X', expression = 'B4.real' }]", r"expression: found 'B4\.real'"),
        ("inputs = []", r"inputs: found \[\]"),
        ("optimiser = 'sgd'", "optimiser: found 'sgd', allowed is: Extra inputs are not permitted"),
        ("schedule = 'daily'", "schedule: found 'daily'"),
        ("seed = -1", "seed: found -1"),
        ("epochs = ", "is no TOML"),
    ],
)
def test_what_is_not_allowed_is_refused_with_its_place(tmp_path: Path, line: str, says: str) -> None:
    lines = {
        "description": "description = 'one'",
        "inputs": "inputs = ['B2']",
        "epochs": "epochs = 1",
        "batch_size": "batch_size = 8",
        "learning_rate": "learning_rate = 0.001",
        "class_weights": "class_weights = [1, 1, 1, 1]",
        "seed": "seed = 1",
    }
    path = tmp_path / "mine.toml"
    path.write_text("\n".join(lines.values()))
    assert read_variant(path).name == "mine"
    path.write_text("\n".join({**lines, line.split(" ")[0]: line}.values()))
    with pytest.raises(WrongUse, match=rf"^mine\.toml: {says}"):
        read_variant(path)
