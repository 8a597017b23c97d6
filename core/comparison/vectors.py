"""Makes comparison.vectors.json, the answers that the tests of comparing two versions compare with.

    python vectors.py    (needs scikit-learn, statsmodels)

Kappa: scikit-learn's cohen_kappa_score. McNemar: statsmodels' mcnemar with exact=True. Nothing is random.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.contingency_tables import mcnemar

TABLES = {
    "Cohen's": [[20, 5], [10, 15]],
    "none agree": [[0, 4], [6, 0]],
    "all agree": [[3, 0, 0], [0, 5, 0], [0, 0, 9]],
    "a class that only one says": [[10, 0, 3], [2, 8, 1], [0, 0, 0]],
    "four, many": [[60020, 1511, 812, 75], [900, 15110, 31, 2], [7, 1200, 9003, 1], [0, 13, 44, 975]],
}
DISCORDANT = [[0, 1], [1, 5], [2, 10], [10, 2], [7, 7], [0, 40], [121, 59], [4800, 5200], [50100, 49900]]


def kappa(table):
    table = np.array(table)
    first, second = np.nonzero(np.ones_like(table))
    return cohen_kappa_score(first, second, sample_weight=table.ravel())


answers = {
    "made by": {name: version(name) for name in ("scikit-learn", "statsmodels")},
    "kappa": [{"name": name, "table": table, "kappa": float(kappa(table))} for name, table in TABLES.items()],
    "mcNemar": [
        {"first": b, "second": c, "p": float(mcnemar([[0, b], [c, 0]], exact=True).pvalue)} for b, c in DISCORDANT
    ],
}
Path(__file__).with_name("comparison.vectors.json").write_text(json.dumps(answers, indent=2) + "\n")
