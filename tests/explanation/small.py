"""Small binary networks of causes, a syndrome, complaints, an attribute and signs, with some answers."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from legdx.network import Inhibitor, Network, NoisyMax, Table, Variable
from tests.network.hand_made import BINARY, leaking, raising

NAMES = ("habit", "first", "second", "third", "syndrome", "ache", "ache_dull", "numb", "sign")
KINDS = ("factor", "cause", "cause", "cause", "syndrome", "finding", "finding", "finding", "finding")
FINDINGS = ("ache", "ache_dull", "numb", "sign")
STRENGTHS = st.sampled_from([0.1, 0.5, 0.9, 1.0])
LEAKS = st.sampled_from([0.0, 0.0, 0.05, 0.2])


@st.composite
def networks(draw) -> Network:
    """first -> second, first and second -> syndrome, causes and syndrome -> findings; the sign may be suppressed."""
    index = {name: i for i, name in enumerate(NAMES)}

    def node(parents, gate=None, inhibitors=()):
        links = tuple(raising(index[p], draw(STRENGTHS)) for p in parents if draw(st.booleans()))
        stops = tuple(
            Inhibitor(index[p], np.array([[0.0, draw(STRENGTHS)]])) for p in inhibitors if draw(st.booleans())
        )
        return NoisyMax((), leaking(draw(LEAKS)), links, stops, None if gate is None else index[gate])

    nodes = (
        Table((), np.array([[0.7, 0.3]])),
        node(("habit",)),
        node(("first",)),
        node(()),
        node(("first", "second")),
        node(("second", "third", "syndrome")),
        node(("first", "syndrome"), gate="ache"),
        node(("syndrome", "third")),
        node(("first",), inhibitors=("third",)),
    )
    return Network(tuple(Variable(n, BINARY, k) for n, k in zip(NAMES, KINDS, strict=True)), nodes)


@st.composite
def answers(draw, network: Network) -> dict[int, np.ndarray]:
    """Certain and soft answers, most of them findings."""
    found = {}
    for name in draw(st.lists(st.sampled_from([*FINDINGS, *FINDINGS, "habit", "third"]), unique=True, min_size=1)):
        found[network.index[name]] = np.array(
            draw(st.sampled_from([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0], [0.2, 1.0], [1.0, 0.3]]))
        )
    return found
