"""One person on the hand-made network, and what enumeration says of answers."""

from __future__ import annotations

import math

import numpy as np

from legdx.engine import observe, posterior
from tests.network.hand_made import hand_made_network
from tests.oracle.enumeration import enumerate_marginals

PERSON = {"age": "old", "sex": "male", "weakness": "present", "weakness_onset": "severe", "reflexes": "mild"}


def person(answers=None):
    network = hand_made_network()
    return network, dict(observe(network, name, state) for name, state in (answers or PERSON).items())


def enumerated(network, evidence, i):
    """P(evidence) and P(states of i | evidence), from fractions."""
    total, joint = enumerate_marginals(network, {k: list(v) for k, v in evidence.items()})
    return float(total), np.array([float(x / total) for x in joint[i]])


def decibans(network, evidence, cause):
    absent, present = posterior(network, evidence, (cause,)).marginals[cause][0]
    return 10.0 * math.log10(present / absent)
