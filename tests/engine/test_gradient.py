"""The gradient says what P(evidence) becomes when mass moves within a row of a table: exactly, as P is affine in it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from legdx.engine import Budget, log_evidence, log_evidence_gradient, logit_gradient, observe, posterior
from legdx.errors import ImpossibleEvidenceError, TooCostlyError
from legdx.network.records import Network, arrays_of, map_arrays
from tests.network.hand_made import hand_made_network
from tests.oracle.random_networks import Example, examples

SETTINGS = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def moved(network: Network, variable: int, array: int, place: tuple[int, ...], to: int, mass: float) -> Network:
    """Move mass within the row of one entry of one of a variable's arrays; of an inhibitor, add it."""
    which = iter(range(99))

    def change(values):
        if next(which) != array:
            return values
        values = values.copy()
        values[(0, *place)] -= mass
        if values.shape[-1] > to >= 0:
            values[(0, *place[:-1], to)] += mass
        return values

    nodes = list(network.nodes)
    nodes[variable] = map_arrays(nodes[variable], change)
    return network.with_nodes(nodes)


@SETTINGS
@given(examples(), st.data())
def test_moving_mass_changes_the_evidence_as_the_gradient_says(example: Example, data: st.DataObject):
    network = example.network
    try:
        before = log_evidence(network, example.likelihoods)[0]
        gradient = log_evidence_gradient(network, example.likelihoods)
    except ImpossibleEvidenceError:
        return
    for variable, node in enumerate(network.nodes):
        for array, values in enumerate(arrays_of(node)):
            is_inhibitor = values[0].shape == gradient[variable][array].shape and values.ndim == 2 and array > 0
            place = tuple(data.draw(st.integers(0, size - 1)) for size in values.shape[1:])
            to = -1 if is_inhibitor else data.draw(st.integers(0, values.shape[-1] - 1))
            mass = values[(0, *place)] / 2
            if mass == 0.0 or to == place[-1]:
                continue
            if to >= 0 and getattr(node, "floor", 0) > to:
                continue
            after = np.exp(
                log_evidence(moved(network, variable, array, place, to, mass), example.likelihoods)[0] - before
            )
            gained = 0.0 if to < 0 else gradient[variable][array][(*place[:-1], to)]
            assert after - 1.0 == pytest.approx(mass * (gained - gradient[variable][array][place]), abs=1e-11, rel=1e-9)


def test_the_gradient_of_a_posterior_is_that_of_its_log_odds():
    network = hand_made_network()
    evidence = dict(observe(network, name, 1) for name in ("weakness",))
    cause = network.of_kind("cause")[0]
    gradient = logit_gradient(network, evidence, cause)

    def logit(changed: Network) -> float:
        present = posterior(changed, evidence, [cause]).marginals[cause][0, 1]
        return float(np.log(present / (1.0 - present)))

    step = 1e-6
    seen = 0
    for variable, node in enumerate(network.nodes):
        for array, values in enumerate(arrays_of(node)):
            for place in np.ndindex(values.shape[1:]):
                to = (place[-1] + 1) % values.shape[-1]
                if values[(0, *place)] < 2 * step or values[(0, *place[:-1], to)] < 2 * step:
                    continue
                up = logit(moved(network, variable, array, place, to, step))
                down = logit(moved(network, variable, array, place, to, -step))
                slope = gradient[variable][array][(*place[:-1], to)] - gradient[variable][array][place]
                assert (up - down) / (2 * step) == pytest.approx(slope, rel=1e-5, abs=1e-7)
                seen += abs(slope) > 1e-3
    assert seen > 3


def test_impossible_evidence_has_no_gradient():
    network = hand_made_network()
    impossible = {0: np.zeros(network.variables[0].size)}
    with pytest.raises(ImpossibleEvidenceError):
        log_evidence_gradient(network, impossible)


def test_a_gradient_that_would_cost_too_much_is_refused():
    network = hand_made_network()
    with pytest.raises(TooCostlyError):
        log_evidence_gradient(network, dict([observe(network, "weakness", 1)]), Budget(seconds=1e-9))
