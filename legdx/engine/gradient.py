"""Derivatives of log P(evidence), and of a posterior's log-odds, by every number of the network.

P(evidence) is affine in each single number, so that its derivative is exact: the adjoint of an initial factor, times
what one unit more of the number adds to that factor (Darwiche 2003, "A differential approach to inference in Bayesian
networks").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from legdx.engine import twin
from legdx.engine.evidence import Evidence, Likelihood, certain_state, normalise
from legdx.engine.planner import Budget
from legdx.engine.problem import Builder, Nodes, Seed
from legdx.engine.twin_query import TwinQuery
from legdx.network.records import Array, Network, Node, NoisyMax, arrays_of, map_arrays

__all__ = ["Gradient", "log_evidence_gradient", "logit_gradient"]

Gradient = tuple[tuple[Array, ...], ...]
"""For each variable one array for each of ``arrays_of`` its node, of the shape of one draw."""


def log_evidence_gradient(network: Network, evidence: Evidence, budget: Budget | None = None) -> Gradient:
    """Return d log P(evidence) / d number, each number taken as free of the others.

    Args:
        network: a network of one draw.
        evidence: variable index -> likelihood of each state.
        budget: what it may cost on the NumPy twin; default 1 s and 2 GB.

    Raises:
        ImpossibleEvidenceError: P(evidence) is 0.
        TooCostlyError: the predicted cost is over the budget.
        LegdxError: the numbers leave the computer's range.

    """
    settled, log_constant = normalise(network, evidence)
    query = TwinQuery(network, settled, (), log_constant)
    query.plan.require(budget or Budget())
    run = twin.forward(query.problem, query.plan, network.nodes, careful=False)
    total = query.total(run)
    adjoints = twin.seed_adjoints(query.problem, query.plan, run)
    numbers = _Numbers(network, settled)
    for seed, turned, adjoint in zip(query.problem.seeds, query.plan.seed_axes, adjoints, strict=True):
        back = (0, *(turned.index(axis) + 1 for axis in seed.axes))
        numbers.add(seed, adjoint.transpose(back)[0] / total)
    return tuple(tuple(found) for found in numbers.gradient)


def logit_gradient(network: Network, evidence: Evidence, variable: int, budget: Budget | None = None) -> Gradient:
    """Return d log-odds(variable is not in its first state | evidence) / d number; raises as ``log_evidence_gradient``.

    ``variable`` must not be settled by the evidence.
    """
    size = network.variables[variable].size
    given = np.asarray(evidence.get(variable, np.ones(size)), dtype=np.float64)
    off = np.zeros(size)
    off[0] = given[0]
    on = given - off
    with_it = log_evidence_gradient(network, {**evidence, variable: on}, budget)
    without = log_evidence_gradient(network, {**evidence, variable: off}, budget)
    return tuple(tuple(a - b for a, b in zip(x, y, strict=True)) for x, y in zip(with_it, without, strict=True))


@dataclass
class _Numbers:
    """What has been added up for each number so far."""

    network: Network
    evidence: Mapping[int, Likelihood]
    gradient: list[list[Array]] = field(init=False)
    _raised: dict[int, tuple[Node, list[tuple[int, tuple[int, ...]]]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.gradient = [[np.zeros(a.shape[1:]) for a in arrays_of(node)] for node in self.network.nodes]

    def add(self, seed: Seed, adjoint: Array) -> None:
        """Add what an initial factor owes to its numbers; ``adjoint`` broadcasts over its axes."""
        parts = (seed.build, *seed.guests)
        values = [part(self.network.nodes)[0] for part in parts]
        for at, part in enumerate(parts):
            owner = _owner(part, self.network.nodes)
            if owner is None:
                continue
            raised, places = self._lanes(owner)
            by_part = adjoint
            for other in (*values[:at], *values[at + 1 :]):
                by_part = by_part * other
            gain = part(_With(self.network.nodes, owner, raised)) - values[at]
            slopes = (gain * by_part).reshape(len(places), -1).sum(axis=1)
            for (array, place), slope in zip(places, slopes.tolist(), strict=True):
                self.gradient[owner][array][place] += slope

    def _lanes(self, i: int) -> tuple[Node, list[tuple[int, tuple[int, ...]]]]:
        """Return a node with one lane for each number that can matter, raised by 1, and where these numbers stand."""
        if i not in self._raised:
            node = self.network.nodes[i]
            places = [
                (array, tuple(place.tolist()))
                for array, free in enumerate(self._free(i))
                for place in np.argwhere(np.ones([len(f) for f in free]))
            ]
            states = list(self._free(i))
            places = [(array, tuple(states[array][axis][k] for axis, k in enumerate(place))) for array, place in places]
            which = iter(range(len(arrays_of(node))))

            def raise_one(array: Array) -> Array:
                own = next(which)
                lanes = np.repeat(array, len(places), axis=0)
                for lane, (number, place) in enumerate(places):
                    if number == own:
                        lanes[(lane, *place)] += 1.0
                return lanes

            self._raised[i] = (map_arrays(node, raise_one), places)
        return self._raised[i]

    def _free(self, i: int) -> Iterator[list[list[int]]]:
        """Iterate over the arrays of a node: along each axis the states that the evidence leaves."""
        node = self.network.nodes[i]
        levels = list(range(self.network.variables[i].size))

        def left(members: Sequence[int]) -> list[list[int]]:
            return [self._left(member) for member in members]

        if not isinstance(node, NoisyMax):
            yield [*left(node.parents), levels]
            return
        yield [*left(node.context), levels]
        for link in node.links:
            yield [*left((*link.context, link.parent)), levels]
        for inhibitor in node.inhibitors:
            yield left((inhibitor.parent,))

    def _left(self, member: int) -> list[int]:
        state = certain_state(self.evidence[member]) if member in self.evidence else None
        return list(range(self.network.variables[member].size)) if state is None else [state]


class _With(Sequence[Node]):
    """The nodes of a network with one of them exchanged."""

    def __init__(self, nodes: Nodes, place: int, node: Node) -> None:
        self.nodes, self.place, self.node = nodes, place, node

    def __len__(self) -> int:
        return len(self.nodes)

    def __getitem__(self, i):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN204 - as Sequence has it
        return self.node if i == self.place else self.nodes[i]


class _Watched(Sequence[Node]):
    """The nodes of a network, which remember the one that was asked for."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.asked: set[int] = set()

    def __len__(self) -> int:
        return len(self.nodes)

    def __getitem__(self, i):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN204 - as Sequence has it
        self.asked.add(i)
        return self.nodes[i]


def _owner(part: Builder, nodes: Nodes) -> int | None:
    """Return the variable whose numbers a part of an initial factor is made of; a constant has none."""
    watched = _Watched(nodes)
    part(watched)
    return next(iter(watched.asked), None)
