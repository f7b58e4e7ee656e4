"""Queries on single networks whose answers are known: by closed form, by enumeration, or by definition."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from legdx.engine import log_evidence, observe, posterior, prepare
from legdx.errors import ImpossibleEvidenceError
from legdx.network import Inhibitor, Link, Network, NoisyMax, Table, Variable
from legdx.network.records import map_arrays
from tests.engine.plain import all_present, answers, network_of, root
from tests.network.hand_made import BINARY, GRADED, hand_made_network, leaking, raising
from tests.oracle.enumeration import enumerate_marginals

pytestmark = pytest.mark.usefixtures("engine")

TOLERANCE = 1e-12
"""A few hundred sums and products of numbers in [0, 1], each right to 1e-16."""


def assert_enumerated(network, evidence):
    """Every marginal, and the log evidence with and without queries, are those of enumeration in exact fractions."""
    total, joint = enumerate_marginals(network, {i: [Fraction(float(x)) for x in v] for i, v in evidence.items()})
    everything = range(len(network.variables))
    if total == 0:
        with pytest.raises(ImpossibleEvidenceError):
            posterior(network, evidence, everything)
        with pytest.raises(ImpossibleEvidenceError):
            log_evidence(network, evidence)
        return
    result = posterior(network, evidence, everything)
    assert result.log_evidence[0] == pytest.approx(math.log(total), rel=TOLERANCE, abs=TOLERANCE)
    assert log_evidence(network, evidence)[0] == pytest.approx(math.log(total), rel=TOLERANCE, abs=TOLERANCE)
    for i in everything:
        exact = [float(x / total) for x in joint[i]]
        np.testing.assert_allclose(result.marginals[i][0], exact, rtol=TOLERANCE, atol=TOLERANCE)


# ------------------------------------------------------------------------------------------ what evidence means


def test_empty_evidence_gives_the_priors():
    network = hand_made_network()
    assert posterior(network, {}).log_evidence == pytest.approx(0.0, abs=TOLERANCE)
    assert_enumerated(network, {})


def test_without_queries_every_cause_and_group_is_reported():
    network = hand_made_network()
    reported = [network.variables[i].name for i in posterior(network, {}).marginals]
    assert sorted(reported) == ["hormonal_or_nerve", "neuropathy", "stroke", "thyroid"]


def test_evidence_on_every_kind_of_variable_agrees_with_enumeration():
    network = hand_made_network()
    given = answers(network, sex="female", thyroid="absent", weakness="present", reflexes="mild")
    assert_enumerated(network, given)
    assert_enumerated(network, given | {network.index["weakness_onset"]: np.array([0.25, 0.5, 1.0])})


def test_an_observed_variable_that_is_asked_for_is_certain():
    network = hand_made_network()
    at = network.index["reflexes"]
    assert posterior(network, answers(network, reflexes="severe"), [at]).marginals[at].tolist() == [[0.0, 0.0, 1.0]]


def test_a_likelihood_that_favours_no_state_changes_nothing_but_its_factor():
    network = hand_made_network()
    plain, flat = posterior(network, {}), posterior(network, {network.index["weakness"]: np.array([0.125, 0.125])})
    assert flat.log_evidence[0] == pytest.approx(math.log(0.125), rel=TOLERANCE)
    for i, marginal in plain.marginals.items():
        np.testing.assert_array_equal(flat.marginals[i], marginal)


def test_the_scale_of_a_likelihood_goes_into_the_evidence_alone():
    network = hand_made_network()
    at = network.index["weakness"]
    one, other = (posterior(network, {at: np.array([0.2, 0.9]) * factor}) for factor in (1.0, 1e-6))
    assert other.log_evidence[0] - one.log_evidence[0] == pytest.approx(math.log(1e-6), rel=TOLERANCE)
    for i, marginal in one.marginals.items():
        np.testing.assert_allclose(other.marginals[i], marginal, rtol=TOLERANCE)


def test_a_query_leaves_the_evidence_and_the_network_as_they_were():
    network = hand_made_network()
    given = answers(network, weakness_onset="severe") | {network.index["weakness"]: np.array([0.5, 0.25])}
    before = {i: likelihood.copy() for i, likelihood in given.items()}
    posterior(network, given)
    assert list(given) == list(before)
    for i, likelihood in given.items():
        np.testing.assert_array_equal(likelihood, before[i])


def test_the_order_of_the_evidence_does_not_matter():
    network = hand_made_network()
    given = answers(network, weakness="present", sex="male", reflexes="mild", age="old")
    first = posterior(network, given)
    for turned in itertools.permutations(given.items()):
        again = posterior(network, dict(turned))
        np.testing.assert_array_equal(again.log_evidence, first.log_evidence)
        for i, marginal in first.marginals.items():
            np.testing.assert_array_equal(again.marginals[i], marginal)


@pytest.mark.parametrize(
    "likelihood",
    [[1.0], [1.0, 0.0, 0.0], [[1.0, 0.0]], 1.0, [-0.1, 1.0], [math.nan, 1.0], [math.inf, 1.0]],
    ids=["short", "long", "two rows", "no row", "negative", "not a number", "infinite"],
)
def test_a_likelihood_that_is_none_is_a_value_error_with_the_name(likelihood):
    network = hand_made_network()
    with pytest.raises(ValueError, match="likelihood of weakness must be 2"):
        posterior(network, {network.index["weakness"]: np.array(likelihood)})


# ------------------------------------------------------------------------------------------ impossible evidence


def test_a_likelihood_without_a_possible_state_is_impossible():
    network = hand_made_network()
    with pytest.raises(ImpossibleEvidenceError, match="weakness"):
        posterior(network, {network.index["weakness"]: np.zeros(2)})


@pytest.mark.parametrize("query", [posterior, log_evidence])
def test_answers_that_only_the_numbers_exclude_are_impossible(query):
    network = hand_made_network()
    given = answers(network, hormonal_or_nerve="present", thyroid="absent", neuropathy="absent")
    with pytest.raises(ImpossibleEvidenceError):
        query(network, given)


def test_one_impossible_draw_of_several_leaves_the_others_right():
    network = network_of(Table((), np.array([[1.0, 0.0], [0.5, 0.5]])), NoisyMax((), leaking(0.0), (raising(0, 0.8),)))
    result = posterior(network, all_present([1]), [0])
    assert result.log_evidence.tolist() == [-math.inf, pytest.approx(math.log(0.4))]
    assert result.marginals[0][1].tolist() == [0.0, 1.0]


# ------------------------------------------------------------------------------------------ gates


def gated_network():
    """cause -> complaint -> (gates) attribute -> (gates) detail, graded with a floor; and an inhibited attribute."""
    inhibited = NoisyMax((), leaking(0.25), (raising(0, 0.5),), (Inhibitor(0, np.array([[0.125, 0.25]])),), gate=1)
    detail = NoisyMax(
        (), np.array([[0.0, 0.75, 0.25]]), (Link(0, np.array([[[0.0, 1.0, 0.0], [0.0, 0.25, 0.75]]])),), gate=2, floor=1
    )
    return Network(
        tuple(
            Variable(name, GRADED if name == "detail" else BINARY, "cause" if name == "cause" else "finding")
            for name in ("cause", "complaint", "attribute", "detail", "inhibited")
        ),
        (
            root(0.25),
            NoisyMax((), leaking(0.125), (raising(0, 0.75),)),
            NoisyMax((), leaking(0.25), (raising(0, 0.5),), gate=1),
            detail,
            inhibited,
        ),
    )


def test_every_combination_of_answers_around_nested_gates_agrees_with_enumeration():
    network = gated_network()
    for states in itertools.product(*((None, *range(variable.size)) for variable in network.variables)):
        given = dict(observe(network, i, state) for i, state in enumerate(states) if state is not None)
        assert_enumerated(network, given)


def test_every_combination_of_soft_answers_around_nested_gates_agrees_with_enumeration():
    network = gated_network()
    binary = (None, (0.25, 1.0), (1.0, 0.0), (0.0, 0.5))
    graded = (None, (0.25, 0.5, 1.0), (0.5, 0.0, 0.25), (0.0, 0.5, 0.25), (0.5, 0.0, 0.0))
    for soft in itertools.product(binary, binary, graded, binary):
        assert_enumerated(network, {i + 1: np.array(v) for i, v in enumerate(soft) if v is not None})


def test_an_attribute_that_is_present_makes_its_gates_present():
    network = gated_network()
    alone = posterior(network, answers(network, detail="severe"), [0, 1, 2])
    spelt_out = posterior(
        network, answers(network, detail="severe", attribute="present", complaint="present"), [0, 1, 2]
    )
    assert alone.marginals[1].tolist() == [[0.0, 1.0]]
    assert alone.marginals[2].tolist() == [[0.0, 1.0]]
    np.testing.assert_array_equal(alone.log_evidence, spelt_out.log_evidence)
    np.testing.assert_array_equal(alone.marginals[0], spelt_out.marginals[0])


def test_a_gate_that_is_absent_settles_its_attributes():
    network = gated_network()
    alone = posterior(network, answers(network, complaint="absent"), range(5))
    for name in ("attribute", "detail", "inhibited"):
        assert alone.marginals[network.index[name]][0, 0] == 1.0
    answered = answers(network, complaint="absent", attribute="absent", detail="none", inhibited="absent")
    np.testing.assert_array_equal(posterior(network, answered).log_evidence, alone.log_evidence)


def test_a_soft_answer_behind_an_absent_gate_counts_with_the_weight_of_absent():
    network = gated_network()
    closed = answers(network, complaint="absent")
    expected = math.log(0.25) + log_evidence(network, closed)[0]
    for name, likelihood in (("attribute", [0.25, 1.0]), ("detail", [0.25, 1.0, 0.5]), ("inhibited", [0.25, 0.75])):
        soft = closed | {network.index[name]: np.array(likelihood)}
        assert log_evidence(network, soft)[0] == pytest.approx(expected, abs=1e-13)


def test_an_absent_attribute_leaves_the_gate_open_but_less_likely():
    network = gated_network()
    before = posterior(network, {}, [1]).marginals[1][0, 1]
    after = posterior(network, answers(network, attribute="absent"), [1]).marginals[1][0, 1]
    assert 0.0 < after < before


@pytest.mark.parametrize("likelihood", [(1.0, 0.0), (0.0, 1.0), (0.25, 1.0)])
def test_a_gate_that_is_a_parent_as_well_agrees_with_enumeration(likelihood):
    complaint = NoisyMax((), leaking(0.125), (raising(0, 0.75),))
    attribute = NoisyMax((), leaking(0.25), (raising(0, 0.5), raising(1, 0.375)), gate=1)
    network = network_of(root(0.25), complaint, attribute)
    assert_enumerated(network, {2: np.array(likelihood)})


@pytest.mark.parametrize(
    "given",
    [
        {"complaint": "absent", "attribute": "present"},
        {"complaint": "absent", "detail": "mild"},
        {"attribute": "absent", "detail": "severe"},
        {"attribute": "present", "detail": "none"},
    ],
)
def test_an_answer_against_its_gate_is_impossible_and_names_the_variable(given):
    network = gated_network()
    with pytest.raises(ImpossibleEvidenceError, match=r"no possible state for (complaint|attribute|detail)"):
        prepare(network, answers(network, **given))


# ------------------------------------------------------------------------------------------ several networks, joints


def drawn_network(draws):
    """The network by hand with other numbers in every draw and the same zeros."""
    rng = np.random.default_rng(12)

    def vary(array):
        wide = np.repeat(array, draws, axis=0)
        if np.allclose(array.sum(axis=-1), 1.0):
            wide = wide * rng.uniform(0.5, 1.5, wide.shape)
            return wide / wide.sum(axis=-1, keepdims=True)
        return wide * rng.uniform(0.5, 1.0, wide.shape)

    network = hand_made_network()
    return network.with_nodes(map_arrays(node, vary) for node in network.nodes)


@pytest.mark.parametrize(
    "given", [{}, {"weakness": "present"}, {"weakness_onset": "severe", "reflexes": "none"}, {"reflexes": "severe"}]
)
def test_networks_side_by_side_give_what_each_gives_alone(given):
    network = drawn_network(7)
    evidence = answers(network, **given)
    everything = range(len(network.variables))
    together = posterior(network, evidence, everything)
    assert together.log_evidence.shape == ((7,) if given else together.log_evidence.shape)
    for b in range(7):
        alone = posterior(network.draw(b), evidence, everything)
        here = together.log_evidence if given else np.broadcast_to(together.log_evidence, 7)
        assert here[b] == pytest.approx(alone.log_evidence[0], rel=1e-14, abs=1e-14)
        for i in everything:
            marginal = np.broadcast_to(together.marginals[i], (7, network.variables[i].size))
            np.testing.assert_allclose(marginal[b], alone.marginals[i][0], rtol=1e-13)


def test_a_prepared_query_runs_on_other_numbers_of_the_same_structure():
    first, others = hand_made_network(), drawn_network(3)
    evidence = answers(first, weakness="present", weakness_one_sided="absent")
    prepared = prepare(first, evidence, [3, 4])
    for b in range(3):
        alone = others.draw(b)
        result, expected = prepared.posterior(alone.nodes), posterior(alone, evidence, [3, 4])
        np.testing.assert_array_equal(result.log_evidence, expected.log_evidence)
        for i in (3, 4):
            np.testing.assert_array_equal(result.marginals[i], expected.marginals[i])
    np.testing.assert_allclose(
        prepared.log_evidence(others.nodes),
        [log_evidence(others.draw(b), evidence)[0] for b in range(3)],
        rtol=1e-13,
    )


@pytest.mark.parametrize("asked", [("thyroid", "stroke"), ("stroke", "thyroid"), ("weakness", "age", "neuropathy")])
def test_a_joint_table_holds_the_evidence_of_every_combination(asked):
    network = hand_made_network()
    evidence = answers(network, weakness="present", reflexes="mild")
    queries = [network.index[name] for name in asked]
    log_scale, table = prepare(network, evidence, queries, keep_joint=True).joint()
    assert table.shape == (1, *network.sizes(queries))
    for states in np.ndindex(table.shape[1:]):
        both = evidence | dict(observe(network, i, state) for i, state in zip(queries, states, strict=True))
        try:
            expected = (
                0.0 if ("weakness", 0) in zip(asked, states, strict=True) else math.exp(log_evidence(network, both)[0])
            )
        except ImpossibleEvidenceError:
            expected = 0.0
        assert table[(0, *states)] * math.exp(log_scale[0]) == pytest.approx(expected, rel=TOLERANCE, abs=1e-300)
