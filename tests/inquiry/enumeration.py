"""Brute force: every assignment of every variable, in exact fractions, for what inquiry says."""

from fractions import Fraction
from math import log2

from tests.oracle.enumeration import conditional


def worlds(network, evidence):
    """Yield (states, P(states, evidence)) for every assignment that is possible."""
    states = [0] * len(network.variables)

    def visit(i, weight):
        if i == len(states):
            yield tuple(states), weight
            return
        for k, p in enumerate(conditional(network, i, states)):
            likelihood = Fraction(evidence[i][k]) if i in evidence else 1
            if p and likelihood:
                states[i] = k
                yield from visit(i + 1, weight * p * likelihood)

    return visit(0, Fraction(1))


def tables(network, evidence, question, causes):
    """P(answer, cause = x | evidence) for each cause, as nested lists of fractions; None where P(evidence) is 0."""
    total = Fraction(0)
    found = {c: [[Fraction(0), Fraction(0)] for _ in range(network.variables[question].size)] for c in causes}
    for states, weight in worlds(network, evidence):
        total += weight
        for c in causes:
            found[c][states[question]][states[c]] += weight
    if not total:
        return None
    return {c: [[cell / total for cell in row] for row in table] for c, table in found.items()}


def mutual_information(table):
    answers = [sum(row) for row in table]
    states = [sum(column) for column in zip(*table, strict=True)]
    return sum(
        float(cell) * log2(cell / (answers[a] * states[x]))
        for a, row in enumerate(table)
        for x, cell in enumerate(row)
        if cell
    )


def entropy(probabilities):
    return -sum(float(p) * log2(p) for p in probabilities if p)
