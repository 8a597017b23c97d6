"""Makes regression.vectors.json, the answers that the tests of regression compare with.

    python vectors.py    (needs numpy, scipy)

Bins: numpy.histogram. Means and variances: Python's fractions, so that they are right to the last bit. Wasserstein distances:
scipy. Nothing is random.
"""

import json
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path

import numpy as np
from scipy.stats import wasserstein_distance

EDGES = [-10.0, 0.0, 2.5, 5.0, 20.0, 100.0]
REFERENCE = [3, 40, 80, 60, 15, 2, 0]

VALUES = {
    "inside all bins": [-5.0, 1.0, 2.0, 3.0, 7.0, 50.0],
    "on the edges": EDGES,
    "outside": [-1e6, -10.000001, 100.000001, 1e6],
    "one value": [2.25],
    "a large mean, a small variance": [1e9 + x for x in (4.0, 7.0, 13.0, 16.0)],
    "a slow wave": [round(30 * np.sin(i / 7) + 10, 6) for i in range(500)],
}

COUNTS = {
    "the reference itself": REFERENCE,
    "all in one bin": [0, 0, 9, 0, 0, 0, 0],
    "all below": [5, 0, 0, 0, 0, 0, 0],
    "all above": [0, 0, 0, 0, 0, 0, 7],
    "each bin once": [1] * 7,
    "one bin further": [0] + REFERENCE[:-1],
}


def bins_of(values):
    inner, _ = np.histogram(values, bins=EDGES)
    below, above = sum(v < EDGES[0] for v in values), sum(v > EDGES[-1] for v in values)
    return [int(below), *inner.tolist(), int(above)]


def moments(values):
    exact = [Fraction(v) for v in values]
    mean = sum(exact) / len(exact)
    return float(mean), float(sum((v - mean) ** 2 for v in exact) / len(exact))


positions = [EDGES[0], *((a + b) / 2 for a, b in zip(EDGES, EDGES[1:])), EDGES[-1]]
vectors = {
    "made by": {name: version(name) for name in ("numpy", "scipy")},
    "edges": EDGES,
    "reference": REFERENCE,
    "values": [
        {"name": name, "values": values, "counts": bins_of(values), "mean": m, "variance": v}
        for name, values in VALUES.items()
        for m, v in [moments(values)]
    ],
    "distances": [
        {"name": name, "counts": counts, "distance": float(wasserstein_distance(positions, positions, counts, REFERENCE))}
        for name, counts in COUNTS.items()
    ],
}
Path(__file__).with_name("regression.vectors.json").write_text(json.dumps(vectors, indent=1) + "\n")
