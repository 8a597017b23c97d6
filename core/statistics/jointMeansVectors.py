"""Writes jointMeans.vectors.json: statsmodels' predictions and studentised residuals. pip install numpy statsmodels"""

import json
import pathlib

import numpy as np
import statsmodels.api as sm
from statsmodels.stats.outliers_influence import OLSInfluence

random = np.random.default_rng(20181215)


def expected(scenes, window, places):
    """For each of these means: what the others let expect, its standard error, and the furthest of the scenes."""
    found = []
    for b in places:
        others = [a for a in places if a != b]
        fit = sm.OLS(scenes[:, b], sm.add_constant(scenes[:, others], has_constant="add")).fit()
        predicted = fit.get_prediction(np.r_[1, window[others]][None, :])
        found.append(
            {
                "expected": float(predicted.predicted_mean[0]),
                "error": float(predicted.se_obs[0]),
                "furthest": float(np.abs(OLSInfluence(fit).resid_studentized_external).max()),
            }
        )
    return found


cases = []
for size, scenes in ((2, 12), (4, 20), (6, 40)):
    mixing = random.normal(size=(size, size)) * 200
    means = 2000 + random.normal(size=(scenes, size)) @ mixing + random.normal(size=(scenes, size)) * 30
    window = means.mean(0) + random.normal(size=size) * 100
    cases.append(
        {
            "means": means.tolist(),
            "window": window.tolist(),
            "together": expected(means, window, list(range(size))),
            "alone": [expected(means, window, [b])[0] for b in range(size)],
        }
    )
path = pathlib.Path(__file__).with_name("jointMeans.vectors.json")
path.write_text(json.dumps({"cases": cases}, indent=1) + "\n")
