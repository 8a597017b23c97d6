"""Makes conformal.vectors.json, the answers that conformal.test.ts compares with.

    python conformal_vectors.py    (needs mapie, numpy, scikit-learn)

Thresholds and sets are those of MAPIE's SplitConformalClassifier with the score LAC, of a classifier whose probabilities are given.
Chips are drawn by numpy's generator, seeded; some have equal probabilities.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from mapie.classification import SplitConformalClassifier
from sklearn.base import BaseEstimator, ClassifierMixin

random = np.random.default_rng(7)


class Given(ClassifierMixin, BaseEstimator):
    """Its inputs are the probabilities."""

    def __init__(self, classes):
        self.classes = classes
        self.classes_ = np.arange(classes)
        self.is_fitted_ = True

    def fit(self, X, y):
        return self

    def predict_proba(self, X):
        return X

    def predict(self, X):
        return X.argmax(axis=1)

    def __sklearn_is_fitted__(self):
        return True


def case(n, classes, coverage, decimals):
    def drawn(size):
        p = random.dirichlet(np.full(classes, 0.4), size)
        truths = np.array([random.choice(classes, p=row) for row in p])
        if decimals:
            p = np.round(p, decimals)
            p[:, 0] += 1 - p.sum(axis=1)
            p = np.clip(p, 0, 1)
            p /= p.sum(axis=1, keepdims=True)
        return p, truths

    p, truths = drawn(n)
    truths[:classes] = np.arange(classes)
    further, _ = drawn(40)
    model = SplitConformalClassifier(Given(classes), coverage, "lac", prefit=True)
    model.conformalize(p, truths)
    _, sets = model.predict_set(further)
    return {
        "coverage": coverage,
        "ofTruths": p[np.arange(n), truths].tolist(),
        "threshold": float(model._mapie_classifier.quantiles_[0]),
        "further": further.tolist(),
        "sets": [np.flatnonzero(one).tolist() for one in sets[:, :, 0]],
    }


cases = [
    case(n, classes, coverage, decimals)
    for n, classes, coverage, decimals in [
        (30, 3, 0.9, 0),
        (99, 4, 0.9, 0),
        (100, 4, 0.9, 0),
        (109, 2, 0.9, 0),
        (250, 6, 0.95, 0),
        (200, 5, 0.8, 1),
        (57, 3, 0.5, 2),
    ]
]
made = {"by": {"mapie": version("mapie"), "numpy": np.__version__}, "cases": cases}
Path(__file__).with_name("conformal.vectors.json").write_text(json.dumps(made) + "\n")
