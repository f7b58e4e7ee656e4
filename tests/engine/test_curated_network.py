"""Rows of the curated network: by both engines, by pyAgrum, and calibrated.  `make verify` does the same with more."""

from __future__ import annotations

import pytest

from legdx.engine import Budget, kernels
from tests.engine.survey_rows import PATTERNS
from tests.oracle.calibration import calibration, scored_people
from tests.verify import against_pyagrum, twin_against_kernels

QUICK = Budget(seconds=2e-3, memory=2e8)

needs_kernels = pytest.mark.skipif(not kernels().are_compiled, reason=kernels().reason)


@needs_kernels
@pytest.mark.parametrize("pattern", PATTERNS)
def test_kernels_and_twin_agree_on_the_rows_that_the_twin_can_do(leg, pattern):
    done, worst, worst_log = twin_against_kernels.compare(leg.network, pattern, 34, Budget(seconds=0.05))
    assert done >= 10
    assert worst <= 1e-12
    assert worst_log <= 1e-11


@pytest.mark.parametrize("pattern", ["short", "complaints"])
def test_rows_that_pyagrum_can_do_agree_with_it(leg, pattern):
    done, _, worst = against_pyagrum.compare(leg.network, pattern, 1, 200)
    assert done == 1
    assert worst <= 1e-12


@pytest.fixture(scope="module")
def people(leg):
    return scored_people(leg.network, "short", 1500, 7, QUICK)


def names(model):
    return [model.network.variables[c].name for c in model.network.of_kind("cause")]


def test_of_people_given_a_probability_that_share_has_the_cause(leg, people):
    found = calibration(names(leg), *people)
    assert found.scored > 700
    assert found.outside == ()


def test_probabilities_that_are_half_too_low_are_seen(leg, people):
    posterior, present = people
    assert calibration(names(leg), 0.5 * posterior, present).outside != ()
