"""The variants are those of the original system, and a file that says something else than is allowed is refused."""

import re
from pathlib import Path

import pytest

from droughtwatch.errors import WrongUse
from droughtwatch.paths import VARIANTS
from droughtwatch.variants import Network, Variant, load_variant, read_variant, variant_names

NDVI = ("NDVI", "(B5 - B4) / (B4 + B5 + 0.0000255)")
NDMI = ("NDMI", "(B5 - B6) / (B5 + B6 + 0.0000255)")


def inputs_of(variant: Variant) -> list[str | tuple[str, str]]:
    return [one if isinstance(one, str) else (one.name, one.expression) for one in variant.inputs]


def test_there_are_those_of_the_original_and_a_small_one() -> None:
    assert variant_names() == ["baseline", "nd", "ndvi", "small", "useful"]


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
    with pytest.raises(WrongUse, match=r"--variant: found '\.\./data', allowed are baseline, nd, ndvi, small, useful"):
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
        ("optimiser = 'sgd'", "found the key 'optimiser', allowed are description, inputs, epochs, "),
        ("network.denes = 100", "found the key 'network.denes', allowed are .*network.filters, network.dense, network.dropout, schedule$"),
        ("network.filters = [8]", r"network\.filters: found \[8\]"),
        ("network = 5", "found the key 'network'"),
        ("extends = 'other'", "extends: found 'other', allowed are no others"),
        ("extends = 5", "extends: found 5"),
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


def test_a_variant_extends_another_but_for_its_description_and_schedule(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text((VARIANTS / "baseline.toml").read_text())
    (tmp_path / "b.toml").write_text("extends = 'a'\ndescription = 'b'\nepochs = 3\nnetwork.dense = 7\n")
    (tmp_path / "c.toml").write_text("extends = 'b'\ndescription = 'c'\nseed = 4\n[network]\ndropout = 0.5\n")
    a, c = read_variant(tmp_path / "a.toml"), read_variant(tmp_path / "c.toml")
    assert (c.name, c.description, c.schedule) == ("c", "c", None)
    assert (c.epochs, c.seed, c.inputs, c.network) == (3, 4, a.inputs, Network(dense=7, dropout=0.5))
    (tmp_path / "b.toml").write_text("extends = 'a'\n")
    with pytest.raises(WrongUse, match=r"^b\.toml: description: found nothing, allowed is: Field required"):
        read_variant(tmp_path / "b.toml")
    (tmp_path / "a.toml").write_text("extends = 'c'\n")
    with pytest.raises(WrongUse, match=r"^a\.toml: extends: found 'c', allowed are no others"):
        read_variant(tmp_path / "c.toml")
    (tmp_path / "a.toml").write_text((VARIANTS / "baseline.toml").read_text().replace("epochs = 2", "epochs = 0"))
    (tmp_path / "b.toml").write_text("extends = 'a'\ndescription = 'b'\n")
    with pytest.raises(WrongUse, match=r"^a\.toml: epochs: found 0"):
        read_variant(tmp_path / "b.toml")


def test_the_command_line_changes_a_variant() -> None:
    changes = ["epochs=20", "network.dense=100", "network={dropout = 0.1}", "description=Of two bands", "inputs=['B4', 'B5']", "epochs=30"]
    variant = load_variant("baseline", changes)
    assert (variant.epochs, variant.network, variant.inputs) == (30, Network(dense=100, dropout=0.1), ["B4", "B5"])
    assert (variant.description, variant.model) == ("Of two bands", "droughtwatch-baseline")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("epochs", "found no '=', allowed is KEY=VALUE"),
        ("epoch=20", "found the key 'epoch', allowed are description, inputs, epochs"),
        ("name=other", "found the key 'name'"),
        ("extends=nd", "found the key 'extends'"),
        ("network=100", "found the key 'network'"),
        ("network.dense.size=1", r"found the key 'network\.dense\.size'"),
        ("network.dense=many", r"network\.dense: found 'many'"),
        ("epochs=0", "epochs: found 0, allowed is: Input should be greater than or equal to 1"),
        ("inputs=['B12']", "inputs: found 'B12'"),
    ],
)
def test_a_change_that_is_not_allowed_is_refused(change: str, says: str) -> None:
    with pytest.raises(WrongUse, match=rf"^--set {re.escape(change)}: {says}"):
        load_variant("baseline", ["seed=1", change])


@pytest.mark.parametrize("name", variant_names())
def test_what_is_recorded_is_a_variant_again(name: str, tmp_path: Path) -> None:
    variant = load_variant(name)
    (tmp_path / f"{name}.toml").write_text(variant.as_toml)
    assert read_variant(tmp_path / f"{name}.toml") == variant
