"""Mutual information of an answer and each cause is that of brute force, and keeps its identities."""

import numpy as np
import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from legdx.engine import Budget
from legdx.errors import ImpossibleEvidenceError, TooCostlyError
from legdx.inquiry.information import answer_table, entropy_bits, information_bits
from legdx.network.records import Link, Network, NoisyMax, Table, Variable
from tests.inquiry import enumeration
from tests.oracle.random_networks import examples

BINARY = ("absent", "present")


@st.composite
def asked(draw):
    """A small network with every kind of table, evidence on it, a question without evidence, and binary causes."""
    example = draw(examples(most=6))
    network = example.network
    free = [i for i in range(len(network.variables)) if i not in example.evidence]
    assume(free)
    question = draw(st.sampled_from(free))
    causes = [i for i, variable in enumerate(network.variables) if variable.size == 2 and i != question]
    assume(causes)
    return example, question, causes


@settings(max_examples=100, deadline=None)
@given(asked())
def test_tables_and_bits_are_those_of_enumeration(case):
    example, question, causes = case
    expected = enumeration.tables(example.network, example.evidence, question, causes)
    if expected is None:
        with pytest.raises(ImpossibleEvidenceError):
            answer_table(example.network, example.likelihoods, question, causes)
        return
    answers, joint = answer_table(example.network, example.likelihoods, question, causes)
    for place, c in enumerate(causes):
        exact = np.array([[float(cell) for cell in row] for row in expected[c]])
        assert joint[place] == pytest.approx(exact, abs=1e-12)
        assert answers == pytest.approx(exact.sum(axis=1), abs=1e-12)
        assert information_bits(joint)[place] == pytest.approx(
            enumeration.mutual_information(expected[c]), abs=1e-9
        )  # a ratio of nearly equal numbers


@settings(max_examples=100, deadline=None)
@given(asked())
def test_information_is_what_the_entropy_of_a_cause_is_expected_to_lose(case):
    example, question, causes = case
    try:
        answers, joint = answer_table(example.network, example.likelihoods, question, causes)
    except ImpossibleEvidenceError:
        reject()
    bits = information_bits(joint)
    possible = answers > 0.0
    after = entropy_bits(joint[:, possible] / answers[possible, np.newaxis]) @ answers[possible]
    assert np.all(bits >= 0.0)
    assert bits == pytest.approx(entropy_bits(joint.sum(axis=1)) - after, abs=1e-9)


def chain():
    """A cause that raises a finding, and a coin that nothing has to do with."""
    off = [[[1.0, 0.0], [0.3, 0.7]]]
    variables = (
        Variable("cause", BINARY, "cause"),
        Variable("coin", BINARY, "factor"),
        Variable("finding", BINARY, "finding"),
    )
    nodes = (
        Table((), np.array([[0.8, 0.2]])),
        Table((), np.array([[0.5, 0.5]])),
        NoisyMax((), np.array([[0.9, 0.1]]), (Link(0, np.array(off)),)),
    )
    return Network(variables, nodes)


def test_a_question_that_has_nothing_to_do_with_a_cause_brings_nothing():
    for evidence in ({}, {2: np.array([0.0, 1.0])}, {2: np.array([0.4, 0.6])}):
        _, joint = answer_table(chain(), evidence, 1, (0,))
        assert information_bits(joint)[0] == pytest.approx(0.0, abs=1e-12)


def test_a_worked_example():
    # P(finding | cause) = 1 - 0.9 x 0.3 = 0.73, P(finding | none) = 0.1, P(cause) = 0.2: by hand,
    # P(finding) = 0.226; H(0.2) - 0.226 H(0.146 / 0.226) - 0.774 H(0.054 / 0.774)
    _, joint = answer_table(chain(), {}, 2, (0,))
    by_hand = (
        entropy_bits(np.array([0.2, 0.8]))
        - 0.226 * entropy_bits(np.array([0.146, 0.08]) / 0.226)
        - 0.774 * entropy_bits(np.array([0.054, 0.72]) / 0.774)
    )
    assert information_bits(joint)[0] == pytest.approx(by_hand, rel=1e-12)


def test_what_costs_more_than_the_budget_is_refused():
    with pytest.raises(TooCostlyError):
        answer_table(chain(), {}, 2, (0,), Budget(seconds=0.0))
