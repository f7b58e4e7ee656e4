"""Queries on single networks whose answers are known: by closed form, by enumeration, or by definition."""

from __future__ import annotations

import itertools
import math
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest

from legdx.engine import Budget, log_evidence, observe, posterior, prepare
from legdx.errors import ImpossibleEvidenceError, TooCostlyError
from legdx.network import Inhibitor, Link, Network, NoisyMax, Table, Variable
from legdx.network.records import map_arrays
from tests.network.hand_made import BINARY, GRADED, hand_made_network, leaking, raising
from tests.oracle.enumeration import enumerate_marginals

TOLERANCE = 1e-12
"""A few hundred sums and products of numbers in [0, 1], each right to 1e-16."""

MANY = 200
"""More variables than a machine word has bits, three times over."""


def root(rate):
    return Table((), np.array([[1.0 - rate, rate]]))


def network_of(*nodes, sizes=None):
    """A network of variables v0, v1, ...; binary unless `sizes` says otherwise."""
    counts = sizes or [2] * len(nodes)
    variables = (Variable(f"v{i}", tuple(f"s{k}" for k in range(n)), "cause") for i, n in enumerate(counts))
    return Network(tuple(variables), tuple(nodes))


def answers(network, **given):
    return dict(observe(network, name, state) for name, state in given.items())


def all_present(indices):
    return {i: np.array([0.0, 1.0]) for i in indices}


def all_absent(indices):
    return {i: np.array([1.0, 0.0]) for i in indices}


def assert_enumerated(network, evidence):
    """Every marginal and the log evidence are those of enumeration in exact fractions."""
    total, joint = enumerate_marginals(network, {i: [Fraction(float(x)) for x in v] for i, v in evidence.items()})
    everything = range(len(network.variables))
    if total == 0:
        with pytest.raises(ImpossibleEvidenceError):
            posterior(network, evidence, everything)
        return
    result = posterior(network, evidence, everything)
    assert result.log_evidence[0] == pytest.approx(math.log(total), rel=TOLERANCE, abs=TOLERANCE)
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
    soft = closed | {network.index["detail"]: np.array([0.25, 1.0, 0.5])}
    assert log_evidence(network, soft)[0] == pytest.approx(math.log(0.25) + log_evidence(network, closed)[0], abs=1e-13)


def test_an_absent_attribute_leaves_the_gate_open_but_less_likely():
    network = gated_network()
    before = posterior(network, {}, [1]).marginals[1][0, 1]
    after = posterior(network, answers(network, attribute="absent"), [1]).marginals[1][0, 1]
    assert 0.0 < after < before


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


# ------------------------------------------------------------------------------------------ many variables


def test_a_chain_of_200_hidden_variables_is_exact():
    """A Markov chain seen at its end: the answer is a product of 2 x 2 matrices."""
    step = np.array([[0.98, 0.02], [0.07, 0.93]])
    network = network_of(root(0.3), *(Table((i - 1,), step[np.newaxis]) for i in range(1, MANY)))
    result = posterior(network, all_present([MANY - 1]), range(MANY))
    forward, backward = [np.array([0.7, 0.3])], [np.array([0.0, 1.0])]
    for _ in range(MANY - 1):
        forward.append(forward[-1] @ step)
        backward.append(step @ backward[-1])
    for i in range(MANY):
        belief = forward[i] * backward[MANY - 1 - i]
        np.testing.assert_allclose(result.marginals[i][0], belief / belief.sum(), rtol=TOLERANCE)
    assert result.log_evidence[0] == pytest.approx(math.log(forward[-1][1]), rel=TOLERANCE)


def test_a_chain_of_causes_with_199_present_findings_between_neighbours_is_exact():
    """Hidden c0 .. c199; the finding between each pair is present.  Transfer matrices give the answer."""
    prior, leak, left, right = np.array([0.9, 0.1]), 0.05, 0.4, 0.7
    findings = [NoisyMax((), leaking(leak), (raising(i, left), raising(i + 1, right))) for i in range(MANY - 1)]
    network = network_of(*(root(prior[1]) for _ in range(MANY)), *findings)
    result = posterior(network, all_present(range(MANY, 2 * MANY - 1)), range(MANY))
    on = np.array([[1 - (1 - leak) * (1 - left * a) * (1 - right * b) for b in (0, 1)] for a in (0, 1)])
    forward, backward, log_scale = [prior], [np.ones(2)], 0.0
    for _ in range(MANY - 1):
        ahead, behind = forward[-1] @ on * prior, on @ (prior * backward[-1])
        log_scale += math.log(ahead.sum())
        forward.append(ahead / ahead.sum())
        backward.append(behind / behind.sum())
    for i in range(MANY):
        belief = forward[i] * backward[MANY - 1 - i]
        np.testing.assert_allclose(result.marginals[i][0], belief / belief.sum(), rtol=TOLERANCE)
    assert result.log_evidence[0] == pytest.approx(log_scale, rel=TOLERANCE)


def test_a_tree_of_100_causes_below_one_factor_with_100_present_findings_is_exact():
    count, rates, leak, strength = 100, (0.02, 0.3), 0.05, 0.6
    causes = [NoisyMax((0,), leaking(rates)) for _ in range(count)]
    findings = [NoisyMax((), leaking(leak), (raising(i + 1, strength),)) for i in range(count)]
    network = network_of(root(0.5), *causes, *findings)
    result = posterior(network, all_present(range(count + 1, 2 * count + 1)), range(count + 1))
    on = (leak, 1.0 - (1.0 - leak) * (1.0 - strength))
    each = [(1.0 - rate) * on[0] + rate * on[1] for rate in rates]
    odds = (each[1] / each[0]) ** count
    given_factor = [rate * on[1] / one for rate, one in zip(rates, each, strict=True)]
    expected = (given_factor[0] + given_factor[1] * odds) / (1.0 + odds)
    assert result.marginals[0][0, 1] == pytest.approx(odds / (1.0 + odds), rel=TOLERANCE)
    for i in range(1, count + 1):
        assert result.marginals[i][0, 1] == pytest.approx(expected, rel=TOLERANCE)
    log_total = math.log(0.5) + count * math.log(each[1]) + math.log1p(1.0 / odds)
    assert result.log_evidence[0] == pytest.approx(log_total, rel=TOLERANCE)


def test_one_present_finding_with_200_hidden_parents_is_exact():
    prior, leak, strength = 0.01, 0.001, 0.3
    finding = NoisyMax((), leaking(leak), tuple(raising(i, strength) for i in range(MANY)))
    network = network_of(*(root(prior) for _ in range(MANY)), finding)
    result = posterior(network, all_present([MANY]), range(MANY))
    off = (1.0 - leak) * (1.0 - prior * strength) ** MANY
    off_with_one_on = (1.0 - leak) * (1.0 - strength) * (1.0 - prior * strength) ** (MANY - 1)
    expected = prior * (1.0 - off_with_one_on) / (1.0 - off)
    for i in range(MANY):
        assert result.marginals[i][0, 1] == pytest.approx(expected, rel=TOLERANCE)
    assert result.log_evidence[0] == pytest.approx(math.log1p(-off), rel=TOLERANCE)


def test_100_present_findings_of_one_cause_are_exact():
    count, prior, leak, strength = 100, 1e-6, 0.5, 0.25
    findings = [NoisyMax((), leaking(leak), (raising(0, strength),)) for _ in range(count)]
    network = network_of(root(prior), *findings)
    result = posterior(network, all_present(range(1, count + 1)), [0])
    odds = prior / (1.0 - prior) * ((1.0 - (1.0 - leak) * (1.0 - strength)) / leak) ** count
    assert result.marginals[0][0, 1] == pytest.approx(odds / (1.0 + odds), rel=TOLERANCE)


# ------------------------------------------------------------------------------------------ small numbers


@pytest.mark.parametrize("rate", [1e-2, 1e-5, 1e-300])
def test_the_log_evidence_of_200_unlikely_independent_answers_is_right(rate):
    network = network_of(*(root(rate) for _ in range(MANY)))
    assert log_evidence(network, all_present(range(MANY)))[0] == pytest.approx(MANY * math.log(rate), rel=TOLERANCE)


@pytest.mark.parametrize("strength", [0.9, 0.99, 0.99999])
def test_200_absent_findings_of_a_known_cause_give_1e_minus_400_and_less(strength):
    findings = [NoisyMax((), leaking(0.0), (raising(0, strength),)) for _ in range(MANY)]
    network = network_of(root(1.0), *findings)
    result = posterior(network, all_absent(range(1, MANY + 1)), [0])
    assert result.log_evidence[0] == pytest.approx(
        MANY * math.log(1.0 - strength), rel=1e-10
    )  # 1 - strength is rounded
    assert result.marginals[0].tolist() == [[0.0, 1.0]]


def test_200_absent_findings_that_are_unlikely_either_way_keep_the_posterior():
    """A leak of 0.999 and a link of 0.05: P(all absent) is 1e-600, yet the odds are an ordinary number."""
    prior, strength = 0.9, 0.05
    findings = [NoisyMax((), leaking(0.999), (raising(0, strength),)) for _ in range(MANY)]
    network = network_of(root(prior), *findings)
    result = posterior(network, all_absent(range(1, MANY + 1)), [0])
    odds = prior / (1.0 - prior) * (1.0 - strength) ** MANY
    assert result.marginals[0][0, 1] == pytest.approx(odds / (1.0 + odds), rel=TOLERANCE)
    expected = MANY * math.log(1.0 - 0.999) + math.log((1.0 - prior) * (1.0 + odds))
    assert result.log_evidence[0] == pytest.approx(expected, rel=TOLERANCE)


def test_tiny_likelihoods_are_scaled_and_not_lost():
    network = network_of(*(root(0.25) for _ in range(MANY)))
    given = {i: np.array([1e-300, 2e-300]) for i in range(MANY)}
    result = posterior(network, given, range(MANY))
    assert result.log_evidence[0] == pytest.approx(MANY * math.log(1.25e-300), rel=TOLERANCE)
    np.testing.assert_allclose(result.marginals[7][0], [0.6, 0.4], rtol=TOLERANCE)


def test_a_rare_cause_keeps_all_its_digits():
    """Nothing is subtracted: a prior of 1e-250 comes back to 1e-12 of itself."""
    network = network_of(root(1e-250), NoisyMax((), leaking(0.5), (raising(0, 0.5),)))
    assert posterior(network, all_present([1]), [0]).marginals[0][0, 1] == pytest.approx(1.5e-250, rel=TOLERANCE)


# ------------------------------------------------------------------------------------------ cost


def tangled_network():
    """80 causes; 60 findings, each of 20 of the causes, so that nothing comes apart."""
    rng = np.random.default_rng(11)
    findings = [
        NoisyMax((), leaking(0.01), tuple(raising(int(p), 0.3) for p in rng.permutation(80)[:20])) for _ in range(60)
    ]
    return network_of(*(root(0.1) for _ in range(80)), *findings), all_present(range(80, 140))


def test_a_query_over_the_budget_is_refused_before_memory_is_taken():
    network, given = tangled_network()
    tracemalloc.start()
    try:
        with pytest.raises(TooCostlyError) as caught:
            posterior(network, given, range(80))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.predicted_bytes > Budget().memory
    assert caught.value.predicted_seconds > Budget().seconds
    assert peak < 20e6  # bytes; the query itself would take more than 2e9


def test_absent_answers_to_the_same_questions_cost_nothing():
    network, given = tangled_network()
    result = posterior(network, all_absent(given), [0])
    weight = 0.1 * 0.7 ** sum(0 in network.parents[i] for i in given)
    assert result.marginals[0][0, 1] == pytest.approx(weight / (weight + 0.9), rel=TOLERANCE)


@pytest.mark.parametrize("budget", [Budget(seconds=1e-9), Budget(memory=10.0)])
def test_either_half_of_the_budget_refuses(budget):
    network = hand_made_network()
    with pytest.raises(TooCostlyError):
        posterior(network, answers(network, weakness="present"), budget=budget)
    with pytest.raises(TooCostlyError):
        log_evidence(network, answers(network, weakness="present"), budget)


def test_more_draws_cost_more():
    network = hand_made_network()
    plan = prepare(network, answers(network, weakness="present"), [3]).plan
    assert plan.memory(200) == 200 * plan.memory(1)
    with pytest.raises(TooCostlyError):
        prepare(network, answers(network, weakness="present"), [3], budget=Budget(memory=plan.memory(10)), draws=11)


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
