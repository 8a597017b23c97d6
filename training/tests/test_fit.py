"""The same seed gives the same weights, and another one gives others."""

import keras
import numpy as np
import pytest
from conftest import SHARD

from droughtwatch.chips import Chips, read_chips
from droughtwatch.errors import Failed
from droughtwatch.fit import Batches, Curve, fit
from droughtwatch.network import make_network
from droughtwatch.tensors import tensor_of
from droughtwatch.variants import Network, Variant, load_variant


@pytest.fixture(scope="module")
def chips() -> Chips:
    return read_chips([SHARD], ["B5", "B4"])


def first_of(chips: Chips, count: int) -> Chips:
    planes = {band: plane[:count] for band, plane in chips.planes.items()}
    return Chips(planes, chips.labels[:count], chips.places[:count])


def trained(chips: Chips, seed: int) -> tuple[list[bytes], list[Curve]]:
    """The weights and the curve of two epochs of two full batches: JAX compiles a network for each size."""
    variant = load_variant("ndvi", [f"seed={seed}", "batch_size=32", "network.filters=[16, 16, 16, 16, 16]"])
    some = first_of(chips, 64)
    curve: list[Curve] = []
    network = fit(variant, some, some, lambda _, of_epoch: curve.append(of_epoch))
    return [weights.tobytes() for weights in network.get_weights()], curve


def test_a_training_is_decided_by_its_seed(chips: Chips) -> None:
    weights, curve = trained(chips, seed=23)
    assert trained(chips, seed=23) == (weights, curve)
    assert [sorted(of_epoch) for of_epoch in curve] == [["accuracy", "loss", "val_accuracy", "val_loss"]] * 2
    assert curve[1]["loss"] < curve[0]["loss"]


def test_a_training_that_diverges_ends_with_its_first_such_epoch(chips: Chips) -> None:
    variant = load_variant("ndvi", ["learning_rate=1e30", "batch_size=32", "network.filters=[16, 16, 16, 16, 16]"])
    some = first_of(chips, 64)
    with pytest.raises(Failed, match=r"the loss is nan after epoch 1: the training diverges\. Try a smaller learning_rate"):
        fit(variant, some, some, lambda _, __: None)


def test_another_seed_begins_with_other_weights_and_another_order(chips: Chips) -> None:
    def begun(seed: int) -> tuple[list[bytes], list[bytes]]:
        keras.utils.set_random_seed(seed)
        batches = Batches(chips, load_variant("ndvi").model_copy(update={"seed": seed}), is_shuffled=True)
        return [weights.tobytes() for weights in make_network(1, Network(), 0.1).get_weights()], [batches[0][0].tobytes()]

    assert begun(23) == begun(23)
    (weights, order), (other_weights, other_order) = begun(23), begun(24)
    assert weights != other_weights
    assert order != other_order


def test_each_epoch_has_each_chip_once_in_another_order(chips: Chips) -> None:
    variant: Variant = load_variant("ndvi")
    batches = Batches(chips, variant, is_shuffled=True)
    epochs = []
    for _ in range(2):
        made = [batches[batch] for batch in range(len(batches))]
        assert [len(labels) for _, labels in made] == [64, 15]
        epochs.append(np.concatenate([images for images, _ in made]))
        batches.on_epoch_end()
    whole = tensor_of(variant.inputs, chips.planes)
    assert not np.array_equal(epochs[0], epochs[1])
    for epoch in epochs:
        assert sorted(image.tobytes() for image in epoch) == sorted(image.tobytes() for image in whole)


def test_labels_stay_with_their_chips(chips: Chips) -> None:
    batches = Batches(chips, load_variant("ndvi"), is_shuffled=True)
    label_of = {
        image.tobytes(): label for image, label in zip(tensor_of(load_variant("ndvi").inputs, chips.planes), chips.labels, strict=True)
    }
    images, labels = batches[0]
    assert [label_of[image.tobytes()] for image in images] == labels.argmax(axis=1).tolist()
    assert (labels.sum(axis=1) == 1).all()
