"""Drawn people follow the network: frequencies agree with exact probabilities.

Bound: the count of a state is binomial(n, p).  Bernstein's inequality keeps |count - n p| below
sqrt(2 n p (1 - p) t) + t / 3 except with probability 2 exp(-t); with t = 20 a right sampler fails one comparison in
2.4e8, and the seeds are fixed besides.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from legdx.engine import log_evidence, observe, posterior
from legdx.errors import ImpossibleEvidenceError
from legdx.network import Network, NoisyMax, Table, Variable, simulate
from tests.network.hand_made import BINARY, hand_made_network
from tests.oracle.random_networks import Example, examples

T = 20.0


def assert_binomial(count, number, probability):
    bound = np.sqrt(2.0 * number * probability * (1.0 - probability) * T) + T / 3.0
    assert abs(count - number * probability) <= bound


def assert_frequencies(network, states):
    exact = posterior(network, {}, range(len(network.variables))).marginals
    for i, variable in enumerate(network.variables):
        for k in range(variable.size):
            assert_binomial(np.count_nonzero(states[:, i] == k), len(states), exact[i][0, k])


def test_marginal_frequencies_agree_on_a_network_with_every_feature():
    network = hand_made_network()
    assert_frequencies(network, simulate(network, 400_000, np.random.default_rng(1)))


def test_joint_frequencies_agree_for_every_pair_of_variables():
    network = hand_made_network()
    number = 100_000
    states = simulate(network, number, np.random.default_rng(2))
    for i, j in itertools.combinations(range(len(network.variables)), 2):
        for a, b in itertools.product(range(network.variables[i].size), range(network.variables[j].size)):
            count = np.count_nonzero((states[:, i] == a) & (states[:, j] == b))
            assert_binomial(count, number, joint(network, (i, a), (j, b)))


def joint(network, *states):
    try:
        return float(np.exp(log_evidence(network, dict(observe(network, *state) for state in states))[0]))
    except ImpossibleEvidenceError:
        return 0.0


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(examples(most=10))
def test_marginal_frequencies_agree_on_random_networks(example: Example):
    assert_frequencies(example.network, simulate(example.network, 20_000, np.random.default_rng(3)))


def test_an_attribute_is_off_where_its_gate_is_and_a_group_is_on_exactly_with_a_member():
    network = hand_made_network()
    column = network.index
    states = simulate(network, 50_000, np.random.default_rng(4))
    weak = states[:, column["weakness"]] == 1
    assert np.all(states[~weak, column["weakness_onset"]] == 0)
    assert np.all(states[~weak, column["weakness_one_sided"]] == 0)
    assert np.all(states[weak, column["weakness_onset"]] >= 1)
    members = states[:, column["thyroid"]] | states[:, column["neuropathy"]]
    np.testing.assert_array_equal(states[:, column["hormonal_or_nerve"]], members)


@pytest.mark.parametrize("row", [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.1, 0.2, 0.7], [0.7, 0.3, 0.0]])
def test_a_state_of_probability_zero_is_never_drawn(row):
    network = Network((Variable("x", ("a", "b", "c"), "factor"),), (Table((), np.array([row])),))
    drawn = np.bincount(simulate(network, 100_000, np.random.default_rng(5))[:, 0], minlength=3)
    assert np.all((drawn > 0) == (np.array(row) > 0.0))


def test_the_extreme_uniform_numbers_stay_among_the_possible_states():
    class Extreme:
        def __init__(self, value):
            self.value = value

        def random(self, size):
            return np.full(size, self.value)

    rounded = np.array([[0.0, 0.1, 0.2, 0.7 - 2e-10, 0.0]])  # sums to a little less than 1, as a file may
    network = Network((Variable("x", tuple("abcde"), "factor"),), (Table((), rounded),))
    assert simulate(network, 1, Extreme(0.0))[0, 0] == 1
    assert simulate(network, 1, Extreme(np.nextafter(1.0, 0.0)))[0, 0] == 3


def test_the_same_seed_gives_the_same_people_and_another_one_others():
    network = hand_made_network()
    one, same, other = (simulate(network, 1000, np.random.default_rng(seed)) for seed in (7, 7, 8))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_the_shape_is_people_by_variables_and_nobody_is_a_number_too():
    network = hand_made_network()
    assert simulate(network, 3, np.random.default_rng(9)).shape == (3, len(network.variables))
    assert simulate(network, 0, np.random.default_rng(9)).shape == (0, len(network.variables))
    with pytest.raises(ValueError, match="-1 people"):
        simulate(network, -1, np.random.default_rng(9))


def test_of_several_draws_the_first_is_used():
    root = Table((), np.array([[0.0, 1.0], [1.0, 0.0]]))
    leak = np.array([[1.0, 0.0], [0.0, 1.0]])
    network = Network(
        (Variable("cause", BINARY, "cause"), Variable("finding", BINARY, "finding")), (root, NoisyMax((), leak))
    )
    assert simulate(network, 2, np.random.default_rng(10)).tolist() == [[1, 0], [1, 0]]
