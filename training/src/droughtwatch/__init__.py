"""Trains the drought system's models with Keras, and makes model packages of them that Swath serves."""

import os

# Keras looks for its backend when it is first imported. JAX is the smallest that trains on a processor.
os.environ["KERAS_BACKEND"] = "jax"
# A GPU would round what it multiplies to 10 bits, and then Swath would not say what Keras says. On a processor this changes nothing.
os.environ.setdefault("JAX_DEFAULT_MATMUL_PRECISION", "highest")
