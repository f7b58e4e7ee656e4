"""The pgmpy model is the same distribution, in small tables, under the same names."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from pgmpy.inference import VariableElimination
from pgmpy.models import DiscreteBayesianNetwork

from legdx.engine import certain_state, log_evidence, observe, posterior
from legdx.errors import ImpossibleEvidenceError
from legdx.network import Inhibitor, Network, NoisyMax, Table, Variable, to_pgmpy
from legdx.network.divorced import divorced, small_tables
from tests.network.hand_made import BINARY, hand_made_network, leaking, raising
from tests.oracle.random_networks import Example, examples

TOLERANCE = 1e-12
"""Both sides add and multiply numbers in [0, 1]; a hundred such operations lose 1e-14."""

GENERATED = {
    "deadline": None,
    "derandomize": True,
    "phases": (Phase.explicit, Phase.generate),
    "suppress_health_check": list(HealthCheck),
}


def marginals_by_pgmpy(network, model, evidence):
    """The marginal of every unobserved variable of `network`, by pgmpy's variable elimination."""
    given = {network.variables[i].name: network.variables[i].states[state] for i, state in evidence.items()}
    asked = [variable.name for i, variable in enumerate(network.variables) if i not in evidence]
    if not asked:
        return {}
    found = VariableElimination(model).query(asked, evidence=given, joint=False, show_progress=False)
    return {
        name: np.array(
            [found[name].get_value(**{name: state}) for state in network.variables[network.index[name]].states]
        )
        for name in asked
    }


def assert_pgmpy_agrees(network, evidence):
    """`evidence` maps an index to a state; impossible evidence is not asked of pgmpy, which divides 0 by 0."""
    ours = posterior(
        network, dict(observe(network, i, state) for i, state in evidence.items()), range(len(network.variables))
    )
    for name, theirs in marginals_by_pgmpy(network, to_pgmpy(network), evidence).items():
        np.testing.assert_allclose(ours.marginals[network.index[name]][0], theirs, rtol=TOLERANCE, atol=TOLERANCE)


@settings(max_examples=150, **GENERATED)
@given(examples(most=10))
def test_the_divorced_network_has_the_same_posteriors_and_evidence(example: Example):
    small = divorced(example.network)
    place = {i: small.index[variable.name] for i, variable in enumerate(example.network.variables)}
    moved = {place[i]: likelihood for i, likelihood in example.likelihoods.items()}
    try:
        expected = posterior(example.network, example.likelihoods, place)
    except ImpossibleEvidenceError:
        with pytest.raises(ImpossibleEvidenceError):
            log_evidence(small, moved)
        return
    result = posterior(small, moved, place.values())
    np.testing.assert_allclose(result.log_evidence, expected.log_evidence, rtol=TOLERANCE, atol=TOLERANCE)
    for i, at in place.items():
        np.testing.assert_allclose(result.marginals[at], expected.marginals[i], rtol=TOLERANCE, atol=TOLERANCE)


@settings(max_examples=40, **GENERATED)
@given(examples(most=7))
def test_variable_elimination_in_pgmpy_finds_our_posteriors(example: Example):
    states = {i: certain_state(likelihood) for i, likelihood in example.likelihoods.items()}
    hard = {i: state for i, state in states.items() if state is not None}
    model = to_pgmpy(example.network)
    assert model.check_model()
    try:
        assert_pgmpy_agrees(example.network, hard)
    except ImpossibleEvidenceError:
        assert_pgmpy_agrees(example.network, {})


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"weakness": "present"},
        {"weakness": "absent", "age": "old"},
        {"weakness_onset": "severe", "sex": "male", "reflexes": "none"},
        {"weakness": "present", "weakness_one_sided": "absent", "reflexes": "severe", "hormonal_or_nerve": "present"},
    ],
)
def test_variable_elimination_agrees_on_a_network_with_every_feature(answers):
    network = hand_made_network()
    evidence = {
        network.index[name]: network.variables[network.index[name]].states.index(state)
        for name, state in answers.items()
    }
    assert_pgmpy_agrees(network, evidence)


def test_the_model_is_pgmpys_own_and_keeps_names_and_states():
    network = hand_made_network()
    model = to_pgmpy(network)
    assert isinstance(model, DiscreteBayesianNetwork)
    for variable in network.variables:
        assert tuple(model.get_cpds(variable.name).state_names[variable.name]) == variable.states


def test_auxiliary_variables_are_named_for_what_they_gather():
    network = hand_made_network()
    auxiliary = [table.variable.name for table in small_tables(network) if table.variable.name not in network.index]
    assert auxiliary == [
        "weakness__max_1",
        "weakness__max_2",
        "weakness__max_3",
        "weakness_onset__max_1",
        "weakness_one_sided__max_1",
        "weakness_one_sided__inhibited_1",
        "reflexes__max_1",
        "reflexes__max_2",
        "reflexes__inhibited_1",
    ]


def test_an_auxiliary_name_that_is_taken_is_passed_over():
    taken = Variable("weakness__max_1", BINARY, "cause")
    network = Network(
        (taken, Variable("weakness", BINARY, "finding")),
        (Table((), np.array([[0.9, 0.1]])), NoisyMax((), leaking(0.1), (raising(0, 0.5),), gate=0)),
    )
    assert [table.variable.name for table in small_tables(network)] == [
        "weakness__max_1",
        "weakness__max_2",
        "weakness",
    ]


@settings(max_examples=100, **GENERATED)
@given(examples(most=12))
def test_no_table_has_more_than_three_parents(example: Example):
    assert all(len(table.parents) <= 3 for table in small_tables(example.network))


def test_forty_parents_and_ten_inhibitors_become_small_tables_with_the_same_marginal():
    count, strength, fires = 40, 0.03, 0.01
    roots = [Variable(f"c{i}", BINARY, "cause") for i in range(count)]
    links = tuple(raising(i, strength) for i in range(count))
    inhibitors = tuple(Inhibitor(i, np.array([[0.0, fires]])) for i in range(10))
    network = Network(
        (*roots, Variable("finding", BINARY, "finding")),
        (*(Table((), np.array([[0.0, 1.0]])) for _ in roots), NoisyMax((), leaking(0.1), links, inhibitors)),
    )
    small = divorced(network)
    assert max(len(table.parents) for table in small_tables(network)) <= 3
    expected = (1 - 0.9 * (1 - strength) ** count) * (1 - fires) ** 10
    at = small.index["finding"]
    assert posterior(small, {}, [at]).marginals[at][0, 1] == pytest.approx(expected, rel=TOLERANCE)


def test_small_probabilities_keep_their_digits():
    network = Network(
        (Variable("cause", BINARY, "cause"), Variable("finding", BINARY, "finding")),
        (Table((), np.array([[1.0, 0.0]])), NoisyMax((), leaking(1e-200), (raising(0, 0.5), raising(0, 1e-3)))),
    )
    assert small_tables(network)[1].values[0, 1] == 1e-200


def test_of_several_draws_the_first_is_exported_and_all_are_divorced():
    first = hand_made_network()
    wide = first.with_nodes(
        (Table((), np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8]])), *first.nodes[1:]),
    )
    model = to_pgmpy(wide)
    np.testing.assert_array_equal(model.get_cpds("age").get_values()[:, 0], [0.2, 0.5, 0.3])
    small = divorced(wide)
    asked = small.index["weakness"]
    separate = [
        posterior(wide.draw(b), {}, [wide.index["weakness"]]).marginals[wide.index["weakness"]][0] for b in range(3)
    ]
    np.testing.assert_allclose(posterior(small, {}, [asked]).marginals[asked], separate, rtol=TOLERANCE)


def test_every_entry_of_a_hand_worked_table_is_right():
    """Raised with probability 0.1 by the leak and 0.5 by the cause; suppressed with 0.25; only behind the gate."""
    names = ("gate", "cause", "blocker")
    roots = [Table((), np.array([[0.5, 0.5]]))] * 3
    node = NoisyMax((), leaking(0.1), (raising(1, 0.5),), (Inhibitor(2, np.array([[0.0, 0.25]])),), gate=0)
    network = Network(tuple(Variable(name, BINARY, "cause") for name in (*names, "finding")), (*roots, node))
    small = divorced(network)
    for gate, cause, blocker in itertools.product((0, 1), repeat=3):
        evidence = dict(observe(small, name, s) for name, s in zip(names, (gate, cause, blocker), strict=True))
        at = small.index["finding"]
        expected = gate * (0.55 if cause else 0.1) * (0.75 if blocker else 1.0)
        assert posterior(small, evidence, [at]).marginals[at][0, 1] == pytest.approx(expected, abs=TOLERANCE)
