"""Makes errors.vectors.json, the answers that the tests of a regression's errors compare with.

    python errorVectors.py    (needs scikit-learn, statsmodels)

Errors and R²: scikit-learn. The interval of the bias: statsmodels, by the normal distribution; none of one chip. Seeded.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from statsmodels.stats.weightstats import DescrStatsW

random = np.random.default_rng(7)
truth = random.normal(20, 6, 400)

CASES = {
    "one chip": ([3.5], [3.0]),
    "two chips": ([1.0, 4.0], [2.0, 2.0]),
    "all right": ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]),
    "all truths the same, right": ([5.0, 5.0], [5.0, 5.0]),
    "all truths the same, wrong": ([5.0, 5.0], [5.0, 6.0]),
    "worse than the mean": ([0.0, 10.0, 20.0], [20.0, 0.0, 5.0]),
    "a bias": (truth.tolist(), (truth + 1.5 + random.normal(0, 2, 400)).tolist()),
    "large numbers, small errors": ((1e9 + truth).tolist(), (1e9 + truth + random.normal(0, 0.01, 400)).tolist()),
}


def case(name, true, predicted):
    errors = np.subtract(predicted, true)
    return {
        "name": name,
        "truth": true,
        "predicted": predicted,
        "meanAbsoluteError": float(mean_absolute_error(true, predicted)),
        "rootMeanSquareError": float(root_mean_squared_error(true, predicted)),
        "bias": float(errors.mean()),
        "biasInterval": None if len(true) < 2 else [float(end) for end in DescrStatsW(errors).zconfint_mean()],
        "r2": None if len(true) < 2 else float(r2_score(true, predicted)),
    }


vectors = {
    "made by": {name: version(name) for name in ("scikit-learn", "statsmodels", "numpy")},
    "cases": [case(name, *given) for name, given in CASES.items()],
}
Path(__file__).with_name("errors.vectors.json").write_text(json.dumps(vectors) + "\n")
