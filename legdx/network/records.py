"""Variables and their tables as frozen arrays.

Every array has a leading axis of *draws*: 1 for the solved network, more where several networks of
the same structure are run together (``Network.draws``).  Index legend used throughout:

``b`` draw · ``k`` state of the variable itself · ``p`` state of one parent
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Kind = Literal["factor", "cause", "group", "syndrome", "background", "finding"]

_ROUNDING = 1e-9
"""How far a row of a table may sum from 1: text formats keep about 12 digits."""

_AT_ONCE = 1 << 15
"""Numbers that are looked at together: few enough for the processor's cache."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A discrete variable; state 0 is its reference (absent, none, the lowest band)."""

    name: str
    states: tuple[str, ...]
    kind: Kind

    @property
    def size(self) -> int:
        """Number of states."""
        return len(self.states)


@dataclass(frozen=True, slots=True)
class Table:
    """P(variable | parents) as one array of shape (b, *parent sizes, k)."""

    parents: tuple[int, ...]
    values: Array


@dataclass(frozen=True, slots=True)
class Link:
    """What one parent contributes: a distribution over levels for each of its states.

    ``values`` has shape (b, *context sizes, p, k); ``context`` lists variables that the link's strength varies with.
    """

    parent: int
    values: Array
    context: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Inhibitor:
    """The probability that one parent suppresses the variable, for each of its states, (b, p)."""

    parent: int
    values: Array


@dataclass(frozen=True, slots=True)
class NoisyMax:
    """Leaky noisy-MAX with gate and inhibitors; with two states it is a leaky noisy-OR.

    The level is the highest of the leak's and every link's contribution, put back to ``floor`` when
    an inhibitor fires, and 0 where the gate is in its state 0::

        P(Y <= y | x) = 1 - prod_i (1 - v_i[x_i]) * (1 - L[y] * prod_j C_j[x_j, y]),  y >= floor

    with L and C_j the cumulative leak and links (Henrion 1989; Diez 1993 for the graded form).
    ``leak`` has shape (b, *context sizes, k).  Below ``floor`` no contribution has mass.
    """

    context: tuple[int, ...]
    leak: Array
    links: tuple[Link, ...] = ()
    inhibitors: tuple[Inhibitor, ...] = ()
    gate: int | None = None
    floor: int = 0


Node = Table | NoisyMax


def parents_of(node: Node) -> tuple[int, ...]:
    """Return every parent of a node once: context, links, inhibitors, gate, in that order."""
    if isinstance(node, Table):
        return node.parents
    found = [
        *node.context,
        *(p for link in node.links for p in (*link.context, link.parent)),
        *(inhibitor.parent for inhibitor in node.inhibitors),
    ]
    if node.gate is not None:
        found.append(node.gate)
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Network:
    """Variables in topological order (a parent stands before its children) and their tables.

    Raises ``ValueError`` at construction when shapes, order or probabilities are not sound.
    """

    variables: tuple[Variable, ...]
    nodes: tuple[Node, ...]
    index: Mapping[str, int] = field(init=False, repr=False, compare=False)
    parents: tuple[tuple[int, ...], ...] = field(init=False, repr=False, compare=False)
    draws: int = field(init=False, repr=False, compare=False)
    """Number of networks held side by side."""

    def __post_init__(self) -> None:
        if len(self.variables) != len(self.nodes):
            message = f"{len(self.variables)} variables but {len(self.nodes)} tables"
            raise ValueError(message)
        index = {variable.name: i for i, variable in enumerate(self.variables)}
        if len(index) != len(self.variables):
            message = "two variables have the same name"
            raise ValueError(message)
        object.__setattr__(self, "index", index)
        object.__setattr__(self, "parents", tuple(parents_of(node) for node in self.nodes))
        object.__setattr__(self, "draws", max((_draws_of(node) for node in self.nodes), default=1))
        arrays = [one for i in range(len(self.nodes)) for one in self._shaped(i)]
        if not _are_probabilities(arrays):
            for where, array, stochastic in arrays:
                _require_probabilities(where, array, stochastic=stochastic)
        for i in range(len(self.nodes)):
            self._require_floor(i)
        for _, array, _ in arrays:
            array.setflags(write=False)

    def sizes(self, members: Iterable[int]) -> tuple[int, ...]:
        """Return the number of states of each of the variables."""
        return tuple(self.variables[i].size for i in members)

    def of_kind(self, *kinds: Kind) -> tuple[int, ...]:
        """Return the indices of all variables of the kinds, in order."""
        found = [i for kind in dict.fromkeys(kinds) for i in self._of_each_kind.get(kind, ())]
        return tuple(found if len(kinds) == 1 else sorted(found))

    @functools.cached_property
    def all_sizes(self) -> NDArray[np.int64]:
        """The number of states of every variable, (variables,)."""
        found = np.array([variable.size for variable in self.variables], dtype=np.int64)
        found.setflags(write=False)
        return found

    @functools.cached_property
    def _of_each_kind(self) -> Mapping[str, list[int]]:
        found: dict[str, list[int]] = {}
        for i, variable in enumerate(self.variables):
            found.setdefault(variable.kind, []).append(i)
        return found

    def with_nodes(self, nodes: Iterable[Node]) -> Network:
        """Return the same structure with other numbers."""
        return Network(self.variables, tuple(nodes))

    def draw(self, number: int) -> Network:
        """Return one of the networks held side by side (its arrays have a leading axis of 1)."""
        return self.with_nodes(
            map_arrays(node, lambda a: a[number : number + 1] if len(a) > 1 else a) for node in self.nodes
        )

    def _shaped(self, i: int) -> Iterator[tuple[str, Array, bool]]:
        """Yield (where, array, whether its rows sum to 1) of each array of a node, once its shape is checked."""
        variable, node = self.variables[i], self.nodes[i]
        where = f"table of {variable.name}"
        if any(parent >= i for parent in self.parents[i]):
            message = f"{where}: a parent does not stand before it"
            raise ValueError(message)
        size = (variable.size,)
        if isinstance(node, Table):
            yield _with_shape(where, node.values, self.sizes(node.parents) + size), node.values, True
            return
        if node.floor not in (0, 1) or (node.floor and node.gate is None):
            message = f"{where}: floor must be 0, or 1 with a gate"
            raise ValueError(message)
        yield _with_shape(where, node.leak, self.sizes(node.context) + size), node.leak, True
        for link in node.links:
            shape = self.sizes((*link.context, link.parent)) + size
            yield _with_shape(f"{where}, link", link.values, shape), link.values, True
        for one in node.inhibitors:
            yield _with_shape(f"{where}, inhibitor", one.values, self.sizes((one.parent,))), one.values, False

    def _require_floor(self, i: int) -> None:
        node = self.nodes[i]
        if isinstance(node, NoisyMax) and node.floor:
            for contribution in (node.leak, *(link.values for link in node.links)):
                if np.any(contribution[..., 0] != 0.0):
                    message = f"table of {self.variables[i].name}: mass below the floor"
                    raise ValueError(message)


def map_arrays(node: Node, apply: Callable[[Array], Array]) -> Node:
    """Return the node with ``apply`` done to each of its arrays."""
    if isinstance(node, Table):
        return Table(node.parents, apply(node.values))
    return NoisyMax(
        node.context,
        apply(node.leak),
        tuple(Link(link.parent, apply(link.values), link.context) for link in node.links),
        tuple(Inhibitor(one.parent, apply(one.values)) for one in node.inhibitors),
        node.gate,
        node.floor,
    )


def arrays_of(node: Node) -> tuple[Array, ...]:
    """Return the arrays of a node in the order in which ``map_arrays`` visits them."""
    if isinstance(node, Table):
        return (node.values,)
    return (
        node.leak,
        *(link.values for link in node.links),
        *(inhibitor.values for inhibitor in node.inhibitors),
    )


def _draws_of(node: Node) -> int:
    return max(len(array) for array in arrays_of(node))


def _with_shape(where: str, array: Array, shape: tuple[int, ...]) -> str:
    if array.shape[1:] != shape:
        message = f"{where}: shape {array.shape[1:]} after the draw axis, expected {shape}"
        raise ValueError(message)
    return where


def _are_probabilities(arrays: Iterable[tuple[str, Array, bool]]) -> bool:
    """Say whether all arrays hold probabilities, in few passes over many of them: a model has thousands."""
    waiting: dict[int, list[Array]] = {}
    held: dict[int, int] = {}
    for _, array, stochastic in arrays:
        size = array.shape[-1] if stochastic else 0
        waiting.setdefault(size, []).append(array.reshape(-1))
        held[size] = held.get(size, 0) + array.size
        if held[size] > _AT_ONCE:
            held[size] = 0
            if not _sound(size, waiting.pop(size)):
                return False
    return all(_sound(size, some) for size, some in waiting.items())


def _sound(size: int, some: list[Array]) -> bool:
    """Say whether entries are probabilities and, unless the size is 0, rows of this size sum to 1."""
    flat = np.concatenate(some)
    if flat.size and not (flat.min() >= 0.0 and flat.max() <= 1.0 + _ROUNDING):  # and no NaN
        return False
    if not size or not flat.size:
        return True
    sums = flat[0::size] - 1.0
    for state in range(1, size):
        sums += flat[state::size]
    return bool(max(sums.max(), -sums.min()) <= _ROUNDING)


def _require_probabilities(where: str, array: Array, *, stochastic: bool) -> None:
    if not np.all(array >= 0.0) or not np.all(array <= 1.0 + _ROUNDING):
        message = f"{where}: entries outside [0, 1]"
        raise ValueError(message)
    if stochastic and not np.allclose(array.sum(axis=-1), 1.0, rtol=0.0, atol=_ROUNDING):
        message = f"{where}: rows do not sum to 1"
        raise ValueError(message)
