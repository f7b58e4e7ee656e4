"""A published worked example: likelihood ratios in screening for glaucoma.

Parikh R, Parikh S, Arun E, Thomas R. Likelihood ratios: clinical application in day-to-day practice. Indian J
Ophthalmol 2009;57:217-221 (PMC2683447), as LIRICAL's tests recompute it without rounding: a prevalence of 2.5 %, a
disc test with 60 % sensitivity and 97 % specificity, eye pressure with 50 % and 92 %, a scan with 60 % and 97 %.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from legdx.engine import observe
from legdx.explanation import weights_of
from legdx.explanation.split import split_of
from legdx.network import Link, Network, NoisyMax, Table, Variable

BINARY = ("absent", "present")
PREVALENCE = 0.025
TESTS = {"disc": (0.60, 0.97), "pressure": (0.50, 0.92), "scan": (0.60, 0.97)}


@pytest.fixture(scope="module")
def screening():
    """Sensitivity as the noisy-OR of the false positives and a link: 1 - sensitivity = specificity x (1 - link)."""
    nodes = [Table((), np.array([[1.0 - PREVALENCE, PREVALENCE]]))]
    for sensitivity, specificity in TESTS.values():
        link = 1.0 - (1.0 - sensitivity) / specificity
        values = np.array([[[1.0, 0.0], [1.0 - link, link]]])
        nodes.append(NoisyMax((), np.array([[specificity, 1.0 - specificity]]), (Link(0, values),)))
    names = ["glaucoma", *TESTS]
    kinds = ["cause", *["finding"] * len(TESTS)]
    return Network(tuple(Variable(n, BINARY, k) for n, k in zip(names, kinds, strict=True)), tuple(nodes))


def odds(decibans):
    return 10.0 ** (decibans / 10.0)


@pytest.mark.parametrize(
    ("positive", "posttest_odds", "posttest_probability"),
    [
        (("disc",), 0.5128205, 0.3389831),
        (("disc", "pressure"), 3.2051282, 0.7621951),
        (("disc", "pressure", "scan"), 64.1025641, 0.9846396),
    ],
)
def test_odds_and_likelihood_ratios_are_the_published_ones(screening, positive, posttest_odds, posttest_probability):
    evidence = dict(observe(screening, name, "present") for name in positive)
    found = weights_of(screening, evidence, 0)
    assert odds(found.prior_decibans) == pytest.approx(0.0256410, abs=1e-7)
    assert odds(found.posterior_decibans) == pytest.approx(posttest_odds, rel=1e-7)
    assert odds(found.posterior_decibans) / (1 + odds(found.posterior_decibans)) == pytest.approx(
        posttest_probability, abs=1e-7
    )
    ratios = {"disc": 20.0, "pressure": 6.25, "scan": 20.0}
    for weight in found.answers:
        (name,) = weight.answers
        assert odds(weight.weight_decibans) == pytest.approx(ratios[name], rel=1e-9)
    for share in split_of(screening, evidence, 0).shares:
        assert share.decibans == pytest.approx(10.0 * math.log10(ratios[share.answers[0]]), abs=1e-9)


def test_a_negative_test_divides_the_odds_by_the_published_ratio(screening):
    found = weights_of(screening, dict([observe(screening, "disc", "absent")]), 0)
    assert odds(found.answers[0].weight_decibans) == pytest.approx(0.40 / 0.97, rel=1e-9)
    assert found.answers[0].direction == "against"
