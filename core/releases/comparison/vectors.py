"""Makes comparison.vectors.json, the answers that the tests of comparing two versions compare with.

    python vectors.py    (needs scikit-learn, scipy, statsmodels)

Kappa: scikit-learn's cohen_kappa_score. McNemar: statsmodels' mcnemar with exact=True. Overlaps of masks and of labels: scikit-learn's
jaccard_score, accuracy_score and hamming_loss on seeded arrays.

Difference of accuracies: Tango's score limit, with the share that only the first has right found by maximising the likelihood numerically
(scipy) rather than by the closed form; its statistic at a difference of 0 is statsmodels' mcnemar without correction; and for many chips,
the limit of the mean difference as statsmodels' DescrStatsW has it, which it approaches.

Errors of values: scikit-learn's mean_absolute_error, and the upper end of the interval of scipy's ttest_rel with alternative="less", of seeded
truths and predictions; its quantiles are scipy's t.ppf.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import norm, t, ttest_rel
from sklearn.metrics import accuracy_score, cohen_kappa_score, hamming_loss, jaccard_score, mean_absolute_error
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.weightstats import DescrStatsW

TABLES = {
    "Cohen's": [[20, 5], [10, 15]],
    "none agree": [[0, 4], [6, 0]],
    "all agree": [[3, 0, 0], [0, 5, 0], [0, 0, 9]],
    "a class that only one says": [[10, 0, 3], [2, 8, 1], [0, 0, 0]],
    "four, many": [[60020, 1511, 812, 75], [900, 15110, 31, 2], [7, 1200, 9003, 1], [0, 13, 44, 975]],
}
DISCORDANT = [[0, 1], [1, 5], [2, 10], [10, 2], [7, 7], [0, 40], [121, 59], [4800, 5200], [50100, 49900]]
# Right by the first alone, by the second alone, and chips in all; and the confidence.
PAIRED = [(5, 12, 100, 0.95), (12, 5, 100, 0.95), (10, 2, 20, 0.9), (0, 7, 50, 0.975), (7, 0, 50, 0.975), (1, 1, 30, 0.8)]
PAIRED += [(0, 0, 133, 0.95), (40, 35, 79, 0.95), (310, 290, 10000, 0.99), (20, 20, 2000, 0.95)]
MANY = [(5200, 4800, 100000, 0.95), (900, 1100, 50000, 0.99)]
CLASSES = ["bare", "crop", "water"]


def kappa(table):
    table = np.array(table)
    first, second = np.nonzero(np.ones_like(table))
    return cohen_kappa_score(first, second, sample_weight=table.ravel())


def z_of(first, second, chips, assumed):
    """Tango's statistic, with the likeliest share that only the first has right found by search."""
    rest = chips - first - second

    def unlikely(share):
        terms = ((first, share), (second, share + assumed), (rest, 1 - 2 * share - assumed))
        return -sum(n * np.log(max(p, 1e-300)) for n, p in terms if n > 0)

    low, high = max(0, -assumed), (1 - assumed) / 2
    share = minimize_scalar(unlikely, bounds=(low, high), method="bounded", options={"xatol": 1e-14}).x
    return (second - first - chips * assumed) / np.sqrt(chips * (2 * share + assumed * (1 - assumed)))


def paired(first, second, chips, confidence):
    z = norm.ppf(confidence)
    low = brentq(lambda at: z_of(first, second, chips, at) - z, -1 + 1e-9, (second - first) / chips - 1e-12, xtol=1e-13)
    statistic = mcnemar([[0, first], [second, 0]], exact=False, correction=False).statistic if first + second else 0
    return {"first": first, "second": second, "chips": chips, "confidence": confidence, "low": float(low), "statistic": float(statistic)}


def of_means(first, second, chips, confidence):
    differences = np.repeat([-1, 1, 0], [first, second, chips - first - second])
    low, _ = DescrStatsW(differences).zconfint_mean(alpha=1 - confidence, alternative="larger")
    return {"first": first, "second": second, "chips": chips, "confidence": confidence, "low": float(low)}


def masks():
    """Two maps of the same pixels; 255 stands for none, and counts nowhere."""
    random = np.random.default_rng(1)
    ones, others = random.integers(0, 3, 200), random.integers(0, 3, 200)
    others[:140] = ones[:140]
    ones[::17], others[::23] = 255, 255
    known = (ones != 255) & (others != 255)
    labels = list(range(len(CLASSES)))
    return {
        "classes": CLASSES,
        "first": ones.tolist(),
        "second": others.tolist(),
        "agreement": float(accuracy_score(ones[known], others[known])),
        "kappa": float(cohen_kappa_score(ones[known], others[known])),
        "iou": jaccard_score(ones[known], others[known], labels=labels, average=None).tolist(),
        "meanIou": float(jaccard_score(ones[known], others[known], labels=labels, average="macro")),
    }


def several_labels():
    """The labels of the same chips by two versions, a column a label; chips without any are among them."""
    random = np.random.default_rng(2)
    ones = (random.random((60, len(CLASSES))) < 0.4).astype(int)
    others = np.where(random.random(ones.shape) < 0.8, ones, 1 - ones)
    return {
        "classes": CLASSES,
        "first": ones.tolist(),
        "second": others.tolist(),
        "agreement": float(accuracy_score(ones, others)),
        "ofChips": float(jaccard_score(ones, others, average="samples", zero_division=1)),
        "ofLabels": jaccard_score(ones, others, average=None).tolist(),
        "hamming": float(hamming_loss(ones, others)),
    }


def errors(name, chips, noise, worse):
    """Two versions' values for the same chips, the second's with more noise, or less."""
    random = np.random.default_rng(3)
    truth = random.gamma(2, 10, chips).round(6)
    first = (truth + random.normal(0.3, noise, chips)).round(6)
    second = (first + random.normal(0, worse, chips)).round(6)
    off = [abs(values - truth) for values in (first, second)]
    test = ttest_rel(off[1], off[0], alternative="less")
    return {
        "name": name,
        "truth": truth.tolist(),
        "first": first.tolist(),
        "second": second.tolist(),
        "meanAbsoluteErrors": [float(mean_absolute_error(truth, values)) for values in (first, second)],
        "highs": [
            {"confidence": p, "high": float(test.confidence_interval(p).high)} for p in (0.6, 0.9, 0.95, 0.975, 0.999)
        ],
    }


answers = {
    "made by": {name: version(name) for name in ("scikit-learn", "scipy", "statsmodels")},
    "kappa": [{"name": name, "table": table, "kappa": float(kappa(table))} for name, table in TABLES.items()],
    "mcNemar": [
        {"first": b, "second": c, "p": float(mcnemar([[0, b], [c, 0]], exact=True).pvalue)} for b, c in DISCORDANT
    ],
    "paired": [paired(*case) for case in PAIRED],
    "many": [of_means(*case) for case in MANY],
    "masks": masks(),
    "labels": several_labels(),
    "studentT": [
        {"p": p, "degrees": degrees, "t": float(t.ppf(p, degrees))}
        for p in (0.51, 0.8, 0.95, 0.975, 0.9999)
        for degrees in (1, 2, 5, 30, 99, 1000, 250000, 1000000)
    ],
    "errors": [errors("two chips", 2, 1, 3), errors("twelve chips", 12, 2, 0.5), errors("200 chips", 200, 5, 4)],
}
Path(__file__).with_name("comparison.vectors.json").write_text(json.dumps(answers, indent=2) + "\n")
