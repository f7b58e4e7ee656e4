"""The recount of control rates from the national survey: the equation and the weighted share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.qc.nhanes_tests import WOMEN, egfr, weighted_share


def test_the_estimate_of_kidney_function_is_that_of_the_published_equation():
    # A man of 60 with 0.9 mg/dL sits at the knot: 142 x 0.9938^60; a woman at hers has 1.2 % more.
    found = egfr(pd.Series([0.9, 0.7]), pd.Series([60, 60]), pd.Series([1, WOMEN]))
    assert found.to_numpy() == pytest.approx(142 * 0.9938**60 * np.array([1.0, 1.012]))


def test_equal_weights_give_the_plain_share_within_its_interval():
    people = pd.DataFrame({"weight": 2.0, "SDMVSTRA": np.repeat([1, 2], 50), "SDMVPSU": np.tile([1, 2], 50)})
    beyond = pd.Series(np.arange(100) % 7 == 0, dtype=float)
    share, low, high = weighted_share(people, beyond)
    assert share == pytest.approx(0.15)
    assert low < share < high


def test_a_person_of_twice_the_weight_counts_twice():
    people = pd.DataFrame({"weight": [2.0, 1.0, 1.0], "SDMVSTRA": 1, "SDMVPSU": [1, 1, 2]})
    assert weighted_share(people, pd.Series([1.0, 0.0, 0.0]))[0] == pytest.approx(0.5)
