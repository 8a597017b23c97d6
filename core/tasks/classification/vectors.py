"""Makes accuracy.vectors.json, the answers that the tests of classification's accuracy compare with.

    python vectors.py    (needs scikit-learn, statsmodels)

Confusion, precision and recall: scikit-learn, NaN (here null) where that divides by 0. Intervals: statsmodels. Seeded.
"""

import json
import math
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support
from statsmodels.stats.proportion import proportion_confint


def drawn(seed, classes, chips, right):
    """Chips of classes that are not equally frequent, of which about so many are predicted right."""
    random = np.random.default_rng(seed)
    weights = np.arange(1, classes + 1) / sum(range(1, classes + 1))
    truth = random.choice(classes, chips, p=weights)
    other = random.integers(0, classes, chips)
    return truth.tolist(), np.where(random.random(chips) < right, truth, other).tolist()


CASES = {
    "one chip, right": (2, [1], [1]),
    "one chip, wrong": (2, [1], [0]),
    "all of one class, which is never predicted": (3, [0] * 12, [2] * 12),
    "a class that is never true, and one that is never predicted": (4, [0, 0, 1, 3, 3, 0], [0, 2, 2, 0, 2, 0]),
    "all right": (4, [0, 1, 2, 3] * 5, [0, 1, 2, 3] * 5),
    "four classes, 300 chips": (4, *drawn(1, 4, 300, 0.6)),
    "ten classes, 1000 chips": (10, *drawn(2, 10, 1000, 0.9)),
    "sixty-four classes, 500 chips": (64, *drawn(3, 64, 500, 0.4)),
}


def case(name, classes, truth, predicted):
    labels = list(range(classes))
    right = sum(t == p for t, p in zip(truth, predicted))
    precision, recall, _, support = precision_recall_fscore_support(
        truth, predicted, labels=labels, zero_division=np.nan
    )
    numbers = lambda values: [None if math.isnan(v) else float(v) for v in values]
    return {
        "name": name,
        "classes": classes,
        "truth": truth,
        "predicted": predicted,
        "accuracy": float(accuracy_score(truth, predicted)),
        "interval": [float(end) for end in proportion_confint(right, len(truth), alpha=0.05, method="wilson")],
        "confusion": confusion_matrix(truth, predicted, labels=labels).tolist(),
        "precision": numbers(precision),
        "recall": numbers(recall),
        "support": support.tolist(),
    }


WILSON = [(0, 1), (1, 1), (0, 20), (20, 20), (1, 29), (8, 10), (81, 263), (494, 500), (1842, 2000), (999_999, 1_000_000)]
vectors = {
    "made by": {name: version(name) for name in ("scikit-learn", "statsmodels", "numpy")},
    "cases": [case(name, *given) for name, given in CASES.items()],
    "intervals": [
        {"right": right, "n": n, "interval": [float(end) for end in proportion_confint(right, n, method="wilson")]}
        for right, n in WILSON
    ],
}
Path(__file__).with_name("accuracy.vectors.json").write_text(json.dumps(vectors) + "\n")
