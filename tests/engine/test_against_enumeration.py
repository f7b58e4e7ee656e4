"""Both engines agree with enumeration in exact fractions on networks with every kind of table."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from legdx.engine import prepare
from legdx.network import Network, NoisyMax, Table, Variable
from legdx.network.records import Kind
from tests.network.hand_made import leaking, raising
from tests.oracle.agreement import ENGINES, TOLERANCE, assert_agrees, assert_bounded, log_of
from tests.oracle.enumeration import enumerate_marginals
from tests.oracle.harsh_networks import harsh_example
from tests.oracle.random_networks import Example, examples

HARSH = 240
"""Networks of `harsh_networks.py` looked at here; `make verify` looks at ten thousand."""


@settings(
    max_examples=500,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),  # shrinking a failure of this size takes minutes
    suppress_health_check=list(HealthCheck),
)
@given(examples())
def test_posteriors_and_evidence_equal_the_enumerated_ones(example: Example) -> None:
    assert_agrees(example)


@pytest.mark.parametrize("first", range(0, HARSH, 40))
def test_networks_that_are_hard_on_arithmetic_agree_and_the_proven_bound_holds(first: int) -> None:
    for seed in range(first, first + 40):
        assert_agrees(harsh_example(seed))


def test_the_bound_is_no_formality_where_present_findings_cancel() -> None:
    """Some bounds are over the tolerance, some errors are seen, and no error is over its bound (`assert_bounded`)."""
    found = [assert_agrees(harsh_example(seed)) for seed in range(390, 514, 4)]
    assert any(1e-9 < one.bound < np.inf for one in found)
    assert any(one.error > 1e-12 for one in found)


def test_the_check_of_the_bound_sees_an_error_that_is_over_it() -> None:
    example = harsh_example(2)
    total, joint = enumerate_marginals(example.network, example.evidence)
    query = prepare(example.network, example.likelihoods, range(len(example.network.variables)))
    exact = [[x / total for x in row] for row in joint]
    if not assert_bounded(example.network, query, total, exact).bound:
        pytest.skip("no kernels")
    wrong = [[x + Fraction(1, 10**12) for x in row] for row in exact]
    with pytest.raises(AssertionError):
        assert_bounded(example.network, query, total, wrong)


@pytest.mark.parametrize("seed", range(3, 400, 4))
def test_the_probability_of_the_evidence_is_right_to_1e_10_down_to_1e_200_and_less(seed: int) -> None:
    example = harsh_example(seed)
    exact = log_of(enumerate_marginals(example.network, example.evidence)[0])
    for which in ENGINES:
        assert abs(prepare(example.network, example.likelihoods, which=which).log_evidence()[0] - exact) < 1e-10


def test_some_of_these_probabilities_are_under_1e_200() -> None:
    exact = [log_of(enumerate_marginals(one.network, one.evidence)[0]) for one in map(harsh_example, range(3, 400, 4))]
    assert min(exact) < -200 * np.log(10.0) < max(exact)


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
    results = [prepare(network, example.likelihoods, rest, kept=kept, which=which).by_cell() for which in ENGINES]
    for cell in np.ndindex(*network.sizes(kept)):
        said = dict(example.evidence)
        for i, state in zip(kept, cell, strict=True):
            said[i] = [int(k == state) for k in range(network.variables[i].size)]
        joint = enumerate_marginals(network, said)[1]
        for (scale, tables), i in ((result, i) for result in results for i in rest):
            exact = [float(x) for x in joint[i]]
            np.testing.assert_allclose(np.exp(scale) * tables[i][cell], exact, rtol=TOLERANCE, atol=TOLERANCE)


def factors_that_go_together() -> Network:
    """A disease, its medicine, which few take without it, and what each of them causes; age and sex above all."""
    names = ("age", "sex", "disease", "medicine", "nerve_damage", "low_sugar", "shaking", "numbness")
    kinds: tuple[Kind, ...] = (*["factor"] * 4, "cause", "cause", "finding", "finding")
    without = np.array([[0.0001, 0.0002], [0.0001, 0.0003], [0.0002, 0.0001]])
    with_disease = np.array([[0.35, 0.4], [0.45, 0.5], [0.5, 0.55]])
    nodes = (
        Table((), np.array([[0.3, 0.4, 0.3]])),
        Table((0,), np.array([[[0.5, 0.5], [0.51, 0.49], [0.55, 0.45]]])),
        Table((0, 1), leaking([[0.03, 0.03], [0.1, 0.12], [0.18, 0.26]])),
        Table((0, 1, 2), leaking(np.stack([without, with_disease], axis=-1))),
        NoisyMax((0,), leaking([0.001, 0.01, 0.04]), (raising(2, 0.15),)),
        NoisyMax((), leaking(0.002), (raising(3, 0.31),)),
        NoisyMax((), leaking(0.03), (raising(4, 0.1), raising(5, 0.6))),
        NoisyMax((1,), leaking([0.05, 0.04]), (raising(4, 0.7),)),
    )
    states = (("young", "middle", "old"), *[("absent", "present")] * 7)
    variables = (Variable(*one) for one in zip(names, states, kinds, strict=True))
    return Network(tuple(variables), nodes)


def test_a_factor_that_depends_on_another_factor_is_exact_for_every_set_of_answers() -> None:
    network = factors_that_go_together()
    answers: list[list[Fraction] | None] = [None, [Fraction(1), Fraction(0)], [Fraction(0), Fraction(1)]]
    for said in itertools.product(answers, repeat=4):
        asked = zip(("disease", "medicine", "shaking", "numbness"), said, strict=True)
        evidence = {network.index[name]: likelihood for name, likelihood in asked if likelihood is not None}
        assert_agrees(Example(network, evidence))
