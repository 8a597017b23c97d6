"""Makes statistics.vectors.json, the answers that the statistics' tests compare with.

    python vectors.py    (needs evidently, pandas before 3, mpmath)

Distance, chi-square statistic: scipy. PSI: Evidently's own stat test. P-values, noise floors, quantiles: mpmath with 50
digits, so that they are right to the last bit; scipy and Evidently are asserted to agree. Nothing is random.
"""

import json
import warnings
from fractions import Fraction
from importlib.metadata import version
from math import isclose
from pathlib import Path

import mpmath
import numpy as np
import pandas as pd
from evidently.legacy.calculations.stattests import chi_stat_test, jensenshannon_stat_test, psi_stat_test
from evidently.legacy.core import ColumnType
from scipy.spatial.distance import jensenshannon
from scipy.special import gammaincc, gammainccinv
from scipy.stats import chi2, chisquare

ALPHA = 0.01
SMALLEST_P = 1e-300  # below it doubles run out of digits

TRAINED = [6002, 1511, 1512, 975]
TEN = [3100, 1900, 1400, 1000, 800, 600, 500, 400, 200, 100]

# name: (observed, reference)
CASES = {
    "identical": (TRAINED, TRAINED),
    "identical shares, n = 1e6": ([100 * count for count in TRAINED], TRAINED),
    "identical shares, a third of the reference": ([1, 2, 4], [3, 6, 12]),
    "one class": ([7], [30]),
    "one class in use of three": ([0, 7, 0], [0, 30, 0]),
    "n = 1": ([0, 1, 0, 0], TRAINED),
    "n = 2": ([1, 0, 0, 1], TRAINED),
    "n = 3": ([0, 3, 0, 0], TRAINED),
    "n = 3 against 3": ([1, 2, 0], [0, 2, 1]),
    "real, one shard": ([48, 12, 11, 8], TRAINED),
    "real, 79 of one class": ([79, 0, 0, 0], TRAINED),
    "real, quiet": ([977, 241, 243, 159], TRAINED),
    "real, drifting": ([402, 377, 480, 361], TRAINED),
    "real, turned round": ([975, 1512, 1511, 6002], TRAINED),
    "real, n = 1e6": ([598_004, 152_311, 151_002, 98_683], TRAINED),
    "real, n = 1e6, two apart": ([600_201, 151_099, 151_200, 97_500], TRAINED),
    "nearly identical, n = 1e6": ([501_801, 498_199], [5018, 4982]),
    "nearly identical, n = N = 1e6": ([333_334, 333_333, 333_333], [333_333, 333_334, 333_333]),
    "a class never observed": ([40, 0, 25], [500, 100, 400]),
    "a class the reference never held": ([40, 5, 25], [500, 0, 400]),
    "nothing in common": ([50, 0], [0, 900]),
    "a class absent on both sides": ([40, 0, 35, 25], [500, 0, 300, 200]),
    "absent on both, never observed, never held": ([40, 0, 0, 25], [500, 0, 300, 0]),
    "rare class, zero observed: own fill 1e-4": ([5000, 5000, 0], [500_000, 500_000, 1]),
    "rare class, zero in the reference: fill from its smallest": ([50, 40, 10], [999_999, 1, 0]),
    "rare classes and zeros on both sides": ([999_950, 50, 0, 0], [500_000, 0, 499_990, 10]),
    "smallest share is 1e-4 itself": ([9999, 1, 0], [4000, 3000, 3000]),
    "two classes": ([30, 70], [450, 550]),
    "two classes, p = 9e-291": ([55_762, 44_238], [1, 1]),
    "two classes, p = 1.2e-300": ([55_860, 44_140], [1, 1]),
    "two classes, p = 7e-310": ([55_950, 44_050], [1, 1]),
    "two classes, p below the smallest double": ([900_000, 100_000], [1, 1]),
    "ten classes": ([310, 205, 131, 98, 85, 55, 52, 37, 18, 9], TEN),
    "ten classes, p = 6e-297": ([3100, 1900, 1400, 1000, 800, 600, 500, 400, 520, 420], TEN),
    "ten classes, p = 3e-306": ([3100, 1900, 1400, 1000, 800, 600, 500, 400, 525, 425], TEN),
    "ten classes, n = 1e6": ([100_000] * 10, TEN),
    "ten classes, n = 3": ([0, 0, 0, 0, 0, 0, 0, 1, 1, 1], TEN),
}

DEGREES_OF_FREEDOM = [1, 2, 3, 4, 5, 9, 10, 20, 49, 100, 255, 999]


def tail(degrees_of_freedom, statistic):
    """P-value of a chi-square statistic."""
    a, x = mpmath.mpf(degrees_of_freedom) / 2, mpmath.mpf(statistic.numerator) / statistic.denominator / 2
    return mpmath.gammainc(a, x, mpmath.inf, regularized=True)


def quantile(degrees_of_freedom, probability):
    """Chi-square value that is exceeded with the probability."""
    a, q = mpmath.mpf(degrees_of_freedom) / 2, mpmath.mpf(probability)
    start = mpmath.mpf(float(gammainccinv(float(a), probability)))
    return 2 * mpmath.findroot(lambda x: mpmath.gammainc(a, x, mpmath.inf, regularized=True) - q, start)


def goodness_of_fit(observed, reference):
    """Statistic (None for infinite), degrees of freedom, p-value; classes absent on both sides left out."""
    used = [(o, r) for o, r in zip(observed, reference) if o or r]
    degrees_of_freedom = len(used) - 1
    if any(r == 0 for _, r in used):
        return None, degrees_of_freedom, 0.0
    if degrees_of_freedom == 0:
        return 0.0, degrees_of_freedom, 1.0
    n, total = sum(observed), sum(reference)
    statistic = chisquare([o for o, _ in used], [r * (n / total) for _, r in used]).statistic
    exact = sum(Fraction((o * total - r * n) ** 2, r * n * total) for o, r in used)
    assert isclose(statistic, exact, rel_tol=1e-9, abs_tol=1e-12)
    return float(statistic), degrees_of_freedom, float(tail(degrees_of_freedom, exact))


def noise_floor(observed, reference):
    degrees_of_freedom = sum(1 for o, r in zip(observed, reference) if o or r) - 1
    if degrees_of_freedom == 0:
        return 0.0
    spread = Fraction(1, sum(observed)) + Fraction(1, sum(reference))
    floor = float(mpmath.sqrt(quantile(degrees_of_freedom, ALPHA) / 8 * spread.numerator / spread.denominator))
    assert isclose(floor, float(chi2.isf(ALPHA, degrees_of_freedom) / 8 * spread) ** 0.5, rel_tol=1e-12)
    return floor


def evidently(stat_test, observed, reference):
    """What an Evidently stat test says of two columns of as many rows as were counted."""
    columns = [pd.Series(np.repeat(np.arange(len(counts)), counts)) for counts in (reference, observed)]
    return float(stat_test(*columns, ColumnType.Categorical, 0.1).drift_score)


def answers(name, observed, reference):
    distance = float(jensenshannon(observed, reference))
    statistic, degrees_of_freedom, p_value = goodness_of_fit(observed, reference)
    assert isclose(evidently(jensenshannon_stat_test, observed, reference), distance, rel_tol=1e-9), name
    if degrees_of_freedom > 0 and (p_value == 0 or p_value >= SMALLEST_P):
        assert isclose(evidently(chi_stat_test, observed, reference), p_value, rel_tol=1e-9), name
    return {
        "name": name,
        "counts": observed,
        "reference": reference,
        "jensenShannon": distance,
        "statistic": statistic,
        "degreesOfFreedom": degrees_of_freedom,
        "pValue": p_value,
        "psi": evidently(psi_stat_test, observed, reference),
        "noiseFloor": noise_floor(observed, reference),
    }


def tails():
    """Rows of degrees of freedom, chi-square value, p-value: around the mean, where methods change over, and far out."""
    for degrees_of_freedom in DEGREES_OF_FREEDOM:
        near = [degrees_of_freedom * factor for factor in (1e-6, 0.01, 0.25, 0.5, 0.875, 1, 1.125, 1.5, 2, 4)]
        turn = [degrees_of_freedom + 2 + step for step in (-0.0625, 0, 0.0625)]
        for value in [*near, *turn, 30.0, 100.0, 400.0, 1000.0, 1350.0, 1370.0]:
            p_value = float(tail(degrees_of_freedom, Fraction(value)))
            if p_value >= SMALLEST_P:
                assert isclose(gammaincc(degrees_of_freedom / 2, value / 2), p_value, rel_tol=1e-9)
                yield [degrees_of_freedom, value, p_value]


def quantiles():
    """Rows of degrees of freedom, probability of exceeding, chi-square value."""
    for degrees_of_freedom in DEGREES_OF_FREEDOM:
        for probability in (0.9, 0.5, 0.1, 0.05, ALPHA, 1e-3, 1e-6, 1e-12):
            yield [degrees_of_freedom, probability, float(quantile(degrees_of_freedom, probability))]


def main():
    mpmath.mp.dps = 50
    warnings.simplefilter("ignore")  # divisions by an expected zero
    sections = {
        "cases": [answers(name, *sides) for name, sides in CASES.items()],
        "tails": list(tails()),
        "quantiles": list(quantiles()),
    }
    made_with = {package: version(package) for package in ("numpy", "scipy", "mpmath", "evidently")}
    lines = [f'"madeWith": {json.dumps(made_with)}']
    for section, rows in sections.items():
        lines.append(f'"{section}": [\n' + ",\n".join(json.dumps(row, allow_nan=False) for row in rows) + "\n]")
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    Path(__file__).with_name("statistics.vectors.json").write_text(text)


main()
