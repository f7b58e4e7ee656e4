"""Conflict is its definition, each answer's probability is that of enumeration, and the p-value counts people."""

from __future__ import annotations

import math

import numpy as np
import pytest

from legdx.engine import observe
from legdx.errors import ImpossibleEvidenceError
from legdx.explanation.conflict import answer_priors, conflict_of, conflict_p_value
from tests.explanation.people import enumerated, person


def test_conflict_is_the_log_of_the_product_over_the_whole():
    network, evidence = person({"age": "old", "weakness": "present", "weakness_onset": "severe", "reflexes": "none"})
    evidence[network.index["alcohol"]] = np.array([0.4, 0.1])  # soft: counts with its largest entry 1
    priors = answer_priors(network, list(evidence))
    found = conflict_of(network, evidence, priors)
    scaled = {i: v / v.max() for i, v in evidence.items()}
    whole, _ = enumerated(network, scaled, 0)
    product = math.prod(enumerated(network, {i: v}, 0)[0] for i, v in scaled.items())
    assert found.log_ratio == pytest.approx(math.log(product / whole), abs=1e-9)
    assert {one.answers for one in found.answers} == {
        ("age",), ("alcohol",), ("weakness", "weakness_onset"), ("reflexes",),
    }  # fmt: skip
    for one in found.answers:
        rest = {i: v for i, v in scaled.items() if network.variables[i].name not in one.answers}
        assert one.probability == pytest.approx(whole / enumerated(network, rest, 0)[0], rel=1e-9)
    values = [one.probability for one in found.answers]
    assert values == sorted(values)
    assert all(one.probability < 0.05 for one in found.surprising)
    assert len(found.surprising) == sum(value < 0.05 for value in values)


def test_answers_of_one_disease_support_each_other_and_others_conflict():
    network, fitting = person({"weakness": "present", "weakness_onset": "severe", "weakness_one_sided": "present"})
    assert conflict_of(network, fitting, answer_priors(network, list(fitting))).log_ratio < 0.0
    network, strange = person({"neuropathy": "present", "weakness": "absent", "reflexes": "severe"})
    assert conflict_of(network, strange, answer_priors(network, list(strange))).log_ratio > 0.0


def test_the_p_value_is_small_for_answers_that_conflict_and_repeats_with_its_seed():
    network, strange = person({"age": "young", "weakness": "absent", "neuropathy": "present", "reflexes": "severe"})
    priors = answer_priors(network, list(strange))
    p, n = conflict_p_value(network, strange, priors, simulations=199)
    assert n == 199
    assert 1 / 200 <= p < 0.05
    assert (p, n) == conflict_p_value(network, strange, priors, simulations=199)
    network, usual = person({"age": "young", "weakness": "absent", "neuropathy": "absent", "reflexes": "none"})
    assert conflict_p_value(network, usual, answer_priors(network, list(usual)), simulations=49)[0] > 0.2


def test_people_are_drawn_with_the_cause_that_is_set():
    network, evidence = person({"age": "old", "weakness": "present", "weakness_onset": "mild", "reflexes": "mild"})
    priors = answer_priors(network, list(evidence))
    alone, _ = conflict_p_value(network, evidence, priors, simulations=199)
    stroke, _ = conflict_p_value(network, evidence, priors, network.index["stroke"], simulations=199)
    # The public is hardly ever ill, so that its answers support each other less; strokes come with severe weakness.
    assert stroke < alone


def test_answers_that_exclude_each_other_have_no_conflict():
    network, evidence = person({"weakness": "absent"})
    evidence |= dict([observe(network, "weakness_onset", "mild")])
    with pytest.raises(ImpossibleEvidenceError):
        conflict_of(network, evidence, answer_priors(network, list(evidence)))
