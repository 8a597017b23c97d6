"""Makes labels.vectors.json, the answers that the tests of how right several labels are compare with.

    python vectors.py    (needs scikit-learn, statsmodels)

Subset accuracy, Hamming loss, precision, recall and F1: scikit-learn, NaN (here null) where that divides by 0, and left out of means. Intervals:
statsmodels. Seeded.
"""

import json
import math
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, hamming_loss, precision_recall_fscore_support
from statsmodels.stats.proportion import proportion_confint


def drawn(seed, labels, chips, common, right):
    """Chips that have each label that often, each of whose predictions is right that often."""
    random = np.random.default_rng(seed)
    truth = (random.random((chips, labels)) < common).astype(int)
    return truth, np.where(random.random(truth.shape) < right, truth, 1 - truth)


def never(seed):
    """A label that no chip has, one that none was given, and one of neither."""
    truth, predicted = drawn(seed, 5, 40, 0.5, 0.8)
    truth[:, 0], predicted[:, 1], truth[:, 2], predicted[:, 2] = 0, 0, 0, 0
    return truth, predicted


CASES = {
    "one chip, right": (np.array([[1, 0, 1]]), np.array([[1, 0, 1]])),
    "one chip, wrong": (np.array([[1, 0, 0]]), np.array([[0, 1, 0]])),
    "no chip has a label, and none was given any": (np.zeros((4, 2), int), np.zeros((4, 2), int)),
    "labels that never come": never(1),
    "three labels, 100 chips": drawn(2, 3, 100, 0.4, 0.9),
    "twenty labels, 500 chips": drawn(3, 20, 500, 0.1, 0.98),
}


def numbers(values):
    return [None if math.isnan(value) else float(value) for value in values]


def case(name, truth, predicted):
    options = {"zero_division": np.nan}
    precision, recall, f1, _ = precision_recall_fscore_support(truth, predicted, average=None, **options)
    exact = int((truth == predicted).all(axis=1).sum())
    return {
        "name": name,
        "labels": truth.shape[1],
        "truth": [np.flatnonzero(row).tolist() for row in truth],
        "predicted": [np.flatnonzero(row).tolist() for row in predicted],
        "subsetAccuracy": float(accuracy_score(truth, predicted)),
        "interval": [float(end) for end in proportion_confint(exact, len(truth), alpha=0.05, method="wilson")],
        "hammingLoss": float(hamming_loss(truth, predicted)),
        "microF1": numbers([f1_score(truth, predicted, average="micro", **options)])[0],
        "macroF1": numbers([f1_score(truth, predicted, average="macro", **options)])[0],
        "precision": numbers(precision),
        "recall": numbers(recall),
        "f1": numbers(f1),
    }


answers = {
    "made by": {name: version(name) for name in ("scikit-learn", "statsmodels", "numpy")},
    "cases": [case(name, *of) for name, of in CASES.items()],
}
Path(__file__).with_name("labels.vectors.json").write_text(json.dumps(answers) + "\n")
