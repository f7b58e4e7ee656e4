"""How far both engines are from enumeration in fractions, and whether the kernels' bound says so."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest

from legdx.engine import Prepared, pack, prepare
from legdx.engine.compiled import compiled
from legdx.engine.planner import UNLIMITED
from legdx.errors import ImpossibleEvidenceError
from legdx.network import Network
from tests.oracle.enumeration import enumerate_marginals
from tests.oracle.random_networks import Example

TOLERANCE = 1e-12
"""Both engines add and multiply numbers in [0, 1]; what some hundred such operations lose is 1e-14."""

ROUNDING = 2.0**-53

ENGINES = ("any", "numpy")
"""The compiled kernels, where there are any, and the NumPy twin."""


@dataclass(frozen=True)
class Proven:
    """What the kernels say of their error, and what it is; of the worst posterior. ``possible`` is False at P = 0."""

    possible: bool
    bound: float = 0.0
    error: float = 0.0


def log_of(exact: Fraction) -> float:
    """Natural logarithm of a fraction that may be too small for a float."""
    shift = exact.numerator.bit_length() - exact.denominator.bit_length()
    return math.log(float(exact / Fraction(2) ** shift)) + shift * math.log(2.0)


def assert_agrees(example: Example, tolerance: float = TOLERANCE) -> Proven:
    """Both engines give every marginal and P(evidence); the proven bound is not smaller than the error."""
    network = example.network
    total, joint = enumerate_marginals(network, example.evidence)
    everything = range(len(network.variables))
    if total == 0:
        for which in ENGINES:
            with pytest.raises(ImpossibleEvidenceError):
                prepare(network, example.likelihoods, everything, which=which).posterior()
        return Proven(possible=False)
    exact = [[x / total for x in row] for row in joint]
    for which in ENGINES:
        result = prepare(network, example.likelihoods, everything, which=which).posterior()
        assert result.log_evidence[0] == pytest.approx(log_of(total), rel=tolerance, abs=tolerance), which
        for i, row in enumerate(exact):
            close = np.array([float(x) for x in row])
            np.testing.assert_allclose(result.marginals[i][0], close, rtol=tolerance, atol=tolerance, err_msg=which)
    return assert_bounded(network, prepare(network, example.likelihoods, everything), total, exact)


def assert_bounded(network: Network, query: Prepared, total: Fraction, exact: list[list[Fraction]]) -> Proven:
    """The kernels' bound holds for every marginal and for P(evidence), however far off they are."""
    kernels = compiled(network)
    if kernels is None:
        return Proven(possible=True)
    # No tolerance: what is computed along the first order is looked at, and not what replaces it.
    run = kernels.run(pack(query.evidence), query.queries, budget=UNLIMITED, tolerance=math.inf)
    bound = float(run.costs[0, 4])
    if not math.isfinite(bound):
        return Proven(possible=True, bound=math.inf)
    found = np.split(run.marginals[0, 0], np.cumsum(network.sizes(query.queries))[:-1])
    worst = 0.0
    for marginal, row in zip(found, exact, strict=True):
        for got, true in zip(marginal, row, strict=True):
            error = float(abs(Fraction(float(got)) - true))
            # The bound is on the sums; a sum and a division in doubles turn them into a probability.
            assert error <= bound + (len(row) + 2) * ROUNDING * float(true), (error, bound)
            worst = max(worst, error)
    log_true = log_of(total)
    off = abs(run.log_evidence[0, 0] + query.log_constant - log_true)
    assert bound >= 1.0 or off <= -math.log1p(-bound) + 4 * ROUNDING * (1.0 + abs(log_true))
    return Proven(possible=True, bound=bound, error=worst)
