"""The same question with other numbers: replaced nodes side by side, each set a lane of one batch.

A prepared query runs on any nodes of its structure.  Answers can be left out, complaints shut, links fired alone, by
numbers only; so a hundred variations of one person's answers are one pass with a hundred lanes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload

import numpy as np

from legdx.network.records import Array, Inhibitor, Link, Network, Node, NoisyMax, Table, arrays_of, map_arrays

__all__ = ["Lane", "LaneNodes", "alone", "neutral", "shut"]


@dataclass(frozen=True, slots=True)
class Lane:
    """What one lane has otherwise: whole nodes, and observed tables that are read at another state.

    Attributes:
        nodes: variable index -> node of the same structure; its arrays need not sum to 1.
        states: index of an observed variable with a table -> the state that it has in this lane.

    """

    nodes: Mapping[int, Node] = field(default_factory=dict)
    states: Mapping[int, int] = field(default_factory=dict)


class LaneNodes(Sequence[Node]):
    """The nodes of all lanes side by side, made when they are asked for: arrays (lanes, ...), or (1, ...) if alike.

    Args:
        network: the structure.
        observed: variable index -> its only possible state.
        lanes: what each lane has otherwise.
        base: the nodes that the lanes otherwise have; default those of the network.

    """

    def __init__(
        self, network: Network, observed: Mapping[int, int], lanes: Sequence[Lane], base: Sequence[Node] | None = None
    ) -> None:
        self._base = network.nodes if base is None else base
        self._parents = network.parents
        self._lanes = lanes
        self._made: dict[int, Node] = {}
        self._other: dict[int, list[tuple[int, Node]]] = {}
        for place, lane in enumerate(lanes):
            for i, node in lane.nodes.items():
                self._other.setdefault(i, []).append((place, node))
        moved = dict.fromkeys(i for lane in lanes for i in lane.states)
        self._moved = {i: np.array([lane.states.get(i, observed[i]) for lane in lanes]) for i in moved}

    def __len__(self) -> int:
        return len(self._base)

    @overload
    def __getitem__(self, i: int) -> Node: ...
    @overload
    def __getitem__(self, i: slice) -> Sequence[Node]: ...
    def __getitem__(self, i: int | slice) -> Node | Sequence[Node]:
        """Return one node with all its lanes."""
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        if i not in self._made:
            self._made[i] = self._make(i)
        return self._made[i]

    def _make(self, i: int) -> Node:
        node = self._base[i]
        if i in self._other:
            node = _beside(node, self._other[i], len(self._lanes))
        if not self._moved.keys().isdisjoint((i, *self._parents[i])):
            axes = iter(_axes(node, i))
            node = map_arrays(node, lambda array: self._read_elsewhere(array, next(axes)))
        return node

    def _read_elsewhere(self, array: Array, axes: tuple[int, ...]) -> Array:
        """Put at every state of a moved variable what stands at the lane's own state."""
        shape = array.shape[1:]
        for at, variable in enumerate(axes, start=1):
            if variable in self._moved:
                states = self._moved[variable].reshape(-1, *([1] * (array.ndim - 1)))
                wide = np.broadcast_to(array, (len(self._lanes), *array.shape[1:]))
                array = np.take_along_axis(wide, states, axis=at)
        return np.broadcast_to(array, (len(array), *shape))


def _beside(node: Node, others: Iterable[tuple[int, Node]], lanes: int) -> Node:
    arrays = [np.repeat(array, lanes, axis=0) for array in arrays_of(node)]
    for place, other in others:
        for array, values in zip(arrays, arrays_of(other), strict=True):
            array[place] = values[0]
    made = iter(arrays)
    return map_arrays(node, lambda _: next(made))


def _axes(node: Node, i: int) -> Iterator[tuple[int, ...]]:
    """Yield the variables along the axes of each array, in the order of ``arrays_of``; -1 for levels."""
    if isinstance(node, Table):
        yield (*node.parents, i)
        return
    yield (*node.context, -1)
    for link in node.links:
        yield (*link.context, link.parent, -1)
    for inhibitor in node.inhibitors:
        yield (inhibitor.parent,)


def neutral(node: NoisyMax, state: int) -> NoisyMax:
    """Return the node in this state with probability 1, whatever its parents; its answer then says nothing."""
    return NoisyMax(
        node.context,
        _only(node.leak, state),
        tuple(Link(link.parent, _only(link.values, node.floor), link.context) for link in node.links),
        tuple(Inhibitor(one.parent, np.zeros_like(one.values)) for one in node.inhibitors),
        node.gate,
        node.floor,
    )


def shut(node: NoisyMax, state: int) -> NoisyMax:
    """Return the node such that its answer "in this state" has the probability of "below this state".

    Every contribution has its mass below the state moved to the state, and none elsewhere: the product is that of all
    being below.  An inhibitor has no say; a node with one is not to be shut.
    """
    return _map_contributions(node, lambda array: _below(array, state), state)


def alone(node: NoisyMax, state: int, contribution: int) -> NoisyMax:
    """Return the node such that its answer has the probability that one contribution makes it, and no other.

    ``contribution`` is 0 for the leak, j for link j - 1: that one is exactly at the state, all others are below.
    """
    places = iter(range(len(node.links) + 1))

    def share(array: Array) -> Array:
        return array[..., state] if next(places) == contribution else _below(array, state)

    return _map_contributions(node, share, state)


def _map_contributions(node: NoisyMax, mass: Callable[[Array], Array], state: int) -> NoisyMax:
    """Return the node with each contribution's mass put at one state: ``mass`` of (.., k) is (..)."""

    def moved(array: Array) -> Array:
        result = np.zeros_like(array)
        result[..., state] = mass(array)
        return result

    return NoisyMax(
        node.context,
        moved(node.leak),
        tuple(Link(link.parent, moved(link.values), link.context) for link in node.links),
        node.inhibitors,
        node.gate,
        node.floor,
    )


def _only(array: Array, state: int) -> Array:
    result = np.zeros_like(array)
    result[..., state] = 1.0
    return result


def _below(array: Array, state: int) -> Array:
    result: Array = array[..., :state].sum(axis=-1)
    return result
