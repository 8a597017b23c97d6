"""What Keras is trained on is what Swath gives to the model, bit for bit: of raw bands and of derived ones."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from conftest import SHARD
from witness import write_witness

from droughtwatch.chips import read_chips
from droughtwatch.evaluation import classified
from droughtwatch.package import Trained
from droughtwatch.tensors import tensor_of
from droughtwatch.variants import load_variant


@pytest.mark.parametrize("name", ["baseline", "nd"])
def test_the_tensors_of_training_and_serving_are_equal(name: str, tmp_path: Path) -> None:
    variant = load_variant(name)
    chips = read_chips([SHARD], variant.source_bands)
    tensors = tensor_of(variant.inputs, chips.planes)
    assert tensors.shape == (79, 65, 65, len(variant.inputs))
    # The same with one pixel of each chip next to what it is: a witness that took these for equal would name them, as they come first.
    almost = tensors.copy()
    almost[:, 32, 32, -1] = np.nextafter(almost[:, 32, 32, -1], np.float32(2))
    trained = Trained(variant, "witness", b"", 0, "1.0.0", datetime.now(UTC), "cpu", "")
    write_witness(tmp_path / "witness", trained, np.concatenate([almost, tensors]))

    rows = classified(tmp_path / "witness", [SHARD])
    assert [row["index"] for row in rows] == [place.record for place in chips.places]
    assert [row["label"] for row in rows] == list(range(79, 158))
