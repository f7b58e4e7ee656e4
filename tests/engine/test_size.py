"""Many variables, small probabilities, large costs: answers that are known in closed form, and refusals."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest

from legdx.engine import Budget, log_evidence, posterior, prepare
from legdx.errors import TooCostlyError
from legdx.network import NoisyMax, Table
from tests.engine.plain import all_absent, all_present, answers, network_of, root
from tests.network.hand_made import hand_made_network, leaking, raising

pytestmark = pytest.mark.usefixtures("engine")

TOLERANCE = 1e-12
"""A few hundred sums and products of numbers in [0, 1], each right to 1e-16."""

MANY = 200
"""More variables than a machine word has bits, three times over."""


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
    assert result.marginals[0][0, 1] == pytest.approx(odds / (1.0 + odds), rel=TOLERANCE, abs=0.0)
    for i in range(1, count + 1):
        assert result.marginals[i][0, 1] == pytest.approx(expected, rel=TOLERANCE, abs=0.0)
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
        assert result.marginals[i][0, 1] == pytest.approx(expected, rel=TOLERANCE, abs=0.0)
    assert result.log_evidence[0] == pytest.approx(math.log1p(-off), rel=TOLERANCE)


def test_100_present_findings_of_one_cause_are_exact():
    count, prior, leak, strength = 100, 1e-6, 0.5, 0.25
    findings = [NoisyMax((), leaking(leak), (raising(0, strength),)) for _ in range(count)]
    network = network_of(root(prior), *findings)
    result = posterior(network, all_present(range(1, count + 1)), [0])
    odds = prior / (1.0 - prior) * ((1.0 - (1.0 - leak) * (1.0 - strength)) / leak) ** count
    assert result.marginals[0][0, 1] == pytest.approx(odds / (1.0 + odds), rel=TOLERANCE, abs=0.0)


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
    assert result.marginals[0][0, 1] == pytest.approx(odds / (1.0 + odds), rel=TOLERANCE, abs=0.0)
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
    found = posterior(network, all_present([1]), [0]).marginals[0][0, 1]
    assert found == pytest.approx(1.5e-250, rel=TOLERANCE, abs=0.0)


@pytest.mark.parametrize("likelihood", [(0.0, 1.0), (1e-13, 1.0)])
def test_numbers_that_no_double_sees_beside_1_keep_their_digits(likelihood):
    """The row (1 - 1e-9, 1e-9) is rounded at its larger end; 1e-9 is known to 1e-16 of itself, and decides."""
    count, prior, leak, strength = 5, 1e-7, 1e-9, 0.3
    finding = NoisyMax((), leaking(leak), tuple(raising(i, strength) for i in range(count)))
    network = network_of(*(root(prior) for _ in range(count)), finding)
    result = posterior(network, {count: np.array(likelihood)}, range(count))

    def weight(on):  # P(finding's likelihood | so many causes), from the small side
        present = -math.expm1(math.log1p(-leak) + on * math.log1p(-strength))
        return likelihood[1] * present + likelihood[0] * (1.0 - present)

    ways = [math.comb(count, on) * prior**on * (1.0 - prior) ** (count - on) * weight(on) for on in range(count + 1)]
    expected = sum(on / count * way for on, way in enumerate(ways)) / sum(ways)
    for i in range(count):
        assert result.marginals[i][0, 1] == pytest.approx(expected, rel=TOLERANCE, abs=0.0)
    assert result.log_evidence[0] == pytest.approx(math.log(sum(ways)), rel=TOLERANCE)


WIDE = pytest.mark.skipif(
    np.finfo(np.longdouble).maxexp <= np.finfo(np.float64).maxexp, reason="this machine has no floats wider than double"
)


@WIDE
def test_answers_that_speak_1e400_to_one_against_and_1e800_to_one_for_a_cause_are_weighed():
    leak, strength = 1e-4, 0.99
    findings = [NoisyMax((), leaking(leak), (raising(0, strength),)) for _ in range(2 * MANY)]
    network = network_of(root(0.5), *findings)
    given = all_absent(range(1, MANY + 1)) | all_present(range(MANY + 1, 2 * MANY + 1))
    result = posterior(network, given, [0])
    off = (1.0 - leak) * (1.0 - strength)
    expected = math.log(0.5) + MANY * (math.log(off) + math.log1p(-off))
    assert result.log_evidence[0] == pytest.approx(expected, rel=TOLERANCE)
    assert result.marginals[0][0, 1] == 1.0


@WIDE
def test_proof_of_a_cause_outweighs_200_answers_against_it():
    findings = [NoisyMax((), leaking(0.0), (raising(0, 0.99),)) for _ in range(MANY + 1)]
    network = network_of(root(0.5), *findings)
    result = posterior(network, all_absent(range(1, MANY + 1)) | all_present([MANY + 1]), [0])
    assert result.log_evidence[0] == pytest.approx(math.log(0.5 * 0.99) + MANY * math.log(0.01), rel=1e-10)
    assert result.marginals[0][0, 1] == 1.0


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
    assert result.marginals[0][0, 1] == pytest.approx(weight / (weight + 0.9), rel=TOLERANCE, abs=0.0)


@pytest.mark.parametrize("budget", [Budget(seconds=1e-9), Budget(memory=10.0)])
def test_either_half_of_the_budget_refuses(budget):
    network = hand_made_network()
    with pytest.raises(TooCostlyError):
        posterior(network, answers(network, weakness="present"), budget=budget)
    with pytest.raises(TooCostlyError):
        log_evidence(network, answers(network, weakness="present"), budget)


def test_more_draws_take_the_twin_more_memory():
    network = hand_made_network()
    asked = (network, answers(network, weakness="present"), [3])
    plan = prepare(*asked, which="numpy").plan
    assert plan.memory(200) == 200 * plan.memory(1)
    with pytest.raises(TooCostlyError):
        prepare(*asked, budget=Budget(memory=plan.memory(10)), draws=11, which="numpy")


def test_more_draws_take_more_time():
    network = hand_made_network()
    asked = (network, answers(network, weakness="present"), [3])
    plan = prepare(*asked).plan
    assert plan.seconds(200) > 2 * plan.seconds(1)
    with pytest.raises(TooCostlyError):
        prepare(*asked, budget=Budget(seconds=plan.seconds(10)), draws=11)
