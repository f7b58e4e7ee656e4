"""The engine agrees with pyAgrum's lazy propagation, a junction tree algorithm with other code and another author.

Small networks are given to pyAgrum as full tables worked out from the definition of noisy-MAX, so that nothing of the
package stands between; larger ones, whose full tables would be too large, in small tables.
"""

from __future__ import annotations

import math

import numpy as np
import pyagrum
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from legdx.engine import Budget, observe, prepare
from legdx.errors import ImpossibleEvidenceError
from legdx.network import Inhibitor, Link, Network, NoisyMax, Table, Variable
from legdx.network.divorced import small_tables
from tests.oracle.agreement import ENGINES
from tests.oracle.enumeration import conditional
from tests.oracle.random_networks import Example, examples

TOLERANCE = 1e-12
"""Both sides add and multiply numbers in [0, 1]; a thousand such operations lose 1e-13."""

LARGE = Budget(seconds=60.0, memory=2e9)


def add_variable(model, variable):
    model.add(pyagrum.LabelizedVariable(variable.name, "", list(variable.states)))


def with_full_tables(network):
    """The network in pyAgrum, every table by the oracle's definition."""
    model = pyagrum.BayesNet()
    for i, variable in enumerate(network.variables):
        add_variable(model, variable)
        parents = network.parents[i]
        names = [network.variables[p].name for p in parents]
        for name in names:
            model.addArc(name, variable.name)
        states = [0] * len(network.variables)
        for place in np.ndindex(*network.sizes(parents)):
            for p, state in zip(parents, place, strict=True):
                states[p] = state
            row = [float(x) for x in conditional(network, i, states)]
            set_row(model, variable.name, names, place, row)
    return model


def with_small_tables(network):
    model = pyagrum.BayesNet()
    for variable, parents, values in small_tables(network):
        add_variable(model, variable)
        for parent in parents:
            model.addArc(parent.name, variable.name)
        for place in np.ndindex(values.shape[:-1]):
            set_row(model, variable.name, [parent.name for parent in parents], place, values[place].tolist())
    return model


def set_row(model, name, parents, place, row):
    if parents:
        model.cpt(name)[dict(zip(parents, map(int, place), strict=True))] = row
    else:
        model.cpt(name).fillWith(row)


def probability_of_evidence(engine):
    try:
        return engine.evidenceProbability()
    except pyagrum.IncompatibleEvidence:
        return 0.0


def assert_pyagrum_agrees(network, model, likelihoods, rtol=TOLERANCE):
    """Every marginal and P(evidence), or both sides say that the evidence is impossible."""
    theirs = pyagrum.LazyPropagation(model)
    theirs.setEvidence({network.variables[i].name: likelihood.tolist() for i, likelihood in likelihoods.items()})
    everything = range(len(network.variables))
    for which in ENGINES:
        try:
            ours = prepare(network, likelihoods, everything, budget=LARGE, which=which).posterior()
        except ImpossibleEvidenceError:
            assert probability_of_evidence(theirs) == 0.0
            continue
        assert ours.log_evidence[0] == pytest.approx(math.log(theirs.evidenceProbability()), rel=rtol, abs=rtol)
        for i in everything:
            expected = theirs.posterior(network.variables[i].name).toarray()
            np.testing.assert_allclose(ours.marginals[i][0], expected, rtol=rtol, atol=TOLERANCE, err_msg=which)


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(examples(most=8))
def test_small_networks_with_hard_and_soft_evidence_agree(example: Example):
    # pyAgrum reads (0.25, 0) as a plain answer and drops the 0.25 from P(evidence): the highest is made 1 beforehand.
    possible = {i: likelihood / likelihood.max() for i, likelihood in example.likelihoods.items() if likelihood.any()}
    assert_pyagrum_agrees(example.network, with_full_tables(example.network), possible)


# ------------------------------------------------------------------------------------------ the shape of the model


def probabilities(rng, *shape):
    values = rng.dirichlet(np.ones(shape[-1]), shape[:-1])
    return values.reshape(1, *shape)


def binary(rng, *shape, most):
    on = rng.uniform(0.0, most, (1, *shape))
    return np.stack([1.0 - on, on], axis=-1)


def raised(rng, parent, size, floor=0):
    values = np.zeros((1, 2, size))
    values[0, 0, floor] = 1.0
    values[0, 1, floor:] = rng.dirichlet(np.ones(size - floor))
    return Link(parent, values)


def clinic(seed):
    """Age, sex, 8 factors, 20 causes, 3 gates with attributes, graded findings, inhibitors; and evidence."""
    rng = np.random.default_rng([17, seed])
    nodes = [Table((), probabilities(rng, 4)), Table((0,), probabilities(rng, 4, 2))]
    sizes = [4, 2]

    def some(low, high, most):
        return sorted(rng.choice(np.arange(low, high), rng.integers(1, most + 1), replace=False).tolist())

    nodes.extend(NoisyMax((0, 1), binary(rng, 4, 2, most=0.4)) for _ in range(8))
    for i in range(20):
        parents = some(2, 10, 2) + (some(10, 10 + i, 1) if i > 3 and rng.random() < 0.4 else [])
        nodes.append(NoisyMax((0,), binary(rng, 4, most=0.1), tuple(raised(rng, p, 2) for p in parents)))
    for _ in range(3):
        gate = len(nodes)
        nodes.append(NoisyMax((1,), binary(rng, 2, most=0.2), tuple(raised(rng, p, 2) for p in some(10, 30, 5))))
        nodes.append(
            NoisyMax(
                (),
                np.array([[0.0, 0.7, 0.2, 0.1]]),
                tuple(raised(rng, p, 4, floor=1) for p in some(10, 30, 4)),
                gate=gate,
                floor=1,
            )
        )
        blockers = tuple(Inhibitor(p, rng.uniform(0.0, 0.8, (1, 2))) for p in some(10, 30, 2))
        nodes.append(
            NoisyMax((), binary(rng, most=0.2), tuple(raised(rng, p, 2) for p in some(10, 30, 3)), blockers, gate)
        )
    for _ in range(12):
        size = int(rng.integers(2, 4))
        blockers = tuple(Inhibitor(p, rng.uniform(0.0, 0.8, (1, 2))) for p in some(10, 30, 2) if rng.random() < 0.3)
        links = tuple(raised(rng, p, size) for p in some(10, 30, 4))
        nodes.append(NoisyMax((), probabilities(rng, size), links, blockers))
    sizes += [node.leak.shape[-1] for node in nodes[2:]]
    variables = (Variable(f"v{i}", tuple(f"s{k}" for k in range(size)), "cause") for i, size in enumerate(sizes))
    network = Network(tuple(variables), tuple(nodes))
    evidence = dict(observe(network, i, int(rng.integers(sizes[i]))) for i in (0, 1, *some(2, 10, 3)))
    for i in some(39, len(nodes), 9):
        hard = rng.random() < 0.7
        evidence[i] = np.eye(sizes[i])[rng.integers(sizes[i])] if hard else rng.uniform(0.1, 1.0, sizes[i])
    for gate in (30, 33, 36):
        attribute = gate + int(rng.integers(1, 3))
        evidence[gate] = np.eye(2)[rng.integers(2)]
        evidence[attribute] = np.array([1.0, *rng.uniform(0.1, 1.0, sizes[attribute] - 1)])
    return network, evidence


@pytest.mark.parametrize("seed", range(12))
def test_networks_of_the_models_shape_agree(seed):
    network, evidence = clinic(seed)
    assert_pyagrum_agrees(network, with_small_tables(network), evidence)


def test_a_network_of_200_variables_with_over_64_present_answers_agrees():
    """Each variable has parents among the four before it, so that both programs stay quick; 100 hidden, 100 present."""
    rng = np.random.default_rng(19)
    nodes = [Table((), probabilities(rng, 2))]
    for i in range(1, 200):
        parents = rng.choice(np.arange(max(0, i - 4), i), min(i, 2), replace=False).tolist()
        nodes.append(NoisyMax((), binary(rng, most=0.5), tuple(raised(rng, p, 2) for p in parents)))
    network = Network(tuple(Variable(f"v{i}", ("absent", "present"), "cause") for i in range(200)), tuple(nodes))
    evidence = dict(observe(network, i, "present") for i in range(1, 200, 2))
    assert_pyagrum_agrees(network, with_small_tables(network), evidence)
