"""Weights of evidence are those of enumeration in exact fractions, and the steps lead from prior to posterior."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from legdx.engine import observe, posterior
from legdx.errors import ImpossibleEvidenceError
from legdx.explanation import Weight, strength_of, weights_of
from legdx.explanation.weights import log_odds, units_of
from legdx.network import Network, NoisyMax, Table, Variable
from tests.network.hand_made import BINARY, hand_made_network, leaking, raising
from tests.oracle.enumeration import enumerate_marginals
from tests.oracle.random_networks import examples

TOLERANCE = 1e-9
"""In decibans: the engine's marginals are right to 1e-12 of themselves, and 4.4e-12 decibans is what that makes."""

GENERATED = {
    "deadline": None,
    "derandomize": True,
    "phases": (Phase.explicit, Phase.generate),
    "suppress_health_check": list(HealthCheck),
}


def decibans(network, evidence, cause):
    """10 log10 of the odds of the cause, from fractions; None where the evidence is impossible."""
    total, joint = enumerate_marginals(network, evidence)
    if total == 0:
        return None
    absent, present = joint[cause]
    if 0 in {absent, present}:
        return math.inf if absent == 0 else -math.inf
    return 10.0 * (math.log10(present / absent))


def change(after, before):
    return 0.0 if after == before else after - before


def top_gate(network, evidence, i):
    """The answer that cannot be taken away without this one: the highest gate above a present attribute."""
    node = network.nodes[i]
    gate = node.gate if isinstance(node, NoisyMax) else None
    return top_gate(network, evidence, gate) if gate in evidence and evidence[i][0] == 0 else i


def units_by_definition(network, evidence):
    found = {}
    for i in evidence:
        found.setdefault(top_gate(network, evidence, i), set()).add(network.variables[i].name)
    return sorted(map(sorted, found.values()))


@settings(max_examples=100, **GENERATED)
@given(example=examples(most=7), data=st.data())
def test_every_weight_and_step_is_that_of_enumeration(example, data):
    network, evidence = example.network, example.evidence
    causes = [i for i, variable in enumerate(network.variables) if variable.size == 2 and i not in evidence]
    assume(causes)
    cause = data.draw(st.sampled_from(causes))
    everything = decibans(network, evidence, cause)
    if everything is None:
        with pytest.raises(ImpossibleEvidenceError):
            weights_of(network, example.likelihoods, cause)
        return
    found = weights_of(network, example.likelihoods, cause)
    prior = decibans(network, {}, cause)
    assert found.prior_decibans == pytest.approx(prior, abs=TOLERANCE)
    assert found.posterior_decibans == pytest.approx(everything, abs=TOLERANCE)
    assert sorted(sorted(weight.answers) for weight in found.answers) == units_by_definition(network, evidence)
    scaled = {i: [x / max(v) for x in v] for i, v in evidence.items()}
    total = enumerate_marginals(network, scaled)[0]
    for weight in found.answers:
        unit = {network.index[name] for name in weight.answers}
        rest = {i: v for i, v in scaled.items() if i not in unit}
        assert weight.weight_decibans == pytest.approx(
            change(everything, decibans(network, rest, cause)), abs=TOLERANCE
        )
        assert weight.probability == pytest.approx(float(total / enumerate_marginals(network, rest)[0]), rel=1e-9)
        for name, part in weight.parts:
            rest = {i: v for i, v in scaled.items() if i != network.index[name]}
            assert part == pytest.approx(change(everything, decibans(network, rest, cause)), abs=TOLERANCE)
    history = {i: v for i, v in evidence.items() if network.variables[i].kind == "factor"}
    background = decibans(network, history, cause)
    assert found.background_decibans == pytest.approx(background, abs=TOLERANCE)
    history = [network.variables[network.index[weight.answers[0]]].kind == "factor" for weight in found.answers]
    assert history == sorted(history, reverse=True)


def test_a_lone_answer_weighs_its_likelihood_ratio():
    """One cause of 1 %, a finding in 80 % with it and in 10 % without: 10 log10 of 8 for, of 2 / 9 against."""
    network = Network(
        (Variable("cause", BINARY, "cause"), Variable("finding", BINARY, "finding")),
        (Table((), np.array([[0.99, 0.01]])), NoisyMax((), leaking(0.1), (raising(0, 7 / 9),))),
    )
    for state, ratio in (("present", 8.0), ("absent", 2.0 / 9.0)):
        found = weights_of(network, dict([observe(network, "finding", state)]), 0)
        (weight,) = found.answers
        assert weight.weight_decibans == pytest.approx(10 * math.log10(ratio), abs=TOLERANCE)
        assert found.prior_decibans == pytest.approx(10 * math.log10(1 / 99), abs=TOLERANCE)
        assert weight.direction == ("for" if ratio > 1 else "against")


def test_an_answer_that_decides_alone_weighs_without_end():
    """The finding never comes without the cause."""
    network = Network(
        (
            Variable("cause", BINARY, "cause"),
            Variable("finding", BINARY, "finding"),
            Variable("sign", BINARY, "finding"),
        ),
        (
            Table((), np.array([[0.99, 0.01]])),
            NoisyMax((), leaking(0.0), (raising(0, 0.5),)),
            NoisyMax((), leaking(0.1), (raising(0, 0.5),)),
        ),
    )
    evidence = dict(observe(network, name, "present") for name in ("finding", "sign"))
    found = weights_of(network, evidence, 0)
    assert found.posterior_decibans == math.inf
    assert [(weight.answers, weight.weight_decibans) for weight in found.answers] == [
        (("finding",), math.inf),
        (("sign",), 0.0),
    ]


@pytest.mark.parametrize(
    ("answers", "units"),
    [
        ({"weakness": "present", "weakness_onset": "severe"}, [("weakness", "weakness_onset")]),
        (
            {"weakness": "present", "weakness_onset": "severe", "weakness_one_sided": "absent"},
            [("weakness", "weakness_onset"), ("weakness_one_sided",)],
        ),
        (
            {"weakness": "present", "weakness_onset": "severe", "weakness_one_sided": "present"},
            [("weakness", "weakness_one_sided", "weakness_onset")],
        ),
        ({"weakness_onset": "severe"}, [("weakness_onset",)]),
        ({"weakness": "absent", "weakness_one_sided": "absent"}, [("weakness",), ("weakness_one_sided",)]),
        ({"reflexes": "none", "sex": "male"}, [("sex",), ("reflexes",)]),
    ],
)
def test_a_complaint_is_taken_together_with_its_present_attributes(answers, units):
    network = hand_made_network()
    evidence = dict(observe(network, name, state) for name, state in answers.items())
    found = weights_of(network, evidence, network.index["thyroid"])
    assert [weight.answers for weight in found.answers] == units


def test_a_soft_answer_weighs_less_than_a_certain_one_and_an_empty_one_nothing():
    network = hand_made_network()
    cause, finding = network.index["thyroid"], network.index["weakness"]
    weights = {}
    for present in (Fraction(1, 2), Fraction(4, 5), Fraction(1)):
        (weight,) = weights_of(network, {finding: np.array([float(1 - present), float(present)])}, cause).answers
        weights[present] = weight.weight_decibans
    assert weights[Fraction(1, 2)] == pytest.approx(0.0, abs=TOLERANCE)
    assert 0.0 < weights[Fraction(4, 5)] < weights[Fraction(1)]


def test_an_answer_about_the_cause_itself_is_weighed_like_any_other():
    network = hand_made_network()
    cause = network.index["thyroid"]
    prior = weights_of(network, {}, cause).prior_decibans
    found = weights_of(network, {cause: np.array([0.2, 0.8])}, cause)
    assert found.posterior_decibans - prior == pytest.approx(10 * math.log10(4), abs=TOLERANCE)
    assert weights_of(network, {cause: np.array([0.0, 1.0])}, cause).posterior_decibans == math.inf


@pytest.mark.parametrize(
    ("weight", "direction", "strength"),
    [
        (0.0, "neutral", "negligible"),
        (0.99, "neutral", "negligible"),
        (-0.99, "neutral", "negligible"),
        (1.0, "for", "weak"),
        (-1.0, "against", "weak"),
        (4.99, "for", "weak"),
        (5.0, "for", "substantial"),
        (-9.99, "against", "substantial"),
        (10.0, "for", "strong"),
        (14.99, "for", "strong"),
        (15.0, "for", "very_strong"),
        (-19.99, "against", "very_strong"),
        (20.0, "for", "decisive"),
        (math.inf, "for", "decisive"),
        (-math.inf, "against", "decisive"),
    ],
)
def test_direction_and_word_follow_the_size_of_the_weight(weight, direction, strength):
    one = Weight(("tremor",), weight)
    assert (one.direction, one.strength) == (direction, strength)
    assert strength_of(weight) == strength


def test_an_answer_that_says_that_a_doubtful_complaint_is_absent_has_its_weight(leg):
    network, cause = leg.network, leg.network.index["spinal_stenosis"]
    weakness, onset = network.index["weakness"], network.index["weakness_onset"]
    evidence = {weakness: np.array([0.7, 0.3]), onset: np.eye(network.variables[onset].size)[0]}
    found = {row.answers: row.weight_decibans for row in weights_of(network, evidence, cause).answers}
    with_both, without = (log_odds(network, e, cause) for e in (evidence, {weakness: evidence[weakness]}))
    assert abs(with_both - without) > 0.01
    assert found["weakness_onset",] == pytest.approx(with_both - without, abs=1e-9)


def test_units_stand_in_the_order_history_known_causes_findings():
    network = hand_made_network()
    answers = {"reflexes": "severe", "stroke": "absent", "alcohol": "present", "weakness": "present", "age": "old"}
    units = units_of(network, dict(observe(network, name, state) for name, state in answers.items()))
    kinds = [network.variables[unit[0]].kind for unit in units]
    assert kinds == ["factor", "factor", "cause", "finding", "finding"]


def test_the_background_is_what_the_history_alone_makes_likely():
    network = hand_made_network()
    answers = {"age": "old", "alcohol": "present", "reflexes": "severe", "weakness": "present"}
    evidence = dict(observe(network, name, state) for name, state in answers.items())
    cause = network.index["neuropathy"]
    found = weights_of(network, evidence, cause)
    for told, some in ((found.prior_decibans, ()), (found.background_decibans, ("age", "alcohol"))):
        history = {network.index[name]: evidence[network.index[name]] for name in some}
        absent, present = posterior(network, history, (cause,)).marginals[cause][0]
        assert told == pytest.approx(10.0 * math.log10(present / absent))
