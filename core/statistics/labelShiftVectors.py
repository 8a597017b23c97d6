"""Makes labelShift.vectors.json, the answers that the test of label shift compares with.

    python labelShiftVectors.py    (needs numpy)

The mix is estimated as the paper has it, by weights w = C^-1 mu with C the joint confusion and mu the predicted shares (Z. Lipton,
Y.-X. Wang and A. Smola, ICML 2018, section 4.1), so that q(y) = w(y) p(y). The standard errors of the moves are those of a parametric bootstrap. Seeded.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np

DRAWS = 40_000
CASES = {
    "two classes": ([[90, 12], [10, 188]], [400, 200], [300, 700]),
    "maize rises": (
        [[170, 8, 5, 2], [12, 80, 4, 3], [6, 7, 130, 9], [2, 5, 11, 96]],
        [300, 260, 150, 90],
        [4000, 1200, 2900, 1900],
    ),
    "a class that is mostly mistaken": (
        [[320, 40, 8], [48, 164, 20], [32, 196, 372]],
        [220, 180, 300],
        [1400, 900, 1700],
    ),
}
CLIPPED = ([[80, 30], [20, 70]], [95, 5], [500, 500])


def estimated(joint, predicted):
    """q(y) by importance weights."""
    joint = joint / joint.sum()
    return np.linalg.solve(joint, predicted / predicted.sum()) * joint.sum(axis=0)


def case(name, known, predicted, reference):
    known, predicted, reference = (np.asarray(one, float) for one in (known, predicted, reference))
    random = np.random.default_rng(len(name))
    sizes = known.sum(axis=0)
    moves = []
    for _ in range(DRAWS):
        drawn = np.stack([random.multinomial(int(n), column / n) for n, column in zip(sizes, known.T)], axis=1)
        now = estimated(drawn.astype(float), random.multinomial(int(predicted.sum()), predicted / predicted.sum()))
        then = estimated(drawn.astype(float), random.multinomial(int(reference.sum()), reference / reference.sum()))
        moves.append(now - then)
    return {
        "name": name,
        "known": known.tolist(),
        "predicted": predicted.tolist(),
        "reference": reference.tolist(),
        "share": estimated(known, predicted).tolist(),
        "usual": estimated(known, reference).tolist(),
        "error": np.std(moves, axis=0).tolist(),
    }


def clipped(known, predicted, reference):
    known, predicted = np.asarray(known, float), np.asarray(predicted, float)
    share = np.clip(estimated(known, predicted), 0, None)
    share /= share.sum()
    p, q = predicted / predicted.sum(), known / known.sum(axis=0) @ share
    middle = (p + q) / 2
    misfit = np.sqrt((np.sum(p * np.log(p / middle)) + np.sum(q * np.log(q / middle))) / 2)
    return {"known": known.tolist(), "predicted": predicted.tolist(), "reference": reference, "share": share.tolist(), "misfit": misfit}


vectors = {
    "numpy": version("numpy"),
    "cases": [case(name, *of) for name, of in CASES.items()],
    "clipped": clipped(*CLIPPED),
}
Path(__file__).with_name("labelShift.vectors.json").write_text(json.dumps(vectors, indent=1) + "\n")
