"""Training: the same seed, data and versions give the same weights, bit for bit, on one machine."""

import math
from collections.abc import Callable

import jax
import keras
import numpy as np
from numpy.typing import NDArray

from droughtwatch.chips import Chips
from droughtwatch.errors import Failed
from droughtwatch.network import make_network
from droughtwatch.source import SOURCE
from droughtwatch.tensors import tensor_of
from droughtwatch.variants import Variant

Curve = dict[str, float]
"""Of an epoch: loss, accuracy, val_loss and val_accuracy."""


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Chips as the network takes them. Their numbers are made batch by batch: those of all chips would be gigabytes."""

    def __init__(self, chips: Chips, variant: Variant, *, is_shuffled: bool) -> None:
        """With `is_shuffled`, each epoch has another order, by the variant's seed."""
        super().__init__(workers=1, use_multiprocessing=False)
        self._chips = chips
        self._variant = variant
        self._random = np.random.default_rng(variant.seed) if is_shuffled else None
        self._order = np.arange(len(chips))
        self.on_epoch_end()

    def __len__(self) -> int:
        return math.ceil(len(self._chips) / self._variant.batch_size)

    def __getitem__(self, batch: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        size = self._variant.batch_size
        rows = self._order[batch * size : (batch + 1) * size]
        planes = {band: plane[rows] for band, plane in self._chips.planes.items()}
        labels = np.eye(len(SOURCE.classes), dtype=np.float32)[self._chips.labels[rows]]
        return tensor_of(self._variant.inputs, planes), labels

    def on_epoch_end(self) -> None:
        """Draws the next epoch's order."""
        if self._random is not None:
            self._order = self._random.permutation(len(self._chips))


def fit(variant: Variant, train: Chips, held_out: Chips, tell: Callable[[int, Curve], None]) -> keras.Model:
    """Trains a network from new weights; `tell` hears each epoch's number, from 1 on, and its curve. One that diverges has failed."""

    def end_epoch(epoch: int, curve: Curve) -> None:
        tell(epoch + 1, dict(curve))
        if not math.isfinite(curve["loss"]):
            why = "Try a smaller learning_rate, or inputs that divide by no 0."
            raise Failed(f"the loss is {curve['loss']} after epoch {epoch + 1}: the training diverges. {why}")

    keras.utils.set_random_seed(variant.seed)
    network = make_network(len(variant.inputs), variant.network, variant.learning_rate)
    network.fit(
        Batches(train, variant, is_shuffled=True),
        validation_data=Batches(held_out, variant, is_shuffled=False),
        epochs=variant.epochs,
        class_weight=dict(enumerate(variant.class_weights)),
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=end_epoch)],
        verbose=0,
        shuffle=False,  # the batches are in an order of their own
    )
    return network


def predict(network: keras.Model, variant: Variant, chips: Chips) -> NDArray[np.float32]:
    """What Keras says of chips: a probability for each class, [chips, classes]."""
    probabilities: NDArray[np.float32] = network.predict(Batches(chips, variant, is_shuffled=False), verbose=0)
    return probabilities


def device() -> str:
    """What JAX has found to train on, and trains on: `cpu`, or such as `gpu: NVIDIA L4`."""
    found = jax.devices()[0]
    return found.platform if found.platform == found.device_kind else f"{found.platform}: {found.device_kind}"
