"""Makes calibration.vectors.json, the answers that the tests of this folder compare with.

    python vectors.py    (needs nannyml, scikit-learn, scipy, numpy)

Accuracy without truth: NannyML's CBPE of several classes, of which the calibrator changes nothing (NoopCalibrator): what is compared
are the estimate, its sampling error and its interval, of each chunk. Calibration error: scikit-learn's calibration_curve of
the predicted class, weighted by numpy's histogram of the same bins. Temperature: scipy's minimize_scalar of scikit-learn's
log_loss; its probabilities: scipy's softmax. Chips are drawn by numpy's generator, seeded.
"""

import json
import os
from importlib.metadata import version
from pathlib import Path

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"  # it tells its makers who uses it

import numpy as np
import pandas as pd
from nannyml import CBPE
from nannyml.calibration import NoopCalibrator
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss

BINS = 15
CLASSES = ["bare", "crops", "water"]
random = np.random.default_rng(20)


def drawn(n, classes, spread, temperature):
    """Logits, and truths that are as probable as the logits divided by the temperature say."""
    logits = np.round(random.normal(0, spread, (n, classes)), 3)
    truths = [int(random.choice(classes, p=row)) for row in softmax(logits / temperature, axis=1)]
    return logits, np.array(truths)


def frame(logits, truths):
    p = softmax(logits, axis=1)
    names = np.array(CLASSES)
    columns = {f"p_{name}": p[:, i] for i, name in enumerate(CLASSES)}
    return pd.DataFrame({**columns, "predicted": names[p.argmax(axis=1)], "true": names[truths]})


def cbpe():
    reference = frame(*drawn(400, 3, 1.5, 1.2))
    sizes = [250, 40, 1]
    windows = [frame(*drawn(n, 3, spread, 1.2)) for n, spread in zip(sizes, (1.5, 2.5, 6))]
    estimator = CBPE(
        y_pred_proba={name: f"p_{name}" for name in CLASSES},
        y_pred="predicted",
        y_true="true",
        metrics=["accuracy"],
        chunk_number=1,
        problem_type="classification_multiclass",
        calibrator=NoopCalibrator(),
    )
    estimator.fit(reference)
    answers = []
    for window in windows:
        row = estimator.estimate(window).filter(period="analysis").to_df()["accuracy"].iloc[0]
        answers.append(
            {
                "probabilities": window[[f"p_{name}" for name in CLASSES]].to_numpy().max(axis=1).tolist(),
                "value": float(row["value"]),
                "samplingError": float(row["sampling_error"]),
                "interval": [float(row["lower_confidence_boundary"]), float(row["upper_confidence_boundary"])],
            }
        )
    right = int((reference["predicted"] == reference["true"]).sum())
    return {"reference": {"chips": len(reference), "right": right}, "windows": answers}


def calibration_error(name, probabilities, right):
    probabilities, right = np.array(probabilities, dtype=float), np.array(right, dtype=int)
    share, mean = calibration_curve(right, probabilities, n_bins=BINS, strategy="uniform")
    # The same bins: each holds its upper end.
    bins = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], probabilities)
    counts = np.bincount(bins, minlength=BINS)
    counts = counts[counts > 0]
    return {
        "name": name,
        "probabilities": probabilities.tolist(),
        "right": right.tolist(),
        "bins": [
            {"chips": int(n), "probability": float(p), "share": float(s)} for n, p, s in zip(counts, mean, share)
        ],
        "error": float(np.sum(counts / counts.sum() * np.abs(share - mean))),
    }


def errors():
    logits, truths = drawn(300, 4, 2, 2.5)
    p = softmax(logits, axis=1)
    winners = p.argmax(axis=1)
    ends = np.linspace(0, 1, BINS + 1)
    return [
        calibration_error("surer than it is right", p.max(axis=1), winners == truths),
        calibration_error("at the ends of bins", ends, np.arange(BINS + 1) % 2),
        calibration_error("one chip that is right", [0.625], [1]),
        calibration_error("always sure, always wrong", [1.0] * 5, [0] * 5),
    ]


def temperature(name, logits, truths):
    def likelihood(inverse):
        return log_loss(truths, softmax(logits * inverse, axis=1), labels=range(logits.shape[1]))

    found = minimize_scalar(likelihood, bounds=(0.05, 20), method="bounded", options={"xatol": 1e-12, "maxiter": 1000})
    # The minimum is flat; where the derivative is 0 is known to more digits.
    inverse = float(found.x)
    for _ in range(20):
        p = softmax(logits * inverse, axis=1)
        mean = (p * logits).sum(axis=1)
        slope = (mean - logits[np.arange(len(truths)), truths]).mean()
        inverse -= slope / ((p * logits**2).sum(axis=1) - mean**2).mean()
    assert abs(inverse / found.x - 1) < 1e-5
    return {
        "name": name,
        "scores": logits.tolist(),
        "truths": truths.tolist(),
        "temperature": 1 / inverse,
        "before": float(-log_softmax(logits, axis=1)[np.arange(len(truths)), truths].mean()),
        "after": float(-log_softmax(logits * inverse, axis=1)[np.arange(len(truths)), truths].mean()),
        "probabilities": softmax(logits[:3] * inverse, axis=1).tolist(),
    }


def temperatures():
    logits, truths = drawn(120, 3, 4, 2.5)
    unsure, known = drawn(80, 2, 0.5, 0.3)
    return [
        temperature("too sure", logits, truths),
        temperature("not sure enough", unsure, known),
        temperature("logits that overflow an exponential", logits + 1000, truths),
        temperature("logarithms of probabilities", np.round(log_softmax(logits, axis=1), 6), truths),
    ]


answers = {
    "made by": {name: version(name) for name in ("nannyml", "scikit-learn", "scipy", "numpy")},
    "cbpe": cbpe(),
    "errors": errors(),
    "temperatures": temperatures(),
}
Path(__file__).with_name("calibration.vectors.json").write_text(json.dumps(answers) + "\n")
