"""The free numbers of one variable as a vector of logits, and the node that they make.

A leak or link over levels is written by continuation: the logit of going one level higher, given that the level below
is reached; for two levels that is the logit of the probability itself.  A factor is no noisy-OR of what it goes with:
its table has a logit for each cell of age and sex, to which each state of another factor adds a log odds ratio.
Legend: n lane · p parent state · k level.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.special import expit

from legdx.network.records import Array, Inhibitor, Link, Node, NoisyMax, Table
from legdx.network.structure import Shape

__all__ = ["BOUND", "Parameters", "parameters_of"]

BOUND = 25.0
"""Logits of drawn networks are kept inside +-25, probabilities inside 1e-11 and 1 - 1e-11."""


@dataclass(frozen=True, slots=True)
class Block:
    """One array of the node: where its free logits lie in the vector, and what is fixed.

    ``free`` marks the rows that have logits of their own; the other rows stay at the lowest level, or at ``fixed``
    (the probability of being raised) where that is given.  ``shared`` rows have one logit together.
    """

    role: str
    rows: tuple[int, ...]
    free: Array
    start: int
    steps: int
    fixed: float | None = None
    shared: bool = False

    @property
    def count(self) -> int:
        """Number of free logits."""
        if self.fixed is not None:
            return 0
        return (1 if self.shared else int(self.free.sum())) * self.steps

    def distribution(self, theta: Array, size: int, floor: int) -> Array:
        """Return the array that the logits make, (n, *rows, k)."""
        lanes = len(theta)
        result = np.zeros((lanes, self.free.size, size))
        result[:, :, floor] = 1.0
        marked = np.flatnonzero(self.free)
        if self.fixed is not None:
            result[:, marked, floor] = 1.0 - self.fixed
            result[:, marked, floor + 1] = self.fixed
        elif self.count:
            logits = theta[:, self.start : self.start + self.count].reshape(lanes, -1, self.steps)
            result[:, marked, floor:] = _continuation(logits)
        return result.reshape(lanes, *self.rows, size)

    def proportional(self, theta: Array, leak: Array) -> Array:
        """Return link values whose hazard is a multiple of the leak's in every cell, (n, *context, p, 2).

        1 - w = (1 - leak)^r, so that the hazard ratio of the parent is 1 + r in every band.
        """
        rows, number = [], 0
        for free in self.free:
            ratio = np.exp(theta[:, self.start + number]).reshape(-1, *([1] * (leak.ndim - 2)))
            raised = -np.expm1(ratio * np.log1p(-leak[..., 1])) if free else np.zeros_like(ratio * leak[..., 1])
            rows.append(np.stack([1.0 - raised, raised], axis=-1))
            number += int(bool(free) and not self.shared and number < self.count - 1)
        return np.stack(rows, axis=-2)

    def shifts(self, theta: Array) -> Array:
        """Return what each state of a parent adds to the logit of a factor, (n, p); the reference adds nothing."""
        return np.concatenate([np.zeros((len(theta), 1)), theta[:, self.start : self.start + self.count]], axis=1)


@dataclass(frozen=True, slots=True)
class Parameters:
    """All blocks of one variable, and the weak beliefs that keep them in place where no figure speaks.

    A belief is a row of ``belief_matrix`` (one number a logit), its centre, both already divided by its standard
    deviation, which ``belief_spreads`` holds.  ``belief_steps`` names those that tie neighbouring cells: along "age" or
    "sex", and after which band; None for the others.
    """

    shape: Shape
    blocks: tuple[Block, ...]
    parents: tuple[int, ...]
    context: tuple[int, ...]
    gate: int | None
    belief_matrix: Array
    belief_centre: Array
    belief_spreads: Array
    belief_steps: tuple[tuple[str, int] | None, ...]

    @property
    def count(self) -> int:
        """Number of free logits."""
        return sum(block.count for block in self.blocks)

    def start(self) -> Array:
        """Return the logits at which the beliefs are best met, (1, count)."""
        if not self.count:
            return np.zeros((1, 0))
        theta, *_ = np.linalg.lstsq(self.belief_matrix, self.belief_centre, rcond=None)
        return np.asarray(theta, dtype=np.float64)[np.newaxis]

    def node(self, theta: Array) -> Node:
        """Return the node for logits of shape (n, count)."""
        if self.shape.variable.kind == "factor":
            return Table((*self.context, *self.parents), self._table(theta))
        size, floor = self.shape.variable.size, self.shape.floor
        arrays = [block.distribution(theta, size, floor) for block in self.blocks]
        links, inhibitors = [], []
        for block, array, parent in zip(self.blocks[1:], arrays[1:], self.parents, strict=True):
            if block.role == "proportional":
                links.append(Link(parent, block.proportional(theta, arrays[0]), self.context))
            elif block.role == "link":
                links.append(Link(parent, array))
            else:
                fires = block.distribution(theta, 2, 0)[..., 1]
                inhibitors.append(Inhibitor(parent, fires))
        return NoisyMax(self.context, arrays[0], tuple(links), tuple(inhibitors), self.gate, floor)

    def _table(self, theta: Array) -> Array:
        """Return a factor's table, (n, *context, *parents, k).

        The parents' log odds ratios are those of being in any state but the reference; how the other states share what
        is left to them does not change.
        """
        own, *others = self.blocks
        table = own.distribution(theta, self.shape.variable.size, 0)
        for block in others:
            shift = block.shifts(theta).reshape(len(theta), *([1] * (table.ndim - 2)), -1)
            table = _shifted(table[..., np.newaxis, :], shift)
        return table


def parameters_of(
    shape: Shape,
    network_index: dict[str, int],
    sizes: dict[str, int],
    *,
    protective: dict[str, set[int]],
    proportional: frozenset[str],
    fixed: dict[str, float],
    possible: Array | None,
) -> Parameters:
    """Lay out the free numbers of one variable.

    Args:
        shape: the variable and its arrows.
        network_index: place of every variable.
        sizes: number of states of every variable.
        protective: parent -> its states (by number) with ratios under 1; every other state then raises the variable.
        proportional: parents known by a ratio, which holds in every band of age and sex.
        fixed: parent (or "leak") -> probability that holds by definition.
        possible: for a factor, which (age band, sex) cells can have it at all; None for all.

    """
    levels = shape.variable.size - 1 - shape.floor
    rows = tuple(sizes[name] for name in shape.context)
    leak_free = np.ones(int(np.prod(rows, dtype=int))) if possible is None else possible.ravel()
    leak_fixed = 0.0 if shape.variable.kind == "group" else fixed.get("leak")
    blocks = [Block("leak", rows, leak_free, 0, levels, leak_fixed)]
    place = blocks[0].count
    for name in (*shape.raised_by, *shape.suppressed_by):
        role = "inhibitor" if name in shape.suppressed_by else "proportional" if name in proportional else "link"
        role = "odds" if shape.variable.kind == "factor" else role
        free = np.ones(sizes[name])
        free[0] = 0.0
        spares = protective.get(name, set())
        if spares:
            free = np.array([float(state not in spares) for state in range(sizes[name])])
        known = 1.0 if shape.variable.kind == "group" else fixed.get(name)
        steps = 1 if role in {"inhibitor", "odds"} else levels
        block = Block(role, (sizes[name],), free, place, steps, known, shared=bool(spares))
        blocks.append(block)
        place += block.count
    beliefs = _beliefs(shape, tuple(blocks), place)
    matrix, centre = beliefs.arrays()
    return Parameters(
        shape,
        tuple(blocks),
        tuple(network_index[n] for n in (*shape.raised_by, *shape.suppressed_by)),
        tuple(network_index[n] for n in shape.context),
        None if shape.gate is None else network_index[shape.gate],
        matrix,
        centre,
        np.array(beliefs.spreads),
        tuple(beliefs.steps),
    )


_LEAK_CENTRE = {"factor": -2.0, "cause": -6.0, "syndrome": -5.0, "background": -3.0, "finding": -3.0, "group": 0.0}
_LEAK_SPREAD = {"factor": 5.0, "cause": 20.0, "syndrome": 5.0, "background": 5.0, "finding": 5.0, "group": 5.0}
"""Causes may be as rare as polio: nothing is believed about how rare."""

_LINK_CENTRE, _LINK_SPREAD, _GRADE_SPREAD = -1.0, 4.0, 6.0
_UNMOVED_SPREAD, _ODDS_SPREAD = 20.0, 10.0
"""A medicine may be all but unknown in people without the disease that it is for: nothing is believed about that."""

_AGE_STEP, _SEX_STEP = 3.0, 2.0
"""Standard deviations, in logits: how far neighbouring age bands, and the sexes, may differ before figures say so."""


@dataclass(slots=True)
class _Beliefs:
    """Rows of weak beliefs: a weighted sum of logits, its centre and its standard deviation."""

    count: int
    rows: list[Array] = field(default_factory=list)
    centres: list[float] = field(default_factory=list)
    spreads: list[float] = field(default_factory=list)
    steps: list[tuple[str, int] | None] = field(default_factory=list)

    def add(self, entries: dict[int, float], centre: float, spread: float, step: tuple[str, int] | None = None) -> None:
        row = np.zeros(self.count)
        for at, weight in entries.items():
            row[at] = weight / spread
        self.rows.append(row)
        self.centres.append(centre / spread)
        self.spreads.append(spread)
        self.steps.append(step)

    def arrays(self) -> tuple[Array, Array]:
        return np.array(self.rows).reshape(len(self.rows), self.count), np.array(self.centres)


def _beliefs(shape: Shape, blocks: tuple[Block, ...], count: int) -> _Beliefs:
    beliefs = _Beliefs(count)
    for block in blocks:
        centre, spread = _LINK_CENTRE, _LINK_SPREAD
        if block.role == "leak":
            centre, spread = _LEAK_CENTRE[shape.variable.kind], _LEAK_SPREAD[shape.variable.kind]
            spread = _UNMOVED_SPREAD if shape.variable.kind == "factor" and shape.raised_by else spread
        elif block.role == "proportional":
            centre = 0.0
        elif block.role == "odds":
            centre, spread = 0.0, _ODDS_SPREAD
        for at in range(block.count):
            if at % block.steps:
                beliefs.add({block.start + at: 1.0}, 0.0, _GRADE_SPREAD)
            else:
                beliefs.add({block.start + at: 1.0}, centre, spread)
        if block.role == "leak" and block.count:
            _believe_in_neighbours(beliefs, block, shape.context)
    return beliefs


def _believe_in_neighbours(beliefs: _Beliefs, block: Block, context: tuple[str, ...]) -> None:
    place = {int(row): i for i, row in enumerate(np.flatnonzero(block.free))}
    for a, b, spread, axis in _neighbours(block.rows, context):
        if a in place and b in place:
            for step in range(block.steps):
                first, second = (block.start + place[cell] * block.steps + step for cell in (a, b))
                beliefs.add({first: 1.0, second: -1.0}, 0.0, spread, axis)


def _neighbours(rows: tuple[int, ...], context: tuple[str, ...]) -> list[tuple[int, int, float, tuple[str, int]]]:
    """Pairs of cells next to each other along age or across sex, with their spread, and which step that is."""
    cells = np.arange(int(np.prod(rows, dtype=int))).reshape(rows)
    pairs: list[tuple[int, int, float, tuple[str, int]]] = []
    for axis, name in enumerate(context):
        spread = _AGE_STEP if name == "age" else _SEX_STEP
        first = np.take(cells, range(rows[axis] - 1), axis=axis).ravel()
        second = np.take(cells, range(1, rows[axis]), axis=axis).ravel()
        place = np.take(np.indices(rows)[axis], range(rows[axis] - 1), axis=axis).ravel()
        pairs += [(int(a), int(b), spread, (name, int(p))) for a, b, p in zip(first, second, place, strict=True)]
    return pairs


def _shifted(table: Array, shift: Array) -> Array:
    """Return the distributions (..., k) with the odds of not being in state 0 times exp(shift), shift (...)."""
    others = np.exp(shift)[..., np.newaxis] * table[..., 1:]
    reference = np.broadcast_to(table[..., :1], (*others.shape[:-1], 1))
    weights = np.concatenate([reference, others], axis=-1)
    result: Array = weights / weights.sum(axis=-1, keepdims=True)
    return result


def _continuation(logits: Array) -> Array:
    """Return level probabilities from continuation logits, (..., steps) -> (..., steps + 1)."""
    up, stay = expit(logits), expit(-logits)
    reached = np.concatenate([np.ones_like(up[..., :1]), np.cumprod(up, axis=-1)], axis=-1)
    stops = np.concatenate([stay, np.ones_like(stay[..., :1])], axis=-1)
    result: Array = reached * stops
    return result
