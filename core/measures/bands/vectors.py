"""Makes bands.vectors.json, the answers that the tests of the measure `bands` compare with.

    python vectors.py    (needs numpy, scipy)

Distances: scipy, of bins and of positions. Quantiles of chi-square: scipy. The spread of chips: numpy's covariance matrix
and eigenvalues, where the code takes traces. Means and variances: Python's fractions, so that they are right to the last bit.
Nothing is random.
"""

import json
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path

import numpy as np
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2, norm, wasserstein_distance

EDGES = [3.0, 20.0, 35.5, 60.0, 110.0, 255.0]
REFERENCE = [410, 395, 402, 398, 395]
CHIPS, MEAN, DEVIATION, BETWEEN = 80, 48.25, 30.5, 21.75
PER_CHIP, DEGREES, ALPHA = 4.75, 3.25, 0.01

# below, bins, above
WINDOWS = {
    "as the profile": [0, *REFERENCE, 0],
    "a tenth of it": [0, 41, 39, 40, 40, 40, 0],
    "one bin further": [0, 0, 410, 395, 402, 398, 395],
    "all below": [640, 0, 0, 0, 0, 0, 0],
    "all above": [0, 0, 0, 0, 0, 0, 64],
    "some outside on both sides": [30, 400, 390, 410, 380, 400, 70],
    "one value": [0, 0, 1, 0, 0, 0, 0],
    "empty bins": [0, 500, 0, 700, 0, 800, 0],
}

VALUES = {
    "bytes": [[3, 3, 20, 200], [255, 0, 0, 1], [77, 78, 79, 80]],
    "a large mean, a small variance": [[60_000, 60_001, 60_002, 60_003], [60_001, 60_001, 60_001, 60_002]],
    "one chip": [[9, 9, 9, 10]],
}


def judged(counts):
    below, *inner, above = counts
    inner[0] += below
    inner[-1] += above
    return inner


def window(name, counts, chips):
    positions = [EDGES[0], *((a + b) / 2 for a, b in zip(EDGES, EDGES[1:])), EDGES[-1]]
    reference = [0, *REFERENCE, 0]
    eigenvalue_sum = (len(REFERENCE) - 1) / PER_CHIP
    quantile = eigenvalue_sum / DEGREES * chi2.isf(ALPHA, DEGREES)
    return {
        "name": name,
        "counts": counts,
        "chips": chips,
        "jensenShannon": float(jensenshannon(judged(counts), REFERENCE)),
        "wasserstein": float(wasserstein_distance(positions, positions, counts, reference)) / DEVIATION,
        "noiseFloor": float(np.sqrt(quantile / 8 * (1 / chips + 1 / CHIPS))),
        # The chips of a window are taken to vary at least as much as the profile's: of a few of them, the variance may miss a tail.
        "meanShiftNoise": float(norm.isf(ALPHA / 2) * np.sqrt(max(9.5, BETWEEN) ** 2 / chips + BETWEEN**2 / CHIPS) / DEVIATION),
    }


def spread(shares):
    shares = np.array(shares)
    p = shares.mean(axis=0)
    eigenvalues = np.linalg.eigvals(np.diag(1 / p) @ np.cov(shares, rowvar=False)).real
    return {
        "shares": shares.tolist(),
        "valuesPerChip": float((len(p) - 1) / eigenvalues.sum()),
        "degreesOfFreedom": float(eigenvalues.sum() ** 2 / (eigenvalues**2).sum()),
    }


def exact(values):
    exactly = [Fraction(v) for v in values]
    mean = sum(exactly) / len(exactly)
    return mean, sum((v - mean) ** 2 for v in exactly)


def moments(name, chips):
    mean, squares = exact([v for chip in chips for v in chip])
    chip_mean, chip_squares = exact([exact(chip)[0] for chip in chips])
    numbers = {"mean": mean, "squares": squares, "chipMean": chip_mean, "chipSquares": chip_squares}
    return {"name": name, "chips": chips, **{key: float(value) for key, value in numbers.items()}}


vectors = {
    "made by": {name: version(name) for name in ("numpy", "scipy")},
    "alpha": ALPHA,
    "profile": {
        **{"chips": CHIPS, "edges": EDGES, "counts": REFERENCE, "mean": MEAN, "deviation": DEVIATION},
        **{"betweenChips": BETWEEN, "valuesPerChip": PER_CHIP, "degreesOfFreedom": DEGREES},
    },
    "betweenChipsOfWindows": 9.5,
    "windows": [window(name, counts, 10 * (i + 1)) for i, (name, counts) in enumerate(WINDOWS.items())],
    "spreads": [
        spread([[0.5, 0.25, 0.25], [0.75, 0.125, 0.125], [0.25, 0.5, 0.25], [0.625, 0.125, 0.25]]),
        spread([[1, 0], [0, 1], [1, 0], [1, 0], [0, 1]]),
        spread([[np.sin(i) ** 2 / 2, np.cos(i) ** 2 / 2, 0.25 + i / 100, 0.25 - i / 100] for i in range(12)]),
    ],
    "moments": [moments(name, chips) for name, chips in VALUES.items()],
}
Path(__file__).with_name("bands.vectors.json").write_text(json.dumps(vectors, indent=1) + "\n")
