"""Scores against numbers that others have."""

import numpy as np
import pytest

from droughtwatch.errors import Failed
from droughtwatch.evaluation import Scores, refuse_useless, score

CARD = np.array([[32, 4, 4, 6], [6, 2, 2, 4], [6, 0, 3, 5], [1, 0, 2, 2]])
"""The confusion that the card of models/droughtwatch-baseline prints, with 39 of 79 right and an interval from 39 % to 60 %."""


def test_the_figures_of_the_bundled_card() -> None:
    scores = Scores(CARD)
    assert (scores.right, scores.chips) == (39, 79)
    # scipy 1.17: binomtest(39, 79).proportion_ci(method="wilson")
    assert scores.interval == pytest.approx((0.38630272176150804, 0.6016260277530986), abs=1e-14)
    assert scores.precision == pytest.approx([32 / 45, 2 / 6, 3 / 11, 2 / 17])
    assert scores.recall == pytest.approx([32 / 46, 2 / 14, 3 / 14, 2 / 5])


def test_rows_are_true_classes_and_columns_predicted_ones() -> None:
    scores = score(np.array([0, 0, 2]), np.array([0, 1, 1]))
    assert scores.confusion.tolist() == [[1, 1, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]
    assert scores.precision == [1, 0, None, None]
    assert scores.recall == [0.5, None, 0, None]


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        ([1, 1, 1], "the model says cows-1 for each of the 3 held-out chips, and is no package"),
        ([1, 2, 1], "the model is right for none of the 3 held-out chips, and is no package"),
    ],
)
def test_a_model_that_tells_nothing_apart_is_refused(labels: list[int], says: str) -> None:
    with pytest.raises(Failed, match=says):
        refuse_useless(score(np.array([0, 1, 2] if labels[1] == 1 else [0, 0, 0]), np.array(labels)))
    refuse_useless(score(np.array([0, 0, 2]), np.array([0, 1, 1])))
