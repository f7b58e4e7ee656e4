"""Rows of the curated network as pyAgrum answers them, each on its reduced network in small tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyagrum

from legdx.network import Network
from legdx.network.divorced import small_tables
from legdx.network.records import Array
from tests.oracle.reduced import reduced

WIDEST = 2.0**22
"""Entries of pyAgrum's largest table; a wider row is left out, and counted."""


def pyagrum_model(network: Network) -> pyagrum.BayesNet:
    """The network in pyAgrum, in small tables."""
    model = pyagrum.BayesNet()
    for variable, parents, values in small_tables(network):
        model.add(pyagrum.LabelizedVariable(variable.name, "", list(variable.states)))
        for parent in parents:
            model.addArc(parent.name, variable.name)
        # Of a table over (variable, first parent, second ..) pyAgrum lets the first vary fastest.
        turned = values.transpose(*reversed(range(len(parents))), len(parents))
        model.cpt(variable.name).fillWith(turned.ravel().tolist())
    return model


def by_pyagrum(network: Network, evidence: dict[int, Array], queries: Sequence[int]) -> dict[int, Array] | None:
    """Marginals of the queries that are not answered; None where a table of pyAgrum's would be too wide."""
    answers = {i: int(np.argmax(likelihood)) for i, likelihood in evidence.items()}
    smaller, likelihoods = reduced(network, answers, queries)
    model = pyagrum_model(smaller)
    engine = pyagrum.LazyPropagation(model)
    engine.setEvidence({name: likelihood.tolist() for name, likelihood in likelihoods.items()})
    for q in queries:
        if q not in answers:
            engine.addTarget(network.variables[q].name)
    tree = engine.junctionTree()
    sizes = {node: model.variable(node).domainSize() for node in model.nodes()}
    if max(np.prod([sizes[v] for v in tree.clique(c)], dtype=float) for c in tree.nodes()) > WIDEST:
        return None
    engine.makeInference()
    return {q: engine.posterior(network.variables[q].name).toarray() for q in queries if q not in answers}
