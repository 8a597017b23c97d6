"""Trains the drought system's models with Keras, and makes model packages of them that Swath serves."""

import os

# Keras looks for its backend when it is first imported. JAX is the smallest that trains on a processor.
os.environ["KERAS_BACKEND"] = "jax"
