"""The original system's network: five convolutions, a dense layer of 50, and a softmax."""

import keras
from keras import layers

from droughtwatch.source import SOURCE


def make_network(inputs: int, learning_rate: float) -> keras.Model:
    """A network of new weights, by the seed that was set last, ready to be trained.

    The layers are those of SergeiOssokine/droughtwatch_capstone, training/airflow/includes/train.py (MIT licence), and of the
    graph of models/droughtwatch-baseline.
    """
    network = keras.Sequential(
        [
            keras.Input((SOURCE.height, SOURCE.width, inputs), name="input"),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(128, (3, 3), activation="relu"),
            layers.Conv2D(128, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Dropout(0.2),
            layers.Flatten(),
            layers.Dense(50, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(len(SOURCE.classes), activation="softmax", name="probabilities"),
        ]
    )
    network.compile(
        loss="categorical_crossentropy",
        optimizer=keras.optimizers.Adam(learning_rate=learning_rate),
        metrics=["accuracy"],
    )
    return network
