"""The original system's network: five convolutions, a dense layer, and a softmax."""

import keras
from keras import layers

from droughtwatch.source import SOURCE
from droughtwatch.variants import Network


def make_network(inputs: int, sizes: Network, learning_rate: float) -> keras.Model:
    """A network of new weights, by the seed that was set last, ready to be trained.

    The layers are those of SergeiOssokine/droughtwatch_capstone, training/airflow/includes/train.py (MIT licence), and of the
    graph of models/droughtwatch-baseline.
    """
    first, second, third, fourth, fifth = sizes.filters
    network = keras.Sequential(
        [
            keras.Input((SOURCE.height, SOURCE.width, inputs), name="input"),
            layers.Conv2D(first, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(second, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(third, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(fourth, (3, 3), activation="relu"),
            layers.Conv2D(fifth, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Dropout(sizes.dropout),
            layers.Flatten(),
            layers.Dense(sizes.dense, activation="relu"),
            layers.Dropout(sizes.dropout),
            layers.Dense(len(SOURCE.classes), activation="softmax", name="probabilities"),
        ]
    )
    network.compile(
        loss="categorical_crossentropy",
        optimizer=keras.optimizers.Adam(learning_rate=learning_rate),
        metrics=["accuracy"],
    )
    return network
