"""The shortest way to write a small network and answers to it."""

from __future__ import annotations

import numpy as np

from legdx.engine import observe
from legdx.network import Network, Table, Variable


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
