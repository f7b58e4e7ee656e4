"""From network and evidence to the small problem that is left: factors over what is still hidden.

Two sorts of hidden variable appear in a factor.  An *ordinary* one is summed out.  An *open* one
collects contributions: factors that share it are merged by the maximum of their levels (for two
levels, OR), and only when every factor that holds it has been merged is it finished, either by
weighing its levels with the evidence or by closing it into an ordinary variable.  Writing noisy-OR
and noisy-MAX like this subtracts nothing, and parents are never tied together in one table
(the heterogeneous factorisation of Zhang & Poole 1996, with the maximum in place of OR).

Absent answers need no open variable: they are products of one factor a parent. Where inhibitors are hidden they
need one bit, whether an inhibitor fires; it ties the parents together, so that inhibitors cost width.

Legend: b draw · g gate · c context · p parent · k level.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from legdx.engine.evidence import Evidence, certain_state
from legdx.engine.problem import Builder, Nodes, Problem, gathered
from legdx.network.records import Array, Network, NoisyMax, Table, parents_of

__all__ = ["Nodes", "Problem", "reduce_query"]

Pick = tuple[int | slice, ...]
Levels = Callable[[Array], Array]
Contribution = tuple[Builder, tuple[int, ...]]
"""A factor over hidden variables, in the order given, and a level, the last axis."""


def reduce_query(network: Network, evidence: Evidence, queries: Iterable[int]) -> Problem:
    """Return the reduced problem for normalised evidence; queries stay visible in it.

    Whatever is neither observed, nor asked for, nor above such a variable, is left out.
    """
    wanted = set(queries)
    certain = {i: s for i, v in evidence.items() if (s := certain_state(v)) is not None}
    relevant = _ancestors(network, {*evidence, *wanted}, certain)
    used = _used_as_parent(network, relevant, evidence, certain)
    problem = Problem()
    problem.add((), lambda _: np.ones(1))
    for i in sorted(relevant - certain.keys()):
        if i in wanted or i in used or isinstance(network.nodes[i], Table):
            problem.ordinary[i] = problem.new(network.variables[i].size)
    reducer = _Reducer(network, evidence, certain, problem)
    for i in sorted(relevant):
        reducer.add(i)
    problem.seeds = gathered(problem)
    return problem


def _ancestors(network: Network, start: set[int], certain: dict[int, int]) -> set[int]:
    found: set[int] = set()
    waiting = list(start)
    while waiting:
        i = waiting.pop()
        if i not in found:
            found.add(i)
            waiting.extend(_live_parents(network, i, certain))
    return found


def _live_parents(network: Network, i: int, certain: dict[int, int]) -> tuple[int, ...]:
    """Return the parents that can still matter: behind a gate that is off, only the gate."""
    node = network.nodes[i]
    if isinstance(node, NoisyMax) and node.gate is not None and certain.get(node.gate) == 0:
        return (node.gate,)
    return network.parents[i]


def _used_as_parent(network: Network, relevant: set[int], evidence: Evidence, certain: dict[int, int]) -> set[int]:
    used: set[int] = set()
    for i in relevant:
        node = network.nodes[i]
        opened = (
            node.gate
            if isinstance(node, NoisyMax) and node.gate is not None and _gate_is_open(evidence, node.gate)
            else None
        )
        if isinstance(node, NoisyMax) and opened in parents_of(replace(node, gate=None)):
            opened = None
        used.update(p for p in _live_parents(network, i, certain) if p != opened)
    return used


def _gate_is_open(evidence: Evidence, gate: int) -> bool:
    return gate in evidence and evidence[gate][0] == 0.0


@dataclass(slots=True)
class _Reducer:
    network: Network
    evidence: Evidence
    certain: dict[int, int]
    problem: Problem

    def add(self, i: int) -> None:
        """Add the factors of one variable's table and of the evidence on it."""
        node = self.network.nodes[i]
        own = self.problem.ordinary.get(i)
        if own is not None and i in self.evidence:
            likelihood = self.evidence[i][np.newaxis]
            self.problem.add((own,), lambda _: likelihood)
        if isinstance(node, Table):
            self._add_table(i, node)
        elif self._gate_is_shut(node):
            if own is not None:
                self._add_constant_zero(i, own)
        else:
            self._add_noisy_max(i, node, own)

    def _gate_is_shut(self, node: NoisyMax) -> bool:
        return node.gate is not None and self.certain.get(node.gate) == 0

    def _add_constant_zero(self, i: int, own: int) -> None:
        first = np.zeros((1, self.network.variables[i].size))
        first[0, 0] = 1.0
        self.problem.add((own,), lambda _: first)

    def _hidden(self, parents: tuple[int, ...]) -> tuple[Pick, tuple[int, ...]]:
        """Return the index that fixes the observed parents, and the places of the hidden ones."""
        pick: Pick = tuple(self.certain.get(p, slice(None)) for p in parents)
        return (slice(None), *pick), tuple(self.problem.ordinary[p] for p in parents if p not in self.certain)

    def _add_table(self, i: int, node: Table) -> None:
        pick, hidden = self._hidden(node.parents)
        if i in self.certain:
            at = (*pick, self.certain[i])
            self.problem.add(hidden, lambda nodes: _table(nodes, i)[at])
        else:
            own = self.problem.ordinary[i]
            self.problem.add((*hidden, own), lambda nodes: _table(nodes, i)[pick])

    def _add_noisy_max(self, i: int, node: NoisyMax, own: int | None) -> None:
        size = self.network.variables[i].size
        gate = node.gate
        gate_hidden = gate is not None and not (_gate_is_open(self.evidence, gate) or self.certain.get(gate, 0) > 0)
        state = self.certain.get(i)
        if state is not None and state > node.floor:
            self._suppressed_by_none(i, node)
            self._weigh(i, node, _one_level(state), np.array([0.0, 1.0]))
        elif state is not None and not node.inhibitors:
            lowest = _level(node.floor)
            gate_axis = (self.problem.ordinary[gate],) if gate_hidden and gate is not None else ()
            self._product(i, node, lowest, gate_axis)
        elif state is not None and state == node.floor and not gate_hidden:
            self._lowest_or_suppressed(i, node)
        elif own is None and not gate_hidden and not node.inhibitors:
            top = int(np.flatnonzero(self.evidence[i])[-1]) + 1
            self._weigh(i, node, _up_to(top), self.evidence[i][:top])
        else:
            self._through_hidden_parts(i, node, own, size, gate if gate_hidden else None)

    def _suppressed_by_none(self, i: int, node: NoisyMax) -> None:
        for number, inhibitor in enumerate(node.inhibitors):
            pick, hidden = self._hidden((inhibitor.parent,))

            def build(nodes: Nodes, number: int = number, pick: Pick = pick) -> Array:
                return (1.0 - _noisy(nodes, i).inhibitors[number].values)[pick]

            self.problem.add(hidden, build)

    def _lowest_or_suppressed(self, i: int, node: NoisyMax) -> None:
        """Add "an inhibitor fires, or nothing raises it": one bit that says whether one fires, tied to each link."""
        suppressed = self.problem.new(2)
        self._close_suppression(i, node, suppressed)
        for build, hidden in self._contributions(i, node, _level(node.floor)):
            self._add_where(build, hidden, suppressed, (True, False))

    def _product(self, i: int, node: NoisyMax, level: Levels, gate: tuple[int, ...]) -> None:
        """Add "nothing raises it above its lowest level" as one factor a contribution."""
        for build, hidden in self._contributions(i, node, level):
            if gate:
                states = self.problem.sizes[gate[0]]
                self._add_where(build, hidden, gate[0], tuple(state > 0 for state in range(states)))
            else:
                self.problem.add(hidden, build)

    def _add_where(self, build: Builder, hidden: tuple[int, ...], place: int, applies: tuple[bool, ...]) -> None:
        """Add a factor that applies in some states of a variable; in the others it is 1."""
        if place in hidden:  # a gate that is a parent as well
            at = hidden.index(place)
            here = np.array(applies).reshape(-1, *([1] * (len(hidden) - at - 1)))
            self.problem.add(hidden, lambda nodes: np.where(here, build(nodes), 1.0))
            return

        def conditional(nodes: Nodes) -> Array:
            inner = build(nodes)
            return np.stack([inner if here else np.ones_like(inner) for here in applies], axis=1)

        self.problem.add((place, *hidden), conditional)

    def _weigh(self, i: int, node: NoisyMax, levels: Levels, weights: Array) -> None:
        groups = _grouped(self._contributions(i, node, levels))
        if len(groups) == 1:
            [(build, hidden)] = groups
            self.problem.add(hidden, lambda nodes: build(nodes) @ weights)
            return
        place = self.problem.new(len(weights))
        self.problem.weights[place] = weights
        for build, hidden in groups:
            self.problem.add((*hidden, place), build)

    def _contributions(self, i: int, node: NoisyMax, levels: Levels) -> Iterable[Contribution]:
        settled, open_context = self._hidden(node.context)
        yield (lambda nodes: levels(_noisy(nodes, i).leak[settled])), open_context
        for number, link in enumerate(node.links):
            pick, hidden = self._hidden((*link.context, link.parent))

            def build(nodes: Nodes, number: int = number, pick: Pick = pick) -> Array:
                return levels(_noisy(nodes, i).links[number].values[pick])

            yield build, hidden

    def _through_hidden_parts(self, i: int, node: NoisyMax, own: int | None, size: int, gate: int | None) -> None:
        """Give the raised level and the suppression variables of their own, and tie them to i."""
        if own is not None and gate is None and not node.inhibitors:
            self._close(i, node, own)
            return
        raised = self.problem.new(size)
        self._close(i, node, raised)
        axes, shape = [raised], [size]
        if node.inhibitors:
            suppressed = self.problem.new(2)
            self._close_suppression(i, node, suppressed)
            axes, shape = [*axes, suppressed], [*shape, 2]
        else:
            shape = [*shape, 1]
        if gate is not None:
            axes, shape = [*axes, self.problem.ordinary[gate]], [*shape, self._size(gate)]
        else:
            shape = [*shape, 1]
        result = _result_states(size, shape[1], shape[2], node.floor)
        if own is not None:
            table = np.eye(size)[result]
            axes = [*axes, own]
        elif i in self.certain:
            table = (result == self.certain[i]).astype(np.float64)
        else:
            table = self.evidence[i][result]
        kept = table.reshape(1, *(self.problem.sizes[a] for a in axes))
        self.problem.add(axes, lambda _: kept)

    def _size(self, i: int) -> int:
        return self.network.variables[i].size

    def _close(self, i: int, node: NoisyMax, target: int) -> None:
        self._close_into(target, self._contributions(i, node, _up_to(self._size(i))))

    def _close_suppression(self, i: int, node: NoisyMax, target: int) -> None:
        fired: list[Contribution] = []
        for number, inhibitor in enumerate(node.inhibitors):
            pick, hidden = self._hidden((inhibitor.parent,))

            def build(nodes: Nodes, number: int = number, pick: Pick = pick) -> Array:
                fires = _noisy(nodes, i).inhibitors[number].values[pick]
                return np.stack([1.0 - fires, fires], axis=-1)

            fired.append((build, hidden))
        self._close_into(target, fired)

    def _close_into(self, target: int, contributions: Iterable[Contribution]) -> None:
        """Let the highest contribution be the state of an ordinary variable."""
        groups = _grouped(contributions)
        place = target
        if len(groups) > 1:
            place = self.problem.new(self.problem.sizes[target])
            self.problem.closes[place] = target
        for build, hidden in groups:
            self.problem.add((*hidden, place), build)


def _grouped(contributions: Iterable[Contribution]) -> list[Contribution]:
    """Take the highest of contributions that vary with the same hidden variables beforehand, in one factor.

    One that varies with none joins the first of the others.
    """
    groups: dict[tuple[int, ...], list[Builder]] = {}
    for build, hidden in contributions:
        groups.setdefault(hidden, []).append(build)
    settled = groups.pop((), [])
    if not groups:
        return [(_highest(settled, 0), ())]
    groups[next(iter(groups))] += settled
    return [(_highest(builders, len(hidden)), hidden) for hidden, builders in groups.items()]


def _highest(builders: list[Builder], axes: int) -> Builder:
    """Return the distribution of the highest level: one level from either side, the other no higher."""
    if len(builders) == 1:
        return builders[0]

    def build(nodes: Nodes) -> Array:
        first, *others = (one(nodes) for one in builders)
        for other in others:
            right = other if other.ndim == axes + 2 else other.reshape(len(other), *([1] * axes), -1)
            below = np.add.accumulate(first[..., :-1], axis=-1)
            first = first * np.add.accumulate(right, axis=-1)
            first[..., 1:] += below * right[..., 1:]
        return first

    return build


def _result_states(size: int, suppressed: int, gate: int, floor: int) -> NDArray[np.intp]:
    """Return the state for every (raised level, suppressed or not, gate state)."""
    levels = np.arange(size, dtype=np.intp)
    result = np.repeat(levels, suppressed * gate).reshape(size, suppressed, gate)
    if suppressed > 1:
        result[:, 1, :] = floor
    if gate > 1:
        result[:, :, 0] = 0
    return result


def _table(nodes: Nodes, i: int) -> Array:
    return cast("Table", nodes[i]).values


def _noisy(nodes: Nodes, i: int) -> NoisyMax:
    return cast("NoisyMax", nodes[i])


def _level(level: int) -> Levels:
    return lambda array: array[..., level]


def _one_level(level: int) -> Levels:
    """Levels above are impossible, levels below fall together: (below, exactly this one)."""
    return lambda array: np.stack([array[..., :level].sum(axis=-1), array[..., level]], axis=-1)


def _up_to(top: int) -> Levels:
    return lambda array: array[..., :top]
