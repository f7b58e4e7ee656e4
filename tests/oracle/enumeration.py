"""Enumeration in exact fractions: the slowest and plainest oracle, written from the definitions.

It shares nothing with the engine: each conditional probability is worked out from the definition of
noisy-MAX for one assignment at a time, and every assignment of every variable is visited.
"""

from __future__ import annotations

from fractions import Fraction

from legdx.network.records import Network, NoisyMax, Table


def conditional(network: Network, i: int, states: list[int]) -> list[Fraction]:
    """P(variable i = each state | the states of the variables before it)."""
    node = network.nodes[i]
    size = network.variables[i].size
    if isinstance(node, Table):
        row = node.values[(0, *(states[p] for p in node.parents))]
        return [Fraction(float(x)) for x in row]
    assert isinstance(node, NoisyMax)
    if node.gate is not None and states[node.gate] == 0:
        return [Fraction(int(k == 0)) for k in range(size)]
    rows = [node.leak[(0, *(states[p] for p in node.context))]]
    rows += [link.values[(0, *(states[p] for p in link.context), states[link.parent])] for link in node.links]
    spared = Fraction(1)
    for inhibitor in node.inhibitors:
        spared *= 1 - Fraction(float(inhibitor.values[0, states[inhibitor.parent]]))
    at_most = []
    for y in range(size):
        product = Fraction(1)
        for row in rows:
            product *= sum((Fraction(float(x)) for x in row[: y + 1]), Fraction(0))
        at_most.append(1 - spared * (1 - product) if y >= node.floor else product)
    return [at_most[0]] + [at_most[y] - at_most[y - 1] for y in range(1, size)]


def enumerate_marginals(network: Network, evidence: dict[int, list[Fraction]]) -> tuple[Fraction, list[list[Fraction]]]:
    """Return P(evidence) and, for every variable, P(variable = state, evidence)."""
    count = len(network.variables)
    known: dict[tuple[int, ...], list[Fraction]] = {}
    totals = [[Fraction(0)] * variable.size for variable in network.variables]
    states = [0] * count

    def visit(i: int, weight: Fraction) -> Fraction:
        if i == count:
            return weight
        total = Fraction(0)
        asked = (i, *(states[parent] for parent in network.parents[i]))
        if asked not in known:
            known[asked] = conditional(network, i, states)
        for k, p in enumerate(known[asked]):
            likelihood = evidence[i][k] if i in evidence else Fraction(1)
            if p == 0 or likelihood == 0:
                continue
            states[i] = k
            below = visit(i + 1, weight * p * likelihood)
            totals[i][k] += below
            total += below
        return total

    return visit(0, Fraction(1)), totals
