"""The engine agrees with enumeration in exact fractions on networks with every kind of table."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from legdx.engine import posterior, prepare
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


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(examples())
def test_marginals_apart_for_each_cell_of_kept_variables_are_those_of_the_cell(example: Example) -> None:
    """P(evidence, kept = cell, query) is read off by enumerating with the cell as evidence."""
    network = example.network
    kept = [i for i in range(len(network.variables)) if i not in example.evidence][:2]
    rest = [i for i in range(len(network.variables)) if i not in kept]
    total, _ = enumerate_marginals(network, example.evidence)
    if total == 0:
        return
    scale, tables = prepare(network, example.likelihoods, rest, kept=kept).by_cell()
    for cell in np.ndindex(*network.sizes(kept)):
        said = dict(example.evidence)
        for i, state in zip(kept, cell, strict=True):
            said[i] = [int(k == state) for k in range(network.variables[i].size)]
        joint = enumerate_marginals(network, said)[1]
        for i in rest:
            exact = [float(x) for x in joint[i]]
            np.testing.assert_allclose(np.exp(scale) * tables[i][cell], exact, rtol=TOLERANCE, atol=TOLERANCE)
