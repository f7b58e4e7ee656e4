"""The engine agrees with enumeration in exact fractions on networks with every kind of table."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from legdx.engine import posterior
from legdx.errors import ImpossibleEvidenceError
from tests.oracle.enumeration import enumerate_marginals
from tests.oracle.random_networks import Example, examples

TOLERANCE = 1e-12


@settings(
    max_examples=500,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),  # shrinking a failure of this size takes minutes
    suppress_health_check=list(HealthCheck),
)
@given(examples())
def test_posteriors_and_evidence_equal_the_enumerated_ones(example: Example) -> None:
    total, joint = enumerate_marginals(example.network, example.evidence)
    everything = range(len(example.network.variables))
    if total == 0:
        with pytest.raises(ImpossibleEvidenceError):
            posterior(example.network, example.likelihoods, everything)
        return
    result = posterior(example.network, example.likelihoods, everything)
    assert result.log_evidence[0] == pytest.approx(math.log(total), rel=TOLERANCE, abs=TOLERANCE)
    for i, row in enumerate(joint):
        exact = np.array([float(x / total) for x in row])
        np.testing.assert_allclose(result.marginals[i][0], exact, rtol=TOLERANCE, atol=TOLERANCE)
