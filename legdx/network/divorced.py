"""The same network in small tables: each noisy-MAX becomes a chain of auxiliary variables.

A noisy-MAX over n parents is a table of exponential size.  Its level is a maximum, so that it can be gathered a few
parents at a time ("parent divorcing", Olesen et al. 1989)::

    weakness__max_1 = max(leak, link 1)      weakness__max_2 = max(weakness__max_1, link 2, link 3)      ...

and likewise the inhibitors: ``weakness__inhibited_1`` is present when one of the first ones fires.  The variable itself
is the last of the chain or, where there are inhibitors or a gate, a sure function of raised level, inhibited and gate.
Only sums and products of non-negative numbers occur, so small probabilities keep all their digits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from legdx.network.records import Array, Network, NoisyMax, Table, Variable

__all__ = ["SmallTable", "divorced", "small_tables"]

MOST_PARENTS = 3
"""Parents of a gathered table; a single link with more of them (its context) keeps a table of its own."""

_BINARY = ("absent", "present")


class SmallTable(NamedTuple):
    """P(variable | parents) as plain values of shape (*parent sizes, k)."""

    variable: Variable
    parents: tuple[Variable, ...]
    values: Array


def divorced(network: Network) -> Network:
    """Return a network of ``Table`` nodes only, in which the variables of ``network`` have the same joint distribution.

    They keep names, states, kinds and order; auxiliary variables stand before the one that they belong to and have
    the kind "background".  All draws are kept.
    """
    gathering = _gather_all(network)
    return Network(tuple(gathering.variables), tuple(gathering.tables))


def small_tables(network: Network) -> tuple[SmallTable, ...]:
    """Return the tables of the divorced network, parents before children; of several draws the first."""
    gathering = _gather_all(network)
    return tuple(
        SmallTable(variable, tuple(gathering.variables[p] for p in table.parents), table.values[0])
        for variable, table in zip(gathering.variables, gathering.tables, strict=True)
    )


def _gather_all(network: Network) -> _Gathering:
    gathering = _Gathering(network)
    for variable, node in zip(network.variables, network.nodes, strict=True):
        if isinstance(node, Table):
            gathering.add(variable, Table(gathering.moved(node.parents), node.values))
        else:
            gathering.add_noisy_max(variable, node)
    return gathering


class _Gathering:
    """The new network while it grows; ``place`` maps a variable of the old one to its index in the new one."""

    def __init__(self, network: Network) -> None:
        self.variables: list[Variable] = []
        self.tables: list[Table] = []
        self.place: list[int] = []
        self.taken = set(network.index)

    def moved(self, parents: Iterable[int]) -> tuple[int, ...]:
        """Return the new indices of old parents."""
        return tuple(self.place[p] for p in parents)

    def add(self, variable: Variable, table: Table) -> None:
        """Add a variable of the old network."""
        self.place.append(self._append(variable, table))

    def add_noisy_max(self, variable: Variable, node: NoisyMax) -> None:
        """Add a variable and the auxiliary ones that stand between it and its parents."""
        raising = [Table(self.moved(node.context), node.leak)]
        raising += [Table(self.moved((*link.context, link.parent)), link.values) for link in node.links]
        last = self._gather(f"{variable.name}__max", variable.states, raising)
        if not node.inhibitors and node.gate is None:
            self.add(variable, last)
            return
        deciding = [self._append_auxiliary(f"{variable.name}__max", variable.states, last)]
        if node.inhibitors:
            name = f"{variable.name}__inhibited"
            fires = [
                Table(self.moved((one.parent,)), np.stack([1.0 - one.values, one.values], axis=-1))
                for one in node.inhibitors
            ]
            deciding.append(self._append_auxiliary(name, _BINARY, self._gather(name, _BINARY, fires)))
        if node.gate is not None:
            deciding.append(self.place[node.gate])
        sure = _sure_level([self.variables[p].size for p in deciding], node)
        self.add(variable, Table(tuple(deciding), sure[np.newaxis]))

    def _gather(self, name: str, states: tuple[str, ...], contributions: Sequence[Table]) -> Table:
        """Return the table of the highest of the contributions; all but its last step become variables."""
        current, *others = contributions
        for other in others:
            following = other
            if len({*current.parents, *following.parents}) > MOST_PARENTS:
                current = self._level_of(self._append_auxiliary(name, states, current))
            if len({*current.parents, *following.parents}) > MOST_PARENTS:
                following = self._level_of(self._append_auxiliary(name, states, following))
            current = self._highest(current, following)
        return current

    def _level_of(self, auxiliary: int) -> Table:
        return Table((auxiliary,), np.eye(self.variables[auxiliary].size)[np.newaxis])

    def _highest(self, one: Table, other: Table) -> Table:
        """Return the distribution of the higher of two independent levels, over the parents of both.

        P(max = m) = a[m] (b[0] + .. + b[m]) + (a[0] + .. + a[m-1]) b[m], with nothing subtracted.
        """
        parents = tuple(dict.fromkeys((*one.parents, *other.parents)))
        a, b = _spread(one, parents), _spread(other, parents)
        below = np.cumsum(a[..., :-1], axis=-1)
        result = a * np.cumsum(b, axis=-1)
        result[..., 1:] += below * b[..., 1:]
        return Table(parents, result)

    def _append_auxiliary(self, stem: str, states: tuple[str, ...], table: Table) -> int:
        number = 1
        while f"{stem}_{number}" in self.taken:
            number += 1
        name = f"{stem}_{number}"
        self.taken.add(name)
        return self._append(Variable(name, states, "background"), table)

    def _append(self, variable: Variable, table: Table) -> int:
        self.variables.append(variable)
        self.tables.append(table)
        return len(self.variables) - 1


def _spread(table: Table, parents: tuple[int, ...]) -> Array:
    """Turn and widen the array so that it broadcasts over (b, *parents, k)."""
    order = sorted(range(len(table.parents)), key=lambda i: parents.index(table.parents[i]))
    turned = table.values.transpose(0, *(i + 1 for i in order), -1)
    absent = [at + 1 for at, parent in enumerate(parents) if parent not in table.parents]
    return np.expand_dims(turned, absent)


def _sure_level(shape: list[int], node: NoisyMax) -> Array:
    """Return the table, (*shape, k), of the level that raised level, inhibited (if any) and gate (if any) decide."""
    levels = np.arange(shape[0]).reshape(-1, *([1] * (len(shape) - 1))) + np.zeros(shape, dtype=np.intp)
    if node.inhibitors:
        levels[:, 1] = node.floor
    if node.gate is not None:
        levels[..., 0] = 0
    return np.eye(shape[0])[levels]
