"""Hypothesis strategies: small random networks with every kind of table, and evidence on them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from legdx.network.records import Array, Inhibitor, Link, Network, Node, NoisyMax, Table, Variable

SIXTEENTHS = 16


@dataclass(frozen=True)
class Example:
    """A network and evidence, the likelihoods as fractions."""

    network: Network
    evidence: dict[int, list[Fraction]]

    @property
    def likelihoods(self) -> dict[int, Array]:
        return {i: np.array([float(x) for x in v]) for i, v in self.evidence.items()}


@st.composite
def distributions(draw: st.DrawFn, rows: int, size: int, first: int = 0) -> Array:
    """Rows over `size` states in sixteenths, no mass below `first`; certain rows included."""
    result = np.zeros((rows, size))
    for row in result:
        cuts = sorted(draw(st.lists(st.integers(0, SIXTEENTHS), min_size=size - first - 1, max_size=size - first - 1)))
        row[first:] = np.diff([0, *cuts, SIXTEENTHS]) / SIXTEENTHS
    return result


@st.composite
def chosen(draw: st.DrawFn, candidates: list[int], most: int) -> list[int]:
    if not candidates:
        return []
    return draw(st.lists(st.sampled_from(candidates), unique=True, max_size=most))


@st.composite
def nodes(draw: st.DrawFn, variables: list[Variable], kind: str) -> tuple[Variable, Node]:
    i = len(variables)
    before = list(range(i))
    name = f"v{i}"
    if kind == "table":
        size = draw(st.integers(2, 3))
        parents = tuple(draw(chosen(before, 2)))
        shape = [variables[p].size for p in parents]
        rows = int(np.prod(shape, dtype=int))
        values = draw(distributions(rows, size)).reshape(1, *shape, size)
        return Variable(name, tuple(f"s{k}" for k in range(size)), "factor"), Table(parents, values)
    size = draw(st.sampled_from([2, 2, 2, 3, 4]))
    gate = draw(st.sampled_from(before)) if before and kind == "gated" else None
    floor = 1 if gate is not None and size > 2 and draw(st.booleans()) else 0
    others = [p for p in before if p != gate]
    context = tuple(draw(chosen(others, 1)))
    shape = [variables[p].size for p in context]
    leak = draw(distributions(int(np.prod(shape, dtype=int)), size, floor)).reshape(1, *shape, size)
    links = []
    for p in draw(chosen(others, 3)):
        within = tuple(draw(chosen([q for q in others if q != p], 1)))
        shape = [*(variables[q].size for q in within), variables[p].size]
        values = draw(distributions(int(np.prod(shape)), size, floor)).reshape(1, *shape, size)
        values[..., 0, :] = np.eye(size)[floor]
        links.append(Link(p, values, within))
    inhibitors = []
    for p in draw(chosen(others, 2 if kind == "inhibited" else 1)):
        numbers = draw(st.lists(st.integers(0, SIXTEENTHS), min_size=variables[p].size, max_size=variables[p].size))
        inhibitors.append(Inhibitor(p, np.array([numbers]) / SIXTEENTHS))
    variable = Variable(name, tuple(f"s{k}" for k in range(size)), "cause")
    return variable, NoisyMax(context, leak, tuple(links), tuple(inhibitors), gate, floor)


@st.composite
def examples(draw: st.DrawFn, most: int = 12) -> Example:
    """A network of 2 to `most` variables and evidence that is hard, soft or partly excluding."""
    count = draw(st.integers(2, most))
    variables: list[Variable] = []
    made: list[Node] = []
    for _ in range(count):
        kind = draw(st.sampled_from(["table", "or", "or", "gated", "inhibited"]))
        variable, node = draw(nodes(variables, kind))
        variables.append(variable)
        made.append(node)
    network = Network(tuple(variables), tuple(made))
    evidence: dict[int, list[Fraction]] = {}
    for i in draw(chosen(list(range(count)), count)):
        size = variables[i].size
        if draw(st.booleans()):
            state = draw(st.integers(0, size - 1))
            evidence[i] = [Fraction(int(k == state)) for k in range(size)]
        else:
            weights = draw(st.lists(st.integers(0, 4), min_size=size, max_size=size))
            evidence[i] = [Fraction(w, 4) for w in weights]
    return Example(network, evidence)
