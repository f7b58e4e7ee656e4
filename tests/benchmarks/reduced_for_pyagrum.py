"""A row's reduced query, as the engine's Python twin makes it, as networks that pyAgrum can take.

What the reduction leaves are hidden variables and factors over them.  Where the engine merges an open variable (the
highest of several contributions) pyAgrum gets one copy a contribution and sure tables "the higher of two"; they follow
the order in which our plan merges, so that pyAgrum's tables need not be wider than ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyagrum

from legdx.engine.evidence import normalise
from legdx.engine.planner import Combine, make_plan
from legdx.engine.problem import Problem, Seed
from legdx.engine.reduction import reduce_query
from legdx.network import Network

WIDEST_TABLE = 2**27
"""Entries above which a table is not handed over: it would not fit into the memory that a peer is given."""


@dataclass
class Reduced:
    """Variables by number, factors over them, and which of them are the higher of two others.

    ``place`` maps a wanted network variable to its number here.
    """

    sizes: list[int] = field(default_factory=list)
    factors: list[tuple[tuple[int, ...], np.ndarray]] = field(default_factory=list)
    highest: dict[int, tuple[int, int]] = field(default_factory=dict)
    place: dict[int, int] = field(default_factory=dict)


def reduce_row(network: Network, evidence: Mapping[int, np.ndarray], queries: tuple[int, ...]) -> Reduced:
    """Reduce one row; raises ImpossibleEvidenceError as the engine does."""
    settled, _ = normalise(network, evidence)
    problem = reduce_query(network, settled, queries)
    return _Unfolding(problem, network).run(queries)


class _Unfolding:
    """Gives every contribution to an open variable a copy of its own, and joins the copies as the plan does."""

    def __init__(self, problem: Problem, network: Network) -> None:
        self.problem = problem
        self.network = network
        self.reduced = Reduced(sizes=list(problem.sizes))
        self.same: dict[int, int] = {}
        self.copies: list[dict[int, int]] = []

    def run(self, queries: tuple[int, ...]) -> Reduced:
        for seed in self.problem.seeds:
            self._add_seed(seed)
        for step in make_plan(self.problem).steps:
            if isinstance(step, Combine):
                self._combine(step)
            else:
                self._finish(step.variable, step.factor)
        self.reduced.factors = [(tuple(self._final(v) for v in axes), a) for axes, a in self.reduced.factors]
        self.reduced.highest = {
            self._final(v): (self._final(one), self._final(other)) for v, (one, other) in self.reduced.highest.items()
        }
        self.reduced.place = {q: self.problem.ordinary[q] for q in queries}
        return self.reduced

    def _add_seed(self, seed: Seed) -> None:
        table = seed.build(self.network.nodes)[0]
        for guest in seed.guests:
            table = table * guest(self.network.nodes)[0]
            table = table / table.max()
        own = {v: self._copy(v) for v in seed.axes if self.problem.is_open(v)}
        self.copies.append(own)
        shape = tuple(self.problem.sizes[v] for v in seed.axes)
        if shape:
            self.reduced.factors.append((tuple(own.get(v, v) for v in seed.axes), np.broadcast_to(table, shape)))

    def _copy(self, variable: int) -> int:
        self.reduced.sizes.append(self.problem.sizes[variable])
        return len(self.reduced.sizes) - 1

    def _combine(self, step: Combine) -> None:
        left, right = self.copies[step.left], self.copies[step.right]
        joined = left | right
        for variable in left.keys() & right.keys():
            joined[variable] = self._copy(variable)
            self.reduced.highest[joined[variable]] = (left[variable], right[variable])
        self.copies.append(joined)

    def _finish(self, variable: int, factor: int) -> None:
        left = dict(self.copies[factor])
        copy = left.pop(variable, None)
        if copy is not None and variable in self.problem.closes:
            self.same[copy] = self.problem.closes[variable]
        elif copy is not None:
            self.reduced.factors.append(((copy,), self.problem.weights[variable]))
        self.copies.append(left)

    def _final(self, variable: int) -> int:
        return self.same.get(variable, variable)


# ------------------------------------------------------------------------------------------ pyAgrum's networks


def name(variable: int) -> str:
    """Return the name that a variable has in pyAgrum."""
    return f"v{variable}"


def bayes_net(reduced: Reduced) -> tuple[pyagrum.BayesNet, dict[str, int]]:
    """Return a Bayesian network and its evidence.

    A factor becomes an observed child of its variables; one over a single root becomes that root's prior.
    """
    model = pyagrum.BayesNet()
    for variable in _used(reduced):
        model.add(pyagrum.LabelizedVariable(name(variable), "", reduced.sizes[variable]))
    priors = {v: np.ones(reduced.sizes[v]) for v in _used(reduced) if v not in reduced.highest}
    evidence = {}
    for number, (axes, table) in enumerate(reduced.factors):
        if table.size > WIDEST_TABLE:
            raise MemoryError
        scaled = table / table.max()
        if len(axes) == 1 and axes[0] in priors:
            priors[axes[0]] = priors[axes[0]] * scaled
            continue
        child = f"f{number}"
        evidence[child] = 1
        model.add(pyagrum.LabelizedVariable(child, "", 2))
        for axis in axes:
            model.addArc(name(axis), child)
        _fill(model.cpt(child), (child, *map(name, axes)), np.stack([1.0 - scaled, scaled]))
    for variable, (one, other) in reduced.highest.items():
        model.addArc(name(one), name(variable))
        model.addArc(name(other), name(variable))
        axes = (name(variable), name(one), name(other))
        _fill(model.cpt(name(variable)), axes, _higher(reduced.sizes[variable]))
    for variable, prior in priors.items():
        model.cpt(name(variable)).fillWith((prior / prior.sum()).tolist())
    return model, evidence


def random_field(reduced: Reduced) -> pyagrum.MarkovRandomField:
    """Return a Markov random field with the same factors."""
    model = pyagrum.MarkovRandomField()
    for variable in _used(reduced):
        model.add(pyagrum.LabelizedVariable(name(variable), "", reduced.sizes[variable]))
    together: dict[tuple[int, ...], np.ndarray] = {}

    def add(axes: tuple[int, ...], table: np.ndarray) -> None:
        order = sorted(range(len(axes)), key=axes.__getitem__)
        key, turned = tuple(axes[k] for k in order), table.transpose(order)
        product = together[key] * turned if key in together else turned
        together[key] = product / product.max()

    for axes, table in reduced.factors:
        add(axes, table)
    for variable, pair in reduced.highest.items():
        add((variable, *pair), _higher(reduced.sizes[variable]))
    for key, table in together.items():
        if table.size > WIDEST_TABLE:
            raise MemoryError
        names = [name(v) for v in key]
        model.addFactor(names)
        _fill(model.factor(set(names)), tuple(names), table)
    return model


def _used(reduced: Reduced) -> list[int]:
    found = {v for axes, _ in reduced.factors for v in axes} | set(reduced.place.values())
    return sorted(found.union(reduced.highest, *reduced.highest.values()))


def _higher(size: int) -> np.ndarray:
    """Return P(state | one, other), (states, one, other): sure."""
    level = np.maximum.outer(np.arange(size), np.arange(size))
    return (level == np.arange(size)[:, np.newaxis, np.newaxis]).astype(np.float64)


def _fill(tensor: pyagrum.Tensor, axes: tuple[str, ...], table: np.ndarray) -> None:
    """Write a table whose axes are named; pyAgrum's first variable runs fastest."""
    turned = table.transpose([axes.index(one) for one in tensor.names])
    tensor.fillWith(turned.ravel(order="F").tolist())
